//! Partners that were off when the organisation came back, and records by file.

use super::super::net::signed;
use super::*;
use crate::engine::{Checked, Input, Opening};
use crate::ids::{EntryHash, NodeId};
use crate::keys::root::RootKey;
use crate::space::entry::Kind;
use crate::store::Draft;
use crate::sync::kept::Records;
use crate::sync::wire::{self, Frame};
use std::collections::BTreeMap;

/// Host 0 is lost; a new node of its organisation knows the coalition from host 2, was given nothing and stands.
fn back(net: &mut Net, coalition: SpaceId) -> usize {
    net.cut_all();
    let old = net.hosts[0].node();
    let new = net.further(coalition, 1, 9, 2);
    let recovery = recovery(net, 0);
    net.hosts[new].engine.recover(recovery);
    let retirement = RootKey::from_seed([1; 32]).retire(old, START);
    net.step(new, |step| {
        step.retire(&retirement).unwrap();
        let (engine, draft) = step.engine();
        engine.recovered(draft, START).unwrap();
    });
    new
}

fn sealed(net: &Net, host: usize) -> u64 {
    net.hosts[host].engine.sealed_here(&net.hosts[host].store).unwrap()
}

fn open(net: &mut Net, host: usize) -> crate::engine::Returned {
    let secret = recovery(net, 0);
    let opened = open_all(net, host, &secret);
    net.step(host, |step| {
        step.open_private(&secret).unwrap();
        step.keep_last_words().unwrap();
    });
    opened
}

/// Piece by piece, each in a step of its own.
fn open_all(net: &mut Net, host: usize, secret: &PrekeySecret) -> crate::engine::Returned {
    let mut opening = Opening::default();
    while !opening.is_over() {
        opening = net.step(host, |step| step.open_kept(secret, opening).unwrap());
    }
    opening.opened
}

fn looked_for(net: &Net, host: usize) -> BTreeSet<OrgId> {
    let h = &net.hosts[host];
    h.engine.looked_for(&h.store).unwrap().into_keys().collect()
}

#[test]
fn what_a_partner_keeps_that_was_off_is_fetched_when_it_is_on_and_opens_with_the_phrase_alone() {
    let (mut net, coalition, _) = county();
    let space = private(&net, 0);
    let new = back(&mut net, coalition);
    let partners = [1, 3].map(|host| (net.hosts[host].org(), BTreeMap::new())).into();
    net.step(new, |step| step.look_for(partners));
    net.hosts[new].restart();
    net.connect(new, 2);
    net.run();
    assert_eq!(sealed(&net, new), 0, "who is not looked for is not asked");
    let link = net.connect(new, 1);
    // The link falls in the middle, and the node begins anew.
    while sealed(&net, new) == 0 {
        assert!(net.deliver());
    }
    net.cut(link);
    net.hosts[new].restart();
    net.connect(new, 1);
    net.run();
    let theirs = kept::shelves(&net.hosts[1].store, Some(net.hosts[0].org())).unwrap()[0].2.count;
    assert_eq!(sealed(&net, new), theirs, "all of it, once");
    assert_eq!(looked_for(&net, new), [net.hosts[3].org()].into());
    assert!(!net.hosts[new].applied(space).contains(&SECRET.to_vec()));
    let seed = net.recoveries[0].seed();
    assert!(!holds(&net.hosts[new].store, seed.as_slice()));

    let opened = open(&mut net, new);
    assert_eq!((opened.packages, opened.spoilt), (theirs, 0));
    assert!(net.hosts[new].applied(space).contains(&SECRET.to_vec()));
    assert_eq!(sealed(&net, new), 0);
    assert!(!holds(&net.hosts[new].store, net.recoveries[0].seed().as_slice()));
    // The third comes later still, and brings nothing new.
    net.connect(new, 3);
    net.run();
    assert!(looked_for(&net, new).is_empty());
    assert_eq!(open(&mut net, new).spoilt, 0);
}

