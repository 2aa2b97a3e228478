//! The one door through which data leaves: for people, or with `--json` the same view as JSON. A closed pipe ends quietly.
//!
//! Talk and progress go to standard error ([`say`]). Text that came from others is cleaned of control characters, so that no
//! name can move the cursor or colour the screen.

mod agreement;
mod calls;
mod care;
mod coalition;
mod demo;
mod directory;
mod emergency;
mod left_out;
mod outside;
mod page;
mod parcels;
mod person;
mod plans;
mod recovery;
mod stewards;
mod thread;
mod worklist;

pub use agreement::terms;
pub use care::Stands;
pub use coalition::word;
pub use outside::NO_REACH;
pub use page::Page;
pub use worklist::WorkList;

use crate::trouble::{Result, Trouble};
use belay_protocol::plain::is_obeyed;
use belay_protocol::time::Time;
use serde::Serialize;
use std::io::{ErrorKind, Write};

/// A view that can be shown to people.
pub trait Show {
    fn show(&self, page: &mut Page);
}

/// Prints a view on standard output.
pub fn print<V: Show + Serialize>(view: &V, json: bool) -> Result<()> {
    let text = if json {
        let mut text =
            serde_json::to_string_pretty(view).map_err(|e| Trouble::failed(format!("not printable: {e}")))?;
        text.push('\n');
        quoted(&text)
    } else {
        let mut page = Page::default();
        view.show(&mut page);
        page.into_text()
    };
    raw(text.as_bytes())
}

/// Bytes on standard output as they are (man page, completions, files for the other side).
pub fn raw(bytes: &[u8]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        // Whoever read us has seen enough.
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(e) => Err(Trouble::failed(format!("standard output: {e}"))),
    }
}

/// JSON in which every character that a terminal obeys is written as an escape. They stand within texts only.
fn quoted(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || !is_obeyed(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// A time on the clock here, with how far that is from UTC. `--json` gives the instant.
pub fn when(at: Time) -> String {
    belay_node::system::written(at)
}

/// The day here on which that was.
pub fn day(at: Time) -> String {
    belay_node::system::day(at)
}

/// So many of them, in words of their number.
pub fn counted(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// Talk, on standard error.
pub fn say(text: &str) {
    eprintln!("{}", clean(text));
}

/// A view on standard error, before a question about it.
pub fn talk<V: Show>(view: &V) {
    let mut page = Page::default();
    view.show(&mut page);
    eprint!("{}", page.into_text());
}

/// Text without characters that a terminal obeys. Line feeds stay.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if c != '\n' && is_obeyed(c) { '\u{fffd}' } else { c }).collect()
}

/// The same on one line.
pub fn clean_line(text: &str) -> String {
    clean(text).replace('\n', "\u{fffd}")
}

/// Nothing to show: for requests that answer with `null`.
#[derive(Debug, serde::Deserialize, Serialize)]
pub struct Nothing;

#[cfg(test)]
mod tests;
