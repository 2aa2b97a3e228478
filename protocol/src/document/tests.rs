use super::*;
use crate::ids::{NodeId, SpaceId};
use crate::random::Random;
use crate::store::{Draft, Memory};
use crate::time::Time;
use automerge::Change;
use proptest::prelude::*;
use std::collections::BTreeMap;

struct Counter(u8);
impl Random for Counter {
    fn fill(&mut self, out: &mut [u8]) {
        self.0 += 1;
        out.fill(self.0);
    }
}

fn node(n: u8) -> NodeId {
    NodeId([n; 32])
}

fn edits(pairs: &[(&str, Option<&str>)]) -> BTreeMap<String, Option<String>> {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), v.map(str::to_owned))).collect()
}

fn read(chunks: &[Vec<u8>]) -> Vec<Change> {
    strict::changes(&chunks.concat()).expect("own changes read")
}

/// Edits a document, and takes the changes as everybody does.
fn write(document: &mut Document, actor: &Actor, now: Time, edits: &BTreeMap<String, Option<String>>) -> Vec<Vec<u8>> {
    let made = document.edit(actor, now, edits).expect("edits");
    assert!(matches!(document.merge(read(&made)), Ok(Merged::Taken(_))), "own changes displace nothing");
    made
}

/// Changes into a document that came one body after the other, whatever they displace.
fn fold<'c>(bodies: impl IntoIterator<Item = &'c [Vec<u8>]>) -> Document {
    let mut document = Document::default();
    let mut all = Vec::new();
    for body in bodies {
        all.extend(read(body));
        if let Merged::Displaces = document.merge(read(body)).expect("merges") {
            document = Document::of(all.clone()).expect("folds").0;
        }
        document = Document::load(&document.state().expect("keeps")).expect("loads");
    }
    document
}

