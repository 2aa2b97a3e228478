//! [`Table::List`], by its first byte: `1 thread` the row ([`Kept`]); `2 part order thread` the rows of a part in order, with their
//! deadlines where they are due; `3 moment thread` when time alone changes a row; `4 what id thread` which rows hang on a consent, a
//! person, a partner or an agreement; `5 thread` that a row is to be made anew; `6` the head. All of it can be made again from the
//! records.

use super::kept::{Kept, Waiting};
use crate::api::care::{ListCounts, Part};
use crate::usecases::records::find;
use belay_protocol::codec;
use belay_protocol::disclosure::{Outside, PrivateBody};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{AgreementId, ConsentId, PersonId, ThreadId};
use belay_protocol::referral::{Act, Body};
use belay_protocol::store::{Draft, Row, Table, View, after_prefix};
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const ROW: u8 = 1;
const ORDER: u8 = 2;
const UNTIL: u8 = 3;
const ON: u8 = 4;
const STALE: u8 = 5;
const HEAD: u8 = 6;

const CONSENT: u8 = 1;
const PERSON: u8 = 2;
const PARTNER: u8 = 3;
const AGREEMENT: u8 = 4;
const LEFT: u8 = 5;

/// What rows say and how they lie: raised when either changes, and every row is then folded anew.
pub(super) const FORMAT: u32 = 11;

/// How rows were made, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub format: u32,
    /// How days were counted, in minutes east of Greenwich.
    pub offset: i32,
    /// When the last of them was made.
    pub made: Time,
    pub counts: ListCounts,
}

/// What a marked row needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stale {
    /// Its deadlines, and whether the consent has ended by itself.
    Time,
    /// The fold of its thread.
    Fold,
}

fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    [&[kind], parts.concat().as_slice()].concat()
}

fn damaged() -> Fault {
    Fault::store("the list of referrals is damaged; `belay doctor --rebuild` makes it again from the entries")
}

/// The id at the end of a key.
fn thread_of(key: &[u8]) -> Result<ThreadId> {
    let at = key.len().checked_sub(32).ok_or_else(damaged)?;
    key.get(at..).and_then(ThreadId::from_slice).ok_or_else(damaged)
}

fn scan(view: &dyn View, prefix: &[u8], limit: usize) -> Result<Vec<Row>> {
    view.scan(Table::List, prefix, after_prefix(prefix).as_deref(), limit, false)
}

/// The row of a thread as it was made last. One that another program wrote is none.
pub(super) fn kept(view: &dyn View, thread: ThreadId) -> Result<Option<Kept>> {
    Ok(view.get(Table::List, &key(ROW, &[&thread.0]))?.and_then(|bytes| codec::decode("row", &bytes).ok()))
}

pub(super) fn head(view: &dyn View) -> Result<Option<Head>> {
    Ok(view.get(Table::List, &[HEAD])?.and_then(|bytes| codec::decode("head of the list", &bytes).ok()))
}

pub(super) fn put_head(draft: &mut Draft<'_>, head: &Head) {
    draft.put(Table::List, [HEAD], codec::encode(head));
}

/// Whatever was kept goes, marks too.
pub(super) fn clear(draft: &mut Draft<'_>) -> Result<()> {
    for (key, _) in draft.scan(Table::List, &[], None, usize::MAX, false)? {
        draft.delete(Table::List, key);
    }
    Ok(())
}

/// The threads that have a row, in order of id.
pub(super) fn threads(view: &dyn View) -> Result<Vec<ThreadId>> {
    scan(view, &[ROW], usize::MAX)?.iter().map(|(key, _)| thread_of(key)).collect()
}

