//! Asked by a member whether it can be reached (AutoNAT v2), this node dials what the member names; it must not be sent into its own
//! network by that.

use super::address::{self, Reach};
use super::path;
use libp2p::autonat::v2::server;
use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, DialFailure, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId};
use std::collections::BTreeSet;
use std::task::{Context, Poll};

/// AutoNAT's server, which goes to numbered addresses outside alone.
#[derive(Default)]
pub struct Probe {
    inner: server::Behaviour,
    dialling: BTreeSet<ConnectionId>,
}

/// An address that nobody is probed at.
#[derive(Debug, thiserror::Error)]
#[error("only addresses that can be reached from anywhere are probed")]
struct Inside;

/// Whether an address is one outside, by its number: a name may stand for an address in here.
pub fn outside(address: &Multiaddr) -> bool {
    let numbered = matches!(address.iter().next(), Some(Protocol::Ip4(_) | Protocol::Ip6(_)));
    numbered && address::reach(address) == Reach::Anywhere && !path::is_relayed(address)
}

impl NetworkBehaviour for Probe {
    type ConnectionHandler = THandler<server::Behaviour>;
    type ToSwarm = server::Event;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.inner.handle_established_inbound_connection(connection, peer, local, remote)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        connection: ConnectionId,
        _: Option<PeerId>,
        addresses: &[Multiaddr],
        _: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        if self.dialling.contains(&connection) && !addresses.iter().all(outside) {
            return Err(ConnectionDenied::new(Inside));
        }
        Ok(Vec::new())
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.dialling.remove(&connection);
        self.inner.handle_established_outbound_connection(connection, peer, address, role, port)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        if let FromSwarm::DialFailure(DialFailure { connection_id, .. }) = &event {
            self.dialling.remove(connection_id);
        }
        self.inner.on_swarm_event(event);
    }

    fn on_connection_handler_event(&mut self, peer: PeerId, id: ConnectionId, event: THandlerOutEvent<Self>) {
        self.inner.on_connection_handler_event(peer, id, event);
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        let event = self.inner.poll(context);
        if let Poll::Ready(ToSwarm::Dial { opts }) = &event {
            self.dialling.insert(opts.connection_id());
        }
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_probed_in_a_network_of_ours() {
        for (text, may) in [
            ("/ip4/203.0.114.9/tcp/4870", true),
            ("/ip6/2600::1/udp/4870/quic-v1", true),
            ("/ip4/192.168.0.1/tcp/80", false),
            ("/ip4/127.0.0.1/tcp/22", false),
            ("/ip6/::ffff:10.0.0.1/tcp/22", false),
            ("/dns/printer/tcp/9100", false),
        ] {
            assert_eq!(outside(&text.parse().unwrap()), may, "{text}");
        }
    }
}
