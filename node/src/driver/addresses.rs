//! What members know of where this node can be reached.

use super::standing;
use crate::net::{address, path};
use crate::store::Store;
use belay_protocol::codec;
use belay_protocol::engine::{ADDRESSES, Engine};
use belay_protocol::fault::Result;
use belay_protocol::ids::{NodeId, SpaceId};
use libp2p::Multiaddr;
use std::collections::BTreeMap;

/// What `status` says where no address is reachable from outside, and other members' are.
pub const UNREACHABLE: &str = "no address of this node can be reached from outside this network; other members are reached from here, \
    and a newcomer joins by their invite or by file (`belay invite --file`). To be reached, forward a port to this machine and name the \
    address outside with `belay run --announce`";

/// The same where a relay keeps a place for it.
pub const RELAYED: &str = "this node can be reached from outside only through another member's node, which carries what is sealed and \
    reads nothing of it; newcomers join by the invite of a member who can be reached, or by file (`belay invite --file`)";

/// The same where nobody's is.
pub const NOBODY: &str = "nobody is reachable from outside: no address of this node or of another member's can be reached from outside \
    its network; others can join by file (`belay invite --file`), or one member forwards a port to its machine and names the address \
    outside with `belay run --announce`";

/// No place at a relay is left.
pub const RELAY_LOST: &str = "the members' nodes that relayed for this one can not be reached: who is behind another router does not \
    come to this node until one of them is back; what is written waits";

/// QUIC gets no answer where TCP does.
pub const UDP_BLOCKED: &str = "UDP does not get out of this network: links run over TCP, and no direct way can be found to nodes behind \
    routers. Let UDP port 4870 out if you may";

/// Members' nodes that publish an address outside, and those addresses.
///
/// # Errors
/// `Store`.
pub fn outside(engine: &mut Engine, store: &Store) -> Result<BTreeMap<NodeId, Vec<Multiaddr>>> {
    let own = engine.node();
    let members = standing::members(engine, store)?;
    let mut outside: BTreeMap<NodeId, Vec<Multiaddr>> = BTreeMap::new();
    for space in engine.coalitions(store)? {
        for register in engine.registers(store, space)?.into_iter().filter(|r| r.name == ADDRESSES && r.node != own) {
            let Ok(texts) = codec::decode::<Vec<String>>("addresses", &register.value) else { continue };
            let addresses: Vec<Multiaddr> = texts.iter().filter_map(|text| address::parse(text).ok()).collect();
            let direct = |a: &Multiaddr| address::reach(a) == address::Reach::Anywhere && !path::is_relayed(a);
            if members.contains_key(&register.node) && addresses.iter().any(direct) {
                outside.insert(register.node, addresses.into_iter().filter(|a| !path::is_relayed(a)).collect());
            }
        }
    }
    Ok(outside)
}

/// The coalitions whose members have other addresses of this node than these.
///
/// # Errors
/// `Store`.
pub fn changed(engine: &mut Engine, store: &Store, told: &[String]) -> Result<Vec<SpaceId>> {
    let own = engine.node();
    let mut changed = Vec::new();
    for space in engine.coalitions(store)? {
        let known = engine.registers(store, space)?.into_iter().find(|r| r.node == own && r.name == ADDRESSES);
        let same = known
            .and_then(|register| codec::decode::<Vec<String>>("own addresses", &register.value).ok())
            .is_some_and(|known| known == told);
        if !same {
            changed.push(space);
        }
    }
    Ok(changed)
}
