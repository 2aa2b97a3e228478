//! What an organisation leaves with partners of its private space: entries, padded to a size class and sealed to its recovery key.
//!
//! A partner sees how many of these it holds, in which of four sizes, and when they came. Only who has the phrase opens them.

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::OrgId;
use crate::keys::PrekeySecret;
use crate::keys::seal::{self, EpochKey, Packed};
use crate::keys::wrap::{self, PrekeyPublic, Wrap};
use crate::limits;
use crate::random::Random;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const INFO: &[u8] = b"backup v1";
/// Bytes of a sealed package beside its padded content, at most: version, wrap, flag, suite, salt and tag.
const AROUND: usize = 2 * 1024;

/// Bytes before the content: its length.
const LENGTH: usize = 4;

/// Bytes of one sealed package, at most.
pub const BYTES: usize = limits::BACKUP_SIZES[3] + AROUND;

/// Bytes that entries of these lengths take in a package.
#[must_use]
pub fn room(lengths: impl Iterator<Item = usize>) -> usize {
    // Each with its length before it, all with their number, and the length of the whole.
    lengths.map(|length| length.saturating_add(4)).fold(16, usize::saturating_add)
}

/// The least size that a content of this length fits.
fn size_for(length: usize) -> Option<usize> {
    limits::BACKUP_SIZES.into_iter().find(|size| *size >= length.saturating_add(LENGTH))
}

/// Seals entries to the recovery key of an organisation.
///
/// # Errors
/// `Misuse` for more than the largest size takes; `Incompatible` or `Malformed` for a key that is none.
pub fn seal(to: &PrekeyPublic, org: OrgId, entries: &[Vec<u8>], random: &mut dyn Random) -> Result<Vec<u8>> {
    let content = codec::encode(&entries);
    let size = size_for(content.len()).ok_or_else(|| Fault::misuse("backup: more entries than one package takes"))?;
    let length = u32::try_from(content.len()).map_err(|_| Fault::misuse("backup: too long"))?;
    let mut padded = Zeroizing::new(Vec::with_capacity(size));
    padded.extend_from_slice(&length.to_be_bytes());
    padded.extend_from_slice(&content);
    padded.resize(size, 0);
    let key = EpochKey::generate(random);
    let wrapped = wrap::wrap(to, INFO, org.as_bytes(), key.as_bytes(), random)?;
    let header = codec::encode(&wrapped);
    let body = seal::seal(&key, &header, &Packed::padded(&padded)?, random)?;
    let mut bytes = vec![VERSION];
    bytes.extend(codec::encode(&(wrapped, body)));
    Ok(bytes)
}

