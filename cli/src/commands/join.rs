//! `belay join`: by code over the network, or by files that go there and back.

use super::Context;
use crate::confirm;
use crate::output;
use crate::trouble::{Result, Trouble};
use belay_node::api::views::JoinView;
use belay_node::api::{Request, Secret};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The code of the invite
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    code: Option<String>,
    /// An invite file, or later the file that came back from the steward
    #[arg(long, value_name = "F")]
    file: Option<PathBuf>,
    /// Where to write the answer that goes back to the steward [default: F with `.answer` at its end]
    #[arg(long, value_name = "F", requires = "file")]
    answer: Option<PathBuf>,
}

pub fn run(context: &Context, args: Args) -> Result<()> {
    match (args.file, args.code) {
        (Some(file), _) => by_file(context, &file, args.answer),
        (None, Some(code)) => {
            let view: JoinView = context.get(&Request::Join { code: Secret::new(code) })?;
            context.show(&view)
        }
        (None, None) => Err(Trouble::usage("neither a code nor a file was given").next("belay join --help")),
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
