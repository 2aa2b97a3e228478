//! Looking for bytes in a whole store: every column of every row of every table, shadow tables of indexes included.

use super::Opened;
use anyhow::{Context, Result};
use belay_protocol::limits;
use rusqlite::types::ValueRef;
use std::io::Read;

/// What was found of one needle: in how many values, and in which tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub values: usize,
    pub tables: Vec<String>,
}

/// Looks for each needle's bytes, as they are and as hexadecimal text, in either case of ASCII letters, and in what is compressed. One
/// pass for all of them.
///
/// # Errors
/// The store can not be read.
pub fn search(opened: &Opened, needles: &[Vec<u8>]) -> Result<Vec<Found>> {
    let forms: Vec<[Vec<u8>; 2]> =
        needles.iter().map(|n| [n.to_ascii_lowercase(), data_encoding::HEXLOWER.encode(n).into_bytes()]).collect();
    let sql = opened.reader.sql();
    let tables: Vec<String> = sql
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut found = vec![Found::default(); needles.len()];
    for table in tables {
        look(sql, &table, &forms, &mut found).with_context(|| format!("table {table}"))?;
    }
    Ok(found)
}

fn look(sql: &rusqlite::Connection, table: &str, forms: &[[Vec<u8>; 2]], found: &mut [Found]) -> Result<()> {
    let mut statement = sql.prepare(&format!("SELECT * FROM \"{}\"", table.replace('"', "\"\"")))?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            let bytes = match row.get_ref(column)? {
                ValueRef::Blob(bytes) | ValueRef::Text(bytes) => bytes,
                ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => continue,
            };
            let mut texts = opened(bytes);
            texts.push(bytes.to_vec());
            texts.iter_mut().for_each(|text| text.make_ascii_lowercase());
            for (forms, found) in forms.iter().zip(found.iter_mut()) {
                if forms.iter().any(|form| texts.iter().any(|text| holds(text, form))) {
                    found.values += 1;
                    if found.tables.last().is_none_or(|last| last != table) {
                        found.tables.push(table.to_owned());
                    }
                }
            }
        }
    }
    Ok(())
}

/// What every zstd frame in these bytes opens to, wherever it begins.
fn opened(bytes: &[u8]) -> Vec<Vec<u8>> {
    const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    let starts = bytes.windows(4).enumerate().filter(|(_, four)| *four == MAGIC).map(|(at, _)| at);
    let frames = starts.filter_map(|at| bytes.get(at..));
    let open = |frame: &[u8]| {
        let mut text = Vec::new();
        let decoder = zstd::stream::read::Decoder::with_buffer(frame).ok()?.single_frame();
        decoder.take(limits::BODY_BYTES as u64).read_to_end(&mut text).ok()?;
        Some(text)
    };
    frames.filter_map(open).collect()
}

/// Both in lower case. The first byte is looked for by itself: most places fail there.
fn holds(bytes: &[u8], form: &[u8]) -> bool {
    let Some((first, rest)) = form.split_first() else { return false };
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|tail| tail.iter().position(|b| b == first)) {
        let start = from + at + 1;
        if bytes.get(start..start + rest.len()).is_some_and(|found| found == rest) {
            return true;
        }
        from = start;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{holds, opened};

    #[test]
    fn what_is_compressed_is_looked_at_too() {
        let frame = zstd::bulk::compress(b"Ada Wick, Ada Wick, Ada Wick", 3).unwrap();
        let value = [b"\x01before".as_slice(), &frame, b"behind"].concat();
        assert!(!holds(&value, b"ada wick"));
        assert_eq!(opened(&value), [b"Ada Wick, Ada Wick, Ada Wick".to_vec()]);
        assert_eq!(opened(b"none"), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn a_needle_is_found_wherever_it_lies() {
        assert!(holds(b"xx quill yy", b"quill"));
        assert!(holds(b"qqquill", b"quill"));
        assert!(holds(b"quill", b"quill"));
        assert!(!holds(b"qui", b"quill"));
        assert!(!holds(b"", b"quill"));
        assert!(!holds(b"anything", b""));
    }
}
