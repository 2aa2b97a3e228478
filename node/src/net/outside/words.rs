//! What organisations say of where this node is reached from outside.
//!
//! One member that lies must not talk a node out of its places at relays: who believes that it is reached where it is not is reached by
//! nobody. So an address counts on the word of two organisations, and of one where the roster has no second. The organisation's own other
//! machines are none of these: they may sit behind the same router. A word is a connection that came in from outside, or a probe that led
//! back here; of what somebody claims to have seen nothing is believed, it is only worth a probe.

use super::super::{path, probe};
use belay_protocol::ids::OrgId;
use belay_protocol::limits;
use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Organisations whose word it takes.
pub const ENOUGH: usize = 2;
/// After so long an ask that was not said to have ended is one of no more.
const ASKED: Duration = Duration::from_millis(2 * limits::PROBE_MILLIS);
/// How long who came not is not asked for the same address again.
const VAIN: Duration = Duration::from_millis(limits::PROBE_VAIN_MILLIS);
/// How long a word counts for a router's address, which may be another's tomorrow; from half of it on it is asked for again.
const WORD: Duration = Duration::from_millis(limits::PROBE_WORD_MILLIS);
/// How long it counts from when who gave it sees this node elsewhere, or came not when it was asked again.
const DOUBT: Duration = Duration::from_millis(limits::PROBE_DOUBT_MILLIS);
/// How long who could not be asked is asked for nothing.
const PAUSE: Duration = Duration::from_millis(limits::PROBE_PAUSE_MILLIS);
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

/// That an organisation reached this node somewhere. Of an address of this machine's own it counts as long as that is one.
#[derive(Debug, Clone, Copy)]
struct Word {
    /// From when on it is to be asked for again.
    again: Instant,
    until: Instant,
    /// Whether who gave it sees this node elsewhere, or came not since.
    doubted: bool,
}

impl Word {
    fn given(now: Instant) -> Self {
        Self { again: now + WORD / 2, until: now + WORD, doubted: false }
    }

    /// It ends soon, unless who gave it comes once more.
    fn doubt(self, again: Instant, now: Instant) -> Self {
        Self { again, until: self.until.min(now + DOUBT), doubted: true }
    }
}

/// That an organisation was asked to come and did not.
#[derive(Debug, Clone, Copy)]
struct Vain {
    last: Instant,
    /// When it last said so itself, and did not only give no answer.
    said: Option<Instant>,
}

/// What came of asking an organisation.
#[derive(Debug, Default)]
struct Answers {
    last: Option<Instant>,
    /// Whether it gave none since, or takes no question.
    silent: bool,
}

