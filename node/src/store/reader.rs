//! Readers: connections that never write and never wait for the writer.

use super::connection::{Role, fault, open};
use super::directory::Ranked;
use super::key::RawKey;
use super::{kv, schema};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::store::{Row, Table, View};
use rusqlite::{Connection, TransactionBehavior};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Readers at once: as many as can be busy on a small machine. Each has a cache of its own; whoever comes while all are lent is
/// served no later by one more.
pub const AT_ONCE: usize = 4;

/// One reading connection.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    ranked: Arc<Ranked>,
}

impl Reader {
    /// Opens the database to read it, whoever else has it open.
    ///
    /// # Errors
    /// As [`super::Store::open`], but for the lock.
    pub fn open(path: &Path, key: &RawKey) -> Result<Self> {
        Self::beside(path, key, Arc::default())
    }

    /// One of several of a process, which share what searches ranked.
    fn beside(path: &Path, key: &RawKey, ranked: Arc<Ranked>) -> Result<Self> {
        let connection = open(path, key, Role::Reader)?;
        schema::check(&connection)?;
        Ok(Self { connection, ranked })
    }

    /// What searches ranked.
    #[must_use]
    pub fn ranked(&self) -> &Ranked {
        &self.ranked
    }

    /// For tables other than the protocol's, and for searches from outside.
    #[must_use]
    pub const fn sql(&self) -> &Connection {
        &self.connection
    }

    /// Reads at one moment: what others commit meanwhile is not seen inside.
    ///
    /// # Errors
    /// Whatever `work` says, or `Store`.
    pub fn at_once<T, E: From<Fault>>(
        &self,
        work: impl FnOnce(&Self) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        // Dropping the transaction ends it; it has written nothing.
        let _moment = rusqlite::Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)
            .map_err(fault("begin"))?;
        work(self)
    }
}

impl View for Reader {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>> {
        kv::get(&self.connection, table, key)
    }

    fn scan(&self, table: Table, from: &[u8], to: Option<&[u8]>, limit: usize, reverse: bool) -> Result<Vec<Row>> {
        kv::scan(&self.connection, table, from, to, limit, reverse)
    }
}

/// Hands out readers, and keeps a few open.
pub struct Readers {
    path: PathBuf,
    key: Arc<RawKey>,
    idle: Mutex<Vec<Reader>>,
    ranked: Arc<Ranked>,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Readers")
    }
}

impl Readers {
    pub(super) fn new(path: PathBuf, key: Arc<RawKey>) -> Self {
        Self { path, key, idle: Mutex::new(Vec::new()), ranked: Arc::default() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn key(&self) -> &RawKey {
        &self.key
    }

    /// A reader, new or kept. It comes back when dropped.
    ///
    /// # Errors
    /// `Store`, if the database can not be opened.
    pub fn take(self: &Arc<Self>) -> Result<Lent> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match kept {
            Some(reader) => reader,
            None => Reader::beside(&self.path, &self.key, Arc::clone(&self.ranked))?,
        };
        Ok(Lent { reader: Some(reader), home: Arc::clone(self) })
    }
}

/// A reader on loan.
#[derive(Debug)]
pub struct Lent {
    reader: Option<Reader>,
    home: Arc<Readers>,
}

impl Deref for Lent {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        self.reader.as_ref().expect("held until dropped")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut idle = self.home.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reader) = self.reader.take()
            && idle.len() < AT_ONCE
        {
            idle.push(reader);
        }
    }
}
