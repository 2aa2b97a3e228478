//! Reads automerge change chunks before automerge does.
//!
//! Columns of a change are run-length encoded, so that a few bytes can stand for more operations than memory holds. This
//! reader walks the runs without unfolding them, and takes only what a flat document may say: put a string or delete, under
//! a string key of the root map. Layout: <https://automerge.org/automerge-binary-format-spec/>, chunk type 1.

use crate::fault::{Fault, Result};
use crate::limits;
use automerge::Change;

/// Bytes of an actor: the node's id and what it drew.
pub const ACTOR_BYTES: usize = 40;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE: u8 = 1;
const PUT: u64 = 1;
const DELETE: u64 = 3;
/// The highest number of a change and of an operation: no document reaches it.
const COUNTERS: u64 = 1 << 30;
/// Value types of automerge: null (with a delete) and UTF-8 text.
const NULL: u64 = 0;
const TEXT: u64 = 6;

/// Change chunks one after the other: the body of one entry.
///
/// # Errors
/// `Malformed`, with what is not as it should be.
pub fn changes(bytes: &[u8]) -> Result<Vec<Change>> {
    let mut rest = bytes;
    let mut changes = Vec::new();
    let mut all = Counts::default();
    while !rest.is_empty() {
        if changes.len() == limits::CHANGES_IN_BODY {
            return Err(bad("more changes than one body may hold"));
        }
        let mut reader = Reader(rest);
        all.add(&check(&mut reader)?)?;
        let (chunk, after) = rest.split_at(rest.len() - reader.0.len());
        changes.push(Change::try_from(chunk).map_err(|_| bad("automerge does not read it"))?);
        rest = after;
    }
    Ok(changes)
}

fn bad(why: &str) -> Fault {
    Fault::malformed(format!("document change: {why}"))
}

/// What changes would unfold to.
#[derive(Default)]
struct Counts {
    operations: u64,
    /// Operations that these replace.
    predecessors: u64,
}

impl Counts {
    fn add(&mut self, more: &Self) -> Result<()> {
        self.operations += more.operations;
        self.predecessors += more.predecessors;
        if self.operations > limits::CHANGE_OPERATIONS || self.predecessors > 4 * limits::CHANGE_OPERATIONS {
            return Err(bad("more operations than one body may hold"));
        }
        Ok(())
    }
}

fn check(reader: &mut Reader<'_>) -> Result<Counts> {
    if reader.take(4)? != MAGIC {
        return Err(bad("does not start as a change does"));
    }
    let checksum = reader.take(4)?;
    let start = reader.0;
    if reader.take(1)? != [CHANGE] {
        return Err(bad("another kind of chunk than a change"));
    }
    let length = reader.length()?;
    let mut body = Reader(reader.take(length)?);
    let hashed = start.get(..start.len() - reader.0.len()).unwrap_or_default();
    if ring::digest::digest(&ring::digest::SHA256, hashed).as_ref().get(..4) != Some(checksum) {
        return Err(bad("its checksum is not that of its bytes"));
    }
    let is_first = header(&mut body)? == 0;
    let others = body.count(limits::CHANGE_ACTORS, "other actors")?;
    for _ in 0..others {
        body.actor()?;
    }
    let mut columns = Vec::new();
    for _ in 0..body.count(16, "columns")? {
        columns.push((body.unsigned()?, body.length()?));
    }
    let columns = columns
        .into_iter()
        .map(|(spec, length)| body.take(length).map(|data| (spec, data)))
        .collect::<Result<Vec<_>>>()?;
    if !body.0.is_empty() {
        return Err(bad("bytes after its columns"));
    }
    let counts = operations(&columns, others as u64)?;
    if is_first && counts.predecessors > 0 { Err(bad("replaces something, but follows nothing")) } else { Ok(counts) }
}

/// Returns how many changes it depends on.
fn header(body: &mut Reader<'_>) -> Result<usize> {
    let deps = body.count(limits::CHANGE_ACTORS, "dependencies")?;
    let hashes: Vec<&[u8]> = body.take(deps * 32)?.chunks(32).collect();
    if !hashes.is_sorted_by(|before, after| before < after) {
        return Err(bad("its dependencies do not rise"));
    }
    body.actor()?;
    let sequence = body.unsigned()?;
    let start = body.unsigned()?;
    if sequence == 0 || start == 0 || sequence > COUNTERS || start > COUNTERS {
        return Err(bad("its counters are beyond what a document reaches"));
    }
    body.signed()?;
    if body.length()? != 0 {
        return Err(bad("it carries a message; none is taken"));
    }
    Ok(deps)
}

