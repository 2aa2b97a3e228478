//! One process at a time writes in a data folder.

use crate::config::Folder;
use belay_protocol::fault::{Fault, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;

/// Holds the folder until it is dropped or the process dies, however it dies: the kernel keeps the lock, not the file.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the folder for this process.
    ///
    /// # Errors
    /// `Misuse`, naming the process that has it; `Store`, if the file can not be made.
    pub fn take(folder: &Folder) -> Result<Self> {
        let path = folder.lock_file();
        let failed = |e: std::io::Error| Fault::store(format!("{}: {e}", path.display()));
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The number is for the reader of the message; the lock itself holds without it.
                let _ = file.take(20).read_to_string(&mut holder);
                let holder =
                    holder.trim().parse::<u32>().map_or_else(|_| "another process".into(), |n| format!("process {n}"));
                return Err(Fault::misuse(format!(
                    "data folder {} is in use by {holder}; stop that node first, or name another folder with --data",
                    folder.path().display()
                )));
            }
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}
