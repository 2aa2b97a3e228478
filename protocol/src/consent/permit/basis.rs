//! What a decision rests on.

use crate::consent::{Consent, Scope};
use crate::referral::{Information, Party};
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// What a decision rests on.
#[derive(Debug, Clone, Copy)]
pub enum Basis<'c> {
    /// The whole consent, at the organisation that took it.
    Consent(&'c Consent),
    /// The version under which a thread was sent and every later one that was signed, in order: what all of them allow.
    Versions(&'c [Consent]),
    /// The part of a consent that came with a notice.
    Scope(&'c Scope),
    /// Such a part, after we heard that the consent was revoked or that we were taken out of the thread.
    Withdrawn(&'c Scope, Time),
    /// What came to us under such a part, to be passed on to somebody else (2.33).
    Onward(&'c Scope, &'c Onward),
    /// A question that names nobody and holds codes only (45 CFR 164.514(b)).
    Inquiry,
    /// The same program, or a qualified service organisation (2.12(c)(3), (4)).
    Tie(&'c Tie),
    /// A medical emergency (2.51), with the part of a consent under which copies were placed in advance, if any were.
    Emergency(Option<&'c Scope>, &'c Facts),
}

impl<'c> From<&'c Consent> for Basis<'c> {
    fn from(consent: &'c Consent) -> Self {
        Self::Consent(consent)
    }
}

impl<'c> From<&'c Scope> for Basis<'c> {
    fn from(scope: &'c Scope) -> Self {
        Self::Scope(scope)
    }
}

/// To whom something that came to us shall be passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onward {
    pub to: Party,
    /// It is our contractor, subcontractor or legal representative and bound to 42 CFR part 2 by a written contract (2.33(c)).
    pub contract: bool,
}

/// Why an organisation may be told without a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieKind {
    /// It is part of the program, or has direct administrative control over it (2.12(c)(3)).
    SameProgram,
    /// It serves the program under a written agreement (2.11, 2.12(c)(4)).
    Service,
}

/// A tie to another organisation, as this one put it on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tie {
    pub party: Party,
    pub kind: TieKind,
    /// What it does for the program, or what makes it one with it.
    pub services: String,
    /// Where the signed agreement lies in which it acknowledges that it is bound by 42 CFR part 2 (2.11).
    pub agreement: String,
    /// What it needs for that, and nothing else.
    pub information: Vec<Information>,
    pub since: Time,
    pub until: Option<Time>,
}

/// The four facts that are written down at once (2.51(c)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// (1) Name of the medical personnel ...
    pub personnel: Personal<String>,
    /// ... and of the facility: the organisation and, in its name, the house.
    pub facility: Party,
    /// (2) Who discloses.
    pub discloser: Personal<String>,
    /// (3)
    pub at: Time,
    /// (4) The nature of the emergency.
    pub nature: Personal<String>,
}
