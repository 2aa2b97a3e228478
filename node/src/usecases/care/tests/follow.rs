//! What happens around a referral: each kind in its own space, kept here where the consent has no way, and nothing closed by silence.

use super::office::{County, Office};
use super::{CLINIC, HOSPITAL, SHELTER, accept, county, in_care, message, send, sent, taken_in};
use crate::api::FailureClass;
use crate::api::care::*;
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{
    Attempt, Barrier, Channel, Contact, CrisisPlan, DeclineReason, Handoff, Information, Leaving, Medication, Medicine,
    Mode, NeedStatus, Outcome, Reached, Seen, Setting, Stage, Summary, SummaryKind, Symptoms, TeachBack, Transition,
    Why,
};
use belay_protocol::time::{DAY, Time};

const NAME: &str = "Zephyrine Quillfeather";

/// A referral under a consent that tells these kinds and lets those back.
fn told(county: &mut County, tell: &[Information], back: &[Information]) -> (ConsentView, String) {
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    let consent = hospital.consent_to_tell("Ridge Clinic", tell.to_vec(), Some(back.to_vec()), 90);
    let thread = hospital.send(&consent).row.id.to_string();
    county.pump();
    (consent, thread)
}

fn need(text: &str) -> ActRequest {
    ActRequest::Need(NeedRequest { text: Some(text.into()), ..NeedRequest::default() })
}

fn why(note: &str) -> Why {
    Why { barriers: vec![Barrier::Transportation], note: note.into() }
}

fn summary() -> ActRequest {
    ActRequest::Summary(Summary { kind: SummaryKind::Discharge, text: "went home on 8 mg".into() })
}

fn check_in() -> ActRequest {
    ActRequest::CheckIn(CheckInRequest {
        satisfaction: Some(4),
        naloxone_kits: Some(2),
        housing: Some(belay_protocol::referral::Housing::Stable),
        symptoms: Some(Symptoms::Mild),
        ..in_care(Stage::Start)
    })
}

impl Office {
    fn kinds(&mut self, thread: &str, act: &str) -> Vec<bool> {
        self.thread(thread).history.iter().filter(|l| l.act == act).map(|l| l.local).collect()
    }
}

#[test]
fn needs_go_into_a_space_of_their_own_and_nowhere_without_consent() {
    let mut county = county();
    let (plain, _) = told(&mut county, &[], &[Information::Referral]);
    let with_needs = |consent: &ConsentView| match send(consent) {
        Care::ReferralSend(send) => {
            Care::ReferralSend(Send { needs: vec!["ride on Tuesday".into(), "a room".into()], ..send })
        }
        other => other,
    };
    let (class, message) = county.office(HOSPITAL).refused(&with_needs(&plain));
    assert_eq!(class, FailureClass::NotPermitted);
    assert!(message.contains("social"), "{message}");

    let tell = vec![Information::Referral, Information::Identity, Information::Social];
    let consent = county.office(HOSPITAL).consent_to_tell("Ridge Clinic", tell, None, 90);
    let id = county.office(HOSPITAL).done::<ThreadView>(&with_needs(&consent)).row.id.to_string();
    county.pump();
    let shown = county.office(CLINIC).thread(&id);
    let texts: Vec<&str> = shown.needs.iter().map(|need| need.reveal().as_str()).collect();
    assert_eq!(texts, ["ride on Tuesday", "a room"]);
    let told = county.office(HOSPITAL).done::<DisclosuresView>(&Care::Disclosures(DisclosuresAsk {
        to: Some("Ridge Clinic".to_owned()),
        ..DisclosuresAsk::default()
    }));
    let now = county.office(HOSPITAL).now;
    let turned = DisclosuresAsk {
        to: Some("Ridge Clinic".to_owned()),
        since: Some(now),
        until: Some(Time(now.0 - DAY)),
        ..DisclosuresAsk::default()
    };
    let refused = county.office(HOSPITAL).refused(&Care::Disclosures(turned));
    assert!(refused.1.contains("lies before"), "{refused:?}");
    assert_eq!(
        told.disclosures.iter().filter(|d| d.information == Information::Social).count(),
        3,
        "notice and two needs"
    );
    let none = NeedRequest { need: Some("1".to_owned()), rank: Some(0), ..NeedRequest::default() };
    let refused =
        county.office(HOSPITAL).refused(&Care::ReferralAct { thread: id.clone(), act: ActRequest::Need(none) });
    assert!(refused.1.contains("rank 1"), "{refused:?}");
    // The first is dealt with; rank and id both name it.
    let lifted = NeedRequest { need: Some("1".to_owned()), status: Some(NeedStatus::Lifted), ..NeedRequest::default() };
    let view = county.office(HOSPITAL).act(&id, ActRequest::Need(lifted));
    assert_eq!(view.needs.len(), 1);
    assert!(view.follow.needs[0].lifted && !view.follow.needs[1].lifted);
    let said: Vec<&str> = view.history.iter().map(|l| l.act.as_str()).filter(|act| act.starts_with("need")).collect();
    assert_eq!(said, ["need", "need", "need changed"]);
}

