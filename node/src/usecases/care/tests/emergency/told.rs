//! What staff told by telephone in an emergency, and to whom that may be.

use super::*;

#[test]
fn what_was_told_by_telephone_stands_in_the_accounting_with_the_facts_and_no_consent() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    let ask = EmergencyTold {
        person: "Zephyrine Quillfeather".into(),
        facility: "Mercy Far Away".to_owned(),
        kind: Some(PartnerKind::CoveredEntity),
        telephone: "618-555-0199".to_owned(),
        personnel: "Dr Bo Lind".into(),
        nature: "seizure".into(),
        unobtainable: "could not answer".into(),
        told: "takes methadone, 80 mg".into(),
        include: vec![Information::Medication],
        ..EmergencyTold::default()
    };
    let nameless = EmergencyTold { personnel: "".into(), ..ask.clone() };
    assert!(clinic.refused(&Care::EmergencyTold(nameless)).1.contains("2.51(c)(1)"));
    let unsaid = EmergencyTold { include: Vec::new(), ..ask.clone() };
    assert!(clinic.refused(&Care::EmergencyTold(unsaid)).1.contains("which kinds"), "none is made up");
    let long = "x".repeat(belay_protocol::limits::TEXT_CHARS + 1).as_str().into();
    let long = EmergencyTold { told: long, ..ask.clone() };
    assert!(clinic.refused(&Care::EmergencyTold(long)).1.contains("at most"), "as everywhere else");
    // A misspelt sheriff is no hospital.
    let partner = PartnerFields {
        name: "Sheriff Office".to_owned(),
        kind: Some(PartnerKind::LawEnforcement),
        ..PartnerFields::default()
    };
    clinic.done::<PartnerView>(&Care::PartnerAdd(partner));
    let said = |facility: &str, kind| EmergencyTold { facility: facility.to_owned(), kind, ..ask.clone() };
    let hospital = Some(PartnerKind::CoveredEntity);
    assert!(clinic.refused(&Care::EmergencyTold(said("Sheriff Office", hospital))).1.contains("2.51(a)"));
    let why = clinic.refused(&Care::EmergencyTold(said("Sherif Office", None))).1;
    assert!(why.contains("no organisation of this name") && why.contains("Sheriff Office ("), "{why}");
    let police = said("Cedar County Police", Some(PartnerKind::LawEnforcement));
    assert!(clinic.refused(&Care::EmergencyTold(police)).1.contains("2.51(a)"));
    let view: DisclosuresView = clinic.done(&Care::EmergencyTold(ask.clone()));
    assert_eq!((view.made, view.disclosures.len()), (1, 1));
    let one = &view.disclosures[0];
    assert_eq!((one.stage, one.clause.as_str(), one.version), (Stage::Told, "42 CFR 2.51(a)", 0));
    assert_eq!(one.consent, belay_protocol::ids::ConsentId::ZERO);
    assert_eq!(
        (one.recipient.as_str(), one.what.reveal().as_str()),
        ("Mercy Far Away, 618-555-0199", "takes methadone, 80 mg")
    );
    assert_eq!(one.facts.as_ref().map(|f| f.nature.reveal().as_str()), Some("seizure"));
    // Told again: one partner off the network, and one list for a breach there.
    clinic.done::<DisclosuresView>(&Care::EmergencyTold(EmergencyTold { nature: "again".into(), ..ask }));
    let breach: DisclosuresView = clinic.done(&Care::Disclosures(DisclosuresAsk::to("mercy far away")));
    assert_eq!(breach.disclosures.len(), 2);
    let partners: PartnersView = clinic.done(&Care::PartnerList);
    assert_eq!(partners.partners.len(), 2, "the sheriff is the other");
}
