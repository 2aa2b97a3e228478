//! The proof that the law and a consent permit one thing. Only [`decide`] makes it: its fields are private to this module.

mod decide;

use crate::ids::{ConsentId, OrgId};
use crate::referral::{Information, Purpose};
use crate::time::Time;
pub use decide::{Basis, decide};

/// What shall be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Let an organisation into a space.
    Grant,
    /// Seal an entry that an organisation will open.
    Seal,
    /// Write something into a file that leaves.
    Export,
    /// Show it to staff of `to`.
    Show,
}

/// The question put to [`decide`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub from: OrgId,
    pub to: OrgId,
    pub information: Information,
    pub purpose: Purpose,
    pub action: Action,
}

/// That one action is permitted. Neither copied, stored nor sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    consent: ConsentId,
    version: u32,
    from: OrgId,
    to: OrgId,
    information: Information,
    purpose: Purpose,
    action: Action,
    expires: Option<Time>,
    clause: &'static str,
}

impl Permit {
    /// The consent it rests on; all zero where the law asks for none.
    #[must_use]
    pub const fn consent(&self) -> ConsentId {
        self.consent
    }

    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Who may tell.
    #[must_use]
    pub const fn from(&self) -> OrgId {
        self.from
    }

    /// Who may be told.
    #[must_use]
    pub const fn to(&self) -> OrgId {
        self.to
    }

    #[must_use]
    pub const fn information(&self) -> Information {
        self.information
    }

    #[must_use]
    pub const fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// From this instant it permits nothing; a grant carries it as its expiry.
    #[must_use]
    pub const fn expires(&self) -> Option<Time> {
        self.expires
    }

    /// The clause that permits it.
    #[must_use]
    pub const fn clause(&self) -> &'static str {
        self.clause
    }
}
