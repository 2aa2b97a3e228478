//! The template for plain text, 80 columns wide: a terminal, a typewriter face on paper, a screen reader.

use super::{Block, Seen, Sheet};
use zeroize::Zeroizing;

/// Columns.
pub const WIDTH: usize = 80;
/// Columns between two columns of a table.
const GAP: usize = 2;

impl Sheet {
    /// The form as plain text. Control characters in names and texts are shown as a mark.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(16 * 1024));
        put(&mut out, &self.title.to_uppercase(), "", "");
        put(&mut out, &"=".repeat(self.title.chars().count().min(WIDTH)), "", "");
        for block in &self.blocks {
            out.push('\n');
            match block {
                Block::Heading { text, clause } => {
                    let heading = if clause.is_empty() { text.clone() } else { format!("{text} ({clause})") };
                    put(&mut out, &heading, "", "");
                    put(&mut out, &"-".repeat(heading.chars().count().min(WIDTH)), "", "");
                }
                Block::Prose(text) => put(&mut out, text, "", ""),
                Block::Said(text) => put(&mut out, text, "  ", "  "),
                Block::List(items) => items.iter().for_each(|item| put(&mut out, item, "- ", "  ")),
                Block::Boxes(items) => items.iter().for_each(|item| put(&mut out, item, "[ ] ", "    ")),
                Block::Facts(facts) => {
                    for (label, value) in facts {
                        put(&mut out, value, &format!("{label}: "), "    ");
                    }
                }
                Block::Table { heads, rows, none } if rows.is_empty() => {
                    debug_assert!(!heads.is_empty(), "a table has heads");
                    put(&mut out, none, "", "");
                }
                Block::Table { heads, rows, .. } => table(&mut out, heads, rows),
                Block::Law { clause, text } => {
                    put(&mut out, text, "  | ", "  | ");
                    put(&mut out, &format!("({clause})"), "  | ", "  | ");
                }
                Block::Hand { alt, seen, .. } => match seen {
                    Seen::Unasked => {}
                    Seen::Lines(_) => put(&mut out, &format!("[{alt}]"), "", ""),
                    Seen::Picture { text, .. } | Seen::Named { text, .. } => put(&mut out, text, "", ""),
                },
                Block::Lines(labels) => {
                    for label in labels {
                        let line = WIDTH.saturating_sub(label.chars().count() + 2).max(20);
                        put(&mut out, &format!("\n{label}: {}", "_".repeat(line)), "", "");
                    }
                }
            }
        }
        out
    }
}

/// A text in lines of [`WIDTH`], the first behind `first`, the others behind `rest`. Line feeds in it stay.
fn put(out: &mut String, text: &str, first: &str, rest: &str) {
    let mut lead = first;
    for paragraph in text.split('\n') {
        let clean = super::words::clean(paragraph);
        for line in wrap(&clean, WIDTH.saturating_sub(rest.chars().count().max(lead.chars().count())).max(20)) {
            out.push_str(format!("{lead}{line}").trim_end());
            out.push('\n');
            lead = rest;
        }
    }
}

/// Lines of at most `width` characters; a word that is longer is cut. At least one line.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        while !word.is_empty() {
            let Some(line) = lines.last_mut() else { break };
            let used = line.chars().count();
            let space = usize::from(used > 0);
            if used + space + word.len() <= width {
                if space == 1 {
                    line.push(' ');
                }
                line.extend(word.drain(..));
            } else if used == 0 {
                line.extend(word.drain(..width.min(word.len())));
                lines.push(String::new());
            } else {
                lines.push(String::new());
            }
        }
    }
    while lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// A table in [`WIDTH`] columns: each column as wide as it needs if all fit, else the wide ones share what is left.
fn table(out: &mut String, heads: &[String], rows: &[Vec<String>]) {
    let widths = widths(heads, rows);
    let mut row = |cells: &[String]| {
        let cells: Vec<Vec<String>> =
            widths.iter().zip(cells).map(|(width, cell)| wrap(&super::words::clean(cell), *width)).collect();
        for at in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let mut line = String::new();
            for (lines, width) in cells.iter().zip(&widths) {
                let text = lines.get(at).map_or("", String::as_str);
                line.push_str(&format!("{text:width$}{:GAP$}", ""));
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    };
    row(heads);
    row(&widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>());
    for cells in rows {
        row(cells);
    }
}

fn widths(heads: &[String], rows: &[Vec<String>]) -> Vec<usize> {
    let mut widths: Vec<usize> = (0..heads.len())
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .chain(heads.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let room = WIDTH.saturating_sub(GAP * heads.len().saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        // The widest gives way first.
        let Some(widest) = widths.iter_mut().max() else { break };
        if *widest <= 6 {
            break;
        }
        *widest -= 1;
    }
    widths
}
