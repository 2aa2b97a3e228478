//! Spaces of several nodes in one process, each with a store of its own.

mod answered;
mod answers;
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
mod oracle;
mod owed;
mod removal;
mod rules;
mod scenarios;
mod shapes;
mod taking;
mod tending;
mod world;
