//! The whole way of a person by pages alone: added, a consent written and signed with a drawn name, a referral looked at and sent,
//! and the consent taken back.

use crate::browser::driver::Browser;
use crate::browser::nodes::Node;
use crate::{shot, signed_in};

const NAME: &str = "Bea Moss";

/// At the sender; gives the id of the thread.
pub fn refer(browser: &Browser, sender: &Node, recipient: &Node) -> String {
    let url = sender.url();
    signed_in(browser, &url);
    person(browser, &url);
    consent(browser, recipient.name());
    sign(browser);
    send(browser, recipient.name())
}

fn person(browser: &Browser, url: &str) {
    browser.open(&format!("{url}inbox"));
    browser.follow("main a[href$='/persons']");
    browser.follow("a[href$='/do/person']");
    shot(browser, "person-new");
    browser.write("#person-name", NAME);
    browser.write("#person-birth-date", "4 April 1988");
    browser.follow("form.step button:not([name])");
    assert!(browser.text("#person-birth-date-wrong").contains("year-month-day"), "what is wrong stands at its field");
    assert_eq!(browser.value("#person-name"), NAME, "and what was typed is kept");
    browser.write("#person-birth-date", "1988-04-04");
    browser.write("#person-phones", "606-555-0142\n606-555-0143");
    browser.follow("form.step button:not([name])");
    assert_eq!(browser.text("h1"), NAME);
    assert!(browser.text("main").contains("606-555-0143") && !browser.address().contains("Moss"));
    shot(browser, "person");

    browser.open(&format!("{url}persons"));
    browser.write("#name", "moss");
    browser.follow("form[role=search] button");
    assert!(!browser.address().contains("moss"), "no name in an address: {}", browser.address());
    browser.follow("table a");
}

fn consent(browser: &Browser, to: &str) {
    browser.follow("a[href$='/consent']");
    browser.choose("#consent-parties-0-org", to);
    browser.follow("form.step button:not([name])");
    assert!(browser.text("#consent-expires-wrong").contains("day"), "a day was chosen and not given");
    browser.fill("#consent-expires", "2027-06-01");
    shot(browser, "consent-new");
    browser.follow("form.step button:not([name])");
    assert!(browser.text("#standing").contains("Not signed"));
    let form = browser.text("section.paper");
    assert!(form.contains(to) && form.contains(NAME), "{form}");
    shot(browser, "consent");
    browser.follow("a[hreflang=es]");
    assert!(browser.text("section.paper").contains("Puedo retirar este permiso"), "{}", browser.text("section.paper"));
    shot(browser, "consent-es");
}

fn sign(browser: &Browser) {
    browser.follow("a[href$='/sign']");
    browser.choose("#sign-way", "Drawn here, with a finger, a pen or a mouse");
    assert!(
        browser.run("return document.querySelector('#sign-typed').offsetParent === null") == true,
        "one way at a time"
    );
    browser.draw("canvas", &[(60, 120), (120, 40), (160, 150), (240, 60), (330, 110)]);
    shot(browser, "sign");
    browser.follow("form.sign button:not([type])");
    assert!(browser.text("#standing").contains("Signed, in force"), "{}", browser.text("main"));
    assert!(browser.text("[role=status]").contains("signed"));
    shot(browser, "signed");
}

fn send(browser: &Browser, to: &str) -> String {
    browser.follow("a[href$='/send']");
    browser.write("#send-reason", "Wants to begin buprenorphine.");
    shot(browser, "send");
    browser.follow("form.step button:not([name])");
    let shown = browser.text("main");
    for part in [to, NAME, "1988-04-04", "606-555-0142", "buprenorphine", "42 CFR"] {
        assert!(shown.contains(part), "what would go lacks {part:?}: {shown}");
    }
    shot(browser, "send-look");
    browser.follow("button[value=change]");
    assert_eq!(browser.value("#send-reason"), "Wants to begin buprenorphine.");
    browser.follow("form.step button:not([name])");
    browser.follow("button[value=yes]");
    assert!(browser.text("[role=status]").contains("sent"), "{}", browser.text("main"));
    assert_eq!(browser.text("h1"), NAME);
    shot(browser, "sent");
    let thread = browser.address().rsplit('/').next().expect("an id").to_owned();
    assert_eq!(thread.len(), 64, "{thread}");
    thread
}

