//! Parcels that a wrong clock refuses, that are taken back before their carrier has answered, and that come before what permits them.

use super::{Net, apart, carried, due, found, leave, meet, sealed, write};
use crate::engine::Imported;
use crate::ids::ParcelId;
use crate::limits;
use crate::sync::parcel::rows;
use crate::sync::wire::{Frame, Page};
use crate::time::DAY;

/// Delivers until a frame of this kind is the next to come to this host.
fn until(net: &mut Net, to: usize, is: impl Fn(&Frame) -> bool) {
    loop {
        let next = net.flying.front().unwrap();
        if next.to == to && is(&Frame::decode(&next.bytes).unwrap()) {
            return;
        }
        net.deliver();
    }
}

fn lying(net: &Net, host: usize) -> Vec<ParcelId> {
    rows::carried(&net.hosts[host].store, None).unwrap().into_iter().map(|(id, _)| id).collect()
}

#[test]
pub fn what_only_a_wrong_clock_refuses_is_taken_once_the_clock_is_right() {
    for wrong in [-5, 40_i64] {
        let (mut net, coalition) = apart(3, &[1]);
        let space = found(&mut net, coalition, &[2], None);
        write(&mut net, 0, space, &[2], b"please see her").unwrap();
        due(&mut net, 0);
        meet(&mut net, 0, 1);
        let right = net.now;
        net.connect(1, 2);
        until(&mut net, 2, |frame| matches!(frame, Frame::Parcel(_)));
        net.now.0 = net.now.0.checked_add_signed(wrong * i64::try_from(DAY).unwrap()).unwrap();
        net.deliver();
        net.now = right;
        net.run();
        assert!(net.hosts[2].applied(space).is_empty() && carried(&net, 1) == 1);
        net.cut_all();
        meet(&mut net, 1, 2);
        assert_eq!(net.hosts[2].applied(space), [b"please see her".to_vec()], "by {wrong} days");
        assert_eq!(carried(&net, 1), 0);
    }
}

#[test]
pub fn what_is_taken_back_before_its_carrier_has_answered_is_taken_back_there_too() {
    let (mut net, coalition) = apart(3, &[1]);
    let space = found(&mut net, coalition, &[2], None);
    write(&mut net, 0, space, &[2], b"not any more").unwrap();
    due(&mut net, 0);
    net.connect(0, 1);
    let parcel = |net: &Net| {
        net.flying.iter().any(|f| f.to == 1 && matches!(Frame::decode(&f.bytes).unwrap(), Frame::Parcel(_)))
    };
    while !parcel(&net) {
        net.hosts[0].durable = false;
        assert!(net.deliver());
    }
    assert!(net.hosts[0].durable, "whom it was sent is on the disk before it leaves");
    until(&mut net, 0, |frame| matches!(frame, Frame::Kept(..)));
    let first = lying(&net, 1);
    assert_eq!(first.len(), 1);
    // The line falls, and the program is started anew.
    net.cut_all();
    net.hosts[0].restart();
    let org = net.hosts[2].org();
    net.step(0, |step| step.revoke(space, org).unwrap());
    net.tick(0);
    meet(&mut net, 0, 1);
    assert!(!lying(&net, 1).contains(&first[0]), "its carrier kept it, and was not told to let it go");
    let rows = rows::outgoing(&net.hosts[0].store).unwrap();
    assert!(rows.iter().all(|(parcel, row)| !first.contains(parcel) && row.sent.is_empty()), "{rows:?}");
    meet(&mut net, 1, 2);
    assert!(net.hosts[2].applied(space).is_empty());
}

#[test]
fn what_a_carrier_refused_lies_nowhere_and_is_forgotten_when_it_is_taken_back() {
    let (mut net, coalition) = apart(3, &[1]);
    let space = found(&mut net, coalition, &[2], None);
    write(&mut net, 0, space, &[2], b"not any more").unwrap();
    due(&mut net, 0);
    // It has stopped carrying, and who leaves something has not heard.
    let none = crate::codec::encode(&None::<u64>);
    net.step(1, |step| step.register(coalition, crate::sync::carry::CARRIER, &none).unwrap());
    net.connect(0, 1);
    until(&mut net, 0, |frame| matches!(frame, Frame::Kept(_, 5)));
    net.deliver();
    let [(_, row)] = &rows::outgoing(&net.hosts[0].store).unwrap()[..] else { panic!("one parcel") };
    assert!(row.is_nowhere(), "{row:?}");
}

#[test]
pub fn a_register_whose_node_s_certificate_waits_for_its_account_in_another_parcel_is_not_lost() {
    let (mut net, coalition) = apart(3, &[1]);
    let second = net.further(coalition, 1, 7, 0);
    net.connect(0, second);
    net.run();
    net.step(second, |step| step.register(coalition, "addresses", b"there").unwrap());
    net.run();
    net.cut_all();
    let node = net.hosts[second].node();
    let h = &net.hosts[0];
    let order = h.engine.spaces.order(&h.store, coalition, 0, usize::MAX).unwrap();
    let entries = order.iter().map(|hash| h.engine.spaces.entry(&h.store, hash).unwrap().unwrap());
    let theirs = entries.filter(|entry| entry.header().author == node).map(|entry| entry.bytes().to_vec()).collect();
    let h = &mut net.hosts[0];
    let registers = h.engine.registers(&h.store, coalition).unwrap().into_iter();
    let registers = registers.filter(|r| r.node == node && r.name == "addresses").map(|r| r.bytes()).collect();
    let certificate = sealed(&mut net, 0, 2, Page { entries: theirs, ..Page::default() });
    let register = sealed(&mut net, 0, 2, Page { registers, ..Page::default() });
    let org = net.hosts[0].org();
    leave(&mut net, 2, org, Some(coalition), -2 * limits::ALLOWANCE_A_DAY);
    for parcel in [&certificate, &register] {
        assert!(net.step(2, |step| step.import_parcel(parcel.clone()).is_err()), "it is to come again");
    }
    leave(&mut net, 2, org, Some(coalition), limits::ALLOWANCE);
    for parcel in [&certificate, &register] {
        assert_eq!(net.step(2, |step| step.import_parcel(parcel.clone()).unwrap()), Imported::Taken(org));
    }
    let h = &mut net.hosts[2];
    let there = h.engine.registers(&h.store, coalition).unwrap();
    assert!(there.iter().any(|r| r.node == node && r.value == b"there"), "its receipt says that it is here");
}

#[test]
pub fn what_was_only_announced_when_the_line_fell_goes_by_parcel() {
    let (mut net, coalition) = apart(4, &[3]);
    let space = found(&mut net, coalition, &[1, 2], None);
    meet(&mut net, 0, 1);
    meet(&mut net, 0, 2);
    let other = write(&mut net, 1, space, &[0, 2], b"of another").unwrap();
    meet(&mut net, 0, 1);
    write(&mut net, 0, space, &[1, 2], b"of its own").unwrap();
    net.connect(0, 2);
    // It acknowledges what came, and what it asks for is lost with the line.
    loop {
        net.flying.retain(|f| !(f.from == 2 && matches!(Frame::decode(&f.bytes), Ok(Frame::Want(_)))));
        if !net.deliver() {
            break;
        }
    }
    net.cut_all();
    assert!(!net.hosts[2].engine.has(&net.hosts[2].store, &other).unwrap());
    due(&mut net, 0);
    meet(&mut net, 0, 3);
    meet(&mut net, 3, 2);
    assert!(net.hosts[2].engine.has(&net.hosts[2].store, &other).unwrap(), "who wrote it may be off");
}
