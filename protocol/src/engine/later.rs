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
use crate::sync::kept::{self, Pile, Place};
use crate::sync::session::backup::Given;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// In `Table::Own`: since when it has been known that a later state of this disk was left with partners.
const LATER: &[u8] = b"later state";
/// In `Table::Own`, by organisation: [`Heard`].
const LOOKED_FOR: &[u8] = b"looked for/";

/// What an organisation that is looked for has given so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Heard {
    /// When it began to be looked for.
    since: Time,
    nodes: BTreeMap<NodeId, Laid>,
}

/// What one node of it has given.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Laid {
    /// Up to which place.
    upto: Option<Place>,
    bytes: u64,
    /// Over what it gave of this very node's, on what was known of it before.
    chain: [u8; 16],
    /// This node's own signature shows that it was left so much, and what it gave is not that yet.
    owed: Option<Pile>,
    /// That was all, by its own word.
    all: bool,
}

impl Laid {
    /// Once this came at this place, on so many bytes in all.
    fn with(self, own: NodeId, place: Place, bytes: u64, package: &[u8]) -> Self {
        let mut laid = Self { upto: Some(place), bytes, all: false, ..self };
        if place.0 == own {
            laid.chain = kept::chained(&self.chain, package);
            laid.owed = self.owed.filter(|owed| *owed != Pile { number: place.1, chain: laid.chain });
        }
        laid
    }
}

impl Heard {
    /// Whether each of these nodes has given all, and none is known to keep more back, in force or not.
    fn has_all(&self, nodes: &BTreeSet<NodeId>) -> bool {
        nodes.iter().all(|node| self.nodes.get(node).is_some_and(|laid| laid.all)) && !self.owes()
    }

    fn owes(&self) -> bool {
        self.nodes.values().any(|laid| laid.owed.is_some())
    }
}

/// How far own records that lie here sealed were opened: a piece at a time.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// Of what was opened and lies here no more.
    pub opened: Returned,
    /// Packages that follow what is not here: they lie here still.
    pub left: u64,
    after: Option<Place>,
    /// As many were left by the time before.
    before: Option<u64>,
    over: bool,
}

impl Opening {
    /// Whether nothing more can be opened now.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.over
    }
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
enum Fate {
    Kept,
    NoRoom,
    NoPackage,
}

fn key(org: OrgId) -> Vec<u8> {
    [LOOKED_FOR, org.as_bytes()].concat()
}

fn read(row: &[u8]) -> Result<Heard> {
    codec::decode("looked for", row).map_err(|fault| Fault::store(fault.message))
}

fn heard(view: &dyn View, org: OrgId) -> Result<Option<Heard>> {
    view.get(Table::Own, &key(org))?.map(|row| read(&row)).transpose()
}

fn all_heard(view: &dyn View) -> Result<BTreeMap<OrgId, Heard>> {
    let rows = view.scan(Table::Own, LOOKED_FOR, after_prefix(LOOKED_FOR).as_deref(), usize::MAX, false)?;
    let mut orgs = BTreeMap::new();
    for (key, row) in rows {
        let org = key.get(LOOKED_FOR.len()..).and_then(OrgId::from_slice);
        let org = org.ok_or_else(|| Fault::store("looked for: a key of another length"))?;
        orgs.insert(org, read(&row)?);
    }
    Ok(orgs)
}

impl Engine {
    /// Partners that are still to say what they keep of this organisation, and since when they are asked.
    ///
    /// # Errors
    /// `Store`.
    pub fn looked_for(&self, view: &dyn View) -> Result<BTreeMap<OrgId, Time>> {
        Ok(all_heard(view)?.into_iter().map(|(org, heard)| (org, heard.since)).collect())
    }

    /// Of these, who showed this node's own signature for packages that it has not given: it is asked until it gives them, or is given up,
    /// whatever it says.
    ///
    /// # Errors
    /// `Store`.
    pub fn owing(&self, view: &dyn View) -> Result<BTreeSet<OrgId>> {
        Ok(all_heard(view)?.into_iter().filter(|(_, heard)| heard.owes()).map(|(org, _)| org).collect())
    }

