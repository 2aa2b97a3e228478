//! Characters that no name holds: what a terminal or a page obeys instead of showing it, so that a name could move the cursor, turn the
//! direction of what stands beside it, or pretend to be a line of ours.

/// Whether a character is obeyed: control characters; marks, embeddings, overrides and isolates of direction (Unicode UAX 9, 2.1 to
/// 2.7); separators of lines and paragraphs; byte order marks and tags, which show as nothing.
#[must_use]
pub const fn is_obeyed(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::is_obeyed;

    #[test]
    fn every_control_character_is_obeyed_and_no_letter_mark_or_joiner_is() {
        assert!((0..=0x9f).filter_map(char::from_u32).all(|c| is_obeyed(c) == c.is_control()));
        assert!("\u{202e}\u{2066}\u{2028}\u{feff}\u{e0041}".chars().all(is_obeyed));
        // Persian and emoji need joiners, and Zulu and Vietnamese their marks.
        assert!(!"José, Nguyễn, می\u{200c}خواهم, \u{200d}, 診療所, e\u{301}".chars().any(is_obeyed));
    }
}
