//! How templates write a text: without markup, and without characters that a screen obeys instead of showing them.

use askama::filters::{Escaper, Html};
use belay_protocol::plain::is_obeyed;
use std::fmt::{Result, Write};

/// Writes a text into a page: `node/askama.toml` names it for every template. Fields that are sent back hold what was typed as it is
/// (`|escape("typed")`).
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown;

impl Escaper for Shown {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> Result {
        let mut parts = text.split(obeyed);
        Html.write_escaped_str(&mut dest, parts.next().unwrap_or_default())?;
        for part in parts {
            dest.write_char(char::REPLACEMENT_CHARACTER)?;
            Html.write_escaped_str(&mut dest, part)?;
        }
        Ok(())
    }
}

/// The lines of a text and its tabs are shown as such.
const fn obeyed(c: char) -> bool {
    is_obeyed(c) && !matches!(c, '\n' | '\r' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_screen_obeys_is_shown_as_a_mark_and_markup_as_text() {
        let written = |text: &str| {
            let mut out = String::new();
            Shown.write_escaped_str(&mut out, text).map(|()| out)
        };
        assert_eq!(
            written("a\u{202e}b\u{2066}\u{1b}<i>\n\té").as_deref(),
            Ok("a\u{fffd}b\u{fffd}\u{fffd}&#60;i&#62;\n\té")
        );
        assert_eq!(written("").as_deref(), Ok(""));
    }
}
