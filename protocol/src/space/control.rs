//! The bodies of control entries: who is in, who is out, and which keys reach whom.

use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::keys::{Certificate, PrekeyPublic, Retirement, RootPublic, Signature, Wrap};
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
}

/// An organisation as the roster shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgCard {
    pub root: RootPublic,
    pub name: String,
    pub kind: PartnerKind,
}

/// Who stewards the coalition: each number is adopted by more than half of the stewards of the one before.
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
    Private { certificate: Certificate, recovery: PrekeyPublic },
    /// One audience and kind of information of a referral thread. What it is about stands sealed in its first bodies.
    Thread { coalition: SpaceId, custodian_reads: bool },
}

/// `found`: makes a space. Its author's organisation is the custodian.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub nonce: [u8; 32],
    pub purpose: Purpose,
}

/// A steward's signature under a proposal: format now, thresholds above one later.
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
    pub approvals: Vec<Approval>,
}

/// `revoke`: takes an organisation out. It names the organisation and the grant and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoke {
    pub org: OrgId,
    /// The grant that it ends, as its author knew it.
    pub grant: Option<EntryHash>,
    pub approvals: Vec<Approval>,
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
    Charter(Charter, Vec<Approval>),
}
