//! `belay consent calls`, `told`, `whose`, `reopen`: who has to hear by telephone that a person took a consent back.

use crate::args::StaffArgs;
use crate::commands::Context;
use crate::output;
use crate::trouble::Result;
use crate::words::Words;
use belay_node::api::care::{CallView, CallsAsk, CallsView, Care, DoneView, WhoseView};
use belay_protocol::sensitive::Personal;

#[derive(Debug, clap::Args)]
pub struct Calls {
    /// Those that were made, with what was said, by whom and when; the newest first
    #[arg(long)]
    done: bool,
    /// The page after this place, as the page before said it
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    #[command(flatten)]
    staff: StaffArgs,
}

#[derive(Debug, clap::Args)]
pub struct Told {
    /// The call, as `belay consent calls` lists it
    call: String,
    /// With whom you spoke there: `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE")]
    spoke_with: Option<Words>,
    #[command(flatten)]
    staff: StaffArgs,
}

#[derive(Debug, clap::Args)]
pub struct Reopen {
    /// The call, as `belay consent calls --done` lists it
    call: String,
    /// Why: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    why: Option<Words>,
    #[command(flatten)]
    staff: StaffArgs,
}

#[derive(Debug, clap::Args)]
pub struct Whose {
    /// The call, as `belay consent calls` lists it, made or not
    call: String,
    /// The person of ours, by id
    #[arg(long, value_name = "PERSON", value_parser = crate::words::person, required_unless_present = "nobody")]
    person: Option<String>,
    /// Nobody of ours, after all
    #[arg(long, conflicts_with = "person")]
    nobody: bool,
    #[command(flatten)]
    staff: StaffArgs,
}

impl Calls {
    pub fn run(self, context: &Context) -> Result<()> {
        let Self { done, after, staff } = self;
        context.care::<CallsView>(&staff, Care::CallList(CallsAsk { done, after }))
    }
}

impl Told {
    pub fn run(self, context: &Context) -> Result<()> {
        let ask = Care::CallMade { call: self.call, with: Words::or_empty(self.spoke_with) };
        let view: CallView = context.care_as(&context.login(&self.staff)?, ask)?;
        context.show(&view)?;
        output::say("It is on record that they were told.");
        Ok(())
    }
}

impl Whose {
    pub fn run(self, context: &Context) -> Result<()> {
        let ask = Care::CallWhose { call: self.call, person: self.person.map(Personal::new) };
        context.care::<WhoseView>(&self.staff, ask)
    }
}

impl Reopen {
    pub fn run(self, context: &Context) -> Result<()> {
        let ask = |why| Care::CallReopen { call: self.call.clone(), why };
        context.worded::<DoneView>(&self.staff, self.why, ("Why it is to be made again", "--why"), ask)?;
        output::say("The call stands in the list again: belay consent calls");
        Ok(())
    }
}
