use super::*;
use belay_protocol::directory::{Kind, Listing};
use std::collections::BTreeMap;
use std::io::{Write, stderr};
use std::path::PathBuf;

mod cells;
mod odd;

/// The folder of real directories; `None`, said aloud, where it is not at hand.
pub(super) fn shared(name: &str) -> Option<PathBuf> {
    let from = std::env::var_os("BELAY_SHARED").map(PathBuf::from);
    let up = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let up = up.ancestors().skip(1).map(|folder| folder.join("shared")).find(|folder| folder.join("data").is_dir());
    let path = from.or(up)?.join("data").join(name);
    if path.exists() { Some(path) } else { None }
}

macro_rules! shared_or_skip {
    ($name:expr) => {
        match shared($name) {
            Some(path) => path,
            None => {
                stderr()
                    .write_all(concat!("skipped: the shared data set ", $name, " is not at hand\n").as_bytes())
                    .unwrap();
                return;
            }
        }
    };
}

/// Rows read by table.
fn rows(import: &Import) -> BTreeMap<&str, usize> {
    let mut rows = BTreeMap::new();
    for tally in &import.tables {
        *rows.entry(tally.table.as_str()).or_insert(0) += tally.read;
    }
    rows
}

fn of(import: &Import, kind: Kind) -> Vec<&Listing> {
    import.listings.iter().filter(|listing| listing.kind == kind).collect()
}

fn has_issue(import: &Import, file: &str, column: &str, words: &str) -> bool {
    import.issues.iter().any(|i| i.file == file && i.column == column && i.reason.contains(words))
}

#[test]
fn illinois_legal_aid_gives_429_services_and_520_locations_340_and_448_of_them_under_stubs() {
    let path = shared_or_skip!("hsds-1.1-illinois-legal-aid/hsds");
    let import = read(&path).expect("reads");
    let counts = import.counts();
    assert_eq!((counts.organizations, counts.services, counts.locations), (33, 429, 520));
    assert_eq!((counts.services_under_stubs, counts.locations_under_stubs), (340, 448));
    assert_eq!(import.format, "HSDS 1.1 CSV");
    let expected = [
        ("at", 520),
        ("eligibility", 520),
        ("location", 520),
        ("organization", 33),
        ("phone", 520),
        ("postal_address", 33),
        ("schedule", 2492),
        ("service", 429),
    ];
    assert_eq!(rows(&import), BTreeMap::from(expected));
    assert!(has_issue(&import, "datapackage.json", "path", "is not there"));
    assert!(has_issue(&import, "services.csv", "status", "taken as active"));
    assert!(has_issue(&import, "postal_addresses.csv", "address_1", "run into each other"));
    assert!(has_issue(&import, "service_at_location.csv", "service_id", "ids in one cell"));
    assert!(of(&import, Kind::Service).iter().all(|service| service.get("status") == "active"));
    assert!(of(&import, Kind::Service).iter().filter(|s| s.get("name") == "Lawyer Referral Service").count() > 10);
    let again = read(&path).expect("reads");
    assert_eq!(import, again, "the same file gives the same listings");
    let folder = read(path.parent().expect("has a parent")).expect("the folder above will do");
    assert_eq!(folder.counts().services, 429);
}

#[test]
fn san_mateo_in_ohana_columns_gives_the_counts_of_its_source() {
    let import = read(&shared_or_skip!("ohana-san-mateo")).expect("reads");
    let counts = import.counts();
    assert_eq!((counts.organizations, counts.locations, counts.services, counts.programs), (8, 22, 23, 1));
    let rows = rows(&import);
    for (table, count) in [
        ("address", 21),
        ("postal_address", 21),
        ("phone", 54),
        ("schedule", 11),
        ("holiday", 4),
        ("taxonomy_term", 290),
    ] {
        assert_eq!(rows[table], count, "{table}");
    }
    assert_eq!(import.format, "Ohana CSV");
    assert!(has_issue(&import, "phones.csv", "contact_id", "kept under a stub"), "contacts.csv is not there");
    assert!(has_issue(&import, "regular_schedules.csv", "closes_at", "before it opens"));
    let services = of(&import, Kind::Service);
    assert!(services.iter().all(|service| service.organization().is_some() && !service.locations().is_empty()));
    let coded = services.iter().find(|service| service.fields.values().any(|v| v == "105-08" || v == "108-05-01"));
    assert!(coded.is_some_and(|service| service.fields.keys().any(|k| k.ends_with(".term"))));
    let place = of(&import, Kind::Location).into_iter().find(|l| l.get("external_id") == "22").expect("there");
    assert!(place.schedules().iter().any(|s| s.days == "MO,TU,WE,TH,FR" && s.opens_at == "08:00"));
}

