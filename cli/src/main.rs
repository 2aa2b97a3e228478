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
mod words;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; clap knows which stream each belongs on.
            let code = if error.use_stderr() { trouble::USAGE } else { 0 };
            return if error.print().is_ok() { ExitCode::from(code) } else { ExitCode::SUCCESS };
        }
    };
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            trouble.tell();
            ExitCode::from(trouble.code)
        }
    }
}
