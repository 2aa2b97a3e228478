//! The bodies of an organisation's private space. A record that changes is written again; [`newer`] says which holds, in any order of arrival.

pub use super::shared::{KeyBytes, SharedKey};
use super::{
    AgeReason, Audit, Disclosure, Doubted, EventStruck, Given, Judged, LeftOut, Outside, Planned, Read, Struck,
    Withheld,
};
use crate::agreement::{Form, Terms};
use crate::coalition::invite::Invite;
use crate::consent::{Consent, Lawful};
use crate::emergency;
use crate::fault::{Fault, Result};
use crate::ids::{CallId, ConsentId, EntryHash, OrgId, PersonId, SpaceId, StaffId, ThreadId};
use crate::keys::digest::sha256;
use crate::limits;
use crate::referral::attachment::{Bytes, Manifest};
use crate::referral::{Act, By, Information, Joined, NeedId, Party, Person, Purpose, Told, bounded, versioned};
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// First byte of every body.
pub const VERSION: u8 = 1;

/// The body of a data entry of the private space. Variants are only ever added at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PrivateBody {
    Staff(Staff),
    Person(Box<Person>),
    Consent(Box<Consent>),
    Disclosure(Box<Disclosure>),
    Audit(Audit),
    /// A thread that we sent, or that came to us.
    Thread(Box<ThreadRecord>),
    /// Staff say who the person of an incoming thread is.
    Linked(Box<Linked>),
    /// An act that the consent does not let us tell: kept here only.
    LocalAct(Box<LocalAct>),
    /// A change or snapshot of one of our documents.
    Document(Vec<u8>),
    /// What concerns partners off the network, inquiries, and what the person chose from.
    Outside(Box<Outside>),
    /// A part of an attachment that stays in the house: of a consent, or of a person.
    Chunk(Bytes),
    /// What puts such parts together.
    Attachment(Box<Attachment>),
    /// A revocation that was heard where the consent is not kept.
    Heard(Box<Heard>),
    /// Terms that are being drafted, before anybody else sees them.
    Drafted(Box<Drafted>),
    /// What concerns medical emergencies (42 CFR 2.51), and holds.
    Emergency(Box<emergency::Record>),
    /// Keys of threads' epochs, for the other nodes of this organisation.
    Keys(Vec<SharedKey>),
    /// A version of a consent that was drafted and that nobody is to sign any more.
    Discarded {
        consent: ConsentId,
        version: u32,
        by: By,
        at: Time,
    },
    /// Why the recipient of a referral of ours left it by itself, as staff found out.
    Left(Box<Left>),
    /// A revocation that was heard where nothing came under the consent: who keeps it was telephoned.
    HeardFor(Box<HeardFor>),
    /// A call that staff had to make was made, or is to be made all the same.
    Phoned(Box<Phoned>),
    /// Somebody has to be told by telephone that a consent ended.
    Unreached(Unreached),
    /// Staff say which person of ours a call is about.
    Whose(Box<Whose>),
    /// Staff say of two records of persons that they are of one human being, or not after all.
    Joined(Box<Joined>),
    /// The person takes back a revocation that was said before it may take effect.
    Unsaid(Box<Unsaid>),
    /// What an agency was told is left out of accountings for a time.
    Withheld(Box<Withheld>),
    /// An invite, as the machine that wrote this knew it: what all of them know comes together by [`Invite::merge`].
    Invite(Box<Invite>),
    Read(Box<Read>),
    /// A person was given an accounting out of which something was left, or one that says more since.
    Given(Box<Given>),
    /// What was put on record by hand was never told.
    Struck(Box<Struck>),
    /// What follows from what somebody was told under a consent that is known to be false.
    Judged(Box<Judged>),
    /// Why a consent is signed on a basis that does not go with the age on record.
    AgeReason(Box<AgeReason>),
    /// A crisis plan or a list of medication of a person, written whether or not there is a referral.
    Planned(Box<Planned>),
    /// An event of a consent was recorded by mistake.
    EventStruck(Box<EventStruck>),
    /// What a person asks not to be told, apart from any consent.
    LeftOut(Box<LeftOut>),
    /// The consent under which something came here may be false, or stands all the same.
    Doubted(Box<Doubted>),
}

