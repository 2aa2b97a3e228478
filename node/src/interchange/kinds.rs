//! Words and codes of the field into facets (`service_kind.detox`, `payment.medicaid`, ...).

use belay_protocol::directory::view::FACETS;

/// Names of taxonomy terms and of columns, lower case, and the facet each stands for.
const NAMES: [(&str, &str); 54] = [
    ("detox", "service_kind.detox"),
    ("detoxification", "service_kind.detox"),
    ("withdrawal management", "service_kind.detox"),
    ("opioid treatment program", "service_kind.opioid_treatment_program"),
    ("otp", "service_kind.opioid_treatment_program"),
    ("methadone", "service_kind.methadone"),
    ("methadone maintenance", "service_kind.methadone"),
    ("buprenorphine", "service_kind.buprenorphine"),
    ("office-based opioid treatment", "service_kind.buprenorphine"),
    ("naltrexone", "service_kind.naltrexone"),
    ("medication assisted treatment", "service_kind.medication_for_oud"),
    ("medication for opioid use disorder", "service_kind.medication_for_oud"),
    ("outpatient", "service_kind.outpatient"),
    ("outpatient treatment", "service_kind.outpatient"),
    ("intensive outpatient", "service_kind.intensive_outpatient"),
    ("partial hospitalization", "service_kind.partial_hospitalization"),
    ("residential", "service_kind.residential"),
    ("residential treatment", "service_kind.residential"),
    ("recovery housing", "service_kind.recovery_housing"),
    ("recovery residence", "service_kind.recovery_housing"),
    ("sober living", "service_kind.recovery_housing"),
    ("transitional living", "service_kind.transitional_living"),
    ("peer support", "service_kind.peer_support"),
    ("peer recovery support", "service_kind.peer_support"),
    ("mutual aid", "service_kind.mutual_aid"),
    ("12-step", "service_kind.mutual_aid"),
    ("support groups", "service_kind.mutual_aid"),
    ("case management", "service_kind.case_management"),
    ("harm reduction", "service_kind.harm_reduction"),
    ("syringe services", "service_kind.harm_reduction"),
    ("naloxone", "service_kind.naloxone"),
    ("emergency department", "service_kind.emergency_department"),
    ("emergency", "service_kind.emergency_department"),
    ("telehealth", "offers.telehealth"),
    ("transport", "service_kind.transportation"),
    ("housing", "service_kind.housing"),
    ("testing", "service_kind.testing"),
    ("family support", "service_kind.family_support"),
    ("counselling", "service_kind.counselling"),
    ("counseling", "service_kind.counselling"),
    ("crisis intervention", "service_kind.crisis"),
    ("emergency shelter", "service_kind.shelter"),
    ("shelter", "service_kind.shelter"),
    ("safe housing", "service_kind.shelter"),
    ("food pantry", "service_kind.food"),
    ("emergency food", "service_kind.food"),
    ("legal", "service_kind.legal"),
    ("re-entry", "service_kind.reentry"),
    ("reentry", "service_kind.reentry"),
    ("mental health care", "service_kind.mental_health"),
    ("primary care", "service_kind.primary_care"),
    ("transportation", "service_kind.transportation"),
    ("addiction & recovery", "service_kind.substance_use_treatment"),
    ("substance use treatment", "service_kind.substance_use_treatment"),
];

/// The facet of a term's name, or of a code that is a facet itself.
pub(super) fn facet(term: &str) -> Option<&'static str> {
    let term = term.trim().to_lowercase();
    NAMES.iter().find(|(name, _)| *name == term).map(|(_, facet)| *facet).or_else(|| known_facet(&term))
}

/// A code that is written as a facet is taken as one if we know it.
fn known_facet(code: &str) -> Option<&'static str> {
    let (group, _) = code.split_once('.')?;
    if !FACETS.contains(&group) {
        return None;
    }
    let all =
        NAMES.iter().map(|(_, facet)| facet).chain(SAMHSA.iter().flat_map(|(_, facets)| facets.iter())).chain(&OTHERS);
    all.copied().find(|facet| *facet == code)
}

