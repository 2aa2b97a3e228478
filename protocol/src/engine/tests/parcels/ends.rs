//! What a parcel tells of ends: those of a consent, and the recipient's own.

use super::super::threads::permit;
use super::{Net, apart, connected, due, found, left, meet, sealed, write};
use crate::consent::Action;
use crate::engine::{Event, Imported, Seat};
use crate::samples::note;
use crate::sync::parcel::rows;
use crate::sync::wire::Page;
use crate::time::{DAY, HOUR};

#[test]
fn in_the_last_hour_of_a_grant_nothing_that_rests_on_it_goes_by_parcel_or_bundle_and_all_else_does() {
    let (mut net, coalition) = apart(3, &[1]);
    // Not to an hour: what is cut to one has passed.
    let end = net.now.plus(HOUR / 2);
    assert!(end.0 - end.0 % HOUR < net.now.0);
    let soon = found(&mut net, coalition, &[2], Some(end));
    let other = found(&mut net, coalition, &[2], None);
    let until = write(&mut net, 0, soon, &[2], b"until noon").unwrap();
    let hash = write(&mut net, 0, other, &[2], b"for long").unwrap();
    due(&mut net, 0);
    let all = rows::outgoing(&net.hosts[0].store).unwrap();
    assert!(!all.is_empty() && all.iter().all(|(_, row)| row.spaces == [other]), "{all:?}");
    meet(&mut net, 0, 1);
    assert!(left(&net, 0, hash, 2));
    let to = net.hosts[2].org();
    let bundle = net.step(0, |step| step.export_parcels(to, true).unwrap().parcels);
    for parcel in bundle {
        net.step(2, |step| step.import_parcel(parcel).unwrap());
    }
    let has = |net: &Net, hash| net.hosts[2].engine.has(&net.hosts[2].store, hash).unwrap();
    assert!(has(&net, &hash) && !has(&net, &until));
    // Its time is made longer: all of it is shown.
    let permit = permit(net.hosts[0].org(), to, Action::Grant, Some(net.now.plus(10 * DAY)), net.now);
    net.step(0, |step| step.grant(soon, &Seat { permit: &permit, write: true }, &note()).unwrap());
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    assert!(left(&net, 0, until, 2));
}

#[test]
fn a_removal_in_a_parcel_by_a_node_that_is_not_known_yet_waits_for_what_its_author_knew() {
    let (mut net, coalition) = connected(3);
    let space = found(&mut net, coalition, &[2], None);
    net.run();
    net.cut_all();
    let second = net.further(coalition, 1, 7, 0);
    net.connect(0, second);
    net.connect(0, 1);
    net.run();
    let org = net.hosts[2].org();
    let removal = net.step(second, |step| step.revoke(space, org).unwrap());
    let h = &net.hosts[second];
    let removal = h.engine.spaces.entry(&h.store, &removal).unwrap().unwrap().bytes().to_vec();
    net.cut_all();
    // Without the certificate that an honest node puts before it.
    let page = Page { removals: vec![removal], ..Default::default() };
    let parcel = sealed(&mut net, 1, 2, page);
    let taken = net.step(2, |step| step.import_parcel(parcel).unwrap());
    assert_eq!(taken, Imported::Waits);
    assert!(!net.hosts[2].events.contains(&Event::Removed { space }));
    meet(&mut net, 1, 2);
    assert!(net.hosts[2].events.contains(&Event::Removed { space }));
    assert!(rows::held(&net.hosts[2].store).unwrap().is_empty());
}

#[test]
fn a_removal_that_one_machine_was_told_in_a_parcel_its_other_machines_are_told_by_it() {
    let (mut net, coalition) = apart(3, &[1]);
    let second = net.further(coalition, 3, 2, 0);
    let space = found(&mut net, coalition, &[2], None);
    write(&mut net, 0, space, &[2], b"please see her").unwrap();
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    meet(&mut net, 1, 2);
    let org = net.hosts[2].org();
    let removal = net.step(0, |step| step.revoke(space, org).unwrap());
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    meet(&mut net, 1, 2);
    let told = |net: &Net, host: usize| net.hosts[host].events.contains(&Event::Removed { space });
    assert!(told(&net, 2) && !net.hosts[2].engine.has(&net.hosts[2].store, &removal).unwrap());
    // It had never heard of the thread, and is told in one session of that and of the end; nobody's word but its own organisation's.
    meet(&mut net, 1, second);
    assert!(!told(&net, second));
    meet(&mut net, 2, second);
    assert!(told(&net, second) && write(&mut net, second, space, &[0], b"unheard").is_err());
    // Who joins later hears it from whichever was told.
    let third = net.further(coalition, 3, 3, 0);
    meet(&mut net, second, third);
    assert!(told(&net, third));
    // Let in again, by the graph: each forgets by itself what it was told.
    let permit = permit(net.hosts[0].org(), org, Action::Grant, None, net.now);
    net.step(0, |step| step.grant(space, &Seat { permit: &permit, write: true }, &note()).unwrap());
    for host in [third, second, 2] {
        net.connect(0, host);
        net.run();
        net.cut_all();
        write(&mut net, host, space, &[0], b"here again").unwrap();
    }
}
