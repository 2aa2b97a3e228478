//! A machine is started from an older state of its disk: what partners keep of the later one may take a consent back, so nothing is told under
//! any (42 CFR 2.31(c)(3)); what came is shown, and what a person takes back goes on. And places that nobody could end.

use super::changed::three_ways;
use super::*;
use crate::ops::conditions::{LATER_STATE, UNENDED};
use belay_protocol::limits;
use belay_protocol::time::{HOUR, MINUTE};

/// What was written is left with partners.
fn leave(county: &mut County) {
    county.sleep(2 * limits::BACKUP_EVERY);
    county.tick();
}

/// On Tuesday something is written and left with partners; on Wednesday Monday's disk is put back.
fn monday(county: &mut County, index: usize) {
    leave(county);
    let disk = county.office(index).disk();
    county.office(index).person("Ottoline Marsh");
    leave(county);
    assert!(county.office(index).says(LATER_STATE).is_none());
    county.put_back(index, disk);
}

#[test]
fn it_is_said_what_lies_where_and_nothing_is_told_until_that_is_opened() {
    let mut county = county();
    let id = sent(&mut county, None);
    monday(&mut county, HOSPITAL);
    let said = county.office(HOSPITAL).says(LATER_STATE).expect("it is said");
    assert_eq!(said.next.as_deref(), Some("belay recover --rest"));
    assert!(said.sentence.contains("lies here sealed") && said.sentence.contains("--without"), "{}", said.sentence);
    let why = say(&mut county, HOSPITAL, &id).expect("nothing is told");
    assert!(why.contains("belay recover --rest"), "{why}");
    assert!(county.office(CLINIC).says(LATER_STATE).is_none(), "nobody else is held up");
}

#[test]
fn who_looks_is_shown_what_came_and_what_the_person_takes_back_there_is_told() {
    let mut county = county();
    let (consent, clinic, _) = both_sent(&mut county);
    monday(&mut county, CLINIC);
    assert!(county.office(CLINIC).says(LATER_STATE).is_some());
    let shown = county.office(CLINIC).thread(&clinic);
    assert!(shown.row.ended.is_none() && shown.reason.is_some(), "though that it was read is not told");
    let heard = Care::ConsentRevoke { consent: clinic, party: None, spoken: true };
    county.office(CLINIC).done::<ConsentView>(&heard);
    county.pump();
    let show = Care::ConsentShow { consent: consent.id.to_string(), whole: false };
    assert_eq!(county.office(HOSPITAL).done::<ConsentView>(&show).state, "revoked");
}

#[test]
fn who_keeps_the_consent_carries_out_what_was_heard_elsewhere_and_passes_it_on() {
    let mut county = county();
    let (_, clinic, shelter) = three_ways(&mut county);
    monday(&mut county, HOSPITAL);
    assert!(county.office(HOSPITAL).says(LATER_STATE).is_some());
    let heard = Care::ConsentRevoke { consent: shelter, party: Some("Harbor Shelter".to_owned()), spoken: true };
    county.office(SHELTER).done::<ConsentView>(&heard);
    county.pump();
    let scope = county.office(CLINIC).thread(&clinic).scope.expect("its part");
    assert!(!scope.contains("Harbor Shelter"), "the clinic may tell it nothing any more: {scope}");
}

#[test]
fn a_place_whose_time_has_passed_and_that_could_not_be_ended_is_said_with_who_has_it() {
    let mut county = county();
    sent(&mut county, None);
    county.cut();
    county.sleep(90 * DAY + 30 * MINUTE);
    assert!(county.office(HOSPITAL).says(UNENDED).is_none(), "most machines are linked within the hour");
    county.sleep(HOUR);
    let said = county.office(HOSPITAL).says(UNENDED).expect("staff are asked");
    assert!(said.sentence.contains("Ridge Clinic still has a place"), "{}", said.sentence);
}
