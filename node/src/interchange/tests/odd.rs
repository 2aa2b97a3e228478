//! Small invented packages with one fault each, and things that are no directory.

use super::{has_issue, of, shared};
use crate::interchange::{Import, Severity, read};
use belay_protocol::directory::Kind;
use std::path::Path;

fn package(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).expect("writes");
    }
    folder
}

fn refused(path: &Path) -> String {
    let message = read(path).expect_err("is no directory").message;
    assert!(!message.contains('\n'), "one line: {message}");
    message
}

const ORGS: &str = "id,name,description\n1,Harbor Recovery,Treatment\n";

#[test]
fn good_rows_are_kept_and_bad_rows_listed_with_line_and_reason() {
    let folder = package(&[
        ("organizations.csv", ORGS),
        (
            "services.csv",
            "\u{feff}id,organization_id,name,status,url\n1,1,Detox,active,example.org\n2,1,,active,\n1,1,Twice,active,\n3,9,Lost,open,\n,1,\"No\nid\",active,\n",
        ),
        ("phones.csv", "id,service_id,number\n,1,555-010-0001\n,77,555-010-0002\n,,555-010-0003\n,1,\n"),
        (
            "schedules.csv",
            "id,service_id,weekday,opens_at,closes_at\n,1,Monday,9am,5:00 PM\n,1,2,9:00,17:00\n,1,Wednesday,,\n,1,someday,9:00,17:00\n,1,Friday,whenever,\n",
        ),
    ]);
    let import = read(folder.path()).expect("reads");
    let counts = import.counts();
    assert_eq!((counts.organizations, counts.services, counts.services_under_stubs), (1, 3, 1));
    let dropped = |file: &str, row: usize| {
        import.issues.iter().any(|i| i.file == file && i.row == row && i.severity == Severity::Dropped)
    };
    assert!(dropped("services.csv", 3) && dropped("services.csv", 4), "no name; repeated id");
    assert!(dropped("phones.csv", 5) && dropped("schedules.csv", 5));
    assert!(has_issue(&import, "services.csv", "status", "no HSDS status"));
    assert!(has_issue(&import, "services.csv", "id", "no id"));
    assert!(has_issue(&import, "services.csv", "url", "no scheme"));
    assert!(has_issue(&import, "schedules.csv", "opens_at", "no time of day"));
    let detox = of(&import, Kind::Service).into_iter().find(|s| s.name() == "Detox").expect("kept");
    assert!(detox.schedules().iter().any(|s| (s.days, s.opens_at, s.closes_at) == ("MO,TU", "09:00", "17:00")));
    assert_eq!(detox.phones().len(), 1);
    assert_eq!(detox.get("external_id"), "1");
    let orphans = import.listings.iter().find(|l| l.is_stub() && l.name().contains("without a known parent"));
    assert_eq!(orphans.expect("a stub").phones().len(), 2, "rows of unknown parents are kept");
    let services = import.tables.iter().find(|t| t.file == "services.csv").expect("counted");
    assert_eq!((services.read, services.kept), (5, 3));
    let report = serde_json::to_value(import.report()).expect("is JSON");
    assert_eq!(report["counts"]["services"], 3);
    assert_eq!(serde_json::from_value::<Import>(serde_json::to_value(&import).expect("JSON")).expect("back"), import);
}

#[test]
fn a_shelter_from_violence_with_a_street_address_is_pointed_out() {
    let folder = package(&[
        ("organizations.csv", ORGS),
        (
            "services.csv",
            "id,organization_id,name,description,status\n1,1,Haven,Emergency shelter for survivors of domestic violence,active\n2,1,Soup,Food,active\n",
        ),
        (
            "locations.csv",
            "id,organization_id,name,latitude,longitude\n1,1,Haven house,38.1,-84.2\n2,1,Kitchen,99,999\n",
        ),
        ("service_at_location.csv", "id,service_id,location_id\n,1,1\n,2,2\n"),
        (
            "addresses.csv",
            "id,location_id,address_1,city,state_province,postal_code\n,1,12 Elm Street,Millbrook,CT,6511\n,2,9 Oak Street,Millbrook,CT,06511\n",
        ),
    ]);
    let import = read(folder.path()).expect("reads");
    let warned: Vec<_> = import.issues.iter().filter(|i| i.reason.contains("shelter from violence")).collect();
    assert_eq!(warned.len(), 1, "{warned:?}");
    assert_eq!((warned[0].file.as_str(), warned[0].row), ("locations.csv", 2));
    assert!(has_issue(&import, "addresses.csv", "postal_code", "leading zero"));
    assert!(has_issue(&import, "locations.csv", "latitude", "no place on the globe"));
}

