//! `belay consent revoke`, `unsay`, `event`, `suspend`, `void`, `judge`: how a consent ends, or does not after all.

use crate::args::StaffArgs;
use crate::commands::Context;
use crate::confirm;
use crate::output::{self, Stands};
use crate::trouble::{Result, Trouble};
use crate::words::{self, Words};
use belay_node::api::care::{Care, HeardAsk, HeardView, OnwardAsk, OnwardView, RevokePreview};
use belay_node::system;
use belay_protocol::referral::Information;
use belay_protocol::time::Time;

/// How the person's word came: it stands on record, and on the form.
#[derive(Debug, clap::Args)]
pub(in crate::commands) struct HowHeard {
    /// The person said so [default: asked for]
    #[arg(long)]
    spoken: bool,
    /// The person wrote it
    #[arg(long, conflicts_with = "spoken")]
    written: bool,
}

impl HowHeard {
    /// Whether it was said and not written.
    pub(in crate::commands) fn spoken(&self) -> Result<bool> {
        match (self.spoken, self.written) {
            (true, _) => return Ok(true),
            (false, true) => return Ok(false),
            (false, false) => {}
        }
        let next = "the command again with --spoken, or with --written";
        if !confirm::attended() {
            return Err(Trouble::usage("it is not said whether the person said so or wrote it").next(next));
        }
        match words::line("Did the person say so, or write it (said, written)")?.reveal().to_lowercase().as_str() {
            "said" | "spoken" | "s" => Ok(true),
            "wrote" | "written" | "w" => Ok(false),
            _ => Err(Trouble::usage("neither said nor written, and nothing was done").next(next)),
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct Revoke {
    /// The consent or, where it came with a referral, that referral
    #[arg(value_name = "CONSENT")]
    consent: String,
    /// Only for this organisation; the rest stands
    #[arg(long, value_name = "ORG")]
    party: Option<String>,
    #[command(flatten)]
    heard: HowHeard,
    /// Only say what it does and what it can not undo
    #[arg(long, conflicts_with = "yes")]
    preview: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    staff: StaffArgs,
}

#[derive(Debug, clap::Args)]
pub struct Heard {
    /// The organisation that keeps it, as the form says
    #[arg(long, value_name = "ORG")]
    keeper: String,
    /// Who revoked, by name: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    name: Option<Words>,
    /// The date of birth, as it stands on the form or the papers: `@FILE`
    #[arg(long, value_name = "@FILE")]
    birth_date: Option<Words>,
    /// The number on the form, if the person has it: `@FILE`
    #[arg(long, value_name = "@FILE")]
    form: Option<Words>,
    #[command(flatten)]
    heard: HowHeard,
    #[command(flatten)]
    staff: StaffArgs,
}

#[derive(Debug, clap::Args)]
pub struct Unsay {
    consent: String,
    /// Of what was said for this organisation alone
    #[arg(long, value_name = "ORG")]
    party: Option<String>,
    #[command(flatten)]
    heard: HowHeard,
    #[command(flatten)]
    staff: StaffArgs,
}

#[derive(Debug, clap::Args)]
pub struct Event {
    consent: String,
    /// The event from which on a consent for criminal justice can be revoked, not the one at which it ends
    #[arg(long)]
    revocable: bool,
    /// When it came about [default: now]
    #[arg(long, value_name = "DATE", value_parser = system::begin)]
    on: Option<Time>,
    /// It had not come about, or on another day: strike what was recorded; what closed by it stays closed
    #[arg(long, conflicts_with = "on")]
    mistake: bool,
    /// What was wrong about it: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE", requires = "mistake")]
    why: Option<Words>,
    #[command(flatten)]
    staff: StaffArgs,
}

#[derive(Debug, clap::Args)]
pub struct Suspend {
    /// The consent or, where it came with a referral, that referral
    consent: String,
    /// What may be false in it, or why it stands: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    why: Option<Words>,
    /// Privacy officer: it is not false, and stands again
    #[arg(long)]
    lift: bool,
    #[command(flatten)]
    staff: StaffArgs,
}

#[derive(Debug, clap::Args)]
pub struct Void {
    consent: String,
    /// What is false in it: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    why: Option<Words>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    staff: StaffArgs,
}

#[derive(Debug, clap::Args)]
pub struct Judge {
    consent: String,
    /// To whom it went [default: the only one of whom nothing was said yet]
    #[arg(long, value_name = "ORG")]
    to: Option<String>,
    /// Whether it is a breach, why, and what was done: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    why: Option<Words>,
    #[command(flatten)]
    staff: StaffArgs,
}

#[derive(Debug, clap::Args)]
pub struct Onward {
    /// The referral that came here
    thread: String,
    /// To whom
    #[arg(long, value_name = "ORG")]
    to: String,
    /// What: referral, identity, medication, clinical, social, crisis
    #[arg(long, value_name = "KIND")]
    kind: Information,
    /// Why
    #[arg(long, value_name = "PURPOSE", default_value = "treatment")]
    purpose: String,
    /// It is a contractor or legal representative under a written contract (42 CFR 2.33(c))
    #[arg(long)]
    contract: bool,
    /// It was passed on, by other means than a referral: what, for the record of disclosures: `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE")]
    told: Option<Words>,
    #[command(flatten)]
    staff: StaffArgs,
}

impl Onward {
    pub fn run(self, context: &Context) -> Result<()> {
        let Self { thread, to, kind, purpose, contract, told, staff } = self;
        let told = told.map(|told| Words::or_empty(Some(told)));
        let ask = OnwardAsk { thread, to, information: kind, purpose, contract, told };
        context.care::<OnwardView>(&staff, Care::ConsentOnward(ask))
    }
}

impl Revoke {
    pub fn run(self, context: &Context) -> Result<()> {
        let Self { consent, party, heard, preview, yes, staff } = self;
        let ask = Care::ConsentRevokePreview { consent: consent.clone(), party: party.clone() };
        if preview {
            return context.care::<RevokePreview>(&staff, ask);
        }
        let login = context.login(&staff)?;
        let what: RevokePreview = context.care_as(&login, ask)?;
        if !yes {
            output::say(&format!("{}\n{}", what.does, what.cannot));
        }
        let spoken = heard.spoken()?;
        // Before it can be revoked the person's word is kept, and takes effect then.
        let (question, ask) = if what.early {
            ("Put on record what the person said?", Care::ConsentWish { consent, party, spoken })
        } else {
            ("Revoke this consent?", Care::ConsentRevoke { consent, party, spoken })
        };
        confirm::sure(question, yes)?;
        context.show(&context.care_as::<Stands>(&login, ask)?)
    }
}

impl Heard {
    pub fn run(self, context: &Context) -> Result<()> {
        let asked = ("Who revoked", "--name");
        // Who is looked for is in the name alone: of the rest nothing is known before.
        let (login, name) = context.text(&self.staff, self.name, asked, |_| Care::PartnerList)?;
        let ask = HeardAsk {
            keeper: self.keeper,
            name,
            birth_date: Words::or_empty(self.birth_date),
            form: Words::or_empty(self.form),
            spoken: self.heard.spoken()?,
        };
        context.show(&context.care_as::<HeardView>(&login, Care::ConsentHeard(ask))?)
    }
}

impl Unsay {
    pub fn run(self, context: &Context) -> Result<()> {
        let Self { consent, party, heard, staff } = self;
        let spoken = heard.spoken()?;
        context.care::<Stands>(&staff, Care::ConsentUnsay { consent, party, spoken })
    }
}

impl Event {
    pub fn run(self, context: &Context) -> Result<()> {
        let Self { consent, revocable, on, mistake, why, staff } = self;
        if !mistake {
            return context.care::<Stands>(&staff, Care::ConsentEvent { consent, revocable, on });
        }
        let ask = |why| Care::ConsentEventStrike { consent: consent.clone(), revocable, why };
        context.worded::<Stands>(&staff, why, ("What was wrong about it", "--why"), ask)
    }
}

impl Suspend {
    pub fn run(self, context: &Context) -> Result<()> {
        let asked = if self.lift {
            "Why it stands, and how you know"
        } else {
            "What may be false in it, and how you learned of it"
        };
        let (consent, lift) = (self.consent, self.lift);
        let ask = |why| Care::ConsentSuspend { consent: consent.clone(), why, lift };
        context.worded::<Stands>(&self.staff, self.why, (asked, "--why"), ask)
    }
}

impl Void {
    pub fn run(self, context: &Context) -> Result<()> {
        confirm::sure("Nothing that rests on this consent will be shown or told any more. Is it false?", self.yes)?;
        let ask = |why| Care::ConsentVoid { consent: self.consent.clone(), why };
        context.worded::<Stands>(&self.staff, self.why, ("What is false in it", "--why"), ask)
    }
}

impl Judge {
    pub fn run(self, context: &Context) -> Result<()> {
        let asked = ("Whether it is a breach, why, and what was done", "--why");
        let ask = |why| Care::ConsentJudge { consent: self.consent.clone(), to: self.to.clone(), why };
        context.worded::<Stands>(&self.staff, self.why, asked, ask)
    }
}
