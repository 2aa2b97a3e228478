//! The bodies of control entries: who is in, who is out, and which keys reach whom.

use super::entry::Kind;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, ProposalId, SpaceId};
use crate::keys::wrap::{SUITE_X25519, SUITE_XWING};
use crate::keys::{Certificate, Founding, PrekeyPublic, Retirement, RootPublic, Signature, Wrap};
use crate::limits;
use crate::plain::is_obeyed;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// What kind of partner an organisation is; decides what it may pass on (42 CFR 2.33) and the statements that a consent needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartnerKind {
    Part2Program,
    CoveredEntity,
    BusinessAssociate,
    NonCoveredCbo,
    CriminalJustice,
    LawEnforcement,
    ChildWelfare,
    HealthPlan,
    Other,
    /// A part 2 program that is a covered entity as well, as most are that bill a plan electronically (45 CFR 160.103): 2.33(b)(1) speaks of
    /// it, and not (b)(2).
    CoveredProgram,
}

impl PartnerKind {
    /// Whether its own records are records under 42 CFR part 2 (2.11).
    #[must_use]
    pub const fn is_program(self) -> bool {
        matches!(self, Self::Part2Program | Self::CoveredProgram)
    }
}

/// An organisation as the roster shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgCard {
    pub root: RootPublic,
    pub name: String,
    pub kind: PartnerKind,
}

/// Who stewards the coalition: each number is adopted by more than half of the stewards of the one before. Stewards admit, each alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charter {
    /// The first is 1.
    pub number: u32,
    /// Sorted.
    pub stewards: Vec<OrgId>,
    /// How many stewards must approve a removal.
    pub threshold: u32,
}

/// What a space is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// The coalition itself: roster, directory. The founder is its first steward and organisation.
    Coalition { name: String, charter: Charter, founder: OrgCard, certificate: Certificate },
    /// One organisation's own records. Its epochs are also wrapped to `recovery`.
    Private { founding: Founding },
    /// One audience and kind of information of a referral thread. What it is about stands sealed in its first bodies.
    Thread { coalition: SpaceId, custodian_reads: bool },
}

/// `found`: makes a space. Its author's organisation is the custodian.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub nonce: [u8; 32],
    pub purpose: Purpose,
}

/// A charter that is to follow another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Succession {
    /// The charter that it follows.
    pub previous: ProposalId,
    pub charter: Charter,
    /// Control entries of the coalition, sorted. What was approved under `previous` goes on counting if it lies at or before them.
    /// The approving stewards sign them, so that nobody moves that line alone.
    pub heads: Vec<EntryHash>,
}

/// An organisation that is to be taken out of the coalition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// The charter under which it is approved: an approval serves under no later one.
    pub under: ProposalId,
    pub org: OrgId,
    /// The grant that it ends: an approval serves for no later one.
    pub grant: Option<EntryHash>,
}

/// What stewards are asked to approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proposal {
    Charter(Succession),
    Removal(Removal),
}

/// `approve`: a steward's yes. The first for a proposal makes it known. A charter is in force once more than half of the stewards
/// before it have written theirs; approvals of a removal are gathered into its `revoke`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approve {
    pub proposal: Proposal,
    /// By the entry's author, over the coalition and the proposal: it can be shown apart from the entry.
    pub signature: Signature,
}

/// A steward's signature under the removal that a `revoke` carries out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub node: NodeId,
    pub signature: Signature,
}

/// `grant`: lets an organisation in. In the coalition space `admits` tells who it is and which node is its first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub org: OrgId,
    pub read: bool,
    pub write: bool,
    /// A node whose clock has passed this seals and sends nothing more to the organisation. Decides no membership.
    pub expires: Option<Time>,
    pub admits: Option<(OrgCard, Certificate)>,
}

/// `revoke`: takes an organisation out. It names the organisation and the grant, says whether that is the person's word, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoke {
    pub org: OrgId,
    /// The grant that it ends, as its author knew it.
    pub grant: Option<EntryHash>,
    pub approvals: Vec<Approval>,
    /// In a thread, by its custodian: the person took the consent back, for all or for this organisation (42 CFR 2.31(a)(6)). Of every
    /// other reason a removal says nothing.
    pub word: bool,
}

/// `epoch`: mints a random key for the space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Epoch {
    /// Binds the key, so that no two readers can open different bodies from one entry.
    pub commitment: [u8; 32],
    /// Sorted by node: the key, for each node of each reader.
    pub wraps: Vec<(NodeId, Wrap)>,
    /// The key, for the organisation's recovery key; in private spaces only.
    pub recovery: Option<Wrap>,
    /// Earlier epochs of this space, sorted, whose keys lie sealed under the new key in `bundle`, in the same order.
    pub earlier: Vec<EntryHash>,
    pub bundle: Vec<u8>,
}

