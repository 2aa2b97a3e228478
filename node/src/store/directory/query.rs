//! What people type, as an FTS5 query that can not be wrong.

use super::names::others;

/// Words of one query.
const WORDS: usize = 16;
/// Characters of one word.
const LENGTH: usize = 64;

/// The words: runs of letters, digits and marks. Quotes, stars, hyphens and brackets part words and mean nothing.
#[must_use]
pub fn words(typed: &str) -> Vec<String> {
    let is_mark = |c: char| ('\u{300}'..='\u{36f}').contains(&c);
    typed
        .split(|c: char| !c.is_alphanumeric() && !is_mark(c))
        .map(|word| word.chars().take(LENGTH).collect::<String>())
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .take(WORDS)
        .collect()
}

/// The query for these words, in quotes each, or in its place another name of the same; the last one may go on, as somebody is
/// typing it. `None` without words.
pub(super) fn fts(words: &[String]) -> Option<String> {
    let (last, first) = words.split_last()?;
    let mut parts: Vec<String> = first.iter().map(|word| named(word, false)).collect();
    // One letter alone stands for too much.
    parts.push(named(last, last.chars().count() > 1));
    Some(parts.join(" AND "))
}

/// One word or one of its other names.
fn named(word: &str, goes_on: bool) -> String {
    let as_typed = format!("\"{word}\"{}", if goes_on { "*" } else { "" });
    let all: Vec<String> = std::iter::once(as_typed).chain(others(word).map(|name| format!("\"{name}\""))).collect();
    if all.len() == 1 { all.concat() } else { format!("({})", all.join(" OR ")) }
}