    /// Packages of this organisation's own that lie here sealed.
    ///
    /// # Errors
    /// `Store`.
    pub fn sealed_here(&self, view: &dyn View) -> Result<u64> {
        Ok(kept::shelves(view, Some(self.identity.org()))?.iter().map(|(.., shelf)| shelf.count).sum())
    }

    /// Since when it has been known, by this node's own signature, that a later state of this organisation's own records was left with
    /// partners, by a disk in whose place an older one was put, or by a copy of it: a consent that was taken back then seems to stand. Over
    /// once all of it has come and was opened, or was given up; not because a partner keeps it back.
    ///
    /// # Errors
    /// `Store`.
    pub fn later_state(&self, view: &dyn View) -> Result<Option<Time>> {
        let since = view.get(Table::Own, LATER)?.and_then(|at| at.try_into().ok()).map(u64::from_be_bytes);
        let open = since.is_some() && (self.sealed_here(view)? > 0 || !self.owing(view)?.is_empty());
        Ok(since.filter(|_| open).map(Time))
    }

    /// A node showed our signature that it keeps a pile of ours, of which this disk knows the lower part: the rest is asked for.
    pub(super) fn look_for_later(
        &mut self,
        draft: &mut Draft<'_>,
        now: Time,
        (link, org, node): (u64, OrgId, NodeId),
        (known, owed): (Pile, Pile),
    ) -> Result<()> {
        let own = self.identity.node();
        if draft.get(Table::Own, LATER)?.is_none() {
            draft.put(Table::Own, LATER, now.0.to_be_bytes());
        }
        let row = heard(draft, org)?;
        let asked = row.as_ref().map(|row| row.nodes.get(&node).copied().unwrap_or_default());
        let laid = match asked.filter(|laid| !laid.all) {
            // It is asked already, and comes to this.
            Some(laid) if laid.upto.is_none_or(|(at, _)| at < own || (at == own && known.number > 0)) => laid,
            Some(_) | None => Laid { upto: Some((own, known.number)), chain: known.chain, ..Laid::default() },
        };
        // Of its other nodes nothing is known, and each says so itself.
        let others =
            self.nodes_in_roster(draft, org)?.into_iter().map(|node| (node, Laid { all: true, ..Laid::default() }));
        let mut row = row.unwrap_or_else(|| Heard { since: now, nodes: others.collect() });
        row.nodes.insert(node, Laid { owed: Some(owed), ..laid });
        draft.put(Table::Own, key(org), codec::encode(&row));
        if let Some(orgs) = &mut self.looking.orgs {
            orgs.insert(org);
        }
        self.looking.asked.remove(&link);
        Ok(())
    }

    /// Once nothing more is asked for and nothing lies sealed, a later state is no later any more.
    fn note_opened(&self, draft: &mut Draft<'_>) -> Result<()> {
        if draft.get(Table::Own, LATER)?.is_some() && self.later_state(draft)?.is_none() {
            draft.delete(Table::Own, LATER);
        }
        Ok(())
    }

