//! The work list: what is new, due, overdue or lost, most urgent first.

use super::{Page, Show, when};
use belay_node::api::care::{CallView, DueView, InquiryView, ListCounts, ThreadRow, ThreadsView};
use belay_protocol::referral::due::{SOON, Timer};
use belay_protocol::time::Time;
use serde::Serialize;

/// Rows of the list of referrals that somebody should act on.
#[derive(Debug, Serialize)]
pub struct WorkList {
    referrals: Vec<ThreadRow>,
    /// On the first page.
    inquiries: Vec<InquiryView>,
    /// On the first page.
    calls: Vec<CallView>,
    counts: ListCounts,
    more: Option<String>,
}

impl WorkList {
    /// What is urgent and new comes first, then what is overdue, then by time. What the other side has time for is left out until it is late.
    pub fn of(view: ThreadsView) -> Self {
        let mut referrals = view.threads;
        referrals.iter_mut().for_each(|row| row.due.retain(|due| due.ours || due.overdue));
        Self { referrals, inquiries: view.inquiries, calls: view.calls, counts: view.counts, more: view.more }
    }
}

/// Overdue, new, lost, or until when.
pub(super) fn urgency(due: &DueView) -> String {
    let by = when(due.by);
    match due.timer {
        _ if due.overdue => format!("overdue since {by}"),
        Timer::Lost => format!("lost, try by {by}"),
        Timer::Acknowledge | Timer::Read | Timer::Inquiry if due.ours => format!("new, by {by}"),
        _ if due.by.0.saturating_sub(due.since.0) <= SOON => format!("due by {by}"),
        _ => format!("by {by}"),
    }
}

/// One thing to do, with its place in the list.
fn line(id: String, due: &DueView, other: &str, person: String) -> ((bool, bool, Time), Vec<String>) {
    let waits = if due.ours { "us" } else { other };
    let cells = vec![id, urgency(due), due.what.clone(), waits.to_owned(), other.to_owned(), person, due.does()];
    ((true, !due.overdue, due.by), cells)
}

impl Show for WorkList {
    fn show(&self, page: &mut Page) {
        let mut rows: Vec<((bool, bool, Time), Vec<String>)> = Vec::new();
        for row in &self.referrals {
            for due in &row.due {
                let name = row.name.as_ref().map(|name| name.reveal().clone()).unwrap_or_default();
                let (mut key, cells) = line(row.id.short(), due, &row.other_name, name);
                key.0 = !row.first(due.timer);
                rows.push((key, cells));
            }
        }
        for inquiry in &self.inquiries {
            // It names nobody.
            let lines = inquiry.due.iter().map(|due| line(inquiry.id.short(), due, &inquiry.other_name, String::new()));
            rows.extend(lines);
        }
        for call in &self.calls {
            rows.push(line(call.id.short(), &call.due, &call.to_name, call.name.reveal().clone()));
        }
        rows.sort_by_key(|(key, _)| *key);
        let rows: Vec<Vec<String>> = rows.into_iter().map(|(_, cells)| cells).collect();
        page.table(&["ID", "WHEN", "WHAT", "WAITS FOR", "WITH", "PERSON", "NEXT"], &rows, "Nothing is due.");
    }
}
