//! Steps that were mistakes: the referral is where it was before, at both sides, and everybody reads who struck what and why.

use super::office::Office;
use super::{CLINIC, HOSPITAL, accept, county, message, sent, taken_in};
use crate::api::care::*;
use crate::api::{Failure, Response};
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{DeclineReason, Mode, Outcome};
use belay_protocol::time::{DAY, Time};

fn timers(view: &ThreadView) -> Vec<Timer> {
    view.row.due.iter().map(|due| due.timer).collect()
}

fn close(outcome: Outcome) -> ActRequest {
    ActRequest::Close { outcome, note: "".into(), barriers: Vec::new() }
}

fn schedule(at: Time) -> ActRequest {
    ActRequest::Schedule(Meeting::at(at, "12 Ridge Road".into(), Mode::InPerson, "".into()))
}

/// Strikes the newest entry of this kind.
fn strike(view: &ThreadView, act: &str) -> ActRequest {
    let line = view.history.iter().rev().find(|line| line.act == act).expect("it was done");
    ActRequest::Mistake { entry: line.entry.short(), why: "the wrong referral".into() }
}

impl Office {
    fn failure(&mut self, thread: &str, act: ActRequest) -> Failure {
        match self.ask(&Care::ReferralAct { thread: thread.to_owned(), act }) {
            Response::Failed(failure) => failure,
            Response::Done(_) => panic!("it was done"),
        }
    }

    fn told_hospital(&mut self) -> usize {
        self.done::<DisclosuresView>(&Care::Disclosures(DisclosuresAsk::to("County Hospital"))).disclosures.len()
    }
}

#[test]
fn a_wrong_end_that_is_struck_opens_the_referral_again_at_both_sides_and_stays_in_both_histories() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let ended = clinic.act(&id, close(Outcome::Moved));
    let told = clinic.told_hospital();
    county.pump();
    let lost = county.office(HOSPITAL).thread(&id);
    assert_eq!((lost.row.status.as_deref(), timers(&lost)), (Some("failed"), vec![Timer::Rehome]));
    // Any staff member of the house, and with its reason.
    let clinic = county.office(CLINIC);
    clinic.sign_in_as("wren", "nurse");
    let silent = ActRequest::Mistake { entry: ended.history.last().expect("the end").entry.short(), why: " ".into() };
    assert!(clinic.failure(&id, silent).message.contains("what was wrong"));
    let view = clinic.act(&id, strike(&ended, "close"));
    assert_eq!((view.row.status.as_deref(), view.outcome), (Some("accepted"), None));
    assert_eq!(timers(&view), [Timer::FirstAppointment], "as before");
    assert_eq!(clinic.told_hospital(), told + 1, "what was told was told, and so was that it was wrong");
    county.pump();
    let hospital = county.office(HOSPITAL);
    let unread = hospital.threads().remove(0);
    assert!(unread.due.iter().any(|due| due.timer == Timer::Read && due.ours), "it is new there: {:?}", unread.due);
    let view = hospital.thread(&id);
    assert_eq!(view.row.status.as_deref(), Some("accepted"));
    assert!(!timers(&view).contains(&Timer::Rehome), "nobody looks for another place");
    let line = view.history.iter().find(|line| line.act == "close").expect("it stays");
    let struck = line.mistake.as_ref().expect("struck");
    assert_eq!((struck.why.reveal().as_str(), struck.staff.reveal().as_str()), ("the wrong referral", "wren"));
    assert!(struck.at > line.at && line.outcome == Some(Outcome::Moved) && !line.may_be_mistaken);
    let again = county.office(CLINIC).failure(&id, strike(&ended, "close"));
    assert!(again.message.starts_with("it was struck before, on "), "{}", again.message);
    county.office(CLINIC).act(&id, close(Outcome::ServicesReceived));
}

