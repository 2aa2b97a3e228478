//! Copies of which the record was lost with a machine: seen, reviewed, taken back.

use super::*;
use crate::usecases::records::Kind;
use belay_protocol::emergency::Record;
use belay_protocol::store::Table;

#[test]
fn a_copy_whose_record_is_lost_is_shown_by_its_own_name_reviewed_and_taken_back() {
    let mut county = county();
    placed(&mut county);
    assert_eq!(opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03").copies.len(), 2);
    county.pump();
    let clinic = county.office(CLINIC);
    // The person, the consent and where the copies lie were among the last minutes of the old machine.
    for (kind, more) in [(Kind::Person, None), (Kind::Consent, None), (Kind::Emergency, Some(Record::PLACEMENT))] {
        let prefix: Vec<u8> = [kind as u8].into_iter().chain(more).collect();
        let keys: Vec<_> = clinic.records().into_keys().filter(|key| key.starts_with(&prefix)).collect();
        assert!(!keys.is_empty());
        clinic.step(|step| keys.into_iter().for_each(|key| step.draft().delete(Table::Record, key)));
    }
    let view = listed(clinic);
    assert!(view.placed.is_empty());
    let lie: Vec<_> = view
        .unrecorded
        .iter()
        .map(|row| (row.name.reveal().as_str(), row.birth_date.reveal().as_str(), row.at.as_str()))
        .collect();
    assert_eq!(lie, [("Zephyrine Quillfeather", "1988-02-03", "County Hospital"); 2]);
    assert_eq!((view.openings.len(), view.to_review), (2, 2), "as the notice counts them");
    assert!(waiting(clinic).is_some_and(|said| said.contains("2 to review")));
    for row in &view.openings {
        assert_eq!((row.person, row.name.reveal().as_str()), (None, "Zephyrine Quillfeather"));
        let review = Care::EmergencyReview { opening: row.opening.to_string(), note: "the old machine burnt".into() };
        clinic.officer::<EmergencyView>(&review);
    }
    assert_eq!(waiting(clinic), None);

    let told = |office: &mut Office, ask: DisclosuresAsk| {
        let view: DisclosuresView = office.done(&Care::Disclosures(ask));
        view.disclosures.into_iter().filter(|one| one.stage == Stage::Opened).count()
    };
    // Nobody of that name is on record: the list of a breach there has it all the same.
    assert_eq!(told(clinic, DisclosuresAsk::to("County Hospital")), 2);
    let again = clinic.person("Zephyrine Quillfeather").id.to_string();
    assert_eq!(told(clinic, DisclosuresAsk::of(&again)), 2, "of whom the copy names");
    let other = clinic.person("Ottoline Marsh").id.to_string();
    let opening = listed(clinic).openings[0].opening.to_string();
    let whose = Care::EmergencyWhose { opening, person: Some(other.as_str().into()) };
    clinic.done::<EmergencyView>(&whose);
    assert_eq!(told(clinic, DisclosuresAsk::of(&other)), 1, "of whom staff say");
    assert_eq!(told(clinic, DisclosuresAsk::of(&again)), 1);
    let withdraw = Care::EmergencyWithdraw { person: again.as_str().into(), at: None };
    assert!(clinic.done::<EmergencyView>(&withdraw).unrecorded.is_empty());
    assert!(listed(clinic).unrecorded.is_empty());
    assert!(clinic.refused(&withdraw).1.contains("nothing of this person's"));
    county.pump();
    assert!(opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03").copies.is_empty());
}
