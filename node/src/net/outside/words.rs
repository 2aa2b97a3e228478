//! What organisations say of where this node is reached from outside.
//!
//! One member that lies must not talk a node out of its places at relays: who believes that it is reached where it is not is reached by
//! nobody. So an address counts on the word of two organisations, and of one where the roster has no second. A word is a connection that came
//! in from outside, or a probe that led back here; of what somebody claims to have seen nothing is believed, it is only worth a probe.

use super::super::{path, probe};
use belay_protocol::ids::OrgId;
use belay_protocol::limits;
use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Organisations whose word it takes.
const ENOUGH: usize = 2;
/// How long an answer to a probe is waited for, before another organisation is asked instead.
const ANSWER: Duration = Duration::from_secs(30);
/// How long who did not answer is asked for no other.
const SILENT: Duration = Duration::from_secs(600);
/// How long what an organisation claims stands against what it claims next: each costs some 60 KB for every probe.
const CLAIM: Duration = Duration::from_secs(60);
/// How long an address that is not this machine's own is kept after the last claim that named it: a linked node claims every five minutes.
const KEPT: Duration = Duration::from_secs(900);

/// Version 4 or not, QUIC or not.
type Kind = (bool, bool);

fn kind(address: &Multiaddr) -> Kind {
    (matches!(address.iter().next(), Some(Protocol::Ip4(_))), path::is_quic(address))
}

fn port(address: &Multiaddr) -> Option<u16> {
    address.iter().find_map(|part| match part {
        Protocol::Tcp(port) | Protocol::Udp(port) => Some(port),
        _ => None,
    })
}

/// Where this node may be reached, as a peer sees it at `observed`: there, if that is a port that is listened on; or at those ports, since a
/// connection went out by another.
fn candidates(observed: &Multiaddr, listening: &BTreeSet<Multiaddr>) -> Vec<Multiaddr> {
    let same: Vec<&Multiaddr> = listening.iter().filter(|a| path::is_quic(a) == path::is_quic(observed)).collect();
    let found: BTreeSet<Multiaddr> = if same.iter().any(|a| port(a) == port(observed)) {
        BTreeSet::from([observed.clone()])
    } else {
        same.iter().filter_map(|a| a.replace(0, |_| observed.iter().next())).collect()
    };
    found.into_iter().filter(probe::outside).take(limits::OUTSIDE_OF_KIND).collect()
}

#[derive(Debug)]
struct Claim {
    addresses: Vec<Multiaddr>,
    since: Instant,
}

/// What was said so far.
#[derive(Debug, Default)]
pub struct Words {
    /// Who reached this node there.
    reached: BTreeMap<Multiaddr, BTreeSet<OrgId>>,
    /// Who was asked to, and did not.
    vain: BTreeMap<Multiaddr, BTreeSet<OrgId>>,
    claims: BTreeMap<(OrgId, Kind), Claim>,
    /// What each was asked to probe, and when.
    asked: BTreeMap<OrgId, (Multiaddr, Instant)>,
    /// When a claim last named what is claimed or reached.
    named: BTreeMap<Multiaddr, Instant>,
}

impl Words {
    /// Whether anybody said anything.
    pub fn is_empty(&self) -> bool {
        self.reached.is_empty() && self.vain.is_empty() && self.claims.is_empty()
    }

    /// An organisation says where it sees this node.
    pub fn claimed(&mut self, org: OrgId, observed: &Multiaddr, listening: &BTreeSet<Multiaddr>, now: Instant) {
        let addresses = candidates(observed, listening);
        let Some(first) = addresses.first() else { return };
        let stands = |claim: &Claim| now.duration_since(claim.since) < CLAIM;
        let key = (org, kind(first));
        if !self.claims.get(&key).is_some_and(stands) {
            self.named.extend(addresses.iter().map(|address| (address.clone(), now)));
            self.claims.insert(key, Claim { addresses, since: now });
            self.prune(listening, now);
        }
    }

    /// Forgets what nobody claims any more: who claims anew for ever leaves nothing behind, nor does a router whose address changes.
    fn prune(&mut self, own: &BTreeSet<Multiaddr>, now: Instant) {
        self.claims.retain(|_, claim| now.duration_since(claim.since) < KEPT);
        let claimed: BTreeSet<&Multiaddr> = self.claims.values().flat_map(|claim| &claim.addresses).collect();
        let named = &self.named;
        let lately = |a: &Multiaddr| named.get(a).is_some_and(|named| now.duration_since(*named) < KEPT);
        self.vain.retain(|address, _| claimed.contains(address));
        self.reached.retain(|a, orgs| own.contains(a) || claimed.contains(a) || orgs.len() >= ENOUGH && lately(a));
        // Of what nobody claims at present, the last named stays.
        let mut past: Vec<(Option<Instant>, Multiaddr)> = self
            .reached
            .keys()
            .filter(|a| !own.contains(*a) && !claimed.contains(*a))
            .map(|a| (named.get(a).copied(), a.clone()))
            .collect();
        past.sort();
        let over = past.len().saturating_sub(limits::OUTSIDE_PAST);
        past.iter().take(over).for_each(|(_, address)| drop(self.reached.remove(address)));
        self.named.retain(|a, _| self.reached.contains_key(a) || claimed.contains(a));
    }

