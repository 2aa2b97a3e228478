//! The canonical order of a thread's entries, and who knew of what: in memory that grows with the entries, not with their square.
//!
//! Only bodies are looked up in a past, and of each organisation no more than `limits::THREAD_ACTS` acts and
//! `limits::THREAD_NOTICES` notices, the first in canonical order. Those have a number, a *mark*; a past is a set of marks, shared
//! by all entries that have the same, and let go once the last child has it. The bound is for each organisation apart: a flood by
//! one pushes out nothing of the other.
//!
//! Which bodies are opened at all is decided in the same order before that, by [`opened`]: of each organisation as many as open to
//! `limits::THREAD_BYTES`.

use super::act::{Act, Body, Notice, Subject};
use super::fold::Placed;
use super::state::{Actor, Parties};
use super::transition::rank;
use crate::codec;
use crate::ids::{EntryHash, OrgId};
use crate::limits;
use crate::space::bits::Bits;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The entries with a body, in canonical order.
pub(super) struct Order<'e> {
    pub turns: Vec<Turn<'e>>,
    /// The turns of marked notices and of marked acts, in canonical order.
    notices: Vec<usize>,
    acts: Vec<usize>,
    /// What was said to be a mistake, and where that was said: turns.
    struck: Vec<(usize, usize)>,
    /// What says so of a step of its own organisation.
    strikes: BTreeSet<EntryHash>,
    /// The turns of what was kept at one organisation alone, by entry.
    kept: BTreeMap<EntryHash, usize>,
    parties: Parties,
    team: &'e BTreeSet<OrgId>,
}

/// An entry with a body.
pub(super) struct Turn<'e> {
    pub entry: &'e Placed,
    /// `None`: of no party, or one too many of its author.
    pub mark: Option<u32>,
    /// The marks before it; empty without a mark.
    past: Arc<Bits>,
}

impl<'e> Order<'e> {
    /// Topological; of what is ready the lowest (rank, hash) first.
    pub fn new(parties: Parties, team: &'e BTreeSet<OrgId>, entries: &'e [Placed]) -> Self {
        let mut order = Self {
            turns: Vec::new(),
            notices: Vec::new(),
            acts: Vec::new(),
            struck: Vec::new(),
            strikes: BTreeSet::new(),
            kept: BTreeMap::new(),
            parties,
            team,
        };
        let mut tally = Tally { parties, team, marks: 0, of: BTreeMap::new() };
        let none = Arc::new(Bits::default());
        let mut past: BTreeMap<usize, Arc<Bits>> = BTreeMap::new();
        let rank = |entry: &Placed| entry.body.as_ref().map_or(0, rank_of);
        walk(entries, rank, |i, entry, children| {
            let before = past.remove(&i).unwrap_or_else(|| Arc::clone(&none));
            let after = match order.take(entry, &before, &mut tally) {
                Some(mark) => {
                    let mut with = (*before).clone();
                    with.add(mark);
                    Arc::new(with)
                }
                None => before,
            };
            for child in children.iter().filter(|child| child.knows) {
                join(past.entry(child.at).or_insert_with(|| Arc::clone(&none)), &after);
            }
        });
        order.struck = order.find_struck();
        let of_steps = order.struck().filter(|(of, said)| of.entry.org == said.entry.org && order.steps(of.entry));
        order.strikes = of_steps.map(|(_, said)| said.entry.hash).collect();
        order
    }

