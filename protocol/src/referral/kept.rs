//! What an organisation kept at itself alone, and what it told afterwards: in its own fold the second follows the first.

use super::Information;
use super::act::{Act, Body};
use super::fold::Placed;
use crate::ids::{EntryHash, OrgId};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Puts what `own` told behind what it had kept before ([`Placed::follows`]). The entry in the space can not say so: who reads there would learn
/// that something was kept. So the times say it, which are of its own machines alone. It is so for order only: what the author knew stays what it
/// was. What was kept by somebody who knew that it was told follows it, whatever the clocks say: nothing goes round in a circle. And what was
/// kept by somebody who knew more of what was told of that kind than who told this (two machines, of which one had heard more) stays beside it:
/// else this would come after things that it does not follow where the others stand, and the two sides would fold the same entries
/// differently.
pub fn follow_kept(own: OrgId, entries: &mut [Placed]) {
    let ours = |one: &Placed, local: bool| one.org == own && one.local == local && act(one).is_some();
    let mut kept: Vec<usize> = (0..).zip(entries.iter()).filter(|(_, one)| ours(one, true)).map(|(at, _)| at).collect();
    let told: Vec<usize> = (0..).zip(entries.iter()).filter(|(_, one)| ours(one, false)).map(|(at, _)| at).collect();
    if kept.is_empty() || told.is_empty() {
        return;
    }
    let index: BTreeMap<EntryHash, usize> = (0..).zip(entries.iter()).map(|(at, one)| (one.hash, at)).collect();
    let mut known = Known::new(entries, &index);
    // The newest first: what comes before it is behind it already.
    kept.sort_by_key(|at| entries.get(*at).map(|one| Reverse((one.time, one.hash))));
    let mut followed: BTreeMap<usize, Vec<Arc<BTreeSet<usize>>>> = BTreeMap::new();
    for at in kept {
        let Some((hash, time)) = entries.get(at).map(|one| (one.hash, one.time)) else { continue };
        let behind =
            |after: &usize| followed.get(after).is_some_and(|all| all.iter().any(|before| before.contains(&at)));
        let later = |after: &usize| entries.get(*after).is_some_and(|one| one.time > time);
        let waits: Vec<usize> = told.iter().copied().filter(|after| later(after) && !behind(after)).collect();
        if waits.is_empty() {
            continue;
        }
        let before = Arc::new(past(entries, &index, at));
        let mut newest: BTreeMap<Information, Vec<usize>> = BTreeMap::new();
        for after in waits.into_iter().filter(|after| !before.contains(after)) {
            let Some(kind) = entries.get(after).and_then(act).map(Act::information) else { continue };
            let newest = newest.entry(kind).or_insert_with(|| newest_told(entries, &index, at, kind));
            if newest.iter().all(|told| known.by(*told).contains(&after))
                && let Some(entry) = entries.get_mut(after)
            {
                entry.follows.push(hash);
                followed.entry(after).or_default().push(Arc::clone(&before));
            }
        }
    }
}

fn act(one: &Placed) -> Option<&Act> {
    match &one.body {
        Some(Body::Act(signed)) => Some(&signed.act),
        Some(Body::Notice(_) | Body::Chunk(_)) | None => None,
    }
}

/// By whom an entry was known.
struct Known {
    children: Vec<Vec<usize>>,
    by: BTreeMap<usize, BTreeSet<usize>>,
}

impl Known {
    fn new(entries: &[Placed], index: &BTreeMap<EntryHash, usize>) -> Self {
        let mut children = vec![Vec::new(); entries.len()];
        for (at, one) in (0..).zip(entries) {
            for parent in one.parents.iter().filter_map(|hash| index.get(hash)) {
                children.get_mut(*parent).into_iter().for_each(|of| of.push(at));
            }
        }
        Self { children, by: BTreeMap::new() }
    }

    fn by(&mut self, of: usize) -> &BTreeSet<usize> {
        let children = &self.children;
        self.by.entry(of).or_insert_with(|| reach(of, |at| children.get(at).into_iter().flatten().copied()))
    }
}

/// What lies before an entry.
fn past(entries: &[Placed], index: &BTreeMap<EntryHash, usize>, of: usize) -> BTreeSet<usize> {
    reach(of, |at| before(entries, index, at))
}

/// Of what lies before an entry the acts of this kind that were told, but for what lies before one of them on every way there.
fn newest_told(entries: &[Placed], index: &BTreeMap<EntryHash, usize>, of: usize, kind: Information) -> Vec<usize> {
    let told = |at: usize| {
        let act = entries.get(at).filter(|one| !one.local).and_then(act);
        act.is_some_and(|act| act.information() == kind)
    };
    let all = reach(of, |at| before(entries, index, at).filter(move |_| at == of || !told(at)));
    all.into_iter().filter(|at| told(*at)).collect()
}

fn before<'e>(
    entries: &'e [Placed],
    index: &'e BTreeMap<EntryHash, usize>,
    at: usize,
) -> impl Iterator<Item = usize> + 'e {
    let one = entries.get(at).into_iter();
    one.flat_map(|one| one.parents.iter().chain(&one.follows)).filter_map(|hash| index.get(hash).copied())
}

/// All that is reached from here, step by step.
fn reach<I: Iterator<Item = usize>>(from: usize, steps: impl Fn(usize) -> I) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(at) = next.pop() {
        next.extend(steps(at).filter(|step| reached.insert(*step)));
    }
    reached
}
