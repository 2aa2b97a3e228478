//! What a consent says, before it is signed: elements (1) to (7) and (10) of 42 CFR 2.31(a), who may tell whom, and who may know
//! of whom.

use super::Restriction;
use super::Signer;
use crate::fault::{Fault, Result};
use crate::ids::OrgId;
use crate::limits;
use crate::referral::{Class, Described, Expiry, Flow, Information, Moment, Party, Purpose};
use crate::sensitive::Personal;
use crate::space::control::PartnerKind;
use crate::time::Local;
use serde::{Deserialize, Serialize};

/// The two statements of 2.31(a)(10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TpoStatements {
    /// (i): records may be redisclosed by the recipient and no longer be protected by 42 CFR part 2.
    pub redisclosure: String,
    /// (ii): what follows from refusing to sign.
    pub refusing: String,
}

/// What a consent for criminal justice says besides (2.35).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supervision {
    /// Of which release, or of which end of a proceeding, treatment is a condition.
    pub matter: Personal<String>,
    /// From when on the person can revoke (2.35(c)).
    pub revocable: Moment,
    /// Its final disposition: then it can be revoked in any case.
    pub disposition: Moment,
}

impl Supervision {
    /// From when on it can be revoked, in words that follow "from".
    #[must_use]
    pub fn from_words(&self) -> String {
        match &self.revocable {
            Moment::On(at) => format!("{} on", at.from_words()),
            Moment::When(event) => format!("when this has come about: {}", event.reveal()),
        }
    }
}

/// That one organisation may learn that another takes part, though neither tells the other anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Knows {
    pub who: OrgId,
    pub of: OrgId,
}

/// Elements (1) to (7) and (10), and who may tell whom under them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Which rules it is under.
    pub class: Class,
    /// On which basis it is signed (2.14, 2.15).
    pub signer: Signer,
    /// (1)
    pub person: Personal<String>,
    /// (2) Who may disclose, by name.
    pub disclosers: Vec<Party>,
    /// (3)
    pub information: Vec<Described>,
    /// (4)(i) To whom, by name. Belay has no general designations, so that no node is an intermediary (2.11, 2.24).
    pub recipients: Vec<Party>,
    /// (4)(iii) For covered entities and business associates that receive for treatment, payment or operations.
    pub redisclosure: String,
    /// (5)
    pub purposes: Vec<Purpose>,
    /// (5)(iii) How to opt out, where a purpose is fundraising.
    pub opt_out: String,
    /// Where a covered entity tells for another purpose than treatment, payment and operations: that care does not depend on
    /// signing, and that the recipient may pass it on (45 CFR 164.508(c)(2)(ii), (iii)).
    pub authorization: String,
    /// (6) That the person may revoke in writing except where it was relied on, and how.
    pub revoke: String,
    /// (7)
    pub expiry: Option<Expiry>,
    /// (10)
    pub tpo: Option<TpoStatements>,
    /// Of the class for criminal justice, and of no other.
    pub supervision: Option<Supervision>,
    /// Of the class for one proceeding, and of no other: which (2.31(d)).
    pub proceeding: Option<Personal<String>>,
    /// Who may tell whom, in both directions, for each kind of information and purpose. Who is in a flow with somebody knows of
    /// them by that.
    pub flows: Vec<Flow>,
    /// Who may know of whom besides.
    pub acquaintances: Vec<Knows>,
    /// What the person asked to leave out when it was drafted (2.26).
    pub restrictions: Vec<Restriction>,
    /// Who works together on one thread, sorted; empty: each recipient has a thread of its own. What each of them may hear and tell is in
    /// `flows` all the same.
    pub team: Vec<OrgId>,
}

