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
    DueView {
        timer: Timer::Acknowledge,
        ours: false,
        since: Time(0),
        by: Time(1),
        overdue: true,
        what,
        next,
        phone,
        steps: Vec::new(),
        say: None,
    }
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
        // Another of a team: `other` is who sent it, and the one who was referred to is late.
        ThreadRow { recipient: Some("Ridge Clinic".to_owned()), ..of(None, late(None)) },
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
    assert_eq!(phones, [listing, organisation.clone(), organisation, number("606-555-0111"), None, None]);
}

/// An office with one listing of its own organisation.
async fn listed(home: &std::path::Path, fields: &[(&str, &str)]) -> (Office, OrgId) {
    let (driver, writer) = crate::usecases::tests::node(home).await;
    let own = driver.org();
    let fields = fields.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
    writer.add(&driver, "organization".to_owned(), fields).await.expect("is added");
    (Office::new(driver, writer, Arc::new(Notify::new()), None, Folder::at(home)), own)
}

#[tokio::test]
async fn where_an_organisation_is_reached_is_what_its_own_listings_say() {
    let home = tempfile::tempdir().unwrap();
    let fields =
        [("name", "Ridge Clinic"), ("phone.1.number", "606-555-0100"), ("address.1.address_1", "12 Ridge Road")];
    let (office, own) = listed(home.path(), &fields).await;
    assert_eq!(office.at(own).await.unwrap(), "12 Ridge Road, 606-555-0100");
    assert_eq!(office.at(OrgId([9; 32])).await.unwrap(), "", "nothing is made up");
    let mut ask = Print::new(Printed::Accounting { person: "nobody".into() }, None, crate::api::care::Shape::Text);
    office.reach(&mut ask).await.unwrap();
    assert_eq!(ask.reach.keys().collect::<Vec<_>>(), [&own], "ourselves alone, where nobody was told");
    let mut ask =
        Print::new(Printed::Card { person: "nobody".into(), visit: false }, None, crate::api::care::Shape::Text);
    office.reach(&mut ask).await.unwrap();
    assert_eq!(ask.office.telephone, "606-555-0100", "whom a card asks to call");
}

#[tokio::test]
async fn who_publishes_the_directory_of_others_is_reached_by_its_own_listing_and_never_by_one_of_theirs() {
    let home = tempfile::tempdir().unwrap();
    let (driver, writer) = crate::usecases::tests::node(home.path()).await;
    let own = driver.org();
    let list = async |kind: &str, fields: &[(&str, &str)]| {
        let fields = fields.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
        writer.add(&driver, kind.to_owned(), fields).await.expect("is added").id
    };
    let office = Office::new(driver.clone(), writer.clone(), Arc::new(Notify::new()), None, Folder::at(home.path()));
    for (name, number) in [("Agency of Examples", "650-555-0123"), ("Bay Kitchen", "650-555-0124")] {
        let of = [("name", name), ("phone.1.number", number), ("address.1.address_1", "123 El Camino Real")];
        list("organization", &of).await;
    }
    assert_eq!(office.at(own).await.unwrap(), "", "of two others neither is taken for us");
    assert_eq!(office.listed(own, None).await, None, "and nobody telephones them about a person");
    let itself = list("organization", &[("name", "Ridge Clinic"), ("phone.1.number", "606-555-0100")]).await;
    let id = itself.rsplit_once('/').unwrap().1;
    list("location", &[("name", "A place"), ("organization_id", id), ("address.1.address_1", "12 Ridge Road")]).await;
    assert_eq!(office.at(own).await.unwrap(), "12 Ridge Road, 606-555-0100", "the place is its location's");
}

#[test]
fn options_of_one_name_are_told_apart_by_who_offers_them_and_where() {
    let named = |id: &str, name: &str, by: &str, place: &str| ListingView {
        id: id.to_owned(),
        org: OrgId([1; 32]),
        organisation: "Ridge Clinic".to_owned(),
        kind: "service".to_owned(),
        name: name.to_owned(),
        offered_by: by.to_owned(),
        fields: [("address.1.city".to_owned(), place.to_owned())].into(),
        openings: None,
        kilometres: None,
    };
    let all = vec![
        named("1", "Meals", "Bay Kitchen", "San Mateo"),
        named("2", "Meals", "", ""),
        named("3", "Evening group", "Bay Kitchen", ""),
    ];
    let told: Vec<String> = outside::told_apart(all).into_iter().map(|(_, name)| name).collect();
    assert_eq!(told, ["Meals (service, Bay Kitchen, San Mateo)", "Meals (service, Ridge Clinic)", "Evening group"]);
}

#[tokio::test]
async fn who_has_to_be_telephoned_and_has_no_number_on_record_is_looked_up_unless_it_is_off_the_network() {
    let home = tempfile::tempdir().unwrap();
    let (office, own) = listed(home.path(), &[("name", "Ridge Clinic"), ("phone.1.number", "606-555-0100")]).await;
    let call = |off_network| CallView {
        id: belay_protocol::ids::CallId([1; 32]),
        to: own,
        to_name: "Ridge Clinic".to_owned(),
        off_network,
        name: "Zephyrine Quillfeather".into(),
        thread: None,
        says: "".into(),
        note: None,
        before: Vec::new(),
        whose: None,
        due: late(None),
    };
    let list =
        serde_json::to_value(CallsView { calls: vec![call(false), call(true)], done: Vec::new(), more: None }).unwrap();
    let shown: CallsView = serde_json::from_value(office.beside(Beside::PhonesOfCalls, list).await).unwrap();
    let phones = shown.calls.into_iter().map(|call| call.due.phone.map(|phone| phone.telephone));
    assert_eq!(phones.collect::<Vec<_>>(), [Some("606-555-0100".to_owned()), None]);
}

#[tokio::test]
async fn who_is_late_to_answer_an_inquiry_is_phoned_by_its_listing() {
    let home = tempfile::tempdir().unwrap();
    let (office, own) = listed(home.path(), &[("name", "Ridge Clinic"), ("phone.1.number", "606-555-0100")]).await;
    let asked = |due: DueView| InquiryView {
        other: own,
        off_network: false,
        direction: "outgoing".to_owned(),
        due: Some(due),
        ..crate::web::pages::inbox::sample_question()
    };
    let in_time = DueView { overdue: false, ..late(None) };
    let list = serde_json::to_value(InquiriesView { inquiries: vec![asked(late(None)), asked(in_time)] }).unwrap();
    let shown: InquiriesView = serde_json::from_value(office.beside(Beside::PhonesOfInquiries, list).await).unwrap();
    let phones = shown.inquiries.into_iter().map(|one| one.due.and_then(|due| due.phone).map(|phone| phone.telephone));
    assert_eq!(phones.collect::<Vec<_>>(), [Some("606-555-0100".to_owned()), None]);
}
