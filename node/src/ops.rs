//! Running a node: what it logs, and how it says that something is wrong.

pub mod conditions;
pub mod logging;
