//! From the entries of a thread to where it stands. Pure, and the same in whatever order the entries came.

use super::act::{Act, Body, Notice};
use super::base::Information;
use super::state::{Actor, Answer, Line, Parties, Place, State};
use super::transition::{rank, step};
use crate::ids::{EntryHash, OrgId, ThreadId};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// An entry of one of the thread's spaces, or a local act of our private space.
#[derive(Debug, Clone)]
pub struct Placed {
    pub hash: EntryHash,
    /// The entries it follows; of a local act the newest that its author knew.
    pub parents: Vec<EntryHash>,
    pub org: OrgId,
    pub time: Time,
    /// `None` for a control entry and for a body that does not count or can not be read: it stands for order only.
    pub body: Option<Body>,
    /// From our own private space, not from the thread.
    pub local: bool,
}

/// Folds the entries of all spaces of one thread.
#[must_use]
pub fn fold(thread: ThreadId, parties: Parties, entries: &[Placed]) -> State {
    let graph = Graph::new(entries);
    let mut folding = Folding { thread, parties, graph: &graph, state: empty() };
    for index in &graph.order {
        folding.take(*index);
    }
    folding.state
}

fn empty() -> State {
    State {
        place: Place::Nothing,
        answer: Answer::NotPermitted,
        acknowledged: None,
        request: None,
        identity: None,
        appointment: None,
        attended: None,
        no_shows: 0,
        declined: None,
        outcome: None,
        scopes: Vec::new(),
        history: Vec::new(),
    }
}

/// The entries in canonical order, with their causal pasts.
struct Graph<'e> {
    entries: Vec<&'e Placed>,
    /// Topological; of what is ready the lowest (rank, hash) first.
    order: Vec<usize>,
    /// For each entry the set of all before it, as bits.
    past: Vec<Vec<u64>>,
}

impl<'e> Graph<'e> {
    fn new(entries: &'e [Placed]) -> Self {
        let by_hash: BTreeMap<EntryHash, &Placed> = entries.iter().map(|e| (e.hash, e)).collect();
        let entries: Vec<&Placed> = by_hash.values().copied().collect();
        let index: BTreeMap<EntryHash, usize> = entries.iter().enumerate().map(|(i, e)| (e.hash, i)).collect();
        let words = entries.len().div_ceil(64);
        let mut past = vec![vec![0_u64; words]; entries.len()];
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); entries.len()];
        let mut waits: Vec<usize> = vec![0; entries.len()];
        for (i, entry) in entries.iter().enumerate() {
            let known: BTreeSet<usize> = entry.parents.iter().filter_map(|p| index.get(p).copied()).collect();
            if let Some(wait) = waits.get_mut(i) {
                *wait = known.len();
            }
            for parent in known {
                if let Some(of) = children.get_mut(parent) {
                    of.push(i);
                }
            }
        }
        let key = |i: usize| (entries.get(i).map_or(0, |e| rank_of(e)), i);
        let mut ready: BTreeSet<(u8, usize)> =
            waits.iter().enumerate().filter(|(_, wait)| **wait == 0).map(|(i, _)| key(i)).collect();
        let mut order = Vec::with_capacity(entries.len());
        while let Some((_, i)) = ready.pop_first() {
            order.push(i);
            let mut mine = past.get(i).cloned().unwrap_or_default();
            if let Some(word) = mine.get_mut(i / 64) {
                *word |= 1 << (i % 64);
            }
            for child in children.get(i).into_iter().flatten().copied() {
                if let Some(theirs) = past.get_mut(child) {
                    theirs.iter_mut().zip(&mine).for_each(|(a, b)| *a |= b);
                }
                if let Some(wait) = waits.get_mut(child) {
                    *wait -= 1;
                    if *wait == 0 {
                        ready.insert(key(child));
                    }
                }
            }
        }
        Self { entries, order, past }
    }

    fn before(&self, earlier: usize, later: usize) -> bool {
        self.past.get(later).and_then(|p| p.get(earlier / 64)).is_some_and(|word| word >> (earlier % 64) & 1 == 1)
    }

    fn notices_before(&self, later: usize) -> impl Iterator<Item = (&Placed, &Notice)> {
        self.entries.iter().enumerate().filter(move |(i, _)| self.before(*i, later)).filter_map(|(_, e)| {
            match &e.body {
                Some(Body::Notice(notice)) => Some((*e, &**notice)),
                Some(Body::Act(_)) | None => None,
            }
        })
    }
}

