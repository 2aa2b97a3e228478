//! What may not stand together in one consent. Each class has its own purposes and kinds; in company they are refused when the
//! consent is drafted, and again by the gate.

use super::elements::filled;
use super::{Refusal, Terms};
use crate::planted::{self, Bug};
use crate::referral::{Class, Information, Purpose};
use crate::space::control::PartnerKind;

/// What stands in these terms that their class does not take.
pub(super) fn combined(terms: &Terms) -> Option<Refusal> {
    let any = |kind: Information| {
        terms.information.iter().any(|d| d.information == kind) || flows(terms).any(|f| f.information == kind)
    };
    let all_purposes = |wanted: &[Purpose]| terms.purposes.iter().all(|p| wanted.contains(p));
    if any(Information::Inquiry) {
        return Some(Refusal::new(
            "an inquiry that names nobody is no record of the person, so a consent does not speak of it",
            "45 CFR 164.514(b)",
            "Leave it out, and ask by an inquiry (`belay referral inquire`).",
        ));
    }
    if planted::is(Bug::ClassesMixed) {
        return None;
    }
    if terms.class != Class::Proceedings && terms.proceeding.is_some() {
        return Some(alone(Class::Proceedings, "a proceeding is named in a consent that is for something else"));
    }
    match terms.class {
        Class::Counselling => return counselling(terms),
        Class::Proceedings if any(Information::Counselling) => {
            return Some(alone(Class::Counselling, "counselling notes stand together with other information"));
        }
        Class::Proceedings if !all_purposes(&[Purpose::Proceedings]) => {
            return Some(alone(
                Class::Proceedings,
                "a consent for a proceeding against or about the person serves nothing else",
            ));
        }
        Class::Proceedings => return unnamed(terms),
        Class::CriminalJustice => return supervision(terms),
        Class::Tpo if !all_purposes(&[Purpose::Tpo]) => {
            return Some(Refusal::new(
                "a single consent for all future treatment, payment and operations names no other purpose",
                "42 CFR 2.31(a)(5)(ii)",
                "Draft one consent of class tpo, and a general one for the rest.",
            ));
        }
        Class::Tpo | Class::General => {}
    }
    if any(Information::Counselling) {
        return Some(alone(Class::Counselling, "counselling notes stand together with other information"));
    }
    if terms.purposes.contains(&Purpose::Proceedings) {
        return Some(alone(Class::Proceedings, "a proceeding stands among other purposes"));
    }
    if terms.purposes.contains(&Purpose::Supervision) {
        return Some(alone(Class::CriminalJustice, "the supervision of a release stands among other purposes"));
    }
    None
}

fn flows(terms: &Terms) -> impl Iterator<Item = &crate::referral::Flow> {
    terms.flows.iter()
}

fn alone(class: Class, why: &str) -> Refusal {
    Refusal::new(why, class.clause(), format!("Draft a consent of its own (`belay consent draft --class {class}`)."))
}

/// A form that is for one proceeding says which.
fn unnamed(terms: &Terms) -> Option<Refusal> {
    let named = terms.proceeding.as_ref().is_some_and(|which| filled(which.reveal()));
    (!named).then(|| {
        Refusal::new(
            "the consent does not name the one proceeding that it is for",
            Class::Proceedings.clause(),
            "Draft it with the case or hearing, so that nobody takes it for another (`--matter`).",
        )
    })
}

fn counselling(terms: &Terms) -> Option<Refusal> {
    let only = terms.information.iter().all(|d| d.information == Information::Counselling)
        && flows(terms).all(|f| f.information == Information::Counselling);
    if !only {
        return Some(alone(Class::Counselling, "counselling notes stand together with other information"));
    }
    let unfit =
        |p: &Purpose| matches!(p, Purpose::Proceedings | Purpose::Supervision | Purpose::Fundraising | Purpose::Tpo);
    terms.purposes.iter().any(unfit).then(|| {
        Refusal::new(
            "counselling notes take a purpose of their own, such as treatment",
            "42 CFR 2.31(b)",
            "Name that purpose alone; they are no part of a single consent for treatment, payment and operations.",
        )
    })
}

fn supervision(terms: &Terms) -> Option<Refusal> {
    if terms.purposes.iter().any(|p| *p != Purpose::Supervision)
        || terms.information.iter().any(|d| d.information == Information::Counselling)
    {
        return Some(alone(Class::CriminalJustice, "a consent for criminal justice stands together with another"));
    }
    let justice = |org| terms.party(org).is_some_and(|p| p.kind == PartnerKind::CriminalJustice);
    flows(terms).any(|f| !justice(f.to) && !justice(f.from)).then(|| {
        Refusal::new(
            "a consent for criminal justice names organisations that tell each other without any part in that",
            "42 CFR 2.35(a)",
            "Name here only whose duty it is to follow the treatment; draft a general consent for the others.",
        )
    })
}
