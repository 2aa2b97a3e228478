//! `belay disclosures`: what was told to whom, for the person who asks or for a breach at one recipient.

use super::{Context, print};
use crate::args::StaffArgs;
use crate::trouble::{Result, Trouble};
use belay_node::api::care::{Care, DisclosuresAsk, DisclosuresView, Printed};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// About this person, the last three years (42 CFR 2.25)
    #[arg(long, value_name = "PERSON", value_parser = crate::words::person, required_unless_present = "to")]
    person: Option<String>,
    /// Everything that was told to this organisation: the list that a breach there needs
    #[arg(long, value_name = "ORG")]
    to: Option<String>,
    /// From this day on [default: for a person three years back, for an organisation from the first]
    #[arg(long, value_name = "DATE", value_parser = Time::parse)]
    since: Option<Time>,
    /// Before this day
    #[arg(long, value_name = "DATE", value_parser = Time::parse)]
    until: Option<Time>,
    /// Only what rests on a consent, as 42 CFR 2.25 counts
    #[arg(long)]
    with_consent: bool,
    /// As the form that the person takes home, in plain words
    #[arg(long, requires = "person")]
    print: bool,
    #[command(flatten)]
    how: print::How,
    #[command(flatten)]
    staff: StaffArgs,
}

pub fn run(context: &Context, args: Args) -> Result<()> {
    let Args { person, to, since, until, with_consent, print, how, staff } = args;
    if let (true, Some(person)) = (print, &person) {
        let form = Printed::Accounting { person: Personal::new(person.clone()) };
        return super::print::form(context, &staff, form, how);
    }
    if print || how.given() {
        return Err(Trouble::usage("--lang, --html and --text are for the form that the person takes home")
            .next("belay disclosures --person PERSON --print"));
    }
    let ask = DisclosuresAsk { person: person.map(Personal::new), to, since, until, with_consent };
    context.care::<DisclosuresView>(&staff, Care::Disclosures(ask))
}
