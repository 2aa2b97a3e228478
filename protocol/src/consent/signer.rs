//! Who signs, on which basis: the person; a minor, alone or with a parent (42 CFR 2.14); somebody for a person who can not decide,
//! or who has died (2.15). The basis is chosen when a consent is drafted, and the signature must fit it.

use super::elements::{Element, filled};
use super::{Refusal, Terms};
use crate::referral::Purpose;
use crate::sensitive::Personal;
use crate::space::control::PartnerKind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The basis on which a consent is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signer {
    /// An adult who decides.
    #[default]
    Person,
    /// A minor who may apply for treatment alone under the law of the state: then only the minor may sign.
    Minor,
    /// A minor whose treatment a parent or guardian must agree to: then both sign.
    MinorAndParent,
    /// A guardian, or whom else the law of the state lets act for an adult who can not decide.
    Guardian,
    /// The director of the program, for an adult who can not decide and has no guardian: for payment only.
    Director,
    /// The executor or other personal representative of a person who has died.
    Representative,
    /// The spouse or, without one, a responsible member of the family, where there is no such representative.
    Family,
}

impl Signer {
    pub const ALL: [Self; 7] = [
        Self::Person,
        Self::Minor,
        Self::MinorAndParent,
        Self::Guardian,
        Self::Director,
        Self::Representative,
        Self::Family,
    ];

    /// The word used in commands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Minor => "minor",
            Self::MinorAndParent => "minor_and_parent",
            Self::Guardian => "guardian",
            Self::Director => "director",
            Self::Representative => "representative",
            Self::Family => "family",
        }
    }

    /// Its clause.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::Person => "42 CFR 2.31(a)(8)",
            Self::Minor => "42 CFR 2.14(a)",
            Self::MinorAndParent => "42 CFR 2.14(b)",
            Self::Guardian => "42 CFR 2.15(a)(1)",
            Self::Director => "42 CFR 2.15(a)(2)",
            Self::Representative | Self::Family => "42 CFR 2.15(b)(2)",
        }
    }

    /// Who has to sign, in plain words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Person => "the person",
            Self::Minor => "the minor alone, whom the law of the state lets seek treatment without a parent",
            Self::MinorAndParent => "the minor and a parent or guardian, both",
            Self::Guardian => "a guardian, or who else may act for a person who can not decide",
            Self::Director => "the director of the program, for payment only, since the person can not decide",
            Self::Representative => "the executor or personal representative, since the person has died",
            Self::Family => "the spouse or a responsible member of the family, since the person has died",
        }
    }

    /// Whether somebody signs in the person's place.
    #[must_use]
    pub const fn in_place(self) -> bool {
        matches!(self, Self::Guardian | Self::Director | Self::Representative | Self::Family)
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that should say who signs does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a basis on which somebody signs: expected person, minor, minor_and_parent, guardian, director, representative or family"
)]
pub struct NotSigner;

impl std::str::FromStr for Signer {
    type Err = NotSigner;
    fn from_str(text: &str) -> Result<Self, NotSigner> {
        let text = text.trim().to_ascii_lowercase().replace('-', "_");
        Self::ALL.into_iter().find(|signer| signer.name() == text).ok_or(NotSigner)
    }
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Representation {
    /// The person.
    Person,
    /// Somebody whom 2.14 (minors) or 2.15 (incapacity, death) lets sign, in this capacity.
    Representative { name: Personal<String>, capacity: Personal<String> },
}

/// How the signature was given. Electronic ones count where law does not forbid them (2.31(a)(8)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignatureForm {
    /// The name as typed by the signer, and the sentence that the signer attested to.
    Typed { name: Personal<String>, attestation: String },
    /// SHA-256 of the image of a signature drawn on screen.
    Drawn { image: [u8; 32] },
    /// Where the signed paper lies.
    Paper { reference: Personal<String> },
    /// SHA-256 of the scan of the signed paper.
    Scan { file: [u8; 32] },
}

