//! What the form says of a copy that is placed, and the person's word against it at the department.

use super::*;
use crate::forms::Lang;
use belay_protocol::ids::PersonId;

#[test]
fn a_revocation_is_heard_where_only_a_sealed_copy_lies_or_nothing_at_all() {
    let mut county = county();
    let consent = placed(&mut county);
    let ask = |name: &str| {
        Care::ConsentHeard(HeardAsk {
            keeper: "Ridge Clinic".to_owned(),
            name: name.into(),
            birth_date: "1988-02-03".into(),
            form: consent.id.short().as_str().into(),
            spoken: true,
        })
    };
    let heard: HeardView = county.office(HOSPITAL).done(&ask("Zephyrine Quillfeather"));
    let says = heard.says.reveal();
    assert!(says.contains(&format!("the consent with number {}", consent.id.short())), "{says}");
    assert!(says.contains("Ridge Clinic keeps") && says.contains("to nora"), "{says}");
    assert!(!says.contains("Quillfeather") && !says.contains("1988"), "nobody here can know whether they know: {says}");
    let other: HeardView = county.office(HOSPITAL).done(&ask("Nobody Here"));
    assert_eq!(other.says.reveal(), says, "whether anything lies here is not told");
    assert!(opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03").copies.is_empty(), "at once");
    county.pump();
    let clinic = county.office(CLINIC);
    let list = Care::EmergencyList { person: None };
    let states = |office: &mut Office| {
        let view: EmergencyView = office.done(&list);
        view.placed.into_iter().map(|row| row.state).collect::<Vec<_>>()
    };
    assert_eq!(states(clinic), ["let go of there; telephone", "let go of there; telephone"]);
    let again = place_under(&consent, Some("another plan"), None);
    assert!(clinic.refused(&again).1.contains("let go of the copy by itself"));
    // Nothing lies there: a plan is as long as it is.
    let plan = PlanRequest {
        helps: Some("x".repeat(limits::TEXT_CHARS).as_str().into()),
        wishes: Some("a walk".into()),
        ..PlanRequest::default()
    };
    let what = PlanWritten::Crisis(plan);
    let write = PlanWrite { person: "Zephyrine Quillfeather".into(), what };
    clinic.done::<PersonPlans>(&Care::PersonPlan(Box::new(write)));
    clinic.done::<ConsentView>(&Care::ConsentRevoke { consent: consent.id.to_string(), party: None, spoken: true });
    assert_eq!(states(clinic), ["let go of there; telephone", "let go of there; telephone"].map(|_| "ended"));
}

#[test]
fn the_form_says_what_is_placed_with_a_copy_from_when_on_and_who_holds_the_key() {
    use crate::forms::Lang;
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    let consent = consented(clinic, &[Information::Crisis], 90);
    let rows: [(Lang, &[&str]); 2] = [
        (
            Lang::En,
            &[
                "my name, other names and birth date",
                "kept sealed there from today",
                "holds the key",
                "only in an emergency",
            ],
        ),
        (
            Lang::Es,
            &[
                "mi nombre, otros nombres y fecha en que nací",
                "sellado allí desde hoy",
                "tiene la llave",
                "solo en una emergencia",
            ],
        ),
    ];
    for (lang, says) in rows {
        let form = Printed::Consent { consent: consent.id.to_string() };
        let ask = Care::Print(Print::new(form, Some(lang), Shape::Text));
        let text = clinic.done::<PrintView>(&ask).form.reveal().split_whitespace().collect::<Vec<_>>().join(" ");
        for words in says {
            assert!(text.contains(words), "{words} in {text}");
        }
        assert_eq!(text.matches(says[0]).count(), 2, "what is shared, and the way it goes: {text}");
    }
}

#[test]
fn what_was_opened_for_somebody_who_is_not_on_record_is_theirs_once_staff_say_whose_it_is() {
    let mut county = county();
    placed(&mut county);
    let hospital = county.office(HOSPITAL);
    assert_eq!(opened(hospital, "Zephyrine Quillfeather", "1988-02-03").copies.len(), 2);
    let here = listed(hospital).here;
    assert_eq!((here.len(), here.iter().all(|row| row.person.is_none())), (2, true));
    let id = hospital.person("Zephyrine Quillfeather").id;
    assert_eq!(told(hospital).made, 0, "nobody said whose it was");
    let whose = |row: &HereRow, person: Option<PersonId>| Care::EmergencyWhose {
        opening: row.opening.to_string(),
        person: person.map(|person| person.to_string().as_str().into()),
    };
    for row in &here {
        hospital.done::<EmergencyView>(&whose(row, Some(id)));
    }
    assert_eq!(told(hospital).made, 2);
    assert!(hospital.refused(&whose(&here[0], Some(id))).1.contains("already"));
    let view: EmergencyView = hospital.done(&whose(&here[0], None));
    assert_eq!(view.here.iter().filter(|row| row.person.is_some()).count(), 1);
    assert_eq!(told(hospital).made, 1, "the newest word holds");
    let before = hospital.records();
    hospital.rebuild();
    assert_eq!(before, hospital.records());
}

#[test]
fn the_accounting_lists_a_copy_once_and_says_of_one_taken_back_that_it_lies_there_no_more() {
    let accounting = |county: &mut County| {
        let form = Printed::Accounting { person: "Zephyrine Quillfeather".into() };
        let ask = Print::new(form, Some(Lang::En), Shape::Text);
        let view: PrintView = county.office(CLINIC).done(&Care::Print(ask));
        view.form.reveal().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let words = Lang::En.words();
    for end in ["withdraw", "expire"] {
        let mut county = county();
        placed(&mut county);
        for crisis in ["Call Ada first.", "Call Bo first."] {
            county.sleep(2 * DAY);
            let person = "Zephyrine Quillfeather".into();
            let update = EmergencyUpdate { person, crisis: Some(crisis.into()), medication: None };
            let _: EmergencyView = county.office(CLINIC).done(&Care::EmergencyUpdate(update));
        }
        let text = accounting(&mut county);
        let (_, lies) = text.split_once(words.accounting_placed).expect("what lies there");
        assert_eq!(lies.matches("County Hospital").count(), 1, "two copies of one day are one row: {lies}");
        assert!(!text.contains(words.accounting_over));
        if end == "withdraw" {
            let withdraw = Care::EmergencyWithdraw { person: "Zephyrine Quillfeather".into(), at: None };
            let _: EmergencyView = county.office(CLINIC).done(&withdraw);
        } else {
            county.sleep(91 * DAY);
        }
        let text = accounting(&mut county);
        assert!(!text.contains(words.accounting_placed), "{end}: {text}");
        let (_, over) = text.split_once(words.accounting_over).expect("what lay there");
        assert_eq!(over.matches("County Hospital").count(), 1, "{end}: {over}");
    }
}
