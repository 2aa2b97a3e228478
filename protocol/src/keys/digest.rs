//! SHA-256, HKDF (RFC 5869) and HMAC (RFC 2104) as this protocol uses them: always with a tag, so that what was made for one use fits no other.

use ring::{digest, hkdf, hmac};
use zeroize::Zeroizing;

/// SHA-256 over the tag and the parts, one after another. Parts of varying length must be delimited by the caller.
#[must_use]
pub fn sha256(tag: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(tag);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// 32 bytes of HKDF-SHA256.
///
/// # Panics
/// Never: 32 bytes are one block of SHA-256, which HKDF always gives.
#[must_use]
pub fn hkdf32(salt: &[u8], secret: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(secret)
        .expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(out.as_mut_slice()))
        .expect("HKDF gives one block");
    out
}

/// HMAC-SHA256 over the tag and the parts.
#[must_use]
pub fn hmac(secret: &[u8], tag: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    context.update(tag);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

/// Whether two secrets or MACs are the same, in a time that tells nothing of where they differ.
#[must_use]
pub fn same(left: &[u8], right: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(left, right).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        let made = hmac(b"Jefe", b"what do ya want ", &[b"for ", b"nothing?"]);
        assert_eq!(HEXLOWER.encode(&made), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn hkdf_is_that_of_rfc_5869() {
        let (salt, info): (Vec<u8>, Vec<u8>) = ((0..=12).collect(), (0xf0..=0xf9).collect());
        let made = hkdf32(&salt, &[0x0b; 22], &info);
        assert_eq!(
            HEXLOWER.encode(made.as_slice()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
        );
    }

    #[test]
    fn two_are_the_same_only_to_the_last_byte() {
        assert!(same(b"one", b"one") && !same(b"one", b"ons") && !same(b"one", b"on"));
    }
}
