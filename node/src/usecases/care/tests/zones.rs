//! An appointment keeps the clock of the place where it is: for who reads it elsewhere, and on paper.

use super::office::County;
use super::{CLINIC, HOSPITAL, county, sent, taken_in};
use crate::api::care::*;
use crate::api::{Failure, Response};
use crate::forms::Lang;
use belay_protocol::referral::{Mode, Why};
use belay_protocol::time::{DAY, Local, Time};

/// A zone without summer time, in which no machine of the tests stands.
const ZONE: Option<&str> = Some("Asia/Kathmandu");

/// A referral that the clinic took in, and a day soon.
fn taken() -> (County, String, String) {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    let day = Time(county.office(CLINIC).now.0 + 3 * DAY).date();
    (county, id, day)
}

fn meeting(at: &str, zone: Option<&str>) -> ActRequest {
    ActRequest::Schedule(Meeting {
        at: At::Typed(at.to_owned()),
        zone: zone.map(str::to_owned),
        place: "12 Ridge Road".into(),
        mode: Mode::InPerson,
        note: "".into(),
    })
}

fn refused(county: &mut County, id: &str, act: ActRequest) -> Failure {
    match county.office(CLINIC).ask(&Care::ReferralAct { thread: id.to_owned(), act }) {
        Response::Failed(failure) => failure,
        Response::Done(_) => panic!("it was done"),
    }
}

#[test]
fn both_sides_and_the_card_show_what_the_clock_at_the_place_shows() {
    let (mut county, id, day) = taken();
    let typed = format!("{day}T10:00");
    let made = county.office(CLINIC).act(&id, meeting(&typed, ZONE));
    let at = Time::parse(&format!("{day}T10:00:00+05:45")).expect("a time");
    county.pump();
    let read = county.office(HOSPITAL).thread(&id);
    for view in [&made, &read] {
        let to = view.appointment.as_ref().expect("made");
        assert_eq!((to.at, &*to.zone.name, to.zone.offset_minutes), (at, "Asia/Kathmandu", 345));
        let line = view.history.iter().find(|line| line.act == "schedule").expect("told");
        let here = crate::system::written(at);
        let says = format!("{day} 10:00 +05:45 Asia/Kathmandu (here {here}): 12 Ridge Road");
        assert_eq!((line.text.reveal(), line.zone.as_ref()), (&says, Some(&to.zone)));
    }
    // On paper the clock of the place alone.
    let form = Printed::Card { person: "Zephyrine Quillfeather".into(), visit: true };
    for (lang, title) in [(Lang::En, "My next visit"), (Lang::Es, "Mi próxima cita")] {
        for office in [CLINIC, HOSPITAL] {
            let ask = Print::new(form.clone(), Some(lang), Shape::Text);
            let card: PrintView = county.office(office).done(&Care::Print(ask));
            let text = card.form.reveal().replace("\n    ", " ");
            let line = text.lines().find(|line| line.starts_with(title)).unwrap_or_default();
            assert!(line.contains("10:00") && line.contains("Asia/Kathmandu (UTC+05:45)"), "{text}");
            assert!(line.contains("Ridge Clinic") && !line.contains("UTC+00:00"), "{line}");
        }
    }
    // Whoever finds a card reads it: the visit stands on it only where the person wants that.
    let form_without = Printed::Card { person: "Zephyrine Quillfeather".into(), visit: false };
    for lang in [Lang::En, Lang::Es] {
        let ask = Print::new(form_without.clone(), Some(lang), Shape::Text);
        let card: PrintView = county.office(HOSPITAL).done(&Care::Print(ask));
        let text = card.form.reveal();
        assert!(["next visit", "próxima cita", "Kathmandu", "10:00"].iter().all(|word| !text.contains(word)), "{text}");
    }
    // What was struck or is over is on no card.
    county.sleep(4 * DAY);
    let ask = Print::new(form, Some(Lang::En), Shape::Text);
    let card: PrintView = county.office(HOSPITAL).done(&Care::Print(ask));
    assert!(!card.form.reveal().contains("My next visit"));
}

#[test]
fn the_zone_here_is_meant_where_none_is_said_and_a_false_one_is_refused_with_what_to_type() {
    let (mut county, id, day) = taken();
    let typed = format!("{day}T10:00");
    let failure = refused(&mut county, &id, meeting(&typed, Some("Ridge County")));
    assert!(failure.message.contains("no time zone is called Ridge County"), "{}", failure.message);
    assert!(failure.next.is_some_and(|next| next.contains("America/Chicago")));
    assert!(refused(&mut county, &id, meeting(&day, None)).message.contains("that is a day"));
    // A server that goes by no place's clock can mean none.
    if matches!(crate::zones::here().as_str(), "" | "UTC" | "Etc/UTC") {
        let failure = refused(&mut county, &id, meeting(&typed, None));
        assert!(failure.next.is_some_and(|next| next.contains("--zone")), "{}", failure.message);
    } else {
        let made = county.office(CLINIC).act(&id, meeting(&typed, None)).appointment.expect("made");
        let clock = Local { at: made.at, offset_minutes: made.zone.offset_minutes };
        assert_eq!((clock.wall().rfc3339(), clock), (format!("{day}T10:00:00Z"), crate::system::local(made.at)));
    }
}

#[test]
fn an_offset_that_is_typed_is_the_clock_of_the_place_and_what_moves_keeps_place_and_zone() {
    let (mut county, id, day) = taken();
    let typed = meeting(&format!("{day}T10:00:00+05:45"), None);
    let made = county.office(CLINIC).act(&id, typed).appointment.expect("made");
    assert_eq!(made.zone.offset_minutes, 345, "whoever reads it");
    county.office(CLINIC).act(&id, ActRequest::CancelAppointment { why: Why::default() });
    county.office(CLINIC).act(&id, meeting(&format!("{day}T10:00"), ZONE));
    let to = Meeting {
        at: At::Typed(format!("{day}T11:00")),
        zone: None,
        place: "".into(),
        mode: Mode::InPerson,
        note: "".into(),
    };
    let moved = county.office(CLINIC).act(&id, ActRequest::Reschedule { to, why: Why::default() });
    let moved = moved.appointment.expect("moved");
    assert_eq!((&*moved.zone.name, moved.place.reveal().as_str()), ("Asia/Kathmandu", "12 Ridge Road"));
    assert_eq!(moved.at, Time::parse(&format!("{day}T11:00:00+05:45")).expect("a time"));
}

#[test]
fn a_card_shows_no_visit_that_nobody_could_cancel_any_more() {
    let (mut county, id, day) = taken();
    county.office(CLINIC).act(&id, meeting(&format!("{day}T10:00"), ZONE));
    county.pump();
    let card = |county: &mut County| {
        let ask = Print::new(
            Printed::Card { person: "Zephyrine Quillfeather".into(), visit: true },
            Some(Lang::En),
            Shape::Text,
        );
        county.office(HOSPITAL).done::<PrintView>(&Care::Print(ask)).form.reveal().clone()
    };
    assert!(card(&mut county).contains("My next visit"));
    let consent = county.office(HOSPITAL).thread(&id).consent.to_string();
    let _: ConsentView = county.office(HOSPITAL).done(&Care::ConsentRevoke { consent, party: None, spoken: true });
    assert!(!card(&mut county).contains("My next visit"), "the clinic can tell us nothing of it");
}
