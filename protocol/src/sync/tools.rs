//! What a session works with during one call: the spaces, the draft, time and randomness; and what comes of it.

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, ParcelId, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::random::Random;
use crate::space::control::{Found, Purpose};
use crate::space::entry::{Entry, Kind};
use crate::space::hold::{self, Held};
use crate::space::{Account, Late, Offered, Register, RegisterTaken, SpaceKind, Spaces, Terms, Told, notice};
use crate::store::{Draft, Table, View};
use crate::sync::arrivals::{self, From, Item};
use crate::sync::parcel::Receipt;
use crate::sync::rights;
pub use crate::sync::rights::Access;
use crate::sync::session::backup::{Given, Left, Looked};
use crate::sync::wire::{self, Frame, Summary};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What one input or step led to so far, beside the writes.
#[derive(Default)]
pub struct Gathered {
    /// Frames to send, in order.
    pub frames: Vec<(u64, Vec<u8>)>,
    /// Entries accepted since they were last looked at, parents first, with where they came from.
    pub accepted: Vec<(SpaceId, EntryHash, From)>,
    /// Entries that came into the store, accepted or waiting: nobody need be asked for them any more.
    pub stored: Vec<EntryHash>,
    /// Registers that got a newer value.
    pub registers: Vec<(SpaceId, NodeId, String)>,
    /// Registers of our own, as another run of ours wrote them.
    pub own_registers: BTreeSet<(SpaceId, String)>,
    /// Spaces that somebody took from us.
    pub removed: Vec<SpaceId>,
    /// Peers of whom something was dropped for lack of room.
    pub dropped: BTreeSet<NodeId>,
    /// See [`Offered`].
    pub turned: BTreeMap<SpaceId, BTreeSet<EntryHash>>,
    /// See [`Offered`].
    pub members: BTreeSet<SpaceId>,
    /// See [`Offered`].
    pub keys: Vec<(SpaceId, EntryHash)>,
    /// See [`Offered`].
    pub told: Vec<Told>,
    /// Parcels for this organisation that came and are to be opened.
    pub parcels: Vec<Came>,
    /// Receipts for parcels of our own, unchecked.
    pub receipts: Vec<Receipt>,
    /// A page was full: another will follow it at once.
    pub more: bool,
    /// Whose rows about parcels changed: what lies here for an organisation or was left by it; ours for what we made.
    pub post: BTreeSet<OrgId>,
    /// Organisations that have been sent, and acknowledged, all that had arrived.
    pub told_all: BTreeSet<OrgId>,
    /// Carriers that have no room for us, and those that have.
    pub full: BTreeSet<OrgId>,
    pub full_no_more: BTreeSet<OrgId>,
    /// A frame says that something is kept: it must survive a power cut before that leaves.
    pub promised: bool,
    /// Peers, and the number of the newest arrival here up to which they hold all that is theirs to have.
    pub taken: Vec<(NodeId, u64)>,
    /// What partners said of packages that were left with them.
    pub left: Vec<Left>,
    /// What partners say that lies there.
    pub looked: Vec<Looked>,
    /// What partners gave back.
    pub given: Vec<Given>,
    /// Spaces in which a control entry was accepted: what could not be taken there before may be taken now.
    pub stirred: BTreeSet<SpaceId>,
    access: BTreeMap<(SpaceId, OrgId), Access>,
    /// Whether this node holds back anything of any space from anybody.
    holds: Option<bool>,
}

/// What became of an entry that a peer sent.
#[derive(Debug)]
pub(crate) enum Entered {
    /// It is stored; if it waits, for these.
    Taken(BTreeSet<EntryHash>),
    /// There is no room for it to wait for these: it is to be sent again once `follows` is here, which is one of them or waits for one.
    Dropped { follows: EntryHash, missing: BTreeSet<EntryHash> },
    /// It is not stored, and may be asked for again.
    Late(Late),
}

/// What became of a register that a peer sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    /// It is stored, or need not be.
    Taken,
    /// Its node may not write there, as far as is known here yet.
    Early,
    /// Its organisation has said more than is taken at once: to be offered again when this account has filled.
    Late(Account),
}

