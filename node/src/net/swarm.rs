//! libp2p's side: connections, listeners, and how long who may stay.

use super::strangers::{self, Source};
use super::{Door, Event, identity};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::NodeId;
use belay_protocol::keys::NodeKey;
use belay_protocol::limits;
use futures::StreamExt;
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::core::ConnectedPoint;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, DialError, NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, SwarmBuilder, TransportError, noise, ping, tcp, yamux};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc, oneshot, watch};

/// How often a connection is asked whether it lives, and how long an answer may take.
const PING: Duration = Duration::from_secs(10);
/// How long a start waits for the first addresses of its listeners.
const FIRST_ADDRESSES: Duration = Duration::from_secs(5);
/// How long a stop waits for connections to close in order.
const STOPPING: Duration = Duration::from_secs(2);
/// Connections in their cryptographic handshake, each way.
const PENDING: u32 = 64;
/// Connections to one peer: two that were dialled at once, and one that is dying.
const PER_PEER: u32 = 4;
/// Nodes that are kept out at once; the oldest are forgotten first.
const AVOIDED: usize = 1024;

#[derive(NetworkBehaviour)]
pub struct Behaviour {
    limits: connection_limits::Behaviour,
    ping: ping::Behaviour,
    pub streams: libp2p_stream::Behaviour,
}

/// What the rest of the network asks of the swarm.
#[derive(Debug)]
pub enum Command {
    Connect {
        node: Option<NodeId>,
        addresses: Vec<Multiaddr>,
        reply: oneshot::Sender<Result<NodeId>>,
    },
    /// A link to this node was admitted.
    Admitted {
        node: NodeId,
        link: Standing,
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
    Stop {
        done: oneshot::Sender<()>,
    },
}

/// A swarm with the node's key.
///
/// # Errors
/// `Bug`: libp2p refuses its own parts.
pub fn build(key: &NodeKey) -> Result<Swarm<Behaviour>> {
    let refused = |what: &str| Fault::bug(format!("libp2p does not start: {what}"));
    let limits = ConnectionLimits::default()
        .with_max_pending_incoming(Some(PENDING))
        .with_max_pending_outgoing(Some(PENDING))
        .with_max_established(Some(limits::CONNECTIONS))
        .with_max_established_per_peer(Some(PER_PEER));
    let behaviour = Behaviour {
        limits: connection_limits::Behaviour::new(limits),
        ping: ping::Behaviour::new(ping::Config::new().with_interval(PING).with_timeout(PING)),
        streams: libp2p_stream::Behaviour::new(),
    };
    let swarm = SwarmBuilder::with_existing_identity(identity::keypair(key)?)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(|_| refused("noise"))?
        .with_quic_config(|mut quic| {
            // A page and what follows it; more only costs memory for each slow peer.
            quic.max_stream_data = 2 * 1024 * 1024;
            quic.max_connection_data = 4 * 1024 * 1024;
            quic
        })
        .with_dns()
        .map_err(|e| Fault::misuse(format!("this machine's name resolution can not be read: {e}")))?
        .with_behaviour(|_| behaviour)
        .map_err(|_| refused("behaviour"))?
        // A link keeps its connection; one without a link has this long to become one.
        .with_swarm_config(|c| c.with_idle_connection_timeout(Duration::from_millis(limits::ADMISSION_MILLIS)))
        .build();
    Ok(swarm)
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
    /// Told when its connection is gone: over TCP a stream does not notice that by itself while nothing is heard from the other side.
    pub broken: Arc<Notify>,
}

struct Connection {
    node: NodeId,
    from: Source,
    since: Instant,
}

/// The swarm and what it knows about its connections.
pub struct Running {
    door: Arc<dyn Door>,
    swarm: Swarm<Behaviour>,
    commands: mpsc::Receiver<Command>,
    events: mpsc::Sender<Event>,
    told: watch::Sender<Vec<Multiaddr>>,
    listening: BTreeSet<Multiaddr>,
    connections: BTreeMap<ConnectionId, Connection>,
    /// Links of each admitted node.
    links: BTreeMap<NodeId, Vec<Standing>>,
    dialling: BTreeMap<ConnectionId, oneshot::Sender<Result<NodeId>>>,
    avoided: BTreeMap<NodeId, Instant>,
}

impl Running {
    pub fn new(
        swarm: Swarm<Behaviour>,
        commands: mpsc::Receiver<Command>,
        (events, told): (mpsc::Sender<Event>, watch::Sender<Vec<Multiaddr>>),
        door: Arc<dyn Door>,
    ) -> Self {
        Self {
            door,
            swarm,
            commands,
            events,
            told,
            listening: BTreeSet::new(),
            connections: BTreeMap::new(),
            links: BTreeMap::new(),
            dialling: BTreeMap::new(),
            avoided: BTreeMap::new(),
        }
    }

