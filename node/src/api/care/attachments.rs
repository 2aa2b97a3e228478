//! Files that go with a person, a consent or a thread. A file comes and goes in pieces, so that it holds nobody up.

use super::{Care, OurOffice};
use crate::forms::Lang;
use belay_protocol::disclosure::Means;
use belay_protocol::ids::{ConsentId, PersonId, ThreadId};
use belay_protocol::limits;
use belay_protocol::referral::Information;
use belay_protocol::referral::attachment::{Manifest, Media};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use data_encoding::BASE64;
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

/// A file at hand on its way in: the requests that attach it, in their order.
pub struct Upload<'b> {
    to: AttachTo,
    manifest: Manifest,
    bytes: &'b [u8],
}

impl<'b> Upload<'b> {
    /// Of these bytes, under this name.
    ///
    /// # Errors
    /// `Misuse`: empty, too large, or none of the types.
    pub fn new(to: AttachTo, name: &str, bytes: &'b [u8]) -> belay_protocol::fault::Result<Self> {
        Ok(Self { to, manifest: Manifest::of(name, bytes)?, bytes })
    }

    fn step(&self, step: AttachStep) -> Care {
        Care::Attach(Box::new(Attach { to: self.to.clone(), manifest: self.manifest.clone(), step }))
    }

    /// Whether it may be attached, and what is missing. -> [`AttachingView`]
    #[must_use]
    pub fn ask(&self) -> Care {
        let head = self.bytes.get(..limits::SNIFF_BYTES).unwrap_or(self.bytes);
        self.step(AttachStep::Ask { head: Personal::new(BASE64.encode(head)) })
    }

    /// These chunks, at most [`limits::CHUNKS_AT_ONCE`] of them. -> [`AttachingView`]
    #[must_use]
    pub fn put(&self, some: &[u32]) -> Care {
        let chunk = |at: &u32| {
            let mut chunks = self.bytes.chunks(limits::CHUNK_BYTES);
            let bytes = usize::try_from(*at).ok().and_then(|at| chunks.nth(at)).unwrap_or_default();
            (*at, Personal::new(BASE64.encode(bytes)))
        };
        self.step(AttachStep::Put { chunks: some.iter().map(chunk).collect() })
    }

    /// All is there. -> [`AttachmentView`]
    #[must_use]
    pub fn finish(&self, text: Personal<String>) -> Care {
        self.step(AttachStep::Finish { text })
    }
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
    /// Of a referral off the network: what was written of how it went, in order; nothing: it was chosen, and has not gone. `None`: of
    /// any other file.
    pub went: Option<Vec<SentView>>,
}

impl AttachmentView {
    /// Whether it was chosen for a partner off the network, and has not gone there.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.went.as_ref().is_some_and(|words| words.last().is_none_or(|last| last.back.is_some()))
    }
}

/// One word about how a paper for a partner off the network went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentView {
    pub at: Time,
    pub staff: Personal<String>,
    pub way: Option<Means>,
    /// To whom there, or to which number; may be empty.
    pub to: Personal<String>,
    /// When it went, where that was not written down at once.
    #[serde(default)]
    pub when: Option<Time>,
    /// It did not go after all, and why.
    pub back: Option<Personal<String>>,
    /// It is about a letter.
    #[serde(default)]
    pub letter: bool,
    /// It is about what left no trace here and was put on record afterwards: what that was.
    #[serde(default)]
    pub told: Option<Personal<String>>,
}

/// That something went to a partner of a referral before, and left no trace here.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DisclosureWent {
    pub thread: String,
    /// In a team: to which of it. `None`: to who was referred to.
    pub to: Option<String>,
    pub include: Vec<Information>,
    /// What it was, as it stands in the accounting.
    pub told: Personal<String>,
    pub way: Means,
    /// To whom there; may be empty.
    pub who: Personal<String>,
    /// When it went: it is judged by the consent as it stood then.
    pub when: Time,
}

/// That a file for a partner off the network left the house.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FileWentAsk {
    pub thread: String,
    /// Its id, or the beginning of it.
    pub file: String,
    pub way: Means,
    #[serde(default)]
    pub to: Personal<String>,
    /// When it went, where that was not put on record at once: judged by the consent as it stood then. `None`: now.
    #[serde(default)]
    pub when: Option<Time>,
}

/// The sheet that goes before such a file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CoverAsk {
    pub thread: String,
    pub file: String,
    pub lang: Lang,
    /// For a page of this node, with its style at this path; `None`: HTML that stands by itself.
    #[serde(default)]
    pub style: Option<String>,
    /// Where we can be reached, which the node looks up in the directory.
    #[serde(skip)]
    pub office: OurOffice,
}

/// A sheet that says from whom and to whom, and the notice of 42 CFR 2.32(a); of the person nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CoverView {
    pub thread: ThreadId,
    pub recipient: String,
    pub fax: String,
    pub address: String,
    /// The file that goes behind it, for our own eyes.
    pub file: Personal<String>,
    pub text: Personal<String>,
    pub html: Personal<String>,
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
