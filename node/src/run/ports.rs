//! Free ports, kept: a node that listens on port 0 takes the port of its last run again where nobody else has it, since that is
//! where the others look for it. Two nodes that both moved while they were apart would not find each other.

use crate::config::Folder;
use crate::net::address;
use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use std::collections::BTreeMap;
use std::fs;

/// Ports by the address that was asked for.
type Ports = BTreeMap<String, u16>;

/// The addresses with the ports of the last run in place of zeros, where they are free.
pub fn recall(folder: &Folder, asked: &[Multiaddr]) -> Vec<Multiaddr> {
    let text = fs::read_to_string(folder.ports()).unwrap_or_default();
    // A file that is not what was written costs nothing but the ports.
    let kept: Ports = serde_json::from_str(&text).unwrap_or_default();
    let again = |asked: &Multiaddr| {
        let before = kept.get(&asked.to_string()).filter(|_| port(asked) == Some(0))?;
        let before = with_port(asked, *before);
        address::free(&before).is_ok().then_some(before)
    };
    asked.iter().map(|asked| again(asked).unwrap_or_else(|| asked.clone())).collect()
}

/// Keeps the ports that were got for the addresses that asked for any.
pub fn keep(folder: &Folder, asked: &[Multiaddr], listening: &[Multiaddr]) {
    let any = asked.iter().filter(|asked| port(asked) == Some(0));
    let got = any.filter_map(|asked| {
        let fits = listening.iter().find(|real| fits(asked, real))?;
        Some((asked.to_string(), port(fits)?))
    });
    let ports: Ports = got.collect();
    let written = serde_json::to_string(&ports).map(|text| fs::write(folder.ports(), text));
    if !matches!(written, Ok(Ok(()))) {
        tracing::warn!("the ports of this run are not kept for the next one");
    }
}

fn port(address: &Multiaddr) -> Option<u16> {
    match address.iter().nth(1) {
        Some(Protocol::Tcp(port) | Protocol::Udp(port)) => Some(port),
        _ => None,
    }
}

fn with_port(address: &Multiaddr, port: u16) -> Multiaddr {
    address
        .iter()
        .map(|part| match part {
            Protocol::Tcp(_) => Protocol::Tcp(port),
            Protocol::Udp(_) => Protocol::Udp(port),
            other => other,
        })
        .collect()
}

/// Whether a listener on `asked` gives this address: the same transport, on the same interface or on any of that family.
fn fits(asked: &Multiaddr, real: &Multiaddr) -> bool {
    let (mut a, mut r) = (asked.iter(), real.iter());
    let host = match (a.next(), r.next()) {
        (Some(Protocol::Ip4(asked)), Some(Protocol::Ip4(real))) => asked.is_unspecified() || asked == real,
        (Some(Protocol::Ip6(asked)), Some(Protocol::Ip6(real))) => asked.is_unspecified() || asked == real,
        _ => false,
    };
    let same = |asked, real| {
        matches!(
            (asked, real),
            (Some(Protocol::Tcp(_)), Some(Protocol::Tcp(_))) | (Some(Protocol::Udp(_)), Some(Protocol::Udp(_)))
        )
    };
    host && same(a.next(), r.next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Vec<Multiaddr> {
        texts.iter().map(|t| t.parse().unwrap()).collect()
    }

    #[test]
    fn a_free_port_is_taken_again_unless_somebody_else_has_it() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::at(home.path());
        let asked = of(&["/ip4/127.0.0.1/tcp/0", "/ip4/0.0.0.0/udp/0/quic-v1", "/ip4/127.0.0.1/tcp/7999"]);
        assert_eq!(recall(&folder, &asked), asked);
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let real = [format!("/ip4/127.0.0.1/tcp/{port}"), "/ip4/10.0.0.1/udp/41999/quic-v1".to_owned()];
        keep(&folder, &asked, &of(&[&real[1], &real[0]]));
        let again = recall(&folder, &asked);
        assert_eq!(again, of(&["/ip4/127.0.0.1/tcp/0", "/ip4/0.0.0.0/udp/41999/quic-v1", "/ip4/127.0.0.1/tcp/7999"]));
        drop(taken);
        assert_eq!(recall(&folder, &asked)[0].to_string(), real[0]);
        std::fs::write(folder.ports(), "{").unwrap();
        assert_eq!(recall(&folder, &asked), asked);
    }
}
