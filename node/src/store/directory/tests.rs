use super::*;
use crate::interchange;
use crate::store::Tx;
use belay_protocol::directory::{Existing, Kind, Listing, ListingId, Openings, Row, plan};
use belay_protocol::document::{Actor, Item, Shelf};
use belay_protocol::ids::{DocumentId, EntryHash, NodeId, OrgId, SpaceId};
use belay_protocol::random::Random;
use belay_protocol::store::Memory;
use belay_protocol::time::Time;
use rusqlite::Connection;
use std::io::{Write, stderr};

const SPACE: SpaceId = SpaceId([1; 32]);
const ORG: OrgId = OrgId([2; 32]);
const NODE: NodeId = NodeId([3; 32]);

struct Fixed;
impl Random for Fixed {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(5);
    }
}

fn database() -> Connection {
    let sql = Connection::open_in_memory().expect("opens");
    sql.execute_batch(include_str!("../../../migrations/0001_tables.sql")).expect("tables");
    sql.execute_batch(include_str!("../../../migrations/0002_directory.sql")).expect("directory");
    sql.execute_batch(include_str!("../../../migrations/0007_turn.sql")).expect("turns");
    sql
}

fn listing(n: u8, kind: Kind, name: &str, more: &[(&str, &str)]) -> Listing {
    let mut listing = Listing::new(ListingId([n; 16]), kind);
    listing.set("name", name);
    for (field, value) in more {
        listing.set(*field, *value);
    }
    listing
}

fn row(document: u8, listing: &Listing) -> Row {
    Row { org: ORG, document: DocumentId([document; 32]), id: listing.id, listing: Some(listing.clone()) }
}

fn text(id: u8) -> String {
    ListingId([id; 16]).to_string()
}

fn county() -> Vec<Listing> {
    vec![
        listing(1, Kind::Organization, "Harbor Recovery", &[]),
        listing(
            2,
            Kind::Location,
            "Main Street office",
            &[
                ("organization_id", &text(1)),
                ("latitude", "38.20"),
                ("longitude", "-84.20"),
                ("address.a.city", "Millbrook"),
                ("address.a.address_1", "12 Main Street"),
            ],
        ),
        listing(
            3,
            Kind::Service,
            "Detox for women",
            &[
                ("organization_id", &text(1)),
                ("at.x.location_id", &text(2)),
                ("service_kind.detox", "yes"),
                ("accepts.methadone", "no"),
                ("description", "Withdrawal management, beds"),
            ],
        ),
        listing(
            4,
            Kind::Service,
            "Clínica de buprenorfina",
            &[
                ("organization_id", &text(1)),
                ("at.x.location_id", &text(5)),
                ("service_kind.buprenorphine", "yes"),
                ("accepts.methadone", "case_by_case"),
            ],
        ),
        listing(
            5,
            Kind::Location,
            "Far office",
            &[
                ("organization_id", &text(1)),
                ("latitude", "39.20"),
                ("longitude", "-84.20"),
                ("address.a.city", "Northfield"),
            ],
        ),
        listing(6, Kind::Organization, "Unknown organization 77", &[("stub", "true")]),
    ]
}

fn filled() -> Connection {
    let sql = database();
    let all: Vec<Row> = county().iter().map(|listing| row(1, listing)).collect();
    rows(&sql, &SPACE, all).expect("applies");
    sql
}

fn ask(words: &str) -> Query {
    Query { words: words.into(), limit: 20, ..Query::default() }
}

fn found(sql: &Connection, query: &Query) -> Vec<u8> {
    search(sql, None, query).expect("searches").hits.iter().map(|hit| hit.listing.id.0[0]).collect()
}

