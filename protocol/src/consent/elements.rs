//! The ten elements of 42 CFR 2.31(a), each a typed field. An element that is missing is empty, and is found by [`missing`].

use super::Refusal;
use crate::fault::{Fault, Result};
use crate::limits;
use crate::referral::{Described, Expiry, Flow, Party, Purpose};
use crate::sensitive::Personal;
use crate::space::control::PartnerKind;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// One of the ten elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    Person,
    Disclosers,
    Information,
    Recipients,
    Purposes,
    RightToRevoke,
    Expiry,
    Signature,
    DateSigned,
    TpoStatements,
}

impl Element {
    /// All ten, in the order of the rule.
    pub const ALL: [Self; 10] = [
        Self::Person,
        Self::Disclosers,
        Self::Information,
        Self::Recipients,
        Self::Purposes,
        Self::RightToRevoke,
        Self::Expiry,
        Self::Signature,
        Self::DateSigned,
        Self::TpoStatements,
    ];

    /// What forms and refusals call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "the name of the person",
            Self::Disclosers => "who may disclose",
            Self::Information => "what information",
            Self::Recipients => "who may receive it",
            Self::Purposes => "each purpose",
            Self::RightToRevoke => "the right to revoke, and how",
            Self::Expiry => "the expiration date or event",
            Self::Signature => "the signature",
            Self::DateSigned => "the date signed",
            Self::TpoStatements => "the two statements for treatment, payment and operations",
        }
    }

    /// Its clause.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::Person => "42 CFR 2.31(a)(1)",
            Self::Disclosers => "42 CFR 2.31(a)(2)",
            Self::Information => "42 CFR 2.31(a)(3)",
            Self::Recipients => "42 CFR 2.31(a)(4)",
            Self::Purposes => "42 CFR 2.31(a)(5)",
            Self::RightToRevoke => "42 CFR 2.31(a)(6)",
            Self::Expiry => "42 CFR 2.31(a)(7)",
            Self::Signature => "42 CFR 2.31(a)(8)",
            Self::DateSigned => "42 CFR 2.31(a)(9)",
            Self::TpoStatements => "42 CFR 2.31(a)(10)",
        }
    }
}

/// Clause of the statement for covered entities and business associates.
pub(super) const CLAUSE_REDISCLOSURE: &str = "42 CFR 2.31(a)(4)(iii)";

/// The two statements of 2.31(a)(10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TpoStatements {
    /// (i): records may be redisclosed by the recipient and no longer be protected by 42 CFR part 2.
    pub redisclosure: String,
    /// (ii): what follows from refusing to sign.
    pub refusing: String,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Representation {
    /// The person.
    Person,
    /// Somebody whom 2.14 (minors) or 2.15 (incapacity, death) lets sign, in this capacity.
    Representative { name: Personal<String>, capacity: String },
}

/// How the signature was given. Electronic ones count where law does not forbid them (2.31(a)(8)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignatureForm {
    /// The name as typed by the signer, and the sentence that the signer attested to.
    Typed { name: Personal<String>, attestation: String },
    /// SHA-256 of the image of a signature drawn on screen.
    Drawn { image: [u8; 32] },
    /// Where the signed paper lies.
    Paper { reference: String },
}

/// Element (8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub form: SignatureForm,
    pub by: Representation,
}

impl Signature {
    /// A typed name under the usual attestation.
    #[must_use]
    pub fn typed(name: &str, by: Representation) -> Self {
        let attestation = "I typed my name as my signature, and I mean it to count as one.".to_owned();
        Self { form: SignatureForm::Typed { name: name.into(), attestation }, by }
    }

    fn present(&self) -> bool {
        let form = match &self.form {
            SignatureForm::Typed { name, attestation } => filled(name.reveal()) && filled(attestation),
            SignatureForm::Drawn { image } => *image != [0; 32],
            SignatureForm::Paper { reference } => filled(reference),
        };
        let by = match &self.by {
            Representation::Person => true,
            Representation::Representative { name, capacity } => filled(name.reveal()) && filled(capacity),
        };
        form && by
    }
}

/// Elements (1) to (7) and (10), and who may tell whom under them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// (1)
    pub person: Personal<String>,
    /// (2) Who may disclose, by name.
    pub disclosers: Vec<Party>,
    /// (3)
    pub information: Vec<Described>,
    /// (4)(i) To whom, by name. Belay has no general designations, so that no node is an intermediary (2.11, 2.24).
    pub recipients: Vec<Party>,
    /// (4)(iii) For covered entities and business associates that receive for treatment, payment or operations.
    pub redisclosure: String,
    /// (5)
    pub purposes: Vec<Purpose>,
    /// (6) That the person may revoke in writing except where it was relied on, and how.
    pub revoke: String,
    /// (7)
    pub expiry: Option<Expiry>,
    /// (10)
    pub tpo: Option<TpoStatements>,
    /// Who may tell whom, in both directions, for each kind of information.
    pub flows: Vec<Flow>,
}

impl Terms {
    /// A party by its id.
    #[must_use]
    pub fn party(&self, org: crate::ids::OrgId) -> Option<&Party> {
        self.disclosers.iter().chain(&self.recipients).find(|p| p.org == org)
    }

