//! Keys: who signs, who can open, and how an organisation comes back from 24 words.

pub mod backup;
pub mod digest;
pub mod fingerprint;
pub mod node;
pub mod phrase;
pub mod prekey;
pub mod root;
pub mod seal;
pub mod wrap;

pub use fingerprint::six_words;
pub use node::{NodeKey, Signature};
pub use phrase::Phrase;
pub use prekey::PrekeySecret;
pub use root::{Certificate, Founder, Founding, Retirement, RootKey, RootPublic};
pub use seal::EpochKey;
pub use wrap::{PrekeyPublic, Wrap};
