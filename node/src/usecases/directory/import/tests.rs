use super::*;
use crate::api::request::Search;
use crate::usecases::directory::{names, search};
use belay_protocol::directory::{Kind, Listing, ListingId};
use belay_protocol::ids::DocumentId;
use belay_protocol::keys::digest::sha256;
use std::path::Path;

fn sheet(home: &Path, name: &str) -> String {
    let path = home.join("services.csv");
    std::fs::write(&path, format!("name,description,phone\n{name},Every Tuesday,606-555-0100\n")).expect("is written");
    path.to_string_lossy().into_owned()
}

/// A listing with one text that fits no entry: no import reads one such, and none is written.
fn too_large() -> Part {
    let digest = |n: u32| data_encoding::HEXLOWER.encode(&sha256(b"noise", &[&n.to_be_bytes()]));
    let mut listing = Listing::new(ListingId::from_random([7; 16]), Kind::Service);
    listing.set("name", "Noise");
    listing.set("description", (0..16_000).map(digest).collect::<String>());
    Part { document: DocumentId([9; 32]), listings: vec![listing] }
}

async fn found(driver: &Driver, words: &str) -> u64 {
    let names = driver.query(|engine, store| names(engine, store)).await.expect("names");
    let ask = Search { words: words.to_owned(), limit: 10, ..Search::default() };
    driver.read(move |reader| search(reader, &names, &ask)).await.expect("is searched").total
}

#[tokio::test]
async fn a_document_that_is_refused_keeps_the_others_from_nothing_and_a_condition_says_so_until_the_next_import() {
    let home = tempfile::tempdir().expect("a folder");
    let (driver, writer) = crate::usecases::tests::node(home.path()).await;
    let path = sheet(home.path(), "Evening group");
    let import = Arc::new(interchange::read(Path::new(&path)).expect("is read"));
    let plan = stage(&driver, &import).await.expect("is staged");
    assert!(plan.added > 0 && found(&driver, "evening").await == 0, "nothing is written yet");
    let part = too_large().encode().expect("is packed");
    driver
        .write(move |step, _| -> Outcome<()> {
            let space = roster(step)?.coalition;
            step.draft().put(Table::Own, [STAGED, &u32::MAX.to_be_bytes()].concat(), codec::encode(&(space, part)));
            Ok(())
        })
        .await
        .expect("is written");
    let why = writer.finish(&driver).await.expect_err("one of them is none").message;
    assert!(why.starts_with("1 of ") && why.contains("the others are written"), "{why}");
    assert!(found(&driver, "evening").await > 0, "the others are");
    let said = |driver: &Driver| -> Vec<&'static str> {
        driver.conditions().all().into_iter().map(|condition| condition.code).collect()
    };
    assert!(said(&driver).contains(&conditions::IMPORT_REFUSED), "{:?}", said(&driver));
    assert!(!said(&driver).contains(&conditions::IMPORT), "it is over");
    writer.finish(&driver).await.expect("what was refused is not tried again");
    assert!(said(&driver).contains(&conditions::IMPORT_REFUSED), "and stays refused");
    writer.import(&driver, sheet(home.path(), "Day group")).await.expect("is imported");
    assert!(found(&driver, "day").await > 0);
    assert!(!said(&driver).contains(&conditions::IMPORT_REFUSED), "until the next import");
}
