//! Medical emergencies (42 CFR 2.51): copies placed in advance, and their opening.

use belay_protocol::ids::{ConsentId, EntryHash, PersonId, SpaceId};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use belay_protocol::space::control::PartnerKind;
use belay_protocol::time::Time;
use serde::{Deserialize, Serialize};

/// Copies to be placed with an emergency department.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmergencyPlace {
    pub person: Personal<String>,
    pub at: String,
    pub consent: String,
    /// `crisis`, `medication`; empty: what is given or on record.
    pub include: Vec<Information>,
    /// The texts; `None`: what is on record.
    pub crisis: Option<Personal<String>>,
    pub medication: Option<Personal<String>>,
}

/// What changed; goes to every place where a copy lies.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmergencyUpdate {
    pub person: Personal<String>,
    pub crisis: Option<Personal<String>>,
    pub medication: Option<Personal<String>>,
}

/// At the emergency department: the four facts, that the person can not be asked first, and whose copies.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct EmergencyOpen {
    pub name: Personal<String>,
    pub birth_date: Personal<String>,
    /// 2.51(c)(1): who of the medical personnel.
    pub personnel: Personal<String>,
    /// 2.51(c)(2): who opens it; `None`: the staff member who signed in.
    pub discloser: Option<Personal<String>>,
    /// 2.51(c)(4).
    pub nature: Personal<String>,
    /// 2.51(a)(1): why the person's prior written consent can not be obtained.
    pub unobtainable: Personal<String>,
    /// `crisis`, `medication`; empty: both.
    pub include: Vec<Information>,
    /// Whom to phone, which the node looks up.
    #[serde(skip)]
    pub phones: Vec<PhoneRow>,
}

/// What our own organisation told medical personnel by telephone or letter.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct EmergencyTold {
    pub person: Personal<String>,
    /// The facility: a member, a partner off the network, or another name.
    pub facility: String,
    /// What kind of place it is, where it is not on record here.
    #[serde(default)]
    pub kind: Option<PartnerKind>,
    pub telephone: String,
    pub personnel: Personal<String>,
    pub discloser: Option<Personal<String>>,
    pub nature: Personal<String>,
    /// 2.51(a)(1): why the person's prior written consent could not be obtained.
    pub unobtainable: Personal<String>,
    /// What was told.
    pub told: Personal<String>,
    /// Which kinds that was: at least one.
    pub include: Vec<Information>,
    /// `None`: now.
    pub when: Option<Time>,
    /// It was told twice: the same stands on record of that day already, and this goes beside it.
    #[serde(default)]
    pub again: bool,
}

/// The four facts of 2.51(c), as they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsView {
    pub personnel: Personal<String>,
    pub facility: String,
    pub discloser: Personal<String>,
    pub at: Time,
    pub nature: Personal<String>,
    /// Why the person's prior written consent could not be obtained (2.51(a)(1)).
    pub unobtainable: Personal<String>,
}

/// What lies where, and what was opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmergencyView {
    pub placed: Vec<PlacedRow>,
    /// Copies of ours that lie with somebody and of which no record is here: it was lost with a machine.
    #[serde(default)]
    pub unrecorded: Vec<UnrecordedRow>,
    /// Copies of ours that were opened, newest first.
    pub openings: Vec<OpeningRow>,
    /// Broken glass at this organisation, newest first.
    pub attempts: Vec<AttemptRow>,
    /// What was opened at this organisation for somebody who was not on record, newest first.
    #[serde(default)]
    pub here: Vec<HereRow>,
    /// Openings that a privacy officer has not looked into.
    pub to_review: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlacedRow {
    pub space: SpaceId,
    pub person: PersonId,
    pub name: Personal<String>,
    pub at: String,
    pub information: Information,
    pub consent: ConsentId,
    pub version: u32,
    /// placed, expired, ended.
    pub state: String,
    /// Whether the newest copy is stored there.
    pub delivered: bool,
}

/// A copy of which nothing is known here but what stands in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UnrecordedRow {
    pub space: SpaceId,
    /// As the copy says; empty where it can not be opened here.
    pub name: Personal<String>,
    pub birth_date: Personal<String>,
    pub at: String,
    pub information: Information,
}

/// One copy that was opened here.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HereRow {
    pub opening: EntryHash,
    pub at: Time,
    /// Who had placed it, and was told.
    pub placed_by: String,
    pub information: Information,
    pub staff: Personal<String>,
    /// For whom it was, as staff said since.
    pub person: Option<PersonId>,
    pub name: Personal<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpeningRow {
    pub opening: EntryHash,
    /// `None`: the record of the copy is lost.
    pub person: Option<PersonId>,
    /// Of the person; where the record is lost, as the copy says.
    pub name: Personal<String>,
    pub information: Information,
    pub facts: FactsView,
    /// Who had signed in there.
    pub staff: Personal<String>,
    /// The copy had been taken back; who opened it had not heard.
    pub late: bool,
    pub reviewed: Option<ReviewView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewView {
    pub at: Time,
    pub staff: Personal<String>,
    pub note: Personal<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AttemptRow {
    pub facts: FactsView,
    pub staff: Personal<String>,
    /// How many copies it opened.
    pub opened: u32,
}

/// What was opened. No copy: none is placed here under this name and date of birth.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpenedView {
    pub facts: FactsView,
    pub copies: Vec<CopyView>,
    /// Whom to phone. The same list whoever was asked for.
    pub phones: Vec<PhoneRow>,
}

impl OpenedView {
    /// The notices and what the consents permit, each once: they follow what helps now.
    #[must_use]
    pub fn law(&self) -> Vec<&str> {
        let mut said: Vec<&str> = Vec::new();
        for words in self.copies.iter().flat_map(|copy| [copy.scope.trim_end(), copy.notice.as_str()]) {
            if !said.contains(&words) {
                said.push(words);
            }
        }
        said
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CopyView {
    /// Who placed it, and hears that it was opened.
    pub organisation: String,
    pub information: Information,
    pub name: Personal<String>,
    pub birth_date: Personal<String>,
    pub content: Personal<String>,
    /// When it was written.
    pub written: Time,
    /// The notice of 2.32(a).
    pub notice: String,
    /// What the consent permits, in plain words.
    pub scope: String,
    pub opening: EntryHash,
}

/// Whom to phone in an emergency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PhoneRow {
    pub organisation: String,
    pub telephone: String,
}
