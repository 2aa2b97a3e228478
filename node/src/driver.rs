//! The driver: one thread that owns the engine and the store, and follows the contract on [`Engine`].
//!
//! Contract:
//! 1. [`Driver::start`] opens the engine, listens, and from then on takes frames, timers and calls one at a time. Calls go first.
//! 2. What a step or an input leads to is committed, with what [`UseCases::project`] derives from its events, in one transaction;
//!    then frames and answers leave. Calls that wait behind each other, and frames that do, share one; each reads what those before it
//!    wrote. If the commit fails, nothing of it happened: the engine forgets, every link closes, all callers are told. A call whose own
//!    projection fails takes none of the others with it.
//! 3. [`Driver::write`] runs a step; [`Driver::query`] asks the engine; [`Driver::read`] reads on a connection of its own and holds
//!    nobody up. [`Driver::changes`] tells that something was committed.
//! 4. [`Driver::stop`] takes nothing more, lets what was sent leave, closes links and empties the write-ahead log.
//!
//! Parts: [`core`] (the thread), [`links`] (one link a peer), [`dial`] (whom to go for, and when again), [`door`] (who is let in).

mod addresses;
mod avoided;
mod clock;
mod core;
pub mod dial;
mod door;
mod links;
pub mod standing;
pub mod stewards;

pub use self::core::Core;
pub use links::PeerFact;

use crate::net::{self, Located, Net, address, path};
use crate::ops::conditions::Conditions;
use crate::store::Reader;
use crate::store::{AT_ONCE, Readers, Store, Tx};
use belay_protocol::coalition::invite::Relay;
use belay_protocol::coalition::invite::pass::{Leads, NoPassage, PassName};
use belay_protocol::engine::{Context, Engine, Event, Step};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::store::View;
use libp2p::Multiaddr;
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

/// Calls that wait for the thread.
const CALLS: usize = 64;
/// Network events that wait for the thread; beyond, peers wait.
const EVENTS: usize = 64;

/// What stands on the driver: makes tables out of events, and answers who comes with an invite.
pub trait UseCases: Send + 'static {
    /// Writes what follows from these events, in the transaction that stores their entries. `tx` reads the state after them.
    ///
    /// # Errors
    /// Whatever it says undoes the whole transaction.
    fn project(&mut self, engine: &mut Engine, tx: &Tx<'_>, events: &[Event]) -> Result<()>;

    /// Answers one frame of the invite protocol, of a peer that proved its key and nothing else. Part of the same step is
    /// whatever it writes.
    ///
    /// # Errors
    /// Closes the conversation without an answer.
    fn invited(&mut self, step: &mut Step<'_>, peer: NodeId, frame: &[u8]) -> Result<Vec<u8>>;

    /// Where a pass leads that a newcomer shows to this node, or why nowhere.
    ///
    /// # Errors
    /// `Store`.
    fn leads(
        &mut self,
        _engine: &mut Engine,
        _view: &dyn View,
        _newcomer: NodeId,
        _pass: PassName,
    ) -> Result<std::result::Result<Leads, NoPassage>> {
        Ok(Err(NoPassage::Unknown))
    }

    /// Where to go for members while the addresses that they publish are not here yet: what a newcomer learnt from its inviter.
    ///
    /// # Errors
    /// `Store`.
    fn introducers(&self, view: &dyn View) -> Result<Vec<(NodeId, Vec<String>)>>;

    /// Whether something that was committed asks this node for an entry of its own accord, such as a revocation that a partner heard.
    ///
    /// # Errors
    /// `Store`.
    fn due(&self, _view: &dyn View) -> Result<bool> {
        Ok(false)
    }

    /// Writes it.
    ///
    /// # Errors
    /// Whatever it says drops the step; it is tried again after the next input.
    fn follow(&mut self, _step: &mut Step<'_>) -> Result<()> {
        Ok(())
    }

    /// A commit failed: what is kept in memory may be ahead of the store.
    fn forget(&mut self);
}

/// What runs on the driver's thread; and its answer, which leaves once all that it may rest on is on the disk, or says why it is not.
type Call = Box<dyn FnOnce(&mut Core) -> Reply + Send>;
type Reply = Box<dyn FnOnce(Option<Fault>) + Send>;

/// A running driver. Cheap to clone.
#[derive(Clone)]
pub struct Driver {
    calls: mpsc::Sender<Call>,
    readers: Arc<Readers>,
    /// Reads that may go on at once.
    reading: Arc<Semaphore>,
    net: Net,
    linked: Arc<Mutex<links::Linked>>,
    changes: watch::Receiver<u64>,
    ended: watch::Receiver<bool>,
    conditions: Conditions,
    node: NodeId,
    org: OrgId,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Driver({})", self.node.short())
    }
}

