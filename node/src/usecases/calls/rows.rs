//! Which calls there are. [`Table::Record`]: `70 call` one that is to be made, `73 call` one that was, each with why. Whether one still
//! holds is looked at when it is shown. All of it can be made again from the entries alone, in whatever order they come.

use crate::api::Outcome;
use crate::usecases::records::{self, Kind};
use crate::usecases::{consents, identity, parties};
use belay_protocol::codec;
use belay_protocol::consent::{Consent, Signed, Terms};
use belay_protocol::disclosure::private::{Phoned, Spoken, Unreached};
use belay_protocol::disclosure::{Heard, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{CallId, ConsentId, EntryHash, OrgId, ThreadId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::is_outside;
use belay_protocol::store::{Draft, Table, View, after_prefix};
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

const OPEN: u8 = 70;
const TOLD: u8 = 73;

/// Why somebody has to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Why {
    /// The person took back here a consent that another keeps: the record of it.
    Heard(EntryHash),
    /// The person took it back here, and the consent under which this referral came gives no way to say so.
    Unsaid { thread: ThreadId, party: Option<OrgId>, at: Time },
    /// A consent of ours ended for this party at the person's word: it was taken back, or a new version lets us tell it nothing more.
    Ended { consent: ConsentId, party: OrgId, at: Time },
}

fn key(kind: u8, call: CallId) -> Vec<u8> {
    [&[kind], &call.0[..]].concat()
}

/// A record is kept: it asks for a call, or says what became of one.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn kept(draft: &mut Draft<'_>, hash: EntryHash, body: &PrivateBody) -> Result<()> {
    match body {
        PrivateBody::HeardFor(_) => open(draft, Phoned::heard(hash), Why::Heard(hash)),
        PrivateBody::Heard(heard) if heard.entry == EntryHash::ZERO && !heard.late => {
            let Heard { thread, party, at, .. } = **heard;
            open(draft, Phoned::unsaid(heard.consent, party), Why::Unsaid { thread, party, at })
        }
        PrivateBody::Consent(consent) => {
            let (id, version) = (consent.id(), consent.version());
            let mut gone: Vec<(OrgId, u32, Time)> =
                ended_by_word(consent).into_iter().map(|(party, at)| (party, version, at)).collect();
            if consent.signed().is_some() {
                let own = identity::card(draft)?.root.org();
                gone.extend(told_no_more(&consents::versions(draft, id, 0)?, own));
            }
            let calls = |party: OrgId| is_outside(party) && !planted::is(Bug::CallForgotten);
            for (party, version, at) in gone.into_iter().filter(|(party, ..)| calls(*party)) {
                open(draft, Phoned::ended(id, party, version), Why::Ended { consent: id, party, at })?;
            }
            Ok(())
        }
        PrivateBody::Unreached(Unreached { consent, version, party, at }) => {
            let (consent, party, at) = (*consent, *party, *at);
            open(draft, Phoned::ended(consent, party, *version), Why::Ended { consent, party, at })
        }
        PrivateBody::Phoned(phoned) => settle(draft, phoned.call),
        _ => Ok(()),
    }
}

/// For whom a consent ended at the person's word, and when.
fn ended_by_word(consent: &Consent) -> Vec<(OrgId, Time)> {
    match consent {
        Consent::Revoked(revoked) => {
            revoked.signed.terms.parties().into_iter().map(|party| (party.org, revoked.at)).collect()
        }
        Consent::Signed(signed) => signed.withdrawn.iter().map(|gone| (gone.party, gone.at)).collect(),
        Consent::Draft(_) | Consent::Void(_) => Vec::new(),
    }
}

/// Whom a version lets `own` tell nothing more that one it was made of let it tell, by which version and when that was signed. A way from
/// there to us may stay.
fn told_no_more(versions: &[Consent], own: OrgId) -> Vec<(OrgId, u32, Time)> {
    let told = |terms: &Terms| -> BTreeSet<OrgId> {
        terms.flows.iter().filter(|flow| flow.from == own && flow.to != own).map(|flow| flow.to).collect()
    };
    let signed: Vec<&Signed> = versions.iter().filter_map(Consent::signed).collect();
    let mut gone = Vec::new();
    for after in &signed {
        for before in signed.iter().filter(|before| after.upon.versions.contains(&before.mark())) {
            let (then, now) = (told(&before.standing()), told(&after.terms));
            gone.extend(then.difference(&now).map(|party| (*party, after.version, after.recorded)));
        }
    }
    gone
}

/// Puts on record for whom of these a consent ended without a node that tells them: once for each, if something went there under it.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn unreached(step: &mut Step<'_>, consent: &Consent, gone: &[OrgId]) -> Outcome<()> {
    let (id, version, at) = (consent.id(), consent.version(), step.context().now);
    for party in gone.iter().copied().filter(|party| !is_outside(*party)) {
        if !reached(step, party) && was_told(step.draft(), id, party)? {
            step.write_private(&PrivateBody::Unreached(Unreached { consent: id, version, party, at }).encode())?;
        }
    }
    Ok(())
}

/// Those whom the newest version lets `own` tell nothing more.
pub(in crate::usecases) fn left_out(versions: &[Consent], own: OrgId) -> Vec<OrgId> {
    let newest = versions.last().map_or(0, Consent::version);
    told_no_more(versions, own)
        .into_iter()
        .filter(|(_, version, _)| *version == newest)
        .map(|(party, ..)| party)
        .collect()
}

