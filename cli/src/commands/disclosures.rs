//! `belay disclosures`: what was told to whom, for the person who asks or for a breach at one recipient.

use super::Context;
use crate::args::StaffArgs;
use crate::trouble::Result;
use belay_node::api::care::{Care, DisclosuresView};
use belay_protocol::sensitive::Personal;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// About this person, the last three years (42 CFR 2.25)
    #[arg(long, value_name = "PERSON", value_parser = crate::words::person, required_unless_present = "to")]
    person: Option<String>,
    /// To this organisation
    #[arg(long, value_name = "ORG")]
    to: Option<String>,
    #[command(flatten)]
    staff: StaffArgs,
}

pub fn run(context: &Context, args: Args) -> Result<()> {
    let ask = Care::Disclosures { person: args.person.map(Personal::new), to: args.to };
    context.care::<DisclosuresView>(&args.staff, ask)
}
