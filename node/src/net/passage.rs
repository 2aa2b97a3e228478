//! Passages: a newcomer that can not reach its inviter shows a pass to a member's node, which lets it through to a node of the inviter's
//! organisation. Nothing of what members do for each other is opened for that: the relay carries one stream of the invite talk, for
//! seconds, and the two ends run Noise over it, so that each proves its key to the other and the relay reads nothing.
//!
//! 1. newcomer -> relay, on [`PASS`]: a frame that holds the pass. relay -> newcomer: a frame of one byte, 0 or a [`NoPassage`].
//! 2. relay -> inviter, on [`BROUGHT`], over the link that stands: nothing of its own. From then on it only passes bytes on.

use super::dialogue::Dialogue;
use super::link::Shared;
use super::{BROUGHT, PASS, frame, identity};
use belay_protocol::coalition::invite::Pass;
use belay_protocol::coalition::invite::pass::NoPassage;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::NodeId;
use belay_protocol::limits;
use futures::io::copy;
use futures::{AsyncReadExt, AsyncWriteExt};
use libp2p::core::upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade};
use libp2p::identity::Keypair;
use libp2p::{Multiaddr, Stream, noise};
use std::time::Duration;

/// How long a passage may take, from the pass on.
const PATIENCE: Duration = Duration::from_millis(limits::ADMISSION_MILLIS);
/// What both ends' Noise is bound to: a talk that is brought is never taken for a connection.
const PROLOGUE: &[u8] = b"belay passage v1\0";
const GO_ON: u8 = 0;

/// What the ends of a passage prove their keys with.
///
/// # Errors
/// `Bug`: libp2p refuses its own parts.
pub fn proof(key: &Keypair) -> Result<noise::Config> {
    let proof = noise::Config::new(key).map_err(|_| Fault::bug("libp2p does not start: noise"))?;
    Ok(proof.with_prologue(PROLOGUE.to_vec()))
}

/// At the newcomer: goes through `relay` to the node that invited.
///
/// # Errors
/// `Misuse`: the relay can not be reached or lets nobody through, or the inviter's node does not answer there.
pub async fn through(shared: &Shared, relay: NodeId, addresses: Vec<Multiaddr>, pass: &Pass) -> Result<Dialogue> {
    let (_, way) = shared.connect(relay, addresses).await?;
    let mut stream = shared.open(relay, way, PASS).await?;
    let asked = async {
        say(&mut stream, pass.as_bytes()).await?;
        frame::read(&mut stream, 1).await
    };
    let answer = tokio::time::timeout(PATIENCE, asked).await.map_err(|_| late())??;
    match answer.as_deref() {
        Some([GO_ON]) => {}
        Some([code]) => return Err(Fault::misuse(NoPassage::from_code(*code).to_newcomer())),
        _ => return Err(Fault::misuse("the member's node that the invite goes through does not answer")),
    }
    let proving = shared.proof.clone().upgrade_outbound(stream, "/noise");
    let proven = tokio::time::timeout(PATIENCE, proving).await.map_err(|_| late())?;
    let (peer, stream) = proven.map_err(|e| Fault::misuse(format!("the inviter's node was not reached: {e}")))?;
    let node = identity::node(&peer).ok_or_else(|| Fault::misbehaved("the other side has no Ed25519 key"))?;
    Ok(Dialogue::new(node, stream))
}

/// At the relay: whoever shows a pass is let through to where it leads, for seconds.
///
/// # Errors
/// Why nobody was let through.
pub async fn let_through(stream: Stream, newcomer: NodeId, shared: &Shared) -> Result<()> {
    tokio::time::timeout(PATIENCE, carry(stream, newcomer, shared)).await.unwrap_or(Ok(()))
}

async fn carry(mut stream: Stream, newcomer: NodeId, shared: &Shared) -> Result<()> {
    let shown = frame::read(&mut stream, 32).await?.unwrap_or_default();
    let pass: [u8; 32] = shown.try_into().map_err(|_| Fault::malformed("a pass has 32 bytes"))?;
    let onward = match shared.door.leads(newcomer, Pass::from_bytes(pass).name()).await? {
        Ok(leads) if leads.nodes.contains(&shared.own) => {
            say(&mut stream, &[GO_ON]).await?;
            welcome(stream, shared).await;
            return Ok(());
        }
        Ok(leads) => match shared.passages.try_acquire() {
            Ok(slot) => onward(&leads.nodes, shared).await.map(|onward| (onward, slot)),
            Err(_) => Err(NoPassage::Busy),
        },
        Err(why) => Err(why),
    };
    match onward {
        Ok((onward, _slot)) => {
            say(&mut stream, &[GO_ON]).await?;
            splice(stream, onward).await;
            Ok(())
        }
        Err(why) => {
            say(&mut stream, &[why.code()]).await?;
            let _ = stream.close().await;
            Err(Fault::not_permitted(format!("a pass leads nowhere: {why:?}")))
        }
    }
}

/// A stream to the first of these that is linked.
async fn onward(nodes: &[NodeId], shared: &Shared) -> std::result::Result<Stream, NoPassage> {
    for node in nodes.iter().filter(|node| shared.admitted.has(**node)) {
        // Without an address: over the connection that stands, or not at all.
        let Ok((_, way)) = shared.connect(*node, Vec::new()).await else { continue };
        if let Ok(stream) = shared.open(*node, way, BROUGHT).await {
            return Ok(stream);
        }
    }
    Err(NoPassage::Away)
}

/// Passes bytes on, each way so many, until both sides have closed.
async fn splice(one: Stream, two: Stream) {
    let ((one_read, one_write), (two_read, two_write)) = (one.split(), two.split());
    futures::join!(pump(one_read, two_write), pump(two_read, one_write));
}

async fn pump(from: impl futures::AsyncRead, to: impl futures::AsyncWrite) {
    let mut to = std::pin::pin!(to);
    let _ = copy(from.take(limits::PASSAGE_BYTES), &mut to).await;
    let _ = to.close().await;
}

/// At the inviter: a member brings somebody.
///
/// # Errors
/// `NotPermitted`: who is no member brings nobody.
pub async fn brought(stream: Stream, by: NodeId, shared: &Shared) -> Result<()> {
    if !shared.admitted.has(by) {
        return Err(Fault::not_permitted("a stranger brings nobody"));
    }
    let _ = tokio::time::timeout(PATIENCE, welcome(stream, shared)).await;
    Ok(())
}

/// Whoever is at the far end proves its key; then it talks about its invite as one that came by itself.
async fn welcome(stream: Stream, shared: &Shared) {
    let Ok((peer, stream)) = shared.proof.clone().upgrade_inbound(stream, "/noise").await else { return };
    if let Some(node) = identity::node(&peer) {
        shared.door.welcome(Dialogue::new(node, stream)).await;
    }
}

async fn say(stream: &mut Stream, bytes: &[u8]) -> Result<()> {
    frame::write(stream, bytes).await?;
    frame::flush(stream).await
}

fn late() -> Fault {
    Fault::misuse("the member's node that the invite goes through does not answer in time")
}
