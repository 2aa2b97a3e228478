//! Appointments: made, moved, cancelled, kept or missed. A missed one ends nothing.

use super::answer::WhyArgs;
use super::{Note, On, one_of};
use crate::commands::Context;
use crate::trouble::Result;
use crate::words::Words;
use belay_node::api::care::{ActRequest, At, Meeting};
use belay_node::system;
use belay_protocol::referral::Mode;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make an appointment, the first or a new one
    Schedule {
        #[command(flatten)]
        meeting: MeetingArgs,
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        on: On,
    },
    /// Move the appointment; --barrier and --note say why, where that is known
    Reschedule {
        #[command(flatten)]
        meeting: MeetingArgs,
        #[command(flatten)]
        why: WhyArgs,
        #[command(flatten)]
        on: On,
    },
    /// Cancel the appointment; --barrier and --note say why, where that is known
    CancelAppointment {
        #[command(flatten)]
        why: WhyArgs,
        #[command(flatten)]
        on: On,
    },
    /// The person came
    Attend {
        /// When [default: now]
        #[arg(long, value_name = "TIME", value_parser = system::begin)]
        when: Option<Time>,
        #[command(flatten)]
        on: On,
    },
    /// The person did not come; this ends nothing
    #[command(name = "noshow", visible_alias = "no-show")]
    NoShow {
        /// When [default: the time of the appointment]
        #[arg(long, value_name = "TIME", value_parser = system::begin)]
        when: Option<Time>,
        #[command(flatten)]
        why: WhyArgs,
        #[command(flatten)]
        on: On,
    },
}

#[derive(Debug, clap::Args)]
pub struct MeetingArgs {
    /// Day and time by the clock of the place, such as 2026-11-24T10:00, or 2026-11-24T10:00:00-06:00
    #[arg(long, value_name = "TIME")]
    at: String,
    /// Time zone of the place, such as America/Chicago [default: that of the appointment that is moved, else the zone here]
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Where: `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE")]
    place: Option<Words>,
    /// How
    #[arg(long, value_name = "MODE", default_value = "in_person", value_parser = one_of(Mode::ALL))]
    mode: Mode,
}

impl MeetingArgs {
    fn with(self, note: Personal<String>) -> Meeting {
        let Self { at, zone, place, mode } = self;
        Meeting { at: At::Typed(at), zone, place: Words::or_empty(place), mode, note }
    }
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    let (act, on) = match command {
        Command::Schedule { meeting, note, on } => (ActRequest::Schedule(meeting.with(note.words())), on),
        Command::Reschedule { meeting, why, on } => {
            (ActRequest::Reschedule { to: meeting.with(Personal::default()), why: why.why() }, on)
        }
        Command::CancelAppointment { why, on } => (ActRequest::CancelAppointment { why: why.why() }, on),
        Command::Attend { when, on } => (ActRequest::Attend { when }, on),
        Command::NoShow { when, why, on } => (ActRequest::NoShow { when, why: why.why() }, on),
    };
    on.act(context, act)
}
