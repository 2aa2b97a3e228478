//! One session: both sides of one link.
//!
//! What we owe the peer is in [`Outbound`], what it owes us in [`Inbound`]; they do not wait for each other. Parts:
//! `serve` (what we send), `backup` (packages of private spaces), `answer` (what the peer asked for), `take` (what it sends), `compare` (where its token did not fit).

mod answer;
pub mod backup;
mod compare;
pub mod fill;
pub mod post;
mod serve;
mod take;

use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::sync::checked::Signed;
use crate::sync::dropped::Dropped;
use crate::sync::early::Early;
use crate::sync::parcel::rows;
use crate::sync::pending::Pending;
use crate::sync::tools::Tools;
use crate::sync::wire::{self, Frame, Hello, Run, Summary};
use crate::sync::{bookmark, receipt, sessions::Shared};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// One link's session. Ends with the link; nothing of it is stored but tokens.
pub struct Session {
    pub link: u64,
    pub peer: NodeId,
    pub org: OrgId,
    /// From its `Hello` on.
    pub(super) theirs: Option<Greeting>,
    pub(super) out: Outbound,
    pub(super) inn: Inbound,
    pub(super) post: post::Post,
    pub(super) backing: backup::Backing,
    /// When the last frame came from it.
    pub(super) heard: Time,
    /// Spaces that were looked at for comparisons while this input is handled.
    pub(super) looks: usize,
    /// They were as many as may be: the rest is looked at when time goes on.
    pub(super) goes_on: bool,
}

/// What the peer's `Hello` said.
#[derive(Debug, Clone, Copy)]
pub struct Greeting {
    pub run: Run,
    /// How far its clock stands ahead of ours, in milliseconds; when it said hello, and corrected by each setting of ours since.
    pub ahead: i64,
}

/// What we still have to send.
pub struct Outbound {
    pub(super) phase: Phase,
    /// The first arrival that the peer was not shown.
    pub(super) next: u64,
    /// Up to where the last token went that it has from us.
    pub(super) marked: u64,
    /// How many entries of an opened space were shown: the arrival `next` opens it.
    pub(super) opened: u32,
    pub(super) answers: VecDeque<Answer>,
    /// Spaces of the last `Compare` to which no `Have` came.
    pub(super) compared: BTreeSet<SpaceId>,
    /// Entries that were announced to the peer, and neither wanted and sent nor shown by it since, with their spaces.
    pub(super) announced: BTreeMap<EntryHash, SpaceId>,
    /// Removals that the peer was reminded of in this session.
    pub(super) told: BTreeSet<EntryHash>,
    /// Entries among `answers` that the peer asked for by name.
    pub(super) wanted: usize,
    /// Pages that the peer has not acknowledged.
    pub(super) in_flight: usize,
    /// Whether anything has been answered to its token.
    pub(super) answered: bool,
    /// Its token did not fit, and it has none since.
    pub(super) owes_token: bool,
    /// For whom pages are filled.
    pub(super) aim: fill::Aim,
}

/// Where serving stands.
pub(super) enum Phase {
    /// The peer has not said hello.
    Silent,
    /// Its token did not fit: these spaces are still to be compared. `waiting` for a `Compared` to the last page.
    /// `page`: the next one, as far as it is made.
    Comparing { left: VecDeque<SpaceId>, page: Vec<Summary>, waiting: bool },
    /// Arrivals are listed as they come.
    Listing,
}

/// One thing that the peer asked for.
pub(super) enum Answer {
    /// What follows what it has of a space.
    Have(Box<wire::Have>),
    Entry(EntryHash),
    /// Asked for by name.
    Wanted(EntryHash),
    Register(SpaceId, NodeId, String),
    Removal(EntryHash),
    Done(SpaceId),
}

