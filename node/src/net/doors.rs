//! Connections that are still in their handshake: of whom nothing is known yet but an address.
//!
//! Whoever says nothing keeps a place for some seconds. So one address has few of them; and who forges addresses, which takes no answer over
//! QUIC, leaves those of TCP alone, and over either those that are kept for addresses from which members were linked: which these are, a
//! stranger does not know. A member may know those of others; so each organisation has a share of what is kept, and only some of what is
//! remembered, and who fills its own leaves the others theirs. Whose nodes are in the roster no more, no place is kept for. Who comes through
//! a relay has no address, and is a member: these have places of their own, of which no relay fills all, and no organisation all that one
//! relay has. Who comes there is the relay's word alone until the handshake has shown it; so one that lies fills its own places and no other's.

use super::strangers::Source;
use super::{identity, path};
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::limits;
use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::behaviour::{ConnectionEstablished, ListenFailure};
use libp2p::swarm::dummy::ConnectionHandler;
use libp2p::swarm::{ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent, ToSwarm};
use libp2p::{Multiaddr, PeerId};
use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::task::{Context, Poll};

/// Why somebody is not let as far as a handshake.
#[derive(Debug, thiserror::Error)]
#[error("too many connections are in their handshake")]
struct Crowd;

/// Whose node one is, by the roster as it is now.
type Whose = Box<dyn Fn(NodeId) -> Option<OrgId> + Send + Sync>;

/// Bounds how many come in at once.
pub struct Doors {
    inside: BTreeMap<ConnectionId, Place>,
    /// From where the nodes of each organisation came, the latest last.
    known: BTreeMap<OrgId, VecDeque<(Source, NodeId)>>,
    whose: Whose,
}

/// Of whom nothing else is known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    quic: bool,
    from: Source,
    room: Room,
}

/// Whose places one is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    /// Programs of this machine.
    Here,
    /// An organisation that was linked from there.
    Kept(OrgId),
    /// Who comes through this relay, and whose node that is, as the relay says; of those that no roster has, all are one.
    Relayed {
        by: Option<NodeId>,
        of: Option<OrgId>,
    },
    Strange,
}

impl Room {
    /// How many places there are of this kind, and how many of them this one has.
    const fn bounds(self) -> (usize, usize) {
        match self {
            Self::Here => (limits::HANDSHAKES_KEPT, limits::HANDSHAKES_KEPT),
            Self::Kept(_) => (limits::HANDSHAKES_KEPT, limits::HANDSHAKES_OF_ORG),
            Self::Relayed { .. } => (limits::HANDSHAKES_RELAYED, limits::HANDSHAKES_RELAYED_OF_ORG),
            Self::Strange => {
                let strange = limits::HANDSHAKES - limits::HANDSHAKES_KEPT;
                (strange, strange)
            }
        }
    }

    /// Whether they share what there is.
    fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }

    /// Whether they come through one relay.
    fn shares_relay(self, other: Self) -> bool {
        matches!((self, other), (Self::Relayed { by, .. }, Self::Relayed { by: other, .. }) if by == other)
    }
}

impl Doors {
    pub fn new(whose: impl Fn(NodeId) -> Option<OrgId> + Send + Sync + 'static) -> Self {
        Self { inside: BTreeMap::new(), known: BTreeMap::new(), whose: Box::new(whose) }
    }

    /// This node of this organisation is linked from there. Those that the roster has no more are forgotten.
    pub fn knows(&mut self, (org, node): (OrgId, NodeId), from: Source) {
        let whose = &self.whose;
        self.known.retain(|org, known| {
            known.retain(|(_, node)| whose(*node) == Some(*org));
            !known.is_empty()
        });
        let known = self.known.entry(org).or_default();
        known.retain(|known| *known != (from, node));
        if known.len() >= limits::SOURCES_OF_ORG {
            known.pop_front();
        }
        known.push_back((from, node));
        if self.known.values().map(VecDeque::len).sum::<usize>() <= limits::SOURCES_KNOWN {
            return;
        }
        // Who has most gives way.
        if let Some(most) = self.known.values_mut().max_by_key(|known| known.len()) {
            most.pop_front();
        }
    }

