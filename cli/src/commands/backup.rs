//! `belay backup`: copies of this machine's own store. What partners keep of it needs no command.

use super::Context;
use crate::confirm;
use crate::trouble::{Result, Trouble};
use belay_node::api::Request;
use belay_node::api::views::BackupMadeView;
use belay_node::usecases::backups;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Copy the store into a new file while the node runs; it opens with the passphrase alone
    Create {
        /// The new file
        file: PathBuf,
    },
    /// Check a copy wholly: every page, and hash and signature of every entry
    Verify {
        /// The copy
        file: PathBuf,
        /// File that holds the passphrase in force when it was made [default: asked for]
        #[arg(long, value_name = "F", env = "BELAY_PASSPHRASE_FILE", hide_env_values = true)]
        passphrase_file: Option<PathBuf>,
    },
    /// Put a copy into an empty data folder. Partners bring what it missed
    Restore {
        /// The copy
        file: PathBuf,
        /// File that holds the passphrase in force when it was made [default: asked for]
        #[arg(long, value_name = "F", env = "BELAY_PASSPHRASE_FILE", hide_env_values = true)]
        passphrase_file: Option<PathBuf>,
    },
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Create { file } => {
            let file = std::path::absolute(file)?;
            let file = file.to_str().map(str::to_owned).ok_or_else(|| {
                Trouble::usage(format!("{} can not be named to the node: it is not UTF-8", file.display()))
                    .next("belay backup create, with another name; it may be moved there afterwards")
            })?;
            context.ask::<BackupMadeView>(&Request::BackupCreate { file })
        }
        Command::Verify { file, passphrase_file } => verify(context, &file, passphrase_file.as_deref()),
        Command::Restore { file, passphrase_file } => {
            belay_node::usecases::identity::vacant(&context.folder)?;
            let passphrase = confirm::passphrase(passphrase_file.as_deref())?;
            context.show(&backups::restore(&file, &context.folder, &passphrase)?)
        }
    }
}

fn verify(context: &Context, file: &Path, passphrase_file: Option<&Path>) -> Result<()> {
    let passphrase = confirm::passphrase(passphrase_file)?;
    let view = backups::verify(file, &passphrase)?;
    context.show(&view)?;
    if view.wrong.is_empty() {
        Ok(())
    } else {
        Err(Trouble::failed("this copy is damaged inside; make another, and keep older ones until then"))
    }
}
