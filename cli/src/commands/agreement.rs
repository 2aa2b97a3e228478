//! `belay agreement`: what two partners promise each other about referrals, signed by both.

mod fields;

use super::Context;
use crate::args::StaffArgs;
use crate::confirm;
use crate::output;
use crate::trouble::{Result, Trouble};
use belay_node::api::Request;
use belay_node::api::agreements::{AgreementView, AgreementsView, FormView, SignFields};
use belay_node::api::care::Care;
use data_encoding::BASE64;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write down what is to be agreed, for our own eyes; what is left out stays as it was
    Draft(Box<fields::Draft>),
    /// Show the terms that wait for our signature, and sign them for this organisation
    Sign {
        /// Its id, or the name of the other organisation
        agreement: String,
        #[command(flatten)]
        who: Who,
        /// The terms were read; do not ask
        #[arg(long)]
        yes: bool,
    },
    /// One agreement: its versions, who signed them, and what they say
    Show {
        /// Its id, or the name of the other organisation
        agreement: String,
    },
    /// Agreements of this organisation
    List,
    /// End what was agreed or proposed, from now on; the other side need not agree
    End {
        /// Its id, or the name of the other organisation
        agreement: String,
        /// Why, as every member of the coalition will read it; no person may be named
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        who: Who,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Write a form of an agreement to a file
    Form {
        /// Its id, or the name of the other organisation
        agreement: String,
        /// The form's file name, or the beginning of its SHA-256
        form: String,
        /// Where to write it
        #[arg(long, value_name = "F")]
        out: PathBuf,
    },
}

/// Who binds the organisation.
#[derive(Debug, clap::Args)]
pub struct Who {
    /// The director, an administrator or the privacy officer; needed as soon as there has been a privacy officer
    #[arg(long = "as", value_name = "STAFF", required_unless_present = "by")]
    staff: Option<String>,
    /// File that holds that person's own secret [default: asked for]
    #[arg(long, value_name = "F", env = "BELAY_STAFF_SECRET_FILE", hide_env_values = true)]
    staff_secret_file: Option<PathBuf>,
    /// With `--as` the capacity, where it is another than the role of who signs, which stands beside the name anyhow; else name and office. All members read it
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl Who {
    /// Asks as who signed in, or at the machine itself by whoever is named.
    fn asks(
        self,
        context: &Context,
        signed: impl FnOnce(&str, String) -> Care,
        unattended: impl FnOnce(String) -> Request,
    ) -> Result<()> {
        let by = self.by.unwrap_or_default();
        let Some(staff) = self.staff else { return context.ask::<AgreementView>(&unattended(by)) };
        let staff = StaffArgs { staff, staff_secret_file: self.staff_secret_file };
        let ask = signed(&staff.staff, by);
        context.care::<AgreementView>(&staff, ask)
    }
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Draft(draft) => {
            let fields = draft.fields()?;
            context.ask::<AgreementView>(&Request::AgreementDraft(Box::new(fields)))?;
            output::say(
                "A draft, for our own eyes. To offer or accept it: belay agreement sign. Every member can read it then.",
            );
            Ok(())
        }
        Command::Sign { agreement, who, yes } => sign(context, agreement, who, yes),
        Command::Show { agreement } => context.ask::<AgreementView>(&Request::AgreementShow { agreement }),
        Command::List => context.ask::<AgreementsView>(&Request::AgreementList),
        Command::End { agreement, reason, who, yes } => {
            let question = format!("End the agreement with {agreement}? Every member of the coalition can read that.");
            confirm::sure(&question, yes)?;
            let (named, why) = (agreement.clone(), reason.clone());
            who.asks(
                context,
                |_, _| Care::AgreementEnd { agreement: named, reason: why },
                |by| Request::AgreementEnd { agreement, reason, by },
            )
        }
        Command::Form { agreement, form, out } => {
            let view: FormView = context.get(&Request::AgreementForm { agreement, form })?;
            let bytes = BASE64
                .decode(view.content.as_bytes())
                .map_err(|_| Trouble::failed("the node gave a form that can not be read"))?;
            super::write_new_bytes(&out, &bytes)?;
            output::say(&format!("{} is in {}", view.file, out.display()));
            Ok(())
        }
    }
}

/// Signs exactly the terms that were shown: should others come in meanwhile, the node refuses.
fn sign(context: &Context, agreement: String, who: Who, yes: bool) -> Result<()> {
    let view: AgreementView = context.get(&Request::AgreementShow { agreement: agreement.clone() })?;
    let Some(terms) = view.to_sign else {
        return Err(Trouble::failed(format!("nothing waits for our signature: {}", view.state))
            .next(format!("belay agreement draft --with {}", view.other.short())));
    };
    if !yes {
        output::say(&output::terms(&view, terms));
    }
    let question =
        "Sign these terms? Every member of the coalition can read them, and who signed; no person may be named.";
    confirm::sure(question, yes)?;
    let named = agreement.clone();
    who.asks(
        context,
        |staff, office| Care::AgreementSign(SignFields { agreement: named, terms, typed: staff.to_owned(), office }),
        |by| Request::AgreementSign { agreement, terms, by },
    )
}
