//! Files that go by mail, stick or paper: text between a BEGIN and an END line, with version and checksum.
//!
//! ```text
//! -----BEGIN BELAY INVITE 1-----
//! base64 (RFC 4648, 64 characters a line)
//! -----END BELAY INVITE 1 0123456789abcdef-----
//! ```
//! The checksum is the first 8 bytes of SHA-256 over a tag, the kind's word and the content. Text before and after is ignored, any
//! line ends are taken, so that such a file may be pasted into a mail.

use crate::fault::{Fault, Result};
use crate::keys::digest::sha256;
use crate::limits;
use data_encoding::{BASE64, HEXLOWER};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// From the inviter: the code, and who invites.
    Invite,
    /// From the newcomer: who wants to join.
    Claim,
    /// From the inviter: the roster, sealed to the newcomer.
    Welcome,
    /// From any member to another: parcels.
    Bundle,
    /// From who keeps them to the organisation that lost its machine: packages of its private space.
    Records,
}

impl Paper {
    const ALL: [Self; 5] = [Self::Invite, Self::Claim, Self::Welcome, Self::Bundle, Self::Records];

    /// The word in its first line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invite => "INVITE",
            Self::Claim => "CLAIM",
            Self::Welcome => "WELCOME",
            Self::Bundle => "BUNDLE",
            Self::Records => "RECORDS",
        }
    }
}

const BEGIN: &str = "-----BEGIN BELAY ";
const END: &str = "-----END BELAY ";
const VERSION: &str = "1";

/// The texts of a file that holds several, one after another; what stands before the first goes with it. One without its last line
/// is the last.
#[must_use]
pub fn each(text: &str) -> Vec<&str> {
    let mut texts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(END) {
        let line = rest.get(at..).and_then(|tail| tail.find('\n')).map_or(rest.len(), |end| at + end + 1);
        let (one, after) = rest.split_at_checked(line).unwrap_or((rest, ""));
        texts.push(one);
        rest = after;
    }
    if texts.is_empty() || rest.contains(BEGIN) {
        texts.push(rest);
    }
    texts
}

/// The text of a file.
#[must_use]
pub fn write(paper: Paper, content: &[u8]) -> String {
    let word = paper.word();
    let mut text = format!("{BEGIN}{word} {VERSION}-----\n");
    for line in content.chunks(48) {
        BASE64.encode_append(line, &mut text);
        text.push('\n');
    }
    text.push_str(&format!("{END}{word} {VERSION} {}-----\n", checksum(paper, content)));
    text
}

/// What is in a file: which of them, and its content.
///
/// # Errors
/// `Malformed` if it is none, was cut or changed; `Incompatible` if made by a later version.
pub fn read(text: &str) -> Result<(Paper, Vec<u8>)> {
    if text.len() > limits::JOIN_FILE_BYTES {
        return Err(Fault::malformed(format!(
            "file: {} bytes, at most {} are taken",
            text.len(),
            limits::JOIN_FILE_BYTES
        )));
    }
    let mut lines =
        text.lines().map(|line| line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '\u{feff}')));
    let head = lines
        .find_map(|line| line.strip_prefix(BEGIN)?.strip_suffix("-----"))
        .ok_or_else(|| Fault::malformed("not a file of belay: no line begins with \"-----BEGIN BELAY\""))?;
    let (word, version) = head.split_once(' ').unwrap_or((head, ""));
    let paper = Paper::ALL
        .into_iter()
        .find(|paper| paper.word() == word)
        .ok_or_else(|| Fault::malformed("file: neither an invite, a claim, a welcome, a bundle nor records"))?;
    if version != VERSION {
        return Err(Fault::incompatible(
            "file: made by another version of belay; bring both sides to the newest version",
        ));
    }
    let mut base64 = String::with_capacity(text.len());
    for line in lines {
        if let Some(tail) = line.strip_prefix(END) {
            return finish(paper, &base64, tail).map(|content| (paper, content));
        }
        base64.push_str(line);
    }
    Err(Fault::malformed("file: cut short, its last line is missing; copy it again"))
}

/// The content of a file that must be of this kind.
///
/// # Errors
/// As [`read`]; `Misuse` for another kind.
pub fn read_as(paper: Paper, text: &str) -> Result<Vec<u8>> {
    let (found, content) = read(text)?;
    if found == paper {
        return Ok(content);
    }
    Err(Fault::misuse(format!(
        "this is a file of kind {}, but one of kind {} is expected here",
        found.word(),
        paper.word()
    )))
}

fn finish(paper: Paper, base64: &str, tail: &str) -> Result<Vec<u8>> {
    let damaged = || Fault::malformed("file: damaged, its checksum does not fit; copy it again");
    let content = BASE64.decode(base64.as_bytes()).map_err(|_| damaged())?;
    let expected = format!("{} {VERSION} {}-----", paper.word(), checksum(paper, &content));
    if tail == expected { Ok(content) } else { Err(damaged()) }
}

fn checksum(paper: Paper, content: &[u8]) -> String {
    let hash = sha256(b"belay file v1\0", &[paper.word().as_bytes(), b"\0", content]);
    HEXLOWER.encode(hash.get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests;