    /// Waits until each listener has told its first address, so that a start which says "listening on" knows where.
    ///
    /// # Errors
    /// `Misuse`: a listener closed at once.
    pub async fn start(mut self, listeners: usize) -> Result<Self> {
        let mut first = HashSet::new();
        let deadline = tokio::time::Instant::now() + FIRST_ADDRESSES;
        while first.len() < listeners {
            match tokio::time::timeout_at(deadline, self.swarm.select_next_some()).await {
                Ok(SwarmEvent::NewListenAddr { listener_id, address }) => {
                    first.insert(listener_id);
                    self.listening.insert(address);
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
        self.tell().await;
        Ok(self)
    }

    pub async fn run(mut self) {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        loop {
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
                _ = seconds.tick() => self.sweep(),
            }
        }
    }

    async fn event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                self.established(peer_id, connection_id, &endpoint);
            }
            SwarmEvent::ConnectionClosed { connection_id, .. } => self.closed(connection_id),
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                if let Some(reply) = self.dialling.remove(&connection_id) {
                    let _ = reply.send(Err(not_reached(&error)));
                }
            }
            // A peer that does not speak ping is alive all the same; its stream will tell.
            SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event { connection, result: Err(failure), .. }))
                if !matches!(failure, ping::Failure::Unsupported) =>
            {
                self.swarm.close_connection(connection);
            }
            SwarmEvent::NewListenAddr { address, .. } => {
                self.listening.insert(address);
                self.tell().await;
            }
            SwarmEvent::ExpiredListenAddr { address, .. } => {
                self.listening.remove(&address);
                self.tell().await;
            }
            SwarmEvent::ListenerClosed { addresses, .. } => {
                for address in addresses {
                    self.listening.remove(&address);
                }
                self.tell().await;
            }
            _ => {}
        }
    }

    async fn tell(&mut self) {
        let listening: Vec<Multiaddr> = self.listening.iter().cloned().collect();
        self.told.send_replace(listening.clone());
        let _ = self.events.send(Event::Listening(listening)).await;
    }

    fn established(&mut self, peer: PeerId, id: ConnectionId, endpoint: &ConnectedPoint) {
        let waiting = self.dialling.remove(&id);
        let refuse = |why: &str, waiting: Option<oneshot::Sender<Result<NodeId>>>| {
            if let Some(reply) = waiting {
                let _ = reply.send(Err(Fault::not_permitted(why)));
            }
        };
        let Some(node) = identity::node(&peer) else {
            self.swarm.close_connection(id);
            return refuse("the other side has no Ed25519 key", waiting);
        };
        let from = Source::of(endpoint.get_remote_address());
        let strangers = self.connections.values().filter(|c| self.is_strange(c.node)).map(|c| c.from);
        let full = endpoint.is_listener() && self.is_strange(node) && !strangers::room(strangers, from);
        if self.avoided(node) || full {
            self.swarm.close_connection(id);
            return refuse("that node broke a rule and is kept out for a while", waiting);
        }
        self.connections.insert(id, Connection { node, from, since: Instant::now() });
        if let Some(reply) = waiting {
            let _ = reply.send(Ok(node));
        }
    }

    fn closed(&mut self, id: ConnectionId) {
        let Some(Connection { node, .. }) = self.connections.remove(&id) else { return };
        if !self.connections.values().any(|c| c.node == node) {
            for link in self.links.get(&node).into_iter().flatten() {
                link.broken.notify_one();
            }
        }
    }

    /// Neither linked nor a node of the roster.
    fn is_strange(&self, node: NodeId) -> bool {
        !self.links.contains_key(&node) && !self.door.knows(node)
    }

    fn avoided(&mut self, node: NodeId) -> bool {
        let now = Instant::now();
        self.avoided.retain(|_, until| *until > now);
        self.avoided.contains_key(&node)
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Connect { node, addresses, reply } => self.connect(node, addresses, reply),
            Command::Admitted { node, link } => {
                // Its connection may have closed while this was said.
                if !self.connections.values().any(|c| c.node == node) {
                    link.broken.notify_one();
                }
                self.links.entry(node).or_default().push(link);
            }
            Command::Gone { node, number } => {
                if let Some(links) = self.links.get_mut(&node) {
                    links.retain(|link| link.number != number);
                    if links.is_empty() {
                        self.links.remove(&node);
                    }
                }
                // Its connections are new strangers from here on, with a stranger's time.
                for connection in self.connections.values_mut().filter(|c| c.node == node) {
                    connection.since = Instant::now();
                }
            }
            Command::Avoid { node, time } => {
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
            Command::Stop { .. } => {}
        }
    }

    fn connect(&mut self, node: Option<NodeId>, addresses: Vec<Multiaddr>, reply: oneshot::Sender<Result<NodeId>>) {
        if let Some(node) = node.filter(|node| self.connections.values().any(|c| c.node == *node)) {
            let _ = reply.send(Ok(node));
            return;
        }
        let options = match (node, addresses.first()) {
            (_, None) => Err(Fault::misuse("no address of that node is known")),
            (Some(node), _) => identity::peer(node).map(|peer| {
                // Reusing the listener's port for dialling meets the leftovers of the connection before.
                DialOpts::peer_id(peer)
                    .condition(PeerCondition::Always)
                    .addresses(addresses)
                    .allocate_new_port()
                    .build()
            }),
            (None, Some(address)) => {
                Ok(DialOpts::unknown_peer_id().address(address.clone()).allocate_new_port().build())
            }
        };
        let dialled = options.and_then(|options| {
            let id = options.connection_id();
            self.swarm.dial(options).map(|()| id).map_err(|e| not_reached(&e))
        });
        match dialled {
            Ok(id) => {
                self.dialling.insert(id, reply);
            }
            Err(fault) => {
                let _ = reply.send(Err(fault));
            }
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

fn not_reached(error: &DialError) -> Fault {
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
