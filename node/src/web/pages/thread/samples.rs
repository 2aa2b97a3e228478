//! Threads to look at.

use super::super::Here;
use super::super::sample::{HOSTILE, frame, hostile_frame};
use super::ThreadPage;
use crate::api::care::{
    AppointmentView, DeliveryState, DueView, FollowView, LineView, LinkedView, LinkingView, MatchView, MemberView,
    NeedView, PersonFields, PhoneView, StruckView, ThreadRow, ThreadView,
};
use crate::http::csrf::Tokens;
use crate::web::acts::{self, TABLE};
use crate::web::form::Typed;
use crate::web::pages::{Frame, Sample};
use crate::web::standing::{self, Side};
use belay_protocol::consent::notice::STATEMENT_1;
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, ThreadId};
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{
    Attempt, Barrier, Channel, CheckIn, CheckInPart, Contact, CrisisPlan, Handoff, Housing, Information, Leaving,
    Medication, Medicine, Mode, Need, NeedId, NeedKind, NeedOwner, NeedStatus, Place, Reached, Seen, Setting, Stage,
    Summary, SummaryKind, TeachBack, Transition, Urgency, Why,
};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::{DAY, HOUR, Time, Zone};

pub(super) const US: OrgId = OrgId([1; 32]);
pub(super) const THEM: OrgId = OrgId([2; 32]);

fn now() -> Time {
    Time::parse("2026-11-23T15:00:00Z").unwrap()
}

pub(super) fn line(hours_ago: u64, org: OrgId, staff: &str, act: &str, note: &str) -> LineView {
    LineView {
        entry: EntryHash([3; 32]),
        org,
        org_name: String::new(),
        staff: staff.into(),
        at: Time(now().0.saturating_sub(hours_ago * HOUR)),
        act: act.to_owned(),
        text: Personal::default(),
        when: Some(now()),
        zone: None,
        declined: None,
        outcome: None,
        note: note.into(),
        delivery: (org == US).then_some(DeliveryState::Delivered),
        crossed: false,
        local: false,
        own: false,
        without_effect: None,
        mistake: None,
        may_be_mistaken: false,
        strike_untold: false,
    }
}

fn at(view: &mut ThreadView, place: Place, may: &[&str]) {
    view.row.status = Some(place.status().to_owned());
    view.row.business = place.business().map(|(code, _)| code.to_owned());
    view.may = may.iter().map(|act| (*act).to_owned()).collect();
}

/// A referral that has just come in.
pub(in crate::web) fn incoming() -> ThreadView {
    let row = ThreadRow {
        id: ThreadId([7; 32]),
        other: THEM,
        other_name: "Harper General Emergency Department".to_owned(),
        name: Some("Maria Lopez".into()),
        urgency: Some(Urgency::Urgent),
        updated: Time(now().0 - 4 * HOUR),
        ..standing::tests::row(Side::Incoming, Place::Sent)
    };
    ThreadView {
        row,
        off_network: None,
        letters: Vec::new(),
        consent: ConsentId([4; 32]),
        version: 1,
        scope: Some(
            [
                "Harper General Emergency Department may tell Harper County Clinic: referral (that I was referred, my \
                 appointments and whether I came). Purpose: treatment.",
                "Signed 2026-11-23.",
                "Ends on 2027-05-23.",
                "Revoking: in writing, or by telling any of the two organisations.",
            ]
            .join("\n"),
        ),
        doubts: Vec::new(),
        parties: Vec::new(),
        members: Vec::new(),
        notice: Some(STATEMENT_1.to_owned()),
        identity: Some(PersonFields {
            name: "Maria Lopez".into(),
            birth_date: "1991-04-02".into(),
            phones: vec!["(555) 010-0199".into()],
            ..PersonFields::default()
        }),
        service: Some("Buprenorphine treatment".to_owned()),
        choice: None,
        reason: Some("Started buprenorphine in the emergency department last night and wants to go on with it.".into()),
        needs: vec!["Medication within 72 hours".into(), "A ride to the clinic".into()],
        appointment: None,
        visits: Vec::new(),
        missed_here: None,
        attended: None,
        came_here: None,
        outcome: None,
        delivery: None,
        acknowledged: None,
        follow: Box::default(),
        history: vec![line(4, THEM, "Ana Reyes", "send", "")],
        may: ["accept", "decline", "message", "check-in", "seen"].map(str::to_owned).to_vec(),
        likely: vec![MatchView {
            person: PersonId([9; 32]),
            name: "Maria Lopez Vega".into(),
            reasons: vec!["same date of birth".to_owned(), "similar name".to_owned()],
        }],
        linking: Some(LinkingView { told: true, said: None }),
        hints: Vec::new(),
        left_out: Vec::new(),
    }
}

