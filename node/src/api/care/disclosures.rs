//! What was told to whom, and who looked at what.

use belay_protocol::disclosure::Stage;
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, ThreadId};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// One person, or one organisation.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DisclosuresAsk {
    pub person: Option<Personal<String>>,
    pub to: Option<String>,
    /// `None`: for a person the last three years, for an organisation everything.
    pub since: Option<Time>,
    /// Only what was told before this.
    pub until: Option<Time>,
    /// Only what rests on a consent, as 42 CFR 2.25 counts.
    pub with_consent: bool,
}

impl DisclosuresAsk {
    /// The accounting of three years for a person.
    #[must_use]
    pub fn of(person: &str) -> Self {
        Self { person: Some(person.into()), ..Self::default() }
    }

    /// Everything that was told to one organisation.
    #[must_use]
    pub fn to(organisation: &str) -> Self {
        Self { to: Some(organisation.to_owned()), ..Self::default() }
    }
}

/// What is told somebody without a consent, under a clause that lets it be told.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DisclosureRecord {
    pub person: Personal<String>,
    /// As the regulation is cited: `2.64`, `2.12(c)(6)`.
    pub clause: String,
    /// A member, or a partner off the network.
    pub to: String,
    /// Who here decided it.
    pub decided: Personal<String>,
    /// The scope of the order, what is suspected, what was done, which study or audit.
    pub matter: Personal<String>,
    /// Of a court order; the date is of no clock.
    pub court: Personal<String>,
    pub order_dated: Option<Time>,
    /// The subpoena that goes with it.
    pub mandate: Personal<String>,
    /// Of an audit or study.
    pub undertaking: Personal<String>,
    /// What was told.
    pub told: Personal<String>,
    /// Which kinds that was.
    pub include: Vec<Information>,
    /// `None`: now.
    pub when: Option<Time>,
    /// It was told twice: the same stands on record of that day already, and this goes beside it.
    pub again: bool,
}

