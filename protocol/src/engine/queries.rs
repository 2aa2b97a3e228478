//! What shells and use cases ask.

use super::output::Body;
use super::{Engine, Unopened};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::space::control::{Control, Found, Purpose};
use crate::space::entry::Kind;
use crate::space::{Account, Fold, Register, Roster, SpaceKind, SpaceRecord, Spaces};
use crate::store::View;
use crate::sync::arrivals::{self, Item};
use crate::sync::parcel::rows as parcels;
use crate::sync::receipt;
use crate::time::Time;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Arrivals that are looked at together.
const ARRIVALS: usize = 1_000;

/// A body that counts and opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub hash: EntryHash,
    pub author: NodeId,
    pub org: OrgId,
    /// What the author's clock said.
    pub time: Time,
    pub body: Body,
}

/// A part of a space's bodies, in the order of acceptance.
#[derive(Debug, Default)]
pub struct Bodies {
    pub applied: Vec<Applied>,
    /// What takes effect though it does not count: see [`super::late`].
    pub late: Vec<Applied>,
    /// Data entries in this part that do not count or do not open.
    pub unopened: Vec<(EntryHash, Unopened)>,
    /// Where the next part begins; `None` at the end.
    pub next: Option<u32>,
}

impl Engine {
    /// The private space of this organisation, once it was founded or received. Of several, each of which its root had founded, the one that
    /// was last: it is in use since.
    ///
    /// # Errors
    /// `Store`.
    pub fn private_space(&self, view: &dyn View) -> Result<Option<SpaceId>> {
        let all = self.spaces.no_threads(view)?.into_iter();
        let ours: Vec<SpaceId> = all
            .filter(|r| r.kind == SpaceKind::Private && r.custodian == self.identity.org())
            .map(|record| record.space)
            .collect();
        if let [] | [_] = ours[..] {
            return Ok(ours.first().copied());
        }
        let mut last = None;
        for space in ours {
            last = last.max(Some((self.founded(view, space)?, Reverse(space))));
        }
        Ok(last.map(|(_, Reverse(space))| space))
    }

    /// When the root had a private space founded, by its own word.
    fn founded(&self, view: &dyn View, space: SpaceId) -> Result<Time> {
        let found = self.spaces.entry(view, &EntryHash(space.0))?;
        let found = found.ok_or_else(|| Fault::store("a space without its first entry"))?;
        match Control::decode(Kind::Found, found.body())? {
            Some(Control::Found(Found { purpose: Purpose::Private { founding }, .. })) => Ok(founding.issued),
            _ => Err(Fault::bug("a private space that was founded as another")),
        }
    }

    /// Accounts of which less than this many bytes is left, with what is left: organisations that say more than a partner does.
    ///
    /// # Errors
    /// `Store`.
    pub fn accounts_below(&self, view: &dyn View, bytes: i64, now: Time) -> Result<Vec<(Account, i64)>> {
        self.spaces.accounts_below(view, bytes, now)
    }

    /// The bodies of a space from the `from`th accepted entry on, looking at `limit` entries,
    /// and at fewer where their bodies are large.
    ///
    /// # Errors
    /// `Store`.
    pub fn bodies(&mut self, view: &dyn View, space: SpaceId, from: u32, limit: usize) -> Result<Bodies> {
        let hashes = self.spaces.order(view, space, from, limit)?;
        let mut bodies = Bodies::default();
        if hashes.len() == limit {
            bodies.next = Some(from.saturating_add(u32::try_from(limit).unwrap_or(u32::MAX)));
        }
        let mut read = 0_usize;
        for (at, hash) in hashes.into_iter().enumerate() {
            if read > limits::BODIES_AT_ONCE {
                bodies.next = Some(from.saturating_add(u32::try_from(at).unwrap_or(u32::MAX)));
                break;
            }
            let entry = self.spaces.entry(view, &hash)?.ok_or_else(|| Fault::store("an entry in order is missing"))?;
            if entry.header().kind != Kind::Data {
                continue;
            }
            if !self.spaces.counts(view, &hash)? {
                match self.late_word(view, space, &hash)? {
                    Some(late) => bodies.late.push(late),
                    None => bodies.unopened.push((hash, Unopened::Quarantined)),
                }
                continue;
            }
            match self.spaces.open_body(view, &hash)? {
                Ok(body) => {
                    read = read.saturating_add(body.len());
                    let org = self.spaces.author_org(view, &hash)?.ok_or_else(|| Fault::bug("accepted of nobody"))?;
                    let (author, time) = (entry.header().author, entry.header().time);
                    bodies.applied.push(Applied { hash, author, org, time, body: Body(body) });
                }
                Err(why) => bodies.unopened.push((hash, why)),
            }
        }
        Ok(bodies)
    }

