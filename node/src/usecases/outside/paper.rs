//! The letter on paper.

use belay_protocol::consent::explain;
use belay_protocol::ids::ThreadId;
use belay_protocol::referral::{Identity, Notice, OutsidePartner, Request};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

/// What stands on it.
pub(super) struct Paper<'p> {
    pub from: &'p str,
    pub to: &'p OutsidePartner,
    pub by: &'p str,
    pub sent: Time,
    pub thread: ThreadId,
    pub identity: Option<&'p Identity>,
    pub request: &'p Request,
    pub notice: &'p Notice,
}

impl Paper<'_> {
    pub(super) fn text(&self) -> Personal<String> {
        let who = self.identity.map(|i| i.name.reveal().clone()).unwrap_or_default();
        let reason = self.request.reason.reveal();
        let (from, to, by, date, id) = (self.from, self.to.recipient(), self.by, self.sent.date(), self.thread.short());
        let scope = explain(&self.notice.scope);
        format!("{date}\n{from}\n{to}\n{id}\n{who}\n{reason}\n{by}\n\n{}\n\n{scope}\n", self.notice.text).as_str().into()
    }

    pub(super) fn html(&self) -> Personal<String> {
        self.text()
    }
}