    /// This machine does not listen there any more.
    pub fn closed(&mut self, address: &Multiaddr) {
        self.reached.remove(address);
    }

    /// Somebody of this organisation came in from outside, there.
    pub fn came(&mut self, org: OrgId, address: Multiaddr) {
        self.reached.entry(address).or_default().insert(org);
    }

    /// How a probe by this organisation ended.
    pub fn probed(&mut self, org: OrgId, address: Multiaddr, reached: bool) {
        if self.asked.get(&org).is_some_and(|(asked, _)| *asked == address) {
            self.asked.remove(&org);
        }
        if reached {
            self.came(org, address);
        } else {
            self.vain.entry(address).or_default().insert(org);
        }
    }

    /// No node of this organisation is linked any more: an answer does not come.
    pub fn left(&mut self, org: OrgId) {
        self.asked.remove(&org);
    }

    /// This machine's addresses changed: no word from before counts, and all is probed anew.
    pub fn moved(&mut self) {
        *self = Self::default();
    }

    /// Whose word counts, of those for this address. Of a port of this machine's own on an address of its own it is known by the other ones too
    /// whether anybody comes there.
    fn for_it<'a>(&'a self, address: &Multiaddr, own: &BTreeSet<Multiaddr>) -> BTreeSet<&'a OrgId> {
        let host = address.iter().next();
        let one = |a: &Multiaddr| a == address || own.contains(address) && own.contains(a) && a.iter().next() == host;
        self.reached.iter().filter(|(a, _)| one(a)).flat_map(|(_, orgs)| orgs).collect()
    }

    /// Where this node is reached, by the word of `others`, the other organisations that there are: of each kind the few that most say so of,
    /// its own addresses before those of a router, and of as many words what was named last.
    pub fn confirmed(&self, others: &BTreeSet<OrgId>, own: &BTreeSet<Multiaddr>) -> BTreeSet<Multiaddr> {
        let known = |orgs: &BTreeSet<OrgId>| orgs.iter().any(|org| others.contains(org));
        let mut found: Vec<(bool, usize, &Multiaddr)> = self
            .reached
            .iter()
            .filter(|(_, orgs)| known(orgs))
            .map(|(a, _)| (own.contains(a), self.for_it(a, own).into_iter().filter(|o| others.contains(o)).count(), a))
            .filter(|(_, words, _)| *words >= enough(others))
            .collect();
        found.sort_by_cached_key(|(own, words, address)| {
            (std::cmp::Reverse((*own, *words, self.named.get(*address).copied())), (*address).clone())
        });
        let mut of_kind = BTreeMap::<Kind, usize>::new();
        let mut has_room = |address: &Multiaddr| {
            let count = of_kind.entry(kind(address)).or_default();
            *count += 1;
            *count <= limits::OUTSIDE_OF_KIND
        };
        found.into_iter().filter(|(_, _, address)| has_room(address)).map(|(_, _, address)| address.clone()).collect()
    }

    /// Where it is not: as many tried in vain, and nobody came there.
    pub fn refuted(&self, others: &BTreeSet<OrgId>) -> BTreeSet<Multiaddr> {
        let enough = |orgs: &BTreeSet<OrgId>| orgs.intersection(others).count() >= enough(others);
        let vain = self.vain.iter().filter(|(address, orgs)| !self.reached.contains_key(*address) && enough(orgs));
        vain.map(|(address, _)| address.clone()).collect()
    }

    /// Who is to be asked now to probe what: of `linked`, each for one address at a time, until enough have answered; first what most claim.
    pub fn ask(&mut self, others: &BTreeSet<OrgId>, linked: &BTreeSet<OrgId>, now: Instant) -> Vec<(OrgId, Multiaddr)> {
        let mut claims = BTreeMap::<Multiaddr, usize>::new();
        for address in self.claims.values().flat_map(|claim| &claim.addresses) {
            *claims.entry(address.clone()).or_default() += 1;
        }
        let mut claims: Vec<(Multiaddr, usize)> = claims.into_iter().collect();
        claims.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        self.asked.retain(|_, (_, since)| now.duration_since(*since) < SILENT);
        let mut asks = Vec::new();
        for (address, _) in claims {
            let said = |orgs: &BTreeMap<Multiaddr, BTreeSet<OrgId>>| orgs.get(&address).cloned().unwrap_or_default();
            let (reached, vain) = (said(&self.reached), said(&self.vain));
            let of_others = |orgs: &BTreeSet<OrgId>| orgs.intersection(others).count();
            let awaited =
                self.asked.values().filter(|(a, since)| *a == address && now.duration_since(*since) < ANSWER).count();
            let lacks = enough(others).saturating_sub(of_others(&reached) + awaited);
            if of_others(&vain) >= enough(others) {
                continue;
            }
            let free = |org: &&OrgId| {
                others.contains(*org)
                    && !reached.contains(*org)
                    && !vain.contains(*org)
                    && !self.asked.contains_key(*org)
            };
            let chosen: Vec<OrgId> = linked.iter().filter(free).take(lacks).copied().collect();
            for org in chosen {
                self.asked.insert(org, (address.clone(), now));
                asks.push((org, address.clone()));
            }
        }
        asks
    }
}

/// How many it takes.
fn enough(others: &BTreeSet<OrgId>) -> usize {
    others.len().clamp(1, ENOUGH)
}

#[cfg(test)]
mod tests;
