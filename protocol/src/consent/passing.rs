//! What a recipient may do next with what comes to it (42 CFR 2.33, 2.35(d)). The gate decides by it, and notices, previews and forms
//! say it in words, so that none of them can promise the person what the others do not hold.

use crate::referral::{Class, Flow, Information, Party, Purpose};
use crate::space::control::PartnerKind as Kind;

/// What a party may pass on beyond what the consent itself names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassingOn {
    /// Nothing is told to it, as far as these ways say.
    Untold,
    /// What came for all of treatment, payment and operations, as HIPAA allows (2.33(b)(1)).
    Hipaa,
    /// A program: only what the consent names (2.33(b)(2)).
    Consent,
    /// Among criminal justice, for official duties on the conditional release (2.35(d)).
    Justice,
    /// What came for payment or operations, to who does that for it under a written contract (2.33(b)(3)).
    Contractor,
    /// Nothing.
    Nobody,
}

impl PassingOn {
    /// By what `flows` tell `party` under a consent of this class. 2.33(b)(1) speaks of a consent for all of treatment, payment and
    /// operations. Whether it reaches one for a single purpose of them is a lawyer's question: here it does not.
    #[must_use]
    pub fn of<'f>(class: Class, party: &Party, flows: impl IntoIterator<Item = &'f Flow>) -> Self {
        // What lies there for emergencies was not told.
        let told = flows.into_iter().filter(|f| f.to == party.org && f.purpose != Purpose::Emergency);
        let told: Vec<&Flow> = told.collect();
        if told.is_empty() {
            return Self::Untold;
        }
        let apart = matches!(class, Class::Counselling | Class::Proceedings);
        let goes = |f: &&&Flow| !apart && f.information != Information::Counselling;
        let came = |purposes: &[Purpose]| told.iter().filter(goes).any(|f| purposes.contains(&f.purpose));
        match party.kind {
            Kind::CoveredEntity | Kind::CoveredProgram | Kind::BusinessAssociate | Kind::HealthPlan
                if came(&[Purpose::Tpo]) =>
            {
                Self::Hipaa
            }
            Kind::CoveredEntity | Kind::BusinessAssociate | Kind::HealthPlan | Kind::LawEnforcement => Self::Nobody,
            // One that is covered too has no less than one that is not.
            Kind::Part2Program | Kind::CoveredProgram => Self::Consent,
            Kind::CriminalJustice if class == Class::CriminalJustice => Self::Justice,
            Kind::CriminalJustice | Kind::NonCoveredCbo | Kind::ChildWelfare | Kind::Other => {
                let theirs = [Purpose::Payment, Purpose::Operations, Purpose::Tpo];
                if came(&theirs) { Self::Contractor } else { Self::Nobody }
            }
        }
    }

    /// In words, after the party's name and a colon.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Untold => "this part names nothing that it is told.",
            Self::Hipaa => {
                "what it receives for all of treatment, payment and operations it may pass on as HIPAA allows, never in \
                 proceedings against the person (2.33(b)(1)); nothing else without the person's consent."
            }
            Self::Consent => "it may pass on only what this consent permits (2.33(b)(2)).",
            Self::Justice => "it may use it only for its official duties on the person's conditional release (2.35).",
            Self::Contractor => {
                "it may not pass it on without the person's consent, except what it receives for payment or operations to \
                 who does that for it under a written contract (2.33(b)(3), 2.32)."
            }
            Self::Nobody => "it may not pass it on without the person's consent (2.33, 2.32).",
        }
    }
}
