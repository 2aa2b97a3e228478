//! Folded documents in the store, so that start-up loads none and one change opens one document.
//!
//! `Table::Document`: space, organisation, document (96 bytes) -> nothing but its being there. `Table::DocumentPart`: the
//! same key and one byte: 0 the automerge save, 1 the changes that wait. Each can be made again from the entries.

use super::{Body, Document};
use crate::fault::Result;
use crate::ids::{DocumentId, NodeId, OrgId, SpaceId};
use crate::store::{Draft, Table, View, after_prefix};
use std::collections::BTreeMap;

/// Rows read at once.
const PAGE: usize = 1_000;

/// A body with who wrote it.
#[derive(Debug, Clone)]
pub struct Item {
    pub org: OrgId,
    /// The author of the entry that carried it.
    pub author: NodeId,
    pub body: Body,
}

/// A document that changed, with its fields before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub space: SpaceId,
    pub org: OrgId,
    pub document: DocumentId,
    pub before: BTreeMap<String, String>,
    pub after: BTreeMap<String, String>,
}

fn key(space: &SpaceId, org: &OrgId, document: &DocumentId, part: Option<u8>) -> Vec<u8> {
    let mut key = [space.0, org.0, document.0].concat();
    key.extend(part);
    key
}

/// The start of the keys of an organisation's documents in a space.
#[must_use]
pub fn key_documents(space: &SpaceId, org: &OrgId) -> Vec<u8> {
    [space.0, org.0].concat()
}

/// Opens a document; an empty one if it is not there.
///
/// # Errors
/// `Store`.
pub fn open(view: &dyn View, space: &SpaceId, org: &OrgId, document: &DocumentId) -> Result<Document> {
    match view.get(Table::DocumentPart, &key(space, org, document, Some(0)))? {
        None => Ok(Document::default()),
        Some(saved) => {
            let waiting = view.get(Table::DocumentPart, &key(space, org, document, Some(1)))?;
            Document::load(&saved, &waiting.unwrap_or_default())
        }
    }
}

/// An organisation's documents in a space, in order of id.
///
/// # Errors
/// `Store`.
pub fn list(view: &dyn View, space: &SpaceId, org: &OrgId) -> Result<Vec<DocumentId>> {
    let prefix = key_documents(space, org);
    let end = after_prefix(&prefix);
    let mut from = prefix;
    let mut found = Vec::new();
    loop {
        let rows = view.scan(Table::Document, &from, end.as_deref(), PAGE, false)?;
        found.extend(rows.iter().filter_map(|(key, _)| DocumentId::from_slice(key.get(64..)?)));
        match rows.last() {
            Some((last, _)) if rows.len() == PAGE => from = [last.as_slice(), &[0]].concat(),
            _ => return Ok(found),
        }
    }
}

/// Takes bodies in, each into its author's organisation's own document, and keeps the result. A body that breaks a rule is
/// left out, whole; so is it at every node that sees it. Own edits go the same way as everybody's.
///
/// # Errors
/// `Store`.
pub fn receive(draft: &mut Draft<'_>, space: &SpaceId, items: &[Item]) -> Result<Vec<Changed>> {
    let mut by_document: BTreeMap<(OrgId, DocumentId), Vec<automerge::Change>> = BTreeMap::new();
    for item in items {
        let packed = item.body.packed();
        let Ok(changes) = packed.open() else { continue };
        let snapshot = matches!(item.body, Body::Snapshot(_));
        if !snapshot && Document::authored(&changes, item.author).is_err() {
            continue;
        }
        by_document.entry((item.org, packed.document)).or_default().extend(changes);
    }
    let mut changed = Vec::new();
    for ((org, document), changes) in by_document {
        let mut open = open(draft, space, &org, &document)?;
        let before = open.fields();
        if open.merge(changes).is_err() {
            continue;
        }
        keep(draft, space, &org, &document, &open)?;
        let after = open.fields();
        if before != after {
            changed.push(Changed { space: *space, org, document, before, after });
        }
    }
    Ok(changed)
}

fn keep(draft: &mut Draft<'_>, space: &SpaceId, org: &OrgId, document: &DocumentId, open: &Document) -> Result<()> {
    let (saved, waiting) = open.save()?;
    draft.put(Table::Document, key(space, org, document, None), Vec::new());
    draft.put(Table::DocumentPart, key(space, org, document, Some(0)), saved);
    let waits = key(space, org, document, Some(1));
    if waiting.is_empty() {
        draft.delete(Table::DocumentPart, waits);
    } else {
        draft.put(Table::DocumentPart, waits, waiting);
    }
    Ok(())
}

/// Forgets every folded document of a space, before its counted bodies are received again.
///
/// # Errors
/// `Store`.
pub fn clear(draft: &mut Draft<'_>, space: &SpaceId) -> Result<()> {
    let end = after_prefix(&space.0);
    for table in [Table::Document, Table::DocumentPart] {
        loop {
            let rows = draft.scan(table, &space.0, end.as_deref(), PAGE, false)?;
            if rows.is_empty() {
                break;
            }
            for (key, _) in rows {
                draft.delete(table, key);
            }
        }
    }
    Ok(())
}
