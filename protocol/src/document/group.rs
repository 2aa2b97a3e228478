//! The fields of one group of a document: read only where somebody asks for them.

use crate::codec;
use crate::fault::{Fault, Result};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Bytes of memory that one text takes beside itself and its key, about.
const PUT_BYTES: usize = 160;

/// What an operation put under a key, until another replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Put {
    /// The operation's number, and its actor's in [`super::known::Known`].
    pub counter: u64,
    pub actor: u32,
    pub text: Box<str>,
}

/// By what their keys have behind the group's name: under most one text, several where they were put apart.
type Puts = BTreeMap<Box<str>, Vec<Put>>;

#[derive(Clone)]
pub(super) enum Group {
    /// As the store gave it.
    Packed(Vec<u8>),
    Open(Puts),
}

impl Default for Group {
    fn default() -> Self {
        Self::Open(Puts::new())
    }
}

impl Group {
    /// What [`Group::packed`] gave.
    pub fn of(packed: &[u8]) -> Self {
        Self::Packed(packed.to_vec())
    }

    pub fn packed(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Packed(packed) => Cow::Borrowed(packed),
            Self::Open(puts) => Cow::Owned(codec::encode(puts)),
        }
    }

    pub fn read(&self) -> Result<Cow<'_, Puts>> {
        match self {
            Self::Open(puts) => Ok(Cow::Borrowed(puts)),
            Self::Packed(packed) => {
                codec::decode("document", packed).map(Cow::Owned).map_err(|fault| Fault::store(fault.message))
            }
        }
    }

    /// What stands under a field.
    pub fn puts(&self, field: &str) -> Result<Vec<Put>> {
        Ok(self.read()?.get(field).cloned().unwrap_or_default())
    }

    /// Takes away what an operation replaces, and puts what it puts.
    pub fn operate(&mut self, field: &str, replaced: &[(u64, u32)], put: Option<Put>) -> Result<()> {
        if let Self::Packed(_) = self {
            *self = Self::Open(self.read()?.into_owned());
        }
        let Self::Open(fields) = self else { return Ok(()) };
        if let Some(puts) = fields.get_mut(field) {
            puts.retain(|old| !replaced.contains(&(old.counter, old.actor)));
            puts.extend(put);
            if puts.is_empty() {
                fields.remove(field);
            }
        } else if let Some(put) = put {
            fields.insert(field.into(), vec![put]);
        }
        Ok(())
    }

    /// Bytes of memory that it takes, about.
    pub fn weight(&self) -> usize {
        match self {
            Self::Packed(packed) => packed.len(),
            Self::Open(puts) => {
                let fields: usize = puts.keys().map(|field| field.len()).sum();
                let texts: usize = puts.values().flatten().map(|put| PUT_BYTES + put.text.len()).sum();
                fields + texts
            }
        }
    }
}
