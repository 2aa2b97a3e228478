//! What of an accounting the person is not told for a time: an agency of health oversight or law enforcement said that it would be in its
//! way (42 CFR 2.25(a), which takes in 45 CFR 164.528(a)(2)).

use crate::consent::Refusal;
use crate::fault::{Fault, Result};
use crate::ids::{OrgId, PersonId};
use crate::limits;
use crate::referral::{By, Party, Told, bounded};
use crate::sensitive::Personal;
use crate::space::control::PartnerKind;
use crate::time::{DAY, Time};
use serde::{Deserialize, Serialize};

/// Which takes it out of the list, and puts it back.
const CLAUSE: &str = "45 CFR 164.528(a)(2)";

/// A statement of an agency or official, and for how long what it was told is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// Drawn at random.
    pub id: [u8; 16],
    /// The first is 1, and a later word about the statement has the next: the highest holds.
    pub number: u32,
    /// What was told to it is left out.
    pub to: Party,
    /// Of this person's accounting alone; `None`: of everybody's.
    pub person: Option<PersonId>,
    /// In writing, or by word of mouth, which is to be documented (164.528(a)(2)(ii)(A)).
    pub told: Told,
    /// The official who stated it, by name and office.
    pub official: Personal<String>,
    /// What was stated: that an accounting would be reasonably likely to impede the agency, and for how long it asks.
    pub statement: Personal<String>,
    /// When it was stated.
    pub said: Time,
    /// From then on the accounting is whole again.
    pub until: Time,
    pub by: By,
    pub at: Time,
    /// It ended before its time: the agency said so, or it was put on record by mistake.
    pub ended: Option<Ended>,
}

/// That it ended before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub why: Personal<String>,
    pub by: By,
    pub at: Time,
}

/// That a person was given an accounting out of which something was left, or afterwards one that says more: from then on a new one is owed
/// once what was left out is in it again, since to ask for it is a right that was put off and not lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    pub person: PersonId,
    /// By which statements something was left out; none: it was whole.
    pub left_out: Vec<[u8; 16]>,
    pub by: By,
    pub at: Time,
}

impl Given {
    /// Bounds.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        if self.left_out.len() > limits::WITHHELD_AT_ONCE {
            return Err(Fault::malformed("accounting: too many statements leave something out of it"));
        }
        Ok(())
    }
}

impl Withheld {
    /// When it ended, if it has by `now`.
    #[must_use]
    pub fn over(&self, now: Time) -> Option<Time> {
        let ended = self.ended.as_ref().map_or(self.until, |ended| ended.at.min(self.until));
        Some(ended).filter(|at| *at <= now)
    }

    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        bounded([&self.official], limits::NAME_CHARS)?;
        bounded([&self.statement], limits::TEXT_CHARS)?;
        self.ended.as_ref().map_or(Ok(()), |ended| bounded([&ended.why], limits::TEXT_CHARS))
    }

    /// Whether the rule lets it be left out for that time.
    ///
    /// # Errors
    /// The first thing that stands against it, with its clause.
    pub fn allowed(&self, now: Time) -> std::result::Result<(), Refusal> {
        let refuse = |why: String, clause: &'static str, next: &str| Err(Refusal::new(why, clause, next));
        let asks = match self.to.kind {
            // Also a public plan oversees (164.501).
            PartnerKind::LawEnforcement
            | PartnerKind::CriminalJustice
            | PartnerKind::HealthPlan
            | PartnerKind::Other => true,
            PartnerKind::Part2Program
            | PartnerKind::CoveredProgram
            | PartnerKind::CoveredEntity
            | PartnerKind::BusinessAssociate
            | PartnerKind::NonCoveredCbo
            | PartnerKind::ChildWelfare => false,
        };
        if !asks {
            let why = format!("{} is no agency of health oversight or law enforcement", self.to.name);
            return refuse(why, CLAUSE, "Give the accounting whole; what it was told is part of it.");
        }
        if self.official.reveal().trim().is_empty() || self.statement.reveal().trim().is_empty() {
            let why = "who stated it for the agency, or what was stated, is missing".to_owned();
            return refuse(
                why,
                "45 CFR 164.528(a)(2)(ii)(A)",
                "Put both on record; without them the accounting is whole.",
            );
        }
        if self.said > now || self.until <= self.said || self.until <= now {
            let why = "the statement lies in the future, or the time that it asks for is over".to_owned();
            return refuse(why, CLAUSE, "Give the day on which it was stated, and a later one up to which it asks.");
        }
        if self.told == Told::Spoken && self.until > self.said.plus(limits::WITHHELD_SPOKEN_DAYS * DAY) {
            let why = format!(
                "by word of mouth it is left out for no longer than {} days from then",
                limits::WITHHELD_SPOKEN_DAYS
            );
            return refuse(
                why,
                "45 CFR 164.528(a)(2)(ii)(C)",
                "Ask the agency for a statement in writing, with the time it needs.",
            );
        }
        Ok(())
    }

    /// Until when what `to` was told of `person` is left out of that person's accounting at `now`; `None`: it is in it.
    #[must_use]
    pub fn leaves_out(&self, to: OrgId, person: PersonId, now: Time) -> Option<Time> {
        let stands = self.ended.as_ref().is_none_or(|ended| ended.at > now) && self.said <= now && now < self.until;
        let about = self.to.org == to && self.person.is_none_or(|only| only == person);
        Some(self.until).filter(|_| stands && about)
    }
}
