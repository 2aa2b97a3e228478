//! Who asked for an accounting while an agency asked for silence is owed a new one once that is over, and the privacy officer is reminded.

use super::*;

fn owed(office: &mut Office) -> Vec<OwedView> {
    office.done::<ThreadsView>(&Care::ReferralList(ListAsk::default())).owed
}

/// A clinic with a privacy officer who signed in, that told the sheriff of somebody, and was asked for silence until a day: that day.
fn silenced(county: &mut County) -> Time {
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    let (name, kind) = ("Cedar Sheriff".to_owned(), Some(PartnerKind::LawEnforcement));
    clinic.done::<PartnerView>(&Care::PartnerAdd(PartnerFields { name, kind, ..PartnerFields::default() }));
    let sheriff = DisclosureRecord { clause: "2.65".to_owned(), to: "Cedar Sheriff".to_owned(), ..order() };
    clinic.officer::<DisclosuresView>(&record(sheriff));
    clinic.sign_in_as("Dora Whitlock", "privacy_officer");
    let end = clinic.now.plus(40 * DAY);
    clinic.done::<WithheldsView>(&Care::DisclosureWithhold(statement(false, Some(end))));
    end
}

#[test]
fn after_the_silence_the_privacy_officer_alone_is_reminded_until_a_new_accounting_was_given() {
    let mut county = county();
    let end = silenced(&mut county);
    let clinic = county.office(CLINIC);
    let asked = clinic.now;
    given(clinic, "Zephyrine Quillfeather");
    assert_eq!(owed(clinic), [], "while it is silent nothing is owed");
    county.sleep(41 * DAY);
    let clinic = county.office(CLINIC);
    let list = owed(clinic);
    let [one] = list.as_slice() else { panic!("{list:?}") };
    assert_eq!((one.name.reveal().as_str(), one.since), ("Zephyrine Quillfeather", end));
    assert!(one.asked >= asked && one.asked < asked.plus(DAY), "the day on which she asked");
    let before = clinic.records();
    clinic.rebuild();
    assert_eq!(clinic.records(), before);
    clinic.sign_in_as("Noor Vale", "navigator");
    assert_eq!(owed(clinic), [], "it stands in the list of nobody else");
    clinic.sign_in_as("Ida Roe", "privacy officer");
    assert!(given(clinic, "Zephyrine Quillfeather").0.contains("Sheriff"));
    assert_eq!(owed(clinic), [], "the new one was given");
}

#[test]
fn who_asked_for_none_meanwhile_or_after_it_is_owed_nothing_and_a_release_counts_as_the_end() {
    let mut county = county();
    silenced(&mut county);
    let clinic = county.office(CLINIC);
    clinic.person("Ottoline Marsh");
    given(clinic, "Ottoline Marsh");
    county.sleep(DAY);
    let clinic = county.office(CLINIC);
    let shown: WithheldsView = clinic.done(&Care::DisclosureWithheld);
    let statement = shown.withheld[0].id.clone();
    given(clinic, "Zephyrine Quillfeather");
    county.sleep(DAY);
    let clinic = county.office(CLINIC);
    clinic.done::<WithheldsView>(&Care::DisclosureRelease { statement, why: "Det. Roe called".into() });
    let list = owed(clinic);
    let [one] = list.as_slice() else { panic!("of her out of whose accounting nothing was left: {list:?}") };
    assert_eq!(one.name.reveal(), "Zephyrine Quillfeather");
    assert!(one.since <= clinic.now && clinic.now < one.since.plus(DAY), "since it was released");
}
