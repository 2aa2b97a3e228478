//! What a person asks to leave out (42 CFR 2.26): `belay consent restrict`, `belay person restrict`, and in a draft. What it ends is read before
//! it is agreed to.

use super::Context;
use super::before::stand_in;
use super::consent::HowHeard;
use crate::args::StaffArgs;
use crate::fields::fill;
use crate::output::Stands;
use crate::trouble::{Result, Trouble};
use crate::words::Words;
use crate::{confirm, output};
use belay_node::api::care::{Care, PersonLetIn, PersonRestrict, PersonView, RestrictPreview, RestrictionRequest};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;

/// What is asked, and what is answered.
#[derive(Debug, clap::Args)]
pub struct Restriction {
    /// What the person asks to leave out, in the person's words: `@FILE`, or `@-` for standard input [default: asked for]
    #[arg(long, value_name = "@FILE")]
    asked: Option<Words>,
    /// Who is not to be told [default: anybody]
    #[arg(long, value_name = "ORG")]
    to: Option<String>,
    /// What is not to be told [default: anything]
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    kinds: Vec<Information>,
    /// The person has paid in full: then a health plan is not told if the person asks for it (2.26(a)(6))
    #[arg(long)]
    paid_in_full: bool,
    /// Why this organisation does not agree: `@FILE`, or `@-` for standard input [default: it agrees, and tells no more]
    #[arg(long, value_name = "@FILE")]
    refuse: Option<Words>,
    /// Only say which open referrals, letters and copies for emergencies it touches, and what it can not undo
    #[arg(long, conflicts_with = "yes")]
    preview: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    staff: StaffArgs,
}

impl Restriction {
    /// Shows what it does, asks, and does it. `look` and `act`: the two requests, of what was asked.
    fn run<V: output::Show + serde::de::DeserializeOwned + serde::Serialize>(
        self,
        context: &Context,
        look: impl Fn(RestrictionRequest) -> Care,
        act: impl Fn(RestrictionRequest) -> Care,
    ) -> Result<()> {
        let mut ask = RestrictionRequest {
            asked: stand_in(),
            to: self.to,
            information: self.kinds,
            paid_in_full: self.paid_in_full,
            refused: self.refuse.map(Words::into_personal),
        };
        let asked = ("What the person asks to leave out", "--asked");
        let meant = |_| if self.preview { look(ask.clone()) } else { act(ask.clone()) };
        let (login, text) = context.text(&self.staff, self.asked, asked, meant)?;
        ask.asked = text;
        if self.preview {
            return context.show(&context.care_as::<RestrictPreview>(&login, look(ask))?);
        }
        if !self.yes {
            let what: RestrictPreview = context.care_as(&login, look(ask.clone()))?;
            output::talk(&what);
            let question = if what.refused { "Put the request and the answer on record?" } else { "Agree to it?" };
            confirm::sure(question, false)?;
        }
        context.show(&context.care_as::<V>(&login, act(ask))?)
    }
}

/// `belay consent restrict`.
#[derive(Debug, clap::Args)]
pub struct OfConsent {
    consent: String,
    #[command(flatten)]
    restriction: Restriction,
}

impl OfConsent {
    pub fn run(self, context: &Context) -> Result<()> {
        let consent = || self.consent.clone();
        self.restriction.run::<Stands>(
            context,
            |restriction| Care::ConsentRestrictPreview { consent: consent(), restriction },
            |restriction| Care::ConsentRestrict { consent: consent(), restriction },
        )
    }
}

/// `belay person restrict`.
#[derive(Debug, clap::Args)]
pub struct OfPerson {
    /// Id, or the beginning of it
    #[arg(value_parser = crate::words::person)]
    person: String,
    #[command(flatten)]
    restriction: Restriction,
}

impl OfPerson {
    pub fn run(self, context: &Context) -> Result<()> {
        let ask = |restriction| PersonRestrict { person: Personal::new(self.person.clone()), restriction };
        self.restriction.run::<PersonView>(
            context,
            |restriction| Care::PersonRestrictPreview(ask(restriction)),
            |restriction| Care::PersonRestrict(ask(restriction)),
        )
    }
}

