//! How a placed copy is found: by a name and the date of birth, both exact, and by nothing else. What a node keeps of a copy until
//! it is opened is [`Mark`]s: hashes over the space and those two, so that no list of names exists that somebody could read by
//! looking at a table. They are no secret from who holds the node's keys: a name is easily guessed.

use super::Copy;
use crate::ids::SpaceId;
use crate::keys::digest::sha256;
use crate::referral::normal_name;
use crate::sensitive::Personal;
use zeroize::Zeroizing;

/// What stands for one name with the date of birth.
pub type Mark = [u8; 32];

/// The mark of a name (no case, no accents, words in any order) and a date of birth. `None`: one of them is empty.
#[must_use]
pub fn mark(space: SpaceId, name: &Personal<String>, birth_date: &Personal<String>) -> Option<Mark> {
    let name = Zeroizing::new(normal_name(name.reveal()).join(" "));
    let date = birth_date.reveal().trim();
    if name.is_empty() || date.is_empty() {
        return None;
    }
    Some(sha256(b"belay emergency mark v1\0", &[&space.0, date.as_bytes(), b"\0", name.as_bytes()]))
}

/// The marks of a copy: one for each name.
#[must_use]
pub fn marks(space: SpaceId, copy: &Copy) -> Vec<Mark> {
    copy.names.iter().filter_map(|name| mark(space, name, &copy.birth_date)).collect()
}
