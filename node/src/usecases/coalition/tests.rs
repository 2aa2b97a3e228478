//! What a steward is told of who stands otherwise than it asks, and a newcomer that comes by files.

use super::*;
use crate::api::Secret;
use crate::driver::Driver;
use crate::usecases::tests::{alone, node, of_phrase};
use belay_protocol::keys::phrase::Phrase;

async fn invite_file(inviter: &Driver) -> Secret {
    let made = inviter.write(|step, _| invite(step, None, 24, true, Ways::default())).await.unwrap();
    Secret::new(made.file.unwrap())
}

async fn join(newcomer: &Driver, content: Secret) -> Outcome<crate::api::views::JoinView> {
    newcomer.write(move |step, _| join_file(step, &content)).await
}

async fn answer(inviter: &Driver, content: &str) -> Outcome<crate::api::views::WaitingView> {
    let content = Secret::new(content.to_owned());
    inviter.write(move |step, _| answer_file(step, &content)).await
}

async fn approve(inviter: &Driver, org: &str) -> Outcome<ApprovedView> {
    let org = org.to_owned();
    inviter.write(move |step, _| super::approve(step, &org)).await
}

async fn remove(inviter: &Driver, org: &str) -> Outcome<RemovalView> {
    let org = org.to_owned();
    inviter.write(move |step, _| super::remove(step, &org)).await
}

async fn leave(driver: &Driver) -> Failure {
    driver.write(|step, _| super::leave(step, false)).await.unwrap_err()
}

#[tokio::test]
async fn who_was_let_in_by_file_gets_the_welcome_again_where_the_first_was_never_written() {
    let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (inviter, newcomer) = (node(homes[0].path()).await.0, alone(homes[1].path()).await.0);
    let org = newcomer.org().to_string();
    let claim = join(&newcomer, invite_file(&inviter).await).await.unwrap().file.unwrap();
    let waiting = answer(&inviter, &claim).await.unwrap();
    assert_eq!((waiting.organisation.state.as_str(), waiting.welcome), ("waiting", None));
    let lost = approve(&inviter, &org).await.unwrap();
    assert!(lost.file.is_some());
    let again = answer(&inviter, &claim).await.unwrap();
    assert_eq!(again.organisation.state, "member");
    let joined = join(&newcomer, Secret::new(again.welcome.expect("it is made again"))).await.unwrap();
    assert_eq!(joined.standing, Standing::Member);

    let told = approve(&inviter, &org).await.unwrap_err();
    assert!(told.message.contains("is a member already"), "{told:?}");
    remove(&inviter, &org).await.unwrap();
    let told = remove(&inviter, &org).await.unwrap_err();
    assert!(told.message.contains("is out of the coalition already"), "{told:?}");
    let told = answer(&inviter, &claim).await.unwrap_err();
    assert!(told.message.contains("is out or retired since"), "who was removed gets no welcome: {told:?}");
}

#[tokio::test]
async fn a_machine_that_was_retired_gets_no_welcome_by_the_file_that_once_let_it_in() {
    let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let phrase = Phrase::generate(&mut crate::system::System);
    let (inviter, stolen) = (node(homes[0].path()).await.0, of_phrase(homes[1].path(), &phrase).await.0);
    let claim = join(&stolen, invite_file(&inviter).await).await.unwrap().file.unwrap();
    answer(&inviter, &claim).await.unwrap();
    let welcome = approve(&inviter, &stolen.org().to_string()).await.unwrap().file.unwrap();
    join(&stolen, Secret::new(welcome)).await.unwrap();
    assert!(answer(&inviter, &claim).await.unwrap().welcome.is_some());

    // Its root says so, and the inviter hears of it.
    let retirement = phrase.root().retire(stolen.node(), crate::system::now());
    let told = stolen.write(move |step, _| {
        step.retire(&retirement)?;
        let (engine, draft) = step.engine();
        let coalition = engine.coalitions(draft)?[0];
        engine.control_entries(draft, coalition)
    });
    let told = told.await.unwrap();
    inviter.write(move |step, _| step.take_entries(told)).await.unwrap();
    let refused = answer(&inviter, &claim).await.unwrap_err();
    assert!(refused.message.contains("is out or retired since"), "{refused:?}");
    stolen.stop().await;
    inviter.stop().await;
}

#[tokio::test]
async fn a_sole_steward_that_leaves_is_told_what_comes_first() {
    let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (steward, newcomer) = (node(homes[0].path()).await.0, alone(homes[1].path()).await.0);
    let told = leave(&steward).await;
    assert!(told.message.contains("nobody else is in this coalition"), "{told:?}");
    assert!(told.next.is_some_and(|next| next.contains("belay init")));
    let claim = join(&newcomer, invite_file(&steward).await).await.unwrap().file.unwrap();
    answer(&steward, &claim).await.unwrap();
    approve(&steward, &newcomer.org().to_string()).await.unwrap();
    let told = leave(&steward).await;
    assert!(told.next.is_some_and(|next| next.contains("belay steward propose --add ORG --drop \"Ridge Clinic\"")));
}
