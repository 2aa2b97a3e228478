//! `belay node`: the machines of this organisation.

use super::Context;
use crate::confirm;
use crate::trouble::Result;
use belay_node::api::Request;
use belay_node::api::views::{NodeAddView, NodeRetiredView, NodesView};
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Say what to type on a second machine; staff then see the same on both
    Add,
    /// Nodes of this organisation, and those that were retired
    List,
    /// Shut a node out for good: a machine that was stolen, sold or replaced. Needs the recovery phrase
    Retire {
        /// Its id, or the beginning of it, from `belay node list`
        node: String,
        /// File that holds the 24 words [default: asked for]
        #[arg(long, value_name = "F")]
        phrase_file: Option<PathBuf>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Add => context.ask::<NodeAddView>(&Request::NodeAdd),
        Command::List => context.ask::<NodesView>(&Request::NodeList),
        Command::Retire { node, phrase_file, yes } => {
            confirm::sure(&format!("Shut node {node} out for good? It can never come back under that id."), yes)?;
            let phrase = confirm::phrase(phrase_file.as_deref())?;
            context.ask::<NodeRetiredView>(&Request::NodeRetire { node, phrase })
        }
    }
}
