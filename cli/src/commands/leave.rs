//! `belay leave`.

use super::Context;
use crate::confirm;
use crate::output::Nothing;
use crate::trouble::Result;
use belay_node::api::Request;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<()> {
    confirm::sure(
        "Leave the coalition, or wait no more to be let in? Its threads end for this organisation, and only a new invite \
         leads back.",
        args.yes,
    )?;
    context.ask::<Nothing>(&Request::Leave)
}