/// All keys of a row.
fn keys(kept: &Kept) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let thread = kept.row.id.0;
    let mut keys = BTreeMap::from([(key(ROW, &[&thread]), codec::encode(kept))]);
    for part in kept.parts() {
        // Newest change first, or what presses most.
        let (order, value) = match (part, kept.order()) {
            (Part::Due, Some(order)) => (order, codec::encode(&kept.waiting())),
            _ => (u64::MAX - kept.row.updated.0, Vec::new()),
        };
        keys.insert(key(ORDER, &[&[part as u8], &order.to_be_bytes(), &thread]), value);
    }
    if let Some(until) = kept.until {
        keys.insert(key(UNTIL, &[&until.0.to_be_bytes(), &thread]), Vec::new());
    }
    let partner = kept.row.off_network.then_some(kept.row.other.0);
    // Under a consent, those whose recipient has left and nobody has said why stand apart, so that they are found among many.
    let on = [
        (CONSENT, kept.consent.map(|id| id.0)),
        (LEFT, kept.consent.filter(|_| kept.ending.telephone).map(|id| id.0)),
        (PERSON, kept.row.person.map(|id| id.0)),
        (PARTNER, partner),
        (AGREEMENT, kept.agreement.map(|id| id.0)),
    ];
    for (what, id) in on.into_iter().filter_map(|(what, id)| Some((what, id?))) {
        keys.insert(key(ON, &[&[what], &id, &thread]), Vec::new());
    }
    keys
}

/// Puts one row in the place of another, with its keys and in the counts. The mark goes.
pub(super) fn replace(
    draft: &mut Draft<'_>,
    thread: ThreadId,
    (old, new): (Option<&Kept>, Option<&Kept>),
    counts: &mut ListCounts,
) {
    draft.delete(Table::List, key(STALE, &[&thread.0]));
    let (before, after) = (old.map(keys).unwrap_or_default(), new.map(keys).unwrap_or_default());
    for gone in before.keys().filter(|key| !after.contains_key(*key)) {
        draft.delete(Table::List, gone.as_slice());
    }
    for (key, value) in after {
        if before.get(&key) != Some(&value) {
            draft.put(Table::List, key, value);
        }
    }
    old.into_iter().for_each(|kept| count(counts, kept, |n| *n = n.saturating_sub(1)));
    new.into_iter().for_each(|kept| count(counts, kept, |n| *n = n.saturating_add(1)));
}

fn count(counts: &mut ListCounts, kept: &Kept, step: impl Fn(&mut u64)) {
    for part in kept.parts() {
        step(match part {
            Part::All => &mut counts.all,
            Part::Ours => &mut counts.ours,
            Part::Theirs => &mut counts.theirs,
            Part::Ended => &mut counts.ended,
            Part::Due => &mut counts.due,
        });
    }
    if kept.is_overdue() {
        step(&mut counts.overdue);
    }
}

/// Marks a thread: its row is folded anew before anybody reads it.
pub fn stale(draft: &mut Draft<'_>, thread: ThreadId) {
    draft.put(Table::List, key(STALE, &[&thread.0]), [Stale::Fold as u8]);
}

/// Marks it where no stronger mark stands.
pub(super) fn mark(draft: &mut Draft<'_>, thread: ThreadId, how: Stale) -> Result<()> {
    let key = key(STALE, &[&thread.0]);
    if draft.get(Table::List, &key)?.is_none_or(|known| known < vec![how as u8]) {
        draft.put(Table::List, key, [how as u8]);
    }
    Ok(())
}

fn mark_on(draft: &mut Draft<'_>, (what, id): (u8, &[u8; 32]), how: Stale) -> Result<()> {
    for (key, _) in scan(draft, &key(ON, &[&[what], id]), usize::MAX)? {
        mark(draft, thread_of(&key)?, how)?;
    }
    Ok(())
}

/// Under whichever record of theirs a row hangs.
fn mark_person(draft: &mut Draft<'_>, person: PersonId) -> Result<()> {
    let records = find::records_of(draft, person)?.records;
    records.iter().try_for_each(|record| mark_on(draft, (PERSON, &record.0), Stale::Fold))
}

/// A plan or a list of medication of this person was written, or counts no more: referrals may say it as it was before.
///
/// # Errors
/// `Store`.
pub fn planned(draft: &mut Draft<'_>, person: PersonId) -> Result<()> {
    mark_person(draft, person)
}

