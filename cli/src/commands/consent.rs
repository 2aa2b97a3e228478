//! `belay consent`: what a person permits, in writing (42 CFR 2.31).

use super::{Context, attachment, print};
use crate::args::StaffArgs;
use crate::confirm;
use crate::trouble::Result;
use crate::words::{self, Words};
use belay_node::api::care::{
    AttachTo, Care, ConsentDraft, ConsentSign, ConsentView, ConsentsView, ExpiryRequest, Printed, SignedFile,
};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write a consent between this organisation and one other; it permits nothing until it is signed
    Draft(Draft),
    /// Record that the person signed
    Sign(Sign),
    /// The form, with the ten elements and their clauses
    Show {
        consent: String,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// The form in plain words, English or Spanish, to read and to sign
    Print {
        consent: String,
        /// Only what is new since the version that was signed before
        #[arg(long, conflicts_with = "revocation")]
        amendment: bool,
        /// The form to take it back, which says what that does and can not undo
        #[arg(long)]
        revocation: bool,
        #[command(flatten)]
        how: print::How,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Record that the person revoked it; from then on nothing more is told
    Revoke {
        consent: String,
        /// Only for this organisation; the rest stands
        #[arg(long, value_name = "ORG")]
        party: Option<String>,
        /// It was said, not written
        #[arg(long)]
        spoken: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// All consents, or those of one person
    List {
        #[arg(long, value_name = "PERSON", value_parser = words::person)]
        person: Option<String>,
        #[command(flatten)]
        staff: StaffArgs,
    },
}

#[derive(Debug, clap::Args)]
pub struct Draft {
    /// Id, or the beginning of it
    #[arg(long, value_name = "PERSON", value_parser = words::person)]
    person: String,
    /// The other organisation
    #[arg(long, value_name = "ORG")]
    to: String,
    /// What we may tell it: referral, identity, medication, clinical, social, crisis
    #[arg(long, value_name = "KINDS", value_delimiter = ',', default_value = "referral,identity")]
    tell: Vec<Information>,
    /// What it may tell us; `none` for nothing [default: what is usual for our kind of partner]
    #[arg(long, value_name = "KINDS", value_parser = kinds)]
    back: Option<Kinds>,
    /// Why: treatment, payment, operations, tpo, request, or other words
    #[arg(long, value_name = "PURPOSE", default_value = "treatment")]
    purpose: String,
    #[command(flatten)]
    expiry: Expiry,
    #[command(flatten)]
    staff: StaffArgs,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Expiry {
    /// The day on which it ends
    #[arg(long, value_name = "DATE", value_parser = Time::parse)]
    expires: Option<Time>,
    /// The event at which it ends
    #[arg(long, value_name = "EVENT")]
    expires_when: Option<String>,
    /// It does not end by itself: enough only for treatment, payment and operations
    #[arg(long)]
    expires_never: bool,
}

#[derive(Debug, clap::Args)]
pub struct Sign {
    consent: String,
    /// The name that the signer types: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    typed: Option<Words>,
    /// A signature drawn on a screen: PNG, or SVG of lines; kept sealed with the consent
    #[arg(long, value_name = "FILE", conflicts_with = "typed")]
    drawn: Option<PathBuf>,
    /// A scan of the signed paper: PDF, PNG or JPEG; kept sealed with the consent
    #[arg(long, value_name = "FILE", conflicts_with_all = ["typed", "drawn"])]
    paper: Option<PathBuf>,
    /// Where the signed paper lies, if there is no scan of it: `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE", conflicts_with_all = ["typed", "drawn", "paper"])]
    paper_at: Option<Words>,
    /// Who signed for the person, by name: `@FILE`
    #[arg(long, value_name = "@FILE", requires = "capacity")]
    representative: Option<Words>,
    /// In which capacity (42 CFR 2.14, 2.15)
    #[arg(long, value_name = "TEXT", requires = "representative")]
    capacity: Option<String>,
    /// The date of the signature [default: now]
    #[arg(long, value_name = "DATE", value_parser = Time::parse)]
    date: Option<Time>,
    #[command(flatten)]
    staff: StaffArgs,
}

/// A list of kinds, or none.
#[derive(Debug, Clone)]
pub struct Kinds(Vec<Information>);

fn kinds(text: &str) -> std::result::Result<Kinds, String> {
    if text.trim() == "none" {
        return Ok(Kinds(Vec::new()));
    }
    text.split(',')
        .map(|word| word.parse().map_err(|e| format!("{e}, or none")))
        .collect::<std::result::Result<_, _>>()
        .map(Kinds)
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Draft(draft) => make(context, draft),
        Command::Sign(sign) => signed(context, sign),
        Command::Show { consent, staff } => context.care::<ConsentView>(&staff, Care::ConsentShow { consent }),
        Command::Print { consent, amendment, revocation, how, staff } => {
            let form = match (amendment, revocation) {
                (true, _) => Printed::Amendment { consent },
                (false, true) => Printed::Revocation { consent },
                (false, false) => Printed::Consent { consent },
            };
            print::form(context, &staff, form, how)
        }
        Command::Revoke { consent, party, spoken, yes, staff } => {
            confirm::sure("Revoke this consent? What was told before stays told; nothing more will be.", yes)?;
            context.care::<ConsentView>(&staff, Care::ConsentRevoke { consent, party, spoken })
        }
        Command::List { person, staff } => {
            context.care::<ConsentsView>(&staff, Care::ConsentList { person: person.map(Personal::new) })
        }
    }
}

fn make(context: &Context, draft: Draft) -> Result<()> {
    let Expiry { expires, expires_when, expires_never: _ } = draft.expiry;
    let expiry = match (expires, expires_when) {
        (Some(at), _) => ExpiryRequest::On(at),
        (None, Some(event)) => ExpiryRequest::Event(event),
        (None, None) => ExpiryRequest::Never,
    };
    let ask = ConsentDraft {
        person: Personal::new(draft.person),
        to: draft.to,
        tell: draft.tell,
        back: draft.back.map(|kinds| kinds.0),
        purpose: draft.purpose,
        expiry,
    };
    context.care::<ConsentView>(&draft.staff, Care::ConsentDraft(ask))
}

fn signed(context: &Context, sign: Sign) -> Result<()> {
    let login = context.login(&sign.staff)?;
    let file = match sign.drawn.as_ref().or(sign.paper.as_ref()) {
        Some(path) => {
            let to = AttachTo::Consent { consent: sign.consent.clone() };
            let bytes = attachment::read(path)?;
            let kept = attachment::upload(context, &login, &to, path, &bytes, Personal::default())?;
            Some(SignedFile { id: kept.id, drawn: sign.drawn.is_some() })
        }
        None => None,
    };
    let typed = match (&file, &sign.paper_at) {
        (Some(_), _) | (_, Some(_)) => Personal::default(),
        (None, None) => Words::or_ask(sign.typed, "The signer types the name as a signature", "--typed")?,
    };
    let ask = ConsentSign {
        consent: sign.consent,
        typed,
        paper: sign.paper_at.map(Words::into_text),
        file,
        representative: sign.representative.map(|name| Words::or_empty(Some(name))).zip(sign.capacity),
        date: sign.date,
    };
    context.show(&context.care_as::<ConsentView>(&login, Care::ConsentSign(ask))?)
}
