//! The words that measures count: reasons, barriers, outcomes, ways to meet. Closed lists; variants are only ever added at the end.

use serde::{Deserialize, Serialize};

/// A closed list with its words for commands and files, in the order in which forms show them.
macro_rules! words {
    ($(#[$of:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$of])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$each])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            pub const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];

            /// The word used in commands and files.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }
    };
}

words! {
    Urgency { Routine = "routine", Urgent = "urgent" }
}

words! {
    /// How people meet.
    Mode { InPerson = "in_person", Telephone = "telephone", Video = "video" }
}

words! {
    /// Why a referral was declined.
    DeclineReason {
        NoCapacity = "no_capacity",
        NotEligible = "not_eligible",
        CouldNotContact = "could_not_contact",
        PersonDeclined = "person_declined",
        OutOfArea = "out_of_area",
        Other = "other",
    }
}

words! {
    /// How it ended; the reason for closure that California's closed-loop rule asks for.
    Outcome {
        ServicesReceived = "services_received",
        Transferred = "transferred",
        Incarcerated = "incarcerated",
        Moved = "moved",
        LostContact = "lost_contact",
        PersonDeclined = "person_declined",
        Deceased = "deceased",
        Administrative = "administrative",
        Other = "other",
    }
}

impl Outcome {
    /// Whether the loop closed well: the others are `failed` in SDOHCC's words.
    #[must_use]
    pub const fn completed(self) -> bool {
        matches!(self, Self::ServicesReceived | Self::Transferred)
    }
}

words! {
    /// Why something did not happen, as public programs for people with substance use disorder count it. None is an empty list.
    Barrier {
        Transportation = "transportation",
        Insurance = "insurance",
        Waitlist = "waitlist",
        NoBeds = "no_beds",
        PersonDeclined = "person_declined",
        Childcare = "childcare",
        Documentation = "documentation",
        Legal = "legal",
        PhoneAccess = "phone_access",
        Other = "other",
        Language = "language",
        Housing = "housing",
        Work = "work",
    }
}

words! {
    /// What somebody needs besides treatment.
    NeedKind {
        Transport = "transport",
        Housing = "housing",
        Food = "food",
        Work = "work",
        Legal = "legal",
        Childcare = "childcare",
        Insurance = "insurance",
        Documents = "documents",
        Phone = "phone",
        Language = "language",
        Other = "other",
    }
}

words! {
    NeedStatus { Open = "open", Lifted = "lifted", Dropped = "dropped" }
}

words! {
    /// Who sees to a need. A third organisation is never named to the other side: who works with whom is protected as well.
    NeedOwner {
        Sender = "sender",
        Recipient = "recipient",
        Person = "person",
        Somebody = "somebody",
    }
}

words! {
    /// Whether the person was asked to say in their own words what comes next and why, and what came of it.
    TeachBack {
        NotAsked = "not_asked",
        Understood = "understood",
        Partly = "partly",
        NotUnderstood = "not_understood",
    }
}

words! {
    /// Where a person was met or heard of, so that a program is told that the person is in.
    Setting {
        EmergencyDepartment = "emergency_department",
        Admitted = "admitted",
        InCustody = "in_custody",
        Released = "released",
    }
}

words! {
    /// What a person leaves.
    Leaving {
        EmergencyDepartment = "emergency_department",
        Hospital = "hospital",
        Residential = "residential",
        Custody = "custody",
    }
}

words! {
    /// A way to reach somebody.
    Channel {
        Telephone = "telephone",
        TextMessage = "text_message",
        Letter = "letter",
        Visit = "visit",
        ThroughContact = "through_contact",
        Other = "other",
    }
}

words! {
    /// What came of a try to reach somebody.
    Reached {
        Reached = "reached",
        LeftMessage = "left_message",
        NoAnswer = "no_answer",
        WrongNumber = "wrong_number",
        Other = "other",
    }
}

words! {
    /// When people ask how it is going.
    Stage { Start = "start", Day30 = "30", Day90 = "90", Day180 = "180" }
}

impl Stage {
    /// Days after the start.
    #[must_use]
    pub const fn days(self) -> u64 {
        match self {
            Self::Start => 0,
            Self::Day30 => 30,
            Self::Day90 => 90,
            Self::Day180 => 180,
        }
    }
}

words! {
    Housing { Stable = "stable", Temporary = "temporary", None = "none" }
}

words! {
    Work { Employed = "employed", Training = "training", Looking = "looking", None = "none" }
}

words! {
    /// People to turn to.
    Support { Good = "good", Some = "some", None = "none" }
}

words! {
    Symptoms { None = "none", Mild = "mild", Moderate = "moderate", Severe = "severe" }
}

words! {
    /// A written summary of care.
    SummaryKind { Assessment = "assessment", Discharge = "discharge", Progress = "progress" }
}
