//! What can go wrong, sorted by who is at fault. The class alone decides the reaction, in one place ([`Fault::reaction`]).

use std::fmt;

/// Who is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A peer broke a rule that every honest node keeps.
    Misbehaved,
    /// A peer speaks another version or suite.
    Incompatible,
    /// Bytes or text that are not what they should be.
    Malformed,
    /// The caller asked for something that can not be, and can mend it.
    Misuse,
    /// The law, a consent, or a role does not allow it.
    NotPermitted,
    /// The store failed; nothing of the step was kept.
    Store,
    /// Ours.
    Bug,
}

/// What the shell does about a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// Close the link, and keep it closed for a while.
    CloseAndAvoid,
    /// Close the link.
    Close,
    /// Tell the caller; nothing else changes.
    Tell,
    /// Forget what is in memory, close every link, start from the store again.
    Restart,
}

/// One fault: its class, and a sentence that says what was wrong, what was expected and what to do.
/// Never holds a secret or a personal datum.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    pub class: Class,
    pub message: String,
}

impl Fault {
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self { class, message: message.into() }
    }
    pub fn misbehaved(message: impl Into<String>) -> Self {
        Self::new(Class::Misbehaved, message)
    }
    pub fn incompatible(message: impl Into<String>) -> Self {
        Self::new(Class::Incompatible, message)
    }
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(Class::Malformed, message)
    }
    pub fn misuse(message: impl Into<String>) -> Self {
        Self::new(Class::Misuse, message)
    }
    pub fn not_permitted(message: impl Into<String>) -> Self {
        Self::new(Class::NotPermitted, message)
    }
    pub fn store(message: impl Into<String>) -> Self {
        Self::new(Class::Store, message)
    }
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(Class::Bug, message)
    }

    /// The one place where a class turns into a reaction.
    #[must_use]
    pub const fn reaction(&self) -> Reaction {
        match self.class {
            Class::Misbehaved => Reaction::CloseAndAvoid,
            Class::Incompatible | Class::Malformed => Reaction::Close,
            Class::Misuse | Class::NotPermitted => Reaction::Tell,
            Class::Store | Class::Bug => Reaction::Restart,
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.class, self.message)
    }
}

pub type Result<T> = std::result::Result<T, Fault>;