#[test]
fn an_appointment_that_is_struck_is_gone_with_its_timers_and_the_one_before_it_holds_again() {
    let mut county = county();
    let id = sent(&mut county, None);
    let at = Time(county.office(CLINIC).now.0 + DAY);
    taken_in(county.office(CLINIC), &id);
    county.office(CLINIC).act(&id, schedule(at));
    let moved = county.office(CLINIC).act(&id, schedule(at.plus(DAY)));
    assert_eq!(moved.row.appointment_at, Some(at.plus(DAY)));
    let view = county.office(CLINIC).act(&id, strike(&moved, "schedule"));
    assert_eq!(view.row.appointment_at, Some(at));
    county.pump();
    assert_eq!(county.office(HOSPITAL).thread(&id).row.appointment_at, Some(at));
    let clinic = county.office(CLINIC);
    let none = clinic.act(&id, {
        let line = view.history.iter().find(|line| line.act == "schedule").expect("the first");
        ActRequest::Mistake { entry: line.entry.to_string(), why: "of somebody else".into() }
    });
    assert_eq!((none.row.appointment_at, timers(&none)), (None, vec![Timer::FirstAppointment]));
    assert!(none.appointment.is_none());
    county.pump();
    let view = county.office(HOSPITAL).thread(&id);
    assert!(view.appointment.is_none() && !timers(&view).contains(&Timer::AppointmentNear));
}

#[test]
fn what_can_not_be_struck_says_what_to_type_instead() {
    let mut county = county();
    let id = sent(&mut county, None);
    let view = taken_in(county.office(CLINIC), &id);
    let refused = |office: &mut Office, act: ActRequest| {
        let failure = office.failure(&id, act);
        (failure.message, failure.next.unwrap_or_default())
    };
    let (why, next) = refused(county.office(CLINIC), strike(&view, "accept"));
    assert!(why.contains("an acceptance is not struck") && next == "belay referral decline THREAD", "{why} {next}");
    let (why, next) = refused(county.office(CLINIC), strike(&view, "send"));
    assert!(why.contains("sent is not struck") && next.contains("belay referral withdraw THREAD"), "{why} {next}");
    let words = county.office(CLINIC).act(&id, message("come at ten"));
    let (_, next) = refused(county.office(CLINIC), strike(&words, "message"));
    assert_eq!(next, "belay referral message THREAD");
    // What rests on it is struck first.
    let at = Time(county.office(CLINIC).now.0 + DAY);
    county.office(CLINIC).act(&id, schedule(at));
    let view = county.office(CLINIC).act(&id, ActRequest::CancelAppointment { why: Default::default() });
    let cancelled = view.history.last().expect("it").entry.short();
    let (why, next) = refused(county.office(CLINIC), strike(&view, "schedule"));
    assert!(why.contains("cancel appointment of") && why.contains("rests on it"), "{why}");
    assert_eq!(next, format!("belay referral mistake THREAD {cancelled}, then this one"));
    county.pump();
    // What the other side did upon it stands.
    let theirs = county.office(HOSPITAL).thread(&id);
    assert!(
        refused(county.office(HOSPITAL), strike(&theirs, "schedule")).0.contains("only Ridge Clinic can strike it")
    );
    let view = county.office(HOSPITAL).act(&id, ActRequest::Withdraw { reason: "another place".into() });
    county.pump();
    let (why, next) = refused(county.office(CLINIC), strike(&theirs, "cancel appointment"));
    assert!(why.contains("County Hospital has acted on that cancel appointment since (withdraw of"), "{why}");
    assert!(next.starts_with("belay referral confirm-withdrawal THREAD"), "{next}");
    county.office(CLINIC).act(&id, ActRequest::ConfirmWithdrawal);
    county.pump();
    let (why, next) = refused(county.office(HOSPITAL), strike(&view, "withdraw"));
    assert!(why.contains("what it did stands") && next == "belay referral send, for a new one", "{why} {next}");
    let confirmed = county.office(CLINIC).thread(&id);
    let view = county.office(CLINIC).act(&id, strike(&confirmed, "confirm withdrawal"));
    assert_eq!(view.row.business.as_deref(), Some("5.2"), "asked for, as it was");
    county.pump();
    let view = county.office(HOSPITAL).thread(&id);
    let view = county.office(HOSPITAL).act(&id, strike(&view, "withdraw"));
    assert_eq!(view.row.business.as_deref(), Some("5.1.3"));
}

#[test]
fn a_decline_that_was_of_another_referral_is_struck_and_the_referral_waits_for_its_answer() {
    let mut county = county();
    let id = sent(&mut county, None);
    let declined = ActRequest::Decline { reason: DeclineReason::NoCapacity, note: "".into() };
    let view = county.office(CLINIC).act(&id, declined);
    county.office(CLINIC).act(&id, strike(&view, "decline"));
    county.pump();
    let settle = ActRequest::Settle { note: "none".into(), referral: None };
    assert!(county.office(HOSPITAL).failure(&id, settle).message.contains("once the referral has ended"));
    taken_in(county.office(CLINIC), &id);
}

