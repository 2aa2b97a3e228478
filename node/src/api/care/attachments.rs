//! Files that go with a person, a consent or a thread. A file comes and goes in pieces, so that it holds nobody up.

use belay_protocol::ids::{ConsentId, PersonId, ThreadId};
use belay_protocol::referral::Information;
use belay_protocol::referral::attachment::{Manifest, Media};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// What a file goes with.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachTo {
    /// Stays in the house.
    Person { person: Personal<String> },
    /// The signed paper, or the drawn signature; stays in the house.
    Consent { consent: String },
    /// Is told to the other organisation, under the consent.
    Thread { thread: String, information: Information },
}

/// One step of attaching. The manifest says each time what the file is, so that a step that is missing can be made again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attach {
    pub to: AttachTo,
    pub manifest: Manifest,
    pub step: AttachStep,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachStep {
    /// Whether it may be attached, and which chunks are not here yet. `head`: its first bytes, in base64. -> [`AttachingView`]
    Ask { head: Personal<String> },
    /// Some chunks, from `from` on, in base64. -> [`AttachingView`]
    Put { chunks: Vec<(u32, Personal<String>)> },
    /// All chunks are here: from now on it is seen. `text`: what goes with it. -> [`AttachmentView`]
    Finish { text: Personal<String> },
}

/// How far it has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AttachingView {
    /// Numbers of the chunks that are not here.
    pub missing: Vec<u32>,
}

/// Which attachments are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AttachmentsOf {
    pub person: Option<Personal<String>>,
    pub thread: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AttachmentsView {
    pub attachments: Vec<AttachmentView>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AttachmentView {
    /// SHA-256 of the whole, in hex: the name by which it is asked for.
    pub id: String,
    pub name: Personal<String>,
    pub media: Media,
    pub bytes: u64,
    /// Of which it is made.
    pub parts: u32,
    /// Parts that have not arrived at this node.
    pub missing: u32,
    pub person: Option<PersonId>,
    pub consent: Option<ConsentId>,
    pub thread: Option<ThreadId>,
    pub information: Option<Information>,
    pub staff: Personal<String>,
    pub at: Time,
}

/// A part of a file on its way out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AttachmentPart {
    #[serde(flatten)]
    pub attachment: AttachmentView,
    /// In base64.
    pub chunks: Vec<Personal<String>>,
    /// Where the next part begins; `None`: this was the last.
    pub next: Option<u32>,
}