#[test]
fn records_come_back_from_a_file_and_from_no_other_organisation_s_words() {
    let (mut net, coalition, _) = county();
    let (space, org) = (private(&net, 0), net.hosts[0].org());
    let (records, next) = Records::after(&net.hosts[1].store, org, None).unwrap();
    assert!(next.is_none() && !records.packages.is_empty());
    let text = records.text();
    assert_eq!(Records::read(&text).unwrap(), records);
    Records::read(&text.replace("RECORDS", "BUNDLE")).unwrap_err();
    let new = back(&mut net, coalition);
    net.step(new, |step| records.packages.iter().for_each(|package| step.lay_by(package).unwrap()));
    let wrong = recovery(&net, 2);
    let opened = open_all(&mut net, new, &wrong);
    assert_eq!(opened.spoilt, opened.packages);
    net.step(new, |step| records.packages.iter().for_each(|package| step.lay_by(package).unwrap()));
    assert_eq!(open(&mut net, new).spoilt, 0);
    assert!(net.hosts[new].applied(space).contains(&SECRET.to_vec()));
    // Now that it is here, other words are known to be others.
    net.step(new, |step| assert!(step.open_kept(&wrong, Opening::default()).is_err()));
}

#[test]
fn a_partner_that_gives_the_same_again_is_not_asked_for_ever() {
    let (mut net, coalition, _) = county();
    let new = back(&mut net, coalition);
    let partner = net.hosts[1].org();
    net.step(new, |step| step.look_for([(partner, BTreeMap::new())].into()));
    let (place, package) = kept::next(&net.hosts[1].store, net.hosts[0].org(), None).unwrap().unwrap();
    let asks = |net: &Net| {
        let give = |f: &super::super::net::Flying| {
            f.from == new
                && matches!(
                    crate::sync::wire::Frame::decode(&f.bytes),
                    Ok(crate::sync::wire::Frame::Backup(crate::sync::wire::Backup::Give(_)))
                )
        };
        net.flying.iter().filter(|f| give(f)).count()
    };
    let link = net.connect(new, 1);
    while asks(&net) == 0 {
        assert!(net.deliver());
    }
    let given = crate::sync::wire::Frame::Backup(crate::sync::wire::Backup::Given(Some((place, package)))).encode();
    net.flying.clear();
    net.input(new, Input::Received { link, frame: Checked::of(&given) });
    assert_eq!(asks(&net), 1);
    net.flying.clear();
    net.input(new, Input::Received { link, frame: Checked::of(&given) });
    assert_eq!((asks(&net), sealed(&net, new)), (0, 1));
    assert_eq!(looked_for(&net, new), [partner].into(), "and has not said that this is all");
}

#[test]
fn what_has_no_room_here_is_asked_for_again_once_there_is_some() {
    let (mut net, coalition, _) = county();
    let new = back(&mut net, coalition);
    let partners = [(net.hosts[1].org(), BTreeMap::new())].into();
    net.step(new, |step| step.look_for(partners));
    // Noise of our own by somebody else, to the last package.
    let own = net.hosts[new].org();
    let mut draft = Draft::new(&net.hosts[new].store);
    for (giver, size) in
        (0..8).flat_map(|giver| [(giver, crate::keys::backup::BYTES), (giver, limits::BACKUP_SIZES[0])])
    {
        let noise = vec![0; size];
        while kept::lay_by(&mut draft, (own, NodeId([giver; 32])), &noise, &BTreeSet::new(), START).unwrap() {}
    }
    let writes = draft.into_writes();
    net.hosts[new].store.commit(writes);
    let noise = sealed(&net, new);
    net.connect(new, 1);
    net.run();
    assert_eq!(sealed(&net, new), noise);
    assert_eq!(looked_for(&net, new), [net.hosts[1].org()].into(), "who gives what has no room has not given all");
    let secret = recovery(&net, 0);
    assert_eq!(open_all(&mut net, new, &secret).spoilt, noise);
    net.tick(new);
    net.run();
    let theirs = kept::shelves(&net.hosts[1].store, Some(net.hosts[0].org())).unwrap()[0].2.count;
    assert_eq!(sealed(&net, new), theirs);
    assert!(looked_for(&net, new).is_empty());
}

#[test]
fn who_gives_back_takes_no_room_from_others() {
    let (own, mut store) = (OrgId([1; 32]), Memory::default());
    let put = |store: &mut Memory, node: u8, shelves: &[u8]| {
        let mut draft = Draft::new(store);
        let shelves = shelves.iter().map(|node| NodeId([*node; 32])).collect();
        let kept = kept::lay_by(&mut draft, (own, NodeId([node; 32])), &vec![7; 200_000], &shelves, START).unwrap();
        let writes = draft.into_writes();
        store.commit(writes);
        kept
    };
    while put(&mut store, 1, &[1, 2]) {}
    assert!(!put(&mut store, 2, &[1, 2]), "nor do two nodes of one organisation together");
    assert!(put(&mut store, 3, &[3]));
    let all: u64 = kept::shelves(&store, None).unwrap().iter().map(|(.., shelf)| shelf.bytes).sum();
    assert!(all <= limits::KEPT_BYTES + 200_000 + limits::KEPT_COST);
}

