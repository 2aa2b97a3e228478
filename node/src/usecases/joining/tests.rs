use super::*;
use crate::api::views::Standing;
use crate::usecases::identity;
use crate::usecases::tests::{alone, node};
use belay_protocol::coalition::handshake::{Answer, Approved};
use belay_protocol::coalition::invite::Tries;
use belay_protocol::ids::OrgId;
use belay_protocol::limits;
use belay_protocol::time::{DAY, Time};
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

    /// The same with an invite that expired longer ago than a join is waited for without a word to people. The inviter's machine goes by
    /// another clock.
    async fn begin_long_ago(&self, code: &Secret) -> Join {
        let mut code = Code::parse(code.reveal()).unwrap();
        code.expires = Time(system::now().0 - limits::JOIN_GRACE - DAY);
        let begin = self.driver.write(move |step, _| {
            let (me, then) = (coalition::party(step)?, Time(code.expires.0 - DAY));
            let (_, draft, random) = step.drawing();
            Join::begin(draft, code, &me, then, random)
        });
        begin.await.unwrap()
    }

    /// What the inviter's machine answers to a join's question from there on.
    async fn asks(&self, join: &Join, with: &Inviter, from: u32) -> Result<Answer, Fault> {
        let (me, frame) = (self.driver.node(), join.request_to(with.driver.node(), from).encode());
        let answered = with.driver.write(move |step, _| coalition::answer(step, &mut Tries::default(), me, &frame));
        answered.await.map(|(answer, _)| answer)
    }

    async fn hears(
        &self,
        (join, pages): (&mut Join, &mut Pages),
        with: &Inviter,
        answer: &Answer,
    ) -> Result<Heard, Fault> {
        let (inviter, answer) = (with.driver.node(), answer.encode());
        let (mut told, mut held) = (join.clone(), std::mem::take(pages));
        let heard = self.driver.write(move |step, _| -> Result<_, Fault> {
            let heard = coalition::heard(step, (&mut told, &mut held), inviter, &answer)?;
            Ok((told, held, heard))
        });
        let heard = heard.await?;
        (*join, *pages) = (heard.0, heard.1);
        Ok(heard.2)
    }

    /// One conversation, without a network.
    async fn talk(&self, join: &mut Join, with: &Inviter) -> Result<Heard, Fault> {
        let (mut from, mut pages) = (0, Pages::default());
        loop {
            let answer = self.asks(join, with, from).await?;
            match self.hears((join, &mut pages), with, &answer).await? {
                Heard::Known => {}
                Heard::More(next) => from = next,
                heard @ (Heard::Waiting | Heard::Stopped(_) | Heard::Joined) => return Ok(heard),
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

    /// What else the inviter's coalition holds, as another machine of its own would bring it.
    async fn learn(&self, whole: &Approved, from: OrgId) {
        let (coalition, entries) = (whole.coalition, whole.entries.clone());
        let learn = self.driver.write(move |step, _| {
            step.join_coalition(coalition, from)?;
            step.take_entries(entries)
        });
        learn.await.unwrap();
    }

    async fn standing(&self) -> Standing {
        self.driver.query(|engine, store| coalition::standing(engine, store)).await.unwrap()
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

/// One page of it for each entry.
fn pages(whole: &Approved) -> Vec<Answer> {
    let last = whole.entries.len() - 1;
    let page = |number: usize| Approved {
        coalition: whole.coalition,
        from: u32::try_from(number).unwrap(),
        entries: vec![whole.entries[number].clone()],
        next: (number < last).then(|| u32::try_from(number + 1).unwrap()),
        addresses: Vec::new(),
    };
    (0..=last).map(|number| Answer::Approved(page(number))).collect()
}

#[tokio::test]
async fn of_a_roster_that_did_not_come_whole_nothing_stays_where_another_invite_lets_into_another_coalition() {
    let (newcomer, first, second) = (Newcomer::new().await, Inviter::new().await, Inviter::new().await);
    let (mut one, mut other) = (newcomer.begin(&first).await, newcomer.begin(&second).await);
    newcomer.talk(&mut one, &first).await.unwrap();
    newcomer.talk(&mut other, &second).await.unwrap();
    first.approve(&newcomer).await;
    second.approve(&newcomer).await;
    let Answer::Approved(whole) = newcomer.asks(&one, &first, 0).await.unwrap() else { panic!("approved") };
    let paged = pages(&whole);
    assert!(paged.len() > 1);
    let mut held = Pages::default();
    assert_eq!(newcomer.hears((&mut one, &mut held), &first, &paged[0]).await.unwrap(), Heard::More(1));
    assert_eq!(newcomer.talk(&mut other, &second).await.unwrap(), Heard::Joined);
    assert_eq!((newcomer.kept().await, newcomer.coalitions().await), (0, 1));
    assert!(refused(newcomer.hears((&mut one, &mut held), &first, &paged[1]).await).contains("ended meanwhile"));
    assert_eq!(newcomer.coalitions().await, 1);
}

#[tokio::test]
async fn a_roster_that_comes_in_pages_lets_in_with_the_last_of_them() {
    let (newcomer, inviter) = (Newcomer::new().await, Inviter::new().await);
    let mut join = newcomer.begin(&inviter).await;
    newcomer.talk(&mut join, &inviter).await.unwrap();
    inviter.approve(&newcomer).await;
    let Answer::Approved(whole) = newcomer.asks(&join, &inviter, 0).await.unwrap() else { panic!("approved") };
    let (mut held, mut heard) = (Pages::default(), Heard::Waiting);
    for page in pages(&whole) {
        assert_ne!(heard, Heard::Joined);
        heard = newcomer.hears((&mut join, &mut held), &inviter, &page).await.unwrap();
    }
    let standing = newcomer.driver.query(|engine, store| coalition::standing(engine, store)).await.unwrap();
    assert_eq!((heard, standing), (Heard::Joined, crate::api::views::Standing::Member));
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

/// A newcomer with a join that was approved, and the whole roster that it may fetch.
async fn approved(newcomer: &Newcomer, inviter: &Inviter) -> (Join, Approved) {
    let mut join = newcomer.begin(inviter).await;
    assert_eq!(newcomer.talk(&mut join, inviter).await.unwrap(), Heard::Waiting);
    inviter.approve(newcomer).await;
    let Answer::Approved(whole) = newcomer.asks(&join, inviter, 0).await.unwrap() else { panic!("approved") };
    (join, whole)
}

#[tokio::test]
async fn who_is_in_by_another_machine_of_its_own_waits_for_nothing_and_to_wait_no_more_leaves_no_coalition() {
    let (newcomer, inviter) = (Newcomer::new().await, Inviter::new().await);
    let (_, whole) = approved(&newcomer, &inviter).await;
    // Who waits leaves nothing, and still waits.
    let told = newcomer.driver.write(|step, _| coalition::leave(step, false)).await.unwrap_err();
    assert!(told.message.contains("waits to be let into one"), "{told:?}");
    assert_eq!((newcomer.kept().await, newcomer.standing().await), (1, Standing::Waiting));
    newcomer.learn(&whole, inviter.driver.org()).await;
    assert_eq!((newcomer.kept().await, newcomer.standing().await), (1, Standing::Member));
    let told = newcomer.driver.write(|step, _| coalition::leave(step, true)).await.unwrap_err();
    assert!(told.message.contains("does not wait"), "{told:?}");
    assert_eq!(newcomer.standing().await, Standing::Member);
    assert!(Joining::new(newcomer.driver.clone()).pending().await.unwrap().is_empty());
    assert_eq!(newcomer.kept().await, 0);
    newcomer.driver.write(|step, _| coalition::leave(step, false)).await.unwrap();
    assert_ne!(newcomer.standing().await, Standing::Member);
}

#[tokio::test]
async fn who_is_in_by_a_part_of_a_roster_goes_on_for_the_rest_of_it() {
    let (newcomer, inviter) = (Newcomer::new().await, Inviter::new().await);
    let (mut join, whole) = approved(&newcomer, &inviter).await;
    let end = u32::try_from(whole.entries.len()).unwrap();
    let last = Approved { from: end, entries: Vec::new(), ..whole.clone() };
    let first = Answer::Approved(Approved { next: Some(end), addresses: Vec::new(), ..whole });
    let mut held = Pages::full();
    assert_eq!(newcomer.hears((&mut join, &mut held), &inviter, &first).await.unwrap(), Heard::More(end));
    assert_eq!(newcomer.standing().await, Standing::Member);
    assert_eq!(Joining::new(newcomer.driver.clone()).pending().await.unwrap().len(), 1);
    let last = Answer::Approved(last);
    assert_eq!(newcomer.hears((&mut join, &mut held), &inviter, &last).await.unwrap(), Heard::Joined);
    assert_eq!(newcomer.kept().await, 0);
}

#[tokio::test]
async fn an_inviter_that_shows_a_roster_without_this_organisation_or_none_ends_no_join() {
    let (newcomer, first, second) = (Newcomer::new().await, Inviter::new().await, Inviter::new().await);
    let (mut one, mut other) = (newcomer.begin(&first).await, newcomer.begin(&second).await);
    newcomer.talk(&mut one, &first).await.unwrap();
    newcomer.talk(&mut other, &second).await.unwrap();
    let (_, without) = approved(&Newcomer::new().await, &first).await;
    let none = Approved { from: 1, entries: Vec::new(), next: None, ..without.clone() };
    for answer in [Answer::Approved(without), Answer::Approved(none)] {
        let told = newcomer.hears((&mut one, &mut Pages::default()), &first, &answer).await.unwrap_err();
        assert_eq!(told.class, Class::Misbehaved, "{told}");
        assert_eq!((newcomer.kept().await, newcomer.standing().await), (2, Standing::Waiting));
        assert_eq!(newcomer.coalitions().await, 0);
    }
    second.approve(&newcomer).await;
    assert_eq!(newcomer.talk(&mut other, &second).await.unwrap(), Heard::Joined);
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

#[tokio::test]
async fn a_join_is_asked_for_ever_more_seldom_most_seldom_where_nobody_answers_and_soon_again_once_somebody_does() {
    let (newcomer, first, second) = (Newcomer::new().await, Inviter::new().await, Inviter::new().await);
    let waiting = [newcomer.begin(&first).await, newcomer.begin(&second).await];
    let (mut turns, start) = (Turns::default(), Instant::now());
    let millis = Duration::from_millis;
    let (mut now, mut asked) = (start, [0, 0]);
    while now < start + Duration::from_secs(24 * 3600) {
        now = turns.next(&waiting, now).unwrap();
        for (number, join) in waiting.iter().enumerate().filter(|(_, join)| turns.is_due(join, now)).collect::<Vec<_>>()
        {
            asked[number] += 1;
            turns.asked(join, number == 1, now);
        }
    }
    assert!((100..200).contains(&asked[0]), "nobody answers, {asked:?}");
    assert!((4_000..5_000).contains(&asked[1]), "a steward has yet to approve, {asked:?}");
    assert!(turns.is_silent(&waiting[0]) && !turns.is_silent(&waiting[1]));
    // Its machine is there again.
    turns.asked(&waiting[0], true, now);
    assert!(turns.next(&waiting[..1], now).unwrap() <= now + millis(limits::JOIN_ASK_ANSWERED));
    turns.asked(&waiting[0], false, now);
    turns.hurry(now);
    assert_eq!(turns.next(&waiting[..1], now), Some(now + millis(limits::JOIN_ASK_FIRST)));
    assert!(turns.is_silent(&waiting[0]), "it has not answered yet");
    assert_eq!(turns.next(&[], now), None);
}

#[tokio::test]
async fn where_nobody_answers_long_after_its_invite_expired_status_says_so_and_a_late_answer_still_lets_in() {
    let (newcomer, inviter) = (Newcomer::new().await, Inviter::new().await);
    let mut join = newcomer.begin_long_ago(&inviter.code().await).await;
    assert_eq!(newcomer.talk(&mut join, &inviter).await.unwrap(), Heard::Waiting);
    let (mut turns, conditions, now) = (Turns::default(), Conditions::default(), Instant::now());
    let said = |turns: &Turns, waiting: &[Join], at: Time| {
        tell_unanswered(turns, waiting, at, &conditions);
        conditions.all().into_iter().find(|condition| condition.code == conditions::JOIN_UNANSWERED)
    };
    let waiting = [join.clone()];
    assert_eq!(said(&turns, &waiting, system::now()), None, "nobody was asked");
    turns.asked(&join, false, now);
    let condition = said(&turns, &waiting, system::now()).unwrap();
    assert!(condition.next.unwrap().contains("telephone the inviter"));
    assert_eq!(said(&turns, &waiting, join.code().expires.plus(limits::JOIN_GRACE)), None, "it is not long ago");
    turns.asked(&join, true, now);
    assert_eq!(said(&turns, &waiting, system::now()), None);
    turns.asked(&join, false, now);
    inviter.approve(&newcomer).await;
    assert_eq!(newcomer.talk(&mut join, &inviter).await.unwrap(), Heard::Joined);
    turns.next(&[], now);
    assert_eq!(said(&turns, &[], system::now()), None);
}

#[tokio::test]
async fn who_asks_for_such_a_join_itself_reads_whom_to_telephone_and_waits_no_more_once_it_leaves() {
    let (newcomer, inviter) = (Newcomer::new().await, Inviter::new().await);
    let code = inviter.code().await;
    let mut join = newcomer.begin_long_ago(&code).await;
    assert_eq!(newcomer.talk(&mut join, &inviter).await.unwrap(), Heard::Waiting);
    let joining = Joining::new(newcomer.driver.clone());
    let failure = joining.by_code(code).await.unwrap_err();
    assert!(failure.next.unwrap().contains("telephone the inviter"));
    assert_eq!(newcomer.kept().await, 1, "and it goes on");
    // The task of a node that was started again hears nothing either.
    joining.wait();
    let said = || newcomer.driver.conditions().all().iter().any(|held| held.code == conditions::JOIN_UNANSWERED);
    let until = |told: bool| async move {
        while said() != told {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let patience = Duration::from_secs(60);
    tokio::time::timeout(patience, until(true)).await.expect("told in status");
    newcomer.driver.write(|step, _| coalition::leave(step, true)).await.unwrap();
    assert_eq!(newcomer.kept().await, 0);
    joining.wait();
    tokio::time::timeout(patience, until(false)).await.expect("told no more");
}

#[tokio::test]
async fn an_answer_that_can_not_be_taken_is_told_in_status_as_that_and_not_as_silence() {
    let (newcomer, inviter) = (Newcomer::new().await, Inviter::new().await);
    let join = newcomer.begin(&inviter).await;
    let (mut stopped, conditions) = (Stopped::default(), Conditions::default());
    let said = |stopped: &mut Stopped| {
        stopped.tell(std::slice::from_ref(&join), &conditions);
        conditions.all().into_iter().find(|condition| condition.code == conditions::JOIN_STOPPED)
    };
    stopped.broke(&join, &Fault::misuse("nobody answers there"));
    assert_eq!(said(&mut stopped), None, "nobody said anything");
    for fault in [Fault::misbehaved("not in the roster"), Fault::malformed("no frame"), Fault::incompatible("other")] {
        stopped.broke(&join, &fault);
        let condition = said(&mut stopped).expect("it is told");
        assert!(condition.sentence.contains(&fault.message), "{condition:?}");
        assert!(condition.next.is_some_and(|next| next.contains("telephone the inviter")));
    }
    stopped.heard(&join, Heard::Waiting);
    assert_eq!(said(&mut stopped), None, "and no longer than it is so");
}
