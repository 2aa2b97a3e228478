//! What is on record of a person is corrected, and what was put on record by mistake is told from all else.

use super::fake::{Browser, THREAD};
use crate::api::Failure;
use crate::api::care::{Care, DisclosureView};
use axum::http::StatusCode;
use belay_protocol::disclosure::Stage;
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId};
use belay_protocol::referral::Information;

/// Put on record by hand, at this hour here, by this clause.
pub fn by_hand((hour, clause): (u8, &str)) -> DisclosureView {
    let at = crate::system::begin(&format!("2026-11-20T{hour:02}:00")).unwrap();
    DisclosureView {
        record: EntryHash([hour; 32]),
        by_hand: true,
        at,
        recorded: at,
        person: PersonId(THREAD.0),
        to: OrgId([9; 32]),
        recipient: "County Hospital".to_owned(),
        address: None,
        name: Some("Maria Lopez".into()),
        unlinked: None,
        with_consent: false,
        information: Information::Medication,
        what: "takes methadone".into(),
        purpose: "emergency".to_owned(),
        consent: ConsentId::ZERO,
        version: 0,
        staff: "Dora Whitlock".into(),
        entry: EntryHash([hour; 32]),
        clause: clause.to_owned(),
        stage: Stage::Told,
        printed: false,
        facts: None,
        law: None,
        withheld: None,
    }
}

#[tokio::test]
async fn a_correction_that_somebody_else_was_faster_than_shows_what_stands_now_and_keeps_what_was_typed() {
    let (browser, csrf) = Browser::signed_in().await;
    let path = format!("/persons/{THREAD}/correct");
    let page = browser.get(&path).await.text;
    let shown = page.split("name=\"shown\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a mark");
    assert!(shown.len() == 64 && !page.contains("What stands on record now"), "{shown}");
    let form = |shown: &str| format!("csrf={csrf}&shown={shown}&name=Maria+Prado");
    browser.fake.0.lock().unwrap().refuse = Some(Failure::misuse("corrected meanwhile"));
    let answer = browser.post(&path, &form(&"11".repeat(32))).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    assert!(answer.text.contains("What stands on record now") && answer.text.contains("Name: Maria Lopez"));
    assert!(answer.text.contains("value=\"Maria Prado\""), "what was typed");
    assert!(answer.text.contains(&format!("name=\"shown\" value=\"{shown}\"")), "and what was seen now");
    // Refused for another reason it is the form alone.
    assert!(!browser.post(&path, &form(shown)).await.text.contains("What stands on record now"));
    browser.fake.0.lock().unwrap().refuse = None;
    assert_eq!(browser.post(&path, &form(shown)).await.status, StatusCode::SEE_OTHER);
    let acts = std::mem::take(&mut browser.fake.0.lock().unwrap().acts);
    let [Care::PersonEdit(edit)] = acts.as_slice() else { panic!("{acts:?}") };
    assert_eq!(edit.shown.as_deref(), Some(shown));
}

#[tokio::test]
async fn what_was_put_on_record_by_hand_on_one_day_is_told_apart_by_time_and_clause() {
    let (browser, _) = Browser::signed_in().await;
    let page = browser.get(&format!("/persons/{THREAD}/strike")).await.text;
    for line in [
        "08:00, County Hospital: takes methadone (42 CFR 2.51)",
        "10:00, County Hospital: takes methadone (42 CFR 2.64)",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
}
