//! Forms filled in from the records.

use super::*;
use crate::forms::Lang;
use belay_protocol::sensitive::Personal;

fn print(form: Printed, lang: Option<Lang>, shape: Shape) -> Care {
    Care::Print(Print::new(form, lang, shape))
}

#[test]
fn a_form_is_printed_in_the_language_of_the_person_and_the_print_is_on_record() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let fields = PersonFields {
        name: "Zephyrine Quillfeather".into(),
        language: "Spanish, some English".into(),
        ..PersonFields::default()
    };
    let _: PersonView = hospital.done(&Care::PersonAdd(fields.into()));
    let consent = hospital.consent("Ridge Clinic", None, 90);
    let form = || Printed::Consent { consent: consent.id.to_string() };
    let spanish: PrintView = hospital.done(&print(form(), None, Shape::Text));
    assert_eq!(spanish.lang, Lang::Es);
    assert!(spanish.form.reveal().contains("Ridge Clinic") && spanish.form.reveal().contains("Quién soy"));
    let page: PrintView = hospital.done(&print(form(), Some(Lang::En), Shape::File));
    assert!(page.form.reveal().starts_with("<!doctype html>") && page.form.reveal().contains("<html lang=\"en\">"));
    let audit = hospital.officer::<AuditView>(&Care::Audit { limit: 100 });
    assert_eq!(audit.looks.iter().filter(|look| look.looked == "print" && look.person.is_some()).count(), 2);
    let (_, why) = hospital.refused(&print(Printed::Amendment { consent: consent.id.to_string() }, None, Shape::Text));
    assert!(why.contains("nothing was amended"), "{why}");
}

#[test]
fn the_accounting_that_is_printed_names_each_recipient_and_purpose() {
    let mut county = county();
    sent(&mut county, None);
    let form = Printed::Accounting { person: "Zephyrine Quillfeather".into() };
    let view: PrintView = county.office(HOSPITAL).done(&print(form, Some(Lang::En), Shape::File));
    for words in ["Ridge Clinic", "for my care", "number 1"] {
        assert!(view.form.reveal().contains(words), "{words}");
    }
}

#[test]
fn the_accounting_says_where_who_gives_it_and_who_was_told_are_reached() {
    let mut county = county();
    sent(&mut county, None);
    let (hospital, clinic) = (county.office(HOSPITAL).org(), county.office(CLINIC).org());
    let form = Printed::Accounting { person: "Zephyrine Quillfeather".into() };
    let mut ask = Print::new(form, Some(Lang::En), Shape::File);
    ask.reach = [(hospital, "1 Elm Street, 606-555-0100"), (clinic, "12 Ridge Road, 606-555-0101")]
        .map(|(org, at)| (org, at.to_owned()))
        .into();
    let view: PrintView = county.office(HOSPITAL).done(&Care::Print(ask));
    let text = view.form.reveal().split_whitespace().collect::<Vec<_>>().join(" ");
    for at in ["County Hospital, 1 Elm Street, 606-555-0100", "Ridge Clinic, 12 Ridge Road, 606-555-0101"] {
        assert!(text.contains(at), "{at} in {text}");
    }
}

#[test]
fn a_typed_name_is_attested_in_the_language_of_the_form_that_was_signed() {
    for (spoken, lang, says) in [
        ("Spanish", None, "como mi firma"),
        ("Spanish", Some(Lang::En), "as my signature"),
        ("", None, "as my signature"),
        ("", Some(Lang::Es), "como mi firma"),
    ] {
        let mut county = county();
        let hospital = county.office(HOSPITAL);
        let (name, language) = ("Zephyrine Quillfeather".into(), spoken.into());
        hospital
            .done::<PersonView>(&Care::PersonAdd(PersonFields { name, language, ..PersonFields::default() }.into()));
        let (person, to) = ("Zephyrine Quillfeather".into(), vec!["Ridge Clinic".to_owned()]);
        let draft: ConsentView =
            hospital.done(&Care::ConsentDraft(ConsentDraft { person, to, ..ConsentDraft::default() }));
        let (consent, typed) = (draft.id.to_string(), "Zephyrine Quillfeather".into());
        let sign = ConsentSign { attested: true, consent: consent.clone(), typed, lang, ..ConsentSign::default() };
        hospital.done::<ConsentView>(&Care::ConsentSign(sign));
        let form: PrintView = hospital.done(&print(Printed::Consent { consent }, Some(Lang::En), Shape::Text));
        let text = form.form.reveal().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(says), "{spoken} {lang:?}: {text}");
    }
}

