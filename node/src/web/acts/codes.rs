//! The codes of referrals in the words of people: what is sent, what is shown. In the order of the forms.

/// Code and words.
pub type Words = &'static [(&'static str, &'static str)];

/// Why a referral is declined.
pub const DECLINE: Words = &[
    ("no_capacity", "We have no place free"),
    ("not_eligible", "We can not serve this person"),
    ("could_not_contact", "We could not reach the person"),
    ("person_declined", "The person does not want it"),
    ("out_of_area", "Outside the area we serve"),
    ("other", "Another reason (say which below)"),
];

/// The same of others.
pub const DECLINE_THEIRS: Words = &[
    ("no_capacity", "They have no place free"),
    ("not_eligible", "They can not serve this person"),
    ("could_not_contact", "They could not reach the person"),
    ("person_declined", "The person does not want it"),
    ("out_of_area", "Outside the area they serve"),
    ("other", "Another reason (say which below)"),
];

/// How people meet.
pub const MODES: Words = &[("in_person", "In person"), ("telephone", "By telephone"), ("video", "By video")];

/// How a referral ended.
pub const OUTCOMES: Words = &[
    ("services_received", "The person got what was needed"),
    ("transferred", "Another organisation took over"),
    ("lost_contact", "We lost contact"),
    ("person_declined", "The person did not want it"),
    ("moved", "The person moved away"),
    ("incarcerated", "The person is in custody"),
    ("deceased", "The person died"),
    ("administrative", "An administrative reason"),
    ("other", "Another reason (say which below)"),
];

/// The same, as others say it.
pub const OUTCOMES_THEIRS: Words = &[
    ("services_received", "The person got what was needed"),
    ("transferred", "Another organisation took over"),
    ("lost_contact", "They lost contact"),
    ("person_declined", "The person did not want it"),
    ("moved", "The person moved away"),
    ("incarcerated", "The person is in custody"),
    ("deceased", "The person died"),
    ("administrative", "An administrative reason"),
    ("other", "Another reason (say which below)"),
];

/// What stood in the way.
pub const BARRIERS: Words = &[
    ("transportation", "No way to get there"),
    ("childcare", "Nobody to look after a child"),
    ("work", "Work hours"),
    ("housing", "No place to live"),
    ("phone_access", "No telephone"),
    ("language", "Language"),
    ("documentation", "Papers are missing"),
    ("insurance", "Insurance"),
    ("legal", "A legal matter"),
    ("waitlist", "A waiting list"),
    ("no_beds", "No bed free"),
    ("person_declined", "The person did not want it"),
    ("other", "Something else"),
];

/// What somebody needs besides treatment.
pub const NEEDS: Words = &[
    ("transport", "A ride"),
    ("housing", "A place to live"),
    ("food", "Food"),
    ("work", "Work"),
    ("legal", "Help with a legal matter"),
    ("childcare", "Care for a child"),
    ("insurance", "Insurance"),
    ("documents", "Papers"),
    ("phone", "A telephone"),
    ("language", "An interpreter"),
    ("other", "Something else"),
];

/// How a need stands.
pub const NEED_STATUS: Words = &[("open", "Open"), ("lifted", "Met"), ("dropped", "Not wanted any more")];

/// Who sees to a need.
pub const OWNERS: Words = &[
    ("sender", "Who sent the referral"),
    ("recipient", "Who received the referral"),
    ("person", "The person"),
    ("somebody", "Somebody else"),
];

/// Whether the person could say in their own words what comes next.
pub const TEACH_BACK: Words = &[
    ("not_asked", "Not asked"),
    ("understood", "Asked, and it was clear"),
    ("partly", "Asked, and it was partly clear"),
    ("not_understood", "Asked, and it was not clear"),
];

/// Where a person was met or heard of.
pub const SETTINGS: Words = &[
    ("emergency_department", "In the emergency department"),
    ("admitted", "Admitted to a hospital"),
    ("in_custody", "In custody"),
    ("released", "Released"),
];

/// What a person leaves.
pub const LEAVING: Words = &[
    ("emergency_department", "The emergency department"),
    ("hospital", "A hospital"),
    ("residential", "Residential treatment"),
    ("custody", "Custody"),
];

