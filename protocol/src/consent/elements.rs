//! The ten elements of 42 CFR 2.31(a), each a typed field. An element that is missing is empty, and is found by [`missing`].

use super::permit::{kind_allows, placed};
use super::{Refusal, Signature, Terms};
use crate::referral::{Class, Expiry, Flow, Moment, Party, Purpose, is_outside};
use crate::time::Time;

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

/// Clause of the statement on fundraising.
const CLAUSE_OPT_OUT: &str = "42 CFR 2.31(a)(5)(iii)";

/// Clause of the statement of a HIPAA authorisation.
const CLAUSE_AUTHORIZATION: &str = "45 CFR 164.508(c)(2)";

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
    if terms.purposes.is_empty() || terms.purposes.iter().any(|p| matches!(p, Purpose::Other(w) if !filled(w.reveal())))
    {
        return gone(Element::Purposes, "Draft a new version that names each purpose.");
    }
    if terms.purposes.contains(&Purpose::Fundraising) && !filled(&terms.opt_out) {
        return Some(Refusal::new(
            "the consent lacks the statement on how to opt out of fundraising",
            CLAUSE_OPT_OUT,
            "Draft a new version with that statement.",
        ));
    }
    if terms.needs_authorization() && !filled(&terms.authorization) {
        return Some(Refusal::new(
            "a covered entity tells for another purpose than treatment, payment and operations, and its statement is missing",
            CLAUSE_AUTHORIZATION,
            "Draft a new version with that statement, and have it signed.",
        ));
    }
    if !filled(&terms.revoke) {
        return gone(Element::RightToRevoke, "Draft a new version that says how to revoke.");
    }
    if let Some(refusal) = supervised(terms) {
        return Some(refusal);
    }
    match &terms.expiry {
        None => return gone(Element::Expiry, "Draft a new version with a date or an event at which it ends."),
        Some(Expiry::Event(words)) if !filled(words.reveal()) => {
            return gone(Element::Expiry, "Draft a new version that names the event.");
        }
        Some(Expiry::Never) if !terms.purposes.iter().all(Purpose::is_tpo) || terms.class == Class::CriminalJustice => {
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
    super::class::combined(terms).or_else(|| super::signer::unfit(terms)).or_else(|| super::team::unfit(terms))
}

/// The first way that the gate would refuse, whatever the person signs: a form promises nothing that is never done.
pub(super) fn idle(terms: &Terms) -> Option<Refusal> {
    terms.flows.iter().find_map(|flow| {
        let to = terms.party(flow.to)?;
        kind_allows(to, flow, terms.class, terms.expiry.as_ref()).err().or_else(|| placed_nowhere(flow, to))
    })
}

/// What for emergencies can not be placed: another kind than the two, or with somebody off the network.
fn placed_nowhere(flow: &Flow, to: &Party) -> Option<Refusal> {
    if flow.purpose != Purpose::Emergency {
        return None;
    }
    if !placed(flow.information) {
        return Some(Refusal::new(
            format!(
                "`{}` information is not placed in advance for a medical emergency: the crisis plan and the medication are",
                flow.information
            ),
            "42 CFR 2.51",
            "Name `crisis`, `medication` or both for emergencies, and the rest for another purpose (`--purpose treatment`).",
        ));
    }
    is_outside(to.org).then(|| {
        Refusal::new(
            format!("{} is not on the network, and a sealed copy can lie only where a node is", to.name),
            "42 CFR 2.51",
            "In an emergency tell it by telephone, with the four facts (`belay emergency record`); no consent is needed for that.",
        )
    })
}

/// What the class for criminal justice wants besides: which matter, and from when on it can be revoked (2.35(c)).
fn supervised(terms: &Terms) -> Option<Refusal> {
    if terms.class != Class::CriminalJustice {
        return terms.supervision.is_some().then(|| {
            Refusal::new(
                "only a consent for criminal justice can say from when on it is revocable; every other is so at any time",
                Element::RightToRevoke.clause(),
                "Leave that out, or draft a consent of its own (`belay consent draft --class criminal_justice`).",
            )
        });
    }
    let words = |moment: &Moment| if let Moment::When(event) = moment { filled(event.reveal()) } else { true };
    let whole = terms
        .supervision
        .as_ref()
        .is_some_and(|s| filled(s.matter.reveal()) && words(&s.revocable) && words(&s.disposition));
    if !whole {
        return Some(Refusal::new(
            "the consent does not say of which release or proceeding treatment is a condition, and when it becomes revocable",
            "42 CFR 2.35(c)",
            "Draft a new version that names the matter, its final disposition, and the day or event from which it can be revoked.",
        ));
    }
    let late = terms.supervision.as_ref().is_some_and(|s| match (&s.revocable, &s.disposition) {
        (Moment::On(revocable), Moment::On(disposition)) => revocable.at > disposition.at,
        _ => false,
    });
    late.then(|| {
        Refusal::new(
            "the consent would become revocable only after the final disposition of the matter",
            "42 CFR 2.35(c)",
            "Draft a new version that becomes revocable no later than that.",
        )
    })
}

/// As [`missing_terms`], with the signature and its date.
pub(super) fn missing(terms: &Terms, signature: Option<&Signature>, date: Option<Time>) -> Option<Refusal> {
    if let Some(refusal) = missing_terms(terms) {
        return Some(refusal);
    }
    let Some(signature) = signature.filter(|s| s.present()) else {
        return Some(Refusal::element(Element::Signature, "Ask the person, or who may sign for the person, to sign."));
    };
    if let Some(refusal) = signature.unlike(terms.signer) {
        return Some(refusal);
    }
    if date.is_none() {
        return Some(Refusal::element(Element::DateSigned, "Ask the signer to date the signature."));
    }
    None
}

pub(super) fn filled(text: &str) -> bool {
    !text.trim().is_empty()
}