#[test]
fn what_follows_something_that_comes_later_is_not_forgotten() {
    let (mut net, coalition, _) = county();
    // More than may wait for what it follows.
    let many = limits::WAITING_PER_ORG + 400;
    for n in 0..many {
        net.step(0, |step| step.write_private(format!("\x01H {n}").as_bytes()).unwrap());
    }
    net.now = net.now.plus(2 * limits::BACKUP_EVERY);
    net.tick(0);
    net.run();
    let (space, org) = (private(&net, 0), net.hosts[0].org());
    let (mut packages, mut after) = (Vec::new(), None);
    loop {
        let (records, next) = Records::after(&net.hosts[1].store, org, after).unwrap();
        packages.extend(records.packages);
        let Some(next) = next else { break };
        after = Some(next);
    }
    packages.reverse();
    let new = back(&mut net, coalition);
    net.step(new, |step| packages.iter().for_each(|package| step.lay_by(package).unwrap()));
    let opened = open(&mut net, new);
    assert_eq!((opened.packages as usize, opened.spoilt, sealed(&net, new)), (packages.len(), 0, 0));
    assert_eq!(net.hosts[new].applied(space).len(), net.hosts[0].applied(space).len());
    assert!(net.hosts[new].applied(space).contains(&format!("\x01H {}", many - 1).into_bytes()));
}

#[test]
fn who_has_left_or_is_given_up_is_looked_for_no_more() {
    let (mut net, coalition, _) = county();
    let new = back(&mut net, coalition);
    let partners = [1, 3].map(|host| (net.hosts[host].org(), BTreeMap::new())).into();
    net.step(new, |step| step.look_for(partners));
    net.connect(new, 2);
    net.connect(2, 3);
    net.run();
    net.step(3, |step| step.leave(coalition).unwrap());
    net.run();
    let partner = net.hosts[1].org();
    assert_eq!(looked_for(&net, new), [partner].into());
    assert!(net.step(new, |step| step.look_no_more_for(partner).unwrap()));
    assert!(!net.step(new, |step| step.look_no_more_for(partner).unwrap()));
    assert!(looked_for(&net, new).is_empty());
    net.connect(new, 1);
    net.run();
    assert_eq!(sealed(&net, new), 0);
}

/// A county in which host 1 keeps several packages of host 0, which is lost; its new node recovers.
fn several(net: &mut Net, coalition: SpaceId) -> (usize, u64) {
    for n in 0..3_u8 {
        net.step(0, |step| step.write_private(&[SECRET, &[n]].concat()).unwrap());
        net.now = net.now.plus(2 * limits::BACKUP_EVERY);
        net.tick(0);
        net.run();
    }
    net.cut_all();
    let new = net.further(coalition, 1, 9, 2);
    let secret = recovery(net, 0);
    net.hosts[new].engine.recover(secret);
    let count = kept::shelves(&net.hosts[1].store, Some(net.hosts[0].org())).unwrap()[0].2.count;
    (new, count)
}

#[test]
fn a_line_that_drops_again_and_again_neither_ends_nor_repeats_what_a_keeper_gives() {
    let (mut net, coalition, _) = county();
    let (new, count) = several(&mut net, coalition);
    let with = (net.hosts[1].org(), net.hosts[1].node());
    let returned = |net: &Net| net.hosts[new].engine.returned().unwrap().get(&with).copied().unwrap_or_default();
    for some in 1..=count {
        let link = net.connect(new, 1);
        while returned(&net).packages < some {
            assert!(net.deliver() && !returned(&net).done);
        }
        net.cut(link);
        assert_eq!(returned(&net).packages, some);
    }
    assert!(!returned(&net).is_settled(), "it has not said that this is all");
    net.connect(new, 1);
    net.run();
    let all = returned(&net);
    assert_eq!((all.packages, all.spoilt, all.done, all.shut), (count, 0, true, false));
}

