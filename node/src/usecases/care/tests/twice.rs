//! The same step a second time is refused, and tells nobody anything.

use super::emergency::consented;
use super::office::Office;
use super::{CLINIC, HOSPITAL, county, sent, taken_in};
use crate::api::FailureClass;
use crate::api::care::*;
use belay_protocol::referral::{Information, Mode, Outcome, Why};
use belay_protocol::time::{DAY, HOUR, Time};

/// What comes between the two.
type Between<'a> = &'a dyn Fn(&mut Office, &str);

fn to(at: Time, place: &str) -> Meeting {
    Meeting::at(at, place.into(), Mode::InPerson, "".into())
}

fn why() -> Why {
    Why { note: "her shift".into(), ..Why::default() }
}

fn settle(note: &str) -> ActRequest {
    ActRequest::Settle { note: note.into(), referral: None }
}

fn refused(office: &mut Office, id: &str, act: ActRequest) -> String {
    let written = office.entries();
    let (class, why) = office.refused(&Care::ReferralAct { thread: id.to_owned(), act });
    assert_eq!((class, office.entries()), (FailureClass::Misuse, written), "{why}");
    why
}

#[test]
fn the_same_appointment_is_made_once_and_another_is_made_as_before() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let at = clinic.now.plus(3 * DAY);
    clinic.act(&id, ActRequest::Schedule(to(at, "12 Ridge Road")));
    let why = refused(clinic, &id, ActRequest::Schedule(to(at, "12 Ridge Road")));
    assert!(why.contains("stands already"), "{why}");
    clinic.act(&id, ActRequest::Schedule(to(at, "14 Ridge Road")));
    let moved = || ActRequest::Reschedule { to: to(at, "16 Ridge Road"), why: self::why() };
    clinic.act(&id, moved());
    assert!(refused(clinic, &id, moved()).contains("stands already"));
    clinic.act(&id, ActRequest::Reschedule { to: to(at, "16 Ridge Road"), why: Why::default() });
}

#[test]
fn an_appointment_that_was_moved_cancelled_missed_or_struck_meanwhile_is_made_again_as_it_was() {
    let at = |office: &Office| office.now.plus(3 * DAY);
    let between: [Between<'_>; 6] = [
        &|clinic, id| {
            let to = to(clinic.now.plus(5 * DAY), "12 Ridge Road");
            drop(clinic.act(id, ActRequest::Reschedule { to, why: why() }));
        },
        &|clinic, id| drop(clinic.act(id, ActRequest::CancelAppointment { why: why() })),
        &|clinic, id| {
            clinic.now = clinic.now.plus(3 * DAY + HOUR);
            drop(clinic.act(id, ActRequest::NoShow { when: None, why: why() }));
        },
        &|clinic, id| {
            clinic.now = clinic.now.plus(3 * DAY + HOUR);
            drop(clinic.act(id, ActRequest::Attend { when: None }));
        },
        &|clinic, id| {
            let view = clinic.thread(id);
            let entry = view.history.last().expect("an appointment").entry.to_string();
            drop(clinic.act(id, ActRequest::Mistake { entry, why: "another person's".into() }));
        },
        &|clinic, id| {
            drop(clinic.act(id, ActRequest::Hold { why: why() }));
            drop(clinic.act(id, ActRequest::Resume { note: "".into() }));
        },
    ];
    for (case, between) in between.into_iter().enumerate() {
        let mut county = county();
        let id = sent(&mut county, None);
        let clinic = county.office(CLINIC);
        taken_in(clinic, &id);
        let first = to(at(clinic), "12 Ridge Road");
        clinic.act(&id, ActRequest::Schedule(first.clone()));
        between(clinic, &id);
        let view = clinic.act(&id, ActRequest::Schedule(first.clone()));
        assert_eq!(view.row.state, "event scheduled", "case {case}");
        assert!(refused(clinic, &id, ActRequest::Schedule(first)).contains("stands already"), "case {case}");
    }
}

#[test]
fn what_the_other_side_did_meanwhile_lets_the_same_appointment_be_made_again() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let first = to(clinic.now.plus(3 * DAY), "12 Ridge Road");
    clinic.act(&id, ActRequest::Schedule(first.clone()));
    county.pump();
    let hospital = county.office(HOSPITAL);
    hospital.act(&id, ActRequest::Withdraw { reason: "she goes elsewhere".into() });
    hospital.act(&id, ActRequest::Resume { note: "she comes to you after all".into() });
    county.pump();
    let view = county.office(CLINIC).act(&id, ActRequest::Schedule(first));
    assert_eq!(view.row.state, "event scheduled");
}