#[test]
fn each_kind_gets_its_space_when_it_is_first_told_and_is_refused_without_consent() {
    let mut county = county();
    let tell = [Information::Referral, Information::Identity, Information::Crisis, Information::Medication];
    let (_, id) = told(&mut county, &tell, &[Information::Referral]);
    assert_eq!(county.office(CLINIC).thread_spaces().len(), 2, "nothing is opened before it is told");
    let plan = CrisisPlan { naloxone: "in the kitchen".into(), ..CrisisPlan::default() };
    county.office(HOSPITAL).act(&id, ActRequest::Crisis(plan.into()));
    let medicine = Medicine { name: "buprenorphine".into(), dose: "8 mg".into(), ..Medicine::default() };
    let medication = |medicine: &Medicine| {
        ActRequest::Medication(Medication { medicines: vec![medicine.clone()], ..Medication::default() }.into())
    };
    county.office(HOSPITAL).act(&id, medication(&medicine));
    county.office(HOSPITAL).act(&id, medication(&Medicine { dose: "12 mg".into(), ..medicine }));
    county.pump();
    assert_eq!(county.office(CLINIC).thread_spaces().len(), 4);
    let follow = county.office(CLINIC).thread(&id).follow;
    assert_eq!(follow.crisis.expect("a plan").1.naloxone.reveal(), "in the kitchen");
    assert_eq!(follow.medication.expect("a medication").1.medicines[0].dose.reveal(), "12 mg");
    let (class, message) = county.office(HOSPITAL).refused(&Care::ReferralAct { thread: id, act: summary() });
    assert_eq!(class, FailureClass::NotPermitted);
    assert!(message.contains("clinical"), "{message}");
    assert!(county.office(SHELTER).thread_spaces().is_empty());
}

#[test]
fn a_list_that_names_an_allergy_alone_takes_no_medicine_away() {
    let mut county = county();
    let tell = [Information::Referral, Information::Identity, Information::Medication];
    let (_, id) = told(&mut county, &tell, &[Information::Referral]);
    let hospital = county.office(HOSPITAL);
    let list = |medicines: &[&str], takes_none, allergies: &str| {
        let medicine = |name: &&str| Medicine { name: (*name).into(), ..Medicine::default() };
        ActRequest::Medication(MedicationRequest {
            medicines: (!medicines.is_empty()).then(|| medicines.iter().map(medicine).collect()),
            takes_none,
            allergies: (!allergies.is_empty()).then(|| allergies.into()),
            note: None,
        })
    };
    let nothing = Care::ReferralAct { thread: id.clone(), act: list(&[], false, "penicillin") };
    let (_, why) = hospital.refused(&nothing);
    assert!(why.contains("what the person takes"), "nobody said whether the person takes anything: {why}");
    hospital.act(&id, list(&["buprenorphine"], false, ""));
    let after = |hospital: &mut super::office::Office, act| {
        let (_, list) = hospital.act(&id, act).follow.medication.expect("a list");
        let names: Vec<String> = list.medicines.iter().map(|m| m.name.reveal().clone()).collect();
        (names, list.takes_none, list.allergies.reveal().clone())
    };
    let one = |name: &str| vec![name.to_owned()];
    assert_eq!(after(hospital, list(&[], false, "penicillin")), (one("buprenorphine"), false, "penicillin".to_owned()));
    assert_eq!(after(hospital, list(&["methadone"], false, "")), (one("methadone"), false, "penicillin".to_owned()));
    assert_eq!(after(hospital, list(&[], true, "")), (Vec::new(), true, "penicillin".to_owned()));
    let cleared = MedicationRequest { allergies: Some("".into()), ..MedicationRequest::default() };
    assert_eq!(after(hospital, ActRequest::Medication(cleared)), (Vec::new(), true, String::new()));
}

