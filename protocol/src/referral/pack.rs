//! Bodies of a thread in few bytes: zstd, with the texts that stand in nearly every notice as its dictionary. The notice of 42 CFR
//! 2.32 goes with every space to the byte, and costs some fifty bytes there instead of eight hundred.

use crate::fault::{Fault, Result};
use std::cell::RefCell;
use zeroize::Zeroizing;
use zstd::bulk::Decompressor;

/// Raw content, no trained dictionary. Once bodies are out in the world it never changes: another one gets another version.
const USUAL: &[u8] = include_bytes!("usual.txt");

const LEVEL: i32 = 19;

/// Longer bodies are left as they are: the seal compresses them, and no reader makes room for more than this.
const MOST: usize = 64 * 1024;

thread_local! {
    /// To make one takes longer than to open a body.
    static OPENER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// The short form; `None` where there is nothing to be gained.
pub(super) fn short(plain: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if plain.len() > MOST {
        return None;
    }
    let packed =
        zstd::bulk::Compressor::with_dictionary(LEVEL, USUAL).ok()?.compress(plain).map(Zeroizing::new).ok()?;
    (packed.len() < plain.len()).then_some(packed)
}

/// The long form again.
///
/// # Errors
/// `Malformed`.
pub(super) fn long(packed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let damaged =
        |_| Fault::malformed(format!("thread body: its short form is damaged, or opens to over {MOST} bytes"));
    OPENER.with_borrow_mut(|opener| {
        if opener.is_none() {
            *opener = Some(Decompressor::with_dictionary(USUAL).map_err(damaged)?);
        }
        let opener = opener.as_mut().ok_or_else(|| Fault::bug("an opener was just made"))?;
        opener.decompress(packed, MOST).map(Zeroizing::new).map_err(damaged)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::notice::STATEMENT_1;
    use crate::keys::digest::sha256;

    #[test]
    fn the_dictionary_is_the_one_that_the_specification_names() {
        let hex: String = sha256(b"", &[USUAL]).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "1361bc23f080e4c55c397e6cc8f41c684e23b04fb22ddeceb069f3366d28040d");
    }

    #[test]
    fn the_notice_comes_back_to_the_byte_and_costs_little() {
        let packed = short(STATEMENT_1.as_bytes()).expect("gained");
        assert!(packed.len() < 100, "{} bytes", packed.len());
        assert_eq!(long(&packed).expect("whole").as_slice(), STATEMENT_1.as_bytes());
    }

    #[test]
    fn what_opens_to_more_than_is_taken_is_refused_and_so_is_what_is_damaged() {
        assert!(short(&[0; MOST + 1]).is_none());
        let huge = zstd::bulk::compress(&vec![0; MOST + 1], 3).expect("compresses");
        assert!(long(&huge).is_err());
        let mut packed = short(STATEMENT_1.as_bytes()).expect("gained");
        let half = packed.len() / 2;
        packed.truncate(half);
        assert!(long(&packed).is_err());
    }
}
