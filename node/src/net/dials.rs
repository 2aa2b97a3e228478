//! How a peer is gone for: over QUIC, then over TCP, then through a relay. What comes later starts when what came before failed, or has
//! had its head start; the first that answers is it.

use super::streams::Way;
use super::swarm::{Running, not_reached};
use super::{identity, path};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::NodeId;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, DialError};
use libp2p::{Multiaddr, PeerId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How long what is better is waited for.
const HEAD_START: Duration = Duration::from_millis(900);

/// Where the answer to a request goes.
pub type Reply = oneshot::Sender<Result<(NodeId, Way)>>;

/// One kind of way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Quic,
    Tcp,
    Relayed,
}

/// Somebody is gone for.
#[derive(Debug)]
struct Request {
    peer: PeerId,
    /// Gone once it was answered; then only what is under way is waited for.
    reply: Option<Reply>,
    later: VecDeque<(Kind, Vec<Multiaddr>)>,
    under_way: BTreeMap<ConnectionId, Kind>,
    began: Instant,
    why: Vec<String>,
    lost: BTreeSet<&'static str>,
    won_by_tcp: bool,
}

/// All that is under way.
#[derive(Debug, Default)]
pub struct Dials {
    requests: BTreeMap<u64, Request>,
    next: u64,
    /// Nodes that answered over TCP where QUIC got no answer.
    deaf: BTreeSet<NodeId>,
}

/// What an established connection was dialled for.
pub enum Dialled {
    /// Nothing of ours.
    No,
    /// The first of its request.
    First(Reply),
    /// Another one was quicker.
    Late,
}

impl Dials {
    /// Whether QUIC gets no answer where TCP does.
    pub fn is_udp_blocked(&self) -> bool {
        !self.deaf.is_empty()
    }

    /// A connection over QUIC stands: UDP gets through.
    pub fn quic_answers(&mut self) {
        self.deaf.clear();
    }

    /// When the next of those under way has had its head start.
    pub fn due(&self) -> Option<Instant> {
        let waiting = self.requests.values().filter(|request| !request.later.is_empty());
        waiting.map(|request| request.began + HEAD_START).min()
    }

    /// A connection stands.
    pub fn established(&mut self, id: ConnectionId) -> Dialled {
        let Some((number, request)) = self.requests.iter_mut().find(|(_, r)| r.under_way.contains_key(&id)) else {
            return Dialled::No;
        };
        let number = *number;
        let kind = request.under_way.remove(&id);
        let reply = request.reply.take();
        if reply.is_some() && kind == Some(Kind::Tcp) {
            request.won_by_tcp = true;
            self.note(number);
        }
        if let Some(request) = self.requests.get_mut(&number) {
            request.later.clear();
            if request.under_way.is_empty() {
                self.requests.remove(&number);
            }
        }
        reply.map_or(Dialled::Late, Dialled::First)
    }

    /// A node that answers over TCP alone, noted once both are known.
    fn note(&mut self, number: u64) {
        if let Some(request) = self.requests.get(&number)
            && request.won_by_tcp
            && request.lost.contains("quic")
            && let Some(node) = identity::node(&request.peer)
        {
            self.deaf.insert(node);
        }
    }
}

/// Addresses by the order in which they are tried. `tcp_first`: UDP does not get out of here.
fn stages(addresses: Vec<Multiaddr>, tcp_first: bool) -> VecDeque<(Kind, Vec<Multiaddr>)> {
    let (relayed, direct): (Vec<_>, Vec<_>) = addresses.into_iter().partition(path::is_relayed);
    let (quic, tcp): (Vec<_>, Vec<_>) = direct.into_iter().partition(path::is_quic);
    let mut stages = VecDeque::from([(Kind::Quic, quic), (Kind::Tcp, tcp), (Kind::Relayed, relayed)]);
    if tcp_first {
        stages.swap(0, 1);
    }
    stages.retain(|(_, addresses)| !addresses.is_empty());
    stages
}

impl Running {
    /// Goes for a node, or takes the connection that stands.
    pub fn connect(&mut self, node: NodeId, mut addresses: Vec<Multiaddr>, reply: Reply) {
        let standing = self.connections.values().filter(|c| c.node == node);
        if let Some(best) = standing.max_by_key(|c| c.way.path.is_direct()) {
            let _ = reply.send(Ok((node, best.way)));
            return;
        }
        let known = !addresses.is_empty();
        // A relay serves whom it has admitted.
        addresses.retain(|address| path::relay(address).is_none_or(|relay| self.outside.serves(relay)));
        let refused = match identity::peer(node) {
            Ok(_) if addresses.is_empty() && known => "no relay of that node is linked yet".to_owned(),
            Ok(_) if addresses.is_empty() => "no address of that node is known".to_owned(),
            Ok(peer) => return self.go_for(peer, addresses, reply),
            Err(fault) => fault.message,
        };
        let _ = reply.send(Err(Fault::misuse(refused)));
    }

