//! Copies of the whole store in one file: made while the node runs, checked, and put back.
//!
//! ```text
//! file = "belay backup 1\n" || length of key.json (u32, most significant first) || key.json || store.db || SHA-256 of all before
//! ```
//!
//! Nothing in it is readable without the passphrase that was in force: the database is SQLCipher's, its key lies wrapped in `key.json`.

use super::connection::{self, Role, fault};
use super::key::{self, Passphrase};
use super::{Reader, Readers, kv, lock, vacate};
use crate::config::Folder;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::space::entry::Entry;
use belay_protocol::store::{Table, View, Write as Row};
use belay_protocol::time::Time;
use ring::digest::{Context, SHA256, SHA256_OUTPUT_LEN};
use rusqlite::backup::{Backup, StepResult};
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const MAGIC: &[u8] = b"belay backup 1\n";
/// Bytes of a `key.json` that are taken.
const KEY_BYTES: u32 = 4096;
/// Bytes read at once.
const PART: usize = 256 * 1024;
/// When the copy was made, in [`Table::Own`] of the copy.
const MADE: &[u8] = b"backup made";
/// Rows read at once when all entries are looked at.
const ROWS: usize = 500;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    pub made: Option<Time>,
    pub entries: u64,
    /// Empty if all is well.
    pub wrong: Vec<String>,
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> Fault {
    move |e| Fault::store(format!("{}: {e}", path.display()))
}

/// Makes a file that was not there before, for its owner's eyes alone.
fn new_file(path: &Path) -> Result<File> {
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map_err(|e| taken(path, &e))
}

fn taken(path: &Path, e: &std::io::Error) -> Fault {
    match e.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Fault::misuse(format!("{} is there already; name a new file, or move that away", path.display()))
        }
        _ => Fault::store(format!("{}: {e}", path.display())),
    }
}

/// A file or folder beside another that was made here, gone when dropped; a folder is held meanwhile. What somebody else has there is refused,
/// and stays.
struct Beside {
    path: PathBuf,
    _held: Option<lock::FolderLock>,
}

impl Beside {
    fn file(path: &Path, ending: &str) -> Result<Self> {
        let path = Self::named(path, ending);
        new_file(&path)?;
        Ok(Self { path, _held: None })
    }

    /// A folder for a check, and that nobody else checks there now. What is there already stays: a check that was killed may have left it, and so
    /// may who set up or restored a node there.
    fn folder(path: &Path, ending: &str) -> Result<Self> {
        let path = Self::named(path, ending);
        fs::DirBuilder::new().mode(0o700).create(&path).map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => Fault::misuse(format!(
                "{0} is there already, and a check needs that name; where a check was broken off before, delete {0}, else move it away",
                path.display()
            )),
            _ => Fault::store(format!("{}: {e}", path.display())),
        })?;
        let lock = lock::FolderLock::take(&Folder::at(&path))?;
        Ok(Self { path, _held: Some(lock) })
    }

    fn named(path: &Path, ending: &str) -> PathBuf {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if self.path.is_dir() {
            let _ = fs::remove_dir_all(&self.path);
        } else {
            let _ = connection::remove(&self.path);
        }
    }
}

/// Writes a copy of the store as it is at one moment. The node goes on meanwhile. Gives the bytes of the file.
///
/// # Errors
/// `Misuse`: the file is there already; `Store`: the disk refuses. No file is left then.
pub fn create(readers: &Readers, folder: &Folder, to: &Path, now: Time) -> Result<u64> {
    // Before anything is copied.
    let out = new_file(to)?;
    let written = copy(readers, folder, to, now).and_then(|part| pack(folder, &part.path, out, to));
    if written.is_err() {
        let _ = fs::remove_file(to);
    }
    written
}