    /// Asks who is linked and looked for, and lays by what they give.
    pub(super) fn hear(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        let given = std::mem::take(&mut work.got.given);
        if self.looking.orgs.is_none() {
            self.looking.orgs = Some(self.looked_for(draft)?.into_keys().collect());
        }
        if self.looking.orgs.as_ref().is_none_or(BTreeSet::is_empty) {
            return Ok(());
        }
        let own = self.identity.node();
        let mut ask = Vec::new();
        for Given { link, package } in given {
            let Some((org, node)) = self.sessions.with(link) else { continue };
            let Some(mut row) = heard(draft, org)? else { continue };
            let shelves: BTreeSet<NodeId> = row.nodes.keys().copied().collect();
            let laid = row.nodes.entry(node).or_default();
            match package {
                // That is its own word, and no more than that where our signature says otherwise.
                None => laid.all = laid.owed.is_none(),
                // Who gives what it gave before, or more than is kept of anybody, has not said that this is all. It is asked for the next
                // over another link, and not over this one.
                Some((place, package)) => {
                    let bytes = laid.bytes.saturating_add(package.len() as u64);
                    let further = laid.upto.is_none_or(|last| place > last) && bytes <= limits::KEPT_BYTES;
                    // What has no room is asked for again once what lies here was opened.
                    if further && self.lay_by(draft, ctx, (node, &shelves), &package)? == Fate::Kept {
                        *laid = laid.with(own, place, bytes, &package);
                        ask.push((link, Some(place)));
                    }
                }
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
                let laid = row.nodes.get(&node).copied().unwrap_or_default();
                if !laid.all {
                    ask.push((link, laid.upto));
                }
            }
        }
        let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
        for (link, after) in ask {
            sessions.fetch_kept(link, after, &mut tools);
        }
        Ok(())
    }