/// A parcel for this organisation.
#[derive(Debug)]
pub struct Came {
    /// The link that it came over; `None`: from a file.
    pub link: Option<u64>,
    pub parcel: ParcelId,
    pub bytes: Vec<u8>,
}

/// Lives for one input or step.
pub struct Tools<'t, 'v> {
    pub spaces: &'t mut Spaces,
    pub draft: &'t mut Draft<'v>,
    pub random: &'t mut dyn Random,
    pub now: Time,
    pub me: NodeId,
    pub org: OrgId,
    pub got: &'t mut Gathered,
}

impl Gathered {
    /// Notes what the offer of `hash` led to.
    pub fn took(&mut self, hash: EntryHash, mut offered: Offered, from: From) {
        if offered.dropped.is_none() {
            self.stored.push(hash);
        }
        self.stored.extend(offered.accepted.iter().map(|(_, accepted)| *accepted));
        // Nobody need be asked again for what will never be taken.
        self.stored.extend(std::mem::take(&mut offered.refused).into_iter().map(|refused| refused.hash));
        self.note(offered, |accepted| if accepted == hash { from } else { From::Waited });
    }

    /// Notes what this node wrote.
    pub fn wrote(&mut self, offered: Offered) {
        self.note(offered, |_| From::Own);
    }

    fn note(&mut self, offered: Offered, from: impl Fn(EntryHash) -> From) {
        let Offered {
            known: _,
            waits: _,
            dropped: _,
            late: _,
            accepted,
            missing: _,
            turned,
            members,
            keys,
            refused: _,
            told,
        } = offered;
        self.told.extend(told);
        self.accepted.extend(accepted.into_iter().map(|(space, hash)| (space, hash, from(hash))));
        for (space, turned) in turned {
            self.turned.entry(space).or_default().extend(turned);
        }
        self.members.extend(members);
        self.keys.extend(keys);
        self.access.clear();
    }

    /// Who may have what of a space is looked at again.
    pub fn access_changed(&mut self) {
        self.access.clear();
        self.holds = None;
    }

    /// Notes a register that this node published.
    ///
    /// # Errors
    /// `Store`.
    pub fn published(&mut self, draft: &mut Draft<'_>, register: &Register) -> Result<()> {
        let Register { space, node, name, .. } = register;
        arrivals::append(draft, Item::register(register), From::Own)?;
        self.registers.push((*space, *node, name.clone()));
        Ok(())
    }
}

impl Tools<'_, '_> {
    pub(super) fn send(&mut self, link: u64, frame: &Frame) {
        self.got.frames.push((link, frame.encode()));
    }

    /// Whether an entry is accepted here.
    pub(super) fn has(&self, hash: &EntryHash) -> Result<bool> {
        self.spaces.has(self.draft, hash)
    }

    /// An accepted entry.
    pub(super) fn entry(&self, hash: &EntryHash) -> Result<Option<Entry>> {
        self.spaces.entry(self.draft, hash)
    }

    /// Offers an entry of a peer; gives what it waits for, or why it is to come later.
    pub(crate) fn offer(&mut self, entry: Entry, peer: NodeId, org: OrgId, from: From) -> Result<Entered> {
        if entry.header().kind == Kind::Found {
            self.check_found(&entry, Some(org))?;
        }
        let hash = entry.hash();
        let mut offered = self.spaces.offer_on(self.draft, entry, Some(peer), self.now, self.terms(org))?;
        if let Some(late) = offered.late.take() {
            return Ok(Entered::Late(late));
        }
        let (missing, dropped) = (std::mem::take(&mut offered.missing), offered.dropped);
        self.got.took(hash, offered, from);
        Ok(match dropped {
            Some(follows) => Entered::Dropped { follows, missing },
            None => Entered::Taken(missing),
        })
    }

    /// Whether an entry may overdraw what may be taken of its organisation.
    pub(super) fn is_urgent(&self, entry: &Entry) -> Result<bool> {
        self.spaces.is_urgent(self.draft, entry)
    }

