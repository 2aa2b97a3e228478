//! What was written upon a mistake before anybody knew, and what a partner still holds of an older one: named, and on the work list until
//! somebody put it right.

use super::*;
use belay_protocol::referral::Outcome;
use belay_protocol::referral::due::Timer;

fn later(office: &mut Office) {
    office.now = office.now.plus(1_000);
}

fn strike(office: &mut Office, view: &PlansView) -> PlansView {
    later(office);
    let entry = view.written[0].entry.to_string();
    write(office, PlanWritten::Mistake { entry, why: "it is Xavier's".into() })
}

fn dose(dose: &str, note: &str) -> PlanWritten {
    PlanWritten::Medication(MedicationRequest { note: Some(note.into()), ..list("insulin", dose) })
}

/// The rows of the work list that are about plan or medication, with the next step of each.
fn rows(office: &mut Office) -> Vec<(Timer, String)> {
    let ask = ListAsk { part: Part::Due, ..ListAsk::default() };
    let list: ThreadsView = office.done(&Care::ReferralList(ask));
    let due = list.threads.into_iter().flat_map(|row| row.due);
    let ours = due.filter(|due| matches!(due.timer, Timer::Renew | Timer::Wrong { .. }));
    ours.map(|due| {
        assert!(due.ours, "nobody else is late with it");
        (due.timer, due.next.split_whitespace().nth(2).unwrap_or_default().to_owned())
    })
    .collect()
}

fn told(office: &mut Office, include: &[Information]) -> String {
    let consent = opens_both(office);
    later(office);
    office.done::<ThreadView>(&Care::ReferralSend(sending(&consent, include))).row.id.to_string()
}

#[test]
fn a_list_that_was_written_upon_a_mistake_is_named_with_who_has_it_until_it_is_struck_too_or_written_anew() {
    for anew in [false, true] {
        let mut county = county();
        let hospital = county.office(HOSPITAL);
        hospital.person(NAME);
        let wrong = write(hospital, takes("insulin", "10 units"));
        later(hospital);
        let upon = write(hospital, dose("12 units", "since Tuesday"));
        let id = told(hospital, &[Information::Medication]);
        assert!(shown(hospital, NAME).plans.upon.is_empty());
        let view = strike(hospital, &wrong);
        let [one] = view.upon.as_slice() else { panic!("{:?}", view.upon) };
        assert_eq!((one.information, one.entry), (Information::Medication, Some(upon.written[0].entry)));
        assert_eq!((one.wrong, one.why.reveal().as_str()), (wrong.written[0].at, "it is Xavier's"));
        let [older] = view.older.as_slice() else { panic!("{:?}", view.older) };
        assert_eq!((older.thread.to_string(), older.upon, older.mistaken), (id.clone(), Some(one.wrong), false));
        assert_eq!(rows(hospital), [(Timer::Wrong { newer: false }, "show".to_owned())]);
        let view = if anew {
            later(hospital);
            // It was looked at, and is right as it is.
            write(hospital, dose("12 units", "looked at"))
        } else {
            let view = strike(hospital, &upon);
            assert!(view.medication.is_none() && view.older[0].mistaken, "{view:?}");
            assert_eq!(rows(hospital), [(Timer::Wrong { newer: false }, "show".to_owned())]);
            later(hospital);
            write(hospital, takes("buprenorphine", "8 mg"))
        };
        assert!(view.upon.is_empty(), "{view:?}");
        assert_eq!(rows(hospital), [(Timer::Wrong { newer: true }, "renew".to_owned())]);
        later(hospital);
        hospital.act(&id, ActRequest::Renew(RenewRequest::default()));
        assert_eq!(rows(hospital), []);
        assert!(shown(hospital, NAME).plans.older.is_empty());
    }
}

#[test]
fn what_was_written_upon_a_mistake_is_none_the_better_for_being_told_anew() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    let wrong = write(hospital, takes("insulin", "10 units"));
    let id = told(hospital, &[Information::Medication]);
    later(hospital);
    write(hospital, dose("12 units", "since Tuesday"));
    strike(hospital, &wrong);
    assert_eq!(rows(hospital), [(Timer::Wrong { newer: true }, "renew".to_owned())]);
    later(hospital);
    hospital.act(&id, ActRequest::Renew(RenewRequest::default()));
    let view = shown(hospital, NAME).plans;
    assert!(view.upon.len() == 1 && view.older.len() == 1 && view.older[0].upon.is_some(), "{view:?}");
    assert_eq!(rows(hospital), [(Timer::Wrong { newer: false }, "show".to_owned())]);
    later(hospital);
    // Word for word the same: somebody has looked.
    let view = write(hospital, dose("12 units", "since Tuesday"));
    assert!(view.upon.is_empty() && view.older.is_empty(), "{view:?}");
    assert_eq!(rows(hospital), []);
}

#[test]
fn a_list_that_has_nothing_of_the_mistake_or_was_written_after_it_was_known_is_no_such_list() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    let wrong = write(hospital, takes("insulin", "10 units"));
    later(hospital);
    write(hospital, takes("buprenorphine", "8 mg"));
    assert!(strike(hospital, &wrong).upon.is_empty(), "it has nothing of it");
    later(hospital);
    assert!(write(hospital, takes("insulin", "12 units")).upon.is_empty(), "it was known");
}

#[test]
fn an_older_plan_that_a_partner_holds_is_a_row_of_the_list_until_it_is_renewed_or_the_referral_is_over() {
    for renewed in [false, true] {
        let mut county = county();
        let hospital = county.office(HOSPITAL);
        hospital.person(NAME);
        write(hospital, takes("buprenorphine", "8 mg"));
        let id = told(hospital, &[Information::Medication]);
        // Another referral of the same person, which was told nothing of it.
        let consent = hospital.consent_to_tell("Harbor Shelter", BUT_THE_PLAN.to_vec(), None, 90);
        hospital.done::<ThreadView>(&Care::ReferralSend(sending(&consent, &[])));
        assert_eq!(rows(hospital), []);
        later(hospital);
        write(hospital, takes("buprenorphine", "16 mg"));
        assert_eq!(rows(hospital), [(Timer::Renew, "renew".to_owned())]);
        taken_in_by(&mut county, &id);
        assert_eq!(rows(county.office(CLINIC)), [], "it is no word of theirs");
        if renewed {
            county.office(HOSPITAL).act(&id, ActRequest::Renew(RenewRequest::default()));
        } else {
            county.office(CLINIC).act(&id, close(Outcome::ServicesReceived));
            county.pump();
        }
        assert_eq!(rows(county.office(HOSPITAL)), []);
    }
}

fn close(outcome: Outcome) -> ActRequest {
    ActRequest::Close { outcome, note: "".into(), barriers: Vec::new() }
}

fn taken_in_by(county: &mut County, id: &str) {
    county.pump();
    taken_in(county.office(CLINIC), id);
    county.pump();
}

#[test]
fn what_one_referral_tells_makes_what_another_tells_older_and_so_does_a_link_that_is_put_right() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    write(hospital, takes("buprenorphine", "8 mg"));
    told(hospital, &[Information::Medication]);
    let consent = hospital.consent_to_tell("Harbor Shelter", BUT_THE_PLAN.to_vec(), None, 90);
    let other: ThreadView = hospital.done(&Care::ReferralSend(sending(&consent, &[Information::Medication])));
    assert_eq!(rows(hospital), []);
    later(hospital);
    hospital.act(&other.row.id.to_string(), ActRequest::Medication(list("buprenorphine", "16 mg")));
    assert_eq!(rows(hospital), [(Timer::Renew, "renew".to_owned())]);
}
