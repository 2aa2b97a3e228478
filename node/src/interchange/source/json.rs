//! HSDS 3.x in JSON, taken apart into the same tables as CSV: full objects, list pages, the tabular form.

use super::{Package, Record, Table, name, table_name};
use crate::interchange::report::Log;
use crate::interchange::text;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::limits;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Objects within objects; HSDS needs seven.
const DEPTH: usize = 16;

/// Names and paths of the resources that a `datapackage.json` lists; none if it is not there or no such thing.
pub(super) fn resources(path: &Path) -> Vec<(String, String)> {
    let Ok(bytes) = super::bytes(path) else { return Vec::new() };
    if values(&bytes) > limits::IMPORT_VALUES {
        return Vec::new();
    }
    let Ok(Value::Object(package)) = serde_json::from_slice::<Value>(&bytes) else { return Vec::new() };
    let resources = package.get("resources").and_then(Value::as_array).cloned().unwrap_or_default();
    let part = |resource: &Value, key: &str| resource.get(key).and_then(Value::as_str).map(str::to_owned);
    resources.iter().filter_map(|r| Some((part(r, "name")?, part(r, "path")?))).take(1_000).collect()
}

/// At least as many values as this text holds, seen without making any: a value takes many times the memory of its bytes.
fn values(bytes: &[u8]) -> usize {
    1 + bytes.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count()
}

pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Package> {
    let refuse = |what: String| Fault::misuse(format!("{}: {what}", path.display()));
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    if values(bytes) > limits::IMPORT_VALUES {
        return Err(refuse(format!("more than {} values; import it in parts", limits::IMPORT_VALUES)));
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|error| refuse(format!("not JSON: {error}")))?;
    let not_hsds = "this JSON is not HSDS: expected an organization, service, location or service_at_location, a list \
                    page with `contents`, or tables such as `organizations.csv`";
    let mut reader = Reader { file: name(path), ..Reader::default() };
    match value {
        Value::Object(object) => {
            if let Some(kind) = object.get("resourceType").and_then(Value::as_str) {
                let kind: String = kind.chars().take(40).collect();
                return Err(refuse(format!(
                    "this is FHIR ({kind}), not HSDS; a directory comes as HSDS or as a spreadsheet"
                )));
            }
            if object.contains_key("resources") && object.contains_key("name") {
                return Err(refuse("this describes a package; give the folder that it lies in".into()));
            }
            let tables: Vec<&'static str> = object.iter().filter_map(|(key, value)| tabular(key, value)).collect();
            if let Some(Value::Array(items)) = object.get("contents") {
                for item in items {
                    reader.top(item);
                }
            } else if tables.contains(&"organization") || tables.contains(&"service") && !object.contains_key("id") {
                for (key, value) in &object {
                    if let (Some(table), Value::Array(items)) = (tabular(key, value), value) {
                        items.iter().for_each(|item| reader.add(table, item, &BTreeMap::new(), 0));
                    }
                }
            } else {
                reader.top(&Value::Object(object));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| reader.top(item)),
        _ => return Err(refuse(not_hsds.into())),
    }
    let mut package = reader.finish();
    let entities = ["organization", "service", "location", "program"];
    if !package.tables.iter().any(|table| entities.contains(&table.name) && !table.records.is_empty()) {
        return Err(refuse(not_hsds.into()));
    }
    let newer = package.tables.iter().any(|table| ["capacity", "unit", "url"].contains(&table.name));
    package.format = if newer { "HSDS 3.1 JSON" } else { "HSDS 3.x JSON" }.to_owned();
    Ok(package)
}

fn tabular(key: &str, value: &Value) -> Option<&'static str> {
    value.is_array().then(|| table_name(key.strip_suffix(".csv").unwrap_or(key))).flatten()
}

