//! What the law lets be told without a consent: refused until it is whole, then in the accounting, in both languages, and in the list of
//! a breach.

mod owed;

use super::*;
use crate::forms::Lang;
use belay_protocol::sensitive::Personal;
use belay_protocol::space::control::PartnerKind;

fn order() -> DisclosureRecord {
    DisclosureRecord {
        person: "Zephyrine Quillfeather".into(),
        clause: "2.64".to_owned(),
        to: "Cedar Family Court".to_owned(),
        decided: "Ida Roe".into(),
        matter: "visits in June, and nothing else".into(),
        court: "the Cedar Family Court".into(),
        order_dated: Some(Time(1_790_000_000_000)),
        mandate: "subpoena of the same day".into(),
        told: "the dates of the visits in June".into(),
        include: vec![Information::Clinical],
        ..DisclosureRecord::default()
    }
}

fn record(ask: DisclosureRecord) -> Care {
    Care::DisclosureRecord(Box::new(ask))
}

#[test]
fn what_a_court_orders_is_on_record_whole_and_what_is_not_whole_is_refused() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    assert!(
        clinic.as_officer(|office| office.refused(&record(order()))).1.contains("organisation"),
        "the court is nobody's partner yet"
    );
    for (name, kind) in
        [("Cedar Family Court", PartnerKind::CriminalJustice), ("Child Line", PartnerKind::ChildWelfare)]
    {
        let fields = PartnerFields { name: name.to_owned(), kind: Some(kind), ..PartnerFields::default() };
        clinic.done::<PartnerView>(&Care::PartnerAdd(fields));
    }
    let none = || Personal::default();
    let report = DisclosureRecord {
        clause: "2.12(c)(6)".to_owned(),
        to: "Child Line".to_owned(),
        court: none(),
        order_dated: None,
        include: vec![Information::Identity],
        ..order()
    };
    let wrong: [(DisclosureRecord, &str); 9] = [
        (report, "no court order"),
        (DisclosureRecord { order_dated: Some(Time(u64::MAX / 4)), ..order() }, "date of the order"),
        (DisclosureRecord { mandate: none(), ..order() }, "2.61"),
        (DisclosureRecord { court: none(), order_dated: None, ..order() }, "2.61"),
        (DisclosureRecord { decided: " ".into(), ..order() }, "2.13(a)"),
        (DisclosureRecord { told: none(), ..order() }, "what was told"),
        (DisclosureRecord { include: Vec::new(), ..order() }, "kinds"),
        (DisclosureRecord { clause: "2.54".to_owned(), ..order() }, "no name"),
        (DisclosureRecord { clause: "2.99".to_owned(), ..order() }, "2.12(c)(6)"),
    ];
    for (ask, why) in wrong {
        let refused = clinic.as_officer(|office| office.refused(&record(ask))).1;
        assert!(refused.contains(why), "{refused}");
    }
    let nothing: DisclosuresView = clinic.done(&Care::Disclosures(DisclosuresAsk::of("Zephyrine Quillfeather")));
    assert_eq!((nothing.made, nothing.disclosures.len()), (0, 0), "what is refused is not on record");

    let (class, why) = clinic.refused(&record(order()));
    assert!(class == FailureClass::NotPermitted && why.contains("for the privacy officer"), "{why}");
    // A kind that is named twice is told once.
    let twice = vec![Information::Clinical, Information::Clinical];
    let view: DisclosuresView = clinic.officer(&record(DisclosureRecord { include: twice, ..order() }));
    let [one] = view.disclosures.as_slice() else { panic!("{view:?}") };
    assert_eq!((view.made, one.clause.as_str(), one.with_consent), (1, "42 CFR 2.64", false));
    assert_eq!(one.purpose, "because a court ordered it", "no consent names a purpose");
    let law = one.law.as_ref().expect("what it rests on");
    assert_eq!((law.decided.reveal().as_str(), law.dated.as_deref()), ("Ida Roe", Some("2026-09-21")));
    let report = DisclosureRecord {
        clause: "2.12(c)(6)".to_owned(),
        to: "Child Line".to_owned(),
        matter: "a bruise; the child protection act".into(),
        include: vec![Information::Identity],
        court: none(),
        order_dated: None,
        mandate: none(),
        ..order()
    };
    clinic.done::<DisclosuresView>(&record(report));
    let breach: DisclosuresView = clinic.done(&Care::Disclosures(DisclosuresAsk::to("Child Line")));
    assert_eq!(breach.disclosures.len(), 1, "the list of a breach there");
    for (lang, says) in [
        (
            Lang::En,
            ["because a court ordered it", "of the Cedar Family Court, of September 21, 2026", "a child may be hurt"],
        ),
        (
            Lang::Es,
            [
                "porque lo ordenó un juez",
                "the Cedar Family Court, del 21 de septiembre de 2026",
                "le hacen daño a un niño",
            ],
        ),
    ] {
        let form = Printed::Accounting { person: "Zephyrine Quillfeather".into() };
        let view: PrintView = clinic.done(&Care::Print(Print::new(form, Some(lang), Shape::Part)));
        let form = view.form.reveal().split_whitespace().collect::<Vec<_>>().join(" ");
        for says in says {
            assert!(form.contains(says), "{says}: {form}");
        }
        assert!(!form.contains("bruise"), "what is suspected stays with those who report it: {form}");
    }
}

