//! `belay hold`: what stops destruction when a paper comes (42 CFR 2.61 to 2.67), and what to say to who brings it.

use super::Context;
use crate::args::StaffArgs;
use crate::output::raw;
use crate::trouble::{Result, Trouble};
use crate::words::{self, Words};
use belay_node::api::Request;
use belay_node::api::care::{Care, HoldSet, HoldsView};
use belay_node::api::views::UsersView;
use belay_node::usecases::holds::{Paper, refusal};
use belay_node::usecases::staff::names_privacy_officer;
use belay_protocol::keys::digest::sha256;
use belay_protocol::limits::REQUEST_BYTES;
use belay_protocol::sensitive::Personal;
use std::io::Read;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// From now on nothing of this person's is destroyed
    Set {
        /// Id, or the beginning of it
        #[arg(long, value_name = "PERSON", value_parser = words::person)]
        person: String,
        /// Which paper, from whom: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        why: Option<Words>,
        /// A scan of the paper; its name and SHA-256 go on record, and the file stays where it is
        #[arg(long, value_name = "FILE")]
        order: Option<PathBuf>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// End a hold
    Lift {
        /// Id, or the beginning of it
        hold: String,
        /// Who said that it may end: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        why: Option<Words>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// All holds, or those of one person
    List {
        #[arg(long, value_name = "PERSON", value_parser = words::person)]
        person: Option<String>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// What to say and do when somebody comes and asks about a person; needs no running node
    Refusal {
        /// With what: subpoena, warrant, court-order or police
        #[arg(long, value_name = "KIND")]
        kind: Paper,
    },
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Set { person, why, order, staff } => {
            let order = order.as_deref().map(digest).transpose()?;
            let asked = ("Why: which paper, from whom", "--why");
            let person = Personal::new(person);
            let ask = |why| Care::HoldSet(HoldSet { person: person.clone(), why, order: order.clone() });
            context.worded::<HoldsView>(&staff, why, asked, ask)
        }
        Command::Lift { hold, why, staff } => {
            let ask = |why| Care::HoldLift { hold: hold.clone(), why };
            context.worded::<HoldsView>(&staff, why, ("Why it may end", "--why"), ask)
        }
        Command::List { person, staff } => {
            context.care::<HoldsView>(&staff, Care::HoldList { person: person.map(Personal::new) })
        }
        Command::Refusal { kind } => {
            // Whoever stands at the desk needs the words also when the machine does not run.
            let users = context.get::<UsersView>(&Request::UserList).map(|view| view.users).unwrap_or_default();
            let officers: Vec<String> = users
                .into_iter()
                .filter(|user| user.enabled && names_privacy_officer(&user.role))
                .map(|user| user.called().to_owned())
                .collect();
            raw(refusal(kind, &officers).as_bytes())
        }
    }
}

/// Name and SHA-256 of a file.
fn digest(path: &Path) -> Result<(Personal<String>, String)> {
    let failed =
        |why: String| Trouble::failed(format!("the paper's file {why}")).next("the command again without --order");
    let file = std::fs::File::open(path).map_err(|e| failed(format!("could not be read: {e}")))?;
    let mut bytes = Vec::new();
    let most = 16 * REQUEST_BYTES as u64;
    file.take(most + 1).read_to_end(&mut bytes).map_err(|e| failed(format!("could not be read: {e}")))?;
    if bytes.len() as u64 > most {
        return Err(failed(format!("holds more than {most} bytes")));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let digest = sha256(b"", &[&bytes]).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((Personal::new(name), digest))
}
