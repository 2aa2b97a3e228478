//! Threads to look at.

use super::super::Here;
use super::super::sample::{HOSTILE, frame, hostile_frame};
use super::ThreadPage;
use crate::web::backend::{Consent, Delivery, Due, Happening, Likely, May, Side, ThreadView, Visit, When};
use crate::web::pages::Sample;
use belay_protocol::consent::notice::STATEMENT_1;
use belay_protocol::ids::{PersonId, ThreadId};
use belay_protocol::referral::{Mode, Place, Urgency};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::{DAY, HOUR, Time};

fn now() -> Time {
    Time::parse("2026-11-23T15:00:00Z").unwrap()
}

fn happened(hours_ago: u64, org: &str, staff: &str, what: &str, text: Option<&str>) -> Happening {
    Happening {
        at: Time(now().0 - hours_ago * HOUR),
        org: org.to_owned(),
        staff: staff.into(),
        what: what.to_owned(),
        text: text.map(Personal::from),
        without_effect: None,
        crossed: false,
        local: false,
    }
}

pub(in crate::web) fn incoming() -> ThreadView {
    ThreadView {
        thread: ThreadId([7; 32]),
        side: Side::Incoming,
        ours: "Harper County Clinic".to_owned(),
        partner: "Harper General Emergency Department".to_owned(),
        person: Some("Maria Lopez".into()),
        identity: vec![
            ("Date of birth".to_owned(), "1991-04-02".into()),
            ("Telephone".to_owned(), "(555) 010-0199".into()),
        ],
        place: Place::Sent,
        unanswerable: false,
        urgency: Urgency::Urgent,
        service: Some("Buprenorphine treatment".to_owned()),
        reason: Some("Started buprenorphine in the emergency department last night and wants to go on with it.".into()),
        needs: vec!["Medication within 72 hours".into(), "A ride to the clinic".into()],
        visit: None,
        due: Some(Due { what: "Answer the referral".to_owned(), when: When::By(now().plus(HOUR)), overdue: false }),
        delivery: None,
        likely: vec![Likely {
            person: PersonId([9; 32]),
            name: "Maria Lopez Vega".into(),
            reasons: vec!["same date of birth".to_owned(), "similar name".to_owned()],
        }],
        consent: Some(Consent {
            scope: [
                "Harper General Emergency Department may tell Harper County Clinic: referral (that I was referred, my appointments and whether I came). Purpose: treatment.",
                "Harper County Clinic may tell Harper General Emergency Department: referral (that I was referred, my appointments and whether I came). Purpose: treatment.",
                "Signed 2026-11-23.",
                "Ends on 2027-05-23.",
                "Revoking: in writing, or by telling any of the two organisations.",
            ]
            .map(str::to_owned)
            .to_vec(),
            ended: None,
            notice: Some(STATEMENT_1.to_owned()),
        }),
        history: vec![happened(4, "Harper General Emergency Department", "Ana Reyes", "sent the referral", None)],
        may: May { accept: true, decline: true, message: true, link: true, ..May::default() },
    }
}

fn scheduled() -> ThreadView {
    let mut view = incoming();
    view.place = Place::Scheduled;
    view.visit = Some(Visit {
        at: Time(now().0 - HOUR),
        place: "12 Main Street, door at the back".into(),
        mode: Mode::InPerson,
        note: "Bring the discharge sheet.\nSomebody will wait at the door.".into(),
    });
    view.due = Some(Due {
        what: "Record whether the person came".to_owned(),
        when: When::Since(Time(now().0 - HOUR)),
        overdue: true,
    });
    view.delivery = Some(Delivery::Waiting);
    view.may = May { schedule: true, attend: true, message: true, decline: true, close: true, ..May::default() };
    view.history.extend([
        happened(
            3,
            "Harper County Clinic",
            "Dora Whitlock",
            "accepted",
            Some("Gladly. We have a place tomorrow morning."),
        ),
        happened(2, "Harper County Clinic", "Dora Whitlock", "made an appointment for Mon 23 Nov 2026, 08:00", None),
        Happening {
            crossed: true,
            ..happened(
                2,
                "Harper General Emergency Department",
                "Ana Reyes",
                "wrote",
                Some("She can be reached after 3 pm."),
            )
        },
        Happening {
            without_effect: Some("it was accepted before".to_owned()),
            ..happened(1, "Harper County Clinic", "Ben Ott", "accepted", None)
        },
    ]);
    view
}

