//! Kinds of information, as spaces, consents and agreements speak of them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A kind of information; each has a space of its own in a thread, so that keys and not screens keep it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Information {
    /// Status, appointments, messages.
    Referral,
    Identity,
    Medication,
    Clinical,
    Social,
    Crisis,
    /// "Could you take somebody like this?": codes only, no free text, nobody who could be recognised (45 CFR 164.514(b)). It is
    /// no record of anybody, so that no consent opens it and none is needed.
    Inquiry,
    /// Counselling notes: a consent of their own, never combined with another kind (42 CFR 2.31(b)).
    Counselling,
}

impl Information {
    /// Every kind, in the order in which forms show them.
    pub const ALL: [Self; 8] = [
        Self::Referral,
        Self::Identity,
        Self::Medication,
        Self::Clinical,
        Self::Social,
        Self::Crisis,
        Self::Inquiry,
        Self::Counselling,
    ];

    /// The word used in commands and spaces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Referral => "referral",
            Self::Identity => "identity",
            Self::Medication => "medication",
            Self::Clinical => "clinical",
            Self::Social => "social",
            Self::Crisis => "crisis",
            Self::Inquiry => "inquiry",
            Self::Counselling => "counselling",
        }
    }

    /// What it is, "in a specific and meaningful fashion" (42 CFR 2.31(a)(3)), unless the form says it otherwise.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Referral => {
                "that I was referred for substance use disorder services and why, whether the referral was accepted, \
                 my appointments, whether I came and what stood in the way, who took over my care, how it ended, tries \
                 to reach me, whether I was seen in an emergency department, in hospital or in custody or was released, \
                 the day of my release or discharge, whether I am still in care and content with it, naloxone kits I \
                 was given, and messages and files about this"
            }
            Self::Identity => "my name, other names, date of birth, telephone, address, language and how to reach me",
            Self::Medication => {
                "my present medication for substance use disorder, with doses, times and next visit, who prescribes it, my allergies, \
                 and notes about them"
            }
            Self::Clinical => {
                "my diagnosis, assessment, symptoms and treatment summary for substance use disorder, no counselling notes"
            }
            Self::Social => {
                "what I need besides treatment, such as housing, transport, work, food and people who support me, \
                 who helps with it and what comes next"
            }
            Self::Crisis => {
                "my crisis plan: warning signs, whom to call, what helps, what to avoid, where naloxone is, what I \
                 want done"
            }
            Self::Inquiry => "a question about a place that names nobody",
            Self::Counselling => "the notes of my counsellor about what was said in counselling",
        }
    }
}

impl fmt::Display for Information {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that should be a kind of information is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of information: expected referral, identity, medication, clinical, social, crisis or counselling")]
pub struct NotInformation;

impl std::str::FromStr for Information {
    type Err = NotInformation;
    fn from_str(text: &str) -> Result<Self, NotInformation> {
        let text = text.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(NotInformation)
    }
}
