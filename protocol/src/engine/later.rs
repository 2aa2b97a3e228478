//! Own records that partners keep who were off when this organisation came back.
//!
//! They are fetched when such a partner is linked, and stay sealed here until somebody types the phrase: the recovery key is on no
//! disk. What lies here of our own stands among what is kept for others, by the node that gave it; what came by file, by none.

use super::settle::Work;
use super::{Context, Engine, Returned, Step};
use crate::codec;
use crate::fault::{Class, Fault, Result};
use crate::ids::{NodeId, OrgId};
use crate::keys::PrekeySecret;
use crate::limits;
use crate::space::SpaceKind;
use crate::store::{Draft, Table, View, after_prefix};
use crate::sync::kept::{self, Place};
use crate::sync::session::backup::Given;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// In `Table::Own`, by organisation: [`Heard`].
const LOOKED_FOR: &[u8] = b"looked for/";

/// What an organisation that is looked for has given so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Heard {
    /// By node: up to which place; and whether that was all.
    nodes: BTreeMap<NodeId, (Option<Place>, bool)>,
}

/// Who is looked for, in memory.
#[derive(Debug, Default)]
pub(super) struct Looking {
    /// None: not read from the store yet.
    orgs: Option<BTreeSet<OrgId>>,
    /// Links that were asked.
    asked: BTreeSet<u64>,
}

/// What became of a package of ours that somebody gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Laid {
    Kept,
    NoRoom,
    NoPackage,
}

fn key(org: OrgId) -> Vec<u8> {
    [LOOKED_FOR, org.as_bytes()].concat()
}

fn heard(view: &dyn View, org: OrgId) -> Result<Option<Heard>> {
    let row = view.get(Table::Own, &key(org))?;
    row.map(|row| codec::decode("looked for", &row).map_err(|fault| Fault::store(fault.message))).transpose()
}

impl Engine {
    /// Partners that are still to say what they keep of this organisation, since it came back.
    ///
    /// # Errors
    /// `Store`.
    pub fn looked_for(&self, view: &dyn View) -> Result<BTreeSet<OrgId>> {
        let rows = view.scan(Table::Own, LOOKED_FOR, after_prefix(LOOKED_FOR).as_deref(), usize::MAX, false)?;
        Ok(rows.iter().filter_map(|(key, _)| OrgId::from_slice(key.get(LOOKED_FOR.len()..)?)).collect())
    }

    /// Packages of this organisation's own that lie here sealed.
    ///
    /// # Errors
    /// `Store`.
    pub fn sealed_here(&self, view: &dyn View) -> Result<u64> {
        Ok(kept::shelves(view, Some(self.identity.org()))?.iter().map(|(.., shelf)| shelf.count).sum())
    }

    /// Asks who is linked and looked for, and lays by what they give.
    pub(super) fn hear(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        let given = std::mem::take(&mut work.got.given);
        if self.looking.orgs.is_none() {
            self.looking.orgs = Some(self.looked_for(draft)?);
        }
        if self.looking.orgs.as_ref().is_none_or(BTreeSet::is_empty) {
            return Ok(());
        }
        let mut ask = Vec::new();
        for Given { link, package } in given {
            let Some((org, node)) = self.sessions.with(link) else { continue };
            let Some(mut row) = heard(draft, org)? else { continue };
            let (reached, all) = row.nodes.entry(node).or_default();
            match package {
                // Who gives what it gave before, or more than is kept of anybody, has given all.
                Some((place, package)) if reached.is_none_or(|last| place > last) => {
                    match self.lay_by(draft, ctx, node, &package)? {
                        Laid::Kept => {
                            *reached = Some(place);
                            ask.push((link, Some(place)));
                        }
                        Laid::NoPackage => *all = true,
                        // It is asked again once what lies here was opened.
                        Laid::NoRoom => {}
                    }
                }
                Some(_) | None => *all = true,
            }
            self.put_heard(draft, org, &row)?;
        }
        let links: Vec<(u64, NodeId, OrgId)> = self.sessions.greeted().collect();
        self.looking.asked.retain(|asked| links.iter().any(|(link, ..)| link == asked));
        for (link, node, org) in links {
            if self.looking.orgs.as_ref().is_some_and(|orgs| orgs.contains(&org))
                && self.looking.asked.insert(link)
                && let Some(row) = heard(draft, org)?
            {
                let (after, all) = row.nodes.get(&node).copied().unwrap_or_default();
                if !all {
                    ask.push((link, after));
                }
            }
        }
        let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
        for (link, after) in ask {
            sessions.fetch_kept(link, after, &mut tools);
        }
        Ok(())
    }

    /// Keeps one package of ours, as it came from this node.
    fn lay_by(&self, draft: &mut Draft<'_>, ctx: &Context<'_>, from: NodeId, package: &[u8]) -> Result<Laid> {
        match kept::keep(draft, (self.identity.org(), from), package, &BTreeSet::new(), ctx.now) {
            Ok(true) => Ok(Laid::Kept),
            Ok(false) => Ok(Laid::NoRoom),
            Err(fault) if fault.class == Class::Misbehaved => Ok(Laid::NoPackage),
            Err(fault) => Err(fault),
        }
    }

