//! Spaces: entries, who may read and write them, and the keys of their bodies.

pub mod control;
pub mod entry;
