//! `belay audit`: who looked at what.

use super::Context;
use crate::args::StaffArgs;
use crate::trouble::Result;
use belay_node::api::care::{AuditView, Care};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The newest looks, newest first
    Show {
        /// How many
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
        #[command(flatten)]
        staff: StaffArgs,
    },
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    let Command::Show { limit, staff } = command;
    context.care::<AuditView>(&staff, Care::Audit { limit })
}
