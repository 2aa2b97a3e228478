//! Phrase to keys, ids, certificates, six words.

use crate::{hex, numbers};
use belay_protocol::codec;
use belay_protocol::ids::ThreadId;
use belay_protocol::keys::wrap::{SUITE_X25519, SUITE_XWING};
use belay_protocol::keys::{NodeKey, Phrase, PrekeySecret, six_words};
use belay_protocol::random::Foretold;
use belay_protocol::time::Time;
use serde_json::{Value, json};

pub fn make() -> Value {
    json!({
        "phrases": [phrase(&Phrase::generate(&mut Foretold::new(1))), phrase(&zeroes())],
        "certificates": certificates(),
        "prekeys": [prekey(SUITE_XWING, 1), prekey(SUITE_X25519, 1), prekey(SUITE_XWING, 2)],
        "threads": [thread(1), thread(2)],
        "six_words": (["".as_bytes(), b"belay", &[0xff; 32]].map(|of| json!({"of": hex(of), "words": six_words(of), "numbers": numbers(&six_words(of))}))),
    })
}

/// The phrase of 32 zero bytes, which BIP39's own vectors have too.
fn zeroes() -> Phrase {
    Phrase::parse(&format!("{}art", "abandon ".repeat(23))).expect("BIP39 has this phrase among its vectors")
}

fn phrase(phrase: &Phrase) -> Value {
    let root = phrase.root().public();
    let recovery = phrase.recovery();
    json!({
        "words": *phrase.words(),
        "root_public": hex(root.0),
        "org": hex(root.org().0),
        "recovery_seed": hex(recovery.seed().as_slice()),
        "recovery_prekey_id": hex(recovery.id().0),
    })
}

fn thread(seed: u64) -> Value {
    let org = zeroes().root().public().org();
    let id = ThreadId::begun_by(&org, &mut Foretold::new(seed));
    assert!(id.is_of(&org));
    json!({"org": hex(org.0), "id": hex(id.0)})
}

fn certificates() -> Value {
    let root = zeroes().root();
    let node = NodeKey::from_seed([3; 32]);
    let prekey = PrekeySecret::of_suite(SUITE_X25519, [5; 32]).expect("suite 2 is known");
    let certificate = root.certify(&node, prekey.public(), Time(1_790_000_000_000));
    let retirement = root.retire(node.id(), Time(1_800_000_000_000));
    assert_eq!(certificate.verify().expect("it is signed"), root.public().org());
    assert_eq!(retirement.verify().expect("it is signed"), root.public().org());
    json!({
        "node_seed": hex(node.seed().as_slice()),
        "node": hex(node.id().0),
        "root_public": hex(root.public().0),
        "issued": 1_790_000_000_000u64,
        "prekey": hex(codec::encode(&prekey.public())),
        "certificate": hex(codec::encode(&certificate)),
        "retired": 1_800_000_000_000u64,
        "retirement": hex(codec::encode(&retirement)),
    })
}

fn prekey(suite: u8, seed: u8) -> Value {
    let secret = PrekeySecret::of_suite(suite, [seed; 32]).expect("the suites are known");
    json!({"suite": suite, "seed": hex([seed; 32]), "public": hex(secret.public().key), "id": hex(secret.id().0)})
}
