//! The network: libp2p over QUIC and TCP, directly or through members that relay, and nothing of the engine.
//!
//! Contract:
//! 1. [`start`] listens and gives a [`Net`]. Every stream that a peer opens goes through the [`Door`] first: on `/belay/sync/1`
//!    the first frame each way is an admission; on `/belay/invite/1` the door talks to whoever comes, in small frames and
//!    within seconds; on `/belay/pass/1` who shows a pass is let through to a linked node. Until a peer has an admitted link, no other
//!    protocol is spoken with it but ping.
//! 2. Who was admitted is a **link**: [`Event::Opened`], then whole frames in their order in [`Event::Frame`], then
//!    [`Event::Closed`] once. The receiver of events holds the pace: while it does not take them, peers wait.
//! 3. Frames go out through the link's [`Outbox`]; one that a peer does not take in time is closed, not buffered without end.
//! 4. A connection that nobody admitted lives for `limits::ADMISSION_MILLIS`; those of strangers are few, and fewer from one
//!    address. Nodes of the roster are no strangers.
//!
//! 5. A link that runs through a relay moves to a direct connection when one comes about. That is a new link, which the receiver of
//!    events puts in the old one's place.
//!
//! Parts: [`address`] (what an address can be reached from), [`path`] (how a link runs), [`frame`] (length prefixes), `link`, `ahead` (whose frame is next), `door`,
//! `passage` (newcomers who come through a member), `strangers` (how many, and from where), `streams` (on which connection), `gate` (what waits for admission), `behaviour` (libp2p's
//! parts), `swarm` (its events), `dials` (what is tried in which order), `outside` (from where this node is reached, by whose word), `inquiry` and `probe` (members who try it).

pub mod address;
mod ahead;
mod behaviour;
pub mod dialogue;
mod dials;
mod door;
mod doors;
pub mod frame;
mod gate;
pub mod identity;
mod inquiry;
mod link;
mod muxer;
mod outside;
mod passage;
pub mod path;
mod probe;
mod strangers;
mod streams;
mod swarm;

pub use ahead::Place;
pub use dialogue::Dialogue;
pub use door::{Door, Refused};
pub use link::{Outbox, Traffic};
pub use outside::Located;
pub use path::Path;

use belay_protocol::coalition::invite::Pass;
use belay_protocol::engine::Checked;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::keys::NodeKey;
use libp2p::{Multiaddr, StreamProtocol};
use std::sync::Arc;
use std::time::Duration;
use streams::Way;
use swarm::Command;
use tokio::sync::{mpsc, oneshot, watch};

const SYNC: StreamProtocol = StreamProtocol::new("/belay/sync/1");
const INVITE: StreamProtocol = StreamProtocol::new("/belay/invite/1");
const PASS: StreamProtocol = StreamProtocol::new("/belay/pass/1");
const BROUGHT: StreamProtocol = StreamProtocol::new("/belay/brought/1");
/// Commands that wait for the swarm. Each is small.
const COMMANDS: usize = 64;
/// Streams of peers that wait for the door.
const STREAMS: usize = 64;
/// How long opening a stream on a standing connection may take.
const OPENING: Duration = Duration::from_secs(10);

/// What the network tells.
#[derive(Debug)]
pub enum Event {
    /// A link stands to an admitted peer. `opener` is the node that opened it.
    Opened { link: u64, node: NodeId, org: OrgId, opener: NodeId, path: Path, outbox: Outbox },
    /// One whole frame, at most `limits::FRAME_BYTES`, made ready beside the engine. It keeps its organisation's place until it is taken.
    Frame { link: u64, frame: Checked, place: Place },
    /// The link is gone.
    Closed { link: u64, why: String },
    /// [`Net::link`] did not lead to a link.
    Unreached { node: NodeId, why: String },
    /// Where the node can be reached changed.
    Located(Located),
    /// This machine's own addresses changed, so that what could not be reached may be now.
    Moved,
    /// A linked member serves as a relay.
    Relay { node: NodeId },
}

/// The running network. Cheap to clone; [`Net::stop`] ends it.
#[derive(Clone)]
pub struct Net {
    own: NodeId,
    shared: Arc<link::Shared>,
    located: watch::Receiver<Located>,
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Net({})", self.own.short())
    }
}

