//! Two consents for criminal justice under two records of one person (42 CFR 2.35(c)): what was taken back before its twin could be ends that
//! one by itself later, and a word that was said too early says nothing of what the person signed after it.

use super::*;
use belay_protocol::consent::Class;

fn parole() -> County {
    County::of(&[
        ("County Hospital", PartnerKind::CoveredEntity),
        ("Ridge Clinic", PartnerKind::Part2Program),
        ("Parole Office", PartnerKind::CriminalJustice),
    ])
}

/// A consent with the parole office that can be taken back in so many days.
fn supervised(office: &mut Office, person: &str, typed: &str, days: u64) -> String {
    let on = |days: u64| MomentRequest::On(Time(office.now.0 + days * DAY));
    let supervision =
        SupervisionRequest { matter: "release of 3 May".into(), revocable: on(days), disposition: on(days + 30) };
    let draft: ConsentView = office.done(&Care::ConsentDraft(ConsentDraft {
        person: person.into(),
        to: vec!["Parole Office".to_owned()],
        class: Some(Class::CriminalJustice),
        supervision: Some(supervision),
        expiry: ExpiryRequest::On(Time(office.now.0 + 200 * DAY)),
        ..ConsentDraft::default()
    }));
    let consent = draft.id.to_string();
    let (attested, typed) = (true, typed.into());
    let sign = ConsentSign { attested, consent: consent.clone(), typed, ..ConsentSign::default() };
    office.done::<ConsentView>(&Care::ConsentSign(sign));
    consent
}

/// Whether somebody is still named in it.
fn stands(office: &mut Office, consent: &str) -> bool {
    let ask = Care::ConsentShow { consent: consent.to_owned(), whole: true };
    let view: ConsentView = office.done(&ask);
    view.state == "signed" && !view.parties.is_empty()
}

fn revoke(office: &mut Office, consent: &str) {
    let ask = Care::ConsentRevoke { consent: consent.to_owned(), party: None, spoken: true };
    office.done::<ConsentView>(&ask);
}

/// So many days later, once the node has looked.
fn later(county: &mut County, days: u64) -> &mut Office {
    county.sleep(days * DAY);
    let hospital = county.office(HOSPITAL);
    hospital.follow();
    hospital
}

#[test]
fn a_twin_that_could_not_be_revoked_yet_ends_by_itself_once_it_can_be() {
    let mut county = parole();
    let (first, second) = doubles(&mut county);
    let hospital = county.office(HOSPITAL);
    let reads = hospital.reads_after_an_input();
    let soon = supervised(hospital, &first, NAME, 5);
    let late = supervised(hospital, &second, DOUBLE, 20);
    merge(hospital, &second, &first);
    let hospital = later(&mut county, 6);
    revoke(hospital, &soon);
    assert!(!stands(hospital, &soon) && stands(hospital, &late), "not before it may be");
    hospital.now = hospital.now.plus(1_000);
    let since = supervised(hospital, &second, DOUBLE, 14);
    assert!(stands(later(&mut county, 13), &late), "on the nineteenth day");
    let hospital = later(&mut county, 2);
    assert!(!stands(hospital, &late), "by itself, without a further word");
    assert!(stands(hospital, &since), "what the person signed after the word stands");
    let hospital = later(&mut county, 14);
    assert_eq!(hospital.reads_after_an_input(), reads, "nor is it looked at after each input from its day on");
}

#[test]
fn a_word_that_was_said_too_early_ends_no_twin_that_was_signed_after_it_was_said() {
    let mut county = parole();
    let (first, second) = doubles(&mut county);
    let hospital = county.office(HOSPITAL);
    let ours = supervised(hospital, &first, NAME, 10);
    let before = supervised(hospital, &second, DOUBLE, 8);
    merge(hospital, &second, &first);
    let hospital = later(&mut county, 2);
    let wish = Care::ConsentWish { consent: ours.clone(), party: None, spoken: true };
    hospital.done::<ConsentView>(&wish);
    let hospital = later(&mut county, 2);
    let after = supervised(hospital, &second, DOUBLE, 3);
    let hospital = later(&mut county, 7);
    assert!(!stands(hospital, &ours), "it took effect");
    assert!(!stands(hospital, &before), "with what was signed before it was said");
    assert!(stands(hospital, &after), "though it is dated later than the signature");
    // Said again once it may be: of what was signed until then.
    apart(hospital, &first, &second);
    let again = supervised(hospital, &first, NAME, 5);
    merge(hospital, &second, &first);
    hospital.done::<ConsentView>(&Care::ConsentWish { consent: again.clone(), party: None, spoken: true });
    let hospital = later(&mut county, 1);
    let meanwhile = supervised(hospital, &second, DOUBLE, 1);
    hospital.now = hospital.now.plus(5 * DAY);
    revoke(hospital, &again);
    assert!(!stands(hospital, &meanwhile), "the newer word covers it");
}