    fn find_struck(&self) -> Vec<(usize, usize)> {
        let named = |turn: &Turn<'_>| match act_of(turn.entry) {
            Some(Act::Mistake { entry, .. }) => Some(*entry),
            _ => None,
        };
        let says: Vec<(EntryHash, usize)> =
            self.turns.iter().enumerate().filter_map(|(at, turn)| Some((named(turn)?, at))).collect();
        if says.is_empty() {
            return Vec::new();
        }
        let at: BTreeMap<EntryHash, usize> =
            self.turns.iter().enumerate().map(|(at, turn)| (turn.entry.hash, at)).collect();
        says.into_iter().filter_map(|(of, said)| Some((*at.get(&of)?, said))).collect()
    }

    /// What was said to be a mistake, each with the turn that says so, in canonical order of the latter. Whether it counts is not asked.
    pub fn struck(&self) -> impl Iterator<Item = (&Turn<'e>, &Turn<'e>)> {
        self.struck.iter().filter_map(|(of, said)| Some((self.turns.get(*of)?, self.turns.get(*said)?)))
    }

    /// The steps that can answer another's, in canonical order.
    pub fn answers(&self) -> impl Iterator<Item = &Turn<'e>> {
        self.acts.iter().filter_map(|at| self.turns.get(*at)).filter(|turn| self.is_answerable(turn))
    }

    /// Whether another's step can rest on this one.
    pub fn is_answerable(&self, turn: &Turn<'_>) -> bool {
        let actor = self.actor(turn.entry).filter(|_| self.steps(turn.entry));
        actor.zip(act_of(turn.entry)).is_some_and(|(actor, act)| act.is_answerable(actor))
    }

    /// Whether what an organisation says of the person comes after this end: one of its own, or where it is the sender the recipient's,
    /// after which it says what comes next.
    pub fn followed(&self, turn: &Turn<'_>, end: &Turn<'_>) -> bool {
        let own = end.entry.org == turn.entry.org;
        let theirs = || turn.entry.org == self.parties.sender && self.is_answerable(end);
        act_of(end.entry).is_some_and(Act::is_an_end) && turn.knew(end) && (own || theirs())
    }

    fn actor(&self, entry: &Placed) -> Option<Actor> {
        self.parties.actor_of(entry.org, self.team)
    }

    /// Gives the entry its turn if it has a body, and its mark if it counts.
    fn take(&mut self, entry: &'e Placed, before: &Arc<Bits>, tally: &mut Tally<'_>) -> Option<u32> {
        // A part of a file stands for order only.
        let body = entry.body.as_ref().filter(|body| !matches!(body, Body::Chunk(_)))?;
        let mark = tally.mark(entry.org, body);
        let past = mark.map_or_else(Arc::default, |_| Arc::clone(before));
        if mark.is_some() {
            let list = if matches!(body, Body::Notice(_)) { &mut self.notices } else { &mut self.acts };
            list.push(self.turns.len());
        }
        if entry.local {
            self.kept.insert(entry.hash, self.turns.len());
        }
        self.turns.push(Turn { entry, mark, past });
        mark
    }

    /// The notices that the author of this act knew.
    pub fn notices_before<'a>(&'a self, turn: &'a Turn<'_>) -> impl Iterator<Item = (&'a Placed, &'a Notice)> {
        let known = self.notices.iter().filter_map(|at| self.turns.get(*at)).filter(|n| turn.knew(n));
        known.filter_map(|n| match &n.entry.body {
            Some(Body::Notice(notice)) => Some((n.entry, &**notice)),
            Some(Body::Act(_) | Body::Chunk(_)) | None => None,
        })
    }

    /// Acts neither before nor after this one; the first `limits::CROSSED` in canonical order. Of another organisation; of the same one
    /// where two of its machines made appointments, of which one hides the other, or where one of them struck a step.
    /// What only tells something crosses without harm, but where both say the same thing anew.
    pub fn crossed(&self, turn: &Turn<'_>) -> Vec<EntryHash> {
        let (steps, subject) = (self.moves(turn.entry), subject(turn.entry));
        if turn.mark.is_none() || (!steps && subject.is_none()) {
            return Vec::new();
        }
        let acts = self.acts.iter().filter_map(|at| self.turns.get(*at));
        let concern =
            |other: &Placed| (steps && self.moves(other)) || (subject.is_some() && subject == self::subject(other));
        let others = acts.filter(|other| {
            let apart = other.entry.org != turn.entry.org
                || (appoints(turn.entry) && appoints(other.entry))
                || self.strikes(turn.entry)
                || self.strikes(other.entry);
            other.entry.hash != turn.entry.hash
                && apart
                && concern(other.entry)
                && !self.after(turn, other)
                && !self.after(other, turn)
        });
        others.map(|other| other.entry.hash).take(limits::CROSSED).collect()
    }

    /// Whether its author knew the other, or what it follows is that one or came after it.
    fn after(&self, turn: &Turn<'_>, other: &Turn<'_>) -> bool {
        let kept = |hash: &EntryHash| self.kept.get(hash).and_then(|at| self.turns.get(*at));
        let behind = |hash: &EntryHash| *hash == other.entry.hash || kept(hash).is_some_and(|kept| kept.knew(other));
        turn.knew(other) || (other.entry.local && turn.entry.follows.iter().any(behind))
    }

    /// Whether it is a step of the referral, or says that one was a mistake.
    fn moves(&self, entry: &Placed) -> bool {
        self.steps(entry) || self.strikes(entry)
    }

    /// Whether it is a step of the referral. What one of a team does about an appointment of its own crosses nothing.
    fn steps(&self, entry: &Placed) -> bool {
        let Some(act) = act_of(entry).filter(|act| act.moves()) else { return false };
        self.actor(entry).is_some_and(|actor| !act.is_own(actor, !self.team.is_empty()))
    }

    /// Whether it says that a step of its organisation was a mistake.
    fn strikes(&self, entry: &Placed) -> bool {
        self.strikes.contains(&entry.hash)
    }
}

