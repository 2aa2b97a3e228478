//! Spaces of several nodes in one process, each with a store of its own.

mod scenarios;
mod world;
