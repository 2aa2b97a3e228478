//! An organisation that comes back from its phrase.
//!
//! It asks every node that is linked for what that keeps of it, with the recovery key in memory alone. Each node answers for itself:
//! two of one organisation keep different packages.

use super::settle::Work;
use super::{Context, Engine, Step};
use crate::codec;
use crate::fault::{Class, Fault, Result};
use crate::ids::{NodeId, OrgId, SpaceId};
use crate::keys::{PrekeySecret, backup};
use crate::limits;
use crate::space::By;
use crate::space::entry::Entry;
use crate::store::{Draft, Table, View};
use crate::sync::kept::Place;
use crate::sync::session::backup::Given;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// When this organisation came back, and its machines that were in force then, in `Table::Own`.
const RECOVERED: &[u8] = b"recovered";

/// How an organisation comes back.
pub struct Recovering {
    secret: PrekeySecret,
    /// What came of each node.
    partners: BTreeMap<(OrgId, NodeId), Returned>,
    /// Up to which place each has given, over all its links, and how many bytes.
    given: BTreeMap<(OrgId, NodeId), (Option<Place>, u64)>,
    /// Links that were asked.
    asked: BTreeSet<u64>,
}

impl std::fmt::Debug for Recovering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recovering({:?})", self.partners)
    }
}

/// What one node of a partner gave back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Returned {
    pub packages: u64,
    /// Of these, how many did not open or held what was refused.
    pub spoilt: u64,
    /// All that it keeps has come, by its own word.
    pub done: bool,
    /// It gave what brings nobody further (no package, one that it gave before, more than anybody keeps) and is asked no more now.
    pub shut: bool,
}

impl Returned {
    /// Whether nothing more is to be awaited of it now.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.done || self.shut
    }
}

impl Recovering {
    /// The nodes of an organisation that gave something: together they take no more room than one may.
    fn nodes_of(&self, org: OrgId) -> BTreeSet<NodeId> {
        self.given.keys().filter(|(of, _)| *of == org).map(|(_, node)| *node).collect()
    }

    /// What was taken since the last commit is not here: all of it is asked for again, over new links.
    pub(super) fn begin_anew(&mut self) {
        self.given.clear();
        self.asked.clear();
        self.partners.clear();
    }
}

impl Engine {
    /// From now on asks every partner that is or comes to be linked for what it keeps of this organisation, and opens it with the
    /// recovery key, which is held in memory until [`Engine::recovered`]. Ticks and frames drive it as everything else.
    pub fn recover(&mut self, secret: PrekeySecret) {
        self.spaces.hold_asks(true);
        self.recovering =
            Some(Recovering { secret, partners: BTreeMap::new(), given: BTreeMap::new(), asked: BTreeSet::new() });
    }

    /// What came of each node of a partner so far; `None` where nothing is being brought back.
    #[must_use]
    pub fn returned(&self) -> Option<&BTreeMap<(OrgId, NodeId), Returned>> {
        self.recovering.as_ref().map(|recovering| &recovering.partners)
    }

    /// Up to which place a node of a partner has given so far, and how many bytes; `None` where it gave nothing.
    pub(super) fn given(&self, with: (OrgId, NodeId)) -> Option<(Option<Place>, u64)> {
        self.recovering.as_ref()?.given.get(&with).copied()
    }

    /// Ends it: the key is forgotten. What is still lacking of threads is asked for from now on, with the next input or step. The machines
    /// of this organisation that are in force now are those that are to be.
    ///
    /// # Errors
    /// `Store`.
    pub fn recovered(&mut self, draft: &mut Draft<'_>, now: Time) -> Result<()> {
        self.recovering = None;
        self.spaces.hold_asks(false);
        let nodes: Vec<NodeId> = self.own_nodes(draft)?.into_keys().collect();
        draft.put(Table::Own, RECOVERED, codec::encode(&(now, nodes)));
        self.spaces.tend_lacking(draft, Time(u64::MAX))
    }

    /// The nodes of this organisation that are certified and not retired, in a coalition or in its private space, with the time of their
    /// certificate.
    ///
    /// # Errors
    /// `Store`.
    pub fn own_nodes(&mut self, view: &dyn View) -> Result<BTreeMap<NodeId, Time>> {
        let own = self.identity.org();
        let mut nodes = BTreeMap::new();
        let mut retired = BTreeSet::new();
        for record in self.spaces.no_threads(view)? {
            let fold = self.spaces.fold(view, record.space)?;
            let ours: Vec<NodeId> =
                fold.nodes.iter().chain(&fold.over).filter(|(_, org)| **org == own).map(|(node, _)| *node).collect();
            retired.extend(fold.retired.iter().copied());
            for node in ours {
                let issued = self.spaces.certificate(view, record.space, &node)?.map(|certificate| certificate.issued);
                nodes.insert(node, issued.unwrap_or_default());
            }
        }
        nodes.retain(|node, _| !retired.contains(node));
        Ok(nodes)
    }

    /// Machines of this organisation that were certified before it came back from its phrase, and that nobody knew of then: they were
    /// neither kept nor shut out, and may be in a thief's hands.
    ///
    /// # Errors
    /// `Store`.
    pub fn stray_nodes(&mut self, view: &dyn View) -> Result<BTreeMap<NodeId, Time>> {
        let Some(row) = view.get(Table::Own, RECOVERED)? else { return Ok(BTreeMap::new()) };
        let (at, known): (Time, Vec<NodeId>) =
            codec::decode("recovered", &row).map_err(|fault| Fault::store(fault.message))?;
        let mut nodes = self.own_nodes(view)?;
        nodes.retain(|node, issued| *issued <= at && !known.contains(node) && *node != self.identity.node());
        Ok(nodes)
    }

