//! The reference model of membership and epochs (`membership.py`), in a few symbols, over coalition and thread at once.
//!
//! One graph holds both: a thread's entry follows its parents and the control heads that it names. Certifications, retirements and
//! removals from the coalition then lie in the causal past of a thread's entry as they do in the model. Everything is computed the
//! slow way, from sets of entries of every kind, with no code of ours. Where it differs from the model is said at the place, and in
//! `protocol/decisions/0001-two-level-membership.md`.

use std::collections::BTreeSet;

/// Organisation and node, such as `('A', 1)`. `A` founded both spaces.
pub type Who = (char, u8);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Coalition: an organisation with its first node.
    Admit(char),
    /// Coalition: a node, by itself or another of its organisation.
    Certify(Who),
    Retire(Who),
    /// Coalition: by the steward, or by oneself.
    Expel(char),
    /// The thread.
    Found,
    Grant {
        org: char,
        read: bool,
        write: bool,
    },
    Revoke(char),
    Keep,
    Epoch {
        reach: BTreeSet<Who>,
    },
    Extend {
        epochs: BTreeSet<usize>,
        reach: BTreeSet<Who>,
    },
    Data {
        epoch: usize,
    },
}

#[derive(Debug, Clone)]
pub struct Item {
    pub by: Who,
    pub act: Act,
    /// All that it follows.
    pub past: BTreeSet<usize>,
}

impl Act {
    pub const fn in_coalition(&self) -> bool {
        matches!(self, Self::Admit(_) | Self::Certify(_) | Self::Retire(_) | Self::Expel(_))
    }
}

/// Accepted entries; the first is the coalition's founding, by `('A', 1)`.
#[derive(Default)]
pub struct Oracle {
    pub items: Vec<Item>,
}

#[derive(Debug, PartialEq, Eq, Default)]
pub struct Folded {
    pub members: BTreeSet<char>,
    pub nodes: BTreeSet<Who>,
    pub readers: BTreeSet<Who>,
    pub writers: BTreeSet<char>,
    pub retired: BTreeSet<Who>,
    pub closed: bool,
}

impl Oracle {
    pub fn closure(&self, of: &[usize]) -> BTreeSet<usize> {
        let mut set = BTreeSet::new();
        for &i in of {
            set.insert(i);
            set.extend(&self.items[i].past);
        }
        set
    }

    fn all(&self) -> BTreeSet<usize> {
        (0..self.items.len()).collect()
    }

    fn follows(&self, later: usize, earlier: usize) -> bool {
        self.items[later].past.contains(&earlier)
    }

