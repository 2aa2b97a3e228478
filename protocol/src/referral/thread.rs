//! A thread's id, which proves whose thread it is.

use crate::ids::{OrgId, ThreadId};
use crate::keys::digest;
use crate::random::{self, Random};

const TAG: &[u8] = b"belay thread v1\0";
/// Bytes that are drawn; as many prove.
const DRAWN: usize = 16;

impl ThreadId {
    /// The id of a thread that this organisation begins and is the custodian of: 16 random bytes, and the first 16 of SHA-256 over a domain tag,
    /// the organisation's id and those.
    pub fn begun_by(org: &OrgId, random: &mut dyn Random) -> Self {
        Self::with(org, &random::array(random))
    }

    /// Whether this organisation began it. Nobody else can: an organisation's id is the hash of its key.
    #[must_use]
    pub fn is_of(&self, org: &OrgId) -> bool {
        let drawn = self.0.first_chunk::<DRAWN>();
        drawn.is_some_and(|drawn| Self::with(org, drawn) == *self)
    }

    fn with(org: &OrgId, drawn: &[u8; DRAWN]) -> Self {
        let proof = digest::sha256(TAG, &[&org.0, drawn]);
        let mut id = proof;
        let (start, end) = id.split_at_mut(DRAWN);
        start.copy_from_slice(drawn);
        end.copy_from_slice(proof.first_chunk::<DRAWN>().unwrap_or(drawn));
        Self(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Foretold;

    #[test]
    fn an_id_proves_who_began_the_thread_and_no_byte_of_it_can_be_another() {
        let (one, other) = (OrgId([1; 32]), OrgId([2; 32]));
        let id = ThreadId::begun_by(&one, &mut Foretold::new(1));
        assert!(id.is_of(&one) && !id.is_of(&other));
        assert_ne!(id, ThreadId::begun_by(&one, &mut Foretold::new(2)));
        for at in 0..32 {
            let mut bytes = id.0;
            bytes[at] ^= 1;
            assert!(!ThreadId(bytes).is_of(&one) && !ThreadId(bytes).is_of(&other), "{at}");
        }
    }
}
