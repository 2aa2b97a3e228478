//! libp2p's side: connections, listeners, and how long who may stay.

use super::address::{self, Reach};
use super::behaviour::{Behaviour, BehaviourEvent};
use super::dials::{self, Dialled, Dials};
use super::inquiry::{Answer, Inquiry};
use super::link::Shared;
use super::outside::{self, Located, Outside};
use super::strangers::{self, Source};
use super::streams::{self, Way};
use super::{Event, OPENING, SYNC, door, identity};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::limits;
use futures::StreamExt;
use libp2p::core::ConnectedPoint;
use libp2p::swarm::{ConnectionId, DialError, SwarmEvent};
use libp2p::{Multiaddr, PeerId, StreamProtocol, Swarm, TransportError, ping};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc, oneshot, watch};

/// Links of one node: one through a relay, two that were opened at once, and one that sends its last words.
const LINKS_OF_ONE: usize = 4;
/// How long a start waits for the first addresses of its listeners.
const FIRST_ADDRESSES: Duration = Duration::from_secs(5);
/// How long a stop waits for connections to close in order.
const STOPPING: Duration = Duration::from_secs(2);
/// Nodes that are kept out at once; the oldest are forgotten first.
const AVOIDED: usize = 1024;

/// What the rest of the network asks of the swarm.
#[derive(Debug)]
pub enum Command {
    Connect {
        node: NodeId,
        addresses: Vec<Multiaddr>,
        reply: dials::Reply,
    },
    /// Goes for whoever answers there.
    Knock {
        address: Multiaddr,
        reply: dials::Reply,
    },
    Open {
        node: NodeId,
        connection: ConnectionId,
        protocol: StreamProtocol,
        reply: streams::Reply,
    },
    /// A link to this node was admitted.
    Admitted {
        node: NodeId,
        link: Standing,
    },
    /// Its first frame came.
    Heard {
        node: NodeId,
    },
    /// A link to this node is gone.
    Gone {
        node: NodeId,
        number: u64,
    },
    Avoid {
        node: NodeId,
        time: Duration,
    },
    /// What came of one ask.
    Answered {
        nonce: u64,
        answer: Answer,
    },
    /// A node came with a nonce over this connection; `reply` says whether it was asked to.
    CameBack {
        node: NodeId,
        connection: ConnectionId,
        nonce: u64,
        reply: oneshot::Sender<bool>,
    },
    Stop {
        done: oneshot::Sender<()>,
    },
}

/// What to tell who asked to listen on this address.
pub fn not_listening(address: &Multiaddr, error: &TransportError<std::io::Error>) -> Fault {
    let why = match error {
        TransportError::MultiaddrNotSupported(_) => {
            "such addresses are not supported; write it like /ip4/0.0.0.0/udp/4870/quic-v1 or /ip4/0.0.0.0/tcp/4870"
                .to_owned()
        }
        TransportError::Other(e) => e.to_string(),
    };
    Fault::misuse(format!("can not listen on {address}: {why}"))
}

/// A link as the swarm knows it.
#[derive(Debug)]
pub struct Standing {
    pub number: u64,
    pub org: OrgId,
    pub way: Way,
    /// Told when its connection is gone: over TCP a stream does not notice that by itself while nothing is heard from the other side.
    pub broken: Arc<Notify>,
}

/// A connection that stands.
pub struct Connection {
    pub node: NodeId,
    pub way: Way,
    pub remote: Multiaddr,
    /// Whether this side dialled.
    pub dialled: bool,
    /// The listener's addresses that its peer reached from outside.
    pub came_to: Vec<Multiaddr>,
    /// From which address of this machine it leaves.
    pub source: Option<IpAddr>,
    from: Source,
    since: Instant,
}

/// The swarm and what it knows about its connections.
pub struct Running {
    pub own: NodeId,
    pub swarm: Swarm<Behaviour>,
    pub shared: Arc<Shared>,
    pub events: mpsc::Sender<Event>,
    pub told: watch::Sender<Located>,
    pub connections: BTreeMap<ConnectionId, Connection>,
    pub dials: Dials,
    /// Who is gone for by address alone.
    pub knocking: BTreeMap<ConnectionId, dials::Reply>,
    pub outside: Outside,
    pub inquiry: Inquiry,
    commands: mpsc::Receiver<Command>,
    /// Links of each admitted node.
    links: BTreeMap<NodeId, Vec<Standing>>,
    avoided: BTreeMap<NodeId, Instant>,
}

