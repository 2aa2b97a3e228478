//! What went to a partner and left no trace here when it did (words on the telephone, a letter of one's own, a file that was never
//! attached), put on record afterwards: judged by the consent as it stood then, dated then, with the day on which it was written down.
//! Nothing is sent by it, and no permit comes of it that could send anything.

use super::files::{last_of, letters, may_strike, reason, write};
use crate::api::care::{DisclosureWent, SentView};
use crate::api::{Failure, Outcome};
use crate::usecases::named;
use crate::usecases::referrals::{Open, settled};
use crate::usecases::staff::StaffSession;
use belay_protocol::consent::Permit;
use belay_protocol::disclosure::private::Direction;
use belay_protocol::disclosure::{Brief, FileWord, Note, Went};
use belay_protocol::engine::{Step, Telling};
use belay_protocol::fault::Fault;
use belay_protocol::ids::EntryHash;
use belay_protocol::keys::digest::sha256;
use belay_protocol::referral::Party;
use belay_protocol::sensitive::Personal;
use std::collections::BTreeSet;

/// What a letter, and what was put on record afterwards, is to the other word about it.
pub(super) const fn is_told(what: &Went) -> bool {
    matches!(what, Went::Told { .. })
}

/// Puts it on record: one disclosure for each kind of information.
///
/// # Errors
/// A referral that came here, or that rests on no consent of ours; nothing that went, or no kind; that it is on record; what the consent did not
/// permit then, with what to do next.
pub fn record(step: &mut Step<'_>, session: &StaffSession, ask: &DisclosureWent) -> Outcome<SentView> {
    let open = Open::named(step, &ask.thread)?;
    if open.thread.direction == Direction::Incoming || open.thread.tied() {
        let message =
            "only who keeps the consent of a referral knows how it stood then, and puts on record what went under it";
        return Err(Failure::misuse(message).next(format!(
            "belay disclosures --to \"{}\" for what is on record here; tell the privacy officer of what is not",
            open.thread.other.name
        )));
    }
    let told = ask.told.reveal().trim();
    let kinds: BTreeSet<_> = ask.include.iter().copied().collect();
    if told.is_empty() || kinds.is_empty() {
        return Err(Failure::misuse("say what went, and which kinds of information that was")
            .next("--told @FILE and --include KINDS, such as referral,identity"));
    }
    let to = recipient(&open, ask.to.as_deref())?;
    let mut permits: Vec<Permit> = Vec::new();
    for information in kinds {
        permits.push(open.went_then(step, (to.org, information), ask.when).map_err(Fault::from)?);
    }
    let what = Went::Told { what: told.into(), way: ask.way, to: ask.who.reveal().trim().into(), when: ask.when };
    let about = open.thread.thread;
    let name =
        EntryHash(sha256(b"belay what went before v1\0", &[&to.org.0, &ask.when.0.to_be_bytes(), told.as_bytes()]));
    let before = super::files::words(step.draft(), about, name)?;
    if before.last().is_some_and(|(_, word)| is_told(&word.what)) {
        return Err(Failure::misuse("that is on record already").next("belay disclosures --person PERSON"));
    }
    let entry = write(step, session, (about, name), before.len(), what)?;
    let recipient = match super::get(step.draft(), to.org)? {
        Some(partner) => partner.recipient(),
        None => to.name,
    };
    let said = Personal::new(format!("{told}; {}", ask.way.words()));
    let note: Note = super::letter::note(session, &open, &recipient, (Brief::Words, said.reveal()));
    let tellings: Vec<Telling<'_>> = permits.iter().map(|permit| Telling { permit, note: &note }).collect();
    step.went(&tellings, entry)?;
    settled(step)?;
    last_of(step, about)
}

/// Of a team the one that is named; else who was referred to.
fn recipient(open: &Open, given: Option<&str>) -> Outcome<Party> {
    let Some(given) = given else { return Ok(open.thread.other.clone()) };
    let all: Vec<Party> = open.thread.others().cloned().collect();
    let key = |party: &Party| (party.org.to_string(), party.name.clone());
    named(&all, given, key, "organisation in this referral", "belay referral show THREAD").cloned()
}

/// What was put on record last of a referral, and not taken back before, was written down by mistake: it leaves the accounting.
///
/// # Errors
/// There is none; no reason; somebody else wrote it.
pub fn back(step: &mut Step<'_>, session: &StaffSession, thread: &str, why: &Personal<String>) -> Outcome<SentView> {
    take_back(step, session, (thread, why), (is_told, "nothing of this referral was put on record afterwards"))
}

/// The letter that was printed last, and not taken back before, was not handed over.
///
/// # Errors
/// None was printed; no reason; somebody else printed it.
pub fn letter_back(
    step: &mut Step<'_>,
    session: &StaffSession,
    thread: &str,
    why: &Personal<String>,
) -> Outcome<SentView> {
    let printed = |what: &Went| *what == Went::Printed;
    take_back(step, session, (thread, why), (printed, "no letter of this referral is on record as printed"))
}

fn take_back(
    step: &mut Step<'_>,
    session: &StaffSession,
    (thread, why): (&str, &Personal<String>),
    (is, none): (fn(&Went) -> bool, &str),
) -> Outcome<SentView> {
    let text = reason(why)?;
    let id = Open::named(step, thread)?.thread.thread;
    let words = letters(step.draft(), id)?;
    let stands = |word: &&FileWord| {
        let later = |other: &FileWord| other.file == word.file && other.number > word.number;
        is(&word.what) && !words.iter().any(later)
    };
    let Some(word) = words.iter().rev().find(stands) else {
        return Err(Failure::misuse(none).next("belay referral show THREAD"));
    };
    may_strike(step, session, word)?;
    let before = usize::try_from(word.number).unwrap_or(usize::MAX);
    write(step, session, (id, word.file), before, Went::NotAfterAll(text))?;
    settled(step)?;
    last_of(step, id)
}
