//! Cells as they come, and what can be mended in them.

/// A cell without what spreadsheets and databases leave in it: blanks around, no-break spaces, literal `\n`, control
/// characters.
pub(super) fn clean(cell: &str) -> String {
    let cell = cell.replace("\\r\\n", "\n").replace("\\n", "\n").replace("\r\n", "\n").replace('\u{a0}', " ");
    let kept: String = cell.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect();
    kept.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_owned()
}

/// Whether the text went through a wrong code page before it came here.
pub(super) fn is_damaged(text: &str) -> bool {
    text.contains('\u{fffd}') || ["Ã©", "Ã¡", "Ã³", "Ã±", "â€™", "â€œ", "â€“"].iter().any(|seen| text.contains(seen))
}

/// The values of a cell that holds a list: commas, semicolons or bars between them.
pub(super) fn list(cell: &str) -> Vec<String> {
    let cell = cell.trim().trim_start_matches(['[', '{']).trim_end_matches([']', '}']);
    let parts = cell.split([',', ';', '|', '\n']).map(|part| part.trim().trim_matches('"').trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

/// A URL with a scheme. `None` if it can not be one.
pub(super) fn url(text: &str) -> Option<String> {
    let text = text.trim();
    if text.contains("://") || text.starts_with("mailto:") {
        return Some(text.to_owned());
    }
    let host = text.split('/').next().unwrap_or_default();
    let named =
        host.contains('.') && !host.starts_with('.') && !text.contains(char::is_whitespace) && !text.contains('@');
    named.then(|| format!("http://{text}"))
}

/// States whose ZIP codes start with 0, which spreadsheets take away.
const ZERO_STATES: [&str; 10] = ["CT", "MA", "ME", "NH", "NJ", "PR", "RI", "VT", "VI", "AE"];

/// A US ZIP code with the zeros that a spreadsheet took; `None` if there is nothing to mend.
pub(super) fn zip(code: &str, state: &str) -> Option<String> {
    let (five, rest) = code.split_once('-').map_or((code, None), |(five, four)| (five, Some(four)));
    let short = (3..5).contains(&five.len()) && five.bytes().all(|b| b.is_ascii_digit());
    (short && ZERO_STATES.contains(&state.to_uppercase().as_str())).then(|| match rest {
        Some(four) => format!("{five:0>5}-{four}"),
        None => format!("{five:0>5}"),
    })
}

/// Whether an address looks run together from several lines: a small letter or a digit straight before a capital.
pub(super) fn is_run_together(address: &str) -> bool {
    let chars: Vec<char> = address.chars().collect();
    chars.windows(3).any(|w| {
        matches!(w, [a, b, c] if (a.is_lowercase() || a.is_ascii_digit()) && a.is_alphanumeric() && b.is_uppercase() && c.is_lowercase())
            && !address.contains("Mc") && !address.contains("De")
    })
}

/// Lower case letters and digits, the rest as single hyphens: for names of sets.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.to_lowercase().chars() {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}
