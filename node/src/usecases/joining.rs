//! The talk of a join, at the newcomer: by code over the network, then asked again until a steward has approved.

mod turns;

use super::coalition::{self, Heard, Pages};
use crate::api::views::JoinView;
use crate::api::{Failure, Outcome, Secret};
use crate::driver::Driver;
use crate::net::{Dialogue, address};
use crate::ops::conditions::{self, Conditions, Severity};
use crate::system;
use belay_protocol::coalition::handshake::Join;
use belay_protocol::coalition::invite::{Code, Pass, Refusal};
use belay_protocol::fault::{Class, Fault};
use belay_protocol::ids::InviteId;
use belay_protocol::time::Time;
use std::collections::BTreeMap;
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use turns::Turns;

/// Bytes of one answer of the inviter: a page of control entries.
const ANSWER_BYTES: usize = belay_protocol::limits::FRAME_BYTES;
/// How soon a connection that was at its end shows it.
const AT_ONCE: Duration = Duration::from_secs(2);

/// How long the inviter's own addresses are tried alone.
const HEAD_START: Duration = Duration::from_secs(1);

/// What `status` says where nobody answers for a join, long after its invite expired.
const UNANSWERED: &str = "nobody answers for a join whose invite expired more than a week ago; it is asked for every ten minutes, and \
                          still leads in when the inviter's machine comes back, if that took the claim";
const UNANSWERED_NEXT: &str =
    "telephone the inviter, whose node must run; else belay join, with a new invite; or belay leave, to wait no more";

fn parsed(addresses: &[String]) -> Result<Vec<libp2p::Multiaddr>, Fault> {
    addresses.iter().map(|address| address::parse(address)).collect()
}

/// What who joins does next, where the join stands still.
const fn next_of(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::InviterOut => "belay join, with an invite of another member's",
        Refusal::Unknown => {
            "telephone the inviter: another machine of theirs may know the invite; else belay join, with a new one"
        }
        Refusal::TooManyTries => "belay status, in an hour",
        _ => "telephone a steward; belay status says when this organisation is let in",
    }
}

/// What to do where what the inviter's node answers can not be taken.
const WRONG_NEXT: &str = "telephone the inviter: both run the newest belay (belay --version); if it stays so, belay join with an invite of another member's";

/// Whether somebody answered, and what came can not be taken.
const fn is_wrong(fault: &Fault) -> bool {
    matches!(fault.class, Class::Misbehaved | Class::Malformed | Class::Incompatible)
}

/// Why a join stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Why {
    /// The inviter said so.
    Refused(Refusal),
    /// What the inviter answered can not be taken.
    Wrong(String),
}

impl Why {
    fn sentence(&self) -> String {
        match self {
            Self::Refused(refusal) => {
                format!("a join does not come further, and is asked for again: {}", refusal.to_newcomer())
            }
            Self::Wrong(message) => format!(
                "a join does not come further, and is asked for again: the inviter's node answers what can not be taken ({message})"
            ),
        }
    }

    const fn next(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => next_of(*refusal),
            Self::Wrong(_) => WRONG_NEXT,
        }
    }

    /// Of several the one that a steward can mend is told first.
    const fn rank(&self) -> (u8, u8) {
        match self {
            Self::Refused(Refusal::Out) => (0, 0),
            Self::Refused(refusal) => (1, refusal.code()),
            Self::Wrong(_) => (2, 0),
        }
    }
}

/// Which of the joins that wait stand still, and why, as the inviter of each last said.
#[derive(Debug, Default)]
struct Stopped(BTreeMap<InviteId, Why>);

impl Stopped {
    /// One inviter answered. A join whose inviter is not reached stands as before.
    fn heard(&mut self, join: &Join, heard: Heard) {
        if let Heard::Stopped(refusal) = heard {
            self.0.insert(join.code().id(), Why::Refused(refusal));
        } else {
            self.0.remove(&join.code().id());
        }
    }

