//! Words that stand for what is written about a person. Each is written for one field once, and found again wherever it came.

use belay_protocol::codec;
use belay_protocol::emergency::EmergencyBody;
use belay_protocol::referral::Body;
use belay_protocol::sensitive::Personal;
use std::collections::BTreeSet;

/// A word by its number.
pub type Word = usize;

const HEAD: &[u8] = b"zq";
const TAIL: &[u8] = b"qz";
const DIGITS: usize = 6;

pub fn text(word: Word) -> String {
    format!("zq{word:06}qz")
}

pub fn personal(word: Word) -> Personal<String> {
    text(word).as_str().into()
}

/// The words that stand in these bytes as they are.
pub fn found(bytes: &[u8]) -> BTreeSet<Word> {
    let long = HEAD.len() + DIGITS + TAIL.len();
    let mut words = BTreeSet::new();
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|byte| *byte == HEAD[0]) {
        at += next;
        if let Some(window) = bytes.get(at..at + long)
            && window.starts_with(HEAD)
            && window.ends_with(TAIL)
            && let Ok(digits) = std::str::from_utf8(&window[HEAD.len()..HEAD.len() + DIGITS])
            && let Ok(word) = digits.parse()
        {
            words.insert(word);
        }
        at += 1;
    }
    words
}

/// What the body of a thread's entry, or a record of one, says: also where it is kept in its short form.
pub enum Said {
    Thread(Box<Body>),
    Emergency,
    Other,
}

pub fn said(body: &[u8]) -> (Said, BTreeSet<Word>) {
    if let Ok(body) = Body::decode(body) {
        let words = found(&codec::encode(&body));
        return (Said::Thread(Box::new(body)), words);
    }
    let words = found(body);
    match EmergencyBody::decode(body) {
        Ok(_) => (Said::Emergency, words),
        Err(_) => (Said::Other, words),
    }
}
