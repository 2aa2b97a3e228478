//! `belay run`: the node itself, until it is told to stop.

use super::Context;
use crate::confirm;
use crate::trouble::{Result, Trouble};
use belay_node::notices::Notifier;
use belay_node::ops::conditions::Conditions;
use belay_node::ops::logging::{self, Target};
use belay_node::run::Options;
use belay_node::serve;
use belay_protocol::fault::Fault;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address to listen on, as a multiaddr; port 0 takes a free one [default: every interface, port 4870]
    #[arg(long, value_name = "MULTIADDR")]
    listen: Vec<String>,
    /// Address at which others reach this node from outside, such as a forwarded port: /ip4/203.0.113.5/udp/4870/quic-v1
    #[arg(long, value_name = "MULTIADDR")]
    announce: Vec<String>,
    /// Serve the web pages at this address of this machine, such as 127.0.0.1:4871; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    http: Option<String>,
    /// Program to run when something is new, due or overdue: it reads one line such as "Belay: 1 new, 2 overdue", and no name
    #[arg(long, value_name = "PROG", conflicts_with = "notify_mail")]
    notify_command: Option<PathBuf>,
    /// Argument of that program; may be repeated. No shell is run
    #[arg(long, value_name = "ARG", requires = "notify_command", allow_hyphen_values = true)]
    notify_arg: Vec<String>,
    /// Mail that line to this address, through the sendmail program of this machine
    #[arg(long, value_name = "ADDRESS")]
    notify_mail: Option<String>,
    /// File that holds the passphrase of the store [default: asked for]
    #[arg(long, value_name = "F", env = "BELAY_PASSPHRASE_FILE", hide_env_values = true)]
    passphrase_file: Option<PathBuf>,
}

pub fn run(context: &Context, args: Args) -> Result<()> {
    // Before a passphrase is asked for.
    context.folder.demand_a_node().map_err(|fault| Trouble::no_node(fault.message))?;
    let usage = |fault: Fault| Trouble::usage(fault.message);
    let notifier = match (args.notify_command, &args.notify_mail) {
        (Some(program), _) => Some(Notifier::program(program, args.notify_arg).map_err(usage)?),
        (None, Some(address)) => Some(Notifier::mail(address).map_err(usage)?),
        (None, None) => None,
    };
    let passphrase = confirm::passphrase(args.passphrase_file.as_deref())?;
    let options = Options {
        folder: context.folder.clone(),
        passphrase,
        listen: args.listen,
        announce: args.announce,
        conditions: Conditions::default(),
    };
    logging::start(Target::StandardError)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve::run(options, args.http.as_deref(), notifier))?;
    Ok(())
}