/// Two nodes and three actors write apart and merge now and then; every change, in order of making.
fn history(steps: &[(u8, u8, u8, bool)]) -> Vec<Vec<u8>> {
    let mut random = Counter(0);
    let actors: Vec<_> = (0..3).map(|n| Actor::draw(node(1 + n / 2), &mut random)).collect();
    let mut documents = vec![Document::default(); 3];
    let mut all = Vec::new();
    for (index, (who, key, value, merge)) in steps.iter().enumerate() {
        let who = usize::from(who % 3);
        if *merge {
            assert!(matches!(documents[who].merge(read(&all)), Ok(Merged::Taken(_))));
        }
        let value = if value % 5 == 0 { None } else { Some(format!("v{value}")) };
        let edit = BTreeMap::from([(format!("k{}", key % 4), value)]);
        all.extend(write(&mut documents[who], &actors[who], Time(index as u64 * 1000), &edit));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_order_of_the_same_changes_gives_the_same_document(
        steps in prop::collection::vec(any::<(u8, u8, u8, bool)>(), 1..24),
        order in prop::collection::vec(any::<u32>(), 24),
        cut in 0_usize..24,
    ) {
        let all = history(&steps);
        let straight = fold([all.as_slice()]);
        let mut shuffled: Vec<_> = all.iter().zip(&order).collect();
        shuffled.sort_by_key(|(_, key)| **key);
        let shuffled: Vec<_> = shuffled.into_iter().map(|(chunk, _)| chunk.clone()).collect();
        let apart = fold(shuffled.chunks(1 + cut % 3));
        prop_assert_eq!(apart.waiting().count(), 0);
        prop_assert_eq!(straight.digest(), apart.digest());
        prop_assert_eq!(straight.fields().expect("reads"), apart.fields().expect("reads"));
    }

    #[test]
    fn the_same_changes_come_to_what_automerge_makes_of_them(
        steps in prop::collection::vec(any::<(u8, u8, u8, bool)>(), 1..40),
    ) {
        use automerge::{Automerge, ROOT, ReadDoc, ScalarValueRef, ValueRef};
        let all = history(&steps);
        let mut theirs = Automerge::new();
        theirs.apply_changes(read(&all)).expect("automerge takes what was made honestly");
        let text = |value| if let ValueRef::Scalar(ScalarValueRef::Str(text)) = value { text.into_owned() } else { String::new() };
        let fields: Fields = theirs.map_range(ROOT, ..).map(|item| (item.key.into_owned(), text(item.value))).collect();
        prop_assert_eq!(fold([all.as_slice()]).fields().expect("reads"), fields);
    }

    #[test]
    fn what_is_in_memory_never_shows(
        steps in prop::collection::vec(any::<(u8, u8, u8, bool)>(), 1..24),
        order in prop::collection::vec((any::<u32>(), any::<bool>()), 24),
        room in 1_usize..4,
    ) {
        let mut bodies: Vec<_> = history(&steps).into_iter().zip(&order).collect();
        bodies.sort_by_key(|(_, (key, _))| *key);
        let (org, space) = (OrgId([7; 32]), SpaceId([9; 32]));
        let (mut kept, mut shelf) = (Memory::default(), Shelf::default());
        for part in bodies.chunks(room) {
            let items: Vec<_> = part.iter().map(|(chunk, _)| Item {
                org,
                author: NodeId([0; 32]),
                // A snapshot: whoever made the changes.
                body: Body::Snapshot(Packed::new(DocumentId([3; 32]), std::slice::from_ref(chunk)).expect("packs")),
            }).collect();
            let with = |shelf: &mut Shelf| {
                let mut draft = Draft::new(&kept);
                let changed = shelf.receive(&mut draft, &space, &items).expect("receives");
                (changed, draft.into_writes())
            };
            let (anew, held) = (with(&mut Shelf::default()), with(&mut shelf));
            prop_assert_eq!(&anew, &held);
            // Some are rolled back: what is in memory is then of a store that never was.
            if part.iter().all(|(_, (_, commits))| *commits) {
                kept.commit(held.1);
            }
        }
        let document = open(&kept, &space, &org, &DocumentId([3; 32])).expect("opens");
        let (_, opened) = shelf.take_down(&kept, (space, org, DocumentId([3; 32]))).expect("takes");
        let fields = |document: &Document| document.fields().expect("reads");
        prop_assert_eq!((document.digest(), fields(&document)), (opened.digest(), fields(&opened)));
    }

    #[test]
    fn garbled_changes_are_refused_and_nothing_panics(
        steps in prop::collection::vec(any::<(u8, u8, u8, bool)>(), 1..8),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        resum in any::<bool>(),
    ) {
        let mut chunk = history(&steps).pop().unwrap_or_default();
        if !chunk.is_empty() {
            let at = at.index(chunk.len());
            chunk[at] = byte;
            if resum {
                let sum = ring::digest::digest(&ring::digest::SHA256, &chunk[8..]);
                chunk[4..8].copy_from_slice(&sum.as_ref()[..4]);
            }
            if let Ok(changes) = strict::changes(&chunk) {
                let mut document = fold([history(&steps).as_slice()]);
                if let Merged::Displaces = document.merge(changes.clone()).expect("merges") {
                    document = Document::of(read(&history(&steps)).into_iter().chain(changes)).expect("folds").0;
                }
                drop(document.fields());
            }
        }
    }
}

#[test]
fn what_is_there_already_makes_no_change() {
    let mut document = Document::default();
    let actor = Actor::draw(node(1), &mut Counter(0));
    let first = write(&mut document, &actor, Time(0), &edits(&[("a/name", Some("Clinic")), ("a/gone", None)]));
    assert_eq!(first.len(), 1);
    let again = document.edit(&actor, Time(0), &edits(&[("a/name", Some("Clinic"))])).expect("edits");
    assert!(again.is_empty());
}

#[test]
fn the_same_edit_at_the_same_time_gives_the_same_bytes() {
    let make = || {
        let actor = Actor::draw(node(1), &mut Counter(0));
        Document::default().edit(&actor, Time(5_000), &edits(&[("a/name", Some("Clinic"))])).expect("edits")
    };
    assert_eq!(make(), make());
}

#[test]
fn of_two_changes_with_one_number_the_lower_hash_stands_whichever_came_first() {
    let actor = Actor::draw(node(1), &mut Counter(0));
    let change = |value: &str, more: bool| {
        let mut document = Document::default();
        let mut made = write(&mut document, &actor, Time(0), &edits(&[("k", Some(value))]));
        if more {
            made.extend(write(&mut document, &actor, Time(0), &edits(&[("after", Some(value))])));
        }
        made
    };
    let (a, b) = (change("a", true), change("b", true));
    let fold = |chunks: &[Vec<u8>]| fold(chunks.chunks(1)).fields().expect("reads");
    let one = fold(&[a.clone(), b.clone()].concat());
    let other = fold(&[b, a].concat());
    assert_eq!(one, other);
    assert_eq!(one["k"], one["after"], "what depends on the skipped change is skipped with it");
}

#[test]
fn a_change_by_another_actor_than_the_entrys_author_is_left_out() {
    let actor = Actor::draw(node(1), &mut Counter(0));
    let made = Document::default().edit(&actor, Time(0), &edits(&[("k", Some("v"))])).expect("edits");
    let org = OrgId([7; 32]);
    let body = Body::Change(Packed::new(id(&org, "set", 0), &made).expect("packs"));
    let space = SpaceId([9; 32]);
    let memory = Memory::default();
    let mut draft = Draft::new(&memory);
    let item = |author| Item { org, author, body: Body::decode(&body.encode()).expect("decodes") };
    let mut shelf = Shelf::default();
    assert!(shelf.receive(&mut draft, &space, &[item(node(2))]).expect("receives").is_empty());
    let changed = shelf.receive(&mut draft, &space, &[item(node(1))]).expect("receives");
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].groups["k"].after[""], "v");
    assert_eq!(list(&draft, &space, &org).expect("lists"), vec![id(&org, "set", 0)]);
    clear(&mut draft, &space).expect("clears");
    assert!(draft.is_empty() || list(&draft, &space, &org).expect("lists").is_empty());
}