impl Terms {
    /// Terms in the usual words, made from who may tell whom. `parties`: every organisation that a flow or acquaintance names.
    /// Expiry, supervision, the proceeding and restrictions are the caller's to add.
    #[must_use]
    pub fn of(class: Class, signer: Signer, person: Personal<String>, parties: &[Party], flows: Vec<Flow>) -> Self {
        let mut terms = Self {
            class,
            signer,
            person,
            disclosers: Vec::new(),
            information: Vec::new(),
            recipients: Vec::new(),
            redisclosure: String::new(),
            purposes: Vec::new(),
            opt_out: String::new(),
            authorization: String::new(),
            revoke: if class == Class::CriminalJustice { super::words::REVOKE_LATER } else { super::words::REVOKE }
                .to_owned(),
            expiry: None,
            tpo: None,
            supervision: None,
            proceeding: None,
            flows,
            acquaintances: Vec::new(),
            restrictions: Vec::new(),
            team: Vec::new(),
        };
        terms.follow_flows(parties);
        terms
    }

    /// Makes anew what follows from `flows`: who discloses, who receives, which kinds and purposes, who is left in the team, and the
    /// statements that go with them. Descriptions that stand keep their words.
    pub fn follow_flows(&mut self, parties: &[Party]) {
        let mut known: Vec<&Party> = parties.iter().collect();
        known.sort_unstable();
        known.dedup_by_key(|p| p.org);
        let among = |test: &dyn Fn(&Flow, OrgId) -> bool| -> Vec<Party> {
            known.iter().filter(|p| self.flows.iter().any(|f| test(f, p.org))).map(|p| (*p).clone()).collect()
        };
        let disclosers = among(&|f, org| f.from == org);
        let recipients = among(&|f, org| f.to == org);
        let described = |kind: Information| {
            let said = self.information.iter().find(|d| d.information == kind);
            let description = said.map_or_else(|| kind.description().to_owned(), |d| d.description.clone());
            Described { information: kind, description }
        };
        let used = |kind: &Information| self.flows.iter().any(|f| f.information == *kind);
        let information = Information::ALL.into_iter().filter(used).map(described).collect();
        let mut purposes: Vec<Purpose> = self.flows.iter().map(|f| f.purpose.clone()).collect();
        purposes.sort_unstable();
        purposes.dedup();
        (self.disclosers, self.recipients, self.information, self.purposes) =
            (disclosers, recipients, information, purposes);
        let flows = &self.flows;
        self.team.retain(|org| flows.iter().any(|f| f.from == *org || f.to == *org));
        if self.team.len() < 2 {
            self.team.clear();
        }
        let when = |needed: bool, kept: &str, usual: &str| match (needed, kept.trim().is_empty()) {
            (false, _) => String::new(),
            (true, true) => usual.to_owned(),
            (true, false) => kept.to_owned(),
        };
        let tpo = self.purposes.iter().any(Purpose::is_tpo);
        self.redisclosure = when(tpo, &self.redisclosure, super::words::REDISCLOSURE);
        self.opt_out = when(self.purposes.contains(&Purpose::Fundraising), &self.opt_out, super::words::OPT_OUT);
        self.authorization = when(self.needs_authorization(), &self.authorization, super::words::AUTHORIZATION);
        self.tpo = tpo.then(|| self.tpo.take().unwrap_or_else(super::words::statements));
    }

    /// The matter and from when on it can be revoked, of a consent for criminal justice alone: every other can be revoked at any time
    /// (2.31(a)(6)), whatever else it says.
    #[must_use]
    pub fn supervised(&self) -> Option<&Supervision> {
        self.supervision.as_ref().filter(|_| self.class == Class::CriminalJustice)
    }

    /// A party by its id.
    #[must_use]
    pub fn party(&self, org: OrgId) -> Option<&Party> {
        self.disclosers.iter().chain(&self.recipients).find(|p| p.org == org)
    }

    /// Every party once, by id.
    #[must_use]
    pub fn parties(&self) -> Vec<&Party> {
        let mut parties: Vec<&Party> = self.disclosers.iter().chain(&self.recipients).collect();
        parties.sort_unstable();
        parties.dedup_by_key(|p| p.org);
        parties
    }

