//! What is inside a parcel: pages of a session that stands on no link, and its sender's word about them.

use super::Receipt;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId};
use crate::keys::node::{Purpose, verify};
use crate::keys::{Certificate, NodeKey, Signature};
use crate::limits;
use crate::sync::wire::Page;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The version of contents that this program makes and reads.
const VERSION: u8 = 1;
/// Bytes before the content: its length.
const LENGTH: usize = 4;
/// Bytes behind it: the signature.
const SIGNATURE: usize = 64;

/// What one organisation sends another in one parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub version: u8,
    /// The sender's: its root stands in the roster, as for an admission.
    pub certificate: Certificate,
    /// What the sender's clock said. Decides nothing.
    pub made: Time,
    /// Whole entries, parents first as far as the sender knows.
    pub entries: Vec<Vec<u8>>,
    /// Whole registers.
    pub registers: Vec<Vec<u8>>,
    /// The entries that take the recipient out of a space.
    pub removals: Vec<Vec<u8>>,
    /// Entries that the sender lacks.
    pub wants: Vec<EntryHash>,
    /// For parcels of the recipient's that the sender has taken.
    pub receipts: Vec<Receipt>,
}

impl Content {
    /// The content of a page, as a session filled it.
    #[must_use]
    pub fn new(certificate: Certificate, made: Time, page: Page) -> Self {
        let Page { entries, registers, removals, announced: _, gone: _, done: _, token: _ } = page;
        let (wants, receipts) = (Vec::new(), Vec::new());
        Self { version: VERSION, certificate, made, entries, registers, removals, wants, receipts }
    }

    /// The node that made it.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.certificate.node
    }

    /// Its organisation. [`Content::from_padded`] has checked that its root certified the node.
    #[must_use]
    pub fn org(&self) -> OrgId {
        self.certificate.root.org()
    }

    /// Signed, and padded to the least size that it fits.
    ///
    /// # Errors
    /// `Misuse` if it fits none.
    pub fn padded(&self, key: &NodeKey, to: OrgId) -> Result<Zeroizing<Vec<u8>>> {
        let content = Zeroizing::new(codec::encode(self));
        let whole = LENGTH + content.len() + SIGNATURE;
        let size = limits::PARCEL_SIZES.into_iter().find(|size| *size >= whole).ok_or_else(too_long)?;
        let signature = key.sign(Purpose::Parcel, &[to.as_bytes(), &content]);
        let mut plain = Zeroizing::new(Vec::with_capacity(size));
        plain.extend_from_slice(&u32::try_from(content.len()).map_err(|_| too_long())?.to_be_bytes());
        plain.extend_from_slice(&content);
        plain.extend_from_slice(&signature.0);
        plain.resize(size, 0);
        Ok(plain)
    }

    /// Reads what [`Content::padded`] made for `to`; certificate and signature are checked.
    ///
    /// # Errors
    /// `Malformed`, `Incompatible` for another version, `Misbehaved` for a signature that is not the sender's.
    pub fn from_padded(plain: &[u8], to: OrgId) -> Result<Self> {
        let damaged = || Fault::malformed("parcel: its content is cut short, or not padded as it should be");
        let (length, rest) = plain.split_first_chunk::<LENGTH>().ok_or_else(damaged)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| damaged())?;
        let (content, rest) = rest.split_at_checked(length).ok_or_else(damaged)?;
        let (signature, padding) = rest.split_first_chunk::<SIGNATURE>().ok_or_else(damaged)?;
        let whole = LENGTH + length + SIGNATURE;
        let least = limits::PARCEL_SIZES.into_iter().find(|size| *size >= whole);
        if least != Some(plain.len()) || padding.iter().any(|byte| *byte != 0) {
            return Err(damaged());
        }
        if content.first().is_some_and(|version| *version != VERSION) {
            return Err(Fault::incompatible("parcel: its content is of another version; update the older program"));
        }
        let read: Self = codec::decode("parcel's content", content)?;
        if read.wants.len() > limits::PARCEL_WANTS || read.receipts.len() > limits::PARCEL_RECEIPTS {
            return Err(Fault::malformed("parcel: a list in it is longer than allowed"));
        }
        read.certificate.verify()?;
        let node = read.certificate.node;
        if !verify(&node.0, Purpose::Parcel, &[to.as_bytes(), content], &Signature(*signature)) {
            return Err(Fault::misbehaved("parcel: not signed by the node that its certificate names"));
        }
        Ok(read)
    }
}

fn too_long() -> Fault {
    Fault::misuse("parcel: its content is longer than the largest size")
}
