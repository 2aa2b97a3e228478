//! The fields of one group of a document: read only where somebody asks for them.

use crate::codec;
use crate::fault::{Fault, Result};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Bytes of memory that what one actor did to one field takes beside the text, about.
const HAND_BYTES: usize = 120;

/// What one actor did to one field, of which only the highest counts: an actor that puts anew has seen what it put before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hand {
    /// Up to which of its operations, by number, others (or it) took away.
    gone: u64,
    /// The operation by which it put a text, and the text, unless that is gone.
    put: Option<(u64, Box<str>)>,
}

impl Hand {
    /// Takes away what it put up to an operation.
    fn take_away(&mut self, counter: u64) {
        self.gone = self.gone.max(counter);
        if self.put.as_ref().is_some_and(|(put, _)| *put <= self.gone) {
            self.put = None;
        }
    }

    /// Of two puts with one number, which no actor makes that was drawn anew at each start, the higher text stands.
    fn put(&mut self, counter: u64, text: &str) {
        let higher = self.put.as_ref().is_none_or(|(put, old)| (*put, &**old) < (counter, text));
        if counter > self.gone && higher {
            self.put = Some((counter, text.into()));
        }
    }
}

/// By what their keys have behind the group's name, and the number that an actor has in [`super::known::Known`].
type Hands = BTreeMap<Box<str>, BTreeMap<u32, Hand>>;

/// A text that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Put<'t> {
    /// The operation's number, and its actor's.
    pub counter: u64,
    pub actor: u32,
    pub text: &'t str,
}

#[derive(Clone)]
pub(super) enum Group {
    /// As the store gave it.
    Packed(Vec<u8>),
    Open(Hands),
}

impl Default for Group {
    fn default() -> Self {
        Self::Open(Hands::new())
    }
}

/// What stands in one field: under most one text, several where they were put apart.
pub(super) fn puts(hands: &BTreeMap<u32, Hand>) -> impl Iterator<Item = Put<'_>> {
    hands.iter().filter_map(|(actor, hand)| {
        let (counter, text) = hand.put.as_ref()?;
        Some(Put { counter: *counter, actor: *actor, text })
    })
}

impl Group {
    /// What [`Group::packed`] gave.
    pub fn of(packed: &[u8]) -> Self {
        Self::Packed(packed.to_vec())
    }

    pub fn packed(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Packed(packed) => Cow::Borrowed(packed),
            Self::Open(hands) => Cow::Owned(codec::encode(hands)),
        }
    }

    pub fn read(&self) -> Result<Cow<'_, Hands>> {
        match self {
            Self::Open(hands) => Ok(Cow::Borrowed(hands)),
            Self::Packed(packed) => {
                codec::decode("document", packed).map(Cow::Owned).map_err(|fault| Fault::store(fault.message))
            }
        }
    }

    /// Does what an operation says: takes away what actors put, up to the operation named, and puts a text.
    pub fn operate(&mut self, field: &str, named: &[(u32, u64)], put: Option<Put<'_>>) -> Result<()> {
        if let Self::Packed(_) = self {
            *self = Self::Open(self.read()?.into_owned());
        }
        let Self::Open(fields) = self else { return Ok(()) };
        if !fields.contains_key(field) {
            fields.insert(field.into(), BTreeMap::new());
        }
        let Some(hands) = fields.get_mut(field) else { return Ok(()) };
        for (actor, counter) in named {
            hands.entry(*actor).or_default().take_away(*counter);
        }
        if let Some(put) = put {
            hands.entry(put.actor).or_default().put(put.counter, put.text);
        }
        Ok(())
    }

    /// Bytes of memory that it takes, about.
    pub fn weight(&self) -> usize {
        match self {
            Self::Packed(packed) => packed.len(),
            Self::Open(fields) => {
                let hand = |hand: &Hand| HAND_BYTES + hand.put.as_ref().map_or(0, |(_, text)| text.len());
                fields.iter().map(|(field, hands)| field.len() + hands.values().map(hand).sum::<usize>()).sum()
            }
        }
    }
}