#[test]
fn words_match_without_accents_by_beginning_and_in_name_place_and_text() {
    let sql = filled();
    assert_eq!(found(&sql, &ask("detox women")), [3]);
    assert_eq!(found(&sql, &ask("DETOX wom")), [3], "the last word may go on");
    assert_eq!(found(&sql, &ask("clinica")), [4]);
    assert_eq!(found(&sql, &ask("northfield")), [5, 4], "a service is found by the town of its location");
    assert_eq!(
        found(&sql, &Query { kind: Some(Kind::Service), ..ask("harbor recovery") }),
        [4, 3],
        "the shorter text counts more"
    );
    let some = search(&sql, None, &ask("withdrawal zebra")).expect("searches");
    assert_eq!((some.hits.len(), some.all_words), (1, false));
    assert!(found(&sql, &ask("unknown")).is_empty(), "stubs are not shown");
    assert_eq!(found(&sql, &Query { stubs: true, ..ask("unknown") }), [6]);
    let hit = &search(&sql, None, &ask("beds")).expect("searches").hits[0];
    assert_eq!(
        (hit.organization.as_str(), hit.location.as_ref().map(Listing::name)),
        ("Harbor Recovery", Some("Main Street office"))
    );
}

#[test]
fn who_types_a_brand_name_or_a_short_form_finds_what_it_is() {
    let sql = filled();
    for typed in ["suboxone", "Suboxone", "buprenorphine", "buprenorfina"] {
        assert_eq!(found(&sql, &ask(typed)), [4], "{typed}");
    }
    assert_eq!(found(&sql, &ask("detoxification women")), [3]);
    assert!(found(&sql, &ask("narcan")).is_empty());
}

#[test]
fn whatever_is_typed_is_no_syntax_error() {
    let sql = filled();
    let mut seed = 11_u32;
    let pieces = [
        "\"", "'", "-", "*", "^", "(", ")", ":", "NEAR", "AND", "OR", "NOT", "name:", "+", "{", "}", "é", "\u{0}",
        "detox", " ", "💊", "\\", ";--", "\u{301}",
    ];
    for _ in 0..500 {
        let mut typed = String::new();
        for _ in 0..8 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            typed.push_str(pieces[(seed >> 16) as usize % pieces.len()]);
        }
        let query = Query { facets: vec![typed.clone()], ..ask(&typed) };
        search(&sql, None, &query).expect("searches");
        search(&sql, None, &ask(&typed)).expect("searches");
    }
}

#[test]
fn facets_and_distance_narrow_and_order() {
    let sql = filled();
    let near = Some((38.2, -84.21));
    let by = |facet: &str| found(&sql, &Query { facets: vec![facet.into()], ..ask("") });
    assert_eq!(by("detox"), [3]);
    assert_eq!(by("accepts.methadone"), [4], "what says no is not met");
    assert_eq!(found(&sql, &Query { near, kind: Some(Kind::Service), ..ask("") }), [3, 4]);
    assert_eq!(found(&sql, &Query { near, within_km: Some(30.0), kind: Some(Kind::Service), ..ask("") }), [3]);
    assert_eq!(found(&sql, &Query { near: Some((39.2, -84.2)), kind: Some(Kind::Service), ..ask("harbor") }), [4, 3]);
    let hits = search(&sql, None, &Query { near, within_km: Some(200.0), ..ask("harbor") }).expect("searches").hits;
    assert!(hits.iter().all(|hit| hit.distance_km.is_some_and(|km| km < 200.0)));
    assert!((kilometres((38.2, -84.2), (39.2, -84.2)) - 111.2).abs() < 0.2);
    assert!(kilometres((0.0, 179.9), (0.0, -179.9)) < 25.0);
    assert!(search(&sql, None, &Query { near: Some((89.99, 179.99)), within_km: Some(50.0), ..ask("") }).is_ok());
}

#[test]
fn the_tables_are_the_same_whatever_order_the_rows_came_in() {
    let straight = filled();
    let backwards = database();
    for listing in county().iter().rev() {
        rows(&backwards, &SPACE, vec![row(1, listing)]).expect("applies");
    }
    assert_eq!(digest(&straight, &SPACE).expect("digest"), digest(&backwards, &SPACE).expect("digest"));
    for words in ["harbor", "northfield", "detox", "millbrook"] {
        assert_eq!(found(&straight, &ask(words)), found(&backwards, &ask(words)), "{words}");
    }
    let near = Query { near: Some((38.2, -84.2)), ..ask("") };
    assert_eq!(found(&straight, &near), found(&backwards, &near));
}

