//! The pages in a real browser, over two real nodes: search, sign-in, and a referral from acceptance to attendance; and a person's
//! whole way by pages alone, from the first entry to a consent that is taken back.
//!
//! Runs where `chromium` and `chromedriver` are installed (`.ci/run` does that), and counts as skipped where they are not. With `BELAY_SHOTS` set to a folder, a
//! picture of each page is left there.

mod support;

mod browser {
    pub mod agreement;
    pub mod by_pages;
    pub mod driver;
    pub mod nodes;
}

use browser::driver::Browser;
use browser::nodes::{SECRET, STAFF, pair};
use browser::{agreement, by_pages};
use std::path::Path;
use support::skip::skipped;

fn installed(tool: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(tool).is_file()))
}

fn main_or_skip() -> bool {
    let there = ["chromium", "chromedriver"].into_iter().all(installed);
    if !there {
        skipped("needs chromium and chromedriver (Debian: apt-get install chromium chromium-driver)");
    }
    there
}

#[test]
fn staff_answer_a_referral_in_a_browser() {
    if !main_or_skip() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (sender, recipient) = pair(folder.path());
    let thread = sender.refer(&recipient);
    recipient.wait_for_thread(&thread);

    let browser = Browser::start(folder.path());
    search(&browser, &recipient.url());
    sign_in(&browser, &recipient.url());
    answer(&browser, &thread);
    sender.wait_for(&thread, "5.1.4");
    attended_at_the_sender(&browser, &sender.url(), &thread);
    narrow(&browser, &recipient.url());
}

#[test]
fn a_person_is_added_asked_referred_and_heard_by_pages_alone() {
    if !main_or_skip() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (sender, recipient) = pair(folder.path());
    let browser = Browser::start(folder.path());
    let thread = by_pages::refer(&browser, &sender, &recipient);
    recipient.wait_for_thread(&thread);
    signed_in(&browser, &recipient.url());
    browser.open(&format!("{}threads/{thread}", recipient.url()));
    assert_eq!(browser.text("h1"), "Bea Moss");
    browser.press("#link-new");
    browser.follow("form[action$=link] button");
    browser.follow("form[action$=accept] button");
    sender.wait_for(&thread, "3.0");
    by_pages::records(&browser, &sender, &recipient, &thread);
    by_pages::revoke(&browser, &sender, &thread);
    by_pages::others(&browser, &sender);
}

#[test]
fn an_agreement_is_signed_by_both_a_referral_goes_under_it_and_a_revocation_is_heard_by_pages_alone() {
    if !main_or_skip() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (sender, recipient) = pair(folder.path());
    let browser = Browser::start(folder.path());
    agreement::sign(&browser, &sender, &recipient);
    agreement::refer(&browser, &sender);
    agreement::end(&browser, &recipient);
    agreement::heard(&browser, &recipient, &sender);
}

fn signed_in(browser: &Browser, url: &str) {
    signed_in_as(browser, url, STAFF);
}

fn signed_in_as(browser: &Browser, url: &str, name: &str) {
    browser.open(&format!("{url}sign-in"));
    if browser.address().ends_with("/inbox") {
        browser.follow("header button");
    }
    browser.write("#name", name);
    browser.write("#secret", SECRET);
    browser.follow("main button");
    browser.seated();
}

fn shot(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("BELAY_SHOTS") {
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), browser.picture())
            .expect("a picture is written");
    }
}

fn search(browser: &Browser, url: &str) {
    browser.open(url);
    browser.write("#q", "rides");
    browser.follow("form[role=search] button");
    let found = browser.text(".results");
    assert!(found.contains("Rides to treatment") && found.contains("County Hospital"), "{found}");
    assert!(found.contains("<script>document.title='taken'</script>"), "a listing's text is shown as it is: {found}");
    assert!(browser.title().starts_with("Directory"), "and does nothing: {}", browser.title());
    shot(browser, "search");
    browser.open(&format!("{url}inbox"));
    assert!(browser.address().ends_with("/sign-in"), "nothing about persons without signing in");
}

