//! The engine: inputs in, outputs out. Its shells (node, simulator, tests) follow the contract on [`Engine`].
//!
//! The front only routes. Parts: `input`, `checked` (a frame made ready), `output`, `context`, `identity`; `step` and `thread` (local commands), `settle` (what
//! follows from what came in), `apply` (bodies that open), `turned` (that count now and did not, or count no more), `backup` (own records left with partners), `recover` (brought back), `later` (by who was off then), `shared` (keys of threads, among
//! one's own nodes), `seats` (who was let in or taken out), `stewards` (what they decide together), `upkeep` (what falls due), `prekeys`, `post` (parcels), `queries`,
//! `admission`, `dial`, `passes` (whom a newcomer is let through to).

mod admission;
mod apply;
mod backup;
mod checked;
mod context;
mod dial;
mod hold;
mod identity;
mod input;
mod late;
mod later;
mod out;
mod output;
mod passes;
mod post;
mod prekeys;
mod queries;
mod receipts;
mod recover;
mod seats;
mod settle;
mod shared;
mod step;
mod stewards;
mod thread;
mod told;
mod turned;
mod upkeep;

pub use crate::sync::left::Backup;
pub use checked::Checked;
pub use context::Context;
pub use dial::ADDRESSES;
pub use identity::Identity;
pub use input::Input;
pub use later::Opening;
pub use out::Out;
pub use output::{Body, Event, Output, Unopened};
pub use post::{Exported, Imported, UnderWay, Waiting};
pub use queries::{Applied, Bodies};
pub use recover::Returned;
pub use seats::Ends;
pub use step::Step;
pub use thread::{Seat, Telling};

use crate::document::Shelf;
use crate::fault::{Class, Fault, Result};
use crate::ids::{NodeId, OrgId};
use crate::planted::{self, Bug};
use crate::space::Spaces;
use crate::store::{Draft, View};
use crate::sync::{Gathered, Sessions, Tools};
use crate::time::Time;
use settle::Work;
use std::collections::BTreeSet;

/// One node of the protocol, without clock, socket or disk.
///
/// # How to drive it
/// 1. The store holds an identity before [`Engine::open`] ([`Identity::store`], once, at `belay init`). `open` reads it and
///    nothing else. Each process start opens a new engine: it draws the run id by which peers know this run.
/// 2. Give one input at a time to [`Engine::handle`], or take one local [`Engine::step`] and [`Step::finish`] it. The view is
///    the last committed state and does not change while the call lasts.
/// 3. Both yield an [`Output`]. Handle it in this order: commit `writes` (with whatever the shell derives from `events`) in one
///    transaction, with fsync if `durable`; only then send `frames` in their order, then close what `close` names, then show
///    `events` to whoever waits for them. Commits keep their order on disk: what a crash loses is a tail of those that were
///    not durable. Several outputs may share one transaction: each next input or step is given a view that shows what those before it
///    wrote, and nothing of any leaves before all are committed; if that fails, all of them failed.
/// 4. If the commit fails, send nothing of it; call [`Engine::forget`] and close every link. The engine then goes on from the
///    store. A `Step` dropped without `finish` costs some caches and nothing else.
/// 5. `Err` from `handle` or `finish` means that nothing happened: no write, no frame. `Fault::reaction` says what to do; for
///    `Restart` go on as in 4.
/// 6. Links are reliable and ordered while they live: [`Input::Connected`] once the peer is authenticated and admitted
///    ([`Engine::admits`]), each frame whole in [`Input::Received`], checked by [`Checked::of`] on whatever thread, [`Input::Disconnected`] once, also after our own close.
///    A link number is never used twice in one run. Frames are at most `limits::FRAME_BYTES`. Several links to one peer work,
///    and waste.
/// 7. Call `handle(Input::Tick)` at the time that `Output::wake` names (with its reason for the log), or later. Earlier ticks
///    do no harm. Tick once after opening.
/// 8. An entry or register that a `finish`ed step wrote is on its way to connected peers in the `frames` of that same output.
pub struct Engine {
    identity: Identity,
    spaces: Spaces,
    sessions: Sessions,
    /// When what is carried was last looked through.
    tidied: Time,
    /// Up to where places whose time has passed were looked at, while there are more.
    ended_to: Option<seats::Ends>,
    /// When something that is kept for an organisation that has left may go.
    shelf_due: Option<Time>,
    /// Carriers that said that they have no room for us.
    full: BTreeSet<OrgId>,
    /// When old prekeys were last looked at.
    looked: Time,
    /// While this organisation is brought back from its phrase.
    recovering: Option<recover::Recovering>,
    /// Who is still to say what it keeps of this organisation.
    looking: later::Looking,
    /// This machine is about to go off, since [`Input::Leaving`] and until the next tick.
    parting: bool,
    documents: Shelf,
    /// When entries that turned were last worked off on a tick, and when documents were last folded anew.
    turned: Time,
    refolded: Time,
}