#[test]
fn who_was_said_to_have_died_in_the_wrong_referral_is_on_record_as_living() {
    for known_otherwise in [false, true] {
        let mut county = county();
        let id = sent(&mut county, None);
        let clinic = county.office(CLINIC);
        taken_in(clinic, &id);
        let ended = clinic.act(&id, close(Outcome::Deceased));
        let person = clinic.threads()[0].person.expect("linked").to_string();
        if known_otherwise {
            let died =
                PersonEdit { person: person.as_str().into(), died: Some("2026-05-01".into()), ..PersonEdit::default() };
            let _: PersonView = clinic.done(&Care::PersonEdit(Box::new(died)));
        }
        let view = clinic.act(&id, strike(&ended, "close"));
        let shown: PersonView = clinic.done(&Care::PersonShow { person: person.as_str().into() });
        let expected = if known_otherwise { "2026-05-01" } else { "" };
        assert_eq!(shown.fields.died.reveal(), expected);
        assert_eq!(timers(&view) == [Timer::Died], known_otherwise, "{:?}", timers(&view));
    }
}

#[test]
fn what_staff_heard_of_a_partner_off_the_network_is_struck_as_its_word() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Stone Chapel Beds", None, 90);
    let id = hospital.done::<ThreadView>(&Care::ReferralRefer(super::outside::refer(&consent))).row.id.to_string();
    let letter = LetterAsk { thread: id.clone(), ..LetterAsk::default() };
    let _: LetterView = hospital.done(&Care::ReferralLetter(letter));
    let heard = |act| Care::ReferralHeard { thread: id.clone(), act, from: "Ottoline Marsh".into() };
    let _: ThreadView = hospital.done(&heard(accept()));
    let ended: ThreadView = hospital.done(&heard(close(Outcome::Moved)));
    assert_eq!(ended.row.status.as_deref(), Some("failed"));
    hospital.act(&id, ActRequest::Settle { note: "the shelter".into(), referral: None });
    let view = hospital.act(&id, strike(&ended, "close"));
    assert_eq!(view.row.status.as_deref(), Some("accepted"));
    assert!(view.history.iter().any(|line| line.act == "settle" && line.without_effect.is_some()), "asked for again");
}

#[test]
fn what_comes_next_after_a_decline_that_is_struck_is_asked_for_again_once_the_consent_ends() {
    let mut county = county();
    let id = sent(&mut county, None);
    let declined = ActRequest::Decline { reason: DeclineReason::NoCapacity, note: "".into() };
    let view = county.office(CLINIC).act(&id, declined);
    county.pump();
    let settle = ActRequest::Settle { note: "looks elsewhere".into(), referral: None };
    county.office(HOSPITAL).act(&id, settle);
    county.office(CLINIC).act(&id, strike(&view, "decline"));
    county.pump();
    let hospital = county.office(HOSPITAL);
    let consent = hospital.thread(&id).consent.to_string();
    hospital.done::<ConsentView>(&Care::ConsentRevoke { consent, party: None, spoken: true });
    assert!(timers(&hospital.thread(&id)).contains(&Timer::TakenBack), "{:?}", hospital.thread(&id).row.due);
}

#[test]
fn who_was_put_on_record_as_having_died_by_a_partners_word_that_was_struck_is_looked_for_and_corrected() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    let ended = county.office(CLINIC).act(&id, close(Outcome::Deceased));
    county.pump();
    let hospital = county.office(HOSPITAL);
    let person = hospital.threads()[0].person.expect("on record");
    let edit = |died: &str| {
        let died = Some(died.into());
        Care::PersonEdit(Box::new(PersonEdit {
            person: person.to_string().as_str().into(),
            died,
            ..PersonEdit::default()
        }))
    };
    let _: PersonView = hospital.done(&edit("yes"));
    county.office(CLINIC).act(&id, strike(&ended, "close"));
    county.pump();
    let hospital = county.office(HOSPITAL);
    let view = hospital.thread(&id);
    let row = view.row.due.iter().find(|due| due.timer == Timer::Lives).expect("a row");
    assert!(row.ours && row.what.contains("struck the word that the person had died"), "{row:?}");
    assert_eq!(row.next, format!("belay person edit {}, with the line `died:`", person.short()));
    assert!(timers(&view).contains(&Timer::FirstAppointment) && !timers(&view).contains(&Timer::Died));
    let _: PersonView = hospital.done(&edit(""));
    assert_eq!(timers(&hospital.thread(&id)), [Timer::FirstAppointment]);
}
