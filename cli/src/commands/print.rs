//! Printing a form: on standard output, or into a new file that only its owner reads.

use super::{Context, filled};
use crate::args::StaffArgs;
use crate::output;
use crate::trouble::Result;
use belay_node::api::care::{Care, Print, PrintView, Printed, Shape};
use belay_node::forms::Lang;
use std::path::PathBuf;

/// How a form is printed.
#[derive(Debug, clap::Args)]
pub struct How {
    /// Language: en or es [default: that of the person's record, else en]
    #[arg(long, value_name = "LANG")]
    lang: Option<Lang>,
    /// As a page to print, into this new file; it holds personal data
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// As plain text on standard output, which is the default
    #[arg(long, conflicts_with = "html")]
    text: bool,
}

impl How {
    /// Whether anything was said about printing.
    pub const fn given(&self) -> bool {
        self.lang.is_some() || self.html.is_some() || self.text
    }
}

/// Asks for the form and puts it where it belongs.
pub fn form(context: &Context, staff: &StaffArgs, form: Printed, how: How) -> Result<()> {
    let shape = if how.html.is_some() { Shape::File } else { Shape::Text };
    let ask = Care::Print(Print::new(form, how.lang, shape));
    match how.html {
        None => context.show(&context.get_care::<PrintView>(staff, ask)?),
        Some(path) => {
            filled(&path, || context.get_care(staff, ask), |view: &PrintView| Ok(view.form.reveal()))?;
            output::say(&format!("Written to {}, for your eyes only. Delete it when it is printed.", path.display()));
            Ok(())
        }
    }
}
