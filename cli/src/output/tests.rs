use super::{Page, clean};

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
