//! The proof that the law and a consent permit one thing. Only [`decide`] makes it: its fields are private to this module.
//!
//! - `decide`: the gate, on a consent or the part of one
//! - `kinds`: what the kind of sender and recipient adds
//! - `law`: what other clauses let be told without one (2.12(c)(5), (6), 2.52, 2.53, 2.64 to 2.67)
//! - `then`: what went already and is put on record late (2.25)
//! - `ended`: word that it was taken back; `onward`: what a recipient may pass on (2.33); `without`: what needs no consent (2.12(c)(3), (4), 2.51, an inquiry)

mod basis;
mod decide;
mod ended;
mod kinds;
mod law;
mod onward;
mod then;
mod without;

use crate::ids::{ConsentId, OrgId};
use crate::referral::{Information, Purpose};
use crate::time::Time;
pub use basis::{Basis, Ended, Facts, Onward, Shut, Tie, TieKind};
pub use decide::decide;
pub use ended::CLAUSE as ENDED;
pub(super) use kinds::{kind_allows, placed};
pub use law::{Clause, Lawful, NotClause, Order};

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
    /// Lay a sealed copy with `to`, and let it in there, to be opened in a medical emergency and not before (2.51). The only thing that
    /// a flow for emergencies permits, and no other flow permits it.
    Place,
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
    /// In a medical emergency: what is written down at once.
    facts: Option<Box<Facts>>,
    /// Under another clause that asks for no consent: what is written down first.
    law: Option<Box<Lawful>>,
    /// When it went already: then it is for the record of that, and for nothing else.
    went: Option<Time>,
}

/// What a decision found to rest on.
struct Found {
    consent: ConsentId,
    version: u32,
    expires: Option<Time>,
}

impl Found {
    /// Where the law asks for no consent.
    const NO_CONSENT: Self = Self { consent: ConsentId::ZERO, version: 0, expires: None };

    fn permits(self, ask: &Ask, clause: &'static str) -> Permit {
        Permit {
            consent: self.consent,
            version: self.version,
            from: ask.from,
            to: ask.to,
            information: ask.information,
            purpose: ask.purpose.clone(),
            action: ask.action,
            expires: self.expires,
            clause,
            facts: None,
            law: None,
            went: None,
        }
    }
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

    /// The four facts of an emergency (2.51(c)), where it rests on one.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        self.facts.as_deref()
    }

    /// Where it is for the record of what went already alone: when that was.
    #[must_use]
    pub const fn went(&self) -> Option<Time> {
        self.went
    }

    /// What was written down first, where it rests on another clause that asks for no consent.
    #[must_use]
    pub fn law(&self) -> Option<&Lawful> {
        self.law.as_deref()
    }
}
