//! What needs no consent of the person: a question that names nobody, the same program and who serves it, a medical emergency.

use super::basis::{Facts, Tie, TieKind};
use super::kinds::medical;
use super::{Action, Ask, Found, Permit};
use crate::agreement::may_tie;
use crate::consent::elements::filled;
use crate::consent::{Refusal, Scope, restriction};
use crate::ids::OrgId;
use crate::planted::{self, Bug};
use crate::referral::{Information, Purpose};
use crate::time::Time;

/// "Could you take somebody like this?"
pub(super) fn inquiry(ask: &Ask) -> Result<Permit, Refusal> {
    if ask.information == Information::Inquiry && ask.action != Action::Place {
        return Ok(Found::NO_CONSENT.permits(ask, "45 CFR 164.514(b)"));
    }
    Err(Refusal::new(
        format!("an inquiry names nobody, and `{}` information does", ask.information),
        "42 CFR 2.13(a)",
        "Ask with codes alone, or ask the person for a consent.",
    ))
}

/// Nothing else goes as an inquiry.
pub(super) fn apart() -> Refusal {
    Refusal::new(
        "an inquiry is written by its own type alone",
        "45 CFR 164.514(b)",
        "Ask by an inquiry (`belay referral inquire`), or name the kind of information that this is.",
    )
}

/// Inside one program, or with who serves it. Either may tell the other (2.12(c)(3): "between or among"; (c)(4): "communications
/// between"), and nobody else.
pub(super) fn tie(tie: &Tie, ask: &Ask, now: Time) -> Result<Permit, Refusal> {
    let clause = tie.kind.clause();
    let refuse = |why: String, next: &str| Err(Refusal::new(why, clause, next));
    let side = |org: OrgId| tie.parties.iter().find(|party| party.org == org);
    let (Some(from), Some(to)) = (side(ask.from), side(ask.to)) else {
        let stranger = if side(ask.to).is_some() { ask.from } else { ask.to };
        return refuse(
            format!("organisation {} is neither of the same program nor serves it", stranger.short()),
            "Ask the person for a consent that names it.",
        );
    };
    let other = if tie.program == from.org { to } else { from };
    if !may_tie(other.kind) {
        return Err(never_tied(&other.name));
    }
    if !tie.parties.iter().any(|party| party.org == tie.program && party.kind.is_program()) {
        return refuse(
            "such a tie is one with a part 2 program, and neither of the two is one".to_owned(),
            "Ask the person for a consent.",
        );
    }
    if !filled(&tie.services) {
        let next = "Put on record what it does for the program, and have both sign it (2.11).";
        return refuse(format!("the record of what ties {} to the program is not whole", other.name), next);
    }
    if tie.agreement.is_none() || tie.since.at > now || tie.until.is_some_and(|until| until.at <= now) {
        return Err(not_in_force(tie));
    }
    if ask.information == Information::Counselling {
        return Err(Refusal::new(
            "counselling notes take a consent of their own",
            "42 CFR 2.31(b)",
            "Ask the person for one (`belay consent draft --class counselling`).",
        ));
    }
    if !tie.information.contains(&ask.information) {
        return refuse(
            format!("{} does not need `{}` information for what it does", other.name, ask.information),
            "Leave it out, or agree on a version that says why it is needed.",
        );
    }
    let fits = match tie.kind {
        _ if ask.action == Action::Place => false,
        TieKind::SameProgram => ask.purpose == Purpose::Treatment,
        TieKind::Service => matches!(ask.purpose, Purpose::Payment | Purpose::Operations),
    };
    if !fits {
        return refuse(
            format!("this tie does not serve the purpose \"{}\"", ask.purpose),
            "Ask the person for a consent that names this purpose.",
        );
    }
    restriction::kept(&tie.withheld, ask, restriction::WITHOUT)?;
    Ok(Found { expires: tie.until.map(|until| until.at), ..Found::NO_CONSENT }.permits(ask, clause))
}

/// An agreement does not make police, courts or probation part of a program, nor what they do a service to it.
fn never_tied(name: &str) -> Refusal {
    Refusal::new(
        format!(
            "{name} is law enforcement or criminal justice: neither part of a program nor a service organisation to one"
        ),
        "42 CFR 2.11",
        "Ask the person for a consent: for treatment as a condition of release by 2.35 (`belay consent draft --class criminal_justice`).",
    )
}

