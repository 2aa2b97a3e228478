//! The organisation's root key: derived from the phrase, not left on the node. It certifies and retires nodes.

use crate::fault::{Fault, Result};
use crate::ids::{NodeId, OrgId};
use crate::keys::node::{NodeKey, Purpose, Signature, verify};
use crate::keys::wrap::PrekeyPublic;
use crate::random::{self, Random};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The public half of a root key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RootPublic(pub [u8; 32]);

impl RootPublic {
    /// The organisation's id: SHA-256 over a domain tag and this key.
    #[must_use]
    pub fn org(&self) -> OrgId {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        context.update(b"belay organisation v1\0");
        context.update(&self.0);
        OrgId::from_slice(context.finish().as_ref()).unwrap_or(OrgId::ZERO)
    }
}

/// The root's word that a node is the organisation's, with the node's first prekey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub root: RootPublic,
    pub node: NodeId,
    pub prekey: PrekeyPublic,
    pub issued: Time,
    /// By the root.
    pub signature: Signature,
    /// By the node itself, over the same: so that no organisation can claim another's node, and with it what that node writes.
    pub possession: Signature,
}

/// The root's word that a node is no longer the organisation's. Final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retirement {
    pub root: RootPublic,
    pub node: NodeId,
    pub issued: Time,
    pub signature: Signature,
}

/// The root's word that a key founds the organisation's private space: one key for one space, which signs nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Founding {
    pub root: RootPublic,
    /// The key that signs the space's `found` entry. No node's.
    pub key: NodeId,
    /// To which the space's epochs are wrapped as well.
    pub recovery: PrekeyPublic,
    pub issued: Time,
    /// By the root.
    pub signature: Signature,
}

/// What founds a private space, once: the key goes with it, so that no machine that is stolen can found another under the same word.
#[derive(Debug)]
pub struct Founder {
    pub(crate) key: NodeKey,
    pub(crate) founding: Founding,
}

impl Founder {
    /// By which the space's first entry is signed.
    #[must_use]
    pub fn key(&self) -> NodeId {
        self.founding.key
    }
}

/// The signing half of a root key. Lives as long as the command that asked for the phrase.
#[derive(Debug)]
pub struct RootKey(NodeKey);

impl RootKey {
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(NodeKey::from_seed(seed))
    }

    #[must_use]
    pub const fn public(&self) -> RootPublic {
        RootPublic(self.0.id().0)
    }

    /// The certificate of a node, signed by both.
    #[must_use]
    pub fn certify(&self, key: &NodeKey, prekey: PrekeyPublic, issued: Time) -> Certificate {
        let node = key.id();
        let signed = crate::codec::encode(&(self.public(), node, &prekey, issued));
        Certificate {
            root: self.public(),
            node,
            prekey,
            issued,
            signature: self.0.sign(Purpose::Certificate, &[&signed]),
            possession: key.sign(Purpose::Possession, &[&signed]),
        }
    }

    /// What founds the organisation's private space, recovered by this key.
    #[must_use]
    pub fn founder(&self, recovery: PrekeyPublic, issued: Time, random: &mut dyn Random) -> Founder {
        let key = NodeKey::from_seed(random::array(random));
        let signed = crate::codec::encode(&(self.public(), key.id(), &recovery, issued));
        let signature = self.0.sign(Purpose::Founding, &[&signed]);
        let founding = Founding { root: self.public(), key: key.id(), recovery, issued, signature };
        Founder { key, founding }
    }

    #[must_use]
    pub fn retire(&self, node: NodeId, issued: Time) -> Retirement {
        let signature = self.0.sign(Purpose::Retirement, &[&crate::codec::encode(&(self.public(), node, issued))]);
        Retirement { root: self.public(), node, issued, signature }
    }
}

impl Certificate {
    /// The organisation, if the root and the node signed this, and its prekey can be wrapped to.
    ///
    /// # Errors
    /// `Misbehaved`: a signature is not the root's, or not the node's. `Malformed` or `Incompatible`: its prekey.
    pub fn verify(&self) -> Result<OrgId> {
        self.prekey.check()?;
        let signed = crate::codec::encode(&(self.root, self.node, &self.prekey, self.issued));
        if !verify(&self.root.0, Purpose::Certificate, &[&signed], &self.signature) {
            return Err(Fault::misbehaved("certificate: not signed by the root key that it names"));
        }
        if !verify(&self.node.0, Purpose::Possession, &[&signed], &self.possession) {
            return Err(Fault::misbehaved("certificate: not signed by the node that it names"));
        }
        Ok(self.root.org())
    }
}

impl Founding {
    /// The organisation, if the root signed this, and its recovery key can be wrapped to.
    ///
    /// # Errors
    /// `Misbehaved`: the signature is not the root's. `Malformed` or `Incompatible`: the recovery key.
    pub fn verify(&self) -> Result<OrgId> {
        self.recovery.check()?;
        let signed = crate::codec::encode(&(self.root, self.key, &self.recovery, self.issued));
        if verify(&self.root.0, Purpose::Founding, &[&signed], &self.signature) {
            Ok(self.root.org())
        } else {
            Err(Fault::misbehaved("founding: not signed by the root key that it names"))
        }
    }
}

impl Retirement {
    /// The organisation, if the root signed this.
    ///
    /// # Errors
    /// `Misbehaved`: the signature is not the root's.
    pub fn verify(&self) -> Result<OrgId> {
        let signed = crate::codec::encode(&(self.root, self.node, self.issued));
        if verify(&self.root.0, Purpose::Retirement, &[&signed], &self.signature) {
            Ok(self.root.org())
        } else {
            Err(Fault::misbehaved("retirement: not signed by the root key that it names"))
        }
    }
}

#[cfg(test)]
mod tests;
