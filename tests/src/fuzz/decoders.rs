//! Decoders of the protocol and of what people paste: whatever comes, an answer; what is taken is written back to the byte.

use super::Mutator;
use belay_node::api::Request;
use belay_protocol::coalition::handshake::admission::{self, Standing};
use belay_protocol::coalition::handshake::{Answer, Request as JoinRequest};
use belay_protocol::coalition::invite::{Code, armor};
use belay_protocol::directory::{Openings, listings};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::document::{self, Document};
use belay_protocol::ids::{EntryHash, NodeId, OrgId, SpaceId};
use belay_protocol::keys::{EpochKey, Phrase, PrekeySecret, Wrap, backup, seal, wrap};
use belay_protocol::referral::attachment;
use belay_protocol::space::Register;
use belay_protocol::space::control::Control;
use belay_protocol::space::entry::{Entry, Kind};
use belay_protocol::store::{Draft, Memory};
use belay_protocol::sync::arrivals::{self, From, Item};
use belay_protocol::sync::bookmark;
use belay_protocol::sync::parcel::bundle::Bundle;
use belay_protocol::sync::parcel::{Content, Parcel};
use belay_protocol::sync::wire::Frame;
use belay_protocol::time::Time;
use belay_protocol::{agreement, codec, emergency as crisis, limits, referral};
use std::sync::LazyLock;

/// What was read is written again: there is one spelling.
fn same(what: &str, read: &[u8], written: &[u8]) {
    assert!(read == written, "{what}: bytes were taken that are written differently");
}

pub fn frame(bytes: &[u8]) {
    if let Ok(frame) = Frame::decode(bytes) {
        same("frame", bytes, &frame.encode());
    }
}

pub fn entry(bytes: &[u8]) {
    let Ok(entry) = Entry::parse(bytes.to_vec()) else {
        assert!(Entry::verify(bytes.to_vec()).is_err(), "an entry that can not be read was verified");
        return;
    };
    same("entry", bytes, entry.bytes());
    assert!(bytes.len() <= limits::ENTRY_BYTES, "an entry over its bound");
    if Entry::verify(bytes.to_vec()).is_ok() {
        let _control = Control::decode(entry.header().kind, entry.body());
    }
}

const KINDS: [Kind; 11] = [
    Kind::Found,
    Kind::Grant,
    Kind::Revoke,
    Kind::Certify,
    Kind::Retire,
    Kind::Keep,
    Kind::Epoch,
    Kind::Extend,
    Kind::Ask,
    Kind::Approve,
    Kind::Data,
];

pub fn control(bytes: &[u8]) {
    let Some((kind, body)) = bytes.split_first() else { return };
    let _control = Control::decode(KINDS[usize::from(*kind) % KINDS.len()], body);
}

pub fn register(bytes: &[u8]) {
    if let Ok(register) = Register::verify(bytes) {
        same("register", bytes, &register.bytes());
    }
}

pub fn document(bytes: &[u8]) {
    let Ok(body) = document::Body::decode(bytes) else { return };
    same("document", bytes, &body.encode());
    let Ok(changes) = body.packed().open() else { return };
    let (mut document, mut backwards) = (Document::default(), Document::default());
    document.merge(changes.iter().cloned()).expect("what was not kept can be read");
    for change in changes.into_iter().rev() {
        backwards.merge([change]).expect("the same, one by one");
    }
    let fields = document.fields().expect("what was not kept can be read");
    assert!(backwards.fields().expect("reads") == fields, "the other way round, it is another");
    let again = Document::load(&document.state().expect("can be kept")).expect("what was kept can be read");
    assert!(again.fields().expect("reads") == fields, "kept, it is another");
    for (_, listing) in listings(&fields) {
        assert!(listing.fields.len() <= fields.len(), "a listing has more fields than its document");
    }
}

pub fn thread_body(bytes: &[u8]) {
    if let Ok(body) = referral::Body::decode(bytes) {
        let again = referral::Body::decode(&body.encode()).expect("what was read can be written and read");
        assert!(codec::encode(&again) == codec::encode(&body), "a thread body changed by being written");
    }
}

pub fn private_record(bytes: &[u8]) {
    if let Ok(body) = PrivateBody::decode(bytes) {
        same("private record", bytes, &body.encode());
    }
}

pub fn agreement(bytes: &[u8]) {
    if let Ok(body) = agreement::Body::decode(bytes) {
        same("agreement", bytes, &body.encode());
    }
}

pub fn emergency(bytes: &[u8]) {
    if let Ok(body) = crisis::EmergencyBody::decode(bytes) {
        same("emergency body", bytes, &body.encode());
    }
}

pub fn inquiry(bytes: &[u8]) {
    if let Ok(body) = referral::inquiry::InquiryBody::decode(bytes) {
        same("inquiry", bytes, &body.encode());
    }
}

pub fn openings(bytes: &[u8]) {
    let _openings = Openings::decode(bytes);
}

/// The key that seeds of `sealed_body` are sealed under; the header is empty.
pub const EPOCH: [u8; 32] = [9; 32];

pub fn sealed_body(bytes: &[u8]) {
    if let Ok(opened) = seal::open(&EpochKey::from_bytes(EPOCH), b"", bytes) {
        assert!(opened.len() <= limits::BODY_BYTES, "a body opened beyond its bound");
    }
}

