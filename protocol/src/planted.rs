//! Bugs that a test may plant on purpose, to show that the simulator would find them.
//!
//! Without the feature `planted` (the program is built without it) [`is`] is `false` and nothing else of this is there. With it,
//! a thread that never calls `plant` runs the code as it stands.

/// One broken rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// A bookmark is kept before what it covers is here.
    TokenTooEarly,
    /// A node is never told its own words, though another run of it, since rolled back, wrote them.
    RunIgnored,
    /// A bookmark fits by its number alone, on a disk that was rolled back or copied.
    ChainIgnored,
    /// Who was taken out of a space still gets its entries.
    SentToTheRemoved,
    /// Who was taken out is not told.
    RemovalUnsaid,
    /// A space that is opened to somebody is no arrival.
    OpenedUnsaid,
    /// What a node has promised to keep is not synced.
    PromiseUnsynced,
    /// Missing keys are not asked for, and no ask is answered.
    Untended,
    /// A register that comes before its space is dropped.
    EarlyRegisterDropped,
    /// An epoch minted before a removal is sealed under all the same, and opened.
    StaleEpochUsed,
}

#[cfg(feature = "planted")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Bug>> = const { std::cell::Cell::new(None) };
}

/// Plants a bug in this thread, or pulls it out again.
#[cfg(feature = "planted")]
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

/// Whether this bug is planted.
#[cfg(feature = "planted")]
pub(crate) fn is(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// Whether this bug is planted: never, in the program.
#[cfg(not(feature = "planted"))]
pub(crate) const fn is(_: Bug) -> bool {
    false
}