fn visit(at: Time, text: &str) -> AppointmentView {
    let zone = Zone { name: "America/Chicago".into(), offset_minutes: -360 };
    AppointmentView { at, zone, place: text.into(), mode: Mode::InPerson, note: text.into() }
}

fn scheduled() -> ThreadView {
    let mut view = incoming();
    view.row.person = Some(PersonId([9; 32]));
    view.linking = Some(LinkingView { told: true, said: Some(linked("")) });
    view.row.appointment_at = Some(Time(now().0 - HOUR));
    view.row.due = vec![late("say whether the person came", true)];
    at(&mut view, Place::Scheduled, &["attend", "no-show", "reschedule", "message", "decline", "close", "need"]);
    view.appointment = Some(visit(Time(now().0 - HOUR), "12 Main Street.\nSomebody will wait at the door."));
    view.delivery = Some(DeliveryState::LeftWithCarrier);
    view.history.extend([
        line(3, US, "Dora Whitlock", "accept", "Gladly. We have a place tomorrow morning."),
        line(2, US, "Dora Whitlock", "schedule", ""),
        LineView {
            mistake: Some(StruckView {
                staff: "Dora Whitlock".into(),
                at: now(),
                why: "It was another person.".into(),
            }),
            without_effect: Some("it was a mistake".to_owned()),
            ..line(3, US, "Ben Ott", "attend", "")
        },
        LineView { crossed: true, ..line(2, THEM, "Ana Reyes", "message", "She can be reached after 3 pm.") },
        LineView { without_effect: Some("it was accepted before".to_owned()), ..line(1, US, "Ben Ott", "accept", "") },
    ]);
    view
}

fn outgoing() -> ThreadView {
    let mut view = scheduled();
    view.row.direction = "outgoing".to_owned();
    at(&mut view, Place::Attended, &["message", "withdraw", "handoff", "check-in", "entered in error"]);
    (view.appointment, view.notice, view.delivery) = (None, None, Some(DeliveryState::Delivered));
    view.row.due = vec![late("make an appointment", false)];
    view
}

/// A deadline that has passed, with this text in each place for one.
fn late(text: &str, ours: bool) -> DueView {
    DueView {
        timer: Timer::FirstAppointment,
        ours,
        since: Time(0),
        by: now(),
        overdue: true,
        what: text.to_owned(),
        next: String::new(),
        phone: (!ours).then(|| PhoneView { who: text.to_owned(), telephone: text.to_owned() }),
        steps: if ours { Vec::new() } else { vec![text.to_owned()] },
        say: ours.then(|| text.to_owned()),
    }
}

/// As one of a team that was not referred to, with this name for each of the others.
fn teamed(name: &str) -> ThreadView {
    let mut view = incoming();
    let member = |name: &str, acts, reads: &[Information]| MemberView {
        org: THEM,
        name: name.to_owned(),
        kind: name.to_owned(),
        acts,
        reads: reads.to_vec(),
        next: name.to_owned(),
    };
    view.row.recipient = Some(name.to_owned());
    view.row.due = vec![late("answer the referral", false)];
    view.members = vec![
        member("Harper County Clinic", false, &[Information::Referral, Information::Social]),
        member(name, true, &Information::ALL),
        member(name, false, &[]),
    ];
    view.history
        .push(LineView { org_name: name.to_owned(), ..line(1, OrgId([5; 32]), "Kim Bell", "message", "We talked.") });
    at(&mut view, Place::Sent, &["message", "need", "seen", "check-in"]);
    view
}

