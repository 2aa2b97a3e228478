//! `belay person`: the persons in this organisation's own records. None of it leaves without a consent.

use super::{Context, left_out, plans, print};
use crate::args::StaffArgs;
use crate::fields::fill;
use crate::trouble::{Result, Trouble};
use crate::words::{self, Words};
use crate::{confirm, output};
use belay_node::api::StaffLogin;
use belay_node::api::care::{
    Care, MatchesView, MergeAsk, MergePreview, PersonAdd, PersonApart, PersonEdit, PersonFields, PersonPlans,
    PersonView, PersonsAsk, PersonsView, PlanPreview, PlanWrite, PlanWritten, Printed,
};
use belay_node::system;
use belay_node::usecases::{identity, people};
use belay_protocol::sensitive::Personal;
use std::collections::BTreeSet;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add a person to the records
    Add {
        /// File with a field a line, such as `name: Ada Wick`, or `-` for standard input [default: asked for]
        ///
        /// Fields: name, other name, birth date, phone, address, contact, language, note. Other name and phone may come more
        /// than once.
        #[arg(long, value_name = "F")]
        from: Option<String>,
        /// You have looked: it is somebody else than who looks alike
        #[arg(long)]
        another: bool,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Correct what is on record; what stood there before stays in the history, and the person is still found by it
    ///
    /// Consents that were signed keep the name that was signed. Former names are told to nobody: a name that others are to know is an
    /// other name.
    Edit {
        /// Id, or the beginning of it
        #[arg(value_parser = words::person)]
        person: String,
        /// File with a line for each field that is to change, such as `birth date: 1988-02-03`, or `-` for standard input
        ///
        /// Fields as for `person add`, and `died`: a day, a year, or `yes`. Nobody is telephoned about a person who has died, and
        /// staff are asked to end what is open. A field that is not named stays; one with nothing behind it is emptied. Other names and
        /// telephones are replaced by all lines of that name.
        #[arg(long, value_name = "F")]
        from: String,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Join two records of one human being, or take them apart again
    ///
    /// Consents, referrals, disclosures, restrictions and holds of both stand under one from then on; nothing that was signed is
    /// rewritten. What the person asked to leave out or took back under one binds the other, and goes on doing so if the records are
    /// taken apart.
    Merge {
        /// Under which the person is shown
        #[arg(value_parser = words::person)]
        person: String,
        /// The other record of the same person
        #[arg(value_parser = words::person)]
        other: String,
        /// Take the two apart: they are not one human being after all
        #[arg(long)]
        undo: bool,
        /// How you know: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        why: Option<Words>,
        /// Only show both side by side, and what joining them does
        #[arg(long, conflicts_with_all = ["yes", "undo"])]
        preview: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// One person
    Show {
        /// Id, or the beginning of it
        #[arg(value_parser = words::person)]
        person: String,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Write the crisis and recurrence plan with the person, before there is a referral or beside it; the newest holds
    ///
    /// It stays here. `referral send --include crisis` sends it along, `emergency place` places it; copies that are placed already follow.
    Crisis {
        /// Id, or the beginning of it
        #[arg(value_parser = words::person)]
        person: String,
        #[command(flatten)]
        plan: plans::CrisisForm,
        /// Do not ask, where something else stands there now
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Write down what the person takes at present, before there is a referral or beside it; the newest holds
    ///
    /// It stays here, as the plan does.
    Medication {
        /// Id, or the beginning of it
        #[arg(value_parser = words::person)]
        person: String,
        #[command(flatten)]
        list: plans::MedicationForm,
        /// Do not ask, where something else stands there now
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Say that a crisis plan or a list of medication that was written here was a mistake
    ///
    /// It counts no more, goes out of the copies for emergencies, and stays in the history. Where a referral told it, `referral renew`
    /// tells the right one.
    Mistake {
        /// Id, or the beginning of it
        #[arg(value_parser = words::person)]
        person: String,
        /// The beginning of its number, as `person show` names it
        entry: String,
        /// What was wrong about it: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        why: Option<Words>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// The card for the wallet: provider, contact, present medicine and dose
    Card {
        /// Id, or the beginning of it
        #[arg(value_parser = words::person)]
        person: String,
        /// Also `visit`, the next one: whoever finds the card reads when and at which clinic, so only where the person wants it
        #[arg(long, value_name = "PART", value_parser = ["visit"])]
        with: Option<String>,
        #[command(flatten)]
        how: print::How,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// The plan for hard times: warning signs, what helps, whom to call
    Plan {
        /// Id, or the beginning of it
        #[arg(value_parser = words::person)]
        person: String,
        #[command(flatten)]
        how: print::How,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Record what the person asks not to be told, whatever it is told by, and whether that is agreed to (42 CFR 2.26)
    ///
    /// It holds under every consent, and where none is asked for: in one program, and with who serves it (2.12(c)(3), (4)); in answers to a
    /// referral that came here, once it is linked to the person; and in what is passed on (2.33). In a medical emergency it may be told all
    /// the same (2.26(a)(3)).
    Restrict(left_out::OfPerson),
    /// Record that the person lets in again what `person restrict` left out (42 CFR 2.26(b))
    LetIn(left_out::LetIn),
    /// What the person asked to leave out, with the answers, in plain words, English or Spanish
    LeftOut {
        /// Id, or the beginning of it
        #[arg(value_parser = words::person)]
        person: String,
        #[command(flatten)]
        how: print::How,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Everybody in the records
    List {
        #[command(flatten)]
        staff: StaffArgs,
    },
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Add { from, another, staff } => {
            // What is wrong in a file is said first; who types the fields, and may not, has typed nothing in vain.
            let written = from.map(|from| fields(Some(from))).transpose()?;
            let login = context.checked(&staff, written.is_none())?;
            let fields = written.map_or_else(|| fields(None), Ok)?;
            if !another {
                let like: MatchesView = context.care_as(&login, Care::PersonLike(fields.clone()))?;
                alike(&like)?;
            }
            context.show(&context.care_as::<PersonView>(&login, Care::PersonAdd(PersonAdd { fields, another }))?)
        }
        Command::Edit { person, from, staff } => {
            context.care::<PersonView>(&staff, Care::PersonEdit(Box::new(edit(person, from)?)))
        }
        Command::Merge { person, other, undo: true, why, yes, staff, .. } => {
            confirm::sure("What was joined is taken apart.", yes)?;
            let (person, other) = (Personal::new(person), Personal::new(other));
            let ask = |why| Care::PersonApart(PersonApart { person: person.clone(), other: other.clone(), why });
            context.worded::<PersonView>(&staff, why, ("How you know", "--why"), ask)
        }
        Command::Merge { person, other, why, preview, yes, staff, .. } => {
            let mut ask =
                MergeAsk { person: Personal::new(person), other: Personal::new(other), why: Personal::default() };
            if preview {
                return context.care::<MergePreview>(&staff, Care::PersonMergePreview(ask));
            }
            let login = context.login(&staff)?;
            if !yes {
                output::talk(&context.care_as::<MergePreview>(&login, Care::PersonMergePreview(ask.clone()))?);
            }
            confirm::sure("Join the two?", yes)?;
            ask.why = Words::or_ask(why, "How you know", "--why")?;
            context.show(&context.care_as::<PersonView>(&login, Care::PersonMerge(ask))?)
        }
        Command::Show { person, staff } => {
            context.care::<PersonView>(&staff, Care::PersonShow { person: Personal::new(person) })
        }
        Command::Crisis { person, plan, yes, staff } => {
            let to_come = || written(&person, PlanWritten::Crisis(plans::crisis_to_come()));
            let login = context.before(&staff, plan.is_typed(), || Care::PersonPlan(to_come()))?;
            let what = PlanWritten::Crisis(plan.read("belay person crisis PERSON")?);
            write(context, &login, written(&person, what), yes)
        }
        Command::Medication { person, list, yes, staff } => {
            let to_come = || written(&person, PlanWritten::Medication(plans::medication_to_come()));
            let login = context.before(&staff, list.is_typed(), || Care::PersonPlan(to_come()))?;
            let what = PlanWritten::Medication(list.read("belay person medication PERSON")?);
            write(context, &login, written(&person, what), yes)
        }
        Command::Mistake { person, entry, why, staff } => {
            let ask = |why| {
                let what = PlanWritten::Mistake { entry: entry.clone(), why };
                Care::PersonPlan(written(&person, what))
            };
            context.worded::<PersonPlans>(&staff, why, ("What was wrong about it", "--why"), ask)
        }
        Command::Card { person, with, how, staff } => {
            let card = Printed::Card { person: Personal::new(person), visit: with.is_some() };
            print::form(context, &staff, card, how)
        }
        Command::Plan { person, how, staff } => {
            print::form(context, &staff, Printed::Plan { person: Personal::new(person) }, how)
        }
        Command::Restrict(restrict) => restrict.run(context),
        Command::LetIn(let_in) => let_in.run(context),
        Command::LeftOut { person, how, staff } => {
            print::form(context, &staff, Printed::LeftOut { person: Personal::new(person) }, how)
        }
        Command::List { staff } => context.care::<PersonsView>(&staff, Care::PersonList(PersonsAsk::default())),
    }
}

fn written(person: &str, what: PlanWritten) -> Box<PlanWrite> {
    Box::new(PlanWrite { person: person.into(), what })
}

/// Writes it. Whoever sits at the terminal first reads what stands there and would not stand any more.
fn write(context: &Context, login: &StaffLogin, ask: Box<PlanWrite>, yes: bool) -> Result<()> {
    if confirm::attended() && !yes {
        let instead: PlanPreview = context.care_as(login, Care::PersonPlanPreview(ask.clone()))?;
        if !instead.changes.is_empty() {
            output::talk(&instead);
            confirm::sure("Write it so? What stands there now is kept in the history.", false)?;
        }
    }
    context.show(&context.care_as::<PersonPlans>(login, Care::PersonPlan(ask))?)
}

/// Who looks like somebody that is to be added, by number: errors name nobody.
fn alike(like: &MatchesView) -> Result<()> {
    let Some(first) = like.matches.first() else { return Ok(()) };
    let all: Vec<String> =
        like.matches.iter().map(|one| format!("{} ({})", one.person.short(), one.reasons.join(", "))).collect();
    Err(Trouble::failed(format!("this may be somebody who is on record already: {}", all.join("; "))).next(format!(
        "belay person show {}; if it is somebody else, the command again with --another",
        first.person.short()
    )))
}

/// The fields, in the order in which they are asked for; the last word tells how to reach the person and how not to.
const FIELDS: [&str; 8] = ["name", "other name", "birth date", "phone", "address", "contact", "language", "note"];

/// Those, and what only a correction says.
const CORRECTED: [&str; 9] =
    ["name", "other name", "birth date", "phone", "address", "contact", "language", "note", "died"];

fn fields(from: Option<String>) -> Result<PersonFields> {
    let mut fields = PersonFields::default();
    let typed = from.is_none();
    fill(from, &FIELDS, "belay person add --from FILE", |name, value| {
        let known = set(&mut fields, name, value)?;
        if typed && name == "note" && fields == PersonFields::default() {
            return Err("a person who gives no name needs something by which to be found again".to_owned());
        }
        Ok(known)
    })?;
    Ok(fields)
}

/// Sets one field; false if there is none of that name.
///
/// # Errors
/// What is wrong with the value.
fn set(fields: &mut PersonFields, name: &str, value: &str) -> std::result::Result<bool, String> {
    let text = Personal::from(value);
    match name {
        "name" => {
            if !value.is_empty() {
                identity::proper_name("the person's name", value).map_err(|failure| failure.message)?;
            }
            fields.name = text;
        }
        "other name" if !value.is_empty() => fields.other_names.push(text),
        "birth date" => {
            people::dated(value, system::now()).map_err(|failure| failure.message)?;
            fields.birth_date = text;
        }
        "phone" if !value.is_empty() => fields.phones.push(text),
        "address" => fields.address = text,
        "contact" => fields.contact = text,
        "language" => fields.language = text,
        "note" => fields.note = text,
        "died" => fields.died = text,
        "other name" | "phone" => {}
        _ => return Ok(false),
    }
    Ok(true)
}

/// What is corrected: the fields that were named.
fn edit(person: String, from: String) -> Result<PersonEdit> {
    let (mut fields, mut named) = (PersonFields::default(), BTreeSet::new());
    fill(Some(from), &CORRECTED, "belay person edit PERSON --from FILE", |name, value| {
        named.insert(name.to_owned());
        set(&mut fields, name, value)
    })?;
    let has = |name: &str| named.contains(name);
    Ok(PersonEdit {
        person: Personal::new(person),
        name: has("name").then_some(fields.name),
        other_names: has("other name").then_some(fields.other_names),
        birth_date: has("birth date").then_some(fields.birth_date),
        phones: has("phone").then_some(fields.phones),
        address: has("address").then_some(fields.address),
        contact: has("contact").then_some(fields.contact),
        language: has("language").then_some(fields.language),
        note: has("note").then_some(fields.note),
        died: has("died").then_some(fields.died),
        shown: None,
    })
}
