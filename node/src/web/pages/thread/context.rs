//! What the page of a thread shows.

use super::super::Frame;
use super::super::inbox::who;
use crate::web::backend::{Consent, Delivery, Happening, Likely, May, Side, ThreadView};
use crate::web::words;
use askama::Template;
use belay_protocol::consent::notice::STATEMENT_2;
use belay_protocol::referral::Urgency;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

#[derive(Template)]
#[template(path = "thread.html")]
pub struct ThreadPage {
    pub frame: Frame,
    pub csrf: String,
    /// Of this page; forms lie below it.
    pub href: String,
    pub who: Personal<String>,
    pub sender: String,
    pub recipient: String,
    pub partner: String,
    pub urgent: bool,
    pub status: &'static str,
    pub next: &'static str,
    pub due: Option<String>,
    pub due_late: bool,
    pub visit: Option<VisitLine>,
    pub delivery: Option<String>,
    pub may: May,
    pub service: Option<String>,
    pub reason: Option<Personal<String>>,
    pub needs: Vec<Personal<String>>,
    pub identity: Vec<(String, Personal<String>)>,
    pub likely: Vec<Likely>,
    /// Newest last.
    pub history: Vec<HistoryLine>,
    pub consent: Option<Consent>,
    /// The short notice that stands beside what was disclosed (42 CFR 2.32(a)(2)).
    pub statement: &'static str,
    /// What the field for a new appointment is filled with.
    pub suggested: String,
    /// What the field for attendance is filled with.
    pub came: String,
    /// The form that was refused, and the text typed in it.
    pub tried: &'static str,
    pub typed: Personal<String>,
}

pub struct VisitLine {
    pub at: String,
    pub mode: &'static str,
    pub place: Personal<String>,
    pub note: Personal<String>,
}

pub struct HistoryLine {
    pub at: String,
    pub org: String,
    pub staff: Personal<String>,
    pub what: String,
    pub text: Option<Personal<String>>,
    pub ineffective: Option<String>,
    pub crossed: bool,
    pub local: bool,
}

impl ThreadPage {
    pub(super) fn new(frame: Frame, view: ThreadView, csrf: String, now: Time) -> Self {
        let (sender, recipient) = match view.side {
            Side::Outgoing => (view.ours, view.partner.clone()),
            Side::Incoming => (view.partner.clone(), view.ours),
        };
        let appointment = view.visit.as_ref().map(|visit| visit.at);
        Self {
            frame,
            csrf,
            href: format!("/threads/{}", view.thread),
            who: who(view.person.as_ref()),
            sender,
            recipient,
            urgent: view.urgency == Urgency::Urgent && !view.place.is_final(),
            status: words::place(view.place, view.unanswerable && view.side == Side::Outgoing),
            next: words::next(view.place, view.side, view.unanswerable),
            due: view.due.as_ref().map(|due| format!("{}, {}", due.what, words::due_when(due))),
            due_late: view.due.as_ref().is_some_and(|due| due.overdue),
            visit: view.visit.map(|visit| VisitLine {
                at: words::when(visit.at),
                mode: words::lower(words::shown(&words::MODES, visit.mode)),
                place: visit.place,
                note: visit.note,
            }),
            delivery: view.delivery.map(|delivery| delivered(delivery, &view.partner)),
            may: view.may,
            service: view.service,
            reason: view.reason,
            needs: view.needs,
            identity: view.identity,
            likely: view.likely,
            history: view.history.into_iter().map(line).collect(),
            consent: view.consent,
            statement: STATEMENT_2.trim_end(),
            suggested: String::new(),
            came: words::local_field(appointment.filter(|at| *at <= now).unwrap_or(now)),
            tried: "",
            typed: Personal::default(),
            partner: view.partner,
        }
    }

    /// What was typed in this form, if it was the one refused.
    fn typed(&self, form: &str) -> &str {
        if self.tried == form { self.typed.reveal() } else { "" }
    }
}

fn line(happening: Happening) -> HistoryLine {
    HistoryLine {
        at: words::when(happening.at),
        org: happening.org,
        staff: happening.staff,
        what: happening.what,
        text: happening.text.filter(|text| !text.reveal().is_empty()),
        ineffective: happening.without_effect,
        crossed: happening.crossed,
        local: happening.local,
    }
}

fn delivered(delivery: Delivery, partner: &str) -> String {
    match delivery {
        Delivery::Waiting => format!("Waiting: {partner} gets what you wrote when its machine is next on line."),
        Delivery::Delivered => format!("Delivered: what you wrote is at {partner}."),
        Delivery::Stopped => format!("Nothing more is sent to {partner}."),
    }
}
