//! `belay user`: the staff of this organisation.

use super::Context;
use crate::confirm;
use crate::output::Nothing;
use crate::trouble::Result;
use belay_node::api::views::{UserView, UsersView};
use belay_node::api::{Request, StaffLogin};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add a staff member with a secret of their own
    Add {
        /// By which they sign in
        name: String,
        /// How the name reads on letters and forms [default: as they sign in]
        #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
        full_name: String,
        /// What they are: `navigator`, `peer`, `nurse`, ...
        #[arg(long, value_name = "ROLE", default_value = "staff")]
        role: String,
        /// File that holds the new staff member's secret [default: asked for, twice]
        #[arg(long, value_name = "F")]
        new_secret_file: Option<PathBuf>,
        #[command(flatten)]
        officer: Officer,
        /// No privacy officer can sign in any more: name a new one at the machine itself. It stays on record, and everybody who signs in
        /// is told for a month
        #[arg(long, conflicts_with = "officer")]
        rescue: bool,
    },
    /// Staff, whether they may sign in, and who wrote that whether they may sign in
    List,
    /// Write down how a staff member's name reads on letters and forms from now on
    Rename {
        /// By which they sign in
        name: String,
        /// How it reads on letters and forms from now on
        #[arg(long, value_name = "NAME")]
        full_name: String,
        #[command(flatten)]
        officer: Officer,
    },
    /// Give yourself another secret, or as the privacy officer somebody else; sessions under the old one end
    Passwd {
        /// Whose
        name: String,
        /// The privacy officer, for another's secret [default: NAME, with the secret of until now]
        #[arg(long = "as", value_name = "OFFICER")]
        officer: Option<String>,
        /// File that holds the secret of who signs in for this: the officer's, or the old one [default: asked for]
        #[arg(long, value_name = "F", env = "BELAY_STAFF_SECRET_FILE", hide_env_values = true)]
        staff_secret_file: Option<PathBuf>,
        /// File that holds the new secret [default: asked for, twice]
        #[arg(long, value_name = "F")]
        new_secret_file: Option<PathBuf>,
    },
    /// Let a staff member sign in no more; what they did stays on the record
    Disable {
        name: String,
        #[command(flatten)]
        officer: Officer,
    },
    /// Let a staff member sign in again, with the secret that they had
    Enable {
        name: String,
        #[command(flatten)]
        officer: Officer,
    },
}

/// Who adds staff and lets them sign in no more, once there is one.
#[derive(Debug, clap::Args)]
pub struct Officer {
    /// The privacy officer; needed as soon as there has been one
    #[arg(long = "as", value_name = "OFFICER")]
    officer: Option<String>,
    /// File that holds the privacy officer's own secret [default: asked for]
    #[arg(long, value_name = "F", env = "BELAY_STAFF_SECRET_FILE", hide_env_values = true)]
    staff_secret_file: Option<PathBuf>,
}

impl Officer {
    fn login(self) -> Result<Option<StaffLogin>> {
        self.officer.map(|name| login(name, self.staff_secret_file.as_deref())).transpose()
    }
}

/// Who signs in, with their own secret.
fn login(name: String, file: Option<&Path>) -> Result<StaffLogin> {
    let secret = confirm::secret(file, &format!("Secret of {name}"), "--staff-secret-file F")?;
    Ok(StaffLogin { name, secret })
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Add { name, full_name, role, new_secret_file, officer, rescue } => {
            let login = officer.login()?;
            let secret = confirm::new_secret(new_secret_file.as_deref(), "The new secret", "--new-secret-file F")?;
            context.ask::<UserView>(&Request::UserAdd { name, full_name, role, secret, login, rescue })
        }
        Command::List => context.ask::<UsersView>(&Request::UserList),
        Command::Rename { name, full_name, officer } => {
            let login = officer.login()?;
            context.ask::<UserView>(&Request::UserRename { name, full_name, login })
        }
        Command::Passwd { name, officer, staff_secret_file, new_secret_file } => {
            let login = login(officer.unwrap_or_else(|| name.clone()), staff_secret_file.as_deref())?;
            let secret = confirm::new_secret(new_secret_file.as_deref(), "The new secret", "--new-secret-file F")?;
            context.ask::<UserView>(&Request::UserPasswd { name, secret, login })
        }
        Command::Disable { name, officer } => {
            let login = officer.login()?;
            let UserView { .. } = context.get(&Request::UserDisable { name, disabled: true, login })?;
            context.show(&Nothing)
        }
        Command::Enable { name, officer } => {
            let login = officer.login()?;
            context.ask::<UserView>(&Request::UserDisable { name, disabled: false, login })
        }
    }
}
