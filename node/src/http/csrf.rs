//! The token in every form: a number that no other form has, and its HMAC-SHA256 with what the browser's cookie holds, under a key
//! that each start draws.
//!
//! A foreign page can make a browser send our cookie but can not read it, nor a token that goes with it. There is nothing
//! to store, so a form can also be shown to who is not signed in yet: sign-in is guarded the same way. By its number a form that is
//! sent twice is known again ([`super::session`]); numbers only grow, so that an older form is told from a newer one.

use super::session::Token;
use data_encoding::HEXLOWER;
use ring::hmac;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Number of one form, among all that this server drew.
pub type FormId = u64;

/// Makes and checks tokens; one a server.
#[derive(Clone)]
pub struct Csrf(Arc<Inner>);

struct Inner {
    key: hmac::Key,
    drawn: AtomicU64,
}

impl Csrf {
    /// Under a fresh key.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn fresh() -> Result<Self, getrandom::Error> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &super::unforeseen()?);
        Ok(Self(Arc::new(Inner { key, drawn: AtomicU64::new(0) })))
    }

    /// The tokens for forms shown to the holder of this cookie.
    #[must_use]
    pub fn forms(&self, cookie: &Token) -> Tokens {
        Tokens { csrf: self.clone(), cookie: cookie.clone() }
    }

    /// The form that `token` was made for, if it was for this cookie; takes the same time wherever they differ.
    #[must_use]
    pub fn form(&self, cookie: &Token, token: &str) -> Option<FormId> {
        let (number, tag) = token.split_once('.')?;
        let form = number.parse().ok()?;
        let tag = HEXLOWER.decode(tag.as_bytes()).ok()?;
        // The number as it was sent: one form has one token.
        hmac::verify(&self.0.key, &material(cookie, number), &tag).is_ok().then_some(form)
    }
}

/// Tokens for the forms of one page. Each time that it is written out it is another: no two forms have the same.
#[derive(Clone)]
pub struct Tokens {
    csrf: Csrf,
    cookie: Token,
}

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { key, drawn } = &*self.csrf.0;
        let number = drawn.fetch_add(1, Ordering::Relaxed).to_string();
        let tag = hmac::sign(key, &material(&self.cookie, &number));
        write!(f, "{number}.{}", HEXLOWER.encode(tag.as_ref()))
    }
}

/// As a token itself: nothing of it.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[tokens]")
    }
}

fn material(cookie: &Token, number: &str) -> Vec<u8> {
    [b"belay form v2\0", cookie.as_str().as_bytes(), b"\0", number.as_bytes()].concat()
}

#[cfg(test)]
impl Tokens {
    /// For samples of pages.
    pub fn sample() -> Self {
        Csrf::fresh().expect("random").forms(&Token::fresh().expect("random"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_only_its_own_cookie_and_server_and_each_form_has_another() {
        let (ours, other) = (Csrf::fresh().unwrap(), Csrf::fresh().unwrap());
        let (cookie, foreign) = (Token::fresh().unwrap(), Token::fresh().unwrap());
        let forms = ours.forms(&cookie);
        let (first, token) = (forms.to_string(), forms.to_string());
        assert_eq!((ours.form(&cookie, &first), ours.form(&cookie, &token)), (Some(0), Some(1)));
        assert_eq!(ours.form(&foreign, &token), None);
        assert_eq!(other.form(&cookie, &token), None);
        let tag = token.split_once('.').unwrap().1;
        let (second, padded) = (format!("2.{tag}"), format!("01.{tag}"));
        for wrong in ["", "00", ".", "1.", tag, &second, &padded, &token[..62], &token.to_uppercase(), "é"] {
            assert_eq!(ours.form(&cookie, wrong), None, "{wrong}");
        }
    }
}
