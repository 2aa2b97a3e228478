//! Frames that came and wait for the engine: how many there may be, and whose is the next.
//!
//! An organisation has a share of the places, and what is left for others it never takes. Places are handed out to one organisation after the
//! other, on however many links each waits. So who sends without end waits behind itself: anybody else's next frame comes after at most one
//! of each organisation that waits too.

use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::OrgId;
use belay_protocol::limits;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Places of large frames, which are made ready before their turn, and of small ones.
#[derive(Debug)]
pub struct Ahead {
    large: Arc<Places>,
    small: Arc<Places>,
}

impl Default for Ahead {
    fn default() -> Self {
        Self {
            large: Places::new(limits::FRAMES_AHEAD, limits::FRAMES_AHEAD_OF_ORG),
            small: Places::new(limits::FRAMES_WAITING, limits::FRAMES_WAITING_OF_ORG),
        }
    }
}

impl Ahead {
    /// Waits for a place for a frame of so many bytes that a node of this organisation sent.
    ///
    /// # Errors
    /// `Bug`: places end with the node alone.
    pub async fn place(&self, org: OrgId, bytes: usize) -> Result<Place> {
        let places = if is_large(bytes) { &self.large } else { &self.small };
        places.of(org).await
    }
}

/// Whether a frame is made ready on a thread of its own.
pub const fn is_large(bytes: usize) -> bool {
    bytes >= limits::LARGE_FRAME
}

/// A frame's place, until the engine has taken the frame or nobody waits for it any more. Dropped, it is the next one's.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    org: OrgId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.back(self.org);
        self.places.hand_out();
    }
}

#[derive(Debug)]
struct Places {
    /// How many one organisation has at most.
    share: usize,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    free: usize,
    /// How many each organisation has that has any.
    by: BTreeMap<OrgId, usize>,
    /// Organisations that wait, whose turn is next first, and the frames of each in the order in which they came.
    waiting: VecDeque<(OrgId, VecDeque<oneshot::Sender<Place>>)>,
}

impl Places {
    fn new(all: usize, share: usize) -> Arc<Self> {
        let held = Held { free: all, by: BTreeMap::new(), waiting: VecDeque::new() };
        Arc::new(Self { share, held: Mutex::new(held) })
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn of(self: &Arc<Self>, org: OrgId) -> Result<Place> {
        let (frame, place) = oneshot::channel();
        self.lock().waits(org, frame);
        self.hand_out();
        place.await.map_err(|_| Fault::bug("a place for a frame was never handed out"))
    }

    fn hand_out(self: &Arc<Self>) {
        while let Some((org, frame)) = self.next() {
            // Of a link that ended this moment the place comes back by itself.
            let _ = frame.send(Place { places: Arc::clone(self), org });
        }
    }

    /// Whose turn it is, where there is a place; it counts as taken.
    fn next(&self) -> Option<(OrgId, oneshot::Sender<Place>)> {
        let mut held = self.lock();
        let (org, frame) = held.next(self.share)?;
        held.free -= 1;
        *held.by.entry(org).or_default() += 1;
        Some((org, frame))
    }

    fn back(&self, org: OrgId) {
        let mut held = self.lock();
        held.free += 1;
        if let Some(by) = held.by.get_mut(&org) {
            *by -= 1;
            if *by == 0 {
                held.by.remove(&org);
            }
        }
    }
}

impl Held {
    fn waits(&mut self, org: OrgId, frame: oneshot::Sender<Place>) {
        match self.waiting.iter_mut().find(|(waits, _)| *waits == org) {
            Some((_, frames)) => frames.push_back(frame),
            None => self.waiting.push_back((org, VecDeque::from([frame]))),
        }
    }

