//! Rows of [`Table::Record`] by what their keys begin with.

use belay_protocol::fault::Result;
use belay_protocol::store::{Draft, Row, Table, View, after_prefix};

/// All rows under this prefix, in order.
///
/// # Errors
/// `Store`.
pub fn under(view: &dyn View, prefix: &[u8]) -> Result<Vec<Row>> {
    at_most(view, prefix, usize::MAX)
}

/// The first rows under this prefix, in order.
///
/// # Errors
/// `Store`.
pub fn at_most(view: &dyn View, prefix: &[u8], most: usize) -> Result<Vec<Row>> {
    view.scan(Table::Record, prefix, after_prefix(prefix).as_deref(), most, false)
}

/// What the keys of such rows end with.
pub fn ends<T>(rows: &[Row], prefix: &[u8], id: impl Fn(&[u8]) -> Option<T>) -> Vec<T> {
    rows.iter().filter_map(|(key, _)| id(key.get(prefix.len()..)?)).collect()
}

/// Whether there is any row under this prefix.
///
/// # Errors
/// `Store`.
pub fn is_any(view: &dyn View, prefix: &[u8]) -> Result<bool> {
    Ok(!at_most(view, prefix, 1)?.is_empty())
}

/// Forgets all rows under each of these first bytes.
///
/// # Errors
/// `Store`.
pub fn forget(draft: &mut Draft<'_>, kinds: &[u8]) -> Result<()> {
    for kind in kinds {
        for (key, _) in under(draft, &[*kind])? {
            draft.delete(Table::Record, key);
        }
    }
    Ok(())
}

/// The last row under this prefix.
///
/// # Errors
/// `Store`.
pub fn last(view: &dyn View, prefix: &[u8]) -> Result<Option<Row>> {
    Ok(view.scan(Table::Record, prefix, after_prefix(prefix).as_deref(), 1, true)?.pop())
}

/// Of each space that has rows under this first byte the last of them, in order of space: who writes many rows into one makes nobody read them.
///
/// # Errors
/// `Store`.
pub fn last_of_each(view: &dyn View, kind: u8) -> Result<Vec<Row>> {
    let (mut found, mut to) = (Vec::new(), after_prefix(&[kind]));
    while let Some(row) = view.scan(Table::Record, &[kind], to.as_deref(), 1, true)?.pop() {
        to = row.0.get(..33).map(<[u8]>::to_vec);
        found.push(row);
        if to.is_none() {
            break;
        }
    }
    found.reverse();
    Ok(found)
}