/// `belay person let-in`.
#[derive(Debug, clap::Args)]
pub struct LetIn {
    /// Id, or the beginning of it
    #[arg(value_parser = crate::words::person)]
    person: String,
    /// What is let in again: its id in `belay person show`, or the beginning of it
    what: String,
    #[command(flatten)]
    heard: HowHeard,
    /// Only say what may be told again by it, and what does not come back
    #[arg(long, conflicts_with = "yes")]
    preview: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    staff: StaffArgs,
}

impl LetIn {
    pub fn run(self, context: &Context) -> Result<()> {
        let look = |spoken| {
            let person = Personal::new(self.person.clone());
            Care::PersonLetInPreview(PersonLetIn { person, what: self.what.clone(), spoken })
        };
        if self.preview {
            return context.care::<RestrictPreview>(&self.staff, look(false));
        }
        let login = context.login(&self.staff)?;
        if !self.yes {
            output::talk(
                &context.care_as::<PersonView>(&login, Care::PersonShow { person: self.person.as_str().into() })?,
            );
            output::talk(&context.care_as::<RestrictPreview>(&login, look(false))?);
            confirm::sure(&format!("{}: let it in?", self.what), false)?;
        }
        let spoken = self.heard.spoken()?;
        let ask = PersonLetIn { person: Personal::new(self.person), what: self.what, spoken };
        context.show(&context.care_as::<PersonView>(&login, Care::PersonLetIn(ask))?)?;
        output::say(
            "A consent that holds it lets it in by a signature: belay consent amend CONSENT --lift-only NUMBER. \
             What ended by it does not come back: belay referral send.",
        );
        Ok(())
    }
}

const FIELDS: [&str; 5] = ["asked", "to", "kinds", "paid in full", "refused"];

/// One of a draft, from a file with a field a line.
pub fn from_file(from: String) -> Result<RestrictionRequest> {
    let mut ask = RestrictionRequest::default();
    fill(Some(from), &FIELDS, "belay consent draft --leave-out FILE", |name, value| {
        match name {
            "asked" => ask.asked = value.into(),
            "to" => ask.to = Some(value.to_owned()).filter(|to| !to.is_empty()),
            "kinds" => {
                let words = value.split(',').map(str::trim).filter(|word| !word.is_empty());
                ask.information = words
                    .map(|word| word.parse::<Information>().map_err(|e| e.to_string()))
                    .collect::<std::result::Result<_, _>>()?;
            }
            "paid in full" => {
                ask.paid_in_full = match value.to_ascii_lowercase().as_str() {
                    "yes" => true,
                    "no" | "" => false,
                    _ => return Err("whether the person has paid in full is yes or no".to_owned()),
                }
            }
            "refused" => ask.refused = Some(Personal::from(value)).filter(|_| !value.is_empty()),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    if ask.asked.reveal().is_empty() {
        return Err(Trouble::failed("the file does not say what the person asks to leave out")
            .next("a line such as `asked: not where I live`"));
    }
    Ok(ask)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<RestrictionRequest> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("writes");
        from_file(file.path().display().to_string())
    }

    #[test]
    fn a_draft_carries_what_the_file_says_to_leave_out_and_a_wrong_line_is_named() {
        let ask = read("asked: not my medicines\nto: Ridge Clinic\nkinds: medication, clinical\npaid in full: yes\n")
            .expect("reads");
        assert_eq!(ask.asked.reveal(), "not my medicines");
        assert_eq!((ask.to.as_deref(), ask.paid_in_full), (Some("Ridge Clinic"), true));
        assert_eq!(ask.information, [Information::Medication, Information::Clinical]);
        assert!(ask.refused.is_none(), "it is agreed to");
        for (text, says) in [
            ("asked: this\nkinds: pills", "line 2"),
            ("asked: this\npaid in full: perhaps", "yes or no"),
            ("to: Ridge Clinic", "does not say what"),
            ("whatever: this", "not a field"),
        ] {
            let why = format!("{:?}", read(text).expect_err(text));
            assert!(why.contains(says), "{why}");
        }
    }
}