/// Facets that no name or code above stands for.
const OTHERS: [&str; 8] = [
    "service_kind.employment",
    "service_kind.wound_care",
    "offers.counselling_required",
    "offers.walk_in",
    "offers.childcare",
    "offers.transportation",
    "payment.free",
    "serves.families",
];

/// Service codes of SAMHSA's directories, as far as they help in finding a place. Codes change by year; the whole list of a
/// row is kept in its field `samhsa_codes`.
const SAMHSA: [(&str, &[&str]); 50] = [
    ("SA", &["service_kind.substance_use_treatment"]),
    ("DT", &["service_kind.detox"]),
    ("DM", &["service_kind.detox", "accepts.methadone"]),
    ("DB", &["service_kind.detox", "accepts.buprenorphine"]),
    ("OTP", &["service_kind.opioid_treatment_program", "accepts.methadone"]),
    ("MM", &["service_kind.methadone", "accepts.methadone"]),
    ("MMW", &["service_kind.methadone", "accepts.methadone"]),
    ("METH", &["service_kind.methadone", "accepts.methadone"]),
    ("MU", &["accepts.methadone"]),
    ("BU", &["service_kind.buprenorphine", "accepts.buprenorphine"]),
    ("BM", &["service_kind.buprenorphine", "accepts.buprenorphine"]),
    ("BUM", &["service_kind.buprenorphine", "accepts.buprenorphine"]),
    ("BMW", &["service_kind.buprenorphine", "accepts.buprenorphine"]),
    ("BWN", &["service_kind.buprenorphine", "accepts.buprenorphine"]),
    ("BWON", &["service_kind.buprenorphine", "accepts.buprenorphine"]),
    ("BSDM", &["service_kind.buprenorphine", "accepts.buprenorphine"]),
    ("NXN", &["service_kind.naltrexone", "accepts.naltrexone"]),
    ("VTRL", &["service_kind.naltrexone", "accepts.naltrexone"]),
    ("RPN", &["service_kind.naltrexone", "accepts.naltrexone"]),
    ("NU", &["accepts.naltrexone"]),
    ("OP", &["service_kind.outpatient"]),
    ("ORT", &["service_kind.outpatient"]),
    ("OIT", &["service_kind.intensive_outpatient"]),
    ("OMB", &["service_kind.medication_for_oud"]),
    ("RES", &["service_kind.residential"]),
    ("RL", &["service_kind.residential"]),
    ("RS", &["service_kind.residential"]),
    ("PEER", &["service_kind.peer_support"]),
    ("CM", &["service_kind.case_management"]),
    ("CJ", &["serves.justice_involved"]),
    ("PW", &["serves.pregnant"]),
    ("WN", &["serves.women"]),
    ("MN", &["serves.men"]),
    ("FEM", &["serves.women"]),
    ("MALE", &["serves.men"]),
    ("VET", &["serves.veterans"]),
    ("HV", &["serves.living_with_hiv"]),
    ("CO", &["serves.co_occurring"]),
    ("SE", &["serves.older_adults"]),
    ("ADLT", &["serves.adults"]),
    ("YAD", &["serves.young_adults"]),
    ("CHLD", &["serves.adolescents"]),
    ("GL", &["serves.lgbtq"]),
    ("MD", &["payment.medicaid"]),
    ("MC", &["payment.medicare"]),
    ("PI", &["payment.private_insurance"]),
    ("SF", &["payment.self_pay"]),
    ("SS", &["payment.sliding_scale"]),
    ("PA", &["payment.assistance"]),
    ("TELE", &["offers.telehealth"]),
];

/// The facets of a SAMHSA code; none for a code that says nothing we search by.
pub(super) fn samhsa(code: &str) -> &'static [&'static str] {
    SAMHSA.iter().find(|(known, _)| *known == code).map_or(&[], |(_, facets)| facets)
}

/// The kinds of service that have a name here, without their group.
pub fn services() -> impl Iterator<Item = &'static str> {
    NAMES.iter().filter_map(|(_, facet)| facet.strip_prefix("service_kind."))
}
