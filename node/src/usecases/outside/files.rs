//! Papers for partners who are not on the network: letters, which count as told once they are printed, and files, chosen for a referral
//! and told when staff say how each went. What was written down by mistake, or was printed and not handed over, is taken back with a
//! reason; both words stay. A cover sheet goes before a file, which names nobody outside.

use super::late::is_told;
use super::letter;
use crate::api::care::{CoverAsk, CoverView, FileWentAsk, SentView};
use crate::api::{Failure, Outcome};
use crate::forms::Styled;
use crate::usecases::attachments::{described, recorded};
use crate::usecases::records::{self, Kind, find};
use crate::usecases::referrals::{Open, settled};
use crate::usecases::staff::{self, StaffSession};
use crate::usecases::{named, parties, people, short_enough};
use belay_protocol::consent::Action;
use belay_protocol::disclosure::{Brief, Disclosure, FileWord, Looked, Means, Outside, PrivateBody, Went};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{EntryHash, ThreadId};
use belay_protocol::referral::{Act, Attached, is_outside};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use data_encoding::HEXLOWER;
use std::collections::{BTreeMap, BTreeSet};

/// Every word about a file of a referral, in order: the last one holds.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn words(
    view: &dyn View,
    thread: ThreadId,
    file: EntryHash,
) -> Result<Vec<(EntryHash, FileWord)>> {
    let all = super::all(view, Outside::FILE, &[&thread.0[..], &file.0].concat())?;
    Ok(all
        .into_iter()
        .filter_map(|(hash, record)| if let Outside::File(word) = record { Some((hash, *word)) } else { None })
        .collect())
}

/// The words that a paper went, of which somebody said that it did not after all, and what that means.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn taken_back(view: &dyn View) -> Result<BTreeMap<EntryHash, &'static str>> {
    taken_back_of(view, &[])
}

/// When something of a referral first went to the partner. What did not leave after all went nowhere.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn first_told(view: &dyn View, thread: ThreadId) -> Result<Option<Time>> {
    let back = taken_back_of(view, &thread.0)?;
    let mut first = None;
    for hash in find::all_exported(view, thread)? {
        if let Some(PrivateBody::Disclosure(told)) = records::get(view, Kind::Disclosure, &hash.0)?.map(|r| r.body)
            && !back.contains_key(&told.entry)
        {
            first = Some(first.map_or(told.at, |before: Time| before.min(told.at)));
        }
    }
    Ok(first)
}

fn taken_back_of(view: &dyn View, thread: &[u8]) -> Result<BTreeMap<EntryHash, &'static str>> {
    let (mut open, mut back): (Vec<(EntryHash, EntryHash, &str)>, _) = (Vec::new(), BTreeMap::new());
    for (hash, record) in super::all(view, Outside::FILE, thread)? {
        let Outside::File(word) = record else { continue };
        open.retain(|(file, ..)| *file == word.file);
        match word.what {
            Went::Out { .. } | Went::Told { .. } => {
                open.push((word.file, hash, crate::usecases::disclosures::BY_MISTAKE));
            }
            Went::Printed => open.push((word.file, hash, "printed, not handed over")),
            Went::NotAfterAll(_) => back.extend(open.drain(..).map(|(_, went, means)| (went, means))),
        }
    }
    Ok(back)
}

/// Every word about the letters of a referral, and about what was put on record afterwards, oldest first.
pub(super) fn letters(view: &dyn View, thread: ThreadId) -> Result<Vec<FileWord>> {
    let mut all: Vec<FileWord> = super::all(view, Outside::FILE, &thread.0)?
        .into_iter()
        .filter_map(|(_, record)| if let Outside::File(word) = record { Some(*word) } else { None })
        .collect();
    let is_one = |word: &&FileWord| word.what == Went::Printed || is_told(&word.what);
    let ours: BTreeSet<EntryHash> = all.iter().filter(is_one).map(|word| word.file).collect();
    all.retain(|word| ours.contains(&word.file));
    all.sort_by_key(|word| (word.at, word.number));
    Ok(all)
}

/// The same as they are shown.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn letter_words(view: &dyn View, thread: ThreadId) -> Result<Vec<SentView>> {
    let words = letters(view, thread)?;
    let printed: BTreeSet<EntryHash> =
        words.iter().filter(|word| word.what == Went::Printed).map(|word| word.file).collect();
    Ok(words.into_iter().map(|word| SentView { letter: printed.contains(&word.file), ..said(word) }).collect())
}