fn sign_in(browser: &Browser, url: &str) {
    browser.open(&format!("{url}sign-in"));
    browser.write("#name", STAFF);
    browser.write("#secret", "not the secret");
    browser.follow("main button");
    assert!(browser.text("[role=alert]").contains("do not belong together"));
    browser.write("#secret", SECRET);
    browser.follow("main button");
    assert!(browser.address().ends_with("/inbox"), "{}", browser.address());
    browser.seated();
    assert!(browser.text("#due ~ ul").contains(": Ada Wick"));
    shot(browser, "inbox");
}

fn answer(browser: &Browser, thread: &str) {
    browser.follow("table a");
    assert!(browser.address().ends_with(&format!("/threads/{thread}")), "{}", browser.address());
    assert_eq!(browser.text("h1"), "Ada Wick");
    let page = browser.text("main");
    for shown in
        ["Waiting for an answer", "wants to go on", "a ride", "1991-04-02", "may tell", "42 CFR part 2 prohibits"]
    {
        assert!(page.contains(shown), "the page lacks {shown:?}: {page}");
    }
    shot(browser, "thread");

    browser.press("#link-new");
    browser.follow("form[action$=link] button");
    assert!(browser.text("[role=status]").contains("who the person is"));
    browser.write("#accept-note", "Come any day.\nAsk for Dora.");
    browser.follow("form[action$=accept] button");
    assert!(browser.text("[role=status]").contains("accepted"));
    assert_eq!(browser.text("#standing"), "Accepted");

    browser.fill("#handoff-to", "Dora of the clinic");
    browser.fill("#handoff-teach-back", "understood");
    browser.follow("form[action$=handoff] button");
    assert!(browser.text("[role=status]").contains("handoff is recorded"));
    assert!(browser.text(".history").contains("handed over in the presence of the person"));
    assert!(browser.text("#follow ~ dl").contains("Dora of the clinic"));

    let day = support::data::day_ahead(30);
    browser.fill("#schedule-at", &format!("{day}T10:00"));
    // A machine that goes by the clock of no place asks for it.
    browser.fill("#schedule-zone", "America/Chicago");
    browser.write("#schedule-place", "12 Main Street");
    browser.follow("form[action$=schedule] button");
    assert_eq!(browser.text("#standing"), "Appointment made");
    let standing = browser.text(".standing");
    assert!(standing.contains(&day[..4]) && standing.contains(", 10:00"), "{standing}");
    shot(browser, "scheduled");

    browser.follow("form[action$=attend] button");
    assert_eq!(browser.text("#standing"), "Came to the appointment");
    browser.write("#message-text", "She came, <b>all well</b>.");
    browser.follow("form[action$=message] button");
    assert!(browser.text(".history").contains("She came, <b>all well</b>."));
    shot(browser, "attended");

    browser.follow("header button");
    assert!(browser.address().ends_with("/sign-in"));
    browser.back();
    assert!(!browser.text("body").contains("Ada Wick"), "nothing is left behind the back button");
}

fn attended_at_the_sender(browser: &Browser, url: &str, thread: &str) {
    signed_in(browser, url);
    browser.open(&format!("{url}threads/{thread}"));
    assert_eq!(browser.text("#standing"), "Came to the appointment");
    let history = browser.text(".history");
    for shown in ["Come any day.", "made an appointment", "recorded that the person came", "<b>all well</b>"] {
        assert!(history.contains(shown), "the history lacks {shown:?}: {history}");
    }
    shot(browser, "sender");
}

/// At 320 px no page is wider than the screen.
fn narrow(browser: &Browser, url: &str) {
    browser.resize(320, 900);
    for page in ["", "?q=rides", "sign-in"] {
        browser.open(&format!("{url}{page}"));
        let wide = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(wide, serde_json::json!(0), "{page} scrolls sideways");
    }
}
