//! The accepted entries of one space, in their order of acceptance, and the causal past of each.
//!
//! Sets are over control entries only, numbered by their own order of acceptance, so that a space with many data entries stays
//! cheap: entries under the same control entries share one [`Past`].

use super::bits::Bits;
use super::control::{Charter, Control, Found, OrgCard, Proposal, Purpose};
use super::counted::Counts;
use super::entry::Kind;
use super::fold::Memo;
use super::handed::Handed;
use super::record::{Roster, SpaceKind};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, ProposalId, SpaceId};
use crate::keys::{Certificate, PrekeyPublic, Signature};
use crate::limits;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The control entries that an entry follows: of its own space, and (in threads) of the coalition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Past {
    pub own: Bits,
    pub coalition: Bits,
}

impl Past {
    pub fn join(&mut self, other: &Self) {
        self.own.join(&other.own);
        self.coalition.join(&other.coalition);
    }
}

/// What the store keeps of an accepted entry beside its bytes, in `Table::Order` behind its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    pub author: NodeId,
    /// The author's organisation, by the entry's causal past.
    pub org: OrgId,
    pub kind: Kind,
    /// By order of acceptance.
    pub parents: Vec<u32>,
    /// The coalition's control heads in its header.
    pub control: Vec<EntryHash>,
    /// Data: the epoch that its header names.
    pub epoch: Option<EntryHash>,
    /// What the author's clock said.
    pub time: Time,
}

/// One accepted entry.
#[derive(Debug)]
pub(super) struct Node {
    pub hash: EntryHash,
    pub author: NodeId,
    pub org: OrgId,
    pub kind: Kind,
    pub parents: Vec<u32>,
    /// Its causal past, without itself; a number in `Graph::pasts`.
    pub past: u32,
    /// The same with itself.
    pub through: u32,
    /// Control entries: its number among them.
    pub control: Option<u32>,
    /// Data: the control entry that minted its epoch, if that lies in its past.
    pub epoch: Option<u32>,
}

/// What a control entry says, without what only its recipients need.
#[derive(Debug)]
pub(super) enum What {
    Found,
    /// `under`: in a coalition, the charter in force in its causal past; so for the others.
    Grant {
        org: OrgId,
        read: bool,
        write: bool,
        expires: Option<Time>,
        admits: Option<Box<(OrgCard, Certificate)>>,
        under: ProposalId,
    },
    /// `approvers`: the stewards that approve it, its author's organisation with them.
    Revoke {
        org: OrgId,
        approvers: BTreeSet<OrgId>,
        under: ProposalId,
    },
    Certify {
        certificate: Box<Certificate>,
        org: OrgId,
    },
    Retire {
        node: NodeId,
    },
    Keep,
    Epoch {
        reach: BTreeSet<NodeId>,
        commitment: [u8; 32],
        earlier: Vec<EntryHash>,
    },
    Extend {
        epochs: Vec<EntryHash>,
        reach: BTreeSet<NodeId>,
    },
    Ask {
        epochs: Vec<EntryHash>,
        prekey: PrekeyPublic,
    },
    /// `cut`: the control entries at or before the heads that a charter names.
    Approve {
        id: ProposalId,
        proposal: Proposal,
        signature: Signature,
        cut: Bits,
    },
}

/// A control entry.
#[derive(Debug)]
pub(super) struct Fact {
    /// Its number in `Graph::nodes`.
    pub entry: u32,
    /// What its author's clock said: no rule asks for it, only how long an epoch is used.
    pub time: Time,
    pub what: What,
}

