//! HSDS tables into listings. Tables that are joined by ids become fields of the listing they hang on.

mod build;
mod child;
mod finish;
mod links;
mod main_row;
mod schedule;

use super::report::Import;
use super::source::Package;
use build::Builder;

pub(super) use build::{child_row, listing_id};
pub(super) use finish::{finish_listing, is_refuge};

/// Reads a package. Rows with faults are listed in the import; none stops it.
pub(super) fn read(set: &str, package: Package) -> Import {
    let Package { format, tables, log } = package;
    let mut builder = Builder::new(set, log, &tables);
    for name in ["organization", "program", "location", "service"] {
        for table in tables.iter().filter(|table| table.name == name) {
            builder.main_table(table);
        }
    }
    builder.parents();
    for table in tables.iter().filter(|table| table.name == "at") {
        builder.links(table);
    }
    for name in ["contact", "phone"] {
        for table in tables.iter().filter(|table| table.name == name) {
            builder.children(table);
        }
    }
    let done = ["organization", "program", "location", "service", "at", "contact", "phone"];
    for table in tables.iter().filter(|table| !done.contains(&table.name)) {
        builder.children(table);
    }
    builder.finish(format)
}
