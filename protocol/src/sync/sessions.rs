//! All sessions of a node, and what they share: who was asked for what, so that nothing is asked for twice.

use crate::fault::{Class, Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::sync::session::Session;
use crate::sync::tools::Tools;
use crate::sync::wire::{Frame, Run};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// The sessions of one run of a node.
pub struct Sessions {
    run: Run,
    sessions: BTreeMap<u64, Session>,
    shared: Shared,
}

/// What all sessions look at.
#[derive(Default)]
pub struct Shared {
    /// Which link was asked for an entry.
    pub(super) asked: BTreeMap<EntryHash, u64>,
    /// Over which link a space is being compared.
    pub(super) comparing: BTreeMap<SpaceId, u64>,
}

impl Sessions {
    /// None yet.
    #[must_use]
    pub fn new(run: Run) -> Self {
        Self { run, sessions: BTreeMap::new(), shared: Shared::default() }
    }

    /// A link stands to an admitted peer.
    ///
    /// # Errors
    /// `Store`; `Misuse` for a link number that is in use.
    pub fn connected(&mut self, link: u64, peer: NodeId, org: OrgId, t: &mut Tools<'_, '_>) -> Result<()> {
        if self.sessions.contains_key(&link) {
            return Err(Fault::misuse(format!("link {link} is in use")));
        }
        let session = Session::open(link, peer, org, self.run, t)?;
        self.sessions.insert(link, session);
        Ok(())
    }

    /// A frame came. A fault of the peer is `Ok(Some(fault))`: the link is forgotten here and to be closed.
    ///
    /// # Errors
    /// `Store` or `Bug`: nothing of this call may be kept.
    pub fn received(&mut self, link: u64, bytes: &[u8], t: &mut Tools<'_, '_>) -> Result<Option<Fault>> {
        // After our own close, frames may still be on their way.
        let Some(session) = self.sessions.get_mut(&link) else { return Ok(None) };
        let outcome = Frame::decode(bytes).and_then(|frame| session.receive(frame, &mut self.shared, t));
        match outcome {
            Ok(()) => Ok(None),
            Err(fault) if matches!(fault.class, Class::Store | Class::Bug) => Err(fault),
            Err(fault) => {
                self.disconnected(link);
                Ok(Some(fault))
            }
        }
    }

    /// The link is gone. What was asked of it is asked of others by the next [`Sessions::serve`].
    pub fn disconnected(&mut self, link: u64) {
        self.sessions.remove(&link);
        self.release(link);
    }

    /// Forgets all sessions: their links are being closed.
    pub fn clear(&mut self) {
        self.sessions.clear();
        self.shared = Shared::default();
    }

    fn release(&mut self, link: u64) {
        self.shared.asked.retain(|_, asked| *asked != link);
        self.shared.comparing.retain(|_, comparing| *comparing != link);
    }

    /// After each input or step: notes what came, and offers again the registers that were ahead of their space's entries. True
    /// if one was taken: then its consequences are to be drawn.
    ///
    /// # Errors
    /// `Store`.
    pub fn note_stored(&mut self, t: &mut Tools<'_, '_>) -> Result<bool> {
        let settled = std::mem::take(&mut t.got.stored);
        for hash in &settled {
            self.shared.asked.remove(hash);
        }
        let before = t.got.registers.len();
        for session in self.sessions.values_mut() {
            if !session.inn.pending.is_empty() {
                for hash in &settled {
                    session.inn.pending.remove(hash);
                }
            }
            session.inn.lossy |= t.got.dropped.contains(&session.peer);
            session.offer_early(t)?;
        }
        Ok(t.got.registers.len() > before)
    }

    /// Then: keeps tokens, asks, and sends what peers may have.
    ///
    /// # Errors
    /// `Store`.
    pub fn serve(&mut self, t: &mut Tools<'_, '_>) -> Result<()> {
        for session in self.sessions.values_mut() {
            session.keep_token(t);
            session.work_compare(&mut self.shared, t)?;
            session.ask(&mut self.shared, t);
            session.serve(t)?;
        }
        Ok(())
    }

    /// Takes what was asked of peers that have been silent since `before` away from them, so that others are asked.
    pub fn release_silent(&mut self, before: Time) {
        let silent: Vec<u64> = self.sessions.values().filter(|s| s.heard < before).map(|s| s.link).collect();
        for link in silent {
            self.release(link);
        }
    }

    /// The nodes and organisations connected now, with how far their clocks stood from ours in milliseconds.
    pub fn peers(&self) -> impl Iterator<Item = (u64, NodeId, OrgId, Option<u64>)> {
        self.sessions.values().map(|s| (s.link, s.peer, s.org, s.theirs.map(|greeting| greeting.skew)))
    }

    /// How many connected organisations have clocks within `limits::CLOCK_SKEW` of ours.
    #[must_use]
    pub fn clocks_agreeing(&self, but: OrgId) -> usize {
        let agreeing: BTreeSet<OrgId> = self
            .peers()
            .filter(|(_, _, org, skew)| *org != but && skew.is_some_and(|skew| skew <= limits::CLOCK_SKEW))
            .map(|(_, _, org, _)| org)
            .collect();
        agreeing.len()
    }

    /// Whether any session has something outstanding from its peer.
    #[must_use]
    pub fn waiting(&self) -> bool {
        !self.shared.asked.is_empty() || !self.shared.comparing.is_empty()
    }
}
