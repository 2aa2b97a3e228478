//! Directories from elsewhere, read into listings: HSDS packages (1.1 and 3.x, CSV and JSON, Ohana's columns) and flat
//! spreadsheets with a row a service.
//!
//! Forgiving and accountable: good rows are kept, ids as given stay known, and whatever was mended, guessed or left out is
//! listed with file, row, column and reason. What is no directory at all is one clear line.

mod flat;
mod hsds;
pub mod kinds;
mod phone;
mod report;
mod source;
mod text;
mod times;

#[cfg(test)]
mod tests;

pub use report::{Counts, Import, Report, RowIssue, Severity, Tally};

use belay_protocol::fault::{Fault, Result};
use std::path::Path;

/// Reads a folder or a file. Nothing is written.
///
/// # Errors
/// `Misuse`, in one line that says what the path is and what would do, where it is no directory of services.
pub fn read(path: &Path) -> Result<Import> {
    read_as(path, None)
}

/// As [`read`], under a name of one's own for the set. Two readings under one name are two states of one set; ids that the
/// source made up of small numbers become UUIDs of set, table and number.
///
/// # Errors
/// As [`read`].
pub fn read_as(path: &Path, set: Option<&str>) -> Result<Import> {
    let set = set.map_or_else(|| source::set_name(path), str::to_owned);
    let import = match source::open(path)? {
        source::Source::Package(package) => hsds::read(&set, package),
        source::Source::Sheet(sheet) => flat::read(&set, &sheet)?,
    };
    if import.listings.is_empty() {
        return Err(Fault::misuse(format!("{}: no row of it can be used as a listing", path.display())));
    }
    Ok(import)
}