#[test]
fn a_renamed_organisation_and_a_moved_location_carry_their_services_along() {
    let sql = filled();
    let mut all = county();
    all[0].set("name", "Lakeside Recovery");
    all[4].set("latitude", "38.21");
    rows(&sql, &SPACE, vec![row(1, &all[0]), row(1, &all[4])]).expect("applies");
    assert!(found(&sql, &ask("harbor")).is_empty());
    assert!(found(&sql, &ask("lakeside")).contains(&3));
    let near = Query { near: Some((38.2, -84.2)), within_km: Some(10.0), kind: Some(Kind::Service), ..ask("") };
    assert_eq!(found(&sql, &near), [3, 4]);
}

#[test]
fn of_one_listing_in_two_documents_the_lower_is_shown_and_the_other_when_it_goes() {
    let sql = database();
    let (low, high) = (listing(9, Kind::Service, "Low", &[]), listing(9, Kind::Service, "High", &[]));
    rows(&sql, &SPACE, vec![row(7, &high)]).expect("applies");
    rows(&sql, &SPACE, vec![row(3, &low)]).expect("applies");
    assert_eq!((found(&sql, &ask("low")), found(&sql, &ask("high"))), (vec![9], vec![]));
    rows(&sql, &SPACE, vec![Row { listing: None, ..row(3, &low) }]).expect("applies");
    assert_eq!((found(&sql, &ask("low")), found(&sql, &ask("high"))), (vec![], vec![9]));
    rows(&sql, &SPACE, vec![Row { listing: None, ..row(7, &high) }]).expect("applies");
    for table in ["listing", "listing_fields", "listing_at", "listing_spot", "listing_facet"] {
        let left: i64 = sql.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("counts");
        assert_eq!(left, 0, "{table}");
    }
    assert!(found(&sql, &ask("high")).is_empty());
}

#[test]
fn the_newest_word_about_openings_is_shown() {
    let sql = filled();
    let id = ListingId([3; 16]);
    let say =
        |open, as_of| Openings { unit: "beds".into(), open, of: Some(8), as_of: Time(as_of), note: String::new() };
    openings(&sql, &SPACE, &ORG, &NODE, &id, &say(4, 100)).expect("keeps");
    openings(&sql, &SPACE, &ORG, &NodeId([4; 32]), &id, &say(1, 200)).expect("keeps");
    let shown = |sql: &Connection| get(sql, &id).expect("reads")[0].openings.as_ref().map(|o| o.open);
    assert_eq!(shown(&sql), Some(1));
    openings(&sql, &SPACE, &ORG, &NODE, &id, &say(0, 300)).expect("keeps");
    assert_eq!(shown(&sql), Some(0));
    forget_openings(&sql, &SPACE, &ORG, None).expect("forgets");
    assert_eq!(shown(&sql), None);
}

/// Imports a folder as a node does: plan, bodies, fold, project.
fn import(sql: &mut Connection, path: &std::path::Path) -> interchange::Import {
    let import = interchange::read(path).expect("reads");
    let plan = plan(&ORG, &Existing::default(), &import.incoming());
    let actor = Actor::draw(NODE, &mut Fixed);
    let mut shelf = Shelf::default();
    let bodies = plan.bodies((&mut shelf, &Memory::default()), &SPACE, &ORG, (&actor, Time(0))).expect("edits");
    let transaction = sql.transaction().expect("begins");
    let tx = Tx::new(&transaction);
    for body in bodies {
        let entry = EntryHash(belay_protocol::referral::attachment::digest(&body.encode()));
        receive(&tx, &mut shelf, &SPACE, &[Item { entry, org: ORG, author: NODE, body }]).expect("receives");
    }
    let existing = Existing::load(&tx, &SPACE, &ORG).expect("loads");
    assert!(
        belay_protocol::directory::plan(&ORG, &existing, &import.incoming()).edits.is_empty(),
        "again changes nothing"
    );
    transaction.commit().expect("commits");
    import
}

