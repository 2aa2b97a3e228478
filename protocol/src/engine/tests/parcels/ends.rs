//! What a parcel tells of ends: those of a consent, and the recipient's own.

use super::{apart, connected, due, found, left, meet, sealed, write};
use crate::engine::{Context, Event, Imported};
use crate::fault::Class;
use crate::sync::parcel::rows;
use crate::sync::wire::Page;
use crate::time::HOUR;

#[test]
fn in_the_last_hour_of_a_grant_no_parcel_tells_its_end_and_then_the_rest_goes() {
    let (mut net, coalition) = apart(3, &[1]);
    // Not to an hour: what is cut to one has passed.
    let end = net.now.plus(HOUR / 2);
    assert!(end.0 - end.0 % HOUR < net.now.0);
    let soon = found(&mut net, coalition, &[2], Some(end));
    let other = found(&mut net, coalition, &[2], None);
    write(&mut net, 0, soon, &[2], b"until noon").unwrap();
    let hash = write(&mut net, 0, other, &[2], b"for long").unwrap();
    due(&mut net, 0);
    assert!(rows::outgoing(&net.hosts[0].store).unwrap().is_empty());
    let to = net.hosts[2].org();
    let super::super::Host { store, engine, random, .. } = &mut net.hosts[0];
    let mut step = engine.step(store, Context { now: net.now, random });
    assert_eq!(step.export_parcels(to, true).unwrap_err().class, Class::NotPermitted);
    drop(step);
    net.now = end.plus(1);
    net.tick(0);
    due(&mut net, 0);
    let all = rows::outgoing(&net.hosts[0].store).unwrap();
    assert!(!all.is_empty() && all.iter().all(|(_, row)| row.spaces == [other]), "{all:?}");
    meet(&mut net, 0, 1);
    assert!(left(&net, 0, hash, 2));
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
