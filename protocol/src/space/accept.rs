//! What may join a space. Looks at the entry and its causal past alone: the same answer at every node, for ever.

use super::approve;
use super::control::{Approve, Charter, Control, Found, Grant, Proposal, Purpose, Removal, Revoke, Succession};
use super::entry::{Entry, Kind};
use super::fold::Fold;
use super::graph::{Graph, Past, What};
use super::record::SpaceKind;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, ProposalId};
use crate::keys::node::Purpose as Signs;
use crate::keys::{Certificate, Retirement};
use crate::planted::{self, Bug};

/// An entry with all that decides about it.
pub(super) struct Case<'c> {
    pub graph: &'c Graph,
    /// The coalition of a thread.
    pub coalition: Option<&'c Graph>,
    pub entry: &'c Entry,
    /// Its body, if it is a control entry.
    pub control: Option<&'c Control>,
    /// Its parents, by number.
    pub parents: &'c [u32],
    pub past: &'c Past,
    /// The fold of its causal past.
    pub fold: &'c Fold,
}

fn refuse<T>(why: &str) -> Result<T> {
    Err(Fault::misbehaved(why))
}

fn ensure(holds: bool, otherwise: &str) -> Result<()> {
    if holds { Ok(()) } else { refuse(otherwise) }
}

/// Checks a `found` entry. `coalition` and `past` are those of a thread. Returns the custodian.
pub(super) fn found(entry: &Entry, found: &Found, coalition: Option<&Graph>, past: &Past) -> Result<OrgId> {
    let author = entry.header().author;
    match &found.purpose {
        Purpose::Coalition { charter, founder, certificate, .. } => {
            ensure(entry.header().control.is_empty(), "found: a coalition names no control heads")?;
            let org = certificate.verify()?;
            ensure(
                certificate.node == author && certificate.root == founder.root,
                "found: its certificate is not its author's",
            )?;
            ensure(
                charter.number == 1 && charter.stewards.contains(&org),
                "found: charter number one names the founder",
            )?;
            Ok(org)
        }
        Purpose::Private { founding } => {
            ensure(entry.header().control.is_empty(), "found: a private space names no control heads")?;
            let org = founding.verify()?;
            let theirs = founding.key == author || planted::is(Bug::FoundingUnchecked);
            ensure(theirs, "found: not by the key that its root names for it")?;
            Ok(org)
        }
        Purpose::Thread { .. } => {
            let coalition = coalition.ok_or_else(|| Fault::bug("found: a thread without its coalition"))?;
            ensure(!entry.header().control.is_empty(), "found: a thread names the coalition's control heads")?;
            let roster = coalition.fold_at(None, &Past { own: past.coalition.clone(), ..Past::default() })?;
            match roster.nodes.get(&author) {
                Some(org) => Ok(*org),
                None => refuse("found: its author is no node of the coalition"),
            }
        }
    }
}

