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

/// So many organisations, all linked to the first; the others in the order in which it would leave its records with them.
fn star(orgs: u8) -> (Net, SpaceId, Vec<usize>) {
    let mut net = Net::new(orgs);
    let coalition = net.found();
    let others: Vec<usize> = (1..usize::from(orgs)).collect();
    let h = &mut net.hosts[0];
    let ranked = h.engine.keepers(&h.store).unwrap();
    let at = |org| others.iter().copied().find(|host| net.hosts[*host].org() == org).unwrap();
    let ranked = ranked.into_iter().map(at).collect();
    (net, coalition, ranked)
}

/// Makes room of this host for host 0's records, or takes all of it.
fn room(net: &mut Net, host: usize, some: bool) {
    let own = net.hosts[0].org();
    let mut draft = crate::store::Draft::new(&net.hosts[host].store);
    let key = [b"kept/", &own.as_bytes()[..], &[9; 32]].concat();
    if some {
        draft.delete(Table::Own, key);
    } else {
        let full = kept::Shelf { count: 1, bytes: limits::KEPT_BYTES, ..kept::Shelf::default() };
        draft.put(Table::Own, key, crate::codec::encode(&full));
    }
    let writes = draft.into_writes();
    net.hosts[host].store.commit(writes);
}

fn keeps(net: &Net, hosts: &[usize]) -> Vec<bool> {
    hosts.iter().map(|host| shelf(net, *host, 0).count > 0).collect()
}

#[test]
fn partners_without_room_make_room_for_the_next_and_come_back_later() {
    let (mut net, _, ranked) = star(7);
    for host in &ranked[..3] {
        room(&mut net, *host, false);
    }
    for host in &ranked {
        net.connect(0, *host);
    }
    net.run();
    later(&mut net, &[0]);
    assert_eq!(keeps(&net, &ranked), [false, false, false, true, true, true]);
    // Two of these are gone for long, and the first of all has room again.
    for host in &ranked[4..] {
        let (link, ..) = *net.links.iter().find(|(_, _, b)| b == host).unwrap();
        net.cut(link);
    }
    room(&mut net, ranked[0], true);
    net.now = net.now.plus(limits::BACKUP_FRESH);
    net.step(0, |step| step.write_private(SECRET).unwrap());
    later(&mut net, &[0]);
    later(&mut net, &[0]);
    assert_eq!(keeps(&net, &ranked), [true, false, false, true, true, true]);
}

#[test]
fn a_partner_that_never_answers_makes_room_for_the_next() {
    let (mut net, _, ranked) = star(5);
    let links: Vec<u64> = ranked.iter().map(|host| net.connect(0, *host)).collect();
    // All that the first says about packages is lost, and nothing else.
    let silent = |net: &mut Net| {
        loop {
            let first = (links[0], ranked[0]);
            let about = |f: &super::super::net::Flying| {
                (f.link, f.from) == first && matches!(Frame::decode(&f.bytes), Ok(Frame::Backup(_)))
            };
            net.flying.retain(|flying| !about(flying));
            if !net.deliver() {
                break;
            }
        }
    };
    silent(&mut net);
    assert_eq!(left(&net, 0), 2, "who does not say what lies there is given nothing");
    assert_eq!(keeps(&net, &ranked), [false, true, true, false]);
    for _ in 0..3 {
        net.now = net.hosts[0].wake.unwrap().min(net.now.plus(limits::BACKUP_ANSWER)).max(net.now.plus(1));
        net.tick(0);
        silent(&mut net);
    }
    assert_eq!(keeps(&net, &ranked), [false, true, true, true], "it is given to another that says so");
}

#[test]
fn who_may_keep_what_was_lost_is_gone_for_beyond_the_neighbours_and_each_in_its_turn() {
    let many = limits::NEIGHBOURS as u8 + limits::LOOKED_FOR_AT_ONCE as u8 + 9;
    let (mut net, coalition, ranked) = star(many);
    for host in 1..net.hosts.len() {
        net.connect(0, host);
        net.run();
        let address = crate::codec::encode(&vec![format!("/ip4/192.0.2.{host}/udp/1/quic-v1")]);
        net.step(host, |step| step.register(coalition, crate::engine::ADDRESSES, &address).unwrap());
        net.run();
    }
    let targets = |net: &mut Net, now: Time| -> BTreeSet<usize> {
        let h = &mut net.hosts[0];
        let targets = h.engine.dial_targets(&h.store, now).unwrap();
        let at = |node| (1..net.hosts.len()).find(|host| net.hosts[*host].node() == node).unwrap();
        targets.into_iter().map(|(node, _)| at(node)).collect()
    };
    let now = net.now;
    assert!(targets(&mut net, now).len() <= limits::NEIGHBOURS + limits::BACKUP_PARTNERS);
    let lost = ranked.iter().map(|host| (net.hosts[*host].org(), Default::default())).collect();
    net.step(0, |step| step.look_for(lost));
    let mut seen = BTreeSet::new();
    for hour in 0..u64::from(many) {
        let some = targets(&mut net, now.plus(hour * crate::time::HOUR));
        assert!(some.len() <= limits::NEIGHBOURS + limits::BACKUP_PARTNERS + limits::LOOKED_FOR_AT_ONCE);
        seen.extend(some);
    }
    assert_eq!(seen, ranked.into_iter().collect());
}
