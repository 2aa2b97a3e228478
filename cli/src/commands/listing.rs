//! `belay listing`: one listing, and this organisation's own.

use super::Context;
use crate::trouble::Result;
use belay_node::api::Request;
use belay_node::api::views::ListingView;
use std::collections::BTreeMap;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// One listing with all its fields
    Show {
        /// `<organisation id>/<listing id>`, from a search
        listing: String,
    },
    /// Add a listing of this organisation
    Add {
        /// What it is
        #[arg(long, value_name = "KIND", default_value = "service", value_parser = ["organization", "service", "location", "program"])]
        kind: String,
        /// A field and its value, such as name="Rides to treatment"
        #[arg(required = true, value_name = "FIELD=VALUE", value_parser = field)]
        fields: Vec<(String, String)>,
    },
    /// Change fields of a listing of this organisation; an empty value takes the field away
    Edit {
        listing: String,
        #[arg(required = true, value_name = "FIELD=VALUE", value_parser = field)]
        fields: Vec<(String, String)>,
    },
    /// Publish how many openings a service of this organisation has today
    Openings {
        listing: String,
        openings: u32,
        /// What else callers should know
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    context.ask::<ListingView>(&match command {
        Command::Show { listing } => Request::ListingShow { listing },
        Command::Add { kind, fields } => Request::ListingAdd { kind, fields: map(fields) },
        Command::Edit { listing, fields } => Request::ListingEdit { listing, fields: map(fields) },
        Command::Openings { listing, openings, note } => Request::ListingOpenings { listing, openings, note },
    })
}

fn map(fields: Vec<(String, String)>) -> BTreeMap<String, String> {
    fields.into_iter().collect()
}

fn field(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, value)) if !field.trim().is_empty() => Ok((field.trim().to_owned(), value.to_owned())),
        _ => Err("expected FIELD=VALUE, such as name=\"Rides to treatment\"".into()),
    }
}