/// Rows so far, by table. The same object met again at another place (a phone of a contact and of its organisation) is one
/// row more only where it has another parent.
#[derive(Default)]
struct Reader {
    file: String,
    tables: BTreeMap<&'static str, Vec<BTreeMap<String, String>>>,
    seen: BTreeSet<(&'static str, BTreeMap<String, String>)>,
    entities: BTreeMap<(&'static str, String), usize>,
    rows: usize,
    log: Log,
}

impl Reader {
    /// An object that stands for itself: told by its fields.
    fn top(&mut self, item: &Value) {
        let Value::Object(object) = item else { return };
        let has = |key: &str| object.contains_key(key);
        if !has("id") || has("vocabulary") || has("resourceType") {
            return;
        }
        let is_link = has("location") && has("service") && !has("name");
        let is_place = has("location_type") || has("latitude") || has("addresses");
        let is_service = has("status") || has("organization") || has("service_at_locations") || has("organization_id");
        let is_organization = has("services")
            || has("website")
            || has("tax_status")
            || has("legal_status")
            || has("description") && has("name") && !has("taxonomy_detail") && !has("term_uri") && !has("version");
        let table = match () {
            () if is_link => "at",
            () if is_place => "location",
            () if is_service => "service",
            () if is_organization => "organization",
            () => return,
        };
        self.add(table, item, &BTreeMap::new(), 0);
    }

    fn add(&mut self, table: &'static str, item: &Value, parents: &BTreeMap<String, String>, depth: usize) {
        let Value::Object(object) = item else { return };
        if depth > DEPTH {
            return;
        }
        let mut cells: BTreeMap<String, String> = object.iter().filter_map(|(key, value)| scalar(key, value)).collect();
        // What hangs on a row names it, so a long id would be kept as often.
        if cells.get("id").is_some_and(|id| id.chars().count() > limits::IMPORT_NAME_CHARS) {
            self.log.dropped(
                &self.file,
                0,
                "id",
                format!("an id of more than {} characters", limits::IMPORT_NAME_CHARS),
            );
            return;
        }
        let id = cells.get("id").cloned().unwrap_or_default();
        let own = match table {
            "at" => "service_at_location_id".to_owned(),
            other => format!("{other}_id"),
        };
        for (parent, value) in parents {
            if *parent != own {
                cells.entry(parent.clone()).or_insert_with(|| value.clone());
            }
        }
        self.nested(table, object, &own, &id, parents, &mut cells, depth);
        self.keep(table, id, cells);
    }

    /// Objects within: parents first, so that their ids stand in this row; then the rows that hang on it.
    #[expect(clippy::too_many_arguments, reason = "one call, from one place; a struct would only rename them")]
    fn nested(
        &mut self,
        table: &'static str,
        object: &Map<String, Value>,
        own: &str,
        id: &str,
        parents: &BTreeMap<String, String>,
        cells: &mut BTreeMap<String, String>,
        depth: usize,
    ) {
        for (key, value) in object.iter().filter(|(_, value)| value.is_object()) {
            let Some(inner) = table_name(key).or((key == "taxonomy_detail").then_some("taxonomy")) else { continue };
            if let Some((_, inner_id)) = value.get("id").and_then(|id| scalar("id", id)) {
                cells.insert(format!("{}_id", if inner == "at" { "service_at_location" } else { inner }), inner_id);
            }
            self.add(inner, value, &BTreeMap::new(), depth + 1);
        }
        // What hangs on a row names that row alone; a phone of a contact also names whose contact it is.
        let mut here = if matches!(table, "contact" | "phone") { parents.clone() } else { BTreeMap::new() };
        if !id.is_empty() {
            here.insert(own.to_owned(), id.to_owned());
        }
        if table == "service" || table == "at" {
            here.extend(cells.get("service_id").map(|service| ("service_id".to_owned(), service.clone())));
        }
        for (key, value) in object {
            let (Some(inner), Value::Array(items)) = (table_name(key), value) else { continue };
            for item in items {
                let mut parents = here.clone();
                if inner == "attribute" {
                    parents.insert("link_id".to_owned(), id.to_owned());
                }
                if inner == "metadata" {
                    parents.insert("resource_id".to_owned(), id.to_owned());
                }
                self.add(inner, item, &parents, depth + 1);
            }
        }
    }

    fn keep(&mut self, table: &'static str, id: String, cells: BTreeMap<String, String>) {
        self.rows += 1;
        if self.rows > limits::IMPORT_ROWS {
            if self.rows == limits::IMPORT_ROWS + 1 {
                let most = format!("more than {} rows; those after it were not read", limits::IMPORT_ROWS);
                self.log.dropped(&self.file, 0, "", most);
            }
            return;
        }
        let rows = self.tables.entry(table).or_default();
        let is_entity = ["organization", "service", "location", "program", "at", "taxonomy_term"].contains(&table);
        if is_entity && !id.is_empty() {
            // Met again, perhaps with more said about it.
            let at = *self.entities.entry((table, id)).or_insert(rows.len());
            if let Some(row) = rows.get_mut(at) {
                for (column, cell) in cells {
                    row.entry(column).or_insert(cell);
                }
                return;
            }
            rows.push(cells);
        } else if self.seen.insert((table, cells.clone())) {
            rows.push(cells);
        }
    }

    fn finish(self) -> Package {
        let mut package = Package { log: self.log, ..Package::default() };
        for (name, rows) in self.tables {
            let header: BTreeSet<String> = rows.iter().flat_map(|row| row.keys().cloned()).collect();
            let records = rows.into_iter().enumerate().map(|(index, cells)| Record { row: index + 1, cells }).collect();
            let header = header.into_iter().collect();
            package.tables.push(Table { file: self.file.clone(), name, header, records });
        }
        package
    }
}

/// A cell of a scalar value; lists of scalars become one cell with commas.
fn scalar(key: &str, value: &Value) -> Option<(String, String)> {
    let content = match value {
        Value::String(content) => text::clean(content),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Array(items) if items.iter().all(|item| item.is_string() || item.is_number()) => {
            items.iter().filter_map(|item| scalar(key, item)).map(|(_, item)| item).collect::<Vec<_>>().join(", ")
        }
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (!content.is_empty()).then(|| (key.to_owned(), content))
}
