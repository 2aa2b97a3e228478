//! Every kind of frame, body and register has one spelling: what is written is read, and nothing else is.

use belay_tests::fuzz::kinds::{ELSEWHERE, KINDS};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_kind_comes_back_to_the_byte() {
    for kind in KINDS {
        let samples = (kind.samples)();
        assert!(!samples.is_empty(), "{}: no value of it can be made", kind.name);
        for bytes in &samples {
            let again = (kind.again)(bytes);
            assert_eq!(again.as_ref(), Some(bytes), "{}: {bytes:?} comes back as {again:?}", kind.name);
        }
        let firsts: BTreeSet<u8> = samples.iter().filter_map(|bytes| bytes.first()).copied().collect();
        println!("{:>5} values, {:>2} beginnings: {}", samples.len(), firsts.len(), kind.name);
    }
}

/// Cut short, followed by more, a number spelt longer, a bit turned: refused, or another value in its own only spelling.
#[test]
fn every_kind_refuses_other_spellings() {
    for kind in KINDS {
        let mut longer = 0;
        for bytes in (kind.samples)() {
            for end in 0..bytes.len() {
                assert!((kind.again)(&bytes[..end]).is_none(), "{}: cut short at {end} of {bytes:?}", kind.name);
            }
            assert!((kind.again)(&[&bytes[..], &[0]].concat()).is_none(), "{}: bytes behind {bytes:?}", kind.name);
            for at in 0..bytes.len() {
                let mut spelt = bytes.clone();
                if spelt[at] < 0x80 {
                    spelt[at] |= 0x80;
                    spelt.insert(at + 1, 0);
                    longer += usize::from(one_spelling(kind.again, &spelt, kind.name));
                }
                let mut turned = bytes.clone();
                turned[at] ^= 1;
                one_spelling(kind.again, &turned, kind.name);
                turned[at] ^= 0x81;
                one_spelling(kind.again, &turned, kind.name);
            }
        }
        let empty = (kind.samples)().iter().all(Vec::is_empty);
        assert!(longer > 0 || empty, "{}: no number in it was spelt longer", kind.name);
    }
}

/// Whether these bytes are refused; if not, they are the only spelling of what they say.
fn one_spelling(again: fn(&[u8]) -> Option<Vec<u8>>, bytes: &[u8], name: &str) -> bool {
    match again(bytes) {
        None => true,
        Some(written) => {
            assert_eq!(written, bytes, "{name}: taken, and written differently");
            false
        }
    }
}

/// A decoder that is new in the code stands in the list of kinds, or is said to stand elsewhere.
#[test]
fn no_decoder_is_forgotten() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/src");
    let mut files = vec![source];
    let mut named = BTreeSet::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().map(|file| file.unwrap().path()));
        } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for call in ["codec::decode", "codec::prefix", "unframed(", "versioned("] {
                named.extend(text.split(call).skip(1).filter_map(first_text));
            }
        }
    }
    let known: BTreeSet<&str> = KINDS.iter().map(|kind| kind.name).chain(ELSEWHERE.iter().copied()).collect();
    let forgotten: Vec<&String> = named.iter().filter(|name| !known.contains(name.as_str())).collect();
    assert!(forgotten.is_empty(), "decoders that stand in no list: {forgotten:?}");
    assert!(named.len() > 30, "the source was searched: {named:?}");
}

/// The text literal that is the first argument of a call which begins here.
fn first_text(call: &str) -> Option<String> {
    let call = match call.strip_prefix("::<") {
        Some(generic) => {
            let mut depth = 1;
            let end = generic.find(|c| {
                depth += i32::from(c == '<') - i32::from(c == '>');
                depth == 0
            })?;
            &generic[end + 1..]
        }
        None => call,
    };
    let call = call.trim_start_matches('(').trim_start();
    let text = call.strip_prefix('"')?;
    Some(text.split('"').next()?.to_owned())
}
