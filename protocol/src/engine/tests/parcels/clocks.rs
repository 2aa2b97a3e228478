//! Parcels of a machine whose clock was wrong.

use super::*;

#[test]
fn what_a_clock_that_ran_ahead_dated_goes_in_its_time_once_it_is_set_back() {
    let (mut net, coalition) = apart(3, &[1]);
    let space = found(&mut net, coalition, &[2], None);
    let right = net.now;
    net.now = right.plus(5 * DAY);
    write(&mut net, 0, space, &[2], b"please see her").unwrap();
    net.now = right;
    net.tick(0);
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    assert_eq!(carried(&net, 1), 1);
}
