//! Forms as text: a field a line, such as `name: Ada Wick`, from a file, from standard input, or asked for.

use crate::trouble::{Result, Trouble};
use crate::{confirm, words};

/// Fills a form. `set` gets a field's name and value, and says whether there is such a field; `names` are those that are asked for.
/// `command` is what to type with a file.
pub fn fill(
    from: Option<String>,
    names: &[&str],
    command: &str,
    mut set: impl FnMut(&str, &str) -> bool,
) -> Result<()> {
    let Some(source) = from else {
        if !confirm::attended() {
            return Err(
                Trouble::usage("a form is to be filled in, and nobody is at the terminal to type it").next(command)
            );
        }
        for name in names {
            set(name, words::line(name)?.reveal());
        }
        return Ok(());
    };
    let text = zeroize::Zeroizing::new(words::read(&source).map_err(Trouble::failed)?);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let known = line
            .split_once(':')
            .is_some_and(|(name, value)| set(&name.trim().to_ascii_lowercase().replace(['_', '-'], " "), value.trim()));
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
