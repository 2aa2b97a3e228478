//! The work list: what is new, due, overdue or lost, most urgent first.

use super::{Page, Show};
use belay_node::api::care::{ListCounts, ThreadRow, ThreadsView};
use belay_protocol::referral::due::{SOON, Timer};
use belay_protocol::time::Time;
use serde::Serialize;

/// Rows of the list of referrals that somebody should act on.
#[derive(Debug, Serialize)]
pub struct WorkList {
    referrals: Vec<ThreadRow>,
    counts: ListCounts,
    more: Option<String>,
}

impl WorkList {
    /// What is overdue comes first, then by time. What the other side has time for is left out until it is late.
    pub fn of(view: ThreadsView) -> Self {
        let mut referrals = view.threads;
        referrals.iter_mut().for_each(|row| row.due.retain(|due| due.ours || due.overdue));
        Self { referrals, counts: view.counts, more: view.more }
    }
}

/// Overdue, new, lost, or until when.
fn urgency(due: &belay_node::api::care::DueView) -> String {
    match due.timer {
        _ if due.overdue => format!("overdue since {}", due.by),
        Timer::Lost => format!("lost, try by {}", due.by),
        Timer::Acknowledge if due.ours => format!("new, by {}", due.by),
        _ if due.by.0.saturating_sub(due.since.0) <= SOON => format!("due by {}", due.by),
        _ => format!("by {}", due.by),
    }
}

impl Show for WorkList {
    fn show(&self, page: &mut Page) {
        let mut rows: Vec<((bool, Time), Vec<String>)> = Vec::new();
        for row in &self.referrals {
            for due in &row.due {
                let name = row.name.as_ref().map(|name| name.reveal().clone()).unwrap_or_default();
                let waits = if due.ours { "us".to_owned() } else { row.other_name.clone() };
                let next = match &due.phone {
                    Some(phone) => format!("phone {} {}", phone.who, phone.telephone),
                    None => due.next.clone(),
                };
                let cells =
                    vec![row.id.short(), urgency(due), due.what.clone(), waits, row.other_name.clone(), name, next];
                rows.push(((!due.overdue, due.by), cells));
            }
        }
        rows.sort_by_key(|(key, _)| *key);
        let rows: Vec<Vec<String>> = rows.into_iter().map(|(_, cells)| cells).collect();
        page.table(&["ID", "WHEN", "WHAT", "WAITS FOR", "WITH", "PERSON", "NEXT"], &rows, "Nothing is due.");
    }
}
