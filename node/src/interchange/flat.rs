//! One spreadsheet, a row a service: what small networks really have. Columns are told by their headers.

mod columns;

use super::hsds::{child_row, finish_listing, listing_id};
use super::report::{Import, Log, Tally};
use super::source::{Record, Sheet, Table};
use super::{kinds, phone, text};
use belay_protocol::directory::{Kind, Listing, ListingId};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::limits;
use columns::{Mapping, Target};
use std::collections::{BTreeMap, BTreeSet};

/// Reads a spreadsheet: each row becomes a service at a location, under the organisation of its first name.
///
/// # Errors
/// `Misuse` if no column can be told for a name and a way to find the place.
pub(super) fn read(set: &str, sheet: &Sheet) -> Result<Import> {
    let table = &sheet.table;
    let mapping = columns::map(&table.header, &table.records);
    if !mapping.is_directory() {
        let header: String = table.header.join(", ").chars().take(200).collect();
        return Err(Fault::misuse(format!(
            "{}: neither HSDS nor a list of services: it needs a column with names and one with addresses or telephone \
             numbers; its columns are: {header}",
            table.file
        )));
    }
    let mut reader = Reader::new(set, table, &mapping);
    reader.log.issues.clone_from(&sheet.log.issues);
    reader.headers();
    let kept = table.records.iter().filter(|record| reader.row(record)).count();
    let tally = Tally { file: table.file.clone(), table: "sheet".into(), read: table.records.len(), kept };
    let Reader { mut log, listings, order, .. } = reader;
    log.issues.sort();
    log.issues.dedup();
    let listings: BTreeMap<ListingId, Listing> = listings;
    let listings = order.iter().filter_map(|id| listings.get(id).cloned()).collect();
    Ok(Import { format: "spreadsheet".into(), set: set.to_owned(), listings, tables: vec![tally], issues: log.issues })
}

struct Reader<'r> {
    set: &'r str,
    table: &'r Table,
    mapping: &'r Mapping,
    log: Log,
    listings: BTreeMap<ListingId, Listing>,
    order: Vec<ListingId>,
    keys: BTreeMap<String, usize>,
    seen: BTreeSet<Vec<String>>,
}

impl<'r> Reader<'r> {
    const fn new(set: &'r str, table: &'r Table, mapping: &'r Mapping) -> Self {
        Self {
            set,
            table,
            mapping,
            log: Log { issues: Vec::new() },
            listings: BTreeMap::new(),
            order: Vec::new(),
            keys: BTreeMap::new(),
            seen: BTreeSet::new(),
        }
    }

    /// What is to be said about the columns, once.
    fn headers(&mut self) {
        for (column, target) in &self.mapping.targets {
            let reason = match target {
                Target::Ignored(why) => (*why).to_owned(),
                Target::Name if column == "ID" => "named ID, but holds names; taken as the name".to_owned(),
                _ => continue,
            };
            self.log.kept(&self.table.file, 0, column, reason);
        }
        self.log.kept(&self.table.file, 0, "", "the list has no status; its services were taken as active");
    }

    /// The cells of the columns that mean this, in order of the header.
    fn cells(&self, record: &'r Record, wanted: &Target) -> Vec<(&'r str, &'r str)> {
        let columns = self.mapping.targets.iter().filter(|(_, target)| target == wanted);
        columns.map(|(column, _)| (column.as_str(), record.get(column))).filter(|(_, cell)| !cell.is_empty()).collect()
    }

