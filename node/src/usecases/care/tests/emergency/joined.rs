//! Copies of a person who has two records.

use super::*;
use std::collections::BTreeSet;

const NAME: &str = "Zephyrine Quillfeather";
const DOUBLE: &str = "Zefi Quillfeather";

/// One record with a crisis plan at the hospital, under a consent of its own.
fn record(clinic: &mut Office, name: &str, plan: &str) -> (String, EmergencyPlace) {
    let fields = PersonFields { name: name.into(), birth_date: "1988-02-03".into(), ..PersonFields::default() };
    let person: PersonView = clinic.done(&Care::PersonAdd(PersonAdd { fields, another: true }));
    let draft: ConsentView = clinic.done(&Care::ConsentDraft(ConsentDraft {
        person: person.id.to_string().as_str().into(),
        to: vec!["County Hospital".to_owned()],
        tell: vec![Information::Crisis],
        back: Some(Vec::new()),
        purpose: "emergency".to_owned(),
        expiry: ExpiryRequest::On(Time(clinic.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    }));
    let (consent, typed) = (draft.id.to_string(), name.into());
    let consent: ConsentView =
        clinic.done(&Care::ConsentSign(ConsentSign { attested: true, consent, typed, ..ConsentSign::default() }));
    let place = EmergencyPlace {
        person: person.id.to_string().as_str().into(),
        at: "County Hospital".to_owned(),
        consent: consent.id.to_string(),
        include: Vec::new(),
        crisis: Some(plan.into()),
        medication: None,
    };
    let _: EmergencyView = clinic.done(&Care::EmergencyPlace(place.clone()));
    (person.id.to_string(), place)
}

/// What the hospital reads under a name, in order.
fn read(county: &mut County, name: &str) -> Vec<String> {
    county.pump();
    let view = opened(county.office(HOSPITAL), name, "1988-02-03");
    let mut texts: Vec<String> = view.copies.iter().map(|copy| copy.content.reveal().clone()).collect();
    texts.sort_unstable();
    texts
}

#[test]
fn each_record_of_a_person_keeps_its_copy_and_all_are_found_by_all_names() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    let (first, place) = record(clinic, NAME, "Call Ada.");
    let (second, _) = record(clinic, DOUBLE, "Call Bo.");
    assert_eq!(
        (read(&mut county, NAME), read(&mut county, DOUBLE)),
        (vec!["Call Ada.".into()], vec!["Call Bo.".into()])
    );

    let clinic = county.office(CLINIC);
    let ask = MergeAsk { person: first.as_str().into(), other: second.as_str().into(), why: "she told us".into() };
    let _: PersonView = clinic.done(&Care::PersonMerge(ask));
    for name in [NAME, DOUBLE] {
        assert_eq!(read(&mut county, name), ["Call Ada.", "Call Bo."], "{name}");
    }
    let clinic = county.office(CLINIC);
    let update = EmergencyUpdate { person: first.as_str().into(), crisis: Some("Call Cy.".into()), medication: None };
    let _: EmergencyView = clinic.done(&Care::EmergencyUpdate(update));
    for name in [NAME, DOUBLE] {
        assert_eq!(read(&mut county, name), ["Call Cy.", "Call Cy."], "{name}: none goes stale");
    }
    let clinic = county.office(CLINIC);
    let again = EmergencyPlace { crisis: Some("Call Di.".into()), ..place };
    let view: EmergencyView = clinic.done(&Care::EmergencyPlace(again));
    let consents: BTreeSet<_> = view.placed.iter().map(|row| row.consent).collect();
    assert_eq!((view.placed.len(), consents.len()), (2, 2), "each under its own consent");
    assert_eq!(read(&mut county, NAME), ["Call Cy.", "Call Di."]);

    let clinic = county.office(CLINIC);
    let ask = PersonApart { person: first.as_str().into(), other: second.as_str().into(), why: "sisters".into() };
    let _: PersonView = clinic.done(&Care::PersonApart(ask));
    assert_eq!(
        (read(&mut county, NAME), read(&mut county, DOUBLE)),
        (vec!["Call Di.".into()], vec!["Call Cy.".into()])
    );
    assert!(listed(county.office(CLINIC)).placed.iter().all(|row| row.state == "placed"));
}
