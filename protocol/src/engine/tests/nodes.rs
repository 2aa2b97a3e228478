//! Several nodes of one organisation: one more comes, and one is retired.

use super::Net;
use super::net::START;
use super::threads::{connected, found, permit, write};
use crate::consent::Action;
use crate::disclosure::PrivateBody;
use crate::disclosure::private::SharedKey;
use crate::engine::{Seat, Telling};
use crate::ids::{EntryHash, OrgId, SpaceId};
use crate::keys::EpochKey;
use crate::keys::root::RootKey;
use crate::limits;
use crate::samples::note;
use crate::space::entry::Kind;

/// Two organisations and a thread between them, with a word of each; a second node of the first organisation that has the
/// coalition's control entries from the other, and is linked with nobody.
fn office() -> (Net, SpaceId, SpaceId, usize) {
    let mut net = Net::new(2);
    let coalition = net.found();
    net.connect(0, 1);
    net.run();
    let thread = found(&mut net, coalition, &[1], None);
    write(&mut net, 0, thread, &[1], b"please see her").unwrap();
    net.run();
    write(&mut net, 1, thread, &[0], b"she may come").unwrap();
    net.step(0, |step| step.write_private(&[1, 200, 1]).unwrap());
    net.run();
    let second = net.further(coalition, 1, 2, 1);
    (net, coalition, thread, second)
}

/// Kinds of the entries of a space, as a host holds them.
fn kinds(net: &mut Net, host: usize, space: SpaceId) -> Vec<Kind> {
    let h = &net.hosts[host];
    let order = h.engine.spaces.order(&h.store, space, 0, 1_000).unwrap();
    order.iter().map(|hash| h.engine.spaces.entry(&h.store, hash).unwrap().unwrap().header().kind).collect()
}

fn nodes(net: &mut Net, host: usize, space: SpaceId) -> Vec<crate::ids::NodeId> {
    let h = &mut net.hosts[host];
    h.engine.fold(&h.store, space).unwrap().nodes.keys().copied().collect()
}

fn private(net: &Net, host: usize) -> SpaceId {
    let h = &net.hosts[host];
    h.engine.private_space(&h.store).unwrap().unwrap()
}

/// Whether a host admits another by its first frame.
fn admits(net: &mut Net, host: usize, peer: usize) -> bool {
    let me = net.hosts[host].node();
    let p = &net.hosts[peer];
    let (node, frame) = (p.node(), p.engine.admission(&p.store, me).unwrap());
    let h = &mut net.hosts[host];
    h.engine.admits(&h.store, node, &frame).unwrap().is_ok()
}

#[test]
fn a_second_node_certifies_itself_and_reads_what_the_first_reads_and_asks_nobody_else() {
    let (mut net, coalition, thread, second) = office();
    let node = net.hosts[second].node();
    assert!(nodes(&mut net, second, coalition).contains(&node), "it says so itself");
    assert!(admits(&mut net, 1, second), "a partner that has not heard of it takes its certificate");
    net.connect(0, second);
    net.run();
    let space = private(&net, 0);
    assert_eq!(private(&net, second), space);
    assert!(net.hosts[second].applied(space).contains(&vec![1, 200, 1]));
    let words = [b"please see her".to_vec(), b"she may come".to_vec()];
    assert_eq!(net.hosts[second].applied(thread), words);
    // The other organisation sees no ask: the keys came by the private space.
    for host in [0, 1, second] {
        assert!(nodes(&mut net, host, coalition).contains(&node), "host {host}");
        assert!(!kinds(&mut net, host, thread).contains(&Kind::Ask), "host {host}");
    }
    // Both write, everybody reads.
    write(&mut net, second, thread, &[1], b"from the second machine").unwrap();
    net.step(second, |step| step.write_private(&[1, 200, 2]).unwrap());
    net.run();
    write(&mut net, 1, thread, &[0], b"to both").unwrap();
    net.run();
    for host in [0, 1, second] {
        let all = net.hosts[host].applied(thread);
        assert!(
            all.contains(&b"from the second machine".to_vec()) && all.contains(&b"to both".to_vec()),
            "host {host}"
        );
    }
    assert!(net.hosts[0].applied(space).contains(&vec![1, 200, 2]));
    assert!(net.closed.is_empty(), "{:?}", net.closed);
}

