//! `belay referral send`.

use super::{outside, written};
use crate::args::StaffArgs;
use crate::commands::Context;
use crate::confirm;
use crate::output;
use crate::trouble::{Result, Trouble};
use crate::words::{self, Words};
use belay_node::api::care::{Care, SendPreview, ThreadView, Tied};
use belay_protocol::referral::{Information, Urgency};
use belay_protocol::sensitive::Personal;
use std::io::IsTerminal;

#[derive(Debug, clap::Args)]
pub struct Send {
    /// The consent
    #[arg(long, value_name = "CONSENT", required_unless_present = "tie")]
    consent: Option<String>,
    /// No consent: the other is of the same program or serves it, by an agreement that both signed (42 CFR 2.12(c)(3), (4))
    #[arg(long, requires = "person", requires = "to", conflicts_with_all = ["consent", "off_network", "inquiry"])]
    tie: bool,
    /// With --tie: whom it is about, by id
    #[arg(long, value_name = "PERSON", value_parser = words::person, requires = "tie")]
    person: Option<String>,
    /// To which organisation, where the consent names more than one, or by which agreement
    #[arg(long, value_name = "ORG", conflicts_with = "off_network")]
    to: Option<String>,
    /// What else goes that the consent opens and a referral does not need, such as medication (default: the minimum)
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    include: Vec<Information>,
    /// What stays here though the consent opens it: `identity`, so that the referral does not say who the person is
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    without: Vec<Information>,
    /// For which of the purposes that the consent names for the recipient: treatment, payment, operations, request, or other words from a file (default: the least of them)
    #[arg(long, value_name = "PURPOSE", value_parser = words::purpose, conflicts_with = "tie")]
    purpose: Option<Words>,
    /// Show what would go to whom, by letter too, and send nothing, unless you say so at the terminal then. At a terminal this is so without it too, unless with --yes or --json
    #[arg(long)]
    preview: bool,
    /// At a terminal: send it without showing it and asking first
    #[arg(long, conflicts_with = "preview")]
    yes: bool,
    /// The listing that is asked for, from a directory search; the recipient reads it
    #[arg(long, value_name = "LISTING")]
    service: Option<String>,
    /// What it is about, for the recipient: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    reason: Option<Words>,
    /// It can not wait
    #[arg(long)]
    urgent: bool,
    /// What else the person needs, most urgent first: `@FILE`; told where the consent lets us tell `social`
    #[arg(long, value_name = "@FILE")]
    need: Vec<Words>,
    /// The need of another referral of this person that it is to lift; known here only
    #[arg(long, value_name = "THREAD:NEED")]
    lifts: Option<String>,
    /// It goes though one of this person to the same organisation is open
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    off: outside::Off,
    #[command(flatten)]
    staff: StaffArgs,
}

/// What would go; whoever sits at the terminal may then send it, and types nothing twice. `only_shown`: nobody said to send it. Both requests are told
/// whether one that is open already is to stand beside it.
fn previewed(
    context: &Context,
    staff: &StaffArgs,
    (only_shown, mut again): (bool, bool),
    shown: impl Fn(bool) -> Care,
    send: impl FnOnce(bool) -> Result<Care>,
) -> Result<()> {
    let login = context.login(staff)?;
    let asks = !context.json && confirm::attended();
    let mut view: SendPreview = context.care_as(&login, shown(again))?;
    if asks
        && !again
        && let Some(why) = &view.refused
    {
        let beside: SendPreview = context.care_as(&login, shown(true))?;
        if beside.refused.is_none() {
            output::say(why);
            again = confirm::says_yes("Is this one meant, and goes beside it?")?;
            if again {
                view = beside;
            }
        }
    }
    // Where standard output is a file, whoever is asked sees it too.
    if asks && !std::io::stdout().is_terminal() {
        output::talk(&view);
    }
    if only_shown || std::io::stdout().is_terminal() || !asks {
        context.show(&view)?;
    }
    if !asks || view.refused.is_some() || !confirm::says_yes("Send it now?")? {
        return if only_shown { Ok(()) } else { Err(Trouble::failed("nothing was sent")) };
    }
    context.show(&context.care_as::<ThreadView>(&login, send(again)?)?)
}

impl Send {
    pub fn run(self, context: &Context) -> Result<()> {
        // Whoever sits at the terminal sees what goes to whom before it goes.
        let shows = self.preview || (confirm::attended() && !context.json && !self.yes);
        let send = belay_node::api::care::Send {
            consent: self.consent.unwrap_or_default(),
            to: self.to,
            include: self.include,
            without: self.without,
            purpose: self.purpose.map(Words::into_text),
            service: self.service,
            service_name: String::new(),
            reason: Words::or_ask(self.reason, "What it is about", "--reason")?,
            urgency: if self.urgent { Urgency::Urgent } else { Urgency::Routine },
            needs: Words::each(self.need),
            lifts: self.lifts,
            again: self.again,
        };
        // Before anything else is asked: what is answered after it has been shown is a yes or a no.
        let off = if shows && !self.preview { self.off.asked(context)? } else { self.off };
        let (only_shown, again) = (self.preview, send.again);
        let meant = |again| belay_node::api::care::Send { again, ..send.clone() };
        let chosen = |off: outside::Off| if only_shown { off.asked(context) } else { Ok(off) };
        if let Some(person) = self.person.filter(|_| self.tie) {
            let person = Personal::new(person);
            let tied = |off: outside::Off, send| {
                let (options, only) = (off.options, off.only_option);
                let (chosen, listing) = (off.chosen.is_some(), off.chosen.flatten());
                Tied { person: person.clone(), options, chosen, listing, only, send }
            };
            if shows {
                let shown = |again| Care::ReferralTiedPreview(tied(outside::Off::default(), meant(again)));
                let then = |again| Ok(Care::ReferralTied(tied(chosen(off)?, meant(again))));
                return previewed(context, &self.staff, (only_shown, again), shown, then);
            }
            return written(context, &self.staff, Care::ReferralTied(tied(off, send)));
        }
        if shows {
            let shown = |again| Care::ReferralReferPreview(off.clone().asks(meant(again)));
            let then = |again| Ok(chosen(off.clone())?.ask(meant(again)));
            return previewed(context, &self.staff, (only_shown, again), shown, then);
        }
        written(context, &self.staff, off.ask(send))
    }
}
