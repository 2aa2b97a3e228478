//! What is kept for an organisation, in a file: for who lost its machine and can not reach this one.

use super::Place;
use crate::coalition::invite::armor::{self, Paper};
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::OrgId;
use crate::limits;
use crate::store::View;
use serde::{Deserialize, Serialize};

/// What one text of such a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    /// Whose they are.
    pub of: OrgId,
    /// Sealed, as they were left.
    pub packages: Vec<Vec<u8>>,
}

impl Records {
    /// What is kept for an organisation after this place, as much as one text takes, and where the next begins; `None` at the end.
    ///
    /// # Errors
    /// `Store`.
    pub fn after(view: &dyn View, of: OrgId, after: Option<Place>) -> Result<(Self, Option<Place>)> {
        let (mut packages, mut bytes, mut last) = (Vec::new(), 0, after);
        while let Some((place, package)) = super::next(view, of, last)? {
            bytes += package.len();
            if bytes > limits::BUNDLE_BYTES {
                return Ok((Self { of, packages }, last));
            }
            packages.push(package);
            last = Some(place);
        }
        Ok((Self { of, packages }, None))
    }

    /// The text of it.
    #[must_use]
    pub fn text(&self) -> String {
        armor::write(Paper::Records, &codec::encode(self))
    }

    /// Reads one text.
    ///
    /// # Errors
    /// `Malformed` for what is damaged, cut short or too long, `Misuse` for a file of another kind.
    pub fn read(text: &str) -> Result<Self> {
        let records: Self = codec::decode("records", &armor::read_as(Paper::Records, text)?)?;
        let bytes: usize = records.packages.iter().map(Vec::len).sum();
        if bytes > limits::BUNDLE_BYTES {
            let most = limits::BUNDLE_BYTES;
            return Err(Fault::malformed(format!("records: {bytes} bytes in one text, at most {most} are taken")));
        }
        Ok(records)
    }
}
