use super::fake::{Browser, NAME, THREAD};
use crate::api::Failure;
use crate::api::care::{ActRequest, At, Care};
use crate::http::session::Token;
use crate::usecases::staff::throttle::FREE_TRIES;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use belay_protocol::referral::{Barrier, DeclineReason, Mode};

fn thread(form: &str) -> String {
    format!("/threads/{THREAD}/{form}")
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_secret_are_answered_alike() {
    let mut texts = Vec::new();
    for (name, secret) in [("dora", "wrong"), ("nobody", "correct+horse"), ("nobody", ""), ("", "")] {
        let mut browser = Browser::new();
        let answer = browser.try_sign_in(name, secret).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
        let csrf = answer.csrf();
        texts.push(
            answer
                .text
                .replace(&csrf, "")
                .replace(&format!("value=\"{name}\" autocomplete"), "autocomplete")
                .replace(" autofocus", ""),
        );
        assert_eq!(browser.get("/inbox").await.status, StatusCode::SEE_OTHER);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:#?}");
}

#[tokio::test]
async fn guessing_has_to_wait_whether_the_name_exists_or_not() {
    for name in [NAME, "nobody"] {
        let mut browser = Browser::new();
        for _ in 0..FREE_TRIES {
            assert_eq!(browser.try_sign_in(name, "wrong").await.status, StatusCode::UNAUTHORIZED);
        }
        let answer = browser.try_sign_in(name, "correct+horse").await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{name}: the right secret has to wait as well");
        assert!(answer.header(header::RETRY_AFTER).parse::<u32>().unwrap() > 0);
        assert!(answer.text.contains("Please wait"));
    }
}

#[tokio::test]
async fn who_posts_wrong_secrets_for_somebody_shuts_them_not_out_of_the_browser_they_used_before() {
    let (used, csrf) = Browser::signed_in().await;
    let answer = used.post("/sign-out", &format!("csrf={csrf}")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let known = used.known.clone().expect("a mark for the sign-in");
    let strange = || Browser {
        app: used.app.clone(),
        router: used.router.clone(),
        fake: used.fake.clone(),
        cookie: None,
        place: None,
        known: None,
    };
    for _ in 0..=FREE_TRIES {
        strange().try_sign_in(NAME, "wrong").await;
    }
    assert_eq!(strange().try_sign_in(NAME, "correct+horse").await.status, StatusCode::TOO_MANY_REQUESTS);
    let mut again = Browser { known: Some(known), ..strange() };
    assert_eq!(again.try_sign_in(NAME, "correct+horse").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_everybody_is_to_know_stands_on_each_page_for_who_signed_in() {
    let (browser, _) = Browser::signed_in().await;
    browser.fake.0.lock().unwrap().warning = Some("a privacy officer was named here".to_owned());
    for path in ["/inbox", "/persons", "/"] {
        assert!(browser.get(path).await.text.contains("a privacy officer was named here"), "{path}");
    }
    let stranger = Browser { place: None, cookie: None, ..browser };
    assert!(!stranger.get("/").await.text.contains("a privacy officer was named here"));
}

#[tokio::test]
async fn a_token_planted_before_sign_in_is_worth_nothing_after_it() {
    let mut browser = Browser::new();
    let form = browser.get("/sign-in").await;
    let planted = form.cookie();
    browser.cookie.clone_from(&planted);
    let answer = browser.post("/sign-in", &format!("csrf={}&name=dora&secret=correct+horse", form.csrf())).await;
    let given = answer.cookie();
    assert!(given.is_some() && given != planted, "sign-in gives a new token");
    assert_eq!(browser.get("/inbox").await.status, StatusCode::SEE_OTHER, "the planted one opens nothing");
    browser.seated(&answer);
    assert_eq!(browser.get("/inbox").await.status, StatusCode::OK);
    let tossed = format!("belay-4871-seat={}", Token::fresh().unwrap().as_str());
    let own = browser.cookie.replace(format!("{tossed}; {}; {tossed}", given.clone().unwrap()));
    assert_eq!(browser.get("/inbox").await.status, StatusCode::OK, "who sets cookies shuts nobody out");
    browser.cookie = own;

    let second = browser.get("/inbox").await.csrf();
    let again = browser.post("/sign-in", &format!("csrf={second}&name=dora&secret=correct+horse")).await;
    assert_ne!(again.cookie(), given);
    assert_eq!(browser.get("/inbox").await.status, StatusCode::SEE_OTHER, "the session before ended");
}

#[tokio::test]
async fn signing_out_ends_the_session_itself_and_not_only_the_cookie() {
    let (browser, csrf) = Browser::signed_in().await;
    let answer = browser.post("/sign-out", &format!("csrf={csrf}")).await;
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/sign-in"));
    assert_eq!(answer.cookie().as_deref(), Some("belay-4871-seat="));
    assert_eq!(answer.header("clear-site-data"), "\"cache\", \"storage\"");
    assert_eq!(browser.get("/inbox").await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.post("/sign-out", &format!("csrf={csrf}")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_directory_search_answers_without_signing_in_and_its_texts_stay_texts() {
    let browser = Browser::new();
    let answer =
        browser.get("/?q=%3Cscript%3E&near=38.9,-89.41&miles=50&kind=service&open=yes&service=detox&page=2").await;
    assert_eq!(answer.status, StatusCode::OK);
    let search = browser.fake.0.lock().unwrap().searches.pop().unwrap();
    assert_eq!(
        (search.words.as_str(), search.near, search.limit, search.skip),
        ("<script>", Some((38.9, -89.41)), 25, 25)
    );
    assert_eq!(
        (search.kind.as_deref(), search.service.as_deref(), search.open),
        (Some("service"), Some("detox"), true)
    );
    assert!((search.within_km.unwrap() - 80.467).abs() < 0.01);
    assert!(!answer.text.contains("<script>") && !answer.text.contains("javascript:"));
    assert!(answer.text.contains("About &#60;b&#62;&#60;script&#62;"), "{}", answer.text);
    assert!(answer.text.contains("q=%3Cscript%3E&#38;kind=service"), "the next page is the same search");
    assert!(answer.headers.get(header::SET_COOKIE).is_none(), "who only searches gets no cookie");
}

#[tokio::test]
async fn a_search_that_can_not_be_says_what_is_wrong_and_asks_for_nothing() {
    let browser = Browser::new();
    for query in [
        "near=here",
        "near=91,0",
        "miles=50",
        "near=38.9,-89.4&miles=far",
        "near=38.9,-89.4&miles=-1",
        "near=38.9,-89.4&miles=NaN",
    ] {
        let answer = browser.get(&format!("/?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(answer.text.contains("role=\"alert\""), "{query}");
    }
    let long = format!("/?q={}", "a".repeat(201));
    assert_eq!(browser.get(&long).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.fake.0.lock().unwrap().searches.is_empty());
    for query in ["page=0", "page=-1", "page=99999999999", "kind=nonsense", "%ff=%ff"] {
        assert_eq!(browser.get(&format!("/?{query}")).await.status, StatusCode::OK, "{query}");
    }
    assert!(browser.fake.0.lock().unwrap().searches.iter().all(|search| search.skip <= 25 * 39));
}

#[tokio::test]
async fn forms_become_acts() {
    let (browser, csrf) = Browser::signed_in().await;
    let form = format!(
        "csrf={csrf}&at=2026-11-24T10%3A00&zone=America%2FChicago&mode=telephone&place=Room+4&note=Gr%C3%BC%C3%9Fe"
    );
    browser.post(&thread("schedule"), &form).await;
    browser.post(&thread("decline"), &format!("csrf={csrf}&reason=out_of_area&note=")).await;
    let acts = std::mem::take(&mut browser.fake.0.lock().unwrap().acts);
    let [
        Care::ReferralAct { act: ActRequest::Schedule(to), .. },
        Care::ReferralAct { act: ActRequest::Decline { reason: DeclineReason::OutOfArea, .. }, .. },
    ] = acts.as_slice()
    else {
        panic!("{acts:?}");
    };
    assert_eq!((to.place.reveal().as_str(), to.note.reveal().as_str(), to.mode), ("Room 4", "Grüße", Mode::Telephone));
    let At::Typed(at) = &to.at else { panic!("what the clock of the place shows goes as it was typed: {to:?}") };
    assert_eq!((at.as_str(), to.zone.as_deref()), ("2026-11-24T10:00", Some("America/Chicago")));
    let form =
        format!("csrf={csrf}&why.barriers=childcare&why.barriers=work&why.note=&heard-from=Jo&when=2026-11-24T10:00");
    browser.post(&thread("no-show"), &form).await;
    let acts = std::mem::take(&mut browser.fake.0.lock().unwrap().acts);
    let [Care::ReferralHeard { act: ActRequest::NoShow { why, .. }, from, .. }] = acts.as_slice() else {
        panic!("{acts:?}")
    };
    assert_eq!(
        (why.barriers.as_slice(), from.reveal().as_str()),
        ([Barrier::Childcare, Barrier::Work].as_slice(), "Jo")
    );
}

#[tokio::test]
async fn an_entry_is_struck_by_the_button_beside_it_and_shows_who_struck_one_when_and_why() {
    let (browser, csrf) = Browser::signed_in().await;
    let page = browser.get(thread("").trim_end_matches('/')).await.text;
    let history = page.split("id=\"history\"").nth(1).expect("what happened");
    assert_eq!(history.matches("This was a mistake").count(), 1, "beside what is ours alone");
    assert!(history.contains(&format!("action=\"{}\"", thread("mistake"))), "{history}");
    assert!(history.contains("Struck as a mistake (Dora Whitlock, ") && history.contains("): It was another person."));
    let entry = "03".repeat(32);
    browser.post(&thread("mistake"), &format!("csrf={csrf}&entry={entry}&why=the+wrong+referral")).await;
    let acts = std::mem::take(&mut browser.fake.0.lock().unwrap().acts);
    let [Care::ReferralAct { act: ActRequest::Mistake { entry: struck, why }, .. }] = acts.as_slice() else {
        panic!("{acts:?}")
    };
    assert_eq!((struck, why.reveal().as_str()), (&entry, "the wrong referral"));
    // Without a reason nothing is struck, and the form stands open with the entry chosen.
    let answer = browser.post(&thread("mistake"), &format!("csrf={csrf}&entry={entry}&why=")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.fake.0.lock().unwrap().acts.is_empty());
}

#[tokio::test]
async fn what_is_refused_says_why_keeps_what_was_typed_and_saves_nothing() {
    let (browser, csrf) = Browser::signed_in().await;
    for (form, fields) in [
        ("decline", "note=We+are+full"),
        ("decline", "reason=whatever&note=We+are+full"),
        ("schedule", "at=soon&mode=video&note=We+are+full"),
        ("schedule", "at=2026-11-24T10:00&mode=pigeon"),
        ("attend", "when="),
        ("message", "text=+++"),
        ("withdraw", "reason="),
        ("close", "outcome="),
        ("link", "person="),
        ("link", "person=somebody"),
        ("link", "person=named&named=+"),
    ] {
        let answer = browser.post(&thread(form), &format!("csrf={csrf}&{fields}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form} {fields}");
        assert!(answer.text.contains("Nothing was saved. "), "{form} {fields}");
        assert!(
            form == "link" || answer.text.contains("class=\"wrong\""),
            "{form} {fields}: a sentence beside its field"
        );
        assert!(!fields.contains("note=") || answer.text.contains(">\nWe are full</textarea>"), "{form} {fields}");
    }
    browser.fake.0.lock().unwrap().refuse = Some(Failure::not_permitted("the consent was revoked"));
    let answer = browser.post(&thread("message"), &format!("csrf={csrf}&text=Are+you+%3Cthere%3E")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("Nothing was saved. The consent was revoked."));
    assert!(answer.text.contains(">\nAre you &#60;there&#62;</textarea>"));
    assert!(browser.fake.0.lock().unwrap().acts.is_empty());
}

#[tokio::test]
async fn who_is_unlike_what_is_told_is_asked_about_where_it_was_refused_and_the_told_name_stays() {
    let (browser, csrf) = Browser::signed_in().await;
    let page = browser.get(&format!("/threads/{THREAD}")).await.text;
    assert!(page.contains("<dt>Told as</dt>") && !page.contains("name=\"same\""));
    browser.fake.0.lock().unwrap().refuse = Some(Failure::misuse("unlike what this referral tells"));
    let answer = browser.post(&thread("link"), &format!("csrf={csrf}&person=named&named=Ann+Reed")).await;
    assert!(answer.text.contains("name=\"same\"") && answer.text.contains("value=\"Ann Reed\""));
    let answer = browser.post(&thread("link"), &format!("csrf={csrf}&person=new")).await;
    assert!(!answer.text.contains("name=\"same\""), "somebody new is like what is told");
    browser.fake.0.lock().unwrap().refuse = None;
    let form = format!("csrf={csrf}&person=named&named=Ann+Reed&same=yes");
    assert_eq!(browser.post(&thread("link"), &form).await.status, StatusCode::SEE_OTHER);
    let acts = std::mem::take(&mut browser.fake.0.lock().unwrap().acts);
    assert!(matches!(acts.as_slice(), [Care::ReferralLink(ask)] if ask.same), "{acts:?}");
}

#[tokio::test]
async fn a_form_past_the_bound_or_of_another_type_is_refused() {
    let (browser, csrf) = Browser::signed_in().await;
    let longest = format!("csrf={csrf}&text={}", "%F0%9F%92%9A".repeat(8_000));
    assert_eq!(
        browser.post(&thread("message"), &longest).await.status,
        StatusCode::SEE_OTHER,
        "the longest message fits"
    );
    let long = format!("csrf={csrf}&text={}", "a".repeat(200_000));
    assert_eq!(browser.post(&thread("message"), &long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
        let request = Request::post(thread("accept")).header(header::CONTENT_TYPE, kind);
        let answer = browser.send(request.body(Body::from(format!("csrf={csrf}"))).unwrap()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{kind}");
    }
    assert_eq!(browser.fake.0.lock().unwrap().acts.len(), 1);
}

#[tokio::test]
async fn one_more_row_of_a_list_is_there_for_the_asking_and_keeps_what_was_typed() {
    let (browser, csrf) = Browser::signed_in().await;
    let href = format!("/persons/{THREAD}/consent");
    let rows = |text: &str| (0..9).filter(|n| text.contains(&format!("name=\"parties.{n}."))).count();
    let first = browser.get(&href).await;
    assert!(first.text.contains("name=\"another-row\" value=\"parties\""), "{}", first.text);
    // Enter presses the first button, which is none that adds a row.
    let button = first.text.split("class=\"card step\"").nth(1).and_then(|form| form.split("<button").nth(1));
    assert!(button.is_some_and(|button| button.starts_with(" name=\"another-row\" value=\"\"")), "{button:?}");
    let before = rows(&first.text);
    let form = format!("csrf={csrf}&parties.0.org=Ridge&parties.{}.org=&another-row=parties", before - 1);
    let answer = browser.post(&href, &form).await;
    assert_eq!((answer.status, rows(&answer.text)), (StatusCode::OK, before + 1));
    assert!(!answer.text.contains("Nothing was saved"));
}

#[tokio::test]
async fn what_is_not_there_does_not_look_like_being_signed_out() {
    let (browser, _) = Browser::signed_in().await;
    let there = browser.get("/threads/nothing").await;
    assert_eq!(there.status, StatusCode::NOT_FOUND);
    assert!(there.text.contains("Sign out") && there.text.contains("There is no such page"), "{}", there.text);
    let stranger = Browser { place: None, cookie: None, ..browser };
    assert!(!stranger.get("/threads/nothing").await.text.contains("Sign out"));
}

#[tokio::test]
async fn what_is_signed_already_is_said_to_be_and_is_not_signed_again() {
    let (browser, csrf) = Browser::signed_in().await;
    browser.fake.0.lock().unwrap().signed = true;
    let href = format!("/consents/{THREAD}");
    let answer = browser.get(&format!("{href}/sign")).await;
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, href.as_str()));
    assert!(browser.get(&href).await.text.contains("It is signed already"), "{csrf}");
}

#[tokio::test]
async fn words_that_could_put_the_person_first_are_hinted_at_before_anything_is_sent_and_block_nothing() {
    let (browser, csrf) = Browser::signed_in().await;
    let form = format!("csrf={csrf}&text=She+is+clean+now");
    let answer = browser.post(&thread("message"), &form).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.text.contains("Nothing was sent yet") && answer.text.contains("She is clean now"),
        "{}",
        answer.text
    );
    let sent = || {
        let seen = browser.fake.0.lock().unwrap();
        seen.acts.iter().filter(|ask| matches!(ask, Care::ReferralAct { .. })).count()
    };
    assert_eq!(sent(), 0, "it went before anybody could think again");
    let answer = browser.post(&thread("message"), &format!("{form}&as-it-is=yes")).await;
    assert_eq!((answer.status, sent()), (StatusCode::SEE_OTHER, 1));
}

#[tokio::test]
async fn what_was_typed_into_a_form_that_is_gone_by_then_is_still_shown() {
    let (browser, csrf) = Browser::signed_in().await;
    {
        let mut seen = browser.fake.0.lock().unwrap();
        (seen.over, seen.refuse) = (true, Some(Failure::not_permitted("the consent ended")));
    }
    for (form, typed) in [
        ("message", "text=She+comes+on+Friday"),
        ("close", "outcome=moved&note=She+comes+on+Friday"),
        ("crisis-plan", "contacts.0.name=She+comes+on+Friday"),
    ] {
        let answer = browser.post(&thread(form), &format!("csrf={csrf}&{typed}")).await;
        assert!(!answer.status.is_success() && answer.text.contains("Nothing was saved."), "{}", answer.text);
        assert!(answer.text.contains("What you typed") && answer.text.contains("She comes on Friday"), "{form}");
        assert!(!answer.text.contains(">moved<"), "a choice is no word");
    }
    browser.fake.0.lock().unwrap().over = false;
    let there = browser.post(&thread("message"), &format!("csrf={csrf}&text=She+comes+on+Friday")).await;
    assert!(!there.text.contains("What you typed"), "it stands in the form");
    assert!(there.text.contains("She comes on Friday</textarea>"), "{}", there.text);
}

#[tokio::test]
async fn a_form_of_a_referral_that_stands_elsewhere_by_now_is_shown_anew_with_what_came_in_between() {
    let (browser, csrf) = Browser::signed_in().await;
    let page = browser.get(&thread("")[..thread("").len() - 1]).await.text;
    let stood = page.split("name=\"stood\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a form");
    let (newest, state) = stood.split_once(' ').expect("an entry and a state");
    let older = format!("{newest} requested");
    assert_ne!(state, "requested");
    let decline = |stood: &str| {
        format!("csrf={csrf}&reason=no_capacity&note=full+until+Friday&stood={}", stood.replace(' ', "+"))
    };
    let answer = browser.post(&thread("decline"), &decline(&older)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text.contains("this happened while you were writing") && answer.text.contains("full until Friday"));
    assert!(browser.fake.0.lock().unwrap().acts.is_empty(), "nothing was done");
    // Words alone go wherever it stands; and so does what is posted once more.
    let words = browser.post(&thread("message"), &format!("csrf={csrf}&text=hello&stood={newest}+requested")).await;
    assert_eq!(words.status, StatusCode::SEE_OTHER, "{}", words.text);
    assert_eq!(browser.post(&thread("decline"), &decline(stood)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.fake.0.lock().unwrap().acts.len(), 2);
}
