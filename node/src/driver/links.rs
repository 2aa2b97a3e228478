//! The links that stand: one a peer.

use crate::net::Outbox;
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::limits;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Two links to one peer, of which the older is younger than this, were opened at once by both sides.
const AT_ONCE: Duration = Duration::from_millis(limits::ADMISSION_MILLIS);

/// A peer that is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerFact {
    pub node: NodeId,
    pub org: OrgId,
    /// How long the link has stood.
    pub standing: Duration,
}

#[derive(Debug)]
struct Link {
    node: NodeId,
    org: OrgId,
    opener: NodeId,
    since: Instant,
    outbox: Outbox,
}

/// What became of a new link.
#[derive(Debug, PartialEq, Eq)]
pub enum Placed {
    /// It is the peer's link now, instead of this one where there was one.
    Stands { instead_of: Option<u64> },
    /// The peer's other link stays; this one was dropped.
    Dropped,
}

/// The links, by number and by peer.
#[derive(Debug, Default)]
pub struct Linked {
    links: BTreeMap<u64, Link>,
    by_node: BTreeMap<NodeId, u64>,
}

impl Linked {
    /// Takes a new link. Where both sides opened one at the same moment, both keep the one that the lower node opened; else the
    /// newer one stays, since who opened it must have lost the older.
    pub fn place(&mut self, link: u64, node: NodeId, org: OrgId, opener: NodeId, outbox: Outbox) -> Placed {
        let before = self.by_node.get(&node).and_then(|number| Some((*number, self.links.get(number)?)));
        if let Some((_, old)) = before
            && old.since.elapsed() < AT_ONCE
            && old.opener < opener
        {
            return Placed::Dropped;
        }
        let instead_of = before.map(|(number, _)| number);
        if let Some(old) = instead_of {
            self.remove(old);
        }
        self.links.insert(link, Link { node, org, opener, since: Instant::now(), outbox });
        self.by_node.insert(node, link);
        Placed::Stands { instead_of }
    }

    /// Removes a link; what waits in it still leaves. Gives its peer, and how long it stood. `None`: it was removed before.
    pub fn remove(&mut self, link: u64) -> Option<(NodeId, Duration)> {
        let gone = self.links.remove(&link)?;
        if self.by_node.get(&gone.node) == Some(&link) {
            self.by_node.remove(&gone.node);
        }
        Some((gone.node, gone.since.elapsed()))
    }

    /// Where the frames of a link go.
    pub fn outbox(&self, link: u64) -> Option<&Outbox> {
        self.links.get(&link).map(|l| &l.outbox)
    }

    pub fn is_linked(&self, node: NodeId) -> bool {
        self.by_node.contains_key(&node)
    }

    pub fn is_live(&self, link: u64) -> bool {
        self.links.contains_key(&link)
    }

    /// Number and organisation of each link that stands.
    pub fn standing(&self) -> Vec<(u64, OrgId)> {
        self.links.iter().map(|(number, link)| (*number, link.org)).collect()
    }

    /// Removes all; says how many there were.
    pub fn clear(&mut self) -> usize {
        self.by_node.clear();
        std::mem::take(&mut self.links).len()
    }

    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    pub fn facts(&self) -> Vec<PeerFact> {
        let fact = |l: &Link| PeerFact { node: l.node, org: l.org, standing: l.since.elapsed() };
        self.by_node.values().filter_map(|number| self.links.get(number).map(fact)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW: NodeId = NodeId([1; 32]);
    const HIGH: NodeId = NodeId([2; 32]);

    fn place(linked: &mut Linked, link: u64, node: NodeId, opener: NodeId) -> Placed {
        linked.place(link, node, OrgId::ZERO, opener, Outbox::closed())
    }

    #[test]
    fn of_two_links_opened_at_once_both_sides_keep_the_same() {
        // Link 1 was opened by the low node, link 2 by the high one; each side meets them in either order.
        for order in [[(1, LOW), (2, HIGH)], [(2, HIGH), (1, LOW)]] {
            for peer in [LOW, HIGH] {
                let mut linked = Linked::default();
                for (link, opener) in order {
                    place(&mut linked, link, peer, opener);
                }
                assert!(linked.is_live(1) && !linked.is_live(2), "{order:?}");
            }
        }
    }

    #[test]
    fn a_link_that_the_same_side_opens_again_replaces_the_old_one() {
        let mut linked = Linked::default();
        assert_eq!(place(&mut linked, 1, HIGH, LOW), Placed::Stands { instead_of: None });
        assert_eq!(place(&mut linked, 2, HIGH, LOW), Placed::Stands { instead_of: Some(1) });
        assert_eq!(linked.remove(1), None);
        assert!(linked.is_linked(HIGH));
        assert_eq!(linked.remove(2).map(|(node, _)| node), Some(HIGH));
        assert!(!linked.is_linked(HIGH) && linked.facts().is_empty());
    }
}
