//! The local web server: what holds for every page, whatever stands on it.
//!
//! It listens on loopback only. Staff of one machine share it, and any page that a browser on that machine has open may
//! send requests to it, so: requests under a foreign host name are refused (DNS rebinding), forms carry a token that only
//! our own pages hold, sessions live in memory and end, and nothing about a person is cached or named in an address.
//!
//! Parts: [`server`] socket and connections; [`host`] host and origin; [`headers`] what every answer carries;
//! [`session`] who is signed in; [`csrf`] the token of forms; [`throttle`] guessing of secrets.

pub mod csrf;
pub mod headers;
pub mod host;
pub mod server;
pub mod session;
pub mod throttle;

/// A point in time by two clocks. The steady one never jumps but stands still while a machine sleeps; the wall clock goes on
/// but may be set. What lasts a while has ended as soon as either says so.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub steady: std::time::Instant,
    pub wall: std::time::SystemTime,
}

impl Moment {
    #[must_use]
    pub fn now() -> Self {
        Self { steady: std::time::Instant::now(), wall: std::time::SystemTime::now() }
    }

    /// The longer of the two times since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> std::time::Duration {
        let wall = self.wall.duration_since(earlier.wall).unwrap_or_default();
        self.steady.saturating_duration_since(earlier.steady).max(wall)
    }

    /// The same moment so much later, by both clocks.
    #[must_use]
    pub fn plus(self, time: std::time::Duration) -> Self {
        Self { steady: self.steady + time, wall: self.wall + time }
    }
}

/// 32 bytes that nobody can foretell.
///
/// # Errors
/// The operating system gives none; nothing secret can be made then.
pub fn unforeseen() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
