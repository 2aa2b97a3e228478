//! The codes of consents, inquiries and emergencies in the words of people. In the order of the forms.

use crate::web::acts::codes::Words;

/// Kinds of information that a consent opens.
pub const KINDS: Words = &[
    ("referral", "That the person was referred, appointments, whether the person came"),
    ("identity", "Name, date of birth, how to reach the person"),
    ("medication", "Medicines and doses"),
    ("clinical", "Diagnoses, assessments, summaries of care"),
    ("social", "Needs, such as a ride or a place to live"),
    ("crisis", "The plan for hard times"),
    ("counselling", "Counselling notes (alone in their consent)"),
];

/// The same as short as they fit in a line.
pub const KINDS_SHORT: Words = &[
    ("referral", "Referral and appointments"),
    ("identity", "Who the person is"),
    ("medication", "Medication"),
    ("clinical", "Clinical"),
    ("social", "Needs"),
    ("crisis", "Crisis plan"),
    ("counselling", "Counselling notes"),
];

/// Kinds that can be placed for an emergency.
pub const PLACED: Words = &[("crisis", "Crisis plan"), ("medication", "Medication")];

/// Kinds that medical personnel may have been told.
pub const TOLD: Words = &[
    ("crisis", "Crisis plan"),
    ("medication", "Medication"),
    ("identity", "Who the person is"),
    ("clinical", "Clinical"),
];

/// Why somebody is told.
pub const PURPOSES: Words = &[
    ("treatment", "Treatment"),
    ("tpo", "Treatment, payment and operations, all in one"),
    ("payment", "Payment"),
    ("operations", "Operations of health care"),
    ("request", "The person asks for it"),
    ("emergency", "To be opened in a medical emergency only"),
    ("proceedings", "A proceeding"),
    ("supervision", "Supervision by a court or parole office"),
    ("fundraising", "Raising money for the program"),
    ("other", "In other words (say which below)"),
];

/// Those for which one referral is sent.
pub const PURPOSES_SENT: Words = &[
    ("treatment", "Treatment"),
    ("payment", "Payment"),
    ("operations", "Operations of health care"),
    ("request", "The person asks for it"),
    ("supervision", "Supervision by a court or parole office"),
];

/// Which rules a consent is under.
pub const CLASSES: Words = &[
    ("general", "General: for the purposes it names"),
    ("tpo", "The single consent for treatment, payment and operations"),
    ("counselling", "Counselling notes (2.31(b))"),
    ("proceedings", "One legal proceeding (2.31(d))"),
    ("criminal_justice", "Criminal justice: treatment is a condition (2.35)"),
];

/// Who signs.
pub const SIGNERS: Words = &[
    ("person", "The person"),
    ("minor", "The minor alone, where the law of the state allows it (2.14)"),
    ("minor_and_parent", "The minor and a parent or guardian, both (2.14)"),
    ("guardian", "A guardian, for a person who can not decide (2.15)"),
    ("director", "The director of the program, for payment only (2.15)"),
    ("representative", "The executor, since the person has died (2.15)"),
    ("family", "The spouse or family, since the person has died (2.15)"),
];

/// How a consent ends by itself.
pub const ENDS: Words = &[
    ("on", "On a day"),
    ("event", "When something happens"),
    ("never", "Not by itself (only for treatment, payment and operations)"),
];

/// For an amendment, where it may stay.
pub const ENDS_NEW: Words = &[("on", "On another day"), ("event", "When something else happens")];

/// How a revocation was heard.
pub const HEARD: Words = &[("spoken", "The person said so"), ("written", "The person wrote it")];

/// How an agency stated it.
pub const STATED: Words = &[("written", "In writing"), ("spoken", "By word of mouth")];

/// How soon somebody has to act.
pub const URGENCY: Words = &[("routine", "As usual"), ("urgent", "It can not wait")];

