//! Who holds a connection of the web door.
//!
//! Nobody waits for a place: who is not signed in gives one up to who comes later. The source address that holds most of them
//! goes first, of its connections the one that waits for its next request, and of those the oldest. A connection that carried
//! the request of a staff member who is signed in is not among them any more.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Connections that nobody signed in over; a browser opens six.
pub const STRANGERS: usize = 64;
/// Connections of staff who are signed in: two dozen of them at once, each with all that a browser opens and some to spare.
pub const MEMBERS: usize = 192;

/// The connections that stand.
#[derive(Default)]
pub struct Places {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// Of the next one.
    number: u64,
    places: BTreeMap<u64, Holder>,
}

struct Holder {
    from: IpAddr,
    member: bool,
    /// A request is under way on it.
    busy: bool,
    leave: Arc<Notify>,
}

/// One place; dropped, it is free.
pub struct Place {
    number: u64,
    places: Arc<Places>,
    leave: Arc<Notify>,
}

impl Places {
    fn held(&self) -> MutexGuard<'_, Held> {
        // No code panics between two changes of the map, so a poisoned lock guards a whole map.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for a connection from this address. Where strangers hold all of theirs, one of them has to go.
    pub fn enter(self: &Arc<Self>, from: IpAddr) -> Place {
        let mut held = self.held();
        if let Some(leaves) = held.in_the_way()
            && let Some(gone) = held.places.remove(&leaves)
        {
            gone.leave.notify_one();
        }
        let (number, leave) = (held.number, Arc::new(Notify::new()));
        held.number += 1;
        held.places.insert(number, Holder { from, member: false, busy: false, leave: Arc::clone(&leave) });
        Place { number, places: Arc::clone(self), leave }
    }
}

impl Held {
    /// Who leaves before another stranger comes; `None`: there is room.
    fn in_the_way(&self) -> Option<u64> {
        let strangers = || self.places.iter().filter(|(_, holder)| !holder.member);
        if strangers().count() < STRANGERS {
            return None;
        }
        let mut of: BTreeMap<IpAddr, usize> = BTreeMap::new();
        for (_, holder) in strangers() {
            *of.entry(holder.from).or_default() += 1;
        }
        let most = of.values().copied().max()?;
        strangers()
            .filter(|(_, holder)| of.get(&holder.from) == Some(&most))
            .min_by_key(|(number, holder)| (holder.busy, **number))
            .map(|(number, _)| *number)
    }
}

impl Place {
    /// Ends when somebody else needs the place.
    pub async fn called_away(&self) {
        self.leave.notified().await;
    }

    /// Somebody who is signed in asks over this connection.
    pub fn is_members(&self) {
        let mut held = self.places.held();
        let members = held.places.values().filter(|holder| holder.member).count();
        if let Some(holder) = held.places.get_mut(&self.number).filter(|_| members < MEMBERS) {
            holder.member = true;
        }
    }

    /// A request begins or has been answered.
    pub fn works(&self, busy: bool) {
        if let Some(holder) = self.places.held().places.get_mut(&self.number) {
            holder.busy = busy;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.held().places.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 1));
    const B: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));

    fn stands(place: &Place) -> bool {
        place.places.held().places.contains_key(&place.number)
    }

    #[test]
    fn who_comes_last_always_finds_a_place_and_the_oldest_that_waits_goes() {
        let places = Arc::new(Places::default());
        let all: Vec<Place> = (0..STRANGERS).map(|_| places.enter(A)).collect();
        all[0].works(true);
        let last = places.enter(A);
        assert!(stands(&last) && stands(&all[0]), "a request that is under way is answered");
        assert!(!stands(&all[1]), "the oldest of those that wait");
        all[0].works(false);
        let _next = places.enter(A);
        assert!(!stands(&all[0]));
    }

    #[test]
    fn members_stand_whoever_comes() {
        let places = Arc::new(Places::default());
        let member = places.enter(A);
        member.is_members();
        let strangers: Vec<Place> = (0..3 * STRANGERS).map(|_| places.enter(A)).collect();
        assert!(stands(&member));
        assert_eq!(strangers.iter().filter(|place| stands(place)).count(), STRANGERS);
        let members: Vec<Place> = (0..MEMBERS).map(|_| places.enter(B)).inspect(Place::is_members).collect();
        assert_eq!(members.iter().filter(|place| stands(place)).count(), MEMBERS);
        assert!(places.held().places.len() <= STRANGERS + MEMBERS, "a bound in all");
    }

    #[test]
    fn who_holds_most_gives_up_first() {
        let places = Arc::new(Places::default());
        let few: Vec<Place> = (0..3).map(|_| places.enter(B)).collect();
        let _many: Vec<Place> = (0..4 * STRANGERS).map(|_| places.enter(A)).collect();
        assert!(few.iter().all(stands), "one address does not push another out");
    }

    #[test]
    fn a_place_that_is_left_is_free() {
        let places = Arc::new(Places::default());
        drop((0..STRANGERS).map(|_| places.enter(A)).collect::<Vec<_>>());
        assert!(places.held().places.is_empty());
    }
}
