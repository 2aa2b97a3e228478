use super::*;
use crate::document::{Actor, Changed, Difference, Item, Shelf};
use crate::ids::{DocumentId, EntryHash, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::random::Random;
use crate::store::{Draft, Memory};
use crate::time::Time;
use proptest::prelude::*;
use std::collections::BTreeMap;

struct Fixed;
impl Random for Fixed {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(3);
    }
}

const ORG: OrgId = OrgId([1; 32]);

fn listing(n: u8, name: &str) -> Listing {
    let mut listing = Listing::new(ListingId([n; 16]), Kind::Service);
    listing.set("name", name);
    listing.set("phone.aa.number", format!("555-01{n:02}"));
    listing
}

fn incoming(count: u8) -> Incoming {
    Incoming { set: "county".into(), listings: (0..count).map(|n| listing(n, &format!("Service {n}"))).collect() }
}

/// Writes a plan as a node does, and reads the organisation's listings back from the store.
fn write(memory: &mut Memory, plan: &Plan) -> Existing {
    let space = SpaceId([2; 32]);
    let actor = Actor::draw(NodeId([9; 32]), &mut Fixed);
    let mut draft = Draft::new(memory);
    let mut shelf = Shelf::default();
    for body in plan.bodies((&mut shelf, &draft), &space, &ORG, (&actor, Time(0))).expect("edits") {
        let entry = EntryHash(crate::keys::digest::sha256(b"", &[&body.encode()]));
        let items = [Item { entry, org: ORG, author: NodeId([9; 32]), body }];
        let changed = shelf.receive(&mut draft, &space, &items).expect("receives");
        assert!(changed.into_iter().all(|changed| !rows(changed).is_empty()));
    }
    let existing = Existing::load(&draft, &space, &ORG).expect("loads");
    let writes = draft.into_writes();
    memory.commit(writes);
    existing
}

#[test]
fn an_import_fills_documents_of_64_and_the_same_import_again_changes_nothing() {
    let mut memory = Memory::default();
    let incoming = incoming(150);
    let first = plan(&ORG, &Existing::default(), &incoming);
    assert_eq!((first.added, first.edits.len()), (150, 3));
    let existing = write(&mut memory, &first);
    assert_eq!(existing.len(), 150);
    assert!(existing.documents.values().all(|listings| listings.len() <= limits::LISTINGS_PER_DOCUMENT));
    let again = plan(&ORG, &existing, &incoming);
    assert_eq!((again.unchanged, again.edits.len()), (150, 0));
}

#[test]
fn an_edit_by_staff_is_the_same_whether_all_documents_are_read_or_only_those_that_it_needs() {
    let mut memory = Memory::default();
    let (space, own) = (SpaceId([2; 32]), Incoming { set: "own".into(), listings: vec![listing(250, "of staff")] });
    write(&mut memory, &plan(&ORG, &Existing::default(), &incoming(150)));
    let all = write(&mut memory, &plan(&ORG, &Existing::default(), &own));
    let set = Existing::of_set(&memory, &space, &ORG, "own").expect("loads");
    assert_eq!((set.documents.len(), set.len()), (1, 1));
    let new = listing(251, "new");
    assert_eq!(plan::edit(&ORG, &set, "own", &new), plan::edit(&ORG, &all, "own", &new));
    let changed = listing(100, "changed");
    let (document, _) = all.find(&changed.id).expect("is there");
    let one = Existing::of(&memory, &space, &ORG, [document]).expect("loads");
    assert_eq!(one.documents.len(), 1);
    assert_eq!(plan::edit(&ORG, &one, "own", &changed), plan::edit(&ORG, &all, "own", &changed));
}

#[test]
fn a_changed_row_changes_its_fields_only_and_new_rows_take_the_room_that_is_left() {
    let mut memory = Memory::default();
    let existing = write(&mut memory, &plan(&ORG, &Existing::default(), &incoming(70)));
    let mut next = incoming(80);
    next.listings[5].set("phone.aa.number", "");
    next.listings[5].set("name", "Renamed");
    let plan = plan(&ORG, &existing, &next);
    assert_eq!((plan.added, plan.changed, plan.unchanged), (10, 1, 69));
    assert_eq!(plan.edits.len(), 2, "one document changes, one is filled up");
    let after = write(&mut memory, &plan);
    let (_, renamed) = after.find(&ListingId([5; 16])).expect("there");
    assert_eq!((renamed.name(), renamed.phones().len()), ("Renamed", 0));
    assert_eq!(after.documents.len(), 2);
}

