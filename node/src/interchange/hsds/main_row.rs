//! Rows that are listings themselves: organisations, services, locations, programmes.

use super::build::{Builder, child_row, listing_id};
use crate::interchange::kinds;
use crate::interchange::source::{Record, Table};
use crate::interchange::{phone, text, times};
use belay_protocol::directory::{Kind, Listing};
use belay_protocol::limits;

/// Columns that hold ids of other rows; they are settled once all rows are read.
const REFERENCES: [&str; 4] = ["organization_id", "program_id", "location_id", "parent_organization_id"];

/// Ohana keeps lists in cells where HSDS has tables: the column, the table, the table's column.
const LISTS: [(&str, &str, &str); 8] = [
    ("languages", "language", "name"),
    ("accessibility", "accessibility", "description"),
    ("required_documents", "required_document", "document"),
    ("service_areas", "service_area", "name"),
    ("accepted_payments", "payment_accepted", "payment"),
    ("funding_sources", "funding", "source"),
    ("taxonomy_ids", "attribute", "taxonomy_term_id"),
    ("additional_urls", "url", "url"),
];

fn kind_of(table: &str) -> Kind {
    match table {
        "organization" => Kind::Organization,
        "location" => Kind::Location,
        "program" => Kind::Program,
        _ => Kind::Service,
    }
}

impl Builder {
    pub fn main_table(&mut self, table: &Table) {
        let mut kept = 0;
        for record in &table.records {
            kept += usize::from(self.main_row(table, record));
        }
        self.tally(table, kept);
    }

    fn main_row(&mut self, table: &Table, record: &Record) -> bool {
        let kind = kind_of(table.name);
        let given = record.get("id");
        if record.cells.is_empty() {
            self.log.dropped(&table.file, record.row, "", "the row is empty");
            return false;
        }
        if record.get("name").is_empty() && kind != Kind::Location {
            self.log.dropped(&table.file, record.row, "name", format!("a {kind} without a name"));
            return false;
        }
        let id = if given.is_empty() {
            self.log.kept(&table.file, record.row, "id", "no id; one was made of what the row says");
            let content: String = record.cells.iter().map(|(column, cell)| format!("{column}={cell}\n")).collect();
            listing_id(&self.set, table.name, &format!("row {content}"))
        } else {
            listing_id(&self.set, table.name, given)
        };
        if self.listings.contains_key(&id) {
            self.log.dropped(&table.file, record.row, "id", format!("repeats the id \"{given}\" of an earlier row"));
            return false;
        }
        let mut listing = Listing::new(id, kind);
        if !given.is_empty() && given.parse::<belay_protocol::directory::ListingId>().is_err() {
            listing.set("external_id", given);
            listing.set("external_id_scheme", &*self.set);
        }
        for (column, cell) in &record.cells {
            self.cell(&mut listing, table, record, column, cell);
        }
        if kind == Kind::Service {
            self.status(&mut listing, table, record);
        }
        if !given.is_empty() {
            self.ids.insert((table.name, given.to_owned()), id);
        }
        self.add(table, record, listing);
        true
    }

    fn cell(&mut self, listing: &mut Listing, table: &Table, record: &Record, column: &str, cell: &str) {
        if column == "id" {
            return;
        }
        if let Some((_, name, inner)) = LISTS.iter().find(|(list, ..)| *list == column) {
            for part in text::list(cell) {
                let row = child_row(name, "", &[&part, &listing.id.to_string()]);
                listing.set(format!("{name}.{row}.{inner}"), part.as_str());
                if *name == "attribute" {
                    self.term(listing, &row, &part, "");
                }
            }
            return;
        }
        let cell = match column {
            "url" | "website" | "logo" | "uri" => self.url(table, record, column, cell),
            "date_incorporated" | "assured_date" | "last_modified" => {
                times::date(cell).filter(|_| cell.len() != 24).unwrap_or_else(|| cell.to_owned())
            }
            "phone" => {
                for number in phone::numbers(cell) {
                    let row = child_row("phone", "", &[&number.number, &listing.id.to_string()]);
                    listing.set(format!("phone.{row}.number"), number.number);
                    listing.set(format!("phone.{row}.extension"), number.extension);
                }
                return;
            }
            _ => cell.to_owned(),
        };
        if cell.chars().count() > limits::FIELD_CHARS {
            self.log.kept(&table.file, record.row, column, format!("cut to {} characters", limits::FIELD_CHARS));
        }
        let cell: String = cell.chars().take(limits::FIELD_CHARS).collect();
        let virtual_place =
            if matches!(cell.to_lowercase().as_str(), "true" | "1" | "yes") { "virtual" } else { "physical" };
        let (field, value) = match (listing.kind, column) {
            (Kind::Organization, "url") => ("website", cell),
            (Kind::Service | Kind::Location, "website") => ("url", cell),
            (Kind::Location, "virtual") => ("location_type", virtual_place.to_owned()),
            (Kind::Service, "eligibility") => ("eligibility_description", cell),
            (Kind::Service, "fees") if record.get("fees_description").is_empty() => ("fees_description", cell),
            _ => (column, cell),
        };
        // A dot would make it look like a row of a table.
        let field: String = field.replace(['.', '/', ' '], "_").to_lowercase().chars().take(60).collect();
        if listing.fields.len() + 8 > limits::LISTING_FIELDS {
            self.log.kept(&table.file, record.row, column, "left out: the listing has too many fields");
        } else if !REFERENCES.contains(&field.as_str()) || !cell_is_blank(&value) {
            listing.set(field, value);
        }
    }

    fn url(&mut self, table: &Table, record: &Record, column: &str, cell: &str) -> String {
        match text::url(cell) {
            Some(url) if url != cell => {
                self.log.kept(
                    &table.file,
                    record.row,
                    column,
                    format!("\"{cell}\" has no scheme; http:// was put before it"),
                );
                url
            }
            Some(url) => url,
            None => {
                self.log.kept(&table.file, record.row, column, format!("\"{cell}\" is no web address; kept as it is"));
                cell.to_owned()
            }
        }
    }

    fn status(&mut self, listing: &mut Listing, table: &Table, record: &Record) {
        let status = listing.get("status").to_lowercase();
        let known = ["active", "inactive", "defunct", "temporarily closed"];
        if status.is_empty() {
            self.log.kept(&table.file, record.row, "status", "no status; taken as active");
            listing.set("status", "active");
        } else if known.contains(&status.as_str()) {
            listing.set("status", status);
        } else {
            self.log.kept(&table.file, record.row, "status", format!("\"{status}\" is no HSDS status; kept as it is"));
        }
    }

    /// Notes what a taxonomy term says: its name and, where it is one that we know, the facet.
    pub fn term(&self, listing: &mut Listing, row: &str, term: &str, value: &str) {
        let (name, code) = self.terms.get(term).cloned().unwrap_or_default();
        listing.set(format!("attribute.{row}.term"), &*name);
        listing.set(format!("attribute.{row}.code"), &*code);
        if let Some(facet) = kinds::facet(&code).or_else(|| kinds::facet(&name)) {
            let says = match value.to_lowercase().as_str() {
                "no" | "false" | "0" => "no",
                "case by case" | "case_by_case" | "sometimes" => "case_by_case",
                _ => "yes",
            };
            listing.set(facet, says);
        }
    }
}

fn cell_is_blank(cell: &str) -> bool {
    cell.trim().is_empty()
}
