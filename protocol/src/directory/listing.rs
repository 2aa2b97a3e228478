//! A listing and the names of its fields.
//!
//! | field | HSDS |
//! | --- | --- |
//! | `name`, `alternate_name`, `description`, `email`, `status`, ... | the column of that name of `organization`, `service`, `location`, `program` |
//! | `organization_id`, `program_id` | the same, as the UUID of a listing |
//! | `latitude`, `longitude`, `location_type`, `transportation` | `location` |
//! | `eligibility_description`, `fees_description` | `service` (3.x); 1.1 `eligibility.csv`, `fees` |
//! | `phone.<row>.number`, `.extension`, `.type`, ... | `phone` |
//! | `schedule.<row>.freq`, `.byday`, `.opens_at`, `.closes_at`, ... | `schedule`; 1.1 weekday rows that share their times are one row |
//! | `holiday.<row>.start_date`, `.end_date`, `.closed`, ... | 1.1 `holiday_schedule` |
//! | `address.<row>.address_1`, `.city`, `.address_type`, ... | `address`; 1.1 `physical_address`, `postal_address` |
//! | `at.<row>.location_id` | `service_at_location`, on the service |
//! | `eligibility.<row>.*`, `language.<row>.*`, `contact.<row>.*`, `attribute.<row>.*`, `cost_option.<row>.*`, `funding.<row>.*`, `accessibility.<row>.*`, `service_area.<row>.*`, `required_document.<row>.*`, `identifier.<row>.*`, `capacity.<row>.*`, `payment_accepted.<row>.*`, `url.<row>.*`, `metadata.<row>.*` | the table of that name |
//! | `service_kind.<code>`, `accepts.<code>`, `serves.<code>`, `payment.<code>`, `offers.<code>` | taxonomy terms: `yes`, `no` or `case_by_case` ([`crate::directory::view::FACETS`]) |
//! | `external_id`, `external_id_scheme` | the id that the source gave, and the source |
//! | `stub` | `true` on a parent that a file named but did not hold |
//! | `import_digest` | hash of the fields as imported: the same row again changes nothing |
//! | `edited` | names of fields that staff changed since: an import leaves them alone |
//!
//! `<row>` is the row's UUID where the source gave one, else twelve hex digits made of its content and its parent.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// `true` on a parent that a file named but did not hold.
pub const STUB: &str = "stub";
/// Hash of the fields as imported.
pub const DIGEST: &str = "import_digest";
/// Names of the fields that staff changed since the import, separated by blanks.
pub const EDITED: &str = "edited";
/// The key of a listing's kind in its document.
pub const KIND: &str = "kind";

/// A listing's UUID (RFC 9562). Text form: lower case with hyphens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ListingId(pub [u8; 16]);

/// A text that should be a listing's id is no UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a listing id: expected a UUID such as 3a19ff88-4620-4d17-9830-ac1d859eb5d5")]
pub struct NotAListingId;

impl ListingId {
    /// From 16 random bytes: a UUID of version 4.
    #[must_use]
    pub const fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Self(bytes)
    }
}

impl fmt::Display for ListingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = data_encoding::HEXLOWER.encode(&self.0);
        let parts: Vec<&str> = [0..8, 8..12, 12..16, 16..20, 20..32].into_iter().filter_map(|r| hex.get(r)).collect();
        f.write_str(&parts.join("-"))
    }
}

impl fmt::Debug for ListingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for ListingId {
    type Err = NotAListingId;
    fn from_str(text: &str) -> Result<Self, NotAListingId> {
        let text = text.trim();
        let hyphens: Vec<usize> = text.match_indices('-').map(|(at, _)| at).collect();
        if !hyphens.is_empty() && hyphens != [8, 13, 18, 23] {
            return Err(NotAListingId);
        }
        let hex = text.replace('-', "");
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).map_err(|_| NotAListingId)?;
        bytes.try_into().map(Self).map_err(|_| NotAListingId)
    }
}

/// What a listing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Organization,
    Service,
    Location,
    Program,
}

impl Kind {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Service => "service",
            Self::Location => "location",
            Self::Program => "program",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A text that should be a kind of listing is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of listing: expected organization, service, location or program")]
pub struct NotAKind;

impl FromStr for Kind {
    type Err = NotAKind;
    fn from_str(text: &str) -> Result<Self, NotAKind> {
        match text {
            "organization" => Ok(Self::Organization),
            "service" => Ok(Self::Service),
            "location" => Ok(Self::Location),
            "program" => Ok(Self::Program),
            _ => Err(NotAKind),
        }
    }
}

/// One listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    #[serde(with = "as_text")]
    pub id: ListingId,
    pub kind: Kind,
    /// See the table of this module. No value is empty.
    pub fields: BTreeMap<String, String>,
}

impl Listing {
    #[must_use]
    pub const fn new(id: ListingId, kind: Kind) -> Self {
        Self { id, kind, fields: BTreeMap::new() }
    }

    /// The field, or an empty text.
    #[must_use]
    pub fn get(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }

    /// Sets a field; an empty value takes it away.
    pub fn set(&mut self, field: impl Into<String>, value: impl Into<String>) {
        let (field, value) = (field.into(), value.into());
        if value.is_empty() {
            self.fields.remove(&field);
        } else {
            self.fields.insert(field, value);
        }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        self.get("name")
    }

    /// The organisation listing that offers it; for an organisation itself nothing.
    #[must_use]
    pub fn organization(&self) -> Option<ListingId> {
        self.get("organization_id").parse().ok()
    }

    /// Latitude and longitude in degrees (WGS 84), where they are numbers on the globe.
    #[must_use]
    pub fn place(&self) -> Option<(f64, f64)> {
        let latitude: f64 = self.get("latitude").parse().ok()?;
        let longitude: f64 = self.get("longitude").parse().ok()?;
        let real = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        (real && (latitude, longitude) != (0.0, 0.0)).then_some((latitude, longitude))
    }

    #[must_use]
    pub fn is_stub(&self) -> bool {
        self.get(STUB) == "true"
    }

    /// Rows of a table that HSDS keeps apart: the row's name and its columns, in order of name.
    pub fn children<'l>(&'l self, table: &str) -> BTreeMap<&'l str, BTreeMap<&'l str, &'l str>> {
        let prefix = format!("{table}.");
        let mut rows: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for (field, value) in self.fields.range(prefix.clone()..).take_while(|(field, _)| field.starts_with(&prefix)) {
            if let Some((row, column)) = field.get(prefix.len()..).and_then(|rest| rest.split_once('.')) {
                rows.entry(row).or_default().insert(column, value);
            }
        }
        rows
    }
}

mod as_text {
    use super::ListingId;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(id: &ListingId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ListingId, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
