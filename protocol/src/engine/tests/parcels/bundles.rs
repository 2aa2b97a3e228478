//! Bundles: parcels that somebody carries as a file.

use super::*;

pub(super) fn export(net: &mut Net, host: usize, to: usize, all: bool) -> Vec<Vec<u8>> {
    let org = net.hosts[to].org();
    net.step(host, |step| step.export_parcels(org, all).unwrap().parcels)
}

pub(super) fn import(net: &mut Net, host: usize, bytes: &[u8]) -> Result<Imported> {
    let super::super::Host { store, engine, random, .. } = &mut net.hosts[host];
    let mut step = engine.step(store, crate::engine::Context { now: net.now, random });
    let done = step.import_parcel(bytes.to_vec())?;
    let output = step.finish().unwrap();
    store.commit(output.writes);
    net.hosts[host].events.extend(output.events);
    Ok(done)
}

#[test]
fn a_bundle_brings_everything_in_any_order_and_as_often_as_it_is_brought() {
    let (mut net, coalition) = apart(2, &[]);
    let space = found(&mut net, coalition, &[1], None);
    let mut last = None;
    for n in 0..4_u8 {
        let mut body = vec![0; 120_000];
        super::super::net::Seeded(u64::from(n), 0).fill(&mut body);
        last = Some(write(&mut net, 0, space, &[1], &body).unwrap());
    }
    let mut parcels = export(&mut net, 0, 1, false);
    assert!(parcels.len() > 2, "{} parcels", parcels.len());
    parcels.reverse();
    for parcel in &parcels {
        import(&mut net, 1, parcel).unwrap();
    }
    assert_eq!(net.hosts[1].applied(space).len(), 4);
    for parcel in &parcels {
        assert_eq!(import(&mut net, 1, parcel).unwrap(), Imported::Known);
    }
    assert_eq!(net.hosts[1].applied(space).len(), 4);
    // The way back carries the receipts, so that the next bundle holds only what is new.
    for parcel in export(&mut net, 1, 0, false) {
        import(&mut net, 0, &parcel).unwrap();
    }
    assert!(delivered(&mut net, 0, space, last.unwrap(), 1));
    write(&mut net, 0, space, &[1], b"new").unwrap();
    let next = export(&mut net, 0, 1, false);
    assert_eq!(next.len(), 1);
    assert!(next[0].len() < 20_000, "{} bytes", next[0].len());
    assert!(export(&mut net, 0, 1, true).iter().map(Vec::len).sum::<usize>() > 100_000, "all of it, if that is asked");
}

#[test]
fn one_sender_s_parcels_that_wait_leave_room_for_others_and_for_the_missing_one() {
    let (mut net, coalition) = apart(2, &[]);
    let space = found(&mut net, coalition, &[1], None);
    for n in 0..=limits::PARCELS_HELD_OF as u64 + 2 {
        let mut body = vec![0; 120_000];
        super::super::net::Seeded(n, 0).fill(&mut body);
        write(&mut net, 0, space, &[1], &body).unwrap();
    }
    let parcels = export(&mut net, 0, 1, false);
    let (first, others) = parcels.split_first().unwrap();
    let waiting = others.iter().filter(|parcel| import(&mut net, 1, parcel).is_ok()).count();
    assert_eq!(waiting, limits::PARCELS_HELD_OF);
    let held = rows::held(&net.hosts[1].store).unwrap();
    let sender = net.hosts[0].org();
    assert!(held.iter().all(|(_, row)| row.from == sender && !row.waits.is_empty()));
    import(&mut net, 1, first).unwrap();
    assert!(rows::held(&net.hosts[1].store).unwrap().is_empty(), "each was tried when what it waits for came");
    assert_eq!(net.hosts[1].applied(space).len(), 1 + limits::PARCELS_HELD_OF);
}

#[test]
fn a_bundle_that_is_damaged_foreign_late_or_of_the_removed_is_refused_and_changes_nothing() {
    let (mut net, coalition) = connected(4);
    let space = found(&mut net, coalition, &[1], None);
    net.run();
    net.cut_all();
    write(&mut net, 0, space, &[1], b"by hand").unwrap();
    let parcel = export(&mut net, 0, 1, false).remove(0);
    let before: Vec<_> = rows_of(&net, 1);
    let foreign = import(&mut net, 2, &parcel).unwrap_err();
    assert!(foreign.message.contains("another organisation"), "{foreign}");
    for at in [0, 1, 40, 60, 200, parcel.len() / 2, parcel.len() - 1] {
        let mut damaged = parcel.clone();
        damaged[at] ^= 1;
        import(&mut net, 1, &damaged).unwrap_err();
    }
    for end in [0, 10, parcel.len() / 2, parcel.len() - 1] {
        assert_eq!(import(&mut net, 1, &parcel[..end]).unwrap_err().class, Class::Malformed);
    }
    assert_eq!(rows_of(&net, 1), before);
    let now = net.now;
    net.now = now.plus(limits::PARCEL_LIFE + 1);
    let late = import(&mut net, 1, &parcel).unwrap_err();
    assert!(late.message.contains("over on"), "{late}");
    net.now = now;
    // Host 3 is removed; what it made is refused, and host 1 has heard of it.
    let theirs = forged(&mut net, 3, 1);
    let org = net.hosts[3].org();
    net.step(0, |step| step.remove(coalition, org).unwrap());
    meet(&mut net, 0, 1);
    let removed = import(&mut net, 1, &theirs).unwrap_err();
    assert!(removed.message.contains("removed"), "{removed}");
}

fn rows_of(net: &Net, host: usize) -> Vec<(crate::store::Table, Vec<u8>, Vec<u8>)> {
    net.hosts[host].store.rows().map(|(table, key, value)| (table, key.to_vec(), value.to_vec())).collect()
}

#[test]
fn what_was_announced_and_acknowledged_and_never_came_goes_into_the_next_bundle() {
    let (mut net, coalition) = connected(3);
    let space = found(&mut net, coalition, &[1, 2], None);
    net.run();
    net.cut_all();
    net.connect(0, 2);
    net.run();
    let said = write(&mut net, 2, space, &[0, 1], b"by way of another").unwrap();
    net.run();
    net.cut_all();
    // Host 1 hears that there is one, acknowledges that, and its line falls before the entry comes.
    net.connect(0, 1);
    while let Some(flying) = net.flying.front() {
        match Frame::decode(&flying.bytes).unwrap() {
            Frame::Want(asked) if asked.contains(&said) => drop(net.flying.pop_front()),
            _ => drop(net.deliver()),
        }
    }
    net.cut_all();
    let has = |net: &Net| net.hosts[1].engine.has(&net.hosts[1].store, &said).unwrap();
    assert!(!has(&net));
    let to = net.hosts[1].org();
    let bundle = net.step(0, |step| step.export_parcels(to, false).unwrap().parcels);
    for parcel in bundle {
        net.step(1, |step| step.import_parcel(parcel).unwrap());
    }
    assert!(has(&net));
}
