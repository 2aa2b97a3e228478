//! Admission comes first: what stands behind the gate speaks with nobody who has no admitted link, on none of its connections.
//!
//! A protocol of a behaviour in here is not even named to such a peer, and asks nothing of it. It begins when the peer's first frame has
//! come over an admitted link, since from then on the peer has admitted us too.

use super::{identity, probe};
use belay_protocol::ids::NodeId;
use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::core::upgrade::{InboundUpgrade, UpgradeInfo};
use libp2p::swarm::handler::{
    ConnectionEvent, FullyNegotiatedInbound, FullyNegotiatedOutbound, InboundUpgradeSend, ListenUpgradeError,
};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm, NetworkBehaviour,
    NotifyHandler, SubstreamProtocol, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId, Stream};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll, Waker};

/// Who has an admitted link now. A key that a link admitted is proven again by each further connection of that peer.
#[derive(Debug, Default)]
pub struct Admitted {
    nodes: RwLock<BTreeMap<NodeId, Links>>,
}

#[derive(Debug, Default)]
struct Links {
    standing: usize,
    heard: bool,
}

impl Admitted {
    /// A link to this node was admitted.
    pub fn add(&self, node: NodeId) {
        self.nodes.write().unwrap_or_else(PoisonError::into_inner).entry(node).or_default().standing += 1;
    }

    /// Its first frame came. Says whether that is new.
    pub fn heard(&self, node: NodeId) -> bool {
        let mut nodes = self.nodes.write().unwrap_or_else(PoisonError::into_inner);
        nodes.get_mut(&node).is_some_and(|links| !std::mem::replace(&mut links.heard, true))
    }

    /// A link is gone.
    pub fn remove(&self, node: NodeId) {
        let mut nodes = self.nodes.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(links) = nodes.get_mut(&node) {
            links.standing = links.standing.saturating_sub(1);
            if links.standing == 0 {
                nodes.remove(&node);
            }
        }
    }

    pub fn has(&self, node: NodeId) -> bool {
        self.nodes.read().unwrap_or_else(PoisonError::into_inner).contains_key(&node)
    }

    /// Whether it may be asked for something.
    fn answers(&self, node: NodeId) -> bool {
        self.nodes.read().unwrap_or_else(PoisonError::into_inner).get(&node).is_some_and(|links| links.heard)
    }
}

/// A behaviour behind the gate.
pub struct Gate<B> {
    pub inner: B,
    admitted: Arc<Admitted>,
    opened: VecDeque<(PeerId, ConnectionId)>,
    waker: Option<Waker>,
}

impl<B> Gate<B> {
    pub const fn new(inner: B, admitted: Arc<Admitted>) -> Self {
        Self { inner, admitted, opened: VecDeque::new(), waker: None }
    }

    /// Lets the behaviour begin on a connection of a peer that was heard.
    pub fn open(&mut self, peer: PeerId, connection: ConnectionId) {
        self.opened.push_back((peer, connection));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn gated<H>(&self, peer: PeerId, inner: H) -> Gated<H> {
        Gated { inner, node: identity::node(&peer), admitted: Arc::clone(&self.admitted) }
    }
}

impl<B: NetworkBehaviour> NetworkBehaviour for Gate<B> {
    type ConnectionHandler = Gated<THandler<B>>;
    type ToSwarm = B::ToSwarm;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.inner.handle_pending_inbound_connection(connection, local, remote)
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let inner = self.inner.handle_established_inbound_connection(connection, peer, local, remote)?;
        Ok(self.gated(peer, inner))
    }

    fn handle_pending_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: Option<PeerId>,
        addresses: &[Multiaddr],
        role: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        self.inner.handle_pending_outbound_connection(connection, peer, addresses, role)
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let inner = self.inner.handle_established_outbound_connection(connection, peer, address, role, port)?;
        Ok(self.gated(peer, inner))
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        self.inner.on_swarm_event(event);
    }

    fn on_connection_handler_event(&mut self, peer: PeerId, id: ConnectionId, event: THandlerOutEvent<Self>) {
        self.inner.on_connection_handler_event(peer, id, event);
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        if let Some((peer_id, connection)) = self.opened.pop_front() {
            let handler = NotifyHandler::One(connection);
            return Poll::Ready(ToSwarm::NotifyHandler { peer_id, handler, event: In::Open });
        }
        self.waker = Some(context.waker().clone());
        loop {
            match self.inner.poll(context) {
                // Where a peer saw us is only worth a knock from both sides if it is outside.
                Poll::Ready(ToSwarm::NewExternalAddrCandidate(seen)) if !probe::outside(&seen) => {}
                event => return event.map(|event| event.map_in(In::Inner)),
            }
        }
    }
}