    fn one(&self, record: &'r Record, wanted: &Target) -> &'r str {
        self.cells(record, wanted).first().map_or("", |(_, cell)| cell)
    }

    fn row(&mut self, record: &Record) -> bool {
        let names = self.cells(record, &Target::Name);
        let Some((_, name)) = names.first() else {
            self.log.dropped(&self.table.file, record.row, "", "a row without a name");
            return false;
        };
        if !self.seen.insert(record.cells.iter().map(|(column, cell)| format!("{column}={cell}")).collect()) {
            self.log.kept(&self.table.file, record.row, "", "the same row again; kept as a place of its own");
        }
        let place = self.place(record);
        let parts = [*name, self.one(record, &Target::Name2), place.get("line1"), place.get("postal_code")];
        let key = parts.join("|").to_lowercase();
        // Two clinics at one address, or one listed twice: each row stays a row.
        let again = self.keys.entry(key.clone()).or_insert(0);
        *again += 1;
        let key = if *again == 1 { key } else { format!("{key}|{again}") };

        let organization = self.organization(name);
        let location = self.location(record, &place, &key, name, &organization);
        let mut service = Listing::new(listing_id(self.set, "service", &key), Kind::Service);
        service.set("organization_id", organization.to_string());
        let more: Vec<&str> = self.cells(record, &Target::Name2).iter().map(|(_, cell)| *cell).collect();
        service.set("name", [&[*name], more.as_slice()].concat().join(", "));
        service.set("status", "active");
        let row = child_row("at", "", &[&service.id.to_string(), &location.to_string()]);
        service.set(format!("at.{row}.location_id"), location.to_string());
        self.external_id(record, &mut service);
        self.phones(record, &mut service);
        self.said(record, &mut service);
        self.order.push(service.id);
        let street = !place.get("line1").is_empty();
        let told = [service.name(), service.get("description"), service.get("notes")].join(" ");
        if street && super::hsds::is_refuge(&told) {
            let reason = "a shelter from violence with a street address: check that the address may be known";
            self.log.kept(&self.table.file, record.row, "", reason);
        }
        self.listings.insert(service.id, service);
        true
    }

    fn external_id(&self, record: &Record, service: &mut Listing) {
        let id = self.one(record, &Target::ExternalId);
        if !id.is_empty() {
            service.set("external_id", id);
            service.set("external_id_scheme", self.set);
        }
    }

    /// The organisation of this name, made at its first row.
    fn organization(&mut self, name: &str) -> ListingId {
        let id = listing_id(self.set, "organization", &name.to_lowercase());
        if !self.listings.contains_key(&id) {
            let mut organization = Listing::new(id, Kind::Organization);
            organization.set("name", name);
            self.order.push(id);
            self.listings.insert(id, organization);
        }
        id
    }

    /// The parts of an address, mended.
    fn place(&mut self, record: &Record) -> Listing {
        let mut place = Listing::new(ListingId([0; 16]), Kind::Location);
        let lines: Vec<String> = self
            .cells(record, &Target::Street)
            .into_iter()
            .map(|(_, line)| line.trim_matches(|c: char| c == '-' || c == ' ').to_owned())
            .filter(|line| !line.is_empty())
            .collect();
        place.set("line1", lines.first().cloned().unwrap_or_default());
        place.set("line2", lines.get(1..).unwrap_or_default().join(", "));
        let city = self.one(record, &Target::City);
        place.set("city", city.trim_end_matches([',', ' ']));
        place.set("state_province", self.one(record, &Target::State));
        let mut zip = self.one(record, &Target::Zip).to_owned();
        if let Some(mended) = text::zip(&zip, place.get("state_province")) {
            self.log.kept(
                &self.table.file,
                record.row,
                "",
                format!("ZIP code \"{zip}\" without its leading zero; mended"),
            );
            zip = mended;
        }
        let four = self.one(record, &Target::Zip4);
        place.set("postal_code", if four.is_empty() || zip.contains('-') { zip } else { format!("{zip}-{four:0>4}") });
        if lines.is_empty() {
            self.log.kept(&self.table.file, record.row, "", "no street address");
        }
        place
    }

    fn location(&mut self, record: &Record, place: &Listing, key: &str, name: &str, owner: &ListingId) -> ListingId {
        let mut location = Listing::new(listing_id(self.set, "location", key), Kind::Location);
        location.set("organization_id", owner.to_string());
        let town = place.get("city");
        location.set("name", if town.is_empty() { name.to_owned() } else { format!("{name}, {town}") });
        let row = child_row("address", "", &[key]);
        for (column, part) in [("address_1", "line1"), ("address_2", "line2")] {
            location.set(format!("address.{row}.{column}"), place.get(part));
        }
        for column in ["city", "state_province", "postal_code"] {
            location.set(format!("address.{row}.{column}"), place.get(column));
        }
        let county = self.one(record, &Target::County);
        location.set(format!("address.{row}.region"), county);
        location.set(format!("address.{row}.address_type"), "physical");
        location.set("latitude", self.one(record, &Target::Latitude));
        location.set("longitude", self.one(record, &Target::Longitude));
        finish_listing(&mut location, &self.table.file, record.row, &mut self.log);
        let id = location.id;
        self.order.push(id);
        self.listings.insert(id, location);
        id
    }

    fn phones(&mut self, record: &Record, service: &mut Listing) {
        for (column, cell) in self.cells(record, &Target::Phone) {
            let numbers = phone::numbers(cell);
            if numbers.len() > 1 {
                let reason = format!("{} numbers in one cell; taken apart", numbers.len());
                self.log.kept(&self.table.file, record.row, column, reason);
            }
            for number in numbers {
                if !number.sure {
                    let reason =
                        format!("\"{}\" has not the digits of a telephone number; kept as it is", number.number);
                    self.log.kept(&self.table.file, record.row, column, reason);
                }
                let row = child_row("phone", "", &[&number.number, &service.id.to_string()]);
                service.set(format!("phone.{row}.number"), number.number);
                service.set(format!("phone.{row}.extension"), number.extension);
                service.set(format!("phone.{row}.description"), number.label);
            }
        }
    }

    /// Flags, codes and free text.
    fn said(&mut self, record: &Record, service: &mut Listing) {
        for (column, target) in &self.mapping.targets {
            let cell = record.get(column);
            if cell.is_empty() {
                continue;
            }
            match target {
                Target::Flag(facet) if is_yes(cell) => service.set(*facet, "yes"),
                Target::Flag(facet) if is_no(cell) => service.set(*facet, "no"),
                Target::Flag(_) => {
                    self.log.kept(
                        &self.table.file,
                        record.row,
                        column,
                        format!("\"{cell}\" is neither yes nor no; left out"),
                    );
                }
                Target::Codes => codes(cell, service),
                Target::Field(field) => append(service, field, cell),
                Target::Areas => {
                    for area in text::list(cell) {
                        let row = child_row("service_area", "", &[&area]);
                        service.set(format!("service_area.{row}.name"), area);
                    }
                }
                Target::County => {
                    let row = child_row("service_area", "", &[cell]);
                    service.set(format!("service_area.{row}.name"), cell);
                }
                _ => {}
            }
        }
        if service.fields.len() > limits::LISTING_FIELDS {
            self.log.kept(
                &self.table.file,
                record.row,
                "",
                "the listing has too many fields; the last ones were left out",
            );
            while service.fields.len() > limits::LISTING_FIELDS {
                service.fields.pop_last();
            }
        }
    }
}

fn append(service: &mut Listing, field: &str, cell: &str) {
    let old = service.get(field);
    let joined = if old.is_empty() { cell.to_owned() } else { format!("{old}\n{cell}") };
    service.set(field, joined.chars().take(limits::FIELD_CHARS).collect::<String>());
}

/// SAMHSA's service codes, `SAF/SA/MM/...`.
fn codes(cell: &str, service: &mut Listing) {
    service.set("samhsa_codes", cell.trim_end_matches('/'));
    for code in cell.split(['/', ' ', ',']).map(str::trim).filter(|code| !code.is_empty()) {
        for facet in kinds::samhsa(code) {
            service.set(*facet, "yes");
        }
        if code == "SP" {
            service.set("language.es.name", "Spanish");
        }
    }
}

fn is_yes(cell: &str) -> bool {
    matches!(cell.to_lowercase().as_str(), "1" | "yes" | "y" | "x" | "true")
}

fn is_no(cell: &str) -> bool {
    matches!(cell.to_lowercase().as_str(), "0" | "no" | "n" | "false")
}
