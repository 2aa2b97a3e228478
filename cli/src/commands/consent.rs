//! `belay consent`: what a person permits, in writing (42 CFR 2.31).

mod calls;
mod draft;
mod end;

pub(super) use end::HowHeard;

use super::before::stand_in;
use super::{Context, attachment, left_out, print};
use crate::args::StaffArgs;
use crate::confirm;
use crate::output::Stands;
use crate::trouble::Result;
use crate::words::{self, Words};
use belay_node::api::care::{AttachTo, BesideSign, Care, ConsentSign, ConsentView, ConsentsView, Printed, SignedFile};
use belay_node::forms::Lang;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write a consent between this organisation and others; it permits nothing until it is signed (42 CFR 2.31(a))
    Draft(Box<draft::Draft>),
    /// Record that the person signed, or who may sign for the person (42 CFR 2.14, 2.15)
    Sign(Sign),
    /// The form as it is in force, with the ten elements and their clauses; of a later version what is new in it
    Show {
        consent: String,
        /// The whole form, also of a later version
        #[arg(long)]
        whole: bool,
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
    /// Write the next version: what is new is signed once, what stands is not signed again
    Amend(Box<draft::Amend>),
    /// Put away a draft, or a change, that nobody is to sign any more; what was signed stands as it did
    Discard {
        consent: String,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Record what the person asks to leave out, and whether that is agreed to (42 CFR 2.26)
    Restrict(left_out::OfConsent),
    /// Record that the person revoked it, heard at any organisation that has it; from then on nothing more is told (42 CFR 2.31(a)(6))
    Revoke(end::Revoke),
    /// Record that the person takes back what was said too early to end it, before it takes effect (42 CFR 2.35(c))
    Unsay(end::Unsay),
    /// Record that the person revoked here a consent that another organisation keeps, where no referral came under it; says what to telephone
    Heard(end::Heard),
    /// Who has still to be told by telephone that a person took a consent back, or that it covers less: who keeps one, and partners off the network or that have left the coalition; with what to say
    Calls(calls::Calls),
    /// Record that they were told; what was said is on the record of disclosures (42 CFR 2.25)
    Told(calls::Told),
    /// Which person of ours a call is about that knows a name alone: what was told by it stands in that person's accounting (42 CFR 2.25)
    Whose(calls::Whose),
    /// A call was written down as made by mistake: it is to be made again
    Reopen(calls::Reopen),
    /// Record that the event came about at which it ends, or from which on it can be revoked (42 CFR 2.31(a)(7), 2.35(c)); or strike one
    Event(end::Event),
    /// It may be false: nothing is told under it until the privacy officer has judged it, or lets it stand again (42 CFR 2.31(c)(4))
    Suspend(end::Suspend),
    /// Record that it is known to be false; nothing rests on it any more (42 CFR 2.31(c)(4))
    Void(end::Void),
    /// Privacy officer: what follows from what somebody was told under a consent that is false; a word for each (42 CFR 2.16(b); 45 CFR 164.402)
    Judge(end::Judge),
    /// What a recipient may pass on of what a referral told it: by default nothing (42 CFR 2.33)
    Onward(end::Onward),
    /// All consents, or those of one person
    List {
        #[arg(long, value_name = "PERSON", value_parser = words::person)]
        person: Option<String>,
        #[command(flatten)]
        staff: StaffArgs,
    },
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
    /// Who signed for the person, by name: `@FILE` (42 CFR 2.15)
    #[arg(long, value_name = "@FILE", requires = "capacity", conflicts_with = "beside")]
    representative: Option<Words>,
    /// The parent or guardian who signed beside a minor, by name: `@FILE` (42 CFR 2.14(b))
    #[arg(long, value_name = "@FILE", requires = "capacity")]
    beside: Option<Words>,
    /// The name as the parent or guardian typed it, where both sign on a screen and not on paper: `@FILE` [default: asked for]
    #[arg(long, value_name = "@FILE", requires = "beside", conflicts_with_all = ["paper", "paper_at"])]
    beside_typed: Option<Words>,
    /// What the parent or guardian drew on a screen: PNG, or SVG of lines; kept sealed with the consent
    #[arg(long, value_name = "FILE", requires = "beside", conflicts_with_all = ["beside_typed", "paper", "paper_at"])]
    beside_drawn: Option<PathBuf>,
    /// Each who typed a name was shown what it attests to, and means it [default: asked for]
    #[arg(long)]
    attested: bool,
    /// The number on the form that was read: another is not signed
    #[arg(long, value_name = "NUMBER")]
    version: Option<u32>,
    /// In which capacity they signed, such as guardian or mother: `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE")]
    capacity: Option<Words>,
    /// The name is that of who signed, though what was typed is unlike the name on the form, or two who sign are called the same
    #[arg(long)]
    named_so: bool,
    /// Where who signs does not go with the age on record: what makes it so under the law of the state (42 CFR 2.14): `@FILE`
    #[arg(long, value_name = "@FILE")]
    age_why: Option<Words>,
    /// The date of the signature [default: now]
    #[arg(long, value_name = "DATE", value_parser = belay_node::system::dated)]
    date: Option<Time>,
    /// Language of the form that was signed, in which a typed name is attested: en or es [default: that of the person's record, else en]
    #[arg(long, value_name = "LANG")]
    lang: Option<Lang>,
    #[command(flatten)]
    staff: StaffArgs,
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Draft(draft) => draft.run(context),
        Command::Sign(sign) => signed(context, sign),
        Command::Show { consent, whole, staff } => {
            context.care::<ConsentView>(&staff, Care::ConsentShow { consent, whole })
        }
        Command::Print { consent, amendment, revocation, how, staff } => {
            let form = match (amendment, revocation) {
                (true, _) => Printed::Amendment { consent },
                (false, true) => Printed::Revocation { consent },
                (false, false) => Printed::Consent { consent },
            };
            print::form(context, &staff, form, how)
        }
        Command::Amend(amend) => amend.run(context),
        Command::Discard { consent, staff } => context.care::<Stands>(&staff, Care::ConsentDiscard { consent }),
        Command::Restrict(restrict) => restrict.run(context),
        Command::Revoke(revoke) => revoke.run(context),
        Command::Unsay(unsay) => unsay.run(context),
        Command::Heard(heard) => heard.run(context),
        Command::Calls(calls) => calls.run(context),
        Command::Told(told) => told.run(context),
        Command::Whose(whose) => whose.run(context),
        Command::Reopen(reopen) => reopen.run(context),
        Command::Event(event) => event.run(context),
        Command::Suspend(suspend) => suspend.run(context),
        Command::Void(void) => void.run(context),
        Command::Judge(judge) => judge.run(context),
        Command::Onward(onward) => onward.run(context),
        Command::List { person, staff } => {
            context.care::<ConsentsView>(&staff, Care::ConsentList { person: person.map(Personal::new) })
        }
    }
}