fn without_way_back() -> ThreadView {
    let mut view = incoming();
    (view.row.answerable, view.row.name, view.identity) = (false, None, None);
    at(&mut view, Place::Accepted, &["schedule", "decline", "close"]);
    view.history.push(LineView { local: true, ..line(1, US, "Dora Whitlock", "accept", "") });
    view
}

fn revoked() -> ThreadView {
    let mut view = outgoing();
    at(&mut view, Place::Accepted, &["settle", "contact attempt"]);
    view.row.ended = Some("the person took the OK back".to_owned());
    view
}

/// Everything that can stand around a person, with this text in each place for one.
fn followed(text: &str) -> FollowView {
    let (at, why) = (now(), || Why { barriers: vec![Barrier::Childcare], note: text.into() });
    FollowView {
        unsaid: vec![(Information::Crisis, Some(Time(1_790_000_000_000))), (Information::Medication, None)],
        our_crisis: Some(CrisisPlan { helps: text.into(), naloxone: text.into(), ..CrisisPlan::default() }),
        our_medication: Some(Medication { takes_none: true, allergies: text.into(), ..Medication::default() }),
        needs: vec![NeedView {
            need: Need {
                id: NeedId(7),
                rank: 1,
                kind: NeedKind::Transport,
                text: text.into(),
                owner: NeedOwner::Recipient,
                who: text.into(),
                next: text.into(),
                status: NeedStatus::Open,
            },
            referrals: Vec::new(),
            lifted: false,
        }],
        lifts: None,
        hold: Some(why()),
        handoffs: vec![Handoff {
            mode: Mode::Video,
            at,
            from: text.into(),
            to: text.into(),
            teach_back: TeachBack::Partly,
            note: text.into(),
        }],
        transition: Some(Transition { leaving: Leaving::Custody, on: at, note: text.into() }),
        watch_day: Some(3),
        seen: Some(Seen { setting: Setting::Released, at, note: text.into() }),
        check_ins: vec![CheckIn {
            stage: Stage::Day30,
            at,
            part: CheckInPart::Social { housing: Some(Housing::Temporary), work: None, support: None },
        }],
        attempts: vec![Attempt { at, channel: Channel::Visit, result: Reached::NoAnswer, note: text.into() }],
        lost: Some(at),
        crisis: Some((
            at,
            CrisisPlan {
                warning_signs: text.into(),
                helps: text.into(),
                avoid: text.into(),
                contacts: vec![Contact { name: text.into(), phone: text.into(), relation: text.into() }],
                naloxone: text.into(),
                wishes: text.into(),
            },
        )),
        medication: Some((
            at,
            Medication {
                medicines: vec![Medicine {
                    name: text.into(),
                    dose: text.into(),
                    last_dose: Some(at),
                    ..Medicine::default()
                }],
                takes_none: false,
                allergies: text.into(),
                note: text.into(),
            },
        )),
        summaries: vec![(at, Summary { kind: SummaryKind::Discharge, text: text.into() })],
    }
}

/// With all that can be around it, and every form.
pub(in crate::web) fn whole(text: &str) -> ThreadView {
    let mut view = scheduled();
    view.follow = Box::new(followed(text));
    view.may = TABLE.iter().map(|row| row.act.to_owned()).collect();
    view.history.push(LineView { may_be_mistaken: true, ..line(1, US, "Ben Ott", "attend", "") });
    let untold = LineView { strike_untold: true, ..line(1, US, "Ben Ott", "no-show", "") };
    view.history.push(LineView { entry: EntryHash([4; 32]), ..untold });
    view
}

fn linked(why: &str) -> LinkedView {
    LinkedView { staff: "Ana Reyes".into(), at: now(), why: why.into() }
}

