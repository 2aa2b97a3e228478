//! Fuzz targets: every decoder and every reader of files, each a function from bytes that must return.
//!
//! A target panics where something does not hold: it panicked itself, took bytes that it writes differently, or grew beyond its
//! bound. `tests/fuzz/main.rs` replays the committed corpus and a bounded number of mutations; `tests/fuzz/by-hand` drives the
//! same targets by coverage (libFuzzer) for as long as one likes.

mod decoders;
mod engine;
pub mod kinds;
mod making;
mod mutate;
mod readers;
mod seeds;

pub use mutate::Mutator;
pub use seeds::seeds;

/// One target: its name (a folder of the corpus), how much a run of it costs (mutations of a bounded run are divided by it), and
/// what it does with bytes.
pub struct Target {
    pub name: &'static str,
    pub cost: usize,
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "frame", cost: 1, run: decoders::frame },
    Target { name: "entry", cost: 1, run: decoders::entry },
    Target { name: "control", cost: 1, run: decoders::control },
    Target { name: "register", cost: 1, run: decoders::register },
    Target { name: "document", cost: 4, run: decoders::document },
    Target { name: "thread_body", cost: 1, run: decoders::thread_body },
    Target { name: "private_record", cost: 1, run: decoders::private_record },
    Target { name: "agreement", cost: 1, run: decoders::agreement },
    Target { name: "emergency", cost: 1, run: decoders::emergency },
    Target { name: "inquiry", cost: 1, run: decoders::inquiry },
    Target { name: "openings", cost: 1, run: decoders::openings },
    Target { name: "sealed_body", cost: 1, run: decoders::sealed_body },
    Target { name: "wrap", cost: 4, run: decoders::wrap },
    Target { name: "parcel", cost: 4, run: decoders::parcel },
    Target { name: "package", cost: 4, run: decoders::package },
    Target { name: "bookmark", cost: 1, run: decoders::bookmark },
    Target { name: "join_request", cost: 1, run: decoders::join_request },
    Target { name: "join_answer", cost: 1, run: decoders::join_answer },
    Target { name: "admission", cost: 1, run: decoders::admission },
    Target { name: "invite_code", cost: 1, run: decoders::invite_code },
    Target { name: "armor", cost: 1, run: decoders::armor },
    Target { name: "phrase", cost: 4, run: decoders::phrase },
    Target { name: "texts", cost: 1, run: decoders::texts },
    Target { name: "request", cost: 1, run: decoders::request },
    Target { name: "drawing", cost: 1, run: decoders::drawing },
    Target { name: "session", cost: 40, run: engine::session },
    Target { name: "hostile_member", cost: 40, run: engine::hostile_member },
    Target { name: "spreadsheet", cost: 10, run: readers::spreadsheet },
    Target { name: "hsds_json", cost: 10, run: readers::hsds_json },
    Target { name: "hsds_table", cost: 10, run: readers::hsds_table },
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
