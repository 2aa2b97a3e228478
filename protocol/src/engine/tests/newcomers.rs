//! What a newcomer is handed: whatever became of others, it comes in by it.

use super::Net;
use crate::ids::SpaceId;
use crate::space::entry::{Entry, Kind};

/// Two members and a third who never wrote anything; the second has listings.
fn with_listings(many: u8) -> (Net, SpaceId) {
    let mut net = Net::new(3);
    let coalition = net.found();
    net.connect(0, 1);
    net.connect(0, 2);
    net.run();
    for number in 0..many {
        net.step(1, |step| step.write_coalition(coalition, &[number; 40]).unwrap());
    }
    net.run();
    (net, coalition)
}

/// A newcomer that a steward lets in and that has nothing but what it is handed: how many are in by its roster. Its own organisation is.
fn comes_in(net: &mut Net, coalition: SpaceId, by: usize) -> usize {
    net.hosts.push(super::Host::new(9, 9));
    let newcomer = net.hosts.len() - 1;
    net.admit(coalition, newcomer);
    net.run();
    let handed = {
        let h = &mut net.hosts[by];
        h.engine.control_entries(&h.store, coalition).unwrap()
    };
    net.step(newcomer, |step| step.take_entries(handed).unwrap());
    let h = &mut net.hosts[newcomer];
    let own = h.org();
    let roster = h.engine.roster(&h.store, coalition).unwrap();
    assert!(roster.member(&own).is_some(), "the newcomer stands in its own roster");
    roster.orgs.values().filter(|member| !member.removed).count()
}

#[test]
fn a_newcomer_comes_in_after_a_member_with_listings_was_removed() {
    let (mut net, coalition) = with_listings(3);
    let removed = net.hosts[1].org();
    net.step(0, |step| step.remove(coalition, removed).unwrap());
    net.run();
    assert_eq!(comes_in(&mut net, coalition, 0), 3);
}

#[test]
fn a_newcomer_comes_in_after_a_member_with_listings_left_and_by_another_member_too() {
    let (mut net, coalition) = with_listings(1);
    net.step(1, |step| step.leave(coalition).unwrap());
    net.run();
    assert_eq!(comes_in(&mut net, coalition, 2), 3);
}

#[test]
fn a_newcomer_comes_in_after_a_machine_that_wrote_listings_was_retired() {
    let (mut net, coalition) = with_listings(0);
    let further = net.further(coalition, 2, 40, 0);
    net.connect(0, further);
    net.run();
    net.step(further, |step| step.write_coalition(coalition, b"openings: two").unwrap());
    net.run();
    let retirement = net.hosts[1].root().retire(net.hosts[further].node(), net.now);
    net.step(1, |step| step.retire(&retirement).unwrap());
    net.run();
    assert_eq!(comes_in(&mut net, coalition, 0), 4);
}

#[test]
fn what_is_handed_over_has_parents_first_keeps_its_numbers_and_no_listing_that_nothing_rests_on() {
    let (mut net, coalition) = with_listings(3);
    net.step(2, |step| step.write_coalition(coalition, b"openings: three").unwrap());
    net.run();
    let handed = |net: &mut Net| {
        let h = &mut net.hosts[0];
        h.engine.control_entries(&h.store, coalition).unwrap()
    };
    let before = handed(&mut net);
    let listings = |all: &[Vec<u8>]| {
        all.iter().filter(|bytes| Entry::parse((*bytes).clone()).unwrap().header().kind == Kind::Data).count()
    };
    assert_eq!(listings(&before), 0);
    let removed = net.hosts[1].org();
    net.step(0, |step| step.remove(coalition, removed).unwrap());
    net.run();
    let after = handed(&mut net);
    assert_eq!(after[..before.len()], before);
    assert_eq!(listings(&after), 3);
    let mut seen = std::collections::BTreeSet::new();
    for bytes in &after {
        let entry = Entry::parse(bytes.clone()).unwrap();
        assert!(entry.header().parents.iter().all(|parent| seen.contains(parent)), "parents first");
        seen.insert(entry.hash());
    }
    net.hosts[0].restart();
    assert_eq!(handed(&mut net), after, "and the same after a start");
}
