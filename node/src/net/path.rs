//! How a connection runs: directly over QUIC or TCP, or through a relay.

use super::identity;
use belay_protocol::ids::NodeId;
use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use serde::{Deserialize, Serialize};

/// The way that a link takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    Quic,
    Tcp,
    /// Directly, through two routers that let nobody in who was not asked: both sides knocked at once (DCUtR).
    Punched,
    /// Through a member's node, which sees who speaks to whom and how much, and nothing of what.
    Relayed {
        by: NodeId,
    },
}

impl Path {
    /// By the address that was dialled or, of a connection that came in, the one that it came to.
    #[must_use]
    pub fn of(address: &Multiaddr) -> Self {
        match relay(address) {
            Some(by) => Self::Relayed { by },
            None if is_quic(address) => Self::Quic,
            None => Self::Tcp,
        }
    }

    /// Whether nobody stands between.
    #[must_use]
    pub const fn is_direct(&self) -> bool {
        !matches!(self, Self::Relayed { .. })
    }
}

/// The node that an address goes through.
#[must_use]
pub fn relay(address: &Multiaddr) -> Option<NodeId> {
    let mut before = None;
    for part in address {
        match part {
            Protocol::P2p(peer) => before = Some(peer),
            Protocol::P2pCircuit => return identity::node(&before?),
            _ => {}
        }
    }
    None
}

/// The address of the relay itself, without its name, of an address that goes through it.
#[must_use]
pub fn to_relay(address: &Multiaddr) -> Multiaddr {
    address.iter().take_while(|part| !matches!(part, Protocol::P2p(_) | Protocol::P2pCircuit)).collect()
}

/// Whether an address goes through a relay.
#[must_use]
pub fn is_relayed(address: &Multiaddr) -> bool {
    address.iter().any(|part| part == Protocol::P2pCircuit)
}

/// Whether an address is QUIC's.
#[must_use]
pub fn is_quic(address: &Multiaddr) -> bool {
    address.iter().any(|part| matches!(part, Protocol::Udp(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use belay_protocol::keys::NodeKey;

    #[test]
    fn a_path_is_told_by_its_address() {
        let node = NodeKey::from_seed([7; 32]).id();
        let peer = identity::peer(node).unwrap();
        let direct: Multiaddr = "/ip4/192.0.2.7/udp/4870/quic-v1".parse().unwrap();
        assert_eq!(Path::of(&direct), Path::Quic);
        assert_eq!(Path::of(&"/ip4/192.0.2.7/tcp/443".parse().unwrap()), Path::Tcp);
        let through = direct.clone().with(Protocol::P2p(peer)).with(Protocol::P2pCircuit);
        assert_eq!(Path::of(&through), Path::Relayed { by: node });
        assert_eq!(to_relay(&through), direct);
        assert!(Path::of(&direct).is_direct() && !Path::of(&through).is_direct());
    }
}
