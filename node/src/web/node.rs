//! The backend of a running node: each page's question to its use case, and what comes back as pages show it.

use super::backend::{
    About, Asked, Backend, Consent, Delivery, Doing, Happening, InboxRow, InboxView, Likely, May, Side, ThreadView,
    Visit,
};
use super::due::due;
use super::words;
use crate::api::care::{
    ActRequest, Care, LineView, PersonFields, Print, PrintView, Printed, Shape, ThreadRow, ThreadsView,
};
use crate::api::views::SearchView;
use crate::api::{FailureClass, Outcome, Request, Response, Secret, StaffLogin, care, request::Search};
use crate::control::Handler;
use crate::forms::Lang;
use crate::usecases::office::Office;
use crate::usecases::staff::StaffSession;
use belay_protocol::ids::ThreadId;
use belay_protocol::referral::{Place, Urgency};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use futures::FutureExt;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Threads that the inbox shows.
const SHOWN: usize = 500;

/// The pages' way to the use cases of a running node.
pub struct Node(Arc<Office>);

impl Node {
    #[must_use]
    pub const fn new(office: Arc<Office>) -> Self {
        Self(office)
    }

    async fn care<V: DeserializeOwned>(&self, session: &StaffSession, ask: Care) -> Outcome<V> {
        view(self.0.care(session.clone(), ask).await)
    }
}

fn view<V: DeserializeOwned>(response: Response) -> Outcome<V> {
    match response {
        Response::Done(value) => serde_json::from_value(value)
            .map_err(|e| crate::api::Failure::failed(format!("an answer of a use case could not be read: {e}"))),
        Response::Failed(failure) => Err(failure),
    }
}

impl Backend for Node {
    fn about(&self) -> Asked<'_, About> {
        async {
            let (organisation, coalition) = self.0.about().await?;
            Ok(About { organisation, coalition })
        }
        .boxed()
    }

    fn search(&self, search: Search) -> Asked<'_, SearchView> {
        async { view(self.0.handle(Request::DirectorySearch(search)).await) }.boxed()
    }

    fn sign_in(&self, name: String, secret: Secret) -> Asked<'_, Option<StaffSession>> {
        async {
            match self.0.sign_in(StaffLogin { name, secret }).await {
                Ok(session) => Ok(Some(session)),
                Err(failure) if failure.class == FailureClass::NotPermitted => Ok(None),
                Err(failure) => Err(failure),
            }
        }
        .boxed()
    }

    fn holds(&self, session: &StaffSession) -> Asked<'_, bool> {
        let session = session.clone();
        async { self.0.holds(session).await }.boxed()
    }

    fn inbox(&self, session: &StaffSession) -> Asked<'_, InboxView> {
        let session = session.clone();
        async move {
            let view: ThreadsView = self.care(&session, Care::ReferralList).await?;
            let (total, now) = (view.threads.len(), crate::system::now());
            Ok(InboxView { rows: view.threads.into_iter().take(SHOWN).map(|row| inbox_row(row, now)).collect(), total })
        }
        .boxed()
    }

    fn thread(&self, session: &StaffSession, thread: ThreadId) -> Asked<'_, ThreadView> {
        let session = session.clone();
        async move {
            let ours = self.0.about().await?.0;
            let view: care::ThreadView = self.care(&session, Care::ReferralShow { thread: thread.to_string() }).await?;
            Ok(thread_view(view, ours, crate::system::now()))
        }
        .boxed()
    }

    fn print(&self, session: &StaffSession, form: Printed, lang: Option<Lang>, style: String) -> Asked<'_, PrintView> {
        let session = session.clone();
        let ask = Care::Print(Print { form, lang, shape: Shape::Page(style) });
        async move { self.care(&session, ask).await }.boxed()
    }

    fn act(&self, session: &StaffSession, thread: ThreadId, act: Doing) -> Asked<'_, ()> {
        let session = session.clone();
        async move {
            let _shown_anew: care::ThreadView = self.care(&session, request(thread.to_string(), act)).await?;
            Ok(())
        }
        .boxed()
    }
}