/// The threads about a person, in order of id.
pub(super) fn about(view: &dyn View, person: PersonId, limit: usize) -> Result<Vec<ThreadId>> {
    scan(view, &key(ON, &[&[PERSON], &person.0]), limit)?.iter().map(|(key, _)| thread_of(key)).collect()
}

/// The threads under a consent whose recipient has left by itself, and nobody has put on record why.
pub(super) fn left(view: &dyn View, consent: ConsentId) -> Result<Vec<ThreadId>> {
    scan(view, &key(ON, &[&[LEFT], &consent.0]), usize::MAX)?.iter().map(|(key, _)| thread_of(key)).collect()
}

/// Marks the threads about the person of this one.
fn whose(draft: &mut Draft<'_>, thread: ThreadId) -> Result<()> {
    match kept(draft, thread)?.and_then(|kept| kept.row.person) {
        Some(person) => mark_person(draft, person),
        None => Ok(()),
    }
}

/// An act that stands in our own records: what it says of plan or medication is newer than what other referrals of the person say.
fn written(draft: &mut Draft<'_>, thread: ThreadId, act: &Act) -> Result<()> {
    if matches!(act, Act::Crisis(_) | Act::Medication(_) | Act::Mistake { .. }) {
        whose(draft, thread)?;
    }
    mark(draft, thread, Stale::Fold)
}

/// Marks what a record of our own touches, now that it is kept.
///
/// # Errors
/// `Store`.
pub fn touched(draft: &mut Draft<'_>, body: &PrivateBody) -> Result<()> {
    match body {
        PrivateBody::Person(person) => mark_person(draft, person.id),
        PrivateBody::Joined(joined) => {
            mark_person(draft, joined.pair.0)?;
            mark_person(draft, joined.pair.1)
        }
        PrivateBody::Consent(consent) => {
            // What was agreed to leave out under it is left out of what we answer in referrals that came here.
            // A version without it lets it in again.
            if consent.signed().is_some() {
                mark_person(draft, consent.person())?;
            }
            mark_on(draft, (CONSENT, &consent.id().0), Stale::Fold)
        }
        PrivateBody::EventStruck(struck) => mark_on(draft, (CONSENT, &struck.consent.0), Stale::Fold),
        PrivateBody::Unsaid(unsaid) => mark_on(draft, (CONSENT, &unsaid.consent.0), Stale::Fold),
        PrivateBody::Thread(record) => mark(draft, record.thread, Stale::Fold),
        PrivateBody::Linked(linked) => {
            // What our staff wrote in it is of somebody else now.
            linked.person.map_or(Ok(()), |person| mark_person(draft, person))?;
            whose(draft, linked.thread)?;
            mark(draft, linked.thread, Stale::Fold)
        }
        PrivateBody::LocalAct(act) => written(draft, act.thread, &act.act),
        PrivateBody::Planned(planned) => mark_person(draft, planned.person),
        PrivateBody::LeftOut(word) => mark_person(draft, word.person),
        PrivateBody::Doubted(said) => mark_on(draft, (CONSENT, &said.part.0), Stale::Fold),
        PrivateBody::Heard(heard) => mark(draft, heard.thread, Stale::Fold),
        PrivateBody::Left(left) => mark(draft, left.thread, Stale::Fold),
        PrivateBody::Read(read) => mark(draft, read.thread, Stale::Fold),
        PrivateBody::Outside(outside) => match &**outside {
            Outside::Partner(partner) => mark_on(draft, (PARTNER, &partner.org.0), Stale::Time),
            Outside::Act(act) => match &act.body {
                Body::Act(signed) => written(draft, act.thread, &signed.act),
                Body::Notice(_) | Body::Chunk(_) => mark(draft, act.thread, Stale::Fold),
            },
            Outside::Inquiry(_)
            | Outside::Reply(_)
            | Outside::Options(_)
            | Outside::Choice(_)
            | Outside::Followed(_)
            | Outside::Aside(_)
            | Outside::Bound(_) => Ok(()),
            Outside::File(word) => mark(draft, word.thread, Stale::Fold),
        },
        PrivateBody::Staff(_)
        | PrivateBody::Disclosure(_)
        | PrivateBody::Audit(_)
        | PrivateBody::Document(_)
        | PrivateBody::Chunk(_)
        | PrivateBody::Attachment(_)
        | PrivateBody::Drafted(_)
        | PrivateBody::Emergency(_)
        | PrivateBody::Withheld(_)
        | PrivateBody::Invite(_)
        | PrivateBody::Given(_)
        | PrivateBody::Struck(_)
        | PrivateBody::Judged(_)
        | PrivateBody::AgeReason(_)
        | PrivateBody::Discarded { .. }
        | PrivateBody::HeardFor(_)
        | PrivateBody::Phoned(_)
        | PrivateBody::Unreached(_)
        | PrivateBody::Whose(_)
        | PrivateBody::Keys(_) => Ok(()),
    }
}

