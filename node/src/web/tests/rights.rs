//! What only some may do: they find the button, and everybody else one line that says who can.

use super::fake::{Browser, THREAD};
use axum::http::StatusCode;

const EMERGENCY: &str = "For the privacy officer (Ben Ott): to look into an opening, and to lift a hold.";

/// Page, the address that only some find there, and what the others read.
fn rows() -> [(String, String, &'static str); 7] {
    let (person, consent) = (format!("/persons/{THREAD}"), format!("/consents/{THREAD}"));
    [
        (
            person.clone(),
            format!("{person}/withhold"),
            "For the privacy officer (Ben Ott): Leave out of the accounting",
        ),
        (
            "/inbox".to_owned(),
            "/do/looks".to_owned(),
            "For the privacy officer (Ben Ott): An accounting is whole again",
        ),
        ("/inbox".to_owned(), "/do/release".to_owned(), "before its time; Who looked at what; Is the record"),
        ("/inbox".to_owned(), "/do/report".to_owned(), "For the administrator or the privacy officer (Ben Ott)"),
        (
            consent.clone(),
            format!("{consent}/void"),
            "For a director, an administrator or the privacy officer (Ben Ott)",
        ),
        ("/emergency".to_owned(), format!("/openings/{THREAD}/review"), EMERGENCY),
        ("/emergency".to_owned(), format!("/holds/{THREAD}/lift"), EMERGENCY),
    ]
}

#[tokio::test]
async fn buttons_that_only_some_may_press_show_to_them_alone_and_the_others_read_who_can() {
    let (browser, _) = Browser::signed_in().await;
    browser.fake.0.lock().unwrap().signed = true;
    for (page, href, line) in rows() {
        let shown = browser.get(&page).await.text;
        assert!(shown.contains(&format!("{href}\"")), "{page} has {href}");
        assert!(!shown.contains(line), "{page}: {line}");
        assert_eq!(browser.get(&href).await.status, StatusCode::OK, "{href}");
    }
    browser.fake.0.lock().unwrap().navigator = true;
    for (page, href, line) in rows() {
        let shown = browser.get(&page).await.text;
        assert!(!shown.contains(&href), "{page} has no {href}");
        assert!(shown.contains(line), "{page}: {line}: {shown}");
        let typed = browser.get(&href).await;
        assert_eq!(typed.status, StatusCode::FORBIDDEN, "{href}, typed by hand");
        assert!(typed.text.contains("For "), "{}", typed.text);
    }
}

#[tokio::test]
async fn who_may_not_bind_the_house_reads_who_signs_and_finds_no_form_by_its_address() {
    let (browser, _) = Browser::signed_in().await;
    let line = "For a director, an administrator or the privacy officer (Ben Ott): to sign for this organisation";
    for navigator in [false, true] {
        browser.fake.0.lock().unwrap().navigator = navigator;
        assert_eq!(browser.get("/agreements").await.text.contains(line), navigator);
        for step in ["sign", "end"] {
            let typed = browser.get(&format!("/agreements/{THREAD}/{step}")).await;
            assert_eq!(typed.status == StatusCode::FORBIDDEN, navigator, "{step}");
        }
    }
}
