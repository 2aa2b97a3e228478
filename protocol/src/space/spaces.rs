//! The door to all spaces of a node.

use super::control::OrgCard;
use super::entry::Entry;
use super::{Fold, Offered, Register, RegisterTaken, Roster, SpaceRecord, Unopened, Written};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, PrekeyId, SpaceId};
use crate::keys::{Certificate, NodeKey, PrekeyPublic, PrekeySecret, Retirement};
use crate::random::Random;
use crate::store::{Draft, View};
use crate::time::Time;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Who writes, when, and with what randomness.
pub struct By<'b> {
    pub key: &'b NodeKey,
    pub now: Time,
    pub random: &'b mut dyn Random,
}

/// All spaces of one node: a cache of graphs over the store, and the only way in and out of them. See the contract in
/// [`crate::space`].
pub struct Spaces {
    me: NodeId,
}

fn soon<T>() -> Result<T> {
    Err(Fault::bug("spaces are being built"))
}

/// Taking what others wrote, and telling them what we have.
impl Spaces {
    /// For the node `me`. Loads nothing.
    #[must_use]
    pub fn new(me: NodeId) -> Self {
        Self { me }
    }

    /// Forgets everything in memory: after a draft was dropped or its commit failed.
    pub fn forget(&mut self) {
        let _ = self.me;
    }

    /// Takes an entry: accepts it and what waited for it, or lets it wait for what is missing. Takes the keys that came with it.
    /// `from`: the peer that sent it; `None` for what this node wrote or somebody imported.
    ///
    /// # Errors
    /// `Misbehaved` (`Incompatible` for what a later version may know): refused for ever; nothing was stored. `Store`.
    pub fn offer(&mut self, draft: &mut Draft<'_>, entry: Entry, from: Option<NodeId>, now: Time) -> Result<Offered> {
        let _ = (draft, entry, from, now);
        soon()
    }

    /// Whether the entry is accepted. False for what waits.
    ///
    /// # Errors
    /// `Store`.
    pub fn has(&self, view: &dyn View, hash: &EntryHash) -> Result<bool> {
        let _ = (view, hash);
        soon()
    }

    /// An accepted entry.
    ///
    /// # Errors
    /// `Store`.
    pub fn entry(&self, view: &dyn View, hash: &EntryHash) -> Result<Option<Entry>> {
        let _ = (view, hash);
        soon()
    }

    /// The accepted entries that no other accepted entry follows, sorted. Empty for a space that is not here.
    ///
    /// # Errors
    /// `Store`.
    pub fn heads(&mut self, view: &dyn View, space: SpaceId) -> Result<Vec<EntryHash>> {
        let _ = (view, space);
        soon()
    }

    /// The heads of what counts, sorted: what an honest writer builds on.
    ///
    /// # Errors
    /// `Store`.
    pub fn counted_heads(&mut self, view: &dyn View, space: SpaceId) -> Result<Vec<EntryHash>> {
        let _ = (view, space);
        soon()
    }

    /// The counted control entries of a coalition that no other follows, sorted: what a header's `control` names.
    ///
    /// # Errors
    /// `Store`.
    pub fn control_heads(&mut self, view: &dyn View, coalition: SpaceId) -> Result<Vec<EntryHash>> {
        let _ = (view, coalition);
        soon()
    }

    /// The accepted entries that are not among `known` and what they follow, parents first. Hashes that are not here are
    /// passed over.
    ///
    /// # Errors
    /// `Store`.
    pub fn since(&mut self, view: &dyn View, space: SpaceId, known: &[EntryHash]) -> Result<Vec<EntryHash>> {
        let _ = (view, space, known);
        soon()
    }

    /// Up to `n` accepted entries: the newest first, then ever further back in growing steps, the `found` entry last. What a peer
    /// knows of them tells where to go on from.
    ///
    /// # Errors
    /// `Store`.
    pub fn sample(&mut self, view: &dyn View, space: SpaceId, n: usize) -> Result<Vec<EntryHash>> {
        let _ = (view, space, n);
        soon()
    }

    /// Every accepted entry of a space in order of acceptance, from the `from`th on, at most `limit`.
    ///
    /// # Errors
    /// `Store`.
    pub fn order(&self, view: &dyn View, space: SpaceId, from: u32, limit: usize) -> Result<Vec<EntryHash>> {
        let _ = (view, space, from, limit);
        soon()
    }

    /// Takes a register of a node that may write in its space now.
    ///
    /// # Errors
    /// `NotPermitted` if its node may not (yet); `Store`.
    pub fn offer_register(&mut self, draft: &mut Draft<'_>, register: &Register) -> Result<RegisterTaken> {
        let _ = (draft, register);
        soon()
    }

