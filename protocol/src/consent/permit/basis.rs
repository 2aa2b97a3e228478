//! What a decision rests on.

pub use crate::agreement::TieKind;

use super::law::Lawful;
use crate::agreement::Agreement;
use crate::consent::{Consent, Refusal, Restriction, Scope};
use crate::ids::{ConsentId, OrgId, TermsHash};
use crate::referral::{Described, Expiry, Flow, Information, Party, Purpose};
use crate::sensitive::Personal;
use crate::time::{Local, Time};
use serde::{Deserialize, Serialize};

/// What a decision rests on.
#[derive(Debug, Clone, Copy)]
pub enum Basis<'c> {
    /// The whole consent, at the organisation that took it.
    Consent(&'c Consent),
    /// The version under which a thread was sent and every later one that was signed, in order: what all of them allow from the first on
    /// that opens it.
    Versions(&'c [Consent]),
    /// The part of a consent that came with a notice, and what this organisation agreed with the person not to tell (2.26), whatever it
    /// tells by.
    Scope(&'c Scope, &'c [Restriction]),
    /// Such a part, after we heard that the consent was revoked or that we were taken out of the thread, or while our staff doubt it.
    Withdrawn(&'c Scope, Shut),
    /// What came to us under such a part, to be passed on to somebody else (2.33), but for what this organisation agreed with the person
    /// not to tell.
    Onward(&'c Scope, &'c Onward, &'c [Restriction]),
    /// A question that names nobody and holds codes only (45 CFR 164.514(b)).
    Inquiry,
    /// The same program, or a qualified service organisation (2.12(c)(3), (4)).
    Tie(&'c Tie),
    /// Word that the person took a consent back (2.31(a)(6)), to who can hear it by telephone alone.
    Ended(Ended<'c>),
    /// All versions of a consent, of which staff say that something went under it at that time: for the record of it, and for nothing else.
    Then(&'c [Consent], Time),
    /// Another clause that asks for no consent, with what is on record.
    Law(&'c Lawful),
    /// A medical emergency (2.51), with the part of a consent under which copies were placed in advance, if any were.
    Emergency(Option<&'c Scope>, &'c Facts),
}

/// Since when nothing more may be told under the part of a consent that came to us, and as far as we know why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    /// The person took it back, as was heard here or as who keeps it says.
    TakenBack(Time),
    /// Who keeps it tells nothing more under it, and nobody says why.
    NothingMore(Time),
    /// Staff here say that it may be false (2.31(c)(4)), until the privacy officer has judged it.
    Doubted(Time),
}

impl Shut {
    #[must_use]
    pub const fn since(self) -> Time {
        match self {
            Self::TakenBack(at) | Self::NothingMore(at) | Self::Doubted(at) => at,
        }
    }
}

/// The consent that the person took back, as far as who has to telephone knows it.
#[derive(Debug, Clone, Copy)]
pub enum Ended<'c> {
    /// One that we keep, by all versions of it: to whom it named.
    Kept(&'c [Consent]),
    /// One that we keep and that the person took back as a whole or for whom it named: to that organisation's node, with its removal.
    Word(&'c [Consent]),
    /// One that we keep and that stands, by all versions of it: to whom it lets less be told than before.
    Less(&'c [Consent]),
    /// One under which something came to us, by its part: to who told us.
    Came(&'c Scope),
    /// One that this organisation keeps, as the person said, and under which nothing came to us.
    Elsewhere(OrgId),
}

impl<'c> From<&'c Consent> for Basis<'c> {
    fn from(consent: &'c Consent) -> Self {
        Self::Consent(consent)
    }
}

/// To whom something that came to us shall be passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onward {
    pub to: Party,
    /// It is our contractor, subcontractor or legal representative and bound to 42 CFR part 2 by a written contract (2.33(c)).
    pub contract: bool,
    /// Nothing more is told under that part, so that nothing of it is passed on either.
    pub shut: Option<Shut>,
}

/// What ties two organisations, as both signed it and as of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// Both.
    pub parties: [Party; 2],
    pub kind: TieKind,
    /// Which of them is the part 2 program.
    pub program: OrgId,
    /// What the other does for the program, or what makes it one with it.
    pub services: String,
    /// The version and the terms that both signed and in which the other acknowledges that it is bound by 42 CFR part 2 (2.11).
    /// `None`: they hold no more, or not yet.
    pub agreement: Option<(u32, TermsHash)>,
    /// What is needed for that, and nothing else.
    pub information: Vec<Information>,
    pub since: Local,
    pub until: Option<Local>,
    /// What this organisation agreed with the person not to tell the other (2.26).
    pub withheld: Vec<Restriction>,
}

impl Tie {
    /// What `agreement` says as of `now`, or said last: then as one that holds no more. `None`: it never tied the two.
    #[must_use]
    pub fn of(agreement: &Agreement, parties: [Party; 2], now: Time) -> Option<Self> {
        let holds = agreement.holds(now).filter(|version| version.terms.tie.is_some());
        let last = || agreement.versions.iter().find(|version| version.is_signed() && version.terms.tie.is_some());
        let version = holds.or_else(last)?;
        let tie = version.terms.tie.clone()?;
        Some(Self {
            parties,
            kind: tie.kind,
            program: tie.program,
            services: tie.services,
            agreement: holds.map(|version| (version.terms.version, version.hash)),
            information: tie.information,
            since: version.terms.from,
            until: version.terms.until,
            withheld: Vec::new(),
        })
    }

    /// Why one tells the other under it.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        match self.kind {
            TieKind::SameProgram => Purpose::Treatment,
            TieKind::Service => Purpose::Operations,
        }
    }

    /// What goes with what is told under it to `recipient`.
    ///
    /// # Errors
    /// The agreement is not in force.
    pub fn scope_for(&self, recipient: OrgId) -> Result<Scope, Refusal> {
        let (version, terms) = self.agreement.ok_or_else(|| super::without::not_in_force(self))?;
        let [one, other] = &self.parties;
        let ways = [(one.org, other.org), (other.org, one.org)];
        let flow = |(from, to): (OrgId, OrgId), information| Flow { from, to, information, purpose: self.purpose() };
        let flows = ways.iter().flat_map(|way| self.information.iter().map(|kind| flow(*way, *kind)));
        let described =
            |kind: &Information| Described { information: *kind, description: kind.description().to_owned() };
        let mut parties = self.parties.to_vec();
        parties.sort();
        Ok(Scope {
            parties,
            flows: flows.collect(),
            information: self.information.iter().map(described).collect(),
            expiry: self.until.map_or(Expiry::Never, Expiry::On),
            statements: vec![self.services.clone(), self.kind.statement().to_owned()],
            tie: Some((self.kind, terms)),
            ..Scope::nothing(ConsentId::ZERO, version, recipient, self.since.wall())
        })
    }
}

/// The four facts that are written down at once (2.51(c)), and that on which the exception rests (2.51(a)(1)).
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
    /// Why the person's prior written consent can not be obtained, as the medical personnel say (2.51(a)(1)).
    pub unobtainable: Personal<String>,
}
