//! What several test targets share.

pub mod fuzz;
pub mod offices;
