//! What stands alone in a consent is told from what is ticked beside it.

use super::fake::{Browser, THREAD};
use super::steps::asked;
use crate::api::care::Care;

#[tokio::test]
async fn counselling_notes_are_alone_and_the_field_with_what_stands_beside_them_is_named() {
    use belay_protocol::consent::Class;
    let (browser, csrf) = Browser::signed_in().await;
    let path = format!("persons/{THREAD}/consent");
    let base = format!("parties.0.org={}&ends=on&expires=2027-06-01&signer=person", "a1".repeat(32));
    let draft = async |more: &str| asked(&browser, &csrf, &path, &format!("{base}&{more}")).await;
    let notes = "parties.0.tell=counselling";
    for (more, field) in [
        ("class=counselling&parties.0.tell=referral", "tell"),
        ("class=counselling&parties.0.tell=counselling&parties.0.back=referral", "back"),
        ("parties.0.tell=counselling&parties.0.tell=referral", "tell"),
        ("class=general&parties.0.tell=counselling&parties.0.back=referral", "back"),
    ] {
        let why = draft(more).await.expect_err(more).text;
        assert!(why.contains(&format!("consent-parties-0-{field}-wrong")) && why.contains("untick"), "{more}: {why}");
        assert!(!why.contains("belay "), "no command on a page: {why}");
    }
    for more in [notes.to_owned(), format!("class=counselling&{notes}")] {
        let Ok(Care::ConsentDraft(draft)) = draft(&more).await else { panic!("{more}") };
        assert_eq!(draft.class, Some(Class::Counselling), "{more}");
    }
}
