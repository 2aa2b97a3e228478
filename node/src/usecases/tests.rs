use super::desk::Desk;
use super::directory::Writer;
use super::{identity, named};
use crate::config::Folder;
use crate::driver::Driver;
use crate::ops::conditions::Conditions;
use crate::store::{Passphrase, Store};
use belay_protocol::keys::phrase::Phrase;
use belay_protocol::space::control::PartnerKind;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A node in no coalition.
pub async fn alone(home: &Path) -> (Driver, Arc<Writer>) {
    of_phrase(home, &Phrase::generate(&mut crate::system::System)).await
}

/// The same, whose phrase is known.
pub async fn of_phrase(home: &Path, phrase: &Phrase) -> (Driver, Arc<Writer>) {
    let folder = Folder::at(home);
    let passphrase = Passphrase::new(Zeroizing::new("a long enough one".into())).unwrap();
    identity::init(&folder, &passphrase, "Ridge Clinic", PartnerKind::Part2Program, phrase, false).unwrap();
    let store = Store::open(&folder, &passphrase).unwrap();
    let (writer, conditions) = (Arc::new(Writer::default()), Conditions::default());
    let desk = Desk::new(Arc::clone(&writer), conditions.clone());
    (Driver::start(store, Box::new(desk), &[], &[], conditions).await.unwrap(), writer)
}

/// A node in a coalition of its own.
pub async fn node(home: &Path) -> (Driver, Arc<Writer>) {
    let (driver, writer) = alone(home).await;
    driver
        .write(|step, _| {
            let card = identity::card(step.draft())?;
            step.found_coalition("county", card)
        })
        .await
        .unwrap();
    (driver, writer)
}

const ALL: [(&str, &str); 3] = [("aaaa1111", "Clinic"), ("aaaa2222", "Shelter"), ("bbbb3333", "Shelter")];

fn find(given: &str) -> Result<&'static str, String> {
    named(&ALL, given, |(id, name)| ((*id).into(), (*name).into()), "organisation", "belay org list")
        .map(|(id, _)| *id)
        .map_err(|f| f.message)
}

#[test]
fn a_thing_is_found_by_id_by_its_beginning_or_by_a_name_that_fits_only_one() {
    assert_eq!(find("aaaa2222").unwrap(), "aaaa2222");
    assert_eq!(find("BBBB").unwrap(), "bbbb3333");
    assert_eq!(find(" clinic ").unwrap(), "aaaa1111");
}

#[test]
fn what_fits_none_or_several_is_refused() {
    assert!(find("aaaa").unwrap_err().contains("more than one"));
    assert!(find("shelter").unwrap_err().contains("more than one"));
    assert!(find("bb").unwrap_err().contains("no organisation"));
    assert!(find("").unwrap_err().contains("no organisation"));
}
