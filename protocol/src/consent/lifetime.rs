//! A consent from draft to its end. Each form owns its data, so that nothing can be read that is not there yet.

use super::elements::{idle, missing, missing_terms};
use super::{Doubt, Element, Refusal, Restriction, Signature, Signer, Terms, Upon};
use crate::fault::{Fault, Result};
use crate::ids::{ConsentId, OrgId, PersonId};
use crate::planted::{self, Bug};
use crate::referral::{By, Class, Expiry, Flow, Information, Moment, Party, Purpose, Told};
use crate::sensitive::Personal;
use crate::space::control::PartnerKind;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A consent in any part of its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consent {
    Draft(Draft),
    Signed(Signed),
    Revoked(Revoked),
    Void(Void),
}

/// Written, not signed: permits nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub id: ConsentId,
    /// The first is 1; an amendment is the next.
    pub version: u32,
    pub person: PersonId,
    pub terms: Terms,
    /// Of an amendment: out of what it was made.
    pub upon: Upon,
}

/// Signed. What is missing from it all the same (a form taken over from elsewhere) is found by `decide` and not trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    pub id: ConsentId,
    pub version: u32,
    pub person: PersonId,
    pub terms: Terms,
    /// Out of what it was made.
    pub upon: Upon,
    /// Element (8).
    pub signature: Option<Signature>,
    /// Element (9).
    pub date: Option<Time>,
    /// Who recorded the signature here, and when.
    pub recorded_by: By,
    pub recorded: Time,
    /// Parties for whom the person has revoked while the rest stands.
    pub withdrawn: Vec<Withdrawal>,
    /// When the event of an [`Expiry::Event`] came about, of this version or of one whose end it did not know.
    pub event: Option<Time>,
    /// When the event came about from which on it can be revoked (2.35(c)), or the final disposition.
    pub revocable: Option<Time>,
    /// What the person asked to leave out since (2.26).
    pub restricted: Vec<Restriction>,
    /// That it may be false, and that it stands all the same.
    pub doubts: Vec<Doubt>,
}

/// Something that a consent waits for has come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Event {
    /// That from which on it can be revoked (2.35(c)), and not the one at which it ends.
    pub revocable: bool,
    pub at: Time,
}

/// A revocation for one named party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    pub party: OrgId,
    pub at: Time,
    pub told: Told,
    pub heard_by: By,
    /// When the person said it, where that was of a consent under another record of theirs and binds this one since `at`.
    pub bound: Option<Time>,
}

/// Revoked as a whole. What was disclosed before stays disclosed, and on the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    pub signed: Signed,
    pub at: Time,
    pub told: Told,
    pub heard_by: By,
}

/// Known to be materially false, 2.31(c)(4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Void {
    pub signed: Signed,
    pub at: Time,
    pub why: Personal<String>,
    pub by: By,
    /// That the person took it back as a whole as well, at another node of ours.
    pub revoked: Option<(Time, Told, By)>,
}

impl Consent {
    #[must_use]
    pub const fn id(&self) -> ConsentId {
        match self {
            Self::Draft(c) => c.id,
            Self::Signed(c) => c.id,
            Self::Revoked(c) => c.signed.id,
            Self::Void(c) => c.signed.id,
        }
    }

    #[must_use]
    pub const fn version(&self) -> u32 {
        match self {
            Self::Draft(c) => c.version,
            Self::Signed(c) => c.version,
            Self::Revoked(c) => c.signed.version,
            Self::Void(c) => c.signed.version,
        }
    }

    #[must_use]
    pub const fn person(&self) -> PersonId {
        match self {
            Self::Draft(c) => c.person,
            Self::Signed(c) => c.person,
            Self::Revoked(c) => c.signed.person,
            Self::Void(c) => c.signed.person,
        }
    }

    #[must_use]
    pub const fn terms(&self) -> &Terms {
        match self {
            Self::Draft(c) => &c.terms,
            Self::Signed(c) => &c.terms,
            Self::Revoked(c) => &c.signed.terms,
            Self::Void(c) => &c.signed.terms,
        }
    }

    /// What has been signed, whatever became of it.
    #[must_use]
    pub const fn signed(&self) -> Option<&Signed> {
        match self {
            Self::Draft(_) => None,
            Self::Signed(c) => Some(c),
            Self::Revoked(c) => Some(&c.signed),
            Self::Void(c) => Some(&c.signed),
        }
    }

