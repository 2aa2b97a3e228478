//! A few small frames with a peer that was not admitted: the invite protocol.

use super::frame;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::NodeId;
use belay_protocol::limits;
use futures::{AsyncRead, AsyncWrite, AsyncWriteExt};
use std::time::Duration;

/// How long each side waits for the other's next frame.
const PATIENCE: Duration = Duration::from_millis(limits::ADMISSION_MILLIS);

/// What a talk runs over: a stream of a connection, or one that a member brought.
trait Carrier: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Carrier for T {}

/// A stream to a peer that proved its key and nothing else.
pub struct Dialogue {
    peer: NodeId,
    stream: Box<dyn Carrier>,
}

impl std::fmt::Debug for Dialogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dialogue({})", self.peer.short())
    }
}

impl Dialogue {
    pub(super) fn new(peer: NodeId, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self { peer, stream: Box::new(stream) }
    }

    /// Who is on the other side: its key, proven by the connection.
    #[must_use]
    pub const fn peer(&self) -> NodeId {
        self.peer
    }

    /// Sends one frame.
    ///
    /// # Errors
    /// `Misuse`: the connection broke or the peer does not take it.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        let sending = async {
            frame::write(&mut self.stream, bytes).await?;
            frame::flush(&mut self.stream).await
        };
        tokio::time::timeout(PATIENCE, sending).await.map_err(|_| late())?
    }

    /// The next frame, of at most `bound` bytes.
    ///
    /// # Errors
    /// `Misuse`: the peer closed, says nothing, or the connection broke; `Malformed`: a larger frame.
    pub async fn receive(&mut self, bound: usize) -> Result<Vec<u8>> {
        let reading = frame::read(&mut self.stream, bound);
        let came = tokio::time::timeout(PATIENCE, reading).await.map_err(|_| late())?;
        came?.ok_or_else(|| Fault::misuse("the other side closed the conversation"))
    }

    /// Ends it, so that the last frame arrives.
    pub async fn close(mut self) {
        let _ = tokio::time::timeout(PATIENCE, self.stream.close()).await;
    }
}

fn late() -> Fault {
    Fault::misuse("the other side does not answer in time")
}
