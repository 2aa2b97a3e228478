//! What the shell has to do, as data.

use crate::fault::Fault;
use crate::ids::{DocumentId, EntryHash, NodeId, OrgId, SpaceId};
pub use crate::space::Unopened;
use crate::store::Write;
use crate::time::Time;
use zeroize::Zeroizing;

/// What one input or step leads to. The order of handling is on [`super::Engine`].
#[derive(Debug, Default)]
pub struct Output {
    /// One transaction.
    pub writes: Vec<Write>,
    /// Whether it must survive a power cut before a frame leaves: own entries, revocations heard, receipts.
    pub durable: bool,
    /// Whole frames, by link, in order.
    pub frames: Vec<(u64, Vec<u8>)>,
    /// Links to close, with why. Their frames above are sent first.
    pub close: Vec<(u64, Fault)>,
    pub events: Vec<Event>,
    /// When to tick next, and what for.
    pub wake: Option<(Time, &'static str)>,
}

/// What became known. Events of one output are in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A body counts and was opened: own ones too, each once, and again where it was lost meanwhile, in the order of acceptance of its space
    /// but for those that had to wait for a key or until they counted.
    Applied { space: SpaceId, hash: EntryHash, author: NodeId, org: OrgId, time: Time, body: Body },
    /// A word that came too late to count and takes effect all the same: see [`super::late`]. May be said again.
    Late { space: SpaceId, hash: EntryHash, org: OrgId, time: Time, body: Body },
    /// A body that was told of counts no more. Of documents in a coalition, and of the private space, other events tell that.
    Lost { space: SpaceId, hash: EntryHash, org: OrgId, body: Body },
    /// Of this document of a coalition something counts no more: fold it anew ([`super::Engine::refold`]).
    Refold { space: SpaceId, org: OrgId, document: DocumentId },
    /// Something counts no more in the private space: fold it again from [`super::Engine::bodies`].
    Recount { space: SpaceId },
    /// A body can not be opened now, and why. If that changes, `Applied` follows.
    Unopened { space: SpaceId, hash: EntryHash, why: Unopened },
    /// A register was taken: somebody's newer value, or one's own.
    Register { space: SpaceId, node: NodeId, name: String },
    /// Membership, roster or nodes of this space changed.
    Members { space: SpaceId },
    /// A space came to this node: its `found` entry was accepted.
    Joined { space: SpaceId },
    /// Somebody took this organisation out of the space. Nothing more is written there.
    Removed { space: SpaceId },
    /// An organisation's time in a space has passed, and this node wrote the `revoke`. Where it can not, see
    /// [`super::Engine::unended`].
    Expired { space: SpaceId, org: OrgId },
    /// Words of this node came that this store did not write: see [`super::Engine::elsewhere`].
    Elsewhere,
}

/// The plaintext of a body. Zeroized when dropped; `Debug` shows only its length.
#[derive(Clone, PartialEq, Eq)]
pub struct Body(pub Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

impl std::ops::Deref for Body {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}
