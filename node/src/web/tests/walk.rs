//! Every endpoint, by everybody.

use super::fake::{Browser, OTHER, THREAD};
use crate::http::Moment;
use crate::http::session::{IDLE, Token};
use crate::web::acts::TABLE;
use axum::http::{StatusCode, header};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Who may use an endpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    Anybody,
    Staff,
}

/// All routes of `App::router`. A route that is not in this table fails `every_route_is_walked`.
const ROUTES: [(&str, &str, For); 44] = [
    ("GET", "/", For::Anybody),
    ("GET", "/sign-in", For::Anybody),
    ("POST", "/sign-in", For::Anybody),
    ("POST", "/sign-out", For::Staff),
    ("GET", "/inbox", For::Staff),
    ("GET", "/threads/{thread}", For::Staff),
    ("POST", "/threads/{thread}/{act}", For::Staff),
    ("POST", "/threads/{thread}/link", For::Staff),
    ("GET", "/threads/{thread}/{act}", For::Staff),
    ("POST", "/threads/{thread}/letter", For::Staff),
    ("POST", "/threads/{thread}/cover", For::Staff),
    ("POST", "/threads/{thread}/attach", For::Staff),
    ("GET", "/threads/{thread}/files/{file}", For::Staff),
    ("GET", "/print/{form}/{id}", For::Staff),
    ("GET", "/do/{step}", For::Staff),
    ("POST", "/do/{step}", For::Staff),
    ("GET", "/persons", For::Staff),
    ("POST", "/persons", For::Staff),
    ("GET", "/persons/{person}", For::Staff),
    ("GET", "/persons/{person}/{step}", For::Staff),
    ("POST", "/persons/{person}/{step}", For::Staff),
    ("POST", "/persons/{person}/attach", For::Staff),
    ("GET", "/persons/{person}/files/{file}", For::Staff),
    ("GET", "/persons/{person}/signatures/{file}", For::Staff),
    ("GET", "/consents/{consent}", For::Staff),
    ("GET", "/consents/{consent}/{step}", For::Staff),
    ("POST", "/consents/{consent}/{step}", For::Staff),
    ("GET", "/consents/{consent}/sign", For::Staff),
    ("POST", "/consents/{consent}/sign", For::Staff),
    ("GET", "/inquiries/{inquiry}/{step}", For::Staff),
    ("POST", "/inquiries/{inquiry}/{step}", For::Staff),
    ("GET", "/agreements", For::Staff),
    ("GET", "/agreements/{agreement}/forms/{form}", For::Staff),
    ("POST", "/agreements/{agreement}/attach", For::Staff),
    ("GET", "/agreements/{agreement}/{step}", For::Staff),
    ("POST", "/agreements/{agreement}/{step}", For::Staff),
    ("GET", "/calls/{call}/{step}", For::Staff),
    ("POST", "/calls/{call}/{step}", For::Staff),
    ("GET", "/emergency", For::Staff),
    ("GET", "/openings/{opening}/{step}", For::Staff),
    ("POST", "/openings/{opening}/{step}", For::Staff),
    ("GET", "/holds/{hold}/{step}", For::Staff),
    ("POST", "/holds/{hold}/{step}", For::Staff),
    ("GET", "/refusal/{paper}", For::Staff),
];

/// Routes whose forms come with a file.
const WITH_FILE: [&str; 4] = [
    "/threads/{thread}/attach",
    "/persons/{person}/attach",
    "/consents/{consent}/sign",
    "/agreements/{agreement}/attach",
];

/// Fields that make every form valid.
const FORM: &str = "note=n&text=t&reason=no_capacity&at=2026-11-24T10:00&when=2026-11-24T10:00&mode=video&outcome=moved\
                    &person=new&to.at=2026-11-24T10:00&to.mode=video&channel=visit&result=reached&teach_back=partly\
                    &setting=admitted&leaving=custody&on=2026-11-24T10:00&stage=30";

/// Fields of the table's one form that names its code otherwise.
const SUMMARY: &str = "kind=discharge&text=t";

fn path(route: &str) -> String {
    let step = match route {
        "/do/{step}" => "person",
        "/persons/{person}/{step}" => "hold",
        "/consents/{consent}/{step}" => "void",
        "/inquiries/{inquiry}/{step}" => "answer",
        "/openings/{opening}/{step}" => "review",
        "/agreements/{agreement}/{step}" => "sign",
        "/calls/{call}/{step}" => "told",
        _ => "lift",
    };
    let form = if route.starts_with("/agreements/") { THREAD.to_string() } else { "consent".to_owned() };
    let mut path = route.replace("{act}", "accept").replace("{form}", &form).replace("{step}", step);
    for id in [
        "{thread}",
        "{id}",
        "{person}",
        "{consent}",
        "{inquiry}",
        "{opening}",
        "{hold}",
        "{file}",
        "{agreement}",
        "{call}",
    ] {
        path = path.replace(id, &THREAD.to_string());
    }
    path.replace("{paper}", "police")
}

