//! Logs, redacted always: there is no switch.
//!
//! What a line holds: time, level, where in the program, a text fixed at compile time, and fields. A field shows if it is a number
//! or a truth value, an id (hexadecimal), or of a name on [`SHOWN`]; of any other field only the name shows. So a personal datum
//! reaches a log only through a text put together at run time, which a test of this file refuses in our own sources.

use belay_protocol::plain::is_obeyed;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::{EnvFilter, Registry};

/// The environment variable that says what is logged, as in `info,belay_node::net=debug`.
pub const LOG_VARIABLE: &str = "BELAY_LOG";
/// What is logged where nobody says. Libraries tell only what is broken here: they warn of what a stranger does, as often as it does it.
const DEFAULT: &str = "error,belay=info,belay_node=info,belay_protocol=info";
/// Names of fields that show. `why` and `next` are sentences of a `Fault` or `Condition`, which hold nothing personal.
const SHOWN: &[&str] = &[
    "message",
    "node",
    "org",
    "space",
    "entry",
    "link",
    "peer",
    "address",
    "why",
    "reason",
    "code",
    "class",
    "verb",
    "version",
    "path",
    "next",
    "transport",
    "connection",
];
/// Characters of a field that show.
const CHARS: usize = 500;

/// Where lines go.
#[derive(Debug, Clone, Copy)]
pub enum Target<'p> {
    StandardError,
    /// Appended to; made for its owner alone.
    File(&'p Path),
}

/// Starts logging for the whole process. Later calls change nothing.
///
/// # Errors
/// The file can not be opened.
pub fn start(target: Target<'_>) -> std::io::Result<()> {
    let out: Box<dyn Write + Send> = match target {
        Target::StandardError => Box::new(std::io::stderr()),
        Target::File(path) => Box::new(OpenOptions::new().append(true).create(true).mode(0o600).open(path)?),
    };
    let filter = EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let subscriber = Registry::default().with(filter).with(Lines::new(out));
    // A second start in one process (tests) finds the first one's subscriber in place, which serves as well.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

/// Writes one redacted line an event.
pub struct Lines<W> {
    out: Mutex<W>,
}

impl<W: Write + Send + 'static> Lines<W> {
    pub const fn new(out: W) -> Self {
        Self { out: Mutex::new(out) }
    }
}

impl<S: Subscriber, W: Write + Send + 'static> Layer<S> for Lines<W> {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let meta = event.metadata();
        let mut fields = Fields::default();
        event.record(&mut fields);
        let now = crate::system::now().rfc3339();
        let line = format!("{now} {:5} {}: {}{}\n", meta.level(), meta.target(), fields.message, fields.rest);
        // A log that can not be written to must not stop the node.
        let _ = self.out.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    rest: String,
}

impl Fields {
    fn show(&mut self, name: &str, value: &str) {
        // One event, one line, whatever is in it.
        let clean: String = value.chars().map(|c| if is_obeyed(c) { ' ' } else { c }).take(CHARS).collect();
        if name == "message" {
            self.message = clean;
        } else {
            let _ = write!(self.rest, " {name}={clean}");
        }
    }

    fn text(&mut self, name: &str, value: &str) {
        let id = value.len() >= 8 && value.len() <= 64 && value.bytes().all(|b| b.is_ascii_hexdigit());
        let shown = if id || SHOWN.contains(&name) { value } else { "[redacted]" };
        self.show(name, shown);
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.text(field.name(), &format!("{value:?}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.show(field.name(), &value.to_string());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.show(field.name(), &value.to_string());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.show(field.name(), if value { "true" } else { "false" });
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.show(field.name(), &value.to_string());
    }
}

#[cfg(test)]
mod tests;