#[test]
fn whom_the_plan_names_no_more_is_called_no_more_and_what_is_not_given_stays() {
    let mut county = county();
    let tell = [Information::Referral, Information::Identity, Information::Crisis];
    let (_, id) = told(&mut county, &tell, &[Information::Referral]);
    let hospital = county.office(HOSPITAL);
    let contact = Contact { name: "Cody".into(), phone: "618-555-0199".into(), relation: "".into() };
    let plan = CrisisPlan { contacts: vec![contact], wishes: "Ridge, not County".into(), ..CrisisPlan::default() };
    hospital.act(&id, ActRequest::Crisis(plan.into()));
    let kitchen = PlanRequest { naloxone: Some("in the kitchen".into()), ..PlanRequest::default() };
    let (_, plan) = hospital.act(&id, ActRequest::Crisis(kitchen)).follow.crisis.expect("a plan");
    assert_eq!((plan.contacts.len(), plan.wishes.reveal().as_str()), (1, "Ridge, not County"));
    let nobody = PlanRequest { contacts: Some(Vec::new()), wishes: Some("".into()), ..PlanRequest::default() };
    let (_, plan) = hospital.act(&id, ActRequest::Crisis(nobody)).follow.crisis.expect("a plan");
    assert!(plan.contacts.is_empty() && plan.wishes.reveal().is_empty());
    assert_eq!(plan.naloxone.reveal(), "in the kitchen");
}

#[test]
fn words_about_symptoms_are_not_dropped_where_nobody_said_how_strong_they_are() {
    let mut county = county();
    let (_, id) = told(&mut county, &[], &[Information::Referral]);
    let act = ActRequest::CheckIn(CheckInRequest { symptoms_note: "sweats at night".into(), ..in_care(Stage::Day30) });
    let (_, why) = county.office(HOSPITAL).refused(&Care::ReferralAct { thread: id, act });
    assert!(why.contains("how strong"), "{why}");
}

#[test]
fn whom_nobody_took_in_is_on_the_list_of_who_referred_until_it_is_said_what_comes_next() {
    let mut county = county();
    let id = sent(&mut county, None);
    county.pump();
    let decline = ActRequest::Decline { reason: DeclineReason::NoCapacity, note: "".into() };
    county.office(CLINIC).act(&id, decline);
    county.pump();
    let hospital = county.office(HOSPITAL);
    let view = hospital.thread(&id);
    assert_eq!(view.row.due.iter().map(|due| due.timer).collect::<Vec<_>>(), [Timer::Rehome]);
    assert!(view.row.due[0].next.contains("settle") && view.may.contains(&"settle".to_owned()));
    let close = ActRequest::Close { outcome: Outcome::ServicesReceived, note: "".into(), barriers: Vec::new() };
    let (_, why) = hospital.refused(&Care::ReferralAct { thread: id.clone(), act: close });
    assert!(why.contains("nothing was recorded"), "{why}");
    let view = hospital.act(&id, ActRequest::Settle { note: "Harbor Shelter has a bed".into(), referral: None });
    assert!(view.row.due.is_empty() && !view.may.contains(&"settle".to_owned()));
    assert_eq!(view.row.status.as_deref(), Some("rejected"), "it stays declined");
    let line = view.history.last().expect("a line");
    assert!(line.act == "settle" && line.local && line.without_effect.is_none());
    county.pump();
    assert!(county.office(CLINIC).thread(&id).history.iter().all(|line| line.act != "settle"), "and nobody is told");
}

#[test]
fn a_withdrawal_is_taken_back_and_who_comes_after_all_has_come() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    let withdraw = || ActRequest::Withdraw { reason: "moved".into() };
    county.office(HOSPITAL).act(&id, withdraw());
    let view = county.office(HOSPITAL).act(&id, ActRequest::Resume { note: "a mistake".into() });
    assert_eq!(view.row.business.as_deref(), Some("5.1"));
    county.office(HOSPITAL).act(&id, withdraw());
    county.pump();
    let view = county.office(CLINIC).act(&id, ActRequest::Attend { when: None });
    assert_eq!(view.row.business.as_deref(), Some("5.1.4"));
    let ahead = Time(county.office(CLINIC).now.0 + 5 * 365 * DAY);
    let (_, why) =
        county.office(CLINIC).refused(&Care::ReferralAct { thread: id, act: ActRequest::Attend { when: Some(ahead) } });
    assert!(why.contains("has not come yet"), "{why}");
}

#[test]
fn a_kind_that_only_comes_back_has_a_space_for_it_from_the_start() {
    let mut county = county();
    let back = [Information::Referral, Information::Clinical];
    let (_, id) = told(&mut county, &[], &back);
    county.office(CLINIC).done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&id)));
    county.office(CLINIC).act(&id, summary());
    county.pump();
    let seen = county.office(HOSPITAL).thread(&id);
    assert_eq!(seen.follow.summaries.len(), 1);
    assert_eq!(seen.follow.summaries[0].1.text.reveal(), "went home on 8 mg");
    let (class, _) = county.office(HOSPITAL).refused(&Care::ReferralAct { thread: id, act: summary() });
    assert_eq!(class, FailureClass::NotPermitted, "the other way is not open");
}

