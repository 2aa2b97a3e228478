//! What a node holds back from an organisation that is in, over links, by carriers and in bundles.

use super::Net;
use super::threads::{connected, found, let_in_unknown, records, write};
use crate::engine::Event;
use crate::ids::{OrgId, SpaceId};
use crate::limits;
use crate::space::hold::Held;
use crate::sync::carry::CARRIER;

fn hold(net: &mut Net, host: usize, space: SpaceId, org: OrgId, held: bool) {
    net.step(host, |step| if held { step.hold(space, org, Held::All) } else { step.let_go(space, org) }.unwrap());
}

#[test]
fn what_is_held_back_goes_over_no_link_and_all_of_it_once_it_is_let_go() {
    for compared in [false, true] {
        let (mut net, coalition) = connected(3);
        let space = found(&mut net, coalition, &[1], None);
        write(&mut net, 0, space, &[1], b"before").unwrap();
        net.run();
        net.cut_all();
        write(&mut net, 0, space, &[1], b"please see her").unwrap();
        let org = net.hosts[1].org();
        hold(&mut net, 0, space, org, true);
        if compared {
            // Without bookmarks all spaces are compared.
            net.hosts[1].restart();
            net.hosts[0].restart();
        }
        net.connect(0, 1);
        net.run();
        assert_eq!(net.hosts[1].applied(space), [b"before".to_vec()]);
        // What it writes comes on, and what is new is held back as well.
        write(&mut net, 1, space, &[0], b"she was here").unwrap();
        net.run();
        assert_eq!(net.hosts[0].applied(space).len(), 3);
        write(&mut net, 0, space, &[1], b"so it is").unwrap();
        net.run();
        assert_eq!(net.hosts[1].applied(space).len(), 2);
        hold(&mut net, 0, space, org, false);
        net.run();
        assert_eq!(net.hosts[1].applied(space).len(), 4);
        assert!(net.closed.is_empty(), "{:?}", net.closed);
    }
}

#[test]
fn of_two_spaces_and_two_who_are_in_only_what_is_said_is_held_back() {
    let (mut net, coalition) = connected(3);
    let (both, other) = (found(&mut net, coalition, &[1, 2], None), found(&mut net, coalition, &[1], None));
    net.run();
    net.cut_all();
    let org = net.hosts[1].org();
    hold(&mut net, 0, both, org, true);
    write(&mut net, 0, both, &[1, 2], b"for both").unwrap();
    write(&mut net, 0, other, &[1], b"something else").unwrap();
    net.connect(0, 1);
    net.connect(0, 2);
    net.run();
    assert_eq!((net.hosts[1].applied(both).len(), net.hosts[2].applied(both).len()), (0, 1));
    assert_eq!(net.hosts[1].applied(other).len(), 1);
}

#[test]
fn who_is_taken_out_while_something_is_held_back_hears_that_and_gets_nothing_once_it_is_let_go() {
    let (mut net, coalition) = connected(2);
    let space = found(&mut net, coalition, &[1], None);
    net.run();
    net.cut_all();
    write(&mut net, 0, space, &[1], b"please see her").unwrap();
    let org = net.hosts[1].org();
    hold(&mut net, 0, space, org, true);
    net.connect(0, 1);
    net.run();
    net.step(0, |step| step.revoke(space, org).unwrap());
    net.run();
    assert!(net.hosts[1].events.contains(&Event::Removed { space }), "it hears that it is out");
    hold(&mut net, 0, space, org, false);
    net.run();
    assert!(net.hosts[1].applied(space).is_empty());
}

#[test]
fn no_keys_are_passed_on_while_something_is_held_back_and_who_asked_gets_them_once_it_is_let_go() {
    let (mut net, space) = let_in_unknown();
    for (a, b) in [(0, 2), (1, 2)] {
        net.connect(a, b);
        net.run();
        net.cut_all();
    }
    let org = net.hosts[2].org();
    hold(&mut net, 0, space, org, true);
    net.connect(0, 2);
    net.connect(0, 1);
    net.run();
    let told = |net: &Net| records(net, 0).into_iter().filter(|told| told.to == org).count();
    assert_eq!((net.hosts[2].applied(space).len(), told(&net)), (0, 1), "its ask came, and waits");
    hold(&mut net, 0, space, org, false);
    net.run();
    assert_eq!((net.hosts[2].applied(space).len(), told(&net)), (1, 2));
}

#[test]
fn what_lies_with_a_carrier_is_taken_back_when_it_is_held_back_and_left_again_when_it_is_let_go() {
    let (mut net, coalition) = connected(3);
    let value = crate::codec::encode(&Some(limits::CARRIED_BYTES));
    net.step(1, |step| step.register(coalition, CARRIER, &value).unwrap());
    net.run();
    net.cut_all();
    let space = found(&mut net, coalition, &[2], None);
    write(&mut net, 0, space, &[2], b"please see her").unwrap();
    let due = |net: &mut Net| {
        net.now = net.now.plus(limits::PARCEL_AFTER + limits::PARCEL_JITTER);
        net.tick(0);
    };
    let meet = |net: &mut Net, a, b| {
        net.connect(a, b);
        net.run();
        net.cut_all();
    };
    due(&mut net);
    meet(&mut net, 0, 1);
    let carried = |net: &Net| net.hosts[1].engine.carried(&net.hosts[1].store).unwrap().len();
    assert_eq!(carried(&net), 1);
    let org = net.hosts[2].org();
    hold(&mut net, 0, space, org, true);
    due(&mut net);
    meet(&mut net, 0, 1);
    meet(&mut net, 1, 2);
    assert!(net.hosts[2].applied(space).is_empty(), "what was there is taken back, and nothing takes its place");
    let on_a_stick = |net: &mut Net| net.step(0, |step| step.export_parcels(org, true).unwrap().entries);
    let roster = on_a_stick(&mut net);
    hold(&mut net, 0, space, org, false);
    assert!(on_a_stick(&mut net) > roster, "nor did a stick hold it");
    due(&mut net);
    meet(&mut net, 0, 1);
    meet(&mut net, 1, 2);
    assert_eq!(net.hosts[2].applied(space), [b"please see her".to_vec()]);
}
