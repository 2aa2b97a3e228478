//! What the control socket carries: one [`Request`] a line, answered by one [`Response`], both JSON.
//!
//! The command line, the demo and the scenario tests are clients of this and of nothing else. Views are what a command
//! shows: the same type makes the table for people and the data for `--json`.
//!
//! Parts: [`request`] what may be asked; [`care`] the same about persons, with its views; [`parcels`] what is carried; [`secret`] what must not be shown; [`views`] what is answered, [`stewards`] about charters and proposals.

pub mod agreements;
pub mod care;
pub mod parcels;
pub mod request;
pub mod secret;
pub mod stewards;
pub mod views;

pub use request::{Request, StaffLogin};
pub use secret::Secret;

use belay_protocol::fault::{Class, Fault};
use serde::{Deserialize, Serialize};

/// The answer to one request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// A view of [`views`], which one the request decides.
    Done(serde_json::Value),
    Failed(Failure),
}

/// Why a request was refused or failed. Holds no secret and no personal datum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub class: FailureClass,
    /// What is wrong, one sentence without a full stop at its end.
    pub message: String,
    /// What to type next, if one command mends it.
    pub next: Option<String>,
}

/// Who can mend it: decides the exit code of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// Asked for something that can not be.
    Misuse,
    /// The law, a consent, a role or a secret does not allow it.
    NotPermitted,
    /// Another organisation or its data is at fault.
    Peer,
    /// The node itself failed.
    Failed,
}

impl Failure {
    pub fn misuse(message: impl Into<String>) -> Self {
        Self { class: FailureClass::Misuse, message: message.into(), next: None }
    }

    pub fn not_permitted(message: impl Into<String>) -> Self {
        Self { class: FailureClass::NotPermitted, message: message.into(), next: None }
    }

    pub fn failed(message: impl Into<String>) -> Self {
        Self { class: FailureClass::Failed, message: message.into(), next: None }
    }

    /// The same with the command that mends it.
    #[must_use]
    pub fn next(mut self, command: impl Into<String>) -> Self {
        self.next = Some(command.into());
        self
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let class = match fault.class {
            Class::Misuse | Class::Malformed => FailureClass::Misuse,
            Class::NotPermitted => FailureClass::NotPermitted,
            Class::Misbehaved | Class::Incompatible => FailureClass::Peer,
            Class::Store | Class::Bug => FailureClass::Failed,
        };
        Self { class, message: fault.message, next: None }
    }
}

/// What a use case gives back.
pub type Outcome<T> = std::result::Result<T, Failure>;

/// A view as the response that carries it.
pub fn respond<V: Serialize>(outcome: Outcome<V>) -> Response {
    match outcome.and_then(|view| {
        serde_json::to_value(view).map_err(|e| Failure::failed(format!("the answer could not be written: {e}")))
    }) {
        Ok(value) => Response::Done(value),
        Err(failure) => Response::Failed(failure),
    }
}

/// The word by which a value without fields is known in JSON and on screen, such as `services_received`.
pub fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}
