//! From a whole consent to the part that concerns one recipient (42 CFR 2.32(b): "a copy of the consent or a clear
//! explanation of the scope of the consent"), and that part in plain words.

use super::signer::Representation;
use super::{Consent, Moment, PassingOn, Refusal, Signed};
use crate::ids::{ConsentId, OrgId};
use crate::keys::digest::sha256;
use crate::planted::{self, Bug};
use crate::referral::{Described, Expiry, Flow, Party, Purpose, Scope, kind_words};
use crate::sensitive::Personal;
use crate::time::Local;
use std::fmt::Write as _;

impl Consent {
    /// The part that concerns `recipient`.
    ///
    /// # Errors
    /// A draft has no part that may be told, nor has what is missing elements.
    pub fn scope_for(&self, recipient: OrgId) -> Result<Scope, Refusal> {
        self.signed()
            .ok_or_else(|| Refusal::element(super::Element::Signature, "Have it signed first."))?
            .scope_for(recipient)
    }
}

/// Under which id a recipient knows a consent: another for each, so that two of them do not learn by it that one consent names
/// both. The consent's own id is 32 random bytes and stays with who keeps it.
#[must_use]
pub fn part_id(consent: ConsentId, recipient: OrgId) -> ConsentId {
    ConsentId(sha256(b"belay part of a consent v1\0", &[&consent.0, &recipient.0]))
}

impl Signed {
    /// The part that concerns `recipient`: flows from or to it, the parties of those, and nobody else. Its version is that of the whole
    /// until [`Scope::told_after`] numbers it.
    ///
    /// # Errors
    /// The first element that is missing.
    pub fn scope_for(&self, recipient: OrgId) -> Result<Scope, Refusal> {
        if let Some(refusal) = self.missing() {
            return Err(refusal);
        }
        let terms = &self.terms;
        let gone = |org: OrgId| self.withdrawn.iter().any(|w| w.party == org);
        let flows: Vec<_> = terms
            .flows
            .iter()
            .filter(|f| (f.from == recipient || f.to == recipient) && !gone(f.from) && !gone(f.to))
            .filter(|f| self.restriction(f.to, f.information).is_none())
            .cloned()
            .collect();
        let met: Vec<OrgId> = flows.iter().flat_map(|f| [f.from, f.to]).collect();
        let known = |org: OrgId| terms.acquaintances.iter().any(|k| k.who == recipient && k.of == org);
        let named =
            |org: OrgId| org == recipient || met.contains(&org) || (known(org) && !gone(org) && !gone(recipient));
        Ok(self.part((part_id(self.id, recipient), recipient), flows, named))
    }