#[test]
fn the_official_examples_give_one_of_each_in_every_serialisation() {
    let folder = shared_or_skip!("hsds-3-examples");
    for version in ["3.0", "3.1-dev"] {
        let inside = |name: &str| folder.join(version).join(name);
        let csv = read(&inside("csv")).expect("CSV");
        let counts = csv.counts();
        assert_eq!(
            (counts.organizations, counts.services, counts.locations, counts.programs),
            (1, 1, 1, 1),
            "{version}"
        );
        for tally in &csv.tables {
            assert_eq!(tally.read, 1, "{version}/{}", tally.file);
        }
        let full = read(&inside("organization_full.json")).expect("organization_full");
        let counts = full.counts();
        assert_eq!(
            (counts.organizations, counts.services, counts.locations, counts.programs),
            (1, 1, 1, 1),
            "{version}"
        );
        for name in ["service_full.json", "service_at_location_full.json", "service_list.json", "tabular.json"] {
            let import = read(&inside(name)).expect(name);
            assert_eq!(import.counts().services, 1, "{version}/{name}");
        }
        assert_eq!(read(&inside("organization_list.json")).expect("list").counts().organizations, 1);
        assert_eq!(read(&inside("service_at_location_list.json")).expect("list").counts().locations, 1);
        assert_eq!(read(&inside("location.json")).expect("location").counts().locations, 1);
        let service = |import: &Import| of(import, Kind::Service)[0].clone();
        assert_eq!(service(&csv).id, service(&full).id, "ids stay as given");
        assert_eq!(service(&csv).name(), "Community Counselling");
        assert_eq!(service(&full).phones().len(), 1);
        assert_eq!(service(&full).schedules()[0].opens_at, "10:00");
        assert_eq!(service(&full).locations().len(), 1);
        assert!(read(&inside("taxonomy.json")).is_err());
    }
    assert_eq!(read(&folder.join("3.1-dev/csv")).expect("reads").format, "HSDS 3.1 CSV");
}

#[test]
fn the_kentucky_list_gives_69_services_with_what_they_offer() {
    let import = read(&shared_or_skip!("kentucky-sud-referral-list")).expect("reads");
    assert_eq!((import.counts().services, import.tables[0].read, import.tables[0].kept), (69, 69, 69));
    let services = of(&import, Kind::Service);
    let offering = |facet: &str| services.iter().filter(|service| service.get(facet) == "yes").count();
    assert_eq!((offering("service_kind.outpatient"), offering("service_kind.residential")), (45, 30));
    assert!(services.iter().all(|service| !service.phones().is_empty()));
    let file = "kentucky-substance-abuse-referral-list.csv";
    assert!(has_issue(&import, file, "v253", "leftover"));
    assert!(has_issue(&import, file, "Phone Number", "not the digits"));
}

#[test]
fn samhsas_lists_give_the_counts_of_their_source() {
    let folder = shared_or_skip!("samhsa-treatment-directory");
    for (name, count) in [
        ("meth-2015.csv", 1099),
        ("meth-2017.csv", 1090),
        ("otp-directory-2020.csv", 1831),
        ("substance-use-facilities-2020.csv", 14034),
    ] {
        let import = read(&folder.join(name)).expect(name);
        assert_eq!((import.counts().services, import.tables[0].kept), (count, count), "{name}");
        assert_eq!(import.counts().locations, count, "{name}");
        let places = of(&import, Kind::Location).iter().filter(|l| l.place().is_some()).count();
        assert!(places * 100 > count * 95, "{name}: {places} with coordinates");
        if name.starts_with("meth") {
            let coded = of(&import, Kind::Service);
            assert!(coded.iter().filter(|s| s.get("service_kind.methadone") == "yes").count() > count / 2, "{name}");
        }
        if name.starts_with("otp") {
            assert!(has_issue(&import, name, "", "Windows-1252"));
            assert!(has_issue(&import, name, "ID", "holds names"));
            assert!(import.listings.iter().any(|listing| listing.name().contains("Clínica")));
        }
    }
    let refused = read(&folder).expect_err("four lists").message;
    assert!(refused.contains("name it"), "{refused}");
}

#[test]
fn two_years_of_one_list_under_one_name_are_two_states_of_it() {
    let folder = shared_or_skip!("samhsa-treatment-directory");
    let ids = |name: &str| {
        let import = read_as(&folder.join(name), Some("methadone")).expect("reads");
        of(&import, Kind::Service).into_iter().map(|s| s.id).collect::<std::collections::BTreeSet<_>>()
    };
    let (before, after) = (ids("meth-2015.csv"), ids("meth-2017.csv"));
    assert!(before.intersection(&after).count() > 500);
}
