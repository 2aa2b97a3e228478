//! `belay consent draft`, `amend`: who may tell whom.

use crate::args::StaffArgs;
use crate::commands::{Context, left_out};
use crate::output;
use crate::trouble::{Result, Trouble};
use crate::words::{self, DayOr, Words};
use belay_node::api::care::{
    Acquaintance, Care, ConsentAmend, ConsentDraft, ConsentView, ExpiryRequest, MomentRequest, Share,
    SupervisionRequest, Way,
};
use belay_node::system;
use belay_protocol::consent::{Class, Signer};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

#[derive(Debug, clap::Args)]
pub struct Draft {
    /// Id, or the beginning of it
    #[arg(long, value_name = "PERSON", value_parser = words::person)]
    person: String,
    #[command(flatten)]
    ways: Ways,
    /// Another organisation that it names, once for each (42 CFR 2.31(a)(4))
    #[arg(long, value_name = "ORG")]
    to: Vec<String>,
    /// Which rules it is under: general, tpo, counselling (2.31(b)), proceedings (2.31(d)), criminal_justice (2.35) [default: what the purpose takes alone, such as tpo, else general]
    #[arg(long, value_name = "CLASS")]
    class: Option<Class>,
    /// Who signs: person, minor, minor_and_parent (2.14), guardian, director, representative, family (2.15)
    #[arg(long, value_name = "SIGNER", default_value = "person")]
    signer: Signer,
    /// Where that does not go with the age on record: what makes it so under the law of the state (2.14): `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE")]
    age_why: Option<Words>,
    /// Of proceedings: the one case or hearing that it is for (2.31(d)). Of criminal_justice, with --revocable and --disposition: the release or proceeding of which treatment is a condition. `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE")]
    matter: Option<Words>,
    /// Of criminal_justice alone: the day, or else the event in words, from which on it can be revoked (2.35(c)); every other can be revoked at any time
    #[arg(long, value_name = "DATE or @FILE", requires = "matter", requires = "disposition")]
    revocable: Option<DayOr>,
    /// Of criminal_justice alone: the day, or else the event in words, of the matter's final disposition
    #[arg(long, value_name = "DATE or @FILE", requires = "matter", requires = "revocable")]
    disposition: Option<DayOr>,
    /// What the person asks to leave out (42 CFR 2.26), once for each: file with a field a line, such as `asked: not where I live`, or `-`. Fields: asked, to, kinds, paid in full, refused
    #[arg(long, value_name = "F")]
    leave_out: Vec<String>,
    #[command(flatten)]
    expiry: Expiry,
    #[command(flatten)]
    staff: StaffArgs,
}

/// Who may tell whom.
#[derive(Debug, clap::Args)]
struct Ways {
    /// What we may tell: kinds for all (`referral,identity`), or for one "ORG=KINDS" or "ORG=KINDS for PURPOSE" (`for @FILE` for other words). Kinds: referral, identity, medication, clinical, social, crisis, counselling [default: referral,identity]
    #[arg(long, value_name = "[ORG=]KINDS")]
    tell: Vec<String>,
    /// What may be told to us, in the same way; `none` for nothing [default: what is usual for our kind of partner]
    #[arg(long, value_name = "[ORG=]KINDS")]
    back: Vec<String>,
    /// What one other may tell another, a pair being "ORG>ORG": "ORG>ORG=KINDS for PURPOSE"
    #[arg(long, value_name = "PAIR=KINDS")]
    between: Vec<String>,
    /// Who may know that another takes part: "ORG>ORG"
    #[arg(long, value_name = "PAIR")]
    knows: Vec<String>,
    /// Who works together on one thread, once for each with the kinds that it shares: what two of them share they tell each other. `us` is this organisation [default: what the others share]
    #[arg(long, value_name = "ORG=KINDS")]
    team: Vec<String>,
    /// Why, where no other is said: treatment, payment, operations, tpo, request, emergency, or other words from a file (42 CFR 2.31(a)(5))
    #[arg(long, value_name = "PURPOSE", value_parser = words::purpose)]
    purpose: Option<Words>,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Expiry {
    /// The last day on which it holds, that day included, by the clock here
    #[arg(long, value_name = "DATE", value_parser = system::end)]
    expires: Option<Time>,
    /// The event at which it ends, in words: `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE")]
    expires_when: Option<Words>,
    /// It does not end by itself: enough only for treatment, payment and operations
    #[arg(long)]
    expires_never: bool,
}

#[derive(Debug, clap::Args)]
pub struct Amend {
    consent: String,
    /// An organisation that comes to it, once for each
    #[arg(long, value_name = "ORG")]
    add: Vec<String>,
    /// An organisation that it names no more
    #[arg(long, value_name = "ORG")]
    remove: Vec<String>,
    #[command(flatten)]
    ways: Ways,
    /// What is told no more: "ORG" or "ORG=KINDS" from us, "ORG>ORG=KINDS" from another; `us` is this organisation
    #[arg(long, value_name = "ORG=KINDS")]
    close: Vec<String>,
    /// Leave nothing out any more that the person asked to leave out (42 CFR 2.26(b))
    #[arg(long, conflicts_with = "lift_only")]
    lift: bool,
    /// Leave only these out no more, by their numbers in `belay consent show`
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    lift_only: Vec<u16>,
    /// The new last day on which it holds, that day included
    #[arg(long, value_name = "DATE", value_parser = system::end, conflicts_with = "expires_when")]
    expires: Option<Time>,
    /// The new event at which it ends, in words: `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE")]
    expires_when: Option<Words>,
    /// Of proceedings: another case or hearing, signed anew and with nothing else (42 CFR 2.31(d)): `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE")]
    matter: Option<Words>,
    #[command(flatten)]
    staff: StaffArgs,
}

/// `ORG>ORG`; `us` is this organisation.
fn pair(text: &str) -> Result<(Option<String>, Option<String>)> {
    let end = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.eq_ignore_ascii_case("us"));
    text.split_once('>')
        .map(|(from, to)| (end(from), end(to)))
        .ok_or_else(|| Trouble::usage(format!("\"{text}\" does not say who tells whom: \"ORG>ORG=KINDS\"")))
}