/// `extend`: the keys of epochs, for further nodes. Each wrap holds the keys in the order of `epochs`, 32 bytes each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extend {
    /// Sorted.
    pub epochs: Vec<EntryHash>,
    /// Sorted by node.
    pub wraps: Vec<(NodeId, Wrap)>,
}

/// `ask`: its author lacks the keys of these epochs, and may be wrapped to with this prekey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Sorted.
    pub epochs: Vec<EntryHash>,
    pub prekey: PrekeyPublic,
}

/// `keep`: its parents name the last words of removed authors, so that they stand, or join heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep;

/// A control entry's body, by the kind in the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    Found(Found),
    Grant(Grant),
    Revoke(Revoke),
    Certify(Certificate),
    Retire(Retirement),
    Keep(Keep),
    Epoch(Epoch),
    Extend(Extend),
    Ask(Ask),
    Approve(Approve),
}

impl Control {
    /// The kind that the header of its entry names.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Found(_) => Kind::Found,
            Self::Grant(_) => Kind::Grant,
            Self::Revoke(_) => Kind::Revoke,
            Self::Certify(_) => Kind::Certify,
            Self::Retire(_) => Kind::Retire,
            Self::Keep(_) => Kind::Keep,
            Self::Epoch(_) => Kind::Epoch,
            Self::Extend(_) => Kind::Extend,
            Self::Ask(_) => Kind::Ask,
            Self::Approve(_) => Kind::Approve,
        }
    }

    /// The body of its entry.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Found(body) => codec::encode(body),
            Self::Grant(body) => codec::encode(body),
            Self::Revoke(body) => codec::encode(body),
            Self::Certify(body) => codec::encode(body),
            Self::Retire(body) => codec::encode(body),
            Self::Keep(body) => codec::encode(body),
            Self::Epoch(body) => codec::encode(body),
            Self::Extend(body) => codec::encode(body),
            Self::Ask(body) => codec::encode(body),
            Self::Approve(body) => codec::encode(body),
        }
    }

    /// Reads the body of a control entry and checks its shape: order, bounds, lengths. `None` for data.
    ///
    /// # Errors
    /// `Malformed`, saying what is wrong.
    pub fn decode(kind: Kind, body: &[u8]) -> Result<Option<Self>> {
        let control = match kind {
            Kind::Data => return Ok(None),
            Kind::Found => Self::Found(codec::decode("found", body)?),
            Kind::Grant => Self::Grant(codec::decode("grant", body)?),
            Kind::Revoke => Self::Revoke(codec::decode("revoke", body)?),
            Kind::Certify => Self::Certify(codec::decode("certify", body)?),
            Kind::Retire => Self::Retire(codec::decode("retire", body)?),
            Kind::Keep => Self::Keep(codec::decode("keep", body)?),
            Kind::Epoch => Self::Epoch(codec::decode("epoch", body)?),
            Kind::Extend => Self::Extend(codec::decode("extend", body)?),
            Kind::Ask => Self::Ask(codec::decode("ask", body)?),
            Kind::Approve => Self::Approve(codec::decode("approve", body)?),
        };
        control.check_shape()?;
        Ok(Some(control))
    }

    fn check_shape(&self) -> Result<()> {
        match self {
            Self::Found(found) => found.check_shape(),
            Self::Grant(grant) => {
                ensure(grant.read || grant.write, "grant: lets nobody read or write")?;
                match &grant.admits {
                    Some((card, certificate)) => {
                        card.check_shape()?;
                        check_prekey(&certificate.prekey)
                    }
                    None => Ok(()),
                }
            }
            Self::Revoke(revoke) => check_approvals(&revoke.approvals),
            Self::Certify(certificate) => check_prekey(&certificate.prekey),
            Self::Retire(_) | Self::Keep(_) => Ok(()),
            Self::Epoch(epoch) => {
                check_wraps(&epoch.wraps, 32)?;
                check_wrap(epoch.recovery.as_ref(), 32)?;
                check_epochs("epoch", &epoch.earlier)?;
                let most = 32 * epoch.earlier.len() + 128;
                ensure(epoch.bundle.len() <= most, "epoch: its bundle is longer than the keys that it names")?;
                ensure(epoch.earlier.is_empty() == epoch.bundle.is_empty(), "epoch: earlier epochs and bundle disagree")
            }
            Self::Extend(extend) => {
                ensure(!extend.epochs.is_empty(), "extend: names no epoch")?;
                ensure(!extend.wraps.is_empty(), "extend: reaches no node")?;
                check_epochs("extend", &extend.epochs)?;
                check_wraps(&extend.wraps, 32 * extend.epochs.len())
            }
            Self::Ask(ask) => {
                ensure(!ask.epochs.is_empty(), "ask: names no epoch")?;
                check_epochs("ask", &ask.epochs)?;
                check_prekey(&ask.prekey)
            }
            Self::Approve(approve) => match &approve.proposal {
                Proposal::Charter(next) => {
                    next.charter.check_shape()?;
                    let sorted = next.heads.windows(2).all(|w| matches!(w, [a, b] if a < b));
                    ensure(
                        sorted && (1..=limits::CONTROL_HEADS).contains(&next.heads.len()),
                        "charter: its heads are none, too many, not sorted, or repeat",
                    )
                }
                Proposal::Removal(_) => Ok(()),
            },
        }
    }
}

