//! Floors: the same bytes with as little as can be done.

use super::{Written, documents};
use automerge::{Automerge, ROOT, ReadDoc, ScalarValueRef, ValueRef};
use belay_node::store::directory::{Query, words};
use belay_protocol::document::Body;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::space::entry::Entry;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
pub fn sql(error: rusqlite::Error) -> Fault {
    Fault::store(error.to_string())
}

/// Bytes of all documents as automerge saves without its own compression, each under zstd 9 as bodies are.
pub fn saves(written: &[Written]) -> Result<usize> {
    let mut bytes = 0;
    for document in documents(written)? {
        bytes += zstd::bulk::compress(&document.save_nocompress(), 9).map_err(|_| Fault::bug("zstd"))?.len();
    }
    Ok(bytes)
}

/// Verify, apply to automerge, one row an entry, one row a listing, one FTS5 row: nothing else. Plain file, same crate.
pub fn pipeline(written: &[Written]) -> Result<Duration> {
    let folder = tempfile::tempdir().map_err(|e| Fault::store(e.to_string()))?;
    let mut database = Connection::open(folder.path().join("floor.db")).map_err(sql)?;
    database
        .execute_batch(
            "PRAGMA key = \"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\";
             PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536;
             CREATE TABLE entry (hash BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL);
             CREATE TABLE listing (id TEXT PRIMARY KEY, fields TEXT NOT NULL);
             CREATE VIRTUAL TABLE told USING fts5 (said, content = '', tokenize = 'unicode61 remove_diacritics 2');",
        )
        .map_err(sql)?;
    let start = Instant::now();
    let all: Vec<&Entry> = written.iter().flat_map(|w| &w.entries).collect();
    let mut number = 0_i64;
    for batch in all.chunks(super::BATCH) {
        let transaction = database.transaction().map_err(sql)?;
        for entry in batch {
            let entry = Entry::verify(entry.bytes().to_vec())?;
            transaction
                .prepare_cached("INSERT INTO entry VALUES (?1, ?2)")
                .and_then(|mut s| s.execute(params![entry.hash().0, entry.bytes()]))
                .map_err(sql)?;
            let mut document = Automerge::new();
            let changes = Body::decode(entry.body())?.packed().open()?;
            document.apply_changes(changes).map_err(|_| Fault::bug("automerge refuses"))?;
            for (id, listing) in belay_protocol::directory::listings(&fields(&document)) {
                number += 1;
                let json = serde_json::to_string(&listing.fields).unwrap_or_default();
                let said = listing.fields.values().cloned().collect::<Vec<_>>().join(" ");
                transaction
                    .prepare_cached("INSERT OR REPLACE INTO listing VALUES (?1, ?2)")
                    .and_then(|mut s| s.execute(params![id.to_string(), json]))
                    .map_err(sql)?;
                transaction
                    .prepare_cached("INSERT INTO told (rowid, said) VALUES (?1, ?2)")
                    .and_then(|mut s| s.execute(params![number, said]))
                    .map_err(sql)?;
            }
        }
        transaction.commit().map_err(sql)?;
    }
    Ok(start.elapsed())
}

/// Every text of a document, by its key.
fn fields(document: &Automerge) -> BTreeMap<String, String> {
    let text = |item: automerge::iter::MapRangeItem<'_>| match item.value {
        ValueRef::Scalar(ScalarValueRef::Str(text)) => Some((item.key.into_owned(), text.into_owned())),
        _ => None,
    };
    document.map_range(ROOT, ..).filter_map(text).collect()
}

/// The words of each query through FTS5 alone: best 20 by bm25, no place, no kind, nothing read but row numbers. All times, and
/// the best of each query.
pub fn bare_words(database: &Connection, queries: &[Query], rounds: usize) -> Result<(Vec<Duration>, Vec<Duration>)> {
    let (mut all, mut best) = (Vec::new(), Vec::new());
    for query in queries {
        let typed: Vec<String> = words(&query.words).iter().map(|word| format!("\"{word}\"")).collect();
        if typed.is_empty() {
            continue;
        }
        let mut times = Vec::new();
        for _ in 0..rounds {
            let start = Instant::now();
            let mut statement = database
                .prepare_cached("SELECT rowid FROM listing_text WHERE listing_text MATCH ?1 ORDER BY rank LIMIT 20")
                .map_err(sql)?;
            let rows = statement.query_map([typed.join(" AND ")], |row| row.get::<_, i64>(0)).map_err(sql)?;
            std::hint::black_box(rows.count());
            times.push(start.elapsed());
        }
        best.extend(times.iter().min());
        all.extend(times);
    }
    Ok((all, best))
}
