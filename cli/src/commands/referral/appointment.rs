//! Appointments: made, moved, cancelled, kept or missed. A missed one ends nothing.

use super::answer::WhyArgs;
use super::{Note, On, one_of};
use crate::commands::Context;
use crate::trouble::Result;
use crate::words::Words;
use belay_node::api::care::ActRequest;
use belay_node::system;
use belay_protocol::referral::{Appointment, Mode};
use belay_protocol::time::Time;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make an appointment, the first or a new one
    Schedule {
        #[command(flatten)]
        meeting: Meeting,
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        on: On,
    },
    /// Move the appointment, and say why
    Reschedule {
        #[command(flatten)]
        meeting: Meeting,
        #[command(flatten)]
        why: WhyArgs,
        #[command(flatten)]
        on: On,
    },
    /// Cancel the appointment, and say why
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
pub struct Meeting {
    /// Day and time, such as 2026-11-24T10:00 by the clock here, or 2026-11-24T10:00:00-06:00
    #[arg(long, value_name = "TIME", value_parser = at_a_time)]
    at: Time,
    /// Where: `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE")]
    place: Option<Words>,
    /// How
    #[arg(long, value_name = "MODE", default_value = "in_person", value_parser = one_of(Mode::ALL))]
    mode: Mode,
}

/// A day alone would be midnight, at which nobody is expected.
fn at_a_time(text: &str) -> std::result::Result<Time, String> {
    if text.trim().len() == "YYYY-MM-DD".len() {
        return Err("that is a day: say at what time as well, such as 2026-11-24T10:00".to_owned());
    }
    system::begin(text).map_err(|error| error.to_string())
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    let (act, on) = match command {
        Command::Schedule { meeting: Meeting { at, place, mode }, note, on } => {
            (ActRequest::Schedule { at, place: Words::or_empty(place), mode, note: note.words() }, on)
        }
        Command::Reschedule { meeting: Meeting { at, place, mode }, why, on } => {
            let to = Appointment { at, place: Words::or_empty(place), mode, note: Default::default() };
            (ActRequest::Reschedule { to, why: why.why() }, on)
        }
        Command::CancelAppointment { why, on } => (ActRequest::CancelAppointment { why: why.why() }, on),
        Command::Attend { when, on } => (ActRequest::Attend { when }, on),
        Command::NoShow { when, why, on } => (ActRequest::NoShow { when, why: why.why() }, on),
    };
    on.act(context, act)
}
