//! Which calls there are. [`Table::Record`]: `70 call` why it is to be made and whether it was; `73 consent call` those that the end of
//! a consent of ours asks for. Whether one still holds is looked at when it is shown. All of it can be made again from the entries
//! alone, in whatever order they come: what a consent asks for is made anew of all that is on record of it, each time.

use crate::usecases::records::prefix::Prefix;
use crate::usecases::records::{self, Kind};
use crate::usecases::{consents, identity};
use belay_protocol::codec;
use belay_protocol::consent::endings;
use belay_protocol::disclosure::private::{Phoned, Spoken};
use belay_protocol::disclosure::{Heard, PrivateBody};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{CallId, ConsentId, EntryHash, OrgId, PersonId, ThreadId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::is_outside;
use belay_protocol::store::{Draft, Table, View, after_prefix};
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

const CALL: u8 = Prefix::Call as u8;
const OF_CONSENT: u8 = Prefix::CallOfConsent as u8;

/// Why somebody has to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Why {
    /// The person took back here a consent that another keeps: the record of it.
    Heard(EntryHash),
    /// The person took it back here, and the consent under which this referral came gives no way to say so.
    Unsaid { thread: ThreadId, party: Option<OrgId>, at: Time },
    /// A consent of ours ended for this party at the person's word, or a new version lets less be told.
    Ended { consent: ConsentId, party: OrgId, at: Time },
}

/// A call as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    why: Why,
    made: bool,
}

fn key(call: CallId) -> Vec<u8> {
    [&[CALL], &call.0[..]].concat()
}

fn of_consent(consent: ConsentId, call: CallId) -> Vec<u8> {
    [&[OF_CONSENT], &consent.0[..], &call.0[..]].concat()
}

/// A record is kept: it asks for a call, or says what became of one.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn kept(draft: &mut Draft<'_>, hash: EntryHash, body: &PrivateBody) -> Result<()> {
    match body {
        PrivateBody::HeardFor(_) => put(draft, Phoned::heard(hash), Why::Heard(hash)),
        PrivateBody::Heard(heard) if heard.entry == EntryHash::ZERO && !heard.late => {
            let Heard { thread, party, at, .. } = **heard;
            unsaid(draft, Phoned::unsaid(heard.consent, party), (at, thread), party)
        }
        PrivateBody::Consent(consent) if consent.signed().is_some() => ended(draft, consent.id()),
        PrivateBody::Unreached(gone) => ended(draft, gone.consent),
        PrivateBody::Phoned(phoned) => match row(draft, phoned.call)? {
            Some(row) => put(draft, phoned.call, row.why),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Of two words against one consent the first one counts.
fn unsaid(draft: &mut Draft<'_>, call: CallId, first: (Time, ThreadId), party: Option<OrgId>) -> Result<()> {
    let known = match row(draft, call)? {
        Some(Row { why: Why::Unsaid { thread, at, .. }, .. }) => Some((at, thread)),
        Some(_) | None => None,
    };
    let (at, thread) = known.map_or(first, |known| known.min(first));
    put(draft, call, Why::Unsaid { thread, party, at })
}

/// What the end of a consent of ours asks for, of all that is on record of it.
fn ended(draft: &mut Draft<'_>, consent: ConsentId) -> Result<()> {
    let mut calls: BTreeMap<CallId, Why> = BTreeMap::new();
    let own = identity::card(draft)?.root.org();
    for end in endings(&consents::versions(draft, consent, 0)?, own) {
        if is_outside(end.party) && !planted::is(Bug::CallForgotten) {
            let call = Phoned::ended(consent, end.party, end.version, end.by_version);
            calls.insert(call, Why::Ended { consent, party: end.party, at: end.at });
        }
    }
    for record in records::all(draft, Kind::Unreached, &consent.0)? {
        if let PrivateBody::Unreached(gone) = record.body {
            calls.insert(gone.call(), Why::Ended { consent, party: gone.party, at: gone.at });
        }
    }
    let prefix = [&[OF_CONSENT], &consent.0[..]].concat();
    for (at, _) in draft.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)? {
        if let Some(call) = at.get(prefix.len()..).and_then(CallId::from_slice)
            && !calls.contains_key(&call)
        {
            draft.delete(Table::Record, at);
            draft.delete(Table::Record, key(call));
        }
    }
    for (call, why) in calls {
        draft.put(Table::Record, of_consent(consent, call), []);
        put(draft, call, why)?;
    }
    Ok(())
}

fn put(draft: &mut Draft<'_>, call: CallId, why: Why) -> Result<()> {
    let made = words(draft, call)?.last().is_some_and(|(_, last)| matches!(last.what, Spoken::Told(_)));
    draft.put(Table::Record, key(call), codec::encode(&Row { why, made }));
    Ok(())
}

fn damaged() -> Fault {
    Fault::store("a call to be made is damaged; `belay doctor --rebuild` makes it again")
}

fn row(view: &dyn View, call: CallId) -> Result<Option<Row>> {
    view.get(Table::Record, &key(call))?.map(|row| codec::decode("call", &row).map_err(|_| damaged())).transpose()
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

/// Which person of ours staff say that a call is about, with how many words there are of that.
pub(super) fn whose(view: &dyn View, call: CallId) -> Result<(u32, Option<PersonId>)> {
    let said = records::get(view, Kind::Whose, &call.0)?;
    Ok(match said.map(|record| record.body) {
        Some(PrivateBody::Whose(whose)) => (whose.number, whose.person),
        _ => (0, None),
    })
}

/// The person of ours whom what was told by telephone was about, by the word that it was told, as staff said where no record named one.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn owners(view: &dyn View) -> Result<BTreeMap<EntryHash, PersonId>> {
    let mut owners = BTreeMap::new();
    for record in records::all(view, Kind::Whose, &[])? {
        let PrivateBody::Whose(whose) = record.body else { continue };
        if let Some(person) = whose.person {
            owners.extend(words(view, whose.call)?.into_iter().map(|(told, _)| (told, person)));
            // What was told when something was opened here in an emergency has the opening for its word.
            owners.insert(EntryHash(whose.call.0), person);
        }
    }
    Ok(owners)
}

/// Forgets all of it, before it is made again.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn forget(draft: &mut Draft<'_>) -> Result<()> {
    for kind in [CALL, OF_CONSENT] {
        for (key, _) in draft.scan(Table::Record, &[kind], after_prefix(&[kind]).as_deref(), usize::MAX, false)? {
            draft.delete(Table::Record, key);
        }
    }
    Ok(())
}

