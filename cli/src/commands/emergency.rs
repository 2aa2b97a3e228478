//! `belay emergency`: copies placed in advance for a medical emergency, and their opening (42 CFR 2.51).

use super::before::stand_in;
use super::{Context, partner};
use crate::args::StaffArgs;
use crate::confirm;
use crate::trouble::Result;
use crate::words::{self, Words};
use belay_node::api::care::{
    Care, DisclosuresView, EmergencyOpen, EmergencyPlace, EmergencyTold, EmergencyUpdate, EmergencyView, OpenedView,
};
use belay_node::system;
use belay_node::usecases::people;
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Place the crisis plan and the medication with an emergency department, sealed, under a consent for emergencies
    Place(Place),
    /// Write what changed wherever a copy lies
    Update(Update),
    /// Take copies back; what was opened before stays told
    Withdraw {
        /// Id, or the beginning of it
        #[arg(long, value_name = "PERSON", value_parser = words::person)]
        person: String,
        /// Only from this organisation [default: from all]
        #[arg(long, value_name = "ORG")]
        at: Option<String>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// At the emergency department: open what is placed for a person, with the four facts of 42 CFR 2.51(c)
    Open(Open),
    /// What lies where, what was opened, and what is to be reviewed
    List {
        #[arg(long, value_name = "PERSON", value_parser = words::person)]
        person: Option<String>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// As privacy officer: say that an opening was looked into
    Review {
        /// Id of the opening, or the beginning of it
        opening: String,
        /// What was found: `@FILE`, or `@-` for standard input
        #[arg(long, value_name = "@FILE")]
        note: Option<Words>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// At the emergency department: for whom something was opened that nobody here knew then; it stands in that person's accounting
    Whose {
        /// Id of the opening, as `belay emergency list` shows it, or the beginning of it
        opening: String,
        /// Who it was [default: nobody on record, after all]
        #[arg(long, value_name = "PERSON", value_parser = words::person)]
        person: Option<String>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Write down what was told to medical personnel by telephone or letter, without consent
    Record(Record),
}

#[derive(Debug, clap::Args)]
pub struct Place {
    /// Id, or the beginning of it
    #[arg(long, value_name = "PERSON", value_parser = words::person)]
    person: String,
    /// The emergency department
    #[arg(long, value_name = "ORG")]
    at: String,
    /// The consent that names it, with the purpose `emergency`
    #[arg(long, value_name = "CONSENT")]
    consent: String,
    /// crisis, medication [default: what is given or on record]
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    include: Vec<Information>,
    #[command(flatten)]
    texts: Texts,
    #[command(flatten)]
    staff: StaffArgs,
}

/// What is placed.
#[derive(Debug, clap::Args)]
pub struct Texts {
    /// The crisis plan: `@FILE`, or `@-` for standard input [default: as it lies elsewhere]
    #[arg(long, value_name = "@FILE")]
    crisis: Option<Words>,
    /// Medication and dose: `@FILE`, or `@-` for standard input [default: as it lies elsewhere]
    #[arg(long, value_name = "@FILE")]
    medication: Option<Words>,
}

#[derive(Debug, clap::Args)]
pub struct Update {
    /// Id, or the beginning of it
    #[arg(long, value_name = "PERSON", value_parser = words::person)]
    person: String,
    #[command(flatten)]
    texts: Texts,
    #[command(flatten)]
    staff: StaffArgs,
}

/// The facts of 2.51(c), and of (a)(1), that somebody must say. Date and time, and the facility at `open`, are what the node knows.
#[derive(Debug, clap::Args)]
pub struct Facts {
    /// Who of the medical personnel is told, by name (2.51(c)(1)): `@FILE` [default: asked for]
    #[arg(long, value_name = "@FILE")]
    personnel: Option<Words>,
    /// Who discloses, by name (2.51(c)(2)): `@FILE` [default: the staff member who acts]
    #[arg(long, value_name = "@FILE")]
    discloser: Option<Words>,
    /// The nature of the emergency (2.51(c)(4)): `@FILE` [default: asked for]
    #[arg(long, value_name = "@FILE")]
    nature: Option<Words>,
    /// Why the person's written consent can not be obtained first, as the medical personnel say (2.51(a)(1)): `@FILE` [default: asked for]
    #[arg(long, value_name = "@FILE")]
    unobtainable: Option<Words>,
}

/// What [`Facts`] come to: personnel, discloser, nature, why no consent.
type Said = (Personal<String>, Option<Personal<String>>, Personal<String>, Personal<String>);

impl Facts {
    /// Something of it has to be typed.
    const fn are_typed(&self) -> bool {
        self.personnel.is_none() || self.nature.is_none() || self.unobtainable.is_none()
    }

    fn said(self) -> Result<Said> {
        Ok((
            needed(self.personnel, "Who of the medical personnel is told, by name", "--personnel")?,
            self.discloser.map(|name| Words::or_empty(Some(name))),
            needed(self.nature, "The nature of the emergency", "--nature")?,
            needed(self.unobtainable, "Why the person's written consent can not be obtained first", "--unobtainable")?,
        ))
    }
}

#[derive(Debug, clap::Args)]
pub struct Open {
    /// The person's name, as it stands on papers: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    name: Option<Words>,
    /// The date of birth, YYYY-MM-DD or M/D/YYYY: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    birth_date: Option<Words>,
    #[command(flatten)]
    facts: Facts,
    /// crisis, medication [default: both]
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    include: Vec<Information>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    staff: StaffArgs,
}

#[derive(Debug, clap::Args)]
pub struct Record {
    /// Id, or the beginning of it
    #[arg(long, value_name = "PERSON", value_parser = words::person)]
    person: String,
    /// The facility: a member, a partner off the network, or another name
    #[arg(long, value_name = "NAME")]
    facility: String,
    /// What kind of place it is, where it is not on record
    #[arg(long, value_name = "KIND", value_parser = super::init::kinds())]
    kind: Option<String>,
    /// Its telephone
    #[arg(long, value_name = "NUMBER", default_value = "")]
    telephone: String,
    #[command(flatten)]
    facts: Facts,
    /// What was told: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    told: Option<Words>,
    /// Which kinds that was, and no others: identity, medication, clinical, crisis
    #[arg(long, value_name = "KINDS", value_delimiter = ',', required = true)]
    include: Vec<Information>,
    /// When it was told [default: now]
    #[arg(long, value_name = "TIME", value_parser = system::begin)]
    when: Option<Time>,
    /// It was told twice: the same stands on record of that day already
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    staff: StaffArgs,
}

fn text(words: Option<Words>) -> Option<Personal<String>> {
    words.map(|words| Words::or_empty(Some(words)))
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Place(place) => {
            let ask = EmergencyPlace {
                person: Personal::new(place.person),
                at: place.at,
                consent: place.consent,
                include: place.include,
                crisis: text(place.texts.crisis),
                medication: text(place.texts.medication),
            };
            context.care::<EmergencyView>(&place.staff, Care::EmergencyPlace(ask))
        }
        Command::Update(update) => {
            let ask = EmergencyUpdate {
                person: Personal::new(update.person),
                crisis: text(update.texts.crisis),
                medication: text(update.texts.medication),
            };
            context.care::<EmergencyView>(&update.staff, Care::EmergencyUpdate(ask))
        }
        Command::Withdraw { person, at, staff } => {
            context.care::<EmergencyView>(&staff, Care::EmergencyWithdraw { person: Personal::new(person), at })
        }
        Command::Open(open) => opened(context, open),
        Command::List { person, staff } => {
            context.care::<EmergencyView>(&staff, Care::EmergencyList { person: person.map(Personal::new) })
        }
        Command::Review { opening, note, staff } => {
            context.care::<EmergencyView>(&staff, Care::EmergencyReview { opening, note: Words::or_empty(note) })
        }
        Command::Whose { opening, person, staff } => {
            let person = person.map(Personal::new);
            context.care::<EmergencyView>(&staff, Care::EmergencyWhose { opening, person })
        }
        Command::Record(record) => recorded(context, record),
    }
}

/// What may not stay empty.
fn needed(words: Option<Words>, prompt: &str, option: &str) -> Result<Personal<String>> {
    Words::or_ask_right(words, prompt, option, |text| {
        text.trim().is_empty().then(|| format!("{prompt}: this may not stay empty (42 CFR 2.51)"))
    })
}

fn opened(context: &Context, open: Open) -> Result<()> {
    // Whether something lies here for the person is told to nobody who does not open it.
    let typed = open.facts.are_typed() || open.name.is_none() || open.birth_date.is_none();
    let login = context.checked(&open.staff, typed)?;
    let (personnel, discloser, nature, unobtainable) = open.facts.said()?;
    let name = needed(open.name, "The person's name", "--name")?;
    let prompt = "The date of birth, YYYY-MM-DD or M/D/YYYY";
    let birth_date = Words::or_ask_right(open.birth_date, prompt, "--birth-date", |text| {
        let wrong = people::dated(text, system::now()).err().map(|failure| failure.message);
        wrong.or_else(|| text.trim().is_empty().then(|| "the date of birth is needed".to_owned()))
    })?;
    confirm::sure("Open it? Who placed it is told at once, with these facts and your name.", open.yes)?;
    let (include, phones) = (open.include, Vec::new());
    let ask = EmergencyOpen { name, birth_date, personnel, discloser, nature, unobtainable, include, phones };
    context.show(&context.care_as::<OpenedView>(&login, Care::EmergencyOpen(ask))?)
}

fn recorded(context: &Context, record: Record) -> Result<()> {
    let mut ask = EmergencyTold {
        person: Personal::new(record.person),
        facility: record.facility,
        kind: partner::kind(record.kind.as_deref()),
        telephone: record.telephone,
        personnel: stand_in(),
        discloser: None,
        nature: stand_in(),
        unobtainable: stand_in(),
        told: stand_in(),
        include: record.include,
        when: record.when,
        again: record.again,
    };
    let typed = record.facts.are_typed() || record.told.is_none();
    let login = context.before(&record.staff, typed, || Care::EmergencyTold(ask.clone()))?;
    (ask.personnel, ask.discloser, ask.nature, ask.unobtainable) = record.facts.said()?;
    ask.told = needed(record.told, "What was told", "--told")?;
    let view: DisclosuresView = context.care_or_again(&login, Care::EmergencyTold(ask))?;
    context.show(&view)
}
