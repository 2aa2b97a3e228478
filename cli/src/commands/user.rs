//! `belay user`: the staff of this organisation.

use super::Context;
use crate::confirm;
use crate::output::Nothing;
use crate::trouble::Result;
use belay_node::api::Request;
use belay_node::api::views::{UserView, UsersView};
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add a staff member with a secret of their own
    Add {
        name: String,
        /// What they are: `navigator`, `peer`, `nurse`, ...
        #[arg(long, value_name = "ROLE", default_value = "staff")]
        role: String,
        /// File that holds the new secret [default: asked for, twice]
        #[arg(long, value_name = "F", env = "BELAY_STAFF_SECRET_FILE", hide_env_values = true)]
        staff_secret_file: Option<PathBuf>,
    },
    /// Staff and whether they may sign in
    List,
    /// Let a staff member sign in no more; what they did stays on the record
    Disable { name: String },
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Add { name, role, staff_secret_file } => {
            let secret = confirm::new_secret(staff_secret_file.as_deref(), "The new secret", "--staff-secret-file F")?;
            context.ask::<UserView>(&Request::UserAdd { name, role, secret })
        }
        Command::List => context.ask::<UsersView>(&Request::UserList),
        Command::Disable { name } => context.ask::<Nothing>(&Request::UserDisable { name }),
    }
}
