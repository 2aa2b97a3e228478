//! What `doctor` asks of the database itself.

use super::Reader;
use super::connection::fault;

/// Lines of a report that are kept: the first ones tell enough, a broken file gives thousands.
const LINES: usize = 20;

impl Reader {
    /// What is wrong with the file: each page's seal, then the tables' own order. Empty if all is well. Reads every page.
    #[must_use]
    pub fn integrity(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for check in ["PRAGMA cipher_integrity_check", "PRAGMA integrity_check"] {
            if let Err(error) = self.lines(check, &mut wrong) {
                // A check that can not go on has found something.
                wrong.push(fault("check")(error).message);
            }
        }
        wrong.truncate(LINES);
        wrong
    }

    fn lines(&self, check: &str, wrong: &mut Vec<String>) -> rusqlite::Result<()> {
        let mut statement = self.sql().prepare(check)?;
        for line in statement.query_map([], |row| row.get::<_, String>(0))?.take(LINES) {
            wrong.extend(Some(line?).filter(|line| line != "ok"));
        }
        Ok(())
    }
}
