//! The one gate. Pure: a consent (or the part of it that we were told), a question and the time give a permit or a refusal.

use super::{Action, Ask, Permit};
use crate::consent::{Consent, Refusal};
use crate::ids::{ConsentId, OrgId};
use crate::referral::{Expiry, Flow, Party, Purpose, Scope};
use crate::space::control::PartnerKind;
use crate::time::Time;

/// What a decision rests on.
#[derive(Debug, Clone, Copy)]
pub enum Basis<'c> {
    /// The whole consent, at the organisation that took it.
    Consent(&'c Consent),
    /// The part of a consent that came with a notice.
    Scope(&'c Scope),
    /// Such a part, after we heard that the consent was revoked or that we were taken out of the thread.
    Withdrawn(&'c Scope, Time),
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

/// Decides whether `ask` is permitted at `now`.
///
/// Showing to our own staff what somebody told us is use and not disclosure: a later end of the consent does not undo it
/// ("except to the extent that … has already acted in reliance on it", 2.31(a)(6)), but it must have been told to us under a flow.
///
/// # Errors
/// [`Refusal`]: the first thing that stands against it, with its clause and the lawful next step.
pub fn decide<'c>(basis: impl Into<Basis<'c>>, ask: &Ask, now: Time) -> Result<Permit, Refusal> {
    if ask.from == ask.to {
        return within(ask);
    }
    match basis.into() {
        Basis::Consent(consent) => by_consent(consent, ask, now),
        Basis::Scope(scope) => by_scope(scope, None, ask, now),
        Basis::Withdrawn(scope, since) => by_scope(scope, Some(since), ask, now),
    }
}

/// Inside one organisation no consent is asked for, but nothing leaves either.
fn within(ask: &Ask) -> Result<Permit, Refusal> {
    if ask.action == Action::Show {
        let whole = Found { consent: ConsentId::ZERO, version: 0, expires: None };
        return Ok(permit(ask, &whole, "42 CFR 2.12(c)(3)"));
    }
    Err(Refusal::new(
        "an organisation needs no permit to write to itself, and gets none to let something out",
        "42 CFR 2.12(c)(3)",
        "Name the organisation that shall be told.",
    ))
}

struct Found {
    consent: ConsentId,
    version: u32,
    expires: Option<Time>,
}

fn by_consent(consent: &Consent, ask: &Ask, now: Time) -> Result<Permit, Refusal> {
    let keeps = ask.action == Action::Show;
    let signed = match consent {
        Consent::Draft(_) => {
            return Err(Refusal::element(
                crate::consent::Element::Signature,
                "Have the draft signed (`belay consent sign`).",
            ));
        }
        Consent::Void(void) => {
            return Err(Refusal::new(
                format!("the consent is known to be materially false since {}", void.at.date()),
                "42 CFR 2.31(c)(4)",
                "Ask the person for a new consent.",
            ));
        }
        Consent::Revoked(revoked) if !keeps => return Err(revoked_since(revoked.at)),
        Consent::Revoked(revoked) => &revoked.signed,
        Consent::Signed(signed) => signed,
    };
    if let Some(refusal) = signed.missing() {
        return Err(refusal);
    }
    if let Some(since) = signed.expired(now).filter(|_| !keeps) {
        return Err(expired_since(since));
    }
    if let Some(gone) = signed.withdrawn.iter().find(|w| w.party == ask.to || w.party == ask.from).filter(|_| !keeps) {
        return Err(revoked_since(gone.at));
    }
    if signed.date.is_some_and(|date| date > now.plus(crate::time::DAY)) {
        return Err(Refusal::new(
            "the date signed lies in the future",
            "42 CFR 2.31(a)(9)",
            "Check this machine's clock and the date on the form.",
        ));
    }
    let terms = &signed.terms;
    let to = named(&terms.recipients, ask.to, "may receive anything", "42 CFR 2.31(a)(4)")
        .map_err(|r| back(r, terms.party(ask.to)))?;
    named(&terms.disclosers, ask.from, "may disclose", "42 CFR 2.31(a)(2)")?;
    if !terms.information.iter().any(|d| d.information == ask.information) {
        return Err(not_opened(ask));
    }
    if !terms.purposes.iter().any(|p| p.covers(&ask.purpose)) {
        return Err(no_purpose(ask));
    }
    let flow = find(&terms.flows, ask, to)?;
    kind_allows(to, flow, terms.expiry.as_ref())?;
    let expires = if keeps { None } else { end(terms.expiry.as_ref()) };
    Ok(permit(ask, &Found { consent: signed.id, version: signed.version, expires }, "42 CFR 2.33(a)"))
}

fn by_scope(scope: &Scope, withdrawn: Option<Time>, ask: &Ask, now: Time) -> Result<Permit, Refusal> {
    let keeps = ask.action == Action::Show;
    // The custodian ends an expired membership by a revocation, which is no word of the person's: expiry is said first.
    if let Expiry::On(at) = scope.expiry
        && at <= withdrawn.unwrap_or(now).min(now)
        && !keeps
    {
        return Err(expired_since(at));
    }
    if let Some(since) = withdrawn.filter(|_| !keeps) {
        return Err(revoked_since(since));
    }
    let to = named(&scope.parties, ask.to, "may receive anything", "42 CFR 2.31(a)(4)")?;
    named(&scope.parties, ask.from, "may disclose", "42 CFR 2.31(a)(2)")?;
    let flow = find(&scope.flows, ask, to)?;
    kind_allows(to, flow, Some(&scope.expiry))?;
    let expires = if keeps { None } else { end(Some(&scope.expiry)) };
    Ok(permit(ask, &Found { consent: scope.consent, version: scope.version, expires }, "42 CFR 2.33(a)"))
}

fn permit(ask: &Ask, found: &Found, clause: &'static str) -> Permit {
    Permit {
        consent: found.consent,
        version: found.version,
        from: ask.from,
        to: ask.to,
        information: ask.information,
        purpose: ask.purpose.clone(),
        action: ask.action,
        expires: found.expires,
        clause,
    }
}

const fn end(expiry: Option<&Expiry>) -> Option<Time> {
    match expiry {
        Some(Expiry::On(at)) => Some(*at),
        Some(Expiry::Event(_) | Expiry::Never) | None => None,
    }
}

fn named<'p>(parties: &'p [Party], org: OrgId, may: &str, clause: &'static str) -> Result<&'p Party, Refusal> {
    parties.iter().find(|p| p.org == org).ok_or_else(|| {
        Refusal::new(
            format!("the consent does not name organisation {} among those who {may}", org.short()),
            clause,
            "Ask the person whether to add it, and have the new version signed.",
        )
    })
}

/// A party that is named, but only as one who tells, hears nothing: say so, and say why for police and courts.
fn back(refusal: Refusal, party: Option<&Party>) -> Refusal {
    match party {
        Some(party) => no_way(party),
        None => refusal,
    }
}

fn no_way(to: &Party) -> Refusal {
    match to.kind {
        PartnerKind::LawEnforcement | PartnerKind::CriminalJustice => Refusal::new(
            format!("{} hears nothing back unless the consent says so by name and kind", to.name),
            if to.kind == PartnerKind::CriminalJustice { "42 CFR 2.35" } else { "42 CFR 2.31(a)(4)" },
            "Keep the answer here; tell the person that it was not passed on.",
        ),
        PartnerKind::Part2Program
        | PartnerKind::CoveredEntity
        | PartnerKind::BusinessAssociate
        | PartnerKind::NonCoveredCbo
        | PartnerKind::ChildWelfare
        | PartnerKind::HealthPlan
        | PartnerKind::Other => Refusal::new(
            format!("the consent does not let this be told to {}", to.name),
            "42 CFR 2.31(a)(4)",
            "Keep it here, or ask the person for a consent with this way in it.",
        ),
    }
}

fn not_opened(ask: &Ask) -> Refusal {
    Refusal::new(
        format!("the consent does not speak of `{}` information", ask.information),
        "42 CFR 2.31(a)(3)",
        "Leave it out, or ask the person for a consent that describes it.",
    )
}

fn no_purpose(ask: &Ask) -> Refusal {
    Refusal::new(
        format!("the consent does not name the purpose \"{}\"", ask.purpose),
        "42 CFR 2.31(a)(5)",
        "Use it for the purposes it names, or ask the person for a consent that names this one.",
    )
}

fn find<'f>(flows: &'f [Flow], ask: &Ask, to: &Party) -> Result<&'f Flow, Refusal> {
    let way = || flows.iter().filter(|f| f.from == ask.from && f.to == ask.to);
    if way().next().is_none() {
        return Err(no_way(to));
    }
    if !way().any(|f| f.information == ask.information) {
        return Err(not_opened(ask));
    }
    way().find(|f| f.information == ask.information && f.purpose.covers(&ask.purpose)).ok_or_else(|| no_purpose(ask))
}

