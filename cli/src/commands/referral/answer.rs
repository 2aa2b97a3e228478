//! The steps of a referral: accept, decline, hold, withdraw, close; and messages.

use super::{Note, On, one_of};
use crate::commands::{Context, attachment};
use crate::trouble::Result;
use crate::words::Words;
use belay_node::api::care::{ActRequest, AttachTo, Care, ThreadView};
use belay_protocol::referral::{Barrier, DeclineReason, Information, Outcome, Urgency, Why};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Accept a referral that came in
    Accept {
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        on: On,
    },
    /// Decline it, with the reason; also after it was accepted
    Decline {
        #[arg(long, value_name = "REASON", value_parser = one_of(DeclineReason::ALL))]
        reason: DeclineReason,
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        on: On,
    },
    /// Write to the other organisation
    Message {
        /// `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        text: Option<Words>,
        /// A file with it: PDF, PNG, JPEG or plain text, at most 25 MB
        #[arg(long, value_name = "FILE")]
        attach: Option<PathBuf>,
        #[command(flatten)]
        on: On,
    },
    /// Say that it can not go on for now, and why
    Hold {
        #[command(flatten)]
        why: WhyArgs,
        #[command(flatten)]
        on: On,
    },
    /// Take it up again after a hold; of the sender: take a withdrawal back
    Resume {
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        on: On,
    },
    /// Say how urgent a referral of ours is by now: what its recipient has to do is due by the hours of that from now on
    Urgency {
        #[arg(long, value_name = "HOW", value_parser = one_of(Urgency::ALL))]
        urgency: Urgency,
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        on: On,
    },
    /// Take back a referral that we sent; after it was accepted, they confirm it or close with the outcome
    Withdraw {
        /// Why: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        reason: Option<Words>,
        #[command(flatten)]
        on: On,
    },
    /// Say why the recipient left a referral of ours by itself, where the person did not revoke; then others may be sent
    Left {
        /// What they said on the telephone: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        why: Option<Words>,
        #[command(flatten)]
        on: On,
    },
    /// Write down what comes next for a person whom a referral of ours did not get to care; nobody else is told
    Settle {
        /// Where the person goes instead, or why nowhere: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        note: Option<Words>,
        /// A new referral of ours, where one was sent
        #[arg(long, value_name = "THREAD")]
        referral: Option<String>,
        #[command(flatten)]
        on: On,
    },
    /// Tell the sender what was done here while the person had it left out (42 CFR 2.26), once the person lets it in again: the steps, without the words
    SayAgain {
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        on: On,
    },
    /// Agree that the sender takes it back
    ConfirmWithdrawal {
        #[command(flatten)]
        on: On,
    },
    /// Say that a referral should never have been sent, such as one about somebody else
    EnteredInError {
        /// What was wrong: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        reason: Option<Words>,
        #[command(flatten)]
        on: On,
    },
    /// Close the loop, with the outcome
    Close {
        #[arg(long, value_name = "OUTCOME", value_parser = one_of(Outcome::ALL))]
        outcome: Outcome,
        #[command(flatten)]
        why: WhyArgs,
        #[command(flatten)]
        on: On,
    },
}

/// Why something did not happen as it should.
#[derive(Debug, clap::Args)]
pub struct WhyArgs {
    /// What stood in the way; may come more than once
    #[arg(long, value_name = "BARRIER", value_parser = one_of(Barrier::ALL))]
    barrier: Vec<Barrier>,
    #[command(flatten)]
    note: Note,
}

impl WhyArgs {
    pub fn why(self) -> Why {
        Why { barriers: self.barrier, note: self.note.words() }
    }
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    let (act, on) = match command {
        Command::Accept { note, on } => (ActRequest::Accept { note: note.words() }, on),
        Command::Decline { reason, note, on } => (ActRequest::Decline { reason, note: note.words() }, on),
        Command::Message { text, attach: Some(file), on } => return send_file(context, on, &file, text),
        Command::Message { text, attach: None, on } => {
            return on.worded(context, text, ("What to write", "--text"), |text| ActRequest::Message { text });
        }
        Command::Hold { why, on } => (ActRequest::Hold { why: why.why() }, on),
        Command::Resume { note, on } => (ActRequest::Resume { note: note.words() }, on),
        Command::Urgency { urgency, note, on } => (ActRequest::Urgency { urgency, note: note.words() }, on),
        Command::Withdraw { reason, on } => {
            let asked = ("Why it is taken back", "--reason");
            return on.worded(context, reason, asked, |reason| ActRequest::Withdraw { reason });
        }
        Command::Left { why, on } => {
            return on.worded(context, why, ("Why they left", "--why"), |why| ActRequest::Left { why });
        }
        Command::Settle { note: None, referral: Some(new), on } => {
            (ActRequest::Settle { note: Words::or_empty(None), referral: Some(new) }, on)
        }
        Command::Settle { note, referral, on } => {
            let asked = ("What comes next for the person", "--note");
            return on.worded(context, note, asked, |note| ActRequest::Settle { note, referral: referral.clone() });
        }
        Command::SayAgain { note, on } => (ActRequest::SayAgain { note: note.words() }, on),
        Command::ConfirmWithdrawal { on } => (ActRequest::ConfirmWithdrawal, on),
        Command::EnteredInError { reason, on } => {
            let asked = ("What was wrong about it", "--reason");
            return on.worded(context, reason, asked, |reason| ActRequest::EnteredInError { reason });
        }
        Command::Close { outcome, why, on } => {
            let Why { barriers, note } = why.why();
            (ActRequest::Close { outcome, note, barriers }, on)
        }
    };
    on.act(context, act)
}

fn send_file(context: &Context, on: On, file: &Path, text: Option<Words>) -> Result<()> {
    let to = AttachTo::Thread { thread: on.thread.clone(), information: Information::Referral };
    let bytes = attachment::read(file)?;
    let login = context.login(&on.staff)?;
    attachment::upload(context, &login, &to, file, &bytes, Words::or_empty(text))?;
    context.show(&context.care_as::<ThreadView>(&login, Care::ReferralShow { thread: on.thread })?)
}
