//! Whose consents may end by themselves when their time has come: asked after each input, so few are looked at.
//!
//! [`Table::Record`]: `95 person`, from when on and before when (8 bytes each), for whoever said something of a consent for criminal justice
//! before it can be revoked (2.35(c)), or took its like back under another record; by the record under which the person is shown. A consent
//! that can be revoked once an event has come about has no row until that is on record. It can be made again from the entries alone.

use super::{both, wish};
use crate::usecases::consents::get;
use crate::usecases::identity;
use crate::usecases::records::prefix::Prefix;
use crate::usecases::records::{find, rows};
use belay_protocol::consent::Consent;
use belay_protocol::disclosure::{Heard, PrivateBody};
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, OrgId, PersonId, ThreadId};
use belay_protocol::store::{Draft, Table, View};
use belay_protocol::time::Time;

const MAY_END: u8 = Prefix::MayEnd as u8;

fn key(person: PersonId) -> Vec<u8> {
    [&[MAY_END], &person.0[..]].concat()
}

/// A record is kept: what it says may let something of the person wait, or wait no more.
///
/// # Errors
/// `Store`.
pub fn kept(draft: &mut Draft<'_>, body: &PrivateBody) -> Result<()> {
    let of = |consent: ConsentId| -> Result<Vec<PersonId>> {
        Ok(get(draft, consent)?.map(|consent| consent.person()).into_iter().collect())
    };
    let persons = match body {
        PrivateBody::Consent(consent) if consent.terms().supervised().is_some() => vec![consent.person()],
        PrivateBody::Joined(joined) => vec![joined.pair.0, joined.pair.1],
        PrivateBody::Heard(heard) if heard.thread == ThreadId::ZERO => of(heard.consent)?,
        PrivateBody::EventStruck(struck) => of(struck.consent)?,
        PrivateBody::Unsaid(unsaid) => of(unsaid.consent)?,
        _ => Vec::new(),
    };
    for person in persons {
        let together = find::records_of(draft, person)?;
        for record in &together.records {
            draft.delete(Table::Record, key(*record));
        }
        let consents = both::all(draft, person)?;
        // Most have one record, and nothing under another to end by. Any other consent than one for criminal justice ends at once with its like.
        let justice = consents.iter().any(|consent| consent.terms().supervised().is_some());
        let ends = if justice && together.records.len() > 1 {
            both::may_end(&consents, identity::card(draft)?.root.org()).collect()
        } else {
            Vec::new()
        };
        let ends = ends.into_iter().filter_map(|signed| {
            let before = signed.ends().unwrap_or(Time(u64::MAX));
            Some((signed.revocable_from()?, before)).filter(|(from, before)| from < before)
        });
        let words = wish::words(draft, &consents)?;
        // A word takes effect whenever it is carried out.
        let waits = wish::wait(&consents, &words).filter_map(|signed| Some((signed.revocable_from()?, Time(u64::MAX))));
        let all: Vec<(Time, Time)> = ends.chain(waits).collect();
        let (from, before) = (all.iter().map(|(from, _)| *from).min(), all.iter().map(|(_, before)| *before).max());
        if let (Some(from), Some(before)) = (from, before) {
            let times = [from.0.to_be_bytes(), before.0.to_be_bytes()].concat();
            draft.put(Table::Record, key(together.shown), times);
        }
    }
    Ok(())
}

/// Somebody who is to be looked at, with all consents and the words about them that stand.
struct Due {
    person: PersonId,
    consents: Vec<Consent>,
    words: Vec<Heard>,
}

impl Due {
    fn all(view: &dyn View, now: Time) -> Result<Vec<Self>> {
        let mut rows = rows::under(view, &[MAY_END])?;
        let now = now.0.to_be_bytes();
        rows.retain(|(_, times)| times.get(..8) <= Some(&now[..]) && times.get(8..) > Some(&now[..]));
        let persons = rows::ends(&rows, &[MAY_END], PersonId::from_slice).into_iter();
        let load = |person| {
            let consents = both::all(view, person)?;
            let words = wish::words(view, &consents)?;
            Ok(Self { person, consents, words })
        };
        persons.map(load).collect()
    }

    fn words(&self, now: Time) -> impl Iterator<Item = &Heard> {
        self.words.iter().filter(move |heard| wish::may_take_effect(&self.consents, heard, now))
    }

    fn is_bound(&self, own: OrgId, now: Time) -> bool {
        !both::ends(&self.consents, &self.words, own, now).is_empty()
    }
}

/// Whether anything ends by now.
///
/// # Errors
/// `Store`.
pub(super) fn is_due(view: &dyn View, now: Time) -> Result<bool> {
    let all = Due::all(view, now)?;
    if all.is_empty() {
        return Ok(false);
    }
    let own = identity::card(view)?.root.org();
    Ok(all.iter().any(|due| due.words(now).next().is_some() || due.is_bound(own, now)))
}

/// The words that may take effect by now.
///
/// # Errors
/// `Store`.
pub(super) fn words(view: &dyn View, now: Time) -> Result<Vec<Heard>> {
    Ok(Due::all(view, now)?.iter().flat_map(|due| due.words(now).cloned()).collect())
}

/// Persons on record more than once of whom a consent for criminal justice can be revoked by now, and the person took its like back before
/// it could be (2.35(c)): it ends.
///
/// # Errors
/// `Store`.
pub(super) fn bound(view: &dyn View, now: Time) -> Result<Vec<PersonId>> {
    let own = identity::card(view)?.root.org();
    Ok(Due::all(view, now)?.into_iter().filter(|due| due.is_bound(own, now)).map(|due| due.person).collect())
}

/// Before all is made again.
///
/// # Errors
/// `Store`.
pub fn forget(draft: &mut Draft<'_>) -> Result<()> {
    rows::forget(draft, &[MAY_END])
}
