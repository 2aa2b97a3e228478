//! From where an address can be reached, told by its class alone: nobody outside is asked.

use super::outside::Located;
use super::path;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::limits;
use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use std::net::{IpAddr, Ipv6Addr, TcpListener, UdpSocket};

/// Addresses that a node tells others of itself.
pub const PUBLISHED: usize = 12;
/// Of these, how many lead through relays.
const PUBLISHED_RELAYED: usize = 4;

/// From where an address can be reached, at best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// From this machine only.
    Machine,
    /// From the local network: private, shared (RFC 6598), link-local.
    Network,
    /// From anywhere, if no firewall is in between. Names count here: somebody gave it on purpose.
    Anywhere,
}

/// What the class of an address allows.
#[must_use]
pub fn reach(address: &Multiaddr) -> Reach {
    let Some(host) = address.iter().next() else { return Reach::Machine };
    match host {
        Protocol::Ip4(ip) => of_ip(IpAddr::V4(ip)),
        Protocol::Ip6(ip) => of_ip(IpAddr::V6(ip)),
        Protocol::Dns(name) | Protocol::Dns4(name) | Protocol::Dns6(name) if name == "localhost" => Reach::Machine,
        Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_) | Protocol::Dnsaddr(_) => Reach::Anywhere,
        _ => Reach::Machine,
    }
}

fn of_ip(ip: IpAddr) -> Reach {
    match ip {
        ip if ip.is_loopback() || ip.is_unspecified() => Reach::Machine,
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let none = ip.is_private() || ip.is_link_local() || shared || ip.is_documentation() || ip.is_broadcast();
            if none { Reach::Network } else { Reach::Anywhere }
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => of_ip(IpAddr::V4(ip)),
            None if ip.is_unique_local() || ip.is_unicast_link_local() => Reach::Network,
            None => Reach::Anywhere,
        },
    }
}

/// What a node tells others: where it was found to be reached from outside, then what can be reached from furthest, QUIC before TCP, with what
/// one alone says among it where there is room, then ways through relays; its own machine's addresses only where it has no others; none that needs a scope (IPv6 link-local).
#[must_use]
pub fn published(located: &Located) -> Vec<Multiaddr> {
    let scoped =
        |a: &Multiaddr| matches!(a.iter().next(), Some(Protocol::Ip6(ip)) if Ipv6Addr::is_unicast_link_local(&ip));
    let mut told: Vec<&Multiaddr> = located.listening.iter().filter(|a| !scoped(a)).collect();
    if told.iter().copied().chain(&located.confirmed).chain(&located.single).any(|a| reach(a) > Reach::Machine) {
        told.retain(|a| reach(a) > Reach::Machine);
    }
    let relayed = located.relayed.iter().take(PUBLISHED_RELAYED);
    let direct = PUBLISHED - relayed.len();
    told.sort();
    told.dedup();
    told.retain(|a| !located.confirmed.contains(a));
    // What one alone says takes the place of nothing else.
    let room = direct.saturating_sub(located.confirmed.len() + told.len());
    let alone = |a: &&Multiaddr| !scoped(a) && !located.listening.contains(a) && !located.confirmed.contains(a);
    told.extend(located.single.iter().filter(alone).take(room));
    let furthest = |a: &Multiaddr| std::cmp::Reverse((reach(a), !located.refuted.contains(a), path::is_quic(a)));
    told.sort_by_key(|a| (furthest(a), a.to_string()));
    let mut confirmed: Vec<&Multiaddr> = located.confirmed.iter().collect();
    confirmed.sort_by_key(|a| (furthest(a), a.to_string()));
    confirmed.into_iter().chain(told).take(direct).chain(relayed).cloned().collect()
}

/// Whether nobody on this machine listens there yet. libp2p shares a TCP port (`SO_REUSEPORT`) with any program of the same
/// account that does so too, a second node for one; then each would get half of the connections.
///
/// # Errors
/// `Misuse`: somebody does.
pub fn free(address: &Multiaddr) -> Result<()> {
    let mut parts = address.iter();
    let ip = match parts.next() {
        Some(Protocol::Ip4(ip)) => IpAddr::V4(ip),
        Some(Protocol::Ip6(ip)) => IpAddr::V6(ip),
        _ => return Ok(()),
    };
    let tried = match parts.next() {
        Some(Protocol::Tcp(port)) => TcpListener::bind((ip, port)).map(drop),
        Some(Protocol::Udp(port)) => UdpSocket::bind((ip, port)).map(drop),
        _ => return Ok(()),
    };
    // Other errors are told better by who listens in earnest.
    if tried.is_err_and(|e| e.kind() == std::io::ErrorKind::AddrInUse) {
        return Err(Fault::misuse(format!(
            "can not listen on {address}: another program listens there already; name another port with \
             `belay run --listen`, where port 0 takes any free one"
        )));
    }
    Ok(())
}

/// Reads an address.
///
/// # Errors
/// `Misuse`, with what one looks like.
pub fn parse(text: &str) -> Result<Multiaddr> {
    text.trim().parse().map_err(|_| {
        Fault::misuse(format!(
            "`{text}` is no address; write it like /ip4/192.0.2.7/tcp/4870 or /ip4/192.0.2.7/udp/4870/quic-v1"
        ))
    })
}

