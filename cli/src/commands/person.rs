//! `belay person`: the persons in this organisation's own records. None of it leaves without a consent.

use super::{Context, print};
use crate::args::StaffArgs;
use crate::fields::fill;
use crate::trouble::Result;
use crate::words;
use belay_node::api::care::{Care, PersonFields, PersonView, PersonsAsk, PersonsView, Printed};
use belay_protocol::sensitive::Personal;

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
    /// The card for the wallet: provider, contact, present medicine and dose
    Card {
        /// Id, or the beginning of it
        #[arg(value_parser = words::person)]
        person: String,
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
    /// Everybody in the records
    List {
        #[command(flatten)]
        staff: StaffArgs,
    },
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Add { from, staff } => context.care::<PersonView>(&staff, Care::PersonAdd(fields(from)?)),
        Command::Show { person, staff } => {
            context.care::<PersonView>(&staff, Care::PersonShow { person: Personal::new(person) })
        }
        Command::Card { person, how, staff } => {
            print::form(context, &staff, Printed::Card { person: Personal::new(person) }, how)
        }
        Command::Plan { person, how, staff } => {
            print::form(context, &staff, Printed::Plan { person: Personal::new(person) }, how)
        }
        Command::List { staff } => context.care::<PersonsView>(&staff, Care::PersonList(PersonsAsk::default())),
    }
}

/// The fields, in the order in which they are asked for; the last word tells how to reach the person and how not to.
const FIELDS: [&str; 8] = ["name", "other name", "birth date", "phone", "address", "contact", "language", "note"];

fn fields(from: Option<String>) -> Result<PersonFields> {
    let mut fields = PersonFields::default();
    fill(from, &FIELDS, "belay person add --from FILE", |name, value| set(&mut fields, name, value))?;
    Ok(fields)
}

/// Sets one field; false if there is none of that name.
fn set(fields: &mut PersonFields, name: &str, value: &str) -> bool {
    let text = Personal::from(value);
    match name {
        "name" => fields.name = text,
        "other name" if !value.is_empty() => fields.other_names.push(text),
        "birth date" => fields.birth_date = text,
        "phone" if !value.is_empty() => fields.phones.push(text),
        "address" => fields.address = text,
        "contact" => fields.contact = text,
        "language" => fields.language = text,
        "note" => fields.note = text,
        "other name" | "phone" => {}
        _ => return false,
    }
    true
}
