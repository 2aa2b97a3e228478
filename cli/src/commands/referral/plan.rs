//! What helps a person: the crisis and recurrence plan, medication, written summaries of care.

use super::{On, one_of, written_as};
use crate::commands::{Context, plans};
use crate::trouble::{Result, Trouble};
use crate::words::Words;
use belay_node::api::care::{ActRequest, RenewRequest};
use belay_protocol::referral::{Information, Summary, SummaryKind};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write the crisis and recurrence plan; the newest holds
    Crisis {
        #[command(flatten)]
        plan: plans::CrisisForm,
        #[command(flatten)]
        on: On,
    },
    /// Write down the present medication; the newest holds
    Medication {
        #[command(flatten)]
        list: plans::MedicationForm,
        #[command(flatten)]
        on: On,
    },
    /// Tell the crisis plan and the medication as they are on record here now
    ///
    /// Without --with: those of them that the referral says as they were before. What goes is on record as any other disclosure.
    Renew {
        /// These, also where the referral does not say them yet: crisis, medication
        #[arg(long, value_name = "KINDS", value_delimiter = ',')]
        with: Vec<Information>,
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

pub fn run(context: &Context, command: Command) -> Result<()> {
    let (act, on) = match command {
        Command::Crisis { plan, on } => {
            let to_come = || on.ask(ActRequest::Crisis(plans::crisis_to_come()));
            let login = context.before(&on.staff, plan.is_typed(), to_come)?;
            let act = ActRequest::Crisis(plan.read("belay referral crisis THREAD")?);
            return written_as(context, || Ok(login), on.ask(act));
        }
        Command::Medication { list, on } => {
            let to_come = || on.ask(ActRequest::Medication(plans::medication_to_come()));
            let login = context.before(&on.staff, list.is_typed(), to_come)?;
            let act = ActRequest::Medication(list.read("belay referral medication THREAD")?);
            return written_as(context, || Ok(login), on.ask(act));
        }
        Command::Renew { with, on } => (ActRequest::Renew(renew(&with)?), on),
        Command::Summary { kind, text, on } => {
            let asked = ("What it says", "--text");
            return on.worded(context, text, asked, |text| ActRequest::Summary(Summary { kind, text }));
        }
    };
    on.act(context, act)
}

fn renew(with: &[Information]) -> Result<RenewRequest> {
    if let Some(other) = with.iter().find(|kind| !matches!(kind, Information::Crisis | Information::Medication)) {
        return Err(Trouble::usage(format!("of a person, `crisis` and `medication` are on record, and no `{other}`"))
            .next("--with crisis,medication"));
    }
    let has = |kind| with.contains(&kind);
    Ok(RenewRequest { crisis: has(Information::Crisis), medication: has(Information::Medication) })
}
