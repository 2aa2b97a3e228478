//! `belay recover`: an organisation comes back from its phrase; what is lacking comes later, or from a file, or is given up.

use super::Context;
use super::bundle;
use crate::confirm;
use crate::output;
use crate::trouble::Result;
use belay_node::api::views::{LaidByView, RecoveringView, RestView};
use belay_node::api::{Request, Secret};
use belay_node::usecases::{identity, recovery};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address of any member's node, as `belay peers` or `belay status` shows it there; may be repeated
    #[arg(long, value_name = "MULTIADDR", required_unless_present_any = ["rest", "without"])]
    at: Vec<String>,
    /// A file that a partner wrote with `belay bundle export --records`; may be repeated
    #[arg(long, value_name = "FILE")]
    bundle: Vec<PathBuf>,
    /// At a node that runs: open what partners brought since it came back
    #[arg(long, conflicts_with_all = ["at", "keep", "without_records", "wait"])]
    rest: bool,
    /// At a node that runs: ask this partner no more for what it keeps; what it gave and `--rest` did not open is let go
    #[arg(
        long,
        value_name = "ORG",
        conflicts_with_all = ["at", "bundle", "rest", "phrase_file", "keep", "without_records", "wait"]
    )]
    without: Option<String>,
    /// File that holds the 24 words [default: asked for]
    #[arg(long, value_name = "F")]
    phrase_file: Option<PathBuf>,
    /// File that holds a passphrase for the new store [default: asked for, twice]
    #[arg(long, value_name = "F", env = "BELAY_PASSPHRASE_FILE", hide_env_values = true)]
    passphrase_file: Option<PathBuf>,
    /// Seconds to wait for partners that do not answer, or that send nothing more
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u64,
    /// Another node of this organisation that goes on, by the beginning of its id; all others are shut out for good
    #[arg(long, value_name = "NODE")]
    keep: Vec<String>,
    /// Go on where no partner keeps this organisation's own records
    #[arg(long)]
    without_records: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub fn run(context: &Context, args: &Args) -> Result<()> {
    if args.rest {
        return rest(context, args);
    }
    if let Some(org) = &args.without {
        let lost = format!(
            "What only {org:?} keeps of this organisation's own records stays lost; so does what it has given already and \
             belay recover --rest has not opened. Go on?"
        );
        confirm::sure(&lost, args.yes)?;
        return context.ask::<RecoveringView>(&Request::RecoverWithout { org: org.clone() });
    }
    identity::vacant(&context.folder)?;
    let mut files = Vec::new();
    for file in &args.bundle {
        files.extend(bundle::records(file)?);
    }
    let others = if args.keep.is_empty() { "Every other node" } else { "Every other node but those kept" };
    confirm::sure(&format!("{others} of this organisation is shut out for good. Go on?"), args.yes)?;
    let phrase = identity::phrase(&confirm::phrase(args.phrase_file.as_deref())?)?;
    let passphrase = confirm::new_passphrase(args.passphrase_file.as_deref())?;
    let ask = recovery::Ask {
        at: args.at.clone(),
        patience: Duration::from_secs(args.wait),
        keep: args.keep.clone(),
        without_records: args.without_records,
        files,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let recovering = recovery::recover(&context.folder, &passphrase, &phrase, ask, output::say);
    context.show(&runtime.block_on(recovering)?)
}

fn rest(context: &Context, args: &Args) -> Result<()> {
    // All of it is read before any of it is taken.
    let mut texts = Vec::new();
    for file in &args.bundle {
        texts.extend(bundle::records(file)?.iter().map(belay_protocol::sync::kept::Records::text));
    }
    let phrase = confirm::phrase(args.phrase_file.as_deref())?;
    for text in texts {
        let LaidByView { .. } = context.get(&Request::RecordsImport { content: Secret::new(text) })?;
    }
    context.ask::<RestView>(&Request::RecoverRest { phrase })
}
