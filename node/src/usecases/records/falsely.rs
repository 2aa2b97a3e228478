//! Consents that are known to be false, and since when whoever was told something under them was told the last of it: few rows, which the
//! work list of a privacy officer reads each time.
//!
//! [`Table::Record`]: `79 consent` such a consent; `79 consent org`, and when the newest record of what it was told was written.

use super::prefix::Prefix;
use super::{Kind, all};
use belay_protocol::consent::Consent;
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, OrgId};
use belay_protocol::store::{Draft, Table, View, after_prefix};
use belay_protocol::time::Time;
use std::collections::BTreeMap;

const FALSELY: u8 = Prefix::Falsely as u8;

/// A record is kept.
///
/// # Errors
/// `Store`.
pub(super) fn kept(draft: &mut Draft<'_>, body: &PrivateBody) -> Result<()> {
    match body {
        PrivateBody::Consent(consent) if matches!(**consent, Consent::Void(_)) => found_false(draft, consent.id()),
        PrivateBody::Disclosure(told) if is_false(draft, told.consent)? => {
            note(draft, told.consent, told.to, told.recorded)
        }
        _ => Ok(()),
    }
}

fn found_false(draft: &mut Draft<'_>, consent: ConsentId) -> Result<()> {
    if is_false(draft, consent)? {
        return Ok(());
    }
    draft.put(Table::Record, [&[FALSELY], &consent.0[..]].concat(), []);
    for record in all(draft, Kind::Disclosure, &[])? {
        if let PrivateBody::Disclosure(told) = record.body
            && told.consent == consent
        {
            note(draft, consent, told.to, told.recorded)?;
        }
    }
    Ok(())
}

fn note(draft: &mut Draft<'_>, consent: ConsentId, to: OrgId, recorded: Time) -> Result<()> {
    let key = [&[FALSELY], &consent.0[..], &to.0[..]].concat();
    let known = draft.get(Table::Record, &key)?;
    if known.is_none_or(|known| time(&known) < recorded) {
        draft.put(Table::Record, key, recorded.0.to_be_bytes());
    }
    Ok(())
}

fn time(value: &[u8]) -> Time {
    Time(value.try_into().map_or(u64::MAX, u64::from_be_bytes))
}

/// Whether this consent is known to be false.
///
/// # Errors
/// `Store`.
pub fn is_false(view: &dyn View, consent: ConsentId) -> Result<bool> {
    Ok(view.get(Table::Record, &[&[FALSELY], &consent.0[..]].concat())?.is_some())
}

/// Each of them, and until when each organisation was told something under it, as it was put on record.
///
/// # Errors
/// `Store`.
pub fn told(view: &dyn View) -> Result<BTreeMap<ConsentId, BTreeMap<OrgId, Time>>> {
    let rows = view.scan(Table::Record, &[FALSELY], after_prefix(&[FALSELY]).as_deref(), usize::MAX, false)?;
    let mut found: BTreeMap<ConsentId, BTreeMap<OrgId, Time>> = BTreeMap::new();
    for (key, value) in &rows {
        let Some(consent) = key.get(1..33).and_then(ConsentId::from_slice) else { continue };
        let told = found.entry(consent).or_default();
        if let Some(org) = key.get(33..).and_then(OrgId::from_slice) {
            told.insert(org, time(value));
        }
    }
    Ok(found)
}

pub(super) fn forget(draft: &mut Draft<'_>) -> Result<()> {
    for (key, _) in draft.scan(Table::Record, &[FALSELY], after_prefix(&[FALSELY]).as_deref(), usize::MAX, false)? {
        draft.delete(Table::Record, key);
    }
    Ok(())
}
