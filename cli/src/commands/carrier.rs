//! `belay carrier`: keeping sealed parcels for members that are not on line together.

use super::Context;
use crate::trouble::Result;
use belay_node::api::Request;
use belay_node::api::parcels::CarriersView;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Offer that this node keeps sealed parcels for others, until they are fetched
    Offer {
        /// Room for each organisation that leaves something here
        #[arg(long, value_name = "N", default_value_t = 16)]
        megabytes: u64,
    },
    /// Who carries, what lies here for whom, and what of ours lies elsewhere
    List,
    /// Take no more; what lies here is kept until it is fetched or its time is over
    Stop,
}

pub fn run(context: &Context, command: &Command) -> Result<()> {
    let request = match command {
        Command::Offer { megabytes } => Request::CarrierOffer { megabytes: *megabytes },
        Command::List => Request::CarrierList,
        Command::Stop => Request::CarrierStop,
    };
    context.ask::<CarriersView>(&request)
}
