//! Every step, by who may do it.

use super::fake::{Answer, Browser, OTHER, THREAD};
use crate::api::care::{AttachStep, Care};
use crate::http::headers::{POLICY, WITH_SCRIPT};
use crate::web::form::{Field, Kind};
use crate::web::pages::assets::DRAW;
use crate::web::steps::{After, On, Step};
use axum::http::{StatusCode, header};
use belay_protocol::ids::OrgId;
use belay_protocol::referral::{Information, NeedId};

/// A field filled in as it asks.
fn fill(fields: &[Field], prefix: &str, out: &mut Vec<(String, String)>) {
    for field in fields {
        // What belongs to other rules than the first of the list.
        if field.path == "proceeding" || field.path.starts_with("supervision.") {
            continue;
        }
        let name = format!("{prefix}{}", field.path);
        let value = match field.kind {
            Kind::Fixed => "a1".repeat(32),
            Kind::Line if field.path == "near" => "38.90, -89.41".to_owned(),
            Kind::Line if field.path == "miles" => "25".to_owned(),
            Kind::Line | Kind::Text(_) => format!("Words of {name}"),
            Kind::Each(_) => "one\ntwo".to_owned(),
            // A purpose in words of its own, which are asked for beside it.
            Kind::One(codes, _) if field.path == "purpose" && codes.iter().any(|(code, _)| *code == "other") => {
                "other".to_owned()
            }
            Kind::One(codes, "") => codes[0].0.to_owned(),
            Kind::One(_, first) => first.to_owned(),
            Kind::Many(codes, _) => codes[0].0.to_owned(),
            Kind::Pick(_) | Kind::PickAny(_) => if field.path == "to" { "b2" } else { "a1" }.repeat(32),
            Kind::When(_) | Kind::Clock => "2026-11-24T10:00".to_owned(),
            Kind::Day => "2027-06-01".to_owned(),
            Kind::Born => "1991-04-02".to_owned(),
            Kind::YesNo | Kind::Tick => "yes".to_owned(),
            Kind::Number(least, _) => least.to_string(),
            Kind::List(inner) => {
                fill(inner, &format!("{name}.0."), out);
                continue;
            }
            Kind::Part(inner) => {
                fill(inner, prefix, out);
                continue;
            }
        };
        out.push((name, value));
    }
}

