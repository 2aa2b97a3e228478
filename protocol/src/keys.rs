//! Keys: who signs, who can open, and how an organisation comes back from 24 words.

pub mod node;
pub mod root;
pub mod wrap;

pub use node::{NodeKey, Signature};
pub use root::{Certificate, Retirement, RootPublic};
pub use wrap::{PrekeyPublic, Wrap};
