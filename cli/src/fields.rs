//! Forms as text: a field a line, such as `name: Ada Wick`, from a file, from standard input, or asked for.

use crate::trouble::{Result, Trouble};
use crate::{confirm, output, words};
use belay_protocol::sensitive::Personal;

/// Fills a form. `set` gets a field's name and value, and says whether there is such a field, or what is wrong with the value: who types is
/// asked for that one again. `names` are those that are asked for. `command` is what to type with a file.
pub fn fill(
    from: Option<String>,
    names: &[&str],
    command: &str,
    mut set: impl FnMut(&str, &str) -> std::result::Result<bool, String>,
) -> Result<()> {
    let Some(source) = from else {
        if !confirm::attended() {
            return Err(
                Trouble::usage("a form is to be filled in, and nobody is at the terminal to type it").next(command)
            );
        }
        return ask(names, words::line, set);
    };
    let text = zeroize::Zeroizing::new(words::read(&source).map_err(Trouble::failed)?);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let given = line
            .split_once(':')
            .map(|(name, value)| (name.trim().to_ascii_lowercase().replace(['_', '-'], " "), value.trim()));
        let known = match given {
            Some((name, value)) => set(&name, value).map_err(|why| {
                Trouble::failed(format!("line {}: {why}", number + 1))
                    .next(format!("a line such as `{}`", example(&name)))
            })?,
            None => false,
        };
        if !known {
            return Err(Trouble::failed(format!(
                "line {} is not a field and its value; the fields are {}",
                number + 1,
                names.join(", ")
            ))
            .next(format!("a line such as `{}: ...`", names.first().copied().unwrap_or_default())));
        }
    }
    Ok(())
}

/// Each in turn, and again where it was wrong: nothing that was typed before is lost.
fn ask(
    names: &[&str],
    mut line: impl FnMut(&str) -> Result<Personal<String>>,
    mut set: impl FnMut(&str, &str) -> std::result::Result<bool, String>,
) -> Result<()> {
    for name in names {
        while let Err(why) = set(name, line(prompt(name))?.reveal()) {
            output::say(&why);
        }
    }
    Ok(())
}

/// A field, with how it is written where that is not plain.
fn prompt(name: &str) -> &str {
    match name {
        "birth date" => "birth date (YYYY-MM-DD or M/D/YYYY, or the year alone; may stay empty)",
        "last dose" => "last dose (such as 2026-11-24T10:00 or 11/24/2026 10:00; may stay empty)",
        "next dose" => "next dose (such as 2026-11-24T10:00 or 11/24/2026 10:00; may stay empty)",
        "next visit" => "next visit (such as 2026-11-24T10:00 or 11/24/2026 10:00; may stay empty)",
        "none" => "none (yes, where the person was asked and takes nothing; may stay empty)",
        name => name,
    }
}

fn example(name: &str) -> String {
    match name {
        "birth date" | "died" => format!("{name}: 1988-03-14"),
        "last dose" | "next dose" | "next visit" => format!("{name}: 2026-11-24T10:00"),
        "none" => "none: yes".to_owned(),
        name => format!("{name}: ..."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_wrong_is_asked_for_again_and_none_of_the_others() {
        let mut typed = ["Ada", "14/3/1988", "3/14/1988", "note"].into_iter();
        let (mut prompts, mut kept) = (Vec::new(), Vec::new());
        let line = |prompt: &str| {
            prompts.push(prompt.to_owned());
            typed.next().map(Personal::from).ok_or_else(|| Trouble::failed("asked too often"))
        };
        let set = |name: &str, value: &str| {
            if value.starts_with("14/") {
                return Err("no such day".to_owned());
            }
            kept.push(format!("{name}={value}"));
            Ok(true)
        };
        ask(&["name", "birth date", "note"], line, set).expect("each is right in the end");
        assert_eq!(kept, ["name=Ada", "birth date=3/14/1988", "note=note"]);
        assert_eq!(prompts.len(), 4);
        assert!(prompts[1].contains("M/D/YYYY") && prompts[1] == prompts[2], "{prompts:?}");
    }
}
