//! The notice of 42 CFR 2.32(a): one of the two statements goes with each disclosure made with consent. The texts are the
//! rule's own, to the byte; old wordings are all over the web.

/// Statement 1, 2.32(a)(1): stands in the first entry of each space of a thread, under which every later one stands.
pub const STATEMENT_1: &str = include_str!("notice/statement1.txt");

/// Statement 2, 2.32(a)(2): the short form, shown beside each act.
pub const STATEMENT_2: &str = include_str!("notice/statement2.txt");

#[cfg(test)]
mod tests;
