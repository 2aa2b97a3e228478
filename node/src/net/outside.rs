//! Where a node can be reached, as it turns out: what was announced, what others came to or probed, and places at relays.

mod words;

use super::address::{self, Reach};
use super::behaviour::MeshEvent;
use super::inquiry::Inquiry;
use super::strangers::Source;
use super::swarm::Running;
use super::{Event, identity, path};
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::limits;
use libp2p::core::ConnectedPoint;
use libp2p::core::transport::ListenerId;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::ConnectionId;
use libp2p::{Multiaddr, dcutr, identify, relay};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::time::{Duration, Instant};
use words::Words;

/// What a relay speaks to who may ask it for a place.
const HOP: &str = "/libp2p/circuit/relay/0.2.0/hop";
/// How long a relay that gave no place is not asked again.
const ASK_AGAIN: Duration = Duration::from_secs(30);
/// How long a second organisation is waited for before the word of one alone is told.
const FEW: Duration = Duration::from_secs(60);

/// Where a node can be reached, as far as it knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Located {
    /// On interfaces of this machine, with real ports.
    pub listening: Vec<Multiaddr>,
    /// Reached from outside: announced by people, or come to or probed by members of two organisations.
    pub confirmed: Vec<Multiaddr>,
    /// Reached from outside as one organisation alone says, while no second one is there that answers who asks it. Others are told of it; nothing
    /// else rests on it.
    pub single: Vec<Multiaddr>,
    /// Probed in vain by two organisations.
    pub refuted: Vec<Multiaddr>,
    /// Through relays.
    pub relayed: Vec<Multiaddr>,
    /// The relays that keep a place for this node.
    pub relays: Vec<NodeId>,
    /// Whether QUIC gets no answer where TCP does.
    pub udp_blocked: bool,
}

impl Located {
    /// Whether others may come from outside without a relay, as far as is known.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        let class = |a: &&Multiaddr| address::reach(a) == Reach::Anywhere && !self.refuted.contains(a);
        self.confirmed.iter().any(|a| address::reach(a) == Reach::Anywhere) || self.listening.iter().any(|a| class(&a))
    }
}

/// What is kept of it.
#[derive(Debug, Default)]
pub struct Outside {
    announced: BTreeSet<Multiaddr>,
    pub listening: BTreeSet<Multiaddr>,
    confirmed: BTreeSet<Multiaddr>,
    single: BTreeSet<Multiaddr>,
    refuted: BTreeSet<Multiaddr>,
    /// Since when there are not two organisations that answer who asks them.
    few: Option<Instant>,
    pub words: Words,
    relayed: HashMap<ListenerId, BTreeSet<Multiaddr>>,
    places: HashMap<ListenerId, NodeId>,
    relays: BTreeMap<NodeId, Relay>,
    told: Located,
}

/// A linked member that serves as a relay.
#[derive(Debug)]
struct Relay {
    /// Where, by each connection over which it says so: one of two may close, and with it only what was said there.
    at: BTreeMap<ConnectionId, Multiaddr>,
    asked: Option<Instant>,
}

impl Outside {
    /// Whether this node may be gone through.
    pub fn serves(&self, relay: NodeId) -> bool {
        self.relays.contains_key(&relay)
    }

    /// What a node says over a connection: that it serves as a relay, reached there, or does not. Whether that is news.
    fn says(&mut self, node: NodeId, connection: ConnectionId, relay: Option<Multiaddr>) -> bool {
        let Some(address) = relay else {
            self.closed(node, connection);
            return false;
        };
        let known = self.relays.entry(node).or_insert_with(|| Relay { at: BTreeMap::new(), asked: None });
        let news = known.at.is_empty();
        known.at.insert(connection, address);
        news
    }

    /// A connection to this node is gone.
    pub fn closed(&mut self, node: NodeId, connection: ConnectionId) {
        if let Some(relay) = self.relays.get_mut(&node) {
            relay.at.remove(&connection);
            if relay.at.is_empty() {
                self.relays.remove(&node);
            }
        }
    }