/// How a person came to this one.
pub const CHOSE: Words = &[
    ("chosen", "The person chose it from what was shown"),
    ("nobody_else", "Nobody else offers it where the person can go"),
    ("person_asked", "The person came with this wish"),
    ("payer", "No other takes how the person pays"),
    ("no_room_elsewhere", "No other has room in time"),
    ("emergency", "There was no time: an emergency"),
    ("ordered", "A court or supervising officer named it"),
];

/// Kinds of partner.
pub const PARTNERS: Words = &[
    ("part2_program", "Treatment program under 42 CFR part 2"),
    ("covered_program", "Treatment program under 42 CFR part 2 that is a health provider under HIPAA too"),
    ("covered_entity", "Health provider under HIPAA, such as a hospital"),
    ("business_associate", "Contractor of a health provider"),
    ("non_covered_cbo", "Community organisation, such as a shelter"),
    ("criminal_justice", "Court, jail or probation"),
    ("law_enforcement", "Law enforcement"),
    ("child_welfare", "Child welfare"),
    ("health_plan", "Health plan"),
    ("other", "Something else"),
];

/// Those with medical personnel (42 CFR 2.51(a)).
pub const MEDICAL: Words = &[
    ("covered_entity", "A hospital, an emergency department, a doctor's office or a clinic"),
    ("part2_program", "A treatment program under 42 CFR part 2"),
];

/// What an inquiry asks for.
pub const WANTED: Words = &[
    ("withdrawal_management", "Withdrawal management (detox)"),
    ("residential", "Residential treatment"),
    ("outpatient", "Outpatient treatment"),
    ("intensive_outpatient", "Intensive outpatient treatment"),
    ("opioid_treatment_program", "Opioid treatment program"),
    ("buprenorphine", "Buprenorphine"),
    ("naltrexone", "Naltrexone"),
    ("inpatient", "Inpatient care"),
    ("recovery_housing", "Recovery housing"),
    ("shelter", "Shelter"),
    ("peer", "Peer support"),
    ("counselling", "Counselling"),
    ("mental_health", "Mental health care"),
    ("primary_care", "Primary care"),
    ("case_management", "Case management"),
    ("harm_reduction", "Harm reduction"),
    ("transport", "A ride"),
    ("food", "Food"),
    ("work", "Work"),
    ("legal", "Legal help"),
    ("other", "Something else"),
];

pub const AGES: Words = &[
    ("unknown", "Not said"),
    ("under_13", "Under 13"),
    ("13_17", "13 to 17"),
    ("18_24", "18 to 24"),
    ("25_34", "25 to 34"),
    ("35_44", "35 to 44"),
    ("45_54", "45 to 54"),
    ("55_64", "55 to 64"),
    ("65_89", "65 to 89"),
    ("90_and_over", "90 and over"),
];

pub const PAYERS: Words = &[
    ("unknown", "Not said"),
    ("none", "Nobody"),
    ("medicaid", "Medicaid"),
    ("medicare", "Medicare"),
    ("private", "Private insurance"),
    ("veterans", "Veterans"),
    ("tribal", "Tribal"),
    ("grant", "A grant"),
    ("other", "Another"),
];

pub const MEDICATIONS: Words = &[
    ("unknown", "Not said"),
    ("none", "None"),
    ("methadone", "Methadone"),
    ("buprenorphine", "Buprenorphine"),
    ("naltrexone", "Naltrexone"),
];

/// What a place must be able to do.
pub const ABLE: Words = &[
    ("wheelchair", "Wheelchair"),
    ("interpreter", "Interpreter"),
    ("transport", "A ride there"),
    ("with_child", "With a child"),
    ("pregnant", "Pregnant"),
    ("with_pet", "With a pet"),
    ("with_partner", "With a partner"),
    ("no_papers", "Without papers"),
    ("no_phone", "Without a telephone"),
    ("mental_health", "Mental health care besides"),
    ("medical_care", "Medical care besides"),
    ("on_supervision", "On supervision"),
    ("secret_address", "Address kept secret"),
    ("night_intake", "Intake at night"),
];

