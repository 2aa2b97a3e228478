//! What is wrong, as a list that `status`, `doctor`, pages and figures all read.

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something will not work as it should until somebody acts.
    Warning,
    /// Something does not work.
    Error,
}

impl Severity {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One named risk. Holds no secret and no personal datum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// Its name, for scripts and for the guide; never changes meaning.
    pub code: &'static str,
    pub severity: Severity,
    /// What is wrong.
    pub sentence: String,
    /// What to type next, if one command mends it.
    pub next: Option<String>,
}

/// The store refused a commit; what came with it was not kept.
pub const STORE: &str = "store";
/// No address of this node can be reached from outside its network.
pub const UNREACHABLE: &str = "unreachable";
/// The nodes that relayed for this one are gone.
pub const RELAY_LOST: &str = "relay-lost";
/// QUIC gets no answer where TCP does.
pub const UDP_BLOCKED: &str = "udp-blocked";
/// The data folder can be read by other accounts.
pub const FOLDER_OPEN: &str = "folder-open";
/// This machine goes by the clock of no place: the environment names a time zone that is not known here, or nobody said which it is.
pub const ZONE_UNKNOWN: &str = "zone-unknown";
/// Other organisations' clocks stand far from this machine's.
pub const CLOCK: &str = "clock";
/// There are members, and none of them is connected.
pub const ALONE: &str = "no-peer";
/// This organisation was removed from its coalition.
pub const REMOVED: &str = "removed";
/// No partner keeps a fresh copy of this organisation's own records.
pub const NO_BACKUP: &str = "no-backup";
/// Since a recovery, a partner was asked for weeks and has not given all that it keeps.
pub const UNHEARD: &str = "partner-unheard";
/// An older state of this disk was put back, and what partners keep of the later one was not opened.
pub const LATER_STATE: &str = "later-state";
/// A partner says that it keeps more own records than were left there, and can not show it.
pub const FALSE_CLAIM: &str = "keeper-claims";
/// The time of a consent has passed for somebody, and this machine could not end the place in the thread.
pub const UNENDED: &str = "end-waits";
/// A machine of this organisation appeared that was neither kept nor shut out when it came back from its phrase.
pub const STRAY: &str = "machine-unknown";
/// This node was retired by its organisation.
pub const RETIRED: &str = "retired";
/// Somebody came with an invite and was refused.
pub const INVITE_REFUSED: &str = "invite-refused";
/// A join does not come further: this organisation or the inviter was taken out meanwhile.
pub const JOIN_STOPPED: &str = "join-stopped";
/// Nobody answers for a join, long after its invite expired.
pub const JOIN_UNANSWERED: &str = "join-unanswered";
/// Another run of this node wrote what this folder did not.
pub const COPY: &str = "folder-copied";

/// What was placed for emergencies was opened, and the privacy officer has not looked into it.
pub const EMERGENCY: &str = "emergency-access";

/// A consent is known to be false, and the privacy officer has not said what follows from what was told under it.
pub const FALSE_CONSENT: &str = "consent-false";

/// Many wrong secrets were typed for one staff member, and the privacy officer has not read the looks since.
pub const GUESSED: &str = "secrets-guessed";

/// A privacy officer was named at the machine, since none could sign in any more.
pub const RESCUED: &str = "officer-rescued";

/// A notice could not be given: the command or the mailer failed.
pub const NOTICE: &str = "notice-failed";

/// Something waits for organisations that are not on line, and no member offers to carry.
pub const NO_CARRIER: &str = "nobody-carries";

/// A carrier has no room for what this organisation leaves with it.
pub const CARRIER_FULL: &str = "carrier-full";

/// A partner says far more than partners do; what is above its quota is taken later.
pub const FLOOD: &str = "partner-floods";

/// A partner says of referrals that they are its own, and others began them.
pub const CLAIM: &str = "partner-claims";

/// An import is being written, or waits to be.
pub const IMPORT: &str = "import";

/// Documents of an import were refused; the others are written. Until the next import.
pub const IMPORT_REFUSED: &str = "import-refused";
/// The coalition has fewer stewards than it should.
pub const FEW_STEWARDS: &str = "few-stewards";
/// So many stewards are gone that nobody can be removed, or no charter adopted.
pub const STEWARDS_LOST: &str = "stewards-lost";
/// A proposal waits for this organisation's approval.
pub const PROPOSAL: &str = "proposal-waits";
/// A steward approved two charters of one number.
pub const DOUBLE_SIGNER: &str = "double-signer";

/// The conditions that hold now. Cheap to clone; all clones are one list.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    held: Arc<Mutex<BTreeMap<&'static str, Condition>>>,
}

impl Conditions {
    /// Says that it holds, from now on or still.
    pub fn set(&self, code: &'static str, severity: Severity, sentence: impl Into<String>, next: Option<&str>) {
        let condition = Condition { code, severity, sentence: sentence.into(), next: next.map(str::to_owned) };
        self.lock().insert(code, condition);
    }

    /// Says that it no longer holds.
    pub fn clear(&self, code: &str) {
        self.lock().remove(code);
    }

    /// Sets or clears by whether there is a sentence to say.
    pub fn hold(&self, code: &'static str, severity: Severity, sentence: Option<String>, next: Option<&str>) {
        match sentence {
            Some(sentence) => self.set(code, severity, sentence, next),
            None => self.clear(code),
        }
    }

    /// Those that hold, the worst first.
    #[must_use]
    pub fn all(&self) -> Vec<Condition> {
        let mut all: Vec<Condition> = self.lock().values().cloned().collect();
        all.sort_by_key(|c| (std::cmp::Reverse(c.severity), c.code));
        all
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, Condition>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_comes_first_and_what_is_mended_goes() {
        let conditions = Conditions::default();
        conditions.set("b", Severity::Info, "b", None);
        conditions.set("c", Severity::Error, "c", None);
        conditions.hold("a", Severity::Warning, Some("a".into()), Some("belay a"));
        let codes = || conditions.all().iter().map(|c| c.code).collect::<Vec<_>>();
        assert_eq!(codes(), ["c", "a", "b"]);
        conditions.hold("c", Severity::Error, None, None);
        assert_eq!(codes(), ["a", "b"]);
    }
}
