//! Who was let into a space or taken out of it, since this node last looked.
//!
//! `Table::Own` holds, by space, who may have it and until when (`seats/`), and by time what expires (`expiry/`): others' places in threads
//! in which this organisation has one itself. What goes on elsewhere it can not end, and nobody makes it remember.

use super::output::Event;
use super::settle::{Work, allowed};
use super::{Context, Engine};
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{OrgId, SpaceId};
use crate::space::{By, SpaceKind};
use crate::store::{Draft, Table, View, after_prefix};
use crate::sync::arrivals::{self, From, Item};
use crate::sync::rights;
use crate::time::{DAY, HOUR, Time};
use std::collections::{BTreeMap, BTreeSet};

const SEATS: &[u8] = b"seats/";
const EXPIRY: &[u8] = b"expiry/";
/// How long the custodian's node has to end what expired, before any member does.
pub(super) const CUSTODIAN_FIRST: u64 = DAY;
/// How long after that staff are not asked yet: most machines are linked within it.
const PATIENCE: u64 = HOUR;
/// Expiries that are looked at at once.
pub(super) const EXPIRIES: usize = 256;

/// A place in a space that ends at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    pub at: Time,
    pub space: SpaceId,
    pub org: OrgId,
}

impl Ends {
    fn key(self) -> Vec<u8> {
        [EXPIRY, &self.at.0.to_be_bytes(), self.space.as_bytes(), self.org.as_bytes()].concat()
    }

    fn of_key(key: &[u8]) -> Option<Self> {
        let (at, rest) = key.get(EXPIRY.len()..)?.split_first_chunk::<8>()?;
        let (space, org) = rest.split_at_checked(32)?;
        Some(Self {
            at: Time(u64::from_be_bytes(*at)),
            space: SpaceId::from_slice(space)?,
            org: OrgId::from_slice(org)?,
        })
    }
}

type Seats = BTreeMap<OrgId, Option<Time>>;

impl Engine {
    /// Shows a space to whom it was opened: newcomers, and those whose time was made longer.
    pub(super) fn note_seats(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        for space in std::mem::take(&mut work.got.members) {
            self.certify_self(draft, work, ctx, space)?;
            self.publish_prekey(draft, work, ctx, space)?;
            self.note_nodes(draft, work, space, ctx.now)?;
            let key = [SEATS, space.as_bytes()].concat();
            let row = draft.get(Table::Own, &key)?;
            let first = row.is_none();
            let before: Seats = match row {
                Some(bytes) => codec::decode("seats", &bytes).map_err(|fault| Fault::store(fault.message))?,
                None => Seats::new(),
            };
            let fold = self.spaces.fold(draft, space)?;
            let now: Seats = fold.members.iter().map(|(org, seat)| (*org, seat.expires)).collect();
            let place = now.contains_key(&self.identity.org()) && !fold.closed;
            note_ends(draft, space, (&before, &now), place.then_some(self.identity.org()))?;
            for (org, expires) in &now {
                let was = before.get(org);
                if was == Some(expires) {
                    continue;
                }
                // What comes with a space's first entries is listed anyway.
                if !first {
                    rights::opened(draft, space, *org)?;
                    work.owed.insert(*org);
                }
                if !first && was.is_none() {
                    self.show_registers(draft, work, space, *org)?;
                }
            }
            // The seat need not have changed: the removed hear of their removal apart from the fold. Until the fold knows of it,
            // who sent a grant may only not have heard.
            if now.contains_key(&self.identity.org()) {
                self.spaces.forget_heard(draft, space, self.identity.org())?;
                self.speak_again(draft)?;
            }
            for org in before.keys().filter(|org| !now.contains_key(*org)) {
                self.tell_removal(draft, work, space, *org)?;
            }
            if before.contains_key(&self.identity.org()) && !now.contains_key(&self.identity.org()) {
                work.events.push(Event::Removed { space });
            }
            draft.put(Table::Own, key, codec::encode(&now));
            work.events.push(Event::Members { space });
        }
        Ok(())
    }
}

impl Engine {
    /// A further node of an organisation says so itself, by the certificate that its root gave it, wherever its organisation is in
    /// and it is not.
    fn certify_self(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
        space: SpaceId,
    ) -> Result<()> {
        let own = match self.spaces.record(draft, space)? {
            Some(record) => match record.kind {
                SpaceKind::Coalition { .. } => true,
                SpaceKind::Private => record.custodian == self.identity.org(),
                SpaceKind::Thread { .. } => false,
            },
            None => false,
        };
        if !own || draft.get(Table::Removed, space.as_bytes())?.is_some() {
            return Ok(());
        }
        let (me, org) = (self.identity.node(), self.identity.org());
        let fold = self.spaces.fold(draft, space)?;
        if !fold.members.contains_key(&org) || fold.nodes.contains_key(&me) || fold.retired.contains(&me) {
            return Ok(());
        }
        // It says so once: an organisation with more nodes than it may have has this one not in force.
        if self.spaces.is_certified(draft, space, me)? {
            return Ok(());
        }
        let certificate = self.identity.certificate().clone();
        let mut by = By { key: self.identity.key(), now: ctx.now, random: ctx.random };
        if let Some(written) = allowed(self.spaces.certify(draft, &mut by, space, certificate))? {
            work.got.wrote(written.offered);
        }
        Ok(())
    }
}

