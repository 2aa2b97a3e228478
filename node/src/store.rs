//! The store: one SQLCipher database a node, behind the protocol's [`View`].
//!
//! Contract:
//! 1. [`Store::create`] makes a store that is not there until [`Unfinished::finish`]; a crash before leaves a folder that may be
//!    set up again. [`Store::open`] takes the folder's lock, brings the tables up to date and is the only writer.
//! 2. [`Store::commit`] applies the protocol's writes and whatever its closure adds (projections) in one transaction: all or
//!    nothing. A durable commit is on the disk when it returns; another one survives the death of the process, not of the machine.
//!    Several may share a transaction: [`Store::begin`], [`Store::apply`] for each, [`Store::finish`]. Until then this store alone
//!    reads them, and what rests on them must not leave the process. Who is about to read much says so: [`Store::look`], until
//!    [`Store::rest`] or a transaction ends it.
//! 3. [`Reader`]s see the last commit, or one moment inside [`Reader::at_once`]; any number of them, in any process.
//! 4. Parts of the index of words are merged by [`Store::tidy`] alone, a small step a call: no commit waits for that.
//!
//! Parts: [`key`] (the wrapped raw key), `lock`, `schema` (migrations), `kv` (tables of bytes), `connection`, `log`, `check`, [`backup`] (copies in a file); [`directory`].

pub mod backup;
mod check;
mod connection;
pub mod directory;
pub mod key;
mod kv;
mod lock;
mod log;
mod reader;
mod schema;

pub use connection::fault;
pub use key::Passphrase;
pub use kv::Tx;
pub use reader::{AT_ONCE, Reader, Readers};

use crate::config::Folder;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::store::{Row, Table, View, Write};
use key::RawKey;
use rusqlite::Connection;
use std::sync::Arc;
use std::time::Duration;

/// The writer of a node's store. There is one at a time, kept so by the folder's lock.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    readers: Arc<Readers>,
    /// What `PRAGMA synchronous` is now: FULL if true.
    durable: bool,
    /// Whether the open transaction is one that writes.
    writing: bool,
    log: log::Log,
    // Released when the store is dropped, after the connection is closed: fields drop in this order.
    _lock: lock::FolderLock,
}

/// Makes room for a store in a folder that holds no node. What a setup or a restore began and did not end goes: its key file has the
/// unfinished name. A database whose key file is missing is somebody's records, and stays.
fn vacate(folder: &Folder) -> Result<()> {
    folder.demand_no_lost_key()?;
    connection::remove(&folder.database())
}

/// A store that becomes real with [`Unfinished::finish`].
#[derive(Debug)]
pub struct Unfinished {
    store: Store,
    folder: Folder,
}

impl Store {
    /// Makes the store of a new node. Until it is finished the folder holds no node.
    ///
    /// # Errors
    /// `Misuse`: the folder holds a node already, or is in use; `Store`: the disk refuses.
    pub fn create(folder: &Folder, passphrase: &Passphrase) -> Result<Unfinished> {
        folder.create()?;
        let lock = lock::FolderLock::take(folder)?;
        if folder.holds_a_node() {
            return Err(Fault::misuse(format!(
                "{} holds a node already; name another folder with --data, or start this one with `belay run`",
                folder.path().display()
            )));
        }
        vacate(folder)?;
        let key = Arc::new(key::create(&key::unfinished(folder), passphrase)?);
        connection::touch(&folder.database())?;
        Ok(Unfinished { store: Self::with(folder, key, lock)?, folder: folder.clone() })
    }

    /// Opens the store of the node in this folder, as its only writer.
    ///
    /// # Errors
    /// `Misuse`: no node there, in use by another process, wrong passphrase, or written by a newer program; `Store`: damaged.
    pub fn open(folder: &Folder, passphrase: &Passphrase) -> Result<Self> {
        folder.demand_a_node()?;
        let lock = lock::FolderLock::take(folder)?;
        let key = Arc::new(key::open(&folder.key_file(), passphrase)?);
        Self::with(folder, key, lock)
    }

