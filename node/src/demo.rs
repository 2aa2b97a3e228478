//! `belay demo`: a whole coalition on this machine, one process a node, real sockets, real stores.
//!
//! It plays a story through the same API as the command line, then a [`reader`] that is no part of any node opens each store
//! with its key and finds out whether what must hold does.
//!
//! Parts: [`cast`] who plays; [`process`] one node; `story` the acts in order; [`reader`] and [`pages`] the checks; [`report`] what
//! is said.

pub mod cast;
pub mod pages;
pub mod process;
pub mod reader;
pub mod report;
mod story;

pub use report::{Check, Report};
pub use story::Story;

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What was asked for.
#[derive(Debug)]
pub struct Options {
    pub story: Story,
    /// Directory data to import beside the built-in set.
    pub import: Option<PathBuf>,
    pub organisations: usize,
    /// Folder to play in; kept. Without one a temporary folder is used and removed.
    pub data: Option<PathBuf>,
    /// The `belay` program, which becomes each node.
    pub program: PathBuf,
}

/// A coalition that has played its story and still runs. Dropping it ends the processes it started, by their ids, and removes the
/// folder if it was a temporary one.
#[derive(Debug)]
pub struct Played {
    pub report: Report,
    // Dropped in this order: first the processes, then their folder.
    nodes: Vec<process::Node>,
    _stage: Stage,
}

/// The folder of the demo.
#[derive(Debug)]
struct Stage {
    path: PathBuf,
    temporary: bool,
}

impl Drop for Stage {
    fn drop(&mut self) {
        if self.temporary {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Plays the story. Progress goes to standard error.
///
/// # Errors
/// What kept the story from being played to its end. A check that does not hold is no error here: it stands in the report.
pub fn play(options: &Options) -> Result<Played> {
    let stage = stage(options.data.as_deref())?;
    let (nodes, report) = story::play(options, &stage.path)?;
    Ok(Played { report, nodes, _stage: stage })
}

impl Played {
    /// Stops all nodes in order.
    ///
    /// # Errors
    /// A node that does not stop; the others were stopped all the same.
    pub fn stop(mut self) -> Result<()> {
        let mut outcome = Ok(());
        for node in &mut self.nodes {
            outcome = outcome.and(node.stop());
        }
        outcome
    }
}

fn stage(data: Option<&Path>) -> Result<Stage> {
    let (path, temporary) = match data {
        Some(path) => (std::path::absolute(path)?, false),
        None => {
            let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos());
            (std::env::temp_dir().join(format!("belay-demo-{}-{nanos}", std::process::id())), true)
        }
    };
    if !temporary && path.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        anyhow::bail!("{} is not empty; name a new folder with --data", path.display());
    }
    let mut builder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(&path).with_context(|| format!("{} could not be made", path.display()))?;
    Ok(Stage { path, temporary })
}

/// Set when whoever watches has seen enough: the story ends at its next wait, and takes its processes with it.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Ends the story that is being played, in order.
pub fn interrupt() {
    INTERRUPTED.store(true, Ordering::Release);
}

/// # Errors
/// Somebody called [`interrupt`].
fn go_on() -> Result<()> {
    anyhow::ensure!(!INTERRUPTED.load(Ordering::Acquire), "interrupted; every node that was started is stopped");
    Ok(())
}

/// Progress, on standard error.
fn say(text: &str) {
    eprintln!("{text}");
}
