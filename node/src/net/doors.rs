//! Connections that are still in their handshake: of whom nothing is known yet but an address.
//!
//! Whoever says nothing keeps a place for some seconds. So one address has few of them; and who forges addresses, which takes no answer over
//! QUIC, leaves those of TCP alone, and over either those that are kept for addresses from which members were linked: which these are, a
//! stranger does not know.

use super::strangers::Source;
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

/// Handshakes at once over each transport.
const ALL: usize = 256;
/// Of these, how many are kept for where members came from.
const KEPT: usize = ALL / 2;
/// Addresses from which members came, those of the latest.
const KNOWN: usize = 1_024;
/// From one address; several nodes behind one router come at once when its line is there again.
const FROM_ONE: usize = 16;

/// Why somebody is not let as far as a handshake.
#[derive(Debug, thiserror::Error)]
#[error("too many connections are in their handshake")]
struct Crowd;

/// Bounds how many come in at once.
#[derive(Debug, Default)]
pub struct Doors {
    inside: BTreeMap<ConnectionId, Place>,
    /// From where members came, the latest last.
    known: VecDeque<Source>,
}

/// Of whom nothing else is known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    quic: bool,
    from: Source,
    /// Whether it has one of the places that are kept for members.
    kept: bool,
}

impl Doors {
    /// A member is linked from there.
    pub fn knows(&mut self, from: Source) {
        self.known.retain(|known| *known != from);
        if self.known.len() >= KNOWN {
            self.known.pop_front();
        }
        self.known.push_back(from);
    }

    fn enter(&mut self, id: ConnectionId, from: &Multiaddr) -> Result<(), ConnectionDenied> {
        let quic = from.iter().any(|part| matches!(part, Protocol::QuicV1 | Protocol::Quic));
        let from = Source::of(from);
        let place = Place { quic, from, kept: from == Source::Here || self.known.contains(&from) };
        let room = if place.kept { KEPT } else { ALL - KEPT };
        let all = self.inside.values().filter(|other| other.quic == quic && other.kept == place.kept).count();
        let same = self.inside.values().filter(|other| other.quic == quic && other.from == from).count();
        // Programs of this machine share one address, and need no network to be in the way.
        if all >= room || (same >= FROM_ONE && from != Source::Here) {
            return Err(ConnectionDenied::new(Crowd));
        }
        self.inside.insert(id, place);
        Ok(())
    }
}

impl NetworkBehaviour for Doors {
    type ConnectionHandler = ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        id: ConnectionId,
        _here: &Multiaddr,
        from: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.enter(id, from)
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

    fn enter(doors: &mut Doors, number: usize, from: &str) -> bool {
        doors.enter(ConnectionId::new_unchecked(number), &from.parse().unwrap()).is_ok()
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
        let of = |n: usize, end: &str| format!("/ip4/198.51.{}.{}/{end}", n / 256, n % 256);
        assert!((0..ALL - KEPT).all(|n| enter(&mut doors, n, &of(n, "udp/4870/quic-v1"))));
        assert!(!enter(&mut doors, ALL, &of(ALL, "udp/4870/quic-v1")));
        assert!(enter(&mut doors, ALL, &of(ALL, "tcp/4870")));
    }

    #[test]
    fn addresses_that_are_forged_leave_places_for_where_members_came_from() {
        let mut doors = Doors::default();
        let of = |n: usize| format!("/ip4/198.51.{}.{}/udp/4870/quic-v1", n / 256, n % 256);
        let member = "/ip4/203.0.113.9/udp/4870/quic-v1";
        doors.knows(Source::of(&member.parse().unwrap()));
        assert_eq!((0..2 * ALL).filter(|n| enter(&mut doors, *n, &of(*n))).count(), ALL - KEPT);
        assert!((0..FROM_ONE).all(|n| enter(&mut doors, 2 * ALL + n, member)));
        // Nor does who forges that one address take what is kept for others.
        assert!(!enter(&mut doors, 4 * ALL, member));
        (0..KNOWN).for_each(|n| doors.knows(Source::of(&of(n).parse().unwrap())));
        assert_eq!(doors.known.len(), KNOWN);
        assert!(enter(&mut doors, 4 * ALL, &of(3)));
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