/// What a handler behind the gate is told.
#[derive(Debug)]
pub enum In<E> {
    Inner(E),
    /// Look again: the gate has opened.
    Open,
}

/// One connection's part behind the gate.
pub struct Gated<H> {
    inner: H,
    node: Option<NodeId>,
    admitted: Arc<Admitted>,
}

impl<H> Gated<H> {
    fn is_admitted(&self) -> bool {
        self.node.is_some_and(|node| self.admitted.has(node))
    }
}

impl<H: ConnectionHandler> ConnectionHandler for Gated<H> {
    type FromBehaviour = In<H::FromBehaviour>;
    type ToBehaviour = H::ToBehaviour;
    type InboundProtocol = Shut<H::InboundProtocol>;
    type OutboundProtocol = H::OutboundProtocol;
    type InboundOpenInfo = H::InboundOpenInfo;
    type OutboundOpenInfo = H::OutboundOpenInfo;

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol, Self::InboundOpenInfo> {
        let open = self.is_admitted();
        self.inner.listen_protocol().map_upgrade(|inner| Shut { inner, open })
    }

    fn connection_keep_alive(&self) -> bool {
        self.is_admitted() && self.inner.connection_keep_alive()
    }

    fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, Self::OutboundOpenInfo, Self::ToBehaviour>> {
        if self.node.is_some_and(|node| self.admitted.answers(node)) { self.inner.poll(context) } else { Poll::Pending }
    }

    fn on_behaviour_event(&mut self, event: Self::FromBehaviour) {
        if let In::Inner(event) = event {
            self.inner.on_behaviour_event(event);
        }
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<
            '_,
            Self::InboundProtocol,
            Self::OutboundProtocol,
            Self::InboundOpenInfo,
            Self::OutboundOpenInfo,
        >,
    ) {
        let event = match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol, info }) => {
                ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol, info })
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, info }) => {
                ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, info })
            }
            ConnectionEvent::ListenUpgradeError(ListenUpgradeError { info, error }) => {
                ConnectionEvent::ListenUpgradeError(ListenUpgradeError { info, error })
            }
            ConnectionEvent::DialUpgradeError(error) => ConnectionEvent::DialUpgradeError(error),
            ConnectionEvent::AddressChange(change) => ConnectionEvent::AddressChange(change),
            ConnectionEvent::LocalProtocolsChange(change) => ConnectionEvent::LocalProtocolsChange(change),
            ConnectionEvent::RemoteProtocolsChange(change) => ConnectionEvent::RemoteProtocolsChange(change),
            _ => return,
        };
        self.inner.on_connection_event(event);
    }
}

/// The protocols of a handler, or none while the gate is shut.
pub struct Shut<U> {
    inner: U,
    open: bool,
}

impl<U: InboundUpgradeSend> UpgradeInfo for Shut<U> {
    type Info = U::Info;
    type InfoIter = std::iter::Take<U::InfoIter>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.inner.protocol_info().take(if self.open { usize::MAX } else { 0 })
    }
}

impl<U: InboundUpgradeSend> InboundUpgrade<Stream> for Shut<U> {
    type Output = U::Output;
    type Error = U::Error;
    type Future = U::Future;

    fn upgrade_inbound(self, stream: Stream, protocol: U::Info) -> U::Future {
        self.inner.upgrade_inbound(stream, protocol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_link_is_admitted_and_may_be_asked_once_it_was_heard() {
        let (admitted, node) = (Admitted::default(), NodeId([1; 32]));
        assert!(!admitted.heard(node), "a stranger is not heard");
        assert!(!admitted.has(node) && !admitted.answers(node));
        admitted.add(node);
        assert!(admitted.has(node) && !admitted.answers(node));
        assert!(admitted.heard(node) && !admitted.heard(node));
        // A second link takes over from the first.
        admitted.add(node);
        admitted.remove(node);
        assert!(admitted.has(node) && admitted.answers(node));
        admitted.remove(node);
        assert!(!admitted.has(node) && !admitted.answers(node));
    }
}
