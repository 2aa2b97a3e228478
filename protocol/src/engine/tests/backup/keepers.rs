//! What a keeper holds is what it says, node by node.

use super::*;
use crate::sync::wire::{self, Frame};

/// An hour later: what was written is left with partners that are linked.
fn later(net: &mut Net, hosts: &[usize]) {
    net.now = net.now.plus(2 * limits::BACKUP_EVERY);
    for host in hosts {
        net.tick(*host);
    }
    net.run();
}

fn shelf(net: &Net, host: usize, of: usize) -> kept::Shelf {
    let (org, node) = (net.hosts[of].org(), net.hosts[of].node());
    kept::shelf(&net.hosts[host].store, (org, node)).unwrap().unwrap_or_default()
}

/// Packages that were sent to be kept, by this host.
fn left(net: &Net, host: usize) -> usize {
    let keep = |frame: &Frame| matches!(frame, Frame::Backup(wire::Backup::Keep(_)));
    net.log.iter().filter(|(from, frame, _)| *from == host && keep(frame)).count()
}

/// Whether who has nothing but the phrase gets host 0's own record back from this host alone.
fn comes_back_from(net: &mut Net, coalition: SpaceId, host: usize) -> bool {
    let space = private(net, 0);
    net.cut_all();
    let new = net.further(coalition, 1, 99, host);
    let secret = recovery(net, 0);
    net.hosts[new].engine.recover(secret);
    net.connect(new, host);
    net.run();
    net.cut_all();
    net.hosts[new].applied(space).contains(&SECRET.to_vec())
}

#[test]
fn a_partner_that_lost_its_machine_holds_nothing_and_gets_all_of_it_again() {
    let (mut net, coalition, _) = county();
    let (lost, partner) = (net.hosts[1].node(), net.hosts[1].org());
    net.cut_all();
    let new = net.further(coalition, 2, 9, 2);
    let retirement = RootKey::from_seed([2; 32]).retire(lost, START);
    connect_all(&mut net, &[2, new]);
    net.step(new, |step| step.retire(&retirement).unwrap());
    net.run();
    connect_all(&mut net, &[0, 2]);
    let h = &mut net.hosts[0];
    assert!(!h.engine.backups(&h.store).unwrap().contains_key(&partner), "what a retired node held is gone");
    net.connect(0, new);
    net.run();
    later(&mut net, &[0]);
    assert!(shelf(&net, new, 0).count > 0);
    let h = &mut net.hosts[0];
    assert_eq!(h.engine.backups(&h.store).unwrap()[&partner].upto, h.engine.to_back_up(&h.store).unwrap());
    assert!(comes_back_from(&mut net, coalition, new));
}

#[test]
fn a_partner_whose_disk_was_put_back_gets_again_what_it_does_not_hold() {
    let mut net = Net::new(4);
    let coalition = net.found();
    connect_all(&mut net, &[0, 1, 2, 3]);
    later(&mut net, &[0]);
    let early = net.hosts[1].store.clone();
    net.step(0, |step| step.write_private(SECRET).unwrap());
    later(&mut net, &[0]);
    let before = shelf(&net, 1, 0);
    net.cut_all();
    net.hosts[1].store = early;
    net.hosts[1].restart();
    assert!(shelf(&net, 1, 0).count < before.count);
    let kept = left(&net, 0);
    connect_all(&mut net, &[0, 1, 2]);
    assert!(left(&net, 0) > kept);
    let h = &mut net.hosts[0];
    let all = h.engine.to_back_up(&h.store).unwrap();
    assert!(h.engine.backups(&h.store).unwrap().values().all(|held| held.upto == all));
    assert!(comes_back_from(&mut net, coalition, 1));
}

#[test]
fn a_disk_that_was_put_back_goes_on_from_what_lies_with_partners() {
    let (mut net, _, _) = county();
    let early = net.hosts[0].store.clone();
    net.step(0, |step| step.write_private(b"\x01\xc8 once more").unwrap());
    later(&mut net, &[0]);
    net.cut_all();
    let before = shelf(&net, 1, 0).count;
    net.hosts[0].store = early;
    net.hosts[0].restart();
    connect_all(&mut net, &[0, 1]);
    later(&mut net, &[0]);
    assert_eq!(shelf(&net, 1, 0).count, before, "nothing is left twice");
}

