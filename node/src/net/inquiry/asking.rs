//! Asks, and hears who comes back.

use super::{Ask, Outcome, PATIENCE, talk};
use crate::net::link::Shared;
use crate::net::streams::Incoming;
use crate::net::swarm::{Command, Connection, Running};
use crate::net::{identity, probe};
use belay_protocol::ids::{NodeId, OrgId};
use libp2p::swarm::ConnectionId;
use libp2p::{Multiaddr, Stream};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How long who comes back may take to say its nonce.
const SAYING: Duration = Duration::from_secs(5);
/// Streams on which one node may say that it came back.
const BACKS: usize = 2;

/// What came of an ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It says that it came.
    Came,
    CameNot,
    /// No answer, or none of use.
    None,
    /// No stream to ask on.
    Unasked,
}

impl Running {
    /// The organisations that can be asked, each with a node and the connection for it: one that was opened here.
    pub fn asked(&self) -> BTreeMap<OrgId, (NodeId, ConnectionId)> {
        let can_be = |c: &Connection| c.dialled && c.way.path.is_direct();
        let connections = self.connections.iter().filter(|(_, c)| can_be(c));
        connections.filter_map(|(id, c)| Some((self.org(c.node)?, (c.node, *id)))).collect()
    }

    /// Asks members to come back where somebody saw this node, as long as the word of one is lacking.
    pub fn inquire(&mut self) {
        let now = Instant::now();
        for ended in self.inquiry.due(now) {
            self.ended(ended);
        }
        if self.outside.words.is_empty() {
            return;
        }
        let linked = self.asked();
        let (others, orgs) = (self.shared.door.others(self.own), linked.keys().copied().collect());
        for (org, address) in self.outside.words.ask(&others, &orgs, &self.outside.listening, now) {
            if let Some((node, connection)) = linked.get(&org).copied() {
                self.ask(Ask { node, org, connection, address });
            }
        }
    }

    fn ask(&mut self, ask: Ask) {
        let (Ok(peer), Ok(nonce)) = (identity::peer(ask.node), getrandom::u64()) else {
            return self.ended((ask, Outcome::Gone));
        };
        tracing::debug!(org = %ask.org.short(), address = %ask.address, "asked to come back here");
        let (reply, opened) = oneshot::channel();
        self.swarm.behaviour_mut().mesh.inner.inquiry.open(peer, ask.connection, talk::REQUEST, reply);
        let (address, commands) = (ask.address.clone(), self.shared.commands.clone());
        self.inquiry.asks(nonce, ask, Instant::now());
        tokio::spawn(async move {
            let answer = tokio::time::timeout(PATIENCE, asking(opened, &address, nonce)).await;
            let answer = answer.unwrap_or(Answer::None);
            let _ = commands.send(Command::Answered { nonce, answer }).await;
        });
    }

    /// Takes what came of an ask.
    pub fn answered(&mut self, nonce: u64, answer: Answer) {
        if let Some(ended) = self.inquiry.answered(nonce, answer, Instant::now()) {
            self.ended(ended);
        }
    }

    /// One that was asked answered, or had its time.
    pub fn ended(&mut self, (ask, outcome): (Ask, Outcome)) {
        let Ask { org, address, .. } = ask;
        let (words, now, name) = (&mut self.outside.words, Instant::now(), org.short());
        match outcome {
            Outcome::Reached if probe::outside(&address) => {
                tracing::debug!(org = %name, address = %address, "came back here");
                words.probed(org, address, true, now);
            }
            Outcome::Reached | Outcome::Vain => {
                tracing::debug!(org = %name, address = %address, "did not come back here");
                words.probed(org, address, false, now);
            }
            Outcome::Silent => {
                tracing::debug!(org = %name, address = %address, "did not come back here, and gave no answer");
                words.unanswered(org, address, now);
            }
            Outcome::Unasked => {
                tracing::debug!(org = %name, address = %address, "could not be asked to come back here");
                words.unasked(org, now);
            }
            Outcome::Gone => {
                tracing::debug!(org = %name, address = %address, "was not asked to the end to come back here");
                words.gone(org, now);
            }
        }
        self.weigh();
    }
}

async fn asking(opened: oneshot::Receiver<Stream>, address: &Multiaddr, nonce: u64) -> Answer {
    let Ok(mut stream) = opened.await else { return Answer::Unasked };
    match talk::ask(&mut stream, address, nonce).await {
        Ok(true) => Answer::Came,
        Ok(false) => Answer::CameNot,
        Err(e) => {
            tracing::debug!(address = %address, why = %e, "no answer");
            Answer::None
        }
    }
}

/// Hears members who come back, on streams of [`talk::BACK`].
pub async fn open(mut incoming: mpsc::Receiver<Incoming>, shared: Arc<Shared>) {
    while let Some(Incoming { peer, way, stream, .. }) = incoming.recv().await {
        let Some(node) = identity::node(&peer) else { continue };
        let Some(asked) = shared.coming.ask(node, BACKS) else { continue };
        let commands = shared.commands.clone();
        tokio::spawn(async move {
            let _ = tokio::time::timeout(SAYING, came(stream, (node, way.connection), &commands)).await;
            drop(asked);
        });
    }
}

async fn came(mut stream: Stream, (node, connection): (NodeId, ConnectionId), commands: &mpsc::Sender<Command>) {
    let Ok(nonce) = talk::nonce(&mut stream).await else { return };
    let (reply, known) = oneshot::channel();
    let _ = commands.send(Command::CameBack { node, connection, nonce, reply }).await;
    // Before the answer, which it gives once it was heard.
    if known.await == Ok(true) {
        let _ = talk::heard(&mut stream).await;
    }
}