fn hostile() -> ThreadView {
    let mut view = whole(HOSTILE);
    view.linking = Some(LinkingView { told: false, said: Some(linked(HOSTILE)) });
    let text = || HOSTILE.to_owned();
    (view.row.other_name, view.service, view.row.ended) = (text(), Some(text()), Some(text()));
    (view.row.name, view.reason) = (Some(HOSTILE.into()), Some(HOSTILE.into()));
    (view.row.person, view.row.due) = (None, vec![late(HOSTILE, false)]);
    view.needs = vec![HOSTILE.into(); 3];
    view.identity =
        Some(PersonFields { address: HOSTILE.into(), phones: vec![HOSTILE.into()], ..PersonFields::default() });
    view.appointment = Some(visit(Time(u64::MAX), HOSTILE));
    (view.scope, view.notice) = (Some(text()), Some(text()));
    view.likely = vec![MatchView { person: PersonId([1; 32]), name: HOSTILE.into(), reasons: vec![text(), text()] }];
    view.history =
        vec![LineView { without_effect: Some(text()), ..line(0, OrgId([8; 32]), HOSTILE, HOSTILE, HOSTILE) }];
    view.off_network = Some(crate::api::care::PartnerView {
        id: THEM,
        name: text(),
        kind: belay_protocol::space::control::PartnerKind::Other,
        address: text(),
        telephone: text(),
        fax: text(),
        listing: Some(text()),
        affiliated: true,
        joined: Some(belay_protocol::ids::OrgId([9; 32])),
    });
    let letter = |back: bool| crate::api::care::SentView {
        at: Time(1),
        staff: HOSTILE.into(),
        back: back.then(|| HOSTILE.into()),
        letter: true,
        ..crate::api::care::SentView::default()
    };
    let told = crate::api::care::SentView { letter: false, told: Some(HOSTILE.into()), ..letter(false) };
    view.letters = vec![letter(false), letter(true), told];
    view.row.off_network = true;
    view.members = teamed(HOSTILE).members;
    view.row.recipient = Some(text());
    view
}

fn page(frame: Frame, view: ThreadView, csrf: &Tokens, tried: Option<&acts::Tried<'_>>) -> ThreadPage {
    let now = now().plus(DAY);
    let forms = acts::draw(&view, &acts::Sight { staff: &"Dora Whitlock".into(), csrf, now }, tried);
    let files = [super::super::person::sample_file(view.row.name.as_ref().map_or("a", |name| name.reveal()))];
    ThreadPage::new(frame, view, &files, forms, csrf.clone())
}

impl Sample for ThreadPage {
    fn samples() -> Vec<Self> {
        let csrf = Tokens::sample();
        let usual = || frame("Referral", Here::Inbox, true);
        let views = [incoming(), scheduled(), outgoing(), without_way_back(), revoked(), whole("A sister who helps.")];
        let views = views.into_iter().chain([teamed("Open Door Peer Recovery")]);
        let mut pages: Vec<Self> = views.map(|view| page(usual(), view, &csrf, None)).collect();
        let typed = Typed(vec![("note".to_owned(), "We are full until Friday.".into())]);
        let wrong = [("reason".to_owned(), "Please give this: Why.".to_owned())];
        let tried =
            acts::Tried { slug: "decline", typed: &typed, wrong: &wrong, why: "Nothing was saved.", hinted: false };
        pages.push(page(usual(), incoming(), &csrf, Some(&tried)));
        for row in TABLE {
            // Every form refused, with hostile words in every field.
            let slug = row.slug();
            let names = [
                "note",
                "text",
                "reason",
                "contacts.1.name",
                "medicines.3.dose",
                "to.note",
                "need",
                "rank",
                "heard-from",
            ];
            let typed = Typed(names.map(|name| (name.to_owned(), HOSTILE.into())).to_vec());
            let wrong: Vec<_> = row.fields.iter().map(|field| (field.path.to_owned(), HOSTILE.to_owned())).collect();
            let tried = acts::Tried { slug: &slug, typed: &typed, wrong: &wrong, why: HOSTILE, hinted: false };
            pages.push(page(hostile_frame(), hostile(), &csrf, Some(&tried)));
        }
        let mut gone = page(hostile_frame(), hostile(), &csrf, None);
        gone.lost = vec![("Message", HOSTILE.into())];
        pages.push(gone);
        pages
    }
}