#[test]
fn illinois_legal_aid_is_found_by_search_whole_and_again_after_a_rebuild() {
    let shared = std::env::var_os("BELAY_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        std::path::PathBuf::from,
    );
    let path = shared.join("data/hsds-1.1-illinois-legal-aid/hsds");
    if !path.exists() {
        stderr().write_all(b"skipped: the shared data set is not at hand\n").unwrap();
        return;
    }
    let mut sql = database();
    let import = import(&mut sql, &path);
    let shown = count(&sql, &SPACE).expect("counts");
    assert_eq!((shown.services, shown.locations, shown.organizations), (429, 520, 33));
    for listing in import.listings.iter().filter(|l| matches!(l.kind, Kind::Service | Kind::Location)) {
        let query = Query { kind: Some(listing.kind), limit: 200, ..ask(listing.name()) };
        let hits = search(&sql, None, &query).expect("searches");
        assert!(hits.hits.iter().any(|hit| hit.listing.id == listing.id), "{}", listing.name());
        assert!(hits.all_words);
    }
    let before = digest(&sql, &SPACE).expect("digest");
    let transaction = sql.transaction().expect("begins");
    clear(&Tx::new(&transaction), &SPACE).expect("clears");
    assert_eq!(count(&transaction, &SPACE).expect("counts"), Shown::default());
    transaction.commit().expect("commits");
    self::import(&mut sql, &path);
    assert_eq!(digest(&sql, &SPACE).expect("digest"), before);
}

#[test]
fn a_count_that_ended_early_says_so_and_a_whole_one_does_not() {
    let sql = database();
    let many: Vec<Row> = (0..450_u32)
        .map(|n| {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            let mut listing = Listing::new(ListingId(id), Kind::Service);
            listing.set("name", format!("Rides {n}"));
            row(1, &listing)
        })
        .collect();
    rows(&sql, &SpaceId([7; 32]), many).unwrap();
    let of = |words: &str| search(&sql, None, &Query { words: words.into(), limit: 20, ..Query::default() }).unwrap();
    for words in ["rides", ""] {
        assert!(of(words).more && of(words).total < 450, "{words:?}");
    }
    let one = of("rides 449");
    assert_eq!((one.total, one.more), (1, false));
}

#[test]
fn what_shows_an_organisation_is_found_without_a_walk_over_all_listings() {
    let sql = database();
    let text = "EXPLAIN QUERY PLAN SELECT id FROM listing WHERE owner = ?1 AND organization = ?2 AND space = ?3";
    let plan: String = sql.query_row(text, [[0_u8; 32], [1; 32], [2; 32]], |row| row.get(3)).unwrap();
    assert!(plan.contains("organization=?"), "{plan}");
}

#[test]
fn a_transaction_writes_its_full_text_at_once_in_whatever_order_listings_come() {
    let sql = database();
    let transaction = sql.unchecked_transaction().expect("begins");
    let many: Vec<Row> = (1..24)
        .rev()
        .map(|n| row(1, &listing(n, Kind::Service, "Beds", &[("latitude", "38"), ("longitude", "-84")])))
        .collect();
    rows(&sql, &SPACE, many.clone()).expect("writes");
    transaction.commit().expect("commits");
    let segments = || -> i64 {
        // Rows of the index by segment; above 65,536 are marks of what was deleted from one.
        let count = "SELECT count(DISTINCT id >> 37) FROM listing_text_data WHERE id > 10 AND id >> 37 < 65536";
        sql.query_row(count, [], |found| found.get(0)).expect("counts")
    };
    assert_eq!(segments(), 1);
    let transaction = sql.unchecked_transaction().expect("begins");
    rows(&sql, &SPACE, many).expect("writes the same again, over what is there");
    transaction.commit().expect("commits");
    assert_eq!(segments(), 2);
}

#[test]
fn a_change_of_words_leaves_places_and_facets_as_they_are_and_a_move_does_not() {
    let sql = database();
    let spots = || -> Vec<(i64, f64)> {
        let mut all = sql.prepare("SELECT spot, latitude FROM listing_spot ORDER BY spot").expect("reads");
        let all = all.query_map([], |found| Ok((found.get(0)?, found.get(1)?))).expect("reads");
        all.collect::<rusqlite::Result<_>>().expect("reads")
    };
    let facets = || -> i64 {
        sql.query_row("SELECT count(*) FROM listing_facet WHERE says = 'yes'", [], |found| found.get(0))
            .expect("counts")
    };
    let at = |latitude: &str, more: &[(&str, &str)]| {
        let mut fields = vec![("latitude", latitude), ("longitude", "-84"), ("service_kind.detox", "yes")];
        fields.extend(more);
        vec![row(1, &listing(1, Kind::Location, "Main Street office", &fields))]
    };
    // A row above it, so that a new number would be another one.
    rows(&sql, &SPACE, at("38", &[])).expect("writes");
    rows(
        &sql,
        &SPACE,
        vec![row(1, &listing(2, Kind::Location, "Elsewhere", &[("latitude", "40"), ("longitude", "-84")]))],
    )
    .expect("writes");
    let before = spots();
    rows(&sql, &SPACE, at("38", &[("alert", "closed today")])).expect("writes");
    assert_eq!((spots(), facets()), (before, 1));
    let found = search(&sql, None, &Query { words: "closed".into(), limit: 5, ..Query::default() }).expect("searches");
    assert_eq!(found.hits.len(), 1);
    rows(&sql, &SPACE, at("39", &[("service_kind.detox", "no")])).expect("writes");
    assert_eq!((spots().iter().map(|spot| spot.1).collect::<Vec<_>>(), facets()), (vec![40.0, 39.0], 0));
}