/// The graph of one space.
#[derive(Debug)]
pub(super) struct Graph {
    pub space: SpaceId,
    pub kind: SpaceKind,
    pub custodian: OrgId,
    /// Coalition: the founder's certificate.
    pub certificate: Option<Certificate>,
    /// Coalition: its founder's card.
    pub founder: Option<OrgCard>,
    /// Coalition: charter number one.
    pub charter: Option<Charter>,
    /// Private: the key to which epochs are wrapped as well.
    pub recovery: Option<PrekeyPublic>,
    pub nodes: Vec<Node>,
    pub index: BTreeMap<EntryHash, u32>,
    pub facts: Vec<Fact>,
    pasts: Vec<Past>,
    past_numbers: BTreeMap<Past, u32>,
    /// Accepted entries that no other follows.
    pub heads: BTreeSet<u32>,
    /// Data entries by the control entry that minted their epoch.
    pub by_epoch: BTreeMap<u32, Vec<u32>>,
    /// Coalition: each organisation's data entries that no other of its data entries follows.
    pub data_heads: BTreeMap<OrgId, BTreeSet<u32>>,
    /// What may take somebody out among the control entries: revocations, retirements, approvals of charters.
    pub removal_facts: Vec<u32>,
    /// The extends among them.
    pub extends: Vec<u32>,
    /// The asks among them by author, in the same order.
    pub asks_of: BTreeMap<NodeId, Vec<u32>>,
    /// Those that were not found to be settled: answered for all that they name, which nothing undoes.
    pub asks_open: RefCell<BTreeMap<NodeId, BTreeSet<u32>>>,
    /// The approvals among them.
    pub approvals: Vec<u32>,
    /// Coalition: its roster, as of so many control entries.
    pub roster: Option<(u32, Arc<Roster>)>,
    /// Coalition: what a newcomer is handed.
    pub handed: Handed,
    pub memo: RefCell<Memo>,
    pub counts: Option<Counts>,
    /// Those that count now and did not, or count no more, and of which nobody was told yet.
    pub turned: BTreeSet<u32>,
    /// When it was last used, by the cache's own count.
    pub used: u64,
    /// Bytes of memory that it takes, about.
    pub weight: usize,
}

/// Bytes of an entry in a graph: its node, its names in two indexes.
pub(super) const NODE_BYTES: usize = 320;
/// Bytes more of a control entry, about: what it says.
pub(super) const FACT_BYTES: usize = 1_024;

impl Graph {
    /// An empty graph for what a `found` entry makes. `custodian`: its author's organisation.
    pub fn new(space: SpaceId, found: &Found, custodian: OrgId) -> Self {
        let (kind, certificate, founder, charter, recovery) = match &found.purpose {
            Purpose::Coalition { name, charter, founder, certificate } => (
                SpaceKind::Coalition { name: name.clone() },
                Some(certificate.clone()),
                Some(founder.clone()),
                Some(charter.clone()),
                None,
            ),
            Purpose::Private { founding } => (SpaceKind::Private, None, None, None, Some(founding.recovery.clone())),
            Purpose::Thread { coalition, custodian_reads } => {
                (SpaceKind::Thread { coalition: *coalition, custodian_reads: *custodian_reads }, None, None, None, None)
            }
        };
        Self {
            space,
            kind,
            custodian,
            certificate,
            founder,
            charter,
            recovery,
            nodes: Vec::new(),
            index: BTreeMap::new(),
            facts: Vec::new(),
            pasts: Vec::new(),
            past_numbers: BTreeMap::new(),
            heads: BTreeSet::new(),
            by_epoch: BTreeMap::new(),
            data_heads: BTreeMap::new(),
            removal_facts: Vec::new(),
            extends: Vec::new(),
            asks_of: BTreeMap::new(),
            asks_open: RefCell::default(),
            approvals: Vec::new(),
            roster: None,
            handed: Handed::default(),
            memo: RefCell::default(),
            counts: None,
            turned: BTreeSet::new(),
            used: 0,
            weight: 0,
        }
    }

    /// The coalition to which a thread belongs.
    pub const fn coalition(&self) -> Option<SpaceId> {
        match self.kind {
            SpaceKind::Thread { coalition, .. } => Some(coalition),
            SpaceKind::Coalition { .. } | SpaceKind::Private => None,
        }
    }

    pub const fn is_coalition(&self) -> bool {
        matches!(self.kind, SpaceKind::Coalition { .. })
    }

