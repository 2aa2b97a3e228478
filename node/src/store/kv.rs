//! The protocol's tables of bytes in SQL.

use super::connection::fault;
use belay_protocol::fault::Result;
use belay_protocol::store::{Row, Table, View, Write};
use rusqlite::{Connection, OptionalExtension, params};

/// A transaction under way: reads what it has written, through the protocol's [`View`] and through SQL.
pub struct Tx<'t> {
    connection: &'t Connection,
}

impl<'t> Tx<'t> {
    /// Of the connection that has it open.
    pub(super) const fn new(connection: &'t Connection) -> Self {
        Self { connection }
    }

    /// For tables other than the protocol's.
    #[must_use]
    pub const fn sql(&self) -> &Connection {
        self.connection
    }

    /// Puts a row into one of the protocol's tables, for folds that keep what they made.
    ///
    /// # Errors
    /// `Store`, if the disk refuses.
    pub fn put(&self, table: Table, key: &[u8], value: &[u8]) -> Result<()> {
        put(self.connection, table, key, value)
    }

    /// Deletes a row of one of the protocol's tables.
    ///
    /// # Errors
    /// `Store`, if the disk refuses.
    pub fn delete(&self, table: Table, key: &[u8]) -> Result<()> {
        delete(self.connection, table, key)
    }
}

impl View for Tx<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>> {
        get(self.connection, table, key)
    }

    fn scan(&self, table: Table, from: &[u8], to: Option<&[u8]>, limit: usize, reverse: bool) -> Result<Vec<Row>> {
        scan(self.connection, table, from, to, limit, reverse)
    }
}

/// The number is the table's name on the disk, and never changes meaning.
const fn number(table: Table) -> u8 {
    table as u8
}

pub(super) fn apply(connection: &Connection, write: &Write) -> Result<()> {
    match &write.value {
        Some(value) => put(connection, write.table, &write.key, value),
        None => delete(connection, write.table, &write.key),
    }
}

fn put(connection: &Connection, table: Table, key: &[u8], value: &[u8]) -> Result<()> {
    let sql = format!(
        "INSERT INTO kv_{} (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        number(table)
    );
    connection.prepare_cached(&sql).and_then(|mut s| s.execute(params![key, value])).map(drop).map_err(fault("write"))
}

fn delete(connection: &Connection, table: Table, key: &[u8]) -> Result<()> {
    let sql = format!("DELETE FROM kv_{} WHERE key = ?1", number(table));
    connection.prepare_cached(&sql).and_then(|mut s| s.execute([key])).map(drop).map_err(fault("delete"))
}

pub(super) fn get(connection: &Connection, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>> {
    let sql = format!("SELECT value FROM kv_{} WHERE key = ?1", number(table));
    connection
        .prepare_cached(&sql)
        .and_then(|mut s| s.query_row([key], |row| row.get(0)).optional())
        .map_err(fault("read"))
}

pub(super) fn scan(
    connection: &Connection,
    table: Table,
    from: &[u8],
    to: Option<&[u8]>,
    limit: usize,
    reverse: bool,
) -> Result<Vec<Row>> {
    let below = if to.is_some() { "AND key < ?3" } else { "" };
    let order = if reverse { "DESC" } else { "ASC" };
    let sql =
        format!("SELECT key, value FROM kv_{} WHERE key >= ?1 {below} ORDER BY key {order} LIMIT ?2", number(table));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = || -> rusqlite::Result<Vec<Row>> {
        let mut statement = connection.prepare_cached(&sql)?;
        let pair = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        match to {
            Some(to) => statement.query_map(params![from, limit, to], pair)?.collect(),
            None => statement.query_map(params![from, limit], pair)?.collect(),
        }
    };
    rows().map_err(fault("scan"))
}
