use super::fake::{Browser, HOST, THREAD};
use crate::http::headers::{POLICY, WITH_PICTURE};
use crate::web::pages::assets::STYLE;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};

#[tokio::test]
async fn every_answer_carries_the_headers_and_only_the_style_sheet_may_be_kept() {
    let (browser, _) = Browser::signed_in().await;
    let thread = format!("/threads/{}", super::fake::THREAD);
    for path in ["/", "/?q=food", "/sign-in", "/inbox", &thread, "/nothing", STYLE.path()] {
        let answer = browser.get(path).await;
        assert_eq!(answer.header(header::CONTENT_SECURITY_POLICY), POLICY, "{path}");
        assert_eq!(answer.header(header::REFERRER_POLICY), "no-referrer", "{path}");
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{path}");
        assert_eq!(answer.header(header::CACHE_CONTROL) == "no-store", path != STYLE.path(), "{path}");
    }
    assert!(POLICY.contains("default-src 'none'") && !POLICY.contains("script-src") && !POLICY.contains("unsafe"));
    let style = browser.get(STYLE.path()).await;
    assert_eq!((style.status, style.header(header::CONTENT_TYPE)), (StatusCode::OK, "text/css; charset=utf-8"));
    assert!(browser.get("/").await.text.contains(STYLE.path()));
}

#[tokio::test]
async fn only_a_form_that_was_signed_with_a_picture_loads_one_and_from_this_node_alone() {
    let (browser, _) = Browser::signed_in().await;
    browser.fake.0.lock().unwrap().signed = true;
    let picture = format!("/persons/{THREAD}/signatures/{THREAD}");
    for path in [format!("/consents/{THREAD}"), format!("/print/consent/{THREAD}")] {
        let page = browser.get(&path).await;
        assert_eq!(page.header(header::CONTENT_SECURITY_POLICY), WITH_PICTURE, "{path}");
        assert!(page.text.contains(&format!("<img src=\"{picture}\" alt=\"as it was drawn\">")), "{}", page.text);
    }
    assert_eq!(WITH_PICTURE.replace(" img-src 'self';", ""), POLICY, "and nothing else is let in");
    let answer = browser.get(&picture).await;
    assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::OK, "image/png"));
    assert_eq!(answer.header(header::CONTENT_SECURITY_POLICY), POLICY);
    assert_eq!(
        (answer.header(header::CACHE_CONTROL), answer.header(header::CONTENT_DISPOSITION)),
        ("no-store", "inline")
    );
    let other = format!("/persons/{THREAD}/signatures/{}", "ab".repeat(32));
    assert_eq!(browser.get(&other).await.status, StatusCode::NOT_FOUND, "its bytes say another kind");
    assert_eq!(browser.get(&format!("/persons/{THREAD}/signatures/..%2f")).await.status, StatusCode::NOT_FOUND);
    let nobody = Browser::new().get(&picture).await;
    assert_eq!((nobody.status, nobody.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/sign-in"));
    browser.fake.0.lock().unwrap().signed = false;
    let typed = browser.get(&format!("/consents/{THREAD}")).await;
    assert_eq!(typed.header(header::CONTENT_SECURITY_POLICY), POLICY, "one that was not");
}

#[tokio::test]
async fn a_foreign_host_name_reaches_no_page() {
    let (browser, _) = Browser::signed_in().await;
    for host in ["belay.example", "127.0.0.1.nip.io:4871", "", "localhost.evil.example"] {
        for path in ["/", "/inbox"] {
            let answer = browser.send(Request::get(path).header(header::HOST, host).body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
            assert!(!answer.text.contains("Clinic") && !answer.text.contains("Maria"), "{host} {path}");
            assert_eq!(answer.header(header::CONTENT_SECURITY_POLICY), POLICY);
        }
    }
    let in_line = Request::get("http://belay.example/inbox").header(header::HOST, HOST).body(Body::empty()).unwrap();
    assert_eq!(browser.send(in_line).await.status, StatusCode::MISDIRECTED_REQUEST);
    let two = Request::get("/").header(header::HOST, HOST).header(header::HOST, "belay.example");
    assert_eq!(browser.send(two.body(Body::empty()).unwrap()).await.status, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn a_form_that_another_site_sent_is_refused_though_its_token_fits() {
    let (browser, csrf) = Browser::signed_in().await;
    let path = format!("/threads/{}/accept", super::fake::THREAD);
    let send = |name: &'static str, value: &'static str| {
        let request = Request::post(&path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(name, value)
            .body(Body::from(format!("csrf={csrf}")))
            .unwrap();
        browser.send(request)
    };
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "https://evil.example"),
        ("origin", "http://127.0.0.1:9999"),
        ("origin", "http://localhost:4871"),
    ] {
        assert_eq!(send(name, value).await.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert!(browser.fake.0.lock().unwrap().acts.is_empty());
    for (name, value) in [("sec-fetch-site", "same-origin"), ("origin", "null"), ("origin", "http://127.0.0.1:4871")] {
        assert_eq!(send(name, value).await.status, StatusCode::SEE_OTHER, "{name}: {value}");
    }
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_says_which_port() {
    let mut browser = Browser::new();
    let form = browser.get("/sign-in").await;
    let seat = browser.try_sign_in(super::fake::NAME, "correct+horse").await;
    let place = browser.place.clone().expect("a place of its own");
    assert!(place.starts_with("/s/") && place.len() == 25, "{place}");
    for (set, name, path) in [(form, "belay-4871=", "/"), (seat, "belay-4871-seat=", place.as_str())] {
        let cookie = set.header(header::SET_COOKIE);
        assert!(cookie.starts_with(name), "{cookie}");
        for part in ["; HttpOnly", "; SameSite=Strict", &format!("; Path={path};")] {
            assert!(cookie.contains(part), "{cookie} lacks {part}");
        }
        assert!(
            !cookie.contains("Max-Age") && !cookie.contains("Expires"),
            "gone when the browser is closed: {cookie}"
        );
    }
}

#[tokio::test]
async fn the_page_of_a_session_that_is_left_alone_gives_way_to_the_sign_in() {
    let (browser, _) = Browser::signed_in().await;
    assert_eq!(browser.get("/inbox").await.header("refresh"), "1200; url=/sign-in");
    assert_eq!(Browser::new().get("/").await.header("refresh"), "", "who only searches is left where they are");
}

#[tokio::test]
async fn the_pages_of_two_sessions_lie_in_two_places_and_each_names_its_own_alone() {
    let (mut one, _) = Browser::signed_in().await;
    let (other, _) = Browser::signed_in().await;
    assert_ne!(one.place, other.place);
    let place = one.place.take().expect("a place");
    let page = one.get(&format!("{place}/inbox")).await;
    assert_eq!(page.status, StatusCode::OK);
    for link in page.text.split(" href=\"").chain(page.text.split(" action=\"")).skip(1) {
        let path = link.split('"').next().unwrap_or_default();
        let shared = path.starts_with("/assets/") || path.starts_with('#') || path.starts_with('<');
        assert!(shared || path.starts_with(&format!("{place}/")), "{path}");
    }
}
