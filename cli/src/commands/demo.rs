//! `belay demo`.

use super::Context;
use crate::args::Global;
use crate::output;
use crate::trouble::{Result, Trouble};
use belay_node::demo::{self, Options, Story};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;
use tokio::signal::unix::{SignalKind, signal};

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
    /// Which story: a rural county, an emergency department that starts buprenorphine, or a jail with re-entry
    #[arg(long, value_name = "NAME", default_value = Story::default().word(), value_parser = stories())]
    story: Story,
}

fn stories() -> impl TypedValueParser<Value = Story> {
    PossibleValuesParser::new(Story::ALL.map(Story::word)).try_map(|word| word.parse::<Story>())
}

pub fn run(context: &Context, global: &Global, args: Args) -> Result<()> {
    let options = Options {
        story: args.story,
        import: args.import,
        organisations: args.orgs.into(),
        data: global.data.clone(),
        program: std::env::current_exe()?,
    };
    let (enough, seen) = std::sync::mpsc::channel();
    watch(enough)?;
    let played = demo::play(&options)?;
    context.show(&played.report)?;
    if !args.exit {
        output::say("\nThe nodes go on running. Ctrl-C stops them.");
        let _ = seen.recv();
    }
    let holds = played.report.holds();
    played.stop()?;
    if holds { Ok(()) } else { Err(Trouble::failed("not all of the demo's checks hold")) }
}

/// Ends the story in order, wherever it is, when the terminal or a service manager says so.
fn watch(enough: std::sync::mpsc::Sender<()>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let terminate = async {
                match signal(SignalKind::terminate()) {
                    Ok(mut signal) => drop(signal.recv().await),
                    Err(_) => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                () = terminate => {}
            }
        });
        demo::interrupt();
        let _ = enough.send(());
    });
    Ok(())
}