    /// What an entry that takes this node's organisation out of a space says, though its ancestors are not here: believed on its
    /// signature, if its author is a node of the coalition's roster. Recorded in `Table::Removed`; nothing is sent there any more.
    ///
    /// # Errors
    /// `Misbehaved` if it is no such entry.
    pub fn believe_removal(&mut self, draft: &mut Draft<'_>, entry: &Entry, own: OrgId) -> Result<SpaceId> {
        let _ = (draft, entry, own);
        soon()
    }
}

/// Asking.
impl Spaces {
    /// Every space that is here, in order of id.
    ///
    /// # Errors
    /// `Store`.
    pub fn spaces(&self, view: &dyn View) -> Result<Vec<SpaceRecord>> {
        let _ = view;
        soon()
    }

    /// One space.
    ///
    /// # Errors
    /// `Store`.
    pub fn record(&self, view: &dyn View, space: SpaceId) -> Result<Option<SpaceRecord>> {
        let _ = (view, space);
        soon()
    }

    /// The spaces whose entries `org` may have now ([`Spaces::may_have`]).
    ///
    /// # Errors
    /// `Store`.
    pub fn spaces_with(&mut self, view: &dyn View, org: OrgId, now: Time) -> Result<Vec<SpaceId>> {
        let _ = (view, org, now);
        soon()
    }

    /// Whether entries of the space may go to nodes of `org` now: it is in, and its time has not passed.
    ///
    /// # Errors
    /// `Store`.
    pub fn may_have(&mut self, view: &dyn View, space: SpaceId, org: OrgId, now: Time) -> Result<bool> {
        let _ = (view, space, org, now);
        soon()
    }

    /// Who is in, by all accepted entries of the space and all control entries of its coalition.
    ///
    /// # Errors
    /// `Misuse` if the space is not here; `Store`.
    pub fn fold(&mut self, view: &dyn View, space: SpaceId) -> Result<Arc<Fold>> {
        let _ = (view, space);
        soon()
    }

    /// The roster of a coalition.
    ///
    /// # Errors
    /// `Misuse` if it is not here or no coalition; `Store`.
    pub fn roster(&mut self, view: &dyn View, coalition: SpaceId) -> Result<Arc<Roster>> {
        let _ = (view, coalition);
        soon()
    }

    /// Whether an accepted entry counts now.
    ///
    /// # Errors
    /// `Store`.
    pub fn counts(&mut self, view: &dyn View, hash: &EntryHash) -> Result<bool> {
        let _ = (view, hash);
        soon()
    }

    /// The organisation for which the author wrote an accepted entry, by the entry's causal past.
    ///
    /// # Errors
    /// `Store`.
    pub fn author_org(&mut self, view: &dyn View, hash: &EntryHash) -> Result<Option<OrgId>> {
        let _ = (view, hash);
        soon()
    }

    /// Whether accepted entry `older` is in the causal past of accepted entry `newer` of the same space.
    ///
    /// # Errors
    /// `Store`.
    pub fn follows(&mut self, view: &dyn View, newer: &EntryHash, older: &EntryHash) -> Result<bool> {
        let _ = (view, newer, older);
        soon()
    }

    /// The plaintext of an accepted data entry, or why there is none. The coalition's own bodies come as they are.
    ///
    /// # Errors
    /// `Misuse` for an entry that is not here or no data; `Store`.
    pub fn open_body(
        &mut self,
        view: &dyn View,
        hash: &EntryHash,
    ) -> Result<std::result::Result<Zeroizing<Vec<u8>>, Unopened>> {
        let _ = (view, hash);
        soon()
    }

    /// The accepted data entries sealed under an epoch, in order of acceptance.
    ///
    /// # Errors
    /// `Store`.
    pub fn sealed_under(&mut self, view: &dyn View, space: SpaceId, epoch: &EntryHash) -> Result<Vec<EntryHash>> {
        let _ = (view, space, epoch);
        soon()
    }

    /// A register of a node that is neither retired nor of a removed organisation.
    ///
    /// # Errors
    /// `Store`.
    pub fn register(&mut self, view: &dyn View, space: SpaceId, node: NodeId, name: &str) -> Result<Option<Register>> {
        let _ = (view, space, node, name);
        soon()
    }

    /// All such registers of a space, in order of node and name.
    ///
    /// # Errors
    /// `Store`.
    pub fn registers(&mut self, view: &dyn View, space: SpaceId) -> Result<Vec<Register>> {
        let _ = (view, space);
        soon()
    }
}

/// Writing. Every function signs with `by.key`, builds on what counts, accepts and stores the entry.
impl Spaces {
    /// Founds a coalition, under charter number one: its founder is the only steward.
    ///
    /// # Errors
    /// `Misuse` for a name that is empty or too long, or a certificate that does not fit.
    pub fn found_coalition(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        name: &str,
        founder: OrgCard,
        certificate: Certificate,
    ) -> Result<Written> {
        let _ = (draft, by, name, founder, certificate);
        soon()
    }