#[test]
fn a_partner_that_never_holds_what_it_took_gets_everything_once_a_day_at_most() {
    let (mut net, _, _) = county();
    let whole = left(&net, 0);
    net.cut_all();
    let with = (net.hosts[0].org(), net.hosts[0].node());
    let lose = |net: &mut Net| {
        let mut draft = crate::store::Draft::new(&net.hosts[1].store);
        draft.delete(Table::Own, [b"kept/", &with.0.as_bytes()[..], with.1.as_bytes()].concat());
        for number in 1..100_u64 {
            let place = [&with.0.as_bytes()[..], with.1.as_bytes(), &number.to_be_bytes()].concat();
            draft.delete(Table::Kept, place);
        }
        let writes = draft.into_writes();
        net.hosts[1].store.commit(writes);
        let link = net.connect(0, 1);
        net.run();
        net.cut(link);
    };
    lose(&mut net);
    let once = left(&net, 0);
    assert!(once > whole, "once at once");
    for _ in 0..5 {
        lose(&mut net);
    }
    assert_eq!(left(&net, 0), once);
    net.now = net.now.plus(limits::BACKUP_LOOK);
    lose(&mut net);
    assert!(left(&net, 0) > once);
}

#[test]
fn who_stays_linked_is_asked_once_a_day_and_is_fresh_by_its_own_word_alone() {
    let (mut net, _, _) = county();
    let at = |net: &mut Net| {
        let org = net.hosts[1].org();
        let h = &mut net.hosts[0];
        h.engine.backups(&h.store).unwrap()[&org].at
    };
    let before = at(&mut net);
    let wake = net.hosts[0].wake.unwrap();
    assert!(wake <= net.now.plus(DAY));
    net.now = net.now.plus(DAY);
    net.tick(0);
    assert_eq!(at(&mut net), before, "nobody has said anything");
    net.run();
    assert_eq!(at(&mut net), net.now);
}

#[test]
fn each_node_of_a_partner_gives_back_what_it_keeps() {
    let (mut net, coalition, _) = county();
    let second = net.further(coalition, 2, 2, 2);
    // It keeps the same packages under the same numbers.
    let rows: Vec<_> = net.hosts[1]
        .store
        .rows()
        .filter(|(table, key, _)| *table == Table::Kept || (*table == Table::Own && key.starts_with(b"kept/")))
        .map(|(table, key, value)| crate::store::Write { table, key: key.to_vec(), value: Some(value.to_vec()) })
        .collect();
    net.hosts[second].store.commit(rows);
    net.cut_all();
    let new = net.further(coalition, 1, 9, 3);
    let secret = recovery(&net, 0);
    net.hosts[new].engine.recover(secret);
    connect_all(&mut net, &[1, second, new]);
    let returned = net.hosts[new].engine.returned().unwrap().clone();
    assert_eq!(returned.len(), 2, "{returned:?}");
    assert!(returned.values().all(|r| r.done && r.packages > 0 && r.spoilt == 0), "{returned:?}");
}

#[test]
fn what_is_kept_for_who_has_left_goes_after_months_and_not_before() {
    let (mut net, coalition, _) = county();
    let org = net.hosts[3].org();
    assert!(shelf(&net, 1, 3).count > 0);
    net.step(0, |step| step.remove(coalition, org).unwrap());
    net.run();
    let kept = |net: &Net, of: OrgId| kept::shelves(&net.hosts[1].store, Some(of)).unwrap().len();
    net.now = net.now.plus(limits::KEPT_LINGERS - 1);
    net.tick(1);
    assert_eq!(kept(&net, org), 1, "who is let in again finds it");
    net.now = net.now.plus(1);
    net.tick(1);
    assert_eq!(kept(&net, org), 0);
    assert_eq!(
        net.hosts[1].store.rows().filter(|(t, key, _)| *t == Table::Kept && key.starts_with(org.as_bytes())).count(),
        0
    );
    let own = net.hosts[0].org();
    assert_eq!(kept(&net, own), 1, "and nobody else's");
}