/// Marks the rows of a partner with whom something about an agreement was said.
///
/// # Errors
/// `Store`.
pub fn agreed(draft: &mut Draft<'_>, agreement: AgreementId) -> Result<()> {
    // A referral may go by it and by no consent: then it says more than deadlines.
    mark_on(draft, (AGREEMENT, &agreement.0), Stale::Fold)
}

/// Marks every row, where it can not be said which of them changed.
///
/// # Errors
/// `Store`.
pub fn all_fold(draft: &mut Draft<'_>) -> Result<()> {
    threads(draft)?.into_iter().try_for_each(|thread| mark(draft, thread, Stale::Fold))
}

/// The same, where at most deadlines did.
///
/// # Errors
/// `Store`.
pub fn all_time(draft: &mut Draft<'_>) -> Result<()> {
    threads(draft)?.into_iter().try_for_each(|thread| mark(draft, thread, Stale::Time))
}

/// Marks the rows whose moment has come.
pub(super) fn mark_passed(draft: &mut Draft<'_>, now: Time) -> Result<()> {
    let to = key(UNTIL, &[&now.0.saturating_add(1).to_be_bytes()]);
    for (key, _) in draft.scan(Table::List, &[UNTIL], Some(&to), usize::MAX, false)? {
        mark(draft, thread_of(&key)?, Stale::Time)?;
    }
    Ok(())
}

/// What is marked, at most so many.
pub(super) fn marked(view: &dyn View, limit: usize) -> Result<Vec<(ThreadId, Stale)>> {
    let how = |value: &[u8]| if value == [Stale::Time as u8] { Stale::Time } else { Stale::Fold };
    scan(view, &[STALE], limit)?.iter().map(|(key, value)| Ok((thread_of(key)?, how(value)))).collect()
}

/// Threads of a part in order, from where a page ended; and what stands beside each.
pub(super) fn in_order(view: &dyn View, part: Part, after: &[u8], limit: usize) -> Result<Vec<(Vec<u8>, Row)>> {
    let prefix = key(ORDER, &[&[part as u8]]);
    let from = if after.is_empty() { prefix.clone() } else { [&prefix, after, &[0]].concat() };
    let rows = view.scan(Table::List, &from, after_prefix(&prefix).as_deref(), limit, false)?;
    Ok(rows
        .into_iter()
        .map(|(key, value)| (key.get(prefix.len()..).unwrap_or_default().to_vec(), (key, value)))
        .collect())
}

/// The thread of a row of [`in_order`], with its deadlines where that part has them.
pub(super) fn read((key, value): &Row) -> Result<(ThreadId, Vec<Waiting>)> {
    let waiting =
        if value.is_empty() { Vec::new() } else { codec::decode("deadlines", value).map_err(|_| damaged())? };
    Ok((thread_of(key)?, waiting))
}

/// Every key and value, for tests that hold one table against another; without when rows were made.
#[cfg(test)]
pub fn everything(view: &dyn View) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let rows = view.scan(Table::List, &[], None, usize::MAX, false).expect("reads");
    let counts = codec::encode(&head(view).expect("reads").expect("there").counts);
    rows.into_iter().map(|(key, value)| if key == [HEAD] { (key, counts.clone()) } else { (key, value) }).collect()
}
