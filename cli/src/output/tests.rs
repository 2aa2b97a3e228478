use super::{Page, clean, quoted};

#[test]
fn columns_are_as_wide_as_their_widest_cell_and_nothing_trails() {
    let mut page = Page::default();
    let rows = vec![vec!["a".to_owned(), "long one".to_owned()], vec!["bbbb".to_owned(), String::new()]];
    page.table(&["X", "Y"], &rows, "none");
    assert_eq!(page.into_text(), "X     Y\na     long one\nbbbb\n");
}

#[test]
fn an_empty_table_says_what_is_not_there() {
    let mut page = Page::default();
    page.table(&["X"], &[], "No invites.");
    assert_eq!(page.into_text(), "No invites.\n");
}

#[test]
fn a_name_can_not_move_the_cursor() {
    assert_eq!(clean("Cli\u{1b}[2Jnic\r\n\u{9b}x"), "Cli\u{fffd}[2Jnic\u{fffd}\n\u{fffd}x");
    let mut page = Page::default();
    page.table(&["NAME"], &[vec!["a\u{1b}]0;x\u{7}\nb".to_owned()]], "");
    assert_eq!(page.into_text(), "NAME\na\u{fffd}]0;x\u{fffd} b\n");
}

#[test]
fn a_value_of_several_lines_stays_in_its_column() {
    let mut page = Page::default();
    page.fields(&[("listens on", "one\ntwo"), ("id", "x")]);
    assert_eq!(page.into_text(), "listens on  one\n            two\nid          x\n");
}

#[test]
fn a_name_can_not_turn_what_stands_beside_it() {
    // What would show as "Cedar clinic (approved)" with its end first.
    assert_eq!(clean("Cedar \u{202e}(devorppa) cinilc\u{2069}"), "Cedar \u{fffd}(devorppa) cinilc\u{fffd}");
    assert_eq!(super::clean_line("belay org approve \"x\u{2028}y\nz\""), "belay org approve \"x\u{fffd}y\u{fffd}z\"");
}

#[test]
fn json_holds_no_character_that_a_terminal_obeys_and_says_the_same() {
    let name = "a\u{9b}31m\u{7f}\u{202e}b\u{e0041}\u{1b}[2Jé";
    let text = quoted(&serde_json::to_string_pretty(&[name]).unwrap());
    assert!(text.chars().all(|c| c == '\n' || !belay_protocol::plain::is_obeyed(c)), "{text:?}");
    assert_eq!(serde_json::from_str::<Vec<String>>(&text).unwrap(), [name]);
}
