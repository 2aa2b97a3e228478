//! Where this node and its peers can be reached: whom to go for and how, what members are told, and what people are.

use super::Core;
use crate::driver::{addresses, standing};
use crate::net::{Located, Path, address, path};
use crate::ops::conditions::{self, Severity};
use belay_protocol::engine::ADDRESSES;
use belay_protocol::fault::Result;
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::limits;
use libp2p::Multiaddr;
use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// How long after this machine's addresses changed a link that ends is taken to have ended by that.
const MOVED: Duration = Duration::from_secs(5);

impl Core {
    /// Where this node can be reached changed.
    pub(super) fn located(&mut self, located: Located) {
        for address in located.listening.iter().filter(|a| !self.located.listening.contains(a)) {
            tracing::info!(address = %address, "listening");
        }
        for relay in located.relays.iter().filter(|node| !self.located.relays.contains(node)) {
            tracing::info!(node = %relay.short(), "a relay keeps a place for this node");
        }
        self.relayed_once |= !located.relays.is_empty();
        self.located = located;
        self.judge_reach();
        self.publish = true;
    }

    /// This machine's addresses changed: who could not be reached may be now.
    pub(super) fn has_moved(&mut self) {
        self.moved = Some(Instant::now());
        self.dialler.afresh();
        self.look = Instant::now();
    }

    /// A link ended. One that a change of this machine's addresses ended is sought again at once.
    pub(super) fn ended(&mut self, node: NodeId) {
        if self.moved.is_some_and(|moved| moved.elapsed() < MOVED) {
            self.dialler.fresh(node);
            self.look = Instant::now();
        }
    }

    /// Whether one more node of an organisation may be linked: whoever certifies hundreds leaves places for the others.
    pub(in crate::driver) fn has_room_for(&self, node: NodeId, org: OrgId) -> bool {
        let linked = self.lock();
        linked.is_linked(node) || linked.nodes_of(org) < limits::NODES_LINKED
    }

    /// Whether a node is kept out for what another of its organisation did.
    pub(in crate::driver) fn avoids(&mut self, node: NodeId, org: OrgId) -> bool {
        let known = self.in_roster(node);
        self.avoided.keeps_out(org, known, Instant::now())
    }

    pub(super) fn in_roster(&self, node: NodeId) -> bool {
        self.members.read().unwrap_or_else(PoisonError::into_inner).contains_key(&node)
    }

    /// Whom the engine wants linked, who carries what goes to them, and where each can be found.
    pub(super) fn targets(&mut self) -> Result<Vec<(NodeId, Vec<Multiaddr>)>> {
        let mut wanted: BTreeMap<NodeId, Vec<String>> = BTreeMap::new();
        if !standing::is_out(&mut self.engine, &self.store)? {
            wanted.extend(self.usecases.introducers(&self.store)?);
        }
        wanted.extend(self.engine.dial_targets(&self.store, crate::system::now())?);
        wanted.remove(&self.engine.node());
        let mut targets: BTreeMap<NodeId, Vec<Multiaddr>> =
            wanted.into_iter().map(|(node, texts)| (node, address::of_peer(&texts))).collect();
        let outside = addresses::outside(&mut self.engine, &self.store)?;
        self.add_relays(&mut targets, &outside);
        Ok(targets.into_iter().collect())
    }

    /// Adds who is to be linked because others are reached through it, or this node is.
    fn add_relays(&self, targets: &mut BTreeMap<NodeId, Vec<Multiaddr>>, outside: &BTreeMap<NodeId, Vec<Multiaddr>>) {
        let linked = self.lock();
        let far = targets.iter().filter(|(node, _)| !matches!(linked.path(**node), Some(path) if path.is_direct()));
        let through: Vec<NodeId> = far.flat_map(|(_, addresses)| addresses).filter_map(path::relay).collect();
        drop(linked);
        let own = self.engine.node();
        let mut sought: Vec<NodeId> = Vec::new();
        if !self.located.is_reachable() && self.located.relays.len() < limits::RELAYS_USED {
            sought.extend(outside.keys());
            // Each node begins with others, so that they share the load.
            sought.sort_unstable_by_key(|node| std::array::from_fn::<u8, 32, _>(|i| node.0[i] ^ own.0[i]));
            sought.truncate(limits::RELAYS_SOUGHT);
        }
        for relay in through.into_iter().chain(sought).filter(|relay| *relay != own) {
            // Only members serve: who is none any more has left this list.
            if let Some(addresses) = outside.get(&relay) {
                targets.entry(relay).or_insert_with(|| addresses.clone());
            }
        }
    }

    /// Tells each coalition where this node can be reached, if that changed.
    pub(super) fn publish_addresses(&mut self) {
        self.publish = false;
        let told: Vec<String> = address::published(&self.located).iter().map(ToString::to_string).collect();
        let changed = match addresses::changed(&mut self.engine, &self.store, &told) {
            Ok(changed) => changed,
            Err(fault) => {
                tracing::warn!(why = %fault.message, "own addresses were not published");
                return;
            }
        };
        for space in changed {
            let value = belay_protocol::codec::encode(&told);
            let published = self.write(|step, _| step.register(space, ADDRESSES, &value));
            if let Err(fault) = published {
                // Not a member yet, for one: the roster's next change tries again.
                tracing::debug!(space = %space.short(), why = %fault.message, "own addresses were not published");
            }
        }
    }

    /// Says whether others can come to this node, and what is in their way.
    pub(super) fn judge_reach(&mut self) {
        let outside = addresses::outside(&mut self.engine, &self.store).unwrap_or_default();
        let reachable = self.located.is_reachable();
        let relayed = !self.located.relays.is_empty();
        let sentence = match (reachable, relayed, outside.is_empty()) {
            (true, ..) => None,
            (false, true, _) => Some(addresses::RELAYED),
            (false, false, false) => Some(addresses::UNREACHABLE),
            (false, false, true) => Some(addresses::NOBODY),
        };
        self.conditions.hold(conditions::UNREACHABLE, Severity::Info, sentence.map(str::to_owned), None);
        let lost = !reachable && !relayed && self.relayed_once;
        let sentence = lost.then(|| addresses::RELAY_LOST.to_owned());
        self.conditions.hold(conditions::RELAY_LOST, Severity::Warning, sentence, Some("belay peers"));
        // A link over QUIC, found or punched, shows that UDP gets through somewhere.
        let blocked = self.located.udp_blocked && !self.lock().any(|path| matches!(path, Path::Quic | Path::Punched));
        let sentence = blocked.then(|| addresses::UDP_BLOCKED.to_owned());
        self.conditions.hold(conditions::UDP_BLOCKED, Severity::Info, sentence, None);
    }
}
