//! Referrals to partners who are not on the network: sent by letter, answered by telephone.

use super::one_of;
use crate::args::StaffArgs;
use crate::commands::{Context, filled};
use crate::confirm;
use crate::output;
use crate::trouble::Result;
use crate::words::Words;
use belay_node::api::care::{ActRequest, Care, LetterAsk, LetterView, Refer, Send, SentView};
use belay_node::forms::Lang;
use belay_protocol::referral::choice::OnlyOne;
use std::path::PathBuf;

/// How a referral goes, and how it came to be this one.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Off {
    /// To a partner who is not on the network, by letter: `belay referral letter` prints it
    #[arg(long)]
    off_network: bool,
    /// Which partner off the network, where the consent names more than one
    #[arg(long, value_name = "PARTNER", requires = "off_network")]
    pub partner: Option<String>,
    /// The inquiry that it comes of; says to whom it goes
    #[arg(long, value_name = "INQUIRY")]
    inquiry: Option<String>,
    /// The person chose among the options that were shown, those kept last by `belay directory options`; with which of them: known here only
    #[arg(long, value_name = "LISTING", num_args = 0..=1)]
    pub chosen: Option<Option<String>>,
    /// Which options were shown, where others were kept since
    #[arg(long, value_name = "OPTIONS", requires = "chosen")]
    pub options: Option<String>,
    /// Why there was only one
    #[arg(long, value_name = "REASON", conflicts_with = "chosen", value_parser = one_of(&ONLY))]
    pub only_option: Option<OnlyOne>,
}

const ONLY: [(&str, OnlyOne); 6] = [
    ("nobody_else", OnlyOne::NobodyElse),
    ("person_asked", OnlyOne::PersonAsked),
    ("payer", OnlyOne::Payer),
    ("no_room_elsewhere", OnlyOne::NoRoomElsewhere),
    ("emergency", OnlyOne::Emergency),
    ("ordered", OnlyOne::Ordered),
];

impl Off {
    /// Asks whoever sits at the terminal whether the person chose, where nothing is said of it. A script is asked nothing: then it is not recorded.
    pub fn asked(mut self, context: &Context) -> Result<Self> {
        let said = self.chosen.is_some() || self.only_option.is_some();
        if !said && !context.json && confirm::attended() {
            let chosen = confirm::says_yes(
                "Did the person choose it among the options that were shown (belay directory options)? Otherwise nothing is recorded of that.",
            )?;
            self.chosen = chosen.then_some(None);
        }
        Ok(self)
    }

    pub fn ask(self, send: Send) -> Care {
        Care::ReferralRefer(self.asks(send))
    }

    pub fn asks(self, send: Send) -> Refer {
        Refer {
            off_network: self.off_network,
            partner: self.partner,
            inquiry: self.inquiry,
            options: self.options,
            chosen: self.chosen.is_some(),
            listing: self.chosen.flatten(),
            only: self.only_option,
            send,
        }
    }
}

/// Who said so, where the other is not on the network.
#[derive(Debug, clap::Args)]
pub struct Heard {
    /// Off the network: who there told it to you, such as by telephone, and not what was said: a file with the name, `@FILE`, or `@-` for standard
    /// input
    #[arg(long, value_name = "@FILE")]
    heard_from: Option<Words>,
}

impl Heard {
    pub fn ask(&self, thread: String, act: ActRequest) -> Care {
        match self.heard_from.clone() {
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
    /// Print none: the one that was printed last was not handed over to anybody. It leaves the accounting; both words stay on record
    #[arg(long, conflicts_with_all = ["html", "text", "lang"])]
    not_handed_over: bool,
    /// Why it was not handed over: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE", requires = "not_handed_over")]
    why: Option<Words>,
    /// In which language its own words are: en or es; the words of the law stay in English
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Lang,
    #[command(flatten)]
    staff: StaffArgs,
}

impl Letter {
    pub fn run(self, context: &Context) -> Result<()> {
        if self.not_handed_over {
            let ask = |why| Care::LetterBack { thread: self.thread.clone(), why };
            return context.worded::<SentView>(&self.staff, self.why, ("Why it was not handed over", "--why"), ask);
        }
        let ask = Care::ReferralLetter(LetterAsk { thread: self.thread, lang: self.lang, ..LetterAsk::default() });
        let Some(file) = self.html else { return context.care::<LetterView>(&self.staff, ask) };
        let letter: LetterView =
            filled(&file, || context.get_care(&self.staff, ask), |letter: &LetterView| Ok(letter.html.reveal()))?;
        if letter.no_reach {
            output::say(output::NO_REACH);
        }
        output::say(&format!(
            "The letter to {} is in {}. Delete the file when it is printed.",
            letter.recipient,
            file.display()
        ));
        if context.json { context.show(&letter) } else { Ok(()) }
    }
}
