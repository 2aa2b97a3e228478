//! What concerns this organisation: referrals in and out, and what is due.

use super::{Frame, Here, page, problem};
use crate::api::Outcome;
use crate::api::care::{CallView, Care, FalseView, InquiryView, ListAsk, OwedView, Part, ThreadRow, ThreadsView};
use crate::web::App;
use crate::web::gate::Signed;
use crate::web::standing::{self, Side, Waits};
use crate::web::steps::{On, Step};
use crate::web::words;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use belay_protocol::referral::inquiry::Reply;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::Deserialize;

/// Threads on one page, and of what is to be done.
const SHOWN: u32 = 100;
const PRESSING: u32 = 50;

/// What to look at, as it stands in the address. Never a word about a person.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    show: String,
    /// Where the page before ended.
    after: String,
}

impl Asked {
    fn part(&self) -> Part {
        PARTS.iter().find(|(_, word, ..)| *word == self.show).map_or(Part::All, |(part, ..)| *part)
    }

    fn ask(&self) -> ListAsk {
        let part = self.part();
        let pressing = if matches!(part, Part::All | Part::Ours) { PRESSING } else { 0 };
        let after = Some(self.after.clone()).filter(|after| !after.is_empty());
        ListAsk { part, after, limit: Some(SHOWN), pressing, person: None }
    }
}

