//! Who has a place in a space by some entries, and until when, by the reference's own count; and whether who has one holds what is
//! there. Nothing here asks a fold.

use super::heal;
use super::reference::{Reference, Set, What};
use super::world::World;
use belay_protocol::codec;
use belay_protocol::ids::{NodeId, OrgId, SpaceId};
use belay_protocol::space::entry::Entry;
use belay_protocol::store::{Table, View};
use belay_protocol::time::Time;
use std::collections::{BTreeMap, BTreeSet};

impl Reference {
    /// The grants to an organisation in a thread that stand by these entries.
    fn standing(&self, thread: SpaceId, org: OrgId, by: &Set) -> Vec<usize> {
        let Some(found) = self.found.get(&thread).filter(|n| by.has(**n)) else { return Vec::new() };
        let custodian = self.entries[*found].author;
        let retired: BTreeSet<NodeId> =
            self.retirements(thread).filter(|(n, _)| by.has(*n)).map(|(_, node)| node).collect();
        let here = || self.entries.iter().enumerate().filter(|(n, e)| by.has(*n) && e.space == thread);
        let keeps: Vec<&Set> = here()
            .filter(|(_, e)| matches!(e.what, What::Keep) && e.author == custodian && !retired.contains(&e.node))
            .map(|(_, e)| &e.past)
            .collect();
        let revokes = self.revocations(thread, org, by);
        here()
            .filter(|(_, e)| matches!(e.what, What::Grant { org: to, .. } if to == org))
            .filter(|(n, _)| revokes.iter().all(|r| self.spared(*n, *r, by)))
            .filter(|(n, e)| !retired.contains(&e.node) || keeps.iter().any(|past| past.has(*n)))
            .map(|(n, _)| n)
            .collect()
    }

    /// When an organisation's time in a thread ends by these entries; `None`: never, or it has none.
    pub fn end(&self, thread: SpaceId, org: OrgId, by: &Set) -> Option<Time> {
        let grants: Vec<(bool, Option<Time>)> = self
            .standing(thread, org, by)
            .into_iter()
            .filter_map(|n| match self.entries[n].what {
                What::Grant { read, expires, .. } => Some((read, expires)),
                _ => None,
            })
            .collect();
        let reads = grants.iter().any(|(read, _)| *read);
        let ends = grants.into_iter().filter(|(read, _)| *read == reads).map(|(_, expires)| expires);
        // No end is later than any.
        ends.collect::<Option<Vec<Time>>>()?.into_iter().max()
    }

    /// Whether an organisation's time in a space has passed at `now`, by these entries.
    pub fn expired(&self, space: SpaceId, org: OrgId, by: &Set, now: Time) -> bool {
        let custodian = self.found.get(&space).map(|n| self.entries[*n].author);
        self.coalition_of(space).is_some()
            && custodian != Some(org)
            && self.end(space, org, by).is_some_and(|end| end <= now)
    }

    /// Organisations that are in a space whatever way one looks at these entries. More may be in.
    fn surely_seated(&self, space: SpaceId, by: &Set) -> BTreeSet<OrgId> {
        let Some(n) = self.found.get(&space).filter(|n| by.has(**n)) else { return BTreeSet::new() };
        let found = &self.entries[*n];
        let What::Found { private, coalition, .. } = found.what else { return BTreeSet::new() };
        if private {
            return BTreeSet::from([found.author]);
        }
        let Some(coalition) = coalition else { return self.surely_in(space, by) };
        let mut sure = self.surely_in(coalition, by);
        let removals = self.revocations(space, found.author, by);
        if !sure.contains(&found.author) || removals.into_iter().any(|r| !self.spared(*n, r, by)) {
            return BTreeSet::new();
        }
        sure.retain(|org| *org == found.author || !self.standing(space, *org, by).is_empty());
        sure
    }

    /// The nodes of these organisations, and whose they are.
    fn nodes(&self, space: SpaceId, by: &Set) -> BTreeSet<NodeId> {
        let home = self.coalition_of(space).unwrap_or(space);
        self.surely_seated(space, by).into_iter().flat_map(|org| self.places(home, org, by)).collect()
    }
}