/// Listens on `listen` and accepts peers through `door`. `announced` are addresses outside that people say lead here. What happens
/// comes out of `events`.
///
/// # Errors
/// `Misuse`: an address can not be listened on (taken, or not an address of this machine); `Bug`: libp2p did not start.
pub async fn start(
    key: &NodeKey,
    (listen, announced): (&[Multiaddr], &[Multiaddr]),
    door: Arc<dyn Door>,
    events: mpsc::Sender<Event>,
) -> Result<Net> {
    let (commands, receiver) = mpsc::channel(COMMANDS);
    let (told, located) = watch::channel(Located::default());
    let (came, incoming) = mpsc::channel(STREAMS);
    let (back, coming) = mpsc::channel(STREAMS);
    let proof = passage::proof(&identity::keypair(key)?)?;
    let shared = Arc::new(link::Shared::new(key.id(), door, (events, commands), proof));
    let mut swarm = behaviour::build(key, (came, back), &shared)?;
    // All of them before any: a wildcard address of IPv6 meets our own listener on IPv4 otherwise.
    listen.iter().try_for_each(address::free)?;
    for address in listen {
        swarm.listen_on(address.clone()).map_err(|e| swarm::not_listening(address, &e))?;
    }
    tokio::spawn(door::open(incoming, Arc::clone(&shared)));
    tokio::spawn(inquiry::open(coming, Arc::clone(&shared)));
    let running = swarm::Running::new(key.id(), swarm, receiver, told, Arc::clone(&shared));
    tokio::spawn(running.start(listen.len(), announced).await?.run());
    Ok(Net { own: key.id(), shared, located })
}

impl Net {
    /// The addresses on which the node listens now, with real ports.
    #[must_use]
    pub fn addresses(&self) -> Vec<Multiaddr> {
        self.located.borrow().listening.clone()
    }

    /// Where the node can be reached, as far as it knows.
    #[must_use]
    pub fn located(&self) -> Located {
        self.located.borrow().clone()
    }

    /// Bytes of frames, of all links since the start.
    #[must_use]
    pub fn traffic(&self) -> &Traffic {
        &self.shared.traffic
    }

    /// Goes for a link to `node`; [`Event::Opened`] or [`Event::Unreached`] follows.
    pub fn link(&self, node: NodeId, addresses: Vec<Multiaddr>) {
        let net = self.clone();
        tokio::spawn(async move {
            if let Err(fault) = net.try_link(node, addresses).await {
                let _ = net.shared.events.send(Event::Unreached { node, why: fault.message }).await;
            }
        });
    }

    async fn try_link(&self, node: NodeId, addresses: Vec<Multiaddr>) -> Result<()> {
        let (_, way) = self.shared.connect(node, addresses).await?;
        let stream = self.shared.open(node, way, SYNC).await?;
        door::pass(stream, way, node, self.own, Arc::clone(&self.shared)).await
    }

    /// Talks to a node that need not know us: the invite protocol. `None` takes whoever answers at these addresses.
    ///
    /// # Errors
    /// `Misuse`: nobody answers there, or not in this protocol.
    pub async fn talk(&self, node: Option<NodeId>, addresses: Vec<Multiaddr>) -> Result<Dialogue> {
        let (node, way) = match node {
            Some(node) => self.shared.connect(node, addresses).await?,
            // Who is asked for by address alone is asked for at one address after the other.
            None => {
                let mut found = Err(Fault::misuse("no address to go to"));
                for address in addresses {
                    found = self.shared.ask(|reply| Command::Knock { address, reply }).await;
                    if found.is_ok() {
                        break;
                    }
                }
                found?
            }
        };
        Ok(Dialogue::new(node, self.shared.open(node, way, INVITE).await?))
    }

    /// The same with a node that can not be reached, through a member's node that knows the pass. Who answers has proven its key.
    ///
    /// # Errors
    /// `Misuse`: that node is not reached, or lets nobody through.
    pub async fn talk_through(&self, relay: NodeId, addresses: Vec<Multiaddr>, pass: &Pass) -> Result<Dialogue> {
        passage::through(&self.shared, relay, addresses, pass).await
    }

    /// Closes what connects us to `node`, and refuses it for `time`.
    pub async fn avoid(&self, node: NodeId, time: Duration) {
        let _ = self.shared.commands.send(Command::Avoid { node, time }).await;
    }

    /// Closes every connection and stops listening.
    pub async fn stop(&self) {
        let (done, finished) = oneshot::channel();
        if self.shared.commands.send(Command::Stop { done }).await.is_ok() {
            let _ = finished.await;
        }
    }
}

impl link::Shared {
    /// Goes for a node, or takes the connection that stands.
    async fn connect(&self, node: NodeId, addresses: Vec<Multiaddr>) -> Result<(NodeId, Way)> {
        self.ask(|reply| Command::Connect { node, addresses, reply }).await
    }

    async fn ask(&self, command: impl FnOnce(dials::Reply) -> Command) -> Result<(NodeId, Way)> {
        let (reply, connected) = oneshot::channel();
        let stopped = || Fault::misuse("the network is stopping");
        self.commands.send(command(reply)).await.map_err(|_| stopped())?;
        connected.await.map_err(|_| stopped())?
    }

    /// Opens a stream on a connection that stands.
    async fn open(&self, node: NodeId, way: Way, protocol: StreamProtocol) -> Result<libp2p::Stream> {
        let (reply, opened) = oneshot::channel();
        let command = Command::Open { node, connection: way.connection, protocol, reply };
        let _ = self.commands.send(command).await;
        match tokio::time::timeout(OPENING, opened).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(_)) => Err(Fault::misuse(format!("node {} does not answer as a node of Belay", node.short()))),
            Err(_) => Err(Fault::misuse(format!("node {} does not answer in time", node.short()))),
        }
    }
}

#[cfg(test)]
mod tests;