/// As it would be signed on paper, before anybody types a name: whether it can be signed at all, and by whom.
fn on_paper(sign: &Sign) -> Care {
    let capacity = sign.capacity.clone().map(Words::into_personal).unwrap_or_default();
    let named = |name: Words| (name.into_personal(), capacity.clone());
    Care::ConsentSign(ConsentSign {
        named_so: sign.named_so,
        age_why: Words::or_empty(sign.age_why.clone()),
        consent: sign.consent.clone(),
        typed: Personal::default(),
        paper: Some(stand_in()),
        file: None,
        representative: sign.representative.clone().map(named),
        beside: sign.beside.clone().map(named).map(|(name, capacity)| BesideSign {
            name,
            capacity,
            typed: Personal::default(),
            attested: false,
            drawn: None,
        }),
        attested: false,
        version: sign.version,
        terms: None,
        date: sign.date,
        lang: sign.lang,
    })
}

fn signed(context: &Context, sign: Sign) -> Result<()> {
    let elsewhere = sign.drawn.is_some() || sign.paper.is_some() || sign.paper_at.is_some();
    let beside = sign.beside.is_some() && sign.beside_typed.is_none() && sign.beside_drawn.is_none();
    let types = (!elsewhere && sign.typed.is_none()) || (beside && sign.paper.is_none() && sign.paper_at.is_none());
    let login = context.before(&sign.staff, types, || on_paper(&sign))?;
    let keep = |path: &PathBuf| {
        let to = AttachTo::Consent { consent: sign.consent.clone() };
        let bytes = attachment::read(path)?;
        attachment::upload(context, &login, &to, path, &bytes, Personal::default()).map(|kept| kept.id)
    };
    let file = sign.drawn.as_ref().or(sign.paper.as_ref()).map(keep).transpose()?;
    let file = file.map(|id| SignedFile { id, drawn: sign.drawn.is_some() });
    let beside_drawn = sign.beside_drawn.as_ref().map(keep).transpose()?;
    let typed = match (&file, &sign.paper_at) {
        (Some(_), _) | (_, Some(_)) => Personal::default(),
        (None, None) => Words::or_ask(sign.typed, "The signer types the name as a signature", "--typed")?,
    };
    let on_paper = sign.paper.is_some() || sign.paper_at.is_some();
    let beside_typed = match (&sign.beside, on_paper || beside_drawn.is_some()) {
        (Some(_), false) => {
            Words::or_ask(sign.beside_typed, "The parent or guardian types the name", "--beside-typed")?
        }
        _ => Personal::default(),
    };
    let names = [&typed, &beside_typed].iter().any(|name| !name.reveal().is_empty());
    let (mut attested, mut lang) = (sign.attested, sign.lang);
    if names && !attested && confirm::attended() {
        // What is shown is what goes on record.
        let shown = match lang {
            Some(lang) => lang,
            None => {
                let ask = Care::ConsentShow { consent: sign.consent.clone(), whole: false };
                context.care_as::<ConsentView>(&login, ask)?.lang
            }
        };
        let sentence = shown.words().consent_attestation;
        confirm::sure(&format!("Who typed a name was shown this, and means it: \"{sentence}\"?"), false)?;
        (attested, lang) = (true, Some(shown));
    }
    let capacity = sign.capacity.map(Words::into_personal).unwrap_or_default();
    let named = |name: Option<Words>| name.map(|name| (Words::or_empty(Some(name)), capacity.clone()));
    let ask = ConsentSign {
        named_so: sign.named_so,
        age_why: Words::or_empty(sign.age_why),
        consent: sign.consent,
        typed,
        paper: sign.paper_at.map(Words::into_personal),
        file,
        representative: named(sign.representative),
        beside: sign.beside.map(|name| BesideSign {
            name: name.into_personal(),
            capacity: capacity.clone(),
            typed: beside_typed,
            attested,
            drawn: beside_drawn,
        }),
        attested,
        version: sign.version,
        terms: None,
        date: sign.date,
        lang,
    };
    context.show(&context.care_as::<Stands>(&login, Care::ConsentSign(ask))?)
}