#[test]
fn what_was_ranked_is_asked_again_only_after_a_change() {
    let (sql, ranked) = (filled(), Ranked::default());
    let query = ask("beds");
    let shown = |query: &Query| {
        let found = search(&sql, Some(&ranked), query).expect("searches");
        found.hits.iter().map(|hit| hit.listing.id.0[0]).collect::<Vec<u8>>()
    };
    let first = shown(&query);
    assert!(!first.is_empty() && first == found(&sql, &query));
    // Behind the back of all that tells of changes, the index is emptied: what was ranked still stands, and another question does not.
    let transaction = sql.unchecked_transaction().expect("begins");
    sql.execute("INSERT INTO listing_text (listing_text) VALUES ('delete-all')", []).expect("empties");
    assert_eq!(shown(&query), first);
    assert!(shown(&Query { offset: 1, ..query.clone() }).is_empty());
    transaction.rollback().expect("ends");
    let one = Openings { unit: "beds".into(), open: 1, of: None, as_of: Time(1), note: String::new() };
    for change in [
        &|| rows(&sql, &SPACE, vec![row(1, &listing(77, Kind::Service, "Beds and beds", &[]))]),
        &|| openings(&sql, &SPACE, &ORG, &NODE, &ListingId([77; 16]), &one),
        &|| forget_openings(&sql, &SPACE, &ORG, None),
        &|| clear(&Tx::new(&sql), &SPACE),
    ] as [&dyn Fn() -> belay_protocol::fault::Result<()>; 4]
    {
        let before = ranked::turn(&sql).expect("reads");
        change().expect("changes");
        assert!(ranked::turn(&sql).expect("reads") > before);
        assert_eq!(shown(&query), found(&sql, &query));
    }
    assert!(shown(&query).is_empty());
}

/// Parts of which the index of words consists.
fn parts(sql: &Connection) -> i64 {
    let count = "SELECT count(DISTINCT segid) FROM listing_text_idx";
    sql.query_row(count, [], |row| row.get(0)).expect("counts")
}

#[test]
fn parts_of_the_index_are_merged_by_steps_alone_and_all_is_found_before_and_after() {
    let sql = database();
    for migration in
        [include_str!("../../../migrations/0006_words.sql"), include_str!("../../../migrations/0010_merge.sql")]
    {
        sql.execute_batch(migration).expect("migrates");
    }
    let said = |n: u8| format!("word{n:02} {}", "and more of it ".repeat(usize::from(n)));
    let all: Vec<u8> = (1..=40).collect();
    for n in &all {
        let listing = listing(*n, Kind::Service, &format!("Service {n}"), &[("description", &said(*n))]);
        rows(&sql, &SPACE, vec![row(1, &listing)]).expect("applies");
    }
    assert_eq!(parts(&sql), 40, "a change waits for no merging");
    let finds = || {
        assert!(all.iter().all(|n| found(&sql, &ask(&format!("word{n:02}"))) == [*n]));
        let mut every = found(&sql, &Query { limit: 50, ..ask("more") });
        every.sort_unstable();
        assert_eq!(every, all);
    };
    finds();
    let steps = (0..100).take_while(|_| merge(&sql).expect("merges")).count();
    assert!((1..100).contains(&steps), "{steps} steps");
    assert!(parts(&sql) < 4, "{} parts are left", parts(&sql));
    finds();
    assert!(!merge(&sql).expect("merges"), "then there is nothing more to do");
}