/// Opens a package.
///
/// # Errors
/// `Incompatible` for another version; `Malformed` for what was changed, or sealed to another key or for another organisation.
pub fn open(secret: &PrekeySecret, org: OrgId, bytes: &[u8]) -> Result<Vec<Vec<u8>>> {
    let rest = match bytes.split_first() {
        Some((&VERSION, rest)) => rest,
        Some((other, _)) => return Err(Fault::incompatible(format!("backup: version {other}"))),
        None => return Err(Fault::malformed("backup: empty")),
    };
    let (wrapped, body): (Wrap, Vec<u8>) = codec::decode("backup", rest)?;
    let key = wrap::open(secret, &wrapped, INFO, org.as_bytes())?;
    let key = EpochKey::from_slice(&key).ok_or_else(|| Fault::malformed("backup: its key has another length"))?;
    let padded = seal::open_padded(&key, &codec::encode(&wrapped), &body)?;
    let damaged = || Fault::malformed("backup: not padded as it should be");
    let (length, rest) = padded.split_first_chunk::<LENGTH>().ok_or_else(damaged)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| damaged())?;
    let (content, padding) = rest.split_at_checked(length).ok_or_else(damaged)?;
    if size_for(length) != Some(padded.len()) || padding.iter().any(|byte| *byte != 0) {
        return Err(damaged());
    }
    codec::decode("backup", content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    struct Counting(u8);
    impl Random for Counting {
        fn fill(&mut self, out: &mut [u8]) {
            for byte in out {
                self.0 = self.0.wrapping_add(41);
                *byte = self.0;
            }
        }
    }

    #[test]
    fn a_package_opens_with_the_recovery_key_of_its_organisation_alone_and_tells_a_size_class() {
        let mut random = Counting(3);
        let (secret, other) = (PrekeySecret::generate(&mut random), PrekeySecret::generate(&mut random));
        let (org, another) = (OrgId([1; 32]), OrgId([2; 32]));
        let one = vec![vec![7; 300]];
        let several = vec![vec![7; 900], random::array::<64>(&mut random).to_vec(), vec![0; 2_000]];
        let small = seal(&secret.public(), org, &one, &mut random).unwrap();
        let larger = seal(&secret.public(), org, &several, &mut random).unwrap();
        assert_eq!(small.len(), larger.len(), "both are of the least size");
        assert_eq!(open(&secret, org, &larger).unwrap(), several);
        assert!(open(&other, org, &larger).is_err() && open(&secret, another, &larger).is_err());
        for at in [0, 40, 1_300, larger.len() - 1] {
            let mut changed = larger.clone();
            changed[at] ^= 1;
            assert!(open(&secret, org, &changed).is_err(), "byte {at}");
        }
    }

    /// A package whose plaintext is this.
    fn sealed_as_it_is(to: &PrekeyPublic, org: OrgId, plain: &Packed, random: &mut dyn Random) -> Vec<u8> {
        let key = EpochKey::generate(random);
        let wrapped = wrap::wrap(to, INFO, org.as_bytes(), key.as_bytes(), random).unwrap();
        let body = seal::seal(&key, &codec::encode(&wrapped), plain, random).unwrap();
        [&[VERSION][..], &codec::encode(&(wrapped, body))].concat()
    }

    #[test]
    fn a_package_that_is_padded_in_another_way_does_not_open() {
        let mut random = Counting(5);
        let (secret, org) = (PrekeySecret::generate(&mut random), OrgId([1; 32]));
        // Enough that is drawn, so that zeros behind it are worth packing and do not open to too much.
        let entries = vec![crate::random::array::<600>(&mut random).to_vec()];
        let content = codec::encode(&entries);
        let plain = |size: usize| {
            let mut plain = u32::try_from(content.len()).unwrap().to_be_bytes().to_vec();
            plain.extend_from_slice(&content);
            plain.resize(size, 0);
            plain
        };
        let least = limits::BACKUP_SIZES[0];
        let mut opens = |plain: &Packed| {
            let package = sealed_as_it_is(&secret.public(), org, plain, &mut random);
            open(&secret, org, &package).ok()
        };
        assert_eq!(opens(&Packed::padded(&plain(least)).unwrap()), Some(entries));
        let mut ends_in_one = plain(least);
        ends_in_one[least - 1] = 1;
        for odd in
            [plain(least + 1), plain(least - 1), plain(limits::BACKUP_SIZES[1]), plain(4 + content.len()), ends_in_one]
        {
            assert_eq!(opens(&Packed::padded(&odd).unwrap()), None, "{} bytes", odd.len());
        }
        let packed = Packed::new(&plain(least)).unwrap();
        assert!(packed.sealed_len() < least, "it is compressed");
        assert_eq!(opens(&packed), None, "compressed");
    }

    #[test]
    fn the_largest_entry_fits_and_no_package_is_longer_than_is_taken() {
        let mut random = Counting(9);
        let secret = PrekeySecret::generate(&mut random);
        let entry = vec![vec![1; limits::ENTRY_BYTES]];
        let sealed = seal(&secret.public(), OrgId::ZERO, &entry, &mut random).unwrap();
        assert!(sealed.len() <= BYTES && BYTES < limits::FRAME_BYTES);
        assert!(room([limits::ENTRY_BYTES].into_iter()) <= limits::BACKUP_SIZES[3]);
        for lengths in [vec![], vec![0], vec![127, 128, 20_000], vec![limits::ENTRY_BYTES], vec![1; 40_000]] {
            let entries: Vec<Vec<u8>> = lengths.iter().map(|length| vec![1; *length]).collect();
            let needed = codec::encode(&entries).len() + 4;
            assert!(room(lengths.into_iter()) >= needed, "what fits by its room fits");
        }
        assert!(
            seal(
                &secret.public(),
                OrgId::ZERO,
                &[vec![1; limits::ENTRY_BYTES], vec![1; limits::ENTRY_BYTES]],
                &mut random
            )
            .is_err()
        );
    }
}
