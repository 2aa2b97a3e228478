//! `belay demo`.

use super::Context;
use crate::args::Global;
use crate::output;
use crate::trouble::{Result, Trouble};
use belay_node::demo::{self, Options};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Stop the nodes when the story has been played; exit 0 only if each check holds
    #[arg(long)]
    exit: bool,
    /// Directory data to import, shared out among the organisations [default: a small invented set]
    #[arg(long, value_name = "PATH")]
    import: Option<PathBuf>,
    /// How many organisations
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(5..=40))]
    orgs: u16,
}

pub fn run(context: &Context, global: &Global, args: Args) -> Result<()> {
    let options = Options {
        import: args.import,
        organisations: args.orgs.into(),
        data: global.data.clone(),
        program: std::env::current_exe()?,
    };
    let played = demo::play(&options)?;
    context.show(&played.report)?;
    if !args.exit {
        output::say("\nThe nodes go on running. Ctrl-C stops them.");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(tokio::signal::ctrl_c())?;
    }
    let holds = played.report.holds();
    played.stop()?;
    if holds { Ok(()) } else { Err(Trouble::failed("not all of the demo's checks hold")) }
}