    fn with(folder: &Folder, key: Arc<RawKey>, lock: lock::FolderLock) -> Result<Self> {
        let mut connection = connection::open(&folder.database(), &key, connection::Role::Writer)?;
        schema::migrate(&mut connection)?;
        let log = log::Log::of(&mut connection, folder.database(), Arc::clone(&key))?;
        let readers = Arc::new(Readers::new(folder.database(), key));
        Ok(Self { connection, readers, durable: false, writing: false, log, _lock: lock })
    }

    /// Where readers of this store come from.
    #[must_use]
    pub const fn readers(&self) -> &Arc<Readers> {
        &self.readers
    }

    /// The writer's connection, for reads of tables other than the protocol's.
    #[must_use]
    pub const fn sql(&self) -> &Connection {
        &self.connection
    }

    /// Commits these writes and what `extra` adds, in one transaction. `extra` reads them back.
    ///
    /// # Errors
    /// Whatever `extra` says, or `Store`; nothing was kept then.
    pub fn commit<T>(
        &mut self,
        writes: &[Write],
        durable: bool,
        extra: impl FnOnce(&Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        self.begin(durable)?;
        let done = self.apply(writes, extra).and_then(|value| self.finish().map(|()| value));
        if done.is_err() {
            self.undo();
        }
        done
    }

    /// Reads at one moment from here on, until it writes or rests: else each single read takes and returns the locks of the log.
    ///
    /// # Errors
    /// `Store`; also if the open transaction ended by itself.
    pub fn look(&self) -> Result<()> {
        self.check_open()?;
        if self.connection.is_autocommit() { self.run("BEGIN", "begin") } else { Ok(()) }
    }

    /// Where a read fails for the disk or for memory, SQLite may roll back what is open, and what comes next would stand alone, each
    /// statement for itself: what others in the group were promised is lost, and nothing may join it.
    fn check_open(&self) -> Result<()> {
        if self.writing && self.connection.is_autocommit() {
            return Err(Fault::store(
                "store (group): the disk or memory failed under a read; nothing of this step was kept. Look at the disk",
            ));
        }
        Ok(())
    }

    /// Ends what [`Store::look`] began, so that the log may begin anew. Does nothing where something was written.
    pub fn rest(&self) {
        if !self.writing {
            self.end();
        }
    }

    /// Begins a transaction that writes. None may be open.
    ///
    /// # Errors
    /// `Store`.
    pub fn begin(&mut self, durable: bool) -> Result<()> {
        if durable != self.durable {
            self.rest();
            let level = if durable { "FULL" } else { "NORMAL" };
            self.connection.pragma_update(None, "synchronous", level).map_err(fault("durability"))?;
            self.durable = durable;
        }
        self.look()?;
        self.writing = true;
        Ok(())
    }

    /// Applies these writes and what `extra` adds within the open transaction.
    ///
    /// # Errors
    /// Whatever `extra` says, or `Store`; then [`Store::undo`] it.
    pub fn apply<T>(&self, writes: &[Write], extra: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.check_open()?;
        let tx = Tx::new(&self.connection);
        for write in writes {
            kv::apply(&self.connection, write)?;
        }
        extra(&tx)
    }

    /// The same after others in the open transaction: where it fails, what they applied stands.
    ///
    /// # Errors
    /// As [`Store::apply`].
    pub fn apply_apart<T>(&self, writes: &[Write], extra: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        // Where none is open a savepoint would begin, and commit, one of its own.
        self.check_open()?;
        self.run("SAVEPOINT one", "begin")?;
        let done = self.apply(writes, extra);
        if done.is_err() {
            self.run("ROLLBACK TO one", "undo")?;
        }
        self.run("RELEASE one", "end")?;
        done
    }

    /// Commits the open transaction.
    ///
    /// # Errors
    /// `Store`; then [`Store::undo`] it.
    pub fn finish(&mut self) -> Result<()> {
        self.check_open()?;
        self.run("COMMIT", "commit")?;
        self.writing = false;
        self.log.committed(&self.connection);
        Ok(())
    }

    /// Drops the open transaction, if one is.
    pub fn undo(&mut self) {
        self.writing = false;
        self.end();
    }

    fn end(&self) {
        // Some errors end a transaction by themselves.
        if !self.connection.is_autocommit()
            && let Err(fault) = self.run("ROLLBACK", "undo")
        {
            tracing::error!(why = %fault.message, "a transaction was not undone");
        }
    }

    fn run(&self, sql: &str, doing: &'static str) -> Result<()> {
        self.connection.prepare_cached(sql).and_then(|mut s| s.execute([])).map(drop).map_err(fault(doing))
    }

    /// Does one small step of what was put off for when nobody waits, in a transaction of its own. Says whether there is more.
    ///
    /// # Errors
    /// `Store`; then it stays put off. `Bug` while another transaction is open.
    pub fn tidy(&mut self) -> Result<bool> {
        if self.writing {
            return Err(Fault::bug("tidying is a transaction of its own"));
        }
        self.commit(&[], false, |tx| directory::merge(tx.sql()))
    }

    /// Moves the write-ahead log into the database and empties it; false where somebody else reads it or moves it now. `waits`: for them,
    /// some seconds.
    ///
    /// # Errors
    /// `Store`, if the disk refuses; nothing is lost then, the log stays.
    pub fn checkpoint(&self, waits: bool) -> Result<bool> {
        let patience = |time| self.connection.busy_timeout(time).map_err(fault("checkpoint"));
        patience(if waits { connection::BUSY } else { Duration::ZERO })?;
        let busy = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        patience(connection::BUSY)?;
        Ok(busy.map_err(fault("checkpoint"))? == 0)
    }
}

/// What makes a store real that somebody else has meanwhile, see [`Unfinished::begin`].
#[derive(Debug)]
pub struct Begun {
    folder: Folder,
}

impl Begun {
    /// Makes the node real. To be called once the store was closed in order, with all of it on the disk.
    ///
    /// # Errors
    /// `Store`, if the disk refuses; the folder then holds no node.
    pub fn finish(self) -> Result<()> {
        key::rename(&key::unfinished(&self.folder), &self.folder.key_file())
    }
}

impl Unfinished {
    /// Hands the store out before the node is real: for one that must first talk to others. Dropped instead of finished, the folder
    /// holds no node.
    #[must_use]
    pub fn begin(self) -> (Store, Begun) {
        (self.store, Begun { folder: self.folder })
    }

    /// The store, to write the node's first rows into.
    pub const fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Makes the node real: from here on the folder holds it.
    ///
    /// # Errors
    /// `Store`, if the disk refuses; the folder then holds no node.
    pub fn finish(mut self) -> Result<Store> {
        // The rows first, all the way to the disk; then the name by which they are found.
        self.store.commit(&[], true, |_| Ok(()))?;
        self.store.checkpoint(true)?;
        key::rename(&key::unfinished(&self.folder), &self.folder.key_file())?;
        Ok(self.store)
    }
}

/// A reader of a store that may at the same time be in use by its node, for checks from outside.
///
/// # Errors
/// As [`Store::open`], but for the lock.
pub fn open_reader(folder: &Folder, passphrase: &Passphrase) -> Result<Reader> {
    folder.demand_a_node()?;
    let key = key::open(&folder.key_file(), passphrase)?;
    Reader::open(&folder.database(), &key)
}

impl View for Store {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>> {
        kv::get(&self.connection, table, key)
    }

    fn scan(&self, table: Table, from: &[u8], to: Option<&[u8]>, limit: usize, reverse: bool) -> Result<Vec<Row>> {
        kv::scan(&self.connection, table, from, to, limit, reverse)
    }
}

#[cfg(test)]
mod tests;