    /// Whether nobody said anything, and nothing is held that was said before.
    fn is_silent(&self) -> bool {
        self.words.is_empty() && self.confirmed.is_empty() && self.single.is_empty() && self.refuted.is_empty()
    }

    /// Weighs what does not rest on two words. `asked`: organisations on line that can be asked. Who does not answer could say nothing else either.
    fn weigh_single(&mut self, others: &BTreeSet<OrgId>, asked: &BTreeSet<OrgId>, now: Instant) {
        let few = asked.intersection(others).filter(|org| self.words.answers(**org, now)).count() < words::ENOUGH;
        self.few = few.then(|| self.few.unwrap_or(now));
        let alone = self.few.is_some_and(|since| now.duration_since(since) >= FEW);
        self.single = if alone { self.words.single((others, asked), &self.listening, now) } else { BTreeSet::new() };
    }

    fn located(&self, udp_blocked: bool) -> Located {
        let relays: BTreeSet<NodeId> =
            self.places.iter().filter(|(id, _)| self.relayed.contains_key(id)).map(|(_, node)| *node).collect();
        let relayed: BTreeSet<&Multiaddr> = self.relayed.values().flatten().collect();
        Located {
            listening: self.listening.iter().cloned().collect(),
            confirmed: self.confirmed.union(&self.announced).cloned().collect(),
            single: self.single.iter().cloned().collect(),
            refuted: self.refuted.iter().cloned().collect(),
            relayed: relayed.into_iter().cloned().collect(),
            relays: relays.into_iter().collect(),
            udp_blocked,
        }
    }
}