fn rank_of(entry: &Placed) -> u8 {
    match &entry.body {
        Some(Body::Act(signed)) => rank(&signed.act),
        Some(Body::Notice(_)) | None => 0,
    }
}

struct Folding<'g> {
    thread: ThreadId,
    parties: Parties,
    graph: &'g Graph<'g>,
    state: State,
}

impl Folding<'_> {
    fn take(&mut self, index: usize) {
        let Some(entry) = self.graph.entries.get(index).copied() else { return };
        match &entry.body {
            None => {}
            Some(Body::Notice(notice)) => self.notice(entry, notice),
            Some(Body::Act(signed)) => {
                let verdict = self.permitted(index, entry, signed.notice, &signed.act);
                let verdict = verdict.and_then(|actor| step(self.state.place, &signed.act, actor));
                if let Ok(place) = verdict {
                    self.state.place = place;
                    self.effects(entry, &signed.act);
                }
                self.state.history.push(Line {
                    entry: entry.hash,
                    org: entry.org,
                    by: signed.by.clone(),
                    at: entry.time,
                    act: signed.act.clone(),
                    local: entry.local,
                    without_effect: verdict.err(),
                    crossed: self.crossed(index, entry),
                });
            }
        }
    }

    fn notice(&mut self, entry: &Placed, notice: &Notice) {
        if entry.org != self.parties.sender || notice.thread != self.thread {
            return;
        }
        if notice.scope.opens(self.parties.recipient, self.parties.sender, Information::Referral) {
            self.state.answer = Answer::Permitted;
        }
        match self.state.scopes.iter_mut().find(|(kind, _)| *kind == notice.information) {
            Some((_, scope)) if scope.version <= notice.scope.version => *scope = notice.scope.clone(),
            Some(_) => {}
            None => self.state.scopes.push((notice.information, notice.scope.clone())),
        }
    }

    /// Whether the author may say this here at all, and in which part.
    fn permitted(&self, index: usize, entry: &Placed, under: EntryHash, act: &Act) -> Result<Actor, &'static str> {
        let actor = self.parties.actor(entry.org).ok_or("its author has no part in this referral")?;
        if entry.local {
            return Ok(actor);
        }
        let kind = act.information();
        let given = self
            .graph
            .notices_before(index)
            .any(|(e, n)| e.hash == under && e.org == entry.org && n.thread == self.thread && n.information == kind);
        if !given {
            return Err("no notice of its author goes with it (42 CFR 2.32)");
        }
        let other = self.parties.other(actor);
        let open = self.graph.notices_before(index).any(|(e, n)| {
            e.org == self.parties.sender && n.thread == self.thread && n.scope.opens(entry.org, other, kind)
        });
        if open { Ok(actor) } else { Err("the consent does not let its author tell this (42 CFR 2.31(a)(2))") }
    }

    fn effects(&mut self, entry: &Placed, act: &Act) {
        let state = &mut self.state;
        match act {
            Act::Send(request) => state.request = Some(request.clone()),
            Act::Identity(identity) => state.identity = Some((**identity).clone()),
            Act::Acknowledge => state.acknowledged = state.acknowledged.or(Some(entry.time)),
            Act::Schedule(appointment) => state.appointment = Some(appointment.clone()),
            Act::CancelAppointment { .. } => state.appointment = None,
            Act::Attend { when } => state.attended = state.attended.or(Some(*when)),
            Act::NoShow { .. } => state.no_shows = state.no_shows.saturating_add(1),
            Act::Decline { reason, .. } => {
                state.acknowledged = state.acknowledged.or(Some(entry.time));
                state.declined = Some(*reason);
            }
            Act::Close { outcome, .. } => state.outcome = Some(*outcome),
            Act::Accept { .. } => state.acknowledged = state.acknowledged.or(Some(entry.time)),
            Act::Message { .. } | Act::RequestCancel { .. } | Act::ConfirmCancel => {}
        }
    }

    /// Acts of the other organisation, neither before nor after this one. Messages and identities cross without harm.
    fn crossed(&self, index: usize, entry: &Placed) -> Vec<EntryHash> {
        let moves = |e: &Placed| matches!(&e.body, Some(Body::Act(s)) if !matches!(s.act, Act::Message { .. } | Act::Identity(_)));
        if !moves(entry) {
            return Vec::new();
        }
        let others = self.graph.entries.iter().enumerate().filter(|(i, e)| {
            e.org != entry.org && moves(e) && !self.graph.before(*i, index) && !self.graph.before(index, *i)
        });
        others.map(|(_, e)| e.hash).collect()
    }
}