    /// What the record says without those of its events that staff recorded by mistake.
    #[must_use]
    pub fn without(mut self, struck: &BTreeSet<Event>) -> Self {
        let signed = match &mut self {
            Self::Draft(_) => return self,
            Self::Signed(signed) => signed,
            Self::Revoked(revoked) => &mut revoked.signed,
            Self::Void(void) => &mut void.signed,
        };
        signed.event = signed.event.filter(|at| !struck.contains(&Event { revocable: false, at: *at }));
        signed.revocable = signed.revocable.filter(|at| !struck.contains(&Event { revocable: true, at: *at }));
        self
    }

    /// The word for where it stands at `now`: draft, signed, suspended, expired, revoked, void.
    #[must_use]
    pub fn state(&self, now: Time) -> &'static str {
        match self {
            Self::Draft(_) => "draft",
            Self::Signed(signed) if signed.expired(now).is_some() => "expired",
            Self::Signed(signed) if signed.suspended().is_some() => "suspended",
            Self::Signed(_) => "signed",
            Self::Revoked(_) => "revoked",
            Self::Void(_) => "void",
        }
    }
}

impl Draft {
    /// A draft between two organisations in the usual words: `from` tells `to` each kind in `tell`, and hears back each kind in
    /// `back`. The statements of (4)(iii) and (10) are in where the purpose takes them.
    #[must_use]
    pub fn between(
        id: ConsentId,
        person: (PersonId, Personal<String>),
        from: Party,
        to: Party,
        tell: &[Information],
        back: &[Information],
        purpose: &Purpose,
    ) -> Self {
        let flow = |from: &Party, to: &Party, information: Information| Flow {
            from: from.org,
            to: to.org,
            information,
            purpose: purpose.clone(),
        };
        let mut flows: Vec<_> = tell.iter().map(|kind| flow(&from, &to, *kind)).collect();
        flows.extend(back.iter().map(|kind| flow(&to, &from, *kind)));
        let class = if *purpose == Purpose::Tpo { Class::Tpo } else { Class::General };
        let terms = Terms::of(class, Signer::Person, person.1, &[from, to], flows);
        Self { id, version: 1, person: person.0, terms, upon: Upon::default() }
    }

    /// What a sender of this kind hears back unless the person says otherwise: whether it was accepted, and whether the person
    /// came. Law enforcement and criminal justice hear nothing.
    #[must_use]
    pub const fn usual_way_back(sender: PartnerKind) -> &'static [Information] {
        match sender {
            PartnerKind::LawEnforcement | PartnerKind::CriminalJustice => &[],
            PartnerKind::Part2Program
            | PartnerKind::CoveredProgram
            | PartnerKind::CoveredEntity
            | PartnerKind::BusinessAssociate
            | PartnerKind::NonCoveredCbo
            | PartnerKind::ChildWelfare
            | PartnerKind::HealthPlan
            | PartnerKind::Other => &[Information::Referral],
        }
    }

    /// The first element of the terms that is missing, or the first way that would be refused whoever signs, before anybody is asked to
    /// sign.
    #[must_use]
    pub fn missing(&self) -> Option<Refusal> {
        missing_terms(&self.terms).or_else(|| idle(&self.terms))
    }

    /// Signs it.
    ///
    /// # Errors
    /// The first element that is missing, the signature and its date among them.
    pub fn sign(
        self,
        signature: Signature,
        date: Option<Time>,
        recorded_by: By,
        now: Time,
    ) -> std::result::Result<Signed, Refusal> {
        if let Some(refusal) = missing(&self.terms, Some(&signature), date) {
            return Err(refusal);
        }
        if date.is_some_and(|date| date > now.plus(crate::time::DAY)) {
            return Err(Refusal {
                element: Some(Element::DateSigned),
                why: "the date signed lies in the future".to_owned(),
                clause: Element::DateSigned.clause(),
                next: "Give the day on which it was signed.".to_owned(),
            });
        }
        // Who types a name or draws it does so now; only paper lay somewhere before.
        if signature.given_here() && date.is_some_and(|date| date.plus(crate::time::DAY) <= now) {
            return Err(Refusal {
                element: Some(Element::DateSigned),
                why: "a name that is typed or drawn here is signed today, and not on an earlier day".to_owned(),
                clause: Element::DateSigned.clause(),
                next: "Leave the date out; of a paper that was signed before say where it lies (`belay consent sign --paper-at`).".to_owned(),
            });
        }
        let Self { id, version, person, terms, upon } = self;
        Ok(Signed {
            id,
            version,
            person,
            terms,
            upon,
            signature: Some(signature),
            date,
            recorded_by,
            recorded: now,
            withdrawn: Vec::new(),
            event: None,
            revocable: None,
            restricted: Vec::new(),
            doubts: Vec::new(),
        })
    }
}

impl Signed {
    /// Since when it has expired, if it has by `now`.
    #[must_use]
    pub fn expired(&self, now: Time) -> Option<Time> {
        self.ends().filter(|at| *at <= now)
    }

