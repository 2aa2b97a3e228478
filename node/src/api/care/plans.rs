//! The crisis plan and the medication of a person, whether or not there is a referral.

use super::{MedicationRequest, PhoneView, PlanRequest};
use crate::wording::Hint;
use belay_protocol::ids::{EntryHash, PersonId, ThreadId};
use belay_protocol::referral::{CrisisPlan, Information, Medication};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// Writes one, or says that one was a mistake.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlanWrite {
    pub person: Personal<String>,
    pub what: PlanWritten,
}

/// As in a referral.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanWritten {
    Crisis(PlanRequest),
    Medication(MedicationRequest),
    /// The one that this entry holds, by its id or the beginning of it.
    Mistake {
        entry: String,
        why: Personal<String>,
    },
}

/// What our own staff wrote last, here or in a referral.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PlansView {
    pub crisis: Option<(Time, CrisisPlan)>,
    pub medication: Option<(Time, Medication)>,
    /// Those of the two that hold and were written upon one that was a mistake.
    pub upon: Vec<UponView>,
    /// Referrals that say it as it was before, and may say it as it is now; and whichever say what was a mistake.
    pub older: Vec<OlderPlan>,
    /// Those that were written here and are no mistake, newest first.
    pub written: Vec<WrittenPlan>,
    /// Words that were just written and others that put the person first. Nothing was held back for them.
    pub hints: Vec<Hint>,
}

/// One that holds and was written upon one that was a mistake, before anybody knew: the same may be wrong in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UponView {
    pub information: Information,
    pub at: Time,
    /// By which it can be struck too; none where it was written in a referral alone.
    pub entry: Option<EntryHash>,
    /// When what was the mistake was written, and what was wrong with it.
    pub wrong: Time,
    pub why: Personal<String>,
}

/// A referral that says one of the two as it was before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OlderPlan {
    pub thread: ThreadId,
    pub other_name: String,
    pub information: Information,
    /// Since when it says so.
    pub of: Time,
    /// What it says was a mistake.
    #[serde(default)]
    pub mistaken: bool,
    /// What it says was written upon one that was a mistake: when that was written.
    #[serde(default)]
    pub upon: Option<Time>,
    /// What is on record may be told there.
    #[serde(default)]
    pub renew: bool,
    /// Whom to telephone there, where it was a mistake and the number is known.
    #[serde(default)]
    pub phone: Option<PhoneView>,
}

/// One that was written here.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WrittenPlan {
    pub entry: EntryHash,
    pub information: Information,
    pub at: Time,
    pub staff: Personal<String>,
}

/// The two after they were written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonPlans {
    pub id: PersonId,
    #[serde(flatten)]
    pub plans: PlansView,
}

/// What stands in a plan or a list now and would not any more.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PlanPreview {
    /// Nothing where nothing that stands is changed or taken away.
    pub changes: Vec<PlanChange>,
}

/// One part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanChange {
    pub what: String,
    pub stands: Vec<Personal<String>>,
    pub becomes: Vec<Personal<String>>,
}
