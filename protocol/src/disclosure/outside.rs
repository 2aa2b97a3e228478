//! What an organisation keeps of its own about partners off the network, its inquiries, and what persons chose from: bodies of
//! its private space.

use crate::fault::Result;
use crate::ids::{EntryHash, OrgId, SpaceId, ThreadId};
use crate::limits;
use crate::referral::choice::{Choice, Options};
use crate::referral::inquiry::{Inquiry, Reply};
use crate::referral::{By, OutsideAct, OutsidePartner, Party, bounded};
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// One record. Variants are only ever added at the end: their number is part of the key under which a record is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outside {
    Partner(OutsidePartner),
    Act(OutsideAct),
    Inquiry(InquiryRecord),
    Reply(HeardReply),
    Options(Options),
    Choice(Choice),
    /// A referral that came of an inquiry.
    Followed(Followed),
    /// How a letter, or a file that was chosen for a referral, left the house.
    File(Box<FileWord>),
    /// Nothing more comes of an inquiry, ours or one that came in.
    Aside(Aside),
    /// Whether an organisation on the network is bound to us.
    Bound(Bound),
}

/// A word about one paper for a partner off the network: a letter, which counts as told once it is printed, or a file that was chosen,
/// which is told when it left the house; or about what went to any partner without a trace here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileWord {
    pub thread: ThreadId,
    /// The act by which it was chosen; of a letter, and of what is put on record afterwards, the SHA-256 of what it says.
    pub file: EntryHash,
    /// The first is 1, and each later word about the paper has the next: the highest holds.
    pub number: u32,
    pub what: Went,
    pub by: By,
    pub at: Time,
}

/// What became of such a paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Went {
    /// It left the house; to whom there, or to which number (may be empty); and when, where that was not written down at once.
    Out { way: Means, to: Personal<String>, when: Option<Time> },
    /// It did not go: that was written by mistake, or the letter was printed and not handed over. Why.
    NotAfterAll(Personal<String>),
    /// A letter was printed, to be handed over.
    Printed,
    /// Words, or a paper that lies nowhere here, went before and are put on record now: what it was, how, to whom there or to which number
    /// (may be empty), and when.
    Told { what: Personal<String>, way: Means, to: Personal<String>, when: Time },
}

/// How something leaves the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// Printed, and given to somebody there or to the person.
    Handed,
    Faxed,
    Mailed,
    /// By telephone, or to somebody's face: no paper goes so.
    Said,
}

impl Means {
    /// As the record of a disclosure says it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Handed => "printed and handed over",
            Self::Faxed => "by fax",
            Self::Mailed => "by mail",
            Self::Said => "by word of mouth or telephone",
        }
    }
}

impl FileWord {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        match &self.what {
            Went::Out { to, .. } => bounded([to], limits::NAME_CHARS),
            Went::NotAfterAll(why) => bounded([why], limits::TEXT_CHARS),
            Went::Told { what, to, .. } => {
                bounded([to], limits::NAME_CHARS)?;
                bounded([what], limits::TEXT_CHARS)
            }
            Went::Printed => Ok(()),
        }
    }
}

/// An inquiry that we made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InquiryRecord {
    /// Its space; random where the partner is not on the network.
    pub id: SpaceId,
    pub to: Party,
    pub by: By,
    pub at: Time,
    pub asked: Inquiry,
}

/// What a partner who is not on the network answered by telephone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardReply {
    pub id: SpaceId,
    pub by: By,
    pub at: Time,
    /// Who there said so; may be empty.
    pub from: Personal<String>,
    pub reply: Reply,
}

/// Which referral came of an inquiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    pub id: SpaceId,
    pub thread: ThreadId,
}

/// Staff looked at what became of an inquiry, waited long enough, or do not answer it: it stands in no list any more. Whoever asked is told
/// nothing of it, and sees that nobody answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    pub id: SpaceId,
    pub by: By,
    pub at: Time,
    /// Of one that came in, why it is not answered; of one of ours it may be empty.
    pub why: Personal<String>,
}

/// Whether an organisation on the network pays us, employs us, or belongs to whom we belong to: the report of referrals tells the share
/// that goes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    pub org: OrgId,
    /// The first is 1; the highest is what holds.
    pub revision: u32,
    pub affiliated: bool,
}

impl Outside {
    /// First bytes of the keys of each variant.
    pub const PARTNER: u8 = 0;
    pub const ACT: u8 = 1;
    pub const INQUIRY: u8 = 2;
    pub const REPLY: u8 = 3;
    pub const OPTIONS: u8 = 4;
    pub const CHOICE: u8 = 5;
    pub const FOLLOWED: u8 = 6;
    pub const FILE: u8 = 7;
    pub const ASIDE: u8 = 8;
    pub const BOUND: u8 = 9;

    /// What it is about: of two records with one key the higher [`Outside::revision`] holds.
    #[must_use]
    pub fn key(&self, hash: EntryHash) -> Vec<u8> {
        let parts: (u8, &[&[u8]]) = match self {
            Self::Partner(partner) => (Self::PARTNER, &[&partner.org.0]),
            Self::Act(act) => (Self::ACT, &[&act.thread.0, &hash.0]),
            Self::Inquiry(inquiry) => (Self::INQUIRY, &[&inquiry.id.0]),
            Self::Reply(reply) => (Self::REPLY, &[&reply.id.0, &hash.0]),
            Self::Options(options) => (Self::OPTIONS, &[&options.person.0, &options.id.0]),
            Self::Choice(choice) => (Self::CHOICE, &[&choice.thread.0]),
            Self::Followed(followed) => (Self::FOLLOWED, &[&followed.id.0, &followed.thread.0]),
            Self::Aside(aside) => (Self::ASIDE, &[&aside.id.0, &hash.0]),
            Self::Bound(bound) => (Self::BOUND, &[&bound.org.0]),
            Self::File(word) => (Self::FILE, &[&word.thread.0, &word.file.0, &word.number.to_be_bytes(), &hash.0]),
        };
        let mut key = vec![parts.0];
        parts.1.iter().for_each(|part| key.extend_from_slice(part));
        key
    }

    #[must_use]
    pub const fn revision(&self) -> u32 {
        match self {
            Self::Partner(partner) => partner.revision,
            Self::Bound(bound) => bound.revision,
            _ => 0,
        }
    }

    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Partner(partner) => partner.check(),
            Self::Act(act) => act.check(),
            Self::Reply(reply) => bounded([&reply.from], limits::NAME_CHARS),
            Self::Aside(aside) => bounded([&aside.why], limits::TEXT_CHARS),
            Self::Options(options) => options.check(),
            Self::File(word) => word.check(),
            Self::Inquiry(_) | Self::Choice(_) | Self::Followed(_) | Self::Bound(_) => Ok(()),
        }
    }
}