/// What the peer has to send us.
#[derive(Default)]
pub struct Inbound {
    /// Announced or missing, and not here yet.
    pub(super) pending: Pending,
    /// What it was asked for and has not answered; true: its time for that is over.
    pub(super) wanted: BTreeMap<EntryHash, bool>,
    /// Asks and comparisons whose time ran out without an answer.
    pub(super) lapses: u32,
    /// The newest token, until `pending` is empty.
    pub(super) held: Option<Vec<u8>>,
    /// Entries that it sent and that were dropped here for lack of room, to be asked for again.
    pub(super) dropped: Dropped,
    /// Something it sent was dropped that it is not asked for again: no token of this session is kept.
    pub(super) lossy: bool,
    pub(super) compare: Option<Comparison>,
    /// The last space that it compared, and whether those after its coalitions have begun.
    pub(super) compared_to: Option<SpaceId>,
    pub(super) coalitions_ended: bool,
    /// Registers whose space or node is not known here yet, or whose organisation has said too much.
    pub(super) early: Early,
    /// When what came too early may be asked for again, or offered.
    pub(super) later: Option<Time>,
    /// Notices that we were taken out, by nodes that are not known here yet.
    pub(super) removals: Vec<Vec<u8>>,
    /// Pages that were stored by this call and are to be acknowledged.
    pub(super) acks: usize,
    /// Pages that brought what is late, and are acknowledged when less is.
    pub(super) held_acks: usize,
    /// What the peer is known to have, so that it is not announced back.
    pub(super) known: BTreeSet<EntryHash>,
}

/// A `Compare` of the peer that we work through.
#[derive(Default)]
pub(super) struct Comparison {
    pub(super) left: VecDeque<Summary>,
    /// Our `Have`s that are not done.
    pub(super) asked: BTreeSet<SpaceId>,
}

impl Session {
    /// Begins a session: says hello with the bookmark that we hold from the peer.
    ///
    /// # Errors
    /// `Store`.
    pub fn open(link: u64, peer: NodeId, org: OrgId, run: Run, t: &mut Tools<'_, '_>) -> Result<Self> {
        let token = bookmark::held(t.draft, peer)?;
        t.send(link, &Frame::Hello(Hello { version: wire::VERSION, run, time: t.now, token }));
        let mut session = Self {
            link,
            peer,
            org,
            theirs: None,
            out: Outbound {
                phase: Phase::Silent,
                next: 1,
                marked: 0,
                opened: 0,
                answers: VecDeque::new(),
                compared: BTreeSet::new(),
                announced: BTreeMap::new(),
                told: BTreeSet::new(),
                wanted: 0,
                in_flight: 0,
                answered: false,
                owes_token: false,
                aim: fill::Aim::Link,
            },
            inn: Inbound::default(),
            post: post::Post::default(),
            backing: backup::Backing::default(),
            heard: t.now,
            looks: 0,
            goes_on: false,
        };
        session.look_first(t)?;
        Ok(session)
    }

    /// Takes one frame of the peer; `signed`: what it held of entries and registers.
    ///
    /// # Errors
    /// The peer's fault, for which its link is closed; or `Store`.
    pub(super) fn receive(
        &mut self,
        frame: Frame,
        signed: Signed,
        shared: &mut Shared,
        t: &mut Tools<'_, '_>,
    ) -> Result<()> {
        self.heard = t.now;
        if self.theirs.is_none() != matches!(frame, Frame::Hello(_)) {
            return Err(Fault::misbehaved(format!("a {} out of turn: hello comes first, and once", frame.name())));
        }
        match frame {
            Frame::Hello(hello) => self.greeted(&hello, t),
            Frame::Same => Ok(()),
            Frame::Page(page) => self.take_page(page, signed, shared, t),
            Frame::Ack(token) => {
                self.out.in_flight =
                    self.out.in_flight.checked_sub(1).ok_or_else(|| Fault::misbehaved("an ack for no page"))?;
                if self.out.in_flight == 0 && matches!(self.out.phase, Phase::Listing) {
                    t.got.taken.push((self.peer, self.out.next - 1));
                    // That it heard of its removals does not wait for its next bookmark. What was announced it may only have noted.
                    rows::put_heard(t.draft, self.org, self.out.next - 1);
                }
                self.inn.held = token.or(self.inn.held.take());
                Ok(())
            }
            Frame::Want(hashes) => self.wanted(hashes),
            Frame::Compare(summaries) => self.take_compare(summaries),
            Frame::Have(have) => self.take_have(have),
            Frame::Compared => self.take_compared(),
            Frame::Offer(_)
            | Frame::Fetch(_)
            | Frame::Parcel(_)
            | Frame::Kept(..)
            | Frame::Receipts(_)
            | Frame::Withdraw(_)
            | Frame::Gone(_) => self.take_post(frame, t),
            Frame::Backup(message) => self.take_backup(message, t),
        }
    }

