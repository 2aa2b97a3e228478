//! The part of a consent that concerns one recipient: what goes to it with the notice (42 CFR 2.32(b)).

use super::base::{Class, Described, Flow, Information, Party, Purpose};
use crate::agreement::TieKind;
use crate::fault::{Fault, Result};
use crate::ids::{ConsentId, OrgId, TermsHash};
use crate::limits;
use crate::sensitive::Personal;
use crate::time::{Local, Time};
use serde::{Deserialize, Serialize};

/// When a consent ends by itself (42 CFR 2.31(a)(7)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expiry {
    /// At this instant, which is the first at which it holds no more: of a day that it names, the midnight after, on the clock of who
    /// drafted it.
    On(Local),
    /// When this has come about; staff record that it has.
    Event(Personal<String>),
    /// "None": enough where every purpose is treatment, payment or health care operations.
    Never,
}

/// A day, or something that comes about and that staff then record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moment {
    /// From this instant on: of a day that it names, the midnight before, on the clock of who drafted it.
    On(Local),
    When(Personal<String>),
}

/// What one recipient is told of a consent. It names that recipient, whom it may hear and tell, and nobody else; it holds no
/// name of the person, which goes in the `identity` space if the consent opens one. In the thread of a team it is what all readers of one
/// space are told alike, of the kind of information of that space and of nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Under which id the recipient knows the consent: its own for each recipient.
    pub consent: ConsentId,
    /// Rises when this part changes, and only then.
    pub version: u32,
    /// Which rules it is under: they decide what the recipient may do next (2.33, 2.35).
    pub class: Class,
    /// Whose part this is; in a team, who was referred to and so acts.
    pub recipient: OrgId,
    /// Those named in `flows` and those whom the recipient may know of, itself among them; sorted by id.
    pub parties: Vec<Party>,
    /// Only flows from or to the recipient.
    pub flows: Vec<Flow>,
    /// What is meant by each kind in `flows`.
    pub information: Vec<Described>,
    /// How the person revokes, so that whoever hears of it knows.
    pub revoke: String,
    /// From when on the person can revoke, where the consent says so (2.35(c)): whichever of these comes first, the final
    /// disposition of the matter among them. Empty: at any time.
    pub revocable: Vec<Moment>,
    /// The one proceeding that it is for (2.31(d)).
    pub proceeding: Option<Personal<String>>,
    pub expiry: Expiry,
    /// The date of the signature.
    pub signed: Time,
    /// Signed by a representative (42 CFR 2.14, 2.15) and not by the person.
    pub represented: bool,
    /// The statements of 2.31(a)(4)(iii) and 2.31(a)(10)(i) as the person read them, where anybody in it may pass on as HIPAA allows.
    pub statements: Vec<String>,
    /// No consent: the terms of the agreement that both signed, under which this is told (2.12(c)(3), (4)). `consent` is all zero
    /// then and `version` that of the agreement.
    pub tie: Option<(TieKind, TermsHash)>,
    /// In the thread of a team: who reads this space, the sender among them, sorted. Empty where a thread has two parties.
    pub team: Vec<OrgId>,
}

impl Expiry {
    /// When, as far as that is known beforehand.
    #[must_use]
    pub const fn at(&self) -> Option<Time> {
        match self {
            Self::On(end) => Some(end.at),
            Self::Event(_) | Self::Never => None,
        }
    }
}

impl Scope {
    /// A part that lets nobody tell anybody anything: for a thread whose notice counts no more.
    #[must_use]
    pub fn nothing(consent: ConsentId, version: u32, recipient: OrgId, at: Time) -> Self {
        Self {
            consent,
            version,
            class: Class::General,
            recipient,
            parties: Vec::new(),
            flows: Vec::new(),
            information: Vec::new(),
            revoke: String::new(),
            revocable: Vec::new(),
            proceeding: None,
            expiry: Expiry::Never,
            signed: at,
            represented: false,
            statements: Vec::new(),
            tie: None,
            team: Vec::new(),
        }
    }

    /// The flow that lets `from` tell `to` this kind of information for this purpose.
    #[must_use]
    pub fn flow(&self, from: OrgId, to: OrgId, information: Information, purpose: &Purpose) -> Option<&Flow> {
        self.flows
            .iter()
            .find(|f| f.from == from && f.to == to && f.information == information && f.purpose.covers(purpose))
    }

    /// Whether `from` may tell `to` this kind of information in a referral, for whatever purpose. What lies there for emergencies is
    /// not told.
    #[must_use]
    pub fn opens(&self, from: OrgId, to: OrgId, information: Information) -> bool {
        self.flows.iter().any(|f| f.tells(from, to, information))
    }

    /// Whether `from` may tell all others who read this space of a team.
    #[must_use]
    pub fn tells_team(&self, from: OrgId, information: Information) -> bool {
        self.team.contains(&from)
            && self.team.iter().all(|reader| *reader == from || self.opens(from, *reader, information))
    }