    /// A part under this id that speaks of these flows and these parties. `recipient`: whose it is, or who acts in a team.
    pub(super) fn part(
        &self,
        (id, recipient): (ConsentId, OrgId),
        flows: Vec<Flow>,
        named: impl Fn(OrgId) -> bool,
    ) -> Scope {
        let terms = &self.terms;
        let all = terms.parties();
        let named = |p: &&&Party| planted::is(Bug::OthersNamed) || named(p.org);
        let mut parties: Vec<_> = all.iter().filter(named).map(|p| (*p).clone()).collect();
        parties.sort();
        // Words that staff wrote could name somebody whom this recipient must not learn of: then the usual words stand there.
        let others = all.iter().filter(|p| !parties.iter().any(|named| named.org == p.org));
        let others: Vec<Telling> = others.map(|p| Telling::new(&p.name, &parties)).collect();
        let plain = |text: &str, usual: &str| {
            let lower = text.to_lowercase();
            if others.iter().any(|name| name.stands_in(&lower)) { usual.to_owned() } else { text.to_owned() }
        };
        let flows: Vec<_> = flows
            .into_iter()
            .map(|flow| match &flow.purpose {
                Purpose::Other(words) => Flow {
                    purpose: Purpose::Other(Personal::new(plain(words.reveal(), "a purpose that the consent names"))),
                    ..flow
                },
                _ => flow,
            })
            .collect();
        let information = terms
            .information
            .iter()
            .filter(|d| flows.iter().any(|f| f.information == d.information))
            .map(|d| {
                let description = plain(&d.description, d.information.description());
                Described { information: d.information, description }
            })
            .collect();
        // They speak of what may be passed on as HIPAA allows: whoever may not is not told otherwise (2.33).
        let may = parties.iter().any(|p| PassingOn::of(terms.class, p, &flows) == PassingOn::Hipaa);
        let said = [Some(&terms.redisclosure), terms.tpo.as_ref().map(|tpo| &tpo.redisclosure)];
        let said = said.into_iter().flatten().filter(|text| may && !text.trim().is_empty());
        let statements: Vec<String> = said.cloned().collect();
        let revoke = if terms.supervised().is_some() { super::words::REVOKE_LATER } else { super::words::REVOKE };
        let said = |moment: &Moment| match moment {
            Moment::On(at) => Moment::On(*at),
            Moment::When(event) => {
                Moment::When(Personal::new(plain(event.reveal(), "an event that the consent names")))
            }
        };
        let revocable = match (terms.supervised(), self.revocable) {
            (None, _) => Vec::new(),
            // It has come about, at an instant that staff wrote down.
            (Some(_), Some(at)) => vec![Moment::On(Local::utc(at))],
            (Some(s), None) => match (&s.revocable, &s.disposition) {
                // The one is no later than the other.
                (first @ Moment::On(_), Moment::On(_)) => vec![said(first)],
                (first, last) if first == last => vec![said(first)],
                (first, last) => vec![said(first), said(last)],
            },
        };
        Scope {
            consent: id,
            version: self.version,
            class: terms.class,
            recipient,
            parties,
            flows,
            information,
            revoke: plain(&terms.revoke, revoke),
            revocable,
            proceeding: (terms.proceeding.as_ref())
                .map(|which| Personal::new(plain(which.reveal(), "the one that the consent names"))),
            expiry: match &terms.expiry {
                Some(Expiry::Event(event)) => {
                    Expiry::Event(Personal::new(plain(event.reveal(), "an event that the consent names")))
                }
                Some(other) => other.clone(),
                None => Expiry::Never,
            },
            signed: self.date.unwrap_or(self.recorded),
            represented: !matches!(self.signature.as_ref().map(|s| &s.by), Some(Representation::Person)),
            statements,
            tie: None,
            team: Vec::new(),
        }
    }
}

/// What of a name tells whose it is.
struct Telling {
    whole: String,
    /// Its words, without those that many organisations have in their names, and that are in a name which may be known.
    words: Vec<String>,
}

impl Telling {
    fn new(name: &str, known: &[Party]) -> Self {
        let whole = name.to_lowercase();
        let known: Vec<String> = known.iter().map(|p| p.name.to_lowercase()).collect();
        let usual = |word: &str| USUAL_WORDS.contains(&word) || known.iter().any(|name| words(name).any(|w| w == word));
        let telling = words(&whole).filter(|word| word.chars().count() > 2 && !usual(word)).map(str::to_owned);
        Self { words: telling.collect(), whole }
    }