    /// Whether any recipient needs the statement of (4)(iii).
    fn needs_redisclosure(&self) -> bool {
        self.purposes.iter().any(Purpose::is_tpo)
            && self.recipients.iter().any(|p| {
                matches!(p.kind, PartnerKind::CoveredEntity | PartnerKind::BusinessAssociate | PartnerKind::HealthPlan)
            })
    }

    /// Lengths, before anything is kept.
    ///
    /// # Errors
    /// `Malformed`, naming the field.
    pub fn check(&self) -> Result<()> {
        let parties = self.disclosers.iter().chain(&self.recipients);
        let names = parties.clone().all(|p| short(&p.name, limits::NAME_CHARS));
        let other = |p: &Purpose| !matches!(p, Purpose::Other(words) if !short(words, limits::NAME_CHARS));
        let texts = [self.redisclosure.as_str(), self.revoke.as_str()]
            .into_iter()
            .chain(self.information.iter().map(|d| d.description.as_str()))
            .chain(self.tpo.iter().flat_map(|t| [t.redisclosure.as_str(), t.refusing.as_str()]))
            .chain(
                self.expiry
                    .iter()
                    .filter_map(|e| if let Expiry::Event(words) = e { Some(words.as_str()) } else { None }),
            );
        if !short(self.person.reveal(), limits::NAME_CHARS) || !names || !self.purposes.iter().all(other) {
            return Err(Fault::malformed(format!("consent: a name has more than {} characters", limits::NAME_CHARS)));
        }
        if !texts.into_iter().all(|t| short(t, limits::TEXT_CHARS)) {
            return Err(Fault::malformed(format!("consent: a text has more than {} characters", limits::TEXT_CHARS)));
        }
        if parties.count() > limits::CONSENT_PARTIES || self.flows.len() > limits::CONSENT_FLOWS {
            return Err(Fault::malformed("consent: too many parties or flows"));
        }
        Ok(())
    }
}

/// The first element that is missing from the terms, as a refusal (2.31(c)(2): "on its face substantially fails to conform").
pub(super) fn missing_terms(terms: &Terms) -> Option<Refusal> {
    let tpo = terms.purposes.iter().any(Purpose::is_tpo);
    let gone = |element: Element, next: &str| Some(Refusal::element(element, next));
    if !filled(terms.person.reveal()) {
        return gone(Element::Person, "Draft a new version with the person's name.");
    }
    if terms.disclosers.is_empty() || !terms.disclosers.iter().all(|p| filled(&p.name)) {
        return gone(Element::Disclosers, "Draft a new version that names each organisation that may tell.");
    }
    if terms.information.is_empty() || !terms.information.iter().all(|d| filled(&d.description)) {
        return gone(Element::Information, "Draft a new version that describes each kind of information.");
    }
    if terms.recipients.is_empty() || !terms.recipients.iter().all(|p| filled(&p.name)) {
        return gone(Element::Recipients, "Draft a new version that names each organisation that may be told.");
    }
    if terms.needs_redisclosure() && !filled(&terms.redisclosure) {
        return Some(Refusal::new(
            "the consent lacks the statement on redisclosure under the HIPAA regulations",
            CLAUSE_REDISCLOSURE,
            "Draft a new version with that statement, and have it signed.",
        ));
    }
    if terms.purposes.is_empty() || terms.purposes.iter().any(|p| matches!(p, Purpose::Other(w) if !filled(w))) {
        return gone(Element::Purposes, "Draft a new version that names each purpose.");
    }
    if !filled(&terms.revoke) {
        return gone(Element::RightToRevoke, "Draft a new version that says how to revoke.");
    }
    match &terms.expiry {
        None => return gone(Element::Expiry, "Draft a new version with a date or an event at which it ends."),
        Some(Expiry::Event(words)) if !filled(words) => {
            return gone(Element::Expiry, "Draft a new version that names the event.");
        }
        Some(Expiry::Never) if !terms.purposes.iter().all(Purpose::is_tpo) => {
            return gone(
                Element::Expiry,
                "\"None\" is enough only for treatment, payment and operations; draft a new version with a date or an event.",
            );
        }
        Some(_) => {}
    }
    if tpo && !terms.tpo.as_ref().is_some_and(|t| filled(&t.redisclosure) && filled(&t.refusing)) {
        return gone(Element::TpoStatements, "Draft a new version with both statements.");
    }
    None
}

/// As [`missing_terms`], with the signature and its date.
pub(super) fn missing(terms: &Terms, signature: Option<&Signature>, date: Option<Time>) -> Option<Refusal> {
    if let Some(refusal) = missing_terms(terms) {
        return Some(refusal);
    }
    if !signature.is_some_and(Signature::present) {
        return Some(Refusal::element(Element::Signature, "Ask the person, or who may sign for the person, to sign."));
    }
    if date.is_none() {
        return Some(Refusal::element(Element::DateSigned, "Ask the signer to date the signature."));
    }
    None
}

fn filled(text: &str) -> bool {
    !text.trim().is_empty()
}

fn short(text: &str, chars: usize) -> bool {
    text.len() <= chars || text.chars().count() <= chars
}
