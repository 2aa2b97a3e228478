//! Agreements between the offices of a county.

use super::*;
use crate::api::agreements::{AgreementView, Fields, IntakeFields, NeededFields, SignFields};
use crate::usecases::agreements;
use belay_protocol::agreement::{Contact, Deadline, Hours, Late, NextStep};

/// A form that is no text.
fn scan() -> Vec<u8> {
    [&b"%PDF-1.7\n"[..], &[0xff; 300]].concat()
}

pub fn fields(with: &str, acknowledge: u16) -> Fields {
    let scan = data_encoding::BASE64.encode(&scan());
    let needed = vec![
        NeededFields { name: "medication list".into(), ..NeededFields::default() },
        NeededFields { name: "intake form".into(), form: Some("forms/intake.pdf".into()), content: Some(scan) },
    ];
    let contact = Contact { name: "Ana".into(), role: String::new(), telephone: "555-0101".into(), champion: true };
    Fields {
        with: with.into(),
        to_them: Some(IntakeFields {
            acknowledge_hours: Some(acknowledge),
            needed: Some(needed),
            ..IntakeFields::default()
        }),
        their_contacts: Some(vec![contact]),
        ..Fields::default()
    }
}

pub fn drafted(county: &mut County, office: usize, fields: &Fields) -> AgreementView {
    let view = county.office(office).step(|step| agreements::draft(step, fields));
    view.expect("is drafted")
}

/// Signs what waits, at the machine itself.
pub fn signed(county: &mut County, office: usize, with: &str) -> AgreementView {
    let view = county.office(office).step(|step| {
        let terms = agreements::show(step, with)?.to_sign.expect("something waits");
        agreements::sign(step, with, terms, "the director")
    });
    county.pump();
    view.expect("is signed")
}

fn seen(county: &mut County, office: usize, with: &str) -> AgreementView {
    county.office(office).step(|step| agreements::show(step, with)).expect("is shown")
}

/// What the clinic has promised the hospital, as an office sees it.
fn promised(county: &mut County, office: usize) -> Hours {
    let (hospital, clinic) = (county.office(HOSPITAL).org(), county.office(CLINIC).org());
    county.office(office).step(|step| {
        let (coalition, _) = crate::usecases::parties::roster(step).expect("in one");
        let now = step.context().now;
        agreements::hours(step.draft(), coalition, (hospital, clinic), clinic, now).expect("reads")
    })
}

#[test]
fn an_agreement_is_drafted_alone_signed_by_both_and_read_by_all() {
    let mut county = county();
    let draft = drafted(&mut county, HOSPITAL, &fields("Ridge Clinic", 4));
    assert_eq!(draft.state, "version 1 is a draft of ours");
    county.pump();
    let clinic = county.office(CLINIC).step(agreements::list).expect("lists");
    assert!(clinic.agreements.is_empty(), "nobody else sees a draft");

    signed(&mut county, HOSPITAL, "Ridge Clinic");
    let clinic = seen(&mut county, CLINIC, "County Hospital");
    assert_eq!(clinic.state, "version 1 waits for our signature");
    assert!(clinic.versions[0].forms_missing.is_empty(), "the form came along");
    assert_eq!(promised(&mut county, CLINIC), Hours::DEFAULT, "one signature promises nothing");
    signed(&mut county, CLINIC, "County Hospital");
    for office in [HOSPITAL, CLINIC, SHELTER] {
        assert_eq!(promised(&mut county, office).acknowledge, 4, "office {office}");
        county.office(office).rebuild();
        assert_eq!(promised(&mut county, office).acknowledge, 4, "office {office}, from entries alone");
    }
    let hospital = seen(&mut county, HOSPITAL, "Ridge Clinic");
    assert_eq!((hospital.state.as_str(), hospital.versions[0].signatures.len()), ("version 1 in force", 2));
    let form = county.office(CLINIC).step(|step| agreements::form(step, "County Hospital", "intake.pdf"));
    assert_eq!(data_encoding::BASE64.decode(form.expect("is here").content.as_bytes()).unwrap(), scan());
}

#[test]
fn where_the_other_side_is_late_the_steps_that_were_agreed_stand_in_the_row_in_their_order() {
    let mut county = county();
    let late = |step, who: &str, telephone: &str| Late {
        deadline: Deadline::Acknowledge,
        step,
        who: who.into(),
        telephone: telephone.into(),
    };
    let mut terms = fields("Ridge Clinic", 4);
    terms.to_them.as_mut().expect("some").late = Some(vec![
        late(NextStep::Phone, "Ana", "555-0101"),
        late(NextStep::Escalate, "Ben", "555-0102"),
        late(NextStep::ReferElsewhere, "Harbor Shelter", ""),
    ]);
    drafted(&mut county, HOSPITAL, &terms);
    signed(&mut county, HOSPITAL, "Ridge Clinic");
    signed(&mut county, CLINIC, "County Hospital");
    let id = sent(&mut county, None);
    county.sleep(DAY);
    let view = county.office(HOSPITAL).thread(&id);
    let then = view.row.due[0].then().expect("the clinic is late");
    assert_eq!(then, "phone Ana 555-0101; then escalate to Ben 555-0102; then refer elsewhere: Harbor Shelter");
    assert_eq!(county.office(CLINIC).thread(&id).row.due[0].then(), None, "who is late knows it");
}

