//! `belay person`: the persons in this organisation's own records. None of it leaves without a consent.

use super::Context;
use crate::args::StaffArgs;
use crate::trouble::Result;
use belay_node::api::care::{Care, PersonFields, PersonView, PersonsView};
use belay_protocol::sensitive::Personal;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add a person to the records
    Add {
        /// Full name, as the person says it
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Another name the person goes by
        #[arg(long, value_name = "NAME")]
        other_name: Vec<String>,
        /// YYYY-MM-DD, or YYYY
        #[arg(long, value_name = "DATE", default_value = "")]
        birth_date: String,
        #[arg(long, value_name = "NUMBER")]
        phone: Vec<String>,
        /// Street, or where the person can be found
        #[arg(long, value_name = "TEXT", default_value = "")]
        address: String,
        /// How to reach the person safely, and how not to
        #[arg(long, value_name = "TEXT", default_value = "")]
        contact: String,
        /// Languages, interpreter
        #[arg(long, value_name = "TEXT", default_value = "")]
        language: String,
        /// A note that stays here
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// One person
    Show {
        /// Id, the beginning of it, or a name that fits only one
        person: String,
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
        Command::Add { name, other_name, birth_date, phone, address, contact, language, note, staff } => {
            let fields = PersonFields {
                name: Personal::new(name),
                other_names: other_name.into_iter().map(Personal::new).collect(),
                birth_date: Personal::new(birth_date),
                phones: phone.into_iter().map(Personal::new).collect(),
                address: Personal::new(address),
                contact: Personal::new(contact),
                language: Personal::new(language),
                note: Personal::new(note),
            };
            context.care::<PersonView>(&staff, Care::PersonAdd(fields))
        }
        Command::Show { person, staff } => {
            context.care::<PersonView>(&staff, Care::PersonShow { person: Personal::new(person) })
        }
        Command::List { staff } => context.care::<PersonsView>(&staff, Care::PersonList),
    }
}