#[test]
fn what_staff_changed_survives_the_next_import() {
    let mut memory = Memory::default();
    let existing = write(&mut memory, &plan(&ORG, &Existing::default(), &incoming(3)));
    let mut edited = existing.find(&ListingId([1; 16])).expect("there").1.clone();
    edited.set("name", "As staff know it");
    let existing = write(&mut memory, &plan::edit(&ORG, &existing, "own", &edited));
    assert!(plan(&ORG, &existing, &incoming(3)).edits.is_empty(), "the same file again changes nothing");
    let mut next = incoming(3);
    next.listings[1].set("name", "Service 1, renamed by the file");
    next.listings[1].set("email", "new@example.org");
    let merged = plan(&ORG, &existing, &next);
    assert_eq!(merged.kept_edits, 1);
    let existing = write(&mut memory, &merged);
    let listing = existing.find(&ListingId([1; 16])).expect("there").1;
    assert_eq!((listing.name(), listing.get("email")), ("As staff know it", "new@example.org"));
}

#[test]
fn two_nodes_that_import_the_same_file_apart_write_the_same_documents() {
    let incoming = incoming(100);
    let plans = [plan(&ORG, &Existing::default(), &incoming), plan(&ORG, &Existing::default(), &incoming)];
    assert_eq!(plans[0], plans[1]);
    let other = plan(&OrgId([2; 32]), &Existing::default(), &incoming);
    assert!(plans[0].edits.keys().all(|document| !other.edits.contains_key(document)));
}

#[test]
fn a_removed_listing_is_gone_and_absent_ones_are_counted_and_kept() {
    let mut memory = Memory::default();
    let existing = write(&mut memory, &plan(&ORG, &Existing::default(), &incoming(10)));
    assert_eq!(plan(&ORG, &existing, &incoming(8)).absent, 2);
    let after = write(&mut memory, &plan::remove(&existing, &ListingId([4; 16])));
    assert_eq!(after.len(), 9);
    assert!(after.find(&ListingId([4; 16])).is_none());
}

#[test]
fn keys_that_are_no_fields_of_a_listing_are_passed_over() {
    let id = ListingId([0xab; 16]);
    let keys = [
        (format!("{id}/kind"), "service"),
        (format!("{id}/name"), "Clinic"),
        (format!("{}/name", id.to_string().to_uppercase()), "shadow"),
        ("no-uuid/name".into(), "x"),
        (format!("{}/name", ListingId([1; 16])), "without a kind"),
        ("loose".into(), "x"),
    ];
    let fields = keys.into_iter().map(|(key, value)| (key, value.to_owned())).collect::<BTreeMap<_, _>>();
    let found = listings(&fields);
    assert_eq!(found.len(), 1);
    assert_eq!(found[&id].name(), "Clinic");
}

#[test]
fn ids_are_read_in_their_two_usual_forms_only() {
    let id = ListingId([0x3a; 16]);
    assert_eq!(id.to_string().parse(), Ok(id));
    assert_eq!(id.to_string().replace('-', "").parse(), Ok(id));
    for wrong in ["", "3a", "3a3a-3a3a3a3a3a3a3a3a3a3a3a3a3a3a", "organisation 7"] {
        assert!(wrong.parse::<ListingId>().is_err(), "{wrong}");
    }
}

#[test]
fn openings_come_back_from_their_register() {
    let openings = Openings { unit: "beds".into(), open: 3, of: Some(12), as_of: Time(7), note: "women only".into() };
    let bytes = openings.encode().expect("encodes");
    assert_eq!(Openings::decode(&bytes).expect("decodes"), openings);
    let id = ListingId([5; 16]);
    let name = Openings::register(&id);
    assert!(name.len() <= limits::REGISTER_NAME);
    assert_eq!(Openings::listing(&name), Some(id));
    assert!(Openings { note: "x".repeat(5_000), ..openings }.encode().is_err());
}

#[test]
fn children_are_read_by_row() {
    let mut listing = Listing::new(ListingId([1; 16]), Kind::Location);
    listing.set("phone.b.number", "2");
    listing.set("phone.a.number", "1");
    listing.set("phone.a.extension", "9");
    listing.set("phones", "not a row");
    listing.set("accepts.buprenorphine", "yes");
    let phones = listing.phones();
    assert_eq!(phones.iter().map(|p| (p.number, p.extension)).collect::<Vec<_>>(), [("1", "9"), ("2", "")]);
    assert_eq!(listing.facets().len(), 1);
}