impl SignatureForm {
    fn present(&self) -> bool {
        match self {
            Self::Typed { name, attestation } => filled(name.reveal()) && filled(attestation),
            Self::Drawn { image: file } | Self::Scan { file } => *file != [0; 32],
            Self::Paper { reference } => filled(reference.reveal()),
        }
    }
}

/// The second signature under a minor's consent (2.14(b)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    pub form: SignatureForm,
    pub name: Personal<String>,
    /// Such as "mother" or "guardian".
    pub capacity: Personal<String>,
}

/// Element (8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub form: SignatureForm,
    pub by: Representation,
    /// Of the parent or guardian, where both must sign.
    pub beside: Option<Beside>,
}

impl Signature {
    /// A typed name under the usual attestation.
    #[must_use]
    pub fn typed(name: &str, by: Representation) -> Self {
        Self { form: SignatureForm::Typed { name: name.into(), attestation: ATTESTATION.to_owned() }, by, beside: None }
    }

    /// Whether the signer stood at this machine: a name that was typed, or drawn on its screen.
    #[must_use]
    pub const fn given_here(&self) -> bool {
        matches!(self.form, SignatureForm::Typed { .. } | SignatureForm::Drawn { .. })
    }

    pub(super) fn present(&self) -> bool {
        let by = match &self.by {
            Representation::Person => true,
            Representation::Representative { name, capacity } => filled(name.reveal()) && filled(capacity.reveal()),
        };
        let beside = self
            .beside
            .as_ref()
            .is_none_or(|b| b.form.present() && filled(b.name.reveal()) && filled(b.capacity.reveal()));
        self.form.present() && by && beside
    }

    /// Why it is not the signature that the basis asks for.
    pub(super) fn unlike(&self, signer: Signer) -> Option<Refusal> {
        let refuse = |why: &str, next: &str| {
            Some(Refusal { element: Some(Element::Signature), ..Refusal::new(why, signer.clause(), next) })
        };
        match (&self.by, signer.in_place(), &self.beside) {
            (Representation::Person, true, _) => refuse(
                &format!("this consent is to be signed by {}", signer.words()),
                "Record who signed, and in which capacity.",
            ),
            (Representation::Representative { .. }, false, _) => refuse(
                &format!("this consent is to be signed by {}, and somebody else signed", signer.words()),
                "Draft it again and say on which basis somebody else may sign.",
            ),
            (Representation::Person, false, None) if signer == Signer::MinorAndParent => refuse(
                "the parent or guardian has not signed beside the minor",
                "Ask the parent or guardian to sign as well; they may be told of it only if the minor agreed to that in writing.",
            ),
            (_, _, Some(_)) if signer != Signer::MinorAndParent => refuse(
                "a second signature stands under a consent that takes one",
                "Draft it again for a minor and a parent, or record one signature.",
            ),
            _ => None,
        }
    }
}

/// What a signer attests to who types a name.
pub const ATTESTATION: &str = "I typed my name as my signature, and I mean it to count as one.";

/// Terms that who signs may not agree to.
pub(super) fn unfit(terms: &Terms) -> Option<Refusal> {
    let payment = terms.flows.iter().all(|f| f.purpose == Purpose::Payment);
    let payers = terms.flows.iter().all(|f| terms.party(f.to).is_some_and(|p| p.kind == PartnerKind::HealthPlan));
    let programs = terms.flows.iter().all(|f| terms.party(f.from).is_some_and(|p| p.kind.is_program()));
    (terms.signer == Signer::Director && !(payment && payers && programs)).then(|| {
        Refusal::new(
            "the director of a Part 2 program may sign for a person who can not decide only so that a health plan pays that program",
            Signer::Director.clause(),
            "Name the program, health plans and the purpose payment alone, or ask whom the law of the state lets act for the person.",
        )
    })
}
