//! A link: a stream to an admitted peer, as two tasks with bounded queues.

use super::ahead::{self, Ahead, Place};
use super::gate::Admitted;
use super::path::Path;
use super::strangers::Asking;
use super::streams::Way;
use super::swarm::Standing;
use super::{Command, Door, Event, frame};
use belay_protocol::engine::Checked;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::limits;
use futures::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::swarm::ConnectionId;
use libp2p::{Stream, noise};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use tokio::time::Instant;

/// Frames that wait for a slow peer. Small ones may be many.
const QUEUE_FRAMES: usize = 1024;
/// Bytes that wait for a slow peer. It resumes from its bookmark when it is back.
const QUEUE_BYTES: usize = 16 * 1024 * 1024;
/// How long one frame may take to leave, and all the last ones after a close.
const LEAVING: Duration = Duration::from_secs(60);

/// Bytes of frames that came and went, prefixes included.
#[derive(Debug, Default)]
pub struct Traffic {
    sent: AtomicU64,
    received: AtomicU64,
}

impl Traffic {
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    #[must_use]
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }
}

/// What all streams of a node share.
pub struct Shared {
    pub own: NodeId,
    pub door: Arc<dyn Door>,
    pub events: mpsc::Sender<Event>,
    pub commands: mpsc::Sender<Command>,
    /// Streams of peers that are not admitted yet.
    pub asking: Arc<Asking>,
    /// What the ends of a passage prove their keys with.
    pub proof: noise::Config,
    /// Newcomers that may be let through at once.
    pub passages: Semaphore,
    /// Streams by which members bring newcomers.
    pub bringing: Arc<Asking>,
    /// Streams by which members say that they came back, as they were asked to.
    pub coming: Arc<Asking>,
    /// Who has a link, for what waits for that.
    pub admitted: Arc<Admitted>,
    /// Connections that came about by knocking from both sides at once.
    punched: Mutex<BTreeSet<ConnectionId>>,
    pub traffic: Traffic,
    /// Places for frames that wait for the engine.
    ahead: Ahead,
    /// Bytes that wait for all links of an organisation, those that are being closed among them.
    queued: Mutex<BTreeMap<OrgId, Arc<AtomicUsize>>>,
    next: AtomicU64,
}

impl Shared {
    pub fn new(
        own: NodeId,
        door: Arc<dyn Door>,
        (events, commands): (mpsc::Sender<Event>, mpsc::Sender<Command>),
        proof: noise::Config,
    ) -> Self {
        Self {
            own,
            proof,
            passages: Semaphore::new(limits::PASSAGES),
            door,
            events,
            commands,
            asking: Arc::default(),
            bringing: Arc::default(),
            coming: Arc::default(),
            admitted: Arc::default(),
            punched: Mutex::default(),
            traffic: Traffic::default(),
            ahead: Ahead::default(),
            queued: Mutex::default(),
            next: AtomicU64::new(1),
        }
    }

