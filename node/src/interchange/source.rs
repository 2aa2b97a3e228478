//! What lies at a path: a package of tables, one spreadsheet, or nothing that can be read as a directory.

mod csv;
mod json;

use super::report::Log;
use super::text;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::limits;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// One record: cells by header, cleaned; empty ones are not there.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    /// As a spreadsheet numbers it: the header is 1.
    pub row: usize,
    pub cells: BTreeMap<String, String>,
}

impl Record {
    pub fn get(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// One file or JSON array.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub file: String,
    /// The HSDS table, by [`table_name`]; empty for a spreadsheet.
    pub name: &'static str,
    pub header: Vec<String>,
    pub records: Vec<Record>,
}

/// HSDS tables and what was found while reading them.
#[derive(Debug, Default)]
pub(super) struct Package {
    pub format: String,
    pub tables: Vec<Table>,
    pub log: Log,
}

/// A spreadsheet with a row a service.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub table: Table,
    pub log: Log,
}

pub(super) enum Source {
    Package(Package),
    Sheet(Sheet),
}

/// The HSDS table that a file of this name (without folder and ending) holds, in any of the names in use.
pub(super) fn table_name(stem: &str) -> Option<&'static str> {
    Some(match stem.to_lowercase().as_str() {
        "organizations" | "organization" | "organisations" => "organization",
        "services" | "service" => "service",
        "locations" | "location" => "location",
        "programs" | "program" => "program",
        "service_at_location" | "service_at_locations" | "services_at_location" | "services_at_locations" => "at",
        "phones" | "phone" => "phone",
        "contacts" | "contact" => "contact",
        "addresses" | "address" | "physical_addresses" | "physical_address" => "address",
        "postal_addresses" | "postal_address" | "mail_addresses" | "mail_address" => "postal_address",
        "schedules" | "schedule" | "regular_schedules" | "regular_schedule" => "schedule",
        "holiday_schedules" | "holiday_schedule" => "holiday",
        "eligibility" | "eligibilities" => "eligibility",
        "languages" | "language" => "language",
        "accessibility" | "accessibility_for_disabilities" => "accessibility",
        "attributes" | "attribute" | "service_attributes" | "services_taxonomy" => "attribute",
        "taxonomies" => "taxonomy",
        "taxonomy" | "taxonomy_terms" | "taxonomy_term" => "taxonomy_term",
        "cost_options" | "cost_option" => "cost_option",
        "funding" | "fundings" => "funding",
        "required_documents" | "required_document" => "required_document",
        "service_areas" | "service_area" => "service_area",
        "organization_identifiers" | "organization_identifier" => "identifier",
        "service_capacity" | "service_capacities" => "capacity",
        "units" | "unit" => "unit",
        "url" | "urls" | "additional_urls" | "additional_websites" => "url",
        "payments_accepted" | "payment_accepted" => "payment_accepted",
        "metadata" => "metadata",
        "meta_table_descriptions" | "meta_table_description" => "table_description",
        _ => return None,
    })
}

/// A name for the set at a path: the folder's or file's, with its parent's where the name alone says nothing.
pub(super) fn set_name(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let stem = |path: &Path| path.file_stem().map(|stem| text::slug(&stem.to_string_lossy())).unwrap_or_default();
    let own = stem(&path);
    let plain =
        ["hsds", "csv", "data", "output", "tmp", "json", "export", "tabular", "organization-full", "3-0", "3-1"];
    let parent = path.parent().map(stem).unwrap_or_default();
    match own.as_str() {
        "" => "import".to_owned(),
        plain_name if plain.contains(&plain_name) && !parent.is_empty() => format!("{parent}-{own}"),
        _ => own,
    }
}