    /// The talk with one broke off. Where that was by what the inviter answered, it is said once in the log as well.
    fn broke(&mut self, join: &Join, fault: &Fault) {
        if !is_wrong(fault) {
            tracing::debug!(why = %fault.message, "the join goes on, and did not come further");
            return;
        }
        let why = Why::Wrong(fault.message.clone());
        if self.0.insert(join.code().id(), why.clone()) != Some(why) {
            tracing::warn!(why = %fault.message, "the join goes on; what the inviter's node answers can not be taken");
        }
    }

    /// Says in `status` that a join stands still, as long as one of these does.
    fn tell(&mut self, waiting: &[Join], conditions: &Conditions) {
        self.0.retain(|id, _| waiting.iter().any(|join| join.code().id() == *id));
        let told = self.0.values().min_by_key(|why| why.rank());
        conditions.hold(conditions::JOIN_STOPPED, Severity::Warning, told.map(Why::sentence), told.map(Why::next));
    }
}

/// Says in `status` that nobody answers for one of these.
fn tell_unanswered(turns: &Turns, waiting: &[Join], now: Time, conditions: &Conditions) {
    let nobody = waiting.iter().any(|join| turns.is_silent(join) && join.is_overdue(now));
    let sentence = nobody.then(|| UNANSWERED.to_owned());
    conditions.hold(conditions::JOIN_UNANSWERED, Severity::Warning, sentence, Some(UNANSWERED_NEXT));
}

/// Joins that are under way at this node. All clones are one: they are asked for by one task.
#[derive(Debug, Clone)]
pub struct Joining {
    driver: Driver,
    /// Rung where something became of a join otherwise than in the task.
    bell: Arc<Notify>,
    asking: Arc<Once>,
}

impl Joining {
    #[must_use]
    pub fn new(driver: Driver) -> Self {
        Self { driver, bell: Arc::default(), asking: Arc::new(Once::new()) }
    }

    /// Begins with a code: goes to the inviter, proves the code and shows the six words. Approval comes later.
    ///
    /// # Errors
    /// A damaged, used, expired or unknown code, or an inviter that can not be reached; then nothing was begun.
    pub async fn by_code(&self, code: Secret) -> Outcome<JoinView> {
        let join = self.driver.write(move |step, _| coalition::begin(step, &code)).await?;
        let overdue = join.is_overdue(system::now());
        match self.talk(join.clone()).await {
            Ok((join, Heard::Stopped(refusal))) => {
                if join.offering().is_none() {
                    self.end(vec![join]).await?;
                } else {
                    self.wait();
                }
                Err(Failure::not_permitted(refusal.to_newcomer()).next(next_of(refusal)))
            }
            Ok((join, heard)) => {
                self.wait();
                let mut view = coalition::join_view(&join, None);
                if heard != Heard::Waiting {
                    view.standing = crate::api::views::Standing::Member;
                }
                Ok(view)
            }
            Err(fault) => {
                if join.offering().is_none() {
                    self.end(vec![join]).await?;
                }
                let next = match fault.class {
                    _ if is_wrong(&fault) => WRONG_NEXT,
                    Class::NotPermitted => "ask the inviter for a new code (belay invite, at the inviter's node)",
                    _ if overdue => UNANSWERED_NEXT,
                    _ => "belay join again when the inviter's node runs, or by file: belay invite --file F, there",
                };
                Err(Failure::from(fault).next(next))
            }
        }
    }

    /// Goes on asking for whatever waits for approval, soon again: at start-up, and after a join began or came to its end elsewhere.
    pub fn wait(&self) {
        self.bell.notify_one();
        self.asking.call_once(|| drop(tokio::spawn(self.clone().ask())));
    }

