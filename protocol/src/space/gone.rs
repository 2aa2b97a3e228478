//! Whose revocation comes too late for a grant: its author was out, or retired, when that was written, and who wrote the grant knew so.
//!
//! An entry says by what it follows when it was written, and whoever is out can leave out what it likes. So a member that was taken out, or
//! a thief with the key of a node that was retired, could go on taking others out for ever, each time as if it had not heard. What it says
//! so undoes what was granted before its end was known, and nothing that was granted since: each organisation is out once at most. Who was
//! let in again has its word back, and what it says without having heard of either counts as any member's.

use super::bits::Bits;
use super::fold::Removals;
use super::graph::{Graph, Past, What};
use crate::fault::Result;
use crate::ids::{NodeId, OrgId};

/// What is known of a space itself, or of its coalition.
type Side = fn(&Past) -> &Bits;

/// Who is out of a space, and which nodes are retired, by the entries that say so.
pub(super) struct Gone<'s> {
    pub here: &'s Removals<OrgId>,
    /// Of a thread: in its coalition.
    pub coalition: &'s Removals<OrgId>,
    pub retired: &'s Removals<NodeId>,
}

/// The same of all that is here of a thread and its coalition.
pub(super) struct Ended {
    pub here: Removals<OrgId>,
    coalition: Removals<OrgId>,
    retired: Removals<NodeId>,
}

impl Ended {
    pub(super) const fn gone(&self) -> Gone<'_> {
        Gone { here: &self.here, coalition: &self.coalition, retired: &self.retired }
    }
}

impl Graph {
    /// Who is out of this thread or its coalition, by all that is here.
    pub(super) fn ended(&self, coalition: &Self) -> Result<Ended> {
        let all = Bits::below(coalition.controls());
        let mut here = Removals::new();
        for (fact, at) in self.facts.iter().zip(0u32..) {
            if let What::Revoke { org, .. } = &fact.what {
                here.entry(*org).or_default().add(at);
            }
        }
        Ok(Ended { here, coalition: coalition.revokes_in(&all)?, retired: coalition.retires_in(&all)? })
    }

    /// Whether a grant that knows these entries is undone by none of these revocations of this graph.
    pub(super) fn spared(&self, known: &Past, revokes: &Bits, gone: &Gone<'_>) -> Result<bool> {
        if known.own.covers(revokes) {
            return Ok(true);
        }
        for revoke in revokes.iter().filter(|at| !known.own.has(*at)) {
            if !self.comes_too_late(revoke, known, gone)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn comes_too_late(&self, revoke: u32, known: &Past, gone: &Gone<'_>) -> Result<bool> {
        let (node, heard) = (self.control_node(revoke)?, self.past_of(revoke)?);
        // Who leaves has gone, whenever it says so; and in a thread the person's word at any machine of the custodian stands.
        let leaves = matches!(&self.fact(revoke)?.what, What::Revoke { org, .. } if *org == node.org);
        if leaves || (!self.is_coalition() && node.org == self.custodian) {
            return Ok(false);
        }
        let (here, there): (Side, Side) = (|past| &past.own, |past| &past.coalition);
        let unheard = |out: u32, of: Side| of(known).has(out) && !of(heard).has(out);
        // Retirements stand in the coalition, and nobody comes back from one.
        let of = if self.is_coalition() { here } else { there };
        if gone.retired.get(&node.author).is_some_and(|out| out.iter().any(|at| unheard(at, of))) {
            return Ok(true);
        }
        for (removals, of) in [(gone.here, here), (gone.coalition, there)] {
            for out in removals.get(&node.org).into_iter().flat_map(Bits::iter) {
                if unheard(out, of) && !self.is_back(node.org, out, known, of)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether who knows so much knows also that this organisation was let in again, behind that removal.
    fn is_back(&self, org: OrgId, out: u32, known: &Past, of: Side) -> Result<bool> {
        for at in known.own.iter() {
            let lets_in = matches!(&self.fact(at)?.what, What::Grant { org: to, .. } if *to == org);
            if lets_in && of(self.past_of(at)?).has(out) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
