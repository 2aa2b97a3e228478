//! The store as this crate sees it: ordered tables of bytes, read through [`View`], changed through [`Draft`].
//!
//! A `Draft` reads through its own writes and hands them out as data ([`Draft::into_writes`]). The shell commits them in one
//! transaction before any message of the same step leaves. A step that fails drops its draft, and nothing happened.

use crate::fault::Result;
use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use zeroize::{Zeroize, Zeroizing};

/// The tables. The number is what the store keeps; it never changes meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Table {
    /// `name -> value`: this node's own keys, certificate, run-time facts.
    Own = 1,
    /// `space id -> space record`.
    Space = 2,
    /// `entry hash -> status byte and the entry as received`.
    Entry = 3,
    /// `space id, index (u32 big endian) -> entry hash and graph row`: accepted entries in the order of acceptance.
    Order = 4,
    /// `missing hash, waiting hash -> entry with its sender`: entries whose parents or control heads are not here yet.
    Waiting = 5,
    /// `space id, node id, name -> register as received`.
    Register = 6,
    /// `epoch hash -> epoch key`.
    EpochKey = 7,
    /// `prekey id -> private half and its times`.
    Prekey = 8,
    /// `arrival number (u64 big endian) -> what arrived`.
    Arrival = 9,
    /// `node id -> bookmark that the peer gave us`.
    Bookmark = 10,
    /// `invite id -> invite record`.
    Invite = 11,
    /// `document id -> document head record`.
    Document = 12,
    /// `document id, name -> bytes`: parts of documents, in the form that opens fastest.
    DocumentPart = 13,
    /// `space id, kind byte, key -> value`: what folds keep for spaces (membership facts, sealed bodies not yet opened).
    Fold = 14,
    /// `kind byte, key -> value`: records of the use cases (persons, consents, threads, disclosures), made from entries.
    Record = 15,
    /// `space id -> removal notices`: spaces that somebody took from us, believed on their signatures.
    Removed = 16,
    /// `kind byte, key -> value`: parcels and what is known of them, see `sync/parcel/rows.rs`.
    Parcel = 17,
    /// `kind byte, key -> value`: what the use cases' lists are read from in order, a page at a time, made from records.
    List = 18,
    /// `organisation, node, number -> package`: what other organisations left here of their private spaces, sealed to them.
    Kept = 19,
}

impl Table {
    /// Every table, for stores that make them and tests that walk them.
    pub const ALL: [Self; 19] = [
        Self::Own,
        Self::Space,
        Self::Entry,
        Self::Order,
        Self::Waiting,
        Self::Register,
        Self::EpochKey,
        Self::Prekey,
        Self::Arrival,
        Self::Bookmark,
        Self::Invite,
        Self::Document,
        Self::DocumentPart,
        Self::Fold,
        Self::Record,
        Self::Removed,
        Self::Parcel,
        Self::List,
        Self::Kept,
    ];
}

/// A key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// A read-only view of the store at one moment.
pub trait View {
    /// The value under `key`.
    ///
    /// # Errors
    /// `Store`, if the store fails.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>>;

    /// Rows with `from <= key`, and `key < to` where `to` is given, in rising order of key (falling if `reverse`), at most `limit`.
    ///
    /// # Errors
    /// `Store`, if the store fails.
    fn scan(&self, table: Table, from: &[u8], to: Option<&[u8]>, limit: usize, reverse: bool) -> Result<Vec<Row>>;
}

/// One write: a value to put, or `None` to delete. The value is zeroized when it is dropped: it may be a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Write {
    pub table: Table,
    pub key: Vec<u8>,
    pub value: Option<Vec<u8>>,
}

impl std::fmt::Debug for Write {
    /// Shows no value: it may be a key or a personal datum.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Write({:?}, {} bytes of key)", self.table, self.key.len())
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

/// What is written to each key, `None` where it is deleted.
type Written = BTreeMap<(Table, Vec<u8>), Option<Zeroizing<Vec<u8>>>>;

/// A view with writes laid over it. Values are zeroized when they are dropped or written over: some are keys.
pub struct Draft<'v> {
    view: &'v dyn View,
    writes: Written,
}

impl<'v> Draft<'v> {
    pub fn new(view: &'v dyn View) -> Self {
        Self { view, writes: BTreeMap::new() }
    }

    pub fn put(&mut self, table: Table, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.writes.insert((table, key.into()), Some(Zeroizing::new(value.into())));
    }

    pub fn delete(&mut self, table: Table, key: impl Into<Vec<u8>>) {
        self.writes.insert((table, key.into()), None);
    }

    /// The last row of a table that only grows by higher keys, and of which nothing is deleted: what this draft put last, if it put
    /// anything, costs no look below it.
    ///
    /// # Errors
    /// `Store`.
    pub fn newest(&self, table: Table) -> Result<Option<Row>> {
        let laid = self.writes.range((Bound::Included((table, Vec::new())), upper(table, None))).next_back();
        match laid {
            Some(((_, key), Some(value))) => Ok(Some((key.clone(), value.to_vec()))),
            Some((_, None)) | None => Ok(self.scan(table, &[], None, 1, true)?.pop()),
        }
    }

    /// How many writes wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.writes.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// The writes, in order of table and key.
    #[must_use]
    pub fn into_writes(self) -> Vec<Write> {
        let taken = |mut value: Zeroizing<Vec<u8>>| std::mem::take(&mut *value);
        let writes = self.writes.into_iter();
        writes.map(|((table, key), value)| Write { table, key, value: value.map(taken) }).collect()
    }
}

