//! Telephone numbers out of a cell: one, several with labels, extensions.

/// One number of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    pub number: String,
    pub extension: String,
    /// What the cell says about it, such as `Intake`.
    pub label: String,
    /// Whether it has as many digits as a number has.
    pub sure: bool,
}

/// The numbers of a cell, as written, with extensions and labels taken apart. A cell without any is one unsure number.
pub(super) fn numbers(cell: &str) -> Vec<Number> {
    let cell = cell.trim().trim_matches('"').trim();
    let mut found: Vec<Number> = Vec::new();
    let mut label = String::new();
    let mut rest = cell;
    while let Some(first) = rest.chars().next() {
        let run = if is_number(first) { rest.find(|c| !is_number(c) && c != ' ').unwrap_or(rest.len()) } else { 0 };
        let digits = rest[..run].chars().filter(char::is_ascii_digit).count();
        if digits >= 7 {
            for number in split(&rest[..run]) {
                let label = std::mem::take(&mut label);
                let label = label.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
                found.push(Number { sure: is_sure(&number), number, extension: String::new(), label });
            }
            rest = &rest[run..];
        } else if let (Some((extension, after)), Some(last)) = (extension(rest), found.last_mut()) {
            last.extension = extension;
            rest = after;
        } else {
            label.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    // What follows the last number speaks of it.
    let label = label.trim_matches(|c: char| !c.is_alphanumeric());
    match found.last_mut() {
        Some(last) if last.label.is_empty() => label.clone_into(&mut last.label),
        Some(_) => {}
        None if cell.is_empty() => {}
        None => {
            found.push(Number { number: cell.to_owned(), extension: String::new(), label: String::new(), sure: false });
        }
    }
    found
}

const fn is_number(c: char) -> bool {
    matches!(c, '0'..='9' | '(' | ')' | '+' | '-' | '.' | '/' | '\u{2013}')
}

fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

fn is_sure(number: &str) -> bool {
    let first = number.chars().find(char::is_ascii_digit);
    match digits(number) {
        10 | 7 => true,
        11 => first == Some('1') || number.starts_with('+'),
        8..=15 => number.starts_with('+'),
        _ => false,
    }
}

/// Two numbers that only a blank or a slash parts: cut before an opening parenthesis where both sides are whole.
fn split(run: &str) -> Vec<String> {
    let run = run.trim();
    let cut = run.match_indices(['(', '/']).map(|(at, _)| at).find(|at| {
        let (left, right) = run.split_at(*at);
        (10..=11).contains(&digits(left)) && digits(right) >= 10
    });
    match cut {
        Some(at) => {
            let (left, right) = run.split_at(at);
            [split(left), split(right.trim_start_matches('/'))].concat()
        }
        None => vec![run.trim_end_matches(['-', '.', '/', '(', ' ']).to_owned()],
    }
}

/// `x123`, `ext. 123`, `extension 123` at the start, and what follows.
fn extension(text: &str) -> Option<(String, &str)> {
    let lower = text.to_ascii_lowercase();
    let word = ["extension", "ext.", "ext", "x"].into_iter().find(|word| lower.starts_with(word))?;
    let after = text[word.len()..].trim_start_matches([' ', '.', ':', '#']);
    let length = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    (1..=6).contains(&length).then(|| (after[..length].to_owned(), &after[length..]))
}
