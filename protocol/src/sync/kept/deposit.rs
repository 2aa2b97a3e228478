//! What a node says with its key of what it leaves with a keeper.
//!
//! A keeper's word that more lies there than this disk ever left would stop an organisation's work (`engine::later`); so nobody is believed
//! that but who shows the signature of the node that left it.

use super::{Pile, Shelf, chained};
use crate::codec;
use crate::ids::{NodeId, OrgId};
use crate::keys::Signature;
use crate::keys::node::{NodeKey, Purpose, verify};
use serde::{Deserialize, Serialize};

/// That a node left packages with a keeper, up to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deposit {
    /// Whose records they are, and which of its nodes leaves them: it signs.
    pub of: (OrgId, NodeId),
    /// The keeper. What one node keeps proves nothing in the hands of another, nor for another organisation that certifies its key too.
    pub with: (OrgId, NodeId),
    pub pile: Pile,
}

impl Deposit {
    fn message(&self) -> Vec<u8> {
        codec::encode(&(self.of, self.with, self.pile))
    }

    /// Signs it with the key of the node that leaves.
    #[must_use]
    pub fn sign(&self, key: &NodeKey) -> Signature {
        key.sign(Purpose::Package, &[&self.message()])
    }

    /// Whether that node signed it.
    #[must_use]
    pub fn holds(&self, signature: &Signature) -> bool {
        verify(&self.of.1.0, Purpose::Package, &[&self.message()], signature)
    }
}

/// One package, as it is left with a keeper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    /// By the count of who leaves it, see [`Pile`].
    pub number: u64,
    pub package: Vec<u8>,
    /// Of the [`Deposit`] with it.
    pub signature: Signature,
}

impl Leaving {
    /// Whether it goes on this shelf of the keeper, by the signature: what its node could not be shown again is not kept. Who does not
    /// know what lies here, as another copy of the same folder left some, signs something else.
    #[must_use]
    pub fn goes_on(&self, shelf: &Shelf, of: (OrgId, NodeId), with: (OrgId, NodeId)) -> bool {
        let pile = Pile { number: self.number, chain: chained(&shelf.pile.chain, &self.package) };
        self.number > shelf.pile.number && Deposit { of, with, pile }.holds(&self.signature)
    }
}
