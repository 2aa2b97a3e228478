//! Streams of our own protocols, each on a connection that is named: a link must be able to move from one to another.
//!
//! (`libp2p-stream` takes any connection of a peer.)

use super::path::Path;
use futures::future::{Ready, ready};
use libp2p::core::transport::PortUse;
use libp2p::core::upgrade::{InboundUpgrade, OutboundUpgrade, UpgradeInfo};
use libp2p::core::{ConnectedPoint, Endpoint};
use libp2p::swarm::handler::{ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm, NetworkBehaviour,
    NotifyHandler, SubstreamProtocol, THandlerInEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId, Stream, StreamProtocol};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::task::{Context, Poll, Waker};
use tokio::sync::{mpsc, oneshot};

/// The connection that a stream runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    pub connection: ConnectionId,
    pub path: Path,
}

impl Way {
    pub fn of(connection: ConnectionId, endpoint: &ConnectedPoint) -> Self {
        let address = match endpoint {
            ConnectedPoint::Dialer { address, .. } => address,
            ConnectedPoint::Listener { local_addr, .. } => local_addr,
        };
        Self { connection, path: Path::of(address) }
    }
}

/// A stream that a peer opened.
#[derive(Debug)]
pub struct Incoming {
    pub peer: PeerId,
    pub way: Way,
    pub protocol: StreamProtocol,
    pub stream: Stream,
}

/// Where a stream that was asked for comes to; dropped, there is none.
pub type Reply = oneshot::Sender<Stream>;

/// A stream to be opened.
#[derive(Debug)]
pub struct Open {
    protocol: StreamProtocol,
    reply: Reply,
}

/// What the swarm runs.
pub struct Streams {
    spoken: Vec<StreamProtocol>,
    came: mpsc::Sender<Incoming>,
    asked: VecDeque<ToSwarm<Infallible, Open>>,
    waker: Option<Waker>,
}

impl Streams {
    /// Takes streams of these protocols, and gives them to `came`; those that nobody takes in time are dropped.
    pub const fn new(spoken: Vec<StreamProtocol>, came: mpsc::Sender<Incoming>) -> Self {
        Self { spoken, came, asked: VecDeque::new(), waker: None }
    }

    /// Opens a stream on this connection. `reply` is dropped if there will be none.
    pub fn open(&mut self, peer: PeerId, connection: ConnectionId, protocol: StreamProtocol, reply: Reply) {
        let event = Open { protocol, reply };
        self.asked.push_back(ToSwarm::NotifyHandler { peer_id: peer, handler: NotifyHandler::One(connection), event });
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn handler(&self, peer: PeerId, way: Way) -> Handler {
        Handler { peer, way, spoken: self.spoken.clone(), came: self.came.clone(), asked: VecDeque::new() }
    }
}

impl NetworkBehaviour for Streams {
    type ConnectionHandler = Handler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<Handler, ConnectionDenied> {
        Ok(self.handler(peer, Way { connection, path: Path::of(local) }))
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<Handler, ConnectionDenied> {
        Ok(self.handler(peer, Way { connection, path: Path::of(address) }))
    }

    fn on_swarm_event(&mut self, _: FromSwarm<'_>) {}

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: Infallible) {
        match event {}
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        if let Some(asked) = self.asked.pop_front() {
            return Poll::Ready(asked);
        }
        self.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

/// One connection's part.
pub struct Handler {
    peer: PeerId,
    way: Way,
    spoken: Vec<StreamProtocol>,
    came: mpsc::Sender<Incoming>,
    asked: VecDeque<Open>,
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Open;
    type ToBehaviour = Infallible;
    type InboundProtocol = Named;
    type OutboundProtocol = Named;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Reply;

    fn listen_protocol(&self) -> SubstreamProtocol<Named> {
        SubstreamProtocol::new(Named(self.spoken.clone()), ())
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ConnectionHandlerEvent<Named, Reply, Infallible>> {
        // The connection is polled again after each event that it is given.
        match self.asked.pop_front() {
            Some(Open { protocol, reply }) => Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest {
                protocol: SubstreamProtocol::new(Named(vec![protocol]), reply),
            }),
            None => Poll::Pending,
        }
    }

    fn on_behaviour_event(&mut self, event: Open) {
        self.asked.push_back(event);
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, Named, Named, (), Reply>) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: (stream, protocol), ..
            }) => {
                let Self { peer, way, .. } = *self;
                if self.came.try_send(Incoming { peer, way, protocol, stream }).is_err() {
                    tracing::debug!("a stream came while too many waited");
                }
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol: (stream, _), info }) => {
                let _ = info.send(stream);
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info, .. }) => drop(info),
            _ => {}
        }
    }
}

/// Agreement on one of some names, and nothing more.
#[derive(Debug, Clone)]
pub struct Named(Vec<StreamProtocol>);

impl UpgradeInfo for Named {
    type Info = StreamProtocol;
    type InfoIter = std::vec::IntoIter<StreamProtocol>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.clone().into_iter()
    }
}

impl InboundUpgrade<Stream> for Named {
    type Output = (Stream, StreamProtocol);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_inbound(self, stream: Stream, protocol: StreamProtocol) -> Self::Future {
        ready(Ok((stream, protocol)))
    }
}

impl OutboundUpgrade<Stream> for Named {
    type Output = (Stream, StreamProtocol);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_outbound(self, stream: Stream, protocol: StreamProtocol) -> Self::Future {
        ready(Ok((stream, protocol)))
    }
}
