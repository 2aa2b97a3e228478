//! Counts that leave a node.
//!
//! - `suppress`: small cells

mod suppress;

pub use suppress::{Cells, suppress};
