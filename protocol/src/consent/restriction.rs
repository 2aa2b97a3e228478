//! What the person asks not to be told, of what the consent would permit (42 CFR 2.26). A program need not agree, except that it
//! must where the recipient is a health plan and the person has paid in full; what it has agreed to binds it, save in a medical
//! emergency.

use super::elements::filled;
use super::{Action, Ask, Refusal};
use crate::fault::{Fault, Result};
use crate::ids::OrgId;
use crate::limits;
use crate::planted::{self, Bug};
use crate::referral::{By, Information, Party, Purpose};
use crate::sensitive::Personal;
use crate::space::control::PartnerKind;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The clause under which a request must be granted.
const MUST: &str = "42 CFR 2.26(a)(6)";

/// A request of the person, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    /// In the person's words.
    pub asked: Personal<String>,
    /// The organisation that was asked, and that answered.
    pub of: OrgId,
    /// Who is not to be told; `None`: nobody but `of`.
    pub to: Option<OrgId>,
    /// What is not to be told; empty: nothing of any kind.
    pub information: Vec<Information>,
    /// The person has paid in full out of pocket for what this is about.
    pub paid_in_full: bool,
    pub answer: Answered,
    pub by: By,
    pub at: Time,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answered {
    Agreed,
    /// With the reason, which the person may read.
    Refused(Personal<String>),
}

impl Restriction {
    /// Whether it stands against telling `to`.
    #[must_use]
    pub fn forbids(&self, to: OrgId, information: Information) -> bool {
        self.answer == Answered::Agreed
            && self.to.map_or(to != self.of, |org| org == to)
            && (self.information.is_empty() || self.information.contains(&information))
    }

    /// Whether a health plan is among those of `parties` who are not to be told.
    #[must_use]
    pub fn spares_a_plan(&self, parties: &[&Party]) -> bool {
        let meant = |party: &&&Party| self.to.is_none_or(|org| party.org == org);
        parties.iter().filter(meant).any(|party| party.kind == PartnerKind::HealthPlan)
    }

    /// Whether it may be answered so. `plan`: a health plan is among those who are not to be told.
    ///
    /// # Errors
    /// A refusal without a reason, or where the rule asks to agree.
    pub fn answerable(&self, plan: bool) -> std::result::Result<(), Refusal> {
        let Answered::Refused(why) = &self.answer else { return Ok(()) };
        if self.paid_in_full && plan {
            return Err(Refusal::new(
                "the person has paid in full and asks that a health plan is not told",
                MUST,
                "Agree to it.",
            ));
        }
        if !filled(why.reveal()) {
            return Err(Refusal::new(
                "a restriction that the person asked for is refused without a reason",
                "42 CFR 2.26",
                "Write down the reason, or agree to it.",
            ));
        }
        Ok(())
    }

    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        let why = if let Answered::Refused(why) = &self.answer { why.reveal().as_str() } else { "" };
        if self.asked.reveal().len().max(why.len()) > 4 * limits::TEXT_CHARS
            || self.information.len() > Information::ALL.len()
        {
            return Err(Fault::malformed("consent: a restriction is too long"));
        }
        Ok(())
    }
}

/// What a sender does who is refused for it.
pub(super) const WITHOUT: &str = "Leave it out: everything else may go, such as a referral without the name (`belay referral send --without identity`).";

/// That nothing of it stands against what is asked for. What was told before is shown to one's own staff all the same: that is no disclosure.
/// `next`: what may be done instead.
pub(super) fn kept(left_out: &[Restriction], ask: &Ask, next: &str) -> std::result::Result<(), Refusal> {
    // Whoever promised it keeps it, and binds nobody else.
    let forbids = |one: &&Restriction| one.of == ask.from && one.forbids(ask.to, ask.information);
    let told = planted::is(Bug::RestrictionIgnored) || planted::is(Bug::AnswersUnasked);
    match left_out.iter().find(forbids) {
        Some(one) if ask.action != Action::Show && !told => Err(against(one, &ask.purpose, next)),
        Some(_) | None => Ok(()),
    }
}

/// The refusal where `restriction` stands against a disclosure.
pub(super) fn against(restriction: &Restriction, purpose: &Purpose, next: &str) -> Refusal {
    Refusal::new(
        format!("this organisation agreed on {} not to tell this (asked for: {purpose})", restriction.at.date()),
        "42 CFR 2.26",
        next,
    )
}
