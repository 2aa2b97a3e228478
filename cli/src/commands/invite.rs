//! `belay invite`: one code for one organisation, also as a QR code on the terminal.

use super::Context;
use crate::output::{self, Nothing};
use crate::trouble::{Result, Trouble};
use belay_node::api::Request;
use belay_node::api::views::{InviteView, InvitesView};
use belay_protocol::limits;
use belay_protocol::time::HOUR;
use std::io::IsTerminal;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// For whom it is, as a note of your own
    #[arg(long, value_name = "NAME")]
    org: Option<String>,
    /// Hours until it expires
    #[arg(long, value_name = "HOURS", default_value_t = limits::INVITE_LIFE / HOUR)]
    hours: u64,
    /// Write an invite file instead, for a newcomer that no network reaches
    #[arg(long, value_name = "F")]
    file: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Invites of this organisation and what became of them
    List,
    /// Make an invite worthless
    Cancel {
        /// Its id, from `belay invite list`
        invite: String,
    },
}

pub fn run(context: &Context, args: Args) -> Result<()> {
    match args.command {
        Some(Command::List) => context.ask::<InvitesView>(&Request::InviteList),
        Some(Command::Cancel { invite }) => context.ask::<Nothing>(&Request::InviteCancel { invite }),
        None => make(context, args),
    }
}

fn make(context: &Context, args: Args) -> Result<()> {
    let request = Request::Invite { org: args.org, hours: args.hours, file: args.file.is_some() };
    let ask = || context.get::<InviteView>(&request);
    let Some(file) = &args.file else {
        let view = ask()?;
        if !context.json && std::io::stdout().is_terminal() {
            qr(&view.code);
        }
        return context.show(&view);
    };
    let none = || Trouble::failed("the node made no invite file");
    let view = super::filled(file, ask, |view| view.file.as_deref().ok_or_else(none))?;
    output::say(&format!("Carry {} to the newcomer. There: belay join --file {}", file.display(), file.display()));
    context.show(&view)
}

/// The code as a QR code, two modules a character.
fn qr(code: &str) {
    if let Ok(qr) = qrcode::QrCode::new(code.as_bytes()) {
        let drawn = qr.render::<qrcode::render::unicode::Dense1x2>().build();
        output::say(&drawn);
    }
}