/// A way to reach somebody.
pub const CHANNELS: Words = &[
    ("telephone", "By telephone"),
    ("text_message", "By text message"),
    ("letter", "By letter"),
    ("visit", "By a visit"),
    ("through_contact", "Through somebody whom the person named"),
    ("other", "Another way"),
];

/// What came of a try to reach somebody.
pub const REACHED: Words = &[
    ("reached", "Reached"),
    ("left_message", "Left a message"),
    ("no_answer", "No answer"),
    ("wrong_number", "Wrong number"),
    ("other", "Something else"),
];

/// When people ask how it goes.
pub const STAGES: Words =
    &[("start", "At the start"), ("30", "After 30 days"), ("90", "After 90 days"), ("180", "After 180 days")];

pub const HOUSING: Words = &[("stable", "A stable place"), ("temporary", "A place for now"), ("none", "No place")];

pub const WORK: Words =
    &[("employed", "Has work"), ("training", "In training"), ("looking", "Looks for work"), ("none", "No work")];

pub const SUPPORT: Words = &[("good", "Good support"), ("some", "Some support"), ("none", "Nobody to turn to")];

pub const SYMPTOMS: Words = &[("none", "None"), ("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe")];

/// A written summary of care.
pub const SUMMARIES: Words = &[("discharge", "Discharge"), ("assessment", "Assessment"), ("progress", "How it goes")];

/// These codes in the words for what others say, where `theirs`.
#[must_use]
pub fn said(words: Words, theirs: bool) -> Words {
    let ours = [(DECLINE, DECLINE_THEIRS), (OUTCOMES, OUTCOMES_THEIRS)];
    ours.into_iter().find(|(ours, _)| theirs && *ours == words).map_or(words, |(_, theirs)| theirs)
}

/// The words of a code.
#[must_use]
pub fn shown(words: Words, code: &str) -> &'static str {
    words.iter().find(|(sent, _)| *sent == code).map_or("", |(_, shown)| shown.trim_end_matches(" (say which below)"))
}

/// The same inside a sentence.
#[must_use]
pub fn lower(words: Words, code: &str) -> String {
    let mut letters = shown(words, code).chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_is_never_said_of_us() {
        for words in [DECLINE, OUTCOMES] {
            for (code, text) in said(words, true) {
                assert!(!text.starts_with("We ") && !text.contains(" we "), "{code}: {text}");
            }
        }
        assert_eq!(shown(said(DECLINE, true), "no_capacity"), "They have no place free");
        assert_eq!(shown(said(DECLINE, false), "no_capacity"), "We have no place free");
    }
    use belay_protocol::referral as code;

    #[test]
    fn every_code_has_its_words_once() {
        fn whole<T>(words: Words, all: &[(&'static str, T)]) {
            let sorted = |codes: Vec<&'static str>| codes.into_iter().collect::<std::collections::BTreeSet<_>>();
            assert_eq!(words.len(), all.len(), "{words:?}");
            assert_eq!(
                sorted(words.iter().map(|(code, _)| *code).collect()),
                sorted(all.iter().map(|(code, _)| *code).collect())
            );
            assert!(words.iter().all(|(code, text)| !text.is_empty() && !shown(words, code).is_empty()));
        }
        whole(DECLINE, code::DeclineReason::ALL);
        whole(MODES, code::Mode::ALL);
        whole(OUTCOMES, code::Outcome::ALL);
        whole(DECLINE_THEIRS, code::DeclineReason::ALL);
        whole(OUTCOMES_THEIRS, code::Outcome::ALL);
        whole(BARRIERS, code::Barrier::ALL);
        whole(NEEDS, code::NeedKind::ALL);
        whole(NEED_STATUS, code::NeedStatus::ALL);
        whole(OWNERS, code::NeedOwner::ALL);
        whole(TEACH_BACK, code::TeachBack::ALL);
        whole(SETTINGS, code::Setting::ALL);
        whole(LEAVING, code::Leaving::ALL);
        whole(CHANNELS, code::Channel::ALL);
        whole(REACHED, code::Reached::ALL);
        whole(STAGES, code::Stage::ALL);
        whole(HOUSING, code::Housing::ALL);
        whole(WORK, code::Work::ALL);
        whole(SUPPORT, code::Support::ALL);
        whole(SYMPTOMS, code::Symptoms::ALL);
        whole(SUMMARIES, code::SummaryKind::ALL);
    }
}