    /// What a further node of our own organisation brings it has paid for.
    fn terms(&self, org: OrgId) -> Terms {
        if org == self.org { Terms::Free } else { Terms::Charged { own: self.org, by: org } }
    }

    /// Offers an entry that came by another way than a link. False: it waits for others, and there is no room for it.
    ///
    /// # Errors
    /// As [`Spaces::offer`]; `Misbehaved` for a space that this node has no part in.
    pub fn import(&mut self, hash: EntryHash, entry: Entry) -> Result<bool> {
        if entry.header().kind == Kind::Found {
            self.check_found(&entry, None)?;
        }
        let offered = self.spaces.offer(self.draft, entry, None, self.now)?;
        let room = offered.dropped.is_none();
        self.got.took(hash, offered, From::Waited);
        Ok(room)
    }

    /// A space begins with its `found` entry: only those that may concern this node are begun. `by`: who brought it, over a link or in a
    /// parcel. A private space comes from own nodes alone (or out of own packages): whoever else has one was given it by a thief, who
    /// holds the key of a node that was retired and would have us write into a space that it can read.
    fn check_found(&self, entry: &Entry, by: Option<OrgId>) -> Result<()> {
        let found: Found = codec::decode("found", entry.body())?;
        let ours = match &found.purpose {
            Purpose::Coalition { .. } => {
                self.has(&entry.hash())? || rights::introducer(self.draft, entry.space())?.is_some()
            }
            Purpose::Private { founding } => founding.root.org() == self.org && by.is_none_or(|by| by == self.org),
            Purpose::Thread { coalition, .. } => self.draft.get(Table::Space, coalition.as_bytes())?.is_some(),
        };
        if ours { Ok(()) } else { Err(Fault::misbehaved("a space was sent that this node has no part in")) }
    }

    /// Offers a register that somebody of `org` brought.
    pub(crate) fn offer_register(&mut self, register: &Register, org: OrgId, from: From) -> Result<Read> {
        let terms = self.terms(org);
        let taken = match self.spaces.offer_register(self.draft, register, self.now, terms) {
            Err(fault) if fault.class == crate::fault::Class::NotPermitted => return Ok(Read::Early),
            other => other?,
        };
        let (space, node, name) = (register.space, register.node, register.name.clone());
        match taken {
            RegisterTaken::Older => return Ok(Read::Taken),
            RegisterTaken::Late(account) => return Ok(Read::Late(account)),
            RegisterTaken::OwnNewer => {
                self.got.own_registers.insert((space, name.clone()));
            }
            RegisterTaken::Newer => {}
        }
        arrivals::append(self.draft, Item::register(register), from)?;
        self.got.registers.push((space, node, name));
        Ok(Read::Taken)
    }