impl View for Draft<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>> {
        match self.writes.get(&(table, key.to_vec())) {
            Some(value) => Ok(value.as_ref().map(|value| value.to_vec())),
            None => self.view.get(table, key),
        }
    }

    fn scan(&self, table: Table, from: &[u8], to: Option<&[u8]>, limit: usize, reverse: bool) -> Result<Vec<Row>> {
        if to.is_some_and(|to| to <= from) {
            return Ok(Vec::new());
        }
        let laid = self.writes.range((Bound::Included((table, from.to_vec())), upper(table, to)));
        let laid = laid.map(|((_, key), value)| (key, value));
        // Whoever wants one row of a step with ten thousand writes must not pay for them all: both sides are walked in turn.
        let mut below = Below {
            view: self.view,
            table,
            from: from.to_vec(),
            to: to.map(<[u8]>::to_vec),
            reverse,
            page: limit.min(PAGE),
            rows: VecDeque::new(),
            over: false,
        };
        if reverse { merge(laid.rev(), &mut below, limit) } else { merge(laid, &mut below, limit) }
    }
}

/// Where a scan ends: before `to`, or else before the first possible key of the next table.
fn upper(table: Table, to: Option<&[u8]>) -> Bound<(Table, Vec<u8>)> {
    let next = Table::ALL.into_iter().find(|other| *other > table);
    match (to, next) {
        (Some(to), _) => Bound::Excluded((table, to.to_vec())),
        (None, Some(next)) => Bound::Excluded((next, Vec::new())),
        (None, None) => Bound::Unbounded,
    }
}

/// Rows of the view below that are read at once, at most.
const PAGE: usize = 1_000;

/// The rows of the view below a draft, a page at a time.
struct Below<'v> {
    view: &'v dyn View,
    table: Table,
    from: Vec<u8>,
    to: Option<Vec<u8>>,
    reverse: bool,
    page: usize,
    rows: VecDeque<Row>,
    over: bool,
}

impl Below<'_> {
    fn peek(&mut self) -> Result<Option<&Row>> {
        if self.rows.is_empty() && !self.over {
            let rows = self.view.scan(self.table, &self.from, self.to.as_deref(), self.page, self.reverse)?;
            self.over = rows.len() < self.page;
            if let Some((last, _)) = rows.last() {
                if self.reverse {
                    self.to = Some(last.clone());
                } else {
                    self.from = [last.as_slice(), &[0]].concat();
                }
            }
            self.rows = rows.into();
            self.page = (self.page * 4).min(PAGE);
        }
        Ok(self.rows.front())
    }
}

/// The first `limit` rows of both, in their order; where both have a key, the laid one stands.
fn merge<'w>(
    laid: impl Iterator<Item = (&'w Vec<u8>, &'w Option<Zeroizing<Vec<u8>>>)>,
    below: &mut Below<'_>,
    limit: usize,
) -> Result<Vec<Row>> {
    let reverse = below.reverse;
    let mut laid = laid.peekable();
    let mut merged = Vec::new();
    while merged.len() < limit {
        let order = match (laid.peek(), below.peek()?) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((key, _)), Some((under, _))) => {
                if reverse {
                    under.cmp(*key)
                } else {
                    (*key).cmp(under)
                }
            }
        };
        if order.is_ge() {
            let under = below.rows.pop_front();
            if order.is_gt() {
                merged.extend(under);
            }
        }
        if order.is_le()
            && let Some((key, Some(value))) = laid.next()
        {
            merged.push((key.clone(), value.to_vec()));
        }
    }
    Ok(merged)
}

/// The smallest key above every key that starts with `prefix`; `None` if there is none.
#[must_use]
pub fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

/// A store in memory: for the simulator and tests, and what a SQLCipher store is held against.
#[derive(Clone, Default)]
pub struct Memory {
    rows: BTreeMap<(Table, Vec<u8>), Vec<u8>>,
}

impl Memory {
    /// Applies writes, as a committed transaction does.
    pub fn commit(&mut self, writes: Vec<Write>) {
        for mut write in writes {
            let key = (write.table, std::mem::take(&mut write.key));
            match write.value.take() {
                Some(value) => self.rows.insert(key, value),
                None => self.rows.remove(&key),
            };
        }
    }

    /// All rows of all tables: what a thief of the disk and its key would read.
    pub fn rows(&self) -> impl Iterator<Item = (Table, &[u8], &[u8])> {
        self.rows.iter().map(|((table, key), value)| (*table, key.as_slice(), value.as_slice()))
    }
}

impl View for Memory {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.rows.get(&(table, key.to_vec())).cloned())
    }

    fn scan(&self, table: Table, from: &[u8], to: Option<&[u8]>, limit: usize, reverse: bool) -> Result<Vec<Row>> {
        if to.is_some_and(|to| to <= from) {
            return Ok(Vec::new());
        }
        let range = self.rows.range((Bound::Included((table, from.to_vec())), upper(table, to)));
        let rows = range.map(|((_, k), v)| (k.clone(), v.clone()));
        Ok(if reverse { rows.rev().take(limit).collect() } else { rows.take(limit).collect() })
    }
}

#[cfg(test)]
mod tests;