/// The address of this machine from which a packet to there would leave now.
pub fn source(remote: &Multiaddr) -> Option<IpAddr> {
    let to = match remote.iter().next()? {
        Protocol::Ip4(ip) => IpAddr::V4(ip),
        Protocol::Ip6(ip) => IpAddr::V6(ip),
        _ => return None,
    };
    let any = if to.is_ipv4() { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    // Nothing is sent: the system only chooses a way. Port 9 is `discard`.
    socket.connect((to, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn is_loopback(address: &Multiaddr) -> bool {
    address::reach(address) == Reach::Machine
}

impl Running {
    /// Takes what people say of where this node can be reached.
    pub fn announce(&mut self, announced: &[Multiaddr]) {
        for address in announced {
            self.swarm.add_external_address(address.clone());
            self.outside.announced.insert(address.clone());
        }
        self.serve();
    }

    pub fn listens(&mut self, id: ListenerId, address: Multiaddr) {
        if path::is_relayed(&address) {
            self.outside.relayed.entry(id).or_default().insert(address);
        } else {
            self.outside.listening.insert(address);
        }
    }

    pub fn listens_no_more(&mut self, id: ListenerId, address: &Multiaddr) {
        self.outside.listening.remove(address);
        self.outside.words.closed(address);
        if let Some(addresses) = self.outside.relayed.get_mut(&id) {
            addresses.remove(address);
        }
    }

    /// A listener is gone: an address, or a place at a relay.
    pub fn listener_closed(&mut self, id: ListenerId, addresses: &[Multiaddr]) {
        for address in addresses {
            self.outside.listening.remove(address);
            self.outside.words.closed(address);
        }
        self.outside.relayed.remove(&id);
        if let Some(relay) = self.outside.places.remove(&id)
            && let Some(relay) = self.outside.relays.get_mut(&relay)
        {
            relay.asked = Some(Instant::now());
        }
        self.reserve();
    }

    /// Tells the driver, where something changed.
    pub async fn tell(&mut self) {
        let located = self.outside.located(self.dials.is_udp_blocked());
        if located == self.outside.told {
            return;
        }
        let moved = located.listening != self.outside.told.listening;
        self.outside.told = located.clone();
        self.told.send_replace(located.clone());
        let _ = self.events.send(Event::Located(located)).await;
        if moved {
            self.moved().await;
        }
    }

    /// This machine's own addresses changed: what runs over a way that is gone is closed, so that it is sought anew at once.
    async fn moved(&mut self) {
        let gone: Vec<_> = self
            .connections
            .iter()
            .filter(|(_, c)| c.way.path.is_direct() && !is_loopback(&c.remote) && source(&c.remote) != c.source)
            .map(|(id, _)| *id)
            .collect();
        let _ = self.events.send(Event::Moved).await;
        if gone.is_empty() {
            return;
        }
        tracing::info!(connections = gone.len(), "the way out of this machine changed");
        self.outside.words.moved();
        self.inquiry = Inquiry::default();
        self.weigh();
        for id in gone {
            self.swarm.close_connection(id);
            self.broken(id);
        }
    }

    /// The listener's addresses at which a connection shows, if its peer is to be believed, that one comes in from outside.
    pub fn came_to(&self, node: NodeId, endpoint: &ConnectedPoint) -> Vec<Multiaddr> {
        let ConnectedPoint::Listener { local_addr, send_back_addr } = endpoint else { return Vec::new() };
        let from_outside = address::reach(send_back_addr) == Reach::Anywhere
            && Source::of(send_back_addr) != Source::of(local_addr)
            // Who is also here through a relay may have been let in by knocking from inside.
            && !self.connections.values().any(|c| c.node == node && !c.way.path.is_direct());
        if !from_outside || path::is_relayed(local_addr) {
            return Vec::new();
        }
        // A listener on all addresses does not tell to which of them somebody came.
        let any = matches!(local_addr.iter().next(), Some(Protocol::Ip4(ip)) if ip.is_unspecified())
            || matches!(local_addr.iter().next(), Some(Protocol::Ip6(ip)) if ip.is_unspecified());
        let quic = path::is_quic(local_addr);
        let four = matches!(send_back_addr.iter().next(), Some(Protocol::Ip4(_)));
        let family = |a: &Multiaddr| matches!(a.iter().next(), Some(Protocol::Ip4(_))) == four;
        let here = |a: &&Multiaddr| {
            address::reach(a) == Reach::Anywhere && path::is_quic(a) == quic && (*a == local_addr || any && family(a))
        };
        self.outside.listening.iter().filter(here).cloned().collect()
    }

    /// Takes the word of a node that has a link for where its connections came in.
    pub fn vouches(&mut self, node: NodeId) {
        let Some(org) = self.org(node) else { return };
        let now = Instant::now();
        for connection in self.connections.values().filter(|c| c.node == node) {
            connection.came_to.iter().for_each(|address| self.outside.words.came(org, address.clone(), now));
        }
        self.weigh();
    }

    /// Looks at what was said of where this node is reached, and by whom.
    pub fn weigh(&mut self) {
        if self.outside.is_silent() {
            self.outside.few = None;
            return;
        }
        let now = Instant::now();
        self.outside.words.prune(&self.outside.listening, now);
        let others = self.shared.door.others(self.own);
        let asked = self.asked().into_keys().collect();
        self.outside.weigh_single(&others, &asked, now);
        self.outside.refuted = self.outside.words.refuted(&others);
        let confirmed = self.outside.words.confirmed(&others, &self.outside.listening);
        if confirmed == self.outside.confirmed {
            return;
        }
        let before = std::mem::replace(&mut self.outside.confirmed, confirmed.clone());
        for address in before.difference(&confirmed).filter(|a| !self.outside.announced.contains(*a)) {
            tracing::info!(address = %address, "not known to be reached from outside any more");
            self.swarm.remove_external_address(address);
        }
        for address in confirmed.difference(&before) {
            tracing::info!(address = %address, "can be reached from outside");
            self.swarm.add_external_address(address.clone());
        }
        self.serve();
    }

    /// Serves as a relay where it can be reached itself, and else looks for some.
    fn serve(&mut self) {
        let reached = !self.outside.confirmed.is_empty() || !self.outside.announced.is_empty();
        let status = if reached { relay::Status::Enable } else { relay::Status::Disable };
        self.swarm.behaviour_mut().mesh.inner.relay.set_status(Some(status));
        self.reserve();
    }

    /// Asks for places at relays, where this node needs them and has too few.
    pub fn reserve(&mut self) {
        if !self.outside.confirmed.is_empty() || !self.outside.announced.is_empty() {
            return;
        }
        let have: BTreeSet<NodeId> = self.outside.places.values().copied().collect();
        let free = |(node, relay): &(&NodeId, &Relay)| {
            !have.contains(node) && relay.asked.is_none_or(|asked| asked.elapsed() >= ASK_AGAIN)
        };
        let room = limits::RELAYS_USED.saturating_sub(have.len());
        let place = |(node, relay): (&NodeId, &Relay)| Some((*node, relay.at.values().next()?.clone()));
        let chosen: Vec<(NodeId, Multiaddr)> =
            self.outside.relays.iter().filter(free).filter_map(place).take(room).collect();
        for (node, address) in chosen {
            let Ok(peer) = identity::peer(node) else { continue };
            if let Some(relay) = self.outside.relays.get_mut(&node) {
                relay.asked = Some(Instant::now());
            }
            match self.swarm.listen_on(address.with(Protocol::P2p(peer)).with(Protocol::P2pCircuit)) {
                Ok(id) => {
                    self.outside.places.insert(id, node);
                }
                Err(e) => tracing::debug!(node = %node.short(), why = %e, "no place at a relay"),
            }
        }
    }

    /// What members do for each other.
    pub async fn mesh(&mut self, event: MeshEvent) {
        match event {
            MeshEvent::Identify(identify::Event::Received { connection_id, info, .. }) => {
                let Some(connection) = self.connections.get(&connection_id) else { return };
                let (node, direct) = (connection.node, connection.way.path.is_direct());
                let serves = info.protocols.iter().any(|p| p.as_ref() == HOP);
                tracing::trace!(node = %node.short(), serves, "says what it speaks");
                if let Some(org) = self.org(node).filter(|_| direct) {
                    let now = Instant::now();
                    self.outside.words.claimed(org, &info.observed_addr, &self.outside.listening, now);
                    if !connection.dialled {
                        self.outside.words.renewed(org, &info.observed_addr, now);
                    }
                }
                let usual = || info.listen_addrs.iter().find(|a| !path::is_relayed(a)).map(path::to_relay);
                let dialled = connection.dialled.then(|| path::to_relay(&connection.remote));
                let relay = if direct && serves { dialled.or_else(usual) } else { None };
                if self.outside.says(node, connection_id, relay) {
                    self.reserve();
                    let _ = self.events.send(Event::Relay { node }).await;
                }
            }
            MeshEvent::Dcutr(dcutr::Event { remote_peer_id, result }) => {
                let node = identity::node(&remote_peer_id).map_or_else(String::new, |node| node.short());
                match result {
                    Ok(_) => tracing::debug!(node = %node, "a direct way past the relay"),
                    Err(e) => tracing::debug!(node = %node, why = %e, "no direct way past the relay"),
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_one_while_it_says_so_on_any_connection() {
        let (mut outside, node) = (Outside::default(), NodeId([1; 32]));
        let [one, two] = [1, 2].map(ConnectionId::new_unchecked);
        let at = |text: &str| Some(text.parse().unwrap());
        assert!(outside.says(node, one, at("/ip4/192.0.2.7/udp/4870/quic-v1")));
        assert!(!outside.says(node, two, at("/ip4/192.0.2.7/tcp/4870")), "known already");
        outside.closed(node, one);
        assert!(outside.serves(node), "it says so on the connection that is left");
        // What came late of the other one says nothing of this one.
        assert!(!outside.says(node, one, None));
        assert!(outside.serves(node));
        outside.says(node, two, None);
        assert!(!outside.serves(node));
        assert!(outside.says(node, two, at("/ip4/192.0.2.7/tcp/4870")), "and again is news");
    }

    #[test]
    fn what_was_confirmed_or_refuted_is_weighed_again_where_no_word_is_left() {
        let address: Multiaddr = "/ip4/192.0.2.7/tcp/4870".parse().unwrap();
        assert!(Outside::default().is_silent());
        assert!(!Outside { confirmed: BTreeSet::from([address.clone()]), ..Outside::default() }.is_silent());
        assert!(!Outside { single: BTreeSet::from([address.clone()]), ..Outside::default() }.is_silent());
        assert!(!Outside { refuted: BTreeSet::from([address]), ..Outside::default() }.is_silent());
    }

    #[test]
    fn the_word_of_one_is_told_once_no_second_is_on_line_for_a_while_and_makes_no_node_one_that_is_reached() {
        let address: Multiaddr = "/ip4/198.18.0.7/tcp/4870".parse().unwrap();
        let [one, two, three] = [1, 2, 3].map(|n| OrgId([n; 32]));
        let (others, now) = (BTreeSet::from([one, two, three]), Instant::now());
        let mut outside = Outside::default();
        outside.words.probed(one, address.clone(), true, now);
        let single = |outside: &mut Outside, linked: &[OrgId], now| {
            outside.weigh_single(&others, &linked.iter().copied().collect(), now);
            outside.located(false)
        };
        assert_eq!(single(&mut outside, &[one], now).single, []);
        // Another that no roster has is no second.
        let located = single(&mut outside, &[one, OrgId([9; 32])], now + FEW);
        assert_eq!(located.single, [address]);
        assert!(located.confirmed.is_empty() && !located.is_reachable(), "its places at relays stay");
        assert_eq!(single(&mut outside, &[one, two], now + FEW).single, [], "there is one to ask");
        assert_eq!(single(&mut outside, &[one], now + FEW).single, [], "and its time begins anew");
    }

    #[test]
    fn who_takes_no_question_or_never_answers_keeps_no_word_from_being_told_and_who_says_no_does() {
        let address: Multiaddr = "/ip4/198.18.0.7/tcp/4870".parse().unwrap();
        let [one, two, three] = [1, 2, 3].map(|n| OrgId([n; 32]));
        let (others, start) = (BTreeSet::from([one, two, three]), Instant::now());
        let mut outside = Outside::default();
        let single = |outside: &mut Outside, now| {
            outside.weigh_single(&others, &others, now);
            outside.located(false).single
        };
        outside.words.probed(one, address.clone(), true, start);
        outside.words.unasked(two, start);
        assert_eq!(single(&mut outside, start), []);
        assert_eq!(single(&mut outside, start + FEW), [], "there is one that was not asked yet");
        outside.words.unanswered(three, address.clone(), start + FEW);
        assert_eq!(single(&mut outside, start + FEW), []);
        assert_eq!(single(&mut outside, start + 2 * FEW), std::slice::from_ref(&address));
        // Who answers at last is one that may say otherwise.
        outside.words.probed(three, address.clone(), false, start + 2 * FEW);
        assert_eq!(single(&mut outside, start + 2 * FEW), []);
        outside.words.unanswered(three, address.clone(), start + 3 * FEW);
        assert_eq!(single(&mut outside, start + 4 * FEW), [], "it answered not long ago");
        assert_eq!(single(&mut outside, start + 70 * FEW), []);
        assert_eq!(single(&mut outside, start + 71 * FEW), [address], "and now that is long ago");
    }

    #[test]
    fn what_one_alone_says_is_not_told_where_the_one_that_can_be_asked_came_not() {
        let address: Multiaddr = "/ip4/198.18.0.7/tcp/4870".parse().unwrap();
        let [one, two] = [1, 2].map(|n| OrgId([n; 32]));
        let (others, now) = (BTreeSet::from([one, two]), Instant::now());
        let mut outside = Outside::default();
        outside.words.probed(one, address.clone(), true, now);
        outside.words.probed(two, address.clone(), false, now);
        let single = |outside: &mut Outside, asked: &[OrgId], now| {
            outside.weigh_single(&others, &asked.iter().copied().collect(), now);
            outside.located(false).single
        };
        // Who said that it came is not on line any more.
        single(&mut outside, &[two], now);
        assert_eq!(single(&mut outside, &[two], now + FEW), []);
        assert_eq!(single(&mut outside, &[], now + FEW), [address], "who is off line says nothing");
    }
}