/// A file that stays in the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub manifest: Manifest,
    pub person: PersonId,
    /// The signed paper or drawn signature of this consent.
    pub consent: Option<ConsentId>,
    pub by: By,
    pub at: Time,
}

/// A draft of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Drafted {
    /// The highest revision is what holds. Drafted by this staff member, or at the machine itself.
    Terms { revision: u32, terms: Box<Terms>, by: Option<StaffId> },
    /// The bytes of a form that the terms name.
    Form(Vec<u8>),
}

impl Drafted {
    /// What it is about: of two with one key the higher revision holds.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        match self {
            Self::Terms { terms, .. } => [&[0], terms.id().0.as_slice()].concat(),
            Self::Form(content) => [&[1], Form::name(content).0.as_slice()].concat(),
        }
    }

    #[must_use]
    pub const fn revision(&self) -> u32 {
        match self {
            Self::Terms { revision, .. } => *revision,
            Self::Form(_) => 0,
        }
    }
}

/// Somebody who signs in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    pub id: StaffId,
    /// The first is 1; the highest is what holds.
    pub revision: u32,
    /// By which they sign in.
    pub name: String,
    /// As others read it on letters and forms; empty: as they sign in.
    pub full_name: String,
    pub role: String,
    /// Argon2id, as a PHC string.
    pub secret: String,
    pub disabled: bool,
    /// Who wrote this revision, and when.
    pub author: Author,
    pub at: Time,
    /// When the first revision was written as [`Author::Rescue`]; each later one says so too.
    pub rescued: Option<Time>,
}

/// Who wrote a staff record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Author {
    /// The privacy officer, who signed in.
    Officer(By),
    /// Whoever was at the machine itself, before there was a privacy officer.
    Machine,
    /// The same, since no privacy officer could sign in any more.
    Rescue,
}

impl std::fmt::Debug for Staff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Staff({}, revision {})", self.id.short(), self.revision)
    }
}

/// Which way a referral goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Outgoing,
    Incoming,
}

/// What this organisation knows of a thread besides its entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadRecord {
    pub thread: ThreadId,
    pub direction: Direction,
    /// The other organisation.
    pub other: Party,
    /// Of an outgoing thread; an incoming one is linked by people.
    pub person: Option<PersonId>,
    pub consent: ConsentId,
    pub version: u32,
    /// One space for each kind of information, sorted by kind.
    pub spaces: Vec<(Information, SpaceId)>,
    /// The need of another thread that this one is to lift. Known here only: neither recipient learns of the other.
    pub lifts: Option<(ThreadId, NeedId)>,
    /// Of the thread of a team: who is or was in it besides this organisation and `other`, sorted.
    pub team: Vec<Party>,
    /// For which of the purposes that the consent names it is told; `None`: for the least of them.
    pub purpose: Option<Purpose>,
}

/// Who the person of an incoming thread is: one of ours, or nobody of ours after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    pub thread: ThreadId,
    /// The first is 1, and each later word about the thread has the next: the highest holds.
    pub number: u32,
    pub person: Option<PersonId>,
    /// Why it is not whom the word before named; empty in the first.
    pub why: Personal<String>,
    pub by: By,
    pub at: Time,
}

/// The person revoked at an organisation that got the consent with a referral. Written there, and by who keeps the consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    pub thread: ThreadId,
    pub consent: ConsentId,
    /// For one party; `None`: as a whole.
    pub party: Option<OrgId>,
    pub told: Told,
    /// The staff member who heard it.
    pub by: By,
    /// Where.
    pub org: OrgId,
    /// The entry in which it was told; all zero where the consent gave no way.
    pub entry: EntryHash,
    pub at: Time,
    /// Told by who had been taken out of the referral, and had not heard so.
    pub late: bool,
}

