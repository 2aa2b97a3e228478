//! What threads and consents speak of alike: kinds of information, purposes, parties, who may tell whom.

pub use crate::information::{Information, NotInformation};

use crate::ids::{OrgId, StaffId};
use crate::sensitive::Personal;
use crate::space::control::PartnerKind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why something may be told (42 CFR 2.31(a)(5)).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Treatment,
    Payment,
    Operations,
    /// The single consent for all future treatment, payment and health care operations.
    Tpo,
    /// At the request of the person: enough where the person asks for it (2.31(a)(5)(i)).
    AtRequest,
    /// In words of its own, such as "to find housing".
    Other(Personal<String>),
    /// Copies that are placed in advance and opened in a medical emergency only (42 CFR 2.51).
    Emergency,
    /// A civil, criminal, administrative or legislative proceeding: alone in its consent (42 CFR 2.31(d)).
    Proceedings,
    /// That somebody within the criminal justice system follows how treatment goes which is a condition of release (42 CFR 2.35).
    Supervision,
    /// Raising money for the program: with a statement on how to opt out (42 CFR 2.31(a)(5)(iii)).
    Fundraising,
}

impl Purpose {
    /// Whether this purpose, in a consent, covers one that is asked for.
    #[must_use]
    pub fn covers(&self, asked: &Self) -> bool {
        self == asked || (*self == Self::Tpo && matches!(asked, Self::Treatment | Self::Payment | Self::Operations))
    }

    /// Whether it is treatment, payment or health care operations: such consents carry statements of their own (2.31(a)(10)).
    #[must_use]
    pub const fn is_tpo(&self) -> bool {
        matches!(self, Self::Treatment | Self::Payment | Self::Operations | Self::Tpo)
    }

    /// From the words of a command: a known one, else a purpose in words of its own.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.trim().to_ascii_lowercase().as_str() {
            "treatment" => Self::Treatment,
            "payment" => Self::Payment,
            "operations" => Self::Operations,
            "tpo" => Self::Tpo,
            "request" | "at_request" | "at the request of the person" => Self::AtRequest,
            "emergency" => Self::Emergency,
            "proceedings" => Self::Proceedings,
            "supervision" => Self::Supervision,
            "fundraising" => Self::Fundraising,
            _ => Self::Other(text.trim().into()),
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Treatment => "treatment",
            Self::Payment => "payment",
            Self::Operations => "health care operations",
            Self::Tpo => "treatment, payment, and health care operations",
            Self::AtRequest => "at the request of the person",
            Self::Other(words) => words.reveal(),
            Self::Emergency => "in a medical emergency only",
            Self::Proceedings => "for the proceeding that the consent names",
            Self::Supervision => "to follow treatment that is a condition of release",
            Self::Fundraising => "to raise money for the program",
        })
    }
}

/// Which rules a consent is under. One consent has one class: what the rule wants alone is refused in company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// For the purposes it names.
    #[default]
    General,
    /// The single consent for all future treatment, payment and health care operations.
    Tpo,
    /// Counselling notes.
    Counselling,
    /// One civil, criminal, administrative or legislative proceeding.
    Proceedings,
    /// Treatment that is a condition of release or of how a criminal proceeding ends.
    CriminalJustice,
}

impl Class {
    pub const ALL: [Self; 5] = [Self::General, Self::Tpo, Self::Counselling, Self::Proceedings, Self::CriminalJustice];

    /// The word used in commands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Tpo => "tpo",
            Self::Counselling => "counselling",
            Self::Proceedings => "proceedings",
            Self::CriminalJustice => "criminal_justice",
        }
    }

    /// The clause that makes it a class of its own.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::General => "42 CFR 2.31(a)",
            Self::Tpo => "42 CFR 2.31(a)(4)(i)",
            Self::Counselling => "42 CFR 2.31(b)",
            Self::Proceedings => "42 CFR 2.31(d)",
            Self::CriminalJustice => "42 CFR 2.35",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that should be a class of consent is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a class of consent: expected general, tpo, counselling, proceedings or criminal_justice")]
pub struct NotClass;

impl std::str::FromStr for Class {
    type Err = NotClass;
    fn from_str(text: &str) -> Result<Self, NotClass> {
        let text = text.trim().to_ascii_lowercase().replace('-', "_");
        Self::ALL.into_iter().find(|class| class.name() == text).ok_or(NotClass)
    }
}

/// An organisation as a consent names it: by identity, by name, and by kind, since the kind decides what it may pass on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Party {
    pub org: OrgId,
    pub name: String,
    pub kind: PartnerKind,
}

/// One permission: who may tell whom what, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Flow {
    pub from: OrgId,
    pub to: OrgId,
    pub information: Information,
    pub purpose: Purpose,
}

impl Flow {
    /// Whether it lets `from` tell `to` this kind of information in a referral. What lies somewhere for emergencies is not told (2.51).
    #[must_use]
    pub fn tells(&self, from: OrgId, to: OrgId, information: Information) -> bool {
        (self.from, self.to, self.information) == (from, to, information) && self.purpose != Purpose::Emergency
    }
}

/// A kind of information and what is meant by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    pub information: Information,
    pub description: String,
}

/// The staff member who did something, as consents, acts, disclosures and audit entries name them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    pub staff: StaffId,
    pub name: Personal<String>,
}

/// How a revocation came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    Written,
    Spoken,
}

impl Told {
    /// Spoken, or else in writing.
    #[must_use]
    pub const fn heard(spoken: bool) -> Self {
        if spoken { Self::Spoken } else { Self::Written }
    }
}

/// The word for a kind of partner, as `domain` and the command line spell it.
#[must_use]
pub const fn kind_name(kind: PartnerKind) -> &'static str {
    match kind {
        PartnerKind::Part2Program => "part2_program",
        PartnerKind::CoveredProgram => "covered_program",
        PartnerKind::CoveredEntity => "covered_entity",
        PartnerKind::BusinessAssociate => "business_associate",
        PartnerKind::NonCoveredCbo => "non_covered_cbo",
        PartnerKind::CriminalJustice => "criminal_justice",
        PartnerKind::LawEnforcement => "law_enforcement",
        PartnerKind::ChildWelfare => "child_welfare",
        PartnerKind::HealthPlan => "health_plan",
        PartnerKind::Other => "other",
    }
}
/// The same for people, with its article.
#[must_use]
pub const fn kind_words(kind: PartnerKind) -> &'static str {
    match kind {
        PartnerKind::Part2Program => "a treatment program under 42 CFR part 2",
        PartnerKind::CoveredProgram => "a treatment program under 42 CFR part 2 and a health provider",
        PartnerKind::CoveredEntity => "a health provider",
        PartnerKind::BusinessAssociate => "a contractor of a health provider",
        PartnerKind::NonCoveredCbo => "a community organisation",
        PartnerKind::CriminalJustice => "a court, jail or probation",
        PartnerKind::LawEnforcement => "law enforcement",
        PartnerKind::ChildWelfare => "a child welfare office",
        PartnerKind::HealthPlan => "a health plan",
        PartnerKind::Other => "an organisation of another kind",
    }
}
