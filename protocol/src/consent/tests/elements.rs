//! Each of the ten elements, taken away, is named with its clause.

use super::*;

fn refused_without(element: Element, take_away: impl FnOnce(&mut Signed)) {
    let mut consent = signed();
    assert!(decide(&Consent::Signed(consent.clone()), &there(), NOW).is_ok());
    take_away(&mut consent);
    let refusal = decide(&Consent::Signed(consent), &there(), NOW).expect_err("an element is missing");
    assert_eq!(refusal.element, Some(element));
    let sentence = refusal.to_string();
    assert!(sentence.contains(element.name()), "{sentence}");
    assert!(sentence.contains(element.clause()), "{sentence}");
    assert!(!sentence.contains("Quillfeather"), "{sentence}");
}

#[test]
fn without_1_the_name_of_the_person_nothing_is_permitted() {
    refused_without(Element::Person, |c| c.terms.person = " ".into());
}

#[test]
fn without_2_who_may_disclose_nothing_is_permitted() {
    refused_without(Element::Disclosers, |c| c.terms.disclosers.clear());
}

#[test]
fn without_3_what_information_nothing_is_permitted() {
    refused_without(Element::Information, |c| c.terms.information.clear());
}

#[test]
fn without_4_who_may_receive_nothing_is_permitted() {
    refused_without(Element::Recipients, |c| c.terms.recipients.clear());
}

#[test]
fn without_5_a_purpose_nothing_is_permitted() {
    refused_without(Element::Purposes, |c| c.terms.purposes.clear());
}

#[test]
fn a_purpose_in_words_of_its_own_is_in_words() {
    let purpose = |words: &str| {
        let mut consent = signed();
        consent.terms.class = Class::General;
        consent.terms.purposes.push(Purpose::Other(words.into()));
        decide(&Consent::Signed(consent), &there(), NOW).map_err(|refusal| refusal.element)
    };
    assert!(purpose("to find housing").is_ok());
    assert_eq!(purpose(" "), Err(Some(Element::Purposes)));
}

#[test]
fn a_consent_for_fundraising_says_how_to_opt_out() {
    let asked = |opt_out: &str| {
        let mut consent = signed();
        consent.terms.class = Class::General;
        consent.terms.purposes.push(Purpose::Fundraising);
        consent.terms.opt_out = opt_out.to_owned();
        decide(&Consent::Signed(consent), &there(), NOW).map(|_| ()).map_err(|refusal| refusal.clause)
    };
    assert_eq!(asked(words::OPT_OUT), Ok(()));
    assert_eq!(asked(" "), Err("42 CFR 2.31(a)(5)(iii)"));
}

#[test]
fn each_element_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<&str> = Element::ALL.into_iter().map(Element::name).collect();
    assert_eq!(names.len(), Element::ALL.len(), "{names:?}");
    assert_eq!(Element::Signature.name(), "the signature");
}

#[test]
fn without_6_the_right_to_revoke_nothing_is_permitted() {
    refused_without(Element::RightToRevoke, |c| c.terms.revoke.clear());
}

#[test]
fn without_7_an_expiry_nothing_is_permitted() {
    refused_without(Element::Expiry, |c| c.terms.expiry = None);
    refused_without(Element::Expiry, |c| c.terms.expiry = Some(Expiry::Event("".into())));
}

#[test]
fn without_8_a_signature_nothing_is_permitted() {
    refused_without(Element::Signature, |c| c.signature = None);
    refused_without(Element::Signature, |c| c.signature = Some(Signature::typed("", Representation::Person)));
}

#[test]
fn without_9_the_date_signed_nothing_is_permitted() {
    refused_without(Element::DateSigned, |c| c.date = None);
}

#[test]
fn without_10_the_two_statements_nothing_is_permitted() {
    refused_without(Element::TpoStatements, |c| c.terms.tpo = None);
    refused_without(Element::TpoStatements, |c| c.terms.tpo.as_mut().expect("there").refusing.clear());
}

#[test]
fn the_statement_for_covered_entities_is_part_of_element_4() {
    let mut consent = signed();
    consent.terms.redisclosure.clear();
    let refusal = decide(&Consent::Signed(consent), &there(), NOW).expect_err("the statement is missing");
    assert_eq!(refusal.clause, "42 CFR 2.31(a)(4)(iii)");
}

#[test]
fn no_expiry_is_enough_for_treatment_payment_and_operations_only() {
    let mut consent = signed();
    consent.terms.expiry = Some(Expiry::Never);
    assert!(decide(&Consent::Signed(consent.clone()), &there(), NOW).is_ok());
    consent.terms.purposes.push(Purpose::Other("to find housing".into()));
    let refusal = decide(&Consent::Signed(consent), &there(), NOW).expect_err("not enough");
    assert_eq!(refusal.element, Some(Element::Expiry));
}

#[test]
fn a_representative_signs_with_name_and_capacity() {
    let capacity = |text: &str| Representation::Representative { name: "Ada Quill".into(), capacity: text.into() };
    let sign = |by_whom| {
        let mut draft = draft();
        draft.terms.signer = Signer::Guardian;
        draft.sign(Signature::typed("Ada Quill", by_whom), Some(NOW), by(), NOW)
    };
    assert!(sign(capacity("guardian")).is_ok());
    assert_eq!(sign(capacity("")).expect_err("no capacity").element, Some(Element::Signature));
}

