//! Asking who is in, who may have what, and reading registers.

use super::allowance::Account;
use super::control::OrgCard;
use super::fold::Fold;
use super::graph::{Graph, Past, What};
use super::offer::Terms;
use super::record::{Member, Roster, SpaceKind, SpaceRecord};
use super::register::{self, Register, RegisterTaken};
use super::rows::{self, SeatRow};
use super::spaces::{By, Spaces};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, PrekeyId, SpaceId};
use crate::keys::{Certificate, PrekeyPublic, PrekeySecret, RootPublic};
use crate::limits;
use crate::planted::{self, Bug};
use crate::store::{Draft, Table, View};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Graph {
    /// Every certificate of the graph: founder's, admissions', certifications', in order of acceptance.
    fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        let facts = self.facts.iter().filter_map(|fact| match &fact.what {
            What::Grant { admits, .. } => admits.as_deref().map(|(_, certificate)| certificate),
            What::Certify { certificate, .. } => Some(certificate.as_ref()),
            What::Found
            | What::Revoke { .. }
            | What::Retire { .. }
            | What::Keep
            | What::Epoch { .. }
            | What::Extend { .. }
            | What::Ask { .. }
            | What::Approve { .. } => None,
        });
        self.certificate.iter().chain(facts)
    }

    /// Whether a root's certificate for a node stands among these control entries.
    pub(super) fn certified_in(&self, node: &NodeId, root: RootPublic, past: &Past) -> Result<bool> {
        self.any_certificate(past, |certificate| certificate.node == *node && certificate.root == root)
    }

    /// Whether such a certificate stands among these control entries.
    pub(super) fn any_certificate(&self, past: &Past, fits: impl Fn(&Certificate) -> bool) -> Result<bool> {
        if self.certificate.as_ref().is_some_and(&fits) {
            return Ok(true);
        }
        for at in past.own.iter() {
            let certified = match &self.fact(at)?.what {
                What::Grant { admits, .. } => admits.as_deref().is_some_and(|(_, certificate)| fits(certificate)),
                What::Certify { certificate, .. } => fits(certificate),
                What::Found
                | What::Revoke { .. }
                | What::Retire { .. }
                | What::Keep
                | What::Epoch { .. }
                | What::Extend { .. }
                | What::Ask { .. }
                | What::Approve { .. } => false,
            };
            if certified {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn certificate_of(&self, node: &NodeId) -> Option<&Certificate> {
        self.certificates().filter(|c| c.node == *node).max_by_key(|c| (c.issued, c.prekey.id()))
    }

    /// The prekey in a node's newest certificate.
    pub(super) fn certified_prekey(&self, node: &NodeId) -> Option<PrekeyPublic> {
        self.certificate_of(node).map(|certificate| certificate.prekey.clone())
    }

    fn roster(&self, fold: &Fold) -> Result<Roster> {
        let SpaceKind::Coalition { name } = &self.kind else {
            return Err(Fault::misuse("this space is no coalition"));
        };
        let chain = fold.charter.clone().ok_or_else(|| Fault::bug("roster: a coalition without a charter"))?;
        // Of several cards of one organisation, the one of the admission that most came before; ties by hash.
        let mut cards: BTreeMap<OrgId, ((u32, EntryHash), OrgCard)> = BTreeMap::new();
        if let Some(card) = &self.founder {
            cards.insert(self.custodian, ((0, EntryHash::ZERO), card.clone()));
        }
        for fact in &self.facts {
            let What::Grant { org, admits: Some(admits), .. } = &fact.what else { continue };
            let node = self.node(fact.entry)?;
            let rank = (self.past(node.past)?.own.len(), node.hash);
            if cards.get(org).is_none_or(|(best, _)| *best < rank) {
                cards.insert(*org, (rank, admits.0.clone()));
            }
        }
        let mut orgs: BTreeMap<OrgId, Member> = cards
            .into_iter()
            .map(|(org, (_, card))| {
                (org, Member { card, nodes: BTreeMap::new(), removed: !fold.members.contains_key(&org) })
            })
            .collect();
        for certificate in self.certificates() {
            if let Some(member) = orgs.get_mut(&certificate.root.org()) {
                let newest = member.nodes.get(&certificate.node);
                if newest.is_none_or(|c| (c.issued, c.prekey.id()) < (certificate.issued, certificate.prekey.id())) {
                    member.nodes.insert(certificate.node, certificate.clone());
                }
            }
        }
        Ok(Roster { coalition: self.space, name: name.clone(), chain, orgs, retired: fold.retired.clone() })
    }
}

impl Spaces {
    /// Whether a certificate for this node stands in a coalition or a private space, in force or not.
    ///
    /// # Errors
    /// `Misuse` if the space is not here; `Store`.
    pub fn is_certified(&mut self, view: &dyn View, space: SpaceId, node: NodeId) -> Result<bool> {
        Ok(self.opened(view, space)?.0.certificate_of(&node).is_some())
    }

    /// Every space that is here, in order of id.
    ///
    /// # Errors
    /// `Store`.
    pub fn spaces(&self, view: &dyn View) -> Result<Vec<SpaceRecord>> {
        let mut records = Vec::new();
        rows::each_under(view, Table::Space, &[], |_, value| {
            records.push(rows::read("space", value)?);
            Ok(())
        })?;
        Ok(records)
    }

    /// Coalitions and private spaces, in order of id: a few, however many threads there are.
    ///
    /// # Errors
    /// `Store`.
    pub fn no_threads(&self, view: &dyn View) -> Result<Vec<SpaceRecord>> {
        let mut records = Vec::new();
        for space in rows::no_threads(view)? {
            records.extend(self.record(view, space)?);
        }
        Ok(records)
    }

    /// Whether a node is in force in a coalition of this node's, or in its private space.
    ///
    /// # Errors
    /// `Store`.
    pub fn is_in_force(&mut self, view: &dyn View, node: NodeId) -> Result<bool> {
        for space in rows::no_threads(view)? {
            if self.fold(view, space)?.nodes.contains_key(&node) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The organisations with which this node is in some thread, as far as they are in, and its own: a few, however many threads
    /// there are.
    ///
    /// # Errors
    /// `Store`.
    pub fn sharing(&self, view: &dyn View) -> Result<BTreeSet<OrgId>> {
        rows::seated(view)
    }

    /// One space.
    ///
    /// # Errors
    /// `Store`.
    pub fn record(&self, view: &dyn View, space: SpaceId) -> Result<Option<SpaceRecord>> {
        view.get(Table::Space, space.as_bytes())?.map(|value| rows::read("space", &value)).transpose()
    }

    /// The spaces whose entries `org` may have now ([`Spaces::may_have`]), in order of id.
    ///
    /// # Errors
    /// `Store`.
    pub fn spaces_with(&mut self, view: &dyn View, org: OrgId, now: Time) -> Result<Vec<SpaceId>> {
        let mut spaces = Vec::new();
        for record in self.spaces(view)? {
            // Rosters are in memory; of threads only the row of their seats is read.
            let seated = match record.kind {
                SpaceKind::Coalition { .. } => true,
                SpaceKind::Private | SpaceKind::Thread { .. } => record.members.binary_search(&org).is_ok(),
            };
            if seated && self.may_have_by(view, &record, org, now)? {
                spaces.push(record.space);
            }
        }
        Ok(spaces)
    }

    /// Whether entries of the space may go to nodes of `org` now: it is in, and its time has not passed.
    ///
    /// # Errors
    /// `Store`.
    pub fn may_have(&mut self, view: &dyn View, space: SpaceId, org: OrgId, now: Time) -> Result<bool> {
        match self.record(view, space)? {
            Some(record) => self.may_have_by(view, &record, org, now),
            None => Ok(false),
        }
    }

    fn may_have_by(&mut self, view: &dyn View, record: &SpaceRecord, org: OrgId, now: Time) -> Result<bool> {
        match &record.kind {
            SpaceKind::Coalition { .. } => Ok(self.fold(view, record.space)?.members.contains_key(&org)),
            SpaceKind::Private => Ok(record.custodian == org),
            SpaceKind::Thread { coalition, .. } => {
                let Some(row) = view.get(Table::Fold, &rows::seat_key(org, record.space))? else { return Ok(false) };
                let seat: SeatRow = rows::read("seat", &row)?;
                let open = seat.member && seat.expires.is_none_or(|end| now < end);
                Ok(open && self.fold(view, *coalition)?.members.contains_key(&org))
            }
        }
    }

    /// Who is in, by all accepted entries of the space and all control entries of its coalition.
    ///
    /// # Errors
    /// `Misuse` if the space is not here; `Store`.
    pub fn fold(&mut self, view: &dyn View, space: SpaceId) -> Result<Arc<Fold>> {
        let (graph, coalition) = self.opened(view, space)?;
        graph.fold_now(coalition)
    }

    /// Whether an accepted `revoke` takes somebody out: not who is in all the same, since a grant follows it or it came too late for the one
    /// that stands; and in a coalition not if a later charter has made it void.
    ///
    /// # Errors
    /// `Misuse` if it is not here; `Store`.
    pub fn takes_out(&mut self, view: &dyn View, revoke: &EntryHash) -> Result<bool> {
        let (space, i) = self.place(view, revoke)?;
        let (graph, coalition) = self.pair(space)?;
        let Some(at) = graph.node(i)?.control else { return Ok(false) };
        let What::Revoke { org, .. } = &graph.fact(at)?.what else { return Ok(false) };
        if graph.fold_now(coalition)?.members.contains_key(org) {
            return Ok(false);
        }
        if !graph.is_coalition() {
            return Ok(true);
        }
        let linked = graph.chain_at(&super::bits::Bits::below(graph.controls()))?;
        graph.revocation_stands(&linked, at)
    }

    /// The revocations that take an organisation out of a space; none of who is in.
    ///
    /// # Errors
    /// `Misuse` if the space is not here; `Store`.
    pub fn removals(&mut self, view: &dyn View, space: SpaceId, org: &OrgId) -> Result<Vec<EntryHash>> {
        let (graph, _) = self.opened(view, space)?;
        let mut all = Vec::new();
        for at in 0..graph.controls() {
            if matches!(&graph.fact(at)?.what, What::Revoke { org: out, .. } if out == org) {
                all.push(graph.control_node(at)?.hash);
            }
        }
        let mut standing = Vec::new();
        for hash in all {
            if self.takes_out(view, &hash)? {
                standing.push(hash);
            }
        }
        Ok(standing)
    }

    /// The roster of a coalition.
    ///
    /// # Errors
    /// `Misuse` if it is not here or no coalition; `Store`.
    pub fn roster(&mut self, view: &dyn View, coalition: SpaceId) -> Result<Arc<Roster>> {
        let (graph, _) = self.opened(view, coalition)?;
        if let Some((controls, roster)) = &graph.roster
            && *controls == graph.controls()
        {
            return Ok(roster.clone());
        }
        let controls = graph.controls();
        let roster = Arc::new(graph.roster(&*graph.fold_now(None)?)?);
        if let Some(graph) = self.graphs.get_mut(&coalition) {
            graph.roster = Some((controls, roster.clone()));
        }
        Ok(roster)
    }

    /// The newest certificate of a node that stands in a coalition or private space.
    ///
    /// # Errors
    /// `Misuse` if the space is not here; `Store`.
    pub fn certificate(&mut self, view: &dyn View, space: SpaceId, node: &NodeId) -> Result<Option<Certificate>> {
        Ok(self.opened(view, space)?.0.certificate_of(node).cloned())
    }

    /// Takes a register of a node that is in its space now, or was. What one that was taken out published is kept and not read:
    /// whoever sent it may not have heard of the removal, or of a return that we have not heard of.
    ///
    /// # Errors
    /// `NotPermitted` if its node is not in it (yet); `Store`.
    pub fn offer_register(
        &mut self,
        draft: &mut Draft<'_>,
        register: &Register,
        now: Time,
        terms: Terms,
    ) -> Result<RegisterTaken> {
        let Some(org) = self.publisher(draft, register)? else {
            return Err(Fault::not_permitted("register: its node is in no such space, as far as is known here"));
        };
        let old = register::stored(draft, register.space, register.node, &register.name)?;
        let lower = planted::is(Bug::RegisterLowerWins);
        if old.as_ref().is_some_and(|old| (old.order() >= register.order()) != lower) {
            return Ok(RegisterTaken::Older);
        }
        if let Terms::Charged { own, .. } = terms
            && org != own
        {
            let account = Account { org, coalition: None };
            if account.left(draft, now)? <= 0 {
                return Ok(RegisterTaken::Late(account));
            }
            let bytes = i64::try_from(register.bytes().len()).unwrap_or(i64::MAX / 2);
            account.charge(draft, bytes + limits::ENTRY_COST, now)?;
        }
        if !register::put(draft, register, old.is_some())? {
            return Ok(RegisterTaken::Older);
        }
        self.outdate(register.space, false);
        Ok(if register.node == self.me { RegisterTaken::OwnNewer } else { RegisterTaken::Newer })
    }

    /// The organisation of a register's node, if that is in the space, or its organisation was, and the node is not retired.
    fn publisher(&mut self, view: &dyn View, register: &Register) -> Result<Option<OrgId>> {
        let (space, node) = (register.space, register.node);
        if !self.ensure(view, space)? {
            return Ok(None);
        }
        let fold = self.fold(view, space)?;
        // Of who has no place it is kept too, and not read: it may have one again, or has one where less was heard.
        if let Some(org) = fold.nodes.get(&node).or(fold.over.get(&node)) {
            return Ok(Some(*org));
        }
        if fold.removed.is_empty() || fold.retired.contains(&node) {
            return Ok(None);
        }
        let coalition = self.opened(view, space)?.0.coalition().unwrap_or(space);
        let roster = self.roster(view, coalition)?;
        let holder = roster.orgs.iter().find(|(_, member)| member.nodes.contains_key(&node));
        Ok(holder.map(|(org, _)| *org).filter(|org| fold.removed.contains(org)))
    }

    /// A register of a node that is in the space and not retired.
    ///
    /// # Errors
    /// `Store`.
    pub fn register(&mut self, view: &dyn View, space: SpaceId, node: NodeId, name: &str) -> Result<Option<Register>> {
        if !self.ensure(view, space)? || !self.fold(view, space)?.nodes.contains_key(&node) {
            return Ok(None);
        }
        register::stored(view, space, node, name)
    }

    /// All such registers of a space, in order of node and name.
    ///
    /// # Errors
    /// `Store`.
    pub fn registers(&mut self, view: &dyn View, space: SpaceId) -> Result<Vec<Register>> {
        if !self.ensure(view, space)? {
            return Ok(Vec::new());
        }
        let fold = self.fold(view, space)?;
        let mut registers = Vec::new();
        rows::each_under(view, Table::Register, space.as_bytes(), |_, value| {
            let register: Register = rows::read("register", value)?;
            if fold.nodes.contains_key(&register.node) {
                registers.push(register);
            }
            Ok(())
        })?;
        Ok(registers)
    }

    /// Signs and stores the next value of one of this node's registers.
    ///
    /// # Errors
    /// `Misuse` for a name or value over its bound, or a space that is not here.
    pub fn publish(
        &mut self,
        draft: &mut Draft<'_>,
        by: &mut By<'_>,
        space: SpaceId,
        name: &str,
        value: Vec<u8>,
    ) -> Result<Register> {
        let coalition = self.opened(draft, space)?.0.coalition();
        let control = match coalition {
            Some(coalition) => {
                let mut heads = self.control_heads(draft, coalition)?;
                heads.truncate(limits::CONTROL_HEADS);
                heads
            }
            None => Vec::new(),
        };
        let old = register::stored(draft, space, by.key.id(), name)?;
        let number = old.as_ref().map_or(1, |old| old.number.saturating_add(1));
        let register = Register::sign(by.key, space, name, number, control, value)?;
        if !register::put(draft, &register, old.is_some())? {
            return Err(Fault::misuse(format!(
                "a node publishes at most {} values in a space; this one would not be read",
                limits::REGISTERS_PER_NODE
            )));
        }
        self.outdate(space, false);
        Ok(register)
    }

    /// Keeps the private half of a prekey (or, during recovery, of the recovery key), so that wraps to it open.
    pub fn hold_prekey(&mut self, draft: &mut Draft<'_>, secret: &PrekeySecret, now: Time) {
        super::keyring::hold_prekey(draft, secret, now);
    }

    /// Those that a clock which was wrong dated later than `now` are as of the moment before it, so that the next is the newest.
    ///
    /// # Errors
    /// `Store`.
    pub fn date_prekeys_before(&mut self, draft: &mut Draft<'_>, now: Time) -> Result<()> {
        super::keyring::date_prekeys_before(draft, now)
    }

    /// Every prekey of this node whose private half is held, with when it was made.
    ///
    /// # Errors
    /// `Store`.
    pub fn prekeys(&self, view: &dyn View) -> Result<Vec<(Time, PrekeyId)>> {
        super::keyring::prekeys(view)
    }

    /// The newest of them.
    ///
    /// # Errors
    /// `Store`.
    pub fn newest_prekey_of_ours(&self, view: &dyn View) -> Result<Option<PrekeyPublic>> {
        super::keyring::newest_own_prekey(view)
    }

    /// Destroys the private half of a prekey.
    pub fn drop_prekey(&mut self, draft: &mut Draft<'_>, id: &PrekeyId) {
        draft.delete(Table::Prekey, id.0);
    }

    /// The key to which the epochs of a private space are wrapped beside its nodes'. `None` in other spaces.
    ///
    /// # Errors
    /// `Misuse` if the space is not here; `Store`.
    pub fn recovery_key(&mut self, view: &dyn View, space: SpaceId) -> Result<Option<PrekeyPublic>> {
        Ok(self.opened(view, space)?.0.recovery.clone())
    }

    /// How many accepted entries a space has.
    ///
    /// # Errors
    /// `Misuse` if the space is not here; `Store`.
    pub fn count_of(&mut self, view: &dyn View, space: SpaceId) -> Result<u32> {
        Ok(self.opened(view, space)?.0.len())
    }

    /// The private half of a prekey of this node, while it is held: what was wrapped to it outside of any space opens with it.
    ///
    /// # Errors
    /// `Store`.
    pub fn prekey(&self, view: &dyn View, id: &PrekeyId) -> Result<Option<PrekeySecret>> {
        super::keyring::prekey(view, id)
    }

    /// The newest prekey of a node of a coalition that is known here.
    ///
    /// # Errors
    /// `Misuse` if the coalition is not here; `Store`.
    pub fn prekey_of(&mut self, view: &dyn View, coalition: SpaceId, node: NodeId) -> Result<Option<PrekeyPublic>> {
        self.opened(view, coalition)?;
        self.newest_prekey(view, coalition, node)
    }

    /// Up to `limit` entries that waiting ones miss and that do not wait themselves, with the space of those that miss them and
    /// who sent those.
    ///
    /// # Errors
    /// `Store`.
    pub fn missed(&self, view: &dyn View, limit: usize) -> Result<Vec<(EntryHash, SpaceId, Option<NodeId>)>> {
        super::waiting::missed(view, limit)
    }
}
