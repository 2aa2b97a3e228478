//! What members know of where this node can be reached.

use super::{PeerFact, standing};
use crate::net::{Located, address, path};
use crate::store::Store;
use belay_protocol::coalition::invite::Relay;
use belay_protocol::codec;
use belay_protocol::engine::{ADDRESSES, Engine};
use belay_protocol::fault::Result;
use belay_protocol::ids::{NodeId, SpaceId};
use belay_protocol::limits;
use libp2p::Multiaddr;
use std::collections::BTreeMap;

/// What `status` says where no address is reachable from outside, and other members' are.
pub const UNREACHABLE: &str = "no address of this node can be reached from outside this network; other members are reached from here, \
    and one that is linked when `belay invite` is typed lets the newcomer through. To be reached, forward a port to this machine and name the \
    address outside with `belay run --announce`";

/// The same where a relay keeps a place for it.
pub const RELAYED: &str = "this node can be reached from outside only through another member's node, which carries what is sealed and \
    reads nothing of it, and lets those through whom this node invites";

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
            let addresses = address::of_peer(&texts);
            let direct = |a: &Multiaddr| address::reach(a) == address::Reach::Anywhere && !path::is_relayed(a);
            if members.contains_key(&register.node) && addresses.iter().any(direct) {
                outside.insert(register.node, addresses.into_iter().filter(|a| !path::is_relayed(a)).collect());
            }
        }
    }
    Ok(outside)
}

/// Linked nodes by which a newcomer may come to this one, with an address over QUIC and one over TCP each.
///
/// # Errors
/// `Store`.
pub fn relays(engine: &mut Engine, store: &Store, located: &Located, linked: &[PeerFact]) -> Result<Vec<Relay>> {
    let own = engine.org();
    let mut found: Vec<((bool, bool, NodeId), Relay)> = Vec::new();
    for (node, addresses) in outside(engine, store)? {
        let Some(fact) = linked.iter().find(|fact| fact.node == node) else { continue };
        if located.is_reachable() && fact.org != own {
            continue;
        }
        let far = |quic: bool| {
            let fits = |a: &&Multiaddr| address::reach(a) == address::Reach::Anywhere && path::is_quic(a) == quic;
            addresses.iter().find(fits).map(ToString::to_string)
        };
        let addresses: Vec<String> = [far(true), far(false)].into_iter().flatten().collect();
        let place = (!located.relays.contains(&node), fact.org != own, node);
        found.push((place, Relay { node, addresses }));
    }
    found.sort_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, relay)| relay).take(limits::INVITE_RELAYS).collect())
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
