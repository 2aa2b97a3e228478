//! `belay org`: who is in the coalition, who comes in, who goes out.

use super::Context;
use crate::confirm;
use crate::output;
use crate::trouble::{Result, Trouble};
use belay_node::api::Request;
use belay_node::api::stewards::RemovalView;
use belay_node::api::views::{ApprovedView, OrgView, OrgsView, WaitingView};
use std::path::{Path, PathBuf};

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
            let mut waiting: WaitingView = context.get(&Request::OrgAnswer { content })?;
            if let (Some(welcome), Some(answer)) = (waiting.welcome.take(), &answer) {
                super::write_new(answer, &welcome)?;
                carry(answer);
                return context.show(&waiting);
            }
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
        // Of any other the node says why there is nothing to approve.
        if view.organisation.state == "waiting" {
            confirm::sure(&format!("{name} reads these six words to you by telephone: {words}?"), false)?;
        }
    }
    let ask = || context.get::<ApprovedView>(&Request::OrgApprove { org });
    let Some(answer) = answer else { return context.show(&ask()?) };
    // The file first: who was let in and got no file could not come in.
    let none = || Trouble::failed("the node made no file for the newcomer");
    let view = super::filled(&answer, ask, |view| view.file.as_deref().ok_or_else(none))?;
    carry(&answer);
    context.show(&view)
}

fn carry(answer: &Path) {
    output::say(&format!("Carry {0} to the newcomer. There: belay join --file {0}", answer.display()));
}