    fn pick<'o, T>(&'o self, set: &'o BTreeSet<usize>, what: impl Fn(&'o Act) -> Option<T> + 'o) -> Vec<(usize, T)> {
        set.iter().filter_map(|&i| Some((i, what(&self.items[i].act)?))).collect()
    }

    /// The model: a revocation kills what does not follow it, whatever became of its author. Here not what was granted by who knew that its
    /// author is out or retired, where it had not heard so itself.
    fn spared(&self, set: &BTreeSet<usize>, g: usize, r: usize) -> bool {
        let by = self.items[r].by;
        let (of, here) = match self.items[r].act {
            Act::Revoke(org) => (org, true),
            Act::Expel(org) => (org, false),
            _ => unreachable!(),
        };
        let ends = |act: &Act| match act {
            Act::Revoke(org) => here && *org == by.0,
            Act::Expel(org) => *org == by.0,
            Act::Retire(who) => *who == by,
            _ => false,
        };
        let lets_in = |act: &Act| match act {
            Act::Grant { org, .. } => here && *org == by.0,
            Act::Admit(org) => !here && *org == by.0,
            _ => false,
        };
        // Who is known to be in again has its word back; a retired node has not.
        let back = |d: usize| {
            !matches!(self.items[d].act, Act::Retire(_))
                && set.iter().any(|h| lets_in(&self.items[*h].act) && self.follows(g, *h) && self.follows(*h, d))
        };
        let known = |d: &usize| ends(&self.items[*d].act) && self.follows(g, *d) && !self.follows(r, *d) && !back(*d);
        let too_late = of != by.0 && !(here && by.0 == 'A') && set.iter().any(known);
        self.follows(g, r) || too_late
    }

    /// The coalition: who is in, and the nodes of those that are.
    pub fn roster(&self, set: &BTreeSet<usize>) -> Folded {
        let retires = self.pick(set, |a| if let Act::Retire(who) = a { Some(*who) } else { None });
        let retired: BTreeSet<Who> = retires.iter().map(|(_, who)| *who).collect();
        let expels = self.pick(set, |a| if let Act::Expel(org) = a { Some(*org) } else { None });
        let mut members: BTreeSet<char> =
            if expels.iter().any(|(_, org)| *org == 'A') { [].into() } else { ['A'].into() };
        for (g, org) in self.pick(set, |a| if let Act::Admit(org) = a { Some(*org) } else { None }) {
            // The steward is A, and A can not be taken out (it is the last steward), so only its nodes matter.
            let by = self.items[g].by;
            let sound = !retired.contains(&by) || retires.iter().any(|(t, who)| *who == by && self.follows(*t, g));
            if sound && expels.iter().all(|(r, of)| *of != org || self.spared(set, g, *r)) {
                members.insert(org);
            }
        }
        let mut nodes: BTreeSet<Who> = [('A', 1)].into();
        nodes.extend(
            self.pick(set, |a| match a {
                Act::Admit(org) => Some((*org, 1)),
                Act::Certify(who) => Some(*who),
                _ => None,
            })
            .into_iter()
            .map(|(_, who)| who),
        );
        nodes.retain(|who| members.contains(&who.0) && !retired.contains(who));
        Folded { readers: nodes.clone(), writers: members.clone(), members, nodes, retired, closed: false }
    }

    pub fn thread(&self, set: &BTreeSet<usize>) -> Folded {
        let roster = self.roster(set);
        let revokes = self.pick(set, |a| if let Act::Revoke(org) = a { Some(*org) } else { None });
        let expels = self.pick(set, |a| if let Act::Expel(org) = a { Some(*org) } else { None });
        let keeps = self.pick(set, |a| matches!(a, Act::Keep).then_some(()));
        let mut readers: BTreeSet<char> = ['A'].into();
        let mut writers: BTreeSet<char> = ['A'].into();
        let grants = self
            .pick(set, |a| if let Act::Grant { org, read, write } = a { Some((*org, *read, *write)) } else { None });
        let mut members: BTreeSet<char> = ['A'].into();
        for (g, (org, read, write)) in grants {
            let by = self.items[g].by;
            // The model: a retirement of that node follows the grant. Here retirements stand in the coalition and follow nothing of a
            // thread, so a keep of the custodian does.
            let sound = !roster.retired.contains(&by)
                || keeps.iter().any(|(k, ())| {
                    let keeper = self.items[*k].by;
                    keeper.0 == 'A' && !roster.retired.contains(&keeper) && self.follows(*k, g)
                });
            let lives = |kills: &[(usize, char)]| kills.iter().all(|(r, of)| *of != org || self.spared(set, g, *r));
            if sound && lives(&revokes) && lives(&expels) && roster.members.contains(&org) {
                members.insert(org);
                readers.extend(read.then_some(org));
                writers.extend(write.then_some(org));
            }
        }
        let nodes: BTreeSet<Who> = roster.nodes.iter().filter(|who| members.contains(&who.0)).copied().collect();
        let readers = nodes.iter().filter(|who| readers.contains(&who.0)).copied().collect();
        Folded { members, nodes, readers, writers, retired: roster.retired, closed: false }
    }

    /// As the model: what members write counts with its past, and what takes out does.
    pub fn counted(&self, thread: bool) -> BTreeSet<usize> {
        let all = self.all();
        let fold = if thread { self.thread(&all) } else { self.roster(&all) };
        let mut counted = BTreeSet::new();
        let here = |i: usize| (i == 0 || self.items[i].act.in_coalition()) != thread;
        for (i, item) in self.items.iter().enumerate().filter(|(i, _)| here(*i)) {
            let takes_out = matches!(item.act, Act::Revoke(_) | Act::Expel(_) | Act::Retire(_));
            let stands = fold.members.contains(&item.by.0) && !fold.retired.contains(&item.by);
            if takes_out || stands {
                counted.insert(i);
                counted.extend(&item.past);
            }
        }
        counted.retain(|i| here(*i));
        counted
    }

    /// Looks only at the entry and its causal past.
    pub fn accepts(&self, by: Who, act: &Act, past: &BTreeSet<usize>) -> bool {
        let roster = self.roster(past);
        if roster.retired.contains(&by) {
            return false;
        }
        if act.in_coalition() {
            let certified = roster.nodes.contains(&by);
            // In its causal past, retired since or not.
            let ever = |who: &Who| {
                *who == ('A', 1)
                    || past.iter().any(|i| match self.items[*i].act {
                        Act::Admit(org) => (org, 1) == *who,
                        Act::Certify(other) => other == *who,
                        _ => false,
                    })
            };
            return match act {
                Act::Admit(org) => certified && by.0 == 'A' && !roster.retired.contains(&(*org, 1)),
                Act::Certify(who) => {
                    // The model takes a certificate and a retirement that stand already once more; here that is refused.
                    by.0 == who.0
                        && !roster.retired.contains(who)
                        && !ever(who)
                        && (certified || (*who == by && roster.members.contains(&by.0)))
                }
                Act::Retire(who) => certified && who.0 == by.0 && ever(who) && !roster.retired.contains(who),
                Act::Expel(org) => certified && *org != 'A' && (by.0 == 'A' || by.0 == *org),
                _ => unreachable!(),
            };
        }
        if matches!(act, Act::Found) {
            return by.0 == 'A' && roster.nodes.contains(&by);
        }
        let fold = self.thread(past);
        if !fold.nodes.contains(&by) {
            return false;
        }
        match act {
            Act::Grant { org, .. } => by.0 == 'A' && *org != 'A' && roster.members.contains(org),
            Act::Revoke(org) => *org != 'A',
            Act::Keep => true,
            Act::Epoch { reach } => reach.is_subset(&fold.readers),
            Act::Extend { epochs, reach } => {
                // The model lets an extend name any epoch; here it must follow those that it names.
                reach.is_subset(&fold.readers)
                    && epochs.iter().all(|e| past.contains(e) && matches!(self.items[*e].act, Act::Epoch { .. }))
            }
            // The model knows no writers but members.
            Act::Data { .. } => fold.writers.contains(&by.0),
            _ => unreachable!(),
        }
    }

    /// Whether a body may be sealed under its epoch.
    pub fn seals(&self, by: Who, epoch: usize, past: &BTreeSet<usize>) -> bool {
        let Some(Item { act: Act::Epoch { reach }, past: minted, by: minter }) =
            past.get(&epoch).map(|e| &self.items[*e])
        else {
            return false;
        };
        let fold = self.thread(past);
        // The model ends an epoch with each retirement; here with the first of a node.
        let again = |who: &Who| minted.iter().any(|m| self.items[*m].act == Act::Retire(*who));
        let late = |i: &usize| match &self.items[*i].act {
            Act::Revoke(_) | Act::Expel(_) => true,
            Act::Retire(who) => !again(who),
            _ => false,
        };
        if past.difference(minted).any(late) {
            return false;
        }
        let mut reached = reach.clone();
        for (_, more) in self.pick(past, |a| match a {
            Act::Extend { epochs, reach } if epochs.contains(&epoch) => Some(reach),
            _ => None,
        }) {
            reached.extend(more);
        }
        // Beyond the model: who mints holds the key, so it must be a reader or of the writer's organisation.
        reached == fold.readers && (minter.0 == by.0 || fold.readers.contains(minter))
    }
}
