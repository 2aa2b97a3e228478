//! Bytes to start from: one honest value for each target, beside which the corpus keeps what runs by coverage have found.

use super::{Mutator, decoders, engine, kinds};
use belay_protocol::agreement;
use belay_protocol::coalition::handshake::{Answer, Ask, Request as JoinRequest};
use belay_protocol::coalition::invite::armor;
use belay_protocol::codec;
use belay_protocol::directory::{Existing, Incoming, Kind, Listing, ListingId, Openings, plan};
use belay_protocol::disclosure::private::{self, PrivateBody};
use belay_protocol::disclosure::{Audit, Looked};
use belay_protocol::document::{Actor, Shelf};
use belay_protocol::emergency::EMERGENCY_VERSION;
use belay_protocol::ids::{EntryHash, InviteId, NodeId, OrgId, SpaceId, StaffId};
use belay_protocol::keys::{EpochKey, NodeKey, RootKey, seal, wrap};
use belay_protocol::referral::inquiry::INQUIRY_VERSION;
use belay_protocol::referral::{self, Act, Body, By, DeclineReason, Signed};
use belay_protocol::sensitive::Personal;
use belay_protocol::space::Register;
use belay_protocol::space::entry::{Entry, Header, Kind as EntryKind, VERSION};
use belay_protocol::store::{Memory, View};
use belay_protocol::sync::parcel::bundle::Bundle;
use belay_protocol::sync::parcel::{Content, Parcel};
use belay_protocol::sync::wire::Page;
use belay_protocol::time::Time;

/// The seeds of a target.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "frame" => with(&[], "frame", vec![engine::hello()]),
        "entry" => vec![entry().bytes().to_vec()],
        "control" => controls(),
        "register" => vec![register().bytes()],
        "document" => with(&[], "document", documents()),
        "thread_body" => with(&[referral::VERSION], "thread body", acts()),
        "private_record" => with(&[private::VERSION], "private record", vec![audit()]),
        "agreement" => with(&[b'A', agreement::VERSION], "agreement", Vec::new()),
        "emergency" => with(&[EMERGENCY_VERSION], "emergency body", Vec::new()),
        "inquiry" => with(&[INQUIRY_VERSION], "inquiry", Vec::new()),
        "openings" => with(&[], "openings", vec![openings()]),
        "sealed_body" => vec![sealed()],
        "wrap" => vec![wrapped()],
        "parcel" => parcels(),
        "package" => vec![decoders::packed()],
        "bookmark" => vec![decoders::marked()],
        "join_request" => with(&[1], "join request", vec![join_ask()]),
        "join_answer" => with(&[1], "join answer", vec![Answer::Pending.encode()]),
        "admission" => vec![vec![1, 1, 5, 0], [&[1, 0][..], &[0; 200]].concat()],
        "invite_code" => vec![b"belay1-qqqqq-qqqqq-qqqqq".to_vec()],
        "armor" => vec![armor::write(armor::Paper::Claim, b"some content").into_bytes()],
        "phrase" => vec!["abandon ".repeat(23).into_bytes(), b"zoo zoo zoo".to_vec()],
        "texts" => texts(),
        "request" => vec![br#"{"do":"status"}"#.to_vec(), br#"{"do":"org_show","org":"a"}"#.to_vec()],
        "drawing" => vec![
            br#"<svg viewBox="0 0 1 1"><path d="M0 0L1 1"/></svg>"#.to_vec(),
            b"\x89PNG\r\n\x1a\n".to_vec(),
            b"%PDF-1.7".to_vec(),
        ],
        "session" => engine::session_seeds(),
        "hostile_member" => engine::member_seeds(),
        "spreadsheet" => vec![
            b"name,phone,address,city,zip\nStone Chapel,(606) 555-0177 x3,9 Chapel Lane,Cedar,40000\n".to_vec(),
            b"\xef\xbb\xbfID;name1;street1\r\n1;\"A \"\"B\"\"\nC\";\x92\r\n".to_vec(),
        ],
        "hsds_json" => vec![
            br#"[{"id":"1","name":"Beds","status":"active","organization":{"id":"2","name":"Chapel"}}]"#.to_vec(),
            br#"{"contents":[{"id":"1","name":"Beds","schedules":[{"byday":"MO,TU","opens_at":"9:30"}]}]}"#.to_vec(),
        ],
        "hsds_table" => vec![b"id,organization_id,name,status\n7,1,Beds,active\n8,9,Meals,\n".to_vec()],
        _ => Vec::new(),
    }
}

/// These, and a value of every kind of a type behind the bytes that tell its version.
fn with(version: &[u8], kind: &str, mut seeds: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    seeds.extend(kinds::samples(kind).iter().map(|bytes| [version, bytes].concat()));
    seeds
}

