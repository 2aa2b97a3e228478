use super::*;
use crate::usecases::identity;
use crate::usecases::tests::{alone, node};
use belay_protocol::coalition::invite::Tries;
use tempfile::TempDir;

/// A newcomer, and who invite it: each founded a coalition of its own.
struct Newcomer {
    driver: Driver,
    _home: TempDir,
}

struct Inviter {
    driver: Driver,
    _home: TempDir,
}

impl Inviter {
    async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { driver: node(home.path()).await.0, _home: home }
    }

    async fn code(&self) -> Secret {
        let ways = coalition::Ways { addresses: vec!["/ip4/127.0.0.1/tcp/9".into()], ..coalition::Ways::default() };
        let made = self.driver.write(|step, _| coalition::invite(step, None, 24, false, ways)).await.unwrap();
        Secret::new(made.code)
    }

    async fn approve(&self, newcomer: &Newcomer) {
        let org = newcomer.driver.org().to_string();
        self.driver.write(move |step, _| coalition::approve(step, &org)).await.unwrap();
    }
}

impl Newcomer {
    async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { driver: alone(home.path()).await.0, _home: home }
    }

    async fn begin(&self, with: &Inviter) -> Join {
        let code = with.code().await;
        self.driver.write(move |step, _| coalition::begin(step, &code)).await.unwrap()
    }

    /// One conversation, without a network.
    async fn talk(&self, join: &mut Join, with: &Inviter) -> Result<Heard, Fault> {
        let (me, inviter) = (self.driver.node(), with.driver.node());
        let mut from = 0;
        loop {
            let frame = join.request_to(inviter, from).encode();
            let (answer, _) =
                with.driver.write(move |step, _| coalition::answer(step, &mut Tries::default(), me, &frame)).await?;
            let (mut told, answer) = (join.clone(), answer.encode());
            let heard = self
                .driver
                .write(move |step, _| -> Result<(Join, Heard), Fault> {
                    let heard = coalition::heard(step, &mut told, inviter, &answer)?;
                    Ok((told, heard))
                })
                .await?;
            *join = heard.0;
            match heard.1 {
                Heard::Known => {}
                Heard::More(next) => from = next,
                Heard::Waiting | Heard::Stopped(_) | Heard::Joined => return Ok(heard.1),
            }
        }
    }

    /// As another machine of its own would bring it.
    async fn come_into_another(&self) {
        self.driver
            .write(|step, _| {
                let card = identity::card(step.draft())?;
                step.found_coalition("river county", card)
            })
            .await
            .unwrap();
    }

    async fn kept(&self) -> usize {
        self.driver.query(|_, store| Join::all(store).map(|joins| joins.len())).await.unwrap()
    }

    async fn coalitions(&self) -> usize {
        self.driver.query(|engine, store| engine.coalitions(store).map(|all| all.len())).await.unwrap()
    }
}

fn refused(outcome: Result<Heard, Fault>) -> String {
    let fault = outcome.unwrap_err();
    assert_eq!(fault.class, Class::NotPermitted, "{fault:?}");
    fault.message
}

#[tokio::test]
async fn who_is_let_in_by_one_of_two_invites_waits_with_the_other_no_more_and_comes_into_no_second_coalition() {
    let (newcomer, first, second) = (Newcomer::new().await, Inviter::new().await, Inviter::new().await);
    let (mut one, mut other) = (newcomer.begin(&first).await, newcomer.begin(&second).await);
    assert_eq!(newcomer.talk(&mut one, &first).await.unwrap(), Heard::Waiting);
    assert_eq!(newcomer.talk(&mut other, &second).await.unwrap(), Heard::Waiting);
    first.approve(&newcomer).await;
    second.approve(&newcomer).await;
    assert_eq!(newcomer.talk(&mut one, &first).await.unwrap(), Heard::Joined);
    assert_eq!(newcomer.kept().await, 0);
    // Talks that were under way: of the same join, and of the other.
    assert_eq!(newcomer.talk(&mut one, &first).await.unwrap(), Heard::Joined);
    assert!(refused(newcomer.talk(&mut other, &second).await).contains("ended meanwhile"));
    assert_eq!((newcomer.kept().await, newcomer.coalitions().await), (0, 1));
}

