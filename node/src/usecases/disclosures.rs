//! What was told to whom, and who looked at what. `by_hand`: what staff put on record in their words; `lawful`: what the law lets be told without a consent; `withheld`: what a person is not
//! told of it for a time; `owed`: who is owed a new accounting since; `strike`: what was put on record by hand and never told; `falsely`: what went under a consent that is false; `verify`: whether the record is whole.

mod by_hand;
mod falsely;
mod lawful;
mod owed;
mod strike;
mod verify;
mod withheld;

pub(super) use by_hand::{ByHand, put};
pub(super) use falsely::under as falsely_under;
pub use falsely::{judge, sentence as falsely_sentence, waiting as falsely_waiting};
pub use lawful::record;
pub use owed::beside;
pub(super) use owed::given;
pub use strike::strike;
pub use verify::verify;
pub use withheld::{release, withheld, withhold};

use super::people;
use super::records::{self, Kind, find, told};
use super::staff::{self, StaffSession};
use super::{named, parties, referrals, threads};
use crate::api::care::{AuditView, DisclosureView, DisclosuresAsk, DisclosuresView, LookView};
use crate::api::{Failure, Outcome};
use crate::forms::{Lang, accounting as sheet};
use crate::system;
use belay_protocol::disclosure::{Accounting, Brief, Disclosure, Looked, PrivateBody, Shown, Stage, accounting};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, SpaceId, ThreadId};
use belay_protocol::referral::is_outside;
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// The accounting of three years for a person (42 CFR 2.25), or everything told to one organisation (what a breach there needs).
///
/// # Errors
/// Neither or both are asked for; a person or organisation that is not known.
pub fn list(step: &mut Step<'_>, session: &StaffSession, ask: &DisclosuresAsk) -> Outcome<DisclosuresView> {
    let now = step.context().now;
    let mut to: BTreeSet<OrgId> = BTreeSet::new();
    let mut asked = match (&ask.person, &ask.to) {
        (Some(given), None) => Accounting::three_years(people::find(step.draft(), given)?.id, now),
        (None, Some(given)) => {
            to = told_to(step, given)?;
            Accounting::default()
        }
        (None, None) | (Some(_), Some(_)) => {
            return Err(Failure::misuse("ask for one person or for one organisation")
                .next("belay disclosures --person P, or belay disclosures --to ORG"));
        }
    };
    asked.since = ask.since.or(asked.since);
    asked.until = ask.until;
    if let (Some(since), Some(until)) = (asked.since, asked.until)
        && until <= since
    {
        // The last day is counted in: it is over when the time is.
        let (from, to) = (system::day(since), system::day(Time(until.0.saturating_sub(1))));
        let message = match ask.since {
            Some(_) => format!("{to} lies before {from}: nothing can have been told between them"),
            None => format!("the list covers three years, from {from} on, and {to} lies before that"),
        };
        return Err(Failure::misuse(message).next("belay disclosures with --since DAY, and --until a later one"));
    }
    asked.with_consent = ask.with_consent;
    people::look(step, session, Looked::Disclosures, asked.person, None)?;
    let found = fitting(step, asked, &to)?;
    let mut rows = Vec::with_capacity(found.len());
    let (withheld, mut told_as) = (withheld::Withhelds::all(step.draft())?, BTreeMap::new());
    for one in &found {
        let name = unlinked(step, &one.told, &mut told_as)?;
        rows.push(DisclosureView { withheld: withheld.until(&one.told, now), ..view(step, one, name)? });
    }
    let made = found.iter().filter(|one| one.told.stage != Stage::Placed && one.back.is_none()).count();
    Ok(DisclosuresView { made, since: asked.since, until: asked.until, disclosures: rows })
}

/// What was told about one person, newest first, and since when the list reaches back: as the person may be told it today.
///
/// # Errors
/// `Store`.
pub fn of_person(step: &mut Step<'_>, person: PersonId) -> Outcome<(Time, Vec<Disclosure>)> {
    let asked = Accounting::three_years(person, step.context().now);
    let found = fitting(step, asked, &BTreeSet::new())?;
    let (withheld, now) = (withheld::Withhelds::all(step.draft())?, step.context().now);
    // What was not told after all is no disclosure.
    let given = |one: &Found| one.back.is_none() && withheld.until(&one.told, now).is_none();
    let told = found.into_iter().filter(given).map(|one| one.told).collect();
    Ok((asked.since.unwrap_or_default(), told))
}

/// One disclosure on record.
struct Found {
    /// The entry by which it was put on record.
    record: EntryHash,
    told: Disclosure,
    /// It was not told after all: what that means.
    back: Option<String>,
}

