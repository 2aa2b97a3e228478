//! Recipients that lost what they had, and carriers that leave a parcel again.

use super::bundles::{export, import};
use super::*;
use crate::engine::{Checked, Input};
use crate::keys::root::RootKey;
use crate::sync::parcel::rows::Use;

/// The recipient's organisation comes back as another node, which shuts the old one out, and everybody but the sender has met it.
fn replaced(net: &mut Net, coalition: SpaceId, old: usize, by: usize) -> usize {
    let lost = net.hosts[old].node();
    let org = u8::try_from(old + 1).unwrap();
    let new = net.further(coalition, org, 9, by);
    let retirement = RootKey::from_seed([org; 32]).retire(lost, super::super::net::START);
    net.step(new, |step| step.retire(&retirement).unwrap());
    meet(net, by, new);
    new
}

#[test]
fn who_lost_its_machine_gets_by_parcel_what_its_old_one_had() {
    let (mut net, coalition) = connected(3);
    offer(&mut net, coalition, 1);
    let space = found(&mut net, coalition, &[2], None);
    let by_link = write(&mut net, 0, space, &[2], b"over a link").unwrap();
    net.run();
    net.cut_all();
    let by_parcel = write(&mut net, 0, space, &[2], b"by parcel").unwrap();
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    meet(&mut net, 1, 2);
    meet(&mut net, 0, 1);
    assert!(delivered(&mut net, 0, space, by_link, 2) && delivered(&mut net, 0, space, by_parcel, 2));
    let new = replaced(&mut net, coalition, 2, 1);
    meet(&mut net, 0, 1);
    assert!(!delivered(&mut net, 0, space, by_link, new) && !delivered(&mut net, 0, space, by_parcel, new));
    due(&mut net, 0);
    meet(&mut net, 0, 1);
    meet(&mut net, 1, new);
    for hash in [by_link, by_parcel] {
        assert!(net.hosts[new].engine.has(&net.hosts[new].store, &hash).unwrap());
    }
    // Nothing more is due.
    meet(&mut net, 0, 1);
    due(&mut net, 0);
    assert_eq!(rows::outgoing(&net.hosts[0].store).unwrap(), []);
}

#[test]
fn who_lost_its_machine_gets_by_bundle_what_its_old_one_had() {
    let (mut net, coalition) = apart(3, &[]);
    let space = found(&mut net, coalition, &[2], None);
    let hash = write(&mut net, 0, space, &[2], b"by hand").unwrap();
    for parcel in export(&mut net, 0, 2, false) {
        import(&mut net, 2, &parcel).unwrap();
    }
    for parcel in export(&mut net, 2, 0, false) {
        import(&mut net, 0, &parcel).unwrap();
    }
    assert!(delivered(&mut net, 0, space, hash, 2));
    let new = replaced(&mut net, coalition, 2, 1);
    meet(&mut net, 0, 1);
    for parcel in export(&mut net, 0, 2, false) {
        import(&mut net, new, &parcel).unwrap();
    }
    assert!(net.hosts[new].engine.has(&net.hosts[new].store, &hash).unwrap());
}

/// Host 0's parcel for host 3, which it has not left anywhere.
fn made(net: &mut Net, coalition: SpaceId) -> (crate::ids::ParcelId, Vec<u8>, SpaceId) {
    let space = found(net, coalition, &[3], None);
    write(net, 0, space, &[3], b"please see her").unwrap();
    due(net, 0);
    let (parcel, _) = rows::outgoing(&net.hosts[0].store).unwrap().remove(0);
    let bytes = rows::bytes(&net.hosts[0].store, Use::Out, &parcel).unwrap().unwrap();
    (parcel, bytes, space)
}

/// One frame from a host that keeps to no rule; what is answered.
fn says(net: &mut Net, from: usize, to: usize, frame: &Frame) -> Vec<Frame> {
    let link = net.connect(from, to);
    net.run();
    net.flying.clear();
    net.input(to, Input::Received { link, frame: Checked::of(&frame.encode()) });
    let said = net.flying.drain(..).map(|f| Frame::decode(&f.bytes).unwrap()).collect();
    net.cut(link);
    said
}

#[test]
fn a_parcel_that_another_left_first_is_its_maker_s_as_well() {
    let (mut net, coalition) = apart(4, &[1]);
    let (parcel, bytes, space) = made(&mut net, coalition);
    assert_eq!(says(&mut net, 2, 1, &Frame::Parcel(bytes)), [Frame::Kept(parcel, 0)]);
    meet(&mut net, 0, 1);
    assert_eq!(carried(&net, 1), 2, "each is counted");
    let left = &rows::outgoing(&net.hosts[0].store).unwrap()[0].1.left;
    assert_eq!(left, &[net.hosts[1].node()]);
    says(&mut net, 2, 1, &Frame::Withdraw(vec![parcel]));
    assert_eq!(carried(&net, 1), 1);
    meet(&mut net, 1, 3);
    assert_eq!(net.hosts[3].applied(space), [b"please see her".to_vec()]);
    meet(&mut net, 0, 1);
    assert_eq!((rows::outgoing(&net.hosts[0].store).unwrap(), rows::total(&net.hosts[1].store).unwrap()), (vec![], 0));
}

