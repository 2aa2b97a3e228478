//! The place of a recipient in the spaces of a referral ends when the consent does, whichever version says so.

use super::*;

/// The newest version ends so many days from now.
fn ends_in(county: &mut County, consent: &ConsentView, days: u64) -> Time {
    let office = county.office(HOSPITAL);
    let end = Time(office.now.0 + days * DAY);
    let expiry = Some(ExpiryRequest::On(end));
    let id = consent.id.to_string();
    office.done::<ConsentView>(&Care::ConsentAmend(ConsentAmend {
        consent: id.clone(),
        expiry,
        ..ConsentAmend::default()
    }));
    signed(office, &id);
    county.pump();
    end
}

/// Until when each office believes that the clinic has its place in each space of the hospital's referrals to it.
fn places(county: &mut County) -> Vec<Option<Option<Time>>> {
    let clinic = county.office(CLINIC).org();
    let spaces = county.office(CLINIC).thread_spaces();
    let mut places = Vec::new();
    for office in [HOSPITAL, CLINIC] {
        places.extend(spaces.iter().map(|space| county.office(office).seat(*space, clinic)));
    }
    places
}

fn told(county: &mut County) -> usize {
    let ask = Care::Disclosures(DisclosuresAsk::to("Ridge Clinic"));
    county.office(HOSPITAL).done::<DisclosuresView>(&ask).disclosures.len()
}

#[test]
fn a_version_that_ends_sooner_takes_the_place_with_it() {
    let mut county = county();
    let (consent, clinic, _) = both_sent(&mut county);
    assert_eq!(say(&mut county, CLINIC, &clinic), None);
    county.pump();
    let sooner = ends_in(&mut county, &consent, 10);
    assert_eq!(places(&mut county), [Some(Some(sooner)); 4], "two spaces, at both");
    // Until then it goes on, both ways.
    assert_eq!(say(&mut county, HOSPITAL, &clinic), None);
    assert_eq!(say(&mut county, CLINIC, &clinic), None);
    county.pump();
    let seen = county.office(HOSPITAL).thread(&clinic);
    assert_eq!(seen.history.iter().filter(|line| line.act == "message").count(), 3, "{:?}", seen.history);
    assert!(seen.row.ended.is_none());
    county.sleep(11 * DAY);
    assert!(say(&mut county, CLINIC, &clinic).expect("over").contains("42 CFR 2.31(c)(1)"));
}

#[test]
fn a_version_that_ends_later_keeps_the_place_and_tells_nothing_by_it() {
    let mut county = county();
    let (consent, clinic, _) = both_sent(&mut county);
    let before = told(&mut county);
    let later = ends_in(&mut county, &consent, 300);
    assert_eq!(places(&mut county), [Some(Some(later)); 4]);
    assert_eq!(told(&mut county), before + 2, "the new notice in each space, and nothing for the longer place");
    county.sleep(120 * DAY);
    for office in [HOSPITAL, CLINIC] {
        assert_eq!(say(&mut county, office, &clinic), None);
        assert!(county.office(office).thread(&clinic).row.ended.is_none());
    }
    county.pump();
    assert_eq!(county.office(HOSPITAL).thread(&clinic).history.iter().filter(|l| l.act == "message").count(), 2);
    county.sleep(190 * DAY);
    for office in [HOSPITAL, CLINIC] {
        assert!(say(&mut county, office, &clinic).expect("over").contains("42 CFR 2.31(c)(1)"));
    }
}

#[test]
fn a_version_that_ends_at_an_event_has_no_day_in_its_place() {
    let mut county = county();
    let (consent, clinic, _) = both_sent(&mut county);
    let id = consent.id.to_string();
    let expiry = Some(ExpiryRequest::Event("I move away".into()));
    let amend = ConsentAmend { consent: id.clone(), expiry, ..ConsentAmend::default() };
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentAmend(amend));
    signed(county.office(HOSPITAL), &id);
    county.pump();
    assert_eq!(places(&mut county), [Some(None); 4]);
    county.sleep(400 * DAY);
    assert_eq!(say(&mut county, CLINIC, &clinic), None);
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentEvent { consent: id, revocable: false, on: None });
    county.pump();
    assert!(say(&mut county, CLINIC, &clinic).is_some());
}
