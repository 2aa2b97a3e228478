//! Documents: flat automerge maps of strings, one organisation's own, merged from what its nodes and staff wrote apart.
//!
//! A document is a root map of `key -> string`, and nothing else: no nested object is ever made, so no two nodes can make
//! one under the same key. It serves the directory, which is clear in the coalition space.
//!
//! - [`Body`] is what an entry carries: automerge changes, packed.
//! - [`strict`] reads change bytes before automerge does, and bounds all that they could unfold to.
//! - [`Document`] is the fold: any order of the same changes gives the same answer.
//! - [`Ahead`] is bodies that were opened before their turn.
//! - [`Shelf`] keeps documents and their bodies in the store, and the documents that were opened last in memory.

mod ahead;
mod fold;
mod group;
mod known;
mod shelf;
pub mod strict;

#[cfg(test)]
mod tests;

pub use ahead::Ahead;
pub use fold::{Actor, Difference, Document, Fields};
pub use shelf::{Changed, Item, Shelf, clear, key_documents, list, open, weighs};

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{DocumentId, OrgId};
use crate::limits;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use zstd::bulk::Decompressor;

thread_local! {
    /// To make one takes as long as to open a small body. What it has opened is in the directory, which all members read.
    static OPENER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// The name of a document that every node of an organisation gives the same: SHA-256 over a domain tag and its parts.
#[must_use]
pub fn id(org: &OrgId, set: &str, number: u32) -> DocumentId {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(b"belay document v1\0");
    context.update(&org.0);
    context.update(&number.to_be_bytes());
    context.update(set.as_bytes());
    DocumentId::from_slice(context.finish().as_ref()).unwrap_or(DocumentId::ZERO)
}

/// What an entry says about a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// Further changes, all by the author of the entry.
    Change(Packed),
}

/// Changes of one document: automerge change chunks (uncompressed form), one after the other, zstd over all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    pub document: DocumentId,
    pub zstd: Vec<u8>,
}

impl Packed {
    /// Packs change chunks, oldest first.
    ///
    /// # Errors
    /// `Misuse` if they are more than one body may open to.
    pub fn new(document: DocumentId, changes: &[Vec<u8>]) -> Result<Self> {
        let raw = changes.concat();
        if raw.len() > limits::CHANGES_BYTES {
            return Err(Fault::misuse(format!(
                "{} bytes of changes; one body holds {}",
                raw.len(),
                limits::CHANGES_BYTES
            )));
        }
        let zstd = zstd::bulk::compress(&raw, 9).map_err(|_| Fault::bug("zstd refuses to compress"))?;
        Ok(Self { document, zstd })
    }

    /// The changes, each read strictly.
    ///
    /// # Errors
    /// `Malformed` for bytes that are no changes, or unfold beyond a bound.
    pub fn open(&self) -> Result<Vec<automerge::Change>> {
        let bad = || Fault::malformed("document: its changes can not be unpacked, or are too many");
        let size = self.opens_to().ok_or_else(bad)?;
        let raw = OPENER.with_borrow_mut(|opener| {
            if opener.is_none() {
                *opener = Some(Decompressor::new().map_err(|_| Fault::bug("zstd makes no opener"))?);
            }
            let opener = opener.as_mut().ok_or_else(|| Fault::bug("an opener was just made"))?;
            opener.decompress(&self.zstd, size).map_err(|_| bad())
        })?;
        strict::changes(&raw)
    }

    /// Bytes that the changes open to, as their frame says before anything is unpacked; it does not open to more. `None` where it says
    /// nothing, or more than is taken.
    fn opens_to(&self) -> Option<usize> {
        let size = zstd::zstd_safe::get_frame_content_size(&self.zstd).ok()??;
        usize::try_from(size).ok().filter(|size| *size <= limits::CHANGES_BYTES)
    }
}

/// Bytes that a body in clear opens to, where it is a document's.
#[must_use]
pub fn opens_to(body: &[u8]) -> usize {
    Body::decode(body).ok().and_then(|body| body.packed().opens_to()).unwrap_or_default()
}

impl Body {
    #[must_use]
    pub const fn packed(&self) -> &Packed {
        let Self::Change(packed) = self;
        packed
    }

    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// # Errors
    /// `Malformed` for other bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        codec::decode("document", bytes)
    }
}
