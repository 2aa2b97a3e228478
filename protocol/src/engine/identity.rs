//! Who this node is: the only thing that the engine reads when it opens.

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{NodeId, OrgId};
use crate::keys::{Certificate, NodeKey};
use crate::store::{Draft, Table, View};
use zeroize::Zeroizing;

const NODE: &[u8] = b"node";
const CERTIFICATE: &[u8] = b"certificate";

/// The node's key and the root's word for it.
#[derive(Debug)]
pub struct Identity {
    key: NodeKey,
    certificate: Certificate,
    org: OrgId,
}

impl Identity {
    /// Writes an identity into a store that has none, once, at `belay init`.
    ///
    /// # Errors
    /// `Misuse` if the store holds one already or the certificate is for another key.
    pub fn store(draft: &mut Draft<'_>, key: &NodeKey, certificate: &Certificate) -> Result<()> {
        if draft.get(Table::Own, NODE)?.is_some() {
            return Err(Fault::misuse("this data folder already belongs to a node"));
        }
        certificate.verify()?;
        if certificate.node != key.id() {
            return Err(Fault::misuse("the certificate names another node's key"));
        }
        draft.put(Table::Own, NODE, key.seed().as_slice());
        draft.put(Table::Own, CERTIFICATE, codec::encode(certificate));
        Ok(())
    }

    /// Reads it.
    ///
    /// # Errors
    /// `Misuse` if there is none, `Store` if it can not be read.
    pub fn load(view: &dyn View) -> Result<Self> {
        let none = || Fault::misuse("this data folder holds no node yet; run `belay init` first");
        let seed = Zeroizing::new(view.get(Table::Own, NODE)?.ok_or_else(none)?);
        let seed: Zeroizing<[u8; 32]> =
            Zeroizing::new(seed.as_slice().try_into().map_err(|_| Fault::store("own node key has another length"))?);
        let certificate: Certificate =
            codec::decode("own certificate", &view.get(Table::Own, CERTIFICATE)?.ok_or_else(none)?)
                .map_err(|fault| Fault::store(fault.message))?;
        let org = certificate.root.org();
        Ok(Self { key: NodeKey::from_seed(*seed), certificate, org })
    }

    #[must_use]
    pub const fn key(&self) -> &NodeKey {
        &self.key
    }

    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.key.id()
    }

    #[must_use]
    pub const fn org(&self) -> OrgId {
        self.org
    }

    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}