    pub fn len(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    pub fn controls(&self) -> u32 {
        u32::try_from(self.facts.len()).unwrap_or(u32::MAX)
    }

    pub fn node(&self, i: u32) -> Result<&Node> {
        self.nodes.get(i as usize).ok_or_else(|| Fault::bug("graph: no entry has this number"))
    }

    pub fn fact(&self, c: u32) -> Result<&Fact> {
        self.facts.get(c as usize).ok_or_else(|| Fault::bug("graph: no control entry has this number"))
    }

    /// The entry behind a control entry's number.
    pub fn control_node(&self, c: u32) -> Result<&Node> {
        self.node(self.fact(c)?.entry)
    }

    pub fn past(&self, number: u32) -> Result<&Past> {
        self.pasts.get(number as usize).ok_or_else(|| Fault::bug("graph: no past has this number"))
    }

    /// The control entries that control entry `c` follows, without itself.
    pub fn past_of(&self, c: u32) -> Result<&Past> {
        self.past(self.control_node(c)?.past)
    }

    /// The number of a control entry of this graph, by its name.
    pub fn control_number(&self, hash: &EntryHash) -> Option<u32> {
        let node = self.nodes.get(*self.index.get(hash)? as usize)?;
        node.control
    }

    /// The control entries at or before these entries, and before the given control heads of the coalition.
    pub fn past_through(&self, parents: &[u32], coalition: Option<&Self>, control: &[EntryHash]) -> Result<Past> {
        let mut past = Past::default();
        for &parent in parents {
            past.join(self.past(self.node(parent)?.through)?);
        }
        if let Some(coalition) = coalition {
            for head in control {
                let c = coalition.control_number(head).ok_or_else(|| Fault::bug("graph: unknown control head"))?;
                if !past.coalition.has(c) {
                    past.coalition.join(&coalition.past_of(c)?.own);
                    past.coalition.add(c);
                }
            }
        }
        Ok(past)
    }

    /// All control entries of this graph, and all of the coalition.
    pub fn whole(&self, coalition: Option<&Self>) -> Past {
        Past {
            own: Bits::below(self.controls()),
            coalition: coalition.map(|k| Bits::below(k.controls())).unwrap_or_default(),
        }
    }

    fn number(&mut self, past: Past) -> u32 {
        if let Some(&number) = self.past_numbers.get(&past) {
            return number;
        }
        let number = u32::try_from(self.pasts.len()).unwrap_or(u32::MAX);
        // Twice, by number and by value.
        self.weight += 2 * (past.own.bytes() + past.coalition.bytes() + size_of::<Past>());
        self.pasts.push(past.clone());
        self.past_numbers.insert(past, number);
        number
    }

    /// Takes an entry that was accepted; `past` is its causal past. Returns its number.
    pub fn push(&mut self, hash: EntryHash, row: &Row, past: Past, control: Option<Control>) -> Result<u32> {
        let i = self.len();
        self.weight += NODE_BYTES + if control.is_some() { FACT_BYTES } else { 0 };
        let epoch = row.epoch.and_then(|epoch| self.control_number(&epoch)).filter(|&c| {
            past.own.has(c) && matches!(self.facts.get(c as usize).map(|f| &f.what), Some(What::Epoch { .. }))
        });
        let mut through = past.clone();
        let number = control.is_some().then(|| self.controls());
        if let Some(c) = number {
            through.own.add(c);
        }
        let what = control.map(|control| self.what(control, row, &past)).transpose()?;
        let (past, through) = (self.number(past), self.number(through));
        if let Some(what) = what {
            let at = self.controls();
            match &what {
                What::Revoke { .. } | What::Retire { .. } => self.removal_facts.push(at),
                What::Extend { .. } => self.extends.push(at),
                What::Ask { .. } => {
                    self.asks_of.entry(row.author).or_default().push(at);
                    self.asks_open.get_mut().entry(row.author).or_default().insert(at);
                }
                What::Approve { proposal, .. } => {
                    self.approvals.push(at);
                    if matches!(proposal, Proposal::Charter(_)) {
                        self.removal_facts.push(at);
                    }
                }
                What::Found | What::Grant { .. } | What::Certify { .. } | What::Keep | What::Epoch { .. } => {}
            }
            self.facts.push(Fact { entry: i, time: row.time, what });
        }
        for parent in &row.parents {
            self.heads.remove(parent);
        }
        self.heads.insert(i);
        if let Some(c) = epoch {
            self.by_epoch.entry(c).or_default().push(i);
        }
        if self.is_coalition() && row.kind == Kind::Data {
            let heads = self.data_heads.entry(row.org).or_default();
            for parent in &row.parents {
                heads.remove(parent);
            }
            heads.insert(i);
        }
        self.index.insert(hash, i);
        self.nodes.push(Node {
            hash,
            author: row.author,
            org: row.org,
            kind: row.kind,
            parents: row.parents.clone(),
            past,
            through,
            control: number,
            epoch,
        });
        Ok(i)
    }

    /// The hashes of entries, sorted.
    pub fn hashes(&self, numbers: impl IntoIterator<Item = u32>) -> Vec<EntryHash> {
        let mut hashes: Vec<_> =
            numbers.into_iter().filter_map(|i| self.nodes.get(i as usize)).map(|node| node.hash).collect();
        hashes.sort_unstable();
        hashes
    }

    /// Of some entries [`limits::LAST_WORDS`] of each author, those that came first and those that came last, sorted: what is named so that it
    /// goes on counting.
    pub fn last_words(&self, of: BTreeSet<u32>) -> Vec<EntryHash> {
        let mut by_author: BTreeMap<NodeId, Vec<u32>> = BTreeMap::new();
        for i in of {
            if let Some(node) = self.nodes.get(i as usize) {
                by_author.entry(node.author).or_default().push(i);
            }
        }
        self.hashes(by_author.into_values().flat_map(|words| {
            let (first, rest) = words.split_at(words.len().min(limits::LAST_WORDS / 2));
            let last = rest.split_at(rest.len().saturating_sub(limits::LAST_WORDS / 2)).1;
            [first, last].concat()
        }))
    }

    /// Of some entries the newest so many of each author, sorted.
    pub fn newest_of_each(&self, of: BTreeSet<u32>, most: usize) -> Vec<EntryHash> {
        let mut by_author: BTreeMap<NodeId, usize> = BTreeMap::new();
        self.hashes(of.into_iter().rev().filter(|i| {
            let Some(node) = self.nodes.get(*i as usize) else { return false };
            let many = by_author.entry(node.author).or_default();
            *many += 1;
            *many <= most
        }))
    }

    /// The entries at or before the given ones. One pass from the newest down.
    pub fn closure(&self, from: impl IntoIterator<Item = u32>) -> Bits {
        let mut set: Bits = from.into_iter().collect();
        for i in (0..self.len()).rev() {
            if set.has(i) {
                for &parent in self.nodes.get(i as usize).map_or(&[][..], |node| &node.parents) {
                    set.add(parent);
                }
            }
        }
        set
    }

    /// The charter in force where an entry stands; none in spaces that have no charter.
    fn under(&self, past: &Past) -> Result<ProposalId> {
        if self.is_coalition() { self.force_at(&past.own) } else { Ok(ProposalId::ZERO) }
    }

    /// What an entry of this past says, with what follows from its past for good.
    fn what(&self, control: Control, row: &Row, past: &Past) -> Result<What> {
        let reach = |wraps: Vec<(NodeId, crate::keys::Wrap)>| wraps.into_iter().map(|(node, _)| node).collect();
        Ok(match control {
            Control::Found(_) => What::Found,
            Control::Grant(g) => What::Grant {
                org: g.org,
                read: g.read,
                write: g.write,
                expires: g.expires,
                admits: g.admits.map(Box::new),
                under: self.under(past)?,
            },
            Control::Revoke(r) => {
                let mut approvers = BTreeSet::from([row.org]);
                if !r.approvals.is_empty() {
                    let fold = self.fold_at(None, past)?;
                    approvers.extend(r.approvals.iter().filter_map(|a| fold.nodes.get(&a.node)));
                }
                What::Revoke { org: r.org, approvers, under: self.under(past)? }
            }
            Control::Certify(c) => What::Certify { org: c.root.org(), certificate: Box::new(c) },
            Control::Retire(r) => What::Retire { node: r.node },
            Control::Keep(_) => What::Keep,
            Control::Epoch(e) => What::Epoch { reach: reach(e.wraps), commitment: e.commitment, earlier: e.earlier },
            Control::Extend(e) => What::Extend { epochs: e.epochs, reach: reach(e.wraps) },
            Control::Ask(a) => What::Ask { epochs: a.epochs, prekey: a.prekey },
            Control::Approve(a) => {
                let cut = match &a.proposal {
                    Proposal::Charter(next) => self.at_or_before(&next.heads)?,
                    Proposal::Removal(_) => Bits::default(),
                };
                let id = super::approve::id(self.space, &a.proposal);
                What::Approve { id, proposal: a.proposal, signature: a.signature, cut }
            }
        })
    }

    /// The control entries at or before these, all of which are here.
    pub fn at_or_before(&self, heads: &[EntryHash]) -> Result<Bits> {
        let mut set = Bits::default();
        for head in heads {
            let c = self.control_number(head).ok_or_else(|| Fault::bug("graph: unknown control head"))?;
            set.join(&self.past_of(c)?.own);
            set.add(c);
        }
        Ok(set)
    }
}
