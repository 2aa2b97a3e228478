//! Guessing of secrets: after some wrong tries for a name each further try has to wait, longer each time.
//!
//! A name has the same waiting whether there is such a staff member or not. Names fall into a fixed number of buckets by a
//! keyed hash, so that no number of names makes the table grow, and nobody can choose names that share a bucket.

use super::Moment;
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
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn fresh() -> Result<Self, getrandom::Error> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &super::unforeseen()?);
        Ok(Self { key, buckets: Mutex::new(vec![None; BUCKETS].into_boxed_slice()) })
    }

    /// Asks to try `name`: counted as a wrong try until [`Self::right`] says otherwise, so that many tries at once do not
    /// get in before the first is answered.
    ///
    /// # Errors
    /// How long to wait first. Asking too early does not make the wait longer.
    pub fn ask(&self, name: &str, now: Moment) -> Result<(), Duration> {
        let bucket = self.bucket(name);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(slot) = buckets.get_mut(bucket) else { return Ok(()) };
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
        *slot = Some(Bucket { wrong: wrong.saturating_add(1), last: now });
        Ok(())
    }

    /// The try was right: forgets the wrong ones before.
    pub fn right(&self, name: &str) {
        let bucket = self.bucket(name);
        if let Some(slot) = self.buckets.lock().unwrap_or_else(PoisonError::into_inner).get_mut(bucket) {
            *slot = None;
        }
    }

    fn bucket(&self, name: &str) -> usize {
        let tag = hmac::sign(&self.key, name.trim().to_lowercase().as_bytes());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_some_wrong_tries_a_name_waits_longer_and_longer_and_others_do_not() {
        let throttle = Throttle::fresh().unwrap();
        let mut now = Moment::now();
        for _ in 0..FREE_TRIES {
            assert_eq!(throttle.ask("Asha", now), Ok(()));
        }
        assert_eq!(throttle.ask(" asha", now), Err(FIRST_WAIT), "one name, however it is written");
        assert_eq!(throttle.ask("asha", now), Err(FIRST_WAIT), "asking too early does not make it longer");
        assert!(["ben", "chen", "dora"].iter().any(|name| throttle.ask(name, now).is_ok()));
        now = now.plus(FIRST_WAIT);
        assert_eq!(throttle.ask("asha", now), Ok(()));
        assert_eq!(throttle.ask("asha", now), Err(FIRST_WAIT * 2));
        for _ in 0..20 {
            now = now.plus(LONGEST_WAIT);
            assert_eq!(throttle.ask("asha", now), Ok(()), "never longer than the longest wait");
        }
        now = now.plus(LONGEST_WAIT);
        assert_eq!(throttle.ask("asha", now), Ok(()));
        throttle.right("asha");
        assert_eq!(throttle.ask("asha", now), Ok(()), "a right one forgets the wrong ones");
    }

    #[test]
    fn wrong_tries_are_forgotten_after_an_hour() {
        let throttle = Throttle::fresh().unwrap();
        let now = Moment::now();
        for _ in 0..FREE_TRIES {
            throttle.ask("asha", now).unwrap();
        }
        let later = now.plus(FORGET);
        for _ in 0..FREE_TRIES {
            assert_eq!(throttle.ask("asha", later), Ok(()));
        }
    }
}
