//! A form that is sent twice is done once.

use super::fake::{Answer, Browser, Gate, THREAD};
use super::steps::{SEEN, done, form};
use crate::api::Failure;
use crate::web::acts::TABLE;
use crate::web::steps::{After, Step};
use axum::http::{StatusCode, header};
use tokio::sync::watch;

/// What a browser can see of an answer.
fn seen(answer: &Answer) -> (StatusCode, &str, &str) {
    (answer.status, answer.header(header::LOCATION), &answer.text)
}

/// The token of a form that was just opened.
async fn token(browser: &Browser) -> String {
    browser.get("/inbox").await.csrf()
}

fn message() -> String {
    format!("/threads/{THREAD}/message")
}

#[tokio::test]
async fn every_step_and_act_that_is_sent_twice_is_done_once_and_answered_twice() {
    let (browser, _) = Browser::signed_in().await;
    let steps = Step::all().filter(|step| step.slug != SEEN && !matches!(step.after, After::List(_)));
    let steps = steps.map(|step| (step.href(&THREAD.to_string()), form(step, ""))).collect::<Vec<_>>();
    let acts = TABLE.iter().filter(|row| row.fields.is_empty()).map(|row| row.slug()).chain(["message".to_owned()]);
    let acts = acts.map(|slug| (format!("/threads/{THREAD}/{slug}"), "csrf=&text=t".to_owned()));
    for (href, fields) in steps.into_iter().chain(acts) {
        let (before, token) = (done(&browser), token(&browser).await);
        let form = format!("{}&sure-of-it=yes", fields.replacen("csrf=", &format!("csrf={token}"), 1));
        let first = browser.post_again(&href, &form).await;
        assert!(first.status.is_success() || first.status.is_redirection(), "{href}: {}", first.text);
        let (once, notice) = (done(&browser), browser.app.sessions.notice(&browser.token().unwrap()));
        assert_eq!(once, before + 1, "{href}");
        let _shown = browser.get("/inbox").await;
        let second = browser.post_again(&href, &form).await;
        assert_eq!(seen(&second), seen(&first), "{href}");
        assert_eq!(done(&browser), once, "{href} is done once");
        let again = browser.app.sessions.notice(&browser.token().unwrap());
        assert!(!first.status.is_redirection() || again == notice, "{href} says again what was done");
    }
}

#[tokio::test]
async fn a_second_click_waits_for_the_first_and_is_answered_alike() {
    let (browser, _) = Browser::signed_in().await;
    let (open, gate) = gated(&browser);
    let form = format!("csrf={}&text=Are+you+there", token(&browser).await);
    let (href, mut came) = (message(), gate.subscribe());
    let (first, second, ()) = tokio::join!(browser.post_again(&href, &form), browser.post_again(&href, &form), async {
        came.wait_for(|came| *came == 1).await.unwrap();
        tokio::task::yield_now().await;
        open.send_replace(true);
    });
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    assert_eq!(seen(&second), seen(&first));
    assert_eq!((done(&browser), *gate.borrow()), (1, 1));
}

#[tokio::test]
async fn what_began_goes_on_though_the_browser_hangs_up_and_the_second_click_gets_its_answer() {
    let (browser, _) = Browser::signed_in().await;
    let (open, gate) = gated(&browser);
    let form = format!("csrf={}&text=Are+you+there", token(&browser).await);
    let (href, mut came) = (message(), gate.subscribe());
    tokio::select! {
        answer = browser.post_again(&href, &form) => panic!("{}", answer.status),
        came = came.wait_for(|came| *came == 1) => drop(came.unwrap()),
    }
    let (second, _) = tokio::join!(browser.post_again(&href, &form), async { open.send_replace(true) });
    assert_eq!((second.status, done(&browser), *gate.borrow()), (StatusCode::SEE_OTHER, 1, 1));
}

/// Acts wait until the first of these says so; the second counts them.
fn gated(browser: &Browser) -> (watch::Sender<bool>, watch::Sender<usize>) {
    let (open, opened) = watch::channel(false);
    let came = watch::Sender::new(0);
    browser.fake.0.lock().unwrap().gate = Some(Gate { came: came.clone(), open: opened });
    (open, came)
}

#[tokio::test]
async fn what_was_refused_may_be_sent_again_and_what_was_done_not_with_other_words() {
    let (browser, _) = Browser::signed_in().await;
    let (token, href) = (token(&browser).await, message());
    let form = format!("csrf={token}&text=Are+you+there");
    browser.fake.0.lock().unwrap().refuse = Some(Failure::not_permitted("the consent was revoked"));
    assert_eq!(browser.post_again(&href, &form).await.status, StatusCode::FORBIDDEN);
    browser.fake.0.lock().unwrap().refuse = None;
    assert_eq!(browser.post_again(&href, &form).await.status, StatusCode::SEE_OTHER);
    let other = browser.post_again(&href, &format!("csrf={token}&text=Where+are+you")).await;
    assert_eq!((other.status, done(&browser)), (StatusCode::CONFLICT, 1));
    assert!(other.text.contains("was sent before, with something else in it"), "{}", other.text);
    let elsewhere = browser.post_again(&format!("/threads/{THREAD}/accept"), &form).await;
    assert_eq!(seen(&elsewhere), seen(&browser.post_again(&href, &form).await), "one form is for one thing");
    assert_eq!(done(&browser), 1);
}

#[tokio::test]
async fn a_search_and_what_would_be_done_may_be_sent_again_with_other_words() {
    let (browser, _) = Browser::signed_in().await;
    let found = token(&browser).await;
    for name in ["Maria", "Lopez"] {
        assert_eq!(browser.post_again("/persons", &format!("csrf={found}&name={name}")).await.status, StatusCode::OK);
    }
    let step = Step::all().find(|step| step.look.is_some()).unwrap();
    let (href, form) = (step.href(&THREAD.to_string()), form(step, &token(&browser).await));
    for more in ["", "&sure-of-it=change", "&sure-of-it=yes"] {
        let answer = browser.post_again(&href, &format!("{form}{more}")).await;
        assert_ne!(answer.status, StatusCode::CONFLICT, "{more}");
    }
    assert_eq!(done(&browser), 1);
}

#[tokio::test]
async fn a_form_with_a_file_that_is_sent_twice_attaches_it_once() {
    let (browser, _) = Browser::signed_in().await;
    let href = format!("/threads/{THREAD}/attach");
    let token = token(&browser).await;
    let fields = [("csrf", token.as_str()), ("information", "clinical"), ("text", "As agreed")];
    let file = Some(("a.pdf", b"%PDF-1.7 paper".as_slice()));
    let first = browser.upload_again(&href, &fields, file).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text);
    let once = done(&browser);
    assert_eq!(seen(&browser.upload_again(&href, &fields, file).await), seen(&first));
    let other = browser.upload_again(&href, &fields, Some(("a.pdf", b"%PDF-1.7 other"))).await;
    assert_eq!((other.status, done(&browser)), (StatusCode::CONFLICT, once));
}