    /// Whether a node of `org` has said that it holds this entry durably.
    ///
    /// # Errors
    /// `Store`.
    pub fn delivered(&mut self, view: &dyn View, space: SpaceId, hash: EntryHash, org: OrgId) -> Result<bool> {
        receipt::delivered(&mut self.spaces, view, space, hash, org)
    }

    /// The entries of a space that `org` holds: by its own word, also of who was taken out since; and of that one all that something
    /// which it wrote there follows, since it held that then, receipt or not.
    ///
    /// # Errors
    /// `Store`.
    pub fn held_by(&mut self, view: &dyn View, space: SpaceId, org: OrgId) -> Result<BTreeSet<EntryHash>> {
        let mut heads = receipt::heads(&mut self.spaces, view, space, org)?;
        if !self.spaces.fold(view, space)?.members.contains_key(&org) {
            for hash in self.spaces.order(view, space, 0, usize::MAX)? {
                if self.spaces.author_org(view, &hash)? == Some(org) {
                    heads.push(hash);
                }
            }
        }
        self.spaces.through(view, space, &heads)
    }

    /// The spaces that an organisation was taken out of, and of which it has not shown that it heard so: neither by a bookmark, nor by
    /// a receipt for a parcel, nor by acknowledging it on a link.
    ///
    /// # Errors
    /// `Store`.
    pub fn unheard(&self, view: &dyn View, org: OrgId) -> Result<BTreeSet<SpaceId>> {
        let mut from = parcels::heard(view, org)? + 1;
        let mut unheard = BTreeSet::new();
        loop {
            let part = arrivals::from(view, from, ARRIVALS)?;
            for (number, arrival) in &part {
                from = number + 1;
                if let Item::Removed { space, org: gone, .. } = &arrival.item
                    && *gone == org
                {
                    unheard.insert(*space);
                }
            }
            if part.len() < ARRIVALS {
                return Ok(unheard);
            }
        }
    }

    /// The entries of a space that a node of `org` knows, as it says in its register of this name, which holds heads.
    ///
    /// # Errors
    /// `Store`.
    pub fn said(&mut self, view: &dyn View, (space, name): (SpaceId, &str), org: OrgId) -> Result<BTreeSet<EntryHash>> {
        let heads = receipt::said(&mut self.spaces, view, (space, name), org)?;
        self.spaces.through(view, space, &heads)
    }

    /// The spaces themselves, for every other question ([`Spaces`], "Asking").
    pub const fn spaces(&mut self) -> &mut Spaces {
        &mut self.spaces
    }

    /// Every space that is here.
    ///
    /// # Errors
    /// `Store`.
    pub fn space_records(&self, view: &dyn View) -> Result<Vec<SpaceRecord>> {
        self.spaces.spaces(view)
    }

    /// See [`Spaces::fold`].
    ///
    /// # Errors
    /// As there.
    pub fn fold(&mut self, view: &dyn View, space: SpaceId) -> Result<Arc<Fold>> {
        self.spaces.fold(view, space)
    }

    /// See [`Spaces::roster`].
    ///
    /// # Errors
    /// As there.
    pub fn roster(&mut self, view: &dyn View, coalition: SpaceId) -> Result<Arc<Roster>> {
        self.spaces.roster(view, coalition)
    }

    /// See [`Spaces::registers`].
    ///
    /// # Errors
    /// `Store`.
    pub fn registers(&mut self, view: &dyn View, space: SpaceId) -> Result<Vec<Register>> {
        self.spaces.registers(view, space)
    }

    /// The peers connected now: link, node, organisation, and how far its clock stood from ours in milliseconds.
    pub fn peers(&self) -> impl Iterator<Item = (u64, NodeId, OrgId, Option<u64>)> {
        self.sessions.peers()
    }
}