/// What the kind of the recipient stands against, even where a flow names it.
fn kind_allows(to: &Party, flow: &Flow, expiry: Option<&Expiry>) -> Result<(), Refusal> {
    match to.kind {
        PartnerKind::LawEnforcement if flow.purpose.is_tpo() => Err(Refusal::new(
            format!("{} is law enforcement and neither treats nor pays", to.name),
            "42 CFR 2.31(a)(5)",
            "Tell it nothing, unless the person asks for it and the consent says \"at the request of the person\".",
        )),
        PartnerKind::CriminalJustice if flow.purpose == Purpose::Tpo => Err(Refusal::new(
            format!(
                "{} is not among those whom a single consent for treatment, payment and operations reaches",
                to.name
            ),
            "42 CFR 2.31(a)(4)(i)",
            "Name one purpose for it, such as treatment, in a consent of its own.",
        )),
        PartnerKind::CriminalJustice if !matches!(expiry, Some(Expiry::On(_) | Expiry::Event(_))) => Err(Refusal::new(
            format!("a consent for {} must say how long it lasts", to.name),
            "42 CFR 2.35(b)",
            "Draft a new version with a date, or an event such as the end of supervision.",
        )),
        PartnerKind::Part2Program
        | PartnerKind::CoveredEntity
        | PartnerKind::BusinessAssociate
        | PartnerKind::NonCoveredCbo
        | PartnerKind::CriminalJustice
        | PartnerKind::LawEnforcement
        | PartnerKind::ChildWelfare
        | PartnerKind::HealthPlan
        | PartnerKind::Other => Ok(()),
    }
}

fn revoked_since(at: Time) -> Refusal {
    Refusal::new(
        format!("the consent is known to have been revoked on {}", at.date()),
        "42 CFR 2.31(c)(3)",
        "Nothing more may be told under it; ask the person for a new consent if the person wants one.",
    )
}

fn expired_since(at: Time) -> Refusal {
    Refusal::new(format!("the consent expired on {}", at.date()), "42 CFR 2.31(c)(1)", "Ask the person for a new one.")
}