    fn go_for(&mut self, peer: PeerId, addresses: Vec<Multiaddr>, reply: Reply) {
        let number = self.dials.next;
        self.dials.next += 1;
        let request = Request {
            peer,
            reply: Some(reply),
            later: stages(addresses, self.dials.is_udp_blocked()),
            under_way: BTreeMap::new(),
            began: Instant::now(),
            why: Vec::new(),
            lost: BTreeSet::new(),
            won_by_tcp: false,
        };
        self.dials.requests.insert(number, request);
        self.next_stage(number);
    }

    /// Goes for whoever answers at this address.
    pub fn knock(&mut self, address: Multiaddr, reply: Reply) {
        let options = DialOpts::unknown_peer_id().address(address).allocate_new_port().build();
        let id = options.connection_id();
        match self.swarm.dial(options) {
            Ok(()) => {
                self.knocking.insert(id, reply);
            }
            Err(e) => {
                let _ = reply.send(Err(not_reached(&e)));
            }
        }
    }

    /// Starts what comes next of a request, and answers it where nothing is left.
    fn next_stage(&mut self, number: u64) {
        loop {
            let Some(request) = self.dials.requests.get_mut(&number) else { return };
            let Some((kind, addresses)) = request.later.pop_front() else {
                if request.under_way.is_empty()
                    && let Some(request) = self.dials.requests.remove(&number)
                    && let Some(reply) = request.reply
                {
                    let _ = reply.send(Err(Fault::misuse(request.why.join("; "))));
                }
                return;
            };
            let options = DialOpts::peer_id(request.peer).condition(PeerCondition::Always).addresses(addresses);
            // QUIC goes out from the port that it listens on, so that routers keep one way in. Over TCP, the listener's port would meet
            // the leftovers of the connection before.
            let options = if kind == Kind::Tcp { options.allocate_new_port() } else { options };
            let options = options.build();
            request.under_way.insert(options.connection_id(), kind);
            request.began = Instant::now();
            let id = options.connection_id();
            let Err(e) = self.swarm.dial(options) else { return };
            self.lost(number, id, &e);
        }
    }

    fn lost(&mut self, number: u64, id: ConnectionId, error: &DialError) {
        let Some(request) = self.dials.requests.get_mut(&number) else { return };
        if request.under_way.remove(&id) == Some(Kind::Quic) {
            request.lost.insert("quic");
        }
        request.why.push(not_reached(error).message);
        self.dials.note(number);
    }

    /// A dial led nowhere.
    pub fn dial_failed(&mut self, id: ConnectionId, error: &DialError) {
        if let Some(reply) = self.knocking.remove(&id) {
            let _ = reply.send(Err(not_reached(error)));
            return;
        }
        let number = self.dials.requests.iter().find(|(_, r)| r.under_way.contains_key(&id)).map(|(number, _)| *number);
        if let Some(number) = number {
            self.lost(number, id, error);
            self.next_stage(number);
        }
    }

    /// Starts what has waited long enough for something better.
    pub fn hurry(&mut self) {
        let waits = |r: &Request| !r.later.is_empty() && r.began.elapsed() >= HEAD_START;
        let due: Vec<u64> = self.dials.requests.iter().filter(|(_, r)| waits(r)).map(|(number, _)| *number).collect();
        for number in due {
            self.next_stage(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belay_protocol::keys::NodeKey;

    #[test]
    fn quic_comes_before_tcp_and_both_before_a_relay() {
        let relay = identity::peer(NodeKey::from_seed([3; 32]).id()).unwrap();
        let quic: Multiaddr = "/ip4/192.0.2.7/udp/4870/quic-v1".parse().unwrap();
        let tcp: Multiaddr = "/ip4/192.0.2.7/tcp/443".parse().unwrap();
        let relayed = format!("{quic}/p2p/{relay}/p2p-circuit").parse().unwrap();
        let all: Vec<Multiaddr> = vec![relayed, tcp, quic];
        let order = |tcp_first| stages(all.clone(), tcp_first).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
        assert_eq!(order(false), [Kind::Quic, Kind::Tcp, Kind::Relayed]);
        assert_eq!(order(true), [Kind::Tcp, Kind::Quic, Kind::Relayed]);
    }
}