#[test]
fn a_retired_node_is_shut_out_everywhere_and_opens_nothing_that_comes_after() {
    let (mut net, coalition, thread, second) = office();
    net.connect(0, second);
    net.connect(1, second);
    net.run();
    let (gone, space) = (net.hosts[second].node(), private(&net, 0));
    let last = net.step(second, |step| step.write_private(&[1, 200, 7]).unwrap());
    net.run();
    let retirement = RootKey::from_seed([1; 32]).retire(gone, START);
    net.step(0, |step| step.retire(&retirement).unwrap());
    net.run();
    assert!(net.links.iter().all(|(_, a, b)| *a != second && *b != second), "its links are closed: {:?}", net.links);
    for host in [0, 1] {
        assert!(!admits(&mut net, host, second), "host {host}");
        assert!(!nodes(&mut net, host, coalition).contains(&gone));
        assert!(!nodes(&mut net, host, thread).contains(&gone));
    }
    assert!(!nodes(&mut net, 0, space).contains(&gone));
    let h = &mut net.hosts[0];
    assert!(h.engine.spaces.counts(&h.store, &last).unwrap(), "its honest last words stand");
    // What is written now is sealed for whoever is left; the thief of that disk, given all of it, opens nothing.
    let after = write(&mut net, 1, thread, &[0], b"after the theft").unwrap();
    net.run();
    let own = net.step(0, |step| step.write_private(&[1, 200, 8]).unwrap());
    assert!(net.hosts[0].applied(thread).contains(&b"after the theft".to_vec()));
    let mut loot = Vec::new();
    for (space, hash) in [(coalition, None), (thread, Some(after)), (space, Some(own))] {
        let h = &net.hosts[0];
        for hash in h.engine.spaces.order(&h.store, space, 0, 1_000).unwrap() {
            loot.push(h.engine.spaces.entry(&h.store, &hash).unwrap().unwrap().bytes().to_vec());
        }
        assert!(hash.is_none_or(|hash| h.engine.has(&h.store, &hash).unwrap()));
    }
    net.step(second, |step| step.take_entries(loot).unwrap());
    for hash in [after, own] {
        let h = &mut net.hosts[second];
        assert!(h.engine.has(&h.store, &hash).unwrap());
        assert!(h.engine.spaces.open_body(&h.store, &hash).unwrap().is_err(), "a thief opens what came after");
    }
    // Nor does it certify itself again.
    assert!(!nodes(&mut net, second, coalition).contains(&gone));
}

#[test]
fn a_private_space_that_a_member_brings_is_a_thief_s_and_is_not_taken() {
    use crate::engine::{Checked, Input};
    use crate::sync::wire::{Frame, Page};
    let (mut net, _, _, second) = office();
    let ours = private(&net, 0);
    // Our root had another founded on a disk that is somebody else's now, who has a member hand it over.
    let recovery = crate::keys::PrekeySecret::generate(&mut net.hosts[second].random).public();
    let founder = net.founder(second, recovery);
    let theirs = net.step(second, |step| step.found_private(founder).unwrap());
    let h = &net.hosts[second];
    let found = h.engine.spaces.entry(&h.store, &crate::ids::EntryHash(theirs.0)).unwrap().unwrap();
    net.cut_all();
    let link = net.connect(1, 0);
    net.run();
    let page = Page { entries: vec![found.bytes().to_vec()], ..Page::default() };
    net.input(0, Input::Received { link, frame: Checked::of(&Frame::Page(page).encode()) });
    let h = &net.hosts[0];
    assert!(h.engine.spaces.record(&h.store, theirs).unwrap().is_none());
    assert_eq!(private(&net, 0), ours);
}

/// The first organisation has as many nodes as have a place: host 0, the second and further ones, each linked with all before. Gives the last.
fn full_house() -> (Net, SpaceId, SpaceId, usize) {
    let (mut net, coalition, thread, second) = office();
    net.connect(0, second);
    net.run();
    let mut last = second;
    for node in 3..=limits::NODES_OF_ORG as u8 {
        last = one_more(&mut net, coalition, node);
    }
    (net, coalition, thread, last)
}

/// One more node of the first organisation, certified after all before, linked with the first and with the partner.
fn one_more(net: &mut Net, coalition: SpaceId, node: u8) -> usize {
    let host = net.further(coalition, 1, node, 1);
    net.connect(1, host);
    net.connect(0, host);
    net.run();
    host
}

fn of_org(net: &mut Net, host: usize, space: SpaceId, org: OrgId) -> usize {
    let h = &mut net.hosts[host];
    h.engine.fold(&h.store, space).unwrap().nodes.values().filter(|of| **of == org).count()
}