impl Driver {
    /// Opens the engine on the store, listens and runs. `announce` are addresses that others are told beside those listened on.
    ///
    /// # Errors
    /// `Misuse`: the store holds no identity, or an address can not be listened on; `Store`.
    pub async fn start(
        store: Store,
        usecases: Box<dyn UseCases>,
        listen: &[Multiaddr],
        announce: &[Multiaddr],
        conditions: Conditions,
    ) -> Result<Self> {
        let mut random = crate::system::System;
        let engine = Engine::open(&store, &mut Context { now: crate::system::now(), random: &mut random })?;
        let (calls, waiting) = mpsc::channel(CALLS);
        let (told, events) = mpsc::channel(EVENTS);
        let (counted, changes) = watch::channel(0);
        let (over, ended) = watch::channel(false);
        let linked = Arc::new(Mutex::new(links::Linked::default()));
        let members = door::Members::default();
        let door = Arc::new(door::Doorkeeper::new(calls.clone(), Arc::clone(&members)));
        let net = Box::pin(net::start(engine.identity().key(), (listen, announce), door, told)).await?;
        let (node, org) = (engine.node(), engine.org());
        let readers = Arc::clone(store.readers());
        let reading = Arc::new(Semaphore::new(AT_ONCE));
        let core = Core::new(
            engine,
            store,
            usecases,
            net.clone(),
            (Arc::clone(&linked), members),
            counted,
            conditions.clone(),
        );
        let runtime = tokio::runtime::Handle::current();
        std::thread::Builder::new()
            .name("driver".into())
            .spawn(move || {
                // Told by its drop also where the thread ends by a panic.
                let _over = Ended(over);
                core.run(&runtime, waiting, events);
            })
            .map_err(|e| Fault::store(format!("the system gives no thread: {e}")))?;
        Ok(Self { calls, readers, reading, net, linked, changes, ended, conditions, node, org })
    }

    /// This node.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// The organisation that it belongs to.
    #[must_use]
    pub const fn org(&self) -> OrgId {
        self.org
    }

    /// The network, for talks about invites and for figures.
    #[must_use]
    pub const fn net(&self) -> &Net {
        &self.net
    }

    /// Where readers of the store come from.
    #[must_use]
    pub fn readers(&self) -> Arc<Readers> {
        Arc::clone(&self.readers)
    }

    /// What is wrong now.
    #[must_use]
    pub const fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// Who is connected, by node.
    #[must_use]
    pub fn peers(&self) -> Vec<PeerFact> {
        self.linked.lock().unwrap_or_else(PoisonError::into_inner).facts()
    }

    /// Where this node can be reached, as far as it knows.
    #[must_use]
    pub fn located(&self) -> Located {
        self.net.located()
    }

    /// Linked nodes by which a newcomer may come to this one: of other members where nobody comes here from outside, and else of this
    /// organisation alone, should this machine be off. Those that keep a place for this node come first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn relays(&self) -> Result<Vec<Relay>> {
        let (located, linked) = (self.located(), self.peers());
        self.query(move |engine, store| addresses::relays(engine, store, &located, &linked)).await
    }

    /// The addresses for a newcomer, those that can be reached from furthest first. None through a relay: that takes a pass.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        let published = address::published(&self.located());
        published.iter().filter(|a| !path::is_relayed(a)).map(ToString::to_string).collect()
    }

    /// A number that rises with each commit: wait for it to change, then look again.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// Runs one step: what `work` writes is committed with its projections, then sent. `work` also gets the writer's connection
    /// to read tables other than the protocol's; it must not write there.
    ///
    /// # Errors
    /// Whatever `work` says (nothing happened then), or the fault of the commit.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut Step<'_>, &Connection) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        self.call(move |core| core.write(work)).await?
    }

    /// Asks the engine, which reads the store as it is.
    ///
    /// # Errors
    /// Whatever `work` says.
    pub async fn query<T, E>(
        &self,
        work: impl FnOnce(&mut Engine, &Store) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        self.call(move |core| core.query(work)).await?
    }

    /// Reads at one moment, on a connection and a thread of its own; after those that came before, where many do.
    ///
    /// # Errors
    /// Whatever `work` says, or `Store`.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&Reader) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let readers = Arc::clone(&self.readers);
        let turn = Arc::clone(&self.reading).acquire_owned().await;
        let reading = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let reader = readers.take()?;
            reader.at_once(work)
        });
        match reading.await {
            Ok(outcome) => outcome,
            Err(_) => Err(Fault::bug("a reading thread ended by a panic").into()),
        }
    }

    /// Runs `work` on the driver's thread.
    ///
    /// # Errors
    /// `Misuse`: the node is stopping.
    async fn call<T: Send + 'static>(&self, work: impl FnOnce(&mut Core) -> T + Send + 'static) -> Result<T> {
        call(&self.calls, work).await
    }

    /// Stops in order. Returns when all is on the disk.
    pub async fn stop(&self) {
        let _ = self.call(Core::stop).await;
        self.ended().await;
    }

    /// Returns when the driver has ended, in order or by a panic.
    pub async fn ended(&self) {
        let _ = self.ended.clone().wait_for(|over| *over).await;
    }
}

struct Ended(watch::Sender<bool>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}

async fn call<T: Send + 'static>(
    calls: &mpsc::Sender<Call>,
    work: impl FnOnce(&mut Core) -> T + Send + 'static,
) -> Result<T> {
    let stopping = || Fault::misuse("the node is stopping");
    let (reply, answer) = oneshot::channel();
    let call: Call = Box::new(move |core| {
        let value = work(core);
        Box::new(move |lost| {
            let _ = reply.send(lost.map_or(Ok(value), Err));
        })
    });
    calls.send(call).await.map_err(|_| stopping())?;
    answer.await.map_err(|_| stopping())?
}

#[cfg(test)]
mod tests;