    /// When it ends by itself, as far as that is known: an event ends it once it has come about.
    #[must_use]
    pub fn ends(&self) -> Option<Time> {
        match &self.terms.expiry {
            // Also of a version that was written without knowing that the event of the one before had come about.
            Some(Expiry::On(end)) => Some(self.event.map_or(end.at, |came| came.min(end.at))),
            Some(Expiry::Event(_) | Expiry::Never) | None => self.event,
        }
    }

    /// What has come about of what it waits for, as far as that is on record.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        let of = |revocable: bool| move |at: Time| Event { revocable, at };
        self.event.map(of(false)).into_iter().chain(self.revocable.map(of(true)))
    }

    /// The first element that is missing, of all ten.
    #[must_use]
    pub fn missing(&self) -> Option<Refusal> {
        missing(&self.terms, self.signature.as_ref(), self.date)
    }

    /// The restriction to which this organisation agreed and that stands against telling `to` (2.26).
    #[must_use]
    pub fn restriction(&self, to: OrgId, information: Information) -> Option<&Restriction> {
        let agreed = |r: &&Restriction| r.forbids(to, information) && !planted::is(Bug::RestrictionIgnored);
        self.terms.restrictions.iter().chain(&self.restricted).find(agreed)
    }

    /// From when on the person can revoke, as far as it is known yet; an event counts from its record on (2.35(c)).
    #[must_use]
    pub fn revocable_from(&self) -> Option<Time> {
        let Some(supervision) = self.terms.supervised().filter(|_| !planted::is(Bug::RevocableAnyTime)) else {
            return Some(Time(0));
        };
        let day = |moment: &Moment| if let Moment::On(from) = moment { Some(from.at) } else { None };
        [self.revocable, day(&supervision.revocable), day(&supervision.disposition)].into_iter().flatten().min()
    }

    /// Whether the person can revoke at `now`. At any time, except where treatment is a condition of release.
    ///
    /// # Errors
    /// From when on, with its clause (2.35(c)).
    pub fn revocable(&self, now: Time) -> std::result::Result<(), Refusal> {
        let Some(supervision) = self.terms.supervised() else { return Ok(()) };
        if self.revocable_from().is_some_and(|from| from <= now) {
            return Ok(());
        }
        Err(Refusal::new(
            format!("this consent for criminal justice can be revoked only from {}", supervision.from_words()),
            "42 CFR 2.35(c)",
            "Keep what the person said until then (`belay consent revoke` asks for that); record the event once it has come about (`belay consent event --revocable`).",
        ))
    }

    /// Ends it as a whole.
    ///
    /// # Errors
    /// It can not be revoked yet (2.35(c)).
    pub fn revoke(self, told: Told, heard_by: By, at: Time) -> std::result::Result<Revoked, Refusal> {
        self.revocable(at)?;
        Ok(Revoked { signed: self, at, told, heard_by })
    }

    /// Ends it for one party; the rest stands (SAMHSA FAQ on multi-party consents).
    ///
    /// # Errors
    /// `Misuse` if the consent does not name the party, `NotPermitted` if it can not be revoked yet (2.35(c)).
    pub fn withdraw(&mut self, party: OrgId, told: Told, heard_by: By, at: Time) -> Result<()> {
        if self.terms.party(party).is_none() {
            return Err(Fault::misuse("the consent does not name that organisation; see `belay consent show`"));
        }
        self.revocable(at)?;
        if !self.withdrawn.iter().any(|w| w.party == party) {
            self.withdrawn.push(Withdrawal { party, at, told, heard_by, bound: None });
        }
        Ok(())
    }

    /// The terms as they stand, without the ways against which a restriction stands (2.26).
    #[must_use]
    pub fn allowed(&self) -> Terms {
        let mut terms = self.standing();
        terms.flows.retain(|f| self.restriction(f.to, f.information).is_none());
        terms
    }

    /// The terms as they stand: whoever the person took out is out of them, and what was agreed to leave out since is in them.
    #[must_use]
    pub fn standing(&self) -> Terms {
        let mut terms = self.terms.clone();
        let gone = |org: OrgId| self.withdrawn.iter().any(|w| w.party == org);
        terms.flows.retain(|f| !gone(f.from) && !gone(f.to));
        terms.acquaintances.retain(|k| !gone(k.who) && !gone(k.of));
        terms.team.retain(|org| !gone(*org));
        for restriction in &self.restricted {
            if !terms.restrictions.contains(restriction) {
                terms.restrictions.push(restriction.clone());
            }
        }
        let parties: Vec<Party> = terms.parties().into_iter().cloned().collect();
        terms.follow_flows(&parties);
        terms
    }
}