/// `KINDS for PURPOSE`.
fn kinds(text: &str) -> Result<(Vec<Information>, Option<String>)> {
    let (kinds, purpose) = match text.split_once(" for ") {
        Some((kinds, purpose)) => (kinds, Some(words::purpose(purpose.trim()).map_err(Trouble::usage)?.into_text())),
        None => (text, None),
    };
    if kinds.trim() == "none" {
        return Ok((Vec::new(), purpose));
    }
    let kinds = kinds.split(',').map(|word| word.parse::<Information>().map_err(|e| Trouble::usage(e.to_string())));
    Ok((kinds.collect::<Result<_>>()?, purpose))
}

/// `ORG=KINDS`; `us` is this organisation.
fn share(text: &str) -> Result<Share> {
    let (org, information) = match text.split_once('=') {
        Some((org, rest)) => (org, kinds(rest)?.0),
        None => (text, Vec::new()),
    };
    Ok(Share { org: Some(org.trim().to_owned()).filter(|org| !org.eq_ignore_ascii_case("us")), information })
}

/// What `--tell` or `--back` says for all, and for each.
struct Said {
    all: Option<Vec<Information>>,
    purpose: Option<String>,
    each: Vec<(String, Vec<Information>, Option<String>)>,
}

fn said(values: &[String]) -> Result<Said> {
    let mut said = Said { all: None, purpose: None, each: Vec::new() };
    for value in values {
        match value.split_once('=') {
            Some((org, rest)) => {
                let (kinds, purpose) = kinds(rest)?;
                said.each.push((org.trim().to_owned(), kinds, purpose));
            }
            None => {
                let (kinds, purpose) = kinds(value)?;
                said.all.get_or_insert_default().extend(kinds);
                said.purpose = said.purpose.or(purpose);
            }
        }
    }
    Ok(said)
}

/// What a draft and an amendment ask alike: tell, back, purpose, ways, acquaintances, team, and whom `--tell` and `--back` name.
struct Asked {
    tell: Vec<Information>,
    back: Option<Vec<Information>>,
    purpose: String,
    ways: Vec<Way>,
    knows: Vec<Acquaintance>,
    team: Vec<Share>,
}