    /// The bytes of a register.
    pub(super) fn register(&mut self, space: SpaceId, node: NodeId, name: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.spaces.register(self.draft, space, node, name)?.map(|register| register.bytes()))
    }

    /// Node, name and hash of each register of a space, by node and name.
    pub(super) fn registers(&mut self, space: SpaceId) -> Result<Vec<(NodeId, String, [u8; 32])>> {
        let registers = self.spaces.registers(self.draft, space)?;
        Ok(registers.into_iter().map(|r| (r.node, r.name.clone(), r.order().1)).collect())
    }

    /// What an organisation that was taken out gets: the entry that certified the remover's node, if there is one, and the removal.
    pub(super) fn notice(&mut self, removal: &EntryHash) -> Result<Vec<Vec<u8>>> {
        self.spaces.notice(self.draft, removal)
    }

    /// A member's last word to us: we were taken out. Before it may come the entries by which its author's node was certified, and what shows the charter under which it was approved. False if its author is not known here yet, so that it can not be believed.
    /// `by`: who brought it, where that is known. What another machine of ours was told is taken at its word, once its space is here; and what
    /// is believed our other machines are told.
    ///
    /// # Errors
    /// `Misbehaved` if it is anything else; `Store`.
    pub fn take_removal(&mut self, bytes: Vec<u8>, by: Option<OrgId>) -> Result<bool> {
        let entry = Entry::verify(bytes)?;
        match entry.header().kind {
            Kind::Certify | Kind::Grant => {
                self.spaces.vouch(self.draft, &entry)?;
                return Ok(true);
            }
            Kind::Approve => {
                self.spaces.shown_charter(self.draft, &entry)?;
                return Ok(true);
            }
            _ => {}
        }
        rights::check_removal(&entry, self.org)?;
        if planted::is(Bug::RemovalDeaf) {
            return Ok(true);
        }
        let space = entry.space();
        let ours = by == Some(self.org);
        if self.draft.get(Table::Space, space.as_bytes())?.is_none() {
            // One that never reached us; from our other machine, which is in it, it is on its way.
            return Ok(!ours);
        }
        let hash = entry.hash();
        if self.has(&hash)?
            || self.was_told(space, &hash)?
            || (ours && self.spaces.is_void(self.draft, space, &hash)?)
        {
            return Ok(true);
        }
        let believed = if ours {
            Some(self.spaces.believe_own(self.draft, &entry, self.org, self.now)?)
        } else {
            self.spaces.believe_removal(self.draft, &entry, self.org, self.now)?
        };
        let Some(space) = believed else { return Ok(false) };
        arrivals::append(self.draft, Item::Removed { space, org: self.org, hash }, From::Own)?;
        self.got.removed.push(space);
        Ok(true)
    }

    /// Whether we were told of this removal of ours, apart from the graph.
    fn was_told(&self, space: SpaceId, hash: &EntryHash) -> Result<bool> {
        Ok(notice::heard(self.draft, space)?.iter().any(|notice| notice.hash() == *hash))
    }

    /// Whether an organisation is to hear of a removal of its own: it may not have the space now; or it is ours, and one of its machines
    /// was told of it.
    pub(super) fn is_to_hear(&mut self, space: SpaceId, org: OrgId, hash: &EntryHash) -> Result<bool> {
        let told = org == self.org && self.was_told(space, hash)?;
        Ok(told || !matches!(self.access(space, org)?, Access::Open | Access::Held))
    }

    /// A peer shows a space as it does to members: by its name in a comparison, or by an entry. What we heard of a removal may be void.
    pub(super) fn shown(&mut self, space: SpaceId, by: OrgId) -> Result<()> {
        if self.draft.get(Table::Removed, space.as_bytes())?.is_some()
            && !planted::is(Bug::NoticeUndoubted)
            && self.spaces.doubt_heard(self.draft, space, by, self.org, self.now)?
        {
            self.got.members.insert(space);
        }
        Ok(())
    }

    /// Whether an organisation may have entries of a space now.
    pub(crate) fn access(&mut self, space: SpaceId, org: OrgId) -> Result<Access> {
        if let Some(access) = self.got.access.get(&(space, org)) {
            return Ok(*access);
        }
        let access = if self.draft.get(Table::Space, space.as_bytes())?.is_none() || self.withholds(space, org)? {
            Access::Closed
        } else if planted::is(Bug::SentToTheRemoved)
            || self.shows_private(space)?
            || self.spaces.may_have(self.draft, space, org, self.now)?
        {
            if self.holds_back(space, org)? { Access::Held } else { Access::Open }
        } else if self.spaces.fold(self.draft, space)?.expired(self.now).any(|expired| expired == org) {
            Access::Expired
        } else {
            Access::Closed
        };
        self.got.access.insert((space, org), access);
        Ok(access)
    }

    /// Whether this node holds back a space from an organisation that may have it otherwise.
    fn holds_back(&mut self, space: SpaceId, org: OrgId) -> Result<bool> {
        let any = match self.got.holds {
            Some(any) => any,
            None => *self.got.holds.insert(hold::any(self.draft)?),
        };
        Ok(any && hold::is_held(self.draft, space, org, Held::All)?)
    }

    /// Whether a bug is planted by which threads go to nobody, and this is one.
    fn withholds(&self, space: SpaceId, org: OrgId) -> Result<bool> {
        if !planted::is(Bug::ThreadsWithheld) || org == self.org {
            return Ok(false);
        }
        let record = self.spaces.record(self.draft, space)?;
        Ok(record.is_some_and(|record| matches!(record.kind, SpaceKind::Thread { .. })))
    }

    /// Whether a bug is planted by which private spaces are shown, and this is one.
    fn shows_private(&self, space: SpaceId) -> Result<bool> {
        if !planted::is(Bug::PrivateShared) {
            return Ok(false);
        }
        Ok(self.spaces.record(self.draft, space)?.is_some_and(|record| record.kind == SpaceKind::Private))
    }

    pub(super) fn note_expired(&mut self, space: SpaceId, org: OrgId) -> Result<()> {
        rights::note_expired(self.draft, space, org)
    }

    /// Every space that an organisation may have, coalitions first: what stands in threads names their control heads. Both by id.
    pub(super) fn shared_with(&mut self, org: OrgId) -> Result<VecDeque<SpaceId>> {
        let (mut coalitions, mut open) = (Vec::new(), Vec::new());
        for record in self.spaces.spaces(self.draft)? {
            let perhaps = match &record.kind {
                SpaceKind::Coalition { .. } => true,
                SpaceKind::Private => record.custodian == org || planted::is(Bug::PrivateShared),
                SpaceKind::Thread { .. } => record.custodian == org || record.members.contains(&org),
            };
            match perhaps.then(|| self.access(record.space, org)).transpose()? {
                Some(Access::Open) if matches!(record.kind, SpaceKind::Coalition { .. }) => {
                    coalitions.push(record.space);
                }
                Some(Access::Open) => open.push(record.space),
                Some(Access::Expired) => self.note_expired(record.space, org)?,
                Some(Access::Held | Access::Closed) | None => {}
            }
        }
        coalitions.sort_unstable();
        open.sort_unstable();
        Ok(coalitions.into_iter().chain(open).collect())
    }

    /// The entries that took an organisation out of spaces that it may not have now; of our own also those that we were told of.
    pub(super) fn removals_of(&self, org: OrgId) -> Result<Vec<EntryHash>> {
        let mut removals = rights::removals_of(self.draft, org)?;
        if org == self.org {
            removals.extend(notice::heard_anywhere(self.draft)?.iter().map(Entry::hash));
        }
        Ok(removals)
    }

    /// What we hold of a space, in digests; zeros of one that is not here.
    pub(crate) fn summary(&mut self, space: SpaceId) -> Result<Summary> {
        if self.draft.get(Table::Space, space.as_bytes())?.is_none() {
            return Ok(Summary { space, heads: [0; 16], registers: [0; 16] });
        }
        if let Some((heads, registers)) = self.spaces.digests(space) {
            return Ok(Summary { space, heads, registers });
        }
        let heads = self.spaces.heads(self.draft, space)?;
        let hashes: Vec<[u8; 32]> = self.registers(space)?.into_iter().map(|(_, _, hash)| hash).collect();
        let heads = wire::digest(b"belay heads v1\0", heads.iter().map(|hash| &hash.as_bytes()[..]));
        let registers = wire::digest(b"belay registers v1\0", hashes.iter().map(|hash| &hash[..]));
        self.spaces.keep_digests(space, (heads, registers));
        Ok(Summary { space, heads, registers })
    }

    pub(super) fn sample(&mut self, space: SpaceId) -> Result<Vec<EntryHash>> {
        self.spaces.sample(self.draft, space, limits::SAMPLE)
    }

    /// What is accepted here and does not lie in the past of `known`, parents first.
    pub(super) fn since(&mut self, space: SpaceId, known: &[EntryHash]) -> Result<Vec<EntryHash>> {
        self.spaces.since(self.draft, space, known)
    }

    /// Accepted entries of a space in the order of acceptance.
    pub(super) fn accepted_from(&self, space: SpaceId, first: u32, limit: usize) -> Result<Vec<EntryHash>> {
        self.spaces.order(self.draft, space, first, limit)
    }
}
