//! Searches to look at.

use super::super::sample::{HOSTILE, frame, hostile_frame};
use super::super::{Here, Sample};
use super::{Asked, SearchPage};
use crate::api::views::{ListingView, OpeningsView, SearchView};
use belay_protocol::ids::OrgId;
use belay_protocol::time::Time;
use std::collections::BTreeMap;

pub(in crate::web) fn listing(kind: &str, name: &str, organisation: &str, fields: &[(&str, &str)]) -> ListingView {
    ListingView {
        id: format!("{}/3a19ff88-4620-4d17-9830-ac1d859eb5d5", OrgId([1; 32])),
        org: OrgId([1; 32]),
        organisation: organisation.to_owned(),
        kind: kind.to_owned(),
        name: name.to_owned(),
        offered_by: String::new(),
        fields: fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>(),
        openings: None,
        kilometres: None,
    }
}

fn usual() -> Vec<ListingView> {
    let mut clinic = listing(
        "service",
        "Buprenorphine treatment",
        "Harper County Clinic",
        &[
            (
                "description",
                "Same-day start with buprenorphine. Counselling is offered and not required. We see people who use other substances as well, and nobody is sent away for missing a visit: come back when you can, and we go on from there. Bring whatever papers you have; none are needed for the first visit. Telehealth follow-up is possible after the first week.",
            ),
            ("address.aa.address_1", "12 Main Street"),
            ("address.aa.city", "Harper"),
            ("address.aa.state_province", "IL"),
            ("address.aa.postal_code", "62000"),
            ("schedule.bb.byday", "MO,TU,WE,TH,FR"),
            ("schedule.bb.opens_at", "08:00"),
            ("schedule.bb.closes_at", "17:00"),
            ("phone.cc.number", "(555) 010-0100"),
            ("phone.cc.description", "intake"),
            ("phone.dd.number", "(555) 010-0101"),
            ("phone.dd.type", "fax"),
            ("eligibility_description", "Adults, whatever insurance they have"),
            ("service_kind.buprenorphine", "yes"),
            ("accepts.methadone", "case_by_case"),
            ("accepts.buprenorphine", "yes"),
            ("payment.medicaid", "yes"),
            ("payment.sliding_scale", "yes"),
            ("url", "www.harper.example/clinic"),
            ("language.ee.name", "Spanish"),
            ("application_process", "Walk in, or telephone"),
            ("organization_id", "3a19ff88-4620-4d17-9830-ac1d859eb5d5"),
            ("import_digest", "00ff"),
        ],
    );
    clinic.kilometres = Some(4.2);
    clinic.openings = Some(OpeningsView {
        openings: 3,
        note: Some("this week".to_owned()),
        published: Time::parse("2026-11-23").unwrap(),
    });
    let mut shelter = listing(
        "service",
        "Emergency shelter",
        "Haven House Shelter",
        &[("phone.aa.number", "(859) 1-800-928-8000 Intake: ask for Jo"), ("accepts.methadone", "no")],
    );
    shelter.kilometres = Some(61.0);
    shelter.openings = Some(OpeningsView { openings: 0, note: None, published: Time::parse("2026-11-23").unwrap() });
    let stub = listing("organization", "Legal Aid of the Ridge", "Harper County Clinic", &[("stub", "true")]);
    vec![clinic, shelter, stub]
}

impl Sample for SearchPage {
    fn samples() -> Vec<Self> {
        let plain = || frame("Directory", Here::Directory, false);
        let asked = Asked {
            q: "buprenorphine".to_owned(),
            near: "38.90, -89.41".to_owned(),
            miles: "50".to_owned(),
            page: "2".to_owned(),
            ..Asked::default()
        };
        let mut wrong = frame("Directory", Here::Directory, true);
        wrong.trouble = Some("Please give the distance in miles as a number.".to_owned());
        let fields: Vec<(&str, &str)> = [
            "name",
            "description",
            "url",
            "email",
            "phone.a.number",
            "phone.a.description",
            "address.a.address_1",
            "schedule.a.byday",
            "schedule.a.description",
            "accepts.methadone",
            "language.<b>.name",
            "application_process",
        ]
        .map(|field| (field, HOSTILE))
        .to_vec();
        let mut hostile = listing(HOSTILE, HOSTILE, HOSTILE, &fields);
        hostile.kilometres = Some(f64::NAN);
        hostile.openings =
            Some(OpeningsView { openings: u32::MAX, note: Some(HOSTILE.to_owned()), published: Time(u64::MAX) });
        let typed = Asked {
            q: HOSTILE.to_owned(),
            kind: HOSTILE.to_owned(),
            service: HOSTILE.to_owned(),
            near: HOSTILE.to_owned(),
            miles: HOSTILE.to_owned(),
            open: HOSTILE.to_owned(),
            page: "2".to_owned(),
        };
        let view = |listings: Vec<ListingView>, total| SearchView { total, more: total > 400, listings };
        vec![
            Self::new(plain(), Asked::default(), &view(usual(), 3)),
            Self::new(frame("Directory", Here::Directory, true), asked, &view(usual(), 429)),
            Self::new(plain(), Asked { q: "unicorn".to_owned(), ..Asked::default() }, &view(Vec::new(), 0)),
            Self::new(wrong, Asked { miles: "far".to_owned(), ..Asked::default() }, &view(Vec::new(), 0)),
            Self::new(hostile_frame(), typed.clone(), &view(vec![], 0)),
            Self::new(plain(), typed, &view(vec![hostile], u64::MAX)),
        ]
    }
}