/// Both have not signed it, or it has not begun, or it has ended.
pub(super) fn not_in_force(tie: &Tie) -> Refusal {
    let names = tie.parties.iter().map(|party| party.name.as_str()).collect::<Vec<_>>().join(" and ");
    Refusal::new(
        format!("no agreement that ties {names} is in force today"),
        tie.kind.clause(),
        "Have both sign one (`belay agreement draft --tie KIND`), or ask the person for a consent.",
    )
}

/// Without consent, to medical personnel, to the extent that the emergency asks for.
pub(super) fn emergency(placed: Option<&Scope>, facts: &Facts, ask: &Ask) -> Result<Permit, Refusal> {
    let refuse = |why: &str, clause: &'static str, next: &str| Err(Refusal::new(why, clause, next));
    let lies = |from: OrgId, to: OrgId| {
        placed.is_some_and(|scope| scope.flow(from, to, ask.information, &Purpose::Emergency).is_some())
    };
    // Who placed the copy hears that it was opened: the record that 2.51(c) asks for is that organisation's to keep.
    let back = ask.from == facts.facility.org && ask.action == Action::Seal && lies(ask.to, ask.from);
    let staffed = medical(facts.facility.kind) || planted::is(Bug::AnybodyBreaksGlass);
    if !back && (ask.to != facts.facility.org || !staffed) {
        return refuse(
            "an emergency lets medical personnel know, and nobody else",
            "42 CFR 2.51(a)",
            "Name the emergency department or clinic that treats the person now.",
        );
    }
    whole(facts)?;
    let needed = matches!(
        ask.information,
        Information::Identity | Information::Medication | Information::Clinical | Information::Crisis
    );
    if !needed || ask.purpose != Purpose::Emergency || ask.action == Action::Place {
        return refuse(
            "an emergency opens what is needed to meet it, and this is not",
            "42 CFR 2.51(a)",
            "Ask for identity, medication, clinical or crisis information.",
        );
    }
    if ask.action == Action::Show && !lies(ask.from, ask.to) {
        return refuse(
            "nothing of this kind was placed here in advance",
            "42 CFR 2.51(a)",
            "Telephone the organisation that has the record.",
        );
    }
    let found = placed.map_or(Found::NO_CONSENT, |s| Found { consent: s.consent, version: s.version, expires: None });
    let clause = if back { "42 CFR 2.51(c)" } else { "42 CFR 2.51(a)" };
    Ok(Permit { facts: Some(Box::new(facts.clone())), ..found.permits(ask, clause) })
}

/// Whether all four facts are there, and that the person can not be asked first.
fn whole(facts: &Facts) -> Result<(), Refusal> {
    let refuse = |why: &str, clause: &'static str, next: &str| Err(Refusal::new(why, clause, next));
    for (fact, clause, next) in [
        (facts.personnel.reveal(), "42 CFR 2.51(c)(1)", "Write down who of the medical personnel was told."),
        (&facts.facility.name, "42 CFR 2.51(c)(1)", "Write down at which facility they work."),
        (facts.discloser.reveal(), "42 CFR 2.51(c)(2)", "Write down who opens or tells it."),
        (facts.nature.reveal(), "42 CFR 2.51(c)(4)", "Write down what the emergency is."),
    ] {
        if !filled(fact) && !planted::is(Bug::FactsUnasked) {
            return refuse("one of the four facts of an emergency is missing", clause, next);
        }
    }
    if !filled(facts.unobtainable.reveal()) && !planted::is(Bug::FactsUnasked) {
        return refuse(
            "nobody says that the person's written consent can not be obtained first",
            "42 CFR 2.51(a)(1)",
            "Write down why, as the medical personnel say; where the person can be asked, ask for a consent.",
        );
    }
    if facts.at == Time(0) {
        return refuse(
            "one of the four facts of an emergency is missing",
            "42 CFR 2.51(c)(3)",
            "Write down date and time.",
        );
    }
    Ok(())
}
