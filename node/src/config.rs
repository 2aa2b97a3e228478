//! Where a node keeps what it has: the data folder and the names in it.

use belay_protocol::fault::{Fault, Result};
use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The environment variable that names the data folder where `--data` does not.
pub const DATA_VARIABLE: &str = "BELAY_DATA";

/// A node's data folder. Readable by its owner alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder given, else the one that `BELAY_DATA` names, else the platform's.
    ///
    /// # Errors
    /// `Misuse`: none is given and the platform has none (no home folder).
    pub fn resolve(given: Option<PathBuf>) -> Result<Self> {
        let named = given.or_else(|| std::env::var_os(DATA_VARIABLE).filter(|v| !v.is_empty()).map(PathBuf::from));
        let native = || choose_native_strategy().ok().map(|strategy| strategy.data_dir().join("belay"));
        match named.or_else(native) {
            Some(root) => Ok(Self { root }),
            None => {
                Err(Fault::misuse("no data folder: this account has no home; name one with --data DIR or BELAY_DATA"))
            }
        }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Makes the folder, for its owner alone. One that is there stays as it is.
    ///
    /// # Errors
    /// `Store`: it can not be made.
    pub fn create(&self) -> Result<()> {
        if self.root.is_dir() {
            return Ok(());
        }
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.root)
            .map_err(|e| Fault::store(format!("the data folder {} can not be made: {e}", self.root.display())))
    }

    /// Whether others than the owner may look into the folder.
    #[must_use]
    pub fn open_to_others(&self) -> bool {
        fs::metadata(&self.root).is_ok_and(|m| m.permissions().mode() & 0o077 != 0)
    }

    /// Whether a node was set up here to the end. The key file comes last of all.
    #[must_use]
    pub fn holds_a_node(&self) -> bool {
        self.key_file().exists()
    }

    /// For whoever needs one. A folder that this account may not look into is left to whoever opens it.
    ///
    /// # Errors
    /// `Misuse`: none was set up here, or its key file is gone; what to do.
    pub fn demand_a_node(&self) -> Result<()> {
        self.demand_no_lost_key()?;
        if matches!(self.key_file().try_exists(), Ok(false)) {
            let here = self.root.display();
            return Err(Fault::misuse(format!(
                "no node was set up in {here}: name the folder of yours with --data DIR, or set one up with `belay --data {here} init --org NAME`"
            )));
        }
        Ok(())
    }

    /// A database whose key file is missing is somebody's records. What a setup or a restore began and did not end is none: its key file has
    /// the unfinished name.
    ///
    /// # Errors
    /// `Misuse`: there is such a one.
    pub fn demand_no_lost_key(&self) -> Result<()> {
        let is_there = |path: PathBuf| path.try_exists().unwrap_or(true);
        if self.database().exists() && !is_there(self.key_file()) && !is_there(self.unfinished_key_file()) {
            return Err(Fault::misuse(format!(
                "{0} holds store.db without the key.json that opens it, and nothing there is touched. Put that key.json back; or name another \
                 folder with --data; or move store.db out of {0} first",
                self.root.display()
            )));
        }
        Ok(())
    }

    /// Makes a folder its owner's alone that holds nothing yet but the lock. In one that holds other things somebody else may look for those.
    ///
    /// # Errors
    /// `Store`.
    pub fn close_if_empty(&self) -> Result<()> {
        let failed = |e: std::io::Error| Fault::store(format!("{}: {e}", self.root.display()));
        let lock = self.lock_file();
        let empty = fs::read_dir(&self.root).map_err(failed)?.all(|found| found.is_ok_and(|file| file.path() == lock));
        if self.open_to_others() && empty {
            match fs::set_permissions(&self.root, fs::Permissions::from_mode(0o700)) {
                // Somebody else's folder that this account may write to: `folder-open` says what is wrong with it.
                Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {}
                done => done.map_err(failed)?,
            }
        }
        Ok(())
    }

    /// The database's raw key, wrapped by the passphrase.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.root.join("key.json")
    }

    /// The same while the node is not set up to the end.
    #[must_use]
    pub fn unfinished_key_file(&self) -> PathBuf {
        self.root.join("key.new")
    }

    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.root.join("store.db")
    }

    /// Held by the process that runs the node; holds its number.
    #[must_use]
    pub fn lock_file(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// The free ports of the last run, to be taken again.
    #[must_use]
    pub fn ports(&self) -> PathBuf {
        self.root.join("ports.json")
    }

    /// The control socket, where the path is short enough for one.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.root.join("control.sock")
    }

    /// Where the path of the folder is too long for a socket: the file that says where the socket is.
    #[must_use]
    pub fn socket_pointer(&self) -> PathBuf {
        self.root.join("control.path")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_made_is_its_owners_alone() {
        let outer = tempfile::tempdir().unwrap();
        let folder = Folder::at(outer.path().join("a/b"));
        folder.create().unwrap();
        assert!(!folder.open_to_others());
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(folder.open_to_others());
        fs::write(folder.path().join("somebody's"), "").unwrap();
        folder.close_if_empty().unwrap();
        assert!(folder.open_to_others(), "others may look for what lies in it");
        fs::remove_file(folder.path().join("somebody's")).unwrap();
        fs::write(folder.lock_file(), "").unwrap();
        folder.close_if_empty().unwrap();
        assert!(!folder.open_to_others());
    }
}
