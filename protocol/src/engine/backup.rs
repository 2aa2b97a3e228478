//! This organisation's own records, left with partners and brought back.
//!
//! Each node leaves the entries of the private space, sealed to the recovery key, with up to three other organisations. Whoever
//! comes back from the phrase asks every linked partner for what it keeps, with the recovery key in memory alone.

use super::settle::Work;
use super::{Context, Engine, Step};
use crate::codec;
use crate::fault::{Class, Fault, Result};
use crate::ids::{NodeId, OrgId, SpaceId};
use crate::keys::{PrekeySecret, backup};
use crate::limits;
use crate::planted::{self, Bug};
use crate::random;
use crate::space::By;
use crate::space::control::PartnerKind;
use crate::space::entry::Entry;
use crate::store::{Draft, Table, View};
use crate::sync::kept::Place;
use crate::sync::session::backup::{Given, Left};
use crate::time::{HOUR, Time};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What each partner holds, in `Table::Own`.
const LEFT: &[u8] = b"backup/";

/// What one partner may give back: all that it can keep, and the same again, since a link may fall and begin anew.
const GIVEN_BYTES: u64 = 2 * limits::KEPT_BYTES;

/// What one partner holds of this node's private space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// The entries of the private space up to this one, in the order of acceptance at this node.
    pub upto: u32,
    /// When it last took some, or had all.
    pub at: Time,
    /// It had no room for the next.
    pub full: bool,
    /// It gets no more before this.
    next: Time,
}

/// How an organisation comes back.
pub struct Recovering {
    secret: PrekeySecret,
    /// What came of each partner.
    pub(super) partners: BTreeMap<OrgId, Returned>,
    /// Up to which place each has given over its newest link, and how many bytes in all.
    given: BTreeMap<OrgId, (Option<Place>, u64)>,
    /// Links that were asked.
    asked: BTreeSet<u64>,
}

impl std::fmt::Debug for Recovering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recovering({:?})", self.partners)
    }
}

/// What one partner gave back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Returned {
    pub packages: u64,
    /// Of these, how many did not open or held what was refused.
    pub spoilt: u64,
    /// All that it keeps has come.
    pub done: bool,
}

fn key(org: OrgId) -> Vec<u8> {
    [LEFT, org.as_bytes()].concat()
}

impl Engine {
    /// The organisations that may keep our records, best first: in an order of our own, so that each has about as much to keep.
    /// Those who might be made to hand it over against the persons (42 CFR 2.61 to 2.67) are left out.
    ///
    /// # Errors
    /// `Store`.
    pub fn keepers(&mut self, view: &dyn View) -> Result<Vec<OrgId>> {
        let own = self.identity.org();
        let mut ranked = BTreeSet::new();
        for coalition in self.coalitions(view)? {
            if self.spaces.record(view, coalition)?.is_none() || self.is_out(view, coalition)? {
                continue;
            }
            let roster = self.spaces.roster(view, coalition)?;
            for (org, member) in roster.orgs.iter().filter(|(org, member)| **org != own && !member.removed) {
                let apart = matches!(
                    member.card.kind,
                    PartnerKind::LawEnforcement | PartnerKind::CriminalJustice | PartnerKind::ChildWelfare
                );
                if !apart {
                    let rank = crate::keys::digest::sha256(b"belay keeper v1\0", &[own.as_bytes(), org.as_bytes()]);
                    ranked.insert((rank, *org));
                }
            }
        }
        Ok(ranked.into_iter().map(|(_, org)| org).collect())
    }

    /// What this partner holds of this node's.
    ///
    /// # Errors
    /// `Store`.
    pub fn backup(&self, view: &dyn View, org: OrgId) -> Result<Option<Backup>> {
        view.get(Table::Own, &key(org))?
            .map(|row| codec::decode("backup", &row).map_err(|fault| Fault::store(fault.message)))
            .transpose()
    }

    /// How many entries the private space has here: a backup that goes up to there is whole.
    ///
    /// # Errors
    /// `Store`.
    pub fn to_back_up(&mut self, view: &dyn View) -> Result<u32> {
        match self.private_space(view)? {
            Some(private) => self.spaces.count_of(view, private),
            None => Ok(0),
        }
    }

