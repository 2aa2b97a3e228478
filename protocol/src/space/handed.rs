//! What a newcomer is handed of a coalition before it is in: all that its roster is folded from.
//!
//! That is its control entries in the order of acceptance, and before each the data entries that it follows. What takes an organisation out
//! or retires a machine names what that had last written, and a `keep` does, which is listings: what is written after follows it, so a
//! newcomer without these could take neither that nor the grant that lets it in. An organisation's listings follow its earlier ones, so
//! all of them come along. Of who is in, and of whom nothing was named so, no data is handed over.
//!
//! A number in this order stays what it is: it goes by the numbers of the control entries, and what came to stand in it stays there.

use super::graph::Graph;
use crate::ids::EntryHash;
use std::collections::BTreeSet;

/// The order, as far as it was asked for.
#[derive(Debug, Default)]
pub(super) struct Handed {
    /// Numbers in [`Graph::nodes`].
    order: Vec<u32>,
    /// The data entries among them.
    data: BTreeSet<u32>,
    /// So many control entries stand in it.
    controls: u32,
}

impl Graph {
    /// The entry of that number among what a newcomer is handed; `None` if there are fewer. Each entry is looked at once while this graph is
    /// in memory.
    pub fn handed(&mut self, number: u32) -> Option<EntryHash> {
        while self.handed.order.len() <= number as usize && self.handed.controls < self.controls() {
            let control = self.facts.get(self.handed.controls as usize)?.entry;
            for data in self.data_before(control) {
                self.handed.data.insert(data);
                self.handed.order.push(data);
            }
            self.handed.order.push(control);
            self.handed.controls += 1;
        }
        let at = *self.handed.order.get(number as usize)?;
        Some(self.nodes.get(at as usize)?.hash)
    }

    /// The data entries that a control entry follows and that are not handed over yet, in the order of acceptance: parents first. What control
    /// entries before it follow was handed over with them.
    fn data_before(&self, control: u32) -> BTreeSet<u32> {
        let (mut found, mut open) = (BTreeSet::new(), vec![control]);
        while let Some(node) = open.pop().and_then(|at| self.nodes.get(at as usize)) {
            for &parent in &node.parents {
                let is_data = self.nodes.get(parent as usize).is_some_and(|node| node.control.is_none());
                if is_data && !self.handed.data.contains(&parent) && found.insert(parent) {
                    open.push(parent);
                }
            }
        }
        found
    }
}
