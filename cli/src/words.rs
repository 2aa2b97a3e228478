//! Text about a person on its way in. Process arguments can be read by every user of a machine and stay in shell histories, so
//! such text is never one: it comes from a file (`@FILE`), from standard input (`@-`), or is typed when asked for.

use crate::confirm;
use crate::trouble::{Result, Trouble};
use belay_protocol::limits::REQUEST_BYTES;
use belay_protocol::referral::Purpose;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use std::io::{Read, Write};
use std::str::FromStr;

/// Text that came by a file or standard input. Does not show itself.
#[derive(Debug, Clone)]
pub struct Words(Personal<String>);

impl FromStr for Words {
    type Err = String;

    fn from_str(argument: &str) -> std::result::Result<Self, String> {
        match argument.strip_prefix('@') {
            Some(source) if !source.is_empty() => read(source).map(|text| Self(Personal::new(text))),
            _ => {
                Err("text about a person must not stand in process arguments, which others on this machine can read: \
                      give @FILE, or @- for standard input, or leave it out to be asked"
                    .to_owned())
            }
        }
    }
}

impl Words {
    /// The text, or nothing.
    pub fn or_empty(words: Option<Self>) -> Personal<String> {
        words.map(|w| w.0).unwrap_or_default()
    }

    /// The text, or what is typed when asked. `option` names the way for scripts.
    pub fn or_ask(words: Option<Self>, prompt: &str, option: &str) -> Result<Personal<String>> {
        match words {
            Some(words) => Ok(words.0),
            None if confirm::attended() => line(prompt),
            None => Err(Trouble::usage(confirm::needed(prompt)).next(format!("the command again with {option} @FILE"))),
        }
    }

    /// As [`Words::or_ask`], with what is wrong with the text: who types is told so and asked again, and loses nothing that was typed before.
    pub fn or_ask_right(
        words: Option<Self>,
        prompt: &str,
        option: &str,
        wrong: impl Fn(&str) -> Option<String>,
    ) -> Result<Personal<String>> {
        let typed = words.is_none() && confirm::attended();
        let text = Self::or_ask(words, prompt, option)?;
        until_right(text, wrong, |why| {
            if !typed {
                return Err(Trouble::failed(why).next(format!("the command again with {option} @FILE")));
            }
            crate::output::say(why);
            line(prompt)
        })
    }

    /// The text.
    pub fn into_personal(self) -> Personal<String> {
        self.0
    }

    /// The text, for a request that takes it as it is.
    pub fn into_text(self) -> String {
        self.0.reveal().clone()
    }

    pub fn each(words: Vec<Self>) -> Vec<Personal<String>> {
        words.into_iter().map(|w| w.0).collect()
    }
}

/// A text in which nothing is wrong: `again` gets what is, and another text.
fn until_right(
    mut text: Personal<String>,
    wrong: impl Fn(&str) -> Option<String>,
    mut again: impl FnMut(&str) -> Result<Personal<String>>,
) -> Result<Personal<String>> {
    while let Some(why) = wrong(text.reveal()) {
        text = again(&why)?;
    }
    Ok(text)
}

/// One line typed at the terminal, shown as it is typed.
pub fn line(prompt: &str) -> Result<Personal<String>> {
    eprint!("{prompt}: ");
    std::io::stderr().flush()?;
    let mut typed = String::new();
    if std::io::stdin().read_line(&mut typed)? == 0 {
        return Err(Trouble::failed("nothing more was typed, and nothing was done"));
    }
    let text = Personal::new(typed.trim().to_owned());
    zeroize::Zeroize::zeroize(&mut typed);
    Ok(text)
}

/// A file, or standard input for `-`, without the line end at its end.
pub fn read(source: &str) -> std::result::Result<String, String> {
    let mut text = String::new();
    let most = REQUEST_BYTES as u64 / 2;
    let got = if source == "-" {
        std::io::stdin().lock().take(most + 1).read_to_string(&mut text)
    } else {
        std::fs::File::open(source).and_then(|file| file.take(most + 1).read_to_string(&mut text))
    };
    let name = if source == "-" { "standard input" } else { source };
    match got {
        Err(error) => Err(format!("{name} could not be read: {error}")),
        Ok(bytes) if bytes as u64 > most => Err(format!("{name} holds more than {most} bytes")),
        Ok(_) if text.trim().is_empty() => Err(format!("{name} is empty, or was read already")),
        Ok(_) => Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
    }
}

/// A day, or else an event in words of its own: those come from a file.
#[derive(Debug, Clone)]
pub enum DayOr {
    Day(Time),
    When(Words),
}

impl FromStr for DayOr {
    type Err = String;

    fn from_str(argument: &str) -> std::result::Result<Self, String> {
        match belay_node::system::begin(argument) {
            Ok(day) => Ok(Self::Day(day)),
            Err(_) if argument.starts_with('@') => argument.parse().map(Self::When),
            Err(_) => Err("give a day (YYYY-MM-DD or M/D/YYYY), or for an event in words @FILE, or @- for standard input: they can tell of the \
                           person, and others on this machine can read process arguments"
                .to_owned()),
        }
    }
}

/// A purpose by its word, or in words of its own, which come from a file.
pub fn purpose(argument: &str) -> std::result::Result<Words, String> {
    if argument.starts_with('@') {
        return argument.parse();
    }
    match Purpose::parse(argument) {
        Purpose::Other(words) if !words.reveal().is_empty() => Err("a purpose is treatment, payment, operations, tpo, request, emergency, \
            proceedings, supervision or fundraising; other words can tell of the person: give them as @FILE, or @- for standard input"
            .to_owned()),
        _ => Ok(Words(Personal::from(argument))),
    }
}

/// A person by id, or the beginning of one: a name would be a personal datum in the process arguments.
pub fn person(argument: &str) -> std::result::Result<String, String> {
    if argument.len() >= 4 && argument.len() <= 64 && argument.chars().all(|c| c.is_ascii_hexdigit()) {
        Ok(argument.to_ascii_lowercase())
    } else {
        Err("a person is named by id here, or by at least 4 characters of its beginning, since others on this machine can read \
             process arguments; `belay person list` shows the ids"
            .to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_and_asked_for_until_it_is_right() {
        let wrong = |text: &str| text.is_empty().then(|| "empty".to_owned());
        let mut answers = ["", "Ada"].into_iter();
        let mut said = Vec::new();
        let again = |why: &str| {
            said.push(why.to_owned());
            answers.next().map(Personal::from).ok_or_else(|| Trouble::failed("asked too often"))
        };
        let text = until_right(Personal::default(), wrong, again).expect("right in the end");
        assert_eq!((text.reveal().as_str(), said.len()), ("Ada", 2));
        let refused = until_right(Personal::default(), wrong, |why| Err(Trouble::failed(why)));
        assert_eq!(
            refused.map_err(|trouble| trouble.message).err().as_deref(),
            Some("empty"),
            "nobody is there to ask"
        );
    }
}
