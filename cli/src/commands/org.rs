//! `belay org`: who is in the coalition, who comes in, who goes out.

use super::Context;
use crate::confirm;
use crate::output;
use crate::trouble::{Result, Trouble};
use belay_node::api::Request;
use belay_node::api::stewards::RemovalView;
use belay_node::api::views::{ApprovedView, OrgView, OrgsView, WaitingView};
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Organisations of the coalition, and who waits for approval
    List,
    /// One organisation
    Show {
        /// Its id, the beginning of it, or its name
        org: String,
    },
    /// Let in who redeemed an invite; compare the six words by telephone first
    Approve {
        /// Its id, the beginning of it, or its name
        #[arg(required_unless_present = "file", conflicts_with = "file")]
        org: Option<String>,
        /// The answer file that came back from a newcomer
        #[arg(long, value_name = "F", requires = "answer")]
        file: Option<PathBuf>,
        /// Where to write the file that goes back to the newcomer
        #[arg(long, value_name = "F", requires = "file")]
        answer: Option<PathBuf>,
        /// The six words were compared; do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Remove an organisation from the coalition, and thereby from every thread; or propose it to the other stewards
    Remove {
        /// Its id, the beginning of it, or its name
        org: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::List => context.ask::<OrgsView>(&Request::OrgList),
        Command::Show { org } => context.ask::<OrgView>(&Request::OrgShow { org }),
        Command::Approve { org, file: None, answer: _, yes } => approve(context, org.unwrap_or_default(), None, yes),
        Command::Approve { org: _, file: Some(file), answer, yes } => {
            let content = confirm::secret(Some(&file), "The answer file", "--file F")?;
            let waiting: WaitingView = context.get(&Request::OrgAnswer { content })?;
            approve(context, waiting.organisation.id.to_string(), answer, yes)
        }
        Command::Remove { org, yes } => {
            confirm::sure(&format!("Remove {org} from the coalition and from every thread?"), yes)?;
            context.ask::<RemovalView>(&Request::OrgRemove { org })
        }
    }
}

fn approve(context: &Context, org: String, answer: Option<PathBuf>, yes: bool) -> Result<()> {
    if !yes {
        let view: OrgView = context.get(&Request::OrgShow { org: org.clone() })?;
        let (name, words) = (&view.organisation.name, &view.organisation.fingerprint);
        confirm::sure(&format!("{name} reads these six words to you by telephone: {words}?"), false)?;
    }
    let view: ApprovedView = context.get(&Request::OrgApprove { org })?;
    if let Some(answer) = answer {
        let content = view.file.as_ref().ok_or_else(|| Trouble::failed("the node made no file for the newcomer"))?;
        super::write_new(&answer, content)?;
        output::say(&format!("Carry {0} to the newcomer. There: belay join --file {0}", answer.display()));
    }
    context.show(&view)
}