    fn greeted(&mut self, hello: &Hello, t: &mut Tools<'_, '_>) -> Result<()> {
        if hello.version != wire::VERSION {
            return Err(Fault::incompatible(format!(
                "the peer speaks sync version {}, this program {}; update the older one",
                hello.version,
                wire::VERSION
            )));
        }
        let ahead = i64::try_from(i128::from(hello.time.0) - i128::from(t.now.0)).unwrap_or(i64::MAX);
        self.theirs = Some(Greeting { run: hello.run, ahead });
        let fits = match &hello.token {
            Some(token) => bookmark::fits(t.draft, self.peer, token)?,
            None => None,
        };
        match fits {
            Some(number) => {
                rows::put_holds(t.draft, self.org, number);
                t.got.taken.push((self.peer, number));
                self.out.phase = Phase::Listing;
                self.out.next = number + 1;
                self.out.marked = number;
            }
            None => {
                // What it has is not known: a parcel or a bundle must not rest on what it had once.
                rows::put_holds(t.draft, self.org, 0);
                rows::put_heard(t.draft, self.org, 0);
                self.start_compare(t)?;
            }
        }
        Ok(())
    }

    /// Everything that arrived so far was sent and acknowledged: no parcel need bring it.
    pub(super) fn all_taken(&mut self, t: &mut Tools<'_, '_>) -> Result<()> {
        let last = self.out.next - 1;
        if self.out.in_flight > 0 || last <= self.post.sent || !self.announced_are_there(t)? {
            return Ok(());
        }
        // Where nothing of a thread was due it may lag: what is sent again is known as delivered.
        let due = rows::due_at(t.draft, self.org)?.is_some();
        if due || last.saturating_sub(self.post.sent) > limits::ARRIVALS_SKIPPED {
            rows::put_sent(t.draft, self.org, last);
            rows::drop_due(t.draft, self.org);
        }
        self.post.sent = last;
        t.got.told_all.insert(self.org);
        Ok(())
    }

    /// Whether the peer has of all threads what was only announced to it: it was sent that, or says that it holds it. What of a coalition
    /// was announced no parcel brings.
    fn announced_are_there(&mut self, t: &mut Tools<'_, '_>) -> Result<bool> {
        while let Some((hash, space)) = self.out.announced.first_key_value().map(|(hash, space)| (*hash, *space)) {
            let there = t.is_coalition(space)?
                || planted::is(Bug::AnnouncedIsTold)
                || receipt::delivered(t.spaces, t.draft, space, hash, self.org)?;
            if !there {
                return Ok(false);
            }
            self.out.announced.remove(&hash);
        }
        Ok(true)
    }

    /// How long of `life` it is given: half for each ask that it let lapse, an eighth at least.
    pub(super) fn patience(&self, life: u64) -> u64 {
        life >> self.inn.lapses.min(3)
    }

    /// Its time for this entry is over: others are asked.
    pub(super) fn lapse(&mut self, hash: &EntryHash) {
        self.inn.lapses = self.inn.lapses.saturating_add(1);
        self.inn.wanted.insert(*hash, true);
        self.inn.pending.defer(hash);
    }

    /// Whether it has this entry and was not asked for it yet.
    pub(super) fn may_ask(&self, hash: &EntryHash) -> bool {
        self.inn.pending.contains(hash) && !self.inn.wanted.contains_key(hash)
    }

    /// It answered an ask. Late is better than never.
    pub(super) fn answered(&mut self, hash: &EntryHash) {
        if self.inn.wanted.remove(hash) == Some(true) {
            self.inn.lapses = self.inn.lapses.saturating_sub(1);
        }
    }

    /// Remembers that the peer has this entry.
    pub(super) fn knows(&mut self, hash: EntryHash) {
        if self.inn.known.len() >= limits::KNOWN_TO_PEER {
            self.inn.known.pop_first();
        }
        self.inn.known.insert(hash);
        self.out.announced.remove(&hash);
    }

    /// Remembers that an entry was announced to the peer.
    pub(super) fn announces(&mut self, hash: EntryHash, space: SpaceId) {
        if self.out.announced.len() >= limits::KNOWN_TO_PEER {
            self.out.announced.pop_first();
        }
        self.out.announced.insert(hash, space);
    }
}