/// Whether our node speaks to that of this organisation: both are in the coalition, as far as we have heard.
pub(in crate::usecases) fn reached(step: &mut Step<'_>, party: OrgId) -> bool {
    let Ok((coalition, roster)) = parties::roster(step) else { return false };
    let (engine, draft) = step.engine();
    let told_out = engine.out_of(draft, coalition).is_ok_and(|out| out.is_some());
    let in_it = |org: OrgId| roster.orgs.get(&org).is_some_and(|member| !member.removed);
    !told_out && in_it(step.org()) && in_it(party)
}

/// Whether anything was told to an organisation under a consent, or placed with it.
pub(super) fn was_told(view: &dyn View, consent: ConsentId, party: OrgId) -> Result<bool> {
    let all = records::all(view, Kind::Disclosure, &[])?;
    Ok(all.iter().any(
        |record| matches!(&record.body, PrivateBody::Disclosure(told) if told.to == party && told.consent == consent),
    ))
}

/// Of two words against one consent the first one counts.
fn open(draft: &mut Draft<'_>, call: CallId, why: Why) -> Result<()> {
    let key = key(if is_told(draft, call)? { TOLD } else { OPEN }, call);
    let known = draft.get(Table::Record, &key)?.and_then(|known| codec::decode("call", &known).ok());
    let earlier = match (&why, &known) {
        (Why::Ended { at, .. }, Some(Why::Ended { at: known, .. }))
        | (Why::Unsaid { at, .. }, Some(Why::Unsaid { at: known, .. })) => at < known,
        _ => true,
    };
    if earlier {
        draft.put(Table::Record, key, codec::encode(&why));
    }
    Ok(())
}

/// A call that was made, or is to be made after all, stands in the other list.
fn settle(draft: &mut Draft<'_>, call: CallId) -> Result<()> {
    let (from, to) = if is_told(draft, call)? { (OPEN, TOLD) } else { (TOLD, OPEN) };
    if let Some(why) = draft.get(Table::Record, &key(from, call))? {
        draft.delete(Table::Record, key(from, call));
        draft.put(Table::Record, key(to, call), why);
    }
    Ok(())
}

fn is_told(view: &dyn View, call: CallId) -> Result<bool> {
    Ok(words(view, call)?.last().is_some_and(|(_, last)| matches!(last.what, Spoken::Told(_))))
}

/// Every word about a call, in order: the last one holds.
pub(super) fn words(view: &dyn View, call: CallId) -> Result<Vec<(EntryHash, Phoned)>> {
    let all = records::all(view, Kind::Phoned, &call.0)?;
    Ok(all
        .into_iter()
        .filter_map(|record| match record.body {
            PrivateBody::Phoned(phoned) => Some((record.hash, *phoned)),
            _ => None,
        })
        .collect())
}

/// The words that a call was made, of which somebody said that it was not after all: what they told was not told.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn taken_back(view: &dyn View) -> Result<BTreeSet<EntryHash>> {
    let (mut open, mut back): (Vec<(CallId, EntryHash)>, _) = (Vec::new(), BTreeSet::new());
    for record in records::all(view, Kind::Phoned, &[])? {
        let PrivateBody::Phoned(phoned) = record.body else { continue };
        open.retain(|(call, _)| *call == phoned.call);
        match phoned.what {
            Spoken::Told(_) => open.push((phoned.call, record.hash)),
            Spoken::Reopened(_) => back.extend(open.drain(..).map(|(_, told)| told)),
        }
    }
    Ok(back)
}

/// Forgets all of it, before it is made again.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn forget(draft: &mut Draft<'_>) -> Result<()> {
    for kind in [OPEN, TOLD] {
        for (key, _) in draft.scan(Table::Record, &[kind], after_prefix(&[kind]).as_deref(), usize::MAX, false)? {
            draft.delete(Table::Record, key);
        }
    }
    Ok(())
}

fn all(view: &dyn View, kind: u8) -> Result<Vec<(CallId, Why)>> {
    let rows = view.scan(Table::Record, &[kind], after_prefix(&[kind]).as_deref(), usize::MAX, false)?;
    let damaged = || Fault::store("a call to be made is damaged; `belay doctor --rebuild` makes it again");
    rows.iter()
        .map(|(key, value)| {
            let id = key.get(1..).and_then(CallId::from_slice).ok_or_else(damaged)?;
            Ok((id, codec::decode("call", value).map_err(|_| damaged())?))
        })
        .collect()
}

/// Each that nobody says was made, whether it still holds or not.
pub(super) fn asked(view: &dyn View) -> Result<Vec<(CallId, Why)>> {
    all(view, OPEN)
}

/// Those that are to be made. Where a consent ended for a party more than once, since it was given anew, the last end is what is told.
pub(super) fn due(view: &dyn View) -> Result<Vec<(CallId, Why)>> {
    let mut open = all(view, OPEN)?;
    if open.iter().any(|(_, why)| matches!(why, Why::Ended { .. })) {
        let mut ends: BTreeMap<(ConsentId, OrgId), (Time, CallId)> = BTreeMap::new();
        for (id, why) in open.iter().chain(&all(view, TOLD)?) {
            if let Why::Ended { consent, party, at } = *why {
                let last = ends.entry((consent, party)).or_insert((at, *id));
                *last = (*last).max((at, *id));
            }
        }
        open.retain(|(id, why)| match why {
            Why::Ended { consent, party, .. } => ends.get(&(*consent, *party)).is_some_and(|(_, last)| last == id),
            Why::Heard(_) | Why::Unsaid { .. } => true,
        });
    }
    Ok(open)
}

/// Those that were made.
pub(super) fn made(view: &dyn View) -> Result<Vec<CallId>> {
    Ok(all(view, TOLD)?.into_iter().map(|(id, _)| id).collect())
}
