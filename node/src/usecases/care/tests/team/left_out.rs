//! A person asked who was referred to, to leave out one of the team (42 CFR 2.26).

use super::*;
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{ByHand, Stands, Why};

#[test]
fn where_one_of_the_team_is_left_out_nothing_is_told_on_the_page_that_it_reads_and_the_rest_goes_on() {
    let mut county = four();
    let (id, _) = begun(&mut county, shares());
    taken_in(county.office(CLINIC), &id);
    county.pump();
    let clinic = county.office(CLINIC);
    let ask = PersonRestrict {
        person: "Zephyrine Quillfeather".into(),
        restriction: RestrictionRequest {
            asked: "not the shelter".into(),
            to: Some(NAMES[SHELTER].to_owned()),
            ..RestrictionRequest::default()
        },
    };
    let preview: RestrictPreview = clinic.done(&Care::PersonRestrictPreview(ask.clone()));
    assert!(
        preview.touches[0].says.starts_with("All who work on the referral from County Hospital"),
        "{:?}",
        preview.touches
    );
    clinic.done::<PersonView>(&Care::PersonRestrict(ask));
    // It is said of each: who is not to be told, and who reads the same page. What may be told those is told apart from it.
    let stays = clinic.thread(&id).left_out;
    let referral = stays.iter().find(|one| one.information == Information::Referral).expect("it stays here");
    assert_eq!(referral.spared, [NAMES[SHELTER]]);
    let mut also = referral.also.clone();
    also.sort_unstable();
    assert_eq!(also, [NAMES[HOSPITAL], NAMES[PEERS]]);
    assert!(referral.of_team().is_some_and(|says| says.contains("told apart from the page")));
    for (to, permitted) in [(HOSPITAL, true), (PEERS, true), (SHELTER, false)] {
        let ask = Care::ConsentOnward(OnwardAsk {
            thread: id.clone(),
            to: NAMES[to].to_owned(),
            information: Information::Referral,
            purpose: "treatment".to_owned(),
            contract: false,
            told: None,
        });
        let view: OnwardView = clinic.done(&ask);
        assert_eq!(view.permitted, permitted, "{}: {}", NAMES[to], view.says);
    }
    let act = clinic.act(&id, slept_here());
    assert!(act.history.last().is_some_and(|line| line.local && line.without_effect.is_none()));
    let refused = clinic.refused(&Care::ReferralAct { thread: id.clone(), act: message("she sleeps here") });
    assert!(refused.1.contains("42 CFR 2.26"), "{}", refused.1);
    let told = clinic.act(&id, tablets());
    let list = told.history.iter().find(|line| line.act == "medication").expect("written");
    assert!(!list.local, "the shelter never read that kind");
    county.pump();
    for office in [HOSPITAL, SHELTER, PEERS] {
        assert!(!holds(&mut county, office, &id, "slept here"), "office {office} was told");
    }
    assert!(holds(&mut county, HOSPITAL, &id, "medication buprenorphine"));
    // What the others promised nobody they go on telling.
    county.office(SHELTER).act(&id, slept_here());
    county.pump();
    assert!(holds(&mut county, CLINIC, &id, "slept here") && holds(&mut county, HOSPITAL, &id, "slept here"));
}

/// A referral to a team, with the person on record at the shelter too.
fn at_the_shelter() -> (County, String) {
    let mut county = four();
    let (id, _) = begun(&mut county, shares());
    taken_in(county.office(CLINIC), &id);
    county.pump();
    county.office(SHELTER).done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&id)));
    (county, id)
}

fn bed(days: u64, office: &Office) -> Meeting {
    Meeting::at(office.now.plus(days * DAY), "bed 4".into(), Mode::InPerson, "".into())
}

/// The person asks the shelter to tell nobody; gives the number by which they are let in again.
fn silent(shelter: &mut Office) -> String {
    let ask = PersonRestrict {
        person: "Zephyrine Quillfeather".into(),
        restriction: RestrictionRequest { asked: "tell nobody".into(), ..RestrictionRequest::default() },
    };
    shelter.done::<PersonView>(&Care::PersonRestrict(ask)).left_out[0].id.to_string()
}

fn let_in(shelter: &mut Office, what: String) {
    let ask = PersonLetIn { person: "Zephyrine Quillfeather".into(), what, spoken: true };
    shelter.done::<PersonView>(&Care::PersonLetIn(ask));
}

fn by_hand(view: &ThreadView) -> Vec<ByHand> {
    let ours = view.row.due.iter().filter(|due| due.ours);
    ours.filter_map(|due| if let Timer::ByHand { what } = due.timer { Some(what) } else { None }).collect()
}

