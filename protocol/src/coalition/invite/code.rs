//! The invite code: `belay1-` and base32 of `length (u16 BE) || node || org || secret || expiry (minutes, u32 BE) || count ||
//! addresses || count || relays || checksum`, where `length` counts all before the checksum and the checksum is 4 bytes of SHA-256. A
//! relay is `node || count || addresses`.
//!
//! The length stands first so that a code cut short says so, instead of looking mistyped.

use super::{InviteSecret, address, base32};
use crate::fault::{Fault, Result};
use crate::ids::{InviteId, NodeId, OrgId};
use crate::keys::digest::sha256;
use crate::limits;
use crate::time::{MINUTE, Time};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const PREFIX: &str = "belay1-";
const FIXED: usize = 2 + 32 + 32 + 16 + 4 + 1 + 1;
const CHECKSUM: usize = 4;

/// A member's node that lets the newcomer through to the inviter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay {
    pub node: NodeId,
    /// Multiaddrs without the peer id; one to [`limits::INVITE_RELAY_ADDRESSES`].
    pub addresses: Vec<String>,
}

/// Whether these may stand in an invite.
///
/// # Errors
/// `Misuse`.
pub(super) fn check_relays(relays: &[Relay]) -> Result<()> {
    if relays.len() > limits::INVITE_RELAYS {
        return Err(Fault::misuse(format!(
            "an invite names at most {} members' nodes to come by, not {}",
            limits::INVITE_RELAYS,
            relays.len()
        )));
    }
    for relay in relays {
        if relay.addresses.is_empty() {
            return Err(Fault::misuse("a member's node to come by has no address"));
        }
        address::check(&relay.addresses, limits::INVITE_RELAY_ADDRESSES)?;
    }
    Ok(())
}

/// What an invite code holds. Whoever has it may ask to be let in, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The node to ask.
    pub node: NodeId,
    /// The organisation that invites.
    pub org: OrgId,
    pub secret: InviteSecret,
    /// Whole minutes.
    pub expires: Time,
    /// Multiaddrs without the peer id, which `node` gives.
    pub addresses: Vec<String>,
    /// By whom to come to `node` where none of its addresses can be reached.
    pub relays: Vec<Relay>,
}

impl Code {
    #[must_use]
    pub fn id(&self) -> InviteId {
        self.secret.id()
    }

    /// Whether it leads nowhere on a network: it came in a file, and goes on by files.
    #[must_use]
    pub const fn is_file(&self) -> bool {
        self.addresses.is_empty() && self.relays.is_empty()
    }

    /// The code as text.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let bytes = Zeroizing::new(self.bytes());
        let symbols = Zeroizing::new(base32::encode(&bytes));
        Zeroizing::new([PREFIX, &symbols].concat())
    }

    /// The same in capitals, which QR codes hold in their shorter alphanumeric mode.
    #[must_use]
    pub fn qr_text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.text().to_ascii_uppercase())
    }

    /// Reads a code, in any case, with or without spaces, line ends and hyphens in it.
    ///
    /// # Errors
    /// `Malformed` if it is no code, is cut short or mistyped; `Incompatible` if made by a later version.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > limits::INVITE_CODE_CHARS {
            return Err(Fault::malformed("invite code: far too long to be one"));
        }
        let symbols: Zeroizing<String> = Zeroizing::new(text.chars().filter(|c| !is_filler(*c)).collect());
        let values = Zeroizing::new(values(&symbols)?);
        let payload = Zeroizing::new(payload(&values)?);
        Self::from_payload(&payload)
            .ok_or_else(|| Fault::malformed("invite code: its checksum fits, but not its content; ask for a new one"))
    }

    /// Whether it may still be redeemed, by this clock.
    ///
    /// # Errors
    /// `Misuse`, with both times, since the clock may be what is wrong.
    pub fn check_expiry(&self, now: Time) -> Result<()> {
        if now <= self.expires {
            return Ok(());
        }
        Err(Fault::misuse(format!(
            "this invite expired at {}, and this machine's clock says {now}; if the clock is right, ask for a new invite",
            self.expires
        )))
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0, 0];
        bytes.extend_from_slice(&self.node.0);
        bytes.extend_from_slice(&self.org.0);
        bytes.extend_from_slice(self.secret.as_bytes());
        bytes.extend_from_slice(&u32::try_from(self.expires.0 / MINUTE).unwrap_or(u32::MAX).to_be_bytes());
        push_addresses(&self.addresses, limits::INVITE_ADDRESSES, &mut bytes);
        let relays = self.relays.iter().take(limits::INVITE_RELAYS);
        bytes.push(u8::try_from(relays.len()).unwrap_or(0));
        for relay in relays {
            bytes.extend_from_slice(&relay.node.0);
            push_addresses(&relay.addresses, limits::INVITE_RELAY_ADDRESSES, &mut bytes);
        }
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
        for (place, byte) in bytes.iter_mut().zip(length) {
            *place = byte;
        }
        let sum = checksum(&bytes);
        bytes.extend_from_slice(&sum);
        bytes
    }

    fn from_payload(payload: &[u8]) -> Option<Self> {
        let (node, rest) = payload.get(2..)?.split_first_chunk::<32>()?;
        let (org, rest) = rest.split_first_chunk::<32>()?;
        let (secret, rest) = rest.split_first_chunk::<16>()?;
        let (minutes, rest) = rest.split_first_chunk::<4>()?;
        let mut rest = rest;
        let addresses = take_addresses(&mut rest, limits::INVITE_ADDRESSES)?;
        let relays = take_count(&mut rest, limits::INVITE_RELAYS)?;
        let relays = (0..relays).map(|_| take_relay(&mut rest)).collect::<Option<Vec<_>>>()?;
        let code = Self {
            node: NodeId(*node),
            org: OrgId(*org),
            secret: InviteSecret::from_bytes(*secret),
            expires: Time(u64::from(u32::from_be_bytes(*minutes)) * MINUTE),
            addresses,
            relays,
        };
        // One spelling for each code: the fingerprint of a file may be taken over it.
        (rest.is_empty() && code.bytes().starts_with(payload)).then_some(code)
    }
}

