//! The links that stand: one a peer.

use crate::net::{Outbox, Path};
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
    /// How the link runs.
    pub path: Path,
    /// How long the link has stood.
    pub standing: Duration,
}

#[derive(Debug)]
struct Link {
    node: NodeId,
    org: OrgId,
    opener: NodeId,
    path: Path,
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
    /// Takes a new link. Of two that were opened at the same moment both sides keep the direct one or, if they are alike and each side
    /// opened one, the one that the lower node opened. Else the newer one stays: who opened it has lost the older, or has found a direct
    /// way past a relay.
    pub fn place(
        &mut self,
        link: u64,
        (node, org): (NodeId, OrgId),
        opener: NodeId,
        path: Path,
        outbox: Outbox,
    ) -> Placed {
        let before = self.by_node.get(&node).and_then(|number| Some((*number, self.links.get(number)?)));
        if let Some((_, old)) = before
            && old.since.elapsed() < AT_ONCE
            && (!old.path.is_direct(), old.opener) < (!path.is_direct(), opener)
        {
            return Placed::Dropped;
        }
        let instead_of = before.map(|(number, _)| number);
        if let Some(old) = instead_of {
            self.remove(old);
        }
        self.links.insert(link, Link { node, org, opener, path, since: Instant::now(), outbox });
        self.by_node.insert(node, link);
        Placed::Stands { instead_of }
    }

    /// Removes a link; what waits in it still leaves. Gives its peer, whose that is, and how long it stood. `None`: it was removed before.
    pub fn remove(&mut self, link: u64) -> Option<(NodeId, OrgId, Duration)> {
        let gone = self.links.remove(&link)?;
        if self.by_node.get(&gone.node) == Some(&link) {
            self.by_node.remove(&gone.node);
        }
        Some((gone.node, gone.org, gone.since.elapsed()))
    }

    /// Where the frames of a link go.
    pub fn outbox(&self, link: u64) -> Option<&Outbox> {
        self.links.get(&link).map(|l| &l.outbox)
    }

    pub fn is_linked(&self, node: NodeId) -> bool {
        self.by_node.contains_key(&node)
    }

    /// How many nodes of an organisation are linked.
    pub fn nodes_of(&self, org: OrgId) -> usize {
        let of = |number: &&u64| self.links.get(number).is_some_and(|link| link.org == org);
        self.by_node.values().filter(of).count()
    }

    /// How the link to a node runs.
    pub fn path(&self, node: NodeId) -> Option<Path> {
        self.by_node.get(&node).and_then(|number| self.links.get(number)).map(|link| link.path)
    }

    /// Whether a link runs so.
    pub fn any(&self, so: impl Fn(&Path) -> bool) -> bool {
        self.links.values().any(|link| so(&link.path))
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
        let fact = |l: &Link| PeerFact { node: l.node, org: l.org, path: l.path, standing: l.since.elapsed() };
        self.by_node.values().filter_map(|number| self.links.get(number).map(fact)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW: NodeId = NodeId([1; 32]);
    const HIGH: NodeId = NodeId([2; 32]);

    fn place(linked: &mut Linked, link: u64, node: NodeId, opener: NodeId) -> Placed {
        linked.place(link, (node, OrgId::ZERO), opener, Path::Quic, Outbox::closed())
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
    fn of_a_direct_and_a_relayed_link_opened_at_once_both_sides_keep_the_direct_one() {
        let relayed = Path::Relayed { by: NodeId([9; 32]) };
        for (low, high, kept) in [(relayed, Path::Punched, 2), (Path::Tcp, relayed, 1)] {
            for order in [[(1, LOW, low), (2, HIGH, high)], [(2, HIGH, high), (1, LOW, low)]] {
                let mut linked = Linked::default();
                for (link, opener, path) in order {
                    linked.place(link, (HIGH, OrgId::ZERO), opener, path, Outbox::closed());
                }
                assert!(linked.is_live(kept) && linked.facts().len() == 1, "{order:?}");
                assert!(linked.path(HIGH).unwrap().is_direct());
            }
        }
    }

    #[test]
    fn a_relayed_link_replaces_a_direct_one_only_when_that_was_lost() {
        let mut linked = Linked::default();
        let relayed = Path::Relayed { by: NodeId([9; 32]) };
        linked.place(1, (HIGH, OrgId::ZERO), HIGH, Path::Punched, Outbox::closed());
        let slow = linked.place(2, (HIGH, OrgId::ZERO), HIGH, relayed, Outbox::closed());
        assert_eq!(slow, Placed::Dropped, "it was under way while the direct one was found");
        linked.links.get_mut(&1).unwrap().since -= AT_ONCE;
        let back = linked.place(3, (HIGH, OrgId::ZERO), HIGH, relayed, Outbox::closed());
        assert_eq!(back, Placed::Stands { instead_of: Some(1) });
    }

    #[test]
    fn the_nodes_of_one_organisation_are_counted_once_each() {
        let (mut linked, org) = (Linked::default(), OrgId([5; 32]));
        for (link, (node, org)) in
            [(HIGH, org), (LOW, org), (HIGH, org), (NodeId([3; 32]), OrgId::ZERO)].into_iter().enumerate()
        {
            linked.place(link as u64, (node, org), node, Path::Quic, Outbox::closed());
        }
        assert_eq!((linked.nodes_of(org), linked.nodes_of(OrgId::ZERO)), (2, 1));
    }

    #[test]
    fn a_link_that_the_same_side_opens_again_replaces_the_old_one() {
        let mut linked = Linked::default();
        assert_eq!(place(&mut linked, 1, HIGH, LOW), Placed::Stands { instead_of: None });
        assert_eq!(place(&mut linked, 2, HIGH, LOW), Placed::Stands { instead_of: Some(1) });
        assert_eq!(linked.remove(1), None);
        assert!(linked.is_linked(HIGH));
        assert_eq!(linked.remove(2).map(|(node, ..)| node), Some(HIGH));
        assert!(!linked.is_linked(HIGH) && linked.facts().is_empty());
    }
}
