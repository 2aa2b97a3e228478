//! `belay referral`: one person's move from one organisation to the next, and the answer.

mod inquire;
mod outside;
mod report;

use super::{Context, attachment};
use crate::args::StaffArgs;
use crate::trouble::Result;
use crate::words::{self, Words};
use belay_node::api::care::{ActRequest, AttachTo, Care, Send, SendPreview, ThreadView, ThreadsView};
use belay_protocol::referral::{DeclineReason, Information, Mode, Outcome, Urgency};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use clap::builder::PossibleValuesParser;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Send a referral under a signed consent, to the organisation that it names
    Send {
        /// The consent
        #[arg(long, value_name = "CONSENT")]
        consent: String,
        /// To which organisation, where the consent names more than one
        #[arg(long, value_name = "ORG", conflicts_with = "off_network")]
        to: Option<String>,
        /// What else goes that the consent opens and a referral does not need, such as medication (default: the minimum)
        #[arg(long, value_name = "KINDS", value_delimiter = ',')]
        include: Vec<Information>,
        /// Only show what would go to whom; nothing is sent
        #[arg(long, conflicts_with = "off_network")]
        preview: bool,
        /// The listing that is asked for, from a directory search
        #[arg(long, value_name = "LISTING")]
        service: Option<String>,
        /// What it is about, for the recipient: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        reason: Option<Words>,
        /// It can not wait
        #[arg(long)]
        urgent: bool,
        /// What else the person needs, most urgent first: `@FILE`
        #[arg(long, value_name = "@FILE")]
        need: Vec<Words>,
        #[command(flatten)]
        off: outside::Off,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// The letter of a referral to a partner who is not on the network, with the notice of 42 CFR 2.32
    Letter(outside::Letter),
    /// Ask one or several partners "could you take somebody like this?": codes only, no name, no consent needed
    Inquire(inquire::Inquire),
    /// Where referrals go: per staff member, partner and service; for the administrator or the privacy officer
    Report(report::Report),
    /// Referrals that were sent and that came in
    List {
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// One referral: where it stands, its history, who the person may be
    Show {
        thread: String,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Accept a referral that came in
    Accept {
        thread: String,
        /// A few words with it: `@FILE`, or `@-` for standard input
        #[arg(long, value_name = "@FILE")]
        note: Option<Words>,
        #[command(flatten)]
        heard: outside::Heard,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Decline it, with the reason
    Decline {
        thread: String,
        #[arg(long, value_name = "REASON", value_parser = PossibleValuesParser::new(choices(&REASONS)))]
        reason: String,
        /// A few words with it: `@FILE`, or `@-` for standard input
        #[arg(long, value_name = "@FILE")]
        note: Option<Words>,
        #[command(flatten)]
        heard: outside::Heard,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Make an appointment, the first or a new one
    Schedule {
        thread: String,
        /// When, such as 2026-11-24T10:00:00-06:00
        #[arg(long, value_name = "TIME", value_parser = Time::parse)]
        at: Time,
        /// Where: `@FILE`, or `@-` for standard input
        #[arg(long, value_name = "@FILE")]
        place: Option<Words>,
        /// How
        #[arg(long, value_name = "MODE", default_value = "in_person", value_parser = PossibleValuesParser::new(choices(&MODES)))]
        mode: String,
        /// A few words with it: `@FILE`, or `@-` for standard input
        #[arg(long, value_name = "@FILE")]
        note: Option<Words>,
        #[command(flatten)]
        heard: outside::Heard,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// The person came
    Attend {
        thread: String,
        /// When [default: now]
        #[arg(long, value_name = "TIME", value_parser = Time::parse)]
        when: Option<Time>,
        #[command(flatten)]
        heard: outside::Heard,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Write to the other organisation
    Message {
        thread: String,
        /// `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        text: Option<Words>,
        /// A file with it: PDF, PNG, JPEG or plain text, at most 25 MB
        #[arg(long, value_name = "FILE")]
        attach: Option<PathBuf>,
        #[command(flatten)]
        heard: outside::Heard,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Close the loop, with the outcome
    Close {
        thread: String,
        #[arg(long, value_name = "OUTCOME", value_parser = PossibleValuesParser::new(choices(&OUTCOMES)))]
        outcome: String,
        /// A few words with it: `@FILE`, or `@-` for standard input
        #[arg(long, value_name = "@FILE")]
        note: Option<Words>,
        #[command(flatten)]
        heard: outside::Heard,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Say who the person of an incoming referral is: one of ours, or new
    Link {
        thread: String,
        /// One of ours, by id
        #[arg(long, value_name = "PERSON", value_parser = words::person, required_unless_present = "new")]
        person: Option<String>,
        /// Nobody of ours: add to the records
        #[arg(long, conflicts_with = "person")]
        new: bool,
        #[command(flatten)]
        staff: StaffArgs,
    },
}

const REASONS: [(&str, DeclineReason); 6] = [
    ("no_capacity", DeclineReason::NoCapacity),
    ("not_eligible", DeclineReason::NotEligible),
    ("could_not_contact", DeclineReason::CouldNotContact),
    ("person_declined", DeclineReason::PersonDeclined),
    ("out_of_area", DeclineReason::OutOfArea),
    ("other", DeclineReason::Other),
];

const OUTCOMES: [(&str, Outcome); 9] = [
    ("services_received", Outcome::ServicesReceived),
    ("transferred", Outcome::Transferred),
    ("incarcerated", Outcome::Incarcerated),
    ("moved", Outcome::Moved),
    ("lost_contact", Outcome::LostContact),
    ("person_declined", Outcome::PersonDeclined),
    ("deceased", Outcome::Deceased),
    ("administrative", Outcome::Administrative),
    ("other", Outcome::Other),
];

const MODES: [(&str, Mode); 3] =
    [("in_person", Mode::InPerson), ("telephone", Mode::Telephone), ("video", Mode::Video)];

fn choices<T>(table: &[(&'static str, T)]) -> Vec<&'static str> {
    table.iter().map(|(word, _)| *word).collect()
}

/// The value of a word that clap has checked already; the last one stands for anything else.
fn value<T: Copy, const N: usize>(table: &[(&str, T); N], word: &str) -> T {
    let last = table[N - 1].1;
    table.iter().find(|(w, _)| *w == word).map_or(last, |(_, value)| *value)
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    let (thread, act, heard, staff) = match command {
        Command::Send { consent, to, include, preview, service, reason, urgent, need, off, staff } => {
            let send = Send {
                consent,
                to,
                include,
                service,
                service_name: String::new(),
                reason: Words::or_ask(reason, "What it is about", "--reason")?,
                urgency: if urgent { Urgency::Urgent } else { Urgency::Routine },
                needs: Words::each(need),
                lifts: None,
            };
            if preview {
                return context.care::<SendPreview>(&staff, Care::ReferralPreview(send));
            }
            return context.care::<ThreadView>(&staff, off.ask(send));
        }
        Command::Letter(letter) => return letter.run(context),
        Command::Inquire(inquire) => return inquire.run(context),
        Command::Report(report) => return report.run(context),
        Command::List { staff } => return context.care::<ThreadsView>(&staff, Care::ReferralList),
        Command::Show { thread, staff } => {
            return context.care::<ThreadView>(&staff, Care::ReferralShow { thread });
        }
        Command::Link { thread, person, new: _, staff } => {
            let ask = Care::ReferralLink { thread, person: person.map(Personal::new) };
            return context.care::<ThreadView>(&staff, ask);
        }
        Command::Accept { thread, note, heard, staff } => {
            (thread, ActRequest::Accept { note: Words::or_empty(note) }, heard, staff)
        }
        Command::Decline { thread, reason, note, heard, staff } => (
            thread,
            ActRequest::Decline { reason: value(&REASONS, &reason), note: Words::or_empty(note) },
            heard,
            staff,
        ),
        Command::Schedule { thread, at, place, mode, note, heard, staff } => {
            let (place, note) = (Words::or_empty(place), Words::or_empty(note));
            (thread, ActRequest::Schedule { at, place, mode: value(&MODES, &mode), note }, heard, staff)
        }
        Command::Attend { thread, when, heard, staff } => (thread, ActRequest::Attend { when }, heard, staff),
        Command::Message { thread, text, attach: Some(file), heard: _, staff } => {
            let to = AttachTo::Thread { thread: thread.clone(), information: Information::Referral };
            let bytes = attachment::read(&file)?;
            let login = context.login(&staff)?;
            attachment::upload(context, &login, &to, &file, &bytes, Words::or_empty(text))?;
            return context.show(&context.care_as::<ThreadView>(&login, Care::ReferralShow { thread })?);
        }
        Command::Message { thread, text, attach: None, heard, staff } => {
            (thread, ActRequest::Message { text: Words::or_ask(text, "What to write", "--text")? }, heard, staff)
        }
        Command::Close { thread, outcome, note, heard, staff } => (
            thread,
            ActRequest::Close {
                outcome: value(&OUTCOMES, &outcome),
                note: Words::or_empty(note),
                barriers: Vec::new(),
            },
            heard,
            staff,
        ),
    };
    context.care::<ThreadView>(&staff, heard.ask(thread, act))
}