#[test]
fn the_form_of_a_revocation_says_who_heard_it_and_what_it_can_not_undo() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Ridge Clinic", None, 90).id.to_string();
    let form = || Printed::Revocation { consent: consent.clone() };
    let ask = |shape| print(form(), Some(Lang::En), shape);
    let open: PrintView = hospital.done(&ask(Shape::Text));
    assert!(open.form.reveal().contains("[ ] Only for Ridge Clinic"));
    let _: ConsentView = hospital.done(&Care::ConsentRevoke { consent: consent.clone(), party: None, spoken: true });
    let done: PrintView = hospital.done(&ask(Shape::Text));
    for words in ["nora heard me", "can not call back what was shared before"] {
        assert!(done.form.reveal().replace('\n', " ").contains(words), "{words}");
    }
}

#[test]
fn the_card_and_the_plan_are_filled_in_from_the_person_s_referrals() {
    use belay_protocol::referral::{Contact, CrisisPlan, Medication, Medicine};
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let person = hospital.person("Zephyrine Quillfeather").id.to_string();
    let ask = |form: fn(Personal<String>) -> Printed| print(form(person.as_str().into()), Some(Lang::En), Shape::Text);
    let card = ask(|person| Printed::Card { person, visit: false });
    let plan = ask(|person| Printed::Plan { person });
    let empty: PrintView = hospital.done(&card);
    assert!(!empty.form.reveal().contains("no medicine"), "that none is known is not that none is taken");
    let kinds = vec![Information::Referral, Information::Identity, Information::Medication, Information::Crisis];
    let consent = hospital.consent_to_tell("Ridge Clinic", kinds, None, 90);
    let thread = hospital.send(&consent).row.id.to_string();
    let medicine = Medicine {
        name: "buprenorphine".into(),
        dose: "16 mg a day".into(),
        prescriber: "Dr. Elm, Ridge Clinic".into(),
        phone: "618-555-0100".into(),
        ..Medicine::default()
    };
    let medication = Medication { medicines: vec![medicine], ..Medication::default() };
    hospital.act(&thread, ActRequest::Medication(medication.into()));
    let sister = Contact { name: "May".into(), phone: "618-555-0101".into(), relation: "sister".into() };
    let told =
        CrisisPlan { warning_signs: "no sleep\nno food".into(), contacts: vec![sister], ..CrisisPlan::default() };
    hospital.act(&thread, ActRequest::Crisis(told.into()));
    let card: PrintView = hospital.done(&card);
    for words in ["buprenorphine, 16 mg a day", "Dr. Elm, Ridge Clinic, 618-555-0100", "May (sister), 618-555-0101"] {
        assert!(card.form.reveal().contains(words), "{words}");
    }
    let plan: PrintView = hospital.done(&plan);
    for words in ["- no sleep", "- no food", "May (sister), 618-555-0101", "buprenorphine"] {
        assert!(plan.form.reveal().contains(words), "{words}");
    }
}

#[test]
fn the_card_calls_who_holds_the_referral_that_goes_on_by_the_number_of_the_directory() {
    use belay_protocol::referral::{Medication, Medicine};
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC).org();
    let card = |office: &mut Office| {
        let form = Printed::Card { person: "Zephyrine Quillfeather".into(), visit: true };
        let mut ask = Print::new(form, Some(Lang::En), Shape::Text);
        "618-555-0100".clone_into(&mut ask.office.telephone);
        ask.reach.insert(clinic, "618-555-0177".to_owned());
        let text = office.done::<PrintView>(&Care::Print(ask)).form;
        text.reveal().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(card(county.office(HOSPITAL)).contains("My clinic: County Hospital"), "nobody has taken her in yet");
    taken_in(county.office(CLINIC), &id);
    // What stands beside the medicine is where it was prescribed first, and not who treats now.
    let medicine = Medicine { name: "methadone".into(), prescriber: "County Hospital".into(), ..Medicine::default() };
    let list = Medication { medicines: vec![medicine], ..Medication::default() };
    county.office(CLINIC).act(&id, ActRequest::Medication(list.into()));
    assert!(card(county.office(CLINIC)).contains("My clinic: Ridge Clinic, 618-555-0100"));
    county.pump();
    let text = card(county.office(HOSPITAL));
    assert!(text.contains("My clinic: Ridge Clinic, 618-555-0177"), "{text}");
}

