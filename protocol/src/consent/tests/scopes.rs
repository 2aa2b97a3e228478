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
                        let (a, b) = (decide(&whole, &ask, now), decide(&scope, &ask, now));
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
    assert!(decide(&scope, &back, NOW).is_ok());
    let refusal = decide(Basis::Withdrawn(&scope, NOW), &back, NOW).expect_err("withdrawn");
    assert_eq!(refusal.clause, "42 CFR 2.31(c)(3)");
    let show = Ask { action: Action::Show, ..ask(HOSPITAL, CLINIC, Information::Referral) };
    assert!(decide(Basis::Withdrawn(&scope, NOW), &show, NOW).is_ok());
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
    let refusal = decide(Basis::Withdrawn(&scope, ended), &ask, ended.plus(1)).expect_err("expired");
    assert!(refusal.to_string().contains("2.31(c)(1)"), "{refusal}");
    // Revoked before its time: that is the person's word.
    let refusal = decide(Basis::Withdrawn(&scope, NOW), &ask, ended).expect_err("revoked");
    assert!(refusal.to_string().contains("2.31(c)(3)"), "{refusal}");
}
