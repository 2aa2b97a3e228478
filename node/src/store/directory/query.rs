//! What people type, as an FTS5 query that can not be wrong.

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

/// The query for these words, in quotes each; the last one may go on, as somebody is typing it. `None` without words.
pub(super) fn fts(words: &[String]) -> Option<String> {
    let (last, first) = words.split_last()?;
    let mut parts: Vec<String> = first.iter().map(|word| format!("\"{word}\"")).collect();
    // One letter alone stands for too much.
    let goes_on = last.chars().count() > 1;
    parts.push(if goes_on { format!("\"{last}\"*") } else { format!("\"{last}\"") });
    Some(parts.join(" AND "))
}
