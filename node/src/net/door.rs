//! The door: no stream reaches the rest of the node but through it.

use super::link::{self, Shared};
use super::strangers::Asked;
use super::streams::{Incoming, Way};
use super::{BROUGHT, Command, Dialogue, INVITE, PASS, frame, passage};
use belay_protocol::coalition::invite::pass::{Leads, NoPassage, PassName};
use belay_protocol::fault::{Fault, Reaction, Result};
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::limits;
use futures::AsyncWriteExt;
use futures::future::BoxFuture;
use libp2p::{PeerId, Stream, StreamProtocol};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long an admission or an invite handshake may take.
const PATIENCE: Duration = Duration::from_millis(limits::ADMISSION_MILLIS);
/// How long who broke a rule is kept out.
pub const AVOIDED: Duration = Duration::from_secs(600);

/// Who decides about peers that come.
pub trait Door: Send + Sync + 'static {
    /// Whose node this is, by the roster; `None`: a stranger's. Answers from memory, since every connection asks.
    fn knows(&self, peer: NodeId) -> Option<OrgId>;

    /// The other organisations of the roster. The one whose node this is has no other machine among them.
    fn others(&self, own: NodeId) -> BTreeSet<OrgId>;

    /// Our own first frame to this peer on a sync stream.
    fn greeting(&self, peer: NodeId) -> BoxFuture<'_, Result<Vec<u8>>>;

    /// Whether this peer, which holds the key that names it, is let in on the word of its first frame, and for which organisation.
    /// `caller`: whether we opened the stream, so that the frame answers ours.
    fn admit(
        &self,
        peer: NodeId,
        greeting: Vec<u8>,
        caller: bool,
    ) -> BoxFuture<'_, std::result::Result<OrgId, Refused>>;

    /// Talks to whoever opened the invite protocol. Ends within `limits::ADMISSION_MILLIS` or is cut off.
    fn welcome(&self, dialogue: Dialogue) -> BoxFuture<'_, ()>;

    /// Where the pass of this name leads that a newcomer showed, or why nowhere.
    fn leads(&self, newcomer: NodeId, pass: PassName) -> BoxFuture<'_, Result<std::result::Result<Leads, NoPassage>>>;
}

/// A peer was not let in.
#[derive(Debug)]
pub struct Refused {
    /// What to tell it, where it came to us.
    pub answer: Option<Vec<u8>>,
    /// Why, for the log; its class says whether the peer is kept out.
    pub fault: Fault,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self { answer: None, fault }
    }
}

/// Whose stream this is, where it may be heard beside that peer's other ones. Those that it brings others by are counted apart.
fn asks(peer: &PeerId, protocol: &StreamProtocol, shared: &Shared) -> Option<(NodeId, Asked)> {
    let node = super::identity::node(peer)?;
    let asked = if *protocol == BROUGHT {
        shared.bringing.ask(node, limits::PASSAGES)
    } else {
        shared.asking.ask(node, limits::ADMISSION_STREAMS)
    };
    Some((node, asked?))
}

/// Takes the streams that peers open: for sync, or about an invite, be it that one is shown, a pass, or somebody whom a member brings.
pub async fn open(mut incoming: mpsc::Receiver<Incoming>, shared: Arc<Shared>) {
    while let Some(Incoming { peer, way, protocol, stream }) = incoming.recv().await {
        let Some((node, asked)) = asks(&peer, &protocol, &shared) else { continue };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let passed = match protocol {
                invite if invite == INVITE => {
                    let talk = shared.door.welcome(Dialogue::new(node, stream));
                    let _ = tokio::time::timeout(PATIENCE, talk).await;
                    Ok(())
                }
                shown if shown == PASS => passage::let_through(stream, node, &shared).await,
                brought if brought == BROUGHT => passage::brought(stream, node, &shared).await,
                _ => pass(stream, way, node, node, shared).await,
            };
            drop(asked);
            if let Err(fault) = passed {
                tracing::debug!(node = %node.short(), why = %fault.message, "not let in");
            }
        });
    }
}

/// Admission both ways; then the stream is a link and runs on its own.
///
/// # Errors
/// Why the peer was not admitted. Who broke a rule is avoided for a while.
pub async fn pass(stream: Stream, way: Way, node: NodeId, opener: NodeId, shared: Arc<Shared>) -> Result<()> {
    let admission = tokio::time::timeout(PATIENCE, admit(stream, node, opener, &shared));
    match admission.await.unwrap_or_else(|_| Err(Fault::misuse("the other side does not answer in time"))) {
        Ok((stream, org)) => {
            link::run(stream, way, (node, org), opener, shared);
            Ok(())
        }
        Err(fault) => {
            if fault.reaction() == Reaction::CloseAndAvoid {
                let _ = shared.commands.send(Command::Avoid { node, time: AVOIDED }).await;
            }
            Err(fault)
        }
    }
}

/// Who opened the stream speaks first; who was called judges before it says anything of itself.
async fn admit(mut stream: Stream, node: NodeId, opener: NodeId, shared: &Shared) -> Result<(Stream, OrgId)> {
    let caller = opener != node;
    if caller {
        say(&mut stream, &shared.door.greeting(node).await?).await?;
    }
    let came = frame::read(&mut stream, frame::HANDSHAKE_BYTES).await?;
    let theirs = came.ok_or_else(|| Fault::not_permitted("the other side did not admit this node"))?;
    match shared.door.admit(node, theirs, caller).await {
        Ok(org) => {
            if !caller {
                say(&mut stream, &shared.door.greeting(node).await?).await?;
            }
            Ok((stream, org))
        }
        Err(Refused { answer, fault }) => {
            if let Some(answer) = answer.filter(|_| !caller) {
                say(&mut stream, &answer).await?;
                let _ = stream.close().await;
            }
            Err(fault)
        }
    }
}

async fn say(stream: &mut Stream, bytes: &[u8]) -> Result<()> {
    frame::write(stream, bytes).await?;
    frame::flush(stream).await
}
