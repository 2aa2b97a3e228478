//! `belay referral`: one person's move from one organisation to the next, and the answer. A file a group of verbs.

mod answer;
mod appointment;
mod follow;
mod inquire;
mod outside;
mod plan;
mod report;
mod send;

use super::Context;
use crate::args::StaffArgs;
use crate::confirm;
use crate::output::{self, WorkList};
use crate::trouble::Result;
use crate::words::{self, Words};
use belay_node::api::StaffLogin;
use belay_node::api::care::{ActRequest, Care, LinkAsk, ListAsk, Named, NeedsView, Part, ThreadView, ThreadsView};
use belay_protocol::sensitive::Personal;
use clap::builder::{PossibleValuesParser, TypedValueParser};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Send a referral under a signed consent, to the organisation that it names
    Send(send::Send),
    /// The letter of a referral to a partner who is not on the network, with the notice of 42 CFR 2.32
    Letter(outside::Letter),
    /// Ask one or several partners "could you take somebody like this?": codes only, no name, no consent needed
    Inquire(inquire::Inquire),
    /// Where referrals go: per staff member, partner and service; for the administrator or the privacy officer
    Report(report::Report),
    /// Referrals that were sent and that came in
    List {
        /// Only what is new, due, overdue or lost, most urgent first, with what to do next
        #[arg(long)]
        due: bool,
        /// Rows at most
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// Go on from where a page ended, as it said
        #[arg(long, value_name = "PLACE")]
        after: Option<String>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// One referral: where it stands, its history, who the person may be
    Show {
        thread: String,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// What a person's referrals wait for that nothing lifts yet, each as `referral send --lifts` takes it
    Needs {
        #[arg(long, value_name = "PERSON", value_parser = words::person)]
        person: String,
        #[command(flatten)]
        staff: StaffArgs,
    },
    #[command(flatten)]
    Answer(answer::Command),
    #[command(flatten)]
    Appointment(appointment::Command),
    #[command(flatten)]
    Follow(follow::Command),
    #[command(flatten)]
    Plan(plan::Command),
    /// Say who the person of an incoming referral is: one of ours, new, or nobody of ours after all
    ///
    /// Who says otherwise than the word before says why. What was told stands in the other accounting from then on, and what your staff
    /// wrote in the referral is taken out of the copies for emergencies of who it is not.
    Link {
        thread: String,
        #[command(flatten)]
        who: Who,
        /// You have looked: somebody new is somebody else than who looks alike
        #[arg(long, requires = "new")]
        another: bool,
        /// You have looked: one of ours is who it is, though name or date of birth are unlike what the referral tells
        #[arg(long, requires = "person")]
        same_person: bool,
        /// Why it is not whom the word before named: `@FILE`, or `@-` for standard input
        #[arg(long, value_name = "@FILE")]
        why: Option<Words>,
        #[command(flatten)]
        staff: StaffArgs,
    },
}

/// Whom staff name.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Who {
    /// One of ours, by id
    #[arg(long, value_name = "PERSON", value_parser = words::person)]
    person: Option<String>,
    /// Nobody of ours: add to the records
    #[arg(long)]
    new: bool,
    /// Not the person who stands there, and nobody knows yet who it is
    #[arg(long)]
    nobody: bool,
}

impl Who {
    fn named(self) -> Named {
        match self.person {
            Some(person) => Named::Person(Personal::new(person)),
            None if self.nobody => Named::Nobody,
            None => Named::New,
        }
    }
}

/// On which referral an act is done, by whom, and who said so.
#[derive(Debug, clap::Args)]
pub struct On {
    thread: String,
    #[command(flatten)]
    heard: outside::Heard,
    #[command(flatten)]
    staff: StaffArgs,
}

impl On {
    fn ask(&self, act: ActRequest) -> Care {
        self.heard.ask(self.thread.clone(), act)
    }

    fn act(self, context: &Context, act: ActRequest) -> Result<()> {
        written(context, &self.staff, self.ask(act))
    }

    /// The same with one text, which is asked for where none was given, once the act would be done.
    fn worded(
        self,
        context: &Context,
        given: Option<Words>,
        asked: (&str, &str),
        act: impl Fn(Personal<String>) -> ActRequest,
    ) -> Result<()> {
        let (login, text) = context.text(&self.staff, given, asked, |text| self.ask(act(text)))?;
        written_as(context, || Ok(login), self.ask(act(text)))
    }
}

/// Does what was asked and shows the referral. Words that could put the person first are named before anything is sent: whoever sits at
/// the terminal may think again, and a script goes on.
fn written(context: &Context, staff: &StaffArgs, ask: Care) -> Result<()> {
    written_as(context, || context.login(staff), ask)
}

fn written_as(context: &Context, login: impl FnOnce() -> Result<StaffLogin>, ask: Care) -> Result<()> {
    let hints = belay_node::wording::of(&ask);
    for hint in &hints {
        output::say(&format!("Words that put the person first: instead of \"{}\": {}", hint.word, hint.instead));
    }
    if !hints.is_empty() && confirm::attended() {
        confirm::sure("Send it as it is?", false)?;
    }
    let view: ThreadView = context.care_or_again(&login()?, ask)?;
    context.show(&view)
}

/// Words with an act.
#[derive(Debug, clap::Args)]
pub struct Note {
    /// A few words with it: `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE")]
    note: Option<Words>,
}

impl Note {
    fn words(self) -> Personal<String> {
        Words::or_empty(self.note)
    }
}

/// One word of a closed list.
pub(super) fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.iter().map(|(word, _)| *word)).try_map(move |word: String| {
        all.iter().find(|(known, _)| *known == word).map(|(_, value)| *value).ok_or("not one of them")
    })
}

/// One page, and how to get the next.
fn list(context: &Context, staff: &StaffArgs, due: bool, limit: u32, after: Option<String>) -> Result<()> {
    let part = if due { Part::Due } else { Part::All };
    let ask = ListAsk { part, after, limit: Some(limit), ..ListAsk::default() };
    let view: ThreadsView = context.get_care(staff, Care::ReferralList(ask))?;
    let next = view.more.as_ref().map(|place| {
        let (all, due) = if due { (view.counts.due, " --due") } else { (view.counts.all, "") };
        format!("{} of {all} are shown. The next: belay referral list{due} --after {place}", view.threads.len())
    });
    if due {
        context.show(&WorkList::of(view))?;
    } else {
        context.show(&view)?;
    }
    next.iter().for_each(|next| output::say(next));
    Ok(())
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Send(send) => send.run(context),
        Command::Letter(letter) => letter.run(context),
        Command::Inquire(inquire) => inquire.run(context),
        Command::Report(report) => report.run(context),
        Command::List { due, limit, after, staff } => list(context, &staff, due, limit, after),
        Command::Show { thread, staff } => context.care::<ThreadView>(&staff, Care::ReferralShow { thread }),
        Command::Needs { person, staff } => {
            context.care::<NeedsView>(&staff, Care::NeedList { person: Personal::new(person) })
        }
        Command::Link { thread, who, another, same_person, why, staff } => {
            let ask = LinkAsk { thread, who: who.named(), another, same: same_person, why: Words::or_empty(why) };
            context.care::<ThreadView>(&staff, Care::ReferralLink(ask))
        }
        Command::Answer(command) => answer::run(context, command),
        Command::Appointment(command) => appointment::run(context, command),
        Command::Follow(command) => follow::run(context, command),
        Command::Plan(command) => plan::run(context, command),
    }
}