    /// `text`: in small letters.
    fn stands_in(&self, text: &str) -> bool {
        text.contains(&self.whole) || words(text).any(|word| self.words.iter().any(|telling| telling == word))
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Words in the names of organisations that tell nobody which one it is.
const USUAL_WORDS: &[&str] = &[
    "agency",
    "and",
    "area",
    "behavioral",
    "care",
    "center",
    "centre",
    "city",
    "clinic",
    "community",
    "corporation",
    "counseling",
    "county",
    "court",
    "department",
    "district",
    "emergency",
    "family",
    "food",
    "for",
    "foundation",
    "general",
    "group",
    "health",
    "healthcare",
    "help",
    "home",
    "hospital",
    "house",
    "housing",
    "inc",
    "jail",
    "law",
    "legal",
    "medical",
    "medicine",
    "mental",
    "ministry",
    "network",
    "office",
    "parole",
    "plan",
    "police",
    "primary",
    "probation",
    "program",
    "project",
    "public",
    "recovery",
    "regional",
    "school",
    "service",
    "services",
    "sheriff",
    "shelter",
    "social",
    "state",
    "support",
    "the",
    "treatment",
    "unit",
    "university",
    "welfare",
    "wellness",
];

/// The explanation of a scope in plain words, as its recipient reads it.
#[must_use]
pub fn explain(scope: &Scope) -> String {
    let name = |org: OrgId| scope.party(org).map_or_else(|| org.short(), |p| p.name.clone());
    let mut out = String::new();
    for flow in &scope.flows {
        let what = scope.information.iter().find(|d| d.information == flow.information);
        let what = what.map_or("", |d| d.description.as_str());
        let placed = if flow.purpose == Purpose::Emergency {
            ", with name, other names and birth date, kept sealed and opened only in a medical emergency"
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "{} may tell {}: {} ({what}){placed}. Purpose: {}.",
            name(flow.from),
            name(flow.to),
            flow.information,
            flow.purpose
        );
    }
    for party in &scope.parties {
        let placed = scope.flows.iter().any(|f| f.to == party.org && f.purpose == Purpose::Emergency);
        let next = match PassingOn::of(scope.class, party, &scope.flows) {
            _ if scope.tie.is_some() => ": it may tell nobody else.".to_owned(),
            PassingOn::Untold if placed => {
                ": it may open what lies sealed there in a medical emergency alone.".to_owned()
            }
            PassingOn::Untold => ".".to_owned(),
            told => format!(": {}", told.words()),
        };
        let _ = writeln!(out, "{} is named as {}{next}", party.name, kind_words(party.kind));
    }
    if let Some((kind, _)) = scope.tie {
        let _ = writeln!(
            out,
            "No consent of the person: {} ({}), by version {} of the agreement of both, from {}.",
            kind.words(),
            kind.clause(),
            scope.version,
            scope.signed.date()
        );
        let _ = match &scope.expiry {
            Expiry::On(end) => writeln!(out, "{}", lasts(*end)),
            Expiry::Event(_) | Expiry::Never => writeln!(out, "Ends when one of the two ends the agreement."),
        };
        scope.statements.iter().for_each(|statement| _ = writeln!(out, "{statement}"));
        return out;
    }
    let _ =
        writeln!(out, "Signed {}{}.", scope.signed.date(), if scope.represented { " by a representative" } else { "" });
    let _ = match &scope.expiry {
        Expiry::On(end) => writeln!(out, "{}", lasts(*end)),
        Expiry::Event(event) => writeln!(out, "Ends when: {}.", event.reveal()),
        Expiry::Never => writeln!(out, "Has no end of its own."),
    };
    for (number, moment) in scope.revocable.iter().enumerate() {
        let or = if number == 0 { "Can be revoked" } else { "Or, where that comes first," };
        _ = match moment {
            Moment::On(at) => writeln!(out, "{or} from {} on (42 CFR 2.35(c)).", at.from_words()),
            Moment::When(event) => {
                writeln!(out, "{or} once this has come about: {} (42 CFR 2.35(c)).", event.reveal())
            }
        };
    }
    if let Some(which) = &scope.proceeding {
        let _ = writeln!(
            out,
            "For this proceeding and no other (42 CFR 2.31(d)): {}.",
            which.reveal().trim_end_matches('.')
        );
    }
    let _ = writeln!(out, "Revoking: {}", scope.revoke);
    for statement in &scope.statements {
        let _ = writeln!(out, "{statement}");
    }
    out
}

fn lasts(end: Local) -> String {
    if end.begins_a_day() {
        format!("Lasts until the end of {}.", end.until_words())
    } else {
        format!("Ends at {}.", end.until_words())
    }
}
