//! Staff opened a thread: the sender is told, where the consent has a way back, and the response time is kept here at any rate.

use super::{Open, left, settled, write};
use crate::api::Outcome;
use crate::usecases::staff::StaffSession;
use crate::usecases::worklist::Over;
use crate::usecases::{outside, records, threads};
use belay_protocol::codec;
use belay_protocol::consent::Action;
use belay_protocol::disclosure::{PrivateBody, Read};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, ThreadId};
use belay_protocol::referral::{Act, Actor, Information, Line, Place};
use belay_protocol::sync::rights;
use belay_protocol::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// The register in which a node says which acts its staff have read.
pub(super) const READ: &str = "read";

/// Acknowledges a referral that nobody here has seen before, and says how far our staff have read. Nothing of it where nothing more
/// may be told.
///
/// # Errors
/// `Store`.
pub(super) fn opened(step: &mut Step<'_>, session: &StaffSession, mut open: Open) -> Outcome<Open> {
    let over = write::over(step, &open)?;
    if unread(step, &open, over)? != Unread::default() {
        let read = Read { thread: open.thread.thread, upto: threads::newest(&open.placed), at: step.context().now };
        step.write_private(&PrivateBody::Read(Box::new(read)).encode())?;
        settled(step)?;
    }
    let way = open.has_way(Information::Referral);
    if open.thread.unwanted || left::gone(step, &open)?.is_some() {
        return Ok(open);
    }
    if way && open.may_tell(step, Information::Referral, Action::Seal).is_err() {
        return Ok(open);
    }
    // Who looks is shown what is here also while nothing is told, because later records of our own were not opened.
    let (engine, draft) = step.engine();
    if engine.later_state(draft)?.is_some() {
        return Ok(open);
    }
    let new = open.actor() == Actor::Recipient && open.state.place == Place::Sent && open.state.acknowledged.is_none();
    if new {
        write::act(step, session, &mut open, Act::Acknowledge)?;
        settled(step)?;
        open = Open::new(step, open.thread)?;
    }
    let theirs = open.state.history.iter().any(|line| line.org != open.own);
    if let Some(space) = open.thread.space(Information::Referral).filter(|_| way && theirs) {
        let (engine, draft) = step.engine();
        let heads = engine.spaces().heads_said(draft, space)?;
        step.register(space, READ, &codec::encode(&heads))?;
    }
    Ok(open)
}

/// Whoever puts on record here that it is over has read so. Of what others wrote in it nothing is read by that.
///
/// # Errors
/// `Store`.
pub fn ended_here(step: &mut Step<'_>, thread: ThreadId) -> Outcome<()> {
    let read = Read { thread, upto: Vec::new(), at: step.context().now };
    step.write_private(&PrivateBody::Read(Box::new(read)).encode())?;
    settled(step)
}

/// What nobody here has read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Unread {
    /// Since when words stand in it that another wrote.
    pub words: Option<Time>,
    /// Since when it is over by a word. That is shown whatever may be shown of the words.
    pub end: Option<Time>,
}

/// What stands in it that nobody here has read. Which machine of ours it was read at does not matter.
///
/// # Errors
/// `Store`.
pub(super) fn unread(step: &mut Step<'_>, open: &Open, over: Option<Over>) -> Result<Unread> {
    // Who has not opened it at all has to look at the referral, and reads all of it then.
    let unseen = open.actor() == Actor::Recipient && open.state.acknowledged.is_none();
    let words = |line: &&Line| line.org != open.own && line.without_effect.is_none() && is_words(&line.act);
    let lines: Vec<&Line> = open.state.history.iter().filter(words).collect();
    let words = !unseen && !lines.is_empty() && !outside::off_network(&open.thread);
    if !words && !over.is_some_and(Over::by_word) {
        return Ok(Unread::default());
    }
    let reads = reads(step, open)?;
    let end = unread_end(step, open, over, &reads)?;
    if !words {
        return Ok(Unread { words: None, end });
    }
    let read = read(open, &reads);
    let words = lines.into_iter().filter(|line| !read.contains(&line.entry)).map(|line| line.at).min();
    Ok(Unread { words, end })
}

/// Since when it is over by a word, where somebody waits for what comes next and nobody here has opened it since.
fn unread_end(step: &mut Step<'_>, open: &Open, over: Option<Over>, reads: &[Read]) -> Result<Option<Time>> {
    let (place, settled) = (open.state.place, open.state.settled.is_some());
    let waited_for = !settled && (!place.is_final() || place == Place::Completed);
    let over = over.filter(|over| waited_for && over.by_word());
    let Some(since) = over.and_then(|over| over.since) else { return Ok(None) };
    if reads.iter().any(|word| word.at >= since) {
        return Ok(None);
    }
    // When we heard that we are out is counted anew where records are made again; the entry that says so is not.
    if let Some(space) = open.thread.space(Information::Referral).filter(|_| !open.thread.heard) {
        let removals = rights::removals_from(step.draft(), open.own, space)?;
        let read = read(open, reads);
        if !removals.is_empty() && removals.iter().all(|entry| read.contains(entry)) {
            return Ok(None);
        }
    }
    Ok(Some(since))
}

/// How far staff of ours have read it.
fn reads(step: &mut Step<'_>, open: &Open) -> Result<Vec<Read>> {
    let records = records::all(step.draft(), records::Kind::Read, &open.thread.thread.0)?;
    let read = records.into_iter().filter_map(|record| match record.body {
        PrivateBody::Read(word) => Some(*word),
        _ => None,
    });
    Ok(read.collect())
}

/// The entries that they have read.
fn read(open: &Open, reads: &[Read]) -> BTreeSet<EntryHash> {
    let parents: BTreeMap<EntryHash, &[EntryHash]> =
        open.placed.iter().map(|placed| (placed.hash, &placed.parents[..])).collect();
    let mut read = BTreeSet::new();
    for word in reads {
        let mut next = word.upto.clone();
        while let Some(entry) = next.pop() {
            if read.insert(entry) {
                next.extend(parents.get(&entry).into_iter().copied().flatten());
            }
        }
    }
    read
}

/// What somebody wrote to be read: no deadline that tells of it follows by itself.
const fn is_words(act: &Act) -> bool {
    matches!(
        act,
        Act::Message { .. }
            | Act::Attachment(_)
            | Act::Summary(_)
            | Act::Crisis(_)
            | Act::Medication(_)
            | Act::HeardRevocation { .. }
            // What was read before counts no more.
            | Act::Mistake { .. }
    )
}
