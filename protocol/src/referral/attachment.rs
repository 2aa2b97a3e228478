//! Files that go with a consent, a person or a thread: cut into chunks that fit entries, and put together by a manifest that names
//! each by its SHA-256. The type is told by content, never by name; what is none of four types is refused.

mod legible;

use super::act::bounded;
use crate::fault::{Fault, Result};
use crate::keys::digest::sha256;
use crate::limits;
use crate::plain::is_obeyed;
use crate::sensitive::Personal;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// SHA-256 of a file or of one chunk of it.
pub type FileHash = [u8; 32];

/// What a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    Pdf,
    Png,
    Jpeg,
    /// UTF-8, no control characters but line ends and tabs.
    Text,
    /// A signature drawn as lines; nothing that could run or fetch ([`super::drawing`]).
    Drawing,
}

impl Media {
    /// By the first bytes. `None`: none of the types, an archive or a program for example, which is never opened.
    #[must_use]
    pub fn sniff(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"%PDF-1.") || head.starts_with(b"%PDF-2.") {
            Some(Self::Pdf)
        } else if head.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if head.starts_with(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if head.starts_with(b"<svg ") {
            Some(Self::Drawing)
        } else if head.is_empty() || !plain(head) {
            None
        } else {
            Some(Self::Text)
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Text => "text",
            Self::Drawing => "drawing",
        }
    }
}

/// Whether bytes are plain text, but for a character that may be cut at either end.
fn plain(bytes: &[u8]) -> bool {
    let start = bytes.iter().take(3).take_while(|b| (**b & 0xc0) == 0x80).count();
    let Some(rest) = bytes.get(start..) else { return false };
    let text = match std::str::from_utf8(rest) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            rest.get(..error.valid_up_to()).and_then(|good| std::str::from_utf8(good).ok()).unwrap_or("\0")
        }
        Err(_) => return false,
    };
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

/// Bytes of a file or a part of one. They do not show themselves, and are wiped when dropped.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Bytes(pub Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bytes({})", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(Whole)
    }
}

struct Whole;

impl serde::de::Visitor<'_> for Whole {
    type Value = Bytes;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> std::result::Result<Bytes, E> {
        Ok(Bytes(Zeroizing::new(bytes.to_vec())))
    }
}

/// What puts the chunks of a file together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// As it was called; shown to people, and no path.
    pub name: Personal<String>,
    pub media: Media,
    pub length: u64,
    /// Of the whole.
    pub sha256: FileHash,
    /// Of each chunk, in order.
    pub chunks: Vec<FileHash>,
}

impl Manifest {
    /// Of a file at hand.
    ///
    /// # Errors
    /// `Misuse`: empty, too large, or none of the types.
    pub fn of(name: &str, bytes: &[u8]) -> Result<Self> {
        let media = Media::sniff(bytes.get(..limits::SNIFF_BYTES).unwrap_or(bytes)).ok_or_else(not_a_type)?;
        let chunks = bytes.chunks(limits::CHUNK_BYTES).map(digest).collect();
        let length = bytes.len() as u64;
        let manifest = Self { name: Personal::from(name), media, length, sha256: digest(bytes), chunks };
        manifest.check()?;
        Ok(manifest)
    }

    /// Lengths, before anything is kept or asked for.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        bounded([&self.name], limits::NAME_CHARS)?;
        let name = self.name.reveal();
        if name.trim().is_empty() || name.chars().any(|c| is_obeyed(c) || matches!(c, '/' | '\\')) {
            return Err(Fault::malformed("attachment: its name is empty, or holds a path or control characters"));
        }
        if self.length == 0 {
            return Err(Fault::malformed("attachment: the file is empty"));
        }
        if self.length > limits::ATTACHMENT_BYTES {
            return Err(Fault::malformed(format!(
                "the file has more than {} MB, which is the most an attachment may have",
                limits::ATTACHMENT_BYTES / 1_000_000
            )));
        }
        if self.media == Media::Drawing && self.length > limits::DRAWING_BYTES {
            return Err(Fault::malformed(format!("a drawing has at most {} bytes", limits::DRAWING_BYTES)));
        }
        if self.chunks.len() as u64 != self.length.div_ceil(limits::CHUNK_BYTES as u64) {
            return Err(Fault::malformed("attachment: its chunks do not make up its length"));
        }
        Ok(())
    }

    /// Whether `bytes` is the chunk at `index`, of the length and (in the first and in texts) of the type that the manifest says.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check_chunk(&self, index: usize, bytes: &[u8]) -> Result<()> {
        let last = index.saturating_add(1) == self.chunks.len();
        let before = (index as u64).saturating_mul(limits::CHUNK_BYTES as u64);
        let length = if last { self.length.saturating_sub(before) } else { limits::CHUNK_BYTES as u64 };
        if bytes.len() as u64 != length || self.chunks.get(index) != Some(&digest(bytes)) {
            return Err(Fault::malformed("attachment: a chunk is damaged"));
        }
        let head = bytes.get(..limits::SNIFF_BYTES).unwrap_or(bytes);
        let fits = match self.media {
            Media::Text => plain(bytes),
            Media::Drawing => super::drawing::harmless(bytes),
            Media::Pdf | Media::Png | Media::Jpeg => index > 0 || Media::sniff(head) == Some(self.media),
        };
        if fits { Ok(()) } else { Err(not_a_type()) }
    }
}

/// Nothing of the file is kept.
fn not_a_type() -> Fault {
    Fault::misuse("the file is no PDF, PNG, JPEG or plain text by its content, whatever its name says")
}

/// The name of a file or a chunk.
#[must_use]
pub fn digest(bytes: &[u8]) -> FileHash {
    sha256(b"", &[bytes])
}

#[cfg(test)]
mod tests;
