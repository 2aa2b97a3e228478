//! Spaces of several nodes in one process, each with a store of its own.

mod differential;
mod histories;
mod oracle;
mod scenarios;
mod world;
