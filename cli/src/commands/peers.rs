//! `belay peers`.

use super::Context;
use crate::trouble::Result;
use belay_node::api::Request;
use belay_node::api::views::PeersView;

pub fn run(context: &Context) -> Result<()> {
    context.ask::<PeersView>(&Request::Peers)
}