async fn ask(browser: &Browser, method: &str, route: &str, csrf: &str) -> super::fake::Answer {
    match method {
        "GET" => browser.get(&path(route)).await,
        _ if WITH_FILE.contains(&route) => {
            browser.upload(&path(route), &[("csrf", csrf), ("way", "typed")], None).await
        }
        _ => browser.post(&path(route), &format!("csrf={csrf}&{FORM}")).await,
    }
}

fn shows_nothing(answer: &super::fake::Answer, about: &str) {
    for personal in ["Maria", "Lopez", "1991-04", "010-0199", "Dora"] {
        assert!(!answer.text.contains(personal), "{about} shows {personal}");
    }
}

#[test]
fn every_route_is_walked() {
    let source = include_str!("../../web.rs");
    let mut routes = Vec::new();
    for route in source.split(".route(\"").skip(1) {
        let (path, rest) = route.split_once('"').unwrap();
        let methods = rest.split('\n').next().unwrap();
        for (call, method) in [("get(", "GET"), ("post(", "POST")] {
            if methods.contains(call) {
                routes.push((method, path));
            }
        }
    }
    let walked: Vec<_> = ROUTES.iter().map(|(method, path, _)| (*method, *path)).collect();
    routes.sort_unstable();
    let mut sorted = walked.clone();
    sorted.sort_unstable();
    assert_eq!(routes, sorted);
}

#[tokio::test]
async fn without_a_session_or_with_a_foreign_one_nothing_about_a_person_is_shown_or_done() {
    let (signed, csrf) = Browser::signed_in().await;
    let foreign = Some(format!("belay-4871-seat={}", Token::fresh().unwrap().as_str()));
    let (elsewhere, _) = Browser::signed_in().await;
    let own = signed.cookie.clone().unwrap();
    let other_port = Some(own.replace("4871", "4872"));
    let before_sign_in = Some(own.replace("-seat", ""));
    let mut tries: Vec<(Option<String>, Option<String>)> =
        [None, foreign, elsewhere.cookie.clone(), other_port, before_sign_in, Some(format!("{own}x"))]
            .map(|cookie| (cookie, signed.place.clone()))
            .to_vec();
    // Who got hold of a cookie does not know where its pages lie, and who knows where another session's lie has not its cookie.
    tries.extend([(Some(own.clone()), None), (Some(own), elsewhere.place), (elsewhere.cookie, None)]);
    for (cookie, place) in tries {
        let browser = Browser {
            app: signed.app.clone(),
            router: signed.router.clone(),
            fake: signed.fake.clone(),
            cookie,
            place,
            known: None,
        };
        for (method, route, who) in ROUTES {
            let answer = ask(&browser, method, route, &csrf).await;
            shows_nothing(&answer, route);
            match (who, method) {
                (For::Anybody, "GET") => assert_eq!(answer.status, StatusCode::OK, "{route}"),
                // A token of ours makes a form fit, and signs nobody in.
                (For::Anybody, _) => {
                    assert!([StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED].contains(&answer.status), "{route}");
                }
                (For::Staff, "GET") => {
                    assert_eq!(
                        (answer.status, answer.header(header::LOCATION)),
                        (StatusCode::SEE_OTHER, "/sign-in"),
                        "{route}"
                    );
                }
                (For::Staff, _) => assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{route}"),
            }
        }
    }
    assert!(signed.fake.0.lock().unwrap().acts.is_empty());
}

