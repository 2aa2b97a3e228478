//! The network: libp2p over QUIC and TCP, and nothing of the engine.
//!
//! Contract:
//! 1. [`start`] listens and gives a [`Net`]. Every stream that a peer opens goes through the [`Door`] first: on `/belay/sync/1`
//!    the first frame each way is an admission; on `/belay/invite/1` the door talks to whoever comes, in small frames and
//!    within seconds. No other protocol is spoken but ping.
//! 2. Who was admitted is a **link**: [`Event::Opened`], then whole frames in their order in [`Event::Frame`], then
//!    [`Event::Closed`] once. The receiver of events holds the pace: while it does not take them, peers wait.
//! 3. Frames go out through the link's [`Outbox`]; one that a peer does not take in time is closed, not buffered without end.
//! 4. A connection that nobody admitted lives for `limits::ADMISSION_MILLIS`; those of strangers are few, and fewer from one
//!    address. Nodes of the roster are no strangers.
//!
//! Parts: [`address`] (what an address can be reached from), [`frame`] (length prefixes), `link`, `door`,
//! `strangers` (how many, and from where), `swarm` (libp2p's events).

pub mod address;
pub mod dialogue;
mod door;
pub mod frame;
pub mod identity;
mod link;
mod strangers;
mod swarm;

pub use dialogue::Dialogue;
pub use door::{Door, Refused};
pub use link::{Outbox, Traffic};

use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::keys::NodeKey;
use libp2p::{Multiaddr, StreamProtocol};
use std::sync::Arc;
use std::time::Duration;
use swarm::Command;
use tokio::sync::{mpsc, oneshot, watch};

const SYNC: StreamProtocol = StreamProtocol::new("/belay/sync/1");
const INVITE: StreamProtocol = StreamProtocol::new("/belay/invite/1");
/// Commands that wait for the swarm. Each is small.
const COMMANDS: usize = 64;
/// How long opening a stream on a standing connection may take.
const OPENING: Duration = Duration::from_secs(10);

/// What the network tells.
#[derive(Debug)]
pub enum Event {
    /// A link stands to an admitted peer. `opener` is the node that opened it.
    Opened { link: u64, node: NodeId, org: OrgId, opener: NodeId, outbox: Outbox },
    /// One whole frame, at most `limits::FRAME_BYTES`.
    Frame { link: u64, bytes: Vec<u8> },
    /// The link is gone.
    Closed { link: u64, why: String },
    /// [`Net::link`] did not lead to a link.
    Unreached { node: NodeId, why: String },
    /// The addresses on which the node listens changed.
    Listening(Vec<Multiaddr>),
}

/// The running network. Cheap to clone; [`Net::stop`] ends it.
#[derive(Clone)]
pub struct Net {
    own: NodeId,
    commands: mpsc::Sender<Command>,
    streams: libp2p_stream::Control,
    shared: Arc<link::Shared>,
    addresses: watch::Receiver<Vec<Multiaddr>>,
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Net({})", self.own.short())
    }
}

/// Listens on `listen` and accepts peers through `door`. What happens comes out of `events`.
///
/// # Errors
/// `Misuse`: an address can not be listened on (taken, or not an address of this machine); `Bug`: libp2p did not start.
pub async fn start(
    key: &NodeKey,
    listen: &[Multiaddr],
    door: Arc<dyn Door>,
    events: mpsc::Sender<Event>,
) -> Result<Net> {
    let (commands, receiver) = mpsc::channel(COMMANDS);
    let (told, addresses) = watch::channel(Vec::new());
    let mut swarm = swarm::build(key)?;
    // All of them before any: a wildcard address of IPv6 meets our own listener on IPv4 otherwise.
    listen.iter().try_for_each(address::free)?;
    for address in listen {
        swarm.listen_on(address.clone()).map_err(|e| swarm::not_listening(address, &e))?;
    }
    let streams = swarm.behaviour().streams.new_control();
    let shared = Arc::new(link::Shared::new(Arc::clone(&door), events.clone(), commands.clone()));
    let mut accepting = streams.clone();
    let sync = accepting.accept(SYNC).map_err(|_| Fault::bug("the sync protocol is registered twice"))?;
    let invite = accepting.accept(INVITE).map_err(|_| Fault::bug("the invite protocol is registered twice"))?;
    tokio::spawn(door::sync(sync, Arc::clone(&shared)));
    tokio::spawn(door::invite(invite, Arc::clone(&shared)));
    let ready = swarm::Running::new(swarm, receiver, (events, told), door).start(listen.len()).await?;
    tokio::spawn(ready.run());
    Ok(Net { own: key.id(), commands, streams, shared, addresses })
}

impl Net {
    /// The addresses on which the node listens now, with real ports.
    #[must_use]
    pub fn addresses(&self) -> Vec<Multiaddr> {
        self.addresses.borrow().clone()
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
        self.connect(Some(node), addresses).await?;
        let stream = self.open(node, SYNC).await?;
        door::pass(stream, node, self.own, Arc::clone(&self.shared)).await
    }

    /// Talks to a node that need not know us: the invite protocol. `None` takes whoever answers at these addresses.
    ///
    /// # Errors
    /// `Misuse`: nobody answers there, or not in this protocol.
    pub async fn talk(&self, node: Option<NodeId>, addresses: Vec<Multiaddr>) -> Result<Dialogue> {
        let node = match node {
            Some(node) => self.connect(Some(node), addresses).await?,
            // Who is asked for by address alone is asked for at one address after the other.
            None => {
                let mut found = Err(Fault::misuse("no address to go to"));
                for address in addresses {
                    found = self.connect(None, vec![address]).await;
                    if found.is_ok() {
                        break;
                    }
                }
                found?
            }
        };
        Ok(Dialogue::new(node, self.open(node, INVITE).await?))
    }

    /// Closes what connects us to `node`, and refuses it for `time`.
    pub async fn avoid(&self, node: NodeId, time: Duration) {
        let _ = self.commands.send(Command::Avoid { node, time }).await;
    }

    /// Closes every connection and stops listening.
    pub async fn stop(&self) {
        let (done, finished) = oneshot::channel();
        if self.commands.send(Command::Stop { done }).await.is_ok() {
            let _ = finished.await;
        }
    }

    async fn connect(&self, node: Option<NodeId>, addresses: Vec<Multiaddr>) -> Result<NodeId> {
        let (reply, connected) = oneshot::channel();
        let stopped = || Fault::misuse("the network is stopping");
        self.commands.send(Command::Connect { node, addresses, reply }).await.map_err(|_| stopped())?;
        connected.await.map_err(|_| stopped())?
    }

    async fn open(&self, node: NodeId, protocol: StreamProtocol) -> Result<libp2p::Stream> {
        let peer = identity::peer(node)?;
        let mut streams = self.streams.clone();
        match tokio::time::timeout(OPENING, streams.open_stream(peer, protocol)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(e)) => Err(Fault::misuse(format!("node {} does not answer: {e}", node.short()))),
            Err(_) => Err(Fault::misuse(format!("node {} does not answer in time", node.short()))),
        }
    }
}

#[cfg(test)]
mod tests;
