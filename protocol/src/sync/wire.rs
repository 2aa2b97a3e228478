//! The frames of a session, as postcard of [`Frame`]. One frame is at most `limits::FRAME_BYTES`.

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, ParcelId, SpaceId};
use crate::keys::Signature;
use crate::limits;
use crate::sync::kept::{Leaving, Pile, Place};
use crate::sync::parcel::Receipt;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The version of sessions that this program speaks.
pub const VERSION: u8 = 1;

/// A random id that each process start draws.
pub type Run = [u8; 8];

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Frame {
    /// First, once, from both sides.
    Hello(Hello),
    /// Answer to a bookmark: nothing has arrived since that concerns you.
    Same,
    /// Content. Counts as in flight until it is acknowledged, unless it holds nothing but a token.
    Page(Page),
    /// One page was stored (its commit came before this frame); with the bookmark past what it held, so that nobody hears its own
    /// words again after a restart.
    Ack(Option<Vec<u8>>),
    /// Entries that the receiver announced or named, and that the sender of this lacks.
    Want(Vec<EntryHash>),
    /// Answer to a bookmark that does not fit: what the sender has, by digest.
    Compare(Vec<Summary>),
    /// Answer to one summary that differs.
    Have(Have),
    /// Every summary of the last `Compare` is settled.
    Compared,
    /// Parcels that lie here for the receiver's organisation.
    Offer(Vec<ParcelId>),
    /// Send these of them.
    Fetch(Vec<ParcelId>),
    /// One that was fetched, or one that the receiver is to carry.
    Parcel(Vec<u8>),
    /// What became of one that was to be carried: 0 kept, else why not (`carry::Refused`).
    Kept(ParcelId, u8),
    /// The recipient has these: to a carrier, and from it to who left them.
    Receipts(Vec<Receipt>),
    /// Carry these no longer.
    Withdraw(Vec<ParcelId>),
    /// These are not here, or no more.
    Gone(Vec<ParcelId>),
    /// About packages of private spaces that partners keep.
    Backup(Backup),
}

/// Packages of a private space, left with a partner and given back. Each of a kind is answered before
/// the next of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Backup {
    /// Keep this for my organisation.
    Keep(Leaving),
    /// Whether it is kept: after the commit that stores it.
    Kept(bool),
    /// What is kept for my organisation, after this place: the first such package.
    Give(Option<Place>),
    /// It, with its place; `None` at the end.
    Given(Option<(Place, Vec<u8>)>),
    /// Whether the packages of my node lie there up to the one of this number.
    Look(u64),
    /// The chain up to that one (`None`: it does not lie there), and all that do; with the signature by which the newest was left where
    /// its number is higher.
    Shelf { at: Option<[u8; 16]>, pile: Pile, signature: Option<Signature> },
}

/// Who speaks, and from where the other side shall go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    pub version: u8,
    pub run: Run,
    /// The sender's clock, to tell a wrong one. Decides nothing else.
    pub time: Time,
    /// The bookmark that the receiver once gave, sealed by and for it.
    pub token: Option<Vec<u8>>,
}

/// Content of one page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Page {
    /// Whole entries, parents before children as far as the sender knows.
    pub entries: Vec<Vec<u8>>,
    /// Entries by others than the sender: ask for what you lack.
    pub announced: Vec<EntryHash>,
    /// Whole registers.
    pub registers: Vec<Vec<u8>>,
    /// The entries that take the receiver out of a space.
    pub removals: Vec<Vec<u8>>,
    /// What was wanted and can not be had here.
    pub gone: Vec<EntryHash>,
    /// Spaces of which all that followed the `Have` has been sent.
    pub done: Vec<SpaceId>,
    /// The bookmark up to here.
    pub token: Option<Vec<u8>>,
}

impl Page {
    /// Whether it holds anything but a token.
    #[must_use]
    pub fn has_content(&self) -> bool {
        let Self { entries, announced, registers, removals, gone, done, token: _ } = self;
        !(entries.is_empty()
            && announced.is_empty()
            && registers.is_empty()
            && removals.is_empty()
            && gone.is_empty()
            && done.is_empty())
    }
}

/// What one side holds of a space, in 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub space: SpaceId,
    /// Over the accepted heads, see [`digest`].
    pub heads: [u8; 16],
    /// Over node, name and hash of each register.
    pub registers: [u8; 16],
}

/// What the receiver of a summary holds of that space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Have {
    pub space: SpaceId,
    /// Heads first, then further and further back.
    pub sample: Vec<EntryHash>,
    /// Node, name and the first eight bytes of the hash, of each register, as many as fit.
    pub registers: Vec<(NodeId, String, [u8; 8])>,
}

impl Frame {
    /// The bytes of this frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads a frame that a peer sent.
    ///
    /// # Errors
    /// `Malformed` if it is too long, is no frame, or a list in it is longer than any honest one.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > limits::FRAME_BYTES {
            return Err(Fault::malformed(format!(
                "frame: {} bytes, at most {} are taken",
                bytes.len(),
                limits::FRAME_BYTES
            )));
        }
        let frame: Self = codec::decode("frame", bytes)?;
        let fits = match &frame {
            Self::Hello(hello) => hello.token.as_ref().is_none_or(|token| token.len() <= limits::TOKEN_BYTES),
            Self::Page(Page { token, .. }) | Self::Ack(token) => {
                token.as_ref().is_none_or(|token| token.len() <= limits::TOKEN_BYTES)
            }
            Self::Want(hashes) => hashes.len() <= limits::WANTS,
            Self::Compare(summaries) => summaries.len() <= limits::COMPARE_SPACES,
            Self::Have(have) => have.sample.len() <= limits::SAMPLE,
            Self::Offer(parcels) | Self::Withdraw(parcels) | Self::Gone(parcels) => {
                parcels.len() <= limits::PARCELS_NAMED
            }
            Self::Fetch(parcels) => parcels.len() <= limits::PARCELS_IN_FLIGHT,
            Self::Receipts(receipts) => receipts.len() <= limits::PARCELS_NAMED,
            Self::Same | Self::Compared | Self::Parcel(_) | Self::Kept(..) | Self::Backup(_) => true,
        };
        if fits { Ok(frame) } else { Err(Fault::malformed("frame: a list in it is longer than this protocol allows")) }
    }

    /// Its name, for faults and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Hello(_) => "hello",
            Self::Same => "same",
            Self::Page(_) => "page",
            Self::Ack(_) => "ack",
            Self::Want(_) => "want",
            Self::Compare(_) => "compare",
            Self::Have(_) => "have",
            Self::Compared => "compared",
            Self::Offer(_) => "offer",
            Self::Fetch(_) => "fetch",
            Self::Parcel(_) => "parcel",
            Self::Kept(..) => "kept",
            Self::Receipts(_) => "receipts",
            Self::Withdraw(_) => "withdraw",
            Self::Gone(_) => "gone",
            Self::Backup(_) => "backup",
        }
    }
}

/// The first 16 bytes of SHA-256 over a domain tag and these parts, each preceded by nothing: all have fixed lengths or are
/// encoded with theirs.
pub fn digest<'p>(tag: &[u8], parts: impl Iterator<Item = &'p [u8]>) -> [u8; 16] {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(tag);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 16];
    for (to, from) in out.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    out
}