/// The words as they are shown.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn shown(view: &dyn View, thread: ThreadId, file: EntryHash) -> Result<Vec<SentView>> {
    let words = words(view, thread, file)?;
    Ok(words.into_iter().map(|(_, word)| said(word)).collect())
}

fn said(word: FileWord) -> SentView {
    let mut view = SentView { at: word.at, staff: word.by.name, ..SentView::default() };
    match word.what {
        Went::Out { way, to, when } => (view.way, view.to, view.when) = (Some(way), to, when),
        Went::Told { what, way, to, when } => {
            (view.told, view.way, view.to, view.when) = (Some(what), Some(way), to, Some(when));
        }
        Went::NotAfterAll(why) => view.back = Some(why),
        Went::Printed => {}
    }
    view
}

/// A file of a referral off the network, by its id or the beginning of one; of the same file chosen twice, the later.
fn find(step: &mut Step<'_>, thread: &str, given: &str) -> Outcome<(Open, EntryHash, Attached)> {
    let open = Open::named(step, thread)?;
    if !super::off_network(&open.thread) {
        let message = format!("{} is on the network: its node has what was attached", open.thread.other.name);
        return Err(Failure::misuse(message).next("belay attachment list --thread THREAD"));
    }
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for line in open.state.history.iter().rev().filter(|line| line.without_effect.is_none()) {
        if let Act::Attachment(attached) = &line.act
            && line.org == open.own
            && seen.insert(attached.manifest.sha256)
        {
            all.push((line.entry, (**attached).clone()));
        }
    }
    let key = |(_, file): &(EntryHash, Attached)| (HEXLOWER.encode(&file.manifest.sha256), String::new());
    let (entry, file) = named(&all, given, key, "file", "belay attachment list --thread THREAD")?.clone();
    Ok((open, entry, file))
}

fn gone(words: &[(EntryHash, FileWord)]) -> bool {
    words.last().is_some_and(|(_, last)| matches!(last.what, Went::Out { .. }))
}

/// Puts on record that it went, and how: one disclosure, of the kind of information that the file holds. One that went before and was not
/// put on record then is dated when it went, and judged by the consent as it stood then.
///
/// # Errors
/// None fits; it went already; the refusal of `consent::decide`.
pub fn went(step: &mut Step<'_>, session: &StaffSession, ask: &FileWentAsk) -> Outcome<SentView> {
    let (open, file, attached) = find(step, &ask.thread, &ask.file)?;
    let before = words(step.draft(), open.thread.thread, file)?;
    if ask.way == Means::Said {
        return Err(Failure::misuse("a file is handed over, faxed or mailed").next("--by handed, faxed or mailed"));
    }
    if gone(&before) {
        return Err(Failure::misuse("that this file went is on record already")
            .next("belay attachment list --thread THREAD; to send it again, attach it again"));
    }
    let permit = match ask.when {
        Some(at) => open.went_then(step, (open.thread.other.org, attached.information), at),
        None => open.may_tell(step, attached.information, Action::Export),
    };
    let permit = permit.map_err(Fault::from)?;
    let what = Went::Out { way: ask.way, to: ask.to.reveal().trim().into(), when: ask.when };
    let entry = write(step, session, (open.thread.thread, file), before.len(), what)?;
    let told = Personal::new(format!("{}, {}", recorded(&attached.manifest), ask.way.words()));
    letter::tell(step, session, &open, &permit, (entry, (Brief::File, told.reveal())))?;
    settled(step)?;
    last(step, open.thread.thread, file)
}

/// It did not go after all. That strikes it from the accounting, so that not everybody may say so.
///
/// # Errors
/// None fits, or none that went; no reason; somebody else wrote it down.
pub fn back(
    step: &mut Step<'_>,
    session: &StaffSession,
    (thread, given): (&str, &str),
    why: &Personal<String>,
) -> Outcome<SentView> {
    let text = reason(why)?;
    let (open, file, _) = find(step, thread, given)?;
    let before = words(step.draft(), open.thread.thread, file)?;
    let Some((_, last_word)) = before.last().filter(|_| gone(&before)) else {
        return Err(
            Failure::misuse("nobody has said that this file went").next("belay attachment list --thread THREAD")
        );
    };
    may_strike(step, session, last_word)?;
    write(step, session, (open.thread.thread, file), before.len(), Went::NotAfterAll(text))?;
    settled(step)?;
    last(step, open.thread.thread, file)
}