fn encoded(pairs: &[(String, String)]) -> String {
    fn plain(text: &str) -> String {
        let byte = |b: u8| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") };
        text.bytes().map(byte).collect()
    }
    let pair = |(name, value): &(String, String)| format!("{}={}", plain(name), plain(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// What fills each field of a step.
pub(super) fn form(step: &Step, csrf: &str) -> String {
    let mut pairs = vec![("csrf".to_owned(), csrf.to_owned())];
    fill(step.fields, "", &mut pairs);
    encoded(&pairs)
}

/// The step that shows what another chooses from: the backend of these tests answers it as a look, which is no act.
pub(super) const SEEN: &str = "withheld";

pub(super) fn done(browser: &Browser) -> usize {
    browser.fake.0.lock().unwrap().acts.len()
}

#[tokio::test]
async fn every_step_does_what_it_says_once_and_what_is_grave_is_shown_before() {
    let (browser, csrf) = Browser::signed_in().await;
    for (number, step) in Step::all().filter(|step| step.slug != SEEN).enumerate() {
        let href = step.href(&THREAD.to_string());
        let shown = browser.get(&href).await;
        assert_eq!(shown.status, StatusCode::OK, "{href}");
        assert!(shown.text.contains(step.button) && shown.text.contains("name=\"csrf\""), "{href}");
        let form = form(step, &csrf);
        let mut answer = browser.post(&href, &form).await;
        if step.look.is_some() {
            assert_eq!(
                (answer.status, done(&browser)),
                (StatusCode::SEE_OTHER, number),
                "{href} is shown and not done"
            );
            let look = answer.header(header::LOCATION).to_owned();
            // Back to the form, and forward again: both are as they were.
            let back = browser.get(&href).await.text;
            let typed = step.fields.iter().find(|field| matches!(field.kind, Kind::Line));
            assert!(typed.is_none_or(|field| back.contains(&format!("Words of {}", field.path))), "{href}: {back}");
            answer = browser.get(&look).await;
            assert!(answer.text.contains("name=\"sure-of-it\" value=\"yes\""), "{}", answer.text);
            let changed = browser.post(&href, &format!("{form}&sure-of-it=change")).await;
            assert!(changed.text.contains(step.lead) && done(&browser) == number, "{href} can be changed");
            answer = browser.post(&href, &format!("{form}&sure-of-it=yes")).await;
        }
        match step.after {
            After::Go(_) | After::Said(..) => {
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{href}: {}", answer.text);
                let next = answer.header(header::LOCATION).to_owned();
                assert!(next.starts_with('/') && !next.contains("Maria"), "{next}");
            }
            After::Show(_) | After::List(_) => assert_eq!(answer.status, StatusCode::OK, "{href}"),
        }
        assert_eq!(done(&browser), number + 1, "{href}");
    }
}

#[tokio::test]
async fn an_empty_step_says_beside_each_field_what_is_missing_and_does_nothing() {
    let (browser, csrf) = Browser::signed_in().await;
    for step in Step::all() {
        let must: Vec<&str> = step.fields.iter().filter(|field| field.required).map(|field| field.path).collect();
        let href = step.href(&THREAD.to_string());
        let answer = browser.post(&href, &format!("csrf={csrf}")).await;
        for path in &must {
            let id = format!("{}-{}-wrong", step.slug, path.replace(['.', '_'], "-"));
            assert!(answer.text.contains(&format!("id=\"{id}\"")), "{href}: {id} in {}", answer.text);
        }
        if !must.is_empty() {
            assert_eq!((answer.status, done(&browser)), (StatusCode::UNPROCESSABLE_ENTITY, 0), "{href}");
        }
        browser.fake.0.lock().unwrap().acts.clear();
    }
}

#[tokio::test]
async fn what_a_use_case_refuses_keeps_all_that_was_typed() {
    let (browser, csrf) = Browser::signed_in().await;
    let why = crate::api::Failure::misuse("the rule does not allow that");
    browser.fake.0.lock().unwrap().refuse = Some(why);
    for step in Step::all().filter(|step| step.slug != SEEN) {
        let href = step.href(&THREAD.to_string());
        let answer = browser.post(&href, &format!("{}&sure-of-it=yes", form(step, &csrf))).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{href}");
        assert!(answer.text.contains("The rule does not allow that."), "{href}");
        let words = |field: &&Field| {
            matches!(field.kind, Kind::Line | Kind::Text(_)) && !matches!(field.path, "near" | "miles")
        };
        for field in step.fields.iter().filter(words) {
            assert!(answer.text.contains(&format!("Words of {}", field.path)), "{href}: {}", field.path);
        }
    }
}

#[tokio::test]
async fn a_step_about_something_of_others_looks_like_one_about_nothing() {
    let (browser, csrf) = Browser::signed_in().await;
    let missing = browser.get("/nothing").await;
    for step in Step::all().filter(|step| step.on != On::House) {
        for id in [OTHER.to_string(), "x".to_owned(), THREAD.to_string()[..8].to_owned()] {
            let href = step.href(&id);
            let asked = browser.post(&href, &form(step, &csrf)).await;
            let known_late = matches!(step.on, On::Thread | On::Opening | On::Hold) && id == OTHER.to_string();
            assert!(known_late || (asked.status, asked.says()) == (StatusCode::NOT_FOUND, missing.says()), "{href}");
            assert_eq!(done(&browser), 0, "{href}");
        }
    }
    for href in ["/do/nothing", "/consents/x", "/persons/x", "/refusal/nothing", "/persons/x/files/y"] {
        assert_eq!(browser.get(href).await.says(), missing.says(), "{href}");
    }
}

/// What a posted form became: a request, or the answer that refuses it.
pub(super) async fn asked(browser: &Browser, csrf: &str, path: &str, fields: &str) -> Result<Care, Answer> {
    let answer = browser.post(&format!("/{path}"), &format!("csrf={csrf}&{fields}")).await;
    let acts = std::mem::take(&mut browser.fake.0.lock().unwrap().acts);
    acts.into_iter().next_back().ok_or(answer)
}

#[tokio::test]
async fn why_and_which_rules_are_asked_as_they_were_said_and_nothing_that_was_typed_is_dropped() {
    use belay_protocol::consent::Class;
    let (browser, csrf) = Browser::signed_in().await;
    let (path, to) = (format!("persons/{THREAD}/consent"), "a1".repeat(32));
    let base = format!("parties.0.org={to}&parties.0.tell=referral&ends=on&expires=2027-06-01&signer=person");
    let draft = async |more: &str| match asked(&browser, &csrf, &path, &format!("{base}&{more}")).await {
        Ok(Care::ConsentDraft(draft)) => Ok(draft),
        Ok(other) => panic!("{other:?}"),
        Err(answer) => Err(answer.text),
    };
    let plain = draft("").await.expect("nothing chosen is what the rules take");
    assert_eq!((plain.purpose.as_str(), plain.class), ("", None));
    let own = draft("purpose_words=to+find+housing").await.expect("words alone are the purpose");
    assert_eq!(own.purpose, "to find housing");
    let both = draft("purpose=payment&purpose_words=to+find+housing").await.expect_err("one of them would be lost");
    assert!(both.contains("consent-purpose-words-wrong"), "{both}");
    // Rules follow from what was filled in, and what is of other rules is not lost either.
    let case = draft("purpose=proceedings&proceeding=Hearing+26-118").await.expect("a proceeding");
    assert_eq!((case.class, case.proceeding), (Some(Class::Proceedings), Some("Hearing 26-118".into())));
    assert!(draft("purpose=proceedings").await.expect_err("which").contains("consent-proceeding-wrong"));
    let days = "supervision.matter=Release&supervision.revocable=2027-01-01&supervision.disposition=2027-02-01";
    let release = draft(days).await.expect("criminal justice");
    assert!(release.class == Some(Class::CriminalJustice) && release.supervision.is_some());
    for other in ["general", "tpo", "proceedings"] {
        let why = draft(&format!("{days}&class={other}&proceeding=Hearing")).await.expect_err(other);
        assert!(why.contains("consent-supervision-matter-wrong"), "{other}: {why}");
    }
    // An amendment, and what is passed on.
    let fields = format!("add.0.org={to}&add.0.tell=referral");
    let amend = asked(&browser, &csrf, &format!("consents/{THREAD}/amend"), &fields).await;
    assert!(matches!(amend, Ok(Care::ConsentAmend(amend)) if amend.purpose.is_empty()), "as the consent takes");
    let path = format!("threads/{THREAD}/onward");
    let fields = format!("to={to}&information=referral&sure-of-it=yes&purpose=other");
    let why = asked(&browser, &csrf, &path, &fields).await.expect_err("which").text;
    assert!(why.contains("onward-purpose-words-wrong"), "{why}");
    let onward = asked(&browser, &csrf, &path, &format!("{fields}&purpose_words=housing&told=it")).await;
    assert!(matches!(onward, Ok(Care::ConsentOnward(ask)) if ask.purpose == "housing"));
}

#[tokio::test]
async fn a_person_s_page_offers_no_call_of_which_our_records_know_whom_it_was_about() {
    let (browser, _) = Browser::signed_in().await;
    let page = browser.get(&format!("/persons/{THREAD}/whose")).await.text;
    assert!(page.contains("Somebody Unknown") && !page.contains("Prado"), "{page}");
    let page = browser.get("/do/reopen").await.text;
    assert!(page.contains("Somebody Unknown") && page.contains("Prado"), "of all, one can be a mistake: {page}");
}

#[tokio::test]
async fn a_consent_is_taken_back_as_it_was_said_and_for_whom() {
    let (browser, csrf) = Browser::signed_in().await;
    let party = "a1".repeat(32);
    for place in ["consents", "threads"] {
        let path = format!("{place}/{THREAD}/revoke");
        let sure = format!("party={party}&sure-of-it=yes");
        let why = asked(&browser, &csrf, &path, &sure).await.expect_err("how it was heard is not assumed").text;
        assert!(why.contains("revoke-heard-wrong"), "{why}");
        for (heard, said) in [("spoken", true), ("written", false)] {
            let revoke = asked(&browser, &csrf, &path, &format!("{sure}&heard={heard}")).await;
            let Ok(Care::ConsentRevoke { party: alone, spoken, .. }) = revoke else { panic!("{place}") };
            assert_eq!((alone.as_deref(), spoken), (Some(party.as_str()), said), "{place}");
            let next = browser.get("/inbox").await.text;
            assert!(next.contains("The rest stands.") && !next.contains("nothing more is told under"), "{next}");
        }
    }
    let whole = asked(&browser, &csrf, &format!("consents/{THREAD}/revoke"), "heard=spoken&sure-of-it=yes").await;
    assert!(matches!(whole, Ok(Care::ConsentRevoke { party: None, .. })));
    assert!(browser.get("/inbox").await.text.contains("nothing more is told under it"));
    let heard = format!("keeper={party}&name=Maria");
    assert!(asked(&browser, &csrf, "do/heard", &heard).await.expect_err("nor here").text.contains("heard-heard-wrong"));
    let heard = asked(&browser, &csrf, "do/heard", &format!("{heard}&heard=spoken")).await;
    assert!(matches!(heard, Ok(Care::ConsentHeard(ask)) if ask.spoken));
}

async fn sign(browser: &Browser, csrf: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Answer {
    let all: Vec<(&str, &str)> = [("csrf", csrf)].into_iter().chain(fields.iter().copied()).collect();
    browser.upload(&format!("/consents/{THREAD}/sign"), &all, file).await
}

#[tokio::test]
async fn a_consent_is_signed_by_a_typed_name_a_drawing_a_scan_or_a_paper() {
    let (browser, csrf) = Browser::signed_in().await;
    type Way<'w> = (&'w [(&'w str, &'w str)], Option<(&'w str, &'w [u8])>);
    let ways: [Way<'_>; 4] = [
        (&[("way", "typed"), ("typed", "Maria Lopez"), ("attest", "yes")], None),
        (&[("way", "drawn"), ("drawn", "1,2 30,40;50,60 70,80 90,99")], None),
        (&[("way", "scan"), ("date", "2026-11-20")], Some(("a/scan.pdf", b"%PDF-1.7 paper"))),
        (&[("way", "paper"), ("paper", "Cabinet 4")], None),
    ];
    for (fields, file) in ways {
        let answer = sign(&browser, &csrf, fields, file).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{fields:?}: {}", answer.text);
        let acts = std::mem::take(&mut browser.fake.0.lock().unwrap().acts);
        let Some(Care::ConsentSign(sign)) = acts.last() else { panic!("{acts:?}") };
        // A form that does not say which it was stands for none.
        assert_eq!((sign.version, sign.terms.as_deref()), (Some(0), Some("")));
        match fields[0].1 {
            "typed" => assert!(sign.typed.reveal() == "Maria Lopez" && sign.attested),
            "paper" => assert_eq!(sign.paper, Some("Cabinet 4".into())),
            way => {
                assert_eq!(sign.file.as_ref().map(|file| file.drawn), Some(way == "drawn"));
                assert!(matches!(&acts[2], Care::Attach(attach) if matches!(attach.step, AttachStep::Finish { .. })));
            }
        }
    }
    let half: [&[(&str, &str)]; 6] = [
        &[("way", "typed"), ("typed", "Maria Lopez")],
        &[("way", "typed"), ("typed", " "), ("attest", "yes")],
        &[("way", "drawn"), ("drawn", "")],
        &[("way", "drawn"), ("drawn", "\"><script>")],
        &[("way", "scan")],
        &[("way", "paper"), ("paper", "")],
    ];
    for fields in half {
        let answer = sign(&browser, &csrf, fields, None).await;
        assert_eq!((answer.status, done(&browser)), (StatusCode::UNPROCESSABLE_ENTITY, 0), "{fields:?}");
        assert!(answer.text.contains("class=\"wrong\"") && !answer.text.contains("\"><script>"), "{fields:?}");
    }
}

#[tokio::test]
async fn what_a_typed_name_attests_to_is_said_in_the_language_of_the_form_and_stays_so() {
    let (browser, csrf) = Browser::signed_in().await;
    let spanish = browser.get(&format!("/consents/{THREAD}/sign?lang=es")).await.text;
    assert!(spanish.contains("como mi firma") && !spanish.contains("as my signature"), "{spanish}");
    assert!(spanish.contains("name=\"lang\" value=\"es\""));
    let terms = "ab".repeat(32);
    assert!(
        spanish.contains(&format!("name=\"terms\" value=\"{terms}\""))
            && spanish.contains("name=\"version\" value=\"1\"")
    );
    let half = sign(&browser, &csrf, &[("way", "typed"), ("typed", "Maria Lopez"), ("lang", "es")], None).await;
    assert_eq!(half.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(half.text.contains("como mi firma"), "also where something is missing");
    let fields = [
        ("way", "typed"),
        ("typed", "Maria Lopez"),
        ("attest", "yes"),
        ("lang", "es"),
        ("version", "1"),
        ("terms", &terms),
    ];
    assert_eq!(sign(&browser, &csrf, &fields, None).await.status, StatusCode::SEE_OTHER);
    let acts = std::mem::take(&mut browser.fake.0.lock().unwrap().acts);
    let Some(Care::ConsentSign(sign)) = acts.last() else { panic!("{acts:?}") };
    assert_eq!(sign.lang, Some(crate::forms::Lang::Es));
    assert_eq!((sign.version, sign.terms.as_ref()), (Some(1), Some(&terms)), "what was shown is what is signed");
}

#[tokio::test]
async fn files_are_checked_by_content_and_size_and_the_token_comes_first() {
    let (browser, csrf) = Browser::signed_in().await;
    let path = format!("/threads/{THREAD}/attach");
    let fields = [("csrf", csrf.as_str()), ("information", "clinical"), ("text", "As agreed")];
    let answer = browser.upload(&path, &fields, Some(("scan.pdf", b"%PDF-1.7 paper"))).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = browser.get(&format!("/threads/{THREAD}")).await.text;
    assert!(page.contains("The file goes to ") && page.contains(", and is on record as told."), "{page}");
    browser.fake.0.lock().unwrap().acts.clear();
    let zip = browser.upload(&path, &fields, Some(("scan.pdf", b"PK\x03\x04\x00\x00"))).await;
    assert_eq!(zip.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", zip.text);
    let none = browser.upload(&path, &fields, None).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text.contains("value=\"As agreed\"") && none.text.contains("value=\"clinical\" selected"));
    // What a browser sends where nothing was chosen is no file; one with nothing in it is one.
    for (name, why) in [("", "Please choose a file."), ("notes.txt", "This file is empty")] {
        let nothing = browser.upload(&path, &fields, Some((name, b""))).await;
        assert!(nothing.text.contains(why), "{name}: {}", nothing.text);
    }
    let large = vec![b'a'; 25_000_001];
    let large = browser.upload(&path, &fields, Some(("scan.txt", &large))).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.text.contains("larger than 25 MB") && !large.text.contains("The text is too long"), "{}", large.text);
    let late = [("information", "clinical"), ("csrf", csrf.as_str())];
    assert_eq!(browser.upload(&path, &late, Some(("a.txt", b"words"))).await.status, StatusCode::FORBIDDEN);
    assert_eq!(done(&browser), 0);
}

#[tokio::test]
async fn only_the_page_with_the_drawing_may_run_our_script_and_no_other() {
    let (browser, _) = Browser::signed_in().await;
    let sign = browser.get(&format!("/consents/{THREAD}/sign")).await;
    assert_eq!(sign.header(header::CONTENT_SECURITY_POLICY), WITH_SCRIPT);
    assert!(WITH_SCRIPT.contains("script-src 'self';") && !WITH_SCRIPT.contains("unsafe"));
    for path in [format!("/consents/{THREAD}"), format!("/consents/{THREAD}/void"), "/inbox".to_owned()] {
        assert_eq!(browser.get(&path).await.header(header::CONTENT_SECURITY_POLICY), POLICY, "{path}");
    }
    let script = browser.get(DRAW.path()).await;
    assert_eq!(
        (script.status, script.header(header::CONTENT_TYPE)),
        (StatusCode::OK, "text/javascript; charset=utf-8")
    );
}

#[tokio::test]
async fn a_person_is_looked_for_without_a_name_in_an_address() {
    let (browser, csrf) = Browser::signed_in().await;
    let answer = browser.post("/persons", &format!("csrf={csrf}&name=Maria+Lopez")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains("value=\"Maria Lopez\"") && answer.text.contains("fits"), "{}", answer.text);
    let address = browser.get("/persons?name=Maria").await;
    assert!(!address.text.contains("Maria"), "and what stands in an address is not read");
}

#[tokio::test]
async fn what_another_referral_waits_for_can_be_chosen_as_what_a_new_one_gets_out_of_the_way() {
    let (browser, _) = Browser::signed_in().await;
    let answer = browser.get(&format!("/consents/{THREAD}/send")).await;
    let need = NeedId(7);
    assert!(answer.text.contains(&format!("value=\"{THREAD}:{need}\"")), "{}", answer.text);
}

#[tokio::test]
async fn the_page_of_a_new_referral_knows_what_waits_what_was_answered_and_what_was_agreed() {
    let (browser, csrf) = Browser::signed_in().await;
    let href = format!("/consents/{THREAD}/send");
    let page = browser.get(&href).await.text;
    assert!(page.contains("a ride on Tuesday (Haven House)"), "{page}");
    for answer in ["(yes)", "(wait list, within 7 days)", "(phone us)"] {
        assert!(page.contains(answer), "{answer} leads on: {page}");
    }
    assert!(!page.contains("(no: "), "a no does not");
    let step = Step::named(On::Consent, "send").expect("a step");
    browser.post(&href, &form(step, &csrf)).await;
    let look = browser.get(&format!("{href}?look")).await.text;
    assert!(look.contains("Takes: adults"), "{look}");
    assert!(look.contains("stays here: the person asked for it on"), "{look}");
    assert!(look.contains("Instead of “clean”"), "{look}");
}

#[tokio::test]
async fn to_whom_a_referral_goes_is_chosen_before_what_may_go_there() {
    let (browser, csrf) = Browser::signed_in().await;
    browser.fake.0.lock().unwrap().several = true;
    let (href, [house, clinic]) = (format!("/consents/{THREAD}/send"), [2, 3].map(|n| OrgId([n; 32]).to_string()));
    let page = browser.get(&href).await.text;
    assert!(!page.contains("name=\"reason\"") && page.contains(&format!("href=\"{href}?to={house}\"")), "{page}");
    for (to, other, kind, not) in [(&house, &clinic, "social", "medication"), (&clinic, &house, "medication", "social")]
    {
        let page = browser.get(&format!("{href}?to={to}")).await.text;
        let ticked = |kind: &str| page.contains(&format!("name=\"include\" value=\"{kind}\""));
        let list = page.split("name=\"to\"").nth(1).and_then(|rest| rest.split("</select>").next()).expect("a list");
        assert!(list.contains(to.as_str()) && !list.contains(other.as_str()), "{list}");
        assert!(ticked(kind) && !ticked(not) && !page.contains(" checked"), "{page}");
    }
    // Sent without a choice it is asked first; with one it goes there.
    let posted = browser.post(&href, &format!("csrf={csrf}&reason=it&urgency=routine")).await.text;
    assert!(posted.contains("To whom does it go?"), "{posted}");
    let fields = format!("to={clinic}&reason=a+bed&urgency=routine&include=medication&sure-of-it=yes");
    let sent = asked(&browser, &csrf, &format!("consents/{THREAD}/send"), &fields).await;
    let Ok(Care::ReferralRefer(refer)) = sent else { panic!("sent") };
    assert_eq!((refer.send.to, refer.send.include), (Some(clinic.clone()), vec![Information::Medication]));
    // What was typed for one is there again on the way back, and for the other one begins anew.
    let fields = format!("csrf={csrf}&to={clinic}&reason=as+she+told+Noor&urgency=routine");
    browser.post(&href, &fields).await;
    for (back, typed) in
        [(href.clone(), true), (format!("{href}?to={clinic}"), true), (format!("{href}?to={house}"), false)]
    {
        assert_eq!(browser.get(&back).await.text.contains("as she told Noor"), typed, "{back}");
    }
}

#[tokio::test]
async fn what_a_plan_takes_the_place_of_is_read_before_it_is_saved() {
    let (browser, csrf) = Browser::signed_in().await;
    let path = format!("persons/{THREAD}/crisis");
    let kept = asked(&browser, &csrf, &path, "contacts.0.name=Mae").await;
    assert!(matches!(kept, Ok(Care::PersonPlan(_))), "what stands there still stands");
    let fields = "contacts.0.name=Joe";
    let look = asked(&browser, &csrf, &path, fields).await.expect_err("it is looked at first");
    assert!(look.status.is_redirection());
    let page = browser.get(&format!("/{path}?look")).await.text;
    assert!(page.contains("Whom to call: what stands there now") && page.contains("Mae, sister"), "{page}");
    let saved = asked(&browser, &csrf, &path, &format!("{fields}&sure-of-it=yes")).await;
    assert!(matches!(saved, Ok(Care::PersonPlan(_))));
}

#[tokio::test]
async fn the_list_says_how_much_there_is_to_do_and_where_all_of_it_stands() {
    let (browser, _) = Browser::signed_in().await;
    let page = browser.get("/inbox").await.text;
    assert!(page.contains("To do <span class=\"count\">70</span>"), "{page}");
    assert!(page.contains("href=\"/inbox?show=todo\">All 70"), "{page}");
    let other = &crate::web::pages::thread::sample_view().row.other_name;
    assert!(page.contains(&format!(" ({other})</a>")), "whose referral, where somebody has several: {page}");
    let all = browser.get("/inbox?show=todo").await.text;
    assert!(all.contains("1 of 70 are on this page") && !all.contains("Sent to us"), "{all}");
}

#[tokio::test]
async fn what_fits_is_looked_for_around_a_place() {
    let (browser, csrf) = Browser::signed_in().await;
    let href = format!("/persons/{THREAD}/options");
    let nowhere = browser.post(&href, &format!("csrf={csrf}&words=beds&miles=25")).await;
    assert!(nowhere.text.contains("the place from which to measure") && done(&browser) == 0, "{}", nowhere.text);
    browser.post(&href, &format!("csrf={csrf}&words=beds&near=38.90,+-89.41&miles=25")).await;
    let acts = &browser.fake.0.lock().unwrap().acts;
    let [Care::OptionsKeep(ask)] = acts.as_slice() else { panic!("{acts:?}") };
    assert_eq!(ask.search.near, Some((38.90, -89.41)));
    assert!(ask.search.within_km.is_some_and(|km| (40.0..40.5).contains(&km)), "{:?}", ask.search.within_km);
}

#[tokio::test]
async fn what_leaving_something_out_ends_is_read_before_it_is_agreed_to() {
    let (browser, csrf) = Browser::signed_in().await;
    browser.fake.0.lock().unwrap().signed = true;
    for path in [format!("consents/{THREAD}/restrict"), format!("persons/{THREAD}/leave-out")] {
        let look = browser.post(&format!("/{path}"), &format!("csrf={csrf}&asked=not+my+address")).await;
        assert!(look.status.is_redirection(), "it is looked at first: {}", look.text);
        let page = browser.get(&format!("/{path}?look")).await.text;
        assert!(
            page.contains("The referral to Haven House ends.") && page.contains("What was told before stays told.")
        );
        assert!(page.contains("lang=\"es\"") && page.contains("Ya no se les dice nada más."), "{page}");
        let done = asked(&browser, &csrf, &path, "asked=not+my+address&sure-of-it=yes").await;
        assert!(matches!(done, Ok(Care::ConsentRestrict { .. } | Care::PersonRestrict(_))), "{path}");
    }
}