    /// Two routers were passed by this connection.
    pub fn punched(&self, id: ConnectionId) {
        self.punched.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    /// A connection is gone.
    pub fn forget(&self, id: ConnectionId) {
        self.punched.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// What waits for an organisation.
    fn queued(&self, org: OrgId) -> Arc<AtomicUsize> {
        let mut queued = self.queued.lock().unwrap_or_else(PoisonError::into_inner);
        queued.retain(|_, bytes| Arc::strong_count(bytes) > 1);
        Arc::clone(queued.entry(org).or_default())
    }

    fn path(&self, way: Way) -> Path {
        let punched = self.punched.lock().unwrap_or_else(PoisonError::into_inner).contains(&way.connection);
        if punched { Path::Punched } else { way.path }
    }
}

/// Where the frames of one link go. Dropped, the link is read no more, sends what waits and closes.
pub struct Outbox {
    frames: mpsc::Sender<Waits>,
    /// Goes with it, and says so.
    _held: oneshot::Sender<Infallible>,
    /// Bytes that wait for this link, and for all of its organisation.
    waiting: [Arc<AtomicUsize>; 2],
}

/// A frame that waits. Counted until it has left, or is dropped.
struct Waits {
    bytes: Vec<u8>,
    of: [Arc<AtomicUsize>; 2],
}

impl Drop for Waits {
    fn drop(&mut self) {
        for waiting in &self.of {
            waiting.fetch_sub(self.bytes.len(), Ordering::Relaxed);
        }
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [link, _] = &self.waiting;
        write!(f, "Outbox({} bytes waiting)", link.load(Ordering::Relaxed))
    }
}

impl Outbox {
    /// One whose link is gone, for tests of what holds them.
    #[cfg(test)]
    pub fn closed() -> Self {
        Self { frames: mpsc::channel(1).0, _held: oneshot::channel().0, waiting: Default::default() }
    }

    /// Queues one frame. Never waits.
    ///
    /// # Errors
    /// `Misuse`: the peer, or the other nodes of its organisation, do not take what was sent before; close the link.
    pub fn send(&self, bytes: Vec<u8>) -> Result<()> {
        let length = bytes.len();
        let frame = Waits { bytes, of: self.waiting.clone() };
        let [link, org] = self.waiting.each_ref().map(|waiting| waiting.fetch_add(length, Ordering::Relaxed) + length);
        if link > QUEUE_BYTES || org > limits::QUEUED_BYTES_OF_ORG {
            return Err(Fault::misuse("the other side does not take what is sent to it"));
        }
        self.frames
            .try_send(frame)
            .map_err(|_| Fault::misuse("the other side is gone, or does not take what is sent to it"))
    }
}

/// Runs an admitted stream until either side closes it.
pub fn run(stream: Stream, way: Way, (node, org): (NodeId, OrgId), opener: NodeId, shared: Arc<Shared>) {
    // Before the peer's first frame can come.
    shared.admitted.add(node);
    let link = shared.next.fetch_add(1, Ordering::Relaxed);
    let (frames, queue) = mpsc::channel(QUEUE_FRAMES);
    let (held, dropped) = oneshot::channel();
    let outbox = Outbox { frames, _held: held, waiting: [Arc::default(), shared.queued(org)] };
    tokio::spawn(async move {
        let broken = Arc::new(Notify::new());
        let standing = Standing { number: link, org, way, broken: Arc::clone(&broken) };
        let _ = shared.commands.send(Command::Admitted { node, link: standing }).await;
        let path = shared.path(way);
        if shared.events.send(Event::Opened { link, node, org, opener, path, outbox }).await.is_ok() {
            let (mut read, mut write) = stream.split();
            // Whichever ends first ends the link; the other half is dropped with it.
            let why = tokio::select! {
                ended = until(receive(&mut read, link, (node, org), &shared), dropped) => ended,
                ended = send(&mut write, queue, &shared.traffic) => ended,
                () = broken.notified() => Err(Fault::misuse("the connection broke")),
            };
            let why = why.map_or_else(|fault| fault.message, |()| "closed".to_owned());
            let _ = shared.events.send(Event::Closed { link, why }).await;
        }
        shared.admitted.remove(node);
        let _ = shared.commands.send(Command::Gone { node, number: link }).await;
    });
}

/// Reads until the link is dropped here: what a peer goes on to say on a link that another took the place of is nobody's any more. Then it
/// is for the other half to end.
async fn until(receive: impl Future<Output = Result<()>>, dropped: oneshot::Receiver<Infallible>) -> Result<()> {
    tokio::select! {
        ended = receive => ended,
        _ = dropped => std::future::pending().await,
    }
}

async fn receive(
    read: &mut (impl futures::AsyncRead + Unpin),
    link: u64,
    (node, org): (NodeId, OrgId),
    shared: &Shared,
) -> Result<()> {
    while let Some(bytes) = frame::read(read, limits::FRAME_BYTES).await? {
        shared.traffic.received.fetch_add((frame::PREFIX + bytes.len()) as u64, Ordering::Relaxed);
        if shared.admitted.heard(node) {
            let _ = shared.commands.send(Command::Heard { node }).await;
        }
        // Waits for the turn of its organisation while the node is busy; then the peer's window fills, and it waits too.
        let place = shared.ahead.place(org, bytes.len()).await?;
        let (frame, place) = ready(bytes, place).await?;
        if shared.events.send(Event::Frame { link, frame, place }).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Makes a frame ready for the engine, a large one on a thread of its own.
async fn ready(bytes: Vec<u8>, place: Place) -> Result<(Checked, Place)> {
    if !ahead::is_large(bytes.len()) {
        return Ok((Checked::of(&bytes), place));
    }
    // The place goes along: of a link that is gone meanwhile, the work goes on to its end.
    let checked = tokio::task::spawn_blocking(move || (Checked::of(&bytes), place)).await;
    checked.map_err(|_| Fault::bug("a frame was not checked to its end"))
}

async fn send(
    write: &mut (impl AsyncWrite + Unpin),
    mut queue: mpsc::Receiver<Waits>,
    traffic: &Traffic,
) -> Result<()> {
    let late = || Fault::misuse("the other side does not take what is sent to it");
    // Of a link that was closed here, all that is left has the time of one frame.
    let mut last = None;
    while let Some(waits) = queue.recv().await {
        if queue.is_closed() {
            last = last.or_else(|| Some(Instant::now() + LEAVING));
        }
        let leaving = async {
            frame::write(write, &waits.bytes).await?;
            if queue.is_empty() { frame::flush(write).await } else { Ok(()) }
        };
        let until = last.unwrap_or_else(|| Instant::now() + LEAVING);
        tokio::time::timeout_at(until, leaving).await.map_err(|_| late())??;
        traffic.sent.fetch_add((frame::PREFIX + waits.bytes.len()) as u64, Ordering::Relaxed);
    }
    tokio::time::timeout(LEAVING, write.close())
        .await
        .map_err(|_| late())?
        .map_err(|e| Fault::misuse(format!("the connection broke: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: usize = 1024 * 1024;

    fn filled(outbox: &Outbox) -> usize {
        (0..100).take_while(|_| outbox.send(vec![0; FRAME]).is_ok()).count() * FRAME
    }

    #[tokio::test]
    async fn a_link_that_is_dropped_here_is_read_no_more_and_ends_with_its_other_half() {
        let (held, dropped) = oneshot::channel();
        let (peer, frame) = oneshot::channel::<()>();
        let reading = async {
            let _ = frame.await;
            Ok(())
        };
        let mut reading = std::pin::pin!(until(reading, dropped));
        assert!(futures::poll!(&mut reading).is_pending() && !peer.is_closed());
        drop(held);
        assert!(futures::poll!(&mut reading).is_pending(), "what waits still leaves");
        assert!(peer.is_closed(), "nobody reads what it says");
    }

    #[test]
    fn what_waits_for_one_organisation_is_bounded_over_all_its_links_those_that_close_among_them() {
        let org = Arc::<AtomicUsize>::default();
        let link = || {
            let (frames, queue) = mpsc::channel(QUEUE_FRAMES);
            (Outbox { frames, _held: oneshot::channel().0, waiting: [Arc::default(), Arc::clone(&org)] }, queue)
        };
        let (first, second, third) = (link(), link(), link());
        assert_eq!(filled(&first.0), QUEUE_BYTES);
        drop(first.0);
        assert_eq!(filled(&second.0), limits::QUEUED_BYTES_OF_ORG - QUEUE_BYTES);
        assert_eq!(filled(&third.0), 0);
        // What is not taken in time is dropped, and weighs no more.
        drop(first.1);
        assert_eq!(filled(&third.0), QUEUE_BYTES);
        drop((second, third));
        assert_eq!(org.load(Ordering::Relaxed), 0);
    }
}
