//! What other clauses let be told without a consent, row by row.

use super::*;
use crate::referral::Information as I;
use PartnerKind as Kind;

fn lawful(clause: Clause, kind: Kind) -> Lawful {
    Lawful {
        clause,
        to: party(CLINIC, kind),
        decided: "Ida Roe, privacy officer".into(),
        matter: "what was said on 3 June, and no more".into(),
        order: clause.is_order().then(|| Order {
            court: "the Family Court".into(),
            dated: NOW,
            mandate: "subpoena of the same day".into(),
        }),
        undertaking: "signed on 1 June by its director".into(),
        at: NOW,
    }
}

fn told(clause: Clause, information: Information) -> Ask {
    Ask { from: HOSPITAL, to: CLINIC, information, purpose: clause.purpose(), action: Action::Export }
}

fn decided(lawful: &Lawful, ask: &Ask) -> std::result::Result<&'static str, &'static str> {
    let decided = decide(Basis::Law(lawful), ask, NOW);
    if let Ok(permit) = &decided {
        assert_eq!((permit.law(), permit.consent(), permit.facts()), (Some(lawful), ConsentId::ZERO, None));
    }
    decided.map(|permit| permit.clause()).map_err(|refusal| refusal.clause)
}

#[test]
fn each_clause_lets_be_told_what_it_names_to_whom_it_names() {
    use Clause as C;
    let rows = [
        ("a crime, to police", C::Premises, Kind::LawEnforcement, I::Identity, Ok("42 CFR 2.12(c)(5)")),
        ("a crime, and the medication", C::Premises, Kind::LawEnforcement, I::Medication, Err("42 CFR 2.12(c)(5)")),
        ("a crime, to probation", C::Premises, Kind::CriminalJustice, I::Identity, Err("42 CFR 2.12(c)(5)")),
        ("child abuse", C::ChildAbuse, Kind::ChildWelfare, I::Social, Ok("42 CFR 2.12(c)(6)")),
        ("child abuse, to police", C::ChildAbuse, Kind::LawEnforcement, I::Identity, Ok("42 CFR 2.12(c)(6)")),
        ("child abuse, to a shelter", C::ChildAbuse, Kind::NonCoveredCbo, I::Identity, Err("42 CFR 2.12(c)(6)")),
        ("child abuse, and the record", C::ChildAbuse, Kind::ChildWelfare, I::Clinical, Err("42 CFR 2.12(c)(6)")),
        ("an audit", C::Audit, Kind::HealthPlan, I::Clinical, Ok("42 CFR 2.53")),
        ("an audit, by police", C::Audit, Kind::LawEnforcement, I::Clinical, Err("42 CFR 2.53")),
        ("a study", C::Research, Kind::Other, I::Clinical, Ok("42 CFR 2.52")),
        ("a study, by a court", C::Research, Kind::CriminalJustice, I::Clinical, Err("42 CFR 2.52")),
        ("public health", C::PublicHealth, Kind::Other, I::Clinical, Err("42 CFR 2.54")),
        ("an emergency", C::Emergency, Kind::CoveredEntity, I::Crisis, Err("42 CFR 2.51")),
        ("an order, civil", C::OrderCivil, Kind::CriminalJustice, I::Clinical, Ok("42 CFR 2.64")),
        ("an order, criminal", C::OrderCriminal, Kind::LawEnforcement, I::Referral, Ok("42 CFR 2.65")),
        ("an order against us", C::OrderHolder, Kind::Other, I::Clinical, Ok("42 CFR 2.66")),
        ("an order for an agent", C::OrderAgent, Kind::LawEnforcement, I::Identity, Ok("42 CFR 2.67")),
        ("an order, counselling", C::OrderCivil, Kind::CriminalJustice, I::Counselling, Err("42 CFR 2.63")),
        ("an audit, counselling", C::Audit, Kind::HealthPlan, I::Counselling, Err("42 CFR 2.63")),
    ];
    for (row, clause, kind, information, expected) in rows {
        assert_eq!(decided(&lawful(clause, kind), &told(clause, information)), expected, "{row}");
    }
    for clause in Clause::ALL {
        assert_eq!(clause.to_string().parse::<Clause>(), Ok(clause));
        assert_eq!(clause.to_string().replace("42 CFR ", "").parse::<Clause>(), Ok(clause));
    }
    assert!("2.31".parse::<Clause>().is_err() && "".parse::<Clause>().is_err());
}