#[test]
fn facets_come_from_terms_by_code_and_by_name() {
    let folder = package(&[
        ("organizations.csv", ORGS),
        ("services.csv", "id,organization_id,name,status\n1,1,Clinic,active\n"),
        ("taxonomy_terms.csv", "id,code,name\nt1,,Detox\nt2,accepts.buprenorphine,Takes people on buprenorphine\n"),
        ("attributes.csv", "id,link_id,taxonomy_term_id,value\n,1,t1,\n,1,t2,case by case\n"),
    ]);
    let import = read(folder.path()).expect("reads");
    let clinic = of(&import, Kind::Service)[0];
    assert_eq!((clinic.get("service_kind.detox"), clinic.get("accepts.buprenorphine")), ("yes", "case_by_case"));
}

#[test]
fn what_is_no_directory_is_one_clear_line() {
    let folder = package(&[
        ("task.json", r#"{"resourceType":"Task","id":"x"}"#),
        ("list.json", "[1,2,3]"),
        ("broken.json", "{\"id\": "),
        ("taxonomy.xml", "<?xml version=\"2.0\"?><a/>"),
        ("program.bin", "MZ\u{0}\u{1}\u{2}"),
        ("nothing.txt", ""),
        ("accounts.csv", "date,amount\n2026-01-01,5\n"),
    ]);
    let inside = |name: &str| refused(&folder.path().join(name));
    assert!(inside("task.json").contains("FHIR (Task)"));
    assert!(inside("list.json").contains("not HSDS"));
    assert!(inside("broken.json").contains("not JSON"));
    assert!(inside("taxonomy.xml").contains("XML"));
    assert!(inside("program.bin").contains("neither text"));
    assert!(inside("nothing.txt").contains("empty"));
    assert!(inside("accounts.csv").contains("date, amount"));
    assert!(inside("absent.csv").contains("no such file"));
    assert!(refused(tempfile::tempdir().expect("folder").path()).contains("no directory"));
    for name in [
        "fhir-bser-examples/task-referral-task.json",
        "open-eligibility-taxonomy/taxonomy.xml",
        "open-eligibility-taxonomy/oe.json",
    ] {
        if let Some(path) = shared(name) {
            drop(refused(&path));
        }
    }
}

#[test]
fn garbled_csv_and_json_never_panic() {
    let pieces = [
        "id,name\n",
        "\"",
        "\u{0}",
        "1,2,3\n",
        "é\u{fffd}",
        "{\"id\":",
        "[",
        "\"contents\":[{}]",
        ",,,,\n",
        "\r",
        "(9",
        "x5",
        "://",
    ];
    let mut seed = 7_u32;
    for round in 0..200 {
        let mut content = if round % 2 == 0 { "id,name,phone,url\n".to_owned() } else { "{".to_owned() };
        for _ in 0..12 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            content.push_str(pieces[(seed >> 16) as usize % pieces.len()]);
        }
        let folder = package(&[("services.csv", &content), ("x.json", &content)]);
        drop(read(folder.path()));
        drop(read(&folder.path().join("x.json")));
    }
}

