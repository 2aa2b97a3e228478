//! A local command: what the use cases write, in one transaction.

use super::{Context, Engine, Event, Output};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::keys::{Certificate, PrekeyPublic, Retirement};
use crate::space::control::OrgCard;
use crate::store::{Draft, View};

fn missing<T>(what: &str) -> Result<T> {
    Err(Fault::bug(format!("{what} is not built yet")))
}

/// One local command. Reads see its own writes. Dropped without [`Step::finish`], nothing happened, and the shell calls
/// [`Engine::forget`].
pub struct Step<'e> {
    engine: &'e mut Engine,
    draft: Draft<'e>,
    ctx: Context<'e>,
    events: Vec<Event>,
    durable: bool,
}

impl<'e> Step<'e> {
    pub(super) fn new(engine: &'e mut Engine, view: &'e dyn View, ctx: Context<'e>) -> Self {
        Self { engine, draft: Draft::new(view), ctx, events: Vec::new(), durable: true }
    }

    /// The engine, for its queries; give them [`Step::draft`] as view.
    pub fn engine(&mut self) -> (&mut Engine, &mut Draft<'e>) {
        (self.engine, &mut self.draft)
    }

    /// The writes so far, laid over the store: read-your-writes, and the place for the use cases' own records.
    pub fn draft(&mut self) -> &mut Draft<'e> {
        &mut self.draft
    }

    /// Time and randomness of this step.
    pub fn context(&mut self) -> &mut Context<'e> {
        &mut self.ctx
    }

    /// The events of this step so far (own bodies appear as [`Event::Applied`]).
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Founds this organisation's private space, with the recovery key to which its epochs are wrapped too.
    ///
    /// # Errors
    /// `Misuse` if there is one already.
    pub fn found_private(&mut self, recovery: PrekeyPublic) -> Result<SpaceId> {
        let _ = recovery;
        missing("found_private")
    }

    /// Founds a coalition with this organisation as its first member and only steward.
    ///
    /// # Errors
    /// `Misuse` for a name that is empty or too long.
    pub fn found_coalition(&mut self, name: &str, card: OrgCard) -> Result<SpaceId> {
        let _ = (name, card);
        missing("found_coalition")
    }

    /// From now on this node takes entries of `coalition`, which admitted it, from peers of `introducer` first of all.
    ///
    /// # Errors
    /// `Store`.
    pub fn join_coalition(&mut self, coalition: SpaceId, introducer: OrgId) -> Result<()> {
        let _ = (coalition, introducer);
        missing("join_coalition")
    }

    /// Admits an organisation with its first node.
    ///
    /// # Errors
    /// `NotPermitted` if this organisation is no steward.
    pub fn admit(&mut self, coalition: SpaceId, card: OrgCard, certificate: Certificate) -> Result<EntryHash> {
        let _ = (coalition, card, certificate);
        missing("admit")
    }

    /// Removes an organisation from the coalition, and so from every thread.
    ///
    /// # Errors
    /// `NotPermitted` if this organisation is no steward.
    pub fn remove(&mut self, coalition: SpaceId, org: OrgId) -> Result<EntryHash> {
        let _ = (coalition, org);
        missing("remove")
    }

    /// Leaves the coalition.
    ///
    /// # Errors
    /// `Misuse` for the last steward.
    pub fn leave(&mut self, coalition: SpaceId) -> Result<EntryHash> {
        let _ = coalition;
        missing("leave")
    }

    /// Certifies a further node of this organisation in every coalition and in the private space.
    ///
    /// # Errors
    /// `Misbehaved` for a certificate that the root did not sign.
    pub fn certify(&mut self, certificate: Certificate) -> Result<()> {
        let _ = certificate;
        missing("certify")
    }

    /// Retires a node of this organisation, for good.
    ///
    /// # Errors
    /// `Misbehaved` for a retirement that the root did not sign.
    pub fn retire(&mut self, retirement: Retirement) -> Result<()> {
        let _ = retirement;
        missing("retire")
    }

    /// Writes a body into the private space.
    ///
    /// # Errors
    /// `Misuse` if there is no private space, or the body is too large.
    pub fn write_private(&mut self, body: &[u8]) -> Result<EntryHash> {
        let _ = body;
        missing("write_private")
    }

    /// Writes a body into the coalition space, in clear to its members.
    ///
    /// # Errors
    /// `NotPermitted` if this organisation is no member.
    pub fn write_coalition(&mut self, coalition: SpaceId, body: &[u8]) -> Result<EntryHash> {
        let _ = (coalition, body);
        missing("write_coalition")
    }

    /// Publishes a value of this node's register `name` in a space; the one before it is forgotten.
    ///
    /// # Errors
    /// `Misuse` for a value or name that is too long, `NotPermitted` if this organisation is no member.
    pub fn register(&mut self, space: SpaceId, name: &str, value: &[u8]) -> Result<()> {
        let _ = (space, name, value);
        missing("register")
    }

    /// Takes an organisation out of a thread's space, at the person's word or because the consent ended.
    ///
    /// # Errors
    /// `NotPermitted` if this organisation is no member, `Misuse` for the custodian.
    pub fn revoke(&mut self, space: SpaceId, org: OrgId) -> Result<EntryHash> {
        let _ = (space, org);
        missing("revoke")
    }

    /// Closes the step: pushes what it wrote to connected peers.
    ///
    /// # Errors
    /// `Store` or `Bug`; then nothing happened.
    pub fn finish(self) -> Result<Output> {
        Ok(Output { writes: self.draft.into_writes(), durable: self.durable, events: self.events, ..Output::default() })
    }

    /// This node.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.engine.node()
    }
}

impl View for Step<'_> {
    fn get(&self, table: crate::store::Table, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.draft.get(table, key)
    }

    fn scan(
        &self,
        table: crate::store::Table,
        from: &[u8],
        to: Option<&[u8]>,
        limit: usize,
        reverse: bool,
    ) -> Result<Vec<crate::store::Row>> {
        self.draft.scan(table, from, to, limit, reverse)
    }
}
