//! Secrets wrapped to prekeys, in both suites.

use crate::hex;
use belay_protocol::codec;
use belay_protocol::keys::PrekeySecret;
use belay_protocol::keys::wrap::{self, SUITE_X25519, SUITE_XWING};
use belay_protocol::random::Foretold;
use serde_json::{Value, json};

pub fn make() -> Value {
    let wraps: Vec<Value> = [(SUITE_XWING, 1), (SUITE_XWING, 2), (SUITE_X25519, 1), (SUITE_X25519, 2)]
        .into_iter()
        .map(|(suite, seed)| {
            let to = PrekeySecret::of_suite(suite, [seed; 32]).expect("the suites are known");
            let (info, aad) = (b"belay vector\0", [seed; 48]);
            let secret: Vec<u8> = (0..32 * seed).collect();
            let made =
                wrap::wrap(&to.public(), info, &aad, &secret, &mut Foretold::new(seed.into())).expect("it wraps");
            assert_eq!(wrap::open(&to, &made, info, &aad).expect("it opens").as_slice(), secret);
            json!({
                "suite": suite,
                "seed": hex([seed; 32]),
                "info": hex(info),
                "aad": hex(aad),
                "secret": hex(&secret),
                "wrap": hex(codec::encode(&made)),
            })
        })
        .collect();
    json!({ "wraps": wraps })
}