impl Running {
    pub fn new(
        own: NodeId,
        swarm: Swarm<Behaviour>,
        commands: mpsc::Receiver<Command>,
        told: watch::Sender<Located>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            own,
            swarm,
            events: shared.events.clone(),
            shared,
            told,
            connections: BTreeMap::new(),
            dials: Dials::default(),
            knocking: BTreeMap::new(),
            outside: Outside::default(),
            inquiry: Inquiry::default(),
            commands,
            links: BTreeMap::new(),
            avoided: BTreeMap::new(),
        }
    }

    /// Waits until each listener has told its first address, so that a start which says "listening on" knows where.
    ///
    /// # Errors
    /// `Misuse`: a listener closed at once.
    pub async fn start(mut self, listeners: usize, announced: &[Multiaddr]) -> Result<Self> {
        let mut first = HashSet::new();
        let deadline = tokio::time::Instant::now() + FIRST_ADDRESSES;
        while first.len() < listeners {
            match tokio::time::timeout_at(deadline, self.swarm.select_next_some()).await {
                Ok(SwarmEvent::NewListenAddr { listener_id, address }) => {
                    first.insert(listener_id);
                    self.listens(listener_id, address);
                }
                Ok(SwarmEvent::ListenerClosed { addresses, reason: Err(e), .. }) => {
                    let named = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                    return Err(Fault::misuse(format!("can not listen on {named}: {e}")));
                }
                Ok(_) => {}
                // An address that no interface has yet: the node runs, and hears of it when it comes.
                Err(_) => break,
            }
        }
        self.announce(announced);
        self.tell().await;
        Ok(self)
    }

    pub async fn run(mut self) {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        loop {
            let hurry = self.dials.due();
            let due = async move {
                match hurry {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                event = self.swarm.select_next_some() => self.event(event).await,
                command = self.commands.recv() => match command {
                    Some(Command::Stop { done }) => {
                        self.stop().await;
                        let _ = done.send(());
                        return;
                    }
                    Some(command) => self.command(command),
                    None => return,
                },
                () = due => self.hurry(),
                _ = seconds.tick() => {
                    self.sweep();
                    self.weigh();
                    self.inquire();
                    self.reserve();
                }
            }
            self.tell().await;
        }
    }

    async fn event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                self.established(peer_id, connection_id, &endpoint);
            }
            SwarmEvent::ConnectionClosed { connection_id, .. } => self.closed(connection_id),
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => self.dial_failed(connection_id, &error),
            // A peer that does not speak ping is alive all the same; its stream will tell.
            SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event { connection, result: Err(failure), .. }))
                if !matches!(failure, ping::Failure::Unsupported) =>
            {
                self.swarm.close_connection(connection);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Mesh(event)) => self.mesh(event).await,
            SwarmEvent::NewListenAddr { listener_id, address } => self.listens(listener_id, address),
            SwarmEvent::ExpiredListenAddr { listener_id, address } => self.listens_no_more(listener_id, &address),
            SwarmEvent::ListenerClosed { listener_id, addresses, .. } => self.listener_closed(listener_id, &addresses),
            _ => {}
        }
    }

    fn established(&mut self, peer: PeerId, id: ConnectionId, endpoint: &ConnectedPoint) {
        let dialled = match self.knocking.remove(&id) {
            Some(reply) => Dialled::First(reply),
            None => self.dials.established(id),
        };
        let refuse = |why: &str, dialled: Dialled| {
            if let Dialled::First(reply) = dialled {
                let _ = reply.send(Err(Fault::not_permitted(why)));
            }
        };
        let Some(node) = identity::node(&peer) else {
            self.swarm.close_connection(id);
            return refuse("the other side has no Ed25519 key", dialled);
        };
        let remote = endpoint.get_remote_address().clone();
        let from = Source::of(&remote);
        let strangers = self.connections.values().filter(|c| self.is_strange(c.node)).map(|c| c.from);
        let full = endpoint.is_listener() && self.is_strange(node) && !strangers::room(strangers, from);
        if self.avoided(node) || full || self.is_crowd(node) {
            self.swarm.close_connection(id);
            return refuse("that node broke a rule and is kept out for a while", dialled);
        }
        let came_to = self.came_to(node, endpoint);
        let way = Way::of(id, endpoint);
        if way.path == super::Path::Quic && address::reach(&remote) != Reach::Machine {
            self.dials.quic_answers();
        }
        if way.path.is_direct() && self.connections.values().any(|c| c.node == node && !c.way.path.is_direct()) {
            self.shared.punched(id);
        }
        let source = outside::source(&remote);
        let dialled_here = endpoint.is_dialer();
        let connection =
            Connection { node, way, remote, dialled: dialled_here, came_to, source, from, since: Instant::now() };
        self.connections.insert(id, connection);
        self.vouches(node);
        let upgrades = way.path.is_direct() && self.is_relayed(node);
        match dialled {
            Dialled::First(reply) => {
                let _ = reply.send(Ok((node, way)));
            }
            Dialled::Late if !upgrades => {
                self.swarm.close_connection(id);
            }
            Dialled::Late | Dialled::No => {}
        }
        // One side opens the stream, so that there are not two.
        if upgrades && self.own < node {
            self.take_over(peer, node, way);
        }
    }

    /// Whether the link to this node runs through a relay.
    fn is_relayed(&self, node: NodeId) -> bool {
        self.links.get(&node).is_some_and(|links| links.iter().all(|link| !link.way.path.is_direct()))
    }

    /// Moves the link of a node to a direct connection: a new one is admitted there, and replaces the old one at both ends. Each side
    /// goes on from the other's bookmark, so that nothing is lost that was under way.
    fn take_over(&mut self, peer: PeerId, node: NodeId, way: Way) {
        let (reply, opened) = oneshot::channel();
        self.swarm.behaviour_mut().streams.open(peer, way.connection, SYNC, reply);
        let (shared, own) = (Arc::clone(&self.shared), self.own);
        tokio::spawn(async move {
            let Ok(Ok(stream)) = tokio::time::timeout(OPENING, opened).await else { return };
            if let Err(fault) = door::pass(stream, way, node, own, shared).await {
                tracing::debug!(node = %node.short(), why = %fault.message, "the link stays with its relay");
            }
        });
    }

    fn closed(&mut self, id: ConnectionId) {
        self.broken(id);
        self.inquiry.closed(id).into_iter().for_each(|ended| self.ended(ended));
        self.shared.forget(id);
        let Some(Connection { node, .. }) = self.connections.remove(&id) else { return };
        self.outside.closed(node, id);
        // What this node said there last may have gone with it.
        if self.connections.values().any(|c| c.node == node && c.way.path.is_direct())
            && let Ok(peer) = identity::peer(node)
        {
            self.swarm.behaviour_mut().mesh.inner.identify.push([peer]);
        }
    }

    /// Tells the links of a connection that it is gone.
    pub fn broken(&mut self, id: ConnectionId) {
        for link in self.links.values().flatten().filter(|link| link.way.connection == id) {
            link.broken.notify_one();
        }
    }

    /// Neither linked nor a node of the roster.
    fn is_strange(&self, node: NodeId) -> bool {
        !self.shared.admitted.has(node) && self.shared.door.knows(node).is_none()
    }

    /// Whether so many other nodes of its organisation are connected that this one gets no place, linked or not.
    fn is_crowd(&self, node: NodeId) -> bool {
        let Some(org) = self.shared.door.knows(node) else { return false };
        let others = self.connections.values().map(|c| c.node).filter(|other| *other != node);
        let of = others.filter(|other| self.shared.door.knows(*other) == Some(org));
        of.collect::<BTreeSet<_>>().len() >= limits::NODES_LINKED
    }

    fn avoided(&mut self, node: NodeId) -> bool {
        let now = Instant::now();
        self.avoided.retain(|_, until| *until > now);
        self.avoided.contains_key(&node)
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Connect { node, addresses, reply } => self.connect(node, addresses, reply),
            Command::Knock { address, reply } => self.knock(address, reply),
            Command::Open { node, connection, protocol, reply } => {
                if let Ok(peer) = identity::peer(node) {
                    self.swarm.behaviour_mut().streams.open(peer, connection, protocol, reply);
                }
            }
            Command::Admitted { node, link } => {
                // Its connection may have closed while this was said.
                if !self.connections.contains_key(&link.way.connection) {
                    link.broken.notify_one();
                }
                let org = link.org;
                let links = self.links.entry(node).or_default();
                links.push(link);
                // One stands, others are about to close. Who opens more than that at once loses those it opened first.
                if let Some(over) = links.len().checked_sub(LINKS_OF_ONE) {
                    links.iter().take(over).for_each(|link| link.broken.notify_one());
                }
                // What is spoken with it is known to each connection before it asks.
                self.open(node);
                for connection in self.connections.values().filter(|c| c.node == node && c.way.path.is_direct()) {
                    self.swarm.behaviour_mut().doors.knows((org, node), connection.from);
                }
                self.vouches(node);
            }
            Command::Heard { node } => self.open(node),
            Command::Gone { node, number } => self.gone(node, number),
            Command::Avoid { node, time } => self.avoid(node, time),
            Command::Answered { nonce, answer } => self.answered(nonce, answer),
            Command::CameBack { node, connection, nonce, reply } => {
                let came = self.connections.get(&connection).filter(|c| !c.dialled && c.way.path.is_direct());
                let opened = came.map(|connection| connection.since);
                let _ = reply.send(self.inquiry.came(node, nonce, opened));
            }
            Command::Stop { .. } => {}
        }
    }

    /// Whose node this is, by the links that it has.
    pub fn org(&self, node: NodeId) -> Option<OrgId> {
        self.links.get(&node)?.first().map(|link| link.org)
    }

    /// Has all connections of a node look again at what is spoken there.
    fn open(&mut self, node: NodeId) {
        let Ok(peer) = identity::peer(node) else { return };
        for (id, _) in self.connections.iter().filter(|(_, c)| c.node == node) {
            self.swarm.behaviour_mut().mesh.open(peer, *id);
        }
    }

    fn gone(&mut self, node: NodeId, number: u64) {
        let Some(links) = self.links.get_mut(&node) else { return };
        let left: Vec<Standing> = links.extract_if(.., |link| link.number == number).collect();
        if links.is_empty() {
            self.links.remove(&node);
            self.inquiry.left(node).into_iter().for_each(|ended| self.ended(ended));
        }
        // A circuit is of no use to a link that has moved away from it.
        for link in left.iter().filter(|link| !link.way.path.is_direct()) {
            self.swarm.close_connection(link.way.connection);
        }
        // Its connections are new strangers from here on, with a stranger's time.
        for connection in self.connections.values_mut().filter(|c| c.node == node) {
            connection.since = Instant::now();
        }
    }

    fn avoid(&mut self, node: NodeId, time: Duration) {
        if self.avoided.len() >= AVOIDED
            && let Some(oldest) = self.avoided.iter().min_by_key(|(_, until)| **until).map(|(node, _)| *node)
        {
            self.avoided.remove(&oldest);
        }
        self.avoided.insert(node, Instant::now() + time);
        if let Ok(peer) = identity::peer(node) {
            let _ = self.swarm.disconnect_peer_id(peer);
        }
    }

    /// Closes what nobody admitted in time.
    fn sweep(&mut self) {
        let patience = Duration::from_millis(limits::ADMISSION_MILLIS);
        let late: Vec<ConnectionId> = self
            .connections
            .iter()
            .filter(|(_, c)| c.since.elapsed() > patience && !self.links.contains_key(&c.node))
            .map(|(id, _)| *id)
            .collect();
        for id in late {
            self.swarm.close_connection(id);
        }
    }

    async fn stop(&mut self) {
        let ids: Vec<ConnectionId> = self.connections.keys().copied().collect();
        for id in ids {
            self.swarm.close_connection(id);
        }
        let deadline = tokio::time::Instant::now() + STOPPING;
        while !self.connections.is_empty() {
            match tokio::time::timeout_at(deadline, self.swarm.select_next_some()).await {
                Ok(SwarmEvent::ConnectionClosed { connection_id, .. }) => {
                    self.connections.remove(&connection_id);
                }
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }
}

/// What to tell who went for somebody in vain.
pub fn not_reached(error: &DialError) -> Fault {
    let why = match error {
        DialError::Transport(tried) => {
            let tried: Vec<String> = tried.iter().map(|(address, e)| format!("{address} ({})", root(e))).collect();
            format!("nobody answers at {}", tried.join(", "))
        }
        DialError::WrongPeerId { address, .. } => format!("another node answers at {address}"),
        DialError::LocalPeerId { .. } => "that address is this node's own".to_owned(),
        DialError::Denied { .. } => "this node has too many connections".to_owned(),
        other => other.to_string(),
    };
    Fault::misuse(why)
}

/// The innermost cause: what the operating system said.
fn root(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), root)
}
