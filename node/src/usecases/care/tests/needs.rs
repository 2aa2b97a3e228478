//! What a person's referrals wait for, what lifts it, and that looking at it opens no referral.

use super::{CLINIC, HOSPITAL, SHELTER, accept, county, message};
use crate::api::care::*;
use crate::forms::Lang;
use belay_protocol::referral::{DeclineReason, Information, NeedKind, NeedStatus, Outcome};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::HOUR;

const NAME: &str = "Zephyrine Quillfeather";

const TELL: [Information; 3] = [Information::Referral, Information::Identity, Information::Social];

/// What a ride comes to.
const RIDE: &str = "a ride on Tuesday";

impl super::Office {
    fn waiting(&mut self) -> Vec<String> {
        let person: Personal<String> = NAME.into();
        let view: NeedsView = self.done(&Care::NeedList { person });
        view.needs.iter().map(|need| need.text.reveal().clone()).collect()
    }
}

/// The hospital's referral to the clinic, which waits for a ride.
fn waits_for_a_ride(county: &mut super::County) -> String {
    let hospital = county.office(HOSPITAL);
    hospital.person(NAME);
    let consent = hospital.consent_to_tell("Ridge Clinic", TELL.to_vec(), None, 90);
    let send = Send { needs: vec![RIDE.into()], ..super::plain(&consent) };
    let id = hospital.done::<ThreadView>(&Care::ReferralSend(send)).row.id.to_string();
    county.pump();
    id
}

/// A referral to the shelter that is to lift the need, and what became of it.
fn ride(county: &mut super::County, id: &str, acts: Vec<ActRequest>) {
    let consent = county.office(HOSPITAL).consent("Harbor Shelter", None, 90);
    let send = Send { lifts: Some(format!("{id}:1")), ..super::plain(&consent) };
    let ride = county.office(HOSPITAL).done::<ThreadView>(&Care::ReferralSend(send)).row.id.to_string();
    county.pump();
    county.office(SHELTER).done::<ThreadView>(&Care::ReferralLink(LinkAsk { another: true, ..LinkAsk::new(&ride) }));
    assert!(county.office(HOSPITAL).waiting().is_empty(), "it is on the way");
    for act in acts {
        county.office(SHELTER).act(&ride, act);
    }
    county.sleep(HOUR);
    county.pump();
}

fn close(outcome: Outcome) -> Vec<ActRequest> {
    let close = ActRequest::Close { outcome, note: "".into(), barriers: Vec::new() };
    vec![accept(), ActRequest::Attend { when: None }, close]
}

#[test]
fn what_somebody_waits_for_is_seen_without_opening_the_referral() {
    let mut county = county();
    let id = waits_for_a_ride(&mut county);
    let clinic = county.office(CLINIC);
    clinic.done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&id)));
    county.pump();
    county.office(HOSPITAL).act(&id, message("she starts today"));
    county.pump();
    assert_eq!(county.office(CLINIC).waiting(), [RIDE]);
    county.pump();
    let line = |county: &mut super::County| {
        let view = county.office(HOSPITAL).thread(&id);
        view.history.iter().rev().find(|line| line.act == "message").expect("a message").delivery
    };
    assert_eq!(line(&mut county), Some(DeliveryState::Delivered), "nobody there read it");
    county.office(CLINIC).thread(&id);
    county.pump();
    assert_eq!(line(&mut county), Some(DeliveryState::Read));
}

#[test]
fn a_need_waits_again_once_what_was_to_lift_it_came_to_nothing() {
    let mut county = county();
    let id = waits_for_a_ride(&mut county);
    let declined = ActRequest::Decline { reason: DeclineReason::NoCapacity, note: "".into() };
    ride(&mut county, &id, vec![declined]);
    assert_eq!(county.office(HOSPITAL).waiting(), [RIDE], "it was declined");
    ride(&mut county, &id, close(Outcome::Transferred));
    assert_eq!(county.office(HOSPITAL).waiting(), [RIDE], "it was passed on, and nobody came");
    ride(&mut county, &id, close(Outcome::ServicesReceived));
    assert!(county.office(HOSPITAL).waiting().is_empty());
}

#[test]
fn a_need_that_was_lifted_is_open_again_by_the_later_word_and_by_no_other() {
    let mut county = county();
    let id = waits_for_a_ride(&mut county);
    ride(&mut county, &id, close(Outcome::ServicesReceived));
    let hospital = county.office(HOSPITAL);
    let change = |request: NeedRequest| ActRequest::Need(NeedRequest { need: Some("1".to_owned()), ..request });
    assert!(hospital.thread(&id).follow.needs[0].lifted);
    let named = change(NeedRequest { who: Some("Wren".into()), ..NeedRequest::default() });
    assert!(hospital.act(&id, named).follow.needs[0].lifted, "that somebody else is named opens nothing");
    let open = change(NeedRequest { status: Some(NeedStatus::Open), ..NeedRequest::default() });
    assert!(!hospital.act(&id, open).follow.needs[0].lifted);
    assert_eq!(hospital.waiting(), [RIDE]);
}

#[test]
fn a_need_of_which_the_kind_alone_is_known_is_called_by_it_in_lists_and_letters() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.partner();
    hospital.person(NAME);
    let consent = hospital.consent_to_tell("Stone Chapel Beds", TELL.to_vec(), None, 90);
    let thread: ThreadView = hospital.done(&Care::ReferralRefer(super::outside::refer(&consent)));
    let id = thread.row.id.to_string();
    let need = NeedRequest { kind: Some(NeedKind::Language), ..NeedRequest::default() };
    let view = hospital.act(&id, ActRequest::Need(need));
    assert_eq!(view.needs[0].reveal(), "an interpreter");
    assert_eq!(hospital.waiting(), ["an interpreter"]);
    for (lang, words) in [(Lang::En, "an interpreter"), (Lang::Es, "un intérprete")] {
        let ask = LetterAsk { thread: id.clone(), lang, ..LetterAsk::default() };
        let text = hospital.done::<LetterView>(&Care::ReferralLetter(ask)).text;
        assert!(text.reveal().contains(words), "{}", text.reveal());
    }
}
