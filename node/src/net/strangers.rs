//! Peers that are no members: how many may be here at once, and from where.
//!
//! Who holds the key of a node in the roster is no stranger: the handshake proves the key before anything is counted.

use belay_protocol::ids::NodeId;
use belay_protocol::limits;
use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// From where a connection comes: an address of version 4, or the network of a version 6 one, which has as many as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A program of this machine.
    Here,
    V4(Ipv4Addr),
    V6([u16; 4]),
    /// A path of the network that names no address.
    Elsewhere,
}

impl Source {
    pub fn of(address: &Multiaddr) -> Self {
        address
            .iter()
            .find_map(|part| match part {
                Protocol::Ip4(ip) => Some(Self::v4(ip)),
                Protocol::Ip6(ip) => Some(Self::v6(ip)),
                _ => None,
            })
            .unwrap_or(Self::Elsewhere)
    }

    const fn v4(ip: Ipv4Addr) -> Self {
        if ip.is_loopback() { Self::Here } else { Self::V4(ip) }
    }

    fn v6(ip: Ipv6Addr) -> Self {
        if let Some(ip) = ip.to_ipv4_mapped() {
            return Self::v4(ip);
        }
        let [a, b, c, d, ..] = ip.segments();
        if ip.is_loopback() { Self::Here } else { Self::V6([a, b, c, d]) }
    }
}

/// Whether one more stranger may come from there, beside those that are here.
pub fn room(here: impl Iterator<Item = Source>, from: Source) -> bool {
    let (mut all, mut same) = (0, 0);
    for source in here {
        all += 1;
        same += u32::from(source == from);
    }
    // Programs of this machine share one address, and need no network to be in the way.
    all < limits::ADMISSION_SLOTS && (from == Source::Here || same < limits::ADMISSION_PER_SOURCE)
}

/// Streams that wait for admission or talk about an invite, by peer.
#[derive(Default)]
pub struct Asking {
    streams: Mutex<BTreeMap<NodeId, usize>>,
}

/// One such stream; dropped, it is over.
pub struct Asked {
    of: Arc<Asking>,
    node: NodeId,
}

impl Asking {
    /// Counts one more stream of this peer. Connections are bounded where they come in; `None`: too many on one.
    pub fn ask(self: &Arc<Self>, node: NodeId, most: usize) -> Option<Asked> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = streams.entry(node).or_default();
        if *asked >= most {
            return None;
        }
        *asked += 1;
        Some(Asked { of: Arc::clone(self), node })
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let mut streams = self.of.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asked) = streams.get_mut(&self.node) {
            *asked -= 1;
            if *asked == 0 {
                streams.remove(&self.node);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(address: &str) -> Source {
        Source::of(&address.parse().unwrap())
    }

    #[test]
    fn one_source_gets_few_places_and_another_still_some() {
        let flood = from("/ip4/192.0.2.7/tcp/9");
        let mut here = Vec::new();
        while room(here.iter().copied(), flood) {
            here.push(flood);
        }
        assert_eq!(here.len(), limits::ADMISSION_PER_SOURCE as usize);
        let other = from("/ip4/192.0.2.8/udp/9/quic-v1");
        assert!(room(here.iter().copied(), other));
        here.resize(limits::ADMISSION_SLOTS as usize, Source::Here);
        assert!(!room(here.iter().copied(), other), "a bound in all");
        assert!(!room(here.iter().copied(), Source::Here));
    }

    #[test]
    fn a_network_of_version_6_is_one_source_and_this_machine_is_none() {
        assert_eq!(from("/ip6/2001:db8:1:2::1/tcp/9"), from("/ip6/2001:db8:1:2:ffff::9/udp/1/quic-v1"));
        assert_ne!(from("/ip6/2001:db8:1:2::1/tcp/9"), from("/ip6/2001:db8:1:3::1/tcp/9"));
        assert_eq!(from("/ip6/::ffff:192.0.2.7/tcp/9"), from("/ip4/192.0.2.7/tcp/9"));
        for here in ["/ip4/127.0.0.1/tcp/1", "/ip6/::1/tcp/1"] {
            assert_eq!(from(here), Source::Here);
        }
        let many = [Source::Here; limits::ADMISSION_SLOTS as usize - 1];
        assert!(room(many.into_iter(), Source::Here));
    }

    #[test]
    fn one_peer_asks_on_few_streams_at_once() {
        let (asking, node, most) = (Arc::new(Asking::default()), NodeId([1; 32]), limits::ADMISSION_STREAMS);
        let mut asked: Vec<Asked> = (0..most).map(|_| asking.ask(node, most).unwrap()).collect();
        assert!(asking.ask(node, most).is_none());
        assert!(asking.ask(NodeId([2; 32]), most).is_some());
        asked.pop();
        assert!(asking.ask(node, most).is_some());
        asked.clear();
        assert!(asking.streams.lock().unwrap().is_empty());
    }
}
