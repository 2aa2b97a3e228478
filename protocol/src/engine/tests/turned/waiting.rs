//! While entries that turned wait to be looked at, more turn, some turn back, and documents are folded.

use super::*;
use crate::engine::apply;

const DOCUMENT: u8 = 3;

/// What a machine wrote before it was retired, where the steward has heard of that and has looked at a part of it: each tenth is of one document.
struct Waiting {
    net: Net,
    coalition: SpaceId,
    /// A machine that is still in.
    in_yet: usize,
    words: Vec<Entry>,
    told: Told,
}

impl Waiting {
    fn new() -> Self {
        let (mut net, coalition, in_yet) = two_machines();
        let mut told = Told::default();
        let before = std::mem::take(&mut net.hosts[0].events);
        told.take(&mut net.hosts[0], before);
        let on = heads(&mut net, 1, coalition);
        let words: Vec<Entry> = (0..3 * limits::TURNED_AT_ONCE)
            .map(|n| {
                let body =
                    if n % 10 == 5 { change(&net, 1, DOCUMENT, n as u64) } else { format!("word {n}").into_bytes() };
                forged(&net, 1, coalition, on.clone(), &body)
            })
            .collect();
        let (_, events) = hand(&mut net, 0, &words.iter().collect::<Vec<_>>());
        told.take(&mut net.hosts[0], events);
        while apply_left(&net.hosts[0]) {
            net.tick(0);
            let events = std::mem::take(&mut net.hosts[0].events);
            told.take(&mut net.hosts[0], events);
        }
        retired(&mut net, in_yet);
        let mut waiting = Self { net, coalition, in_yet, words, told };
        waiting.project();
        assert!(left(&waiting.net.hosts[0]));
        waiting
    }

    fn project(&mut self) {
        let host = &mut self.net.hosts[0];
        let events = std::mem::take(&mut host.events);
        self.told.take(host, events);
    }

    /// Those that count no more and were not looked at, by hash.
    fn unseen(&mut self, documents: bool) -> Vec<EntryHash> {
        let Host { store, engine, .. } = &mut self.net.hosts[0];
        let of = self.words.iter().filter(|word| Body::decode(word.body()).is_ok() == documents).map(Entry::hash);
        let mut unseen: Vec<EntryHash> = of
            .filter(|hash| {
                let counts = engine.spaces().counts(store, hash).unwrap();
                !counts && apply::is_told(store, self.coalition, *hash).unwrap()
            })
            .collect();
        unseen.sort_unstable();
        unseen
    }

    /// Who is still in says something that follows this one.
    fn name(&mut self, hash: EntryHash) {
        let on = heads(&mut self.net, self.in_yet, self.coalition);
        let naming = forged(&self.net, self.in_yet, self.coalition, [on, vec![hash]].concat(), b"it is named");
        let (_, events) = hand(&mut self.net, 0, &[&naming]);
        self.told.take(&mut self.net.hosts[0], events);
        let Host { store, engine, .. } = &mut self.net.hosts[0];
        assert!(engine.spaces().counts(store, &hash).unwrap());
    }

    /// Goes on until nothing waits, and looks whether all is told as it is.
    fn check(mut self) {
        for _ in 0..10 {
            self.net.now = self.net.now.plus(limits::TURNED_EVERY);
            self.net.tick(0);
            self.project();
        }
        assert!(!left(&self.net.hosts[0]));
        self.told.check(&mut self.net.hosts[0]);
    }
}

fn apply_left(host: &Host) -> bool {
    apply::is_left(&host.store).unwrap()
}

#[test]
fn where_one_turns_back_while_thousands_wait_each_of_the_others_is_looked_at() {
    let mut waiting = Waiting::new();
    let unseen = waiting.unseen(false);
    assert!(unseen.len() > limits::TURNED_AT_ONCE, "{} wait", unseen.len());
    waiting.name(unseen[0]);
    waiting.check();
}

#[test]
fn a_document_that_is_folded_before_its_entries_are_looked_at_loses_none_that_turns_back() {
    let mut waiting = Waiting::new();
    let unseen = waiting.unseen(true);
    let org = waiting.net.hosts[1].org();
    // What one tick asks for, and a retirement that came in the same transaction.
    let Host { store, engine, .. } = &mut waiting.net.hosts[0];
    let mut draft = Draft::new(store);
    engine.refold(&mut draft, (waiting.coalition, org, DocumentId([DOCUMENT; 32]))).unwrap();
    let writes = draft.into_writes();
    store.commit(writes);
    waiting.name(unseen[0]);
    waiting.check();
}

#[test]
fn what_counts_no_more_goes_newest_first_so_that_nothing_stands_without_what_it_follows() {
    let mut waiting = Waiting::new();
    let unseen: BTreeSet<EntryHash> = [false, true].into_iter().flat_map(|of| waiting.unseen(of)).collect();
    let Host { store, engine, .. } = &mut waiting.net.hosts[0];
    let lost = waiting.words.iter().map(Entry::hash).filter(|hash| !engine.spaces().counts(store, hash).unwrap());
    let stand: Vec<bool> = lost.map(|hash| unseen.contains(&hash)).collect();
    assert!(stand.contains(&true) && stand.contains(&false));
    assert!(stand.is_sorted_by_key(|stands| !stands), "one that came later is not looked at yet");
    waiting.check();
}