#[tokio::test]
async fn without_its_token_no_form_does_anything() {
    let (browser, csrf) = Browser::signed_in().await;
    let (other, other_csrf) = Browser::new().into_signed_in().await;
    assert_ne!(other.cookie, browser.cookie);
    for token in ["", "00", &other_csrf, &csrf[..63], &format!("{csrf}0"), &csrf.to_uppercase()] {
        for (method, route, _) in ROUTES.iter().filter(|(method, ..)| *method == "POST") {
            let answer = ask(&browser, method, route, token).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{route} with {token}");
            shows_nothing(&answer, route);
        }
    }
    let path = path("/threads/{thread}/accept");
    for (form, status) in [
        ("note=n", StatusCode::FORBIDDEN),
        ("csrf=a&csrf=b", StatusCode::BAD_REQUEST),
        ("%zz=&=", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(browser.post(&path, form).await.status, status, "{form}");
    }
    assert!(browser.fake.0.lock().unwrap().acts.is_empty());
    assert_eq!(browser.get("/inbox").await.status, StatusCode::OK, "and nobody is signed out by it");
}

#[tokio::test]
async fn with_session_and_token_every_form_does_what_it_says_once() {
    let (browser, csrf) = Browser::signed_in().await;
    let forms = TABLE.iter().map(|row| row.slug()).chain(["link".to_owned()]);
    for (done, form) in forms.enumerate() {
        let (back, fields) = (path("/threads/{thread}"), if form == "summary" { SUMMARY } else { FORM });
        let fields = match form.as_str() {
            "need" => "text=t",
            "left" => "why=w",
            "urgency" => "urgency=urgent",
            "mistake" => "entry=03030303&why=w",
            "handoff" => "at=2026-11-24T10:00&mode=video&from=f&to=t&teach_back=partly",
            _ => fields,
        };
        let answer = browser.post(&format!("{back}/{form}"), &format!("csrf={csrf}&{fields}")).await;
        assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, back.as_str()), "{form}");
        assert_eq!(browser.fake.0.lock().unwrap().acts.len(), done + 1, "{form}");
        let said = browser.get(&back).await.text;
        assert!(said.contains("role=\"status\""), "{form} says what was done");
        assert!(!browser.get(&back).await.text.contains("role=\"status\""), "{form} says it once");
    }
    assert_eq!(
        browser.post(&path("/threads/{thread}/nothing"), &format!("csrf={csrf}")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_thread_of_others_and_no_thread_at_all_look_the_same() {
    let (browser, csrf) = Browser::signed_in().await;
    let missing = browser.get("/nothing").await;
    for id in [OTHER.to_string(), "x".to_owned(), "%2e%2e".to_owned(), "0".repeat(64)] {
        let answer = browser.get(&format!("/threads/{id}")).await;
        assert_eq!((answer.status, answer.says()), (StatusCode::NOT_FOUND, missing.says()), "{id}");
        let answer = browser.post(&format!("/threads/{id}/accept"), &format!("csrf={csrf}")).await;
        assert_eq!((answer.status, answer.says()), (StatusCode::NOT_FOUND, missing.says()), "{id}");
    }
    let wrong_method = browser.post("/inbox", "").await;
    assert_eq!(wrong_method.says(), missing.says());
}

#[tokio::test]
async fn a_form_to_print_has_the_headers_of_every_page_and_a_style_that_is_there() {
    let (browser, _) = Browser::signed_in().await;
    let answer = browser.get(&format!("/print/consent/{THREAD}?lang=es")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains("<html lang=\"es\">") && answer.text.contains("Maria Lopez"));
    assert!(answer.header(header::CONTENT_SECURITY_POLICY).contains("default-src 'none'"));
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    assert!(!answer.text.contains("<style"), "the policy lets no style stand in the page");
    let style = answer.text.split("<link rel=\"stylesheet\" href=\"").nth(1).expect("a style");
    let style = browser.get(style.split('"').next().expect("a path")).await;
    assert_eq!((style.status, style.header(header::CONTENT_TYPE)), (StatusCode::OK, "text/css; charset=utf-8"));
    let missing = browser.get("/nothing").await;
    for path in ["consent/x", "letter/x", &format!("letter/{THREAD}"), &format!("accounting/{OTHER}")] {
        assert_eq!(browser.get(&format!("/print/{path}")).await.status, missing.status, "{path}");
    }
}

static LATER: AtomicU64 = AtomicU64::new(0);

#[tokio::test]
async fn an_idle_session_shows_and_does_nothing_more() {
    let clock = || Moment::now().plus(Duration::from_secs(LATER.load(Ordering::SeqCst)));
    let (browser, csrf) = Browser::with_clock(clock).into_signed_in().await;
    assert_eq!(browser.get("/inbox").await.status, StatusCode::OK);
    LATER.store(IDLE.as_secs(), Ordering::SeqCst);
    for (method, route, _) in ROUTES.iter().filter(|(_, _, who)| *who == For::Staff) {
        let answer = ask(&browser, method, route, &csrf).await;
        let refused = [StatusCode::SEE_OTHER, StatusCode::UNAUTHORIZED].contains(&answer.status);
        assert!(refused && answer.header(header::LOCATION) != "/inbox", "{route}: {}", answer.status);
        shows_nothing(&answer, route);
    }
    assert!(browser.fake.0.lock().unwrap().acts.is_empty());
}

#[tokio::test]
async fn who_is_disabled_is_out_at_the_next_request() {
    let (browser, csrf) = Browser::signed_in().await;
    browser.fake.0.lock().unwrap().disabled = true;
    let answer = browser.post(&path("/threads/{thread}/accept"), &format!("csrf={csrf}")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    browser.fake.0.lock().unwrap().disabled = false;
    assert_eq!(browser.get("/inbox").await.status, StatusCode::SEE_OTHER, "the session itself has ended");
    assert!(browser.fake.0.lock().unwrap().acts.is_empty());
}
