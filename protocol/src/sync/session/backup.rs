//! Packages of private spaces: left with a partner, kept for one, and given back.

use super::Session;
use crate::fault::{Fault, Result};
use crate::planted::{self, Bug};
use crate::sync::kept::{self, Place};
use crate::sync::left;
use crate::sync::tools::Tools;
use crate::sync::wire::{Backup, Frame};
use crate::time::Time;
use std::collections::BTreeSet;

/// What is under way over one link.
#[derive(Debug, Default)]
pub struct Backing {
    /// The partner has a package of ours and has not said whether it keeps it: up to which entry it goes, and the chain with it.
    left: Option<(u32, [u8; 16])>,
    /// It was asked what lies there and has not answered: the chain that is expected.
    looking: Option<[u8; 16]>,
    /// When it last said what lies there.
    pub(in crate::sync) looked: Option<Time>,
    /// It is not among those who keep our records, as far as was last looked; not looked again before this.
    pub(in crate::sync) not_before: Option<Time>,
    /// When the last was left or asked for.
    since: Time,
    /// What it keeps for us is being fetched.
    fetching: bool,
}

/// What a partner gave back, or that this was all.
#[derive(Debug)]
pub struct Given {
    pub link: u64,
    pub package: Option<(Place, Vec<u8>)>,
}

/// What a partner said of a package that was left with it.
#[derive(Debug, Clone, Copy)]
pub struct Left {
    pub link: u64,
    pub upto: u32,
    pub chain: [u8; 16],
    pub kept: bool,
}

/// What a partner says that lies there of this node's.
#[derive(Debug, Clone, Copy)]
pub struct Looked {
    pub link: u64,
    /// All that had been left when it was asked lies there.
    pub fits: bool,
    pub count: u64,
    /// Over all of it.
    pub chain: [u8; 16],
}

impl Backing {
    /// Whether an answer is awaited.
    pub(in crate::sync) const fn busy(&self) -> bool {
        self.left.is_some() || self.looking.is_some()
    }

    /// Since when an answer has been awaited.
    pub(in crate::sync) fn awaited(&self) -> Option<Time> {
        self.busy().then_some(self.since)
    }
}

impl Session {
    /// Takes one frame about packages.
    pub(super) fn take_backup(&mut self, message: Backup, t: &mut Tools<'_, '_>) -> Result<()> {
        match message {
            Backup::Keep(package) => {
                if self.org == t.org {
                    return Err(Fault::misbehaved("backup: our own node leaves with us what we have"));
                }
                let retired = self.retired_of(t)?;
                let kept = kept::keep(t.draft, (self.org, self.peer), &package, &retired, t.now)?;
                t.got.promised |= kept && !planted::is(Bug::KeptUnsynced);
                t.send(self.link, &Frame::Backup(Backup::Kept(kept)));
            }
            Backup::Kept(kept) => {
                let (upto, chain) =
                    self.backing.left.take().ok_or_else(|| Fault::misbehaved("backup: kept, and none was left"))?;
                if kept {
                    self.backing.looked = Some(t.now);
                }
                t.got.left.push(Left { link: self.link, upto, chain, kept });
            }
            Backup::Give(after) => {
                let next = kept::next(t.draft, self.org, after)?;
                t.send(self.link, &Frame::Backup(Backup::Given(next)));
            }
            Backup::Given(package) => {
                if !std::mem::take(&mut self.backing.fetching) {
                    return Err(Fault::misbehaved("backup: given, and nothing was asked for"));
                }
                t.got.given.push(Given { link: self.link, package });
            }
            Backup::Look(count) => {
                let shelf = kept::shelf(t.draft, (self.org, self.peer))?.unwrap_or_default();
                let at = kept::chain_at(t.draft, self.org, (self.peer, count))?;
                t.send(self.link, &Frame::Backup(Backup::Shelf { count: shelf.count, at, chain: shelf.chain }));
            }
            Backup::Shelf { count, at, chain } => {
                let expected = self
                    .backing
                    .looking
                    .take()
                    .ok_or_else(|| Fault::misbehaved("backup: a shelf, and nobody asked"))?;
                self.backing.looked = Some(t.now);
                t.got.looked.push(Looked { link: self.link, fits: at == Some(expected), count, chain });
            }
        }
        Ok(())
    }

    /// At the beginning of a session: asks whether what was left there lies there still.
    pub(super) fn look_first(&mut self, t: &mut Tools<'_, '_>) -> Result<()> {
        if let Some(held) = left::get(t.draft, (self.org, self.peer))?
            && (held.count > 0 || held.sent.is_some())
        {
            self.look(&held, t);
        }
        Ok(())
    }

    /// Asks whether what it held of ours lies there still.
    pub(in crate::sync) fn look(&mut self, held: &left::Backup, t: &mut Tools<'_, '_>) {
        (self.backing.looking, self.backing.since) = (Some(held.chain), t.now);
        t.send(self.link, &Frame::Backup(Backup::Look(held.count)));
    }

    /// Asks for the next package after this place.
    pub(in crate::sync) fn fetch_kept(&mut self, after: Option<Place>, t: &mut Tools<'_, '_>) {
        self.backing.fetching = true;
        t.send(self.link, &Frame::Backup(Backup::Give(after)));
    }

    /// Leaves one package, which goes up to this entry of ours, and with which the chain there is this one.
    pub(in crate::sync) fn leave_package(
        &mut self,
        package: Vec<u8>,
        (upto, chain): (u32, [u8; 16]),
        t: &mut Tools<'_, '_>,
    ) {
        (self.backing.left, self.backing.since) = (Some((upto, chain)), t.now);
        t.send(self.link, &Frame::Backup(Backup::Keep(package)));
    }

    /// Nodes that its organisation has retired, in any coalition of ours.
    fn retired_of(&self, t: &mut Tools<'_, '_>) -> Result<BTreeSet<crate::ids::NodeId>> {
        let mut retired = BTreeSet::new();
        for record in t.spaces.no_threads(t.draft)? {
            if matches!(record.kind, crate::space::SpaceKind::Coalition { .. }) {
                retired.extend(t.spaces.fold(t.draft, record.space)?.retired.iter().copied());
            }
        }
        Ok(retired)
    }
}
