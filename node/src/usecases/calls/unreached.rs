//! Whom no node tells any more that a consent of ours ended: it has left the coalition, or we have. That it was not told is written down
//! when the consent ends, or when it leaves before its node showed that it had heard.

use crate::api::Outcome;
use crate::usecases::records::prefix::Prefix;
use crate::usecases::records::{self, Kind};
use crate::usecases::{consents, parties};
use belay_protocol::consent::{Consent, Ending, endings};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::disclosure::private::Unreached;
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, OrgId, SpaceId};
use belay_protocol::referral::is_outside;
use belay_protocol::store::{Draft, Table, View, after_prefix};
use std::collections::{BTreeMap, BTreeSet};

/// Whether it has to be looked at who has left.
const LOOK: u8 = Prefix::LookUnreached as u8;
/// By organisation: it has left, and what it did not hear before was looked at.
const LOOKED: u8 = Prefix::Unreached as u8;

/// Whether our node speaks to that of this organisation: both are in the coalition, as far as we have heard.
pub(in crate::usecases) fn reached(step: &mut Step<'_>, party: OrgId) -> bool {
    let Ok((coalition, roster)) = parties::roster(step) else { return false };
    let (engine, draft) = step.engine();
    let told_out = engine.out_of(draft, coalition).is_ok_and(|out| out.is_some());
    !told_out && roster.member(&step.org()).is_some() && roster.member(&party).is_some()
}

/// Puts on record for whom a consent ended just now, or came to let less be told, without a node that tells them: once for each, if
/// something went there under it.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn unreached(step: &mut Step<'_>, consent: &Consent) -> Outcome<()> {
    let (id, own, now) = (consent.id(), step.org(), step.context().now);
    for end in endings(&consents::versions(step.draft(), id, 0)?, own) {
        let new = end.at == now && !is_outside(end.party);
        if new && !reached(step, end.party) && records::told::under(step.draft(), id, end.party)? {
            put(step, id, end)?;
        }
    }
    Ok(())
}

fn put(step: &mut Step<'_>, consent: ConsentId, end: Ending) -> Result<()> {
    let Ending { party, version, by_version, at } = end;
    let gone = Unreached { consent, version, party, by_version, at };
    if records::get(step.draft(), Kind::Unreached, &[&consent.0[..], &gone.call().0].concat())?.is_none() {
        step.write_private(&PrivateBody::Unreached(gone).encode())?;
    }
    Ok(())
}

/// Notes that who is in the coalition changed.
pub(in crate::usecases) fn look_who_left(draft: &mut Draft<'_>) {
    draft.put(Table::Record, [LOOK], []);
}

/// Whether it has to be looked at who has left.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn somebody_left(view: &dyn View) -> Result<bool> {
    Ok(view.get(Table::Record, &[LOOK])?.is_some())
}

/// Puts on record which ends of our consents did not come to who has left since: once for each that left.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn follow_who_left(step: &mut Step<'_>) -> Outcome<()> {
    if !somebody_left(step.draft())? {
        return Ok(());
    }
    step.draft().delete(Table::Record, [LOOK]);
    let Ok((_, roster)) = parties::roster(step) else { return Ok(()) };
    let known = looked(step.draft())?;
    let own = step.org();
    for org in roster.orgs.keys().copied().filter(|org| *org != own) {
        let row = [&[LOOKED], &org.0[..]].concat();
        match (reached(step, org), known.contains(&org)) {
            (true, true) => step.draft().delete(Table::Record, row),
            (false, false) => {
                step.draft().put(Table::Record, row, []);
                not_heard(step, org)?;
            }
            (true, false) | (false, true) => {}
        }
    }
    Ok(())
}

fn looked(view: &dyn View) -> Result<BTreeSet<OrgId>> {
    let rows = view.scan(Table::Record, &[LOOKED], after_prefix(&[LOOKED]).as_deref(), usize::MAX, false)?;
    Ok(rows.iter().filter_map(|(key, _)| OrgId::from_slice(key.get(1..)?)).collect())
}

/// What ended for an organisation before it left, and its node has not shown that it heard of.
fn not_heard(step: &mut Step<'_>, org: OrgId) -> Outcome<()> {
    let (engine, draft) = step.engine();
    let unheard = engine.unheard(draft, org)?;
    if unheard.is_empty() {
        return Ok(());
    }
    let mut told: BTreeMap<ConsentId, BTreeSet<SpaceId>> = BTreeMap::new();
    for (_, one) in records::told::to(step.draft(), &BTreeSet::from([org]))? {
        told.entry(one.consent).or_default().insert(one.space);
    }
    let own = step.org();
    for (consent, spaces) in told {
        if spaces.is_disjoint(&unheard) {
            continue;
        }
        for end in endings(&consents::versions(step.draft(), consent, 0)?, own) {
            if end.party == org {
                put(step, consent, end)?;
            }
        }
    }
    Ok(())
}
