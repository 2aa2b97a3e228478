//! From a whole consent to the part that concerns one recipient (42 CFR 2.32(b): "a copy of the consent or a clear
//! explanation of the scope of the consent"), and that part in plain words.

use super::signer::Representation;
use super::{Consent, Moment, Refusal, Signed};
use crate::ids::OrgId;
use crate::planted::{self, Bug};
use crate::referral::{Described, Expiry, Flow, Purpose, Scope, kind_name};
use crate::sensitive::Personal;
use std::fmt::Write as _;

impl Consent {
    /// The part that concerns `recipient`.
    ///
    /// # Errors
    /// A draft has no part that may be told, nor has what is missing elements.
    pub fn scope_for(&self, recipient: OrgId) -> Result<Scope, Refusal> {
        self.signed()
            .ok_or_else(|| Refusal::element(super::Element::Signature, "Have it signed first."))?
            .scope_for(recipient)
    }
}

impl Signed {
    /// The part that concerns `recipient`: flows from or to it, the parties of those, and nobody else.
    ///
    /// # Errors
    /// The first element that is missing.
    pub fn scope_for(&self, recipient: OrgId) -> Result<Scope, Refusal> {
        if let Some(refusal) = self.missing() {
            return Err(refusal);
        }
        let terms = &self.terms;
        let gone = |org: OrgId| self.withdrawn.iter().any(|w| w.party == org);
        let flows: Vec<_> = terms
            .flows
            .iter()
            .filter(|f| (f.from == recipient || f.to == recipient) && !gone(f.from) && !gone(f.to))
            .filter(|f| self.restriction(f.to, f.information).is_none())
            .cloned()
            .collect();
        let met = |org: OrgId| flows.iter().any(|f| f.from == org || f.to == org);
        let known = |org: OrgId| terms.acquaintances.iter().any(|k| k.who == recipient && k.of == org);
        let all = terms.parties();
        let mut parties: Vec<_> = all
            .iter()
            .filter(|p| {
                planted::is(Bug::OthersNamed)
                    || p.org == recipient
                    || met(p.org)
                    || (known(p.org) && !gone(p.org) && !gone(recipient))
            })
            .map(|p| (*p).clone())
            .collect();
        parties.sort();
        // Words that staff wrote could name somebody whom this recipient must not learn of: then the usual words stand there.
        let others: Vec<String> = all
            .iter()
            .filter(|p| !parties.iter().any(|named| named.org == p.org))
            .map(|p| p.name.to_lowercase())
            .collect();
        let plain = |text: &str, usual: &str| {
            let lower = text.to_lowercase();
            if others.iter().any(|name| lower.contains(name)) { usual.to_owned() } else { text.to_owned() }
        };
        let flows: Vec<_> = flows
            .into_iter()
            .map(|flow| match &flow.purpose {
                Purpose::Other(words) => Flow {
                    purpose: Purpose::Other(Personal::new(plain(words.reveal(), "a purpose that the consent names"))),
                    ..flow
                },
                _ => flow,
            })
            .collect();
        let information = terms
            .information
            .iter()
            .filter(|d| flows.iter().any(|f| f.information == d.information))
            .map(|d| {
                let description = plain(&d.description, d.information.description());
                Described { information: d.information, description }
            })
            .collect();
        let mut statements = vec![terms.redisclosure.clone()];
        statements.extend(terms.tpo.iter().map(|t| t.redisclosure.clone()));
        statements.retain(|s| !s.trim().is_empty());
        let revoke = if terms.supervision.is_some() { super::words::REVOKE_LATER } else { super::words::REVOKE };
        let revocable = terms.supervision.as_ref().map(|s| match &s.revocable {
            Moment::On(at) => Moment::On(*at),
            Moment::When(event) => {
                Moment::When(Personal::new(plain(event.reveal(), "an event that the consent names")))
            }
        });
        Ok(Scope {
            consent: self.id,
            version: self.version,
            class: terms.class,
            recipient,
            parties,
            flows,
            information,
            revoke: plain(&terms.revoke, revoke),
            revocable,
            expiry: match &terms.expiry {
                Some(Expiry::Event(event)) => {
                    Expiry::Event(Personal::new(plain(event.reveal(), "an event that the consent names")))
                }
                Some(other) => other.clone(),
                None => Expiry::Never,
            },
            signed: self.date.unwrap_or(self.recorded),
            represented: !matches!(self.signature.as_ref().map(|s| &s.by), Some(Representation::Person)),
            statements,
        })
    }
}

/// The explanation of a scope in plain words, as its recipient reads it.
#[must_use]
pub fn explain(scope: &Scope) -> String {
    let name = |org: OrgId| scope.party(org).map_or_else(|| org.short(), |p| p.name.clone());
    let mut out = String::new();
    for flow in &scope.flows {
        let what = scope.information.iter().find(|d| d.information == flow.information);
        let what = what.map_or("", |d| d.description.as_str());
        let _ = writeln!(
            out,
            "{} may tell {}: {} ({what}). Purpose: {}.",
            name(flow.from),
            name(flow.to),
            flow.information,
            flow.purpose
        );
    }
    for party in &scope.parties {
        let _ = writeln!(out, "{} is named as {}: {}", party.name, kind_name(party.kind), redisclosure(party.kind));
    }
    let _ =
        writeln!(out, "Signed {}{}.", scope.signed.date(), if scope.represented { " by a representative" } else { "" });
    let _ = match &scope.expiry {
        Expiry::On(at) => writeln!(out, "Ends on {}.", at.date()),
        Expiry::Event(event) => writeln!(out, "Ends when: {}.", event.reveal()),
        Expiry::Never => writeln!(out, "Has no end of its own."),
    };
    match &scope.revocable {
        Some(Moment::On(at)) => _ = writeln!(out, "Can be revoked from {} on (42 CFR 2.35(c)).", at.date()),
        Some(Moment::When(event)) => {
            _ = writeln!(out, "Can be revoked once this has come about: {} (42 CFR 2.35(c)).", event.reveal());
        }
        None => {}
    }
    let _ = writeln!(out, "Revoking: {}", scope.revoke);
    for statement in &scope.statements {
        let _ = writeln!(out, "{statement}");
    }
    out
}

/// What a recipient of this kind may do next (42 CFR 2.33).
#[must_use]
pub const fn redisclosure(kind: crate::space::control::PartnerKind) -> &'static str {
    use crate::space::control::PartnerKind as K;
    match kind {
        K::CoveredEntity | K::BusinessAssociate | K::HealthPlan => {
            "what it receives for treatment, payment or operations it may pass on as HIPAA allows, never in proceedings \
             against the person (2.33(b)(1))."
        }
        K::Part2Program => "it may pass on only what this consent permits (2.33(b)(2)).",
        K::CriminalJustice => "it may use it only for its official duties on the person's conditional release (2.35).",
        K::LawEnforcement | K::NonCoveredCbo | K::ChildWelfare | K::Other => {
            "it may not pass it on without the person's consent (2.33(b)(3), 2.32)."
        }
    }
}