pub(super) fn reason(why: &Personal<String>) -> Outcome<Personal<String>> {
    let text = why.reveal().trim();
    if text.is_empty() {
        return Err(Failure::misuse("write down why it did not go").next("--why @FILE"));
    }
    short_enough(why)?;
    Ok(text.into())
}

/// It leaves the accounting: who wrote it may say so, or the privacy officer.
pub(super) fn may_strike(step: &mut Step<'_>, session: &StaffSession, word: &FileWord) -> Outcome<()> {
    if word.by.staff != session.by().staff && !staff::is_privacy_officer(step.draft(), session)? {
        return Err(Failure::not_permitted("who wrote it down says that it did not go, or the privacy officer does")
            .next("ask one of the two; or belay user add NAME --role privacy_officer"));
    }
    Ok(())
}

/// A letter of this content was printed: the word by which it is told.
pub(super) fn printed(
    step: &mut Step<'_>,
    session: &StaffSession,
    (thread, letter): (ThreadId, EntryHash),
) -> Outcome<EntryHash> {
    let before = words(step.draft(), thread, letter)?.len();
    write(step, session, (thread, letter), before, Went::Printed)
}

/// Whether what was told is a letter that was printed.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn is_letter(view: &dyn View, told: &Disclosure) -> Result<bool> {
    if !is_outside(told.to) {
        return Ok(false);
    }
    let words = super::all(view, Outside::FILE, &told.thread.0)?;
    Ok(words
        .iter()
        .any(|(hash, word)| *hash == told.entry && matches!(word, Outside::File(word) if word.what == Went::Printed)))
}

/// Since when this content is on record as printed, if it was and was not taken back.
pub(super) fn stands(view: &dyn View, thread: ThreadId, letter: EntryHash) -> Result<Option<Time>> {
    let last = words(view, thread, letter)?.pop();
    Ok(last.filter(|(_, word)| word.what == Went::Printed).map(|(_, word)| word.at))
}

/// The newest word about a letter of this referral, or about what was put on record afterwards.
pub(super) fn last_of(step: &mut Step<'_>, thread: ThreadId) -> Outcome<SentView> {
    let word = letter_words(step.draft(), thread)?.pop();
    Ok(word.ok_or_else(|| Fault::bug("a word about a paper that was just written is gone"))?)
}

fn last(step: &mut Step<'_>, thread: ThreadId, file: EntryHash) -> Outcome<SentView> {
    let word = shown(step.draft(), thread, file)?.pop();
    Ok(word.ok_or_else(|| Fault::bug("a word about a file that was just written is gone"))?)
}

pub(super) fn write(
    step: &mut Step<'_>,
    session: &StaffSession,
    (thread, file): (ThreadId, EntryHash),
    before: usize,
    what: Went,
) -> Outcome<EntryHash> {
    let number = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
    let word = FileWord { thread, file, number, what, by: session.by(), at: step.context().now };
    word.check()?;
    Ok(step.write_private(&PrivateBody::Outside(Box::new(Outside::File(Box::new(word)))).encode())?)
}

/// The sheet that goes before a file: from whom, to whom, how many pages nobody counts for us, and the notice of 42 CFR 2.32(a). It says
/// nothing of the person, nor what the file is called.
///
/// # Errors
/// None fits; the refusal of `consent::decide`.
pub fn cover(step: &mut Step<'_>, session: &StaffSession, ask: &CoverAsk) -> Outcome<CoverView> {
    let (open, _, attached) = find(step, &ask.thread, &ask.file)?;
    open.may_tell(step, attached.information, Action::Export).map_err(Fault::from)?;
    let partner = super::get(step.draft(), open.thread.other.org)?
        .ok_or_else(|| Fault::store("the partner of a referral is missing"))?;
    people::look(step, session, Looked::Letter, open.thread.person, Some(open.thread.thread))?;
    let from = parties::own(step)?.name;
    let sheet = super::paper::cover(
        (&from, &ask.office),
        &partner,
        (session.name(), step.context().now),
        open.thread.thread,
        ask.lang,
    );
    Ok(CoverView {
        thread: open.thread.thread,
        recipient: partner.name,
        fax: partner.fax,
        address: partner.address,
        file: described(&attached.manifest).as_str().into(),
        text: sheet.text().as_str().into(),
        html: sheet.html(ask.style.as_deref().map_or(Styled::Inline, Styled::Linked)).as_str().into(),
    })
}
