//! Which secrets are none, since they are tried first.

use crate::api::{Failure, Outcome, Secret};
use zeroize::Zeroizing;

/// Characters of a staff secret at least.
const CHARS: usize = 8;

/// Those that lists of stolen ones are full of and that are long enough, without digits and signs at their ends.
const COMMON: &[&str] = &[
    "",
    "password",
    "passwort",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "contrasena",
    "contraseña",
    "qwerty",
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
    "iloveyou",
    "letmein",
    "letmeinnow",
    "welcome",
    "changeme",
    "changethis",
    "administrator",
    "admin",
    "secret",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "starwars",
    "trustno",
    "whatever",
    "dragon",
    "monkey",
    "master",
    "computer",
    "internet",
    "qazwsxedc",
    "abcdefgh",
    "abcdefg",
    "belay",
    "passwordpassword",
];

/// That a secret of this staff member is one.
///
/// # Errors
/// Too short; the name; one of those that everybody tries.
pub fn proper(name: &str, secret: &Secret) -> Outcome<()> {
    if secret.reveal().chars().count() < CHARS {
        return Err(Failure::misuse(format!("a staff secret has at least {CHARS} characters")));
    }
    let (core, name) = (core(secret.reveal()), core(name));
    let same = secret.reveal().chars().collect::<std::collections::BTreeSet<_>>().len() < 3;
    if same || COMMON.contains(&core.as_str()) || *core == *name || core.replace(name.as_str(), "").is_empty() {
        return Err(Failure::misuse("this secret is one of the first that somebody would try").next(
            "the command again with another; three or four words that have nothing to do with each other are good",
        ));
    }
    Ok(())
}

/// In small letters, without spaces, and without digits and signs at both ends.
fn core(text: &str) -> Zeroizing<String> {
    let small = Zeroizing::new(text.to_lowercase().split_whitespace().collect::<String>());
    Zeroizing::new(small.trim_matches(|c: char| !c.is_alphabetic()).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_no_secret_and_words_that_nobody_puts_together_are() {
        let fits = |name: &str, secret: &str| proper(name, &Secret::new(secret.to_owned())).is_ok();
        for secret in [
            "short",
            "Ada Wick 1",
            "adawick2026",
            "adawickadawick",
            "Password1!",
            "12345678",
            "qwertyuiop",
            "contraseña1",
            "aaaaaaaaaa",
            "abababab",
            "letmein!!",
        ] {
            assert!(!fits("Ada Wick", secret), "{secret}");
        }
        for secret in ["correct horse", "the secret of noor", "wick lamp oil 7", "a secret of Kim"] {
            assert!(fits("Ada Wick", secret), "{secret}");
        }
    }
}