    /// What all spaces of a team that somebody reads say together: that of `referral` with the ways of the others.
    #[must_use]
    pub fn together(mut self, others: impl IntoIterator<Item = Self>) -> Self {
        for other in others {
            self.flows.extend(other.flows);
            self.information.extend(other.information);
            self.parties.extend(other.parties);
            self.team.extend(other.team);
        }
        self.parties.sort();
        self.parties.dedup_by_key(|p| p.org);
        self.team.sort_unstable();
        self.team.dedup();
        self
    }

    /// Of such a whole what the readers of one space may know.
    #[must_use]
    pub fn of_kind(&self, information: Information, readers: &[OrgId]) -> Self {
        let mut part = self.clone();
        part.team.retain(|org| readers.contains(org));
        part.flows.retain(|f| f.information == information && readers.contains(&f.from) && readers.contains(&f.to));
        part.information.retain(|d| d.information == information);
        part.parties.retain(|p| p.org == part.recipient || readers.contains(&p.org));
        part
    }

    /// How a party is named.
    #[must_use]
    pub fn party(&self, org: OrgId) -> Option<&Party> {
        self.parties.iter().find(|p| p.org == org)
    }

    /// This part as its recipient is told it after `last`. Where nothing of it changed but when the whole consent was signed and under
    /// which version, it is told as `last` was, so that nobody learns of what changed for others; else under the next number.
    #[must_use]
    pub fn told_after(self, last: Option<&Self>) -> Self {
        match last {
            None => Self { version: 1, ..self },
            Some(last) if *last == (Self { version: last.version, signed: last.signed, ..self.clone() }) => {
                last.clone()
            }
            Some(last) => Self { version: last.version.saturating_add(1), ..self },
        }
    }

    /// The same consent as it concerns `other`, as far as we know it: what goes with our own answers to `other`.
    #[must_use]
    pub fn turned_to(&self, other: OrgId) -> Self {
        let mut turned = self.clone();
        turned.recipient = other;
        turned.flows.retain(|f| f.from == other || f.to == other);
        turned.parties.retain(|p| turned.flows.iter().any(|f| f.from == p.org || f.to == p.org));
        turned.information.retain(|d| turned.flows.iter().any(|f| f.information == d.information));
        turned
    }
}

impl Scope {
    /// Lengths, and that it speaks of its recipient only.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        let clocks =
            self.revocable.iter().filter_map(|moment| if let Moment::On(at) = moment { Some(*at) } else { None });
        let end = if let Expiry::On(end) = self.expiry { Some(end) } else { None };
        clocks.chain(end).try_for_each(Local::check)?;
        let event = if let Expiry::Event(words) = &self.expiry { words.reveal().as_str() } else { "" };
        let proceeding = self.proceeding.iter().map(|which| which.reveal().as_str());
        let moments = self.revocable.iter().map(|moment| match moment {
            Moment::When(words) => words.reveal().as_str(),
            Moment::On(_) => "",
        });
        let purposes = self.flows.iter().filter_map(|flow| match &flow.purpose {
            Purpose::Other(words) => Some(words.reveal().as_str()),
            _ => None,
        });
        let texts = self.statements.iter().chain([&self.revoke]).chain(self.information.iter().map(|d| &d.description));
        let long = texts
            .map(String::as_str)
            .chain(moments)
            .chain(proceeding)
            .chain(purposes)
            .chain([event])
            .any(|t| t.len() > 4 * limits::TEXT_CHARS);
        let names = self.parties.iter().any(|p| p.name.len() > 4 * limits::NAME_CHARS);
        let many = self.parties.len() > limits::CONSENT_PARTIES || self.flows.len() > limits::CONSENT_FLOWS;
        if long
            || names
            || many
            || self.statements.len() > 8
            || self.revocable.len() > 2
            || self.information.len() > Information::ALL.len()
        {
            return Err(Fault::malformed("scope of a consent: too long"));
        }
        if self.tie.is_some() != (self.consent == ConsentId::ZERO) {
            return Err(Fault::malformed(
                "scope: it rests on a consent, or on what ties two organisations, and not on both",
            ));
        }
        if self.team.is_empty() {
            if self.flows.iter().any(|f| f.from != self.recipient && f.to != self.recipient) {
                return Err(Fault::malformed("scope of a consent: it speaks of others than its recipient"));
            }
            return Ok(());
        }
        let reads = |org: OrgId| self.team.contains(&org);
        if self.team.len() > limits::TEAM_MEMBERS || !self.team.is_sorted_by(|a, b| a < b) || self.tie.is_some() {
            return Err(Fault::malformed(
                "scope of a team: its readers are too many, not in order, or bound by no consent",
            ));
        }
        if self.flows.iter().any(|f| !reads(f.from) || !reads(f.to))
            || self.parties.iter().any(|p| p.org != self.recipient && !reads(p.org))
        {
            return Err(Fault::malformed("scope of a team: it speaks of others than the readers of its space"));
        }
        Ok(())
    }
}
