//! `belay found NAME`.

use super::Context;
use crate::trouble::Result;
use belay_node::api::Request;
use belay_node::api::views::FoundView;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of the coalition
    name: String,
}

pub fn run(context: &Context, args: Args) -> Result<()> {
    context.ask::<FoundView>(&Request::Found { name: args.name })
}
