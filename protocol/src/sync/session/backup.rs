//! Packages of private spaces: left with a partner, kept for one, and given back.

use super::Session;
use crate::fault::{Fault, Result};
use crate::keys::Signature;
use crate::planted::{self, Bug};
use crate::sync::kept::{self, Deposit, Leaving, Pile, Place};
use crate::sync::left;
use crate::sync::tools::Tools;
use crate::sync::wire::{Backup, Frame};
use crate::time::Time;
use std::collections::BTreeSet;

/// What is under way over one link.
#[derive(Debug, Default)]
pub struct Backing {
    /// The partner has a package of ours and has not said whether it keeps it: up to which entry it goes, and what lies there with it.
    left: Option<(u32, Pile)>,
    /// It was asked what lies there and has not answered: what is expected.
    looking: Option<Pile>,
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
    pub pile: Pile,
    pub kept: bool,
}

/// What a partner says that lies there of this node's.
#[derive(Debug, Clone, Copy)]
pub struct Looked {
    pub link: u64,
    /// All that had been left when it was asked lies there.
    pub fits: bool,
    pub pile: Pile,
    /// It is more than was asked for, and this node signed it.
    pub ours: bool,
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
            Backup::Keep(leaving) => {
                if self.org == t.org {
                    return Err(Fault::misbehaved("backup: our own node leaves with us what we have"));
                }
                let of = (self.org, self.peer);
                let shelf = kept::shelf(t.draft, of)?.unwrap_or_default();
                let kept = leaving.goes_on(&shelf, of, (t.org, t.me)) && {
                    let retired = self.retired_of(t)?;
                    kept::keep(t.draft, of, &leaving, &retired, t.now)?
                };
                t.got.promised |= kept && !planted::is(Bug::KeptUnsynced);
                t.send(self.link, &Frame::Backup(Backup::Kept(kept)));
            }
            Backup::Kept(kept) => {
                let (upto, pile) =
                    self.backing.left.take().ok_or_else(|| Fault::misbehaved("backup: kept, and none was left"))?;
                if kept {
                    self.backing.looked = Some(t.now);
                }
                t.got.left.push(Left { link: self.link, upto, pile, kept });
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
            Backup::Look(number) => {
                let kept::Shelf { pile, signature, .. } =
                    kept::shelf(t.draft, (self.org, self.peer))?.unwrap_or_default();
                let at = kept::chain_at(t.draft, self.org, (self.peer, number))?;
                let signature = signature.filter(|_| pile.number > number);
                t.send(self.link, &Frame::Backup(Backup::Shelf { at, pile, signature }));
            }
            Backup::Shelf { at, pile, signature } => {
                let asked = self
                    .backing
                    .looking
                    .take()
                    .ok_or_else(|| Fault::misbehaved("backup: a shelf, and nobody asked"))?;
                self.backing.looked = Some(t.now);
                let with = (self.org, self.peer);
                let ours = pile.number > asked.number;
                if ours && !self.signed_here(pile, signature, t) {
                    // On the disk, so that it is asked no more: a lie is told once, and stops nobody.
                    let held = left::get(t.draft, with)?.unwrap_or_default();
                    left::put(t.draft, with, &left::Backup { claimed: Some(t.now), ..held });
                    return Err(Fault::misbehaved(
                        "backup: it says that more lies there than was left, and does not show our signature for it",
                    ));
                }
                t.got.looked.push(Looked { link: self.link, fits: at == Some(asked.chain), pile, ours });
            }
        }
        Ok(())
    }

    /// At the beginning of a session: asks whether what was left there lies there still.
    pub(super) fn look_first(&mut self, t: &mut Tools<'_, '_>) -> Result<()> {
        if let Some(held) = left::get(t.draft, (self.org, self.peer))?
            && held.is_asked()
        {
            self.look(&held, t);
        }
        Ok(())
    }

    /// Asks whether what it held of ours lies there still.
    pub(in crate::sync) fn look(&mut self, held: &left::Backup, t: &mut Tools<'_, '_>) {
        (self.backing.looking, self.backing.since) = (Some(held.pile), t.now);
        t.send(self.link, &Frame::Backup(Backup::Look(held.pile.number)));
    }

    /// Asks for the next package after this place.
    pub(in crate::sync) fn fetch_kept(&mut self, after: Option<Place>, t: &mut Tools<'_, '_>) {
        self.backing.fetching = true;
        t.send(self.link, &Frame::Backup(Backup::Give(after)));
    }

    /// Leaves one package, which goes up to this entry of ours, and with which this is what lies there.
    pub(in crate::sync) fn leave_package(&mut self, leaving: Leaving, then: (u32, Pile), t: &mut Tools<'_, '_>) {
        (self.backing.left, self.backing.since) = (Some(then), t.now);
        t.send(self.link, &Frame::Backup(Backup::Keep(leaving)));
    }

    /// Whether this node signed that it left all this with the peer.
    fn signed_here(&self, pile: Pile, signature: Option<Signature>, t: &Tools<'_, '_>) -> bool {
        let deposit = Deposit { of: (t.org, t.me), with: (self.org, self.peer), pile };
        planted::is(Bug::ClaimUnsigned) || signature.is_some_and(|signature| deposit.holds(&signature))
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
