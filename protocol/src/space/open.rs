//! Opening bodies, and saying why one does not open.

/// Why a body can not be opened, here and now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unopened {
    /// This node is not among the readers of the space.
    NotAReader,
    /// The epoch's key has not come (yet): no wrap for us, a garbled one, or one with a wrong commitment. [`super::Spaces::tend`] asks.
    EpochMissing,
    /// Sealed under an epoch that its own causal past does not allow: minted before a removal that it knew, or reaching others
    /// than the readers. Readers do not apply it, whether they could open it or not.
    Revoked,
    /// The key is here, the bytes do not open under it.
    Corrupt,
    /// The entry does not count.
    Quarantined,
}
