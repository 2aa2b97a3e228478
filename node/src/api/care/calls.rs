//! Calls that staff have to make, because no node tells.

use super::DueView;
use belay_protocol::ids::{CallId, OrgId, ThreadId};
use belay_protocol::sensitive::Personal;
use serde::{Deserialize, Serialize};

/// Somebody who has to hear that the person took a consent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallView {
    pub id: CallId,
    pub to: OrgId,
    pub to_name: String,
    /// It is not on the network; else it keeps a consent of which it was heard here that the person took it back.
    pub off_network: bool,
    /// Whom it is about, as our own records or who heard it say.
    pub name: Personal<String>,
    /// Of a partner off the network: what went there under the consent.
    pub thread: Option<ThreadId>,
    /// What to say. Of a person who was not named there it says no name.
    pub says: Personal<String>,
    pub due: DueView,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CallsView {
    pub calls: Vec<CallView>,
}
