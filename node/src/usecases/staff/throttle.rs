//! Guessing of secrets: after some wrong tries for a name each further try has to wait, longer each time.
//!
//! A name has the same waiting whether there is such a staff member or not. Names fall into a fixed number of buckets by a
//! keyed hash, so that no number of names makes the table grow, and nobody can choose names that share a bucket. Each way by which
//! somebody comes has buckets of its own: who posts wrong secrets for somebody from a strange browser shuts them out neither of the
//! browser in which they signed in before nor of the command line.

use crate::system::{Moment, System};
use belay_protocol::random;
use ring::hmac;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Wrong tries for one name before it has to wait.
pub const FREE_TRIES: u32 = 4;
/// The first wait; it doubles with each wrong try.
pub const FIRST_WAIT: Duration = Duration::from_secs(2);
/// The longest wait: staff who forgot their secret are not shut out for the day.
pub const LONGEST_WAIT: Duration = Duration::from_secs(120);
/// Without a try for this long, wrong ones are forgotten.
pub const FORGET: Duration = Duration::from_secs(60 * 60);
const BUCKETS: usize = 1024;

/// By which way somebody comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The control socket, which is for the folder's owner alone.
    Socket,
    /// Any browser of this machine.
    Browser,
    /// A browser in which this name has signed in since the node started.
    KnownBrowser,
}

#[derive(Clone, Copy)]
struct Bucket {
    wrong: u32,
    last: Moment,
}

/// Wrong tries so far, by name.
pub struct Throttle {
    key: hmac::Key,
    buckets: Mutex<Box<[Option<Bucket>]>>,
}

impl Throttle {
    /// With no wrong tries.
    #[must_use]
    pub fn fresh() -> Self {
        let key: [u8; 32] = random::array(&mut System);
        let buckets = Mutex::new(vec![None; BUCKETS].into_boxed_slice());
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key), buckets }
    }

    /// Asks to try `name`: counted as a wrong try until [`Self::right`] says otherwise, so that many tries at once do not
    /// get in before the first is answered. Gives how many were wrong so far, with this one.
    ///
    /// # Errors
    /// How long to wait first. Asking too early does not make the wait longer.
    pub fn ask(&self, name: &str, way: Way, now: Moment) -> Result<u32, Duration> {
        let bucket = self.bucket(name, way);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(slot) = buckets.get_mut(bucket) else { return Ok(1) };
        let wrong = match slot {
            Some(held) if now.since(held.last) < FORGET => {
                let (waited, wait) = (now.since(held.last), wait_after(held.wrong));
                if waited < wait {
                    return Err(wait.saturating_sub(waited));
                }
                held.wrong
            }
            _ => 0,
        };
        let wrong = wrong.saturating_add(1);
        *slot = Some(Bucket { wrong, last: now });
        Ok(wrong)
    }

    /// The try was right: forgets the wrong ones before.
    pub fn right(&self, name: &str, way: Way) {
        let bucket = self.bucket(name, way);
        if let Some(slot) = self.buckets.lock().unwrap_or_else(PoisonError::into_inner).get_mut(bucket) {
            *slot = None;
        }
    }

    fn bucket(&self, name: &str, way: Way) -> usize {
        let tag = hmac::sign(&self.key, format!("{} {}", way as u8, name.trim().to_lowercase()).as_bytes());
        tag.as_ref().iter().take(4).fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte)) % BUCKETS
    }
}

fn wait_after(wrong: u32) -> Duration {
    if wrong < FREE_TRIES {
        return Duration::ZERO;
    }
    let doublings = (wrong - FREE_TRIES).min(10);
    FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT)
}

impl std::fmt::Debug for Throttle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Throttle")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAY: Way = Way::Browser;

    #[test]
    fn after_some_wrong_tries_a_name_waits_longer_and_longer_and_others_do_not() {
        let throttle = Throttle::fresh();
        let mut now = Moment::now();
        for wrong in 1..=FREE_TRIES {
            assert_eq!(throttle.ask("Asha", WAY, now), Ok(wrong));
        }
        assert_eq!(throttle.ask(" asha", WAY, now), Err(FIRST_WAIT), "one name, however it is written");
        assert_eq!(throttle.ask("asha", WAY, now), Err(FIRST_WAIT), "asking too early does not make it longer");
        assert!(["ben", "chen", "dora"].iter().any(|name| throttle.ask(name, WAY, now).is_ok()));
        now = now.plus(FIRST_WAIT);
        assert_eq!(throttle.ask("asha", WAY, now), Ok(FREE_TRIES + 1));
        assert_eq!(throttle.ask("asha", WAY, now), Err(FIRST_WAIT * 2));
        for _ in 0..20 {
            now = now.plus(LONGEST_WAIT);
            assert!(throttle.ask("asha", WAY, now).is_ok(), "never longer than the longest wait");
        }
        now = now.plus(LONGEST_WAIT);
        assert!(throttle.ask("asha", WAY, now).is_ok());
        throttle.right("asha", WAY);
        assert_eq!(throttle.ask("asha", WAY, now), Ok(1), "a right one forgets the wrong ones");
    }

    #[test]
    fn wrong_tries_are_forgotten_after_an_hour() {
        let throttle = Throttle::fresh();
        let now = Moment::now();
        for _ in 0..FREE_TRIES {
            throttle.ask("asha", WAY, now).unwrap();
        }
        let later = now.plus(FORGET);
        for wrong in 1..=FREE_TRIES {
            assert_eq!(throttle.ask("asha", WAY, later), Ok(wrong));
        }
    }

    #[test]
    fn wrong_tries_from_a_strange_browser_shut_nobody_out_of_their_own() {
        // Names share buckets by chance, so that more than one throttle is asked.
        let fits = (0..8).filter(|_| {
            let throttle = Throttle::fresh();
            let now = Moment::now();
            while throttle.ask("asha", Way::Browser, now).is_ok() {}
            throttle.ask("asha", Way::KnownBrowser, now).is_ok() && throttle.ask("asha", Way::Socket, now).is_ok()
        });
        assert!(fits.count() > 4);
    }
}
