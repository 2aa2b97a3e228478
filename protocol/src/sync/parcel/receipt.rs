//! Receipts: a node's word that it has taken a parcel, all of it and durably.

use crate::codec;
use crate::ids::{NodeId, ParcelId};
use crate::keys::Signature;
use crate::keys::node::{NodeKey, Purpose, verify};
use serde::{Deserialize, Serialize};

/// Said of one parcel by one node of its recipient. Whether it is one of those nodes, the roster tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub parcel: ParcelId,
    pub node: NodeId,
    pub signature: Signature,
}

impl Receipt {
    /// Signs a receipt.
    #[must_use]
    pub fn sign(key: &NodeKey, parcel: ParcelId) -> Self {
        let node = key.id();
        let signature = key.sign(Purpose::Receipt, &[&codec::encode(&(parcel, node))]);
        Self { parcel, node, signature }
    }

    /// Whether the node that it names signed it.
    #[must_use]
    pub fn holds(&self) -> bool {
        verify(&self.node.0, Purpose::Receipt, &[&codec::encode(&(self.parcel, self.node))], &self.signature)
    }
}
