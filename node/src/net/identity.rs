//! A node's key is its libp2p key: one identity, told apart by type only.

use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::NodeId;
use belay_protocol::keys::NodeKey;
use libp2p::PeerId;
use libp2p::identity::{Keypair, PublicKey, ed25519};

/// libp2p's copy of the node's key.
///
/// # Errors
/// Never for a key that signs; `Bug` otherwise.
pub fn keypair(key: &NodeKey) -> Result<Keypair> {
    let mut seed = key.seed().clone();
    let secret = ed25519::SecretKey::try_from_bytes(seed.as_mut()).map_err(|_| Fault::bug("a node's seed is a key"))?;
    Ok(ed25519::Keypair::from(secret).into())
}

/// The libp2p name of a node.
///
/// # Errors
/// `Malformed`: the id is no Ed25519 point.
pub fn peer(node: NodeId) -> Result<PeerId> {
    let key = ed25519::PublicKey::try_from_bytes(&node.0)
        .map_err(|_| Fault::malformed(format!("node {} is no Ed25519 key", node.short())))?;
    Ok(PublicKey::from(key).to_peer_id())
}

/// The node behind a libp2p name, which holds the key itself where it is an Ed25519 key.
#[must_use]
pub fn node(peer: &PeerId) -> Option<NodeId> {
    // An identity multihash (code 0) over the key's protobuf.
    let hash = peer.as_ref();
    let key = (hash.code() == 0).then(|| PublicKey::try_decode_protobuf(hash.digest()).ok()).flatten()?;
    key.try_into_ed25519().ok().map(|key| NodeId(key.to_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_and_its_libp2p_name_tell_each_other() {
        let key = NodeKey::from_seed([7; 32]);
        let name = keypair(&key).unwrap().public().to_peer_id();
        assert_eq!(peer(key.id()).unwrap(), name);
        assert_eq!(node(&name), Some(key.id()));
        assert_eq!(node(&PeerId::random()), None);
    }
}
