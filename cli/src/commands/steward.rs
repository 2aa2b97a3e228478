//! `belay steward`: who stewards the coalition, and what they decide together. A removal is proposed by `belay org remove`.

use super::Context;
use crate::confirm;
use crate::output;
use crate::trouble::Result;
use belay_node::api::Request;
use belay_node::api::stewards::{CharterChange, CharterView, ProposalView, StewardsView};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The stewards, and what was proposed to them
    List,
    /// Propose other stewards: in force once more than half of those of today have approved
    #[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
    Propose {
        /// A member that is to be a steward as well: its id, the beginning of it, or its name
        #[arg(long, value_name = "ORG", group = "change")]
        add: Vec<String>,
        /// A steward that is to be none any more
        #[arg(long, value_name = "ORG", group = "change")]
        drop: Vec<String>,
        /// How many stewards are to remove an organisation [default: more than half of them]
        #[arg(long, value_name = "N", group = "change")]
        threshold: Option<u32>,
        /// Although this organisation has approved another proposal that is still open
        #[arg(long)]
        instead: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Approve what was proposed
    Approve {
        /// The proposal: the beginning of its id, `charter N`, or the name of the organisation that is to be removed
        proposal: String,
        /// Although this organisation has approved another proposal that is still open
        #[arg(long)]
        instead: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::List => context.ask::<StewardsView>(&Request::StewardList),
        Command::Propose { add, drop, threshold, instead, yes } => {
            let change = CharterChange { add, drop, threshold };
            if !yes {
                let charter: CharterView = context.get(&Request::StewardDraft { change: change.clone() })?;
                look(&charter);
                confirm::sure("Propose this charter?", false)?;
            }
            context.ask::<ProposalView>(&Request::StewardPropose { change, instead })
        }
        Command::Approve { proposal, instead, yes } => {
            if !yes {
                let view: ProposalView = context.get(&Request::StewardShow { proposal: proposal.clone() })?;
                // Where it does not wait for us the node says why, and nothing is asked.
                if view.yours {
                    look(&view);
                    confirm::sure("Approve this? An approval can not be taken back.", false)?;
                }
            }
            context.ask::<ProposalView>(&Request::StewardApprove { proposal, instead })
        }
    }
}

/// What is about to be approved, for whoever types.
fn look(view: &impl output::Show) {
    let mut page = output::Page::default();
    view.show(&mut page);
    output::say(&page.into_text());
}
