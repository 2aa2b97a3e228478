//! Consents that are known to be false or were said to be, and the records of what was told under them: few rows, which the work list of a privacy officer reads
//! each time.
//!
//! [`Table::Record`]: `79 consent` such a consent; `79 consent entry` a disclosure under it.

use super::prefix::Prefix;
use super::{rows, told};
use belay_protocol::consent::Consent;
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, EntryHash};
use belay_protocol::store::{Draft, Table, View};
use std::collections::{BTreeMap, BTreeSet};

const FALSELY: u8 = Prefix::Falsely as u8;

/// A record is kept.
///
/// # Errors
/// `Store`.
pub(super) fn kept(draft: &mut Draft<'_>, hash: EntryHash, body: &PrivateBody) -> Result<()> {
    match body {
        PrivateBody::Consent(consent) if is_doubted(consent) => found_false(draft, consent.id()),
        PrivateBody::Disclosure(told) if is_false(draft, told.consent)? => {
            note(draft, told.consent, hash);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn is_doubted(consent: &Consent) -> bool {
    matches!(consent, Consent::Void(_)) || consent.signed().is_some_and(|signed| !signed.doubts.is_empty())
}

fn found_false(draft: &mut Draft<'_>, consent: ConsentId) -> Result<()> {
    if is_false(draft, consent)? {
        return Ok(());
    }
    draft.put(Table::Record, [&[FALSELY], &consent.0[..]].concat(), []);
    let to = told::told_under(draft, consent)?;
    for (record, _) in told::to(draft, &to)?.into_iter().filter(|(_, told)| told.consent == consent) {
        note(draft, consent, record);
    }
    Ok(())
}

fn note(draft: &mut Draft<'_>, consent: ConsentId, record: EntryHash) {
    draft.put(Table::Record, [&[FALSELY], &consent.0[..], &record.0[..]].concat(), []);
}

/// Whether this consent is known to be false, or somebody said once that it may be.
///
/// # Errors
/// `Store`.
pub fn is_false(view: &dyn View, consent: ConsentId) -> Result<bool> {
    Ok(view.get(Table::Record, &[&[FALSELY], &consent.0[..]].concat())?.is_some())
}

/// Whether any consent is.
///
/// # Errors
/// `Store`.
pub fn is_any(view: &dyn View) -> Result<bool> {
    rows::is_any(view, &[FALSELY])
}

/// Each of them, and the records of what was told under it.
///
/// # Errors
/// `Store`.
pub fn told(view: &dyn View) -> Result<BTreeMap<ConsentId, BTreeSet<EntryHash>>> {
    let rows = rows::under(view, &[FALSELY])?;
    let mut found: BTreeMap<ConsentId, BTreeSet<EntryHash>> = BTreeMap::new();
    for (key, _) in &rows {
        let Some(consent) = key.get(1..33).and_then(ConsentId::from_slice) else { continue };
        found.entry(consent).or_default().extend(key.get(33..).and_then(EntryHash::from_slice));
    }
    Ok(found)
}

pub(super) fn forget(draft: &mut Draft<'_>) -> Result<()> {
    rows::forget(draft, &[FALSELY])
}