impl Engine {
    /// Opens the engine on a store that holds an identity. Loads nothing else.
    ///
    /// # Errors
    /// `Misuse` if the store holds none, `Store` if it fails.
    pub fn open(view: &dyn View, ctx: &mut Context<'_>) -> Result<Self> {
        let identity = Identity::load(view)?;
        let mut spaces = Spaces::new(identity.node());
        spaces.share_keys();
        spaces.opens_by(crate::document::opens_to);
        let run = if planted::is(Bug::RunRepeated) { [1; 8] } else { crate::random::array(ctx.random) };
        let sessions = Sessions::new(run);
        let (tidied, full) = (Time::default(), BTreeSet::new());
        Ok(Self {
            identity,
            spaces,
            sessions,
            tidied,
            ended_to: None,
            shelf_due: None,
            full,
            looked: Time::default(),
            recovering: None,
            looking: later::Looking::default(),
            parting: false,
            documents: Shelf::default(),
            turned: Time::default(),
            refolded: Time::default(),
        })
    }

    /// This node.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.identity.node()
    }

    /// The organisation that it belongs to.
    #[must_use]
    pub const fn org(&self) -> OrgId {
        self.identity.org()
    }

    /// This node's key and certificate.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The directory's documents, those opened last in memory.
    pub const fn documents(&mut self) -> &mut Shelf {
        &mut self.documents
    }

    /// Takes one input. See the contract above.
    ///
    /// # Errors
    /// `Store` or `Bug`. What a peer does wrong is no error here: it closes that peer's link by `Output::close`.
    pub fn handle(&mut self, input: Input, view: &dyn View, ctx: &mut Context<'_>) -> Result<Output> {
        let mut draft = Draft::new(view);
        let mut work = Work::default();
        let outcome = self.take(input, &mut draft, &mut work, ctx).and_then(|()| {
            self.bring_back(&mut draft, &mut work, ctx)?;
            self.note_taken(&mut draft, &mut work)?;
            self.settle(&mut draft, &mut work, ctx)?;
            self.serve(&mut draft, &mut work, ctx)?;
            self.next_wake(&draft, &mut work, ctx.now)
        });
        match outcome {
            Ok(()) => Ok(work.output(draft)),
            Err(fault) => {
                self.spaces.forget();
                Err(inner(fault))
            }
        }
    }

    fn take(&mut self, input: Input, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        match input {
            Input::Connected { link, node, org } => {
                let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
                sessions.connected(link, node, org, &mut tools)
            }
            Input::Received { link, frame: Checked { frame, ahead } } => {
                self.documents.foresee(ahead);
                let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
                if let Some(fault) = sessions.received(link, frame, &mut tools)? {
                    work.close.push((link, fault));
                }
                Ok(())
            }
            Input::Disconnected { link } => {
                self.sessions.disconnected(link);
                Ok(())
            }
            Input::ClockMoved { by } => {
                self.sessions.clock_moved(by);
                Ok(())
            }
            Input::Tick => {
                self.parting = false;
                self.upkeep(draft, work, ctx)
            }
            Input::Leaving => {
                self.parting = true;
                self.post(draft, work, ctx, true)
            }
        }
    }

    fn serve(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
        if sessions.note_stored(&mut tools)? {
            self.settle(draft, work, ctx)?;
        }
        let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
        sessions.serve(&mut tools)?;
        while !work.got.members.is_empty() {
            // A comparison showed that what was heard of a removal is void; its next part may show another.
            self.settle(draft, work, ctx)?;
            let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
            sessions.serve(&mut tools)?;
        }
        self.take_back_told(draft, work)?;
        let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
        sessions.serve_post(&mut tools)?;
        self.back_up(draft, work, ctx)
    }

    fn tools<'t, 'v>(
        &'t mut self,
        draft: &'t mut Draft<'v>,
        got: &'t mut Gathered,
        ctx: &'t mut Context<'_>,
    ) -> (&'t mut Sessions, Tools<'t, 'v>) {
        let (me, org) = (self.identity.node(), self.identity.org());
        let tools = Tools { spaces: &mut self.spaces, draft, random: ctx.random, now: ctx.now, me, org, got };
        (&mut self.sessions, tools)
    }

    /// Begins a local command.
    pub fn step<'e>(&'e mut self, view: &'e dyn View, ctx: Context<'e>) -> Step<'e> {
        Step::new(self, view, ctx)
    }

    /// Forgets sessions and everything cached. After a commit that failed; the shell closes every link.
    pub fn forget(&mut self) {
        if planted::is(Bug::ForgetSkipped) {
            return;
        }
        self.spaces.forget();
        self.sessions.clear();
        self.looking = later::Looking::default();
        if let Some(recovering) = &mut self.recovering {
            recovering.begin_anew();
        }
    }
}

/// A fault that comes out of the engine's own work is not the caller's.
fn inner(fault: Fault) -> Fault {
    match fault.class {
        Class::Store | Class::Bug => fault,
        Class::Misbehaved | Class::Incompatible | Class::Malformed | Class::Misuse | Class::NotPermitted => {
            Fault::bug(format!("inside the engine: {}", fault.message))
        }
    }
}

#[cfg(test)]
mod tests;