#[test]
fn a_run_that_stands_for_a_billion_operations_is_refused_before_it_unfolds() {
    let actor = Actor::draw(node(1), &mut Counter(0));
    let made = Document::default().edit(&actor, Time(0), &edits(&[("k", Some("v"))])).expect("edits");
    let chunk = &made[0];
    // The action column of one put is the run (1, 1); make its count a billion.
    let find = |needle: &[u8]| chunk.windows(needle.len()).position(|w| w == needle);
    assert!(find(&[0x42]).is_some(), "the action column is there");
    for at in 60..chunk.len() {
        let mut bomb = chunk.clone();
        bomb.splice(at..at, [0x80, 0x94, 0xeb, 0xdc, 0x03]);
        let length = bomb.len() - 8 - 1 - 1;
        if length > 127 {
            bomb.splice(9..10, [(length & 127) as u8 | 128, (length >> 7) as u8]);
        } else {
            bomb[9] = u8::try_from(length).expect("small");
        }
        let sum = ring::digest::digest(&ring::digest::SHA256, &bomb[8..]);
        bomb[4..8].copy_from_slice(&sum.as_ref()[..4]);
        assert!(strict::changes(&bomb).is_err(), "at {at}");
    }
}

#[test]
fn nested_objects_lists_and_numbers_are_refused() {
    use automerge::transaction::Transactable;
    use automerge::{ActorId, Automerge, ObjType, ROOT};
    let attempt = |write: &dyn Fn(&mut automerge::transaction::Transaction<'_>)| {
        let mut doc = Automerge::new().with_actor(ActorId::from([1; 40]));
        let mut transaction = doc.transaction();
        write(&mut transaction);
        transaction.commit();
        strict::changes(doc.get_last_local_change().expect("made").raw_bytes())
    };
    assert!(attempt(&|t| t.put(ROOT, "k", "v").expect("puts")).is_ok());
    assert!(attempt(&|t| t.put(ROOT, "k", 7).expect("puts")).is_err());
    assert!(attempt(&|t| drop(t.put_object(ROOT, "k", ObjType::Map).expect("puts"))).is_err());
    assert!(attempt(&|t| drop(t.put_object(ROOT, "k", ObjType::Text).expect("puts"))).is_err());
}

#[test]
fn a_large_edit_becomes_several_changes_that_each_fit_an_entry() {
    let actor = Actor::draw(node(1), &mut Counter(0));
    let text: String =
        (0..15_000_u32).map(|n| char::from(b'a' + (n.wrapping_mul(2_654_435_761) >> 27) as u8 % 26)).collect();
    let many = (0..40).map(|n| (format!("l{n}/description"), Some(format!("{n} {text}")))).collect();
    let made = Document::default().edit(&actor, Time(0), &many).expect("edits");
    assert!(made.len() > 3);
    let fields: BTreeMap<_, _> =
        fold([made.as_slice()]).fields().expect("reads").into_iter().map(|(k, v)| (k, Some(v))).collect();
    assert_eq!(fields, many);
    for change in &made {
        let packed = Packed::new(DocumentId::ZERO, std::slice::from_ref(change)).expect("packs");
        assert!(packed.zstd.len() < crate::limits::ENTRY_BYTES - 4096);
    }
}

#[test]
fn an_edit_says_what_automerges_own_transaction_says() {
    use automerge::transaction::{CommitOptions, Transactable};
    use automerge::{ActorId, Automerge, ROOT, ReadDoc};
    let actor = Actor::draw(node(1), &mut Counter(0));
    let mut ours = Document::default();
    let mut theirs = Automerge::new().with_actor(ActorId::from([[1; 32].as_slice(), &[1; 8]].concat()));
    let steps = [
        edits(&[("a", Some("1")), ("b", Some("2")), ("c", Some("3"))]),
        edits(&[("a", Some("9")), ("b", None)]),
        edits(&[("b", Some("again")), ("d", Some("4"))]),
    ];
    for (at, step) in steps.iter().enumerate() {
        let made = write(&mut ours, &actor, Time(at as u64 * 1000), step);
        let mut transaction = theirs.transaction();
        for (key, value) in step {
            match value {
                Some(value) => transaction.put(ROOT, key.as_str(), value.as_str()).expect("puts"),
                None => transaction.delete(ROOT, key.as_str()).expect("deletes"),
            }
        }
        transaction.commit_with(CommitOptions::default().with_time(at as i64));
        let their = theirs.get_last_local_change().expect("made");
        assert_eq!(made, vec![their.raw_bytes().to_vec()], "step {at}: the very bytes");
    }
    assert_eq!(theirs.keys(ROOT).count(), ours.fields().expect("reads").len());
}
