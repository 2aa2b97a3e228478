//! Rows that hang on listings: phones, addresses, languages, terms, capacity and the rest.

use super::build::{Builder, ChildRef, child_row};
use crate::interchange::source::{Record, Table};
use crate::interchange::{phone, text, times};
use belay_protocol::directory::{Kind, Listing, ListingId};
use belay_protocol::limits;
use std::collections::BTreeMap;

/// Columns by which a row names its parents, and the table of each.
const PARENTS: [(&str, &str); 8] = [
    ("service_id", "service"),
    ("location_id", "location"),
    ("organization_id", "organization"),
    ("program_id", "program"),
    ("service_at_location_id", "at"),
    ("contact_id", "contact"),
    ("phone_id", "phone"),
    ("link_id", ""),
];

/// The column without which a row of the table says nothing.
fn needed(table: &str) -> &'static [&'static str] {
    match table {
        "phone" => &["number"],
        "eligibility" => &["eligibility"],
        "address" | "postal_address" => &["address_1", "city", "postal_code"],
        "language" => &["name", "language", "code"],
        "attribute" => &["taxonomy_term_id", "taxonomy_id", "label", "value"],
        _ => &[],
    }
}

impl Builder {
    pub fn children(&mut self, table: &Table) {
        let mut kept = 0;
        if table.name == "schedule" {
            kept = self.schedules(table);
        } else if ["taxonomy", "taxonomy_term", "unit", "table_description"].contains(&table.name) {
            // Looked up by other rows; not listings.
            kept = table.records.len();
        } else {
            for record in &table.records {
                kept += usize::from(self.child(table, record));
            }
        }
        self.tally(table, kept);
    }

    fn child(&mut self, table: &Table, record: &Record) -> bool {
        let needs = needed(table.name);
        if !needs.is_empty() && needs.iter().all(|column| record.get(column).is_empty()) {
            self.log.dropped(&table.file, record.row, needs[0], format!("has no {}: says nothing", needs[0]));
            return false;
        }
        let parents = self.parents_of(table, record);
        let mut rows = Vec::new();
        for parent in &parents {
            rows = self.child_of(parent, table, record);
        }
        if let (false, Some(row)) = (record.get("id").is_empty(), rows.pop()) {
            self.child_ids.insert((table.name, record.get("id").to_owned()), ChildRef { listings: parents, row });
        }
        true
    }

    /// The listings that a row hangs on; the set's stub, with an issue, where it names none that is there.
    pub fn parents_of(&mut self, table: &Table, record: &Record) -> Vec<ListingId> {
        let mut found: Vec<ListingId> = Vec::new();
        let mut unknown: Option<(&str, &str)> = None;
        let resource = [("resource_id", "")];
        for (column, of) in PARENTS.iter().chain(&resource).filter(|(column, _)| !record.get(column).is_empty()) {
            let id = record.get(column);
            let parts = if self.is_there(of, id).is_empty() { text::list(id) } else { vec![id.to_owned()] };
            for part in &parts {
                let there = self.is_there(of, part);
                if there.is_empty() {
                    unknown = Some((column, id));
                }
                found.extend(there);
            }
        }
        found.sort();
        found.dedup();
        if found.is_empty() {
            let (column, reason) = match unknown {
                Some((column, id)) => (column, format!("\"{id}\" is not in the files; kept under a stub")),
                None => ("", "names nothing that it belongs to; kept under a stub".to_owned()),
            };
            self.log.kept(&table.file, record.row, column, reason);
            found.push(self.orphans());
        }
        found
    }

    fn is_there(&self, table: &str, id: &str) -> Vec<ListingId> {
        let mains = ["service", "location", "organization", "program"];
        let children = ["at", "contact", "phone"];
        let main = mains.iter().filter(|name| table.is_empty() || **name == table).find_map(|name| self.find(name, id));
        let child = children
            .iter()
            .filter(|name| table.is_empty() || **name == table)
            .find_map(|name| self.child_ids.get(&(*name, id.to_owned())));
        main.map_or_else(|| child.map(|child| child.listings.clone()).unwrap_or_default(), |id| vec![id])
    }

    fn child_of(&mut self, parent: &ListingId, table: &Table, record: &Record) -> Vec<String> {
        let Some(mut listing) = self.listings.remove(parent) else { return Vec::new() };
        let rows = match table.name {
            "phone" => self.phone(&mut listing, table, record),
            "eligibility" => {
                join(&mut listing, "eligibility_description", record.get("eligibility"));
                Vec::new()
            }
            _ => vec![self.plain(&mut listing, table, record)],
        };
        self.listings.insert(*parent, listing);
        rows
    }

    fn phone(&mut self, listing: &mut Listing, table: &Table, record: &Record) -> Vec<String> {
        let numbers = phone::numbers(record.get("number"));
        if numbers.len() > 1 {
            let reason = format!("{} numbers in one cell; taken as that many rows", numbers.len());
            self.log.kept(&table.file, record.row, "number", reason);
        }
        let mut rows = Vec::new();
        for (index, number) in numbers.iter().enumerate() {
            if !number.sure {
                let reason = format!("\"{}\" has not the digits of a telephone number; kept as it is", number.number);
                self.log.kept(&table.file, record.row, "number", reason);
            }
            let id = if index == 0 { record.get("id") } else { "" };
            let row = child_row("phone", id, &[&self.set, &number.number, &listing.id.to_string()]);
            let mut cells: BTreeMap<String, String> = self.columns(table, record);
            cells.insert("number".into(), number.number.clone());
            for (column, value) in [("extension", &number.extension), ("description", &number.label)] {
                if !value.is_empty() {
                    cells.insert(column.into(), value.clone());
                }
            }
            put(listing, "phone", &row, &cells);
            rows.push(row);
        }
        rows
    }

