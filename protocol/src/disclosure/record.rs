//! One disclosure and one look, as they are kept.

use super::Brief;
use crate::consent::{Action, Facts, Lawful, Permit};
use crate::fault::Result;
use crate::ids::{ConsentId, EntryHash, OrgId, PersonId, SpaceId, ThreadId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::referral::{By, Information, Purpose, bounded};
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// What the use case knows of a disclosure before it is made; the engine adds permit, entry and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub by: By,
    pub person: PersonId,
    pub thread: ThreadId,
    /// The recipient's name and, where known, address (164.528(b)(2)(ii)).
    pub recipient: String,
    /// What kind of thing it is.
    pub brief: Brief,
    /// The description (164.528(b)(2)(iii)), as staff read it.
    pub what: Personal<String>,
}

/// Staff opened a thread in which others had written something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    pub thread: ThreadId,
    /// The newest entries of its spaces that lay here then.
    pub upto: Vec<EntryHash>,
    pub at: Time,
}

/// Something was told to another organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    pub by: By,
    pub person: PersonId,
    pub thread: ThreadId,
    pub to: OrgId,
    /// The recipient's name and, where known, address.
    pub recipient: String,
    pub purpose: Purpose,
    pub consent: ConsentId,
    pub version: u32,
    pub information: Information,
    /// The entry whose body the recipient can open by it. What left on paper has no space, and the entry of the word by which it left.
    pub space: SpaceId,
    pub entry: EntryHash,
    /// What kind of thing went, as the person reads it.
    pub brief: Brief,
    pub what: Personal<String>,
    /// When it was told (164.528(b)(2)(i)).
    pub at: Time,
    /// When it was put on record: then, or afterwards.
    pub recorded: Time,
    /// Made by the node of its own accord: it passed keys on to a reader that asked for them, under the consent and by the staff
    /// of the record before.
    pub automatic: bool,
    /// The clause that permits it: with `consent` (all zero where the law asks for none) and `facts` what it rests on.
    pub clause: String,
    /// Of a medical emergency: the four facts of 42 CFR 2.51(c).
    pub facts: Option<Box<Facts>>,
    /// Under another clause that asks for no consent: what was on record first.
    pub law: Option<Box<Lawful>>,
    pub stage: Stage,
}

/// How far a disclosure went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Told: whoever reads there can read it.
    Told,
    /// Placed in advance, to be opened in a medical emergency only. Not counted as a disclosure made, but part of what a breach at
    /// the recipient concerns: the keys lie there.
    Placed,
    /// What had been placed was opened.
    Opened,
}

impl Disclosure {
    /// The record of keys that the node passed on of its own accord to whom this one was told.
    #[must_use]
    pub fn again(&self, entry: EntryHash, at: Time) -> Self {
        Self { entry, at, recorded: at, automatic: true, ..self.clone() }
    }

    /// The record of what `permit` permitted, written at `now`. What leaves the network is put on record once it was told, so that the
    /// permit knows when; all else is told by this very step.
    #[must_use]
    pub fn made(permit: &Permit, note: &Note, space: SpaceId, entry: EntryHash, now: Time) -> Self {
        let before = permit.went().or(permit.facts().map(|f| f.at)).or(permit.law().map(|law| law.at));
        let at = before.filter(|_| permit.action() == Action::Export).map_or(now, |at| at.min(now));
        let mut by = note.by.clone();
        if planted::is(Bug::DisclosureWithoutStaff) {
            by.name = Personal::default();
        }
        Self {
            by,
            person: note.person,
            thread: note.thread,
            to: permit.to(),
            recipient: note.recipient.clone(),
            purpose: permit.purpose().clone(),
            consent: permit.consent(),
            version: permit.version(),
            information: permit.information(),
            space,
            entry,
            brief: note.brief,
            what: note.what.clone(),
            at,
            recorded: now,
            automatic: false,
            clause: permit.clause().to_owned(),
            facts: permit.facts().cloned().map(Box::new),
            law: permit.law().cloned().map(Box::new),
            stage: match permit.action() {
                Action::Place => Stage::Placed,
                Action::Grant | Action::Seal | Action::Export | Action::Show => Stage::Told,
            },
        }
    }
}

/// What somebody looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Looked {
    Person,
    PersonList,
    Consent,
    ConsentList,
    Thread,
    ThreadList,
    Disclosures,
    /// Persons like an incoming one.
    Matches,
    /// A letter, printed again.
    Letter,
    /// An inquiry: made, answered or read.
    Inquiry,
    /// The report of where referrals go.
    Report,
    /// A form, printed or made ready to print.
    Print,
    /// Files, listed or taken out.
    Attachment,
    /// What was placed for emergencies, or opened in one.
    Emergency,
    /// Holds.
    Hold,
    /// Whom somebody has to telephone, or did.
    Call,
    /// Who looked at what.
    Audit,
    /// Nothing: what was asked was refused.
    Refused,
    /// Somebody typed wrong secrets for this staff member.
    WrongSecrets,
}

/// Somebody looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    pub by: By,
    pub looked: Looked,
    /// Whom it concerned; `None` for lists.
    pub person: Option<PersonId>,
    pub thread: Option<ThreadId>,
    pub at: Time,
    /// Of a short list: what was shown.
    pub shown: Vec<Shown>,
    /// What was looked for, or asked and refused; empty where the rest says it.
    pub words: Personal<String>,
}

impl Audit {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        bounded([&self.words], limits::NAME_CHARS)
    }
}

/// Whom one line of a list was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shown {
    pub person: Option<PersonId>,
    pub thread: Option<ThreadId>,
}