    /// The nodes of an organisation that are not retired, in any coalition.
    fn nodes_in_roster(&mut self, view: &dyn View, org: OrgId) -> Result<BTreeSet<NodeId>> {
        let mut nodes = BTreeSet::new();
        for record in self.spaces.no_threads(view)? {
            if matches!(record.kind, SpaceKind::Coalition { .. }) {
                let fold = self.spaces.fold(view, record.space)?;
                nodes.extend(fold.nodes.iter().filter(|(_, of)| **of == org).map(|(node, _)| *node));
            }
        }
        Ok(nodes)
    }

    /// Once every node of an organisation has given all, it is not looked for any more.
    fn put_heard(&mut self, draft: &mut Draft<'_>, org: OrgId, row: &Heard) -> Result<()> {
        let nodes = self.nodes_in_roster(draft, org)?;
        if nodes.iter().all(|node| row.nodes.get(node).is_some_and(|(_, all)| *all)) {
            draft.delete(Table::Own, key(org));
            if let Some(orgs) = &mut self.looking.orgs {
                orgs.remove(&org);
            }
        } else {
            draft.put(Table::Own, key(org), codec::encode(row));
        }
        Ok(())
    }
}

impl Step<'_> {
    /// Before [`Engine::recovered`]: whoever may keep something of this organisation and has not said all of it is asked for it from now
    /// on, whenever it is linked. Gives who that is.
    ///
    /// # Errors
    /// `Store`.
    pub fn look_for_the_rest(&mut self) -> Result<BTreeSet<OrgId>> {
        let returned = self.engine.returned().cloned().unwrap_or_default();
        let done: BTreeSet<NodeId> =
            returned.into_iter().filter(|(_, returned)| returned.done).map(|((_, node), _)| node).collect();
        let mut rest = BTreeMap::new();
        for org in self.engine.keepers(&self.draft)? {
            let nodes = self.engine.nodes_in_roster(&self.draft, org)?;
            let (heard, silent): (Vec<_>, Vec<_>) = nodes.into_iter().partition(|node| done.contains(node));
            if !silent.is_empty() {
                rest.insert(org, heard);
            }
        }
        self.look_for(&rest);
        Ok(rest.into_keys().collect())
    }

    /// From now on asks these organisations, but for those nodes of theirs that have said all.
    pub(super) fn look_for(&mut self, orgs: &BTreeMap<OrgId, Vec<NodeId>>) {
        for (org, heard) in orgs {
            let nodes = heard.iter().map(|node| (*node, (None, true))).collect();
            self.draft.put(Table::Own, key(*org), codec::encode(&Heard { nodes }));
        }
        self.engine.looking = Looking::default();
    }

    /// Lays by a package of this organisation's own that came by file, to be opened with [`Step::open_kept`].
    ///
    /// # Errors
    /// `Misuse` where more lies here than is kept of anybody; `Store`.
    pub fn lay_by(&mut self, package: &[u8]) -> Result<()> {
        if self.engine.lay_by(&mut self.draft, &self.ctx, NodeId::ZERO, package)? == Laid::Kept {
            return Ok(());
        }
        let most = limits::KEPT_BYTES / (1024 * 1024);
        Err(Fault::misuse(format!("this is no package of records, or more than {most} MiB of them lie here unopened")))
    }

    /// Opens all of our own that lies here sealed, with the recovery key, which is forgotten with this step; then none of it lies here
    /// any more. What is of another private space than the one that is here is not taken, and counts as spoilt.
    ///
    /// # Errors
    /// `Misuse` for the recovery key of another private space, `Store`.
    pub fn open_kept(&mut self, secret: &PrekeySecret) -> Result<Returned> {
        let own = self.engine.identity.org();
        let private = self.engine.private_space(&self.draft)?;
        if let Some(private) = private
            && self.engine.spaces.recovery_key(&self.draft, private)?.is_some_and(|key| key != secret.public())
        {
            return Err(Fault::misuse("these are not the words to which this organisation's records are sealed"));
        }
        let mut opened = Returned { done: true, ..Returned::default() };
        let mut after = None;
        while let Some((place, package)) = kept::next(&self.draft, own, after)? {
            after = Some(place);
            opened.packages += 1;
            let Self { engine, draft, ctx, work, .. } = self;
            match engine.open_package(draft, work, ctx, secret, &package, private) {
                Ok(()) => {}
                Err(fault) if matches!(fault.class, Class::Store | Class::Bug) => return Err(fault),
                Err(_) => opened.spoilt += 1,
            }
        }
        kept::forget(&mut self.draft, own)?;
        // There is room again: who is linked and has more is asked for it.
        self.engine.looking = Looking::default();
        Ok(opened)
    }
}