#[test]
fn each_who_left_a_parcel_hears_that_it_came() {
    let (mut net, coalition) = apart(4, &[1]);
    let (parcel, bytes, _) = made(&mut net, coalition);
    says(&mut net, 2, 1, &Frame::Parcel(bytes));
    meet(&mut net, 0, 1);
    meet(&mut net, 1, 3);
    for host in [0, 2] {
        let org = net.hosts[host].org();
        let row = rows::left_one(&net.hosts[1].store, org, &parcel).unwrap().unwrap();
        assert!(row.receipt.is_some(), "host {host}");
    }
    meet(&mut net, 0, 1);
    assert_eq!(rows::outgoing(&net.hosts[0].store).unwrap(), []);
}

#[test]
fn a_parcel_that_is_left_with_its_maker_is_not_taken_and_takes_nothing_from_it() {
    let (mut net, coalition) = apart(4, &[0, 1]);
    let (parcel, bytes, space) = made(&mut net, coalition);
    assert_eq!(says(&mut net, 2, 0, &Frame::Parcel(bytes)), [Frame::Kept(parcel, 3)]);
    says(&mut net, 2, 0, &Frame::Withdraw(vec![parcel]));
    meet(&mut net, 0, 1);
    meet(&mut net, 1, 3);
    assert_eq!(net.hosts[3].applied(space), [b"please see her".to_vec()]);
}

#[test]
fn the_words_that_are_under_way_are_counted_without_keys_and_grants_and_those_that_came_as_well() {
    use crate::engine::UnderWay;
    let (mut net, coalition) = apart(4, &[1]);
    let space = found(&mut net, coalition, &[2], None);
    let to = net.hosts[2].org();
    let counts = |net: &mut Net| {
        let now = net.now;
        let h = &mut net.hosts[0];
        let all = h.engine.under_way(&h.store, now).unwrap();
        assert!(all.keys().all(|org| *org == to), "{all:?}");
        all.get(&to).copied().unwrap_or_default()
    };
    assert_eq!(counts(&mut net), UnderWay::default(), "a grant and keys wait, and no word");
    write(&mut net, 0, space, &[2], b"one").unwrap();
    write(&mut net, 0, space, &[2], b"two").unwrap();
    let waiting = counts(&mut net);
    assert_eq!(waiting, UnderWay { waiting: 2, ..UnderWay::default() });
    due(&mut net, 0);
    assert_eq!(counts(&mut net), waiting, "made, and nobody has it");
    meet(&mut net, 0, 1);
    assert_eq!(counts(&mut net), UnderWay { left: 2, ..UnderWay::default() });
    meet(&mut net, 1, 2);
    meet(&mut net, 0, 1);
    assert_eq!(counts(&mut net), UnderWay { came: 2, ..UnderWay::default() });
    // A link brings the next at once.
    write(&mut net, 0, space, &[2], b"three").unwrap();
    assert_eq!(counts(&mut net), UnderWay { waiting: 1, left: 0, came: 2 });
    meet(&mut net, 0, 2);
    assert_eq!(counts(&mut net), UnderWay { came: 2, ..UnderWay::default() });
}

#[test]
fn whose_nodes_change_all_the_time_is_told_all_again_a_few_times_a_day() {
    use crate::store::{Draft, Memory};
    let (org, mut store, start) = (crate::ids::OrgId([7; 32]), Memory::default(), crate::time::Time(40 * DAY));
    let mut anew = |at| {
        let mut draft = Draft::new(&store);
        rows::put_sent(&mut draft, org, 9);
        let now = rows::begin_anew_at(&mut draft, org, at).unwrap();
        assert_eq!(rows::sent(&draft, org).unwrap(), if now { 0 } else { 9 });
        let due: Vec<_> = rows::anew_due(&draft).unwrap().into_iter().map(|(_, at)| at).collect();
        let writes = draft.into_writes();
        store.commit(writes);
        (now, due)
    };
    for n in 0..u64::from(limits::ANEW_A_DAY) {
        assert_eq!(anew(start.plus(n)), (true, vec![]));
    }
    let next = start.plus(DAY);
    assert_eq!(anew(start.plus(HOUR)), (false, vec![next]));
    assert_eq!(anew(start.plus(2 * HOUR)), (false, vec![next]));
    assert_eq!(anew(next), (true, vec![]), "and then it is");
    // A clock that had been ahead holds nobody up.
    assert_eq!(anew(start), (true, vec![]));
}