    fn plain(&mut self, listing: &mut Listing, table: &Table, record: &Record) -> String {
        let name = if table.name == "postal_address" { "address" } else { table.name };
        let mut cells = self.columns(table, record);
        let content: String = cells.iter().map(|(column, cell)| format!("{column}={cell}\n")).collect();
        let row = child_row(table.name, record.get("id"), &[&self.set, &content, &listing.id.to_string()]);
        match table.name {
            "address" | "postal_address" => self.address(table, record, &mut cells),
            "holiday" => self.holiday(table, record, &mut cells),
            "capacity" => {
                if let Some((unit, _)) = self.terms.get(record.get("unit_id")) {
                    cells.insert("unit".into(), unit.clone());
                }
            }
            "attribute" => {
                let term = [record.get("taxonomy_term_id"), record.get("taxonomy_id")];
                let term = term.into_iter().find(|term| !term.is_empty()).unwrap_or_default();
                self.term(listing, &row, term, record.get("value"));
            }
            _ => {}
        }
        if listing.fields.len() + cells.len() > limits::LISTING_FIELDS {
            self.log.kept(&table.file, record.row, "", "left out: the listing has too many fields");
        } else {
            put(listing, name, &row, &cells);
        }
        row
    }

    /// The cells that stay: not the ids of parents, which the field's place tells.
    pub fn columns(&self, table: &Table, record: &Record) -> BTreeMap<String, String> {
        let mut cells = BTreeMap::new();
        for (column, cell) in &record.cells {
            let plain = column.replace(['.', '/', ' '], "_").to_lowercase();
            match column.as_str() {
                "id" if cell.parse::<ListingId>().is_err() => cells.insert("external_id".into(), cell.clone()),
                "id" | "link_type" | "link_entity" | "resource_type" => None,
                "contact_id" | "phone_id" => {
                    let of = if column == "contact_id" { "contact" } else { "phone" };
                    let row = self.child_ids.get(&(of, cell.clone())).map_or(cell, |child| &child.row);
                    cells.insert(plain, row.clone())
                }
                column if PARENTS.iter().any(|(parent, _)| *parent == column) || column == "resource_id" => None,
                "number_type" => cells.insert("type".into(), cell.clone()),
                "language" if table.name == "language" => cells.insert("name".into(), cell.clone()),
                _ => cells.insert(plain.chars().take(60).collect(), cell.chars().take(limits::FIELD_CHARS).collect()),
            };
        }
        cells
    }

    fn address(&mut self, table: &Table, record: &Record, cells: &mut BTreeMap<String, String>) {
        let postal = table.name == "postal_address";
        cells.entry("address_type".into()).or_insert_with(|| if postal { "postal" } else { "physical" }.to_owned());
        if record.get("city").is_empty() && text::is_run_together(record.get("address_1")) {
            let reason = "the parts of the address run into each other, and the city is missing; kept as it is";
            self.log.kept(&table.file, record.row, "address_1", reason);
        }
        if let Some(zip) = text::zip(record.get("postal_code"), record.get("state_province")) {
            self.log.kept(&table.file, record.row, "postal_code", "a ZIP code without its leading zero; mended");
            cells.insert("postal_code".into(), zip);
        }
    }

    fn holiday(&mut self, table: &Table, record: &Record, cells: &mut BTreeMap<String, String>) {
        for column in ["start_date", "end_date"] {
            match times::date(record.get(column)) {
                Some(date) => drop(cells.insert(column.into(), date)),
                None if record.get(column).is_empty() => {}
                None => {
                    let reason = format!("\"{}\" is no date; kept as it is", record.get(column));
                    self.log.kept(&table.file, record.row, column, reason);
                }
            }
        }
        for column in ["opens_at", "closes_at"] {
            if let Some(time) = self.time(table, record, column) {
                cells.insert(column.into(), time);
            }
        }
    }

    /// A time of day; with an issue where the cell is none.
    pub fn time(&mut self, table: &Table, record: &Record, column: &str) -> Option<String> {
        let cell = record.get(column);
        let time = times::time(cell);
        if time.is_none() && !cell.is_empty() {
            self.log.kept(&table.file, record.row, column, format!("\"{cell}\" is no time of day; kept as it is"));
            return Some(cell.to_owned());
        }
        time
    }
}

fn put(listing: &mut Listing, table: &str, row: &str, cells: &BTreeMap<String, String>) {
    for (column, cell) in cells {
        listing.set(format!("{table}.{row}.{column}"), cell.as_str());
    }
}

/// Several rows of one kind in one text, each once.
fn join(listing: &mut Listing, field: &str, more: &str) {
    let old = listing.get(field).to_owned();
    if old.lines().any(|line| line == more) || more.is_empty() {
        return;
    }
    listing.set(field, if old.is_empty() { more.to_owned() } else { format!("{old}\n{more}") });
}

/// Whether a listing is one that people come to.
pub(super) fn is_place(listing: &Listing) -> bool {
    matches!(listing.kind, Kind::Location | Kind::Service | Kind::Organization)
}