impl Ways {
    fn asked(self) -> Result<Asked> {
        let (tell, back) = (said(&self.tell)?, said(&self.back)?);
        let mut ways = Vec::new();
        for (to, information, purpose) in tell.each {
            ways.push(Way { from: None, to: Some(to), information, purpose });
        }
        for (from, information, purpose) in back.each {
            ways.push(Way { from: Some(from), to: None, information, purpose });
        }
        for text in &self.between {
            let (orgs, rest) = text.split_once('=').unwrap_or((text, "referral"));
            let ((from, to), (information, purpose)) = (pair(orgs)?, kinds(rest)?);
            ways.push(Way { from, to, information, purpose });
        }
        let mut knows = Vec::new();
        for text in &self.knows {
            match pair(text)? {
                (Some(who), Some(of)) => knows.push(Acquaintance { who, of }),
                _ => return Err(Trouble::usage("this organisation knows of everybody whom its consent names")),
            }
        }
        let purpose = self.purpose.map(Words::into_text).or(tell.purpose).unwrap_or_default();
        let team = self.team.iter().map(|text| share(text)).collect::<Result<_>>()?;
        Ok(Asked { tell: tell.all.unwrap_or_default(), back: back.all, purpose, ways, knows, team })
    }
}

fn moment(given: DayOr) -> MomentRequest {
    match given {
        DayOr::Day(day) => MomentRequest::On(day),
        DayOr::When(words) => MomentRequest::When(words.into_personal()),
    }
}

/// What to type once it is written: it permits nothing before it was read and signed.
fn next(written: &ConsentView) -> String {
    let (id, amendment) = (written.id.short(), if written.version > 1 { " --amendment" } else { "" });
    let who = match written.signer {
        signer if signer.in_place() => " --representative @FILE --capacity @FILE",
        Signer::MinorAndParent => " --beside @FILE --capacity @FILE",
        _ => "",
    };
    format!("Next: belay consent print {id}{amendment}, and read it together; then belay consent sign {id}{who}")
}

impl Draft {
    pub fn run(self, context: &Context) -> Result<()> {
        let expiry = match (self.expiry.expires, self.expiry.expires_when) {
            (Some(at), _) => ExpiryRequest::On(at),
            (None, Some(event)) => ExpiryRequest::Event(event.into_personal()),
            (None, None) => ExpiryRequest::Never,
        };
        let asked = self.ways.asked()?;
        if self.to.is_empty() && asked.ways.is_empty() && asked.team.is_empty() {
            return Err(Trouble::usage("a consent names who may be told").next("the command again with --to ORG"));
        }
        let matter = self.matter.map(Words::into_personal);
        let (supervision, proceeding) = match (self.revocable, self.disposition) {
            (Some(revocable), Some(disposition)) => {
                let (revocable, disposition) = (moment(revocable), moment(disposition));
                (matter.map(|matter| SupervisionRequest { matter, revocable, disposition }), None)
            }
            _ => (None, matter),
        };
        let ask = ConsentDraft {
            person: Personal::new(self.person),
            to: self.to,
            tell: asked.tell,
            back: asked.back,
            purpose: asked.purpose,
            ways: asked.ways,
            knows: asked.knows,
            team: asked.team,
            class: self.class,
            signer: self.signer,
            age_why: Words::or_empty(self.age_why),
            supervision,
            proceeding,
            restrictions: self.leave_out.into_iter().map(left_out::from_file).collect::<Result<_>>()?,
            expiry,
        };
        let view: ConsentView = context.get_care(&self.staff, Care::ConsentDraft(ask))?;
        context.show(&view)?;
        output::say(&next(&view));
        Ok(())
    }
}

impl Amend {
    pub fn run(self, context: &Context) -> Result<()> {
        let asked = self.ways.asked()?;
        let mut close = Vec::new();
        for text in &self.close {
            let (orgs, rest) = text.split_once('=').unwrap_or((text, "none"));
            let (from, to) = if orgs.contains('>') { pair(orgs)? } else { (None, Some(orgs.trim().to_owned())) };
            close.push(Way { from, to, information: kinds(rest)?.0, purpose: None });
        }
        let ask = ConsentAmend {
            consent: self.consent,
            add: self.add,
            tell: asked.tell,
            back: asked.back,
            purpose: asked.purpose,
            ways: asked.ways,
            close,
            remove: self.remove,
            knows: asked.knows,
            team: asked.team,
            lift: self.lift,
            lift_only: self.lift_only,
            expiry: self
                .expires
                .map(ExpiryRequest::On)
                .or_else(|| self.expires_when.map(|event| ExpiryRequest::Event(event.into_personal()))),
            proceeding: self.matter.map(Words::into_personal),
        };
        let view: ConsentView = context.get_care(&self.staff, Care::ConsentAmend(ask))?;
        context.show(&view)?;
        output::say(&next(&view));
        Ok(())
    }
}
