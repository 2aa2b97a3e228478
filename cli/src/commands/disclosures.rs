//! `belay disclosures`: what was told to whom, for the person who asks or for a breach at one recipient.

use super::{Context, print};
use crate::args::StaffArgs;
use crate::trouble::{Result, Trouble};
use belay_node::api::care::{Care, DisclosuresView, Printed};
use belay_protocol::sensitive::Personal;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// About this person, the last three years (42 CFR 2.25)
    #[arg(long, value_name = "PERSON", value_parser = crate::words::person, required_unless_present = "to")]
    person: Option<String>,
    /// To this organisation
    #[arg(long, value_name = "ORG")]
    to: Option<String>,
    /// As the form that the person takes home, in plain words
    #[arg(long, requires = "person")]
    print: bool,
    #[command(flatten)]
    how: print::How,
    #[command(flatten)]
    staff: StaffArgs,
}

pub fn run(context: &Context, args: Args) -> Result<()> {
    if let (true, Some(person)) = (args.print, &args.person) {
        let form = Printed::Accounting { person: Personal::new(person.clone()) };
        return print::form(context, &args.staff, form, args.how);
    }
    if args.print || args.how.given() {
        return Err(Trouble::usage("--lang, --html and --text are for the form that the person takes home")
            .next("belay disclosures --person PERSON --print"));
    }
    let ask = Care::Disclosures { person: args.person.map(Personal::new), to: args.to };
    context.care::<DisclosuresView>(&args.staff, ask)
}
