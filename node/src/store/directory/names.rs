//! Other names of what people look for: brand names, short forms and words of the street, so that who types "suboxone" finds buprenorphine.

/// Names that mean one thing, lower case. The first ones are single words, as people type them; a name of several words is met as a phrase.
/// What only comes near (a halfway house is no recovery residence by NARR's standard) stands in no row.
const SAME: [&[&str]; 10] = [
    &["buprenorphine", "suboxone", "subutex", "zubsolv", "sublocade", "brixadi", "buprenorfina"],
    &["naloxone", "narcan", "kloxxado", "naloxona"],
    &["naltrexone", "vivitrol", "naltrexona"],
    &["methadone", "methadose", "metadona"],
    &["detox", "detoxification", "withdrawal management"],
    &["mat", "moud", "medication assisted treatment", "medication for oud", "medications for opioid use disorder"],
    &["otp", "opioid treatment program"],
    &["iop", "intensive outpatient"],
    &["php", "partial hospitalization"],
    &["ed", "er", "emergency department", "emergency room"],
];

/// The other names of a word as it was typed; none for most words.
pub(super) fn others(typed: &str) -> impl Iterator<Item = &'static str> {
    let word = typed.to_lowercase();
    let row = SAME.iter().find(|names| names.contains(&word.as_str()));
    row.copied().unwrap_or_default().iter().copied().filter(move |name| *name != word)
}