fn copy(readers: &Readers, _folder: &Folder, to: &Path, now: Time) -> Result<Beside> {
    let part = Beside::file(to, ".part")?;
    let source = connection::open(readers.path(), readers.key(), Role::Reader)?;
    let mut target = connection::open(&part.path, readers.key(), Role::Copy)?;
    {
        let backup = Backup::new(&source, &mut target).map_err(fault("copy"))?;
        // All pages in one go: a copy made in steps begins anew with each commit of the node.
        match backup.step(-1).map_err(fault("copy"))? {
            StepResult::Done => {}
            _ => return Err(Fault::store("the copy was not finished: another process holds the database")),
        }
    }
    // One file, without a log beside it.
    target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).map_err(fault("copy"))?;
    kv::apply(&target, &Row { table: Table::Own, key: MADE.to_vec(), value: Some(now.0.to_be_bytes().to_vec()) })?;
    target.close().map_err(|(_, error)| fault("copy")(error))?;
    Ok(part)
}

/// Everything that goes into the file, and its sum at the end.
struct Summed<W> {
    out: W,
    sum: Context,
    bytes: u64,
}

impl<W: Write> Summed<W> {
    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.sum.update(bytes);
        self.bytes += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

fn pack(folder: &Folder, database: &Path, out: File, to: &Path) -> Result<u64> {
    let key = fs::read(folder.key_file()).map_err(failed(&folder.key_file()))?;
    let length = u32::try_from(key.len()).ok().filter(|length| *length <= KEY_BYTES);
    let length = length.ok_or_else(|| Fault::store("key.json is longer than any that belay writes"))?;
    let mut file = Summed { out: BufWriter::new(out), sum: Context::new(&SHA256), bytes: 0 };
    let mut write = || -> std::io::Result<u64> {
        file.put(MAGIC)?;
        file.put(&length.to_be_bytes())?;
        file.put(&key)?;
        let mut database = File::open(database)?;
        let mut part = vec![0; PART];
        loop {
            let read = database.read(&mut part)?;
            if read == 0 {
                break;
            }
            file.put(part.get(..read).unwrap_or_default())?;
        }
        let sum = file.sum.clone().finish();
        file.out.write_all(sum.as_ref())?;
        file.out.flush()?;
        file.out.get_ref().sync_all()?;
        Ok(file.bytes + SHA256_OUTPUT_LEN as u64)
    };
    write().map_err(failed(to))
}

/// Takes a file apart into a folder: its key file under this name, its database. Checks the sum on the way.
fn unpack(from: &Path, folder: &Folder, key_file: &Path) -> Result<()> {
    let foreign = || Fault::misuse(format!("{} is no backup that `belay backup create` made", from.display()));
    let torn = || {
        Fault::misuse(format!(
            "{} is damaged: it is cut short, or bytes of it have changed. Take another copy of it",
            from.display()
        ))
    };
    let file = File::open(from).map_err(|e| Fault::misuse(format!("{}: {e}", from.display())))?;
    let whole = file.metadata().map_err(failed(from))?.len();
    let mut reader = BufReader::new(file);
    let mut sum = Context::new(&SHA256);
    let mut magic = [0; MAGIC.len()];
    reader.read_exact(&mut magic).map_err(|_| foreign())?;
    if magic != MAGIC {
        return Err(foreign());
    }
    let mut length = [0; 4];
    reader.read_exact(&mut length).map_err(|_| torn())?;
    let key_bytes = u32::from_be_bytes(length);
    if key_bytes > KEY_BYTES {
        return Err(torn());
    }
    let mut key = vec![0; key_bytes as usize];
    reader.read_exact(&mut key).map_err(|_| torn())?;
    for bytes in [&magic[..], &length, &key] {
        sum.update(bytes);
    }
    // The key before the database: where that breaks off, the unfinished name of the one says that the other is nobody's.
    let mut out = new_file(key_file)?;
    out.write_all(&key).and_then(|()| out.sync_all()).map_err(failed(key_file))?;
    let around = (MAGIC.len() + length.len() + key.len() + SHA256_OUTPUT_LEN) as u64;
    let mut left = whole.checked_sub(around).ok_or_else(torn)?;
    let mut database = new_file(&folder.database())?;
    let mut part = vec![0; PART];
    while left > 0 {
        let take = usize::try_from(left).unwrap_or(PART).min(PART);
        let part = part.get_mut(..take).ok_or_else(torn)?;
        reader.read_exact(part).map_err(|_| torn())?;
        sum.update(part);
        database.write_all(part).map_err(failed(&folder.database()))?;
        left -= take as u64;
    }
    database.sync_all().map_err(failed(&folder.database()))?;
    let mut told = [0; SHA256_OUTPUT_LEN];
    reader.read_exact(&mut told).map_err(|_| torn())?;
    if !belay_protocol::keys::digest::same(sum.finish().as_ref(), &told) {
        return Err(torn());
    }
    Ok(())
}

/// Checks a file wholly: its sum, its key, every page of the database, hash and signature of every entry.
///
/// # Errors
/// `Misuse`: no backup, damaged, or another passphrase. What is wrong inside is no error, but told.
pub fn verify(from: &Path, passphrase: &Passphrase) -> Result<(Checked, Reader, impl Drop + use<>)> {
    let beside = Beside::folder(from, ".check")?;
    let folder = Folder::at(&beside.path);
    unpack(from, &folder, &folder.key_file())?;
    let (checked, reader) = check(&folder, &folder.key_file(), passphrase)?;
    Ok((checked, reader, beside))
}

fn check(folder: &Folder, key_file: &Path, passphrase: &Passphrase) -> Result<(Checked, Reader)> {
    let key = key::open(key_file, passphrase).map_err(|fault| {
        if fault.message.starts_with(key::WRONG) {
            return Fault::misuse(format!(
                "{}: this copy opens with the one that was in force when it was made",
                key::WRONG
            ));
        }
        fault
    })?;
    let reader = Reader::open(&folder.database(), &key)?;
    let mut checked = Checked { wrong: reader.integrity(), ..Checked::default() };
    if !checked.wrong.is_empty() {
        return Ok((checked, reader));
    }
    let made = reader.get(Table::Own, MADE)?;
    checked.made = made.and_then(|at| at.try_into().ok()).map(u64::from_be_bytes).map(Time);
    let mut from = Vec::new();
    loop {
        let rows = reader.scan(Table::Entry, &from, None, ROWS, false)?;
        for (hash, value) in &rows {
            checked.entries += 1;
            let sound = value
                .split_first()
                .and_then(|(_, bytes)| Entry::verify(bytes.to_vec()).ok())
                .is_some_and(|entry| entry.hash().as_bytes() == hash.as_slice());
            if !sound {
                checked.wrong.push(format!("entry {} is not what was signed", data_encoding::HEXLOWER.encode(hash)));
            }
        }
        match rows.last() {
            Some((last, _)) if rows.len() == ROWS => from = [last.as_slice(), &[0]].concat(),
            Some(_) | None => return Ok((checked, reader)),
        }
    }
}

/// Puts a copy into an empty folder, once it was checked wholly. The folder holds no node until then.
///
/// # Errors
/// As [`verify`]; `Misuse` also for a folder that holds a node, or a copy in which something is wrong.
pub fn restore(from: &Path, folder: &Folder, passphrase: &Passphrase) -> Result<(Checked, Reader)> {
    folder.create()?;
    let lock = lock::FolderLock::take(folder)?;
    if folder.holds_a_node() {
        return Err(Fault::misuse(format!("{} holds a node already", folder.path().display())));
    }
    vacate(folder)?;
    folder.close_if_empty()?;
    let unfinished = key::unfinished(folder);
    let _ = fs::remove_file(&unfinished);
    let done = unpack(from, folder, &unfinished).and_then(|()| {
        let (checked, reader) = check(folder, &unfinished, passphrase)?;
        match checked.wrong.first() {
            None => Ok((checked, reader)),
            Some(wrong) => Err(Fault::misuse(format!("{} is not put back: {wrong}", from.display()))),
        }
    });
    let done = done.and_then(|done| key::rename(&unfinished, &folder.key_file()).map(|()| done));
    if done.is_err() {
        let _ = connection::remove(&folder.database());
        let _ = fs::remove_file(&unfinished);
    }
    drop(lock);
    done
}