#[derive(Template)]
#[template(path = "inbox.html")]
pub struct InboxPage {
    pub frame: Frame,
    pub filters: Vec<Filter>,
    /// Most pressing first.
    pub due: Vec<DueLine>,
    /// How many referrals are due, and where all of them are, if they are not all here.
    pub due_count: u64,
    pub all_due: Option<&'static str>,
    pub lists: Vec<List>,
    /// Who has to hear by telephone that a consent was taken back.
    pub calls: Vec<Call>,
    /// There are more calls than these.
    pub more_calls: bool,
    /// Questions that name nobody, which wait.
    pub questions: Vec<Question>,
    /// How many of how many are shown, where that is not all.
    pub left_out: Option<String>,
    /// Older ones.
    pub more: Option<String>,
    /// To the privacy officer: to whom a new accounting is owed.
    pub owed: Vec<Owed>,
    /// To the privacy officer: consents that are false and let something out, by the address of each, with the person and the recipients.
    pub falsely: Vec<(String, Personal<String>, String)>,
    /// Records and agreements, and who can do what is not for who signed in.
    pub records: Vec<(String, &'static str)>,
    pub not_theirs: Vec<String>,
}

/// A person who asked for an accounting while something was left out of it that is left out no more.
pub struct Owed {
    pub href: String,
    pub who: Personal<String>,
    pub asked: String,
    pub since: String,
}

/// Steps of the house that stand under the list.
const RECORDS: [&str; 12] = [
    "heard",
    "calls",
    "reopen",
    "report",
    "told",
    "withheld",
    "release",
    "looks",
    "verify",
    "joined",
    "bound",
    "correct-partner",
];

/// A way to look at a part.
pub struct Filter {
    pub href: &'static str,
    pub label: &'static str,
    pub count: u64,
    pub here: bool,
}

const PARTS: [(Part, &str, &str, &str); 5] = [
    (Part::All, "", "/inbox", "All"),
    (Part::Due, "todo", TO_DO, "To do"),
    (Part::Ours, "due", "/inbox?show=due", "Waiting for us"),
    (Part::Theirs, "theirs", "/inbox?show=theirs", "Waiting for others"),
    (Part::Ended, "ended", "/inbox?show=ended", "Ended"),
];

const TO_DO: &str = "/inbox?show=todo";

pub struct DueLine {
    pub href: String,
    /// What to do, or that the other side is late.
    pub what: String,
    pub who: Personal<String>,
    /// The other side, where what is to do does not say it: somebody may be referred to several.
    pub with: Option<String>,
    pub by: String,
    pub overdue: bool,
    /// Whom to phone, or what was agreed for then.
    pub then: Option<String>,
}

impl DueLine {
    /// What presses most of a referral, of that on which somebody should act.
    fn new(row: &ThreadRow) -> Option<Self> {
        let due = row.due.iter().filter(|due| due.ours || due.overdue);
        let due = due.min_by_key(|due| (!row.first(due.timer), due.by))?;
        let what = if due.ours { due.what.clone() } else { format!("{} is late to {}", row.answers(), due.what) };
        Some(Self {
            href: href(row),
            what,
            who: who(row.name.as_ref()),
            with: due.ours.then(|| row.answers().to_owned()),
            by: words::when(due.by),
            overdue: due.overdue,
            then: due.then(),
        })
    }
}

/// Somebody whom no node tells that a consent was taken back.
pub struct Call {
    /// Where it says what to say, and where to write down that it was said.
    pub href: String,
    pub to: String,
    pub who: Personal<String>,
    pub by: String,
    pub overdue: bool,
    pub phone: Option<String>,
}

impl Call {
    fn new(call: &CallView) -> Self {
        Self {
            href: format!("/calls/{}/told", call.id),
            to: call.to_name.clone(),
            who: call.name.clone(),
            by: words::when(call.due.by),
            overdue: call.due.overdue,
            phone: call.due.phone.as_ref().map(|phone| format!("{} {}", phone.who, phone.telephone)),
        }
    }
}

/// An inquiry: it holds codes only and names nobody.
pub struct Question {
    /// Where to answer it; `None`: nobody here has to.
    pub answer: Option<String>,
    /// Where to say that nothing more comes of it, or that nobody answers one that came in.
    pub done: Option<String>,
    pub partner: String,
    pub ours: bool,
    /// What is asked for, a line each.
    pub asked: String,
    /// Which number to phone, where the partner is not on the network, or late.
    pub phone: Option<String>,
    pub reply: Option<String>,
    pub at: String,
    /// What to do, and whether that is late.
    pub due: Option<(String, bool)>,
}

impl Question {
    fn new(inquiry: &InquiryView) -> Self {
        let ours = inquiry.direction == "outgoing";
        let open = inquiry.reply.is_none() && (!ours || inquiry.off_network);
        let late = inquiry.due.as_ref().and_then(|due| due.phone.as_ref()).map(|phone| phone.telephone.clone());
        let asked = inquiry.asked.script();
        // Of what is said on the telephone, what is asked for.
        let asked = asked.lines().filter_map(|line| line.strip_prefix("- ")).collect::<Vec<_>>().join("\n");
        Self {
            answer: open.then(|| format!("/inquiries/{}/answer", inquiry.id)),
            done: (ours || open).then(|| format!("/inquiries/{}/done", inquiry.id)),
            partner: inquiry.other_name.clone(),
            ours,
            asked,
            phone: late.or((inquiry.off_network && open).then(|| inquiry.telephone.clone())),
            reply: inquiry.reply.map(Reply::words),
            at: words::when(inquiry.at),
            due: inquiry.due.as_ref().filter(|due| due.ours || due.overdue).map(|due| (due.what.clone(), due.overdue)),
        }
    }
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
    pub unread: bool,
    pub partner: String,
    pub off_network: bool,
    pub status: String,
    /// Whom it waits for.
    pub waits: Option<String>,
    /// The consent ended.
    pub ended: bool,
    pub changed: String,
}

/// Incoming and outgoing, and what is due.
pub async fn show(State(app): State<App>, signed: Signed, asked: Result<Query<Asked>, QueryRejection>) -> Response {
    match build(&app, &signed, &asked.map(|Query(asked)| asked).unwrap_or_default()).await {
        Ok(context) => page(StatusCode::OK, &context),
        Err(failure) => problem::of(&failure, None),
    }
}

async fn build(app: &App, signed: &Signed, asked: &Asked) -> Outcome<InboxPage> {
    let view: ThreadsView = app.backend.view(&signed.seat, Care::ReferralList(asked.ask())).await?;
    let frame = Frame::signed(app, signed, Here::Inbox, "Referrals").await?;
    Ok(InboxPage::new(frame, &view, asked, app.now()))
}

impl Owed {
    fn new(owed: &OwedView) -> Self {
        Self {
            href: format!("/persons/{}", owed.person),
            who: owed.name.clone(),
            asked: words::when(owed.asked),
            since: words::when(owed.since),
        }
    }
}

fn falsely(one: &FalseView) -> (String, Personal<String>, String) {
    (format!("/consents/{}", one.consent), who(Some(&one.name)), next(one))
}

/// What the privacy officer does about a consent that is or may be false.
fn next(one: &FalseView) -> String {
    let to = one.to.join("; ");
    match (one.suspended, to.is_empty()) {
        (false, _) => format!("to {to}. Say whether it is a breach (42 CFR 2.16(b); 45 CFR 164.402)."),
        (true, true) => "suspended: say whether it is false, or let it stand again (42 CFR 2.31(c)(4)).".to_owned(),
        (true, false) => {
            format!("to {to}. Suspended: say whether it is false, or let it stand again (42 CFR 2.31(c)(4)).")
        }
    }
}

impl InboxPage {
    fn new(frame: Frame, view: &ThreadsView, asked: &Asked, now: Time) -> Self {
        let part = asked.part();
        let (shown, counts) = (&view.threads, view.counts);
        // What is to be done is a list of its own; beside the others stands its beginning.
        let pressing = if part == Part::Due { shown } else { &view.pressing };
        let count = |of: Part| match of {
            Part::All => counts.all,
            Part::Ours => counts.ours,
            Part::Theirs => counts.theirs,
            Part::Ended => counts.ended,
            Part::Due => counts.due,
        };
        let (total, here) = (count(part), u64::try_from(shown.len()).unwrap_or(u64::MAX));
        let address = PARTS.iter().find(|(of, ..)| *of == part).map_or("/inbox", |(_, _, href, _)| *href);
        let more = view.more.as_ref().map(|after| {
            let joined = if address.contains('?') { '&' } else { '?' };
            format!("{address}{joined}after={after}")
        });
        let steps = RECORDS.iter().filter_map(|slug| Step::named(On::House, slug));
        let (may, not_theirs) = frame.rights.sort(steps);
        let mut records: Vec<(String, &'static str)> = may.iter().map(|step| (step.href(""), step.title)).collect();
        records.push(("/agreements".to_owned(), "Agreements with partners"));
        Self {
            all_due: (part != Part::Due && pressing.len() as u64 != counts.due).then_some(TO_DO),
            due_count: counts.due,
            due: pressing.iter().filter_map(DueLine::new).collect(),
            owed: view.owed.iter().map(Owed::new).collect(),
            falsely: view.falsely.iter().map(falsely).collect(),
            records,
            not_theirs,
            filters: PARTS
                .into_iter()
                .map(|(of, _, href, label)| Filter { href, label, count: count(of), here: of == part })
                .collect(),
            lists: if part == Part::Due { Vec::new() } else { lists(part, shown, &frame, now) },
            calls: match part {
                Part::All | Part::Ours | Part::Due => view.calls.iter().map(Call::new).collect(),
                Part::Theirs | Part::Ended => Vec::new(),
            },
            more_calls: view.more_calls,
            questions: match part {
                Part::All | Part::Due => view.inquiries.iter().map(Question::new).collect(),
                Part::Ours => {
                    let ours = |inquiry: &&InquiryView| inquiry.due.as_ref().is_some_and(|due| due.ours);
                    view.inquiries.iter().filter(ours).map(Question::new).collect()
                }
                Part::Theirs | Part::Ended => Vec::new(),
            },
            left_out: (here < total).then(|| format!("{here} of {total} are on this page.")),
            more,
            frame,
        }
    }
}

fn lists(part: Part, shown: &[ThreadRow], frame: &Frame, now: Time) -> Vec<List> {
    let none = |all| if part == Part::All { all } else { "None of these." };
    vec![
        List {
            id: "incoming",
            title: "Sent to us",
            partner: "From",
            none: none("Nobody has sent us a referral yet."),
            rows: rows(shown, Side::Incoming, frame, now),
        },
        List {
            id: "outgoing",
            title: "Sent by us",
            partner: "To",
            none: none("We have not sent a referral yet."),
            rows: rows(shown, Side::Outgoing, frame, now),
        },
    ]
}

fn rows(shown: &[ThreadRow], side: Side, frame: &Frame, now: Time) -> Vec<Row> {
    let rows = shown.iter().filter(|row| standing::side(row) == side);
    rows.map(|row| Row {
        href: href(row),
        who: who(row.name.as_ref()),
        urgent: standing::urgent(row),
        unread: row.unread(),
        partner: row.other_name.clone(),
        off_network: row.off_network,
        status: words::standing(row),
        waits: match standing::waits(row, now) {
            Waits::Us => Some(frame.organisation.clone()),
            Waits::Them => Some(row.answers().to_owned()),
            Waits::Nobody => None,
        },
        ended: row.ended.is_some() && standing::place(row).is_final(),
        changed: words::when(row.updated),
    })
    .collect()
}

fn href(row: &ThreadRow) -> String {
    format!("/threads/{}", row.id)
}

/// How a person is called on pages.
#[must_use]
pub fn who(person: Option<&Personal<String>>) -> Personal<String> {
    let named = person.filter(|name| !name.reveal().trim().is_empty());
    named.cloned().unwrap_or_else(|| "A person not named to us".into())
}

#[cfg(test)]
fn sample_view(threads: Vec<ThreadRow>) -> ThreadsView {
    let all = threads.len() as u64;
    let more = (threads.len() > 100).then(|| "00ff".repeat(20));
    let counts = crate::api::care::ListCounts { all, ours: all, theirs: 9 * all, ended: all, due: all, overdue: 1 };
    let pressing = threads.clone();
    ThreadsView { threads, counts, more, pressing, ..ThreadsView::default() }
}

#[cfg(test)]
fn sample_due(partner: &str, ours: bool, by: Time) -> Vec<crate::api::care::DueView> {
    let phone = crate::api::care::PhoneView { who: partner.to_owned(), telephone: "606-555-0100".to_owned() };
    vec![crate::api::care::DueView {
        timer: belay_protocol::referral::due::Timer::FirstAppointment,
        ours,
        since: Time(0),
        by,
        overdue: true,
        what: "make an appointment".to_owned(),
        next: String::new(),
        phone: (!ours).then_some(phone),
        steps: Vec::new(),
        say: None,
    }]
}

#[cfg(test)]
impl super::Sample for InboxPage {
    fn samples() -> Vec<Self> {
        use super::sample::{HOSTILE, frame, hostile_frame};
        use belay_protocol::ids::ThreadId;
        use belay_protocol::referral::inquiry::{Reply, Within};
        use belay_protocol::referral::{Place, Urgency};
        use belay_protocol::time::HOUR;
        let now = Time::parse("2026-11-23T15:00:00Z").unwrap();
        let row = |n: u8, side, person: Option<&str>, partner: &str, place| ThreadRow {
            id: ThreadId([n; 32]),
            other_name: partner.to_owned(),
            name: person.map(Personal::from),
            urgency: (n == 1).then_some(Urgency::Urgent),
            updated: Time(now.0 - u64::from(n) * 5 * HOUR),
            off_network: n == 6,
            answerable: n != 5,
            due: sample_due(partner, n != 3, now),
            ..standing::tests::row(side, place)
        };
        let many: Vec<ThreadRow> = (0..SHOWN as usize + 9)
            .map(|n| {
                let place = Place::ALL[n % Place::ALL.len()];
                let id = [(n / 250) as u8 + 1, (n % 250) as u8].repeat(16);
                let row = row(20, Side::Outgoing, Some("Sam Rowe"), "Haven House Shelter", place);
                ThreadRow { id: ThreadId(id.try_into().unwrap()), ..row }
            })
            .collect();
        let usual = vec![
            row(1, Side::Incoming, Some("Maria Lopez"), "Harper General Emergency Department", Place::Sent),
            ThreadRow {
                appointment_at: Some(Time(now.0 - HOUR)),
                ..row(2, Side::Incoming, Some("Jordan Pike"), "Tri-County Re-entry", Place::Scheduled)
            },
            row(3, Side::Incoming, None, "Open Door Peer Recovery", Place::OnHold),
            row(4, Side::Outgoing, Some("Maria Lopez"), "Haven House Shelter", Place::Declined),
            row(5, Side::Outgoing, Some("Lee Brandt"), "Open Door Peer Recovery", Place::Sent),
            row(6, Side::Outgoing, Some("Lee Brandt"), "Ridge Food Bank", Place::Sent),
        ];
        let hostile = ThreadRow {
            updated: Time(u64::MAX),
            ended: Some(HOSTILE.to_owned()),
            ..row(1, Side::Incoming, Some(HOSTILE), HOSTILE, Place::Sent)
        };
        let view = sample_view;
        let asked = |mut view: ThreadsView, other: &str| {
            view.inquiries = vec![
                question("incoming", other, None),
                question("outgoing", other, None),
                question("outgoing", other, Some(Reply::WaitList(Within::Week))),
            ];
            view.calls = vec![sample_call(other)];
            view
        };
        let show = |word: &str| Asked { show: word.to_owned(), after: String::new() };
        let mut told = frame("Referrals", Here::Inbox, true);
        told.notice = Some("You accepted the referral.".to_owned());
        let plain = || frame("Referrals", Here::Inbox, true);
        vec![
            Self::new(told, &view(usual.clone()), &show(""), now),
            Self::new(plain(), &asked(view(usual.clone()), "Ridge Food Bank"), &show("due"), now),
            Self::new(plain(), &asked(view(usual.clone()), "Ridge Food Bank"), &show("todo"), now),
            Self::new(plain(), &view(usual), &show(HOSTILE), now),
            Self::new(plain(), &view(Vec::new()), &show(""), now),
            Self::new(hostile_frame(), &asked(view(Vec::new()), HOSTILE), &show(""), now),
            Self::new(plain(), &view(many), &show("theirs"), now),
            Self::new(
                hostile_frame(),
                &view(vec![hostile, row(9, Side::Incoming, Some(""), "", Place::Nothing)]),
                &show("ended"),
                now,
            ),
        ]
    }
}

#[cfg(test)]
mod samples;
#[cfg(test)]
use samples::question;
#[cfg(test)]
pub(crate) use samples::sample_question;
#[cfg(test)]
pub(in crate::web) use samples::{sample_answers, sample_call};