    /// Whether `who` may know that `of` takes part.
    #[must_use]
    pub fn knows(&self, who: OrgId, of: OrgId) -> bool {
        who == of
            || self.flows.iter().any(|f| (f.from == who && f.to == of) || (f.from == of && f.to == who))
            || self.acquaintances.contains(&Knows { who, of })
    }

    /// Whether any recipient needs the statement of (4)(iii).
    pub(super) fn needs_redisclosure(&self) -> bool {
        self.purposes.iter().any(Purpose::is_tpo) && self.recipients.iter().any(|p| under_hipaa(p.kind))
    }

    /// Whether a covered entity tells for another purpose than treatment, payment and operations.
    pub(super) fn needs_authorization(&self) -> bool {
        self.flows.iter().any(|f| {
            !f.purpose.is_tpo()
                && f.purpose != Purpose::Emergency
                && self.disclosers.iter().any(|p| p.org == f.from && under_hipaa(p.kind))
        })
    }

    /// Lengths, before anything is kept.
    ///
    /// # Errors
    /// `Malformed`, naming the field.
    pub fn check(&self) -> Result<()> {
        let parties = self.disclosers.iter().chain(&self.recipients);
        let names = parties.clone().all(|p| short(&p.name, limits::NAME_CHARS));
        let other = |p: &Purpose| !matches!(p, Purpose::Other(words) if !short(words.reveal(), limits::NAME_CHARS));
        if !short(self.person.reveal(), limits::NAME_CHARS) || !names || !self.purposes.iter().all(other) {
            return Err(Fault::malformed(format!("consent: a name has more than {} characters", limits::NAME_CHARS)));
        }
        let expiry = self
            .expiry
            .iter()
            .filter_map(|e| if let Expiry::Event(words) = e { Some(words.reveal().as_str()) } else { None });
        let moments = self.supervision.iter().flat_map(|s| [&s.revocable, &s.disposition]);
        let clocks = moments.clone().filter_map(|m| if let Moment::On(at) = m { Some(*at) } else { None });
        let end = if let Some(Expiry::On(end)) = self.expiry { Some(end) } else { None };
        clocks.chain(end).try_for_each(Local::check)?;
        let moments =
            moments.filter_map(|m| if let Moment::When(words) = m { Some(words.reveal().as_str()) } else { None });
        let mut texts = [&self.redisclosure, &self.opt_out, &self.authorization, &self.revoke]
            .into_iter()
            .map(String::as_str)
            .chain(self.information.iter().map(|d| d.description.as_str()))
            .chain(self.tpo.iter().flat_map(|t| [t.redisclosure.as_str(), t.refusing.as_str()]))
            .chain(self.supervision.iter().map(|s| s.matter.reveal().as_str()))
            .chain(self.proceeding.iter().map(|p| p.reveal().as_str()))
            .chain(expiry)
            .chain(moments);
        if !texts.all(|t| short(t, limits::TEXT_CHARS)) {
            return Err(Fault::malformed(format!("consent: a text has more than {} characters", limits::TEXT_CHARS)));
        }
        let many = parties.count() > limits::CONSENT_PARTIES
            || self.flows.len().max(self.acquaintances.len()) > limits::CONSENT_FLOWS
            || self.information.len() > Information::ALL.len()
            || self.restrictions.len() > limits::CONSENT_RESTRICTIONS
            || self.team.len() > limits::TEAM_MEMBERS;
        if many {
            return Err(Fault::malformed("consent: too many parties, flows, restrictions or members of a team"));
        }
        self.restrictions.iter().try_for_each(Restriction::check)
    }
}

/// Whether 45 CFR part 164 applies to an organisation of this kind.
pub(super) const fn under_hipaa(kind: PartnerKind) -> bool {
    matches!(kind, PartnerKind::CoveredEntity | PartnerKind::BusinessAssociate | PartnerKind::HealthPlan)
}

fn short(text: &str, chars: usize) -> bool {
    text.len() <= chars || text.chars().count() <= chars
}