#[test]
fn a_new_version_keeps_what_is_not_said_and_an_end_needs_one_side() {
    let mut county = county();
    drafted(&mut county, HOSPITAL, &fields("Ridge Clinic", 4));
    signed(&mut county, HOSPITAL, "Ridge Clinic");
    signed(&mut county, CLINIC, "County Hospital");
    let to_us = IntakeFields { acknowledge_hours: Some(6), ..IntakeFields::default() };
    drafted(&mut county, CLINIC, &Fields { with: "County Hospital".into(), to_us: Some(to_us), ..Fields::default() });
    let proposed = signed(&mut county, CLINIC, "County Hospital");
    assert_eq!(proposed.state, "version 1 in force; version 2 waits for theirs");
    assert_eq!(promised(&mut county, HOSPITAL).acknowledge, 4);
    signed(&mut county, HOSPITAL, "Ridge Clinic");
    let agreed = seen(&mut county, HOSPITAL, "Ridge Clinic");
    let clinic = agreed.versions[0].terms.other(county.office(HOSPITAL).org()).unwrap().clone();
    assert_eq!((promised(&mut county, HOSPITAL).acknowledge, clinic.contacts.len()), (6, 1));
    assert_eq!(clinic.intake.unwrap().needed.len(), 2);

    county
        .office(CLINIC)
        .step(|step| agreements::end(step, "County Hospital", "we moved", "Ivo Marsh, director"))
        .expect("ends");
    county.pump();
    for (office, with) in [(HOSPITAL, "Ridge Clinic"), (CLINIC, "County Hospital")] {
        let view = seen(&mut county, office, with);
        let end = view.ended.expect("both sides see it");
        assert_eq!(view.state, "ended");
        assert_eq!((end.by.as_str(), end.name.as_str()), ("Ivo Marsh, director", "Ridge Clinic"));
        assert_eq!((end.reason.as_str(), end.through), ("we moved", 2));
    }
    assert_eq!(promised(&mut county, HOSPITAL), Hours::DEFAULT);
    for (reason, by) in [("again", "Ivo Marsh"), ("", "Ivo Marsh"), ("we moved", " ")] {
        let again = county.office(CLINIC).step(|step| agreements::end(step, "County Hospital", reason, by));
        assert!(again.is_err(), "nothing is open, no reason, nobody");
    }
}

#[test]
fn only_the_terms_that_were_shown_are_signed() {
    let mut county = county();
    let shown = drafted(&mut county, HOSPITAL, &fields("Ridge Clinic", 4)).to_sign.unwrap();
    drafted(&mut county, HOSPITAL, &fields("Ridge Clinic", 5));
    let refused = county.office(HOSPITAL).step(|step| agreements::sign(step, "Ridge Clinic", shown, "the director"));
    assert!(refused.unwrap_err().message.contains("not the terms"));
    let unknown = county.office(HOSPITAL).step(|step| agreements::draft(step, &fields("Nobody", 4)));
    assert!(unknown.unwrap_err().message.contains("no organisation"));
    let wrong = Fields { until: Some("soon".into()), ..fields("Ridge Clinic", 4) };
    let wrong = county.office(HOSPITAL).step(|step| agreements::draft(step, &wrong));
    assert!(wrong.unwrap_err().message.starts_with("until:"));
}

#[test]
fn on_a_page_who_may_bind_the_house_signs_by_the_name_of_the_session_exactly_what_was_shown() {
    let mut county = county();
    let shown = drafted(&mut county, HOSPITAL, &fields("Ridge Clinic", 4));
    let sign = |terms, typed: &str| {
        let (agreement, typed) = (shown.id.to_string(), typed.to_owned());
        Care::AgreementSign(SignFields { agreement, terms, typed, office: "medical director".to_owned() })
    };
    let terms = shown.to_sign.expect("a draft");
    let hospital = county.office(HOSPITAL);
    let (class, why) = hospital.refused(&sign(terms, "nora"));
    assert!(class == FailureClass::NotPermitted && why.contains("director"), "a navigator binds nobody: {why}");
    hospital.sign_in_as("Dora Whitlock", "director");
    let (class, why) = hospital.refused(&sign(terms, "nora"));
    assert!(class == FailureClass::Misuse && why.contains("Dora Whitlock"), "the name is the signature: {why}");
    drafted(&mut county, HOSPITAL, &fields("Ridge Clinic", 5));
    let hospital = county.office(HOSPITAL);
    assert!(hospital.refused(&sign(terms, "Dora Whitlock")).1.contains("not the terms"), "other terms came in");
    let ask = Care::AgreementShow { agreement: shown.id.to_string() };
    let terms = hospital.done::<AgreementView>(&ask).to_sign.expect("the newer draft");
    let view: AgreementView = hospital.done(&sign(terms, " dora whitlock "));
    // Role and capacity: who is privacy officer and signs as director is not on record as director.
    assert_eq!(view.versions[0].signatures[0].by, "Dora Whitlock, director, signing as medical director");
    county.pump();
    let end = |reason: &str| Care::AgreementEnd { agreement: shown.id.to_string(), reason: reason.to_owned() };
    let clinic = county.office(CLINIC);
    assert_eq!(clinic.refused(&end("too few hours")).0, FailureClass::NotPermitted);
    clinic.sign_in_as("Ivo Marsh", "privacy_officer");
    assert_eq!(clinic.refused(&end(" ")).0, FailureClass::Misuse, "why is said");
    let ended: AgreementView = clinic.done(&end("too few hours"));
    assert_eq!(ended.state, "ended");
    assert!(ended.ended.is_some_and(|end| end.by == "Ivo Marsh, privacy officer" && end.reason == "too few hours"));
}

