use super::*;
use crate::config::Folder;
use crate::usecases::worklist::standing::{Side, tests::row};
use belay_protocol::referral::Place;
use belay_protocol::referral::due::Timer;
use belay_protocol::time::Time;
use std::sync::Arc;
use tokio::sync::Notify;

fn late(phone: Option<PhoneView>) -> DueView {
    let (what, next) = (String::new(), String::new());
    DueView { timer: Timer::Acknowledge, ours: false, since: Time(0), by: Time(1), overdue: true, what, next, phone }
}

#[tokio::test]
async fn who_is_late_and_has_no_number_is_phoned_by_the_listing_that_was_asked_for_else_by_the_organisation_s() {
    let home = tempfile::tempdir().unwrap();
    let (driver, writer) = crate::usecases::tests::node(home.path()).await;
    let own = driver.org();
    let mut ids = Vec::new();
    for (kind, name, number) in [
        ("organization", "Ridge Clinic", "606-555-0100"),
        ("service", "Evening group", "606-555-0199"),
        ("service", "Day group", ""),
    ] {
        let fields = [("name", name), ("phone.1.number", number)].into_iter();
        let fields = fields.filter(|(_, value)| !value.is_empty());
        let fields = fields.map(|(field, value)| (field.to_owned(), value.to_owned())).collect();
        ids.push(writer.add(&driver, kind.to_owned(), fields).await.expect("is added").id);
    }
    let office = Office::new(driver, writer, Arc::new(Notify::new()), None, Folder::at(home.path()));
    let of = |service: Option<&String>, due: DueView| ThreadRow {
        other: own,
        service: service.cloned(),
        due: vec![due],
        ..row(Side::Outgoing, Place::Sent)
    };
    let agreed = PhoneView { who: "front desk".to_owned(), telephone: "606-555-0111".to_owned() };
    let in_time = DueView { overdue: false, ..late(None) };
    let threads = vec![
        of(ids.get(1), late(None)),
        of(ids.get(2), late(None)),
        of(None, late(None)),
        of(ids.get(1), late(Some(agreed))),
        of(ids.get(1), in_time),
    ];
    let list = ThreadsView { threads, ..ThreadsView::default() };
    let shown = office.beside(Beside::PhonesOfList, serde_json::to_value(list).unwrap()).await;
    let shown: ThreadsView = serde_json::from_value(shown).unwrap();
    let phones: Vec<Option<String>> = shown
        .threads
        .into_iter()
        .map(|row| row.due.into_iter().next().unwrap().phone.map(|phone| phone.telephone))
        .collect();
    let number = |text: &str| Some(text.to_owned());
    let (listing, organisation) = (number("606-555-0199"), number("606-555-0100"));
    assert_eq!(phones, [listing, organisation.clone(), organisation, number("606-555-0111"), None]);
}
