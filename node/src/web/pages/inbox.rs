//! The referral threads of this organisation.

use super::{Frame, Here, page, problem};
use crate::api::Outcome;
use crate::web::App;
use crate::web::backend::{InboxRow, InboxView, Side};
use crate::web::gate::Signed;
use crate::web::words;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use belay_protocol::referral::Urgency;
use belay_protocol::sensitive::Personal;

#[derive(Template)]
#[template(path = "inbox.html")]
pub struct InboxPage {
    pub frame: Frame,
    /// Most pressing first.
    pub due: Vec<DueLine>,
    pub lists: [List; 2],
    /// That older threads are not shown, and how many.
    pub left_out: Option<String>,
}

pub struct DueLine {
    pub href: String,
    pub what: String,
    pub who: Personal<String>,
    pub by: String,
    pub overdue: bool,
}

pub struct List {
    pub id: &'static str,
    pub title: &'static str,
    /// Heading of the column with the other organisation.
    pub partner: &'static str,
    /// Shown where there are none.
    pub none: &'static str,
    /// Newest change first.
    pub rows: Vec<Row>,
}

pub struct Row {
    pub href: String,
    pub who: Personal<String>,
    pub urgent: bool,
    pub partner: String,
    pub status: &'static str,
    pub changed: String,
}

/// Incoming and outgoing, and what is due.
pub async fn show(State(app): State<App>, signed: Signed) -> Response {
    match build(&app, &signed).await {
        Ok(context) => page(StatusCode::OK, &context),
        Err(failure) => problem::of(&failure, None),
    }
}

async fn build(app: &App, signed: &Signed) -> Outcome<InboxPage> {
    let view = app.backend.inbox(&signed.seat).await?;
    let frame = Frame::signed(app, signed, Here::Inbox, "Referrals").await?;
    Ok(InboxPage::new(frame, &view))
}

impl InboxPage {
    fn new(frame: Frame, view: &InboxView) -> Self {
        let mut pressing: Vec<_> = view.rows.iter().filter_map(|row| row.due.as_ref().map(|due| (row, due))).collect();
        pressing.sort_by_key(|(_, due)| (!due.overdue, due.when.time()));
        let due = pressing
            .into_iter()
            .map(|(row, due)| DueLine {
                href: href(row),
                what: due.what.clone(),
                who: who(row.person.as_ref()),
                by: words::due_when(due),
                overdue: due.overdue,
            })
            .collect();
        let shown = view.rows.len();
        Self {
            frame,
            due,
            lists: [
                List {
                    id: "incoming",
                    title: "Sent to us",
                    partner: "From",
                    none: "Nobody has sent us a referral yet.",
                    rows: rows(view, Side::Incoming),
                },
                List {
                    id: "outgoing",
                    title: "Sent by us",
                    partner: "To",
                    none: "We have not sent a referral yet.",
                    rows: rows(view, Side::Outgoing),
                },
            ],
            left_out: (view.total > shown)
                .then(|| format!("The newest {shown} of {} are shown; belay referral list shows all.", view.total)),
        }
    }
}

fn rows(view: &InboxView, side: Side) -> Vec<Row> {
    let mut rows: Vec<&InboxRow> = view.rows.iter().filter(|row| row.side == side).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.changed));
    rows.into_iter()
        .map(|row| Row {
            href: href(row),
            who: who(row.person.as_ref()),
            urgent: row.urgency == Urgency::Urgent && !row.place.is_final(),
            partner: row.partner.clone(),
            status: words::place(row.place, row.unanswerable && side == Side::Outgoing),
            changed: words::when(row.changed),
        })
        .collect()
}

fn href(row: &InboxRow) -> String {
    format!("/threads/{}", row.thread)
}

/// How a person is called on pages.
#[must_use]
pub fn who(person: Option<&Personal<String>>) -> Personal<String> {
    person.cloned().unwrap_or_else(|| "A person not named to us".into())
}

#[cfg(test)]
impl super::Sample for InboxPage {
    fn samples() -> Vec<Self> {
        use super::sample::{HOSTILE, frame, hostile_frame};
        use crate::web::backend::{Due, When};
        use belay_protocol::ids::ThreadId;
        use belay_protocol::referral::Place;
        use belay_protocol::time::{DAY, HOUR, Time};
        let now = Time::parse("2026-11-23T15:00:00Z").unwrap();
        let row = |n: u8, side, person: Option<&str>, partner: &str, place, due: Option<(&str, i64)>| InboxRow {
            thread: ThreadId([n; 32]),
            side,
            partner: partner.to_owned(),
            person: person.map(Personal::from),
            place,
            unanswerable: n == 5,
            urgency: if n == 1 { Urgency::Urgent } else { Urgency::Routine },
            changed: Time(now.0 - u64::from(n) * 5 * HOUR),
            due: due.map(|(what, hours)| Due {
                what: what.to_owned(),
                when: if hours < 0 {
                    When::Since(Time(now.0.saturating_add_signed(hours * 3_600_000)))
                } else {
                    When::By(now.plus(hours.unsigned_abs() * HOUR))
                },
                overdue: hours < 0,
            }),
        };
        let many: Vec<InboxRow> = Place::ALL
            .into_iter()
            .enumerate()
            .map(|(n, place)| row(n as u8 + 20, Side::Outgoing, Some("Sam Rowe"), "Haven House Shelter", place, None))
            .collect();
        let usual = vec![
            row(
                1,
                Side::Incoming,
                Some("Maria Lopez"),
                "Harper General Emergency Department",
                Place::Sent,
                Some(("Answer the referral", -3)),
            ),
            row(
                2,
                Side::Incoming,
                Some("Jordan Pike"),
                "Tri-County Re-entry",
                Place::Scheduled,
                Some(("Record whether the person came", 26)),
            ),
            row(3, Side::Incoming, None, "Open Door Peer Recovery", Place::Accepted, None),
            row(4, Side::Outgoing, Some("Maria Lopez"), "Haven House Shelter", Place::Declined, None),
            row(5, Side::Outgoing, Some("Lee Brandt"), "Open Door Peer Recovery", Place::Sent, None),
        ];
        let mut hostile = row(1, Side::Incoming, Some(HOSTILE), HOSTILE, Place::Sent, Some((HOSTILE, 1)));
        hostile.changed = Time(u64::MAX);
        let view = |rows: Vec<InboxRow>, more| InboxView { total: rows.len() + more, rows };
        let mut told = frame("Referrals", Here::Inbox, true);
        told.notice = Some(
            "Accepted. Harper General Emergency Department will see it when its machine is next on line.".to_owned(),
        );
        vec![
            Self::new(told, &view(usual, 0)),
            Self::new(frame("Referrals", Here::Inbox, true), &InboxView::default()),
            Self::new(frame("Referrals", Here::Inbox, true), &view(many, 9_988)),
            Self::new(
                hostile_frame(),
                &view(
                    vec![hostile, row(9, Side::Incoming, Some(""), "", Place::Nothing, Some(("", -(DAY as i64))))],
                    0,
                ),
            ),
        ]
    }
}
