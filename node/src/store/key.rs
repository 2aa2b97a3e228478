//! The database's key: 32 random bytes, kept in `key.json` sealed under a key that Argon2id (RFC 9106) makes of the passphrase.
//!
//! So a new passphrase rewrites one small file and no page of the database, and a wrong one is told before SQLCipher hears of it.

use crate::config::Folder;
use crate::derive;
use argon2::Params;
use belay_protocol::fault::{Fault, Result};
use data_encoding::HEXLOWER;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, Zeroizing};

/// The environment variable that names the file with the passphrase.
pub const PASSPHRASE_VARIABLE: &str = "BELAY_PASSPHRASE_FILE";
/// Characters a passphrase has at least: below, guessing pays even against Argon2id.
pub const PASSPHRASE_CHARS: usize = 8;
/// How it begins that a passphrase does not open a key file.
pub(super) const WRONG: &str = "wrong passphrase";
/// Bytes of a passphrase file, or key file, that are read.
const FILE_BYTES: u64 = 4096;

/// What of Argon2id a key file may ask for. A file that was tampered with must not make the node take all memory.
const MEMORY_KIB_MAX: u32 = 1024 * 1024;
const PASSES_MAX: u32 = 32;
const LANES_MAX: u32 = 8;
/// What new key files ask for: 64 MiB, three passes, about 150 ms.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// What opens the key file. Never shown.
pub struct Passphrase(Zeroizing<String>);

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase")
    }
}

impl Passphrase {
    /// From what was typed.
    ///
    /// # Errors
    /// `Misuse`: too short.
    pub fn new(text: Zeroizing<String>) -> Result<Self> {
        if text.chars().count() < PASSPHRASE_CHARS {
            return Err(Fault::misuse(format!("the passphrase has fewer than {PASSPHRASE_CHARS} characters")));
        }
        Ok(Self(text))
    }

    /// The first line of a file.
    ///
    /// # Errors
    /// `Misuse`: not readable, not UTF-8, or too short.
    pub fn from_file(path: &Path) -> Result<Self> {
        let refused = |why: String| Fault::misuse(format!("passphrase file {}: {why}", path.display()));
        let file = fs::File::open(path).map_err(|e| refused(e.to_string()))?;
        let mut text = Zeroizing::new(String::new());
        file.take(FILE_BYTES).read_to_string(&mut text).map_err(|e| refused(e.to_string()))?;
        let line = text.lines().next().unwrap_or_default().to_owned();
        Self::new(Zeroizing::new(line)).map_err(|e| refused(e.message))
    }

    /// From the file given, else the one that `BELAY_PASSPHRASE_FILE` names. `None`: neither is, so somebody has to be asked.
    ///
    /// # Errors
    /// As [`Passphrase::from_file`].
    pub fn given(file: Option<&Path>) -> Result<Option<Self>> {
        let named = std::env::var_os(PASSPHRASE_VARIABLE).filter(|v| !v.is_empty()).map(PathBuf::from);
        file.map(Path::to_owned).or(named).map(|path| Self::from_file(&path)).transpose()
    }
}

/// The database's own key.
pub struct RawKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for RawKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RawKey")
    }
}

impl RawKey {
    fn random() -> Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        random(key.as_mut())?;
        Ok(Self(key))
    }

    /// The statement that hands the key to SQLCipher, past its own derivation. Wiped when dropped; never traced.
    pub(super) fn pragma(&self) -> Zeroizing<String> {
        let hex = Zeroizing::new(HEXLOWER.encode(self.0.as_ref()));
        Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", *hex))
    }
}

fn random(out: &mut [u8]) -> Result<()> {
    getrandom::fill(out).map_err(|e| Fault::store(format!("the system gives no random bytes: {e}")))
}

/// How the key is derived; all of it is bound to the sealed key as associated data.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Header {
    version: u8,
    kdf: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    cipher: String,
}

/// `key.json`. Bytes are lower-case hex.
#[derive(Debug, Serialize, Deserialize)]
struct KeyFile {
    #[serde(flatten)]
    header: Header,
    nonce: String,
    sealed: String,
}

impl Header {
    fn associated(&self) -> Vec<u8> {
        let Self { version, kdf, memory_kib, passes, lanes, salt, cipher } = self;
        format!("belay key file v{version} {kdf} {memory_kib} {passes} {lanes} {salt} {cipher}").into_bytes()
    }

