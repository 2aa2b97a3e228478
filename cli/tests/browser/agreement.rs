//! An agreement from its draft to its end, and a revocation that was heard for another: by pages alone, but for the draft.

use crate::browser::driver::Browser;
use crate::browser::nodes::{DIRECTOR, Node};
use crate::{shot, signed_in, signed_in_as};

/// Both sign what they read, each by the name that is signed in.
pub fn sign(browser: &Browser, sender: &Node, recipient: &Node) {
    sender.draft_tie(recipient);
    for node in [sender, recipient] {
        node.director();
    }
    signed_in(browser, &sender.url());
    browser.open(&format!("{}agreements", sender.url()));
    let read = browser.text("main");
    assert!(read.contains("drives people") && !read.contains("Read and sign"), "a nurse signs for nobody: {read}");

    signed_in_as(browser, &sender.url(), DIRECTOR);
    browser.open(&format!("{}agreements", sender.url()));
    browser.follow("a[href$='/sign']");
    let read = browser.text("main");
    for said in ["42 CFR 2.12(c)(4)", "drives people", "Version 1, draft"] {
        assert!(read.contains(said), "what is signed lacks {said:?}: {read}");
    }
    shot(browser, "agreement-sign");
    browser.write("#sign-typed", "somebody else");
    browser.press("#sign-attest");
    browser.follow("form.step button:not([name])");
    assert!(browser.text("[role=alert]").contains(DIRECTOR), "the name is the signature");
    browser.write("#sign-typed", DIRECTOR);
    browser.follow("form.step button:not([name])");
    assert!(browser.text("[role=status]").contains("signed"));
    recipient.wait_for_agreement("version 1 waits for our signature");

    signed_in_as(browser, &recipient.url(), DIRECTOR);
    browser.open(&format!("{}agreements", recipient.url()));
    browser.follow("a[href$='/sign']");
    assert!(browser.text("main").contains("Version 1, proposed"));
    browser.write("#sign-office", "director");
    write_name(browser, DIRECTOR);
    assert!(browser.text("main").contains("version 1 in force"));
    shot(browser, "agreement-signed");
    sender.wait_for_agreement("version 1 in force");
}

fn write_name(browser: &Browser, name: &str) {
    browser.write("#sign-typed", name);
    browser.press("#sign-attest");
    browser.follow("form.step button:not([name])");
}

/// From the tie to a referral.
pub fn refer(browser: &Browser, sender: &Node) {
    let url = sender.url();
    signed_in(browser, &url);
    browser.open(&format!("{url}do/person"));
    browser.write("#person-name", "Bea Moss");
    browser.follow("form.step button:not([name])");
    browser.open(&format!("{url}agreements"));
    browser.follow("a[href$='/refer']");
    browser.write("#refer-person", "Bea Moss");
    browser.write("#refer-reason", "A ride on Tuesday.");
    browser.follow("form.step button:not([name])");
    let shown = browser.text("main");
    assert!(shown.contains("42 CFR 2.12(c)(4)") && shown.contains("A ride on Tuesday."), "{shown}");
    shot(browser, "agreement-refer-look");
    browser.follow("button[value=yes]");
    assert!(browser.text("[role=status]").contains("sent"), "{}", browser.text("main"));
    assert!(browser.address().contains("/threads/"), "{}", browser.address());
}

/// One side ends it, and says why.
pub fn end(browser: &Browser, recipient: &Node) {
    let url = recipient.url();
    signed_in_as(browser, &url, DIRECTOR);
    browser.open(&format!("{url}agreements"));
    browser.follow("a[href$='/end']");
    browser.write("#end-reason", "Nobody drives any more.");
    browser.follow("form.step button:not([name])");
    assert!(browser.text("[role=status]").contains("ended"));
    let page = browser.text("main");
    assert!(!page.contains("Refer somebody under it") && !page.contains("Read and sign"), "{page}");
}

/// A person takes back a consent that the other organisation keeps: what to say, to whom, and that it was said.
pub fn heard(browser: &Browser, here: &Node, keeper: &Node) {
    let url = here.url();
    signed_in(browser, &url);
    browser.open(&format!("{url}inbox"));
    browser.press("details:has(a[href$='/do/heard']) > summary");
    browser.follow("a[href$='/do/heard']");
    browser.choose("#heard-keeper", keeper.name());
    browser.write("#heard-name", "Cal Reed");
    browser.write("#heard-form", "a1b2c3d4");
    browser.choose("#heard-heard", "The person said so");
    browser.follow("form.step button:not([name])");
    let says = browser.text("main");
    assert!(
        says.contains("a person took back here the consent with number a1b2c3d4 that County Hospital keeps"),
        "{says}"
    );
    assert!(!says.contains("Cal Reed took back"), "no name is said: {says}");
    shot(browser, "heard");
    browser.open(&format!("{url}inbox"));
    browser.follow("#calls ~ ul a");
    assert!(browser.text("main").contains("a person took back here"), "{}", browser.text("main"));
    shot(browser, "call");
    browser.write("#told-with", "Noor at the desk");
    browser.follow("form.step button:not([name])");
    assert!(browser.text("[role=status]").contains("told"));
    assert!(!browser.text("main").contains("Cal Reed"), "and it is in the list no more");
}
