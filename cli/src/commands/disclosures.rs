//! `belay disclosures`: what was told to whom, for the person who asks or for a breach at one recipient; and what the law lets be told
//! without a consent, put on record; and what is left out of an accounting for a time.

use super::before::stand_in;
use super::referral::one_of;
use super::{Context, print};
use crate::args::{MaybeStaff, StaffArgs};
use crate::trouble::{Result, Trouble};
use crate::words::{self, Words};
use belay_node::api::care::{
    Care, DisclosureRecord, DisclosureWent, DisclosuresAsk, DisclosuresView, Printed, SentView, WithheldsView, Withhold,
};
use belay_node::system;
use belay_protocol::consent::Clause;
use belay_protocol::disclosure::Means;
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

#[derive(Debug, clap::Args)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    record: Option<Command>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Put on record what is told without a consent, as a clause lets it be told; refused where something is missing
    Record(Box<Record>),
    /// What went to a partner before and is not on record: words, a letter, a file that was never attached; judged by the consent as it stood then
    Went(Box<Went>),
    /// What was put on record last of a referral by `went` was written down by mistake; both words stay
    WentBack {
        /// The referral: its id, or the beginning of it
        thread: String,
        /// Why: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        why: Option<Words>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// What was put on record by hand (in an emergency, by law, as passed on) was written down by mistake and never told; both words stay
    Strike {
        /// The record: its id, or the beginning of it, as the list says
        record: String,
        /// Why: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        why: Option<Words>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// An agency of health oversight or law enforcement states that an accounting of what it was told would be in its way: it is left out for that time (45 CFR 164.528(a)(2))
    Withhold(Box<Withholding>),
    /// What is left out so, or was, and until when
    Withheld {
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// It ends before its time: from now on the accounting is whole
    Release {
        /// Id of the statement, or the beginning of it
        statement: String,
        /// Who said that it may end: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        why: Option<Words>,
        #[command(flatten)]
        staff: StaffArgs,
    },
}

#[derive(Debug, clap::Args)]
pub struct Went {
    /// The referral: its id, or the beginning of it
    thread: String,
    /// When it went
    #[arg(long, value_name = "TIME", value_parser = system::begin)]
    when: Time,
    /// How: said, handed, faxed or mailed
    #[arg(long, value_name = "WAY", value_parser = one_of(&WAYS))]
    by: Means,
    /// Which kinds that was: referral, identity, social, clinical, medication, crisis
    #[arg(long, value_name = "KINDS", value_delimiter = ',', required = true)]
    include: Vec<Information>,
    /// What it was, as it shall stand in the accounting: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    told: Option<Words>,
    /// In a team: to which organisation [default: who was referred to]
    #[arg(long, value_name = "ORG")]
    to: Option<String>,
    /// To whom there, or to which number: `@FILE`
    #[arg(long, value_name = "@FILE")]
    who: Option<Words>,
    #[command(flatten)]
    staff: StaffArgs,
}

const WAYS: [(&str, Means); 4] =
    [("said", Means::Said), ("handed", Means::Handed), ("faxed", Means::Faxed), ("mailed", Means::Mailed)];

#[derive(Debug, clap::Args)]
pub struct List {
    /// About this person, the last three years (42 CFR 2.25)
    #[arg(long, value_name = "PERSON", value_parser = words::person)]
    person: Option<String>,
    /// Everything that was told to this organisation: the list that a breach there needs
    #[arg(long, value_name = "ORG")]
    to: Option<String>,
    /// From this day on [default: for a person three years back, for an organisation from the first]
    #[arg(long, value_name = "DATE", value_parser = system::begin)]
    since: Option<Time>,
    /// Up to this day, counted in
    #[arg(long, value_name = "DATE", value_parser = system::end)]
    until: Option<Time>,
    /// Only what rests on a consent, as 42 CFR 2.25 counts
    #[arg(long)]
    with_consent: bool,
    /// As the form that the person takes home, in plain words
    #[arg(long, requires = "person")]
    print: bool,
    #[command(flatten)]
    how: print::How,
    /// Asked for wherever no subcommand is.
    #[command(flatten)]
    staff: MaybeStaff,
}

#[derive(Debug, clap::Args)]
pub struct Withholding {
    /// The agency: what it was told is left out
    #[arg(long, value_name = "ORG")]
    to: String,
    /// Of this person's accounting alone [default: of everybody's]
    #[arg(long, value_name = "PERSON", value_parser = words::person)]
    person: Option<String>,
    /// It was stated by word of mouth: for thirty days at most
    #[arg(long)]
    spoken: bool,
    /// Up to this day, counted in, as the agency asks [default: of what was spoken, thirty days]
    #[arg(long, value_name = "DATE", value_parser = system::end, required_unless_present = "spoken")]
    until: Option<Time>,
    /// When it was stated [default: now]
    #[arg(long, value_name = "TIME", value_parser = system::begin)]
    said: Option<Time>,
    /// The official who stated it, by name and office: `@FILE` [default: asked for]
    #[arg(long, value_name = "@FILE")]
    official: Option<Words>,
    /// What was stated: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    statement: Option<Words>,
    #[command(flatten)]
    staff: StaffArgs,
}

#[derive(Debug, clap::Args)]
pub struct Record {
    /// Id, or the beginning of it
    #[arg(long, value_name = "PERSON", value_parser = words::person)]
    person: String,
    /// 2.12(c)(5) crime on the premises, 2.12(c)(6) child abuse, 2.52 research, 2.53 audit, 2.64 to 2.67 court order
    #[arg(long, value_name = "CLAUSE")]
    clause: Clause,
    /// Who is told: a member, or a partner off the network
    #[arg(long, value_name = "ORG")]
    to: String,
    /// Which kinds that is: identity, social, clinical, medication, crisis, referral
    #[arg(long, value_name = "KINDS", value_delimiter = ',', required = true)]
    include: Vec<Information>,
    /// What is told: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    told: Option<Words>,
    /// Who here decided it, by name: `@FILE` [default: asked for]
    #[arg(long, value_name = "@FILE")]
    decided: Option<Words>,
    /// What it rests on (the scope of the order, what is suspected, what was done, which study or audit): `@FILE` [default: asked for]
    #[arg(long, value_name = "@FILE")]
    matter: Option<Words>,
    /// Of an order: which court: `@FILE`
    #[arg(long, value_name = "@FILE")]
    court: Option<Words>,
    /// Of an order: its date
    #[arg(long, value_name = "DATE", value_parser = system::dated)]
    order_dated: Option<Time>,
    /// Of an order: the subpoena or like mandate that goes with it (2.61): `@FILE`
    #[arg(long, value_name = "@FILE")]
    mandate: Option<Words>,
    /// Of an audit: what the recipient undertook in writing, and who signed; of a study: its approval: `@FILE`
    #[arg(long, value_name = "@FILE")]
    undertaking: Option<Words>,
    /// When it was told [default: now]
    #[arg(long, value_name = "TIME", value_parser = system::begin)]
    when: Option<Time>,
    /// It was told twice: the same stands on record of that day already
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    staff: StaffArgs,
}

pub fn run(context: &Context, args: Args) -> Result<()> {
    match args.record {
        Some(Command::Record(record)) => recorded(context, *record),
        Some(Command::Went(ask)) => went(context, *ask),
        Some(Command::WentBack { thread, why, staff }) => {
            let asked = ("Why it did not go after all", "--why");
            let ask = |why| Care::DisclosureWentBack { thread: thread.clone(), why };
            context.worded::<SentView>(&staff, why, asked, ask)
        }
        Some(Command::Strike { record, why, staff }) => {
            let asked = ("Why it was never told", "--why");
            let ask = |why| Care::DisclosureStrike { record: record.clone(), why };
            context.worded::<DisclosuresView>(&staff, why, asked, ask)
        }
        Some(Command::Withhold(ask)) => withhold(context, *ask),
        Some(Command::Withheld { staff }) => context.care::<WithheldsView>(&staff, Care::DisclosureWithheld),
        Some(Command::Release { statement, why, staff }) => {
            let asked = ("Who said that it may end", "--why");
            let ask = |why| Care::DisclosureRelease { statement: statement.clone(), why };
            context.worded::<WithheldsView>(&staff, why, asked, ask)
        }
        None => listed(context, args.list),
    }
}

fn listed(context: &Context, list: List) -> Result<()> {
    let List { person, to, since, until, with_consent, print, how, staff } = list;
    if person.is_none() && to.is_none() {
        return Err(Trouble::usage("of whom: one person, or one organisation")
            .next("belay disclosures --person PERSON, or belay disclosures --to ORG"));
    }
    let staff = staff.named()?;
    if let (true, Some(person)) = (print, &person) {
        let form = Printed::Accounting { person: Personal::new(person.clone()) };
        return super::print::form(context, &staff, form, how);
    }
    if print || how.given() {
        return Err(Trouble::usage("--lang, --html and --text are for the form that the person takes home")
            .next("belay disclosures --person PERSON --print"));
    }
    let ask = DisclosuresAsk { person: person.map(Personal::new), to, since, until, with_consent };
    context.care::<DisclosuresView>(&staff, Care::Disclosures(ask))
}

fn went(context: &Context, ask: Went) -> Result<()> {
    let who = Words::or_empty(ask.who);
    let went = |told| {
        Care::DisclosureWent(DisclosureWent {
            thread: ask.thread.clone(),
            to: ask.to.clone(),
            include: ask.include.clone(),
            told,
            way: ask.by,
            who: who.clone(),
            when: ask.when,
        })
    };
    let asked = ("What it was, as it shall stand in the accounting", "--told");
    context.worded::<SentView>(&ask.staff, ask.told, asked, went)
}

fn withhold(context: &Context, ask: Withholding) -> Result<()> {
    let mut withhold = Withhold {
        to: ask.to,
        person: ask.person.map(Personal::new),
        spoken: ask.spoken,
        official: stand_in(),
        statement: stand_in(),
        said: ask.said,
        until: ask.until,
    };
    let typed = ask.official.is_none() || ask.statement.is_none();
    let login = context.before(&ask.staff, typed, || Care::DisclosureWithhold(withhold.clone()))?;
    withhold.official = Words::or_ask(ask.official, "The official who stated it, by name and office", "--official")?;
    withhold.statement = Words::or_ask(ask.statement, "What was stated", "--statement")?;
    context.show(&context.care_as::<WithheldsView>(&login, Care::DisclosureWithhold(withhold))?)
}

fn recorded(context: &Context, record: Record) -> Result<()> {
    let mut ask = DisclosureRecord {
        person: Personal::new(record.person),
        clause: record.clause.to_string(),
        to: record.to,
        decided: stand_in(),
        matter: stand_in(),
        court: Words::or_empty(record.court),
        order_dated: record.order_dated,
        mandate: Words::or_empty(record.mandate),
        undertaking: Words::or_empty(record.undertaking),
        told: stand_in(),
        include: record.include,
        when: record.when,
        again: record.again,
    };
    let typed = [&record.decided, &record.matter, &record.told].iter().any(|given| given.is_none());
    let login = context.before(&record.staff, typed, || Care::DisclosureRecord(Box::new(ask.clone())))?;
    ask.decided = Words::or_ask(record.decided, "Who here decided it, by name", "--decided")?;
    ask.matter = Words::or_ask(record.matter, "What it rests on", "--matter")?;
    ask.told = Words::or_ask(record.told, "What is told", "--told")?;
    let view: DisclosuresView = context.care_or_again(&login, Care::DisclosureRecord(Box::new(ask)))?;
    context.show(&view)
}