/// A body of each kind of control entry, behind the number of the kind.
fn controls() -> Vec<Vec<u8>> {
    let kinds = ["found", "grant", "revoke", "certify", "retire", "keep", "epoch", "extend", "ask", "approve"];
    (0..).zip(kinds).flat_map(|(number, kind)| with(&[number], kind, Vec::new())).collect()
}

fn join_ask() -> Vec<u8> {
    JoinRequest::Ask(Ask { invite: InviteId([1; 32]), from: 0, proof: [2; 32] }).encode()
}

fn key() -> NodeKey {
    NodeKey::from_seed([6; 32])
}

fn entry() -> Entry {
    let header = Header {
        version: VERSION,
        space: SpaceId([1; 32]),
        author: key().id(),
        parents: vec![EntryHash([2; 32])],
        control: vec![EntryHash([3; 32])],
        kind: EntryKind::Data,
        epoch: Some(EntryHash([4; 32])),
        time: Time(1_790_000_000_000),
        length: 0,
    };
    Entry::sign(&key(), header, b"a body")
}

fn register() -> Register {
    Register::sign(&key(), SpaceId([1; 32]), "addresses", 1, Vec::new(), b"a value".to_vec()).expect("a short value")
}

fn documents() -> Vec<Vec<u8>> {
    let mut random = Mutator::new(1);
    let (org, space) = (OrgId([1; 32]), SpaceId([2; 32]));
    let mut listing = Listing::new(ListingId::from_random([5; 16]), Kind::Service);
    listing.set("name", "Buprenorphine, same day".to_owned());
    let incoming = Incoming { set: "seed".into(), listings: vec![listing] };
    let actor = Actor::draw(NodeId([3; 32]), &mut random);
    let made = plan(&org, &Existing::default(), &incoming);
    let store = (&mut Shelf::default(), &Memory::default() as &dyn View);
    let bodies = made.bodies(store, &space, &org, (&actor, Time(0))).expect("a plan of one listing");
    bodies.iter().map(belay_protocol::document::Body::encode).collect()
}

fn by() -> By {
    By { staff: StaffId([2; 32]), name: Personal::from("Sam") }
}

fn acts() -> Vec<Vec<u8>> {
    let acts = [
        Act::Acknowledge,
        Act::Message { text: Personal::from("She came today, and will be back on Thursday.") },
        Act::Decline { reason: DeclineReason::NoCapacity, note: Personal::from("full until Monday") },
    ];
    acts.into_iter()
        .flat_map(|act| {
            let body = Body::Act(Signed { notice: EntryHash([1; 32]), by: by(), act });
            let plain = [&[referral::VERSION][..], &codec::encode(&body)].concat();
            [body.encode().to_vec(), plain]
        })
        .collect()
}

fn audit() -> Vec<u8> {
    let audit = Audit {
        by: by(),
        looked: Looked::ThreadList,
        person: None,
        thread: None,
        at: Time(7),
        shown: Vec::new(),
        words: "".into(),
    };
    PrivateBody::Audit(audit).encode().to_vec()
}

fn openings() -> Vec<u8> {
    let openings = Openings { unit: "beds".into(), open: 2, of: Some(8), as_of: Time(9), note: "call first".into() };
    openings.encode().expect("short texts")
}

fn sealed() -> Vec<u8> {
    let packed = seal::Packed::new(b"some words that are sealed").expect("a short text");
    seal::seal(&EpochKey::from_bytes(decoders::EPOCH), b"", &packed, &mut Mutator::new(4)).expect("it seals")
}

fn parcels() -> Vec<Vec<u8>> {
    let (key, org) = (NodeKey::from_seed([3; 32]), OrgId([7; 32]));
    let certificate = RootKey::from_seed([4; 32]).certify(&key, decoders::PREKEY.public(), Time(1));
    let content = Content::new(certificate, Time(2), Page { entries: vec![vec![1; 40]], ..Page::default() });
    let plain = content.padded(&key, org).expect("it fits");
    let nodes = [(NodeId([1; 32]), decoders::PREKEY.public())];
    let parcel = Parcel::seal(&key, &content, (org, Time(9)), &nodes, &mut Mutator::new(9)).expect("it seals").bytes();
    let text = Bundle::texts(org, vec![parcel.clone()]).concat();
    vec![parcel, plain.to_vec(), text.into_bytes()]
}

fn wrapped() -> Vec<u8> {
    let made = wrap::wrap(&decoders::PREKEY.public(), b"fuzz", b"", &[1; 32], &mut Mutator::new(8));
    codec::encode(&made.expect("it wraps"))
}

fn texts() -> Vec<Vec<u8>> {
    let all = [
        "2026-11-24T10:00:00-06:00",
        "2026-11-24",
        "0101010101010101010101010101010101010101010101010101010101010101",
        "/ip4/127.0.0.1/udp/4870/quic-v1",
        "counselling",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    ];
    all.iter().map(|text| text.as_bytes().to_vec()).collect()
}