impl World {
    /// Invariant 2: the time of whoever is in a thread ends when the grants say.
    pub fn check_ends(&mut self, host: usize, space: SpaceId) {
        if !self.hosts[host].honest() || self.reference.coalition_of(space).is_none() {
            return;
        }
        let held = self.held(host);
        let Some(fold) = self.hosts[host].ask(|engine, view| engine.fold(view, space).unwrap()) else { return };
        for (org, seat) in fold.members.iter().filter(|(org, _)| Some(**org) != fold.custodian) {
            if seat.expires != self.reference.end(space, *org, &held) {
                self.breaks(format!(
                    "2: at host {host} the time of {} in {} ends at {:?}, and not when its grants say",
                    org.short(),
                    space.short(),
                    seat.expires
                ));
            }
        }
    }

    /// Invariant 5: in each space whoever surely has a place holds all that the others hold who have one, as far as machines admit each
    /// other. Who holds nothing of the space is asked as well.
    pub fn check_seated(&mut self) {
        for part in heal::meeting(self, None) {
            let held: BTreeMap<usize, Set> = part.iter().map(|host| (*host, self.held(*host))).collect();
            let mut all = Set::default();
            held.values().for_each(|set| all.join(set));
            let spaces: Vec<(SpaceId, usize)> = self.reference.found.iter().map(|(space, n)| (*space, *n)).collect();
            for (space, found) in spaces.into_iter().filter(|(_, found)| all.has(*found)) {
                self.check_space_seated(space, found, &held, &all);
            }
        }
    }

    fn check_space_seated(&mut self, space: SpaceId, found: usize, held: &BTreeMap<usize, Set>, all: &Set) {
        let seated: Vec<usize> = held.keys().copied().filter(|host| self.has_place(*host, space, all)).collect();
        let nodes: BTreeSet<NodeId> = seated.iter().map(|host| self.hosts[*host].node).collect();
        if nodes.len() < seated.len() && self.apart.is_some() {
            // In parcels nobody tells a node what another copy of it wrote.
            return;
        }
        for host in &seated {
            // Copies of one folder do not talk to each other.
            let others = seated.iter().filter(|other| self.hosts[**other].node != self.hosts[*host].node);
            let mut theirs = Set::default();
            others.filter(|other| held[other].has(found)).for_each(|other| theirs.join(&held[other]));
            if !theirs.has(found) || !self.has_place(*host, space, &theirs) || self.heard_else(*host, space, &theirs) {
                continue;
            }
            self.count("places whose holders were asked for what is there");
            let entries = self.reference.entries.iter().enumerate();
            let lacking = entries
                .filter(|(n, e)| e.space == space && theirs.has(*n) && !held[host].has(*n))
                .map(|(_, e)| e.hash.short())
                .next();
            if let Some(entry) = lacking {
                self.breaks(format!("5: host {host} has a place in {} and lacks {entry}", space.short()));
            }
        }
    }

    /// Whether a machine has a place by these entries, and its organisation time left.
    fn has_place(&self, host: usize, space: SpaceId, by: &Set) -> bool {
        let h = &self.hosts[host];
        self.reference.nodes(space, by).contains(&h.node) && !self.reference.expired(space, h.org, by, self.now)
    }

    /// Whether it was told that it is out by an entry that these, who have a place there, do not hold: they can not have let it in again.
    fn heard_else(&mut self, host: usize, space: SpaceId, theirs: &Set) -> bool {
        let told = [Some(space), self.reference.coalition_of(space)];
        let rows = self.hosts[host].ask(|_, view| {
            let rows = told.iter().flatten().filter_map(|space| view.get(Table::Removed, space.as_bytes()).unwrap());
            rows.flat_map(|row| codec::decode::<Vec<(Time, Vec<u8>)>>("removals", &row).unwrap()).collect::<Vec<_>>()
        });
        rows.into_iter().flatten().any(|(_, bytes)| {
            let hash = Entry::parse(bytes).unwrap().hash();
            !self.reference.number.get(&hash).is_some_and(|n| theirs.has(*n))
        })
    }
}