pub const LANGUAGES: Words = &[
    ("en", "English"),
    ("es", "Spanish"),
    ("tl", "Tagalog"),
    ("ko", "Korean"),
    ("hy", "Armenian"),
    ("fa", "Farsi"),
    ("sign", "Sign language"),
    ("other", "Another"),
    ("unknown", "Not known"),
];

pub const WITHIN: Words = &[
    ("today", "Today"),
    ("1", "Within a day"),
    ("3", "Within 3 days"),
    ("7", "Within 7 days"),
    ("14", "Within 14 days"),
    ("30", "Within 30 days"),
    ("60", "Within 60 days"),
    ("90", "Within 90 days"),
    ("later", "Later than in 90 days"),
];

/// What the law lets be told without a consent, but for what has facts of its own (2.51) or names nobody (2.54).
pub const CLAUSES: Words = &[
    ("42 CFR 2.12(c)(5)", "A crime on the premises or against staff, told to law enforcement: 2.12(c)(5)"),
    ("42 CFR 2.12(c)(6)", "A first report of child abuse or neglect: 2.12(c)(6)"),
    ("42 CFR 2.52", "Research: 2.52"),
    ("42 CFR 2.53", "Audit and evaluation: 2.53"),
    ("42 CFR 2.64", "A court order, not criminal: 2.64"),
    ("42 CFR 2.65", "A court order against the person: 2.65"),
    ("42 CFR 2.66", "A court order against this program or who holds the records: 2.66"),
    ("42 CFR 2.67", "A court order that places an agent here: 2.67"),
];

/// The answer to an inquiry.
pub const REPLIES: Words = &[
    ("yes", "Yes, we could"),
    ("wait_list", "There is a wait list"),
    ("phone", "Phone us: it takes a talk"),
    ("no", "No"),
];

/// Why not.
pub const NOT: Words = &[
    ("no_capacity", "No place free"),
    ("not_eligible", "Not for people like this"),
    ("medication", "Not with this medication"),
    ("payer", "Not with this payer"),
    ("out_of_area", "Outside our area"),
    ("age", "Not at this age"),
    ("not_offered", "We do not offer it"),
    ("need_not_met", "We can not meet a need"),
    ("other", "Another reason"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use belay_protocol::consent::{Class, Clause, Signer};
    use belay_protocol::referral::inquiry as code;
    use belay_protocol::space::control::PartnerKind;
    use serde::de::DeserializeOwned;

    fn reads<T: DeserializeOwned + PartialEq>(words: Words, all: &[T]) {
        for (code, text) in words {
            let value: T = serde_json::from_value((*code).into()).unwrap_or_else(|_| panic!("{code} is no code"));
            assert!(all.contains(&value) && !text.is_empty(), "{code}");
        }
        assert_eq!(words.len(), all.len(), "{words:?}");
    }

    #[test]
    fn every_code_of_consents_and_inquiries_has_its_words() {
        reads(CLASSES, &[Class::General, Class::Tpo, Class::Counselling, Class::Proceedings, Class::CriminalJustice]);
        reads(SIGNERS, &Signer::ALL);
        reads(WANTED, code::Wanted::ALL);
        reads(AGES, code::AgeBand::ALL);
        reads(PAYERS, code::Payer::ALL);
        reads(MEDICATIONS, code::Medication::ALL);
        reads(ABLE, code::Need::ALL);
        reads(LANGUAGES, code::Language::ALL);
        reads(WITHIN, code::Within::ALL);
        reads(NOT, code::NoReason::ALL);
        for (code, _) in CLAUSES {
            assert!(code.parse::<Clause>().is_ok_and(|clause| clause.to_string() == *code), "{code}");
        }
        assert_eq!(CLAUSES.len() + 2, Clause::ALL.len());
        for (code, _) in PARTNERS.iter().chain(MEDICAL) {
            let _: PartnerKind = serde_json::from_value((*code).into()).unwrap_or_else(|_| panic!("{code}"));
        }
        for (code, _) in KINDS.iter().chain(KINDS_SHORT).chain(PLACED).chain(TOLD) {
            assert!(code.parse::<belay_protocol::referral::Information>().is_ok(), "{code}");
        }
    }
}
