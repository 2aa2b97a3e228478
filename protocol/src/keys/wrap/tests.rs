use super::*;
use crate::fault::Class;
use crate::random::Foretold;
use proptest::prelude::*;

fn key(suite: u8, seed: u8) -> PrekeySecret {
    PrekeySecret::of_suite(suite, [seed; 32]).unwrap()
}

#[test]
fn a_wrap_opens_with_its_key_only_and_only_for_its_use_and_place() {
    for suite in [SUITE_XWING, SUITE_X25519] {
        let to = key(suite, 1);
        let made =
            wrap(&to.public(), b"use", b"place", b"a secret of 32 bytes, or so, long", &mut Foretold::new(1)).unwrap();
        assert_eq!(open(&to, &made, b"use", b"place").unwrap().as_slice(), b"a secret of 32 bytes, or so, long");
        assert!(open(&key(suite, 2), &made, b"use", b"place").is_err());
        assert!(open(&to, &made, b"other use", b"place").is_err());
        assert!(open(&to, &made, b"use", b"other place").is_err());
        let mut renamed = made.clone();
        renamed.prekey = key(suite, 2).id();
        assert!(open(&key(suite, 2), &renamed, b"use", b"place").is_err());
        let other = if suite == SUITE_XWING { SUITE_X25519 } else { SUITE_XWING };
        for (row, key) in [("another key", key(suite, 2)), ("the same seed in another suite", key(other, 1))] {
            let fault = open(&key, &made, b"use", b"place").unwrap_err();
            assert!(fault.message.starts_with("wrap: sealed to prekey"), "{row}: {}", fault.message);
        }
        let relabelled = Wrap { suite: other, ..made };
        assert!(open(&to, &relabelled, b"use", b"place").unwrap_err().message.starts_with("wrap: sealed to prekey"));
    }
}

#[test]
fn all_that_is_drawn_for_a_wrap_comes_from_the_randomness_that_is_handed_in() {
    for suite in [SUITE_XWING, SUITE_X25519] {
        let to = key(suite, 1).public();
        let made = |seed| wrap(&to, b"use", b"place", b"secret", &mut Foretold::new(seed)).unwrap();
        assert_eq!(made(1), made(1));
        assert_ne!(made(1).encapsulated, made(2).encapsulated, "suite {suite}");
        assert_ne!(made(1).sealed, made(2).sealed, "suite {suite}");
        let mut random = Foretold::new(1);
        let mut twice = || wrap(&to, b"use", b"place", b"secret", &mut random).unwrap();
        assert_ne!(twice().encapsulated, twice().encapsulated, "suite {suite}");
    }
}

#[test]
fn what_a_wrap_is_for_is_said_in_so_many_bytes_at_most() {
    let to = key(SUITE_X25519, 1);
    let made = |many: usize| wrap(&to.public(), &vec![1; many], b"", b"secret", &mut Foretold::new(1));
    let most = made(INFO_BYTES).unwrap();
    assert!(open(&to, &most, &[1; INFO_BYTES], b"").is_ok());
    for many in [INFO_BYTES + 1, 2 * INFO_BYTES] {
        assert_eq!(made(many).unwrap_err().class, Class::Misuse);
        assert_eq!(open(&to, &most, &vec![1; many], b"").unwrap_err().class, Class::Misuse);
    }
}

#[test]
fn sizes_are_as_written() {
    let made = wrap(&key(SUITE_XWING, 1).public(), b"", b"", &[7; 32], &mut Foretold::new(1)).unwrap();
    assert_eq!((made.encapsulated.len(), made.sealed.len()), (1120, 48));
    assert_eq!(key(SUITE_XWING, 1).public().key.len(), 1216);
    let made = wrap(&key(SUITE_X25519, 1).public(), b"", b"", &[7; 32], &mut Foretold::new(1)).unwrap();
    assert_eq!((made.encapsulated.len(), made.sealed.len()), (32, 48));
}

#[test]
fn an_unknown_suite_is_incompatible() {
    let mut public = key(SUITE_XWING, 1).public();
    public.suite = 9;
    assert_eq!(wrap(&public, b"", b"", b"x", &mut Foretold::new(1)).unwrap_err().class, Class::Incompatible);
    assert_eq!(public.check().unwrap_err().class, Class::Incompatible);
    assert_eq!(PrekeySecret::of_suite(0, [1; 32]).unwrap_err().class, Class::Incompatible);
}

#[test]
fn a_key_of_low_order_is_refused() {
    let public = PrekeyPublic { suite: SUITE_X25519, key: vec![0; 32] };
    assert!(wrap(&public, b"", b"", b"x", &mut Foretold::new(1)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_lengths_are_faults(
        suite in 0u8..4,
        key_bytes in prop::collection::vec(any::<u8>(), 0..1300),
        sealed in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let public = PrekeyPublic { suite, key: key_bytes.clone() };
        let _ = public.check();
        let _ = wrap(&public, b"i", b"a", b"secret", &mut Foretold::new(3));
        for to in [key(SUITE_XWING, 1), key(SUITE_X25519, 1)] {
            let hostile = Wrap { suite, prekey: to.id(), encapsulated: key_bytes.clone(), sealed: sealed.clone() };
            prop_assert!(open(&to, &hostile, b"i", b"a").is_err());
        }
    }

    #[test]
    fn any_flipped_bit_keeps_it_shut(position in 0usize..1168, bit in 0u8..8) {
        let to = key(SUITE_XWING, 1);
        let mut made = wrap(&to.public(), b"i", b"a", &[9; 32], &mut Foretold::new(4)).unwrap();
        match position.checked_sub(1120) {
            None => made.encapsulated[position] ^= 1 << bit,
            Some(position) => made.sealed[position] ^= 1 << bit,
        }
        prop_assert!(open(&to, &made, b"i", b"a").is_err());
    }
}

#[test]
fn a_prekey_passes_its_check_exactly_if_something_can_be_wrapped_to_it() {
    // Points of low order (RFC 7748, 6.1), the last two as bytes that are not reduced.
    let order_8 = [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
        0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ];
    let mut one = [0; 32];
    one[0] = 1;
    let mut prime = [0xff; 32];
    (prime[0], prime[31]) = (0xed, 0x7f);
    let mut above = prime;
    above[0] = 0xee;
    let low = [[0; 32], one, order_8, prime, above];
    let mut keys: Vec<(PrekeyPublic, bool)> =
        low.into_iter().map(|key| (PrekeyPublic { suite: SUITE_X25519, key: key.to_vec() }, false)).collect();
    // Coefficients above the modulus in the ML-KEM half.
    let mut over = key(SUITE_XWING, 1).public();
    over.key[..3].fill(0xff);
    keys.extend([(over, false), (PrekeyPublic { suite: SUITE_XWING, key: vec![0xff; 1_216] }, false)]);
    for suite in [SUITE_XWING, SUITE_X25519] {
        keys.push((key(suite, 3).public(), true));
        keys.push((PrekeyPublic { suite, key: vec![9; 31] }, false));
    }
    for (key, good) in keys {
        assert_eq!(key.check().is_ok(), good, "{key:?}");
        assert_eq!(wrap(&key, b"use", b"place", &[5; 32], &mut Foretold::new(1)).is_ok(), good, "{key:?}");
    }
}
