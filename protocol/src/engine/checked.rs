//! A frame, made ready as far as that needs nothing but its bytes: neither engine nor store. A shell may do it on any thread, while the
//! engine takes the frame before.

use crate::document::Ahead;
use crate::limits;
use crate::space::entry::{Entry, Kind};
use crate::sync;

/// A frame that was read, with each entry and register of a page canonical and signed, and if it is a large one with its documents opened.
/// Nothing else makes one than [`Checked::of`].
#[derive(Debug)]
pub struct Checked {
    pub(super) frame: sync::Checked,
    pub(super) ahead: Ahead,
}

impl Checked {
    /// Reads and checks bytes that a peer sent as one frame. What is wrong with them the engine finds in it, and closes the link.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let frame = sync::Checked::of(bytes);
        let mut ahead = Ahead::default();
        if bytes.len() >= limits::LARGE_FRAME {
            // Of the coalition's documents; all else is sealed.
            let clear = |entry: &&Entry| entry.header().kind == Kind::Data && entry.header().epoch.is_none();
            frame.entries().filter(clear).for_each(|entry| ahead.add(entry.body()));
        }
        Self { frame, ahead }
    }
}

/// All of it is made of the bytes, and those are in the frame.
impl PartialEq for Checked {
    fn eq(&self, other: &Self) -> bool {
        self.frame == other.frame
    }
}

impl Eq for Checked {}