#[tokio::test]
async fn a_join_does_not_lead_out_of_the_coalition_that_another_machine_came_into_and_ends() {
    let (newcomer, inviter) = (Newcomer::new().await, Inviter::new().await);
    let mut join = newcomer.begin(&inviter).await;
    assert_eq!(newcomer.talk(&mut join, &inviter).await.unwrap(), Heard::Waiting);
    inviter.approve(&newcomer).await;
    let joining = Joining::new(newcomer.driver.clone());
    assert_eq!(joining.pending().await.unwrap().len(), 1);
    newcomer.come_into_another().await;
    assert!(refused(newcomer.talk(&mut join, &inviter).await).contains("in river county already"));
    assert_eq!((newcomer.kept().await, newcomer.coalitions().await), (1, 1));
    assert!(joining.pending().await.unwrap().is_empty());
    assert_eq!(newcomer.kept().await, 0);
}

#[tokio::test]
async fn who_founds_a_coalition_waits_with_no_invite_any_more() {
    let (newcomer, inviter) = (Newcomer::new().await, Inviter::new().await);
    newcomer.begin(&inviter).await;
    newcomer.driver.write(|step, _| coalition::found(step, "river county")).await.unwrap();
    assert_eq!(newcomer.kept().await, 0);
}

#[tokio::test]
async fn all_joins_of_a_node_are_asked_for_by_one_task() {
    let newcomer = Newcomer::new().await;
    let joining = Joining::new(newcomer.driver);
    let office = joining.clone();
    joining.wait();
    joining.wait();
    office.wait();
    assert_eq!(Arc::strong_count(&joining.bell), 3, "these two and their one task");
}

#[tokio::test]
async fn who_was_taken_out_while_it_joined_or_whose_inviter_was_reads_so_in_status_until_that_join_goes_on_or_ends() {
    let (newcomer, first, second) = (Newcomer::new().await, Inviter::new().await, Inviter::new().await);
    let both = [newcomer.begin(&first).await, newcomer.begin(&second).await];
    let (conditions, mut stopped) = (Conditions::default(), Stopped::default());
    let said = || conditions.all().into_iter().find(|condition| condition.code == conditions::JOIN_STOPPED);
    for (refusal, sentence, next) in [
        (Refusal::InviterOut, "ask another member for an invite", "belay join"),
        (Refusal::Out, "a steward can let it in again", "telephone a steward"),
        (Refusal::Unknown, "does not know this invite", "telephone the inviter"),
        (Refusal::TooManyTries, "try again in an hour", "in an hour"),
    ] {
        // Whichever of the two stands still, and whichever is heard last.
        for (still, other) in [(0, 1), (1, 0)] {
            stopped.heard(&both[still], Heard::Stopped(refusal));
            stopped.heard(&both[other], Heard::Waiting);
            stopped.tell(&both, &conditions);
            let condition = said().expect("told");
            assert!(condition.severity == Severity::Warning && condition.sentence.contains(sentence), "{condition:?}");
            assert!(condition.next.unwrap().contains(next));
            // A round in which neither inviter was reached.
            stopped.tell(&both, &conditions);
            assert!(said().is_some());
            stopped.heard(&both[still], Heard::Waiting);
            stopped.tell(&both, &conditions);
            assert_eq!(said(), None);
        }
        stopped.heard(&both[0], Heard::Stopped(refusal));
        stopped.tell(&both, &conditions);
        assert!(said().is_some());
        stopped.tell(&both[1..], &conditions);
        assert_eq!(said(), None, "it ended");
    }
}