#[test]
fn of_an_organisation_with_many_nodes_the_first_have_places_and_a_further_one_pushes_out_nobody() {
    let (mut net, coalition, thread, last) = full_house();
    let (first, org) = (net.hosts[0].node(), net.hosts[0].org());
    let extra = one_more(&mut net, coalition, limits::NODES_OF_ORG as u8 + 1);
    let late = net.hosts[extra].node();
    for host in [0, 1, last, extra] {
        let in_force = nodes(&mut net, host, coalition);
        assert!(in_force.contains(&first) && !in_force.contains(&late), "host {host}");
        assert_eq!(of_org(&mut net, host, coalition, org), limits::NODES_OF_ORG, "host {host}");
        let h = &mut net.hosts[host];
        assert!(h.engine.fold(&h.store, coalition).unwrap().over.contains_key(&late), "host {host}");
    }
    // It says so once, and to its staff what to do.
    let many = kinds(&mut net, 1, coalition).len();
    for host in 0..net.hosts.len() {
        net.tick(host);
    }
    net.run();
    assert_eq!(kinds(&mut net, 1, coalition).len(), many);
    let refused = net.step(extra, |step| step.write_coalition(coalition, b"openings: one").unwrap_err());
    assert!(refused.message.contains("belay node retire"), "{refused}");
    // A steward that lets the organisation in again by the certificate of the last moves no place.
    let (card, certificate) = (net.hosts[0].card.clone(), net.hosts[extra].engine.identity().certificate().clone());
    net.step(0, |step| step.admit(coalition, card, certificate).unwrap());
    net.run();
    assert!(!nodes(&mut net, 1, coalition).contains(&late), "shown again");
    write(&mut net, 1, thread, &[0], b"is she with you?").unwrap();
    net.run();
    assert!(net.hosts[0].applied(thread).contains(&b"is she with you?".to_vec()));
    assert!(!net.hosts[extra].applied(thread).contains(&b"is she with you?".to_vec()));
    // One that is retired makes room for it.
    let retirement = RootKey::from_seed([1; 32]).retire(net.hosts[last].node(), START);
    net.step(0, |step| step.retire(&retirement).unwrap());
    net.run();
    assert!(nodes(&mut net, 1, coalition).contains(&late));
    write(&mut net, 1, thread, &[0], b"and now?").unwrap();
    net.run();
    assert!(net.hosts[extra].applied(thread).contains(&b"and now?".to_vec()));
}

#[test]
fn who_comes_back_without_a_place_retires_what_is_lost_and_has_one() {
    let (mut net, coalition, _, last) = full_house();
    let own: Vec<usize> = (0..net.hosts.len()).filter(|h| *h != 1).collect();
    net.cut_all();
    let back = net.further(coalition, 1, limits::NODES_OF_ORG as u8 + 1, 1);
    net.connect(1, back);
    net.run();
    let me = net.hosts[back].node();
    assert!(!nodes(&mut net, 1, coalition).contains(&me));
    for lost in own {
        let retirement = RootKey::from_seed([1; 32]).retire(net.hosts[lost].node(), START);
        net.step(back, |step| step.retire(&retirement).unwrap());
    }
    net.run();
    assert_eq!(nodes(&mut net, 1, coalition).len(), 2, "it, and the partner's");
    assert!(nodes(&mut net, 1, coalition).contains(&me) && !admits(&mut net, 1, last));
}

#[test]
fn a_false_key_in_the_own_records_keeps_nobody_from_writing_down_the_true_one() {
    let (mut net, coalition) = connected(2);
    net.cut_all();
    let other = permit(net.hosts[1].org(), net.hosts[0].org(), Action::Grant, None, net.now);
    let space =
        net.step(1, |step| step.found_thread(coalition, true, &[Seat { permit: &other, write: true }]).unwrap());
    let seal = permit(net.hosts[1].org(), net.hosts[0].org(), Action::Seal, None, net.now);
    let word = note();
    net.step(1, |step| step.write_thread(space, &[Telling { permit: &seal, note: &word }], b"for whom it is").unwrap());
    let h = &net.hosts[1];
    let order = h.engine.spaces.order(&h.store, space, 0, usize::MAX).unwrap();
    let kind = |hash: &EntryHash| h.engine.spaces.entry(&h.store, hash).unwrap().unwrap().header().kind;
    let epoch = order.into_iter().find(|hash| kind(hash) == Kind::Epoch).unwrap();
    // As who holds a stolen machine writes it, before the thread comes.
    let poison = SharedKey { space, epoch, key: EpochKey::from_slice(&[7; 32]).unwrap().into() };
    net.step(0, |step| step.write_private(&PrivateBody::Keys(vec![poison]).encode()).unwrap());
    net.connect(0, 1);
    net.run();
    assert_eq!(net.hosts[0].applied(space), [b"for whom it is".to_vec()]);
    let h = &net.hosts[0];
    let private = h.engine.private_space(&h.store).unwrap().unwrap();
    let keys: Vec<EpochKey> = h
        .applied(private)
        .into_iter()
        .filter_map(|body| match PrivateBody::decode(&body).unwrap() {
            PrivateBody::Keys(keys) => Some(keys),
            _ => None,
        })
        .flatten()
        .filter(|shared| shared.epoch == epoch)
        .map(|shared| shared.key.into())
        .collect();
    let held = h.engine.spaces.epoch_key(&h.store, &epoch).unwrap().unwrap();
    let true_ones = keys.iter().filter(|key| key.as_bytes() == held.as_bytes()).count();
    assert_eq!((keys.len(), true_ones), (2, 1));
}
