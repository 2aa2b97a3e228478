//! The protocol of Belay: what the nodes of a coalition say, sign, seal and fold.
//!
//! This crate does no I/O, has no clock and no threads. Time, randomness and a read-only view of the store are handed in;
//! writes and messages come out as data. So a whole coalition runs in one OS thread of one test. `SPEC.md` beside it
//! describes wire and disk for a second implementation.
//!
//! Rooms, lowest first; a file imports only from rooms above it in this list:
//! base (`ids`, `time`, `random`, `limits`, `plain`, `fault`, `sensitive`, `information`, `codec`, `store`), `keys`, `space`,
//! `coalition`, `sync`, `document`, `directory`, `agreement`, `referral`, `consent`, `disclosure`, `metrics`, `engine`.

// A panic means our bug, and no peer can cause one.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable))]

pub mod codec;
pub mod fault;
pub mod ids;
pub mod information;
pub mod limits;
pub mod plain;
pub mod planted;
pub mod random;
#[cfg(any(test, feature = "planted"))]
pub mod samples;
pub mod sensitive;
pub mod store;
pub mod time;

pub mod agreement;
pub mod coalition;
pub mod consent;
pub mod disclosure;
pub mod emergency;
pub mod keys;
pub mod metrics;
pub mod referral;
pub mod space;

pub mod directory;
pub mod document;
pub mod sync;

pub mod engine;
