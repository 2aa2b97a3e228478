//! Bodies opened before their turn. What a body says hangs on its bytes alone, and so does what it makes of a document that is new:
//! so a shell may have it worked out on another thread, while those before it are stored.

use super::fold::{Difference, Document};
use super::{Body, Packed};
use crate::fault::Result;
use crate::limits;
use automerge::Change;
use std::collections::BTreeMap;

/// What a change touched, by name.
pub(super) type Groups = BTreeMap<String, Difference>;

/// The bodies of one frame, as many as [`limits::AHEAD_BYTES`] allows. Those above are opened in their turn.
#[derive(Default)]
pub struct Ahead {
    bodies: Vec<(Packed, Opened)>,
    bytes: usize,
}

impl std::fmt::Debug for Ahead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ahead({} bodies)", self.bodies.len())
    }
}

/// A body's changes.
pub(super) struct Opened {
    pub changes: Vec<Change>,
    /// What they make of a document of which nothing is here.
    alone: Option<(Document, Groups)>,
}

impl Ahead {
    /// Opens one more, if it is a document's and there is room.
    pub fn add(&mut self, body: &[u8]) {
        if self.bytes >= limits::AHEAD_BYTES {
            return;
        }
        let Ok(Body::Change(packed)) = Body::decode(body) else { return };
        let Ok(mut opened) = Opened::of(&packed) else { return };
        self.bytes += opened.changes.iter().map(|change| change.raw_bytes().len()).sum::<usize>();
        // What follows nothing is the first of a document.
        if opened.changes.first().is_some_and(|change| change.deps().is_empty()) {
            let mut document = Document::default();
            opened.alone = document.receive(opened.changes.iter().cloned()).ok().map(|groups| {
                document.pack();
                (document, groups)
            });
        }
        self.bodies.push((packed, opened));
    }

    /// What was made of a body, once.
    pub(super) fn take(&mut self, packed: &Packed) -> Option<Opened> {
        let at = self.bodies.iter().position(|(other, _)| other == packed)?;
        Some(self.bodies.swap_remove(at).1)
    }
}

impl Opened {
    /// Opens a body in its turn.
    ///
    /// # Errors
    /// As [`Packed::open`].
    pub fn of(packed: &Packed) -> Result<Self> {
        Ok(Self { changes: packed.open()?, alone: None })
    }

    /// Takes it into a document; `new`: of which nothing is here. Gives what it touched.
    ///
    /// # Errors
    /// As [`Document::receive`].
    pub fn merge(self, document: &mut Document, new: bool) -> Result<Groups> {
        match self.alone {
            Some((made, groups)) if new => {
                *document = made;
                Ok(groups)
            }
            Some(_) | None => document.receive(self.changes),
        }
    }
}
