//! Stories of members who come, write and go.

use super::world::{Peer, coalition, send, settle, thread};
use crate::space::Unopened;

#[test]
fn what_one_member_writes_the_others_read() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b]);
    let said = a.write(t, "She would like to come on Tuesday.").unwrap();
    send(&mut a, &mut b, &[t]);
    assert_eq!(b.open(&said).unwrap(), "She would like to come on Tuesday.");
    let answer = b.write(t, "Ten o'clock.").unwrap();
    send(&mut b, &mut a, &[t]);
    assert_eq!(a.open(&answer).unwrap(), "Ten o'clock.");
    // Handed over by force, nothing opens.
    send(&mut a, &mut c, &[t]);
    assert!(c.has(&said) && c.has(&answer));
    assert_eq!(c.open(&said), Err(Unopened::NotAReader));
}

#[test]
fn a_revoked_organisation_opens_nothing_sealed_later() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b, &mut c]);
    let before = b.write(t, "before").unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k, t]);
    assert_eq!(c.open(&before).unwrap(), "before");
    a.revoke(t, c.org()).unwrap();
    let after = a.write(t, "after").unwrap();
    settle(&mut [&mut a, &mut b], &[k, t]);
    send(&mut a, &mut c, &[t]);
    assert_eq!(b.open(&after).unwrap(), "after");
    assert_eq!(c.open(&after), Err(Unopened::NotAReader));
    assert!(!c.fold(t).members.contains_key(&c.org()));
}
