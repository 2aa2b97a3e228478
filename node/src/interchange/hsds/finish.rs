//! What is settled once a listing is whole, for every source.

use super::build::Builder;
use super::child::is_place;
use crate::interchange::report::Log;
use belay_protocol::directory::{Kind, Listing, ListingId};
use std::collections::BTreeMap;

/// Defaults that HSDS 3 asks for, and doubts about coordinates.
pub(in crate::interchange) fn finish_listing(listing: &mut Listing, file: &str, row: usize, log: &mut Log) {
    if listing.kind != Kind::Location || listing.is_stub() {
        return;
    }
    if listing.get("location_type").is_empty() {
        listing.set("location_type", "physical");
    }
    if listing.name().is_empty() {
        let address = listing.addresses().first().map(|address| address.address_1.to_owned()).unwrap_or_default();
        listing.set("name", if address.is_empty() { "Location without a name".to_owned() } else { address });
        log.kept(file, row, "name", "a location without a name; named by its address");
    }
    let given = !listing.get("latitude").is_empty() || !listing.get("longitude").is_empty();
    if given && listing.place().is_none() {
        let reason = format!(
            "\"{}, {}\" is no place on the globe; not shown on maps",
            listing.get("latitude"),
            listing.get("longitude")
        );
        log.kept(file, row, "latitude", reason);
    }
}

/// Whether the words speak of a shelter from violence.
pub(in crate::interchange) fn is_refuge(text: &str) -> bool {
    let text = text.to_lowercase();
    let violence = [
        "domestic violence",
        "intimate partner",
        "battered",
        "family violence",
        "human trafficking",
        "violence shelter",
    ];
    let shelter = ["shelter", "safe house", "safehouse", "refuge", "transitional housing", "confidential location"];
    violence.iter().any(|word| text.contains(word)) && shelter.iter().any(|word| text.contains(word))
}

fn words(listing: &Listing) -> String {
    [listing.name(), listing.get("description"), listing.get("alternate_name"), listing.get("short_desc")].join(" ")
}

fn has_street(listing: &Listing) -> bool {
    let street = |line: &str| {
        line.chars().any(|c| c.is_ascii_digit()) && !line.to_lowercase().replace('.', "").starts_with("po box")
    };
    listing.addresses().iter().any(|address| address.kind != "postal" && street(address.address_1))
}

impl Builder {
    /// A shelter from violence with its street address in the file: published by accident, more often than not.
    pub fn warn_confidential(&mut self) {
        let mut said: BTreeMap<ListingId, String> = BTreeMap::new();
        for listing in self.listings.values().filter(|listing| is_place(listing)) {
            said.entry(listing.id).or_default().push_str(&words(listing));
            for location in listing.locations() {
                said.entry(location).or_default().push_str(&words(listing));
            }
        }
        for (id, text) in said.iter().filter(|(_, text)| is_refuge(text)) {
            if self.listings.get(id).is_some_and(has_street) {
                let (file, row) = self.rows.get(id).cloned().unwrap_or_default();
                let _ = text;
                let reason = "a shelter from violence with a street address: check that the address may be known";
                self.log.kept(&file, row, "address_1", reason);
            }
        }
    }
}