fn outgoing() -> ThreadView {
    let mut view = scheduled();
    view.side = Side::Outgoing;
    std::mem::swap(&mut view.ours, &mut view.partner);
    view.place = Place::Attended;
    view.due = None;
    view.visit = None;
    view.delivery = Some(Delivery::Delivered);
    view.may = May { message: true, withdraw: true, ..May::default() };
    if let Some(consent) = &mut view.consent {
        consent.notice = None;
    }
    view
}

fn without_way_back() -> ThreadView {
    let mut view = incoming();
    view.unanswerable = true;
    view.person = None;
    view.identity.clear();
    view.place = Place::Accepted;
    view.may = May { schedule: true, decline: true, close: true, ..May::default() };
    view.due = None;
    view.history
        .push(Happening { local: true, ..happened(1, "Harper County Clinic", "Dora Whitlock", "accepted", None) });
    view
}

fn revoked() -> ThreadView {
    let mut view = outgoing();
    view.place = Place::Cancelled;
    view.delivery = Some(Delivery::Stopped);
    view.may = May::default();
    if let Some(consent) = &mut view.consent {
        consent.ended = Some("The person revoked this consent on Mon 23 Nov 2026. Nothing more is shared.".to_owned());
    }
    view
}

fn hostile() -> ThreadView {
    let mut view = scheduled();
    let text = || HOSTILE.to_owned();
    (view.ours, view.partner, view.service) = (text(), text(), Some(text()));
    (view.person, view.reason) = (Some(HOSTILE.into()), Some(HOSTILE.into()));
    view.needs = vec![HOSTILE.into(); 3];
    view.identity = vec![(text(), HOSTILE.into())];
    view.visit = Some(Visit { at: Time(u64::MAX), place: HOSTILE.into(), mode: Mode::Video, note: HOSTILE.into() });
    view.due = Some(Due { what: text(), when: When::By(Time(0)), overdue: true });
    view.consent = Some(Consent { scope: vec![text()], ended: Some(text()), notice: Some(text()) });
    view.likely = vec![Likely { person: PersonId([1; 32]), name: HOSTILE.into(), reasons: vec![text(), text()] }];
    view.history =
        vec![Happening { without_effect: Some(text()), ..happened(0, HOSTILE, HOSTILE, HOSTILE, Some(HOSTILE)) }];
    view.may = May {
        accept: true,
        decline: true,
        schedule: true,
        attend: true,
        message: true,
        withdraw: true,
        confirm_withdrawal: true,
        close: true,
        link: true,
    };
    view
}

impl Sample for ThreadPage {
    fn samples() -> Vec<Self> {
        let page = |view| Self::new(frame("Referral", Here::Inbox, true), view, "c3".repeat(32), now().plus(DAY));
        let mut refused = page(incoming());
        refused.frame.trouble = Some("Nothing was saved. Please choose why you decline.".to_owned());
        refused.tried = "decline";
        refused.typed = "We are full until Friday.".into();
        let mut worst = Self::new(hostile_frame(), hostile(), HOSTILE.to_owned(), now());
        (worst.tried, worst.typed) = ("message", HOSTILE.into());
        let mut pages: Vec<Self> =
            [incoming(), scheduled(), outgoing(), without_way_back(), revoked()].into_iter().map(page).collect();
        pages.extend([refused, worst]);
        pages
    }
}
