//! Places that two nodes of the custodian renewed at once. Each took the organisation out and let it in again, to shorten its time or
//! to end its right to write; each revocation kills the other's grant, so that nobody is in whom both let in. The custodian's node
//! that sees it grants once more, behind all of them, what both gave.

use super::fold::Fold;
use super::gone::Gone;
use super::graph::{Graph, What};
use super::record::Offered;
use super::spaces::{By, Spaces};
use crate::fault::Result;
use crate::ids::{OrgId, SpaceId};
use crate::store::Draft;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// What several nodes each gave, as far as all did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    read: bool,
    write: bool,
    expires: Option<Time>,
}

impl Place {
    /// What both give.
    fn both(self, other: Self) -> Self {
        let expires = match (self.expires, other.expires) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { read: self.read && other.read, write: self.write && other.write, expires }
    }

    /// What one node gave by two grants that stand beside each other.
    fn either(self, other: Self) -> Self {
        let expires = self.expires.zip(other.expires).map(|(a, b)| a.max(b));
        Self { read: self.read || other.read, write: self.write || other.write, expires }
    }
}

/// The grants and revocations of one organisation, by number.
#[derive(Default)]
struct Lines {
    grants: Vec<(u32, Place)>,
    revokes: BTreeSet<u32>,
}

impl Spaces {
    /// Lets in again whom renewals that crossed shut out.
    pub(super) fn heal_crossed(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        offered: &mut Offered,
    ) -> Result<()> {
        let (graph, coalition) = self.pair(space)?;
        let Some(coalition) = coalition else { return Ok(()) };
        let fold = graph.fold_now(Some(coalition))?;
        for (org, place) in graph.crossed(coalition, &fold)? {
            if place.read && place.expires.is_none_or(|end| end > by.now) {
                let written = self.grant(draft, by, space, org, true, place.write, place.expires)?;
                offered.and(written.offered);
            }
        }
        Ok(())
    }
}

impl Graph {
    /// Who is out though each revocation of it lies behind a grant that nobody took back since, with what all such grants give.
    fn crossed(&self, coalition: &Self, fold: &Fold) -> Result<Vec<(OrgId, Place)>> {
        if fold.removed.is_empty() {
            return Ok(Vec::new());
        }
        let mut lines: BTreeMap<OrgId, Lines> = BTreeMap::new();
        for (fact, c) in self.facts.iter().zip(0u32..) {
            match &fact.what {
                What::Grant { org, read, write, expires, .. } if fold.removed.contains(org) => {
                    let author = self.node(fact.entry)?.author;
                    if !fold.retired.contains(&author) {
                        let place = Place { read: *read, write: *write, expires: *expires };
                        lines.entry(*org).or_default().grants.push((c, place));
                    }
                }
                What::Revoke { org, .. } => {
                    lines.entry(*org).or_default().revokes.insert(c);
                }
                _ => {}
            }
        }
        let roster = coalition.fold_now(None)?;
        let ended = self.ended(coalition)?;
        let mut crossed = Vec::new();
        for (org, of) in lines {
            // Whom the coalition took out is let in again by its custodian's staff alone.
            let expelled = coalition.revoked().contains(&org) || !roster.members.contains_key(&org);
            if !expelled && let Some(place) = self.meeting(&of, &ended.gone())? {
                crossed.push((org, place));
            }
        }
        Ok(crossed)
    }

    /// What all the lines of renewals give, if every revocation lies in one that ends with a grant, or comes too late for all of them.
    fn meeting(&self, of: &Lines, gone: &Gone<'_>) -> Result<Option<Place>> {
        // Last grants, by the revocations behind them: those of one node stand beside each other.
        let mut tips: BTreeMap<Vec<u32>, Place> = BTreeMap::new();
        let mut last = Vec::new();
        for (grant, place) in &of.grants {
            let mut taken = false;
            for revoke in &of.revokes {
                taken |= self.past_of(*revoke)?.own.has(*grant);
            }
            if !taken {
                let past = self.past_of(*grant)?;
                last.push(past);
                let behind = of.revokes.iter().copied().filter(|revoke| past.own.has(*revoke)).collect();
                tips.entry(behind).and_modify(|known| *known = known.either(*place)).or_insert(*place);
            }
        }
        let undone: BTreeSet<u32> = tips.keys().flatten().copied().collect();
        for revoke in of.revokes.difference(&undone) {
            for known in &last {
                if !self.comes_too_late(*revoke, known, gone)? {
                    return Ok(None);
                }
            }
        }
        if undone.is_empty() {
            return Ok(None);
        }
        Ok(tips.into_values().reduce(Place::both))
    }
}