/// Where the consent is kept.
pub fn revoke(browser: &Browser, sender: &Node, thread: &str) {
    browser.open(&format!("{}threads/{thread}", sender.url()));
    browser.follow("a[href$='/revoke']");
    browser.choose("#revoke-heard", "The person said so");
    shot(browser, "revoke");
    browser.follow("form.step button:not([name])");
    let shown = browser.text("main");
    assert!(shown.contains("tells") && shown.contains("What it can not undo"), "{shown}");
    shot(browser, "revoke-look");
    browser.follow("button[value=yes]");
    assert!(browser.text("#standing").contains("Taken back"), "{}", browser.text("main"));
    browser.open(&format!("{}threads/{thread}", sender.url()));
    assert!(browser.text("main").contains("Nothing more may be shared"));
    shot(browser, "revoked");
}

/// What was told to one organisation, at the sender; whether what came may be passed on, at the recipient.
pub fn records(browser: &Browser, sender: &Node, recipient: &Node, thread: &str) {
    browser.open(&format!("{}inbox", sender.url()));
    browser.press("details:has(a[href$='/do/told']) > summary");
    browser.follow("a[href$='/do/told']");
    browser.choose("#told-to", recipient.name());
    browser.follow("form.step button:not([name])");
    let shown = browser.text("main");
    assert!(shown.contains(NAME) && shown.contains("42 CFR"), "{shown}");
    shot(browser, "told-to");
    browser.open(&format!("{}inbox", sender.url()));
    let offered = browser.run("return document.querySelectorAll(\"a[href$='/do/looks']\").length");
    assert_eq!(offered, 0, "a nurse is offered no looks");
    let shown = browser.run("return document.querySelector('main').textContent").to_string();
    assert!(shown.contains("privacy officer"), "and reads whose they are: {shown}");
    shot(browser, "looks-refused");
    browser.open(&format!("{}threads/{thread}", recipient.url()));
    browser.follow("a[href$='/onward']");
    browser.choose("#onward-to", sender.name());
    browser.follow("form.step button:not([name])");
    let shown = browser.text("main");
    assert!(shown.contains("42 CFR"), "the law is named: {shown}");
    shot(browser, "onward-look");
}

/// The other pages, as they are reached, and none wider than a small screen.
pub fn others(browser: &Browser, sender: &Node) {
    let url = sender.url();
    for page in
        ["emergency", "agreements", "do/break-glass", "do/inquiry", "do/partner", "do/report", "refusal/subpoena"]
    {
        browser.open(&format!("{url}{page}"));
        shot(browser, &page.replace('/', "-"));
    }
    browser.open(&format!("{url}do/partner"));
    browser.write("#partner-name", "Stone Chapel Beds");
    browser.follow("form.step button:not([name])");
    browser.open(&format!("{url}inbox"));
    browser.press("details:has(a[href$='/do/correct-partner']) > summary");
    browser.follow("a[href$='/do/correct-partner']");
    browser.choose("#correct-partner-partner", "Stone Chapel Beds");
    browser.write("#correct-partner-telephone", "606-555-0199");
    shot(browser, "correct-partner");
    browser.follow("form.step button:not([name])");
    assert!(browser.text("[role=status]").contains("corrected"), "{}", browser.text("main"));
    browser.open(&format!("{url}persons"));
    browser.follow("table a");
    let person = browser.address();
    for page in ["options", "told", "hold", "consent", "tied"] {
        browser.open(&format!("{person}/{page}"));
        shot(browser, &format!("person-{page}"));
    }
    browser.resize(320, 900);
    let pages = ["inbox", "persons", "emergency", "agreements", "do/person", "do/inquiry", "do/break-glass", "do/told"]
        .map(|page| format!("{url}{page}"));
    let mut pages = pages.to_vec();
    pages.extend([person.clone(), format!("{person}/consent"), format!("{person}/told")]);
    for page in pages {
        browser.open(&page);
        let wide = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(wide, serde_json::json!(0), "{page} scrolls sideways");
    }
    browser.resize(1000, 1400);
}
