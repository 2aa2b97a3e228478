//! Calls that staff have to make, because no node tells.

use super::DueView;
use belay_protocol::ids::{CallId, OrgId, PersonId, ThreadId};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// Which calls are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CallsAsk {
    /// Those that were made, with what was said, the newest first; else those that are still to be made, the oldest first.
    pub done: bool,
    /// Where the page before ended.
    pub after: Option<String>,
}

/// Somebody who has to hear that the person took a consent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallView {
    pub id: CallId,
    pub to: OrgId,
    pub to_name: String,
    /// It is not on the network.
    pub off_network: bool,
    /// Whom it is about, as our own records or who heard it say.
    pub name: Personal<String>,
    /// What went there, or came from there, under the consent.
    pub thread: Option<ThreadId>,
    /// What to say. Of a person who was not named there it says no name.
    pub says: Personal<String>,
    /// What our own staff have to know for it.
    pub note: Option<String>,
    /// What was said of it before: that it was made, and that it was not after all.
    pub before: Vec<SpokenView>,
    /// Whom staff said it is about, where nothing but a name was known.
    pub whose: Option<WhoseView>,
    pub due: DueView,
}

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoneView {
    pub id: CallId,
    pub to: OrgId,
    pub to_name: String,
    /// Whom it was about, as our own records said then.
    pub name: Personal<String>,
    pub thread: Option<ThreadId>,
    /// In order.
    pub words: Vec<SpokenView>,
    /// Whom staff said it was about, where nothing but a name was known.
    pub whose: Option<WhoseView>,
    /// Only a name was known when it was made: it is for staff to say whom it was about.
    #[serde(default)]
    pub nameless: bool,
}

/// Which person of ours a call is about, as staff said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhoseView {
    pub call: CallId,
    /// `None`: nobody of ours.
    pub person: Option<PersonId>,
    pub name: Personal<String>,
    pub staff: Personal<String>,
    pub at: Time,
}

/// One word about a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpokenView {
    pub at: Time,
    /// Who wrote it down.
    pub staff: Personal<String>,
    /// Who was spoken to there; may be empty.
    pub with: Personal<String>,
    /// What was said.
    pub says: Personal<String>,
    /// It is to be made again, and why.
    pub reopened: Option<Personal<String>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CallsView {
    pub calls: Vec<CallView>,
    /// Those that were made, where they were asked for.
    pub done: Vec<DoneView>,
    /// What to ask for the page after this one, if there is one.
    pub more: Option<String>,
}
