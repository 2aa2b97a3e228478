//! `belay phrase check`.

use super::Context;
use crate::confirm;
use crate::trouble::Result;
use belay_node::api::Request;
use belay_node::api::views::PhraseView;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Check that what was written down is this organisation's recovery phrase
    Check {
        /// File that holds the 24 words [default: asked for]
        #[arg(long, value_name = "F")]
        phrase_file: Option<PathBuf>,
    },
}

pub fn run(context: &Context, command: &Command) -> Result<()> {
    let Command::Check { phrase_file } = command;
    let phrase = confirm::phrase(phrase_file.as_deref())?;
    context.ask::<PhraseView>(&Request::PhraseCheck { phrase })
}
