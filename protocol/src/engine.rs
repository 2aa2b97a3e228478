//! The engine: inputs in, outputs out. Its shells (node, simulator, tests) follow the contract on [`Engine`].

mod context;
mod identity;
mod input;
mod output;
mod step;

pub use context::Context;
pub use identity::Identity;
pub use input::Input;
pub use output::{Body, Event, Output, Unopened};
pub use step::Step;

use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::keys::Certificate;
use crate::store::View;

/// One node of the protocol, without clock, socket or disk.
///
/// # How to drive it
/// 1. The store holds an identity before [`Engine::open`] ([`Identity::store`], once, at `belay init`). `open` reads it and
///    nothing else. Each process start opens a new engine: it draws the run id by which peers know this run.
/// 2. Give one input at a time to [`Engine::handle`], or take one local [`Engine::step`] and [`Step::finish`] it. The view is
///    the last committed state and does not change while the call lasts.
/// 3. Both yield an [`Output`]. Handle it in this order: commit `writes` (with whatever the shell derives from `events`) in one
///    transaction, with fsync if `durable`; only then send `frames` in their order, then close what `close` names, then show
///    `events` to whoever waits for them.
/// 4. If the commit fails, or a `Step` is dropped without `finish`, send nothing of it; call [`Engine::forget`] and close every
///    link. The engine then goes on from the store.
/// 5. `Err` from `handle` or `finish` means that nothing happened: no write, no frame. `Fault::reaction` says what to do; for
///    `Restart` go on as in 4.
/// 6. Links are reliable and ordered while they live: [`Input::Connected`] once the peer is authenticated and admitted
///    ([`Engine::admits`]), each frame whole in [`Input::Received`], [`Input::Disconnected`] once, also after our own close.
///    A link number is never used twice in one run. Frames are at most `limits::FRAME_BYTES`.
/// 7. Call `handle(Input::Tick)` at the time that `Output::wake` names (with its reason for the log), or later. Earlier ticks
///    do no harm.
/// 8. An entry or register that a `finish`ed step wrote is on its way to connected peers in the `frames` of that same output.
pub struct Engine {
    identity: Identity,
    run: [u8; 8],
}

impl Engine {
    /// Opens the engine on a store that holds an identity. Loads nothing else.
    ///
    /// # Errors
    /// `Misuse` if the store holds none, `Store` if it fails.
    pub fn open(view: &dyn View, ctx: &mut Context<'_>) -> Result<Self> {
        Ok(Self { identity: Identity::load(view)?, run: crate::random::array(ctx.random) })
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

    /// Takes one input. See the contract above.
    ///
    /// # Errors
    /// `Store` or `Bug`. What a peer does wrong is no error here: it closes that peer's link by `Output::close`.
    pub fn handle(&mut self, _input: Input<'_>, _view: &dyn View, _ctx: &mut Context<'_>) -> Result<Output> {
        let _ = self.run;
        Ok(Output::default())
    }

    /// Begins a local command.
    pub fn step<'e>(&'e mut self, view: &'e dyn View, ctx: Context<'e>) -> Step<'e> {
        Step::new(self, view, ctx)
    }

    /// Forgets sessions and everything cached. After a commit that failed; the shell closes every link.
    pub fn forget(&mut self) {}

    /// The organisation of a peer that showed this certificate, if its root stands in a roster of ours, or stood there (who was
    /// removed may connect to be told so). The shell checks that the peer holds the key `certificate.node`.
    ///
    /// # Errors
    /// `Misbehaved` for a wrong signature, `NotPermitted` for a stranger or a retired node.
    pub fn admits(&mut self, _view: &dyn View, certificate: &Certificate) -> Result<OrgId> {
        certificate.verify()
    }

    /// The private space of this organisation, once it was founded or received.
    ///
    /// # Errors
    /// `Store`.
    pub fn private_space(&self, _view: &dyn View) -> Result<Option<SpaceId>> {
        Ok(None)
    }

    /// The coalitions that this node is in, or joins.
    ///
    /// # Errors
    /// `Store`.
    pub fn coalitions(&self, _view: &dyn View) -> Result<Vec<SpaceId>> {
        Ok(Vec::new())
    }

    /// Whether a node of `org` has said that it holds this entry durably.
    ///
    /// # Errors
    /// `Store`.
    pub fn delivered(&mut self, _view: &dyn View, _space: SpaceId, _hash: EntryHash, _org: OrgId) -> Result<bool> {
        Ok(false)
    }

    /// Whom to dial and where: the neighbours for the coalition space, and who shares threads with us.
    ///
    /// # Errors
    /// `Store`.
    pub fn dial_targets(&mut self, _view: &dyn View) -> Result<Vec<(NodeId, Vec<String>)>> {
        Err(Fault::bug("dial_targets is not built yet"))
    }
}