/// Reads an address at which others are to come here: one that says by which port.
///
/// # Errors
/// As [`parse`]; also one without a port, or that no node listens at.
pub fn announced(text: &str) -> Result<Multiaddr> {
    let address = parse(text)?;
    let parts: Vec<Protocol<'_>> = address.iter().collect();
    let goes = match parts.get(1..) {
        Some([Protocol::Tcp(port)]) => *port != 0,
        Some([Protocol::Udp(port), Protocol::QuicV1]) => *port != 0,
        _ => false,
    };
    let named = parts.first().filter(|_| goes);
    if !matches!(
        named,
        Some(Protocol::Ip4(_) | Protocol::Ip6(_) | Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_))
    ) {
        let at = text.trim().split('/').take(3).collect::<Vec<_>>().join("/");
        return Err(Fault::misuse(format!(
            "`{text}` can not be announced: nobody comes by it. Name the port as well: --announce {at}/udp/4870/quic-v1, or \
             --announce {at}/tcp/4870"
        )));
    }
    Ok(address)
}

/// Of addresses that a peer tells, those that are some, no more of them than a node tells: whoever tells hundreds would have everybody open as
/// many connections, to whomever it names.
pub fn of_peer(texts: &[String]) -> Vec<Multiaddr> {
    let some = texts.iter().filter(|text| text.len() <= limits::ADDRESS_CHARS).filter_map(|text| parse(text).ok());
    some.take(PUBLISHED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Reach {
        reach(&parse(text).unwrap())
    }

    #[test]
    fn of_addresses_that_a_peer_tells_no_more_are_taken_than_a_node_tells() {
        let many: Vec<String> = (0..400).map(|n| format!("/ip4/192.0.2.7/tcp/{}", 5000 + n)).collect();
        assert_eq!(super::of_peer(&many).len(), PUBLISHED);
        let odd = ["no address".to_owned(), format!("/dns/{}.example/tcp/1", "a".repeat(200)), many[3].clone()];
        assert_eq!(super::of_peer(&odd), [parse(&many[3]).unwrap()]);
    }

    #[test]
    fn what_is_announced_says_by_which_port_others_come() {
        for good in ["/ip4/203.0.113.5/udp/4870/quic-v1", "/ip4/203.0.113.5/tcp/4870", "/dns/node.example.org/tcp/443"]
        {
            assert!(announced(good).is_ok(), "{good}");
        }
        for bad in ["/ip4/203.0.113.5", "/ip4/203.0.113.5/udp/4870", "/ip4/203.0.113.5/tcp/0", "/tcp/4870", "nowhere"] {
            let fault = announced(bad).unwrap_err();
            assert!(fault.message.contains("/tcp/4870"), "{fault}");
        }
    }

    #[test]
    fn classes_of_addresses() {
        for (text, expected) in [
            ("/ip4/127.0.0.1/tcp/1", Reach::Machine),
            ("/ip6/::1/udp/1/quic-v1", Reach::Machine),
            ("/dns/localhost/tcp/1", Reach::Machine),
            ("/ip4/0.0.0.0/tcp/1", Reach::Machine),
            ("/ip4/10.1.2.3/tcp/1", Reach::Network),
            ("/ip4/192.168.0.9/tcp/1", Reach::Network),
            ("/ip4/100.64.0.1/tcp/1", Reach::Network),
            ("/ip4/169.254.0.1/tcp/1", Reach::Network),
            ("/ip6/fe80::1/tcp/1", Reach::Network),
            ("/ip6/fd00::1/tcp/1", Reach::Network),
            ("/ip6/::ffff:10.0.0.1/tcp/1", Reach::Network),
            ("/ip4/100.128.0.1/tcp/1", Reach::Anywhere),
            ("/ip4/8.8.8.8/tcp/1", Reach::Anywhere),
            ("/ip6/2a01:4f8::1/tcp/1", Reach::Anywhere),
            ("/dns/node.example.org/tcp/1", Reach::Anywhere),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    fn told(confirmed: &[Multiaddr], listening: &[Multiaddr]) -> Vec<Multiaddr> {
        published(&Located { confirmed: confirmed.to_vec(), listening: listening.to_vec(), ..Located::default() })
    }

    #[test]
    fn a_node_tells_of_its_own_machine_only_where_it_has_nothing_else() {
        let all: Vec<Multiaddr> =
            ["/ip4/127.0.0.1/tcp/1", "/ip6/fe80::1/tcp/1", "/ip4/10.0.0.1/tcp/1", "/ip4/8.8.8.8/tcp/1"]
                .iter()
                .map(|t| parse(t).unwrap())
                .collect();
        let texts: Vec<String> = told(&[], &all).iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["/ip4/8.8.8.8/tcp/1", "/ip4/10.0.0.1/tcp/1"]);
        assert_eq!(told(&[], &all[..2]), all[..1]);
        assert_eq!(told(&all[2..], &all[..1]), [all[3].clone(), all[2].clone()], "what is reached from furthest first");
        assert_eq!(told(&all[2..3], &all)[0], all[2], "what was announced comes first");
    }

    #[test]
    fn what_one_alone_says_is_told_after_what_is_known() {
        let of = |text: &str| vec![parse(text).unwrap()];
        let (known, said, own) = (of("/ip4/8.8.8.8/tcp/1"), of("/ip4/8.8.4.4/tcp/1"), of("/ip4/10.0.0.1/tcp/1"));
        let located =
            Located { confirmed: known.clone(), single: said.clone(), listening: own.clone(), ..Located::default() };
        assert_eq!(published(&located), [known.clone(), said, own].concat());
        let many: Vec<Multiaddr> = (1..=PUBLISHED).map(|n| parse(&format!("/ip4/10.0.0.{n}/tcp/1")).unwrap()).collect();
        let listening = many[..PUBLISHED - 1].to_vec();
        let single = many.iter().map(|a| parse(&a.to_string().replace("10.0.0", "8.8.4")).unwrap()).collect();
        let full = Located { confirmed: known, single, listening: listening.clone(), ..Located::default() };
        assert!(listening.iter().all(|a| published(&full).contains(a)), "and takes the place of nothing else");
    }
}
