//! The token in every form: HMAC-SHA256 over what the browser's cookie holds, under a key that each start draws.
//!
//! A foreign page can make a browser send our cookie but can not read it, nor the token that goes with it. There is nothing
//! to store, so a form can also be shown to who is not signed in yet: sign-in is guarded the same way.

use super::session::Token;
use ring::hmac;

/// Makes and checks tokens; one a server.
pub struct Csrf(hmac::Key);

impl Csrf {
    /// Under a fresh key.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn fresh() -> Result<Self, getrandom::Error> {
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &super::unforeseen()?)))
    }

    /// The token for forms shown to the holder of this cookie.
    #[must_use]
    pub fn token(&self, cookie: &Token) -> String {
        data_encoding::HEXLOWER.encode(hmac::sign(&self.0, &material(cookie)).as_ref())
    }

    /// Whether `token` was made for this cookie; takes the same time wherever they differ.
    #[must_use]
    pub fn fits(&self, cookie: &Token, token: &str) -> bool {
        data_encoding::HEXLOWER
            .decode(token.as_bytes())
            .is_ok_and(|tag| hmac::verify(&self.0, &material(cookie), &tag).is_ok())
    }
}

fn material(cookie: &Token) -> Vec<u8> {
    [b"belay form v1\0", cookie.as_str().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_only_its_own_cookie_and_server() {
        let (ours, other) = (Csrf::fresh().unwrap(), Csrf::fresh().unwrap());
        let (cookie, foreign) = (Token::fresh().unwrap(), Token::fresh().unwrap());
        let token = ours.token(&cookie);
        assert!(ours.fits(&cookie, &token));
        assert!(!ours.fits(&foreign, &token));
        assert!(!other.fits(&cookie, &token));
        for wrong in ["", "00", &token[..62], &token.to_uppercase(), "é"] {
            assert!(!ours.fits(&cookie, wrong), "{wrong}");
        }
    }
}
