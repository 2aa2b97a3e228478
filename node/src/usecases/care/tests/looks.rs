//! Whoever gets something about a person has looked at it, and so has who is refused.

use super::office::Office;
use super::*;
use crate::usecases::people;
use belay_protocol::ids::PersonId;
use belay_protocol::sensitive::Personal;

const NAME: &str = "Zephyrine Quillfeather";

fn looks(office: &mut Office, of: &str) -> Vec<LookView> {
    let all: AuditView = office.officer(&Care::Audit { limit: 1_000 });
    all.looks.into_iter().filter(|look| look.looked == of).collect()
}

/// Refused, and put on record as the office does, in a step of its own.
fn refused(office: &mut Office, ask: &Care) {
    office.refused(ask);
    office.staff(|step, session| people::refused(step, session, ask).expect("is put on record"));
}

#[test]
fn who_acts_in_a_referral_and_gets_it_whole_has_looked_at_it() {
    let mut county = county();
    let id = sent(&mut county, None);
    let hospital = county.office(HOSPITAL);
    let before = looks(hospital, "thread").len();
    hospital.act(&id, message("we wait for you"));
    assert_eq!(looks(hospital, "thread").len(), before + 1, "an act shows all of it");
    let clinic = county.office(CLINIC);
    let before = looks(clinic, "thread").len();
    clinic.done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&id)));
    let after = looks(clinic, "thread");
    assert_eq!(after.len(), before + 1, "and so does a link");
    assert!(after[0].person.is_some());
}

#[test]
fn who_is_shown_whom_an_incoming_person_may_be_has_looked_at_these() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    clinic.person(NAME);
    assert!(!clinic.thread(&id).likely.is_empty());
    let of: Vec<Option<String>> =
        looks(clinic, "matches").iter().map(|look| look.thread.map(|thread| thread.to_string())).collect();
    assert_eq!(of, [Some(id)]);
}

#[test]
fn what_is_refused_leaves_a_trace_with_what_was_asked() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    assert!(looks(hospital, "refused").is_empty());
    refused(hospital, &Care::PersonShow { person: NAME.into() });
    refused(hospital, &Care::Audit { limit: 5 });
    let words: Vec<String> = looks(hospital, "refused").iter().map(|look| look.words.reveal().clone()).collect();
    assert_eq!(words, ["audit".to_owned(), format!("person_show {NAME}")]);
    assert!(looks(hospital, "refused").iter().all(|look| look.staff.reveal() == "nora"));
}

#[test]
fn role_and_form_are_judged_before_anybody_is_looked_for() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    for name in [NAME, "Ottoline Marsh"] {
        let order = DisclosureRecord { clause: "2.64".to_owned(), person: name.into(), ..DisclosureRecord::default() };
        let (class, why) = hospital.refused(&Care::DisclosureRecord(Box::new(order)));
        assert!(class == FailureClass::NotPermitted && why.contains("privacy officer"), "{name}: {why}");
        let hold = HoldSet { person: name.into(), why: " ".into(), order: None };
        assert!(hospital.refused(&Care::HoldSet(hold)).1.contains("why is missing"), "{name}");
        let birth_date: Personal<String> = "2190-01-01".into();
        let fields = PersonFields { name: name.into(), birth_date, ..PersonFields::default() };
        assert!(hospital.refused(&Care::PersonAdd(fields.into())).1.contains("future"), "{name}");
    }
}

#[test]
fn a_list_says_what_was_looked_for_and_whom_it_showed() {
    let mut county = county();
    let id = sent(&mut county, None);
    let hospital = county.office(HOSPITAL);
    let found: PersonsView = hospital.done(&Care::PersonList(PersonsAsk { words: "quill".into(), limit: Some(10) }));
    hospital.done::<PersonsView>(&Care::PersonList(PersonsAsk { words: "marsh".into(), limit: Some(10) }));
    let said: Vec<(String, Option<PersonId>)> =
        looks(hospital, "person_list").iter().map(|look| (look.words.reveal().clone(), look.person)).collect();
    assert_eq!(said, [("marsh".to_owned(), None), ("quill".to_owned(), Some(found.persons[0].id))]);
    hospital.threads();
    assert_eq!(looks(hospital, "thread_list")[0].person, Some(found.persons[0].id), "where somebody knows who it is");
    let clinic = county.office(CLINIC);
    clinic.threads();
    let look = &looks(clinic, "thread_list")[0];
    assert_eq!((look.person, look.thread.map(|thread| thread.to_string())), (None, Some(id)), "and else which it was");
}

#[test]
fn what_a_revocation_would_do_is_a_look_at_the_consent() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let person = hospital.person(NAME).id;
    let consent = hospital.consent("Ridge Clinic", None, 90);
    let before = looks(hospital, "consent").len();
    let ask = Care::ConsentRevokePreview { consent: consent.id.to_string(), party: None };
    hospital.done::<RevokePreview>(&ask);
    let after = looks(hospital, "consent");
    assert_eq!((after.len(), after[0].person), (before + 1, Some(person)));
    // At a recipient it is one at the referral.
    let id = county.office(HOSPITAL).send(&consent).row.id;
    county.pump();
    let clinic = county.office(CLINIC);
    let ask = Care::ConsentRevokePreview { consent: id.to_string(), party: None };
    clinic.done::<RevokePreview>(&ask);
    assert_eq!(looks(clinic, "thread").iter().filter_map(|look| look.thread).collect::<Vec<_>>(), [id]);
}
