//! What ties two organisations so that one may tell the other without a consent of the person (42 CFR 2.12(c)(3), (4)): part of
//! the terms that both sign, so that neither can put it on record alone.

use super::terms::text;
use crate::fault::{Fault, Result};
use crate::ids::OrgId;
use crate::information::Information;
use crate::limits;
use crate::space::control::PartnerKind;
use serde::{Deserialize, Serialize};

/// Why an organisation may be told without a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieKind {
    /// It is part of the program, or has direct administrative control over it (2.12(c)(3)).
    SameProgram,
    /// It serves the program under a written agreement (2.11, 2.12(c)(4)).
    Service,
}

/// What the service organisation acknowledges, word for word: the two parts of the definition in 42 CFR 2.11.
const SERVICE: &str = "In receiving, storing, processing or otherwise dealing with any records from the program, the qualified \
     service organisation acknowledges that it is fully bound by 42 CFR part 2. If necessary it will resist in judicial \
     proceedings any efforts to obtain access to identifying information about substance use disorder diagnosis, treatment or \
     referral for treatment, except as 42 CFR part 2 permits. It tells nobody else what it received (42 CFR 2.11, 2.12(c)(4)).";

/// What both declare where they are one.
const SAME_PROGRAM: &str = "Both declare that they are one program, or that one has direct administrative control over the other. \
     Only staff who need it for their duties in diagnosis, treatment or referral for treatment are told, and nobody else is (42 \
     CFR 2.12(c)(3)).";

impl TieKind {
    /// The clause that needs no consent.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::SameProgram => "42 CFR 2.12(c)(3)",
            Self::Service => "42 CFR 2.12(c)(4)",
        }
    }

    /// What both sign with it, word for word.
    #[must_use]
    pub const fn statement(self) -> &'static str {
        match self {
            Self::SameProgram => SAME_PROGRAM,
            Self::Service => SERVICE,
        }
    }

    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::SameProgram => "same program",
            Self::Service => "qualified service organisation",
        }
    }
}

/// Whether an organisation of this kind may be tied to a part 2 program. Police, courts, jails, probation and parole are none of what 42 CFR
/// 2.11 lists as services to a program, nor part of one; what they may be told takes a consent (2.35).
#[must_use]
pub const fn may_tie(kind: PartnerKind) -> bool {
    !matches!(kind, PartnerKind::LawEnforcement | PartnerKind::CriminalJustice)
}

/// The tie, as both sign it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TieTerms {
    pub kind: TieKind,
    /// Which of the two is the part 2 program whose records these are.
    pub program: OrgId,
    /// What the other does for it, or what makes both one.
    pub services: String,
    /// What is needed for that, in rising order; counselling notes never are.
    pub information: Vec<Information>,
    /// [`TieKind::statement`].
    pub statement: String,
}

impl TieTerms {
    pub(super) fn check(&self, sides: [OrgId; 2]) -> Result<()> {
        if !sides.contains(&self.program) {
            return Err(Fault::malformed("tie: program: is neither of the two"));
        }
        if self.services.trim().is_empty() {
            return Err(Fault::malformed(
                "tie: services: is missing; say what the one does for the other, or what makes both one program",
            ));
        }
        text("tie: services", &self.services, limits::TEXT_CHARS)?;
        let rising = self.information.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        let never = [Information::Counselling, Information::Inquiry];
        if self.information.is_empty() || !rising || self.information.iter().any(|kind| never.contains(kind)) {
            return Err(Fault::malformed(
                "tie: information: name what is needed, each kind once and in order; counselling notes take a consent of their own \
                 (42 CFR 2.31(b))",
            ));
        }
        if self.statement != self.kind.statement() {
            return Err(Fault::malformed("tie: statement: is not what 42 CFR 2.11 asks both to sign"));
        }
        Ok(())
    }
}
