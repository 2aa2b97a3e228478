//! The node of Belay: the shell around `belay_protocol` that owns sockets, store, clock and randomness.
//!
//! Rooms, lowest first: `config`, `derive`, `ops`, `store`, `net`, `driver`, `control`. What stands on them (use cases, pages, interchange,
//! demo) calls down only.

pub mod api;
pub mod config;
pub mod control;
pub mod demo;
pub mod derive;
pub mod driver;
pub mod forms;
pub mod http;
pub mod interchange;
mod memory;
pub mod net;
pub mod notices;
pub mod ops;
pub mod plain;
pub mod run;
pub mod serve;
pub mod store;
pub mod system;
pub mod usecases;
pub mod web;
pub mod wording;
pub mod zones;
