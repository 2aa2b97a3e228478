//! Spaces of several nodes in one process, each with a store of its own.

mod answered;
mod answers;
mod asked;
mod asks;
mod bounds;
mod charter;
mod crossed;
mod differential;
mod ends;
mod gone;
mod histories;
mod keys;
mod nodes;
mod notices;
mod oracle;
mod owed;
mod proposals;
mod removal;
mod rules;
mod scenarios;
mod shapes;
mod taking;
mod tending;
mod waits;
mod world;
