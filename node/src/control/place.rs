//! Where the socket lies.

use crate::config::Folder;
use belay_protocol::fault::{Fault, Result};
use data_encoding::HEXLOWER;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Bytes of a socket's path on Linux and macOS, the shorter of the two, with its ending zero.
const PATH_BYTES: usize = 103;

/// Where the socket of this folder is, or would be.
pub fn find(folder: &Folder) -> PathBuf {
    fs::read_to_string(folder.socket_pointer()).map_or_else(|_| folder.socket(), |path| PathBuf::from(path.trim()))
}

/// Removes what a process left that is gone.
pub fn clear(folder: &Folder) {
    let _ = fs::remove_file(folder.socket());
    if folder.socket_pointer().exists() {
        let socket = find(folder);
        let _ = fs::remove_file(&socket);
        // Only where it is empty, so that a pointer that somebody altered costs nothing.
        let _ = socket.parent().map(fs::remove_dir);
        let _ = fs::remove_file(folder.socket_pointer());
    }
}

/// The path for a new socket; a short one elsewhere is made, and pointed to, where the folder's is too long.
pub fn make(folder: &Folder) -> Result<PathBuf> {
    let own = folder.socket();
    if own.as_os_str().as_bytes().len() <= PATH_BYTES {
        return Ok(own);
    }
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|e| Fault::store(format!("the system gives no random bytes: {e}")))?;
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|p| p.as_os_str().len() < 60);
    let short = runtime.unwrap_or_else(|| PathBuf::from("/tmp")).join(format!("belay-{}", HEXLOWER.encode(&random)));
    let failed = |e: std::io::Error| Fault::store(format!("the control socket's folder {}: {e}", short.display()));
    // Fails if it is there: nobody else prepared it.
    fs::DirBuilder::new().mode(0o700).create(&short).map_err(failed)?;
    let socket = short.join("control.sock");
    fs::write(folder.socket_pointer(), socket.as_os_str().as_bytes()).map_err(failed)?;
    private(&folder.socket_pointer()).map_err(failed)?;
    Ok(socket)
}

/// Whether the socket, and the folder in which it lies, are of the account that owns the data folder (or of root), and nobody else may
/// write there: then who answers at it is that account.
pub fn is_ours(folder: &Folder, socket: &Path, may: fn(u32, u32) -> bool) -> std::io::Result<bool> {
    let owner = fs::metadata(folder.path())?.uid();
    // The folder is named by its owner, who may have put a link there; what lies elsewhere was made as it is found.
    let at = match socket.parent() {
        Some(parent) if parent == folder.path() => fs::metadata(parent)?,
        Some(parent) => fs::symlink_metadata(parent)?,
        None => return Ok(false),
    };
    let alone = at.is_dir() && may(at.uid(), owner) && at.permissions().mode() & 0o022 == 0;
    Ok(alone && may(fs::symlink_metadata(socket)?.uid(), owner))
}

/// For its owner alone.
pub fn private(path: &Path) -> std::io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}
