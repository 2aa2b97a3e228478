//! Referrals to partners who are not on the network: sent by letter, answered by telephone.

use crate::args::StaffArgs;
use crate::commands::{Context, write_new};
use crate::output;
use crate::trouble::Result;
use crate::words::Words;
use belay_node::api::care::{ActRequest, Care, LetterAsk, LetterView, OutsideSend, Send};
use belay_node::forms::Lang;
use std::path::PathBuf;

/// Where a referral goes that no node takes.
#[derive(Debug, clap::Args)]
pub struct Off {
    /// To a partner who is not on the network, by letter: `belay referral letter` prints it
    #[arg(long)]
    off_network: bool,
    /// Which partner off the network, where the consent names more than one
    #[arg(long, value_name = "PARTNER", requires = "off_network")]
    partner: Option<String>,
}

impl Off {
    pub fn ask(self, send: Send) -> Care {
        if self.off_network {
            Care::ReferralOutside(OutsideSend { to: self.partner, send })
        } else {
            Care::ReferralSend(send)
        }
    }
}

/// Who said so, where the other is not on the network.
#[derive(Debug, clap::Args)]
pub struct Heard {
    /// Off the network: who there told it to you, such as by telephone: `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE")]
    heard_from: Option<Words>,
}

impl Heard {
    pub fn ask(self, thread: String, act: ActRequest) -> Care {
        match self.heard_from {
            Some(from) => Care::ReferralHeard { thread, act, from: Words::or_empty(Some(from)) },
            None => Care::ReferralAct { thread, act },
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct Letter {
    thread: String,
    /// As a page to print, into this new file
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    html: Option<PathBuf>,
    /// As plain text on standard output [default]
    #[arg(long)]
    text: bool,
    /// In which language its own words are: en or es; the words of the law stay in English
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Lang,
    #[command(flatten)]
    staff: StaffArgs,
}

impl Letter {
    pub fn run(self, context: &Context) -> Result<()> {
        let ask = Care::ReferralLetter(LetterAsk { thread: self.thread, lang: self.lang, ..LetterAsk::default() });
        let Some(file) = self.html else { return context.care::<LetterView>(&self.staff, ask) };
        let letter: LetterView = context.get_care(&self.staff, ask)?;
        write_new(&file, letter.html.reveal())?;
        output::say(&format!(
            "The letter to {} is in {}. Delete the file when it is printed.",
            letter.recipient,
            file.display()
        ));
        if context.json { context.show(&letter) } else { Ok(()) }
    }
}
