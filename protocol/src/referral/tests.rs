use super::*;
use crate::ids::{ConsentId, EntryHash, OrgId, PersonId, StaffId, ThreadId};
use crate::sensitive::Personal;
use crate::space::control::PartnerKind;
use crate::time::{DAY, Time};

mod concurrent;
mod flood;
mod matching;
mod rules;
mod table;

const SENDER: OrgId = OrgId([1; 32]);
const RECIPIENT: OrgId = OrgId([2; 32]);
const STRANGER: OrgId = OrgId([3; 32]);
const THREAD: ThreadId = ThreadId([4; 32]);
const NOW: Time = Time(1_795_000_000_000);

fn parties() -> Parties {
    Parties { sender: SENDER, recipient: RECIPIENT }
}

fn by() -> By {
    By { staff: StaffId([9; 32]), name: "Nora Quill".into() }
}

fn scope(reader: OrgId, way_back: bool) -> Scope {
    let flow = |from, to, information| Flow { from, to, information, purpose: Purpose::Treatment };
    let mut flows =
        vec![flow(SENDER, RECIPIENT, Information::Referral), flow(SENDER, RECIPIENT, Information::Identity)];
    if way_back {
        flows.push(flow(RECIPIENT, SENDER, Information::Referral));
    }
    let party = |org, name: &str| Party { org, name: name.to_owned(), kind: PartnerKind::Part2Program };
    Scope {
        consent: ConsentId([5; 32]),
        version: 1,
        class: crate::consent::Class::General,
        recipient: reader,
        parties: vec![party(SENDER, "County Hospital"), party(RECIPIENT, "Ridge Clinic")],
        flows,
        information: Vec::new(),
        revoke: "by letter".to_owned(),
        revocable: None,
        expiry: Expiry::On(NOW.plus(90 * DAY)),
        signed: NOW,
        represented: false,
        statements: Vec::new(),
    }
}

fn hash(n: u8) -> EntryHash {
    EntryHash([n; 32])
}

fn notice(n: u8, by_org: OrgId, information: Information, way_back: bool) -> Placed {
    let reader = if by_org == SENDER { RECIPIENT } else { SENDER };
    let notice =
        Notice { thread: THREAD, information, text: "notice".to_owned(), scope: scope(reader, way_back), by: by() };
    Placed {
        hash: hash(n),
        parents: Vec::new(),
        org: by_org,
        time: NOW,
        body: Some(Body::Notice(Box::new(notice))),
        local: false,
    }
}

/// An act under the notice of its author's organisation: 1 the sender's, 2 the recipient's, 3 the sender's for identity.
fn act(n: EntryHash, parents: &[EntryHash], author: OrgId, act: Act) -> Placed {
    let under = match act.information() {
        Information::Identity => hash(3),
        _ if author == SENDER => hash(1),
        _ => hash(2),
    };
    let body = Body::Act(Signed { notice: under, by: by(), act });
    Placed { hash: n, parents: parents.to_vec(), org: author, time: NOW, body: Some(body), local: false }
}

/// The three notices, each before everything.
fn notices(way_back: bool) -> Vec<Placed> {
    let mut notices = vec![
        notice(1, SENDER, Information::Referral, way_back),
        notice(3, SENDER, Information::Identity, way_back),
        notice(2, RECIPIENT, Information::Referral, way_back),
    ];
    notices[2].parents = vec![hash(1)];
    notices
}

const ROOTS: [EntryHash; 2] = [EntryHash([2; 32]), EntryHash([3; 32])];

fn send() -> Act {
    Act::Send(Request {
        service: None,
        reason: "starts buprenorphine today".into(),
        urgency: Urgency::Urgent,
        needs: vec!["ride on Tuesday".into()],
    })
}

fn none() -> Personal<String> {
    "".into()
}

fn appointment() -> Act {
    Act::Schedule(Appointment { at: NOW.plus(DAY), place: "12 Ridge Road".into(), mode: Mode::InPerson, note: none() })
}

fn close(outcome: Outcome) -> Act {
    Act::Close { outcome, note: none() }
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
    Act::NoShow { when: NOW }
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