impl Turn<'_> {
    pub fn knew(&self, other: &Self) -> bool {
        other.mark.is_some_and(|mark| self.past.has(mark))
    }
}

/// How many marks were given, and to whom.
struct Tally<'t> {
    parties: Parties,
    team: &'t BTreeSet<OrgId>,
    marks: u32,
    /// Acts and notices of an organisation.
    of: BTreeMap<OrgId, (usize, usize)>,
}

impl Tally<'_> {
    fn mark(&mut self, org: OrgId, body: &Body) -> Option<u32> {
        self.parties.actor_of(org, self.team)?;
        let (acts, notices) = self.of.entry(org).or_default();
        let (count, most) = match body {
            Body::Act(_) => (acts, limits::THREAD_ACTS),
            Body::Notice(_) => (notices, limits::THREAD_NOTICES),
            Body::Chunk(_) => return None,
        };
        if *count >= most {
            return None;
        }
        *count += 1;
        self.marks += 1;
        Some(self.marks - 1)
    }
}

/// An entry that comes after another.
#[derive(Debug, Clone, Copy)]
struct Child {
    at: usize,
    /// Whether its author knew that one, or it only follows it.
    knows: bool,
}

/// Visits entries in canonical order, each with its number in the order of hashes and those of its children.
fn walk<'e>(entries: &'e [Placed], rank: impl Fn(&Placed) -> u8, mut visit: impl FnMut(usize, &'e Placed, &[Child])) {
    let by_hash: BTreeMap<EntryHash, &Placed> = entries.iter().map(|e| (e.hash, e)).collect();
    let entries: Vec<&Placed> = by_hash.values().copied().collect();
    let index: BTreeMap<EntryHash, usize> = entries.iter().enumerate().map(|(i, e)| (e.hash, i)).collect();
    let mut children: Vec<Vec<Child>> = vec![Vec::new(); entries.len()];
    let mut waits: Vec<usize> = vec![0; entries.len()];
    for (i, entry) in entries.iter().enumerate() {
        let known: BTreeSet<usize> = entry.parents.iter().filter_map(|p| index.get(p).copied()).collect();
        let behind: BTreeSet<usize> = entry.follows.iter().filter_map(|p| index.get(p).copied()).collect();
        let behind = behind.difference(&known).map(|before| (*before, false));
        for (before, knows) in known.iter().map(|parent| (*parent, true)).chain(behind) {
            if let Some(of) = children.get_mut(before) {
                of.push(Child { at: i, knows });
            }
            if let Some(wait) = waits.get_mut(i) {
                *wait += 1;
            }
        }
    }
    let key = |i: usize| (entries.get(i).map_or(0, |e| rank(e)), i);
    let mut ready: BTreeSet<(u8, usize)> =
        waits.iter().enumerate().filter(|(_, wait)| **wait == 0).map(|(i, _)| key(i)).collect();
    while let Some((_, i)) = ready.pop_first() {
        let of = children.get_mut(i).map(std::mem::take).unwrap_or_default();
        if let Some(entry) = entries.get(i).copied() {
            visit(i, entry, &of);
        }
        for child in of {
            if let Some(wait) = waits.get_mut(child.at) {
                *wait -= 1;
                if *wait == 0 {
                    ready.insert(key(child.at));
                }
            }
        }
    }
}

