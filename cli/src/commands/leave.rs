//! `belay leave`.

use super::Context;
use crate::confirm;
use crate::output::Nothing;
use crate::trouble::Result;
use belay_node::api::Request;
use belay_node::api::views::{Standing, StatusView};

const LEAVE: &str = "Leave the coalition, with all machines of this organisation? Its threads end for this organisation, and only a new \
                     invite leads back.";
const WAIT: &str = "Wait no more to be let into a coalition? The inviter is not told. If a steward has approved already, this organisation \
                    stands in the coalition, and other invites are refused until the coalition has removed it (or this machine comes in by \
                    belay recover).";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<()> {
    let waiting = context.get::<StatusView>(&Request::Status)?.standing == Standing::Waiting;
    confirm::sure(if waiting { WAIT } else { LEAVE }, args.yes)?;
    context.ask::<Nothing>(&Request::Leave { waiting })
}
