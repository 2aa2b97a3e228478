//! Agreements on their page: forms to save, buttons for who may press them, and what is signed is what was read.

use super::fake::{Browser, THREAD};
use crate::api::Failure;
use crate::api::agreements::TieWord;
use crate::api::care::Care;
use crate::web::pages::agreements::sample;
use axum::http::{StatusCode, header};
use belay_protocol::agreement::NextStep;
use belay_protocol::referral::Information;

#[tokio::test]
async fn only_who_may_bind_the_house_finds_buttons_to_sign_and_to_end() {
    let (browser, _) = Browser::signed_in().await;
    let buttons = |text: &str| (text.contains("/sign\">"), text.contains("/end\">"), text.contains("/refer\">"));
    assert_eq!(buttons(&browser.get("/agreements").await.text), (true, true, true));
    browser.fake.0.lock().unwrap().navigator = true;
    let shown = browser.get("/agreements").await.text;
    assert_eq!(buttons(&shown), (false, false, true), "a navigator refers, and binds nobody");
    assert!(shown.contains("Ended by Haven House for Haven House on "), "who ended it stands there");
}

#[tokio::test]
async fn a_form_is_saved_under_a_name_of_ours_by_the_type_that_its_content_shows() {
    let (browser, _) = Browser::signed_in().await;
    let listed = browser.get("/agreements").await.text;
    assert!(listed.contains("/forms/0303") && listed.contains("\" download>Haven House</a>"), "{listed}");
    let types = [("07".repeat(32), "application/pdf", "pdf"), ("a7".repeat(32), "text/plain; charset=utf-8", "txt")];
    for (form, kind, end) in types {
        let answer = browser.get(&format!("/agreements/{THREAD}/forms/{form}")).await;
        assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::OK, kind));
        let name = format!("attachment; filename=\"form-{}.{end}\"", &form[..8]);
        assert_eq!(answer.header(header::CONTENT_DISPOSITION), name);
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    }
    let none = browser.get(&format!("/agreements/{THREAD}/forms/intake.pdf")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND, "named by its hash alone");
}

#[tokio::test]
async fn terms_that_changed_meanwhile_are_shown_and_have_to_be_attested_to_again() {
    let (browser, csrf) = Browser::signed_in().await;
    let path = format!("/agreements/{THREAD}/sign");
    let now = sample("Haven House").to_sign.expect("waits").to_string();
    browser.fake.0.lock().unwrap().refuse = Some(Failure::misuse("they were changed after they were shown to you"));
    let post =
        |terms: &str| format!("csrf={csrf}&terms={terms}&typed=Dora+Whitlock&office=medical+director&attest=yes");
    let attested = |text: &str| text.contains("name=\"attest\" value=\"yes\" checked");
    let stale = browser.post(&path, &post(&"a1".repeat(32))).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stale.text.contains("They were changed after they were shown to you"), "{}", stale.text);
    assert!(
        stale.text.contains(&format!("value=\"{now}\"")) && !stale.text.contains(&"a1".repeat(32)),
        "{}",
        stale.text
    );
    assert!(stale.text.contains("value=\"Dora Whitlock\"") && stale.text.contains("value=\"medical director\""));
    assert!(!attested(&stale.text), "what was attested to were other terms");
    let same = browser.post(&path, &post(&now)).await;
    assert!(attested(&same.text) && same.text.contains(&now), "another error takes nothing away: {}", same.text);
}

#[tokio::test]
async fn an_agreement_is_drafted_on_a_page_and_what_is_left_empty_stays_as_it_was() {
    let (browser, csrf) = Browser::signed_in().await;
    assert!(browser.get("/agreements").await.text.contains("href=\"/do/agreement\""));
    let with = "b2".repeat(32);
    let form = format!(
        "csrf={csrf}&with={with}&to_them.inclusion=adults%0D%0Awalk-in&to_them.needed=medication+list&to_them.acknowledge_hours=4&their.0.name=Ana&their.0.telephone=555-0101&until=2027-06-01"
    );
    let answer = browser.post("/do/agreement", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let acts = std::mem::take(&mut browser.fake.0.lock().unwrap().acts);
    let Some(Care::AgreementDraft(fields)) = acts.last() else { panic!("{acts:?}") };
    let them = fields.to_them.as_ref().expect("something was said");
    assert_eq!(them.inclusion, Some(vec!["adults".to_owned(), "walk-in".to_owned()]));
    assert_eq!((them.acknowledge_hours, them.appointment_hours), (Some(4), None));
    assert_eq!(them.needed.as_ref().map(|all| all[0].name.as_str()), Some("medication list"));
    assert_eq!((fields.with.as_str(), fields.until.as_deref()), (with.as_str(), Some("2027-06-01")));
    assert!(fields.to_us.is_none() && fields.our_contacts.is_none() && fields.note.is_none() && fields.tie.is_none());
    assert_eq!(fields.their_contacts.as_ref().map(|all| all[0].telephone.as_str()), Some("555-0101"));
}

#[tokio::test]
async fn a_page_drafts_ties_next_steps_urgent_hours_and_a_form_as_a_file() {
    let (browser, csrf) = Browser::signed_in().await;
    let with = "b2".repeat(32);
    let form = format!(
        "csrf={csrf}&with={with}&to_us.acknowledge_urgent_hours=1&to_them.late.0.deadline=acknowledge&to_them.late.0.step=phone&to_them.late.0.who=Front+desk&to_them.late.0.telephone=555-0100&tie.kind=service&tie.they_are_the_program=no&tie.services=drives+people&tie.information=referral&tie.information=identity&our.0.name=Ivo&our.0.telephone=555-0111&our.0.role=director&endless=yes"
    );
    let answer = browser.post("/do/agreement", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let last = || std::mem::take(&mut browser.fake.0.lock().unwrap().acts).pop();
    let Some(Care::AgreementDraft(fields)) = last() else { panic!("no draft") };
    let tie = fields.tie.as_ref().expect("a tie");
    assert_eq!((tie.kind, tie.they_are_the_program), (Some(TieWord::Service), Some(false)));
    assert_eq!(tie.information, Some(vec![Information::Referral, Information::Identity]));
    assert_eq!(fields.to_us.as_ref().and_then(|us| us.acknowledge_urgent_hours), Some(1));
    let late = fields.to_them.as_ref().and_then(|them| them.late.clone()).expect("what comes next");
    assert_eq!((late[0].step, late[0].who.as_str()), (NextStep::Phone, "Front desk"));
    let ours = fields.our_contacts.as_ref().expect("whom to phone here");
    assert!(ours[0].champion && ours[0].role == "director" && fields.until.as_deref() == Some(""));

    let path = format!("/agreements/{THREAD}/attach");
    let typed = [("csrf", csrf.as_str()), ("side", "them"), ("name", "intake form")];
    let none = browser.upload(&path, &typed, None).await;
    assert_ne!(none.status, StatusCode::SEE_OTHER, "no file");
    let answer = browser.upload(&path, &typed, Some(("intake.pdf", b"%PDF-1.7 form"))).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let Some(Care::AgreementDraft(fields)) = last() else { panic!("no draft") };
    let needed = fields.to_them.as_ref().and_then(|them| them.needed.clone()).expect("what must come along");
    let one = needed.last().expect("the form");
    assert_eq!((one.name.as_str(), one.form.as_deref()), ("intake form", Some("intake.pdf")));
    assert!(one.content.is_some() && needed.len() == 2 && needed[0].form.is_none(), "the others keep theirs");
}
