//! Asks members whether this node is reached at an address (AutoNAT v2), each for itself.
//!
//! libp2p's own client asks some member about each address, once, and takes that one's word. Here each peer has a client of its own, so that
//! it can be asked whom this node chooses, and the word of two organisations is had.

use libp2p::autonat::v2::client;
use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::swarm::behaviour::{ConnectionClosed, ConnectionEstablished};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, NewExternalAddrCandidate, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId};
use std::collections::{BTreeMap, BTreeSet};
use std::task::{Context, Poll, Waker};

/// A client for each peer that is connected.
#[derive(Default)]
pub struct Inquiry {
    peers: BTreeMap<PeerId, client::Behaviour>,
    /// Who was asked and has not answered: only these have anything to do.
    asked: BTreeSet<PeerId>,
    waker: Option<Waker>,
}

impl Inquiry {
    /// Asks a peer to come back to this address. It answers with an event, unless it can not be asked.
    pub fn ask(&mut self, peer: PeerId, address: &Multiaddr) {
        let Some(client) = self.peers.get_mut(&peer) else { return };
        client.on_swarm_event(FromSwarm::NewExternalAddrCandidate(NewExternalAddrCandidate { addr: address }));
        self.asked.insert(peer);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl NetworkBehaviour for Inquiry {
    type ConnectionHandler = THandler<client::Behaviour>;
    type ToSwarm = client::Event;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.peers.entry(peer).or_default().handle_established_inbound_connection(connection, peer, local, remote)
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let client = self.peers.entry(peer).or_default();
        client.handle_established_outbound_connection(connection, peer, address, role, port)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(ConnectionEstablished { peer_id, .. }) => {
                if let Some(client) = self.peers.get_mut(&peer_id) {
                    client.on_swarm_event(event);
                }
            }
            FromSwarm::ConnectionClosed(ConnectionClosed { peer_id, remaining_established, .. }) => {
                if let Some(client) = self.peers.get_mut(&peer_id) {
                    client.on_swarm_event(event);
                }
                if remaining_established == 0 {
                    self.peers.remove(&peer_id);
                    self.asked.remove(&peer_id);
                }
            }
            // What others claim to have seen is weighed before anybody is asked.
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, peer: PeerId, id: ConnectionId, event: THandlerOutEvent<Self>) {
        if let Some(client) = self.peers.get_mut(&peer) {
            client.on_connection_handler_event(peer, id, event);
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.waker = Some(context.waker().clone());
        for peer in self.asked.clone() {
            let Some(client) = self.peers.get_mut(&peer) else { continue };
            loop {
                match client.poll(context) {
                    Poll::Pending => break,
                    // One word alone confirms nothing.
                    Poll::Ready(ToSwarm::ExternalAddrConfirmed(_)) => {}
                    Poll::Ready(event) => {
                        if matches!(event, ToSwarm::GenerateEvent(_)) {
                            self.asked.remove(&peer);
                        }
                        return Poll::Ready(event);
                    }
                }
            }
        }
        Poll::Pending
    }
}
