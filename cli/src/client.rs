//! The way to the node: its control socket in the data folder.

use crate::trouble::{Result, Trouble};
use belay_node::api::{Request, Response};
use belay_node::config::Folder;
use belay_node::control;
use serde::de::DeserializeOwned;

/// Whether a node runs on `folder`.
pub fn runs(folder: &Folder) -> Result<()> {
    control::runs(folder).map_err(|error| no_node(folder, &error))
}

fn no_node(folder: &Folder, error: &control::CallError) -> Trouble {
    match folder.demand_a_node() {
        Err(fault) => Trouble::no_node(fault.message),
        Ok(()) => Trouble::no_node(error.to_string()).next(format!("belay run --data {}", folder.path().display())),
    }
}

/// Asks the node that runs on `folder` and reads the view that answers `request`.
pub fn call<V: DeserializeOwned>(folder: &Folder, request: &Request) -> Result<V> {
    let response = control::call(folder, request).map_err(|error| no_node(folder, &error))?;
    match response {
        // What serde says of a value may hold it, and the value may be about a person.
        Response::Done(value) => serde_json::from_value(value).map_err(|_| {
            Trouble::failed("the node answered in a form that this program does not know")
                .next("belay --version, and restart the node with the same program")
        }),
        Response::Failed(failure) => Err(failure.into()),
    }
}
