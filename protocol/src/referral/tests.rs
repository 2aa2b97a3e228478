use super::*;
use crate::ids::{ConsentId, EntryHash, OrgId, PersonId, StaffId, ThreadId};
use crate::sensitive::Personal;
use crate::space::control::PartnerKind;
use crate::time::{DAY, Local, Time, Zone};

mod by_hand;
mod concurrent;
mod days;
mod flood;
mod follow;
mod kept;
mod matching;
mod mistake;
mod rules;
mod strike;
mod table;
mod team;
mod visit;

const SENDER_ORG: OrgId = OrgId([1; 32]);
const RECIPIENT_ORG: OrgId = OrgId([2; 32]);
const STRANGER: OrgId = OrgId([3; 32]);
const THREAD: ThreadId = ThreadId([4; 32]);
const NOW: Time = Time(1_795_000_000_000);

fn parties() -> Parties {
    Parties { sender: SENDER_ORG, recipient: RECIPIENT_ORG }
}

fn by() -> By {
    By { staff: StaffId([9; 32]), name: "Nora Quill".into() }
}

fn scope(reader: OrgId, way_back: bool) -> Scope {
    let flow = |from, to, information| Flow { from, to, information, purpose: Purpose::Treatment };
    let mut flows = vec![
        flow(SENDER_ORG, RECIPIENT_ORG, Information::Referral),
        flow(SENDER_ORG, RECIPIENT_ORG, Information::Identity),
    ];
    flows.extend(APART.map(|kind| flow(SENDER_ORG, RECIPIENT_ORG, kind)));
    if way_back {
        flows.push(flow(RECIPIENT_ORG, SENDER_ORG, Information::Referral));
        flows.extend(APART.map(|kind| flow(RECIPIENT_ORG, SENDER_ORG, kind)));
    }
    let party = |org, name: &str| Party { org, name: name.to_owned(), kind: PartnerKind::Part2Program };
    Scope {
        consent: ConsentId([5; 32]),
        version: 1,
        class: crate::consent::Class::General,
        recipient: reader,
        parties: vec![party(SENDER_ORG, "County Hospital"), party(RECIPIENT_ORG, "Ridge Clinic")],
        flows,
        information: Vec::new(),
        revoke: "by letter".to_owned(),
        revocable: Vec::new(),
        proceeding: None,
        expiry: Expiry::On(Local::utc(NOW.plus(90 * DAY))),
        signed: NOW,
        represented: false,
        statements: Vec::new(),
        tie: None,
        team: Vec::new(),
    }
}

fn hash(n: u8) -> EntryHash {
    EntryHash([n; 32])
}

fn notice(n: u8, by_org: OrgId, information: Information, way_back: bool) -> Placed {
    let reader = if by_org == SENDER_ORG { RECIPIENT_ORG } else { SENDER_ORG };
    let notice =
        Notice { thread: THREAD, information, text: "notice".to_owned(), scope: scope(reader, way_back), by: by() };
    Placed {
        hash: hash(n),
        parents: Vec::new(),
        follows: Vec::new(),
        org: by_org,
        time: NOW,
        body: Some(Body::Notice(Box::new(notice))),
        local: false,
    }
}

/// An act under the notice of its author's organisation: 1 the sender's, 2 the recipient's, 3 the sender's for identity; from 200
/// on for the kinds of [`APART`], the recipient's in the second half.
fn act(n: EntryHash, parents: &[EntryHash], author: OrgId, act: Act) -> Placed {
    let under = match act.information() {
        Information::Identity => hash(3),
        Information::Referral if author == SENDER_ORG => hash(1),
        Information::Referral => hash(2),
        apart => hash(apart_notice(apart, author)),
    };
    let body = Body::Act(Signed { notice: under, by: by(), act });
    Placed {
        hash: n,
        parents: parents.to_vec(),
        follows: Vec::new(),
        org: author,
        time: NOW,
        body: Some(body),
        local: false,
    }
}

/// Kinds that have a space of their own beside `referral` and `identity`.
const APART: [Information; 4] =
    [Information::Social, Information::Clinical, Information::Crisis, Information::Medication];