    /// Keeps one package of ours, as it came from this node, whose organisation gave what lies on these shelves.
    fn lay_by(
        &self,
        draft: &mut Draft<'_>,
        ctx: &Context<'_>,
        (from, shelves): (NodeId, &BTreeSet<NodeId>),
        package: &[u8],
    ) -> Result<Fate> {
        match kept::lay_by(draft, (self.identity.org(), from), package, shelves, ctx.now) {
            Ok(true) => Ok(Fate::Kept),
            Ok(false) => Ok(Fate::NoRoom),
            Err(fault) if fault.class == Class::Misbehaved => Ok(Fate::NoPackage),
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
        if row.has_all(&nodes) {
            self.look_no_more(draft, org);
            self.note_opened(draft)?;
        } else {
            draft.put(Table::Own, key(org), codec::encode(row));
        }
        Ok(())
    }

    fn look_no_more(&mut self, draft: &mut Draft<'_>, org: OrgId) {
        draft.delete(Table::Own, key(org));
        if let Some(orgs) = &mut self.looking.orgs {
            orgs.remove(&org);
        }
    }

    /// Who was looked for and has left, or has retired what had not given all, is looked for no more; but who is known to keep a later state
    /// back lifts nothing by it.
    pub(super) fn tidy_looking(&mut self, draft: &mut Draft<'_>) -> Result<()> {
        for org in self.looked_for(draft)?.into_keys() {
            let nodes = self.nodes_in_roster(draft, org)?;
            if let Some(row) = heard(draft, org)?
                && row.has_all(&nodes)
            {
                self.look_no_more(draft, org);
                self.note_opened(draft)?;
            }
        }
        Ok(())
    }

    /// Keeps a package that could not be taken in yet, while a recovery goes on, of this node, whose organisation has these. False: there is
    /// no room.
    pub(super) fn lay_aside(
        &self,
        draft: &mut Draft<'_>,
        ctx: &Context<'_>,
        giver: (NodeId, &BTreeSet<NodeId>),
        package: &[u8],
    ) -> Result<bool> {
        Ok(self.lay_by(draft, ctx, giver, package)? == Fate::Kept)
    }
}

impl Step<'_> {
    /// Before [`Engine::recovered`]: whoever may keep something of this organisation and has not said all of it is asked for it from now
    /// on, whenever it is linked, from where it has come to. Gives who that is.
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
            if nodes.is_subset(&done) {
                continue;
            }
            let mut heard = BTreeMap::new();
            for node in nodes {
                let (upto, bytes) = self.engine.given((org, node)).unwrap_or_default();
                heard.insert(node, Laid { upto, bytes, all: done.contains(&node), ..Laid::default() });
            }
            rest.insert(org, heard);
        }
        let orgs = rest.keys().copied().collect();
        self.look_for(rest);
        Ok(orgs)
    }

    /// From now on asks these organisations, but for those nodes of theirs that have said all, each from where it has come to.
    pub(super) fn look_for(&mut self, orgs: BTreeMap<OrgId, BTreeMap<NodeId, Laid>>) {
        for (org, nodes) in orgs {
            self.draft.put(Table::Own, key(org), codec::encode(&Heard { since: self.ctx.now, nodes }));
        }
        self.engine.looking = Looking::default();
    }

    /// By somebody's word: this organisation is not asked any more, and what its nodes gave and was not opened is let go. What it showed by our
    /// signature is no proof a second time. False if it was not looked for and had given nothing.
    ///
    /// # Errors
    /// `Store`.
    pub fn look_no_more_for(&mut self, org: OrgId) -> Result<bool> {
        let row = heard(&self.draft, org)?;
        self.engine.look_no_more(&mut self.draft, org);
        let own = self.engine.identity.org();
        let mut nodes = self.engine.nodes_in_roster(&self.draft, org)?;
        nodes.extend(row.iter().flat_map(|row| row.nodes.keys()));
        let mut done = row.is_some();
        for node in nodes {
            done |= kept::shelf(&self.draft, (own, node))?.is_some();
            kept::drop_shelf(&mut self.draft, own, node)?;
        }
        self.engine.note_opened(&mut self.draft)?;
        Ok(done)
    }

    /// Lays by a package of this organisation's own that came by file, to be opened with [`Step::open_kept`].
    ///
    /// # Errors
    /// `Misuse` where more lies here than is kept of anybody; `Store`.
    pub fn lay_by(&mut self, package: &[u8]) -> Result<()> {
        let by_file = (NodeId::ZERO, &BTreeSet::from([NodeId::ZERO]));
        if self.engine.lay_by(&mut self.draft, &self.ctx, by_file, package)? == Fate::Kept {
            return Ok(());
        }
        let most = limits::KEPT_BYTES / (1024 * 1024);
        Err(Fault::misuse(format!("this is no package of records, or more than {most} MiB of them lie here unopened")))
    }

    /// Opens the next of our own that lies here sealed, with the recovery key, which is forgotten with this step. Called again until it
    /// is over: what follows something that comes later in the order is tried again, and lies here on if that never comes. What is of
    /// another private space than the one that is here is not taken, and counts as spoilt.
    ///
    /// # Errors
    /// `Misuse` for the recovery key of another private space, `Store`.
    pub fn open_kept(&mut self, secret: &PrekeySecret, mut opening: Opening) -> Result<Opening> {
        let own = self.engine.identity.org();
        let private = self.engine.private_space(&self.draft)?;
        if let Some(private) = private
            && self.engine.spaces.recovery_key(&self.draft, private)?.is_some_and(|key| key != secret.public())
        {
            return Err(Fault::misuse("these are not the words to which this organisation's records are sealed"));
        }
        for _ in 0..limits::OPENED_AT_ONCE {
            let Some((place, package)) = kept::next(&self.draft, own, opening.after)? else {
                opening.over = opening.left == 0 || opening.before == Some(opening.left);
                if !opening.over {
                    opening = Opening { before: Some(opening.left), left: 0, after: None, ..opening };
                }
                break;
            };
            opening.after = Some(place);
            let Self { engine, draft, ctx, work, .. } = self;
            match engine.open_package(draft, work, ctx, secret, &package, private) {
                Ok(false) => {
                    opening.left += 1;
                    continue;
                }
                Ok(true) => {}
                Err(fault) if matches!(fault.class, Class::Store | Class::Bug) => return Err(fault),
                Err(_) => opening.opened.spoilt += 1,
            }
            opening.opened.packages += 1;
            kept::take_off(&mut self.draft, own, place, &package)?;
        }
        if opening.over {
            self.engine.note_opened(&mut self.draft)?;
        }
        // There is room again: who is linked and has more is asked for it.
        self.engine.looking = Looking::default();
        Ok(opening)
    }
}
