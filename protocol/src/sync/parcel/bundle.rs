//! Bundles: parcels for one organisation in a file that goes by mail or stick.

use crate::coalition::invite::armor::{self, Paper};
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::OrgId;
use crate::limits;
use serde::{Deserialize, Serialize};

/// What one text of such a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// For whom all of them are.
    pub to: OrgId,
    pub parcels: Vec<Vec<u8>>,
}

impl Bundle {
    /// The texts of a file, each with at most [`limits::BUNDLE_BYTES`] of parcels. One at least, so that an empty bundle is one too.
    #[must_use]
    pub fn texts(to: OrgId, parcels: Vec<Vec<u8>>) -> Vec<String> {
        let mut bundles = vec![Self { to, parcels: Vec::new() }];
        let mut bytes = 0;
        for parcel in parcels {
            bytes += parcel.len();
            if bytes > limits::BUNDLE_BYTES {
                bytes = parcel.len();
                bundles.push(Self { to, parcels: Vec::new() });
            }
            if let Some(last) = bundles.last_mut() {
                last.parcels.push(parcel);
            }
        }
        bundles.iter().map(|bundle| armor::write(Paper::Bundle, &codec::encode(bundle))).collect()
    }

    /// Reads one text.
    ///
    /// # Errors
    /// `Malformed` for what is damaged, cut short or too long, `Misuse` for a file of another kind.
    pub fn read(text: &str) -> Result<Self> {
        let content = armor::read_as(Paper::Bundle, text)?;
        let bundle: Self = codec::decode("bundle", &content)?;
        let bytes: usize = bundle.parcels.iter().map(Vec::len).sum();
        if bytes > limits::BUNDLE_BYTES {
            let most = limits::BUNDLE_BYTES;
            return Err(Fault::malformed(format!(
                "bundle: {bytes} bytes of parcels in one text, at most {most} are taken"
            )));
        }
        Ok(bundle)
    }
}
