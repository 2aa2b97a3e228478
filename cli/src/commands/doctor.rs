//! `belay doctor`.

use super::Context;
use crate::trouble::{Result, Trouble};
use belay_node::api::Request;
use belay_node::api::views::DoctorView;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Make all tables that people's views are read from again, from the entries alone
    #[arg(long)]
    rebuild: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<()> {
    let view: DoctorView = context.get(&Request::Doctor { rebuild: args.rebuild })?;
    context.show(&view)?;
    let errors = view.conditions.iter().filter(|c| c.severity == "error").count();
    if errors == 0 { Ok(()) } else { Err(Trouble::failed(format!("{errors} of these are errors"))) }
}