impl Case<'_> {
    fn author(&self) -> NodeId {
        self.entry.header().author
    }

    /// The author's organisation, if the entry may join.
    ///
    /// # Errors
    /// `Misbehaved`, saying which rule it breaks.
    pub fn check(&self) -> Result<OrgId> {
        let thread = self.coalition.is_some();
        ensure(thread || self.entry.header().control.is_empty(), "entry: only a thread's entries name control heads")?;
        let org = self.check_author()?;
        match &self.graph.kind {
            SpaceKind::Coalition { .. } => self.check_coalition(org)?,
            SpaceKind::Private => self.check_private(org)?,
            SpaceKind::Thread { .. } => self.check_thread(org)?,
        }
        Ok(org)
    }

    /// A node that its organisation's root certified may say so itself: a lost machine comes back that way. One that has no place may
    /// carry what the root says of other nodes: who lost all that have one can still retire them.
    fn check_author(&self) -> Result<OrgId> {
        let author = self.author();
        if self.fold.retired.contains(&author) {
            return refuse("entry: its author was retired in its causal past");
        }
        if let Some(org) = self.fold.nodes.get(&author) {
            return Ok(*org);
        }
        let by_root =
            matches!(self.control, Some(Control::Certify(_) | Control::Retire(_))) && self.coalition.is_none();
        if let Some(org) = self.fold.over.get(&author).filter(|_| by_root) {
            return Ok(*org);
        }
        if let Some(Control::Certify(certificate)) = self.control {
            let org = certificate.root.org();
            if certificate.node == author && self.fold.members.contains_key(&org) && by_root {
                return Ok(org);
            }
        }
        refuse("entry: its author is no node of a member in its causal past")
    }

    fn check_coalition(&self, org: OrgId) -> Result<()> {
        self.check_apart(org)?;
        match self.control {
            None => ensure(self.entry.header().epoch.is_none(), "data: the coalition's bodies are not sealed"),
            Some(Control::Found(_)) => refuse("found: stands only at the start of a space"),
            Some(Control::Grant(grant)) => self.check_admission(grant, org),
            Some(Control::Revoke(revoke)) => self.check_removal(revoke, org),
            Some(Control::Certify(certificate)) => self.check_certify(certificate, org),
            Some(Control::Retire(retirement)) => self.check_retire(retirement, org),
            Some(Control::Keep(_)) => Ok(()),
            Some(Control::Approve(approve)) => self.check_approve(approve, org),
            Some(Control::Epoch(_) | Control::Extend(_) | Control::Ask(_)) => {
                refuse("epoch: the coalition's bodies are not sealed")
            }
        }
    }

    /// In the coalition each organisation's part stands alone: an entry names as parents control entries, and of the data only
    /// its own organisation's; a removal also the last words of whom it removes, and a `keep` whatever it saves.
    fn check_apart(&self, org: OrgId) -> Result<()> {
        let of = match self.control {
            None => org,
            Some(Control::Keep(_)) => return Ok(()),
            Some(Control::Revoke(revoke)) => revoke.org,
            Some(Control::Retire(_)) => org,
            Some(_) => OrgId::ZERO,
        };
        for &parent in self.parents {
            let node = self.graph.node(parent)?;
            ensure(
                node.kind.is_control() || node.org == of,
                "entry: follows data of another organisation in the coalition",
            )?;
        }
        Ok(())
    }

    fn is_steward(&self, org: &OrgId) -> bool {
        self.fold.charter.as_ref().is_some_and(|chain| chain.names(org)) && self.fold.members.contains_key(org)
    }

    /// The charter in force in the causal past.
    fn in_force(&self) -> Result<(ProposalId, &Charter)> {
        let chain = self.fold.charter.as_ref();
        chain.and_then(|chain| chain.in_force()).ok_or_else(|| Fault::bug("charter: a coalition has one"))
    }

    fn check_approve(&self, approve: &Approve, org: OrgId) -> Result<()> {
        let said = approve::message(self.graph.space, &approve.proposal);
        ensure(
            crate::keys::node::verify(&self.author().0, Signs::Approval, &[&said], &approve.signature),
            "approve: not signed by its author",
        )?;
        match &approve.proposal {
            Proposal::Charter(next) => {
                self.check_succession(next, &approve::id(self.graph.space, &approve.proposal), org)
            }
            Proposal::Removal(removal) => {
                ensure(removal.under == self.in_force()?.0, "approve: a removal under a charter that is not in force")?;
                ensure(self.is_steward(&org), "approve: not by a steward")?;
                ensure(removal.org != org, "approve: its own removal; an organisation leaves by itself")?;
                ensure(self.fold.members.contains_key(&removal.org), "approve: removes who is not in")?;
                self.check_names_grant(&removal.org, removal.grant.as_ref())
            }
        }
    }

    /// A charter follows the one in force. Who approves one that is in force already, or was, makes it stronger against a rival: that
    /// is a matter of the stewards before it.
    fn check_succession(&self, next: &Succession, id: &ProposalId, org: OrgId) -> Result<()> {
        if let Some(before) = self.fold.charter.as_ref().and_then(|chain| chain.before(id)) {
            return ensure(before.stewards.contains(&org), "approve: not by a steward of the charter before");
        }
        let (force, charter) = self.in_force()?;
        ensure(next.previous == force, "charter: does not follow the one in force")?;
        ensure(Some(next.charter.number) == charter.number.checked_add(1), "charter: its number is not the next")?;
        ensure(self.is_steward(&org), "approve: not by a steward")?;
        ensure(
            next.charter.stewards.iter().all(|steward| self.fold.members.contains_key(steward)),
            "charter: names a steward that is not in",
        )?;
        for head in &next.heads {
            let known = self.graph.control_number(head).is_some_and(|c| self.past.own.has(c));
            ensure(known, "charter: its heads are not in its causal past")?;
        }
        let cut = self.graph.at_or_before(&next.heads)?;
        ensure(self.graph.force_at(&cut)? == next.previous, "charter: at its heads another charter is in force")
    }

    fn check_admission(&self, grant: &Grant, org: OrgId) -> Result<()> {
        ensure(self.is_steward(&org), "grant: only a steward admits")?;
        let Some((card, certificate)) = &grant.admits else {
            return refuse("grant: an admission names the organisation and its first node");
        };
        ensure(
            grant.read && grant.write && grant.expires.is_none(),
            "grant: an admission is for reading and writing, without end",
        )?;
        ensure(
            card.root.org() == grant.org && certificate.root == card.root,
            "grant: card and certificate are not of one root",
        )?;
        certificate.verify()?;
        self.check_free(certificate, grant.org)
    }

    /// A certificate for a node that is not retired and that no other organisation has.
    fn check_free(&self, certificate: &Certificate, org: OrgId) -> Result<()> {
        ensure(!self.fold.retired.contains(&certificate.node), "certificate: its node was retired for good")?;
        let Fold { nodes, over, .. } = self.fold;
        let other = nodes.get(&certificate.node).or(over.get(&certificate.node)).is_some_and(|holder| *holder != org);
        ensure(!other, "certificate: its node belongs to another organisation")
    }

    fn check_removal(&self, revoke: &Revoke, org: OrgId) -> Result<()> {
        ensure(!revoke.word, "revoke: no person's word takes somebody out of a coalition")?;
        let (under, charter) = self.in_force()?;
        let left = charter.stewards.iter().filter(|s| self.fold.members.contains_key(s)).count();
        let another = charter.stewards.iter().any(|s| *s != revoke.org && self.fold.members.contains_key(s));
        // The last of several can name nobody any more: who holds it would hold it for ever.
        let stranded = revoke.org == org && left < charter.majority();
        ensure(another || stranded, "revoke: the last steward can not be taken out")?;
        self.check_names_grant(&revoke.org, revoke.grant.as_ref())?;
        if revoke.org == org {
            return Ok(());
        }
        ensure(self.is_steward(&org), "revoke: only stewards remove from the coalition")?;
        let removal = Proposal::Removal(Removal { under, org: revoke.org, grant: revoke.grant });
        let mut approving = approve::check(self, &approve::message(self.graph.space, &removal), &revoke.approvals)?;
        approving.insert(org);
        let enough = approving.len() >= charter.threshold as usize || planted::is(Bug::LoneSteward);
        ensure(enough, "revoke: fewer stewards approve than the charter asks for")
    }

    fn check_names_grant(&self, of: &OrgId, grant: Option<&EntryHash>) -> Result<()> {
        let Some(named) = grant else { return Ok(()) };
        let at = self.graph.control_number(named).filter(|&c| self.past.own.has(c));
        let fits = match at {
            Some(c) => matches!(&self.graph.fact(c)?.what, What::Grant { org, .. } if org == of),
            None => false,
        };
        ensure(fits, "revoke: the grant that it names is none of that organisation's in its causal past")
    }

    fn check_certify(&self, certificate: &Certificate, org: OrgId) -> Result<()> {
        ensure(certificate.verify()? == org, "certify: not of its author's organisation")?;
        let again = self.graph.any_certificate(self.past, |earlier| earlier == certificate)?;
        ensure(!again, "certify: a certificate that stands in its causal past already")?;
        self.check_free(certificate, org)
    }

    /// An organisation retires its own nodes only: those that its root certified.
    fn check_retire(&self, retirement: &Retirement, org: OrgId) -> Result<()> {
        ensure(retirement.verify()? == org, "retire: not of its author's organisation")?;
        ensure(
            !self.fold.retired.contains(&retirement.node),
            "retire: a node that its causal past has retired already",
        )?;
        ensure(
            self.graph.certified_in(&retirement.node, retirement.root, self.past)?,
            "retire: a node that its organisation never had in its causal past",
        )
    }

    fn check_private(&self, org: OrgId) -> Result<()> {
        match self.control {
            None => ensure(self.entry.header().epoch.is_some(), "data: a private space's bodies are sealed"),
            Some(Control::Certify(certificate)) => self.check_certify(certificate, org),
            Some(Control::Retire(retirement)) => self.check_retire(retirement, org),
            Some(Control::Keep(_) | Control::Epoch(_) | Control::Extend(_) | Control::Ask(_)) => self.check_keys(),
            Some(Control::Found(_) | Control::Grant(_) | Control::Revoke(_) | Control::Approve(_)) => {
                refuse("entry: a private space has one organisation")
            }
        }
    }

    fn check_thread(&self, org: OrgId) -> Result<()> {
        match self.control {
            None => {
                ensure(self.entry.header().epoch.is_some(), "data: a thread's bodies are sealed")?;
                ensure(self.fold.may_write(&self.author()), "data: its author may not write in its causal past")
            }
            Some(Control::Grant(grant)) => self.check_grant(grant, org),
            Some(Control::Revoke(revoke)) => {
                ensure(revoke.org != self.graph.custodian, "revoke: a thread's custodian can not be taken out")?;
                ensure(revoke.approvals.is_empty(), "revoke: a thread has no stewards")?;
                let keeps = org == self.graph.custodian;
                ensure(keeps || !revoke.word, "revoke: only who keeps the consent says that the person took it back")?;
                self.check_names_grant(&revoke.org, revoke.grant.as_ref())
            }
            Some(Control::Keep(_) | Control::Epoch(_) | Control::Extend(_) | Control::Ask(_)) => self.check_keys(),
            Some(Control::Found(_) | Control::Certify(_) | Control::Retire(_) | Control::Approve(_)) => {
                refuse("entry: a thread's nodes stand in the coalition's space")
            }
        }
    }

    fn check_grant(&self, grant: &Grant, org: OrgId) -> Result<()> {
        ensure(
            org == self.graph.custodian && !self.fold.closed,
            "grant: only the custodian lets others into a thread",
        )?;
        ensure(grant.org != self.graph.custodian, "grant: the custodian is in already")?;
        ensure(grant.admits.is_none(), "grant: a thread admits nobody to the coalition")?;
        let coalition = self.coalition.ok_or_else(|| Fault::bug("grant: a thread without its coalition"))?;
        let roster = coalition.fold_at(None, &Past { own: self.past.coalition.clone(), ..Past::default() })?;
        ensure(roster.members.contains_key(&grant.org), "grant: to an organisation that is not in the coalition")
    }

    /// An epoch or extend reaches nobody whom its own past does not authorise, and speaks only of epochs that it follows.
    fn check_keys(&self) -> Result<()> {
        match self.control {
            Some(Control::Epoch(epoch)) => {
                ensure(!self.fold.closed, "epoch: the thread is closed")?;
                self.check_reach(epoch.wraps.iter().map(|(node, _)| node))?;
                self.check_follows(&epoch.earlier)?;
                let recovery = self.graph.recovery.as_ref().map(|key| key.id());
                ensure(
                    epoch.recovery.as_ref().map(|wrap| wrap.prekey) == recovery,
                    "epoch: private ones, and only they, are wrapped to the recovery key",
                )
            }
            Some(Control::Extend(extend)) => {
                ensure(!self.fold.closed, "extend: the thread is closed")?;
                self.check_reach(extend.wraps.iter().map(|(node, _)| node))?;
                self.check_follows(&extend.epochs)
            }
            Some(Control::Ask(ask)) => {
                ask.prekey.check()?;
                self.check_follows(&ask.epochs)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn check_reach<'n>(&self, mut nodes: impl Iterator<Item = &'n NodeId>) -> Result<()> {
        let within = nodes.all(|node| self.fold.readers.contains(node)) || planted::is(Bug::WidenedReach);
        ensure(within, "epoch: reaches further than its past authorises")
    }

    fn check_follows(&self, epochs: &[EntryHash]) -> Result<()> {
        for epoch in epochs {
            let at = self.graph.control_number(epoch).filter(|&c| self.past.own.has(c));
            let fits = match at {
                Some(c) => matches!(self.graph.fact(c)?.what, What::Epoch { .. }),
                None => false,
            };
            ensure(fits, "epoch: speaks of one that it does not follow")?;
        }
        Ok(())
    }

    /// A steward's node in the causal past, and its organisation.
    pub fn steward(&self, node: &NodeId) -> Option<OrgId> {
        self.fold.nodes.get(node).copied().filter(|org| self.is_steward(org))
    }
}

/// Kinds that may change who is in, who may read, or with which nodes.
pub(super) const fn changes_members(kind: Kind) -> bool {
    matches!(kind, Kind::Found | Kind::Grant | Kind::Revoke | Kind::Certify | Kind::Retire | Kind::Keep | Kind::Approve)
}
