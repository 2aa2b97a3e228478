//! Browsers in which a name has signed in since the node started: who posts wrong secrets for that name from elsewhere on this machine
//! makes them wait for nothing.
//!
//! The mark is a cookie for the sign-in alone. It lets nobody in and is worth what it saves, some waiting; another server of this
//! machine that gets hold of it can make that browser wait, as before there were such marks.

use crate::http::unforeseen;
use data_encoding::BASE64URL_NOPAD;
use ring::hmac;

/// Makes the marks, and knows them again until the node stops.
pub struct Known(hmac::Key);

impl Known {
    /// Knows no browser.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn fresh() -> Result<Self, getrandom::Error> {
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &unforeseen()?)))
    }

    /// For a browser in which this name has signed in.
    #[must_use]
    pub fn mark(&self, name: &str) -> String {
        BASE64URL_NOPAD.encode(hmac::sign(&self.0, plain(name).as_bytes()).as_ref())
    }

    /// Whether that is such a mark of this name.
    #[must_use]
    pub fn is(&self, name: &str, mark: &str) -> bool {
        let tag = BASE64URL_NOPAD.decode(mark.as_bytes()).unwrap_or_default();
        hmac::verify(&self.0, plain(name).as_bytes(), &tag).is_ok()
    }
}

fn plain(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_of_one_name_and_of_one_start_of_the_node() {
        let (known, other) = (Known::fresh().expect("random"), Known::fresh().expect("random"));
        let mark = known.mark("Ada");
        assert!(known.is(" ada", &mark));
        assert!(!known.is("ben", &mark) && !other.is("ada", &mark) && !known.is("ada", "") && !known.is("ada", "AAAA"));
    }
}
