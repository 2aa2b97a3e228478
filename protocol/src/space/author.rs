//! Writing entries: each builds on what counts and names the coalition's control heads that this node knows.

use super::control::{Charter, Control, Found, Grant, Keep, OrgCard, Purpose, Revoke};
use super::entry::{Entry, Header, Kind, VERSION};
use super::graph::{Graph, Past};
use super::keyring;
use super::record::{Offered, Written};
use super::rows;
use super::spaces::{By, Spaces};
use crate::fault::{Class, Fault, Result};
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::keys::{Certificate, Founder, Retirement};
use crate::limits;
use crate::planted::{self, Bug};
use crate::random;
use crate::store::{Draft, Table};
use crate::time::Time;
use std::collections::BTreeSet;

/// A body ready to stand in an entry, and how its header names the epoch.
pub(super) enum Body<'b> {
    Clear(Kind, &'b [u8]),
    Sealed(EntryHash, &'b [u8]),
}

/// What the next entry builds on.
pub(super) struct Ground {
    pub parents: Vec<EntryHash>,
    pub control: Vec<EntryHash>,
}

/// A rule that our own entry would break is the caller's mistake, not a peer's misbehaviour.
fn own(fault: Fault) -> Fault {
    match fault.class {
        Class::Misbehaved | Class::Malformed => {
            Fault::not_permitted(format!("this can not be written: {}", fault.message))
        }
        Class::Incompatible | Class::Misuse | Class::NotPermitted | Class::Store | Class::Bug => fault,
    }
}

impl Spaces {
    /// Founds a coalition, under charter number one: its founder is the only steward.
    ///
    /// # Errors
    /// `NotPermitted` for a name that is empty or too long, or a certificate that does not fit.
    pub fn found_coalition(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        name: &str,
        founder: OrgCard,
        certificate: Certificate,
    ) -> Result<Written> {
        let charter = Charter { number: 1, stewards: vec![founder.root.org()], threshold: 1 };
        let purpose = Purpose::Coalition { name: name.to_owned(), charter, founder, certificate };
        self.found(draft, by, purpose, Vec::new())
    }

    /// Founds a private space by the root's word, and certifies this node there.
    ///
    /// # Errors
    /// `NotPermitted` for a certificate that does not fit.
    pub fn found_private(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        founder: Founder,
        certificate: Certificate,
    ) -> Result<Written> {
        let Founder { key, founding } = founder;
        let mut once = By { key: &key, now: by.now, random: by.random };
        let mut written = self.found(draft, &mut once, Purpose::Private { founding }, Vec::new())?;
        let certified = self.certify(draft, by, SpaceId::from(written.hash), certificate)?;
        written.offered.and(certified.offered);
        Ok(written)
    }

    /// Founds a space of a thread. This organisation is its custodian, and a reader only if `custodian_reads`.
    ///
    /// # Errors
    /// `Misuse` if the coalition is not here, `NotPermitted` if this node is not in it.
    pub fn found_thread(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        coalition: SpaceId,
        custodian_reads: bool,
    ) -> Result<Written> {
        let mut offered = Offered::default();
        let control = self.named_control(draft, by, coalition, &mut offered)?;
        let mut written = self.found(draft, by, Purpose::Thread { coalition, custodian_reads }, control)?;
        offered.and(written.offered);
        written.offered = offered;
        Ok(written)
    }

    fn found(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        purpose: Purpose,
        control: Vec<EntryHash>,
    ) -> Result<Written> {
        let body = Control::Found(Found { nonce: random::array(by.random), purpose }).encode();
        let header = Header {
            version: VERSION,
            space: SpaceId::ZERO,
            author: by.key.id(),
            parents: Vec::new(),
            control,
            kind: Kind::Found,
            epoch: None,
            time: by.now,
            length: 0,
        };
        let entry = Entry::sign(by.key, header, &body);
        let hash = entry.hash();
        let offered = self.offer(draft, entry, None, by.now).map_err(own)?;
        Ok(Written { hash, offered })
    }

    /// Admits an organisation to the coalition with its first node.
    ///
    /// # Errors
    /// `NotPermitted` if this organisation is no steward, or the certificate does not fit the card.
    pub fn admit(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        coalition: SpaceId,
        card: OrgCard,
        certificate: Certificate,
    ) -> Result<Written> {
        let (org, admits) = (card.root.org(), Some((card, certificate)));
        let grant = Grant { org, read: true, write: true, expires: None, admits };
        self.write_control(draft, by, coalition, &Control::Grant(grant), &[])
    }

    /// Certifies a further node, in the coalition or in the private space. The node may do so itself.
    ///
    /// # Errors
    /// `NotPermitted` if the certificate is not of this organisation's root, or the node was retired.
    pub fn certify(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        certificate: Certificate,
    ) -> Result<Written> {
        let node = certificate.node;
        let mut written = self.write_control(draft, by, space, &Control::Certify(certificate), &[])?;
        if !self.opened(draft, space)?.0.is_coalition() && node != by.key.id() {
            self.extend_all(draft, by, space, &BTreeSet::from([node]), &mut written.offered)?;
        }
        Ok(written)
    }

    /// Retires a node of this organisation for good, in the coalition or in the private space. What it wrote and is known here stands.
    ///
    /// # Errors
    /// `NotPermitted` if the retirement is not of this organisation's root.
    pub fn retire(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        retirement: Retirement,
    ) -> Result<Written> {
        let words = self.data_words(draft, space, retirement.root.org())?;
        self.write_control(draft, by, space, &Control::Retire(retirement), &words)
    }

    /// Lets an organisation into a thread, and extends the epochs that this node holds to it if it may read.
    ///
    /// # Errors
    /// `NotPermitted` if this organisation is not the custodian, or `org` is not in the coalition.
    #[expect(clippy::too_many_arguments, reason = "what a grant says")]
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
        let grant = Grant { org, read, write, expires, admits: None };
        let mut written = self.write_control(draft, by, space, &Control::Grant(grant), &[])?;
        if read {
            let fold = self.fold(draft, space)?;
            let newcomers = fold.nodes.iter().filter(|(_, of)| **of == org).map(|(node, _)| *node).collect();
            self.extend_all(draft, by, space, &newcomers, &mut written.offered)?;
        }
        Ok(written)
    }

    /// Takes an organisation out of a thread or out of the coalition; one's own, to leave. The epoch that follows is minted when
    /// something is next written.
    ///
    /// # Errors
    /// `NotPermitted` for a thread's custodian, for the last steward, and in the coalition for who is no steward.
    pub fn revoke(&mut self, draft: &mut Draft<'_>, by: &mut By<'_>, space: SpaceId, org: OrgId) -> Result<Written> {
        self.take_out(draft, by, space, org, false)
    }

    /// As [`Spaces::revoke`], in a thread of this organisation's own: because the person took the consent back, which whom it takes out
    /// reads.
    ///
    /// # Errors
    /// As [`Spaces::revoke`]; `Misbehaved` where this organisation is not the custodian.
    pub fn revoke_at_word(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        org: OrgId,
    ) -> Result<Written> {
        self.take_out(draft, by, space, org, true)
    }

    fn take_out(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        org: OrgId,
        word: bool,
    ) -> Result<Written> {
        let seat = self.fold(draft, space)?.members.get(&org).cloned();
        let grant = seat.and_then(|seat| seat.grants.first().copied());
        let words = self.data_words(draft, space, org)?;
        let revoke = Revoke { org, grant, approvals: Vec::new(), word };
        self.write_control(draft, by, space, &Control::Revoke(revoke), &words)
    }

    /// In the coalition: the heads of an organisation's data, which a removal names so that they go on counting.
    pub(super) fn data_words(&mut self, draft: &Draft<'_>, space: SpaceId, org: OrgId) -> Result<Vec<EntryHash>> {
        let (graph, _) = self.counted(draft, space)?;
        let heads = graph.data_heads.get(&org).into_iter().flatten().copied();
        Ok(graph.last_words(heads.filter(|i| graph.counts(*i)).collect()))
    }

    /// Writes a body. In threads and private spaces it is sealed, under an epoch that fits, is made to fit, or is minted; in a
    /// thread, organisations that the coalition removed are first removed from it. In the coalition it stands in clear.
    ///
    /// # Errors
    /// `NotPermitted` if this node may not write, the thread is closed, nobody may read, or a member's time has passed.
    pub fn write(&mut self, draft: &mut Draft<'_>, by: &mut By<'_>, space: SpaceId, body: &[u8]) -> Result<Written> {
        let mut offered = Offered::default();
        let (graph, _) = self.opened(draft, space)?;
        if graph.is_coalition() {
            let ground = self.ground(draft, by, space, Kind::Data, &[], &mut offered)?;
            let hash = self.sign(draft, by, space, ground, &Body::Clear(Kind::Data, body), &mut offered)?;
            return Ok(Written { hash, offered });
        }
        self.save_last_words(draft, by, space, &mut offered)?;
        self.mirror_removals(draft, by, space, &mut offered)?;
        let fold = self.fold(draft, space)?;
        if fold.closed {
            return Err(Fault::not_permitted("this thread is closed: its custodian has left the coalition"));
        }
        if !fold.may_write(&by.key.id()) {
            return Err(Fault::not_permitted("this node's organisation may not write in this space"));
        }
        if fold.readers.is_empty() {
            return Err(Fault::not_permitted("nobody may read in this space yet; let somebody in first"));
        }
        if let Some(org) = fold.expired(by.now).next()
            && !planted::is(Bug::ExpiryIgnored)
        {
            return Err(Fault::not_permitted(format!(
                "the consent's time for organisation {} has passed; nothing is written until it is taken out of the thread",
                org.short()
            )));
        }
        let epoch = self.usable(draft, by, space, &mut offered)?;
        let ground = self.ground(draft, by, space, Kind::Data, &[], &mut offered)?;
        let hash = self.sign(draft, by, space, ground, &Body::Sealed(epoch, body), &mut offered)?;
        Ok(Written { hash, offered })
    }

    /// Writes a control entry that follows `words` as well as what its kind builds on.
    pub(super) fn write_control(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        control: &Control,
        words: &[EntryHash],
    ) -> Result<Written> {
        let mut offered = Offered::default();
        self.opened(draft, space)?;
        // Who wrote before saving them would build on less than it holds.
        self.save_last_words(draft, by, space, &mut offered)?;
        let ground = self.ground(draft, by, space, control.kind(), words, &mut offered)?;
        let hash =
            self.sign(draft, by, space, ground, &Body::Clear(control.kind(), &control.encode()), &mut offered)?;
        Ok(Written { hash, offered })
    }

    /// What the next entry names as parents, with `more`: in the coalition the counted control heads, for data also the heads
    /// of one's own organisation's data; else all counted heads. More than fit are joined by `keep`s first.
    pub(super) fn ground(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        kind: Kind,
        more: &[EntryHash],
        offered: &mut Offered,
    ) -> Result<Ground> {
        let coalition = self.opened(draft, space)?.0.coalition();
        let control = match coalition {
            Some(coalition) => self.named_control(draft, by, coalition, offered)?,
            None => Vec::new(),
        };
        loop {
            let (graph, _) = self.counted(draft, space)?;
            let mut parents: BTreeSet<EntryHash> = if graph.is_coalition() {
                graph.coalition_ground((kind == Kind::Data).then(|| graph.org_of(&by.key.id())).flatten())?
            } else {
                graph.counted_heads().into_iter().collect()
            };
            if planted::is(Bug::Backdated) && !graph.is_coalition() {
                parents = graph.nodes.get(graph.nodes.len() / 2).map(|node| node.hash).into_iter().collect();
            }
            for hash in more {
                // What a join just took up need not be named again.
                if graph.index.get(hash).is_some_and(|i| graph.is_open(*i, &parents)) {
                    parents.insert(*hash);
                }
            }
            if parents.is_empty() {
                return Err(Fault::not_permitted(
                    "nothing in this space counts any more: it was founded by a node that had been retired; found a new one",
                ));
            }
            if parents.len() <= limits::PARENTS {
                return Ok(Ground { parents: parents.into_iter().collect(), control });
            }
            let joined = parents.into_iter().take(limits::PARENTS).collect();
            let ground = Ground { parents: joined, control: control.clone() };
            let keep = Control::Keep(Keep).encode();
            self.sign(draft, by, space, ground, &Body::Clear(Kind::Keep, &keep), offered)?;
        }
    }

    /// The coalition's control heads for a thread's header; more than fit are joined first.
    fn named_control(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        coalition: SpaceId,
        offered: &mut Offered,
    ) -> Result<Vec<EntryHash>> {
        let heads = self.control_heads(draft, coalition)?;
        if heads.is_empty() {
            return Err(Fault::misuse("the coalition of this thread is not here"));
        }
        if planted::is(Bug::ControlHeadsStale)
            && let Some(last) = self.pair(coalition)?.0.last_admission()?
        {
            return Ok(vec![last]);
        }
        if heads.len() <= limits::CONTROL_HEADS {
            return Ok(heads);
        }
        // Grounds of control entries join what does not fit.
        self.ground(draft, by, coalition, Kind::Keep, &[], offered)?;
        self.control_heads(draft, coalition)
    }

    /// The past that an entry on this ground would have.
    pub(super) fn past_on(&self, space: SpaceId, ground: &Ground) -> Result<Past> {
        let (graph, coalition) = self.pair(space)?;
        let parents: Vec<u32> = ground.parents.iter().filter_map(|hash| graph.index.get(hash)).copied().collect();
        graph.past_through(&parents, coalition, &ground.control)
    }

    /// Signs, accepts and stores.
    pub(super) fn sign(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        ground: Ground,
        body: &Body<'_>,
        offered: &mut Offered,
    ) -> Result<EntryHash> {
        let (kind, epoch) = match body {
            Body::Clear(kind, _) => (*kind, None),
            Body::Sealed(epoch, _) => (Kind::Data, Some(*epoch)),
        };
        let header = Header {
            version: VERSION,
            space,
            author: by.key.id(),
            parents: ground.parents,
            control: ground.control,
            kind,
            epoch,
            time: by.now,
            length: 0,
        };
        let entry = match body {
            Body::Clear(_, bytes) => Entry::sign(by.key, header, bytes),
            Body::Sealed(epoch, plaintext) => {
                let key =
                    keyring::held(draft, epoch)?.ok_or_else(|| Fault::bug("write: the epoch's key is not here"))?;
                Entry::seal(by.key, header, &key, plaintext, by.random)?
            }
        };
        if entry.bytes().len() > limits::ENTRY_BYTES {
            return Err(Fault::misuse(format!(
                "this entry would have {} bytes, at most {} are taken; write it in parts",
                entry.bytes().len(),
                limits::ENTRY_BYTES
            )));
        }
        let hash = entry.hash();
        let became = self.offer(draft, entry, None, by.now).map_err(own)?;
        if became.waits {
            return Err(Fault::bug("write: an own entry waits for something"));
        }
        offered.and(became);
        draft.delete(Table::Fold, rows::last_word_key(space, &hash));
        Ok(hash)
    }
}

