//! `belay doctor`.

use super::Context;
use crate::trouble::Result;
use belay_node::api::Request;
use belay_node::api::views::DoctorView;

pub fn run(context: &Context) -> Result<()> {
    context.ask::<DoctorView>(&Request::Doctor)
}
