//! Epoch keys and sealed bodies, in both suites, as it is and compressed.

use crate::hex;
use belay_protocol::keys::EpochKey;
use belay_protocol::keys::seal::{self, Packed, SUITE_AES, SUITE_CHACHA};
use belay_protocol::random::Foretold;
use serde_json::{Value, json};

pub fn make() -> Value {
    let key = EpochKey::from_bytes([0x42; 32]);
    let long = "An appointment is offered on Tuesday at ten. ".repeat(12);
    let bodies: Vec<Value> = [(SUITE_AES, ""), (SUITE_AES, "short"), (SUITE_AES, &long), (SUITE_CHACHA, &long)]
        .into_iter()
        .zip(1..)
        .map(|((suite, text), seed)| {
            let header = [7; 90];
            let packed = Packed::new(text.as_bytes()).expect("short enough");
            let sealed = seal::seal_with(suite, &key, &header, &packed, &mut Foretold::new(seed)).expect("it seals");
            assert_eq!(sealed.len(), packed.sealed_len());
            assert_eq!(seal::open(&key, &header, &sealed).expect("it opens").as_slice(), text.as_bytes());
            json!({"suite": suite, "header": hex(header), "plaintext": hex(text), "sealed": hex(&sealed)})
        })
        .collect();
    json!({"key": hex(key.as_bytes()), "commitment": hex(key.commitment()), "bodies": bodies})
}
