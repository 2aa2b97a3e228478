//! What a recipient may pass on of what came to it under a consent (2.33, and 2.35(d) for criminal justice). By default nothing;
//! whatever it does pass on goes with the notice of 2.32.

use super::basis::Onward;
use super::kinds::kind_allows;
use super::{Action, Ask, Found, Permit};
use crate::consent::{PassingOn, Refusal, Scope};
use crate::planted::{self, Bug};
use crate::referral::{Class, Flow, Information, Purpose};
use crate::space::control::PartnerKind as Kind;
use crate::time::Time;

/// Decides whether `ask.from`, to whom this was told, may tell `onward.to`.
pub(super) fn onward(scope: &Scope, onward: &Onward, ask: &Ask, now: Time) -> Result<Permit, Refusal> {
    let us = scope.party(ask.from).filter(|p| p.org == scope.recipient).ok_or_else(|| {
        Refusal::new(
            "nothing was told to this organisation under that consent",
            "42 CFR 2.32(a)",
            "Ask the person for a consent.",
        )
    })?;
    if let Some((kind, _)) = scope.tie {
        return Err(no(kind.clause(), "it came under an agreement, without a consent, and goes to nobody but the two"));
    }
    let expires = scope.expiry.at();
    if let Some(at) = expires.filter(|at| *at <= now) {
        return Err(super::decide::expired(&scope.expiry, at));
    }
    if let Some(shut) = onward.shut {
        return Err(super::decide::shut_since(shut));
    }
    if ask.to != onward.to.org || matches!(ask.action, Action::Show | Action::Place) {
        return Err(Refusal::new("it is not said to whom this shall go", "42 CFR 2.32(a)", "Name the organisation."));
    }
    let of_kind: Vec<&Flow> = scope.flows.iter().filter(|f| f.information == ask.information).collect();
    let passing = PassingOn::of(scope.class, us, of_kind.iter().copied());
    if passing == PassingOn::Untold {
        return Err(Refusal::new(
            format!("no `{}` information was told to this organisation", ask.information),
            "42 CFR 2.33",
            "Pass on only what came to you.",
        ));
    }
    let found = Found { consent: scope.consent, version: scope.version, expires };
    // What the consent itself says comes first (2.32(a)(1)(i)).
    let told = |f: &&&Flow| f.purpose != Purpose::Emergency;
    let named = |f: &&&Flow| f.from == us.org && f.to == ask.to && f.purpose.covers(&ask.purpose);
    let flow = of_kind.iter().filter(told).find(named);
    if let Some(flow) = flow {
        kind_allows(&onward.to, flow, scope.class, Some(&scope.expiry))?;
        return Ok(found.permits(ask, "42 CFR 2.33(a)"));
    }
    let apart =
        matches!(scope.class, Class::Counselling | Class::Proceedings) || ask.information == Information::Counselling;
    if apart || ask.purpose == Purpose::Proceedings {
        return Err(no(scope.class.clause(), "it goes to nobody but whom the consent names"));
    }
    // For what it came, and for nothing else.
    let fits = of_kind.iter().any(|f| f.to == us.org && f.purpose.is_tpo() && f.purpose.covers(&ask.purpose));
    let theirs = matches!(ask.purpose, Purpose::Payment | Purpose::Operations);
    let hears = match onward.to.kind {
        Kind::CoveredEntity | Kind::Part2Program | Kind::CoveredProgram => true,
        // It treats nobody.
        Kind::HealthPlan => theirs,
        Kind::BusinessAssociate | Kind::NonCoveredCbo | Kind::Other => onward.contract,
        Kind::LawEnforcement | Kind::CriminalJustice | Kind::ChildWelfare => false,
    };
    match passing {
        PassingOn::Hipaa if fits && hears => Ok(found.permits(ask, "42 CFR 2.33(b)(1)")),
        PassingOn::Consent if hears && planted::is(Bug::OnwardUnasked) => Ok(found.permits(ask, "42 CFR 2.33(b)(1)")),
        PassingOn::Justice if onward.to.kind == Kind::CriminalJustice && ask.purpose == Purpose::Supervision => {
            Ok(found.permits(ask, "42 CFR 2.35(d)"))
        }
        PassingOn::Contractor if fits && hears && theirs && onward.contract => {
            Ok(found.permits(ask, "42 CFR 2.33(b)(3)"))
        }
        PassingOn::Hipaa if fits => Err(no("42 CFR 2.33(b)(1)", unheard(onward.to.kind))),
        PassingOn::Justice => Err(no("42 CFR 2.35(d)", "it serves official duties on that conditional release alone")),
        PassingOn::Untold | PassingOn::Hipaa | PassingOn::Consent | PassingOn::Contractor | PassingOn::Nobody => {
            Err(by_kind(us.kind))
        }
    }
}

/// Why what came for all of treatment, payment and operations goes to none of this kind as the HIPAA regulations allow (45 CFR 164.506).
const fn unheard(to: Kind) -> &'static str {
    match to {
        Kind::HealthPlan => "a health plan treats nobody: it is told for payment or operations, and not for treatment",
        Kind::BusinessAssociate => {
            "a business associate is told only under its written contract with this organisation (45 CFR 164.504(e))"
        }
        Kind::NonCoveredCbo | Kind::Other => {
            "one that is neither covered nor a program is told only where it works for this organisation under a written contract \
             (45 CFR 164.504(e))"
        }
        Kind::LawEnforcement | Kind::CriminalJustice | Kind::ChildWelfare => {
            "treatment, payment and operations are no reason to tell law enforcement, criminal justice or child welfare (2.12(d))"
        }
        Kind::CoveredEntity | Kind::Part2Program | Kind::CoveredProgram => "it is not told for this purpose",
    }
}

/// The refusal to a holder of this kind.
fn by_kind(kind: Kind) -> Refusal {
    match kind {
        Kind::CoveredEntity | Kind::BusinessAssociate | Kind::HealthPlan => no(
            "42 CFR 2.33(b)(1)",
            "a covered entity passes it on only where it came for all of treatment, payment and operations, as the HIPAA regulations allow",
        ),
        Kind::Part2Program => no("42 CFR 2.33(b)(2)", "a Part 2 program passes it on only as the consent says"),
        Kind::CoveredProgram => no(
            "42 CFR 2.33(b)(1)",
            "a program that is a covered entity passes on what came for one purpose only as the consent says, and what came for all of \
             treatment, payment and operations as the HIPAA regulations allow",
        ),
        Kind::NonCoveredCbo | Kind::Other | Kind::CriminalJustice | Kind::LawEnforcement | Kind::ChildWelfare => no(
            "42 CFR 2.33(b)(3)",
            "a holder that is neither covered nor a program passes it on to nobody, except for payment \
             or operations to its contractor under a written contract",
        ),
    }
}

fn no(clause: &'static str, why: &str) -> Refusal {
    Refusal::new(
        format!("what was told to this organisation is not to be passed on: {why}"),
        clause,
        "Ask the person for a consent that names the organisation, or let the person tell it.",
    )
}