#[test]
fn who_gives_what_brings_nobody_further_is_awaited_no_more_and_asked_later() {
    let (mut net, coalition, _) = county();
    let (new, _) = several(&mut net, coalition);
    let (place, package) = kept::next(&net.hosts[1].store, net.hosts[0].org(), None).unwrap().unwrap();
    let link = net.connect(new, 1);
    let with = (net.hosts[1].org(), net.hosts[1].node());
    let given = Frame::Backup(wire::Backup::Given(Some((place, package)))).encode();
    let asked = |net: &Net| net.hosts[new].engine.returned().is_some_and(|returned| returned.contains_key(&with));
    while !asked(&net) {
        assert!(net.deliver());
    }
    for _ in 0..2 {
        net.flying.clear();
        net.input(new, Input::Received { link, frame: Checked::of(&given) });
    }
    let returned = net.hosts[new].engine.returned().unwrap()[&with];
    assert!(returned.is_settled() && !returned.done && returned.packages == 1, "{returned:?}");
    let rest = net.step(new, |step| step.look_for_the_rest().unwrap());
    assert!(rest.contains(&with.0), "it has never said that this is all");
}

#[test]
fn what_a_keeper_gave_while_the_recovery_ran_is_not_given_again_to_the_machine_that_stands() {
    let (mut net, coalition, _) = county();
    let (new, count) = several(&mut net, coalition);
    let with = (net.hosts[1].org(), net.hosts[1].node());
    let link = net.connect(new, 1);
    while net.hosts[new].engine.returned().unwrap().get(&with).is_none_or(|returned| returned.packages == 0) {
        assert!(net.deliver());
    }
    net.cut(link);
    net.step(new, |step| {
        step.look_for_the_rest().unwrap();
        let (engine, draft) = step.engine();
        engine.recovered(draft, START).unwrap();
    });
    net.log.clear();
    net.connect(new, 1);
    net.run();
    // Of the lost one's; what the new one leaves there meanwhile comes back as well.
    let lost = net.hosts[0].node();
    let given = net.log.iter().filter_map(|(_, frame, _)| match frame {
        Frame::Backup(wire::Backup::Given(Some(((node, number), _)))) if *node == lost => Some(*number),
        _ => None,
    });
    assert_eq!(given.collect::<Vec<_>>(), (2..=count).collect::<Vec<_>>());
    assert!(!looked_for(&net, new).contains(&with.0), "and it has given all");
}

#[test]
fn two_nodes_of_one_keeper_take_no_more_room_for_what_lies_aside_than_one() {
    let (mut net, coalition, _) = county();
    let (new, count) = several(&mut net, coalition);
    let own = net.hosts[new].org();
    let (mut last, mut after) = (None, None);
    while let Some((place, package)) = kept::next(&net.hosts[1].store, own, after).unwrap() {
        (last, after) = (Some((place, package)), Some(place));
    }
    // Nothing more may wait for what it follows.
    let key = crate::keys::NodeKey::from_seed([200; 32]);
    let noise = |n: usize| {
        let parents = vec![EntryHash([7; 32])];
        signed(&key, (coalition, Kind::Data), parents, Time(n as u64), b"x").bytes().to_vec()
    };
    net.step(new, |step| step.take_entries((0..limits::WAITING_PER_ORG).map(noise).collect()).unwrap());
    // The other node of the keeper has filled what one organisation may.
    let other = net.further(coalition, 2, 2, 1);
    let mut draft = Draft::new(&net.hosts[new].store);
    let giver = (own, net.hosts[other].node());
    for size in [crate::keys::backup::BYTES, limits::BACKUP_SIZES[0]] {
        while kept::lay_by(&mut draft, giver, &vec![0; size], &BTreeSet::new(), START).unwrap() {}
    }
    let writes = draft.into_writes();
    net.hosts[new].store.commit(writes);
    let rubbish = Some(((NodeId([1; 32]), 1), vec![0; limits::BACKUP_SIZES[0]]));
    for (host, package) in [(other, rubbish), (1, last)] {
        let link = net.connect(new, host);
        while !net.hosts[new].engine.sessions.greeted().any(|(of, ..)| of == link) {
            assert!(net.deliver());
        }
        net.flying.clear();
        net.input(
            new,
            Input::Received { link, frame: Checked::of(&Frame::Backup(wire::Backup::Given(package)).encode()) },
        );
    }
    let returned = net.hosts[new].engine.returned().unwrap()[&(net.hosts[1].org(), net.hosts[1].node())];
    let with = (net.hosts[1].org(), net.hosts[1].node());
    assert_eq!(net.hosts[new].engine.given(with).unwrap().0, None, "what has no room is given again");
    assert!(count > 1 && returned.shut && returned.packages == 0, "{returned:?}");
    let shelf = kept::shelf(&net.hosts[new].store, (own, net.hosts[1].node())).unwrap();
    assert!(shelf.is_none(), "it is asked for again once there is room");
}
