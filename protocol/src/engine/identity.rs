//! Who this node is: the only thing that the engine reads when it opens.

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{NodeId, OrgId};
use crate::keys::{Certificate, NodeKey, PrekeySecret};
use crate::space::Spaces;
use crate::store::{Draft, Table, View};
use crate::time::Time;
use zeroize::Zeroizing;

const NODE: &[u8] = b"node";
const CERTIFICATE: &[u8] = b"certificate";
const PREKEY_MADE: &[u8] = b"prekey made";

/// The node's key and the root's word for it.
#[derive(Debug)]
pub struct Identity {
    key: NodeKey,
    certificate: Certificate,
    org: OrgId,
}

impl Identity {
    /// Writes an identity into a store that has none, once, at `belay init`. `prekey` is the private half of what the
    /// certificate names.
    ///
    /// # Errors
    /// `Misuse` if the store holds one already, or the certificate is for another key or prekey.
    pub fn store(
        draft: &mut Draft<'_>,
        key: &NodeKey,
        certificate: &Certificate,
        prekey: &PrekeySecret,
        now: Time,
    ) -> Result<()> {
        if draft.get(Table::Own, NODE)?.is_some() {
            return Err(Fault::misuse("this data folder already belongs to a node"));
        }
        certificate.verify()?;
        if certificate.node != key.id() || certificate.prekey != prekey.public() {
            return Err(Fault::misuse("the certificate names another node's key"));
        }
        draft.put(Table::Own, NODE, key.seed().as_slice());
        draft.put(Table::Own, CERTIFICATE, codec::encode(certificate));
        prekey_made_at(draft, now);
        Spaces::new(key.id()).hold_prekey(draft, prekey, now);
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

/// When this node made its newest prekey.
pub(super) fn prekey_made(view: &dyn View) -> Result<Time> {
    let made = view.get(Table::Own, PREKEY_MADE)?.and_then(|at| at.try_into().ok()).map(u64::from_be_bytes);
    Ok(Time(made.unwrap_or_default()))
}

pub(super) fn prekey_made_at(draft: &mut Draft<'_>, now: Time) {
    draft.put(Table::Own, PREKEY_MADE, now.0.to_be_bytes());
}