    /// The key that seals the raw key.
    fn derive(&self, passphrase: &Passphrase) -> Result<LessSafeKey> {
        let bounded = self.memory_kib <= MEMORY_KIB_MAX && self.passes <= PASSES_MAX && self.lanes <= LANES_MAX;
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok().filter(|_| bounded);
        let params = params.ok_or_else(|| damaged("its Argon2id figures are out of bounds"))?;
        let salt = HEXLOWER.decode(self.salt.as_bytes()).map_err(|_| damaged("its salt is not hexadecimal"))?;
        let mut key = Zeroizing::new([0_u8; 32]);
        derive::argon2id(params, passphrase.0.as_bytes(), &salt, key.as_mut())
            .map_err(|e| damaged(&format!("Argon2id refused it ({e})")))?;
        let unbound = UnboundKey::new(&AES_256_GCM, key.as_ref()).map_err(|_| Fault::bug("AES-256 takes 32 bytes"))?;
        Ok(LessSafeKey::new(unbound))
    }
}

fn damaged(why: &str) -> Fault {
    Fault::misuse(format!(
        "key.json is damaged: {why}; put back the key.json of a copy of this data folder (`belay backup restore FILE` into a new folder \
         brings one), and leave store.db as it is"
    ))
}

/// The name of a key file whose node is not set up to the end.
pub(super) fn unfinished(folder: &Folder) -> PathBuf {
    folder.unfinished_key_file()
}

/// Draws a new key and writes it to `path`, sealed under the passphrase.
///
/// # Errors
/// `Store`, if the disk refuses.
pub fn create(path: &Path, passphrase: &Passphrase) -> Result<RawKey> {
    let key = RawKey::random()?;
    seal(path, passphrase, &key, MEMORY_KIB)?;
    Ok(key)
}

fn seal(path: &Path, passphrase: &Passphrase, key: &RawKey, memory_kib: u32) -> Result<()> {
    let (mut salt, mut nonce) = ([0; 16], [0; NONCE_LEN]);
    random(&mut salt)?;
    random(&mut nonce)?;
    let header = Header {
        version: 1,
        kdf: "argon2id".into(),
        memory_kib,
        passes: PASSES,
        lanes: LANES,
        salt: HEXLOWER.encode(&salt),
        cipher: "aes-256-gcm".into(),
    };
    let mut sealed = key.0.to_vec();
    header
        .derive(passphrase)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(header.associated()), &mut sealed)
        .map_err(|_| Fault::bug("AES-256-GCM seals 32 bytes"))?;
    let file = KeyFile { header, nonce: HEXLOWER.encode(&nonce), sealed: HEXLOWER.encode(&sealed) };
    sealed.zeroize();
    let text = serde_json::to_string_pretty(&file).map_err(|_| Fault::bug("a key file has an encoding"))?;
    let failed = |e: std::io::Error| Fault::store(format!("{}: {e}", path.display()));
    let mut out =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).map_err(failed)?;
    writeln!(out, "{text}").and_then(|()| out.sync_all()).map_err(failed)
}

/// Reads the key from `path`.
///
/// # Errors
/// `Misuse`: wrong passphrase, or a file that is no key file.
pub fn open(path: &Path, passphrase: &Passphrase) -> Result<RawKey> {
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|e| Fault::misuse(format!("{}: {e}", path.display())))?;
    file.take(FILE_BYTES).read_to_string(&mut text).map_err(|e| damaged(&e.to_string()))?;
    let file: KeyFile = serde_json::from_str(&text).map_err(|_| damaged("it is not what `belay init` writes"))?;
    let header = &file.header;
    if (header.version, header.kdf.as_str(), header.cipher.as_str()) != (1, "argon2id", "aes-256-gcm") {
        return Err(Fault::misuse("key.json was written by another version of belay; install that program again"));
    }
    let nonce = HEXLOWER.decode(file.nonce.as_bytes()).ok().and_then(|n| <[u8; NONCE_LEN]>::try_from(n).ok());
    let nonce = nonce.ok_or_else(|| damaged("its nonce is not 12 bytes"))?;
    let mut sealed = Zeroizing::new(
        HEXLOWER.decode(file.sealed.as_bytes()).map_err(|_| damaged("its sealed key is not hexadecimal"))?,
    );
    let opened = header
        .derive(passphrase)?
        .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(header.associated()), &mut sealed)
        .map_err(|_| Fault::misuse(format!("{WRONG} for this data folder (or its key.json was altered)")))?;
    let key: [u8; 32] = (&*opened).try_into().map_err(|_| damaged("its key is not 32 bytes"))?;
    Ok(RawKey(Zeroizing::new(key)))
}

/// Gives a key file its name, so that it is there after a loss of power.
pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    let failed = |e: std::io::Error| Fault::store(format!("{}: {e}", to.display()));
    fs::rename(from, to).map_err(failed)?;
    match to.parent() {
        Some(folder) => fs::File::open(folder).and_then(|f| f.sync_all()).map_err(failed),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
