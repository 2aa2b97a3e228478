//! `belay inquiry`: questions that name nobody, made (`belay referral inquire`) and received.

use super::Context;
use crate::args::StaffArgs;
use crate::trouble::Result;
use crate::words::Words;
use belay_node::api::care::{Care, InquiriesView, InquiryView};
use belay_protocol::referral::inquiry::{NoReason, Reply, Within};
use clap::builder::PossibleValuesParser;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// All of them, newest first
    List {
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// One: what is asked, what was answered, what to say by telephone
    Show {
        inquiry: String,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Answer one that came in, or write down what a partner off the network answered by telephone
    Answer {
        inquiry: String,
        #[command(flatten)]
        answer: AnswerArgs,
        /// Off the network: who there told it to you, and not what was said: a file with the name, `@FILE`, or `@-` for standard input
        #[arg(long, value_name = "@FILE")]
        heard_from: Option<Words>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Nothing more comes of one: it leaves the list, unless an answer or a question comes later
    Done {
        inquiry: String,
        /// Of one that came in: why nobody answers it, which stays in this house; a file, `@FILE`, or `@-` for standard input
        #[arg(long, value_name = "@FILE")]
        why: Option<Words>,
        #[command(flatten)]
        staff: StaffArgs,
    },
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct AnswerArgs {
    /// Yes
    #[arg(long)]
    yes: bool,
    /// No, and why
    #[arg(long, value_name = "REASON", value_parser = PossibleValuesParser::new(NoReason::WORDS))]
    no: Option<String>,
    /// There will be a place within so many days, rounded up to a band
    #[arg(long, value_name = "DAYS")]
    wait_list: Option<u32>,
    /// Phone us
    #[arg(long)]
    phone: bool,
}

impl AnswerArgs {
    fn reply(&self) -> Reply {
        match (&self.no, self.wait_list, self.phone) {
            (Some(why), _, _) => Reply::No(NoReason::from_word(why).unwrap_or(NoReason::Other)),
            (None, Some(days), _) => Reply::WaitList(Within::days(days)),
            (None, None, true) => Reply::Phone,
            (None, None, false) => Reply::Yes,
        }
    }
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::List { staff } => context.care::<InquiriesView>(&staff, Care::InquiryList),
        Command::Show { inquiry, staff } => context.care::<InquiryView>(&staff, Care::InquiryShow { inquiry }),
        Command::Done { inquiry, why, staff } => {
            let why = why.map(|words| Words::or_empty(Some(words)));
            context.care::<InquiryView>(&staff, Care::InquiryAside { inquiry, why })
        }
        Command::Answer { inquiry, answer, heard_from, staff } => {
            let from = heard_from.map(|words| Words::or_empty(Some(words)));
            context.care::<InquiryView>(&staff, Care::InquiryAnswer { inquiry, reply: answer.reply(), from })
        }
    }
}
