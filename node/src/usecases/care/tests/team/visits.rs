//! Appointments of a team's own, told as acts: who made one has it in its list, and all of the team see it.

use super::*;
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{Place, Stands, Why};

fn tuesday(county: &mut County) -> Time {
    Time(county.office(SHELTER).now.0 + 2 * DAY)
}

fn schedule(at: Time) -> ActRequest {
    ActRequest::Schedule(Meeting::at(at, "bed 4".into(), Mode::InPerson, "".into()))
}

/// How the appointment of one stands, as an office reads it.
fn stands(county: &mut County, office: usize, id: &str, whose: &str) -> Option<(Stands, Option<Time>)> {
    let view = county.office(office).thread(id);
    let visit = view.visits.iter().find(|visit| visit.org_name == whose)?;
    Some((visit.stands, visit.appointment.as_ref().map(|to| to.at)))
}

/// Timers of an office on which it should act.
fn ours(county: &mut County, office: usize, id: &str) -> Vec<(Timer, bool)> {
    let due = county.office(office).thread(id).row.due;
    due.into_iter().filter(|due| due.ours).map(|due| (due.timer, due.overdue)).collect()
}

#[test]
fn each_of_a_team_has_an_appointment_of_its_own_that_all_see_and_it_alone_changes() {
    let mut county = four();
    let (id, _) = begun(&mut county, shares());
    taken_in(county.office(CLINIC), &id);
    let at = tuesday(&mut county);
    county.office(SHELTER).act(&id, schedule(at));
    county.office(HOSPITAL).act(&id, schedule(at.plus(DAY)));
    county.pump();
    for office in [HOSPITAL, CLINIC, SHELTER, PEERS] {
        let whose = if office == SHELTER { "" } else { NAMES[SHELTER] };
        assert_eq!(stands(&mut county, office, &id, whose), Some((Stands::Scheduled, Some(at))), "{}", NAMES[office]);
    }
    assert_eq!(stands(&mut county, PEERS, &id, NAMES[HOSPITAL]), Some((Stands::Scheduled, Some(at.plus(DAY)))));
    let clinic = county.office(CLINIC).thread(&id);
    assert!(clinic.appointment.is_none(), "the referral has none");
    assert_eq!(clinic.row.status.as_deref(), Some(Place::Accepted.status()));

    let to = Meeting::at(at.plus(DAY), "bed 5".into(), Mode::InPerson, "".into());
    let moved = ActRequest::Reschedule { to, why: Why::default() };
    let refused = county.office(PEERS).refused(&Care::ReferralAct { thread: id.clone(), act: moved.clone() });
    assert!(refused.1.contains("your organisation made no appointment"), "{}", refused.1);
    county.office(SHELTER).act(&id, moved);
    county.pump();
    assert_eq!(stands(&mut county, CLINIC, &id, NAMES[SHELTER]), Some((Stands::Scheduled, Some(at.plus(DAY)))));
    let told = county.office(CLINIC).thread(&id).history;
    assert_eq!(told.iter().filter(|line| line.own).count(), 3);
}

#[test]
fn its_owner_alone_is_asked_whether_the_person_came_and_after_a_missed_one_for_a_new_one() {
    let mut county = four();
    let (id, _) = begun(&mut county, shares());
    taken_in(county.office(CLINIC), &id);
    let at = tuesday(&mut county);
    county.office(SHELTER).act(&id, schedule(at));
    county.pump();
    assert!(ours(&mut county, SHELTER, &id).contains(&(Timer::AppointmentPassed, false)));
    county.sleep(3 * DAY);
    assert_eq!(ours(&mut county, SHELTER, &id), [(Timer::AppointmentPassed, true)]);
    let list = county
        .office(SHELTER)
        .done::<ThreadsView>(&Care::ReferralList(ListAsk { part: Part::Ours, ..ListAsk::default() }));
    assert_eq!(list.threads.len(), 1, "it waits for the shelter");
    assert_eq!(ours(&mut county, PEERS, &id), [], "and for nobody else");
    county.office(SHELTER).act(&id, ActRequest::NoShow { when: None, why: Why::default() });
    county.pump();
    assert_eq!(stands(&mut county, PEERS, &id, NAMES[SHELTER]), Some((Stands::Missed, Some(at))));
    assert_eq!(ours(&mut county, SHELTER, &id), [(Timer::NewAppointment, false)]);
    county.office(SHELTER).act(&id, ActRequest::Attend { when: None });
    county.pump();
    assert_eq!(ours(&mut county, SHELTER, &id), []);
    assert!(county.office(PEERS).thread(&id).attended.is_none(), "no visit of the referral");
}

#[test]
fn after_the_consent_ended_by_itself_the_sender_is_still_asked_whether_the_person_came_to_it_and_nobody_else_is() {
    let mut county = four();
    let (id, _) = begun(&mut county, shares());
    taken_in(county.office(CLINIC), &id);
    let at = Time(county.office(HOSPITAL).now.0 + 89 * DAY);
    county.office(HOSPITAL).act(&id, schedule(at));
    county.pump();
    county.sleep(91 * DAY);
    county.pump();
    let asked = |county: &mut County, office| {
        ours(county, office, &id).into_iter().filter(|(timer, _)| *timer == Timer::AppointmentPassed).count()
    };
    assert_eq!([HOSPITAL, CLINIC, SHELTER, PEERS].map(|office| asked(&mut county, office)), [1, 0, 0, 0]);
    let before = county.office(CLINIC).entries();
    let line = county.office(HOSPITAL).act(&id, ActRequest::Attend { when: None }).history.pop().expect("a line");
    assert!(line.local && line.without_effect.is_none(), "{}", line.act);
    assert_eq!(asked(&mut county, HOSPITAL), 0);
    county.pump();
    assert_eq!(county.office(CLINIC).entries(), before, "it stays in the house");
}
