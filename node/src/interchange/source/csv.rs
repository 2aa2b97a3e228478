//! Records of a CSV file. Records are counted, not lines: quoted cells hold line breaks.

use super::{Record, Table};
use crate::interchange::report::Log;
use crate::interchange::text;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::limits;
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) fn read(file: &str, name: &'static str, bytes: &[u8], log: &mut Log) -> Result<Table> {
    let content = decode(file, bytes, log);
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).delimiter(delimiter(&content)).from_reader(content.as_bytes());
    let unreadable = |error| Fault::misuse(format!("{file}: not CSV: {error}"));
    let header = reader.headers().map_err(unreadable)?;
    if header.len() > limits::IMPORT_COLUMNS {
        let (have, most) = (header.len(), limits::IMPORT_COLUMNS);
        return Err(Fault::misuse(format!("{file}: {have} columns; at most {most} are read")));
    }
    // Each cell is kept under its column's name, so a long name would be kept as often.
    let short = |name: &str| text::clean(name).chars().take(limits::IMPORT_NAME_CHARS).collect();
    let header: Vec<String> = header.iter().map(short).collect();
    let mut kept = 0;
    let mut table = Table { file: file.to_owned(), name, header, records: Vec::new() };
    for (index, record) in reader.records().enumerate() {
        let row = index + 2;
        let (rows, values) = (limits::IMPORT_ROWS, limits::IMPORT_VALUES);
        if table.records.len() == rows || kept >= values {
            let most = format!("more than {rows} rows or {values} cells; this row and those after it were not read");
            log.dropped(file, row, "", most);
            break;
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                log.dropped(file, row, "", format!("not a CSV record: {error}"));
                continue;
            }
        };
        let cells = cells(&table, row, &record, log);
        kept += cells.len();
        table.records.push(Record { row, cells });
    }
    Ok(table)
}

fn cells(table: &Table, row: usize, record: &csv::StringRecord, log: &mut Log) -> BTreeMap<String, String> {
    let mut cells = BTreeMap::new();
    for (column, cell) in table.header.iter().zip(record) {
        let cell = text::clean(cell);
        if cell.is_empty() || column.is_empty() {
            continue;
        }
        if text::is_damaged(&cell) {
            log.kept(&table.file, row, column, "the text was damaged by a wrong code page before it came here");
        }
        cells.entry(column.clone()).or_insert(cell);
    }
    if record.iter().skip(table.header.len()).any(|cell| !cell.trim().is_empty()) {
        log.kept(&table.file, row, "", "more cells than the header has columns; the rest was left out");
    }
    cells
}

/// UTF-8 (or what a byte order mark says); else Windows-1252, as spreadsheets on Windows save.
fn decode<'b>(file: &str, bytes: &'b [u8], log: &mut Log) -> Cow<'b, str> {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0;
    }
    if let Ok(content) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(content);
    }
    let (content, _, _) = encoding_rs::WINDOWS_1252.decode(bytes);
    let line =
        bytes.iter().take(std::str::from_utf8(bytes).err().map_or(0, |e| e.valid_up_to())).filter(|b| **b == b'\n');
    log.kept(file, 0, "", format!("is not UTF-8 (first in line {}); read as Windows-1252", line.count() + 1));
    content
}

/// Comma, or semicolon or tab where the first line has more of them.
fn delimiter(content: &str) -> u8 {
    let first = content.lines().next().unwrap_or_default();
    let count = |c: char| first.matches(c).count();
    [(b',', ','), (b';', ';'), (b'\t', '\t')]
        .into_iter()
        .max_by_key(|(byte, c)| (count(*c), *byte == b','))
        .map_or(b',', |d| d.0)
}
