//! Links: reliable and ordered while they live, gone at any moment, slow at will.

use super::rng::Rng;
use std::collections::{BTreeMap, VecDeque};

pub struct Link {
    pub ends: [usize; 2],
    /// How far the clock of each end was off when the link came to stand.
    pub clocks: [i64; 2],
    /// Frames on their way from each end.
    queues: [VecDeque<Vec<u8>>; 2],
    /// Which end has not been told yet that the link is gone.
    cut: bool,
    told: [bool; 2],
    /// An end that hears nothing any more, though the link stands: the line is dead one way.
    pub deaf: Option<usize>,
    /// Mostly something else moves first.
    pub slow: bool,
}

#[derive(Default)]
pub struct Net {
    pub links: BTreeMap<u64, Link>,
    next: u64,
}

/// What an end of a link meets next.
pub enum Arrival {
    Frame { link: u64, to: usize, bytes: Vec<u8> },
    Gone { link: u64, to: usize },
}

impl Net {
    pub fn open(&mut self, ends: [usize; 2], clocks: [i64; 2]) -> u64 {
        self.next += 1;
        let queues = [VecDeque::new(), VecDeque::new()];
        self.links
            .insert(self.next, Link { ends, clocks, queues, cut: false, told: [false; 2], deaf: None, slow: false });
        self.next
    }

    pub fn joined(&self, a: usize, b: usize) -> bool {
        self.links.values().any(|l| !l.cut && (l.ends == [a, b] || l.ends == [b, a]))
    }

    pub fn send(&mut self, link: u64, from: usize, bytes: Vec<u8>) {
        if let Some(l) = self.links.get_mut(&link).filter(|l| !l.cut) {
            let side = usize::from(l.ends[0] != from);
            l.queues[side].push_back(bytes);
        }
    }

    /// How many frames are on their way from an end of a link.
    pub fn flying(&self, link: u64, from: usize) -> usize {
        self.links.get(&link).map_or(0, |l| l.queues[usize::from(l.ends[0] != from)].len())
    }

    /// Loses what is on its way from an end of a link, of one sort.
    pub fn lose(&mut self, link: u64, from: usize, sort: impl Fn(&[u8]) -> bool) {
        if let Some(l) = self.links.get_mut(&link) {
            let side = usize::from(l.ends[0] != from);
            l.queues[side].retain(|bytes| !sort(bytes));
        }
    }

    /// Cuts a link. Of what is on its way, some still arrives; the ends notice when they notice.
    pub fn cut(&mut self, link: u64, rng: &mut Rng) -> usize {
        let Some(l) = self.links.get_mut(&link).filter(|l| !l.cut) else { return 0 };
        l.cut = true;
        let mut lost = 0;
        if let Some(side) = l.deaf.take() {
            lost += l.queues[1 - side].len();
            l.queues[1 - side].clear();
        }
        for queue in &mut l.queues {
            let keep = rng.below(queue.len() + 1);
            lost += queue.len() - keep;
            queue.truncate(keep);
        }
        lost
    }

    /// An end is gone without a word: it is never told, the other end is.
    pub fn died(&mut self, host: usize, rng: &mut Rng) -> usize {
        let links: Vec<u64> = self.links.iter().filter(|(_, l)| l.ends.contains(&host)).map(|(l, _)| *l).collect();
        let mut lost = 0;
        for link in links {
            lost += self.cut(link, rng);
            if let Some(l) = self.links.get_mut(&link) {
                let side = usize::from(l.ends[0] != host);
                l.told[side] = true;
                l.queues[1 - side].clear();
            }
        }
        lost
    }

    /// The ends for which something waits.
    pub fn waiting(&self) -> Vec<(u64, usize)> {
        let mut all = Vec::new();
        for (link, l) in &self.links {
            for side in 0..2 {
                let frames = !l.queues[1 - side].is_empty() && !l.told[side] && l.deaf != Some(side);
                if frames || (l.cut && !l.told[side]) {
                    all.push((*link, side));
                }
            }
        }
        all
    }

    /// What this end meets next.
    pub fn deliver(&mut self, link: u64, side: usize) -> Option<Arrival> {
        let l = self.links.get_mut(&link)?;
        let to = l.ends[side];
        if let Some(bytes) = l.queues[1 - side].pop_front() {
            return Some(Arrival::Frame { link, to, bytes });
        }
        if !l.cut || l.told[side] {
            return None;
        }
        l.told[side] = true;
        if l.told == [true; 2] {
            self.links.remove(&link);
        }
        Some(Arrival::Gone { link, to })
    }
}