    /// The first frame of the first organisation that has not its share yet. Then it is the others' turn before it is this one's again.
    fn next(&mut self, share: usize) -> Option<(OrgId, oneshot::Sender<Place>)> {
        if self.free == 0 {
            return None;
        }
        // Links end while they wait.
        self.waiting.iter_mut().for_each(|(_, frames)| frames.retain(|frame| !frame.is_closed()));
        self.waiting.retain(|(_, frames)| !frames.is_empty());
        let has_room = |org: &OrgId| self.by.get(org).is_none_or(|by| *by < share);
        let at = self.waiting.iter().position(|(org, _)| has_room(org))?;
        let (org, mut frames) = self.waiting.remove(at)?;
        let frame = frames.pop_front()?;
        if !frames.is_empty() {
            self.waiting.push_back((org, frames));
        }
        Some((org, frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use futures::future::BoxFuture;

    const HOSTILE: OrgId = OrgId([1; 32]);
    const PARTNER: OrgId = OrgId([2; 32]);
    const OTHER: OrgId = OrgId([3; 32]);

    /// Asks for a place, and has it or waits.
    fn asks(places: &Arc<Places>, org: OrgId) -> BoxFuture<'static, Result<Place>> {
        let places = Arc::clone(places);
        async move { places.of(org).await }.boxed()
    }

    #[tokio::test]
    async fn an_organisation_that_sends_without_end_leaves_places_to_others() {
        let places = Places::new(4, 3);
        let mut many: Vec<_> = (0..8).map(|_| asks(&places, HOSTILE)).collect();
        let has: Vec<Place> = many.iter_mut().filter_map(|asks| asks.now_or_never()).map(Result::unwrap).collect();
        assert_eq!(has.len(), 3, "its share, whatever is free");
        let partner = asks(&places, PARTNER).now_or_never().expect("a place at once").unwrap();
        assert!(asks(&places, OTHER).now_or_never().is_none(), "there are four in all");
        drop((has, partner));
    }

    #[tokio::test]
    async fn places_go_to_one_organisation_after_the_other_on_however_many_links_each_waits() {
        let places = Places::new(1, 1);
        let mut taken = Some(places.of(OTHER).await.unwrap());
        let order = [HOSTILE, HOSTILE, HOSTILE, PARTNER, HOSTILE, PARTNER, OTHER];
        let mut waiting: Vec<_> = order.into_iter().map(|org| (org, asks(&places, org))).collect();
        assert!(waiting.iter_mut().all(|(_, asks)| asks.now_or_never().is_none()));
        let mut turns = Vec::new();
        while !waiting.is_empty() {
            drop(taken.take());
            let mut given = Vec::new();
            waiting.retain_mut(|(org, asks)| {
                let place = asks.now_or_never();
                let waits = place.is_none();
                given.extend(place.map(|place| (*org, place.unwrap())));
                waits
            });
            let [(org, place)] = given.try_into().expect("one place for each that comes back");
            turns.push(org);
            taken = Some(place);
        }
        assert_eq!(turns, [HOSTILE, PARTNER, OTHER, HOSTILE, PARTNER, HOSTILE, HOSTILE]);
    }

    #[tokio::test]
    async fn a_link_that_ends_while_it_waits_leaves_its_place_to_the_next() {
        let places = Places::new(1, 1);
        let first = places.of(HOSTILE).await.unwrap();
        let mut gone = asks(&places, PARTNER);
        let mut given = asks(&places, PARTNER);
        let mut next = asks(&places, OTHER);
        for waits in [&mut gone, &mut given, &mut next] {
            assert!(waits.now_or_never().is_none());
        }
        drop(gone);
        drop(first);
        // This one was handed its place, and ends before it takes it.
        drop(given);
        drop(next.now_or_never().expect("the place of who is gone").unwrap());
        let held = places.lock();
        assert!(held.free == 1 && held.by.is_empty() && held.waiting.is_empty(), "nothing is left behind: {held:?}");
    }

    #[tokio::test]
    async fn small_frames_pass_large_ones_and_have_a_bound_of_their_own() {
        let ahead = Ahead::default();
        let large: Vec<Place> = std::iter::repeat(limits::LARGE_FRAME)
            .map_while(|bytes| ahead.place(HOSTILE, bytes).now_or_never())
            .map(Result::unwrap)
            .collect();
        assert_eq!(large.len(), limits::FRAMES_AHEAD_OF_ORG);
        let small: Vec<Place> = std::iter::repeat(limits::LARGE_FRAME - 1)
            .map_while(|bytes| ahead.place(HOSTILE, bytes).now_or_never())
            .map(Result::unwrap)
            .collect();
        assert_eq!(small.len(), limits::FRAMES_WAITING_OF_ORG);
        for bytes in [limits::LARGE_FRAME, limits::LARGE_FRAME - 1] {
            assert!(ahead.place(PARTNER, bytes).now_or_never().is_some(), "another's frame of {bytes} bytes");
        }
    }
}