#[test]
fn nothing_is_told_before_what_the_clause_asks_for_is_on_record() {
    let order = |change: fn(&mut Order)| move |lawful: &mut Lawful| lawful.order.iter_mut().for_each(change);
    let court = order(|order| order.court = " ".into());
    let dated = order(|order| order.dated = Time(0));
    let mandate = order(|order| order.mandate = "".into());
    let strange = |lawful: &mut Lawful| lawful.order = self::lawful(Clause::OrderCivil, Kind::Other).order;
    type Row<'r> = (&'r str, Clause, Kind, &'r dyn Fn(&mut Lawful), &'r str);
    let rows: [Row<'_>; 10] = [
        ("no order", Clause::ChildAbuse, Kind::ChildWelfare, &strange, "42 CFR 2.12(c)(6)"),
        ("who decided", Clause::OrderCivil, Kind::Other, &|l| l.decided = " ".into(), "42 CFR 2.13(a)"),
        ("its scope", Clause::OrderCivil, Kind::Other, &|l| l.matter = "".into(), "42 CFR 2.64"),
        ("a subpoena alone", Clause::OrderCriminal, Kind::LawEnforcement, &|l| l.order = None, "42 CFR 2.61"),
        ("which court", Clause::OrderCivil, Kind::Other, &court, "42 CFR 2.64"),
        ("its date", Clause::OrderHolder, Kind::Other, &dated, "42 CFR 2.66"),
        ("an order alone", Clause::OrderCivil, Kind::Other, &mandate, "42 CFR 2.61"),
        ("what is suspected", Clause::ChildAbuse, Kind::ChildWelfare, &|l| l.matter = "".into(), "42 CFR 2.12(c)(6)"),
        ("the auditor's word", Clause::Audit, Kind::HealthPlan, &|l| l.undertaking = "".into(), "42 CFR 2.53"),
        ("the approval", Clause::Research, Kind::Other, &|l| l.undertaking = " ".into(), "42 CFR 2.52"),
    ];
    for (row, clause, kind, change, expected) in rows {
        let mut lawful = lawful(clause, kind);
        change(&mut lawful);
        assert_eq!(decided(&lawful, &told(clause, Information::Identity)), Err(expected), "{row}");
    }
    let whole = lawful(Clause::OrderCivil, Kind::Other);
    let other: [(&str, Ask); 3] = [
        ("somebody else", Ask { to: SHELTER, ..told(Clause::OrderCivil, Information::Identity) }),
        ("shown on a page", Ask { action: Action::Show, ..told(Clause::OrderCivil, Information::Identity) }),
        ("for treatment", Ask { purpose: Purpose::Treatment, ..told(Clause::OrderCivil, Information::Identity) }),
    ];
    for (row, ask) in other {
        assert_eq!(decided(&whole, &ask), Err("42 CFR 2.64"), "{row}");
    }
    let refusal =
        decide(Basis::Law(&Lawful { order: None, ..whole }), &told(Clause::OrderCivil, Information::Identity), NOW);
    assert!(refusal.expect_err("no order").next.contains("belay hold refusal"), "says what to do");
}

#[test]
fn a_refusal_says_what_the_clause_asks_for_and_where_it_is_written_instead() {
    let rows = [
        (Clause::Premises, Kind::LawEnforcement, "what was done or threatened"),
        (Clause::ChildAbuse, Kind::ChildWelfare, "what is suspected"),
        (Clause::Research, Kind::Other, "which study"),
        (Clause::Audit, Kind::HealthPlan, "what is audited"),
        (Clause::OrderCivil, Kind::Other, "what the order lets be told"),
    ];
    for (clause, kind, matter) in rows {
        let silent = Lawful { matter: " ".into(), ..lawful(clause, kind) };
        let refusal = decide(Basis::Law(&silent), &told(clause, I::Identity), NOW).expect_err("its matter");
        assert!(refusal.why.contains(matter), "{refusal}");
    }
    for (clause, next) in [(Clause::Emergency, "belay emergency record"), (Clause::PublicHealth, "164.514(b)")] {
        let refusal = decide(Basis::Law(&lawful(clause, Kind::Other)), &told(clause, I::Identity), NOW);
        assert!(refusal.expect_err("another way").next.contains(next), "{clause}");
    }
}

#[test]
fn what_is_written_down_first_is_bounded() {
    let named = |chars: usize| {
        let mut lawful = lawful(Clause::Audit, Kind::HealthPlan);
        lawful.to.name = "n".repeat(chars);
        lawful.check().is_ok()
    };
    let most = 4 * crate::limits::NAME_CHARS;
    assert_eq!([most - 1, most, most + 1, 2 * most].map(named), [true, true, false, false]);
}
