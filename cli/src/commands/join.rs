//! `belay join`: by code over the network, or by files that go there and back.

use super::Context;
use crate::confirm;
use crate::output;
use crate::trouble::{Result, Trouble};
use crate::words;
use belay_node::api::views::JoinView;
use belay_node::api::{Request, Secret};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The code of the invite: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(value_name = "@FILE", conflicts_with = "file")]
    code: Option<String>,
    /// An invite file, or later the file that came back from the steward
    #[arg(long, value_name = "F")]
    file: Option<PathBuf>,
    /// Where to write the answer that goes back to the steward [default: F with `.answer` at its end]
    #[arg(long, value_name = "F", requires = "file")]
    answer: Option<PathBuf>,
}

pub fn run(context: &Context, args: Args) -> Result<()> {
    if let Some(file) = args.file {
        return by_file(context, &file, args.answer);
    }
    let code = match args.code {
        Some(given) => code(&given)?,
        None => confirm::secret(None, "The code of the invite", "@FILE, or --file F for an invite file")?,
    };
    let view: JoinView = context.get(&Request::Join { code })?;
    context.show(&view)
}

/// A code lets its bearer in, and others on this machine can read process arguments: so it is never one.
fn code(argument: &str) -> Result<Secret> {
    match argument.strip_prefix('@') {
        Some(source) if !source.is_empty() => words::read(source).map(Secret::new).map_err(Trouble::failed),
        None if Path::new(argument).is_file() => {
            let next =
                format!("belay join --file {argument}; or belay join @{argument}, where the file holds a code alone");
            Err(Trouble::usage("a file is given by --file").next(next))
        }
        _ => Err(Trouble::usage(
            "the code of an invite must not stand in process arguments, which others on this machine can read",
        )
        .next("belay join, which asks for the code; or belay join @FILE, or @- for standard input")),
    }
}

fn by_file(context: &Context, file: &Path, answer: Option<PathBuf>) -> Result<()> {
    let content = confirm::secret(Some(file), "The invite file", "--file F")?;
    let view: JoinView = context.get(&Request::JoinFile { content })?;
    if let Some(content) = &view.file {
        let answer = answer.unwrap_or_else(|| {
            let mut name = file.as_os_str().to_owned();
            name.push(".answer");
            PathBuf::from(name)
        });
        super::write_new(&answer, content)?;
        let answer = answer.display();
        output::say(&format!(
            "Carry {answer} back to the steward. There: belay org approve --file {answer} --answer NEW"
        ));
    }
    context.show(&view)
}