/// The columns that a flat change has, by their specification (id, type), with the bounds of each.
fn operations(columns: &[(u64, &[u8])], others: u64) -> Result<Counts> {
    if !columns.is_sorted_by(|(before, _), (after, _)| before < after) {
        return Err(bad("its columns do not rise"));
    }
    let mut count = 0;
    let mut text = 0;
    let mut predecessors = 0;
    let mut raw = 0;
    let mut keys = 0;
    for (spec, data) in columns {
        let mut data = Reader(data);
        match spec {
            0x15 => keys = data.runs(Reader::key, |_, _| Ok(()))?,
            0x34 => data.no_inserts()?,
            0x42 => {
                count = data.runs(Reader::unsigned, |action, _| match action {
                    Some(PUT | DELETE) => Ok(()),
                    _ => Err(bad("does something else than put or delete")),
                })?;
            }
            0x56 => {
                data.runs(Reader::unsigned, |meta, times| match meta.map(|meta| (meta & 15, meta >> 4)) {
                    Some((NULL, 0)) => Ok(()),
                    Some((TEXT, length)) if length <= 4 * limits::FIELD_CHARS as u64 => {
                        text += length * times;
                        Ok(())
                    }
                    _ => Err(bad("holds a value that is no text, or too long a text")),
                })?;
            }
            0x57 => raw = data.0.len() as u64,
            0x70 => {
                data.runs(Reader::unsigned, |preds, times| {
                    let preds = preds.filter(|p| *p <= limits::CHANGE_ACTORS as u64 * 4);
                    predecessors += preds.ok_or_else(|| bad("an operation replaces too many others"))? * times;
                    Ok(())
                })?;
            }
            0x71 => {
                data.runs(Reader::unsigned, |actor, _| match actor {
                    Some(actor) if actor <= others => Ok(()),
                    _ => Err(bad("names an actor that it does not list")),
                })?;
            }
            0x73 => data.counters()?,
            _ => return Err(bad("a column that flat documents do not have")),
        }
    }
    if count == 0 || keys != count || text != raw || predecessors > 4 * limits::CHANGE_OPERATIONS {
        return Err(bad("its columns do not fit together"));
    }
    Ok(Counts { operations: count, predecessors })
}

/// Bytes being read; every read is bounded by what is left.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8]> {
        let taken = self.0.get(..length).ok_or_else(|| bad("cut short"))?;
        self.0 = self.0.get(length..).unwrap_or_default();
        Ok(taken)
    }

    fn unsigned(&mut self) -> Result<u64> {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let [byte] = self.take(1)? else { return Err(bad("cut short")) };
            value |= u64::from(byte & 127) << shift;
            if byte & 128 == 0 {
                return Ok(value);
            }
        }
        Err(bad("a number too large"))
    }

    fn signed(&mut self) -> Result<i64> {
        let mut value = 0_i64;
        for shift in (0..63).step_by(7) {
            let [byte] = self.take(1)? else { return Err(bad("cut short")) };
            value |= i64::from(byte & 127) << shift;
            if byte & 128 == 0 {
                let unused = 64 - (shift + 7);
                return Ok(value << unused >> unused);
            }
        }
        Err(bad("a number too large"))
    }

    fn length(&mut self) -> Result<usize> {
        usize::try_from(self.unsigned()?).map_err(|_| bad("a length too large"))
    }

    fn count(&mut self, most: usize, what: &str) -> Result<usize> {
        let count = self.length()?;
        if count > most { Err(bad(&format!("{count} {what}; at most {most} are taken"))) } else { Ok(count) }
    }

    fn actor(&mut self) -> Result<&'b [u8]> {
        let length = self.length()?;
        if length != ACTOR_BYTES {
            return Err(bad("an actor is a node id and 8 bytes"));
        }
        self.take(length)
    }

    fn key(&mut self) -> Result<&'b str> {
        let length = self.length()?;
        if length == 0 || length > limits::FIELD_NAME_BYTES {
            return Err(bad("a key that is empty or too long"));
        }
        std::str::from_utf8(self.take(length)?).map_err(|_| bad("a key that is not UTF-8"))
    }

    /// Walks a run-length column, and returns how many values it stands for. `None` is a null.
    fn runs<T: Copy>(
        &mut self,
        value: fn(&mut Self) -> Result<T>,
        mut each: impl FnMut(Option<T>, u64) -> Result<()>,
    ) -> Result<u64> {
        let mut total = 0_u64;
        while !self.0.is_empty() {
            let run = self.signed()?;
            let times = if run == 0 { self.unsigned()? } else { run.unsigned_abs() };
            total = total
                .checked_add(times)
                .filter(|t| *t <= 4 * limits::CHANGE_OPERATIONS)
                .ok_or_else(|| bad("more operations than one change may hold"))?;
            match run {
                0 => each(None, times)?,
                1.. => each(Some(value(self)?), times)?,
                _ => {
                    for _ in 0..times {
                        each(Some(value(self)?), 1)?;
                    }
                }
            }
        }
        if total > limits::CHANGE_OPERATIONS { Err(bad("more operations than one change may hold")) } else { Ok(total) }
    }

    /// A boolean column, all false: runs that begin with false.
    fn no_inserts(&mut self) -> Result<()> {
        self.unsigned()?;
        if self.0.is_empty() { Ok(()) } else { Err(bad("inserts into a list; flat documents have none")) }
    }

    /// A delta column of counters: each must stay one.
    fn counters(&mut self) -> Result<()> {
        let mut at = 0_i64;
        self.runs(Self::signed, |delta, times| {
            let step = delta.ok_or_else(|| bad("replaces nothing"))?;
            let times = i64::try_from(times).map_err(|_| bad("a run too long"))?;
            let first = at.checked_add(step);
            at = step.checked_mul(times).and_then(|d| at.checked_add(d)).ok_or_else(|| bad("a counter too large"))?;
            if [first.unwrap_or(0), at].iter().all(|c| (1..=COUNTERS.cast_signed()).contains(c)) {
                Ok(())
            } else {
                Err(bad("a counter that no operation has"))
            }
        })
        .map(|_| ())
    }
}