#[test]
fn an_own_appointment_that_was_moved_while_the_team_was_left_out_is_said_again_by_hand() {
    let (mut county, id) = at_the_shelter();
    let shelter = county.office(SHELTER);
    shelter.act(&id, ActRequest::Schedule(bed(2, shelter)));
    county.pump();
    let shelter = county.office(SHELTER);
    let what = silent(shelter);
    let moved = ActRequest::Reschedule { to: bed(4, shelter), why: Why::default() };
    shelter.act(&id, moved.clone());
    assert!(by_hand(&shelter.thread(&id)).is_empty());
    let_in(shelter, what);
    assert_eq!(by_hand(&shelter.thread(&id)), [ByHand::Appointment]);
    assert!(by_hand(&shelter.act(&id, moved)).is_empty());
    county.pump();
    assert!(by_hand(&county.office(CLINIC).thread(&id)).is_empty());
    let at = |office: &mut Office| office.thread(&id).visits[0].appointment.as_ref().map(|to| to.at);
    let here = at(county.office(SHELTER));
    assert_eq!(at(county.office(HOSPITAL)), here);
}

#[test]
fn who_came_after_all_while_the_team_was_left_out_is_said_again_by_hand_also_after_the_referral_has_ended() {
    let (mut county, id) = at_the_shelter();
    let shelter = county.office(SHELTER);
    shelter.act(&id, ActRequest::Schedule(bed(1, shelter)));
    shelter.now = shelter.now.plus(2 * DAY);
    shelter.act(&id, ActRequest::NoShow { when: None, why: Why::default() });
    county.pump();
    let shelter = county.office(SHELTER);
    let what = silent(shelter);
    let came = || ActRequest::Attend { when: None };
    shelter.act(&id, came());
    let_in(shelter, what);
    assert_eq!(by_hand(&shelter.thread(&id)), [ByHand::Came]);
    let end = ActRequest::Close { outcome: Outcome::ServicesReceived, note: "".into(), barriers: Vec::new() };
    county.office(CLINIC).act(&id, end);
    county.pump();
    let shelter = county.office(SHELTER);
    assert_eq!(by_hand(&shelter.thread(&id)), [ByHand::Came], "they still take it for missed");
    assert!(by_hand(&shelter.act(&id, came())).is_empty());
    county.pump();
    for office in [SHELTER, CLINIC, HOSPITAL] {
        assert_eq!(county.office(office).thread(&id).visits[0].stands, Stands::Attended, "office {office}");
    }
}

#[test]
fn who_came_while_the_team_was_left_out_is_told_to_have_come_on_that_day() {
    let (mut county, id) = at_the_shelter();
    let shelter = county.office(SHELTER);
    shelter.act(&id, ActRequest::Schedule(bed(1, shelter)));
    county.pump();
    let shelter = county.office(SHELTER);
    let what = silent(shelter);
    shelter.now = shelter.now.plus(DAY);
    let came = || ActRequest::Attend { when: None };
    shelter.act(&id, came());
    let day = shelter.now;
    assert_eq!(shelter.thread(&id).came_here, Some(day));
    shelter.now = shelter.now.plus(8 * DAY);
    let_in(shelter, what);
    assert_eq!(by_hand(&shelter.thread(&id)), [ByHand::Came]);
    assert_eq!(shelter.act(&id, came()).came_here, None, "they know");
    county.pump();
    for office in [HOSPITAL, SHELTER] {
        assert_eq!(county.office(office).thread(&id).visits[0].attended, Some(day), "office {office}");
    }
    // From then on a visit is one of now.
    let shelter = county.office(SHELTER);
    shelter.now = shelter.now.plus(DAY);
    let now = shelter.now;
    assert!(shelter.act(&id, came()).visits[0].attended.is_some_and(|at| at >= now));
}

#[test]
fn nobody_came_to_an_own_appointment_that_the_team_never_heard_of_and_that_stays_here_as_it_did() {
    let (mut county, id) = at_the_shelter();
    let shelter = county.office(SHELTER);
    let what = silent(shelter);
    shelter.act(&id, ActRequest::Schedule(bed(1, shelter)));
    let_in(shelter, what);
    shelter.now = shelter.now.plus(2 * DAY);
    assert!(shelter.thread(&id).may.iter().any(|may| may == "no-show"));
    let view = shelter.act(&id, ActRequest::NoShow { when: None, why: Why::default() });
    assert!(view.history.last().is_some_and(|line| line.local) && by_hand(&view).is_empty());
    assert_eq!(view.visits[0].stands, Stands::Missed);
    county.pump();
    assert!(county.office(HOSPITAL).thread(&id).visits.is_empty());
}
