//! `belay`: what an administrator types.
//!
//! Each verb is a file of `commands/`; a verb asks the node through its control socket ([`client`]) and shows the view that
//! comes back ([`output`]). `init`, `run` and `demo` use the node itself.

mod args;
mod client;
mod commands;
mod confirm;
mod fields;
mod hint;
mod output;
mod trouble;
mod typed;
mod words;

use clap::{CommandFactory, FromArgMatches};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut command = args::Cli::command();
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    let read = matches.and_then(|matches| {
        let typed = typed::Typed::of(&command, &matches);
        Ok((args::Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?, typed))
    });
    let (cli, typed) = match read {
        Ok(read) => read,
        Err(error) => {
            // Help and version are no errors; clap knows which stream each belongs on.
            let code = if error.use_stderr() { trouble::USAGE } else { 0 };
            return if error.print().is_ok() { ExitCode::from(code) } else { ExitCode::SUCCESS };
        }
    };
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            trouble.tell(&typed);
            ExitCode::from(trouble.code)
        }
    }
}
