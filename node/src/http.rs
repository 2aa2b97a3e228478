//! The local web server: what holds for every page, whatever stands on it.
//!
//! It listens on loopback only. Staff of one machine share it, and any page that a browser on that machine has open may
//! send requests to it, so: requests under a foreign host name are refused (DNS rebinding), forms carry a token that only
//! our own pages hold, sessions live in memory and end, and nothing about a person is cached or named in an address.
//!
//! Parts: [`server`] socket and connections; [`host`] host and origin; [`headers`] what every answer carries;
//! [`session`] who is signed in, and what came of their forms; [`csrf`] the token of forms.

pub mod csrf;
pub mod headers;
pub mod host;
pub mod server;
pub mod session;

pub use crate::system::Moment;

/// 32 bytes that nobody can foretell.
///
/// # Errors
/// The operating system gives none; nothing secret can be made then.
pub fn unforeseen() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