/// What was said so far.
#[derive(Debug, Default)]
pub struct Words {
    /// Who reached this node there.
    reached: BTreeMap<Multiaddr, BTreeMap<OrgId, Word>>,
    /// Who was asked to and did not.
    vain: BTreeMap<Multiaddr, BTreeMap<OrgId, Vain>>,
    claims: BTreeMap<(OrgId, Kind), Claim>,
    /// What each was asked to probe, and when.
    asked: BTreeMap<OrgId, (Multiaddr, Instant)>,
    /// Who could not be asked, and until when it is left alone.
    paused: BTreeMap<OrgId, Instant>,
    answers: BTreeMap<OrgId, Answers>,
    /// When a claim last named what is claimed or reached.
    named: BTreeMap<Multiaddr, Instant>,
    /// Since when it waits for somebody to come there: since it was first claimed, or last tried in vain.
    waits: BTreeMap<Multiaddr, Instant>,
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
        if self.claims.get(&key).is_some_and(stands) {
            return;
        }
        for address in &addresses {
            self.named.insert(address.clone(), now);
            self.waits.entry(address.clone()).or_insert(now);
        }
        if self.claims.get(&key).is_none_or(|before| before.addresses != addresses) {
            self.doubt(org, &addresses, listening, now);
        }
        self.claims.insert(key, Claim { addresses, since: now });
        self.prune(listening, now);
    }

    /// Who sees this node here now may have said of another address of the same kind what is true no more.
    fn doubt(&mut self, org: OrgId, here: &[Multiaddr], own: &BTreeSet<Multiaddr>, now: Instant) {
        let of = here.first().map(kind);
        let past = |a: &Multiaddr| Some(kind(a)) == of && !own.contains(a) && !here.contains(a);
        for (_, words) in self.reached.iter_mut().filter(|(address, _)| past(address)) {
            if let Some(word) = words.get_mut(&org) {
                *word = word.doubt(now, now);
            }
        }
    }

    /// Forgets what nobody claims any more, and words whose time is over: who claims anew for ever leaves nothing behind, nor does a router
    /// whose address changes. To be called now and then, also where nobody claims anything.
    pub fn prune(&mut self, own: &BTreeSet<Multiaddr>, now: Instant) {
        self.claims.retain(|_, claim| now.duration_since(claim.since) < KEPT);
        let claimed: BTreeSet<&Multiaddr> = self.claims.values().flat_map(|claim| &claim.addresses).collect();
        let named = &self.named;
        let lately = |a: &Multiaddr| named.get(a).is_some_and(|named| now.duration_since(*named) < KEPT);
        self.reached.retain(|a, words| {
            words.retain(|_, word| own.contains(a) && !word.doubted || word.until > now);
            // What is doubted has its time, also where nobody else is there to say so.
            let stays = words.len() >= ENOUGH || words.values().any(|word| word.doubted);
            let counts = own.contains(a) || claimed.contains(a) || stays && lately(a);
            counts && !words.is_empty()
        });
        // Of what nobody claims at present, the last named stays; what one alone says takes the place of nothing that two say.
        let mut past: Vec<(bool, Option<Instant>, Multiaddr)> = self
            .reached
            .iter()
            .filter(|(a, _)| !own.contains(*a) && !claimed.contains(*a))
            .map(|(a, words)| (words.len() >= ENOUGH, named.get(a).copied(), a.clone()))
            .collect();
        past.sort();
        let over = past.len().saturating_sub(limits::OUTSIDE_PAST);
        past.iter().take(over).for_each(|(.., address)| drop(self.reached.remove(address)));
        let kept = |a: &Multiaddr| self.reached.contains_key(a) || claimed.contains(a);
        self.vain.retain(|a, _| kept(a));
        self.named.retain(|a, _| kept(a));
        self.waits.retain(|a, _| kept(a));
    }

    /// This machine does not listen there any more.
    pub fn closed(&mut self, address: &Multiaddr) {
        self.reached.remove(address);
    }

    /// Somebody of this organisation came in from outside, there.
    pub fn came(&mut self, org: OrgId, address: Multiaddr, now: Instant) {
        self.reached.entry(address).or_default().insert(org, Word::given(now));
    }

    /// Somebody of this organisation sees this node here over a connection that it opened itself: what it said of coming here holds on. Who never
    /// came is not believed so.
    pub fn renewed(&mut self, org: OrgId, observed: &Multiaddr, now: Instant) {
        if self.reached.get(observed).is_some_and(|words| words.contains_key(&org)) {
            self.came(org, observed.clone(), now);
        }
    }

    /// What this organisation answered, that was asked to probe.
    pub fn probed(&mut self, org: OrgId, address: Multiaddr, reached: bool, now: Instant) {
        self.answers.insert(org, Answers { last: Some(now), silent: false });
        if !reached {
            return self.missed((org, address), true, now);
        }
        self.asked.remove(&org);
        if let Some(vain) = self.vain.get_mut(&address) {
            vain.remove(&org);
        }
        self.came(org, address, now);
    }

    /// This organisation was asked to probe and gave no answer: it came not, as far as is known.
    pub fn unanswered(&mut self, org: OrgId, address: Multiaddr, now: Instant) {
        self.answers.entry(org).or_default().silent = true;
        self.missed((org, address), false, now);
    }

    /// Who came once and comes no more is doubted first, and asked once more: a line may have been down for a moment. Who is doubted already
    /// takes its word back. `said`: it says so itself.
    fn missed(&mut self, (org, address): (OrgId, Multiaddr), said: bool, now: Instant) {
        self.asked.remove(&org);
        if let Some(words) = self.reached.get_mut(&address) {
            if let Some(word) = words.get_mut(&org).filter(|word| !word.doubted) {
                *word = word.doubt(now + DOUBT / 2, now);
                return;
            }
            words.remove(&org);
        }
        self.waits.insert(address.clone(), now);
        let vain = self.vain.entry(address).or_default().entry(org).or_insert(Vain { last: now, said: None });
        *vain = Vain { last: now, said: if said { Some(now) } else { vain.said } };
    }

    /// This organisation could not be asked: it takes no question.
    pub fn unasked(&mut self, org: OrgId, now: Instant) {
        self.answers.entry(org).or_default().silent = true;
        self.gone(org, now);
    }

    /// The link over which this organisation was asked is gone, which says nothing of it.
    pub fn gone(&mut self, org: OrgId, now: Instant) {
        self.asked.remove(&org);
        self.paused.insert(org, now + PAUSE);
    }

    /// Whether this organisation answers who asks it, as far as is known: it did lately, or was never asked in vain.
    pub fn answers(&self, org: OrgId, now: Instant) -> bool {
        let lately = |answers: &Answers| answers.last.is_some_and(|last| now.duration_since(last) < VAIN);
        self.answers.get(&org).is_none_or(|answers| !answers.silent || lately(answers))
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
        self.reached.iter().filter(|(a, _)| one(a)).flat_map(|(_, words)| words.keys()).collect()
    }

    /// Whether one of these came there.
    fn is_reached(&self, address: &Multiaddr, others: &BTreeSet<OrgId>) -> bool {
        self.reached.get(address).is_some_and(|words| words.keys().any(|org| others.contains(org)))
    }

    /// Where this node is reached, by the word of `others`, the other organisations that there are.
    pub fn confirmed(&self, others: &BTreeSet<OrgId>, own: &BTreeSet<Multiaddr>) -> BTreeSet<Multiaddr> {
        self.reached_by(enough(others), others, own)
    }

    /// Where a router may let others in, by the word of one alone of several others, and none of those that can be asked says otherwise: silence says
    /// nothing here.
    pub fn single(
        &self,
        (others, asked): (&BTreeSet<OrgId>, &BTreeSet<OrgId>),
        own: &BTreeSet<Multiaddr>,
        now: Instant,
    ) -> BTreeSet<Multiaddr> {
        let confirmed = self.confirmed(others, own);
        let denied = |address: &Multiaddr| {
            let no = |vain: &Vain| vain.said.is_some_and(|said| now.duration_since(said) < VAIN);
            let mut vain = self.vain.get(address).into_iter().flatten();
            vain.any(|(org, vain)| others.contains(org) && asked.contains(org) && no(vain))
        };
        let told = |address: &Multiaddr| !own.contains(address) && !confirmed.contains(address) && !denied(address);
        self.reached_by(1, others, own).into_iter().filter(told).collect()
    }

    /// Where so many came: of each kind the few that most say so of, its own addresses before those of a router, and of as many words what was
    /// named last.
    fn reached_by(&self, many: usize, others: &BTreeSet<OrgId>, own: &BTreeSet<Multiaddr>) -> BTreeSet<Multiaddr> {
        let mut found: Vec<(bool, usize, &Multiaddr)> = self
            .reached
            .keys()
            .filter(|a| self.is_reached(a, others))
            .map(|a| (own.contains(a), self.for_it(a, own).into_iter().filter(|o| others.contains(o)).count(), a))
            .filter(|(_, words, _)| *words >= many)
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

    /// Where it is not: as many tried in vain, however long ago, and nobody came there since.
    pub fn refuted(&self, others: &BTreeSet<OrgId>) -> BTreeSet<Multiaddr> {
        let tried = |orgs: &BTreeMap<OrgId, Vain>| orgs.keys().filter(|org| others.contains(org)).count();
        let vain = self.vain.iter().filter(|(a, orgs)| !self.is_reached(a, others) && tried(orgs) >= enough(others));
        vain.map(|(address, _)| address.clone()).collect()
    }

    /// Who is to be asked now to probe what: of `linked`, each for one address at a time, until enough have answered.
    pub fn ask(
        &mut self,
        others: &BTreeSet<OrgId>,
        linked: &BTreeSet<OrgId>,
        own: &BTreeSet<Multiaddr>,
        now: Instant,
    ) -> Vec<(OrgId, Multiaddr)> {
        self.asked.retain(|_, (_, since)| now.duration_since(*since) < ASKED);
        self.paused.retain(|_, until| *until > now);
        self.answers.retain(|org, _| others.contains(org));
        let mut asks = Vec::new();
        for address in self.in_turn(others, own, now) {
            let lacks = self.lacks(&address, others, own, now);
            let mut free: Vec<OrgId> = linked.iter().copied().filter(|org| others.contains(org)).collect();
            free.retain(|org| self.may_ask(*org, &address, own, now));
            // First who has to say it again; then who was never asked; at last who came not, the longest ago first.
            let said = |org: &OrgId| self.reached.get(&address).is_some_and(|words| words.contains_key(org));
            let last = |org: &OrgId| self.vain.get(&address).and_then(|vain| vain.get(org)).map(|vain| vain.last);
            free.sort_by_key(|org| (!said(org), last(org)));
            for org in free.into_iter().take(lacks) {
                self.asked.insert(org, (address.clone(), now));
                asks.push((org, address.clone()));
            }
        }
        asks
    }

    /// Addresses where somebody may be asked to come, whose turn is first: what was not tried in vain lately before what was; of these what waits
    /// longest, so that who claims ever new ones keeps none of another's waiting; of as old ones what most claim.
    fn in_turn(&self, others: &BTreeSet<OrgId>, own: &BTreeSet<Multiaddr>, now: Instant) -> Vec<Multiaddr> {
        let mut claims = BTreeMap::<&Multiaddr, usize>::new();
        for address in self.claims.values().flat_map(|claim| &claim.addresses) {
            *claims.entry(address).or_default() += 1;
        }
        for address in self.reached.keys().filter(|a| !own.contains(*a)) {
            claims.entry(address).or_default();
        }
        let mut turns: Vec<(&Multiaddr, usize)> = claims.into_iter().collect();
        turns.sort_by_cached_key(|(address, claims)| {
            let tried = !self.is_reached(address, others) && self.tried(address, now).len() >= enough(others);
            (tried, self.waits.get(*address).copied(), std::cmp::Reverse(*claims))
        });
        turns.into_iter().map(|(address, _)| address.clone()).collect()
    }

    /// Who came not, not long ago.
    fn tried(&self, address: &Multiaddr, now: Instant) -> BTreeSet<OrgId> {
        let vain = self.vain.get(address).into_iter().flatten();
        vain.filter(|(_, vain)| now.duration_since(vain.last) < VAIN).map(|(org, _)| *org).collect()
    }

    /// Whose word need not be asked for again.
    fn stands(&self, address: &Multiaddr, own: &BTreeSet<Multiaddr>, now: Instant) -> BTreeSet<OrgId> {
        let words = self.reached.get(address).into_iter().flatten();
        let stands = |word: &Word| own.contains(address) && !word.doubted || word.again > now;
        words.filter(|(_, word)| stands(word)).map(|(org, _)| *org).collect()
    }

    /// How many more are to be asked to come there.
    fn lacks(&self, address: &Multiaddr, others: &BTreeSet<OrgId>, own: &BTreeSet<Multiaddr>, now: Instant) -> usize {
        let of_others = |orgs: &BTreeSet<OrgId>| orgs.intersection(others).count();
        if of_others(&self.tried(address, now)) >= enough(others) {
            return 0;
        }
        let awaited = self.asked.values().filter(|(asked, _)| asked == address).count();
        enough(others).saturating_sub(of_others(&self.stands(address, own, now)) + awaited)
    }

    fn may_ask(&self, org: OrgId, address: &Multiaddr, own: &BTreeSet<Multiaddr>, now: Instant) -> bool {
        !self.asked.contains_key(&org)
            && !self.paused.contains_key(&org)
            && !self.stands(address, own, now).contains(&org)
            && !self.tried(address, now).contains(&org)
    }
}

/// How many it takes.
fn enough(others: &BTreeSet<OrgId>) -> usize {
    others.len().clamp(1, ENOUGH)
}

#[cfg(test)]
mod tests;
