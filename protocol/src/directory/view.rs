//! Typed readings of a listing's fields.

use super::Listing;
use serde::Serialize;

/// Groups of yes-or-no facets, with their HSDS home: each is a taxonomy term.
///
/// - `service_kind`: what it is (`detox`, `opioid_treatment_program`, `buprenorphine`, `shelter`, ...).
/// - `accepts`: whether people on methadone, buprenorphine or naltrexone are taken in (accepting is not offering).
/// - `serves`: for whom (`women`, `veterans`, `pregnant`, ...).
/// - `payment`: what is taken (`medicaid`, `sliding_scale`, `free`, ...).
/// - `offers`: further properties (`telehealth`, `peer_support`, `counselling_required`, ...).
pub const FACETS: [&str; 5] = ["service_kind", "accepts", "serves", "payment", "offers"];

/// A way to call: `phone`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phone<'l> {
    pub number: &'l str,
    pub extension: &'l str,
    /// `voice`, `fax`, `sms`, ...
    pub kind: &'l str,
    pub description: &'l str,
}

/// When it is open: `schedule`, weekly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schedule<'l> {
    /// RFC 5545 days, comma separated: `MO,TU`.
    pub days: &'l str,
    /// `HH:MM`, local time.
    pub opens_at: &'l str,
    pub closes_at: &'l str,
    pub description: &'l str,
}

/// Where it is: `address`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Address<'l> {
    pub address_1: &'l str,
    pub address_2: &'l str,
    pub city: &'l str,
    pub state_province: &'l str,
    pub postal_code: &'l str,
    /// `physical` or `postal`.
    pub kind: &'l str,
}

/// A facet and what is said of it: `yes`, `no`, `case_by_case`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Facet<'l> {
    pub group: &'l str,
    pub code: &'l str,
    pub says: &'l str,
}

impl Listing {
    #[must_use]
    pub fn phones(&self) -> Vec<Phone<'_>> {
        self.children("phone")
            .values()
            .map(|row| Phone {
                number: column(row, "number"),
                extension: column(row, "extension"),
                kind: column(row, "type"),
                description: column(row, "description"),
            })
            .filter(|phone| !phone.number.is_empty())
            .collect()
    }

    #[must_use]
    pub fn schedules(&self) -> Vec<Schedule<'_>> {
        self.children("schedule")
            .values()
            .map(|row| Schedule {
                days: column(row, "byday"),
                opens_at: column(row, "opens_at"),
                closes_at: column(row, "closes_at"),
                description: column(row, "description"),
            })
            .collect()
    }

    #[must_use]
    pub fn addresses(&self) -> Vec<Address<'_>> {
        self.children("address")
            .values()
            .map(|row| Address {
                address_1: column(row, "address_1"),
                address_2: column(row, "address_2"),
                city: column(row, "city"),
                state_province: column(row, "state_province"),
                postal_code: column(row, "postal_code"),
                kind: column(row, "address_type"),
            })
            .collect()
    }

    /// Locations where a service is offered.
    #[must_use]
    pub fn locations(&self) -> Vec<super::ListingId> {
        self.children("at").values().filter_map(|row| column(row, "location_id").parse().ok()).collect()
    }

    /// Facets, in order of group and code.
    #[must_use]
    pub fn facets(&self) -> Vec<Facet<'_>> {
        self.fields
            .iter()
            .filter_map(|(field, says)| {
                let (group, code) = field.split_once('.')?;
                FACETS.contains(&group).then_some(Facet { group, code, says })
            })
            .collect()
    }
}

fn column<'l>(row: &std::collections::BTreeMap<&'l str, &'l str>, name: &str) -> &'l str {
    row.get(name).copied().unwrap_or_default()
}