/// Fields of few listings, some under keys that are none.
fn fields() -> impl Strategy<Value = BTreeMap<String, String>> {
    let one = ListingId([0xab; 16]).to_string();
    let owners =
        vec![one.clone(), ListingId([1; 16]).to_string(), one.to_uppercase(), one.replace('-', ""), "none".into()];
    let key = (prop::sample::select(owners), prop::sample::select(vec!["/kind", "/name", "/url", "/", ""]));
    let value = prop::sample::select(vec!["service", "location", "", "Beds"]).prop_map(str::to_owned);
    prop::collection::btree_map(key.prop_map(|(owner, field)| owner + field), value, 0..12)
}

proptest! {
    #[test]
    fn rows_are_the_listings_that_differ(before in fields(), after in fields()) {
        let (was, is) = (listings(&before), listings(&after));
        let mut differ: BTreeMap<ListingId, Option<Listing>> = was.keys().map(|id| (*id, None)).collect();
        differ.extend(is.iter().map(|(id, listing)| (*id, Some(listing.clone()))));
        differ.retain(|id, _| was.get(id) != is.get(id));
        let (space, document) = (SpaceId([2; 32]), DocumentId([3; 32]));
        let mut groups: BTreeMap<String, Difference> = BTreeMap::new();
        let split = |key: String| key.find('/').map_or((key.clone(), String::new()), |at| (key[..=at].into(), key[at + 1..].into()));
        for (key, text) in before {
            let (group, field) = split(key);
            groups.entry(group).or_default().before.insert(field, text);
        }
        for (key, text) in after {
            let (group, field) = split(key);
            groups.entry(group).or_default().after.insert(field, text);
        }
        let found = rows(Changed { space, org: ORG, document, groups });
        prop_assert_eq!(found.into_iter().map(|row| (row.id, row.listing)).collect::<BTreeMap<_, _>>(), differ);
    }
}

#[test]
fn a_document_that_was_filled_goes_on_in_another_with_all_that_it_holds() {
    let mut memory = Memory::default();
    let heavy = |n: u8| {
        let mut listing = listing(n, &format!("Service {n}"));
        (0..46).for_each(|field| listing.set(format!("note.{field}.text"), "t".repeat(limits::FIELD_CHARS)));
        listing
    };
    let incoming = Incoming { set: "county".into(), listings: (0..5).map(heavy).collect() };
    let first = plan(&ORG, &Existing::default(), &incoming);
    let filled = *first.edits.keys().next().expect("one document");
    let existing = write(&mut memory, &first);
    assert!(existing.filled.contains(&filled) && existing.documents[&filled].len() == 5);
    let mut target = heavy(3);
    target.set("name", "Another name");
    let existing = write(&mut memory, &plan::edit(&ORG, &existing, "county", &target));
    assert!(existing.documents[&filled].is_empty());
    let (holds, shown) = existing.find(&target.id).expect("it is there");
    assert!(holds != filled && shown.name() == "Another name");
    assert_eq!((existing.len(), existing.documents[&holds].len()), (5, 5));
    // A new listing goes into neither: the one is filled, and the other is no document of the set.
    let new = Incoming { set: "county".into(), listings: vec![listing(9, "New")] };
    let next = plan(&ORG, &existing, &new);
    assert!(next.edits.keys().all(|document| *document != filled && *document != holds));
    // The import that stands there already finds it where it is.
    let again = plan(&ORG, &existing, &incoming);
    assert_eq!((again.added, again.unchanged), (0, 5));
}

#[test]
fn fields_with_characters_that_a_terminal_obeys_are_passed_over_but_for_line_ends_and_tabs() {
    let id = ListingId([7; 16]);
    let key = |field: &str| format!("{id}/{field}");
    let fields = [
        ("kind", "service"),
        ("name", "A"),
        ("description", "two\nlines\tand more"),
        ("alert", "\u{1b}[2J"),
        ("no\u{7}te", "b"),
    ];
    let fields = fields.map(|(field, text)| (key(field), text.to_owned())).into();
    let shown = listings(&fields).remove(&id).expect("a listing");
    let names: Vec<&str> = shown.fields.keys().map(String::as_str).collect();
    assert_eq!(names, ["description", "name"]);
}