    /// Asks for all that wait, round by round, as long as the node runs.
    async fn ask(self) {
        let (mut stopped, mut turns) = (Stopped::default(), Turns::default());
        while let Ok(joins) = self.pending().await {
            let next = turns.next(&joins, Instant::now());
            stopped.tell(&joins, self.driver.conditions());
            tell_unanswered(&turns, &joins, system::now(), self.driver.conditions());
            let due = async move {
                match next {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.bell.notified() => {
                    turns.hurry(Instant::now());
                    continue;
                }
                () = due => {}
                () = self.driver.ended() => return,
            }
            for join in joins.into_iter().filter(|join| turns.is_due(join, Instant::now())).collect::<Vec<_>>() {
                let came = self.talk(join.clone()).await;
                turns.asked(&join, came.as_ref().map_or_else(is_wrong, |_| true), Instant::now());
                match came {
                    Ok((_, heard @ (Heard::Known | Heard::More(_) | Heard::Joined))) => {
                        stopped.heard(&join, heard);
                        tracing::info!("joined the coalition");
                        // The others ended with it.
                        break;
                    }
                    Ok((_, heard @ (Heard::Waiting | Heard::Stopped(_)))) => stopped.heard(&join, heard),
                    Err(fault) if fault.class == Class::NotPermitted => {
                        tracing::warn!(why = %fault.message, "the join was refused");
                        let _ = self.end(vec![join]).await;
                    }
                    Err(fault) => stopped.broke(&join, &fault),
                }
            }
        }
    }

    /// Those that wait, by code. One whose inviter was taken out keeps no other from going on; one that leads to a second coalition
    /// ends.
    async fn pending(&self) -> Result<Vec<Join>, Fault> {
        let (going_on, over) = self.driver.query(|engine, store| coalition::going_on(engine, store)).await?;
        if !over.is_empty() {
            self.end(over).await?;
        }
        Ok(going_on.into_iter().filter(|join| !join.code().is_file()).collect())
    }

    async fn end(&self, joins: Vec<Join>) -> Result<(), Fault> {
        self.driver
            .write(move |step, _| {
                for join in joins {
                    join.end(step.draft());
                }
                Ok(())
            })
            .await
    }

    /// One conversation, begun anew if it broke at once: who is no member yet is connected for seconds only, so a connection that
    /// stands from the conversation before may end just as this one begins. The same claim gets the same answer.
    async fn talk(&self, join: Join) -> Result<(Join, Heard), Fault> {
        let began = tokio::time::Instant::now();
        match self.converse(join.clone()).await {
            Err(fault) if fault.class == Class::Misuse && began.elapsed() < AT_ONCE => self.converse(join).await,
            outcome => outcome,
        }
    }

    /// Goes to the inviter; where that has not led there in a moment, also by the members' nodes that let its newcomers through.
    async fn reach(&self, code: &Code) -> Result<Dialogue, Fault> {
        let net = self.driver.net();
        let mut direct = std::pin::pin!(net.talk(Some(code.node), parsed(&code.addresses)?));
        let mut why = match tokio::time::timeout(HEAD_START, &mut direct).await {
            Ok(Ok(dialogue)) => return Ok(dialogue),
            Ok(Err(fault)) => Some(fault),
            Err(_) => None,
        };
        let mut said = Vec::new();
        for relay in &code.relays {
            match net.talk_through(relay.node, parsed(&relay.addresses)?, &Pass::of(&code.secret)).await {
                Ok(dialogue) => return Ok(dialogue),
                Err(fault) => said.push(fault.message),
            }
        }
        if why.is_none() {
            match direct.await {
                Ok(dialogue) => return Ok(dialogue),
                Err(fault) => why = Some(fault),
            }
        }
        let direct = why.filter(|_| said.is_empty() || !code.addresses.is_empty()).map(|fault| fault.message);
        said.extend(direct);
        Err(Fault::misuse(said.join("; ")))
    }

    /// Asks, and takes pages until there are no more.
    async fn converse(&self, mut join: Join) -> Result<(Join, Heard), Fault> {
        let mut dialogue = self.reach(join.code()).await?;
        let (mut from, mut pages) = (0, Pages::default());
        loop {
            let peer = dialogue.peer();
            dialogue.send(&join.request_to(peer, from).encode()).await?;
            let answer = dialogue.receive(ANSWER_BYTES).await?;
            let heard = self
                .driver
                .write(move |step, _| -> Result<_, Fault> {
                    let heard = coalition::heard(step, (&mut join, &mut pages), peer, &answer)?;
                    Ok((join, pages, heard))
                })
                .await?;
            let (told, held, heard) = heard;
            (join, pages) = (told, held);
            match heard {
                Heard::Known => {}
                Heard::More(next) => from = next,
                Heard::Waiting | Heard::Stopped(_) | Heard::Joined => {
                    dialogue.close().await;
                    return Ok((join, heard));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