/// What is kept of a body beside its author: all that decides whether it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// Its rank in canonical order.
    pub rank: u8,
    /// Bytes that it opens to.
    pub size: u32,
}

impl Head {
    #[must_use]
    pub fn of(body: &Body) -> Self {
        Self { rank: rank_of(body), size: u32::try_from(codec::encode(body).len()).unwrap_or(u32::MAX) }
    }

    /// Whether it may be of a notice: a file's part, which is kept elsewhere, has the same rank.
    #[must_use]
    pub const fn may_be_notice(self) -> bool {
        self.rank == 0
    }

    fn weight(self) -> usize {
        (self.size as usize).saturating_add(limits::THREAD_BODY_COST)
    }
}

/// Which bodies of a thread are opened: of each organisation the first in canonical order until they weigh [`limits::THREAD_BYTES`].
/// `entries`: without their bodies. Hangs on the set of entries alone.
#[must_use]
pub fn opened(entries: &[Placed], heads: &BTreeMap<EntryHash, Head>) -> BTreeSet<EntryHash> {
    let mut weights: BTreeMap<OrgId, usize> = BTreeMap::new();
    for (entry, head) in entries.iter().filter_map(|entry| Some((entry, heads.get(&entry.hash)?))) {
        let weight = weights.entry(entry.org).or_default();
        *weight = weight.saturating_add(head.weight());
    }
    if weights.values().all(|weight| *weight <= limits::THREAD_BYTES) {
        return heads.keys().copied().collect();
    }
    let (mut opened, mut weights) = (BTreeSet::new(), BTreeMap::<OrgId, usize>::new());
    walk(
        entries,
        |entry| heads.get(&entry.hash).map_or(0, |head| head.rank),
        |_, entry, _| {
            let Some(head) = heads.get(&entry.hash) else { return };
            let weight = weights.entry(entry.org).or_default();
            *weight = weight.saturating_add(head.weight());
            if *weight <= limits::THREAD_BYTES {
                opened.insert(entry.hash);
            }
        },
    );
    opened
}

/// What the child of two knows. Where one of them knew all, its set is shared.
fn join(theirs: &mut Arc<Bits>, more: &Arc<Bits>) {
    if Arc::ptr_eq(theirs, more) || theirs.covers(more) {
        return;
    }
    if more.covers(theirs) {
        *theirs = Arc::clone(more);
    } else {
        Arc::make_mut(theirs).join(more);
    }
}

fn rank_of(body: &Body) -> u8 {
    match body {
        Body::Act(signed) => rank(&signed.act),
        Body::Notice(_) | Body::Chunk(_) => 0,
    }
}

fn appoints(entry: &Placed) -> bool {
    matches!(act_of(entry), Some(Act::Schedule(_) | Act::Reschedule { .. }))
}

fn act_of(entry: &Placed) -> Option<&Act> {
    match &entry.body {
        Some(Body::Act(signed)) => Some(&signed.act),
        Some(Body::Notice(_) | Body::Chunk(_)) | None => None,
    }
}

fn subject(entry: &Placed) -> Option<Subject> {
    act_of(entry).and_then(Act::subject)
}
