//! What came before the thing that it follows: on whose account it is taken when that comes, and when the rest is.

use super::world::{Peer, coalition, forge, forge_data, settle};
use crate::ids::EntryHash;
use crate::limits;
use crate::space::control::{Control, Keep};
use crate::space::entry::{Entry, Kind};
use crate::space::{Account, Terms};
use crate::store::Table;
use crate::time::{DAY, HOUR};

const MANY: usize = 12;
const BYTES: usize = 20_000;

/// A reader; a join by the founder that it has not got; and words of a third, all behind that join, which lie at the reader and wait.
fn waiting() -> (Peer, Entry, Account, Vec<EntryHash>) {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    settle(&mut [&mut a, &mut b, &mut c], &[k]);
    let heads = a.heads(k);
    let join = forge(&a, k, &heads, &[], &Control::Keep(Keep));
    let mut words = Vec::new();
    for n in 0..MANY {
        let word = forge_data(&b, k, &[join.hash()], &[], Kind::Data, None, &[n as u8; BYTES]);
        words.push(word.hash());
        let own = c.org();
        let offered =
            c.act(|s, d, by| s.offer_on(d, word, Some(b.id()), by.now, Terms::Charged { own, by: b.org() })).unwrap();
        assert!(offered.waits);
    }
    (c, join, Account { org: b.org(), coalition: None }, words)
}

/// So much is left of what may be taken.
fn leave(peer: &mut Peer, account: Account, left: i64) {
    peer.act(|_, d, by| account.charge(d, account.left(d, by.now)? - left, by.now)).unwrap();
}

fn here(peer: &Peer, words: &[EntryHash]) -> usize {
    words.iter().filter(|hash| peer.has(hash)).count()
}

fn left(peer: &Peer, account: Account) -> i64 {
    account.left(&peer.store, peer.now).unwrap()
}

/// The join comes on these terms, where the account holds three words more than it may be overdrawn by.
fn release(terms: impl Fn(&Peer) -> Terms) -> (Peer, Account, Vec<EntryHash>) {
    let (mut c, join, account, words) = waiting();
    leave(&mut c, account, 80_000 - limits::ALLOWANCE_A_DAY);
    let terms = terms(&c);
    c.act(|s, d, by| s.offer_on(d, join, None, by.now, terms)).unwrap();
    (c, account, words)
}

#[test]
fn what_is_released_from_waiting_overdraws_its_account_by_a_day_and_no_further_whoever_releases_it() {
    let charged = |c: &Peer| Terms::Charged { own: c.org(), by: c.org() };
    let free = |_: &Peer| Terms::Free;
    for (c, account, words) in [release(charged), release(free)] {
        assert_eq!(here(&c, &words), 3, "of 37 KB each, for 80");
        let most = -limits::ALLOWANCE_A_DAY - (BYTES as i64 + 17_000);
        assert!(left(&c, account) > most, "{} left", left(&c, account));
        let lie = c.store.rows().filter(|(table, ..)| *table == Table::Waiting).count();
        assert_eq!(lie, MANY - 3, "the rest is not lost");
    }
}

#[test]
fn what_waits_for_its_account_alone_is_taken_as_that_fills_also_after_a_start() {
    let (mut c, account, words) = release(|c| Terms::Charged { own: c.org(), by: c.org() });
    let take = |c: &mut Peer| c.act(|s, d, by| s.take_owed(d, by.now)).unwrap();
    assert_eq!(take(&mut c).len(), 0, "not before");
    c.spaces.forget();
    let due = |c: &mut Peer| c.spaces.next_owed(&c.store, c.now).unwrap();
    assert_eq!(take(&mut c).len(), 0, "looked at, and there is no room");
    let (begun, mut woken) = (c.now, 0);
    while let Some(at) = due(&mut c) {
        assert!(at > c.now && at < begun.plus(HOUR), "it is woken when there is room, and for nothing else");
        c.now = at;
        take(&mut c);
        woken += 1;
        assert!(left(&c, account) < 0 && woken <= MANY);
    }
    assert_eq!(here(&c, &words), MANY);
    assert_eq!(c.store.rows().filter(|(table, ..)| *table == Table::Waiting).count(), 0);
    assert_eq!(take(&mut c).len(), 0);
}

#[test]
fn what_waits_for_its_account_is_not_asked_for_and_lies_here_once_if_it_comes_again() {
    let (mut c, join, account, _) = waiting();
    leave(&mut c, account, -2 * limits::ALLOWANCE_A_DAY);
    let own = c.org();
    c.act(|s, d, by| s.offer_on(d, join.clone(), None, by.now, Terms::Charged { own, by: own })).unwrap();
    assert!(c.spaces.missed(&c.store, 10).unwrap().is_empty());
    let b = Peer::new(2, 1);
    let again = forge_data(&b, join.space(), &[join.hash()], &[], Kind::Data, None, &[0; BYTES]);
    let offered =
        c.act(|s, d, by| s.offer_on(d, again, Some(b.id()), by.now, Terms::Charged { own, by: b.org() })).unwrap();
    assert!(offered.waits && offered.late.is_none() && offered.accepted.is_empty());
    assert_eq!(c.store.rows().filter(|(table, ..)| *table == Table::Waiting).count(), MANY);
    c.now = c.now.plus(3 * DAY);
    let taken = c.act(|s, d, by| s.take_owed(d, by.now)).unwrap();
    assert_eq!(taken.iter().filter(|(_, offered)| !offered.accepted.is_empty()).count(), MANY);
}
