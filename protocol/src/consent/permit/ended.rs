//! Word that the person took a consent back: to who can hear it by telephone alone, and to a node, with the removal that takes it out. It tells again that there was a person and a
//! consent, and so is a disclosure; the person's right to take it back (2.31(a)(6)) is worth nothing to who never hears of it.

use super::basis::Ended;
use super::{Action, Ask, Found, Permit};
use crate::consent::{Consent, Refusal, Scope, heads, less};
use crate::ids::OrgId;
use crate::planted::{self, Bug};
use crate::referral::{Information, Purpose};

/// The clause of such a permit.
pub const CLAUSE: &str = "42 CFR 2.31(a)(6)";

/// Decides whether `ask.to` may hear of it, and whether with who the person is.
pub(super) fn ended(basis: Ended<'_>, ask: &Ask) -> Result<Permit, Refusal> {
    if ask.purpose != Purpose::AtRequest || ask.action != Action::Export {
        return no("that a consent was taken back is told because the person asked for it, and no further");
    }
    match basis {
        Ended::Kept(versions) => kept(versions, ask),
        Ended::Word(versions) => by_word(versions, ask),
        Ended::Less(versions) => narrowed(versions, ask),
        Ended::Came(scope) => came(scope, ask),
        Ended::Elsewhere(keeper) => elsewhere(keeper, ask),
    }
}

/// One that this organisation keeps, to whom it named.
fn kept(versions: &[Consent], ask: &Ask) -> Result<Permit, Refusal> {
    let way = |consent: &Consent| {
        let mut flows = consent.terms().flows.iter().filter(|flow| (flow.from, flow.to) == (ask.from, ask.to));
        match ask.information {
            Information::Referral => flows.next().is_some(),
            kind => flows.any(|flow| flow.information == kind),
        }
    };
    let told = matches!(ask.information, Information::Referral | Information::Identity);
    let signed = || versions.iter().filter(|consent| consent.signed().is_some());
    if !told || !(signed().any(way) || planted::is(Bug::CallNamesAnybody)) {
        return no("who was never to be told of it hears nothing of its end either");
    }
    let newest = heads(versions);
    let false_first = |consent: &Consent| matches!(consent, Consent::Void(_)) && !taken_back(consent, ask);
    if newest.iter().any(|c| false_first(c)) || !newest.iter().any(|c| taken_back(c, ask)) {
        return Err(Refusal::new(
            "the person did not take this consent back for that organisation, or gave it anew",
            CLAUSE,
            "Tell it what the consent lets be told, or record what the person said (`belay consent revoke`).",
        ));
    }
    let found = signed().next_back().map_or(Found::NO_CONSENT, |consent| Found {
        consent: consent.id(),
        version: consent.version(),
        expires: None,
    });
    Ok(found.permits(ask, CLAUSE))
}

/// One that this organisation keeps, to whose node it named: that it was the person's word, and of nothing else that ends it. By a restriction, a
/// new version or what is false in it nobody hears more than that nothing more is told.
fn by_word(versions: &[Consent], ask: &Ask) -> Result<Permit, Refusal> {
    let said = |consent: &&Consent| match consent {
        Consent::Revoked(_) => true,
        Consent::Signed(signed) => signed.withdrawn.iter().any(|gone| gone.party == ask.to),
        Consent::Void(_) | Consent::Draft(_) => false,
    };
    if ask.information != Information::Referral || !versions.iter().any(|version| said(&version)) {
        return no("why nothing more is told is said only where the person took the consent back, and of that no more");
    }
    kept(versions, ask)
}

/// One that stands and lets less be told than before, to whom it still lets something be told: that it is less, and who the person is only
/// where that may be told today.
fn narrowed(versions: &[Consent], ask: &Ask) -> Result<Permit, Refusal> {
    let newest = heads(versions);
    let lets = |consent: &Consent| match consent {
        // Whoever was taken out is in no way that is allowed.
        Consent::Signed(signed) => {
            let terms = signed.allowed();
            let mut flows = terms.flows.iter().filter(|flow| (flow.from, flow.to) == (ask.from, ask.to));
            match ask.information {
                Information::Referral => flows.next().is_some(),
                Information::Identity => flows.any(|flow| flow.information == Information::Identity),
                _ => false,
            }
        }
        _ => false,
    };
    let (Some(last), true) = (newest.last(), newest.iter().all(|consent| lets(consent))) else {
        return no("who is told nothing under a consent, or not this, does not hear what became of it");
    };
    if less(versions, ask.from, ask.to).is_nothing() {
        return Err(Refusal::new(
            "the newest version of this consent lets be told what the ones before it let",
            CLAUSE,
            "There is nothing to tell (`belay consent show`).",
        ));
    }
    let found = Found { consent: last.id(), version: last.version(), expires: None };
    Ok(found.permits(ask, CLAUSE))
}

/// As a whole, for that organisation alone, or by a version that names it no more. What was found to be false afterwards was taken back all
/// the same: that it may be told does not rest on the consent.
fn taken_back(consent: &Consent, ask: &Ask) -> bool {
    let named = consent.terms().flows.iter().any(|flow| (flow.from, flow.to) == (ask.from, ask.to));
    match consent {
        Consent::Revoked(_) => true,
        Consent::Signed(signed) => !named || signed.withdrawn.iter().any(|gone| gone.party == ask.to),
        Consent::Void(void) => {
            let gone = void.signed.withdrawn.iter().filter(|gone| gone.party == ask.to).map(|gone| gone.at);
            // What a version left out that was found to be false later was due before.
            !named || gone.chain(void.revoked.as_ref().map(|(at, ..)| *at)).any(|at| at <= void.at)
        }
        Consent::Draft(_) => false,
    }
}

/// One under which something came here, to who told us: it knows the person by the number of what it sent.
fn came(scope: &Scope, ask: &Ask) -> Result<Permit, Refusal> {
    let told_us = scope.flows.iter().any(|flow| (flow.from, flow.to) == (ask.to, ask.from));
    if scope.recipient != ask.from || !told_us || scope.tie.is_some() || ask.information != Information::Referral {
        return no("it is told to who sent the referral, by the referral's number");
    }
    let found = Found { consent: scope.consent, version: scope.version, expires: None };
    Ok(found.permits(ask, CLAUSE))
}

/// One of which nothing is known here but who keeps it, as the person said: by the number on the form.
fn elsewhere(keeper: OrgId, ask: &Ask) -> Result<Permit, Refusal> {
    if ask.to != keeper || ask.information != Information::Referral {
        return no("it is told to who keeps the consent, by the number on the form, without a name");
    }
    Ok(Found::NO_CONSENT.permits(ask, CLAUSE))
}

fn no(why: &str) -> Result<Permit, Refusal> {
    Err(Refusal::new(why, CLAUSE, "Let the person tell it, or ask the person for a consent that names it."))
}
