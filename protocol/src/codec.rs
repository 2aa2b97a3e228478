//! The one encoding: postcard (<https://postcard.jamesmunns.com/wire-format>), refused where it is not canonical.
//!
//! postcard's varints have longer spellings of the same number; a decoded value is therefore encoded again and must give the
//! very bytes that came. So an entry has one spelling, and its hash one meaning.

use crate::fault::{Fault, Result};
use serde::{Serialize, de::DeserializeOwned};

/// The canonical bytes of a value.
///
/// # Panics
/// Never for the types of this crate: all have known lengths and no type that postcard lacks.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).expect("types of this crate have an encoding")
}

/// A value from exactly these canonical bytes.
///
/// # Errors
/// `Malformed`, naming `what`, if the bytes are not its encoding, are followed by others, or are not canonical.
pub fn decode<T: Serialize + DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T> {
    let (value, rest) = prefix(what, bytes)?;
    if !rest.is_empty() {
        return Err(Fault::malformed(format!("{what}: {} bytes too many", rest.len())));
    }
    Ok(value)
}

/// A value from the start of `bytes`, and what follows it.
///
/// # Errors
/// As [`decode`], but for what follows.
pub fn prefix<'b, T: Serialize + DeserializeOwned>(what: &str, bytes: &'b [u8]) -> Result<(T, &'b [u8])> {
    let (value, rest) = postcard::take_from_bytes::<T>(bytes)
        .map_err(|_| Fault::malformed(format!("{what}: not its encoding, or cut short")))?;
    let used = bytes.get(..bytes.len() - rest.len()).unwrap_or_default();
    if encode(&value) != used {
        return Err(Fault::malformed(format!("{what}: encoding is not canonical")));
    }
    Ok((value, rest))
}
