//! Directories to import: the committed invented set, and large ones made here.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use belay_protocol::time::{DAY, Time};

/// The day so many days from now, as it is typed: what is planned lies within a year.
pub fn day_ahead(days: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time(u64::try_from(now.as_millis()).unwrap() + days * DAY).date()
}

/// A file of the invented set that the demo has built in.
pub fn invented(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../node/src/demo/data").join(name).canonicalize();
    path.unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A visit a month from now.
pub fn visit() -> String {
    format!("{}T10:00:00-05:00", day_ahead(30))
}

/// An HSDS 1.1 package with so many services of one organisation, each with a text of its own. The number of its listings.
pub fn large(folder: &Path, services: u64) -> u64 {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("organizations.csv"), "id,name,description\n1,Long List,Keeps a long list\n").unwrap();
    let mut rows = String::from("id,organization_id,name,description,status\n");
    for number in 1..=services {
        let words = ["rides", "beds", "meals", "classes", "visits", "groups", "tests"];
        let word = words[usize::try_from(number).unwrap() % words.len()];
        writeln!(
            rows,
            "{number},1,Service {number} of {word},\"{word} number {number}, on {} days of the month, ask for {:x}\",active",
            number % 28 + 1,
            number.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        )
        .unwrap();
    }
    fs::write(folder.join("services.csv"), rows).unwrap();
    services + 1
}
