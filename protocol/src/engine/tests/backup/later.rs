//! Partners that were off when the organisation came back, and records by file.

use super::*;
use crate::ids::NodeId;
use crate::keys::root::RootKey;
use crate::store::Draft;
use crate::sync::kept::Records;

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
        engine.recovered(draft).unwrap();
    });
    new
}

fn sealed(net: &Net, host: usize) -> u64 {
    net.hosts[host].engine.sealed_here(&net.hosts[host].store).unwrap()
}

fn open(net: &mut Net, host: usize) -> crate::engine::Returned {
    let secret = recovery(net, 0);
    net.step(host, |step| {
        let opened = step.open_kept(&secret).unwrap();
        step.open_private(&secret).unwrap();
        step.keep_last_words().unwrap();
        opened
    })
}

#[test]
fn what_a_partner_keeps_that_was_off_is_fetched_when_it_is_on_and_opens_with_the_phrase_alone() {
    let (mut net, coalition, _) = county();
    let space = private(&net, 0);
    let new = back(&mut net, coalition);
    let partners = [1, 3].map(|host| (net.hosts[host].org(), Vec::new())).into();
    net.step(new, |step| step.look_for(&partners));
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
    let h = &net.hosts[new];
    assert_eq!(h.engine.looked_for(&h.store).unwrap(), [net.hosts[3].org()].into());
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
    let h = &net.hosts[new];
    assert!(h.engine.looked_for(&h.store).unwrap().is_empty());
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
    let opened = net.step(new, |step| step.open_kept(&wrong).unwrap());
    assert_eq!(opened.spoilt, opened.packages);
    net.step(new, |step| records.packages.iter().for_each(|package| step.lay_by(package).unwrap()));
    assert_eq!(open(&mut net, new).spoilt, 0);
    assert!(net.hosts[new].applied(space).contains(&SECRET.to_vec()));
    // Now that it is here, other words are known to be others.
    net.step(new, |step| assert!(step.open_kept(&wrong).is_err()));
}

#[test]
fn a_partner_that_gives_the_same_again_is_not_asked_for_ever() {
    let (mut net, coalition, _) = county();
    let new = back(&mut net, coalition);
    let partner = net.hosts[1].org();
    net.step(new, |step| step.look_for(&[(partner, Vec::new())].into()));
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
    net.input(new, crate::engine::Input::Received { link, frame: &given });
    assert_eq!(asks(&net), 1);
    net.flying.clear();
    net.input(new, crate::engine::Input::Received { link, frame: &given });
    assert_eq!((asks(&net), sealed(&net, new)), (0, 1));
}

#[test]
fn what_has_no_room_here_is_asked_for_again_once_there_is_some() {
    let (mut net, coalition, _) = county();
    let new = back(&mut net, coalition);
    let partners = [(net.hosts[1].org(), Vec::new())].into();
    net.step(new, |step| step.look_for(&partners));
    // Noise of our own by somebody else, to the last package.
    let own = net.hosts[new].org();
    let mut draft = Draft::new(&net.hosts[new].store);
    for size in [crate::keys::backup::BYTES, limits::BACKUP_SIZES[0]] {
        let noise = vec![0; size];
        while kept::keep(&mut draft, (own, NodeId::ZERO), &noise, &BTreeSet::new(), START).unwrap() {}
    }
    let writes = draft.into_writes();
    net.hosts[new].store.commit(writes);
    let noise = sealed(&net, new);
    net.connect(new, 1);
    net.run();
    let looked_for = |net: &Net| net.hosts[new].engine.looked_for(&net.hosts[new].store).unwrap();
    assert_eq!(sealed(&net, new), noise);
    assert_eq!(looked_for(&net), [net.hosts[1].org()].into(), "who gives what has no room has not given all");
    let secret = recovery(&net, 0);
    assert_eq!(net.step(new, |step| step.open_kept(&secret)).unwrap().spoilt, noise);
    net.tick(new);
    net.run();
    let theirs = kept::shelves(&net.hosts[1].store, Some(net.hosts[0].org())).unwrap()[0].2.count;
    assert_eq!(sealed(&net, new), theirs);
    assert!(looked_for(&net).is_empty());
}
