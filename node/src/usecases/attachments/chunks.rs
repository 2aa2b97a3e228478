//! Where the chunks of attachments lie: in the entries themselves. Kept is only which entry holds which chunk, so that no byte of a
//! file is stored twice.
//!
//! [`Table::Record`], kind `48 space sha256 entry`: nothing. Made again from the entries alone.

use crate::usecases::records::prefix::Prefix;
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::engine::Engine;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{EntryHash, SpaceId};
use belay_protocol::referral::Body;
use belay_protocol::referral::attachment::{Bytes, FileHash, Manifest, digest};
use belay_protocol::store::{Draft, Row, Table, View, after_prefix};

const CHUNK: u8 = Prefix::Chunk as u8;

fn key(space: SpaceId, parts: &[&[u8]]) -> Vec<u8> {
    [&[CHUNK], &space.0[..], &parts.concat()].concat()
}

/// The chunk in a body of the private space, if it is one.
#[must_use]
pub fn in_private(body: &[u8]) -> Option<Bytes> {
    match PrivateBody::decode(body) {
        Ok(PrivateBody::Chunk(bytes)) => Some(bytes),
        _ => None,
    }
}

/// The chunk in a body of a thread, if it is one.
#[must_use]
pub fn in_thread(body: &[u8]) -> Option<Bytes> {
    match Body::decode(body) {
        Ok(Body::Chunk(bytes)) => Some(bytes),
        _ => None,
    }
}

/// Keeps where a chunk lies.
pub fn keep(draft: &mut Draft<'_>, space: SpaceId, hash: EntryHash, chunk: &Bytes) {
    draft.put(Table::Record, key(space, &[&digest(&chunk.0), &hash.0]), []);
}

/// Takes back what was kept of a chunk: its entry counts no more.
pub fn lose(draft: &mut Draft<'_>, space: SpaceId, hash: EntryHash, chunk: &Bytes) {
    draft.delete(Table::Record, key(space, &[&digest(&chunk.0), &hash.0]));
}

/// An entry that holds a chunk.
fn holder(view: &dyn View, space: SpaceId, chunk: &FileHash) -> Result<Option<EntryHash>> {
    let prefix = key(space, &[chunk]);
    let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), 1, false)?;
    let named = |(key, _): &Row| key.get(prefix.len()..).and_then(EntryHash::from_slice).ok_or_else(damaged);
    rows.first().map(named).transpose()
}

/// Forgets where the chunks of a space lie, before they are taken again.
///
/// # Errors
/// `Store`.
pub fn forget(draft: &mut Draft<'_>, space: SpaceId) -> Result<()> {
    let prefix = key(space, &[]);
    for (key, _) in draft.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)? {
        draft.delete(Table::Record, key);
    }
    Ok(())
}

/// Numbers of the chunks that are not here.
///
/// # Errors
/// `Store`.
pub fn missing(view: &dyn View, space: SpaceId, manifest: &Manifest) -> Result<Vec<u32>> {
    let mut missing = Vec::new();
    for (at, chunk) in (0_u32..).zip(&manifest.chunks) {
        if holder(view, space, chunk)?.is_none() {
            missing.push(at);
        }
    }
    Ok(missing)
}

/// Bytes of all chunks in a space at most.
///
/// # Errors
/// `Store`.
pub fn room(view: &dyn View, space: SpaceId) -> Result<u64> {
    let prefix = key(space, &[]);
    let rows = view.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)?;
    Ok(rows.len() as u64 * belay_protocol::limits::CHUNK_BYTES as u64)
}

/// A chunk, if it is here, opens, and is what its name says.
///
/// # Errors
/// `Store`.
pub fn read(engine: &mut Engine, view: &dyn View, space: SpaceId, chunk: &FileHash) -> Result<Option<Bytes>> {
    let Some(entry) = holder(view, space, chunk)? else { return Ok(None) };
    let Ok(body) = engine.spaces().open_body(view, &entry)? else { return Ok(None) };
    let bytes = in_private(&body).or_else(|| in_thread(&body));
    Ok(bytes.filter(|bytes| digest(&bytes.0) == *chunk))
}

fn damaged() -> Fault {
    Fault::store("a record of an attachment is damaged; `belay doctor --rebuild` makes it again from the entries")
}