/// The words that something was told, by telephone or on paper, of which somebody said that it was not after all, and what that means.
///
/// # Errors
/// `Store`.
pub(super) fn taken_back(view: &dyn View) -> Result<BTreeMap<EntryHash, &'static str>> {
    let calls = super::calls::taken_back(view)?.into_iter().map(|call| (call, BY_MISTAKE));
    let mut back: BTreeMap<EntryHash, &'static str> = calls.collect();
    back.extend(super::outside::papers_taken_back(view)?);
    Ok(back)
}

/// What it means where something is struck.
pub(super) const BY_MISTAKE: &str = "written down by mistake: not told";

/// To whom something was told of a person, as far as the records of disclosures name one; nobody where there is no such person.
///
/// # Errors
/// `Store`.
pub(super) fn recipients(view: &dyn View, given: &Personal<String>) -> Result<BTreeSet<OrgId>> {
    let Ok(person) = people::find(view, given) else { return Ok(BTreeSet::new()) };
    let (mut orgs, owners, shown) = (BTreeSet::new(), super::calls::owners(view)?, find::Shown::all(view)?);
    for (_, told) in told::of(view, person.id, &owners)? {
        if shown.of(about(view, &owners, &told)?) == person.id {
            orgs.insert(told.to);
        }
    }
    Ok(orgs)
}

/// Whom it is about: in an incoming referral whom staff say now, whoever was held to be the person when it was told; where a record names
/// nobody, whom staff say since. All zero: nobody on record.
fn about(view: &dyn View, owners: &BTreeMap<EntryHash, PersonId>, told: &Disclosure) -> Result<PersonId> {
    if let Some(linked) = threads::linked(view, told.thread)? {
        return Ok(linked.person.unwrap_or(PersonId::ZERO));
    }
    let said = || owners.get(&told.entry).copied().unwrap_or(PersonId::ZERO);
    Ok(if told.person == PersonId::ZERO { said() } else { told.person })
}

/// What was told of the person who is asked for, or to any of these.
fn fitting(step: &mut Step<'_>, asked: Accounting, to: &BTreeSet<OrgId>) -> Outcome<Vec<Found>> {
    let (owners, shown) = (super::calls::owners(step.draft())?, find::Shown::all(step.draft())?);
    let mut records = match asked.person {
        Some(person) => told::of(step.draft(), person, &owners)?,
        None => told::to(step.draft(), to)?,
    };
    for (_, disclosure) in &mut records {
        disclosure.person = shown.of(about(step.draft(), &owners, disclosure)?);
    }
    let openings = super::emergency::openings(step)?.into_iter();
    let openings = openings.filter(|(_, told)| asked.person.is_some() || to.contains(&told.to));
    records.extend(openings.map(|(hash, told)| (hash, Disclosure { person: shown.of(told.person), ..told })));
    let (taken_back, struck) = (taken_back(step.draft())?, strike::struck(step.draft())?);
    let back = |record: &EntryHash, told: &Disclosure| {
        let word = taken_back.get(&told.entry).filter(|_| told.space == SpaceId::ZERO);
        struck.get(record).cloned().or_else(|| word.map(|means| (*means).to_owned()))
    };
    let found = accounting(asked, records.iter().map(|(hash, d)| (*hash, d))).into_iter();
    let mut found: Vec<Found> =
        found.map(|(record, told)| Found { record, told: told.clone(), back: back(&record, told) }).collect();
    // The pieces of one file in a space are one disclosure (45 CFR 164.528(b)(3)); the last of them, which is the manifest, stands for
    // all. Off the network a file goes whole, each time that staff say so.
    let mut files = BTreeSet::new();
    found.retain(|Found { told: d, .. }| {
        let pieces = d.space != SpaceId::ZERO && d.brief == Brief::File;
        !pieces || files.insert((d.thread, d.to, d.what.clone(), d.version, system::day(d.at)))
    });
    Ok(found)
}

/// The ids under which an organisation was told something: its own, also where it has left the coalition since, and each under which
/// somebody off the network was written down by its name.
fn told_to(step: &mut Step<'_>, given: &str) -> Outcome<BTreeSet<OrgId>> {
    let party = parties::partner(step, given);
    let name = party.as_ref().map_or_else(|_| given.trim().to_owned(), |party| party.name.clone());
    let mut ids: BTreeSet<OrgId> = party.iter().map(|party| party.org).collect();
    let mut known: BTreeMap<OrgId, String> = BTreeMap::new();
    for (org, recipient) in told::recipients(step.draft())? {
        if is_named(&recipient, &name) && (is_outside(org) || party.is_err()) {
            ids.insert(org);
        }
        known.insert(org, recipient);
    }
    if !ids.is_empty() {
        return Ok(ids);
    }
    let known: Vec<(OrgId, String)> = known.into_iter().collect();
    let key = |(org, name): &(OrgId, String)| (org.to_string(), name.clone());
    match (named(&known, given, key, "organisation", "belay org list"), party) {
        (Ok((org, _)), _) => Ok(BTreeSet::from([*org])),
        (Err(_), Err(failure)) | (Err(failure), Ok(_)) => Err(failure),
    }
}

