//! What is to be carried: 500 documents of 40 listings of real texts, and the edits after them.

use crate::corpus;
use std::collections::BTreeMap;

/// Edits of a night, and documents they fall on.
pub const NIGHT: usize = 2_000;
pub const NIGHT_DOCUMENTS: usize = 300;
/// Single updates, timed one by one.
pub const UPDATES: usize = 100;

/// One document: its listings, each a map of field to text.
pub type Listings = Vec<(String, BTreeMap<String, String>)>;

pub struct Work {
    pub documents: Vec<Listings>,
    pub corpus: corpus::Corpus,
}

/// One edit: a field of one listing of one document gets a text.
pub struct Edit {
    pub document: usize,
    pub listing: usize,
    pub text: String,
}

/// The field that edits change.
pub const FIELD: &str = "alert";

impl Work {
    pub fn make() -> Self {
        let corpus = corpus::make(crate::Size { organisations: 500, real: true });
        let documents = corpus
            .organisations
            .iter()
            .map(|listings| listings.iter().map(|l| (l.id.to_string(), l.fields.clone())).collect())
            .collect();
        Self { documents, corpus }
    }

    /// Listings in all.
    pub fn listings(&self) -> usize {
        self.documents.iter().map(Vec::len).sum()
    }

    pub fn night(&self) -> impl Iterator<Item = Edit> {
        (0..NIGHT).map(|n| Edit {
            document: n % NIGHT_DOCUMENTS,
            listing: 16 + n / NIGHT_DOCUMENTS,
            text: format!("closed on day {n} of the night"),
        })
    }

    pub fn updates(&self) -> impl Iterator<Item = Edit> {
        (0..UPDATES).map(|n| Edit { document: n, listing: 30, text: format!("update {n}") })
    }

    /// The document as a flat automerge map, `<listing>/<field>` to text: the form in which Belay keeps it too.
    pub fn automerge(&self, document: usize) -> automerge::Automerge {
        use automerge::transaction::Transactable;
        let mut made = automerge::Automerge::new();
        made.transact::<_, _, automerge::AutomergeError>(|tx| {
            for (id, fields) in &self.documents[document] {
                for (field, text) in fields {
                    tx.put(automerge::ROOT, format!("{id}/{field}"), text.as_str())?;
                }
            }
            Ok(())
        })
        .expect("texts fit a map");
        made
    }

    /// Makes an edit in the flat form.
    pub fn apply(&self, edit: &Edit, document: &mut automerge::Automerge) {
        use automerge::transaction::Transactable;
        let key = self.key(edit);
        document
            .transact::<_, _, automerge::AutomergeError>(|tx| tx.put(automerge::ROOT, key, edit.text.as_str()))
            .expect("a text fits a map");
    }

    /// Whether an edit can be read in the flat form.
    pub fn is_in(&self, edit: &Edit, document: &automerge::Automerge) -> bool {
        use automerge::ReadDoc;
        document
            .get(automerge::ROOT, self.key(edit))
            .ok()
            .flatten()
            .is_some_and(|(value, _)| value.as_str() == Some(edit.text.as_str()))
    }

    fn key(&self, edit: &Edit) -> String {
        format!("{}/{FIELD}", self.documents[edit.document][edit.listing].0)
    }
}
