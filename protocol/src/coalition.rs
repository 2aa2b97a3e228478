//! Coalitions: how an organisation is invited, joins, and is let in by its peers.

pub mod charter;
pub mod handshake;
pub mod invite;

pub use crate::space::{Member, Roster};