/// What the person said too early (42 CFR 2.35(c)) is taken back before it takes effect, for good: who says it again says a new word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsaid {
    pub consent: ConsentId,
    /// The entry of the [`Heard`] that was said here, or the entry in which a recipient told that it had been said there.
    pub word: EntryHash,
    pub told: Told,
    /// The staff member who heard that it is taken back.
    pub by: By,
    pub at: Time,
}

/// The recipient left a referral by itself while the consent stood. It may have heard the person revoke, with no way to say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    pub thread: ThreadId,
    /// As the recipient said on the telephone.
    pub why: Personal<String>,
    pub by: By,
    pub at: Time,
}

/// The person revoked, at an organisation to which nothing came under the consent, a consent that another keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardFor {
    pub keeper: Party,
    pub name: Personal<String>,
    /// As it was said; may be empty.
    pub birth_date: Personal<String>,
    /// The number that the form bears; may be empty.
    pub form: Personal<String>,
    pub told: Told,
    /// The staff member who heard it.
    pub by: By,
    pub at: Time,
}

impl HeardFor {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        let texts = [&self.name, &self.birth_date, &self.form];
        if texts.iter().any(|text| text.reveal().len() > 4 * limits::NAME_CHARS) {
            return Err(Fault::malformed("a revocation that was heard: a text is too long"));
        }
        Ok(())
    }
}

/// A consent ended at the person's word for somebody to whom something was told under it and who or we have left the coalition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreached {
    pub consent: ConsentId,
    pub version: u32,
    pub party: OrgId,
    /// By that version, which lets less be told than one it was made of, and not by a word against one that stands.
    pub by_version: bool,
    /// When it ended.
    pub at: Time,
}

impl Unreached {
    /// The call that it asks for.
    #[must_use]
    pub fn call(&self) -> CallId {
        Phoned::ended(self.consent, self.party, self.version, self.by_version)
    }
}

/// Which person of ours a call is about, where nothing but a name was known: what was told by it stands in that person's accounting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whose {
    pub call: CallId,
    /// The first is 1, and each later word about the call has the next: the highest holds.
    pub number: u32,
    /// `None`: nobody of ours after all.
    pub person: Option<PersonId>,
    pub by: By,
    pub at: Time,
}

/// A word about one call that staff had to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phoned {
    pub call: CallId,
    /// The first is 1, and each later word about the call has the next: the highest holds.
    pub number: u32,
    pub what: Spoken,
    pub by: By,
    pub at: Time,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spoken {
    /// They were told that the person took a consent back.
    Told(Box<Said>),
    /// That was written by mistake, and the call is still to be made: why.
    Reopened(Personal<String>),
}

/// What was told by telephone, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub to: OrgId,
    pub to_name: String,
    /// Whom it was about, as our own staff know the person; nobody has to have said it.
    pub name: Personal<String>,
    pub thread: Option<ThreadId>,
    /// Who was spoken to there; may be empty.
    pub with: Personal<String>,
    /// What staff were given to say.
    pub says: Personal<String>,
}

impl Phoned {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        let fits = match &self.what {
            Spoken::Told(said) => {
                said.with.reveal().len() <= 4 * limits::NAME_CHARS && said.says.reveal().len() <= 4 * limits::TEXT_CHARS
            }
            Spoken::Reopened(why) => why.reveal().len() <= 4 * limits::TEXT_CHARS,
        };
        if fits { Ok(()) } else { Err(Fault::malformed("a call: a text is too long")) }
    }

    /// The call that a revocation heard for another asks for.
    #[must_use]
    pub const fn heard(record: EntryHash) -> CallId {
        CallId(record.0)
    }

    /// The call to who keeps a consent that was taken back here, as a whole or for `party` alone, with no way to say so in a referral.
    #[must_use]
    pub fn unsaid(part: ConsentId, party: Option<OrgId>) -> CallId {
        CallId(sha256(b"belay call unsaid v1\0", &[&part.0, &party.map_or([0; 32], |party| party.0)]))
    }

    /// The call to who was told something under a consent that ended for it or lets less be told: by word, or by this version.
    #[must_use]
    pub fn ended(consent: ConsentId, party: OrgId, version: u32, by_version: bool) -> CallId {
        let version = version.to_be_bytes();
        CallId(sha256(b"belay call v1\0", &[&consent.0, &party.0, &version, &[u8::from(by_version)]]))
    }
}

