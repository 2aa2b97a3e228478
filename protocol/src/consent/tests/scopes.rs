//! The part of a consent that one recipient gets.

use super::*;

/// One consent, two recipients that are not told of each other.
fn two_recipients() -> Signed {
    let mut draft = draft();
    let shelter = party(SHELTER, PartnerKind::NonCoveredCbo);
    draft.terms.recipients.push(shelter.clone());
    draft.terms.disclosers.push(shelter);
    for (from, to) in [(HOSPITAL, SHELTER), (SHELTER, HOSPITAL)] {
        draft.terms.flows.push(Flow { from, to, information: Information::Social, purpose: Purpose::Tpo });
    }
    draft.terms.information.push(Described { information: Information::Social, description: "housing".to_owned() });
    draft.terms.revoke = "I may revoke this by a letter to Harbor Shelter or Ridge Clinic.".to_owned();
    signed_from(draft)
}

#[test]
fn a_recipient_never_learns_of_the_others() {
    let consent = two_recipients();
    for (recipient, other, other_name) in [(CLINIC, SHELTER, "Harbor Shelter"), (SHELTER, CLINIC, "Ridge Clinic")] {
        let scope = consent.scope_for(recipient).expect("whole");
        let bytes = crate::codec::encode(&scope);
        let text = explain(&scope);
        assert!(!bytes.windows(32).any(|w| w == other.as_bytes()), "the id of the other is in it");
        assert!(!bytes.windows(other_name.len()).any(|w| w == other_name.as_bytes()), "its name is in it");
        assert!(!text.contains(other_name), "{text}");
        assert!(!text.contains('_'), "a code, where people read: {text}");
        assert!(scope.check().is_ok());
    }
    let clinic = consent.scope_for(CLINIC).expect("whole");
    assert!(!clinic.information.iter().any(|d| d.information == Information::Social));
}

#[test]
fn a_part_of_a_name_tells_as_much_as_the_whole_and_a_word_that_many_have_tells_nothing() {
    let said = |text: &str| {
        let mut consent = two_recipients();
        consent.terms.revoke = text.to_owned();
        consent.scope_for(CLINIC).expect("whole").revoke
    };
    for told in ["A letter to Harbor is enough.", "Write to HARBOR's front desk."] {
        assert!(!said(told).to_lowercase().contains("harbor"), "{}", said(told));
    }
    for kept in ["A letter to the shelter is enough.", "Tell Ridge Clinic.", "Go to the harbormaster."] {
        assert_eq!(said(kept), kept);
    }
}

#[test]
fn two_recipients_know_one_consent_by_two_ids_and_a_part_has_a_number_of_its_own() {
    let mut consent = two_recipients();
    let first = consent.scope_for(CLINIC).expect("whole").told_after(None);
    assert_eq!(first.version, 1);
    assert_eq!(first.consent, part_id(consent.id, CLINIC));
    let ids = [consent.id, first.consent, consent.scope_for(SHELTER).expect("whole").consent];
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
    // A later version that changes nothing for it.
    (consent.version, consent.date) = (7, Some(NOW.plus(DAY)));
    let same = consent.scope_for(CLINIC).expect("whole").told_after(Some(&first));
    assert_eq!(same, first);
    consent.terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(3 * DAY))));
    let next = consent.scope_for(CLINIC).expect("whole").told_after(Some(&same));
    assert_eq!((next.version, next.signed), (2, NOW.plus(DAY)));
}

#[test]
fn it_does_not_hold_the_name_of_the_person() {
    let bytes = crate::codec::encode(&signed().scope_for(CLINIC).expect("whole"));
    assert!(!bytes.windows(12).any(|w| w == b"Quillfeather"));
}

