//! Who is signed in: sessions in memory, found by the hash of what the browser holds.
//!
//! A token is 256 random bits, made anew at each sign-in, so that one planted before is worth nothing afterwards. The map
//! holds its SHA-256 only: who reads the memory of the map can not act as anybody. A restart signs everybody out.
//!
//! With each session goes what came of its forms ([`sent`]).

pub mod sent;

use super::Moment;
use super::csrf::FormId;
use sent::{Forms, Sending};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Without a request for this long a session ends: a machine in a shared office is left alone.
pub const IDLE: Duration = Duration::from_secs(20 * 60);
/// A session ends after this in any case: one working day.
pub const LIFE: Duration = Duration::from_secs(10 * 60 * 60);
/// Sessions at once; the one unused for longest goes first. A partner has a few dozen staff at most.
pub const SESSIONS: usize = 500;

/// What the browser holds: 256 random bits as 43 characters. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn fresh() -> Result<Self, getrandom::Error> {
        Ok(Self(data_encoding::BASE64URL_NOPAD.encode(&super::unforeseen()?)))
    }

    /// From a cookie; `None` where it is not of our making.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, self.0.as_bytes()).as_ref());
        out
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[token]")
    }
}

struct Held<W, K> {
    who: W,
    /// Shown once on the next page, then gone: what the last form did.
    notice: Option<String>,
    /// What stands between a form and its deed: one thing a session.
    kept: Option<K>,
    forms: Forms,
    opened: Moment,
    used: Moment,
}

/// The sessions of one server. `W` is who is signed in, `K` what is kept of a form that was not done yet.
pub struct Sessions<W, K = ()> {
    held: Mutex<HashMap<[u8; 32], Held<W, K>>>,
}

impl<W, K> Default for Sessions<W, K> {
    fn default() -> Self {
        Self { held: Mutex::new(HashMap::new()) }
    }
}

impl<W: Clone, K: Clone> Sessions<W, K> {
    fn held(&self) -> MutexGuard<'_, HashMap<[u8; 32], Held<W, K>>> {
        // No code panics between two changes of the map, so a poisoned lock guards a whole map.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a session under a fresh token.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn open(&self, who: W, now: Moment) -> Result<Token, getrandom::Error> {
        let token = Token::fresh()?;
        let mut held = self.held();
        held.retain(|_, session| session.lives(now));
        if held.len() >= SESSIONS
            && let Some(oldest) = held.iter().max_by_key(|(_, s)| now.since(s.used)).map(|(hash, _)| *hash)
        {
            held.remove(&oldest);
        }
        held.insert(
            token.hash(),
            Held { who, notice: None, kept: None, forms: Forms::default(), opened: now, used: now },
        );
        Ok(token)
    }

    /// Who holds this token, if the session lives; counts as a use of it.
    #[must_use]
    pub fn find(&self, token: &Token, now: Moment) -> Option<W> {
        let mut held = self.held();
        let hash = token.hash();
        let session = held.get_mut(&hash)?;
        if session.lives(now) {
            session.used = now;
            return Some(session.who.clone());
        }
        held.remove(&hash);
        None
    }

    /// Leaves a sentence for the next page.
    pub fn leave_notice(&self, token: &Token, notice: impl Into<String>) {
        if let Some(session) = self.held().get_mut(&token.hash()) {
            session.notice = Some(notice.into());
        }
    }

    /// The sentence left for this page, once.
    #[must_use]
    pub fn take_notice(&self, token: &Token) -> Option<String> {
        self.held().get_mut(&token.hash()).and_then(|session| session.notice.take())
    }

    /// Keeps what was typed while it is looked at; in place of what was kept before. Gone with the session.
    pub fn keep(&self, token: &Token, what: Option<K>) {
        if let Some(session) = self.held().get_mut(&token.hash()) {
            session.kept = what;
        }
    }

    /// What is kept.
    #[must_use]
    pub fn kept(&self, token: &Token) -> Option<K> {
        self.held().get(&token.hash()).and_then(|session| session.kept.clone())
    }

    /// The same, which stays there for the page.
    #[must_use]
    pub fn notice(&self, token: &Token) -> Option<String> {
        self.held().get(&token.hash()).and_then(|session| session.notice.clone())
    }

    /// A form of this session comes in, with what has this SHA-256 in it; `None` where the session has ended.
    #[must_use]
    pub fn send(&self, token: &Token, form: FormId, said: [u8; 32]) -> Option<Sending> {
        self.held().get_mut(&token.hash()).map(|session| session.forms.send(form, said))
    }

    /// Ends one session.
    pub fn close(&self, token: &Token) {
        self.held().remove(&token.hash());
    }
}

impl<W, K> Held<W, K> {
    fn lives(&self, now: Moment) -> bool {
        now.since(self.used) < IDLE && now.since(self.opened) < LIFE
    }
}

#[cfg(test)]
mod tests;
