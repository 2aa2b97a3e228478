//! A frame, checked as far as that needs nothing but its bytes.

use super::wire::{Frame, Page};
use crate::fault::{Fault, Result};
use crate::space::Register;
use crate::space::entry::Entry;

/// A frame that was read, with each entry and register of a page canonical and signed. Nothing else makes one.
#[derive(Debug, PartialEq, Eq)]
pub struct Checked(Box<Result<(Frame, Signed)>>);

/// What a page held, up to the first that is not as it must be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Signed {
    pub entries: Vec<Entry>,
    pub registers: Vec<Register>,
    /// What is wrong with the one after these. What came before it stands.
    pub broken: Option<Fault>,
}

impl Checked {
    /// Reads and checks bytes that a peer sent as one frame. What is wrong with them the engine finds in it, and closes the link.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let read = Frame::decode(bytes).map(|mut frame| {
            let signed = if let Frame::Page(page) = &mut frame { Signed::of(page) } else { Signed::default() };
            (frame, signed)
        });
        Self(Box::new(read))
    }

    /// The entries of a page.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter().flat_map(|(_, signed)| &signed.entries)
    }

    pub(super) fn open(self) -> Result<(Frame, Signed)> {
        *self.0
    }
}

impl Signed {
    /// Takes entries and registers out of a page.
    fn of(page: &mut Page) -> Self {
        let mut signed = Self::default();
        let (entries, registers) = (std::mem::take(&mut page.entries), std::mem::take(&mut page.registers));
        signed.broken = signed.take(entries, &registers).err();
        signed
    }

    fn take(&mut self, entries: Vec<Vec<u8>>, registers: &[Vec<u8>]) -> Result<()> {
        for bytes in entries {
            self.entries.push(Entry::verify(bytes)?);
        }
        for bytes in registers {
            self.registers.push(Register::verify(bytes)?);
        }
        Ok(())
    }

    /// Whether the page held any.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.registers.is_empty() && self.broken.is_none()
    }
}
