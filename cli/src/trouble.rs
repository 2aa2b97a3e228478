//! An error on its way out: what is wrong, what to type next, and the exit code.

use crate::typed::Typed;
use belay_node::api::Failure;
use belay_protocol::fault::Fault;
use std::fmt;

/// Refused or failed.
pub const FAILED: u8 = 1;
/// Wrong usage.
pub const USAGE: u8 = 2;
/// The node is not running or not reachable.
pub const NO_NODE: u8 = 3;

/// Printed once, at the end of `main`.
#[derive(Debug)]
pub struct Trouble {
    pub code: u8,
    pub message: String,
    pub next: Option<String>,
}

pub type Result<T> = std::result::Result<T, Trouble>;

impl Trouble {
    pub fn failed(message: impl Into<String>) -> Self {
        Self { code: FAILED, message: message.into(), next: None }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: USAGE, message: message.into(), next: None }
    }

    pub fn no_node(message: impl Into<String>) -> Self {
        Self { code: NO_NODE, message: message.into(), next: None }
    }

    #[must_use]
    pub fn next(mut self, command: impl Into<String>) -> Self {
        self.next = Some(command.into());
        self
    }

    /// On standard error: `error: ...`, then what to type, with the ids that were `typed`.
    pub fn tell(&self, typed: &Typed) {
        eprintln!("error: {}", crate::output::clean(&self.message));
        if let Some(next) = &self.next {
            eprintln!("next:  {}", crate::output::clean_line(&typed.put_into(next)));
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        let next = failure.next.clone().or_else(|| crate::hint::for_failure(&failure));
        Self { code: FAILED, message: failure.message, next }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Failure::from(fault).into()
    }
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<Failure>() {
            Ok(failure) => failure.into(),
            Err(error) => Self::failed(format!("{error:#}")),
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error.to_string())
    }
}