/// # Errors
/// `Misuse`, with what the path is instead.
pub(super) fn open(path: &Path) -> Result<Source> {
    let refuse = |what: &str| Err(Fault::misuse(format!("{}: {what}", path.display())));
    let Ok(metadata) = path.metadata() else {
        return refuse("there is no such file or folder, or it may not be read; check the path");
    };
    if metadata.is_dir() {
        return folder(path);
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if ending == "csv"
        && table_name(&stem).is_some()
        && let Some(package) = path.parent().map(package_in).transpose()?.flatten()
    {
        return Ok(Source::Package(package));
    }
    let bytes = bytes(path)?;
    match kind(&bytes) {
        Content::Json => json::read(path, &bytes).map(Source::Package),
        Content::Xml => {
            refuse("this is XML, not a directory; give an HSDS folder or JSON file, or a spreadsheet saved as CSV")
        }
        Content::Binary => refuse("this is neither text nor CSV nor JSON; save a spreadsheet as CSV first"),
        Content::Empty => refuse("the file is empty"),
        Content::Text => {
            let mut log = Log::default();
            let table = csv::read(&name(path), "", &bytes, &mut log)?;
            Ok(Source::Sheet(Sheet { table, log }))
        }
    }
}

enum Content {
    Json,
    Xml,
    Binary,
    Empty,
    Text,
}

fn kind(bytes: &[u8]) -> Content {
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let head = bytes.get(..bytes.len().min(8192)).unwrap_or_default();
    let bare = head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(head);
    let first = bare.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        None => Content::Empty,
        Some(_) if wide => Content::Text,
        _ if head.contains(&0) => Content::Binary,
        Some(b'{' | b'[') => Content::Json,
        Some(b'<') => Content::Xml,
        Some(_) if bare.iter().filter(|byte| **byte < 32 && !byte.is_ascii_whitespace()).count() > 0 => Content::Binary,
        Some(_) => Content::Text,
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    let refused = |why: &str| Fault::misuse(format!("{}: {why}", path.display()));
    let unreadable = |error: std::io::Error| refused(&format!("can not be read: {error}"));
    // A device or a pipe says that it is empty, and never ends.
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err(refused("this is no file"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(limits::IMPORT_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limits::IMPORT_BYTES {
        return Err(refused(&format!("more than {} bytes; no more are read", limits::IMPORT_BYTES)));
    }
    Ok(bytes)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn folder(path: &Path) -> Result<Source> {
    if let Some(package) = package_in(path)? {
        return Ok(Source::Package(package));
    }
    let entries = entries(path)?;
    let mut packages = Vec::new();
    for inner in entries.iter().filter(|entry| entry.is_dir()) {
        packages.extend(package_in(inner)?.map(|package| (name(inner), package)));
    }
    let spreadsheets: Vec<&PathBuf> = entries.iter().filter(|entry| has_ending(entry, "csv")).collect();
    let json: Vec<&PathBuf> = entries.iter().filter(|entry| has_ending(entry, "json")).collect();
    let refuse = |what: String| Err(Fault::misuse(format!("{}: {what}", path.display())));
    match (packages.len(), spreadsheets.as_slice()) {
        (1, _) => packages.pop().map_or_else(|| refuse("empty".into()), |(_, package)| Ok(Source::Package(package))),
        (0, [only]) => open(only),
        (0, []) if json.is_empty() => refuse("this folder holds no directory: no CSV and no JSON file is in it".into()),
        (0, []) => refuse(format!("this folder holds JSON files; name the one to import, such as {}", name(json[0]))),
        (0, several) => refuse(format!(
            "no file here has the name of an HSDS table with its `id` column; to import one of the {} spreadsheets, name it",
            several.len()
        )),
        (several, _) => refuse(format!("{several} folders in it hold HSDS tables; name one of them")),
    }
}

fn entries(path: &Path) -> Result<Vec<PathBuf>> {
    let found = std::fs::read_dir(path)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>());
    let mut found = found.map_err(|error| Fault::misuse(format!("{}: can not be read: {error}", path.display())))?;
    found.sort();
    Ok(found)
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.is_file() && path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending))
}

/// The HSDS tables of a folder, if it has any that is one.
fn package_in(folder: &Path) -> Result<Option<Package>> {
    let mut package = Package::default();
    let mut files: BTreeMap<PathBuf, &'static str> = BTreeMap::new();
    for entry in entries(folder)?.into_iter().filter(|entry| has_ending(entry, "csv")) {
        let stem = entry.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(table) = table_name(&stem) {
            files.insert(entry, table);
        }
    }
    for (named, path) in json::resources(&folder.join("datapackage.json")) {
        let file = folder.join(&path);
        let inside = !path.split(['/', '\\']).any(|part| part == "..") && !Path::new(&path).is_absolute();
        match table_name(&named) {
            Some(table) if inside && file.is_file() => {
                files.insert(file.clone(), table);
            }
            _ => {}
        }
        if !file.is_file() {
            let reason = format!("names \"{path}\", which is not there; files were taken by their own names");
            package.log.kept("datapackage.json", 0, "path", reason);
        }
    }
    for (path, table) in files {
        let bytes = bytes(&path)?;
        if matches!(kind(&bytes), Content::Binary) {
            package.log.dropped(&name(&path), 0, "", "is not text");
            continue;
        }
        package.tables.push(csv::read(&name(&path), table, &bytes, &mut package.log)?);
    }
    let known = |table: &&Table| ["organization", "service", "location"].contains(&table.name);
    let has_ids = |table: &Table| table.header.iter().any(|column| column == "id");
    if !package.tables.iter().filter(known).any(has_ids) {
        return Ok(None);
    }
    package.format = format(&package.tables).to_owned();
    Ok(Some(package))
}

fn format(tables: &[Table]) -> &'static str {
    let column = |table: &str, column: &str| {
        tables.iter().any(|t| t.name == table && t.header.iter().any(|header| header == column))
    };
    let has = |name: &str| tables.iter().any(|table| table.name == name);
    if column("service", "taxonomy_ids") || column("location", "short_desc") {
        "Ohana CSV"
    } else if column("schedule", "weekday") || has("eligibility") || has("postal_address") {
        "HSDS 1.1 CSV"
    } else if has("capacity") || has("unit") || has("url") {
        "HSDS 3.1 CSV"
    } else if column("schedule", "byday")
        || column("service", "fees_description")
        || column("location", "location_type")
    {
        "HSDS 3.0 CSV"
    } else {
        "HSDS CSV"
    }
}
