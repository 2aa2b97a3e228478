//! Questions to whoever sits at the terminal, and secrets that come from a file or from there.

use crate::trouble::{Result, Trouble};
use belay_node::api::Secret;
use belay_node::store::Passphrase;
use belay_protocol::fault::Fault;
use std::io::{IsTerminal, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// Whether somebody sits there who can answer.
pub fn attended() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// A yes or no question; `yes` answers it beforehand. Without a terminal it is refused, not assumed.
pub fn sure(question: &str, yes: bool) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !attended() {
        return Err(Trouble::usage(format!("{question} Nobody is at the terminal to answer"))
            .next("the command again with --yes"));
    }
    if says_yes(question)? { Ok(()) } else { Err(Trouble::failed("not confirmed, nothing was done")) }
}

/// A yes or no question to whoever sits at the terminal.
pub fn says_yes(question: &str) -> Result<bool> {
    eprint!("{} [y/N] ", crate::output::clean_line(question));
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// A secret from a file (its line end taken away), or asked for at the terminal. `option` names the way for scripts.
pub fn secret(file: Option<&Path>, prompt: &str, option: &str) -> Result<Secret> {
    match file {
        Some(file) => secret_from(file),
        None if attended() => ask(prompt),
        None => Err(Trouble::usage(needed(prompt)).next(format!("the command again with {option}"))),
    }
}

/// That something is to be typed, and nobody is there.
pub fn needed(prompt: &str) -> String {
    let (are, them) = if prompt.starts_with(WORDS) { ("are", "them") } else { ("is", "it") };
    format!("{prompt} {are} needed, and nobody is at the terminal to type {them}")
}

/// How the recovery phrase is asked for.
const WORDS: &str = "The 24 words";

/// As [`secret`], typed twice at the terminal: for secrets that are being made.
pub fn new_secret(file: Option<&Path>, prompt: &str, option: &str) -> Result<Secret> {
    let first = secret(file, prompt, option)?;
    if file.is_none() && ask(&format!("{prompt}, once more"))? != first {
        return Err(Trouble::failed("the two are not the same, nothing was done"));
    }
    Ok(first)
}

/// The recovery phrase, from a file or typed.
pub fn phrase(file: Option<&Path>) -> Result<Secret> {
    secret(file, &format!("{WORDS} of the recovery phrase"), "--phrase-file F")
}

/// The passphrase of the store, from a file or typed.
pub fn passphrase(file: Option<&Path>) -> Result<Passphrase> {
    match file {
        Some(file) => from_file(file),
        None => typed(&secret(None, "Passphrase of the store", "--passphrase-file F")?),
    }
}

/// As [`passphrase`], typed twice: for a store that is being made.
pub fn new_passphrase(file: Option<&Path>) -> Result<Passphrase> {
    match file {
        Some(file) => from_file(file),
        None => typed(&new_secret(None, "Passphrase of the store", "--passphrase-file F")?),
    }
}

fn from_file(file: &Path) -> Result<Passphrase> {
    warn_of_readers(file);
    Passphrase::from_file(file).map_err(too_short)
}

/// Says so where every account of this machine can read a file that holds a secret.
fn warn_of_readers(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if std::fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o004 != 0) {
        let name = file.display();
        crate::output::say(&format!(
            "warning: every account of this machine can read the secret in {name}; type: chmod 600 {name}"
        ));
    }
}

fn typed(secret: &Secret) -> Result<Passphrase> {
    Passphrase::new(Zeroizing::new(secret.reveal().to_owned())).map_err(too_short)
}

/// What to do about a passphrase that is none.
fn too_short(fault: Fault) -> Trouble {
    let short = fault.message.contains("fewer than");
    let trouble = Trouble::from(fault);
    if short {
        trouble.next(
            "the command again with a longer one: four or five words that have nothing to do with each other are good",
        )
    } else {
        trouble.next("the command again with --passphrase-file F, where F holds it on its first line")
    }
}

/// One line from the terminal, not shown while it is typed; may be empty.
pub fn line(prompt: &str) -> Result<Secret> {
    rpassword::prompt_password(format!("{prompt}: "))
        .map(|text| Secret::new(text.trim().to_owned()))
        .map_err(|e| Trouble::failed(format!("the terminal could not be read: {e}")))
}

/// How often a secret that is empty is asked for again.
const TRIES: usize = 3;

fn ask(prompt: &str) -> Result<Secret> {
    for _ in 0..TRIES {
        let typed = rpassword::prompt_password(format!("{prompt}: "))
            .map_err(|e| Trouble::failed(format!("{prompt} could not be read from the terminal: {e}")))?;
        if !typed.is_empty() {
            return Ok(Secret::new(typed));
        }
        eprintln!("Nothing was typed.");
    }
    Err(Trouble::failed(format!("{prompt} is empty")))
}

fn secret_from(file: &Path) -> Result<Secret> {
    warn_of_readers(file);
    let text = Zeroizing::new(
        std::fs::read_to_string(file)
            .map_err(|e| Trouble::failed(format!("{} could not be read: {e}", file.display())))?,
    );
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(Trouble::failed(format!("{} is empty", file.display())));
    }
    Ok(Secret::new(text.to_owned()))
}
