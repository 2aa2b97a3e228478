//! Addresses in an invite, as short as they go: the usual multiaddrs have a byte for their form, others stand as text.
//!
//! `tag` 1 to 10 is `1 + 2 * host + transport` with host 0 `ip4` (4 bytes), 1 `ip6` (16), 2 `dns`, 3 `dns4`, 4 `dns6` (a length byte
//! and the name), transport 0 `tcp`, 1 `udp` with `quic-v1`, then the port (2 bytes, big endian). `tag` 0 is a length byte and text.

use crate::fault::{Fault, Result};
use crate::limits;
use core::net::{Ipv4Addr, Ipv6Addr};

const TEXT: u8 = 0;
const HOSTS: [&str; 5] = ["ip4", "ip6", "dns", "dns4", "dns6"];

/// Whether these addresses may stand in an invite.
///
/// # Errors
/// `Misuse`, saying which one is wrong and why.
pub(super) fn check(addresses: &[String], most: usize) -> Result<()> {
    if addresses.len() > most {
        return Err(Fault::misuse(format!(
            "an invite holds at most {most} addresses of a node, not {}",
            addresses.len()
        )));
    }
    match addresses.iter().find(|address| !is_address(address)) {
        Some(address) => Err(Fault::misuse(format!(
            "not an address that an invite can hold: {address:?}; expected a multiaddr such as /ip4/203.0.113.7/udp/4001/quic-v1"
        ))),
        None => Ok(()),
    }
}

fn is_address(text: &str) -> bool {
    text.starts_with('/') && text.len() <= limits::ADDRESS_CHARS && text.bytes().all(|byte| byte.is_ascii_graphic())
}

pub(super) fn encode(address: &str, out: &mut Vec<u8>) {
    if let Some(short) = shorten(address) {
        out.extend_from_slice(&short);
    } else {
        out.push(TEXT);
        push_text(address, out);
    }
}

/// Takes one address from the front of `bytes`.
pub(super) fn decode(bytes: &mut &[u8]) -> Option<String> {
    let tag = take::<1>(bytes)?[0];
    let text = if tag == TEXT {
        take_text(bytes)?
    } else {
        let host = HOSTS.get(usize::from(tag - 1) / 2)?;
        let name = match *host {
            "ip4" => Ipv4Addr::from(take::<4>(bytes)?).to_string(),
            "ip6" => Ipv6Addr::from(take::<16>(bytes)?).to_string(),
            _ => take_text(bytes)?,
        };
        let port = u16::from_be_bytes(take::<2>(bytes)?);
        if tag % 2 == 1 { format!("/{host}/{name}/tcp/{port}") } else { format!("/{host}/{name}/udp/{port}/quic-v1") }
    };
    is_address(&text).then_some(text)
}

/// The short form, if it gives back the very text.
fn shorten(address: &str) -> Option<Vec<u8>> {
    let mut parts = address.split('/');
    let (empty, host, name) = (parts.next()?, parts.next()?, parts.next()?);
    let (transport, port) = match (parts.next()?, parts.next()?, parts.next(), parts.next()) {
        ("tcp", port, None, None) => (0, port),
        ("udp", port, Some("quic-v1"), None) => (1, port),
        _ => return None,
    };
    let index = HOSTS.iter().position(|known| *known == host).filter(|_| empty.is_empty())?;
    let mut out = vec![u8::try_from(1 + 2 * index + transport).ok()?];
    match host {
        "ip4" => out.extend(name.parse::<Ipv4Addr>().ok()?.octets()),
        "ip6" => out.extend(name.parse::<Ipv6Addr>().ok()?.octets()),
        _ => push_text(name, &mut out),
    }
    out.extend(port.parse::<u16>().ok()?.to_be_bytes());
    (decode(&mut out.as_slice())? == address).then_some(out)
}

fn push_text(text: &str, out: &mut Vec<u8>) {
    // `check` has seen the length: an address fits a length byte.
    out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
    out.extend(text.bytes().take(usize::from(u8::MAX)));
}

fn take_text(bytes: &mut &[u8]) -> Option<String> {
    let length = usize::from(take::<1>(bytes)?[0]);
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    String::from_utf8(text.to_vec()).ok()
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}