#[test]
fn what_comes_next_is_written_down_once_in_the_same_words() {
    let mut county = county();
    let id = sent(&mut county, None);
    let hospital = county.office(HOSPITAL);
    let consent = hospital.thread(&id).consent.to_string();
    hospital.done::<ConsentView>(&Care::ConsentRevoke { consent, party: None, spoken: true });
    hospital.act(&id, settle("She will call us."));
    let why = refused(hospital, &id, settle("She will call us."));
    assert!(why.contains("written down already"), "{why}");
    hospital.act(&id, settle("She called, and goes to Haven."));
    // What was said before, and was true again later, is said again.
    hospital.act(&id, settle("She will call us."));
    let lost = ActRequest::Lost { since: None, note: "no answer".into() };
    hospital.act(&id, lost);
    hospital.act(&id, settle("She will call us."));
}

#[test]
fn what_the_other_side_wrote_after_a_good_end_lets_the_same_words_be_said_again() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let (note, barriers) = ("".into(), Vec::new());
    clinic.act(&id, ActRequest::Close { outcome: Outcome::ServicesReceived, note, barriers });
    county.pump();
    let hospital = county.office(HOSPITAL);
    hospital.act(&id, settle("We call her in May."));
    assert!(refused(hospital, &id, settle("We call her in May.")).contains("written down already"));
    county.office(CLINIC).act(&id, ActRequest::Lost { since: None, note: "she is gone".into() });
    county.pump();
    county.office(HOSPITAL).act(&id, settle("We call her in May."));
}

#[test]
fn the_same_hold_is_set_once_and_again_after_it_was_lifted() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let set = |why: &str, paper: Option<u8>| {
        let order = paper.map(|n| ("order.pdf".into(), format!("{n:02x}").repeat(32)));
        Care::HoldSet(HoldSet { person: "Zephyrine Quillfeather".into(), why: why.into(), order })
    };
    for (first, second) in
        [(set("a subpoena", None), set(" a subpoena ", None)), (set("a", Some(1)), set("a", Some(1)))]
    {
        hospital.done::<HoldsView>(&first);
        assert!(hospital.refused(&second).1.contains("set already"));
    }
    // Another reason, another paper, or a paper where there was none.
    for other in [set("another subpoena", None), set("b", Some(1)), set("a", Some(2))] {
        hospital.done::<HoldsView>(&other);
    }
    let all: HoldsView = hospital.done(&set("a subpoena", Some(3)));
    assert_eq!(all.holds.len(), 6);
    let standing = |holds: &[HoldRow]| holds.iter().filter(|hold| hold.lifted.is_none()).count();
    let bare = all.holds.iter().find(|hold| hold.why.reveal() == "a subpoena" && hold.order.is_none()).expect("set");
    let lift = Care::HoldLift { hold: bare.id.clone(), why: "the case is closed".into() };
    assert_eq!(standing(&hospital.officer::<HoldsView>(&lift).holds), 5);
    assert_eq!(standing(&hospital.done::<HoldsView>(&set("a subpoena", None)).holds), 6);
}

#[test]
fn the_same_copy_for_emergencies_is_placed_once_with_one_department() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    let consent = consented(clinic, &[Information::Crisis], 90);
    let place = |crisis: &str| {
        Care::EmergencyPlace(EmergencyPlace {
            person: "Zephyrine Quillfeather".into(),
            at: "County Hospital".to_owned(),
            consent: consent.id.to_string(),
            include: Vec::new(),
            crisis: Some(crisis.into()),
            medication: None,
        })
    };
    clinic.done::<EmergencyView>(&place("Call Bo."));
    let told = clinic.entries();
    assert!(clinic.refused(&place("Call Bo.")).1.contains("lies with County Hospital already"));
    assert_eq!(clinic.entries(), told, "nothing was told again");
    // Whatever lay there between, or nothing: it is placed again.
    clinic.done::<EmergencyView>(&place("Call Di."));
    clinic.done::<EmergencyView>(&place("Call Bo."));
    let (person, at) = ("Zephyrine Quillfeather".into(), None);
    clinic.done::<EmergencyView>(&Care::EmergencyWithdraw { person, at });
    clinic.done::<EmergencyView>(&place("Call Bo."));
    assert!(clinic.refused(&place("Call Bo.")).1.contains("already"));
    clinic.done::<EmergencyView>(&place("Call Di."));
    clinic.done::<ConsentView>(&Care::ConsentRevoke { consent: consent.id.to_string(), party: None, spoken: true });
    assert!(!clinic.refused(&place("Call Di.")).1.contains("already"), "what may lie nowhere is refused for that");
}
