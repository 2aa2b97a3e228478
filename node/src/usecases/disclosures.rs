//! What was told to whom, and who looked at what.

use super::people;
use super::records::{self, Kind};
use super::staff::StaffSession;
use super::{parties, threads};
use crate::api::care::{AuditView, DisclosureView, DisclosuresView, LookView};
use crate::api::{Failure, Outcome};
use belay_protocol::disclosure::{Accounting, Disclosure, Looked, PrivateBody, accounting};
use belay_protocol::engine::Step;
use belay_protocol::ids::{EntryHash, PersonId};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use std::collections::BTreeSet;

/// The accounting of three years for a person (42 CFR 2.25), or everything told to one organisation (what a breach there needs).
///
/// # Errors
/// Neither or both are asked for; a person or organisation that is not known.
pub fn list(
    step: &mut Step<'_>,
    session: &StaffSession,
    person: Option<&Personal<String>>,
    to: Option<&str>,
) -> Outcome<DisclosuresView> {
    let asked = match (person, to) {
        (Some(given), None) => {
            let person = people::find(step.draft(), given)?.id;
            let now = step.context().now;
            Accounting::three_years(person, now)
        }
        (None, Some(given)) => Accounting { to: Some(parties::partner(step, given)?.org), ..Accounting::default() },
        (None, None) | (Some(_), Some(_)) => {
            return Err(Failure::misuse("ask for one person or for one organisation")
                .next("belay disclosures --person P, or belay disclosures --to ORG"));
        }
    };
    people::look(step, session, Looked::Disclosures, asked.person, None)?;
    let disclosures = fitting(step, asked)?;
    Ok(DisclosuresView { disclosures: disclosures.iter().map(view).collect() })
}

/// What was told about one person, newest first, and since when the list reaches back.
///
/// # Errors
/// `Store`.
pub fn of_person(step: &mut Step<'_>, person: PersonId) -> Outcome<(Time, Vec<Disclosure>)> {
    let asked = Accounting::three_years(person, step.context().now);
    Ok((asked.since.unwrap_or_default(), fitting(step, asked)?))
}

fn fitting(step: &mut Step<'_>, asked: Accounting) -> Outcome<Vec<Disclosure>> {
    let mut records: Vec<(EntryHash, Disclosure)> = Vec::new();
    for record in records::all(step.draft(), Kind::Disclosure, &[])? {
        let PrivateBody::Disclosure(mut disclosure) = record.body else { continue };
        if disclosure.person == PersonId::ZERO {
            // Told before the incoming referral was linked to a person.
            disclosure.person = threads::linked(step.draft(), disclosure.thread)?.unwrap_or(PersonId::ZERO);
        }
        records.push((record.hash, *disclosure));
    }
    let mut told: Vec<Disclosure> =
        accounting(asked, records.iter().map(|(hash, d)| (*hash, d))).into_iter().cloned().collect();
    // The pieces of one file are one disclosure (45 CFR 164.528(b)(3)); the last of them, which is the manifest, stands for all.
    let mut files = BTreeSet::new();
    told.retain(|d| {
        let file = d.what.reveal().starts_with(super::attachments::RECORD);
        !file || files.insert((d.thread, d.to, d.what.clone(), d.version, d.at.date()))
    });
    Ok(told)
}

fn view(disclosure: &Disclosure) -> DisclosureView {
    DisclosureView {
        at: disclosure.at,
        person: disclosure.person,
        to: disclosure.to,
        recipient: disclosure.recipient.clone(),
        information: disclosure.information,
        what: what(disclosure),
        purpose: disclosure.purpose.to_string(),
        consent: disclosure.consent,
        version: disclosure.version,
        staff: disclosure.by.name.clone(),
        entry: disclosure.entry,
    }
}

/// What was told, and whether the node did that of its own accord.
fn what(disclosure: &Disclosure) -> Personal<String> {
    if disclosure.automatic {
        Personal::new(format!("keys passed on by the node to a recipient that asked; {}", disclosure.what.reveal()))
    } else {
        disclosure.what.clone()
    }
}

/// The newest looks, newest first.
///
/// # Errors
/// `Store`.
pub fn audit(step: &mut Step<'_>, limit: u32) -> Outcome<AuditView> {
    let mut looks: Vec<LookView> = records::all(step.draft(), Kind::Audit, &[])?
        .into_iter()
        .filter_map(|record| match record.body {
            PrivateBody::Audit(audit) => Some(LookView {
                at: audit.at,
                staff: audit.by.name,
                looked: crate::api::word(&audit.looked),
                person: audit.person,
                thread: audit.thread,
            }),
            _ => None,
        })
        .collect();
    looks.sort_by_key(|look| std::cmp::Reverse(look.at));
    looks.truncate(limit.try_into().unwrap_or(usize::MAX));
    Ok(AuditView { looks })
}