/// What was on record before something was told without a consent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LawView {
    pub clause: String,
    pub decided: Personal<String>,
    pub matter: Personal<String>,
    pub court: Option<Personal<String>>,
    /// `YYYY-MM-DD`.
    pub dated: Option<String>,
    pub mandate: Option<Personal<String>>,
    pub undertaking: Option<Personal<String>>,
    pub at: Time,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DisclosuresView {
    /// The time that the list covers.
    pub since: Option<Time>,
    pub until: Option<Time>,
    /// How many were made. What is placed for emergencies and was not opened is listed, since a breach at the recipient concerns
    /// it, and not counted.
    pub made: usize,
    pub disclosures: Vec<DisclosureView>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DisclosureView {
    /// The entry by which it was put on record.
    pub record: EntryHash,
    /// It was put on record by hand, stands, and can be struck.
    pub by_hand: bool,
    /// When it was told, and when that was put on record.
    pub at: Time,
    pub recorded: Time,
    pub person: PersonId,
    pub to: OrgId,
    pub recipient: String,
    /// Where the directory or the list of partners knows it.
    pub address: Option<String>,
    /// Its person's name, for whom staff of this organisation must reach after a breach; of a referral that is linked to nobody, the name
    /// that it tells.
    pub name: Option<Personal<String>>,
    /// It was told in this referral, of which nobody said who of ours the person is.
    #[serde(default)]
    pub unlinked: Option<ThreadId>,
    /// Whether it rests on a consent.
    pub with_consent: bool,
    pub information: Information,
    pub what: Personal<String>,
    pub purpose: String,
    pub consent: ConsentId,
    pub version: u32,
    pub staff: Personal<String>,
    pub entry: EntryHash,
    /// What permits it; the consent is all zero where none is asked for.
    pub clause: String,
    pub stage: Stage,
    /// A letter that was printed, which counts as told: whether it was handed over is known to who did.
    #[serde(default)]
    pub printed: bool,
    /// Of a medical emergency.
    pub facts: Option<super::FactsView>,
    /// Of what else the law lets be told without a consent.
    pub law: Option<LawView>,
    /// Until when it is left out of what the person is given (45 CFR 164.528(a)(2)).
    #[serde(default)]
    pub withheld: Option<Time>,
}

impl DisclosureView {
    /// Whom it is about, as a list says it.
    #[must_use]
    pub fn about(&self) -> Personal<String> {
        let said = match (&self.name, self.unlinked) {
            (Some(name), None) => return name.clone(),
            (Some(name), Some(thread)) => {
                format!("{}, as told in referral {} (not linked)", name.reveal(), thread.short())
            }
            (None, Some(thread)) => format!("not linked, referral {}", thread.short()),
            (None, None) if self.person == PersonId::ZERO => "nobody on record".to_owned(),
            (None, None) => self.person.short(),
        };
        Personal::new(said)
    }
}

/// An agency of health oversight or law enforcement stated that an accounting of what it was told would be in its way.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Withhold {
    pub to: String,
    /// `None`: of everybody's accounting.
    pub person: Option<Personal<String>>,
    /// By word of mouth: for thirty days at most.
    pub spoken: bool,
    pub official: Personal<String>,
    pub statement: Personal<String>,
    /// `None`: now.
    pub said: Option<Time>,
    /// `None`: of what was spoken, the thirty days.
    pub until: Option<Time>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WithheldsView {
    pub withheld: Vec<WithheldRow>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WithheldRow {
    pub id: String,
    pub to: String,
    pub person: Option<PersonId>,
    pub name: Option<Personal<String>>,
    pub spoken: bool,
    pub official: Personal<String>,
    pub statement: Personal<String>,
    pub said: Time,
    /// When the accounting is whole again, or was.
    pub until: Time,
    pub stands: bool,
    pub staff: Personal<String>,
    /// Why it ended before its time.
    pub ended: Option<Personal<String>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditView {
    pub looks: Vec<LookView>,
}

/// Whether the record of looks and disclosures is whole, as far as the machine can tell.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AuditCheckView {
    /// Entries of the private space that were looked at.
    pub entries: u64,
    pub looks: u64,
    pub disclosures: u64,
    /// Entries of ours in referrals, each of which has to be on record as told if another can open it.
    pub told: u64,
    /// Entries that count no more, such as of a machine that was retired: kept, and without effect.
    #[serde(default)]
    pub apart: u64,
    /// How much is wrong; the first of it in `findings`.
    pub wrong: u64,
    pub findings: Vec<FindingView>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FindingView {
    pub what: String,
    pub entry: EntryHash,
    /// The time that the entry says.
    pub at: Option<Time>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LookView {
    pub at: Time,
    pub staff: Personal<String>,
    pub looked: String,
    pub person: Option<PersonId>,
    pub thread: Option<ThreadId>,
    /// What was looked for, or asked and refused.
    #[serde(default)]
    pub words: Personal<String>,
}

/// What one organisation was told under a consent that is known to be false.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FalselyTold {
    pub to: OrgId,
    pub recipient: String,
    pub phone: Option<super::PhoneView>,
    /// The oldest first.
    pub told: Vec<FalseLine>,
    /// The privacy officer's last word about it (42 CFR 2.16(b); 45 CFR 164.402).
    pub judged: Option<super::ReviewView>,
    /// No word was said of it yet, or something was put on record since.
    pub open: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FalseLine {
    pub at: Time,
    pub information: Information,
    pub what: Personal<String>,
    pub stage: Stage,
}

/// A consent that is known to be false, under which something was told of which the privacy officer has said nothing yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FalseView {
    pub consent: ConsentId,
    /// It may be false, and nobody has judged it yet.
    pub suspended: bool,
    pub person: PersonId,
    pub name: Personal<String>,
    /// To whom.
    pub to: Vec<String>,
}

/// A person who asked for an accounting while something was left out of it (45 CFR 164.528(a)(2)) that is in it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwedView {
    pub person: PersonId,
    pub name: Personal<String>,
    /// When it was given.
    pub asked: Time,
    /// Since when it would say more.
    pub since: Time,
}
