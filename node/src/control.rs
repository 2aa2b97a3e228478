//! The control socket: how the command line talks to a running node. One JSON [`Request`] a line, one [`Response`] a line.
//!
//! A unix socket in the data folder, for the folder's owner alone. Where the folder's path is too long for a socket (108 bytes), it
//! lies in a short folder of its own, and `control.path` in the data folder says where.

mod place;

use crate::api::{Failure, Request, Response};
use crate::config::Folder;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::limits;
use futures::future::BoxFuture;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader as AsyncReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Clients at once. More wait.
const CLIENTS: usize = 32;
/// How long a client may take to say its request, and to take the answer: who stopped in between keeps no place from others.
const ASKING: Duration = Duration::from_secs(10);
const TAKING: Duration = Duration::from_secs(60);
/// Bytes of an answer that a client takes: a search result or an import report, not a data set.
const ANSWER_BYTES: u64 = 64 * 1024 * 1024;

/// Answers requests.
pub trait Handler: Send + Sync + 'static {
    fn handle(&self, request: Request) -> BoxFuture<'_, Response>;
}

/// A listening control socket. Dropped, it stops and its file is gone.
#[derive(Debug)]
pub struct Server {
    path: PathBuf,
    folder: Folder,
    task: tokio::task::JoinHandle<()>,
}

/// Listens. To be called by the process that holds the folder's lock: what lies there from before is of a dead process.
///
/// # Errors
/// `Store`: the socket can not be made.
pub fn serve(folder: &Folder, handler: Arc<dyn Handler>) -> Result<Server> {
    place::clear(folder);
    let path = place::make(folder)?;
    let failed = |e: std::io::Error| Fault::store(format!("the control socket {}: {e}", path.display()));
    let listener = UnixListener::bind(&path).map_err(failed)?;
    place::private(&path).map_err(failed)?;
    let owner = std::fs::metadata(&path).map_err(failed)?.uid();
    let task = tokio::spawn(accept(listener, move |peer| may(peer, owner), handler));
    Ok(Server { path, folder: folder.clone(), task })
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
        let _ = std::fs::remove_file(&self.path);
        place::clear(&self.folder);
    }
}

async fn accept(listener: UnixListener, admits: impl Fn(u32) -> bool, handler: Arc<dyn Handler>) {
    let clients = Arc::new(Semaphore::new(CLIENTS));
    loop {
        let Ok(slot) = Arc::clone(&clients).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, say: others must first close theirs.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        // The file's mode says so already; a folder that was opened to others must not open the node. Who can not be known is a stranger.
        if !stream.peer_cred().is_ok_and(|peer| admits(peer.uid())) {
            continue;
        }
        let handler = Arc::clone(&handler);
        tokio::spawn(async move {
            let _ = client(stream, handler.as_ref()).await;
            drop(slot);
        });
    }
}

/// Whether this account may talk over the socket of this owner, from either end.
const fn may(peer: u32, owner: u32) -> bool {
    peer == owner || peer == 0
}

async fn client(stream: UnixStream, handler: &dyn Handler) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = AsyncReader::new(read);
    loop {
        // Requests carry secrets: the line is wiped when it was read.
        let mut line = Zeroizing::new(Vec::new());
        let bound = limits::REQUEST_BYTES as u64 + 1;
        let mut asked = (&mut read).take(bound);
        if timeout(ASKING, asked.read_until(b'\n', &mut line)).await?? == 0 {
            return Ok(());
        }
        let whole = line.ends_with(b"\n");
        let response = match serde_json::from_slice::<Request>(&line) {
            Ok(request) if whole => handler.handle(request).await,
            // serde's own text would repeat what was sent.
            _ if whole => Response::Failed(Failure::misuse(
                "the node does not know this request; the program and the running node are of different versions",
            )),
            _ => Response::Failed(Failure::misuse(format!("a request of more than {} bytes", limits::REQUEST_BYTES))),
        };
        // Answers are about persons: wiped as well.
        let mut answer = Zeroizing::new(serde_json::to_vec(&response)?);
        answer.push(b'\n');
        timeout(TAKING, write.write_all(&answer)).await??;
        if !whole {
            return Ok(());
        }
    }
}

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Exit code 3 of the command line.
    #[error("the node in {} is not running", .0.display())]
    NotRunning(PathBuf),
    /// Exit code 3 as well: it was there, and is not now.
    #[error("the node stopped before it answered")]
    Gone,
    #[error("the node's answer can not be read; the program and the running node are of different versions")]
    Unreadable,
    #[error("the control socket of {} may be somebody else's: its folder is of another account, or others may write to it; nothing was said to it", .0.display())]
    Stranger(PathBuf),
    #[error("the control socket: {0}")]
    Broken(std::io::Error),
}

/// Whether a node runs in `folder` that may be asked: before somebody types what they would have to type again.
///
/// # Errors
/// See [`CallError`].
pub fn runs(folder: &Folder) -> std::result::Result<(), CallError> {
    connect(folder).map(drop)
}

fn connect(folder: &Folder) -> std::result::Result<BlockingStream, CallError> {
    use std::io::ErrorKind::{ConnectionRefused, NotFound};
    let socket = place::find(folder);
    let stream = BlockingStream::connect(&socket).map_err(|e| match e.kind() {
        NotFound | ConnectionRefused => CallError::NotRunning(folder.path().to_owned()),
        _ => CallError::Broken(e),
    })?;
    // Before anything is said, since a request carries secrets; and after it is connected, since what `control.path` names may have been
    // made again by somebody else. In a folder of ours that nobody else may write to, nobody else has made a socket.
    if !place::is_ours(folder, &socket, may).map_err(CallError::Broken)? {
        return Err(CallError::Stranger(folder.path().to_owned()));
    }
    Ok(stream)
}

/// Asks the node that runs in `folder`. Blocks until it answers.
///
/// # Errors
/// See [`CallError`]. A refusal is no error here but a [`Response::Failed`].
pub fn call(folder: &Folder, request: &Request) -> std::result::Result<Response, CallError> {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset};
    let mut stream = connect(folder)?;
    let broken = |e: std::io::Error| match e.kind() {
        BrokenPipe | ConnectionReset => CallError::Gone,
        _ => CallError::Broken(e),
    };
    let mut line = Zeroizing::new(serde_json::to_vec(request).map_err(|_| CallError::Unreadable)?);
    line.push(b'\n');
    stream.write_all(&line).map_err(broken)?;
    let mut answer = Zeroizing::new(Vec::new());
    BufReader::new(stream.take(ANSWER_BYTES)).read_until(b'\n', &mut answer).map_err(broken)?;
    if answer.is_empty() {
        return Err(CallError::Gone);
    }
    serde_json::from_slice(&answer).map_err(|_| CallError::Unreadable)
}

#[cfg(test)]
mod tests;