    fn room(&self, here: &Multiaddr, remote: &Multiaddr, from: Source, quic: bool) -> Room {
        if path::is_relayed(here) {
            let of = remote.iter().find_map(|part| match part {
                Protocol::P2p(peer) => (self.whose)(identity::node(&peer)?),
                _ => None,
            });
            return Room::Relayed { by: path::relay(here), of };
        }
        if from == Source::Here {
            return Room::Here;
        }
        // Of those behind one router, the one that has most room.
        let is_known = |org: OrgId, known: &VecDeque<(Source, NodeId)>| {
            known.iter().any(|(source, node)| *source == from && (self.whose)(*node) == Some(org))
        };
        let known = self.known.iter().filter(|(org, known)| is_known(**org, known)).map(|(org, _)| Room::Kept(*org));
        known.min_by_key(|room| self.over(quic).filter(|other| other.room == *room).count()).unwrap_or(Room::Strange)
    }

    fn over(&self, quic: bool) -> impl Iterator<Item = &Place> {
        self.inside.values().filter(move |other| other.quic == quic)
    }

    fn enter(&mut self, id: ConnectionId, here: &Multiaddr, remote: &Multiaddr) -> Result<(), ConnectionDenied> {
        let quic = remote.iter().any(|part| matches!(part, Protocol::QuicV1 | Protocol::Quic));
        let from = Source::of(remote);
        let room = self.room(here, remote, from, quic);
        let (most, share) = room.bounds();
        let all = self.over(quic).filter(|other| other.room.is_like(room)).count();
        let own = self.over(quic).filter(|other| other.room == room).count();
        let same = self.over(quic).filter(|other| other.from == from).count();
        let through = self.over(quic).filter(|other| other.room.shares_relay(room)).count();
        // Programs of this machine share one address, and need no network to be in the way; who comes through a relay has none.
        let by_address = matches!(room, Room::Kept(_) | Room::Strange);
        let crowd = by_address && same >= limits::HANDSHAKES_FROM_ONE || through >= limits::HANDSHAKES_OF_RELAY;
        if all >= most || own >= share || crowd {
            return Err(ConnectionDenied::new(Crowd));
        }
        self.inside.insert(id, Place { quic, from, room });
        Ok(())
    }
}

