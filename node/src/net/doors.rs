//! Connections that are still in their handshake: of whom nothing is known yet but an address.
//!
//! Whoever says nothing keeps a place for some seconds. So one address has few of them; and who forges addresses, which takes no answer over
//! QUIC, leaves those of TCP alone, and over either those that are kept for addresses from which members were linked: which these are, a
//! stranger does not know. A member may know those of others; so each organisation has a share of what is kept, and only some of what is
//! remembered, and who fills its own leaves the others theirs. Who comes through a relay has no address, and is a member: these have
//! places of their own, of which no relay fills all.

use super::path;
use super::strangers::Source;
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

/// Bounds how many come in at once.
#[derive(Debug, Default)]
pub struct Doors {
    inside: BTreeMap<ConnectionId, Place>,
    /// From where the nodes of each organisation came, the latest last.
    known: BTreeMap<OrgId, VecDeque<Source>>,
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
    /// Who comes through this relay.
    Relayed(Option<NodeId>),
    Strange,
}

impl Room {
    /// How many places there are of this kind, and how many of them this one has.
    const fn bounds(self) -> (usize, usize) {
        match self {
            Self::Here => (limits::HANDSHAKES_KEPT, limits::HANDSHAKES_KEPT),
            Self::Kept(_) => (limits::HANDSHAKES_KEPT, limits::HANDSHAKES_OF_ORG),
            Self::Relayed(_) => (limits::HANDSHAKES_RELAYED, limits::HANDSHAKES_OF_RELAY),
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
}

impl Doors {
    /// A member of this organisation is linked from there.
    pub fn knows(&mut self, org: OrgId, from: Source) {
        let known = self.known.entry(org).or_default();
        known.retain(|known| *known != from);
        if known.len() >= limits::SOURCES_OF_ORG {
            known.pop_front();
        }
        known.push_back(from);
        if self.known.values().map(VecDeque::len).sum::<usize>() <= limits::SOURCES_KNOWN {
            return;
        }
        // Who has most gives way.
        if let Some(most) = self.known.values_mut().max_by_key(|known| known.len()) {
            most.pop_front();
        }
    }

    fn room(&self, here: &Multiaddr, from: Source, quic: bool) -> Room {
        if path::is_relayed(here) {
            return Room::Relayed(path::relay(here));
        }
        if from == Source::Here {
            return Room::Here;
        }
        // Of those behind one router, the one that has most room.
        let known = self.known.iter().filter(|(_, known)| known.contains(&from)).map(|(org, _)| Room::Kept(*org));
        known.min_by_key(|room| self.over(quic).filter(|other| other.room == *room).count()).unwrap_or(Room::Strange)
    }

    fn over(&self, quic: bool) -> impl Iterator<Item = &Place> {
        self.inside.values().filter(move |other| other.quic == quic)
    }

    fn enter(&mut self, id: ConnectionId, here: &Multiaddr, from: &Multiaddr) -> Result<(), ConnectionDenied> {
        let quic = from.iter().any(|part| matches!(part, Protocol::QuicV1 | Protocol::Quic));
        let from = Source::of(from);
        let room = self.room(here, from, quic);
        let (most, share) = room.bounds();
        let all = self.over(quic).filter(|other| other.room.is_like(room)).count();
        let own = self.over(quic).filter(|other| other.room == room).count();
        let same = self.over(quic).filter(|other| other.from == from).count();
        // Programs of this machine share one address, and need no network to be in the way; who comes through a relay has none.
        let by_address = matches!(room, Room::Kept(_) | Room::Strange);
        if all >= most || own >= share || by_address && same >= limits::HANDSHAKES_FROM_ONE {
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

    const ALL: usize = limits::HANDSHAKES;
    const KEPT: usize = limits::HANDSHAKES_KEPT;
    const FROM_ONE: usize = limits::HANDSHAKES_FROM_ONE;
    const OF_ORG: usize = limits::HANDSHAKES_OF_ORG;
    const HOSTILE: OrgId = OrgId([1; 32]);
    const PARTNER: OrgId = OrgId([2; 32]);

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
        let mut doors = Doors::default();
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
        let mut doors = Doors::default();
        assert!((0..ALL - KEPT).all(|n| enter(&mut doors, n, &of(n, "udp/4870/quic-v1"))));
        assert!(!enter(&mut doors, ALL, &of(ALL, "udp/4870/quic-v1")));
        assert!(enter(&mut doors, ALL, &of(ALL, "tcp/4870")));
    }

    #[test]
    fn addresses_that_are_forged_leave_places_for_where_members_came_from() {
        let mut doors = Doors::default();
        let member = "/ip4/203.0.113.9/udp/4870/quic-v1";
        doors.knows(PARTNER, source(member));
        let strange = (0..2 * ALL).filter(|n| enter(&mut doors, *n, &of(*n, "udp/4870/quic-v1"))).count();
        assert_eq!(strange, ALL - KEPT);
        assert!((0..FROM_ONE).all(|n| enter(&mut doors, 2 * ALL + n, member)));
        // Nor does who forges that one address take what is kept for others.
        assert!(!enter(&mut doors, 4 * ALL, member));
        doors.knows(PARTNER, source(&of(3, "tcp/1")));
        assert!(enter(&mut doors, 4 * ALL, &of(3, "udp/4870/quic-v1")));
    }

    #[test]
    fn an_organisation_that_comes_from_many_addresses_leaves_the_others_what_is_kept_for_them() {
        let mut doors = Doors::default();
        let member = "/ip4/203.0.113.9/tcp/4870";
        doors.knows(PARTNER, source(member));
        (0..KEPT).for_each(|n| doors.knows(HOSTILE, source(&of(n, "tcp/1"))));
        let last = KEPT - limits::SOURCES_OF_ORG..KEPT;
        assert_eq!(last.filter(|n| enter(&mut doors, *n, &of(*n, "tcp/50000"))).count(), OF_ORG);
        assert!((0..FROM_ONE).all(|n| enter(&mut doors, ALL + n, member)));
    }

    #[test]
    fn where_two_organisations_come_from_one_address_either_ones_share_serves() {
        let mut doors = Doors::default();
        (0..KEPT).for_each(|n| doors.knows(HOSTILE, source(&of(n, "tcp/1"))));
        let shared = KEPT - 1;
        doors.knows(PARTNER, source(&of(shared, "tcp/1")));
        for n in KEPT - limits::SOURCES_OF_ORG..shared {
            enter(&mut doors, n, &of(n, "tcp/50000"));
        }
        assert!((0..FROM_ONE).all(|n| enter(&mut doors, ALL + n, &of(shared, "tcp/50000"))));
    }

    #[test]
    fn an_organisation_that_comes_from_ever_new_addresses_has_no_others_forgotten() {
        let mut doors = Doors::default();
        let member = "/ip4/203.0.113.9/tcp/4870";
        doors.knows(PARTNER, source(member));
        (0..2 * limits::SOURCES_KNOWN).for_each(|n| doors.knows(HOSTILE, source(&of(n, "tcp/1"))));
        assert_eq!(doors.known[&HOSTILE].len(), limits::SOURCES_OF_ORG);
        // Nor do many organisations, each with what it may have.
        for n in 0..=255 {
            let org = OrgId([n; 32]);
            (0..limits::SOURCES_OF_ORG)
                .for_each(|at| doors.knows(org, source(&of(usize::from(n) * 100 + at, "tcp/1"))));
        }
        let known: usize = doors.known.values().map(VecDeque::len).sum();
        assert_eq!(known, limits::SOURCES_KNOWN);
        assert!(doors.known.values().all(|known| !known.is_empty()), "each has some");
    }

    #[test]
    fn who_comes_through_a_relay_has_none_of_the_strangers_places_and_no_relay_takes_anothers() {
        let mut doors = Doors::default();
        let relay = |seed: u8| {
            let key = belay_protocol::keys::NodeKey::from_seed([seed; 32]);
            let peer = super::super::identity::peer(key.id()).unwrap();
            format!("/ip4/192.0.2.1/tcp/4870/p2p/{peer}/p2p-circuit")
        };
        let from = format!("/p2p/{}", PeerId::random());
        assert!((0..ALL - KEPT).all(|n| enter(&mut doors, n, &of(n, "tcp/50000"))));
        let through =
            |doors: &mut Doors, seed: u8, n: usize| comes(doors, ALL * usize::from(seed) + n, &relay(seed), &from);
        let most = limits::HANDSHAKES_OF_RELAY;
        assert!(most > FROM_ONE, "they share no address");
        assert_eq!((0..2 * most).filter(|n| through(&mut doors, 1, *n)).count(), most);
        assert_eq!((0..2 * most).filter(|n| through(&mut doors, 2, *n)).count(), most);
        assert!(!through(&mut doors, 3, 0), "a bound in all");
    }

    #[test]
    fn a_handshake_that_ends_either_way_gives_its_place_back() {
        let mut doors = Doors::default();
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
