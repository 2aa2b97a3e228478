//! What to type next, where the node did not say it itself.

use belay_node::api::{Failure, FailureClass};

/// A command that most likely mends a failure of this class.
pub fn for_failure(failure: &Failure) -> Option<String> {
    match failure.class {
        // The sentence itself names what mends it, or the lawful next step.
        FailureClass::Misuse | FailureClass::NotPermitted => None,
        FailureClass::Peer => Some("belay peers, to see who is connected".into()),
        FailureClass::Failed => Some("belay doctor".into()),
    }
}
