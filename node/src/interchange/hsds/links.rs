//! Who belongs to whom: organisations of services and locations, services at locations, stubs for what is not there.

use super::build::{Builder, ChildRef, child_row};
use crate::interchange::source::Table;
use crate::interchange::text;
use belay_protocol::directory::{Kind, ListingId};

impl Builder {
    /// Settles the ids in services, locations and programmes, once all of them are read.
    pub fn parents(&mut self) {
        for id in self.order.clone() {
            let Some(listing) = self.listings.get(&id).filter(|listing| !listing.is_stub()).cloned() else { continue };
            let parent = listing.get("parent_organization_id");
            if let Some(found) = self.find("organization", parent) {
                self.set_field(&id, "parent_organization_id", &found.to_string());
            }
            if listing.kind == Kind::Organization {
                continue;
            }
            let program = listing.get("program_id");
            if !program.is_empty() {
                let program = self.find_or_stub("program", Kind::Program, program);
                self.set_field(&id, "program_id", &program.to_string());
            }
            // Ohana puts the location into the service.
            let location = listing.get("location_id");
            let location = (!location.is_empty()).then(|| self.find_or_stub("location", Kind::Location, location));
            if let (Some(location), Kind::Service) = (location, listing.kind) {
                self.set_field(&id, "location_id", "");
                self.place(&id, &location, "", "");
            }
            let owner = self.owner(&id, listing.get("organization_id"), location);
            self.set_field(&id, "organization_id", &owner.to_string());
        }
    }

    fn owner(&mut self, id: &ListingId, given: &str, location: Option<ListingId>) -> ListingId {
        let (file, row) = self.rows.get(id).cloned().unwrap_or_default();
        if !given.is_empty() {
            let known = self.find("organization", given).is_some_and(|found| self.rows.contains_key(&found));
            if !known {
                let reason = format!("no organization has the id \"{given}\"; kept under a stub");
                self.log.kept(&file, row, "organization_id", reason);
            }
            return self.find_or_stub("organization", Kind::Organization, given);
        }
        let of_location = location.and_then(|location| self.listings.get(&location)?.organization());
        if let Some(found) = of_location {
            return found;
        }
        self.log.kept(&file, row, "organization_id", "names no organization; kept under a stub");
        self.orphans()
    }

    /// `service_at_location` rows become fields of their services.
    pub fn links(&mut self, table: &Table) {
        let mut kept = 0;
        for record in &table.records {
            let (services, location) = (record.get("service_id"), record.get("location_id"));
            if services.is_empty() || location.is_empty() {
                let missing = if services.is_empty() { "service_id" } else { "location_id" };
                self.log.dropped(
                    &table.file,
                    record.row,
                    missing,
                    "names only one of service and location: says nothing",
                );
                continue;
            }
            let whole = self.find("service", services).is_some();
            let named = if whole { vec![services.to_owned()] } else { text::list(services) };
            if named.len() > 1 {
                let reason = format!("{} ids in one cell; taken as that many rows", named.len());
                self.log.kept(&table.file, record.row, "service_id", reason);
            }
            let mut found = Vec::new();
            for service in &named {
                match self.find("service", service) {
                    Some(service) => found.push(service),
                    None => {
                        let reason = format!("no service has the id \"{service}\"");
                        self.log.kept(&table.file, record.row, "service_id", reason);
                    }
                }
            }
            if found.is_empty() {
                self.log.dropped(&table.file, record.row, "service_id", "names no service that the file holds");
                continue;
            }
            let location = self.find_or_stub("location", Kind::Location, location);
            for service in &found {
                self.place(service, &location, record.get("id"), record.get("description"));
            }
            if !record.get("id").is_empty() {
                let row = child_row("at", record.get("id"), &[]);
                self.child_ids.insert(("at", record.get("id").to_owned()), ChildRef { listings: found, row });
            }
            kept += 1;
        }
        self.tally(table, kept);
    }

    fn place(&mut self, service: &ListingId, location: &ListingId, id: &str, description: &str) {
        let row = child_row("at", id, &[&service.to_string(), &location.to_string()]);
        self.set_field(service, format!("at.{row}.location_id"), &location.to_string());
        self.set_field(service, format!("at.{row}.description"), description);
    }
}
