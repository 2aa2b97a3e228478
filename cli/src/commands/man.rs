//! `belay man`: the man page, from the same definition as the help.

use crate::args::Cli;
use crate::output;
use crate::trouble::Result;
use clap::CommandFactory;

pub fn run() -> Result<()> {
    let mut text = Vec::new();
    let command = Cli::command();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    for verb in command.get_subcommands().filter(|c| !c.is_hide_set()) {
        let name: &'static str = Box::leak(format!("belay-{}", verb.get_name()).into_boxed_str());
        clap_mangen::Man::new(verb.clone().name(name)).render(&mut text)?;
    }
    output::raw(&text)
}