fn push_addresses(addresses: &[String], most: usize, bytes: &mut Vec<u8>) {
    let addresses = addresses.iter().take(most);
    bytes.push(u8::try_from(addresses.len()).unwrap_or(0));
    for text in addresses {
        address::encode(text, bytes);
    }
}

fn take_count(rest: &mut &[u8], most: usize) -> Option<u8> {
    let (count, after) = rest.split_first()?;
    *rest = after;
    (usize::from(*count) <= most).then_some(*count)
}

fn take_addresses(rest: &mut &[u8], most: usize) -> Option<Vec<String>> {
    let count = take_count(rest, most)?;
    (0..count).map(|_| address::decode(rest)).collect()
}

fn take_relay(rest: &mut &[u8]) -> Option<Relay> {
    let (node, after) = rest.split_first_chunk::<32>()?;
    *rest = after;
    let addresses = take_addresses(rest, limits::INVITE_RELAY_ADDRESSES)?;
    (!addresses.is_empty()).then_some(Relay { node: NodeId(*node), addresses })
}

/// The last whole minute: what a code can say of a time.
pub(super) const fn whole_minutes(time: Time) -> Time {
    Time(time.0 - time.0 % MINUTE)
}

/// What mail programs, chat programs and people put between the characters.
fn is_filler(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// The values of the symbols behind the prefix.
fn values(symbols: &str) -> Result<Vec<u8>> {
    let foreign = || Fault::malformed(format!("not an invite code: one begins with {PREFIX}"));
    let (name, rest) = symbols.split_at_checked(5).ok_or_else(foreign)?;
    if !name.eq_ignore_ascii_case("belay") {
        return Err(foreign());
    }
    let mut rest = rest.chars();
    match rest.next() {
        Some('1') => {}
        Some('2'..='9') => {
            return Err(Fault::incompatible(
                "invite code: made by a later version of belay; install the newest version, then join again",
            ));
        }
        Some(_) | None => return Err(foreign()),
    }
    rest.enumerate()
        .map(|(index, symbol)| {
            base32::value(symbol).ok_or_else(|| {
                Fault::malformed(format!(
                    "invite code: character {} after {PREFIX} is none that a code holds; copy the code again",
                    index.saturating_add(1)
                ))
            })
        })
        .collect()
}

/// The bytes before the checksum, if there are as many as they say and the checksum is theirs.
fn payload(values: &[u8]) -> Result<Vec<u8>> {
    let stated = values.get(..4).and_then(|four| {
        let bits = four.iter().fold(0u32, |bits, value| bits << 5 | u32::from(*value));
        usize::try_from(bits >> 4).ok()
    });
    let address = limits::ADDRESS_CHARS + 2;
    let relay = 32 + 1 + limits::INVITE_RELAY_ADDRESSES * address;
    let longest = FIXED + limits::INVITE_ADDRESSES * address + limits::INVITE_RELAYS * relay;
    let expected = match stated {
        None => base32::symbols(FIXED + CHECKSUM),
        Some(stated) if (FIXED..=longest).contains(&stated) => base32::symbols(stated + CHECKSUM),
        Some(_) => return Err(mistyped()),
    };
    if values.len() < expected {
        return Err(Fault::malformed(format!(
            "invite code: cut short; {} of {expected} characters came after {PREFIX}",
            values.len()
        )));
    }
    if values.len() > expected {
        return Err(Fault::malformed(format!(
            "invite code: {} characters came after {PREFIX}, {expected} were expected; copy the code alone",
            values.len()
        )));
    }
    let mut bytes = base32::decode(values).ok_or_else(mistyped)?;
    let sum = bytes.split_off(bytes.len().saturating_sub(CHECKSUM));
    if sum != checksum(&bytes) {
        return Err(mistyped());
    }
    Ok(bytes)
}

fn mistyped() -> Fault {
    Fault::malformed("invite code: a character is wrong; copy the code again")
}

fn checksum(payload: &[u8]) -> [u8; CHECKSUM] {
    let [a, b, c, d, ..] = sha256(b"belay invite code v1\0", &[payload]);
    [a, b, c, d]
}

#[cfg(test)]
mod tests;