#[test]
fn the_recipient_decides_on_its_part_as_the_sender_does_on_the_whole() {
    let consent = signed();
    let scope = consent.scope_for(CLINIC).expect("whole");
    let whole = Consent::Signed(consent);
    for from in [HOSPITAL, CLINIC] {
        for to in [HOSPITAL, CLINIC] {
            for information in Information::ALL {
                for action in [Action::Grant, Action::Seal, Action::Export, Action::Show, Action::Place] {
                    for now in [NOW, NOW.plus(90 * DAY)] {
                        let ask = Ask { action, ..ask(from, to, information) };
                        let (a, b) = (decide(&whole, &ask, now), decide(Basis::Scope(&scope, &[]), &ask, now));
                        assert_eq!(a.is_ok(), b.is_ok(), "{ask:?}: {a:?} but {b:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_part_that_was_withdrawn_permits_nothing_new() {
    let scope = signed().scope_for(CLINIC).expect("whole");
    let back = ask(CLINIC, HOSPITAL, Information::Referral);
    assert!(decide(Basis::Scope(&scope, &[]), &back, NOW).is_ok());
    let refusal = decide(Basis::Withdrawn(&scope, Shut::TakenBack(NOW)), &back, NOW).expect_err("withdrawn");
    assert_eq!(refusal.clause, "42 CFR 2.31(c)(3)");
    let show = Ask { action: Action::Show, ..ask(HOSPITAL, CLINIC, Information::Referral) };
    assert!(decide(Basis::Withdrawn(&scope, Shut::TakenBack(NOW)), &show, NOW).is_ok());
}

#[test]
fn whoever_was_withdrawn_gets_no_flow_any_more() {
    let mut consent = two_recipients();
    consent.withdraw(SHELTER, Told::Spoken, by(), NOW).expect("named");
    assert!(consent.scope_for(SHELTER).expect("whole").flows.is_empty());
    assert_eq!(consent.scope_for(CLINIC).expect("whole").flows.len(), 3);
    assert!(consent.withdraw(OrgId([77; 32]), Told::Spoken, by(), NOW).is_err());
}

#[test]
fn a_draft_has_no_part_to_tell() {
    assert!(Consent::Draft(draft()).scope_for(CLINIC).is_err());
}

#[test]
fn the_explanation_of_a_copy_for_emergencies_says_when_it_is_opened_and_promises_nothing_of_who_is_told_nothing() {
    let mut draft = draft();
    draft.terms.flows.retain(|flow| flow.to == CLINIC);
    draft.terms.flows.iter_mut().for_each(|flow| flow.purpose = Purpose::Emergency);
    let terms = draft.terms;
    let scope = Signed { terms, ..signed() }.scope_for(CLINIC).expect("whole");
    let text = explain(&scope);
    assert!(text.contains("sealed there in a medical emergency alone."), "{text}");
    assert!(!text.contains("names nothing that it is told"), "{text}");
}

#[test]
fn the_explanation_says_who_may_tell_whom_until_when_and_how_to_revoke() {
    let text = explain(&signed().scope_for(CLINIC).expect("whole"));
    for words in [
        "County Hospital may tell Ridge Clinic: identity",
        "Ridge Clinic may tell County Hospital: referral",
        "Ends at",
        "Revoking:",
        "HIPAA",
    ] {
        assert!(text.contains(words), "{words:?} is not in:\n{text}");
    }
}

#[test]
fn an_answer_carries_the_same_part_turned_to_the_other() {
    let scope = signed().scope_for(CLINIC).expect("whole").turned_to(HOSPITAL);
    assert_eq!(scope.recipient, HOSPITAL);
    assert!(scope.opens(CLINIC, HOSPITAL, Information::Referral));
    assert!(scope.check().is_ok());
}

#[test]
fn a_membership_that_expired_is_not_called_revoked_by_the_person() {
    let mut draft = draft();
    draft.terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(DAY))));
    let scope = signed_from(draft).scope_for(CLINIC).expect("whole");
    let ask = Ask { action: Action::Seal, ..ask(CLINIC, HOSPITAL, Information::Referral) };
    // The custodian's node ended the membership a minute after its time.
    let ended = NOW.plus(DAY + 60_000);
    let refusal = decide(Basis::Withdrawn(&scope, Shut::NothingMore(ended)), &ask, ended.plus(1)).expect_err("expired");
    assert!(refusal.to_string().contains("2.31(c)(1)"), "{refusal}");
    // Revoked before its time: that is the person's word.
    let refusal = decide(Basis::Withdrawn(&scope, Shut::TakenBack(NOW)), &ask, ended).expect_err("revoked");
    assert!(refusal.to_string().contains("2.31(c)(3)"), "{refusal}");
}

#[test]
fn who_may_be_known_besides_is_named_until_either_is_taken_out() {
    let mut consent = two_recipients();
    let names = |consent: &Signed, recipient| {
        let scope = consent.scope_for(recipient).expect("whole");
        scope.parties.iter().map(|p| p.org).collect::<Vec<_>>()
    };
    assert_eq!(names(&consent, CLINIC), [HOSPITAL, CLINIC]);
    consent.terms.acquaintances = vec![Knows { who: CLINIC, of: SHELTER }];
    assert_eq!(names(&consent, CLINIC), [HOSPITAL, CLINIC, SHELTER]);
    assert_eq!(names(&consent, SHELTER), [HOSPITAL, SHELTER], "the other was not let know");
    for gone in [CLINIC, SHELTER] {
        let mut consent = consent.clone();
        consent.withdraw(gone, Told::Spoken, by(), NOW).expect("named");
        assert!(!names(&consent, CLINIC).contains(&SHELTER), "{gone:?}");
    }
}

#[test]
fn whoever_is_in_a_way_with_somebody_or_was_let_know_of_it_knows_it_and_nobody_else() {
    let mut terms = two_recipients().terms;
    terms.flows.retain(|f| f.to != HOSPITAL);
    terms.acquaintances = vec![Knows { who: CLINIC, of: SHELTER }];
    let rows = [
        (HOSPITAL, CLINIC, true),
        (CLINIC, HOSPITAL, true),
        (HOSPITAL, SHELTER, true),
        (SHELTER, HOSPITAL, true),
        (CLINIC, SHELTER, true),
        (SHELTER, CLINIC, false),
        (OrgId([4; 32]), OrgId([4; 32]), true),
        (OrgId([4; 32]), CLINIC, false),
        (OrgId([4; 32]), HOSPITAL, false),
        (HOSPITAL, OrgId([4; 32]), false),
        (CLINIC, OrgId([4; 32]), false),
    ];
    for (who, of, knows) in rows {
        assert_eq!(terms.knows(who, of), knows, "{} of {}", who.short(), of.short());
    }
}

#[test]
fn its_recipient_reads_the_statements_that_were_signed_and_whether_the_person_signed() {
    let scope = signed().scope_for(CLINIC).expect("whole");
    assert_eq!(scope.statements, [words::REDISCLOSURE, words::TPO_REDISCLOSURE]);
    assert!(!scope.represented && !explain(&scope).contains("by a representative"));
    let mut asked = draft();
    let parties: Vec<Party> = asked.terms.parties().into_iter().cloned().collect();
    asked.terms.class = Class::General;
    asked.terms.flows.iter_mut().for_each(|flow| flow.purpose = Purpose::AtRequest);
    asked.terms.follow_flows(&parties);
    asked.terms.signer = Signer::Guardian;
    let by_whom = Representation::Representative { name: "Ada Quill".into(), capacity: "guardian".into() };
    let scope = asked.sign(Signature::typed("Ada Quill", by_whom), Some(NOW), by(), NOW).expect("whole");
    let scope = scope.scope_for(CLINIC).expect("whole");
    assert!(scope.statements.is_empty(), "{:?}", scope.statements);
    assert!(scope.represented && explain(&scope).contains("by a representative"));
}

#[test]
fn who_may_pass_on_nothing_is_not_told_that_it_may() {
    let mut asked = draft();
    asked.terms.class = Class::General;
    asked.terms.flows.iter_mut().for_each(|flow| flow.purpose = Purpose::Treatment);
    let parties: Vec<Party> = asked.terms.parties().into_iter().cloned().collect();
    asked.terms.follow_flows(&parties);
    assert!(!asked.terms.redisclosure.is_empty(), "the element is signed (2.31(a)(4)(iii))");
    let scope = signed_from(asked).scope_for(HOSPITAL).expect("whole");
    assert!(scope.statements.is_empty(), "{:?}", scope.statements);
    assert!(
        !explain(&scope).contains("HIPAA") && explain(&scope).contains("may not pass it on"),
        "{}",
        explain(&scope)
    );
}

#[test]
fn a_description_that_stands_keeps_its_words_and_the_explanation_gives_each_way_its_own() {
    let mut terms = two_recipients().terms;
    let parties: Vec<Party> = terms.parties().into_iter().cloned().collect();
    let own = "that there is a referral, and when";
    terms
        .information
        .iter_mut()
        .filter(|d| d.information == Information::Referral)
        .for_each(|d| d.description = own.into());
    terms.follow_flows(&parties);
    let described: Vec<&str> = terms.information.iter().map(|d| d.description.as_str()).collect();
    assert_eq!(described, [own, Information::Identity.description(), "housing"]);
    let text = explain(&Signed { terms, ..signed() }.scope_for(CLINIC).expect("whole"));
    assert!(text.contains(&format!("Ridge Clinic: referral ({own}).")), "{text}");
    assert!(text.contains(&format!("Ridge Clinic: identity ({}).", Information::Identity.description())), "{text}");
}

#[test]
fn a_copy_for_emergencies_is_said_to_lie_there_sealed_and_what_is_told_is_not() {
    let sealed = "kept sealed and opened only in a medical emergency";
    assert!(!explain(&signed().scope_for(CLINIC).expect("whole")).contains(sealed));
    let mut draft = draft();
    let parties = [party(HOSPITAL, PartnerKind::CoveredEntity), party(CLINIC, PartnerKind::Part2Program)];
    draft.terms.class = Class::General;
    draft.terms.flows =
        vec![Flow { from: HOSPITAL, to: CLINIC, information: Information::Crisis, purpose: Purpose::Emergency }];
    draft.terms.follow_flows(&parties);
    assert!(explain(&signed_from(draft).scope_for(CLINIC).expect("whole")).contains(sealed));
}

#[test]
fn from_when_on_it_can_be_revoked_is_said_once_where_both_moments_are_one() {
    let on = |days| Moment::On(Local::utc(NOW.plus(days * DAY)));
    let when = |words: &str| Moment::When(words.into());
    let revocable = |revocable, disposition, came| {
        let mut consent = signed();
        consent.terms.class = Class::CriminalJustice;
        consent.terms.supervision = Some(Supervision { matter: "probation".into(), revocable, disposition });
        consent.revocable = came;
        consent.part((consent.id, CLINIC), consent.terms.flows.clone(), |_| true)
    };
    let rows = [
        ("two days", on(30), on(60), None, vec![on(30)]),
        ("one event", when("level one is done"), when("level one is done"), None, vec![when("level one is done")]),
        ("two events", when("level one"), when("the end"), None, vec![when("level one"), when("the end")]),
        ("an event and a day", when("level one"), on(60), None, vec![when("level one"), on(60)]),
        ("it came about", when("level one"), on(60), Some(NOW), vec![Moment::On(Local::utc(NOW))]),
    ];
    for (row, first, last, came, expected) in rows {
        let scope = revocable(first, last, came);
        assert_eq!(scope.revocable, expected, "{row}");
        let text = explain(&scope);
        assert_eq!(text.matches("Can be revoked").count(), 1, "{row}: {text}");
        assert_eq!(text.matches("Or, where that comes first,").count(), expected.len() - 1, "{row}: {text}");
        assert!(text.find("Can be revoked") < text.find("Or, where").or(Some(text.len())), "{row}: {text}");
    }
}
