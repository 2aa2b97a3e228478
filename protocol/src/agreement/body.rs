//! What entries of the coalition space carry about agreements.
//!
//! Bodies of documents in that space begin with the number of a variant, which is 0 or 1. These begin with [`TAG`], then a version:
//! a reader that knows documents alone finds no such variant and leaves the body where it is.

use super::terms::{Terms, digest, text};
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{AgreementId, FormHash, TermsHash};
use crate::limits;
use serde::{Deserialize, Serialize};

/// First byte of every body about agreements: `A`.
const TAG: u8 = b'A';
/// Second byte.
pub const VERSION: u8 = 1;

/// One body. Variants are only ever added at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A version, whole. It signs nothing by itself.
    Proposed(Box<Terms>),
    /// The author's organisation agrees to exactly these terms.
    Signed {
        agreement: AgreementId,
        terms: TermsHash,
        /// Name and office of who signed for it, as every member reads it.
        by: String,
    },
    /// The author's organisation ends every version up to this one, whether signed or not.
    Ended {
        agreement: AgreementId,
        through: u32,
        reason: String,
        /// Name and office of who ended it for that organisation, as every member reads it.
        by: String,
    },
    /// The bytes of a form that some terms name.
    Form(Vec<u8>),
}

/// Whether a body of the coalition space is about agreements.
#[must_use]
pub fn is_agreement(bytes: &[u8]) -> bool {
    bytes.first() == Some(&TAG)
}

impl Body {
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![TAG, VERSION];
        bytes.extend_from_slice(&codec::encode(self));
        bytes
    }

    /// What a body says, with lengths checked.
    ///
    /// # Errors
    /// `Incompatible` for another version, `Malformed` for anything else that is no body.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let body: Self = match bytes {
            [TAG, VERSION, rest @ ..] => codec::decode("agreement", rest)?,
            [TAG, version, ..] => {
                let known = VERSION;
                return Err(Fault::incompatible(format!(
                    "agreement: version {version}, this program knows {known}; update it"
                )));
            }
            _ => return Err(Fault::malformed("agreement: another kind of body")),
        };
        match &body {
            Self::Proposed(terms) => terms.check()?,
            Self::Signed { by, .. } => text("by", by, limits::NAME_CHARS)?,
            Self::Ended { reason, by, .. } => {
                text("by", by, limits::NAME_CHARS)?;
                text("reason", reason, limits::TEXT_CHARS)?;
            }
            Self::Form(content) if content.len() > limits::FORM_BYTES => {
                return Err(Fault::malformed("agreement: a form is too large"));
            }
            Self::Form(_) => {}
        }
        Ok(body)
    }

    /// Which agreement it is about; a form is about none.
    #[must_use]
    pub fn agreement(&self) -> Option<AgreementId> {
        match self {
            Self::Proposed(terms) => Some(terms.id()),
            Self::Signed { agreement, .. } | Self::Ended { agreement, .. } => Some(*agreement),
            Self::Form(_) => None,
        }
    }

    /// The name of a form's bytes.
    #[must_use]
    pub fn form(&self) -> Option<FormHash> {
        match self {
            Self::Form(content) => Some(digest(content)),
            Self::Proposed(_) | Self::Signed { .. } | Self::Ended { .. } => None,
        }
    }
}
