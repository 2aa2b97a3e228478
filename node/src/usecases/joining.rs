//! The talk of a join, at the newcomer: by code over the network, then asked again until a steward has approved.

use super::coalition::{self, Heard};
use crate::api::views::JoinView;
use crate::api::{Failure, Outcome, Secret};
use crate::driver::Driver;
use crate::net::address;
use belay_protocol::coalition::handshake::Join;
use belay_protocol::fault::{Class, Fault};
use std::time::Duration;

/// Bytes of one answer of the inviter: a page of control entries.
const ANSWER_BYTES: usize = belay_protocol::limits::FRAME_BYTES;
/// How often to ask whether a steward has approved: at first, and at most after a while of waiting.
const ASK_FIRST: Duration = Duration::from_millis(500);
const ASK_LAST: Duration = Duration::from_secs(20);
/// How soon a connection that was at its end shows it.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Joins that are under way at this node.
#[derive(Debug, Clone)]
pub struct Joining {
    driver: Driver,
}

impl Joining {
    #[must_use]
    pub const fn new(driver: Driver) -> Self {
        Self { driver }
    }

    /// Begins with a code: goes to the inviter, proves the code and shows the six words. Approval comes later.
    ///
    /// # Errors
    /// A damaged, used, expired or unknown code, or an inviter that can not be reached; then nothing was begun.
    pub async fn by_code(&self, code: Secret) -> Outcome<JoinView> {
        let join = self.driver.write(move |step, _| coalition::begin(step, &code)).await?;
        match self.talk(join.clone()).await {
            Ok((join, heard)) => {
                if heard == Heard::Waiting {
                    self.wait();
                }
                let mut view = coalition::join_view(&join, None);
                if heard != Heard::Waiting {
                    view.standing = crate::api::views::Standing::Member;
                }
                Ok(view)
            }
            Err(fault) => {
                if join.offering().is_none() {
                    self.end(join).await?;
                }
                let refused = fault.class == Class::NotPermitted;
                let failure = Failure::from(fault);
                Err(if refused {
                    failure.next("ask the inviter for a new code (belay invite, at the inviter's node)")
                } else {
                    failure
                        .next("belay join again when the inviter's node runs, or by file: belay invite --file F, there")
                })
            }
        }
    }

    /// Goes on asking for whatever waits for approval, until it is answered. At start-up, and after a join began.
    pub fn wait(&self) {
        let joining = self.clone();
        tokio::spawn(async move {
            let mut pause = ASK_FIRST;
            while let Ok(Some(join)) = joining.pending().await {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = joining.driver.ended() => return,
                }
                pause = (pause * 5 / 4).min(ASK_LAST);
                match joining.talk(join.clone()).await {
                    Ok((_, Heard::Waiting)) => {}
                    Ok((_, Heard::More(_) | Heard::Joined)) => {
                        tracing::info!("joined the coalition");
                        return;
                    }
                    Err(fault) if fault.class == Class::NotPermitted => {
                        tracing::warn!(why = %fault.message, "the join was refused");
                        let _ = joining.end(join).await;
                        return;
                    }
                    Err(fault) => tracing::debug!(why = %fault.message, "the inviter was not reached"),
                }
            }
        });
    }

    async fn pending(&self) -> Result<Option<Join>, Fault> {
        self.driver
            .query(|_, store| Ok(Join::all(store)?.into_iter().find(|join| !join.code().addresses.is_empty())))
            .await
    }

    async fn end(&self, join: Join) -> Result<(), Fault> {
        self.driver
            .write(move |step, _| {
                join.end(step.draft());
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

    /// Asks, and takes pages until there are no more.
    async fn converse(&self, mut join: Join) -> Result<(Join, Heard), Fault> {
        let addresses = join.code().addresses.iter().map(|a| address::parse(a)).collect::<Result<Vec<_>, _>>()?;
        let mut dialogue = self.driver.net().talk(Some(join.code().node), addresses).await?;
        let mut from = 0;
        loop {
            dialogue.send(&join.request(from).encode()).await?;
            let answer = dialogue.receive(ANSWER_BYTES).await?;
            let peer = dialogue.peer();
            let (told, heard) = self
                .driver
                .write(move |step, _| -> Result<(Join, Heard), Fault> {
                    let heard = coalition::heard(step, &mut join, peer, &answer)?;
                    Ok((join, heard))
                })
                .await?;
            join = told;
            match heard {
                Heard::More(next) => from = next,
                Heard::Waiting | Heard::Joined => {
                    dialogue.close().await;
                    return Ok((join, heard));
                }
            }
        }
    }
}