#[test]
fn the_built_in_county_reads_without_an_issue_and_says_who_takes_people_on_medication() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/demo/data");
    let mut listings = Vec::new();
    for name in ["clinic", "emergency", "peers", "reentry", "shelter"] {
        let import = read(&folder.join(name).with_extension("json")).expect("reads");
        assert_eq!(import.issues, [], "{name}");
        listings.extend(import.listings);
    }
    assert_eq!(listings.len(), 30);
    let services = listings.iter().filter(|l| l.kind == Kind::Service).collect::<Vec<_>>();
    for service in &services {
        assert!(
            service.facets().iter().any(|f| f.group == "service_kind" || f.group == "offers"),
            "{}",
            service.name()
        );
        assert!(!service.locations().is_empty(), "{}", service.name());
    }
    let says = |name: &str, facet: &str| {
        services.iter().find(|s| s.name() == name).map(|s| s.get(facet).to_owned()).unwrap_or_default()
    };
    assert_eq!(says("Recovery house on Oak Street", "accepts.methadone"), "case_by_case");
    assert_eq!(says("Office-based buprenorphine", "accepts.methadone"), "no");
    assert!(listings.iter().any(|l| !l.children("capacity").is_empty()));
    assert!(listings.iter().filter(|l| l.kind == Kind::Location).all(|l| l.place().is_some()));
}

#[test]
fn files_that_were_built_to_fill_memory_are_refused_or_cut_before_they_do() {
    use crate::interchange::source::{self, Source};
    use belay_protocol::limits;
    let folder = package(&[
        ("deep.json", &"[{\"services\":".repeat(100_000)),
        ("many.json", &format!("[{}0]", "0,".repeat(limits::IMPORT_VALUES))),
        ("wide.csv", &"name,".repeat(limits::IMPORT_COLUMNS + 1)),
    ]);
    let at = |name: &str| folder.path().join(name);
    assert!(refused(&at("deep.json")).contains("not JSON"), "deeper than any directory, and than any stack");
    assert!(refused(&at("many.json")).contains("values"));
    assert!(refused(&at("wide.csv")).contains("columns"));
    assert!(refused(Path::new("/dev/zero")).contains("this is no file"), "it never ends");

    // A name that would be kept once a cell is cut; an id that would be kept once a row is refused.
    let long = "x".repeat(100_000);
    let folder = package(&[
        ("sheet.csv", &format!("name,{long}\n{}", "Harbor,1\n".repeat(50))),
        (
            "ids.json",
            &format!(
                r#"[{{"id":"{long}","name":"Lost","status":"active"}},{{"id":"1","name":"Harbor","status":"active"}}]"#
            ),
        ),
    ]);
    let Ok(Source::Sheet(sheet)) = source::open(&folder.path().join("sheet.csv")) else { panic!("a spreadsheet") };
    assert!(sheet.table.header.iter().all(|name| name.chars().count() <= limits::IMPORT_NAME_CHARS));
    let kept: usize =
        sheet.table.records.iter().flat_map(|r| &r.cells).map(|(name, cell)| name.len() + cell.len()).sum();
    assert!(kept < 50 * 300, "{kept} bytes of cells");
    let import = read(&folder.path().join("ids.json")).expect("reads");
    assert!(has_issue(&import, "ids.json", "id", "more than 256 characters"));
    assert_eq!(of(&import, Kind::Service).len(), 1);
}

#[test]
fn rows_and_cells_above_the_bound_are_counted_out_and_said() {
    use belay_protocol::limits;
    let mut sheet = String::from("name,city\n");
    for row in 0..limits::IMPORT_ROWS + 5 {
        sheet.push_str(if row % 2 == 0 { "a,b\n" } else { "c,d\n" });
    }
    let folder = package(&[("sheet.csv", &sheet)]);
    let Ok(crate::interchange::source::Source::Sheet(sheet)) =
        crate::interchange::source::open(&folder.path().join("sheet.csv"))
    else {
        panic!("a spreadsheet")
    };
    assert_eq!(sheet.table.records.len(), limits::IMPORT_ROWS);
    assert!(sheet.table.records.iter().map(|r| r.cells.len()).sum::<usize>() <= limits::IMPORT_VALUES);
}