fn apart_notice(kind: Information, author: OrgId) -> u8 {
    let place = APART.iter().position(|apart| *apart == kind).expect("one of them");
    200 + u8::try_from(place).expect("few") + if author == SENDER_ORG { 0 } else { 10 }
}

/// The notices, each before everything.
fn notices(way_back: bool) -> Vec<Placed> {
    let mut notices = vec![
        notice(1, SENDER_ORG, Information::Referral, way_back),
        notice(3, SENDER_ORG, Information::Identity, way_back),
        notice(2, RECIPIENT_ORG, Information::Referral, way_back),
    ];
    notices[2].parents = vec![hash(1)];
    for kind in APART {
        notices.push(notice(apart_notice(kind, SENDER_ORG), SENDER_ORG, kind, way_back));
        let mut theirs = notice(apart_notice(kind, RECIPIENT_ORG), RECIPIENT_ORG, kind, way_back);
        theirs.parents = vec![hash(apart_notice(kind, SENDER_ORG))];
        notices.push(theirs);
    }
    notices
}

const ROOTS: [EntryHash; 6] = [
    EntryHash([2; 32]),
    EntryHash([3; 32]),
    EntryHash([210; 32]),
    EntryHash([211; 32]),
    EntryHash([212; 32]),
    EntryHash([213; 32]),
];

fn send() -> Act {
    Act::Send(Request { service: None, reason: "starts buprenorphine today".into(), urgency: Urgency::Urgent })
}

fn none() -> Personal<String> {
    "".into()
}

fn appointment() -> Act {
    Act::Schedule(Appointment {
        at: NOW.plus(DAY),
        zone: Zone::default(),
        place: "12 Ridge Road".into(),
        mode: Mode::InPerson,
        note: none(),
    })
}

fn close(outcome: Outcome) -> Act {
    Act::Close { outcome, why: Why::default() }
}

fn decline() -> Act {
    Act::Decline { reason: DeclineReason::NoCapacity, note: none() }
}

fn withdraw() -> Act {
    Act::RequestCancel { reason: none() }
}

fn accept() -> Act {
    Act::Accept { note: none() }
}

fn attend() -> Act {
    Act::Attend { when: NOW }
}

fn no_show() -> Act {
    Act::NoShow { when: NOW, why: Why::default() }
}

fn why() -> Why {
    Why { barriers: vec![Barrier::Transportation], note: "the bus did not run".into() }
}

fn reschedule() -> Act {
    let to = Appointment {
        at: NOW.plus(2 * DAY),
        zone: Zone::default(),
        place: "12 Ridge Road".into(),
        mode: Mode::Video,
        note: none(),
    };
    Act::Reschedule { to, why: why() }
}

fn cancel_appointment() -> Act {
    Act::CancelAppointment { why: why() }
}

fn hold() -> Act {
    Act::Hold { why: why() }
}

fn resume() -> Act {
    Act::Resume { note: none() }
}

fn in_error() -> Act {
    Act::EnteredInError { reason: "another person was meant".into() }
}

fn need(id: u32, rank: u16, status: NeedStatus) -> Act {
    Act::Need(Box::new(Need {
        id: NeedId(id),
        rank,
        kind: NeedKind::Transport,
        text: "ride on Tuesday".into(),
        owner: NeedOwner::Recipient,
        who: "Wren Abernathy".into(),
        next: "ask the peers".into(),
        status,
    }))
}

fn seen() -> Act {
    Act::Seen(Seen { setting: Setting::EmergencyDepartment, at: NOW, note: none() })
}

fn attempt(result: Reached) -> Act {
    Act::Attempt(Attempt { at: NOW, channel: Channel::Telephone, result, note: none() })
}

fn check_in(part: CheckInPart) -> Act {
    Act::CheckIn(CheckIn { stage: Stage::Day30, at: NOW, part })
}