    /// Leaves with partners that are linked what they do not hold yet; takes in what they said.
    pub(super) fn back_up(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        for left in std::mem::take(&mut work.got.left) {
            self.note_left(draft, ctx, left)?;
        }
        if self.recovering.is_some() {
            return Ok(());
        }
        let Some(private) = self.private_space(draft)? else { return Ok(()) };
        let count = self.spaces.count_of(draft, private)?;
        let links = self.sessions.to_leave(ctx.now);
        if links.is_empty() || !self.may_write(draft, private)? {
            return Ok(());
        }
        let mut chosen = None;
        for (link, org) in links {
            let held = self.backup(draft, org)?;
            let upto = held.map_or(0, |held| held.upto);
            if upto >= count {
                self.still_whole(draft, org, held, ctx.now);
                continue;
            }
            if held.is_some_and(|held| held.next > ctx.now) {
                continue;
            }
            if chosen.is_none() {
                chosen = Some(self.chosen(draft, ctx.now)?);
            }
            if chosen.as_ref().is_some_and(|chosen| !chosen.contains(&org)) {
                // Before the roster has come nobody is chosen.
                if chosen.as_ref().is_some_and(BTreeSet::is_empty) {
                    continue;
                }
                self.sessions.leave_again(link, ctx.now.plus(limits::BACKUP_EVERY));
                continue;
            }
            let Some((package, upto)) = self.package(draft, ctx, private, upto)? else { continue };
            let (sessions, mut tools) = self.tools(draft, &mut work.got, ctx);
            sessions.leave(link, package, upto, &mut tools);
        }
        Ok(())
    }

    /// Who holds all holds a fresh backup, however long nothing was written.
    fn still_whole(&self, draft: &mut Draft<'_>, org: OrgId, held: Option<Backup>, now: Time) {
        if let Some(held) = held.filter(|held| now.since(held.at) > HOUR) {
            draft.put(Table::Own, key(org), codec::encode(&Backup { at: now, full: false, ..held }));
        }
    }

    /// Whom of the linked: those that hold a fresh one already, then by rank.
    fn chosen(&mut self, view: &dyn View, now: Time) -> Result<BTreeSet<OrgId>> {
        let linked: BTreeSet<OrgId> = self.sessions.peers().map(|(_, _, org, _)| org).collect();
        let mut ranked = Vec::new();
        for (rank, org) in self.keepers(view)?.into_iter().enumerate() {
            let fresh = self.backup(view, org)?.is_some_and(|b| !b.full && now.since(b.at) < limits::BACKUP_FRESH);
            if fresh || linked.contains(&org) {
                ranked.push((!fresh, rank, org));
            }
        }
        ranked.sort_unstable();
        Ok(ranked.into_iter().take(limits::BACKUP_PARTNERS).map(|(_, _, org)| org).collect())
    }

    /// The next package after so many entries, and up to which it goes.
    fn package(
        &mut self,
        draft: &Draft<'_>,
        ctx: &mut Context<'_>,
        private: SpaceId,
        from: u32,
    ) -> Result<Option<(Vec<u8>, u32)>> {
        const AT_ONCE: usize = 256;
        let Some(to) = self.spaces.recovery_key(draft, private)? else { return Ok(None) };
        let (mut entries, mut upto): (Vec<Vec<u8>>, u32) = (Vec::new(), from);
        for hash in self.spaces.order(draft, private, from, AT_ONCE)? {
            let entry = self.spaces.entry(draft, &hash)?.ok_or_else(|| Fault::store("an entry in order is missing"))?;
            let lengths = entries.iter().map(Vec::len).chain([entry.bytes().len()]);
            if backup::room(lengths) > limits::BACKUP_SIZES[3] {
                break;
            }
            upto += 1;
            if !(planted::is(Bug::BackupSkips) && upto % 3 == 0) {
                entries.push(entry.bytes().to_vec());
            }
        }
        if entries.is_empty() {
            return Ok(None);
        }
        let package = backup::seal(&to, self.identity.org(), &entries, ctx.random)?;
        Ok(Some((package, upto)))
    }

    fn note_left(&mut self, draft: &mut Draft<'_>, ctx: &mut Context<'_>, left: Left) -> Result<()> {
        let Some(org) = self.sessions.org_of(left.link) else { return Ok(()) };
        let before = self.backup(draft, org)?;
        let upto = if left.kept { left.upto } else { before.map_or(0, |before| before.upto) };
        // What is there at once goes at once; what is written from now on waits a little, so that the time of a package is not that
        // of an act.
        let all = upto >= self.to_back_up(draft)?;
        let wait = match (left.kept, all) {
            (false, _) => limits::BACKUP_REFUSED,
            (true, true) => {
                let share = u64::from(u16::from_be_bytes(random::array(ctx.random)));
                limits::BACKUP_EVERY + limits::BACKUP_EVERY * share / u64::from(u16::MAX)
            }
            (true, false) => 0,
        };
        let at = if left.kept { ctx.now } else { before.map_or(Time(0), |before| before.at) };
        let row = Backup { upto, at, full: !left.kept, next: ctx.now.plus(wait) };
        draft.put(Table::Own, key(org), codec::encode(&row));
        Ok(())
    }