/// Whether a record names this recipient: alone, or before its address or telephone.
fn is_named(recipient: &str, name: &str) -> bool {
    let (recipient, name) = (recipient.to_lowercase(), name.to_lowercase());
    recipient.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(", "))
}

/// Names that referrals tell, of those of which nobody said who of ours it is.
type ToldAs = BTreeMap<ThreadId, Option<Personal<String>>>;

/// Where it was told in a referral that is linked to nobody: which one, and the name that it tells, as far as staff may be shown that.
fn unlinked(step: &mut Step<'_>, told: &Disclosure, known: &mut ToldAs) -> Outcome<Option<Unlinked>> {
    if told.person != PersonId::ZERO || told.thread == ThreadId::ZERO {
        return Ok(None);
    }
    if let Some(name) = known.get(&told.thread) {
        return Ok(Some((told.thread, name.clone())));
    }
    let name = match threads::get(step.draft(), told.thread)? {
        Some(thread) => referrals::told_name(step, thread)?,
        None => None,
    };
    known.insert(told.thread, name.clone());
    Ok(Some((told.thread, name)))
}

type Unlinked = (ThreadId, Option<Personal<String>>);

fn view(
    step: &mut Step<'_>,
    Found { record, told: disclosure, back }: &Found,
    unlinked: Option<Unlinked>,
) -> Outcome<DisclosureView> {
    let address = super::outside::get(step.draft(), disclosure.to)?.map(|partner| partner.address);
    let person = people::get(step.draft(), disclosure.person)?.map(|person| person.identity.name);
    let (unlinked, told_as) = unlinked.map_or((None, None), |(thread, name)| (Some(thread), name));
    Ok(DisclosureView {
        // The record of a letter names the address it went to.
        address: address.filter(|at| !at.trim().is_empty() && !disclosure.recipient.contains(at.trim())),
        name: person.or(told_as).filter(|name| !name.reveal().is_empty()),
        unlinked,
        with_consent: disclosure.consent != ConsentId::ZERO,
        record: *record,
        by_hand: strike::by_hand(disclosure) && back.is_none(),
        at: disclosure.at,
        recorded: disclosure.recorded,
        person: disclosure.person,
        to: disclosure.to,
        recipient: disclosure.recipient.clone(),
        information: disclosure.information,
        what: what(disclosure, back.as_deref()),
        purpose: disclosure
            .law
            .as_deref()
            .map_or_else(|| disclosure.purpose.to_string(), |law| sheet::purpose(law.clause, Lang::En).to_owned()),
        consent: disclosure.consent,
        version: disclosure.version,
        staff: disclosure.by.name.clone(),
        entry: disclosure.entry,
        clause: disclosure.clause.clone(),
        stage: disclosure.stage,
        printed: super::outside::is_letter(step.draft(), disclosure)?,
        facts: disclosure.facts.as_deref().map(super::emergency::shown),
        law: disclosure.law.as_deref().map(lawful::shown),
        withheld: None,
    })
}

/// What was told, whether the node did that of its own accord, and what became of it.
fn what(disclosure: &Disclosure, back: Option<&str>) -> Personal<String> {
    let own = if disclosure.automatic { "keys passed on by the node to a recipient that asked; " } else { "" };
    let back = back.map_or_else(String::new, |means| format!(" ({means})"));
    Personal::new(format!("{own}{}{back}", disclosure.what.reveal()))
}

/// The newest looks, newest first. That somebody read them is a look too.
///
/// # Errors
/// Not a privacy officer.
pub fn audit(step: &mut Step<'_>, session: &StaffSession, limit: u32) -> Outcome<AuditView> {
    staff::privacy_officer(step.draft(), session, "to read who looked at what")?;
    let mut looks: Vec<LookView> = Vec::new();
    let most = limit.try_into().unwrap_or(usize::MAX);
    for record in records::newest(step.draft(), Kind::Audit, most)? {
        let PrivateBody::Audit(audit) = record.body else { continue };
        let row = |Shown { person, thread }: Shown| LookView {
            at: audit.at,
            staff: audit.by.name.clone(),
            looked: crate::api::word(&audit.looked),
            person,
            thread,
            words: audit.words.clone(),
        };
        match audit.shown.as_slice() {
            [] => looks.push(row(Shown { person: audit.person, thread: audit.thread })),
            shown => looks.extend(shown.iter().copied().map(row)),
        }
    }
    looks.sort_by_key(|look| std::cmp::Reverse(look.at));
    looks.truncate(most);
    people::look(step, session, Looked::Audit, None, None)?;
    Ok(AuditView { looks })
}
