//! Opening the database with its key, and what SQLite's errors mean to the person who reads them.

use super::key::RawKey;
use belay_protocol::fault::{Fault, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a connection is for; decides its cache and what it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Writer,
    Reader,
    /// Brings the log into the database, and reads nothing.
    Log,
    /// A copy under construction, which nobody else has open.
    Copy,
}

/// KiB of pages the writer holds decrypted: a cache miss costs three times a hit under the cipher.
const WRITER_CACHE_KIB: i64 = 32 * 1024;
/// KiB of pages each reader holds decrypted. A few readers live at once, and each commit empties the caches of all: what one page or
/// search reads must fit.
const READER_CACHE_KIB: i64 = 4 * 1024;
/// Pages of the log are not deciphered to be brought over.
const LOG_CACHE_KIB: i64 = 64;
/// How long a connection waits for another one's lock. Readers never wait for the writer; a checkpoint at the end may.
pub(super) const BUSY: Duration = Duration::from_secs(5);
/// Compiled statements a connection keeps: seven for each table of bytes and those of the projections.
const STATEMENTS: usize = 256;

/// Opens the database with its raw key.
///
/// # Errors
/// `Store`: not readable with this key, damaged, or the disk refuses.
pub fn open(path: &Path, key: &RawKey, role: Role) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    // A path with a link in it is refused by NOFOLLOW, and the platform's own folders may lie behind one.
    let path = fs::canonicalize(path)
        .map_err(|e| Fault::store(format!("the store {} can not be opened: {e}", path.display())))?;
    let connection = Connection::open_with_flags(&path, flags).map_err(fault("open"))?;
    // Wrong keys are told by the key file; the library's own lines would go to standard error past every redaction.
    connection.query_row("PRAGMA cipher_log_level = NONE", [], |_| Ok(())).or_else(no_rows).map_err(fault("open"))?;
    connection.execute_batch(&key.pragma()).map_err(|_| Fault::store("the store did not take its key"))?;
    // Processors do SHA-256 by an instruction, and SHA-512 seldom: a page costs half as much, and is as safe.
    let hmac = "PRAGMA cipher_hmac_algorithm = HMAC_SHA256";
    connection.query_row(hmac, [], |_| Ok(())).or_else(no_rows).map_err(fault("open"))?;
    connection.busy_timeout(BUSY).map_err(fault("open"))?;
    // Else a statement with a bound limit is compiled again at each run, since its plan may hang on the number.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(fault("open"))?;
    // The first read: here a wrong key or a damaged file shows.
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())).map_err(fault("open"))?;
    let cache = match role {
        Role::Writer => WRITER_CACHE_KIB,
        Role::Reader | Role::Copy => READER_CACHE_KIB,
        Role::Log => LOG_CACHE_KIB,
    };
    connection.pragma_update(None, "cache_size", -cache).map_err(fault("open"))?;
    // Temporary tables would otherwise lie on the disk in clear.
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(fault("open"))?;
    if role == Role::Writer {
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).map_err(fault("open"))?;
        connection.pragma_update(None, "synchronous", "NORMAL").map_err(fault("open"))?;
        connection.query_row("PRAGMA journal_size_limit = 67108864", [], |_| Ok(())).map_err(fault("open"))?;
        // A destroyed prekey must not live on in a free page under the same database key.
        wipes(&connection, "ON")?;
    } else if role == Role::Reader {
        connection.pragma_update(None, "query_only", true).map_err(fault("open"))?;
    }
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Does `work`, whose freed pages keep what stood in them until they are used again, on the writer's connection. For the directory alone, which
/// all members read: what a first sync brings is merged and replaced soon, and one that overwrote nothing at all took an eighth less time. What is
/// deleted within a page is overwritten as ever.
///
/// # Errors
/// Whatever `work` says, or `Store`.
pub fn unwiped<T>(sql: &Connection, work: impl FnOnce() -> Result<T>) -> Result<T> {
    wipes(sql, "FAST")?;
    let done = work();
    wipes(sql, "ON").and(done)
}

fn wipes(sql: &Connection, level: &str) -> Result<()> {
    // Takes effect when it is compiled: one that was kept would do nothing.
    sql.query_row(&format!("PRAGMA secure_delete = {level}"), [], |_| Ok(())).map_err(fault("wipe"))
}

fn no_rows(error: rusqlite::Error) -> rusqlite::Result<()> {
    match error {
        rusqlite::Error::QueryReturnedNoRows => Ok(()),
        error => Err(error),
    }
}

/// Makes an empty file that only its owner may read, before SQLite opens it; its log files take the same mode.
pub fn touch(path: &Path) -> Result<()> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|e| Fault::store(format!("{} can not be made: {e}", path.display())))
}

/// Removes a database that was never finished, with its logs.
pub fn remove(path: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(PathBuf::from(name)) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(Fault::store(format!("{} can not be removed: {e}", path.display()))),
        }
    }
    Ok(())
}

/// Turns an error of SQLite into a fault: what was being done, what it means, what to do. Holds no value of any row: SQLite's
/// texts name tables and columns only, and the key's own statement never comes here.
pub fn fault(doing: &'static str) -> impl Fn(rusqlite::Error) -> Fault {
    move |error| {
        let advice = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => {
                "the disk is full; nothing of this step was kept. Free some space, then try again".to_owned()
            }
            Some(ErrorCode::NotADatabase) => {
                "it can not be read with its key: store.db and key.json do not belong together, or store.db is damaged. \
                 Restore both from one backup"
                    .to_owned()
            }
            Some(ErrorCode::DatabaseCorrupt) => "the database is damaged; stop the node, keep the folder as it is, and \
                 restore a backup or recover from the phrase"
                .to_owned(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another process holds the database; close it, then try again".to_owned()
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                "this account may not write there; look at the owner and mode of the data folder".to_owned()
            }
            Some(ErrorCode::SystemIoFailure) => {
                "the disk failed or is full; nothing of this step was kept. Look at the disk".to_owned()
            }
            _ => match &error {
                rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
                error => error.to_string(),
            },
        };
        Fault::store(format!("store ({doing}): {advice}"))
    }
}
