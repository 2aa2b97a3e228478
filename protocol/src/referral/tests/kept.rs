//! What one side kept to itself, and what it told afterwards, in its own fold.

use super::*;

/// An act of the recipient: kept after these, or told.
fn at(n: u8, after: &[EntryHash], what: Act, (local, seconds): (bool, u64)) -> Placed {
    let mut one = act(hash(n), after, RECIPIENT_ORG, what);
    one.local = local;
    one.time = NOW.plus(seconds);
    one
}

fn parents(entries: &[Placed], n: u8) -> &[EntryHash] {
    &entries.iter().find(|one| one.hash == hash(n)).expect("an entry").parents
}

#[test]
fn what_is_told_after_something_was_kept_follows_it_in_ones_own_fold_whatever_the_hashes() {
    // Accepted, and then here alone: an appointment, to which the person did not come. Told afterwards: another appointment.
    for told in [5, 90] {
        let mut entries = chain(accepted());
        let known = entries.last().expect("accepted").hash;
        entries.push(at(40, &[known], appointment(), (true, 1)));
        entries.push(at(41, &[hash(40)], no_show(), (true, 2)));
        entries.push(at(told, &[known], appointment(), (false, 3)));
        assert_eq!(state(&entries).place, Place::Missed, "as if the missed one had come last");
        follow_kept(RECIPIENT_ORG, &mut entries);
        let now = state(&entries);
        assert_eq!((now.place, now.no_shows), (Place::Scheduled, 1));
        assert_eq!(parents(&entries, told), [known, hash(41)], "the newest of what was kept is enough");
    }
}

#[test]
fn what_was_kept_by_who_knew_that_it_was_told_does_not_come_before_it_whatever_the_clocks_say() {
    let mut entries = chain(accepted());
    let known = entries.last().expect("accepted").hash;
    // The clock was turned back between the two.
    entries.push(at(40, &[known], appointment(), (false, 9)));
    entries.push(at(41, &[hash(40)], no_show(), (true, 2)));
    // Another machine, which knew neither.
    entries.push(at(42, &[known], hold(), (true, 1)));
    follow_kept(RECIPIENT_ORG, &mut entries);
    assert_eq!(parents(&entries, 40), [known, hash(42)]);
    assert_eq!(state(&entries).history.len(), 5, "every act has its turn");
}

#[test]
fn nothing_of_the_other_side_follows_what_was_kept_here() {
    let mut entries = chain(accepted());
    let known = entries.last().expect("accepted").hash;
    entries.push(at(40, &[known], appointment(), (true, 1)));
    let mut theirs = act(hash(41), &[known], SENDER_ORG, withdraw());
    theirs.time = NOW.plus(5);
    entries.push(theirs);
    follow_kept(RECIPIENT_ORG, &mut entries);
    assert_eq!(parents(&entries, 41), [known]);
}