#[test]
fn the_card_gives_the_number_of_the_clinic_that_treats_and_has_a_line_where_nobody_here_does() {
    use belay_protocol::referral::Medication;
    let mut county = county();
    let card = |office: &mut Office, telephone: &str| {
        let form = Printed::Card { person: "Zephyrine Quillfeather".into(), visit: true };
        let mut ask = Print::new(form, Some(Lang::En), Shape::Text);
        telephone.clone_into(&mut ask.office.telephone);
        let text = office.done::<PrintView>(&Care::Print(ask)).form;
        text.reveal().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (office, called) in [(CLINIC, "My clinic: Ridge Clinic, 618-555-0100"), (SHELTER, "My clinic: __")] {
        let office = county.office(office);
        office.person("Zephyrine Quillfeather");
        let text = card(office, "618-555-0100");
        assert!(text.contains(called) && !text.contains("no phone"), "{text}");
        assert!(!text.contains("Harbor Shelter"), "nobody's clinic: {text}");
    }
    // Without a number there is room to write it.
    let text = card(county.office(CLINIC), "");
    assert!(text.contains("My clinic: Ridge Clinic") && text.contains("Phone: __"), "{text}");
    // Who carries it may be asked for it by anybody: it says nothing of what for.
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let kinds = vec![Information::Referral, Information::Identity, Information::Medication];
    let consent = hospital.consent_to_tell("Ridge Clinic", kinds, None, 90);
    let thread = hospital.send(&consent).row.id.to_string();
    hospital.act(&thread, ActRequest::Medication(Medication { takes_none: true, ..Medication::default() }.into()));
    let text = card(hospital, "");
    assert!(text.contains("I take no medicine") && !text.contains("drug") && !text.contains("alcohol"), "{text}");
}

#[test]
fn the_card_names_the_clinic_also_after_a_good_end_until_that_is_over() {
    use belay_protocol::referral::{Medicine, Outcome, Stage};
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    let card = |county: &mut County| {
        let form = Printed::Card { person: "Zephyrine Quillfeather".into(), visit: true };
        let ask = Print::new(form, Some(Lang::En), Shape::Text);
        let text = county.office(HOSPITAL).done::<PrintView>(&Care::Print(ask)).form;
        text.reveal().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let clinic = county.office(CLINIC);
    let now = clinic.now;
    clinic.act(&id, ActRequest::Attend { when: Some(now) });
    let outcome = Outcome::ServicesReceived;
    clinic.act(&id, ActRequest::Close { outcome, note: "".into(), barriers: Vec::new() });
    county.pump();
    let text = card(&mut county);
    assert!(text.contains("My clinic: Ridge Clinic"), "{text}");
    // Of two answers of one time the one that was written down later.
    let later = now.plus(2);
    for (asked, at, named) in
        [(false, now.plus(1), false), (true, later, true), (false, later, false), (true, now.plus(3), true)]
    {
        let how = CheckInRequest { in_care: Some(asked), at: Some(at), ..in_care(Stage::Start) };
        county.office(CLINIC).act(&id, ActRequest::CheckIn(how));
        county.pump();
        let text = card(&mut county);
        assert_eq!(text.contains("Ridge Clinic"), named, "{text}");
    }
    // Who prescribes is called before who has her in care since a referral that is over.
    let medicine = Medicine {
        name: "methadone".into(),
        prescriber: "Dr. Oak".into(),
        phone: "618-555-0150".into(),
        ..Medicine::default()
    };
    let what =
        PlanWritten::Medication(MedicationRequest { medicines: Some(vec![medicine]), ..MedicationRequest::default() });
    let plan = PlanWrite { person: "Zephyrine Quillfeather".into(), what };
    county.office(HOSPITAL).done::<PersonPlans>(&Care::PersonPlan(Box::new(plan)));
    let text = card(&mut county);
    assert!(text.contains("My clinic: Dr. Oak, 618-555-0150") && !text.contains("Ridge Clinic"), "{text}");
    county.office(HOSPITAL).act(&id, ActRequest::Settle { note: "she has moved away".into(), referral: None });
    let text = card(&mut county);
    assert!(!text.contains("Ridge Clinic"), "{text}");
}
