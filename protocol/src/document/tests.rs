use super::*;
use crate::ids::{EntryHash, NodeId, SpaceId};
use crate::limits;
use crate::random::Random;
use crate::store::{Draft, Memory};
use crate::time::Time;
use automerge::Change;
use proptest::prelude::*;
use std::collections::BTreeMap;

mod bounds;

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

/// The entry that these bytes are said to have come in.
fn named(body: &[u8]) -> EntryHash {
    EntryHash(crate::keys::digest::sha256(b"", &[body]))
}

fn read(chunks: &[Vec<u8>]) -> Vec<Change> {
    strict::changes(&chunks.concat()).expect("own changes read")
}

/// Edits a document, and takes the changes as everybody does.
fn write(document: &mut Document, actor: &Actor, now: Time, edits: &BTreeMap<String, Option<String>>) -> Vec<Vec<u8>> {
    let made = document.edit(actor, now, edits).expect("edits");
    document.merge(read(&made)).expect("merges");
    made
}

/// Changes into a document that came one body after the other, and was put into the store and read again in between.
fn fold<'c>(bodies: impl IntoIterator<Item = &'c [Vec<u8>]>) -> Document {
    let mut document = Document::default();
    for body in bodies {
        document.merge(read(body)).expect("merges");
        document = Document::load(&document.state().expect("keeps")).expect("loads");
    }
    document
}

fn shown(document: &Document) -> Fields {
    document.fields().expect("reads")
}

/// By number: a key, the text that is put there (none: it is deleted), and the actors' operations that it names.
type Operation = (u8, Option<u8>, Vec<(u8, u64)>);

/// A change as somebody makes it who keeps to the form alone: what it says it knows need not be.
fn made_up(who: u8, seq: u64, start: u64, operations: &[Operation]) -> Vec<u8> {
    use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
    use automerge::{ActorId, ChangeHash, ExpandedChange};
    let actor = |who: u8| ActorId::from([[1; 32].as_slice(), &[who; 8]].concat());
    let operations = operations.iter().map(|(key, text, named)| Op {
        action: text.map_or(OpType::Delete, |text| OpType::Put(format!("v{text}").into())),
        obj: ObjectId::Root,
        key: Key::Map(format!("{}/k", key % 3).into()),
        pred: named.iter().map(|(who, counter)| OpId(*counter, actor(who % 3))).collect(),
        insert: false,
    });
    let change = Change::from(ExpandedChange {
        operations: operations.collect(),
        actor_id: actor(who % 3),
        author: None,
        hash: None,
        seq,
        start_op: std::num::NonZeroU64::new(start).expect("from one on"),
        time: 0,
        message: None,
        deps: vec![ChangeHash([who; 32])],
        extra_bytes: Vec::new(),
    });
    change.raw_bytes().to_vec()
}

