//! What an organisation kept at itself alone, and what it told afterwards: in its own fold the second follows the first.

use super::act::Body;
use super::fold::Placed;
use crate::ids::{EntryHash, OrgId};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Puts what `own` told behind what it had kept before. The entry in the space can not say so: who reads there would learn that something was
/// kept. So the times say it, which are of its own machines alone. What was kept by somebody who knew that it was told follows it, whatever the
/// clocks say: nothing goes round in a circle.
pub fn follow_kept(own: OrgId, entries: &mut [Placed]) {
    let ours =
        |one: &Placed, local: bool| one.org == own && one.local == local && matches!(one.body, Some(Body::Act(_)));
    let mut kept: Vec<usize> = (0..).zip(entries.iter()).filter(|(_, one)| ours(one, true)).map(|(at, _)| at).collect();
    let told: Vec<usize> = (0..).zip(entries.iter()).filter(|(_, one)| ours(one, false)).map(|(at, _)| at).collect();
    if kept.is_empty() || told.is_empty() {
        return;
    }
    let index: BTreeMap<EntryHash, usize> = (0..).zip(entries.iter()).map(|(at, one)| (one.hash, at)).collect();
    // The newest first: what comes before it is behind it already.
    kept.sort_by_key(|at| entries.get(*at).map(|one| Reverse((one.time, one.hash))));
    let mut followed: BTreeMap<usize, Vec<Arc<BTreeSet<usize>>>> = BTreeMap::new();
    for at in kept {
        let Some((hash, time)) = entries.get(at).map(|one| (one.hash, one.time)) else { continue };
        let before = Arc::new(past(entries, &index, at));
        for after in &told {
            let known = followed.get(after).is_some_and(|all| all.iter().any(|before| before.contains(&at)));
            let Some(entry) = entries.get_mut(*after) else { continue };
            if entry.time > time && !known && !before.contains(after) {
                entry.parents.push(hash);
                followed.entry(*after).or_default().push(Arc::clone(&before));
            }
        }
    }
}

/// What lies before an entry.
fn past(entries: &[Placed], index: &BTreeMap<EntryHash, usize>, of: usize) -> BTreeSet<usize> {
    let mut before = BTreeSet::new();
    let mut next = vec![of];
    while let Some(at) = next.pop() {
        let parents = entries.get(at).into_iter().flat_map(|one| &one.parents).filter_map(|hash| index.get(hash));
        next.extend(parents.copied().filter(|parent| before.insert(*parent)).collect::<Vec<_>>());
    }
    before
}