#[test]
fn a_check_in_tells_each_part_where_the_consent_has_a_way_and_keeps_the_rest() {
    let mut county = county();
    let (_, id) = told(&mut county, &[], &[Information::Referral]);
    taken_in(county.office(CLINIC), &id);
    county.office(CLINIC).act(&id, check_in());
    let mut kept = county.office(CLINIC).kinds(&id, "check-in");
    kept.sort_unstable();
    assert_eq!(kept, [false, true, true], "care is told; housing and symptoms stay");
    county.pump();
    assert_eq!(county.office(HOSPITAL).thread(&id).follow.check_ins.len(), 1);
    assert_eq!(county.office(CLINIC).thread(&id).follow.check_ins.len(), 3);
}

#[test]
fn opening_a_referral_acknowledges_it_and_messages_show_how_far_they_came() {
    let mut county = county();
    let id = sent(&mut county, None);
    let state = |county: &mut County| {
        let view = county.office(HOSPITAL).thread(&id);
        let line = view.history.iter().rev().find(|line| line.act == "message").expect("a message").clone();
        (line.delivery, view.acknowledged.is_some())
    };
    county.office(HOSPITAL).act(&id, message("she starts today"));
    assert_eq!(state(&mut county), (Some(DeliveryState::Waiting), false));
    county.pump();
    assert_eq!(state(&mut county), (Some(DeliveryState::Delivered), false));
    county.office(CLINIC).thread(&id);
    county.office(CLINIC).thread(&id);
    county.pump();
    assert_eq!(state(&mut county), (Some(DeliveryState::Read), true));
    let seen = county.office(HOSPITAL).thread(&id);
    assert_eq!(seen.history.iter().filter(|line| line.act == "acknowledge").count(), 1);
}

#[test]
fn without_a_way_back_the_machine_says_delivered_and_nobody_says_read() {
    let mut county = county();
    let id = sent(&mut county, Some(Vec::new()));
    county.office(HOSPITAL).act(&id, message("she starts today"));
    county.pump();
    let shown = county.office(CLINIC).thread(&id);
    assert!(shown.acknowledged.is_some(), "the response time is kept where it was");
    assert_eq!(county.office(CLINIC).kinds(&id, "acknowledge"), [true]);
    let before = county.office(HOSPITAL).entries();
    county.pump();
    let seen = county.office(HOSPITAL).thread(&id);
    assert_eq!((county.office(HOSPITAL).entries(), seen.acknowledged), (before, None));
    let line = seen.history.iter().find(|line| line.act == "message").expect("a message");
    assert_eq!(line.delivery, Some(DeliveryState::Delivered));
}

#[test]
fn a_need_is_lifted_when_the_referral_that_springs_from_it_ends_well_and_neither_side_learns_of_the_other() {
    let mut county = county();
    let tell = [Information::Referral, Information::Identity, Information::Social];
    let (_, id) = told(&mut county, &tell, &[Information::Referral]);
    county.office(HOSPITAL).act(&id, need("a ride"));
    let ride = county.office(HOSPITAL).consent("Harbor Shelter", Some(vec![Information::Referral]), 90);
    let ask = match send(&ride) {
        Care::ReferralSend(send) => Care::ReferralSend(Send { lifts: Some(format!("{id}:1")), ..send }),
        other => other,
    };
    let linked = county.office(HOSPITAL).done::<ThreadView>(&ask).row.id.to_string();
    county.pump();
    let view = county.office(HOSPITAL).thread(&id);
    assert_eq!(view.follow.needs[0].referrals.len(), 1);
    assert!(!view.follow.needs[0].lifted);
    let at_shelter = county.office(SHELTER).thread(&linked);
    assert!(at_shelter.follow.lifts.is_none() && !county.office(SHELTER).holds(b"a ride"));
    taken_in(county.office(SHELTER), &linked);
    let done = ActRequest::Close { outcome: Outcome::ServicesReceived, note: "".into(), barriers: Vec::new() };
    county.office(SHELTER).act(&linked, done);
    county.pump();
    let view = county.office(HOSPITAL).thread(&id);
    assert!(view.follow.needs[0].lifted && view.needs.is_empty());
    let wrong = match send(&ride) {
        Care::ReferralSend(send) => Care::ReferralSend(Send { lifts: Some(format!("{id}:9")), ..send }),
        other => other,
    };
    assert!(county.office(HOSPITAL).refused(&wrong).1.contains("no need"));
}