    /// Asks linked partners, and takes what they gave.
    pub(super) fn bring_back(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        let own = self.identity.org();
        let Some(mut recovering) = self.recovering.take() else {
            return self.hear(draft, work, ctx);
        };
        let mut outcome = Ok(());
        let mut ask: Vec<(u64, Option<Place>)> = Vec::new();
        for Given { link, package } in std::mem::take(&mut work.got.given) {
            let Some(with) = self.sessions.with(link) else { continue };
            let shelves = recovering.nodes_of(with.0);
            let returned = recovering.partners.entry(with).or_default();
            let Some((place, package)) = package else {
                returned.done = true;
                continue;
            };
            let (reached, bytes) = recovering.given.entry(with).or_default();
            let before = *reached;
            *bytes += package.len() as u64;
            let none = package.len() < limits::BACKUP_SIZES[0];
            if none || reached.is_some_and(|last| place <= last) || *bytes > limits::KEPT_BYTES {
                // It would keep the recovery from ever ending. That it gave all it has never said.
                returned.spoilt += 1;
                returned.shut = true;
                continue;
            }
            *reached = Some(place);
            returned.packages += 1;
            ask.push((link, Some(place)));
            match self.open_package(draft, work, ctx, &recovering.secret, &package, None) {
                Ok(true) => {}
                // It follows what others keep: it lies by until that is here.
                Ok(false) if self.lay_aside(draft, ctx, (with.1, &shelves), &package)? => {}
                // No room for it: it is asked for again from there, later.
                Ok(false) => {
                    *reached = before;
                    returned.packages -= 1;
                    returned.shut = true;
                    ask.pop();
                }
                Err(fault) if matches!(fault.class, Class::Store | Class::Bug) => outcome = Err(fault),
                Err(_) => returned.spoilt += 1,
            }
        }
        let links: Vec<(u64, NodeId, OrgId)> = self.sessions.greeted().collect();
        for (link, node, org) in links {
            if org != own && recovering.asked.insert(link) {
                // A line that fell is no reason to be given anything twice.
                let returned = recovering.partners.entry((org, node)).or_default();
                if !returned.is_settled() {
                    ask.push((link, recovering.given.get(&(org, node)).and_then(|(reached, _)| *reached)));
                }
            }
        }
        self.recovering = Some(recovering);
        let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
        for (link, after) in ask {
            sessions.fetch_kept(link, after, &mut tools);
        }
        outcome
    }

    /// Takes the entries of one package, with the recovery key at hand for the epochs among them. It stands in the draft while they
    /// are taken, and never on the disk. `only`: entries of no other space. False: some wait for others, and there is no room for them.
    pub(super) fn open_package(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
        secret: &PrekeySecret,
        package: &[u8],
        only: Option<SpaceId>,
    ) -> Result<bool> {
        let entries = backup::open(secret, self.identity.org(), package)?;
        self.spaces.hold_prekey(draft, secret, Time(0));
        let (mut outcome, mut all) = (Ok(()), true);
        for bytes in entries {
            let taken = Entry::verify(bytes).and_then(|entry| {
                if only.is_some_and(|only| only != entry.space()) {
                    return Err(Fault::misuse("a package of another private space"));
                }
                let (_, mut tools) = self.tools(draft, &mut work.got, ctx);
                tools.import(entry.hash(), entry)
            });
            match taken {
                Err(fault) if matches!(fault.class, Class::Store | Class::Bug) => {
                    outcome = Err(fault);
                    break;
                }
                Err(fault) => outcome = Err(fault),
                Ok(room) => all &= room,
            }
        }
        self.spaces.drop_prekey(draft, &secret.id());
        match outcome {
            Err(fault) if all || matches!(fault.class, Class::Store | Class::Bug) => Err(fault),
            Ok(()) | Err(_) => Ok(all),
        }
    }
}

impl Step<'_> {
    /// Opens what epochs of the private space are wrapped to the recovery key, also those that came by sync. The key is forgotten
    /// with this step, and never on the disk.
    ///
    /// # Errors
    /// `Store`.
    pub fn open_private(&mut self, secret: &PrekeySecret) -> Result<()> {
        let Some(private) = self.engine.private_space(&self.draft)? else { return Ok(()) };
        self.engine.spaces.hold_prekey(&mut self.draft, secret, Time(0));
        let keys = self.engine.spaces.take_epochs(&mut self.draft, private);
        self.engine.spaces.drop_prekey(&mut self.draft, &secret.id());
        self.work.got.keys.extend(keys?);
        Ok(())
    }

    /// Lets stand what lies in the private space and does not count: last words of a node that was retired before they came. For who
    /// has the phrase at hand, and says that they are its own.
    ///
    /// # Errors
    /// `Store`; `Misuse` without a private space.
    pub fn keep_last_words(&mut self) -> Result<()> {
        let private = self.engine.private_space(&self.draft)?;
        let private = private.ok_or_else(|| Fault::misuse("this organisation has no private space here yet"))?;
        while let Some(written) = {
            let mut by = By { key: self.engine.identity.key(), now: self.ctx.now, random: self.ctx.random };
            self.engine.spaces.keep_uncounted(&mut self.draft, &mut by, private)?
        } {
            self.work.got.wrote(written.offered);
        }
        Ok(())
    }
}
