//! What helps a person: the crisis and recurrence plan, medication, written summaries of care.

use super::{On, one_of};
use crate::commands::Context;
use crate::fields::fill;
use crate::trouble::{Result, Trouble};
use crate::words::Words;
use belay_node::api::care::ActRequest;
use belay_node::system;
use belay_protocol::referral::{Contact, CrisisPlan, Medication, Medicine, Summary, SummaryKind};
use belay_protocol::sensitive::Personal;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write the crisis and recurrence plan; the newest holds
    Crisis {
        /// File with a field a line, such as `naloxone: in the kitchen`, or `-` for standard input [default: asked for]
        ///
        /// Fields: warning signs, helps, avoid, contact, naloxone, wishes. A contact is `name; telephone; relation`, and may come
        /// more than once, the first to call first.
        #[arg(long, value_name = "F")]
        from: Option<String>,
        #[command(flatten)]
        on: On,
    },
    /// Write down the present medication; the newest holds
    Medication {
        /// File with a field a line, such as `medicine: methadone`, or `-` for standard input [default: asked for]
        ///
        /// Fields: medicine, dose, prescriber, phone, last dose, next dose, next visit, allergies, note. Each `medicine` begins a
        /// new one, to which the lines after it belong; times are such as 2026-11-24T10:00:00-06:00.
        #[arg(long, value_name = "F")]
        from: Option<String>,
        #[command(flatten)]
        on: On,
    },
    /// Write a summary of care, such as that of a discharge
    Summary {
        #[arg(long, value_name = "KIND", value_parser = one_of(SummaryKind::ALL))]
        kind: SummaryKind,
        /// `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        text: Option<Words>,
        #[command(flatten)]
        on: On,
    },
}

const PLAN: [&str; 6] = ["warning signs", "helps", "avoid", "contact", "naloxone", "wishes"];
const MEDICATION: [&str; 10] =
    ["medicine", "dose", "prescriber", "phone", "last dose", "next dose", "next visit", "none", "allergies", "note"];

pub fn run(context: &Context, command: Command) -> Result<()> {
    let (act, on) = match command {
        Command::Crisis { from, on } => (ActRequest::Crisis(crisis(from)?), on),
        Command::Medication { from, on } => (ActRequest::Medication(medication(from)?), on),
        Command::Summary { kind, text, on } => {
            let text = Words::or_ask(text, "What it says", "--text")?;
            (ActRequest::Summary(Summary { kind, text }), on)
        }
    };
    on.act(context, act)
}

fn crisis(from: Option<String>) -> Result<CrisisPlan> {
    let mut plan = CrisisPlan::default();
    fill(from, &PLAN, "belay referral crisis THREAD --from FILE", |name, value| {
        let text = Personal::from(value);
        match name {
            "warning signs" => plan.warning_signs = text,
            "helps" => plan.helps = text,
            "avoid" => plan.avoid = text,
            "naloxone" => plan.naloxone = text,
            "wishes" => plan.wishes = text,
            "contact" if value.is_empty() => {}
            "contact" => {
                let mut parts = value.split(';').map(|part| Personal::from(part.trim()));
                let mut part = || parts.next().unwrap_or_default();
                plan.contacts.push(Contact { name: part(), phone: part(), relation: part() });
            }
            _ => return false,
        }
        true
    })?;
    Ok(plan)
}

fn medication(from: Option<String>) -> Result<Medication> {
    let mut medication = Medication::default();
    let mut wrong = None;
    fill(from, &MEDICATION, "belay referral medication THREAD --from FILE", |name, value| {
        let text = Personal::from(value);
        match name {
            "allergies" => medication.allergies = text,
            "note" => medication.note = text,
            "none" if matches!(value, "" | "no" | "yes") => medication.takes_none = value == "yes",
            "none" => {
                wrong = Some("`none` is `yes` where the person was asked and takes nothing, else `no`".to_owned());
            }
            "medicine" if value.is_empty() => {}
            "medicine" => medication.medicines.push(Medicine { name: text, ..Medicine::default() }),
            _ if !MEDICATION.contains(&name) => return false,
            _ if value.is_empty() => {}
            _ => {
                let Some(of) = medication.medicines.last_mut() else { return false };
                match (name, system::begin(value)) {
                    ("dose", _) => of.dose = text,
                    ("prescriber", _) => of.prescriber = text,
                    ("phone", _) => of.phone = text,
                    ("last dose", Ok(at)) => of.last_dose = Some(at),
                    ("next dose", Ok(at)) => of.next_dose = Some(at),
                    ("next visit", Ok(at)) => of.next_visit = Some(at),
                    _ => wrong = Some(format!("`{name}` is a time, such as 2026-11-24T10:00:00-06:00")),
                }
            }
        }
        true
    })?;
    match wrong {
        Some(wrong) => Err(Trouble::failed(wrong)),
        None => Ok(medication),
    }
}
