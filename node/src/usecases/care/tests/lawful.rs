//! What the law lets be told without a consent: refused until it is whole, then in the accounting, in both languages, and in the list of
//! a breach.

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
    assert!(clinic.refused(&record(order())).1.contains("organisation"), "the court is nobody's partner yet");
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
        let refused = clinic.refused(&record(ask)).1;
        assert!(refused.contains(why), "{refused}");
    }
    let nothing: DisclosuresView = clinic.done(&Care::Disclosures(DisclosuresAsk::of("Zephyrine Quillfeather")));
    assert_eq!((nothing.made, nothing.disclosures.len()), (0, 0), "what is refused is not on record");

    let view: DisclosuresView = clinic.done(&record(order()));
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