#[test]
fn nobody_is_asked_to_sign_what_lacks_an_element() {
    let mut draft = draft();
    draft.terms.purposes.clear();
    let missing = draft.missing().expect("a purpose is missing");
    let signature = Signature::typed("Zephyrine Quillfeather", Representation::Person);
    assert_eq!(draft.sign(signature, Some(NOW), by(), NOW).expect_err("refused"), missing);
}

#[test]
fn debug_shows_no_name() {
    let shown = format!("{:?}", Consent::Signed(signed()));
    assert!(!shown.contains("Quill"), "{shown}");
}

#[test]
fn words_about_a_person_stand_in_no_debug_text() {
    const PLANTED: &str = "Zephyrine";
    let word = || Personal::from("Zephyrine left");
    let mut draft = draft();
    draft.terms.expiry = Some(Expiry::Event(word()));
    draft.terms.flows[0].purpose = Purpose::Other(word());
    draft.terms.purposes = vec![Purpose::Other(word())];
    draft.terms.supervision =
        Some(Supervision { matter: word(), revocable: Moment::When(word()), disposition: Moment::When(word()) });
    draft.terms.proceeding = Some(word());
    draft.terms.restrictions.push(Restriction {
        asked: word(),
        of: HOSPITAL,
        to: None,
        information: Vec::new(),
        paid_in_full: false,
        answer: Answered::Refused(word()),
        by: By { staff: StaffId([9; 32]), name: word() },
        at: NOW,
    });
    let mut consent = signed();
    consent.terms = draft.terms.clone();
    let form = SignatureForm::Paper { reference: word() };
    let beside = Some(Beside { form: form.clone(), name: word(), capacity: word() });
    let by = Representation::Representative { name: word(), capacity: word() };
    consent.signature = Some(Signature { form, by, beside });
    let scope = Scope {
        expiry: Expiry::Event(word()),
        revocable: vec![Moment::When(word())],
        proceeding: Some(word()),
        ..Scope::nothing(consent.id, 1, CLINIC, NOW)
    };
    let void = Consent::Void(Void { signed: consent.clone(), at: NOW, why: word(), by: super::by(), revoked: None });
    let facts = Facts {
        personnel: word(),
        facility: party(CLINIC, PartnerKind::CoveredEntity),
        discloser: word(),
        at: NOW,
        nature: word(),
        unobtainable: word(),
    };
    let shown = format!("{draft:?} {consent:?} {scope:?} {void:?} {facts:?}");
    assert!(!shown.contains(PLANTED), "{shown}");
    assert!(explain(&scope).contains(PLANTED), "who reads the consent is shown it");
}

#[test]
fn a_name_that_is_typed_or_drawn_is_signed_today_and_a_paper_may_be_older() {
    let sign = |form, date| {
        let signature = Signature { form, by: Representation::Person, beside: None };
        draft().sign(signature, Some(date), by(), NOW).map(|_| ()).map_err(|refusal| refusal.clause)
    };
    let typed = || Signature::typed("Zephyrine Quillfeather", Representation::Person).form;
    let drawn = || SignatureForm::Drawn { image: [3; 32] };
    let paper = || SignatureForm::Paper { reference: "folder 7".into() };
    let scan = || SignatureForm::Scan { file: [3; 32] };
    let (today, before) = (Time(NOW.0 - DAY / 2), Time(NOW.0 - 30 * DAY));
    for (row, form, date, expected) in [
        ("typed today", typed(), today, Ok(())),
        ("typed last month", typed(), before, Err("42 CFR 2.31(a)(9)")),
        ("drawn last month", drawn(), before, Err("42 CFR 2.31(a)(9)")),
        ("on paper last month", paper(), before, Ok(())),
        ("scanned, signed last month", scan(), before, Ok(())),
        ("on paper, where the day began before ours", paper(), NOW.plus(DAY), Ok(())),
        ("on paper next month", paper(), NOW.plus(30 * DAY), Err("42 CFR 2.31(a)(9)")),
    ] {
        assert_eq!(sign(form, date), expected, "{row}");
    }
}

#[test]
fn a_covered_entity_says_what_an_authorization_says_where_it_tells_for_another_purpose() {
    let drafted = |from, purpose: Purpose| {
        let mut draft = draft();
        let parties = [party(HOSPITAL, from), party(CLINIC, PartnerKind::CoveredEntity)];
        draft.terms.class = Class::General;
        draft.terms.flows.retain(|flow| flow.from == HOSPITAL);
        for flow in &mut draft.terms.flows {
            flow.information = Information::Crisis;
            flow.purpose = purpose.clone();
        }
        draft.terms.follow_flows(&parties);
        draft
    };
    let rows = [
        ("because the person asks", PartnerKind::CoveredEntity, Purpose::AtRequest, true),
        ("a health plan", PartnerKind::HealthPlan, Purpose::AtRequest, true),
        ("to treat", PartnerKind::CoveredEntity, Purpose::Treatment, false),
        ("for emergencies", PartnerKind::CoveredEntity, Purpose::Emergency, false),
        ("a program", PartnerKind::Part2Program, Purpose::AtRequest, false),
    ];
    for (row, from, purpose, needed) in rows {
        let mut draft = drafted(from, purpose);
        let usual = if needed { words::AUTHORIZATION } else { "" };
        assert_eq!((draft.terms.authorization.as_str(), draft.missing()), (usual, None), "{row}");
        draft.terms.authorization.clear();
        let missing = draft.missing().map(|refusal| refusal.clause);
        assert_eq!(missing, needed.then_some("45 CFR 164.508(c)(2)"), "{row}, without");
    }
}
