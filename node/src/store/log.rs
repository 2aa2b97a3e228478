//! SQLite's write-ahead log, brought into the database by a thread of its own: else every few dozen commits one waits until a thousand
//! pages are written at their places, and so does everybody behind it.
//!
//! The log begins anew by itself when all of it was brought over and nobody reads it. Under writes that never pause it may not come to
//! that; then the writer brings the rest over itself once the log is large.

use super::connection::{Role, fault, open};
use super::key::RawKey;
use belay_protocol::fault::{Fault, Result};
use rusqlite::Connection;
use rusqlite::hooks::Wal;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Pages that are brought over at once. SQLite by itself waits for a thousand; but the disk writes them while others commit, who wait the
/// longer the more there are.
const MANY: u32 = 250;
/// Pages of a log that the writer looks after itself: 32 MiB.
const LARGE: u32 = 8_192;

/// What there is to bring over, and who does.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    key: Arc<RawKey>,
    /// Pages in the log.
    pages: Arc<AtomicU32>,
    /// Of these, the first that lie in the database.
    over: Arc<AtomicU32>,
    /// The log as it was at the last commit.
    before: u32,
    /// At how many pages the writer does it itself.
    large: u32,
    mover: Option<Mover>,
    /// Held by who brings pages over: two at once would stand in each other's way, and the second would bring none.
    turn: Turn,
}

type Turn = Arc<Mutex<()>>;

#[derive(Debug)]
struct Mover {
    ask: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Mover {
    fn drop(&mut self) {
        // It ends when nobody can ask any more.
        self.ask = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Log {
    /// Takes over from SQLite on the writer's connection.
    ///
    /// # Errors
    /// `Store`.
    pub fn of(writer: &mut Connection, path: PathBuf, key: Arc<RawKey>) -> Result<Self> {
        let pages = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&pages);
        let count = move |_: &mut Wal, pages: i32| -> rusqlite::Result<()> {
            counted.store(u32::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        };
        writer.wal_hook(Some(count)).map_err(fault("log"))?;
        Ok(Self { path, key, pages, over: Arc::default(), before: 0, large: LARGE, mover: None, turn: Turn::default() })
    }

    /// After a commit.
    pub fn committed(&mut self, writer: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.before {
            // It began anew.
            self.over.store(0, Ordering::Relaxed);
            self.large = LARGE;
        }
        self.before = pages;
        let behind = pages.saturating_sub(self.over.load(Ordering::Relaxed));
        if pages >= self.large {
            self.large = pages + LARGE / 8;
            told(bring(writer, &self.over, &self.turn));
        } else if behind >= MANY
            && let Some(ask) = self.asks()
        {
            // Who was asked already will see this too.
            let _ = ask.try_send(());
        }
    }

    fn asks(&mut self) -> Option<&SyncSender<()>> {
        if self.mover.is_none() {
            let (ask, asked) = sync_channel(1);
            let (path, key) = (self.path.clone(), Arc::clone(&self.key));
            let (over, turn) = (Arc::clone(&self.over), Arc::clone(&self.turn));
            let thread = std::thread::Builder::new()
                .name("log".into())
                .spawn(move || move_on(&asked, (&path, &key), &over, &turn));
            match thread {
                Ok(thread) => self.mover = Some(Mover { ask: Some(ask), thread: Some(thread) }),
                Err(error) => tracing::warn!(why = %error, "the system gives no thread for the log"),
            }
        }
        self.mover.as_ref()?.ask.as_ref()
    }
}

fn move_on(asked: &Receiver<()>, (path, key): (&Path, &RawKey), over: &AtomicU32, turn: &Turn) {
    let mut connection = None;
    while asked.recv().is_ok() {
        if connection.is_none() {
            connection = told(open(path, key, Role::Log));
        }
        if let Some(connection) = &connection {
            told(bring(connection, over, turn));
        }
    }
}

/// Brings over what nobody reads in the log any more: waits for who brings over now, and for nobody who reads.
fn bring(connection: &Connection, over: &AtomicU32, turn: &Turn) -> Result<()> {
    let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
    let brought = connection
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(2))
        .map_err(fault("checkpoint"))?;
    over.store(u32::try_from(brought).unwrap_or(0), Ordering::Relaxed);
    Ok(())
}

/// What fails is tried again at a later commit, and nothing is lost: the log is as good as the database.
fn told<T>(outcome: std::result::Result<T, Fault>) -> Option<T> {
    outcome.inspect_err(|fault| tracing::warn!(why = %fault.message, "the write-ahead log stays as it is")).ok()
}