/// What is printed for the person, and how much the staff's own list holds.
fn given(office: &mut Office, person: &str) -> (String, usize) {
    let form = Printed::Accounting { person: person.into() };
    let view: PrintView = office.done(&Care::Print(Print::new(form, Some(Lang::En), Shape::Part)));
    let listed: DisclosuresView = office.done(&Care::Disclosures(DisclosuresAsk::of(person)));
    let text = view.form.reveal().split_whitespace().collect::<Vec<_>>().join(" ");
    (text, listed.disclosures.len())
}

fn statement(spoken: bool, until: Option<Time>) -> Withhold {
    Withhold {
        to: "Cedar Sheriff".to_owned(),
        person: Some("Zephyrine Quillfeather".into()),
        spoken,
        official: "Det. Roe, Cedar Sheriff".into(),
        statement: "an accounting would impede the inquiry".into(),
        said: None,
        until,
    }
}

/// 42 CFR 2.25(a), by 45 CFR 164.528(a)(2).
#[test]
fn what_an_agency_was_told_is_left_out_of_the_accounting_for_the_time_that_it_stated_and_no_longer() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    for (name, kind) in [
        ("Cedar Sheriff", PartnerKind::LawEnforcement),
        ("Cedar Family Court", PartnerKind::CriminalJustice),
        ("Child Line", PartnerKind::ChildWelfare),
    ] {
        let fields = PartnerFields { name: name.to_owned(), kind: Some(kind), ..PartnerFields::default() };
        clinic.done::<PartnerView>(&Care::PartnerAdd(fields));
    }
    clinic.officer::<DisclosuresView>(&record(order()));
    let sheriff = DisclosureRecord { clause: "2.65".to_owned(), to: "Cedar Sheriff".to_owned(), ..order() };
    clinic.officer::<DisclosuresView>(&record(sheriff));
    let start = clinic.now;
    let by = |ask: Withhold| Care::DisclosureWithhold(ask);
    assert_eq!(clinic.refused(&by(statement(true, None))).0, FailureClass::NotPermitted, "not by anybody");
    clinic.sign_in_as("Dora Whitlock", "privacy_officer");
    let late = start.plus(40 * DAY);
    for (ask, why) in [
        (statement(false, None), "164.528(a)(2)(i)"),
        (statement(true, Some(late)), "164.528(a)(2)(ii)(C)"),
        (Withhold { official: " ".into(), ..statement(true, None) }, "164.528(a)(2)(ii)(A)"),
        (Withhold { to: "Child Line".to_owned(), ..statement(true, None) }, "no agency of health oversight"),
        (Withhold { said: Some(late), ..statement(true, None) }, "in the future"),
        (statement(false, Some(start)), "is over"),
    ] {
        let refused = clinic.refused(&by(ask)).1;
        assert!(refused.contains(why), "{why}: {refused}");
    }
    let shown: WithheldsView = clinic.done(&by(statement(true, None)));
    let [one] = shown.withheld.as_slice() else { panic!("{shown:?}") };
    assert_eq!((one.stands, one.until, one.spoken), (true, one.said.plus(30 * DAY), true));
    let end = one.until;
    let (form, listed) = given(clinic, "Zephyrine Quillfeather");
    assert!(!form.contains("Sheriff") && form.contains("Cedar Family Court"), "{form}");
    assert!(form.contains("leave something out for a time") && !form.contains("no one"), "nothing untrue: {form}");
    assert_eq!(listed, 2, "staff see it, and until when");
    let all: DisclosuresView = clinic.done(&Care::Disclosures(DisclosuresAsk::of("Zephyrine Quillfeather")));
    let out: Vec<_> = all.disclosures.iter().map(|told| (told.recipient.as_str(), told.withheld)).collect();
    assert!(out.contains(&("Cedar Sheriff", Some(end))) && out.contains(&("Cedar Family Court", None)));
    // In writing within that time: for as long as it says.
    clinic.done::<WithheldsView>(&by(statement(false, Some(late))));
    let before = clinic.records();
    clinic.rebuild();
    assert_eq!(clinic.records(), before);
    county.sleep(31 * DAY);
    let clinic = county.office(CLINIC);
    assert!(!given(clinic, "Zephyrine Quillfeather").0.contains("Sheriff"), "by the statement in writing");
    county.sleep(10 * DAY);
    let clinic = county.office(CLINIC);
    assert!(given(clinic, "Zephyrine Quillfeather").0.contains("Sheriff"), "whole again, by itself");
    let again = Withhold { person: None, ..statement(true, None) };
    let shown: WithheldsView = clinic.done(&by(again));
    assert!(!given(clinic, "Zephyrine Quillfeather").0.contains("Sheriff"), "of everybody's accounting");
    let stands = shown.withheld.iter().find(|one| one.stands).expect("it stands").id.clone();
    let release = |why: &str| Care::DisclosureRelease { statement: stands.clone(), why: why.into() };
    assert_eq!(clinic.refused(&release(" ")).0, FailureClass::Misuse, "not without a reason");
    clinic.sign_in_as("Noor Vale", "navigator");
    assert_eq!(clinic.refused(&release("Det. Roe called")).0, FailureClass::NotPermitted, "not by anybody");
    assert!(!given(clinic, "Zephyrine Quillfeather").0.contains("Sheriff"), "and nothing came of it");
    clinic.sign_in_as("Dora Whitlock", "privacy_officer");
    clinic.done::<WithheldsView>(&release("Det. Roe called"));
    assert!(given(clinic, "Zephyrine Quillfeather").0.contains("Sheriff"));
    assert_eq!(clinic.refused(&release("once more")).0, FailureClass::Misuse);
}
