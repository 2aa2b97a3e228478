//! What a document holds at most, and what a body opens to.

use super::*;
use crate::store::Table;

/// A change of 60 KB, by an actor of its own under keys of its own.
fn heavy(n: u8) -> Vec<u8> {
    let actor = Actor::draw(node(1), &mut Counter(n));
    let text = format!("{n}").repeat(limits::FIELD_CHARS / 4);
    let edit = (0..3).map(|field| (format!("l{n}/{field}"), Some(format!("{text:<20000}")))).collect();
    let mut made = Document::default().edit(&actor, Time(0), &edit).expect("edits");
    assert_eq!(made.len(), 1);
    made.remove(0)
}

#[test]
fn a_document_past_its_bound_holds_nothing_whichever_change_came_last() {
    let changes: Vec<Vec<u8>> = (0..145).map(heavy).collect();
    let within = fold([&changes[..130]]);
    assert_eq!(shown(&within).len(), 3 * 130);
    assert!(within.is_filled() && !within.is_over());
    let mut orders = vec![changes; 3];
    orders[1].reverse();
    orders[2].rotate_left(70);
    for order in orders {
        let mut document = Document::default();
        for (n, change) in order.iter().enumerate() {
            document.merge(read(std::slice::from_ref(change))).expect("merges");
            if n % 16 == 0 {
                let state = document.state().expect("keeps");
                assert!(state.len() as u64 <= limits::DOCUMENT_BYTES);
                document = Document::load(&state).expect("loads");
            }
        }
        assert!(document.is_over());
        let mut again = Document::load(&document.state().expect("keeps")).expect("loads");
        assert!(again.merge(read(&order[..1])).expect("merges").is_empty());
        assert!(shown(&again).is_empty() && again.state().expect("keeps").len() < 64);
        let actor = Actor::draw(node(1), &mut Counter(0));
        assert!(again.edit(&actor, Time(0), &edits(&[("l/k", Some("v"))])).is_err(), "in vain");
    }
}

#[test]
fn what_a_document_past_its_bound_held_is_gone_from_the_list_and_from_the_store() {
    let (org, space, document, mut store) = (OrgId([7; 32]), SpaceId([9; 32]), DocumentId([1; 32]), Memory::default());
    let mut shelf = Shelf::default();
    let item = |n: u8| {
        let packed = Packed::new(document, &[heavy(n)]).expect("packs");
        Item { entry: EntryHash([n; 32]), org, author: node(1), body: Body::Change(packed) }
    };
    let mut emptied = None;
    for n in 0..145 {
        let mut draft = Draft::new(&store);
        let changed = shelf.receive(&mut draft, &space, &[item(n)]).expect("receives");
        let writes = draft.into_writes();
        if let Some(at) = emptied {
            assert!(changed.is_empty() && writes.len() == 1, "{n} after {at}: its name alone");
            store.commit(writes);
            continue;
        }
        store.commit(writes);
        if open(&store, &space, &org, &document).expect("opens").is_over() {
            let groups = &changed[0].groups;
            assert_eq!(groups.len(), usize::from(n), "each that it held, and not the one that came");
            assert!(groups.values().all(|group| !group.before.is_empty() && group.after.is_empty()));
            emptied = Some(n);
        }
    }
    assert!(emptied.is_some());
    let parts = store.rows().filter(|(table, key, _)| *table == Table::DocumentPart && key[96] != 2);
    assert!(parts.map(|(_, key, value)| key.len() + value.len()).sum::<usize>() < 256);
}

#[test]
fn what_a_body_opens_to_stands_before_it_is_unpacked_and_it_opens_to_no_more() {
    let packed = Packed::new(DocumentId::ZERO, &[heavy(1)]).expect("packs");
    let body = Body::Change(packed.clone()).encode();
    assert_eq!(opens_to(&body), heavy(1).len());
    assert!(packed.zstd.len() < 1_000);
    assert_eq!(packed.open().expect("opens").len(), 1);
    // One that says nothing of it, and one that opens to more than it says.
    let streamed = zstd::stream::encode_all(&heavy(1)[..], 3).expect("packs");
    let twice = [packed.zstd.clone(), packed.zstd].concat();
    for zstd in [streamed, twice] {
        assert!(Packed { document: DocumentId::ZERO, zstd }.open().is_err());
    }
}

#[test]
fn a_body_that_brings_nothing_new_weighs_what_it_opens_to_and_its_document_opens_so_many_at_most() {
    let (org, space, document, mut store) = (OrgId([7; 32]), SpaceId([9; 32]), DocumentId([1; 32]), Memory::default());
    let packed = Packed::new(document, &[heavy(1)]).expect("packs");
    let weighs_again = limits::DOCUMENT_BODY_COST + heavy(1).len() as u64;
    let most = limits::DOCUMENT_BYTES / weighs_again + 1;
    let item = |n: u64| {
        let entry = EntryHash(crate::keys::digest::sha256(b"", &[&n.to_be_bytes()]));
        Item { entry, org, author: node(1), body: Body::Change(packed.clone()) }
    };
    let mut shelf = Shelf::default();
    let mut take = |store: &mut Memory, items: &[Item]| {
        let mut draft = Draft::new(store);
        shelf.receive(&mut draft, &space, items).expect("receives");
        let writes = draft.into_writes();
        store.commit(writes);
        weighs(store, (&space, &org, &document)).expect("reads")
    };
    let first = take(&mut store, &[item(0)]);
    assert_eq!(take(&mut store, &[item(0)]), first, "an entry is taken once");
    assert_eq!(take(&mut store, &[item(1)]), first + weighs_again);
    let many: Vec<Item> = (2..most).map(item).collect();
    assert!(take(&mut store, &many) > limits::DOCUMENT_BYTES);
    assert!(open(&store, &space, &org, &document).expect("opens").is_over());
    // Folded anew, it is read up to there, and comes back where enough of them count no more.
    let mut draft = Draft::new(&store);
    let changed = Shelf::default().refold(&mut draft, (space, org, document), |_, entry| Ok(*entry == item(0).entry));
    assert!(changed.expect("folds").is_none(), "the entries themselves are not in this store");
    assert!(!open(&draft, &space, &org, &document).expect("opens").is_over());
}