fn operation() -> impl Strategy<Value = Operation> {
    (any::<u8>(), prop::option::of(0_u8..4), prop::collection::vec((any::<u8>(), 1_u64..9), 0..3))
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
            documents[who].merge(read(&all)).expect("merges");
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
        prop_assert_eq!(shown(&straight), shown(&apart));
        let actor = Actor::draw(node(9), &mut Counter(9));
        let next = |document: &Document| document.edit(&actor, Time(0), &edits(&[("k0", Some("next"))])).expect("edits");
        prop_assert_eq!(next(&straight), next(&apart), "and what is written on it is the same");
    }

    #[test]
    fn any_order_and_repetition_of_whatever_anybody_makes_up_gives_the_same_document(
        made in prop::collection::vec((any::<u8>(), 1_u64..3, 1_u64..9, prop::collection::vec(operation(), 1..4)), 1..12),
        order in prop::collection::vec(any::<u32>(), 24),
        cut in 1_usize..4,
    ) {
        let all: Vec<_> = made.iter().map(|(who, seq, start, ops)| made_up(*who, *seq, *start, ops)).collect();
        let twice: Vec<_> = all.iter().chain(&all).cloned().collect();
        let mut shuffled: Vec<_> = twice.iter().zip(&order).collect();
        shuffled.sort_by_key(|(_, key)| **key);
        let shuffled: Vec<_> = shuffled.into_iter().map(|(chunk, _)| chunk.clone()).collect();
        let (straight, apart) = (fold([all.as_slice()]), fold(shuffled.chunks(cut)));
        prop_assert_eq!(shown(&straight), shown(&apart));
        prop_assert_eq!(straight.weighs(), apart.weighs());
        prop_assert!(straight.state().expect("keeps").len() as u64 <= straight.weighs() + 8, "its state takes more than it weighs");
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
        prop_assert_eq!(shown(&fold([all.as_slice()])), fields);
    }

    #[test]
    fn what_is_in_memory_or_was_opened_ahead_never_shows(
        steps in prop::collection::vec(any::<(u8, u8, u8, bool)>(), 1..24),
        order in prop::collection::vec((any::<u32>(), any::<bool>()), 24),
        room in 1_usize..4,
    ) {
        let of_one: Vec<_> = steps.iter().map(|(who, key, value, merge)| (who % 2, *key, *value, *merge)).collect();
        let mut bodies: Vec<_> = history(&of_one).into_iter().zip(&order).collect();
        bodies.sort_by_key(|(_, (key, _))| *key);
        let (org, space) = (OrgId([7; 32]), SpaceId([9; 32]));
        let (mut kept, mut shelf) = (Memory::default(), Shelf::default());
        for part in bodies.chunks(room) {
            let items: Vec<_> = part.iter().map(|(chunk, _)| Item {
                entry: named(chunk),
                org,
                author: node(1),
                body: Body::Change(Packed::new(DocumentId([3; 32]), std::slice::from_ref(chunk)).expect("packs")),
            }).collect();
            let with = |shelf: &mut Shelf| {
                let mut draft = Draft::new(&kept);
                let changed = shelf.receive(&mut draft, &space, &items).expect("receives");
                (changed, draft.into_writes())
            };
            let anew = with(&mut Shelf::default());
            let mut ahead = Ahead::default();
            items.iter().for_each(|item| ahead.add(&item.body.encode()));
            shelf.foresee(ahead);
            let held = with(&mut shelf);
            prop_assert_eq!(&anew, &held);
            // Some are rolled back: what is in memory is then of a store that never was.
            if part.iter().all(|(_, (_, commits))| *commits) {
                kept.commit(held.1);
            }
        }
        let document = open(&kept, &space, &org, &DocumentId([3; 32])).expect("opens");
        let (_, opened) = shelf.take_down(&kept, (space, org, DocumentId([3; 32]))).expect("takes");
        prop_assert_eq!(shown(&document), shown(&opened));
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
                document.merge(changes).expect("merges");
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
fn of_two_texts_that_one_actor_put_with_one_number_the_same_stands_whichever_came_first() {
    let put = |text: u8| made_up(1, 1, 1, &[(0, Some(text), Vec::new())]);
    let after = made_up(2, 1, 2, &[(1, Some(3), Vec::new())]);
    let one = shown(&fold([&[put(1), put(2), after.clone()][..]]));
    assert_eq!(one, shown(&fold([after, put(2), put(1)].chunks(1))));
    assert_eq!((one["0/k"].as_str(), one["1/k"].as_str()), ("v2", "v3"), "and what others wrote since stands with it");
}

#[test]
fn what_was_taken_away_before_it_came_does_not_come_back() {
    let put = made_up(1, 1, 4, &[(0, Some(1), Vec::new())]);
    let gone = made_up(2, 1, 5, &[(0, None, vec![(1, 4)])]);
    for order in [[put.clone(), gone.clone()], [gone, put]] {
        assert!(shown(&fold(order.chunks(1))).is_empty());
    }
}

#[test]
fn who_was_started_more_often_than_a_change_may_name_edits_what_all_these_runs_wrote() {
    let mut document = Document::default();
    let runs = u32::try_from(limits::CHANGE_ACTORS).expect("few") + 4;
    for run in 0..runs {
        let mut actor = node(1).0.to_vec();
        actor.extend_from_slice(&u64::from(run).to_be_bytes());
        let actor = Actor::of(&actor);
        write(&mut document, &actor, Time(0), &edits(&[(&format!("l/{run}"), Some("as it was"))]));
    }
    let all = (0..runs).map(|run| (format!("l/{run}"), Some("anew".to_owned()))).collect();
    let made = write(&mut document, &Actor::draw(node(2), &mut Counter(7)), Time(0), &all);
    assert!(made.len() > 1, "one change can not name them all");
    assert!(shown(&document).values().all(|text| text == "anew"));
}

#[test]
fn a_document_whose_numbers_somebody_used_up_says_so_and_is_not_edited_in_vain() {
    let mut document = Document::default();
    document.merge(read(&[made_up(1, 1, 1 << 30, &[(0, Some(1), Vec::new())])])).expect("merges");
    let actor = Actor::draw(node(1), &mut Counter(0));
    let fault = document.edit(&actor, Time(0), &edits(&[("0/k", Some("mine"))])).expect_err("nobody would take it");
    assert!(fault.message.contains("takes no further changes"), "{}", fault.message);
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
    let item =
        |author| Item { entry: EntryHash([1; 32]), org, author, body: Body::decode(&body.encode()).expect("decodes") };
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
fn no_more_is_opened_ahead_than_the_bound_and_the_rest_is_taken_in_its_turn() {
    let (org, space, store) = (OrgId([7; 32]), SpaceId([9; 32]), Memory::default());
    let text = "a".repeat(limits::FIELD_CHARS);
    let body = |number: u8| {
        let fields: BTreeMap<_, _> = (0..4).map(|field| (format!("{field}/k"), Some(text.clone()))).collect();
        let made = Document::default().edit(&Actor::draw(node(1), &mut Counter(number)), Time(0), &fields);
        Body::Change(Packed::new(DocumentId([number; 32]), &made.expect("edits")).expect("packs"))
    };
    let items: Vec<_> = (0..20)
        .map(|number| Item { entry: EntryHash([number; 32]), org, author: node(1), body: body(number) })
        .collect();
    let mut ahead = Ahead::default();
    items.iter().for_each(|item| ahead.add(&item.body.encode()));
    let each = 4 * limits::FIELD_CHARS;
    assert_eq!(format!("{ahead:?}"), format!("Ahead({} bodies)", limits::AHEAD_BYTES / each + 1));
    let mut shelf = Shelf::default();
    shelf.foresee(ahead);
    assert_eq!(shelf.receive(&mut Draft::new(&store), &space, &items).expect("receives").len(), 20);
}

/// A change of one actor whose columns say that so many operations put the same empty text under the same key.
fn bomb(times: u64) -> Vec<u8> {
    let number = |mut n: u64, signed: bool| {
        let mut bytes = Vec::new();
        while n > 127 || (signed && n > 63) {
            bytes.push((n & 127) as u8 | 128);
            n >>= 7;
        }
        bytes.push(u8::try_from(n).expect("seven bits"));
        bytes
    };
    let run = |value: &[u8]| [number(times, true).as_slice(), value].concat();
    let columns =
        [(0x15, run(b"\x01k")), (0x34, number(times, false)), (0x42, run(&[1])), (0x56, run(&[6])), (0x70, run(&[0]))];
    let mut body = vec![0, 40];
    body.extend_from_slice(&[1; 40]);
    body.extend_from_slice(&[1, 1, 0, 0, 0, u8::try_from(columns.len()).expect("five")]);
    for (spec, data) in &columns {
        body.extend_from_slice(&[*spec, u8::try_from(data.len()).expect("short")]);
    }
    columns.iter().for_each(|(_, data)| body.extend_from_slice(data));
    let hashed = [&[1][..], &number(body.len() as u64, false), &body].concat();
    let sum = ring::digest::digest(&ring::digest::SHA256, &hashed);
    [&[0x85, 0x6f, 0x4a, 0x83], &sum.as_ref()[..4], &hashed].concat()
}

#[test]
fn a_run_that_stands_for_a_billion_operations_is_refused_before_it_unfolds() {
    let refusal = |bytes: &[u8]| strict::changes(bytes).map(|changes| changes.len()).map_err(|fault| fault.message);
    assert_eq!(refusal(&bomb(3)), Ok(1), "a change like any other");
    let most = limits::CHANGE_OPERATIONS;
    assert_eq!(refusal(&bomb(most)), Ok(1));
    for times in [most + 1, 1_000_000_000] {
        assert!(refusal(&bomb(times)).is_err_and(|why| why.contains("more operations than one change may hold")));
    }
    let two = [bomb(most), bomb(2)].concat();
    assert!(refusal(&two).is_err_and(|why| why.contains("more operations than one body may hold")));
    // As often as one body can say it, it is one text of one actor.
    let document = fold([&[bomb(most)][..]]);
    assert!(document.weight() < 4_096, "{}", document.weight());
}

#[test]
fn dependencies_and_columns_that_do_not_rise_are_refused() {
    let made = bomb(1);
    let at = made.windows(2).position(|bytes| bytes == [0x34, 1]).expect("the second column");
    let mut twice = made.clone();
    twice[at] = 0x15;
    let sum = ring::digest::digest(&ring::digest::SHA256, &twice[8..]);
    twice[4..8].copy_from_slice(&sum.as_ref()[..4]);
    assert!(strict::changes(&twice).is_err_and(|fault| fault.message.contains("columns do not rise")));
    let first = read(&[made])[0].hash();
    let follows = |deps: Vec<automerge::ChangeHash>| {
        let mut change = read(&[made_up(1, 1, 1, &[(0, Some(1), Vec::new())])])[0].decode();
        change.deps = deps;
        strict::changes(Change::from(change).raw_bytes()).map(|changes| changes.len())
    };
    assert!(follows(vec![first]).is_ok());
    assert!(follows(vec![first, first]).is_err_and(|fault| fault.message.contains("dependencies do not rise")));
}

#[test]
fn documents_in_memory_make_room_and_one_that_is_too_large_stays_out() {
    let (org, space, store) = (OrgId([7; 32]), SpaceId([9; 32]), Memory::default());
    let mut draft = Draft::new(&store);
    let mut shelf = Shelf::default();
    let text = "a".repeat(20_000);
    let mut fill = |shelf: &mut Shelf, number: u8, fields: usize| {
        let document = DocumentId([number; 32]);
        for field in 0..fields {
            let actor = Actor::draw(node(1), &mut Counter(number));
            let edit = BTreeMap::from([(format!("{field}/k"), Some(format!("{field}{}", &text[10..])))]);
            let made = shelf.edit(&draft, (&space, &org, &document), (&actor, Time(0)), &edit).expect("edits");
            let item = |change: &Vec<u8>| Item {
                entry: named(change),
                org,
                author: node(1),
                body: Body::Change(Packed::new(document, std::slice::from_ref(change)).expect("packs")),
            };
            let items: Vec<Item> = made.iter().map(item).collect();
            shelf.receive(&mut draft, &space, &items).expect("receives");
        }
    };
    for number in 0..12 {
        fill(&mut shelf, number, 40);
    }
    assert!(shelf.weight() <= limits::DOCUMENTS_BYTES && shelf.weight() > limits::DOCUMENTS_BYTES / 2);
    let before = shelf.count();
    fill(&mut shelf, 99, limits::DOCUMENTS_BYTES / 4 / 20_000 + 2);
    assert!(shelf.count() >= before - 3, "it did not throw all others out");
    let large = open(&draft, &space, &org, &DocumentId([99; 32])).expect("opens");
    assert!(large.weight() > limits::DOCUMENTS_BYTES / 4);
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
    let fields: BTreeMap<_, _> = shown(&fold([made.as_slice()])).into_iter().map(|(k, v)| (k, Some(v))).collect();
    assert_eq!(fields, many);
    for change in &made {
        let packed = Packed::new(DocumentId::ZERO, std::slice::from_ref(change)).expect("packs");
        assert!(packed.zstd.len() < limits::ENTRY_BYTES - 4096);
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