/// An act kept here only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalAct {
    pub thread: ThreadId,
    /// The newest entries of the thread, and the newest local acts, that its author knew.
    pub after: Vec<EntryHash>,
    pub by: By,
    pub act: Act,
    pub at: Time,
    /// To whom it was not told.
    pub not_told: OrgId,
}

impl PrivateBody {
    /// Version byte and postcard.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(vec![VERSION]);
        bytes.extend_from_slice(&Zeroizing::new(crate::codec::encode(self)));
        bytes
    }

    /// What a body says, with lengths checked.
    ///
    /// # Errors
    /// `Incompatible` for another version, `Malformed` for anything else that is no body.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let body: Self = versioned("private record", VERSION, bytes)?;
        match &body {
            Self::Person(person) => person.check()?,
            Self::Joined(joined) => joined.check()?,
            Self::Consent(consent) => consent.terms().check()?,
            Self::LocalAct(local) => local.act.check()?,
            Self::Outside(outside) => outside.check()?,
            Self::Disclosure(told) => told.law.as_deref().map_or(Ok(()), Lawful::check)?,
            Self::Drafted(drafted) => match &**drafted {
                Drafted::Terms { terms, .. } => terms.check()?,
                Drafted::Form(_) => {}
            },
            Self::Emergency(record) => record.check()?,
            Self::Withheld(withheld) => withheld.check()?,
            Self::Audit(audit) => audit.check()?,
            Self::Invite(invite) => invite.check()?,
            Self::Given(given) => given.check()?,
            Self::Struck(struck) => struck.check()?,
            Self::Judged(judged) => judged.check()?,
            Self::AgeReason(reason) => reason.check()?,
            Self::Planned(planned) => planned.check()?,
            Self::EventStruck(struck) => struck.check()?,
            Self::LeftOut(left_out) => left_out.check()?,
            Self::Doubted(doubted) => doubted.check()?,
            Self::Staff(_)
            | Self::Thread(_)
            | Self::Heard(_)
            | Self::Keys(_)
            | Self::Discarded { .. }
            | Self::Unreached(_)
            | Self::Whose(_)
            | Self::Unsaid(_)
            | Self::Read(_)
            | Self::Document(_) => {}
            Self::HeardFor(heard) => heard.check()?,
            Self::Phoned(phoned) => phoned.check()?,
            Self::Left(left) => bounded([&left.why], limits::TEXT_CHARS)?,
            Self::Linked(linked) => bounded([&linked.why, &linked.by.name], limits::TEXT_CHARS)?,
            Self::Attachment(attachment) => attachment.manifest.check()?,
            Self::Chunk(chunk) => {
                if chunk.0.len() > limits::CHUNK_BYTES {
                    return Err(Fault::malformed("attachment: a chunk is too long"));
                }
            }
        }
        Ok(body)
    }
}

/// Which of two records of one thing holds: the higher number, and of equals the later stage, then the lower hash.
#[must_use]
pub fn newer(a: (u32, u8, EntryHash), b: (u32, u8, EntryHash)) -> bool {
    (a.0, a.1, std::cmp::Reverse(a.2)) > (b.0, b.1, std::cmp::Reverse(b.2))
}

/// A name from the command line, bounded.
///
/// # Errors
/// `Misuse` if it is empty or too long.
pub fn name(what: &str, text: &str) -> Result<Personal<String>> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > limits::NAME_CHARS {
        let most = limits::NAME_CHARS;
        return Err(Fault::misuse(format!("{what} must have between 1 and {most} characters")));
    }
    Ok(Personal::from(text))
}
