//! Whose consents may end by themselves when their time has come: asked after each input, so few are looked at.
//!
//! [`Table::Record`]: `95 person`, from when on (8 bytes), for whoever said something of a consent for criminal justice before it can be
//! revoked (2.35(c)), or took its like back under another record; by the record under which the person is shown. A consent that can be
//! revoked once an event has come about has no row until that is on record. It can be made again from the entries alone.

use super::{both, wish};
use crate::usecases::consents::get;
use crate::usecases::records::prefix::Prefix;
use crate::usecases::records::{find, rows};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, PersonId, ThreadId};
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
        PrivateBody::Unsaid(unsaid) => of(unsaid.consent)?,
        _ => Vec::new(),
    };
    for person in persons {
        let together = find::records_of(draft, person)?;
        for record in &together.records {
            draft.delete(Table::Record, key(*record));
        }
        let consents = both::all(draft, person)?;
        let from = both::may_end(&consents).into_iter().chain(wish::may_end(draft, &consents)?).min();
        if let Some(Time(from)) = from {
            draft.put(Table::Record, key(together.shown), from.to_be_bytes());
        }
    }
    Ok(())
}

/// Who has to be looked at by now.
///
/// # Errors
/// `Store`.
pub(super) fn due(view: &dyn View, now: Time) -> Result<Vec<PersonId>> {
    let mut rows = rows::under(view, &[MAY_END])?;
    rows.retain(|(_, from)| from.as_slice() <= now.0.to_be_bytes().as_slice());
    Ok(rows::ends(&rows, &[MAY_END], PersonId::from_slice))
}

/// Before all is made again.
///
/// # Errors
/// `Store`.
pub fn forget(draft: &mut Draft<'_>) -> Result<()> {
    rows::forget(draft, &[MAY_END])
}