impl Engine {
    /// An organisation is out that was in. Mostly the revocation just came, and is told; but a charter may have made one stand that came
    /// too late, and takes out only now.
    fn tell_removal(&mut self, draft: &mut Draft<'_>, work: &mut Work, space: SpaceId, org: OrgId) -> Result<()> {
        if !rights::removals_from(draft, org, space)?.is_empty() {
            return Ok(());
        }
        for hash in self.spaces.removals(draft, space, &org)? {
            rights::removed(draft, space, org, hash, &BTreeSet::new())?;
            work.owed.insert(org);
        }
        Ok(())
    }

    /// An organisation is in (again): what its nodes published before, and nobody was shown meanwhile, is shown now.
    fn show_registers(&mut self, draft: &mut Draft<'_>, work: &mut Work, space: SpaceId, org: OrgId) -> Result<()> {
        let nodes = self.spaces.fold(draft, space)?.nodes.clone();
        for register in self.spaces.registers(draft, space)? {
            if nodes.get(&register.node) == Some(&org) {
                arrivals::append(draft, Item::register(&register), From::Waited)?;
                work.got.registers.push((space, register.node, register.name));
            }
        }
        Ok(())
    }
}

/// Keeps in step which ends are known: those of others, where this organisation (`own`) has a place.
fn note_ends(draft: &mut Draft<'_>, space: SpaceId, (before, now): (&Seats, &Seats), own: Option<OrgId>) -> Result<()> {
    for (org, at) in before {
        if let Some(at) = at.filter(|_| own.is_none() || now.get(org) != Some(at)) {
            expired(draft, Ends { at, space, org: *org });
        }
        if !now.contains_key(org) {
            rights::ended(draft, space, *org);
        }
    }
    for (org, at) in now.iter().filter(|(org, _)| own.is_some_and(|own| own != **org)) {
        if let Some(at) = *at {
            let key = Ends { at, space, org: *org }.key();
            if draft.get(Table::Own, &key)?.is_none() {
                draft.put(Table::Own, key, []);
            }
        }
    }
    Ok(())
}

/// What has expired by now, earliest first, behind one that was looked at.
pub(super) fn past(view: &dyn View, after: Option<Ends>, now: Time) -> Result<Vec<Ends>> {
    let from = after.map_or_else(|| EXPIRY.to_vec(), |ends| [ends.key().as_slice(), &[0]].concat());
    let to = [EXPIRY, &now.0.saturating_add(1).to_be_bytes()].concat();
    let rows = view.scan(Table::Own, &from, Some(&to), EXPIRIES, false)?;
    Ok(rows.iter().filter_map(|(key, _)| Ends::of_key(key)).collect())
}

/// When the next will have expired.
pub(super) fn next(view: &dyn View, now: Time) -> Result<Option<Time>> {
    let from = [EXPIRY, &now.0.saturating_add(1).to_be_bytes()].concat();
    let rows = view.scan(Table::Own, &from, after_prefix(EXPIRY).as_deref(), 1, false)?;
    Ok(rows.first().and_then(|(key, _)| Ends::of_key(key)).map(|ends| ends.at))
}

/// Nothing more is to be done about this one.
pub(super) fn expired(draft: &mut Draft<'_>, ends: Ends) {
    draft.delete(Table::Own, ends.key());
}

impl Engine {
    /// From when on this node ends a place: at once as custodian's, after a day as any other member's.
    pub(super) fn ends_from(&mut self, view: &dyn View, ends: Ends) -> Result<Time> {
        let custodian = self.spaces.fold(view, ends.space)?.custodian == Some(self.identity.org());
        Ok(if custodian { ends.at } else { ends.at.plus(CUSTODIAN_FIRST) })
    }

    /// Places whose time has passed, and that this node was to end and could not: no two organisations' clocks have agreed with its own.
    /// Until they are ended nothing is written there. The earliest, at most as many as are looked at at once.
    ///
    /// # Errors
    /// `Store`.
    pub fn unended(&mut self, view: &dyn View, now: Time) -> Result<Vec<Ends>> {
        let mut unended = Vec::new();
        let mut after = None;
        while unended.len() < EXPIRIES {
            let all = past(view, after, now)?;
            after = all.last().copied();
            for ends in &all {
                if self.may_write(view, ends.space)? && self.ends_from(view, *ends)?.plus(PATIENCE) <= now {
                    unended.push(*ends);
                }
            }
            if all.len() < EXPIRIES {
                break;
            }
        }
        Ok(unended)
    }
}
