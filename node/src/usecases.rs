//! Use cases: what a person asks of the node, a function each. Command line, pages and demo call these and nothing lower, so that
//! permission and consent are checked in one place.
//!
//! A use case that writes takes a step of the engine and writes entries; the tables that people's views are read from are made by
//! [`project`] out of the engine's events, in the same transaction. What is about persons takes a [`staff::StaffSession`] as well.
//!
//! Parts: [`office`] (each request to its use case) and [`desk`] (what the driver asks); [`identity`], [`coalition`] with
//! [`joining`], [`stewards`], [`nodes`], [`returning`], [`recovery`] and [`backups`], [`directory`], [`staff`]; [`care`] with [`people`], [`consents`],
//! [`referrals`], [`outside`], [`inquiries`], [`choices`], [`report`], [`disclosures`], [`emergency`], [`holds`]; [`parcels`] (bundles
//! and carriers); [`notices`] (what waits, as bare counts); what they keep: [`records`], [`threads`].

pub mod agreements;
pub mod attachments;
pub mod backups;
pub mod calls;
pub mod care;
pub mod choices;
pub mod coalition;
pub mod consents;
pub mod desk;
pub mod directory;
pub mod disclosures;
pub mod emergency;
pub mod holds;
pub mod identity;
pub mod inquiries;
pub mod joining;
pub mod nodes;
pub mod notices;
pub mod office;
pub mod outside;
pub mod parcels;
pub mod parties;
pub mod people;
pub mod plans;
pub mod prints;
pub mod project;
pub mod records;
pub mod recovery;
pub mod referrals;
pub mod report;
pub mod returning;
pub mod staff;
pub mod stewards;
pub mod threads;
pub mod worklist;

use crate::api::{Failure, Outcome};
use belay_protocol::ids::NotAnId;
use belay_protocol::limits;
use belay_protocol::sensitive::Personal;

/// Finds the one of `all` that `given` names: a whole id, the beginning of one (at least four characters), or a name without
/// regard to case.
///
/// # Errors
/// None fits, or more than one does. `what` and `list` (the command that lists them) go into the sentence.
pub fn named<'t, T>(
    all: &'t [T],
    given: &str,
    key: impl Fn(&T) -> (String, String),
    what: &str,
    list: &str,
) -> Outcome<&'t T> {
    let wanted = given.trim().to_lowercase();
    let fits = |t: &&T| {
        let (id, name) = key(t);
        id == wanted || (wanted.len() >= 4 && id.starts_with(&wanted)) || name.to_lowercase() == wanted
    };
    let mut found = all.iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(Failure::misuse(format!("no {what} has the id or name given")).next(list)),
        (Some(_), Some(_)) => {
            Err(Failure::misuse(format!("more than one {what} fits; give more of its id")).next(list))
        }
    }
}

/// That a text fits a record.
///
/// # Errors
/// It is too long: how long it may be.
pub(crate) fn short_enough(text: &Personal<String>) -> Outcome<()> {
    if text.reveal().chars().count() > limits::TEXT_CHARS {
        return Err(Failure::misuse(format!("write it in at most {} characters", limits::TEXT_CHARS)));
    }
    Ok(())
}

/// The bytes with which an id begins of which this is the beginning, without an odd digit at the end: what has such an id is looked up
/// by it, however much there is. `None` for what is none.
pub(crate) fn beginning(given: &str) -> Option<Vec<u8>> {
    let wanted = given.trim().to_lowercase();
    let even = wanted.get(..wanted.len() & !1)?;
    data_encoding::HEXLOWER.decode(even.as_bytes()).ok().filter(|bytes| bytes.len() >= 2)
}

impl From<NotAnId> for Failure {
    fn from(error: NotAnId) -> Self {
        Self::misuse(error.to_string())
    }
}

#[cfg(test)]
mod tests;