fn request(thread: String, act: Doing) -> Care {
    let act = match act {
        Doing::Accept { note } => ActRequest::Accept { note },
        Doing::Decline { reason, note } => ActRequest::Decline { reason, note },
        Doing::Schedule { at, place, mode, note } => ActRequest::Schedule { at, place, mode, note },
        Doing::Attend { when } => ActRequest::Attend { when: Some(when) },
        Doing::Message { text } => ActRequest::Message { text },
        Doing::Withdraw { reason } => ActRequest::Withdraw { reason },
        Doing::ConfirmWithdrawal => ActRequest::ConfirmWithdrawal,
        Doing::Close { outcome, note } => ActRequest::Close { outcome, note, barriers: Vec::new() },
        Doing::Link { person } => {
            let person = person.map(|id| Personal::new(id.to_string()));
            return Care::ReferralLink { thread, person };
        }
    };
    Care::ReferralAct { thread, act }
}

fn side(row: &ThreadRow) -> Side {
    if row.direction == "incoming" { Side::Incoming } else { Side::Outgoing }
}

/// From both statuses back to the place; a sender without a way back knows no more than that it was sent.
fn place(row: &ThreadRow) -> Place {
    let fits = |place: &Place| {
        Some(place.status()) == row.status.as_deref()
            && place.business().map(|(code, _)| code) == row.business.as_deref()
    };
    Place::ALL.into_iter().find(fits).unwrap_or(Place::Sent)
}

fn waits(row: &ThreadRow, now: Time) -> Option<super::backend::Due> {
    if row.ended.is_some() {
        return None;
    }
    let urgency = row.urgency.unwrap_or(Urgency::Routine);
    due(side(row), place(row), urgency, row.updated, row.appointment_at, now)
}

fn inbox_row(row: ThreadRow, now: Time) -> InboxRow {
    InboxRow {
        thread: row.id,
        side: side(&row),
        place: place(&row),
        unanswerable: !row.answerable,
        urgency: row.urgency.unwrap_or(Urgency::Routine),
        changed: row.updated,
        due: waits(&row, now),
        partner: row.other_name,
        person: row.name,
    }
}

fn thread_view(view: care::ThreadView, ours: String, now: Time) -> ThreadView {
    let row = view.row;
    let (side, place) = (side(&row), place(&row));
    let may = may(&view.may, &row, side, !view.likely.is_empty() || view.identity.is_some());
    let delivery = match (&row.ended, view.delivered) {
        (Some(_), _) => Some(Delivery::Stopped),
        (None, Some(true)) => Some(Delivery::Delivered),
        (None, Some(false)) => Some(Delivery::Waiting),
        (None, None) => None,
    };
    ThreadView {
        thread: row.id,
        side,
        place,
        unanswerable: !row.answerable,
        urgency: row.urgency.unwrap_or(Urgency::Routine),
        due: waits(&row, now),
        history: view.history.into_iter().map(|line| happening(line, &row, &ours)).collect(),
        ours,
        identity: view.identity.map(|fields| who(&fields)).unwrap_or_default(),
        service: view.service,
        reason: view.reason.filter(|reason| !reason.reveal().is_empty()),
        needs: view.needs,
        visit: view.appointment.map(|a| Visit { at: a.at, place: a.place, mode: a.mode, note: a.note }),
        likely: view
            .likely
            .into_iter()
            .map(|found| Likely { person: found.person, name: found.name, reasons: found.reasons })
            .collect(),
        delivery,
        consent: view.scope.map(|scope| Consent {
            scope: scope.lines().map(str::to_owned).collect(),
            ended: row.ended.as_ref().map(|ended| format!("Nothing more may be shared: {ended}.")),
            notice: view.notice,
        }),
        may,
        partner: row.other_name,
        person: row.name,
    }
}

fn may(acts: &[String], row: &ThreadRow, side: Side, named: bool) -> May {
    let may = |act: &str| acts.iter().any(|word| word == act);
    May {
        accept: may("accept"),
        decline: may("decline"),
        schedule: may("schedule"),
        attend: may("attend"),
        // Without a way back nobody would read it.
        message: may("message") && (side == Side::Outgoing || row.answerable),
        withdraw: may("withdraw"),
        confirm_withdrawal: may("confirm withdrawal"),
        close: may("close"),
        link: side == Side::Incoming && row.person.is_none() && named,
    }
}

