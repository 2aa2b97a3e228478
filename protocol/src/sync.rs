//! Sync: what two nodes say to each other until each has what it may have of the other. Blind to content.
//!
//! A session ([`session`]) serves both sides over one link. Each side greets with the bookmark that it holds from the other
//! ([`bookmark`]); a bookmark that fits is answered by what has arrived since ([`arrivals`]), one that does not by comparing
//! the spaces that both may have. From then on what arrives is sent on at once, so that pushing and catching up are one thing.
//! [`sessions`] keeps all sessions of a node and sees to it that nothing is asked for twice.

pub mod arrivals;
pub mod bookmark;
pub mod carry;
mod checked;
mod dropped;
pub mod early;
pub mod kept;
pub mod late;
pub mod left;
pub mod parcel;
pub mod pending;
pub mod receipt;
pub mod rights;
pub mod session;
pub mod sessions;
pub mod tools;
pub mod wire;

pub use checked::Checked;
pub use sessions::Sessions;
pub use tools::{Gathered, Tools};

#[cfg(test)]
mod tests;
