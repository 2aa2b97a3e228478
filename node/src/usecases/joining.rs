//! The talk of a join, at the newcomer: by code over the network, then asked again until a steward has approved.

use super::coalition::{self, Heard};
use crate::api::views::JoinView;
use crate::api::{Failure, Outcome, Secret};
use crate::driver::Driver;
use crate::net::{Dialogue, address};
use belay_protocol::coalition::handshake::Join;
use belay_protocol::coalition::invite::{Code, Pass};
use belay_protocol::fault::{Class, Fault};
use std::time::Duration;

/// Bytes of one answer of the inviter: a page of control entries.
const ANSWER_BYTES: usize = belay_protocol::limits::FRAME_BYTES;
/// How often to ask whether a steward has approved: at first, and at most after a while of waiting.
const ASK_FIRST: Duration = Duration::from_millis(500);
const ASK_LAST: Duration = Duration::from_secs(20);
/// How soon a connection that was at its end shows it.
const AT_ONCE: Duration = Duration::from_secs(2);

/// How long the inviter's own addresses are tried alone.
const HEAD_START: Duration = Duration::from_secs(1);

fn parsed(addresses: &[String]) -> Result<Vec<libp2p::Multiaddr>, Fault> {
    addresses.iter().map(|address| address::parse(address)).collect()
}

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
                    Ok((_, Heard::Known | Heard::More(_) | Heard::Joined)) => {
                        tracing::info!("joined the coalition");
                        return;
                    }
                    Err(fault) if fault.class == Class::NotPermitted => {
                        tracing::warn!(why = %fault.message, "the join was refused");
                        let _ = joining.end(join).await;
                        return;
                    }
                    Err(fault) => tracing::debug!(why = %fault.message, "the join goes on, and did not come further"),
                }
            }
        });
    }

    async fn pending(&self) -> Result<Option<Join>, Fault> {
        self.driver.query(|_, store| Ok(Join::all(store)?.into_iter().find(|join| !join.code().is_file()))).await
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
        let mut from = 0;
        loop {
            let peer = dialogue.peer();
            dialogue.send(&join.request_to(peer, from).encode()).await?;
            let answer = dialogue.receive(ANSWER_BYTES).await?;
            let (told, heard) = self
                .driver
                .write(move |step, _| -> Result<(Join, Heard), Fault> {
                    let heard = coalition::heard(step, &mut join, peer, &answer)?;
                    Ok((join, heard))
                })
                .await?;
            join = told;
            match heard {
                Heard::Known => {}
                Heard::More(next) => from = next,
                Heard::Waiting | Heard::Joined => {
                    dialogue.close().await;
                    return Ok((join, heard));
                }
            }
        }
    }
}