#[test]
fn handoff_transition_sighting_alarm_and_tries_are_told_and_close_nothing() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    let now = county.office(CLINIC).now;
    let acts = [
        ActRequest::Handoff(Handoff {
            mode: Mode::Video,
            at: now,
            from: "Nora".into(),
            to: "Wren".into(),
            teach_back: TeachBack::Understood,
            note: "".into(),
        }),
        ActRequest::Schedule(Meeting::at(now, "".into(), Mode::InPerson, "".into())),
        ActRequest::NoShow { when: None, why: why("the bus did not run") },
        ActRequest::Lost { since: Some(now), note: "telephone is off".into() },
        ActRequest::Attempt(Attempt { at: now, channel: Channel::Visit, result: Reached::NoAnswer, note: "".into() }),
    ];
    let nobody = match &acts[0] {
        ActRequest::Handoff(handoff) => ActRequest::Handoff(Handoff { to: " ".into(), ..handoff.clone() }),
        other => other.clone(),
    };
    let refused = county.office(CLINIC).refused(&Care::ReferralAct { thread: id.clone(), act: nobody });
    assert!(refused.1.contains("who took over"), "{refused:?}");
    for act in acts {
        county.office(CLINIC).act(&id, act);
    }
    county.pump();
    let seen = county.office(HOSPITAL).thread(&id);
    assert_eq!(seen.row.business.as_deref(), Some("5.1.2"));
    assert!(seen.follow.lost.is_some());
    assert_eq!((seen.follow.handoffs.len(), seen.follow.attempts.len()), (1, 1));
    let missed = seen.history.iter().find(|line| line.act == "no-show").expect("a line");
    assert_eq!(missed.note.reveal(), "transportation: the bus did not run");
    assert_eq!(missed.when, Some(now), "the time of the appointment");
    let met = Seen { setting: Setting::EmergencyDepartment, at: now, note: "".into() };
    county.office(HOSPITAL).act(&id, ActRequest::Seen(met));
    let leaves = Transition { leaving: Leaving::Hospital, on: now, note: "".into() };
    let view = county.office(HOSPITAL).act(&id, ActRequest::Transition(leaves));
    assert_eq!(view.follow.watch_day, Some(0));
    county.pump();
    let at_clinic = county.office(CLINIC).thread(&id);
    assert!(at_clinic.follow.lost.is_none() && at_clinic.follow.seen.is_some());
    county.sleep(400 * DAY / 10);
    let later = county.office(CLINIC).thread(&id);
    assert_eq!(later.row.status.as_deref(), Some("in-progress"), "silence ends nothing");
    assert_eq!(later.follow.watch_day, None);
}

#[test]
fn hold_error_and_withdrawal_reach_the_other_side() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    let empty = Care::ReferralAct { thread: id.clone(), act: ActRequest::Hold { why: Why::default() } };
    assert!(county.office(CLINIC).refused(&empty).1.contains("why"));
    county.office(CLINIC).act(&id, ActRequest::Hold { why: why("no ride until June") });
    county.pump();
    let seen = county.office(HOSPITAL).thread(&id);
    assert_eq!((seen.row.status.as_deref(), seen.row.state.as_str()), (Some("on-hold"), "on hold"));
    assert_eq!(seen.follow.hold.as_ref().map(|why| why.barriers.len()), Some(1));
    county.office(HOSPITAL).act(&id, ActRequest::Withdraw { reason: "moved".into() });
    assert!(county.office(HOSPITAL).thread(&id).may.contains(&"entered in error".to_owned()));
    county.office(HOSPITAL).act(&id, ActRequest::EnteredInError { reason: "another person was meant".into() });
    county.pump();
    let at_clinic = county.office(CLINIC).thread(&id);
    assert_eq!(at_clinic.row.status.as_deref(), Some("entered-in-error"));
    assert_eq!(at_clinic.may, ["message"]);
}

#[test]
fn words_that_hide_the_person_are_hinted_at_and_sent_as_they_are() {
    let mut county = county();
    let id = sent(&mut county, None);
    let view = county.office(HOSPITAL).act(&id, message("she relapsed on Monday"));
    assert_eq!(view.hints.len(), 1);
    assert_eq!(view.history.last().expect("a line").text.reveal(), "she relapsed on Monday");
    assert!(county.office(HOSPITAL).thread(&id).hints.is_empty(), "only while writing");
    assert!(county.office(CLINIC).refused(&Care::ReferralAct { thread: id, act: accept() }).1.contains("link"));
}