/// What is told of a person, as label and text.
fn who(fields: &PersonFields) -> Vec<(String, Personal<String>)> {
    let many = |label: &'static str, values: &[Personal<String>]| -> Vec<(&'static str, Personal<String>)> {
        values.iter().map(|value| (label, value.clone())).collect()
    };
    let mut lines = many("Also known as", &fields.other_names);
    lines.push(("Date of birth", fields.birth_date.clone()));
    lines.extend(many("Telephone", &fields.phones));
    lines.push(("Address", fields.address.clone()));
    lines.push(("How to reach", fields.contact.clone()));
    lines.push(("Language", fields.language.clone()));
    lines.retain(|(_, value)| !value.reveal().is_empty());
    lines.into_iter().map(|(label, value)| (label.to_owned(), value)).collect()
}

fn happening(line: LineView, row: &ThreadRow, ours: &str) -> Happening {
    let time = line.when.map(words::when).unwrap_or_default();
    let what = match line.act.as_str() {
        "send" => "sent the referral".to_owned(),
        "identity" => "said who the person is".to_owned(),
        "acknowledge" => "has seen it".to_owned(),
        "accept" => "accepted".to_owned(),
        "decline" => match line.declined {
            Some(reason) => {
                format!("declined: {}", words::shown(&words::DECLINE, reason).trim_end_matches(" (say which below)"))
            }
            None => "declined".to_owned(),
        },
        "schedule" => format!("made an appointment for {time}"),
        "cancel appointment" => "cancelled the appointment".to_owned(),
        "attend" => format!("recorded that the person came, {time}"),
        "no-show" => format!("recorded that the person did not come, {time}"),
        "message" => "wrote".to_owned(),
        "withdraw" => "asked to withdraw the referral".to_owned(),
        "confirm withdrawal" => "confirmed the withdrawal".to_owned(),
        "close" => match line.outcome {
            Some(ending) => format!(
                "closed the referral: {}",
                words::shown(&words::OUTCOMES, ending).trim_end_matches(" (say which below)")
            ),
            None => "closed the referral".to_owned(),
        },
        "hold" => "put it on hold".to_owned(),
        "resume" => "took it up again".to_owned(),
        "reschedule" => format!("moved the appointment to {time}"),
        "entered in error" => "said that it was sent in error".to_owned(),
        "handoff" => format!("handed over in the presence of the person, {time}"),
        "need" => "wrote down a need".to_owned(),
        "transition" => format!("said when the person leaves: {time}"),
        "seen" => format!("met the person, {time}"),
        "check-in" => "asked how it goes".to_owned(),
        "lost contact" => "could not reach the person any more".to_owned(),
        "contact attempt" => format!("tried to reach the person, {time}"),
        "crisis plan" => "wrote the crisis plan".to_owned(),
        "medication" => "wrote down the medication".to_owned(),
        "summary" => "wrote a summary of care".to_owned(),
        other => other.to_owned(),
    };
    Happening {
        at: line.at,
        org: if line.org == row.other { row.other_name.clone() } else { ours.to_owned() },
        staff: line.staff,
        what,
        text: Some(line.note),
        without_effect: line.without_effect,
        crossed: line.crossed,
        local: line.local,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belay_protocol::ids::OrgId;

    fn row(status: Option<&str>, business: Option<&str>) -> ThreadRow {
        ThreadRow {
            id: ThreadId([1; 32]),
            direction: "outgoing".to_owned(),
            other: OrgId([2; 32]),
            other_name: "Clinic".to_owned(),
            off_network: false,
            person: None,
            name: None,
            state: String::new(),
            status: status.map(str::to_owned),
            business: business.map(str::to_owned),
            urgency: None,
            appointment_at: None,
            answerable: true,
            ended: None,
            updated: Time(0),
        }
    }

    #[test]
    fn both_statuses_lead_back_to_each_place() {
        for known in Place::ALL {
            let row = row(Some(known.status()), known.business().map(|(code, _)| code));
            assert_eq!(place(&row), known);
        }
        assert_eq!(place(&row(None, None)), Place::Sent, "all that a sender without a way back knows");
    }

    #[test]
    fn nothing_is_due_where_nothing_more_may_be_told() {
        let mut row = row(Some("requested"), Some("2.0"));
        row.direction = "incoming".to_owned();
        assert!(waits(&row, Time(1)).is_some());
        row.ended = Some("consent revoked".to_owned());
        assert!(waits(&row, Time(1)).is_none());
    }
}
