//! What is checked of who comes in: where passes lead, who reads the roster, and what machines of one organisation know of their invites.

use super::super::heal;
use super::super::reference::Set;
use super::super::world::World;
use super::{Made, machines};
use belay_protocol::coalition::invite::Invite;
use belay_protocol::coalition::invite::pass::{PASSES, PassName, Published};
use belay_protocol::ids::{InviteId, NodeId, OrgId};
use std::collections::{BTreeMap, BTreeSet};

impl World {
    /// Invariant 6: a pass leads to who may let somebody in, and nowhere once a machine there has said that it is done with.
    pub(super) fn check_pass(&mut self, host: usize, name: PassName, org: OrgId) {
        if !self.hosts[host].honest() {
            return;
        }
        let (held, coalition) = (self.held(host), self.coalition);
        let named =
            self.reference.chain(coalition, &held).last().is_some_and(|last| last.charter.stewards.contains(&org));
        if !named {
            self.breaks(format!("6: at host {host} a pass leads to {}, which lets nobody in", org.short()));
        }
        let registers = self.hosts[host].ask(|engine, view| engine.registers(view, coalition).unwrap());
        let ended = registers.into_iter().flatten().any(|register| {
            let theirs = register.name == PASSES && self.reference.orgs.get(&register.node) == Some(&org);
            theirs && !self.is_retired(register.node, &held) && Published::read(&register.value).ended.contains(&name)
        });
        if ended {
            self.breaks(format!("6: at host {host} a pass leads on that {} has ended", org.short()));
        }
    }

    fn is_retired(&self, node: NodeId, held: &Set) -> bool {
        self.reference.retirements(self.coalition).any(|(n, out)| out == node && held.has(n))
    }

    /// Invariant 6: the roster is read by who was approved, and by nobody who was taken out since.
    pub(super) fn check_let_in(&mut self, machine: usize, newcomer: usize, made: usize) {
        if !self.hosts[machine].honest() {
            return;
        }
        let (org, node) = (self.hosts[newcomer].org, self.hosts[newcomer].node);
        if !self.doors.invites[made].approved.contains(&node) {
            self.breaks(format!("6: host {machine} lets in host {newcomer}, which nobody approved"));
        }
        let (held, coalition) = (self.held(machine), self.coalition);
        let out = !self.reference.revocations(coalition, org, &held).is_empty();
        if out && !self.reference.stands(coalition, org, &held) {
            self.breaks(format!("6: host {machine} shows the roster to host {newcomer}, which was taken out"));
        }
    }

    /// Invariant 1 and 5, at the end: machines of one organisation that hold the same of its own records know the same invites, and
    /// whoever lets through knows which passes lead on.
    pub fn check_doors(&mut self) {
        let all: Vec<usize> = (0..self.hosts.len()).filter(|h| heal::counts(self, *h)).collect();
        let mut known = BTreeMap::new();
        for host in all.iter().copied() {
            let Some(Some(state)) = self.hosts[host].ask(|engine, view| {
                let private = engine.private_space(view).unwrap()?;
                let bodies = engine.bodies(view, private, 0, usize::MAX).unwrap();
                let heads = engine.spaces().heads(view, private).unwrap();
                bodies.unopened.is_empty().then_some((private, heads))
            }) else {
                continue;
            };
            let mine = self.hosts[host].ask(|_, view| Invite::all(view).unwrap()).unwrap();
            let (first, theirs) = known.entry(state).or_insert_with(|| (host, mine.clone()));
            if *theirs != mine {
                let first = *first;
                self.breaks(format!("1: hosts {first} and {host} know different things of their invites"));
            }
        }
        if self.small {
            return;
        }
        for part in heal::meeting(self, None) {
            for made in 0..self.doors.invites.len() {
                self.check_leads(made, &part);
            }
        }
    }

    /// What every machine of a part says of a pass, against what the machines there know that made it.
    fn check_leads(&mut self, made: usize, part: &[usize]) {
        let Made { id, pass, expires, relay, org, .. } = self.doors.invites[made];
        let makers: Vec<usize> = machines(self, made).into_iter().filter(|at| part.contains(at)).collect();
        let mut over = BTreeSet::new();
        for at in &makers {
            let known = self.hosts[*at].ask(|_, view| Invite::load(view, id).unwrap()).flatten();
            over.extend(known.map(|invite| invite.is_over()));
        }
        let maker_here = makers.iter().any(|at| self.made_here(*at, id));
        // Which of its machines have heard of the end is another matter.
        let told = over.contains(&true) || maker_here;
        if over.len() != 1 || relay.is_none() || self.now >= expires || !told {
            return;
        }
        let over = over.contains(&true);
        // Of a register that two copies of one folder publish, one value is read (SPEC, Registers), and copies hear nothing from each other:
        // what the other says of its invites nobody finds.
        let copied = |at: &usize| self.hosts.iter().filter(|h| h.node == self.hosts[*at].node).count() > 1;
        if !over && makers.iter().any(copied) {
            return;
        }
        for host in part.iter().copied() {
            let leads = self.hosts[host].ask(|engine, view| engine.pass_leads(view, pass).unwrap()).flatten();
            self.count("passes looked at in the end");
            if let Some((leads, _)) = leads {
                self.check_pass(host, pass, leads.org);
                if over {
                    self.breaks(format!("6: at host {host} a pass of {} leads on that is done with", org.short()));
                }
            } else if !over && self.may_let_in(host, org) {
                self.breaks(format!("5: at host {host} the pass of an open invite of {} leads nowhere", org.short()));
            }
        }
    }

    /// Whether by what a machine that is in holds an organisation surely is in, and a steward.
    fn may_let_in(&mut self, host: usize, org: OrgId) -> bool {
        let (held, coalition) = (self.held(host), self.coalition);
        let is_in = self.hosts[host].ask(|engine, view| {
            let here = engine.spaces().record(view, coalition).unwrap().is_some();
            here && !engine.is_out(view, coalition).unwrap()
        });
        let chain = self.reference.chain(coalition, &held);
        let named = chain.last().is_some_and(|last| last.charter.stewards.contains(&org));
        is_in == Some(true) && named && self.reference.surely_in(coalition, &held).contains(&org)
    }

    fn made_here(&mut self, at: usize, id: InviteId) -> bool {
        let node = self.hosts[at].node;
        let known = self.hosts[at].ask(|_, view| Invite::load(view, id).unwrap()).flatten();
        known.is_some_and(|invite| invite.maker == node)
    }
}
