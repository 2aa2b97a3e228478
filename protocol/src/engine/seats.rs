//! Who was let into a space or taken out of it, since this node last looked.
//!
//! `Table::Own` holds, by space, who may have it and until when (`seats/`), and by time what expires (`expiry/`).

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
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

const SEATS: &[u8] = b"seats/";
const EXPIRY: &[u8] = b"expiry/";

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
                if let Some(at) = expires {
                    draft.put(Table::Own, expiry_key(*at, space, *org), []);
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

fn expiry_key(at: Time, space: SpaceId, org: OrgId) -> Vec<u8> {
    [EXPIRY, &at.0.to_be_bytes(), space.as_bytes(), org.as_bytes()].concat()
}

/// What has expired, or is the next to expire, earliest first.
pub(super) fn expiries(view: &dyn View, limit: usize) -> Result<Vec<(Time, SpaceId, OrgId)>> {
    let rows = view.scan(Table::Own, EXPIRY, after_prefix(EXPIRY).as_deref(), limit, false)?;
    Ok(rows
        .iter()
        .filter_map(|(key, _)| {
            let (at, rest) = key.get(EXPIRY.len()..)?.split_first_chunk::<8>()?;
            let (space, org) = rest.split_at_checked(32)?;
            Some((Time(u64::from_be_bytes(*at)), SpaceId::from_slice(space)?, OrgId::from_slice(org)?))
        })
        .collect())
}

/// Nothing more is to be done about this one.
pub(super) fn expired(draft: &mut Draft<'_>, at: Time, space: SpaceId, org: OrgId) {
    draft.delete(Table::Own, expiry_key(at, space, org));
}