impl Graph {
    /// What an entry in the coalition builds on: the counted control heads, and `of`'s own counted data heads.
    fn coalition_ground(&self, of: Option<OrgId>) -> Result<BTreeSet<EntryHash>> {
        let mut known = super::bits::Bits::default();
        let mut parents = BTreeSet::new();
        for i in of.and_then(|org| self.data_heads.get(&org)).into_iter().flatten() {
            if self.counts(*i) {
                let node = self.node(*i)?;
                known.join(&self.past(node.through)?.own);
                parents.insert(node.hash);
            }
        }
        for c in self.counted_control_heads()? {
            if !known.has(c) {
                parents.insert(self.control_node(c)?.hash);
            }
        }
        Ok(parents)
    }

    /// The admission that was accepted last. What a planted bug names instead of the control heads.
    fn last_admission(&self) -> Result<Option<EntryHash>> {
        for c in (0..self.controls()).rev() {
            if matches!(self.fact(c)?.what, super::graph::What::Grant { .. }) {
                return Ok(Some(self.control_node(c)?.hash));
            }
        }
        Ok(None)
    }

    /// The organisation of a node of this coalition, by all its entries.
    fn org_of(&self, node: &crate::ids::NodeId) -> Option<OrgId> {
        self.fold_now(None).ok()?.nodes.get(node).copied()
    }

    /// Whether an entry is not at or before one of `parents`.
    fn is_open(&self, i: u32, parents: &BTreeSet<EntryHash>) -> bool {
        let from = parents.iter().filter_map(|hash| self.index.get(hash)).copied();
        !self.closure(from).has(i)
    }
}