    /// Founds a private space. Its epochs are wrapped to `recovery` as well.
    ///
    /// # Errors
    /// `Misuse` for a certificate that does not fit.
    pub fn found_private(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        certificate: Certificate,
        recovery: PrekeyPublic,
    ) -> Result<Written> {
        let _ = (draft, by, certificate, recovery);
        soon()
    }

    /// Founds a space of a thread. This organisation is its custodian, and a reader only if `custodian_reads`.
    ///
    /// # Errors
    /// `Misuse` if the coalition is not here or this node is not in it.
    pub fn found_thread(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        coalition: SpaceId,
        custodian_reads: bool,
    ) -> Result<Written> {
        let _ = (draft, by, coalition, custodian_reads);
        soon()
    }

    /// Admits an organisation to the coalition with its first node.
    ///
    /// # Errors
    /// `NotPermitted` if this organisation is no steward, `Misuse` for a certificate that does not fit the card.
    pub fn admit(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        coalition: SpaceId,
        card: OrgCard,
        certificate: Certificate,
    ) -> Result<Written> {
        let _ = (draft, by, coalition, card, certificate);
        soon()
    }

    /// Certifies a further node, in the coalition or in the private space. Keys are extended to it where they may be.
    ///
    /// # Errors
    /// `Misuse` if the certificate is not of this organisation's root, or the node was retired.
    pub fn certify(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        certificate: Certificate,
    ) -> Result<Written> {
        let _ = (draft, by, space, certificate);
        soon()
    }

    /// Retires a node of this organisation for good, in the coalition or in the private space.
    ///
    /// # Errors
    /// `Misuse` if the retirement is not of this organisation's root.
    pub fn retire(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        retirement: Retirement,
    ) -> Result<Written> {
        let _ = (draft, by, space, retirement);
        soon()
    }

    /// Lets an organisation into a thread, and extends the epochs that this node holds to it if it may read.
    ///
    /// # Errors
    /// `NotPermitted` if this organisation is not the custodian, `Misuse` if `org` is not in the coalition.
    pub fn grant(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        org: OrgId,
        read: bool,
        write: bool,
        expires: Option<Time>,
    ) -> Result<Written> {
        let _ = (draft, by, space, org, read, write, expires);
        soon()
    }

    /// Takes an organisation out of a thread or out of the coalition; one's own, to leave. The epoch that follows is minted when
    /// something is next written.
    ///
    /// # Errors
    /// `NotPermitted` for a thread's custodian, for the last steward, and in the coalition for who is no steward.
    pub fn revoke(&mut self, draft: &mut Draft<'_>, by: &mut By<'_>, space: SpaceId, org: OrgId) -> Result<Written> {
        let _ = (draft, by, space, org);
        soon()
    }

    /// Writes a body. In threads and private spaces it is sealed, under an epoch that fits, is made to fit, or is minted; in a
    /// thread, organisations that the coalition removed are first removed from it. In the coalition it stands in clear.
    ///
    /// # Errors
    /// `NotPermitted` if this node may not write, the thread is closed, nobody may read, or a reader's time has passed.
    pub fn write(&mut self, draft: &mut Draft<'_>, by: &mut By<'_>, space: SpaceId, body: &[u8]) -> Result<Written> {
        let _ = (draft, by, space, body);
        soon()
    }

    /// What a node does of its own accord in a space after something came in: it saves the last words of the removed, removes from its
    /// threads whom the coalition removed, asks for keys that it lacks and answers those who ask. Writes nothing when nothing is due.
    ///
    /// # Errors
    /// `Store`.
    pub fn tend(&mut self, draft: &mut Draft<'_>, by: &mut By<'_>, space: SpaceId) -> Result<Offered> {
        let _ = (draft, by, space);
        soon()
    }

    /// Spaces in which [`Spaces::tend`] may have something to do since entries came in; asked for once, then forgotten.
    #[must_use]
    pub fn to_tend(&mut self) -> Vec<SpaceId> {
        Vec::new()
    }

    /// Signs and stores the next value of one of this node's registers.
    ///
    /// # Errors
    /// `Misuse` for a name or value over its bound.
    pub fn publish(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        name: &str,
        value: Vec<u8>,
    ) -> Result<Register> {
        let _ = (draft, by, space, name, value);
        soon()
    }

    /// Keeps the private half of a prekey (or, during recovery, of the recovery key), so that wraps to it open.
    pub fn hold_prekey(&mut self, draft: &mut Draft<'_>, secret: &PrekeySecret, now: Time) {
        let _ = (draft, secret, now);
    }

    /// The private half of a prekey of this node, while it is held: what was wrapped to it outside of any space opens with it.
    ///
    /// # Errors
    /// `Store`.
    pub fn prekey(&self, view: &dyn View, id: &PrekeyId) -> Result<Option<PrekeySecret>> {
        let _ = (view, id);
        soon()
    }
}
