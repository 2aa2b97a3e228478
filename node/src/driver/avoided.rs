//! Organisations whose nodes are kept out for what another of them did.

use belay_protocol::ids::OrgId;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A node that stands in no roster costs its organisation's root nothing: where one broke a rule, keeping out that one alone would keep
/// out nobody. Nodes that the roster knows are avoided by themselves.
#[derive(Debug, Default)]
pub struct Avoided {
    until: BTreeMap<OrgId, Instant>,
}

impl Avoided {
    /// A node of this organisation broke a rule. `known`: the roster has it.
    pub fn note(&mut self, org: OrgId, known: bool, now: Instant, time: Duration) {
        if !known {
            self.until.insert(org, now + time);
        }
    }

    /// Whether a node of this organisation is kept out.
    pub fn keeps_out(&mut self, org: OrgId, known: bool, now: Instant) -> bool {
        self.until.retain(|_, until| *until > now);
        !known && self.until.contains_key(&org)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_what_a_node_did_that_no_roster_has_all_such_nodes_of_its_organisation_are_kept_out_for_a_time() {
        let (mut avoided, now, time) = (Avoided::default(), Instant::now(), Duration::from_secs(600));
        let (org, other) = (OrgId([1; 32]), OrgId([2; 32]));
        avoided.note(org, true, now, time);
        assert!(!avoided.keeps_out(org, false, now), "a node that the roster has answers for itself");
        avoided.note(org, false, now, time);
        assert!(avoided.keeps_out(org, false, now));
        assert!(!avoided.keeps_out(org, true, now) && !avoided.keeps_out(other, false, now));
        assert!(!avoided.keeps_out(org, false, now + time));
    }
}