    /// When a partner that is linked is to get what it does not hold yet.
    pub(super) fn next_backup(&mut self, view: &dyn View, now: Time) -> Result<Option<Time>> {
        let Some(private) = self.private_space(view)? else { return Ok(None) };
        let count = self.spaces.count_of(view, private)?;
        let mut next: Option<Time> = None;
        for (_, _, org, _) in self.sessions.peers() {
            let Some(held) = self.backup(view, org)? else { continue };
            if held.upto < count && held.next > now {
                next = Some(next.map_or(held.next, |next| next.min(held.next)));
            }
        }
        Ok(next)
    }
}

/// Coming back.
impl Engine {
    /// From now on asks every partner that is or comes to be linked for what it keeps of this organisation, and opens it with the
    /// recovery key, which is held in memory until [`Engine::recovered`]. Ticks and frames drive it as everything else.
    pub fn recover(&mut self, secret: PrekeySecret) {
        self.spaces.hold_asks(true);
        self.recovering =
            Some(Recovering { secret, partners: BTreeMap::new(), given: BTreeMap::new(), asked: BTreeSet::new() });
    }

    /// What came of each partner so far; `None` where nothing is being brought back.
    #[must_use]
    pub fn returned(&self) -> Option<&BTreeMap<OrgId, Returned>> {
        self.recovering.as_ref().map(|recovering| &recovering.partners)
    }

    /// Ends it: the key is forgotten. What is still lacking of threads is asked for from now on, with the next input or step.
    ///
    /// # Errors
    /// `Store`.
    pub fn recovered(&mut self, view: &dyn View) -> Result<()> {
        self.recovering = None;
        self.spaces.hold_asks(false);
        self.spaces.tend_lacking(view, Time(u64::MAX)).map(drop)
    }

    /// Asks linked partners, and takes what they gave.
    pub(super) fn bring_back(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        let own = self.identity.org();
        let Some(mut recovering) = self.recovering.take() else {
            work.got.given.clear();
            return Ok(());
        };
        let mut outcome = Ok(());
        let mut ask: Vec<(u64, Option<Place>)> = Vec::new();
        for Given { link, package } in std::mem::take(&mut work.got.given) {
            let Some(org) = self.sessions.org_of(link) else { continue };
            let returned = recovering.partners.entry(org).or_default();
            let Some((place, package)) = package else {
                returned.done = true;
                continue;
            };
            let (reached, bytes) = recovering.given.entry(org).or_default();
            *bytes += package.len() as u64;
            if reached.is_some_and(|last| place <= last) || *bytes > GIVEN_BYTES {
                // Who gives what it gave before, or more than anybody keeps, would keep the recovery from ever ending.
                returned.spoilt += 1;
                returned.done = true;
                continue;
            }
            *reached = Some(place);
            returned.packages += 1;
            ask.push((link, Some(place)));
            match self.open_package(draft, work, ctx, &recovering.secret, &package) {
                Ok(()) => {}
                Err(fault) if matches!(fault.class, Class::Store | Class::Bug) => outcome = Err(fault),
                Err(_) => returned.spoilt += 1,
            }
        }
        let links: Vec<(u64, NodeId, OrgId)> = self
            .sessions
            .peers()
            .filter(|(.., skew)| skew.is_some())
            .map(|(link, node, org, _)| (link, node, org))
            .collect();
        for (link, _, org) in links {
            if org != own && recovering.asked.insert(link) {
                recovering.partners.entry(org).or_default().done = false;
                recovering.given.entry(org).or_default().0 = None;
                ask.push((link, None));
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
    /// are taken, and never on the disk.
    fn open_package(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
        secret: &PrekeySecret,
        package: &[u8],
    ) -> Result<()> {
        let entries = backup::open(secret, self.identity.org(), package)?;
        self.spaces.hold_prekey(draft, secret, Time(0));
        let mut outcome = Ok(());
        for bytes in entries {
            let taken = Entry::verify(bytes).and_then(|entry| {
                let (_, mut tools) = self.tools(draft, &mut work.got, ctx);
                tools.import(entry.hash(), entry)
            });
            match taken {
                Err(fault) if matches!(fault.class, Class::Store | Class::Bug) => {
                    outcome = Err(fault);
                    break;
                }
                Err(fault) => outcome = Err(fault),
                Ok(()) => {}
            }
        }
        self.spaces.drop_prekey(draft, &secret.id());
        outcome
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