/// Who the seeds of `wrap` are for.
pub static PREKEY: LazyLock<PrekeySecret> = LazyLock::new(|| PrekeySecret::generate(&mut super::Mutator::new(77)));

pub fn wrap(bytes: &[u8]) {
    if let Ok(wrapped) = codec::decode::<Wrap>("wrap", bytes) {
        let _opened = wrap::open(&PREKEY, &wrapped, b"fuzz", b"");
    }
}

/// A parcel as a carrier reads it, what its recipient finds inside, and a bundle.
pub fn parcel(bytes: &[u8]) {
    if let Ok(parcel) = Parcel::read(bytes) {
        same("parcel", bytes, &parcel.bytes());
        let _content = parcel.open(NodeId([1; 32]), &PREKEY);
    }
    if let Ok(content) = Content::from_padded(bytes, OrgId([7; 32])) {
        assert!(content.receipts.len() <= limits::PARCEL_RECEIPTS, "a content over its bound");
    }
    let _bundle = Bundle::read(&String::from_utf8_lossy(bytes));
}

/// Whose packages and bookmarks they are.
const WHOSE: (OrgId, NodeId) = (OrgId([7; 32]), NodeId([1; 32]));

/// A package to our recovery key.
pub fn packed() -> Vec<u8> {
    backup::seal(&PREKEY.public(), WHOSE.0, &[b"an entry".to_vec()], &mut Mutator::new(8)).expect("a small entry")
}

/// What a partner gives back in place of a package that was left there.
pub fn package(bytes: &[u8]) {
    if let Ok(entries) = backup::open(&PREKEY, WHOSE.0, bytes) {
        let whole: usize = entries.iter().map(Vec::len).sum();
        assert!(whole <= limits::BACKUP_SIZES[3], "a package over its bound");
    }
}

/// A store with one arrival, and the bookmark for it.
static MARKED: LazyLock<(Memory, Vec<u8>)> = LazyLock::new(|| {
    let mut store = Memory::default();
    let mut draft = Draft::new(&store);
    let item = Item::Entry { space: SpaceId([1; 32]), hash: EntryHash([2; 32]) };
    let number = arrivals::append(&mut draft, item, From::Own).expect("a store in memory");
    let token = bookmark::issue(&mut draft, &mut Mutator::new(9), WHOSE.1, number).expect("an arrival");
    let writes = draft.into_writes();
    store.commit(writes);
    (store, token)
});

/// A bookmark as we gave it.
pub fn marked() -> Vec<u8> {
    MARKED.1.clone()
}

/// What a peer shows as a bookmark of ours: the one that it was given, or none.
pub fn bookmark(bytes: &[u8]) {
    let fits = bookmark::fits(&MARKED.0, WHOSE.1, bytes).expect("a store in memory");
    assert_eq!(fits.is_some(), bytes == MARKED.1, "a bookmark that was not given fits");
}

pub fn join_request(bytes: &[u8]) {
    if let Ok(request) = JoinRequest::decode(bytes) {
        same("join request", bytes, &request.encode());
    }
}

pub fn join_answer(bytes: &[u8]) {
    if let Ok(answer) = Answer::decode(bytes) {
        same("join answer", bytes, &answer.encode());
    }
}

pub fn admission(bytes: &[u8]) {
    let (me, peer, ours) = (NodeId([2; 32]), NodeId([3; 32]), [SpaceId([4; 32])]);
    let answer = admission::check(bytes, peer, me, &ours, &mut |_, _, _| Ok(Standing::Member));
    let answer = answer.expect("a roster that answers");
    assert!(answer.is_err(), "somebody was admitted without the peer's own certificate");
}

pub fn invite_code(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(code) = Code::parse(text) {
        assert!(code.addresses.len() <= limits::INVITE_ADDRESSES, "more addresses than a code has");
        let _expired = code.check_expiry(Time(0));
    }
}

pub fn armor(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok((_, content)) = armor::read(text)
    {
        assert!(content.len() <= bytes.len(), "paper held more than was written on it");
    }
}

pub fn phrase(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _phrase = Phrase::parse(text);
    }
}

/// Short texts that people and files give: ids, times, addresses, kinds.
pub fn texts(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(time) = Time::parse(text) {
        let _shown = time.to_string();
    }
    if let Ok(id) = text.parse::<OrgId>() {
        assert!(id.to_string().eq_ignore_ascii_case(text.trim()), "an id is written differently");
    }
    let _listing = text.parse::<belay_protocol::directory::ListingId>();
    let _information = text.parse::<referral::Information>();
    let _address = belay_node::net::address::parse(text);
    let _words = belay_node::store::directory::words(text);
}

/// What comes over the control socket.
pub fn request(bytes: &[u8]) {
    let _request = serde_json::from_slice::<Request>(bytes);
}

/// Files that are attached: their type by their first bytes, and a drawn signature as lines and nothing else.
pub fn drawing(bytes: &[u8]) {
    let _media = attachment::Media::sniff(bytes);
    if let Ok(manifest) = attachment::Manifest::of("a file", bytes) {
        manifest.check().expect("what was made of a file holds");
    }
}