fn all(view: &dyn View) -> Result<Vec<(CallId, Row)>> {
    let rows = view.scan(Table::Record, &[CALL], after_prefix(&[CALL]).as_deref(), usize::MAX, false)?;
    rows.iter()
        .map(|(key, value)| {
            let id = key.get(1..).and_then(CallId::from_slice).ok_or_else(damaged)?;
            Ok((id, codec::decode("call", value).map_err(|_| damaged())?))
        })
        .collect()
}

/// Each, made or not.
pub(super) fn every(view: &dyn View) -> Result<Vec<(CallId, Why)>> {
    Ok(all(view)?.into_iter().map(|(id, row)| (id, row.why)).collect())
}

/// Why this one has to be made.
pub(super) fn why(view: &dyn View, call: CallId) -> Result<Option<Why>> {
    Ok(row(view, call)?.map(|row| row.why))
}

/// Each that nobody says was made, whether it still holds or not.
pub(super) fn asked(view: &dyn View) -> Result<Vec<(CallId, Why)>> {
    Ok(all(view)?.into_iter().filter(|(_, row)| !row.made).map(|(id, row)| (id, row.why)).collect())
}

/// Those that are to be made. Where a consent ended for a party more than once, since it was given anew, the last end is what is told.
pub(super) fn due(view: &dyn View) -> Result<Vec<(CallId, Why)>> {
    let all = all(view)?;
    let mut ends: BTreeMap<(ConsentId, OrgId), (Time, CallId)> = BTreeMap::new();
    for (id, row) in &all {
        if let Why::Ended { consent, party, at } = row.why {
            let last = ends.entry((consent, party)).or_insert((at, *id));
            *last = (*last).max((at, *id));
        }
    }
    let last = |(id, row): &(CallId, Row)| match row.why {
        Why::Ended { consent, party, .. } => ends.get(&(consent, party)).is_some_and(|(_, last)| last == id),
        Why::Heard(_) | Why::Unsaid { .. } => true,
    };
    Ok(all.into_iter().filter(|one| !one.1.made && last(one)).map(|(id, row)| (id, row.why)).collect())
}

/// Those that were made.
pub(super) fn made(view: &dyn View) -> Result<Vec<CallId>> {
    Ok(all(view)?.into_iter().filter(|(_, row)| row.made).map(|(id, _)| id).collect())
}

#[cfg(test)]
mod tests;