impl Found {
    fn check_shape(&self) -> Result<()> {
        match &self.purpose {
            Purpose::Coalition { name, charter, founder, certificate } => {
                ensure(named(name), "found: a coalition needs a name of at most 200 characters")?;
                charter.check_shape()?;
                founder.check_shape()?;
                check_prekey(&certificate.prekey)
            }
            Purpose::Private { founding } => check_prekey(&founding.recovery),
            Purpose::Thread { .. } => Ok(()),
        }
    }
}

impl OrgCard {
    fn check_shape(&self) -> Result<()> {
        ensure(named(&self.name), "organisation: needs a name of at most 200 characters")
    }
}

impl Charter {
    /// How many of its stewards adopt the next charter: more than half.
    #[must_use]
    pub fn majority(&self) -> usize {
        self.stewards.len() / 2 + 1
    }

    fn check_shape(&self) -> Result<()> {
        let sorted = self.stewards.windows(2).all(|w| matches!(w, [a, b] if a < b));
        ensure(sorted && !self.stewards.is_empty(), "charter: its stewards are none, not sorted, or repeat")?;
        ensure(self.stewards.len() <= limits::STEWARDS, "charter: too many stewards")?;
        let threshold = usize::try_from(self.threshold).unwrap_or(usize::MAX);
        ensure(
            self.number > 0 && (1..=self.stewards.len()).contains(&threshold),
            "charter: number or threshold is out of range",
        )
    }
}

fn ensure(holds: bool, otherwise: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(Fault::malformed(otherwise)) }
}

fn named(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= limits::NAME_CHARS && !name.chars().any(is_obeyed)
}

fn check_approvals(approvals: &[Approval]) -> Result<()> {
    let sorted = approvals.windows(2).all(|w| matches!(w, [a, b] if a.node < b.node));
    ensure(sorted && approvals.len() <= limits::STEWARDS, "approvals: too many, not sorted by node, or repeated")
}

fn check_epochs(what: &str, epochs: &[EntryHash]) -> Result<()> {
    let sorted = epochs.windows(2).all(|w| matches!(w, [a, b] if a < b));
    ensure(
        sorted && epochs.len() <= limits::EPOCHS_NAMED,
        &format!("{what}: its epochs are too many, not sorted, or repeat"),
    )
}

fn check_prekey(prekey: &PrekeyPublic) -> Result<()> {
    let fits = match prekey.suite {
        SUITE_XWING => prekey.key.len() == 1_216,
        SUITE_X25519 => prekey.key.len() == 32,
        _ => return Err(Fault::incompatible(format!("prekey: suite {} is not known to this program", prekey.suite))),
    };
    ensure(fits, "prekey: not the length of its suite")
}

fn check_wraps(wraps: &[(NodeId, Wrap)], secret: usize) -> Result<()> {
    let sorted = wraps.windows(2).all(|w| matches!(w, [(a, _), (b, _)] if a < b));
    ensure(sorted && wraps.len() <= limits::WRAPS, "wraps: too many, not sorted by node, or repeated")?;
    wraps.iter().try_for_each(|(_, wrap)| check_wrap(Some(wrap), secret))
}

fn check_wrap(wrap: Option<&Wrap>, secret: usize) -> Result<()> {
    let Some(wrap) = wrap else { return Ok(()) };
    let encapsulated = match wrap.suite {
        SUITE_XWING => 1_120,
        SUITE_X25519 => 32,
        _ => return Err(Fault::incompatible(format!("wrap: suite {} is not known to this program", wrap.suite))),
    };
    ensure(
        wrap.encapsulated.len() == encapsulated && wrap.sealed.len() == secret + 16,
        "wrap: not the lengths of its suite",
    )
}
