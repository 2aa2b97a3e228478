//! "Could you take somebody like this?" De-identified by construction (45 CFR 164.514(b)(2)): every field is one of a few codes, so
//! that no name, no date, no number and no word of anybody's choosing can stand in it. It is no record of a person, needs no
//! consent, and is no disclosure.
//!
//! Of the identifiers of 164.514(b)(2)(i): places (B) there are none, the asked organisation knows where the asking one is and no
//! more; dates (C) there are none, only within how many days; ages over 89 are one band; the rest has no field. The space in which
//! it travels has a random name that is made of nothing about the person (164.514(c)).

use super::act::versioned;
use super::codes::Urgency;
use crate::codec;
use crate::fault::Result;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// First byte of every body in the space of an inquiry. Bodies of threads begin with another.
pub const INQUIRY_VERSION: u8 = 16;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $(#[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every code. New ones are only ever added at the end.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Their words, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word for it in commands and on screen.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The code of a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.word() == word)
            }
        }
    };
}

codes!(
    /// What is asked for.
    Wanted {
        WithdrawalManagement = "withdrawal_management", Residential = "residential", Outpatient = "outpatient",
        IntensiveOutpatient = "intensive_outpatient", OpioidTreatmentProgram = "opioid_treatment_program",
        Buprenorphine = "buprenorphine", Naltrexone = "naltrexone", Inpatient = "inpatient",
        RecoveryHousing = "recovery_housing", Shelter = "shelter", Peer = "peer", Counselling = "counselling",
        MentalHealth = "mental_health", PrimaryCare = "primary_care", CaseManagement = "case_management",
        HarmReduction = "harm_reduction", Transport = "transport", Food = "food", Work = "work", Legal = "legal",
        Other = "other",
    }
);
codes!(
    /// Ages over 89 are one band (164.514(b)(2)(i)(C)).
    AgeBand {
        Unknown = "unknown", Under13 = "under_13", Teen = "13_17", From18 = "18_24", From25 = "25_34", From35 = "35_44",
        From45 = "45_54", From55 = "55_64", From65 = "65_89", Over89 = "90_and_over",
    }
);
codes!(
    /// Who would pay.
    Payer {
        Unknown = "unknown", None = "none", Medicaid = "medicaid", Medicare = "medicare", Private = "private",
        Veterans = "veterans", Tribal = "tribal", Grant = "grant", Other = "other",
    }
);
codes!(
    /// Medication for substance use disorder: many places take nobody who takes any.
    Medication {
        Unknown = "unknown", None = "none", Methadone = "methadone", Buprenorphine = "buprenorphine",
        Naltrexone = "naltrexone",
    }
);
codes!(
    /// What a place must be able to do.
    Need {
        Wheelchair = "wheelchair", Interpreter = "interpreter", Transport = "transport", Child = "with_child",
        Pregnant = "pregnant", Pet = "with_pet", Partner = "with_partner", NoPapers = "no_papers", NoPhone = "no_phone",
        MentalHealth = "mental_health", Medical = "medical_care", Legal = "on_supervision", Safety = "secret_address",
        NightIntake = "night_intake",
    }
);
codes!(
    /// The person's language.
    Language {
        English = "en", Spanish = "es", Tagalog = "tl", Korean = "ko", Armenian = "hy", Farsi = "fa", Sign = "sign",
        Other = "other", Unknown = "unknown",
    }
);
codes!(
    /// Within how many days, from today.
    Within {
        Today = "today", Day = "1", Days3 = "3", Week = "7", Days14 = "14", Month = "30", Days60 = "60",
        Days90 = "90", Later = "later",
    }
);
codes!(
    /// Why not.
    NoReason {
        NoCapacity = "no_capacity", NotEligible = "not_eligible", Medication = "medication", Payer = "payer",
        OutOfArea = "out_of_area", Age = "age", NotOffered = "not_offered", Need = "need_not_met", Other = "other",
    }
);

impl Within {
    /// The least band that holds so many days.
    #[must_use]
    pub const fn days(days: u32) -> Self {
        match days {
            0 => Self::Today,
            1 => Self::Day,
            2..=3 => Self::Days3,
            4..=7 => Self::Week,
            8..=14 => Self::Days14,
            15..=30 => Self::Month,
            31..=60 => Self::Days60,
            61..=90 => Self::Days90,
            _ => Self::Later,
        }
    }

    /// For people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Day => "within a day",
            Self::Days3 => "within 3 days",
            Self::Week => "within 7 days",
            Self::Days14 => "within 14 days",
            Self::Month => "within 30 days",
            Self::Days60 => "within 60 days",
            Self::Days90 => "within 90 days",
            Self::Later => "later than in 90 days",
        }
    }
}

/// The question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inquiry {
    pub wanted: Wanted,
    pub age: AgeBand,
    pub payer: Payer,
    pub medication: Medication,
    pub needs: BTreeSet<Need>,
    pub urgency: Urgency,
    pub language: Language,
    pub within: Within,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    Yes,
    No(NoReason),
    /// There will be a place within so many days.
    WaitList(Within),
    /// It takes a talk.
    Phone,
}

impl Reply {
    /// For people.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Yes => "yes".to_owned(),
            Self::No(why) => format!("no: {}", why.word().replace('_', " ")),
            Self::WaitList(within) => format!("wait list, {}", within.words()),
            Self::Phone => "phone us".to_owned(),
        }
    }
}

/// The body of a data entry in the space of an inquiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InquiryBody {
    Ask(Inquiry),
    Reply(Reply),
}

impl InquiryBody {
    /// Version byte and postcard.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![INQUIRY_VERSION];
        bytes.extend_from_slice(&codec::encode(self));
        bytes
    }

    /// What a body says.
    ///
    /// # Errors
    /// `Incompatible` for another version, `Malformed` for anything else that is no body.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        versioned("inquiry", INQUIRY_VERSION, bytes)
    }
}

impl Inquiry {
    /// What staff say on the telephone, where the other is not on the network. It names nobody.
    #[must_use]
    pub fn script(&self) -> String {
        let plain = |word: &str| word.replace('_', " ");
        let mut out = String::from("Could you take somebody like this? I will not say who it is.\n");
        let mut line = |label: &str, words: String| out.push_str(&format!("- {label}: {words}\n"));
        line("what is needed", plain(self.wanted.word()));
        line("when", self.within.words().to_owned());
        line("how urgent", if self.urgency == Urgency::Urgent { "urgent" } else { "not urgent" }.to_owned());
        line("age", self.age.word().replace("_and_over", " and over").replace("under_", "under ").replace('_', " to "));
        line("who pays", plain(self.payer.word()));
        line("medication", plain(self.medication.word()));
        let language = match self.language {
            Language::English => "English",
            Language::Spanish => "Spanish",
            Language::Tagalog => "Tagalog",
            Language::Korean => "Korean",
            Language::Armenian => "Armenian",
            Language::Farsi => "Farsi",
            Language::Sign => "sign language",
            Language::Other => "another",
            Language::Unknown => "unknown",
        };
        line("language", language.to_owned());
        if !self.needs.is_empty() {
            let needs: Vec<String> = self.needs.iter().map(|need| plain(need.word())).collect();
            line("also", needs.join(", "));
        }
        out.push_str("Say no name, no date of birth, no address and no telephone number, even if they ask.\n");
        out
    }
}

#[cfg(test)]
mod tests;