/// One of each that only tells something.
fn tellings() -> Vec<Act> {
    vec![
        Act::Identity(Box::default()),
        Act::Message { text: "m".into() },
        Act::Attachment(Box::new(Attached {
            information: Information::Referral,
            manifest: attachment::Manifest::of("scan.txt", b"words").expect("a text"),
            text: none(),
        })),
        Act::Handoff(Box::new(Handoff {
            mode: Mode::InPerson,
            at: NOW,
            from: "Nora Quill".into(),
            to: "Wren Abernathy".into(),
            teach_back: TeachBack::Understood,
            note: none(),
        })),
        need(1, 1, NeedStatus::Open),
        Act::Transition(Transition { leaving: Leaving::Custody, on: NOW, note: none() }),
        seen(),
        check_in(CheckInPart::Care { in_care: Some(true), satisfaction: Some(4), naloxone_kits: 2 }),
        check_in(CheckInPart::Social { housing: Some(Housing::Stable), work: None, support: None }),
        check_in(CheckInPart::Symptoms { symptoms: Symptoms::Mild, note: "sleeps badly".into() }),
        Act::Lost { since: None, note: none() },
        attempt(Reached::NoAnswer),
        Act::Crisis(Box::new(CrisisPlan { naloxone: "in the kitchen".into(), ..CrisisPlan::default() })),
        Act::Medication(Box::new(Medication {
            medicines: vec![Medicine { name: "buprenorphine".into(), dose: "8 mg".into(), ..Medicine::default() }],
            ..Medication::default()
        })),
        Act::Summary(Box::new(Summary { kind: SummaryKind::Discharge, text: "went home".into() })),
    ]
}

/// The acts one after the other, each following the one before.
fn chain(acts: Vec<(OrgId, Act)>) -> Vec<Placed> {
    let mut entries = notices(true);
    let mut last = ROOTS.to_vec();
    for (i, (author, what)) in acts.into_iter().enumerate() {
        let name = hash(10 + u8::try_from(i).expect("few"));
        entries.push(act(name, &last, author, what));
        last = vec![name];
    }
    entries
}

fn state(entries: &[Placed]) -> State {
    fold(THREAD, parties(), entries)
}

fn sent() -> Vec<(OrgId, Act)> {
    vec![(SENDER_ORG, send())]
}

fn accepted() -> Vec<(OrgId, Act)> {
    vec![(SENDER_ORG, send()), (RECIPIENT_ORG, accept())]
}

/// A way to each place but the first.
fn places() -> Vec<Vec<(OrgId, Act)>> {
    let recipients = |acts: Vec<Act>| [accepted(), acts.into_iter().map(|act| (RECIPIENT_ORG, act)).collect()].concat();
    vec![
        sent(),
        accepted(),
        recipients(vec![appointment()]),
        recipients(vec![appointment(), no_show()]),
        recipients(vec![appointment(), cancel_appointment()]),
        recipients(vec![attend()]),
        recipients(vec![hold()]),
        recipients(vec![hold(), resume()]),
        [accepted(), vec![(SENDER_ORG, withdraw())]].concat(),
        [sent(), vec![(SENDER_ORG, withdraw())]].concat(),
        recipients(vec![decline()]),
        recipients(vec![close(Outcome::ServicesReceived)]),
        recipients(vec![close(Outcome::Moved)]),
        [sent(), vec![(SENDER_ORG, in_error())]].concat(),
    ]
}

/// Every step that can be struck, by whoever may take it.
fn strikable() -> Vec<(OrgId, Act)> {
    let ours = [withdraw(), resume(), in_error()].map(|act| (SENDER_ORG, act));
    let theirs = [
        appointment(),
        reschedule(),
        cancel_appointment(),
        hold(),
        resume(),
        decline(),
        Act::ConfirmCancel,
        close(Outcome::ServicesReceived),
        close(Outcome::Moved),
        attend(),
        no_show(),
    ];
    ours.into_iter().chain(theirs.map(|act| (RECIPIENT_ORG, act))).collect()
}

fn mistake(entry: EntryHash, information: Information) -> Act {
    Act::Mistake { entry, information, reason: "another person".into() }
}

/// What a state says, without its history.
fn says(state: &State) -> State {
    State { history: Vec::new(), ..state.clone() }
}

/// The line of this act.
fn line(state: &State, n: u8) -> &Line {
    state.history.iter().find(|line| line.entry == hash(n)).expect("a line")
}
