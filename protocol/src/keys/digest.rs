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
