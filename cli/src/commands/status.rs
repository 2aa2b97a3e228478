//! `belay status`.

use super::Context;
use crate::trouble::Result;
use belay_node::api::Request;
use belay_node::api::views::StatusView;

pub fn run(context: &Context) -> Result<()> {
    context.ask::<StatusView>(&Request::Status)
}