#[test]
fn whoever_signed_in_may_draft_and_only_who_may_bind_the_house_signs_it() {
    let mut county = county();
    let draft: AgreementView = county.office(HOSPITAL).done(&Care::AgreementDraft(Box::new(fields("Ridge Clinic", 4))));
    assert_eq!(draft.state, "version 1 is a draft of ours");
    county.pump();
    assert!(county.office(CLINIC).step(agreements::list).expect("lists").agreements.is_empty());
    let (agreement, terms) = (draft.id.to_string(), draft.to_sign.expect("a draft"));
    let sign = SignFields { agreement, terms, typed: "nora".to_owned(), office: String::new() };
    assert_eq!(county.office(HOSPITAL).refused(&Care::AgreementSign(sign)).0, FailureClass::NotPermitted);
}

#[test]
fn a_draft_of_somebody_else_is_replaced_only_by_who_may_bind_the_house() {
    let mut county = county();
    let ask = |hours| Care::AgreementDraft(Box::new(fields("Ridge Clinic", hours)));
    let hospital = county.office(HOSPITAL);
    hospital.done::<AgreementView>(&ask(4));
    hospital.done::<AgreementView>(&ask(5));
    hospital.sign_in_as("Ivo Marsh", "navigator");
    assert_eq!(hospital.refused(&ask(6)).0, FailureClass::NotPermitted, "nora may mean to have it signed");
    hospital.sign_in_as("Dora Whitlock", "director");
    hospital.done::<AgreementView>(&ask(6));
}

#[test]
fn what_is_named_as_before_keeps_its_form_and_a_form_of_no_known_type_is_refused() {
    let mut county = county();
    drafted(&mut county, HOSPITAL, &fields("Ridge Clinic", 4));
    let named = |name: &str, form: Option<&str>, content: Option<&[u8]>| NeededFields {
        name: name.into(),
        form: form.map(str::to_owned),
        content: content.map(|bytes| data_encoding::BASE64.encode(bytes)),
    };
    let draft = |needed: Vec<NeededFields>| Fields {
        with: "Ridge Clinic".into(),
        to_them: Some(IntakeFields { needed: Some(needed), ..IntakeFields::default() }),
        ..Fields::default()
    };
    let view = drafted(
        &mut county,
        HOSPITAL,
        &draft(vec![named("intake form", None, None), named("insurance card", None, None)]),
    );
    let forms: Vec<String> = view.versions[0].terms.forms().map(|form| form.file.clone()).collect();
    assert_eq!(forms, ["intake.pdf"]);
    let wrong = draft(vec![named("intake form", Some("intake.pdf"), Some(b"MZ\x90\0"))]);
    let refused = county.office(HOSPITAL).step(|step| agreements::draft(step, &wrong)).expect_err("a program");
    assert!(refused.message.contains("no PDF, PNG, JPEG or plain text"), "{}", refused.message);
    let none = drafted(&mut county, HOSPITAL, &draft(vec![named("intake form", Some(""), None)]));
    assert_eq!(none.versions[0].terms.forms().count(), 0, "and it can have none");
}

#[test]
fn who_refers_reads_in_the_preview_whom_the_partner_takes_and_what_must_come_along() {
    let mut county = county();
    let mut fields = fields("Ridge Clinic", 24);
    if let Some(to_them) = &mut fields.to_them {
        to_them.inclusion = Some(vec!["adults".to_owned()]);
        to_them.exclusion = Some(vec!["who needs a hospital bed".to_owned()]);
    }
    drafted(&mut county, HOSPITAL, &fields);
    signed(&mut county, HOSPITAL, "Ridge Clinic");
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Ridge Clinic", None, 90);
    let agreed = |county: &mut County| {
        county.office(HOSPITAL).done::<SendPreview>(&Care::ReferralPreview(plain(&consent))).agreed
    };
    assert!(agreed(&mut county).is_empty(), "one side has not signed");
    signed(&mut county, CLINIC, "County Hospital");
    assert_eq!(
        agreed(&mut county),
        [
            "Takes: adults",
            "Does not take: who needs a hospital bed",
            "Must come along: medication list",
            "Must come along: intake form (its form: intake.pdf)",
        ]
    );
}
