use super::*;
use crate::fault::Class;
use crate::random::Foretold;
use proptest::prelude::*;

fn key(seed: u8) -> EpochKey {
    EpochKey::from_bytes([seed; 32])
}

#[test]
fn a_body_opens_under_its_key_and_header_only() {
    let text = b"appointment on Tuesday ".repeat(6);
    let packed = Packed::new(&text).unwrap();
    for suite in [SUITE_AES, SUITE_CHACHA] {
        let sealed = seal_with(suite, &key(1), b"header", &packed, &mut Foretold::new(1)).unwrap();
        assert_eq!(sealed.len(), packed.sealed_len());
        assert!(sealed.len() < text.len(), "repeated text is compressed");
        assert_eq!(open(&key(1), b"header", &sealed).unwrap().as_slice(), text);
        assert!(open(&key(2), b"header", &sealed).is_err());
        assert!(open(&key(1), b"Header", &sealed).is_err());
    }
}

#[test]
fn what_does_not_shrink_is_sealed_as_it_is() {
    let packed = Packed::new(b"ab").unwrap();
    assert_eq!(packed.sealed_len(), OVERHEAD + 3);
    let sealed = seal(&key(1), b"", &packed, &mut Foretold::new(1)).unwrap();
    assert_eq!(open(&key(1), b"", &sealed).unwrap().as_slice(), b"ab");
    let empty = Packed::new(b"").unwrap();
    let sealed = seal(&key(1), b"", &empty, &mut Foretold::new(1)).unwrap();
    assert!(open(&key(1), b"", &sealed).unwrap().is_empty());
}

#[test]
fn the_same_text_sealed_twice_shares_no_byte_run() {
    let packed = Packed::new(b"the same").unwrap();
    let mut random = Foretold::new(1);
    let one = seal(&key(1), b"h", &packed, &mut random).unwrap();
    let two = seal(&key(1), b"h", &packed, &mut random).unwrap();
    assert_ne!(one[33..], two[33..]);
}

#[test]
fn a_text_that_opens_to_too_much_is_refused_on_both_sides() {
    let huge = vec![0; limits::BODY_BYTES + 1];
    assert_eq!(Packed::new(&huge).unwrap_err().class, Class::Misuse);
    let mut bomb = vec![ZSTD];
    bomb.extend(zstd::bulk::compress(&huge, LEVEL).unwrap());
    let sealed = seal(&key(1), b"h", &Packed(Zeroizing::new(bomb)), &mut Foretold::new(1)).unwrap();
    let fault = open(&key(1), b"h", &sealed).unwrap_err();
    assert_eq!(fault.class, Class::Malformed);
    assert!(fault.message.contains("over"), "{fault}");
    let largest = vec![0; limits::BODY_BYTES];
    let sealed = seal(&key(1), b"h", &Packed::new(&largest).unwrap(), &mut Foretold::new(1)).unwrap();
    assert_eq!(open(&key(1), b"h", &sealed).unwrap().len(), limits::BODY_BYTES);
}

#[test]
fn what_compresses_better_than_text_is_sealed_as_it_is_and_opens_from_nobody_who_compressed_it() {
    let zeros = vec![0; 64 * 1024];
    let honest = Packed::new(&zeros).unwrap();
    assert_eq!(honest.0.len(), 1 + zeros.len());
    let opened = |packed: Packed| open(&key(1), b"h", &seal(&key(1), b"h", &packed, &mut Foretold::new(1)).unwrap());
    assert_eq!(opened(honest).unwrap().as_slice(), zeros);
    let bomb = zstd::bulk::compress(&zeros, LEVEL).unwrap();
    let fault = opened(Packed(Zeroizing::new([&[ZSTD][..], &bomb].concat()))).unwrap_err();
    assert_eq!(fault.class, Class::Malformed);
    // Seven times is still text.
    let noise: Vec<u8> = (0..64_u32).flat_map(|n| crate::keys::digest::sha256(b"", &[&n.to_be_bytes()])).collect();
    let text = noise.repeat(7);
    let packed = Packed::new(&text).unwrap();
    assert!(packed.0.len() < text.len() / 4);
    assert_eq!(opened(packed).unwrap().as_slice(), text);
}

#[test]
fn what_is_padded_is_bounded_as_well() {
    let huge = vec![0; limits::BODY_BYTES + 1];
    assert_eq!(Packed::padded(&huge).unwrap_err().class, Class::Misuse);
    let largest = Packed::padded(&huge[1..]).unwrap();
    let sealed = seal(&key(1), b"h", &largest, &mut Foretold::new(1)).unwrap();
    assert_eq!(open(&key(1), b"h", &sealed).unwrap().len(), limits::BODY_BYTES);
    // As it is, and longer than any honest one.
    let longer = Packed(Zeroizing::new([&[RAW], &huge[..]].concat()));
    let sealed = seal(&key(1), b"h", &longer, &mut Foretold::new(1)).unwrap();
    assert_eq!(open(&key(1), b"h", &sealed).unwrap_err().class, Class::Malformed);
}

#[test]
fn two_keys_are_the_same_only_with_the_same_bytes() {
    assert!(key(1) == key(1) && key(1) != key(2));
}

#[test]
fn an_unknown_suite_is_incompatible() {
    let packed = Packed::new(b"text").unwrap();
    let mut sealed = seal(&key(1), b"h", &packed, &mut Foretold::new(1)).unwrap();
    sealed[0] = 7;
    assert_eq!(open(&key(1), b"h", &sealed).unwrap_err().class, Class::Incompatible);
}

#[test]
fn a_commitment_binds_one_key() {
    assert!(key(1).matches(&key(1).commitment()));
    assert!(!key(2).matches(&key(1).commitment()));
    assert_eq!(format!("{:?}", key(1)), "EpochKey");
}

proptest! {
    #[test]
    fn any_change_or_cut_keeps_it_shut(cut in 0usize..60, position in 0usize..60, bit in 0u8..8) {
        let packed = Packed::new(b"0123456789").unwrap();
        let sealed = seal(&key(1), b"h", &packed, &mut Foretold::new(2)).unwrap();
        prop_assert_eq!(sealed.len(), 60);
        prop_assert!(open(&key(1), b"h", &sealed[..cut]).is_err());
        let mut flipped = sealed;
        flipped[position] ^= 1 << bit;
        prop_assert!(open(&key(1), b"h", &flipped).is_err());
    }

    #[test]
    fn foreign_bytes_are_faults(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(open(&key(1), b"h", &bytes).is_err());
    }
}