impl NetworkBehaviour for Doors {
    type ConnectionHandler = ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        id: ConnectionId,
        here: &Multiaddr,
        from: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.enter(id, here, from)
    }

    fn handle_established_inbound_connection(
        &mut self,
        _id: ConnectionId,
        _peer: PeerId,
        _here: &Multiaddr,
        _from: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _id: ConnectionId,
        _peer: PeerId,
        _to: &Multiaddr,
        _role: Endpoint,
        _port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        if let FromSwarm::ConnectionEstablished(ConnectionEstablished { connection_id, .. })
        | FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) = event
        {
            self.inside.remove(&connection_id);
        }
    }

    fn on_connection_handler_event(&mut self, _peer: PeerId, _id: ConnectionId, event: Infallible) {
        match event {}
    }

    fn poll(&mut self, _cx: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belay_protocol::keys::NodeKey;
    use std::collections::BTreeSet;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    const ALL: usize = limits::HANDSHAKES;
    const KEPT: usize = limits::HANDSHAKES_KEPT;
    const FROM_ONE: usize = limits::HANDSHAKES_FROM_ONE;
    const OF_ORG: usize = limits::HANDSHAKES_OF_ORG;
    const HOSTILE: OrgId = OrgId([1; 32]);
    const PARTNER: OrgId = OrgId([2; 32]);

    /// Every node is in the roster, each of an organisation of its own.
    fn doors() -> Doors {
        Doors::new(|node| Some(OrgId(node.0)))
    }

    fn knows(doors: &mut Doors, org: OrgId, from: Source) {
        doors.knows((org, NodeId(org.0)), from);
    }

    fn enter(doors: &mut Doors, number: usize, from: &str) -> bool {
        comes(doors, number, "/ip4/0.0.0.0/tcp/4870", from)
    }

    fn comes(doors: &mut Doors, number: usize, here: &str, from: &str) -> bool {
        doors.enter(ConnectionId::new_unchecked(number), &here.parse().unwrap(), &from.parse().unwrap()).is_ok()
    }

    fn source(from: &str) -> Source {
        Source::of(&from.parse().unwrap())
    }

    /// An address for each number.
    fn of(n: usize, end: &str) -> String {
        format!("/ip4/198.{}.{}.{}/{end}", 51 + n / 65_536, n / 256 % 256, n % 256)
    }

    #[test]
    fn whoever_says_nothing_keeps_no_other_address_out() {
        let mut doors = doors();
        let silent = "/ip4/192.0.2.1/tcp/50000";
        assert!((0..FROM_ONE).all(|number| enter(&mut doors, number, silent)));
        assert!(!enter(&mut doors, FROM_ONE, silent));
        assert!(enter(&mut doors, FROM_ONE, "/ip4/192.0.2.2/tcp/50000"));
        // A network of version 6 has more addresses than there are places.
        let of = |n: usize| format!("/ip6/2001:db8::{n:x}/tcp/50000");
        assert!((1..=FROM_ONE).all(|n| enter(&mut doors, 100 + n, &of(n))));
        assert!(!enter(&mut doors, 200, &of(FROM_ONE + 1)));
    }

    #[test]
    fn addresses_that_are_forged_over_quic_leave_the_places_of_tcp() {
        let mut doors = doors();
        assert!((0..ALL - KEPT).all(|n| enter(&mut doors, n, &of(n, "udp/4870/quic-v1"))));
        assert!(!enter(&mut doors, ALL, &of(ALL, "udp/4870/quic-v1")));
        assert!(enter(&mut doors, ALL, &of(ALL, "tcp/4870")));
    }

    #[test]
    fn addresses_that_are_forged_leave_places_for_where_members_came_from() {
        let mut doors = doors();
        let member = "/ip4/203.0.113.9/udp/4870/quic-v1";
        knows(&mut doors, PARTNER, source(member));
        let strange = (0..2 * ALL).filter(|n| enter(&mut doors, *n, &of(*n, "udp/4870/quic-v1"))).count();
        assert_eq!(strange, ALL - KEPT);
        assert!((0..FROM_ONE).all(|n| enter(&mut doors, 2 * ALL + n, member)));
        // Nor does who forges that one address take what is kept for others.
        assert!(!enter(&mut doors, 4 * ALL, member));
        knows(&mut doors, PARTNER, source(&of(3, "tcp/1")));
        assert!(enter(&mut doors, 4 * ALL, &of(3, "udp/4870/quic-v1")));
    }

    #[test]
    fn an_organisation_that_comes_from_many_addresses_leaves_the_others_what_is_kept_for_them() {
        let mut doors = doors();
        let member = "/ip4/203.0.113.9/tcp/4870";
        knows(&mut doors, PARTNER, source(member));
        (0..KEPT).for_each(|n| knows(&mut doors, HOSTILE, source(&of(n, "tcp/1"))));
        let last = KEPT - limits::SOURCES_OF_ORG..KEPT;
        assert_eq!(last.filter(|n| enter(&mut doors, *n, &of(*n, "tcp/50000"))).count(), OF_ORG);
        assert!((0..FROM_ONE).all(|n| enter(&mut doors, ALL + n, member)));
    }

    #[test]
    fn where_two_organisations_come_from_one_address_either_ones_share_serves() {
        let mut doors = doors();
        (0..KEPT).for_each(|n| knows(&mut doors, HOSTILE, source(&of(n, "tcp/1"))));
        let shared = KEPT - 1;
        knows(&mut doors, PARTNER, source(&of(shared, "tcp/1")));
        for n in KEPT - limits::SOURCES_OF_ORG..shared {
            enter(&mut doors, n, &of(n, "tcp/50000"));
        }
        assert!((0..FROM_ONE).all(|n| enter(&mut doors, ALL + n, &of(shared, "tcp/50000"))));
    }

    #[test]
    fn an_organisation_that_comes_from_ever_new_addresses_has_no_others_forgotten() {
        let mut doors = doors();
        let member = "/ip4/203.0.113.9/tcp/4870";
        knows(&mut doors, PARTNER, source(member));
        (0..2 * limits::SOURCES_KNOWN).for_each(|n| knows(&mut doors, HOSTILE, source(&of(n, "tcp/1"))));
        assert_eq!(doors.known[&HOSTILE].len(), limits::SOURCES_OF_ORG);
        // Nor do many organisations, each with what it may have.
        for n in 0..=255 {
            let org = OrgId([n; 32]);
            (0..limits::SOURCES_OF_ORG)
                .for_each(|at| knows(&mut doors, org, source(&of(usize::from(n) * 100 + at, "tcp/1"))));
        }
        let known: usize = doors.known.values().map(VecDeque::len).sum();
        assert_eq!(known, limits::SOURCES_KNOWN);
        assert!(doors.known.values().all(|known| !known.is_empty()), "each has some");
    }

    #[test]
    fn where_the_roster_has_a_node_no_more_no_place_is_kept_and_its_address_is_forgotten() {
        let gone = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&gone);
        let is_in = move |org: OrgId| org != PARTNER || !told.load(Ordering::Relaxed);
        let mut doors = Doors::new(move |node| Some(OrgId(node.0)).filter(|org| is_in(*org)));
        let member = "/ip4/203.0.113.9/tcp/4870";
        knows(&mut doors, PARTNER, source(member));
        assert!((0..ALL - KEPT).all(|n| enter(&mut doors, n, &of(n, "tcp/50000"))));
        assert!(enter(&mut doors, ALL, member));
        gone.store(true, Ordering::Relaxed);
        assert!(!enter(&mut doors, ALL + 1, member), "it is a stranger's from then on");
        knows(&mut doors, HOSTILE, source(&of(0, "tcp/1")));
        assert_eq!(doors.known.keys().copied().collect::<Vec<_>>(), [HOSTILE]);
    }

    fn node(number: usize) -> NodeId {
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        NodeKey::from_seed(seed).id()
    }

    fn through(relay: usize) -> String {
        format!("/ip4/192.0.2.1/tcp/4870/p2p/{}/p2p-circuit", identity::peer(node(relay)).unwrap())
    }

    fn user(number: usize) -> String {
        format!("/p2p/{}", identity::peer(node(number)).unwrap())
    }

    #[test]
    fn who_comes_through_a_relay_has_none_of_the_strangers_places_and_no_relay_takes_anothers() {
        let mut doors = doors();
        assert!((0..ALL - KEPT).all(|n| enter(&mut doors, n, &of(n, "tcp/50000"))));
        let mut come = |relay: usize, n: usize| comes(&mut doors, ALL * relay + n, &through(relay), &user(n));
        let most = limits::HANDSHAKES_OF_RELAY;
        assert!(most > FROM_ONE, "they share no address");
        assert_eq!((0..2 * most).filter(|n| come(1, *n)).count(), most);
        assert_eq!((0..2 * most).filter(|n| come(2, *n)).count(), most);
        assert!(!come(3, 0), "a bound in all");
        assert!(enter(&mut doors, 9 * ALL, "/ip4/127.0.0.1/tcp/1"));
        knows(&mut doors, PARTNER, source("/ip4/203.0.113.9/tcp/4870"));
        assert!(enter(&mut doors, 9 * ALL + 1, "/ip4/203.0.113.9/tcp/4870"), "nor of who comes directly");
    }

    #[test]
    fn an_organisation_with_many_machines_leaves_the_others_places_at_each_relay_and_so_do_those_that_no_roster_has() {
        let machines = 2 * limits::HANDSHAKES_OF_RELAY;
        let many: BTreeSet<NodeId> = (0..machines).map(node).collect();
        let partner = node(machines);
        let mut doors = Doors::new(move |node| match node {
            node if many.contains(&node) => Some(HOSTILE),
            node => (node == partner).then_some(PARTNER),
        });
        let mut come = |relay: usize, n: usize| comes(&mut doors, ALL * relay + n, &through(relay), &user(n));
        let most = limits::HANDSHAKES_RELAYED_OF_ORG;
        assert_eq!((0..machines).filter(|n| come(1, *n)).count(), most);
        assert_eq!((machines + 1..2 * machines).filter(|n| come(1, *n)).count(), most, "nobody knows whose these are");
        assert!(come(1, machines));
        // Nor does a relay that names others' nodes take their places at another one.
        assert!(come(2, 0));
    }

    #[test]
    fn a_handshake_that_ends_either_way_gives_its_place_back() {
        let mut doors = doors();
        let from: Multiaddr = "/ip4/192.0.2.1/tcp/50000".parse().unwrap();
        for number in 0..FROM_ONE {
            assert!(enter(&mut doors, number, "/ip4/192.0.2.1/tcp/50000"));
        }
        doors.on_swarm_event(FromSwarm::ListenFailure(ListenFailure {
            local_addr: &from,
            send_back_addr: &from,
            error: &libp2p::swarm::ListenError::Aborted,
            connection_id: ConnectionId::new_unchecked(0),
            peer_id: None,
        }));
        assert!(enter(&mut doors, FROM_ONE, "/ip4/192.0.2.1/tcp/50000"));
    }
}
