//! The record of looks and disclosures is looked at again, and what is wrong with it is found.

use super::*;
use belay_protocol::ids::EntryHash;
use belay_protocol::planted::{Bug, plant};
use belay_protocol::store::{Table, View, after_prefix};

fn check(office: &mut Office) -> AuditCheckView {
    office.officer(&Care::AuditVerify)
}

fn found(view: &AuditCheckView) -> Vec<&str> {
    view.findings.iter().map(|one| one.what.as_str()).collect()
}

/// A referral that goes both ways, with a file's worth of acts on both sides.
fn lived() -> (County, String) {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    county.office(HOSPITAL).act(&id, message("she comes on Monday"));
    county.pump();
    (county, id)
}

#[test]
fn a_record_that_is_whole_is_found_so_on_both_sides_by_the_privacy_officer_alone() {
    let (mut county, _) = lived();
    for office in [HOSPITAL, CLINIC] {
        let office = county.office(office);
        assert_eq!(office.refused(&Care::AuditVerify).0, FailureClass::NotPermitted);
        let view = check(office);
        assert_eq!(found(&view), [""; 0]);
        assert!(view.looks > 0 && view.disclosures > 0 && view.told > 0 && view.entries > view.looks, "{view:?}");
    }
}

#[test]
fn what_was_told_and_not_put_on_record_is_found() {
    let (mut county, id) = lived();
    let hospital = county.office(HOSPITAL);
    plant(Some(Bug::DisclosureUnrecorded));
    hospital.act(&id, message("and takes methadone"));
    plant(None);
    assert_eq!(found(&check(hospital)), ["it went into a referral and is not on record as told"]);
}

#[test]
fn rows_that_were_taken_out_of_the_lists_or_put_there_are_found_and_made_again() {
    let (mut county, _) = lived();
    let hospital = county.office(HOSPITAL);
    let audit = crate::usecases::records::Kind::Audit as u8;
    hospital.tamper(|draft| {
        let prefix = [audit];
        let rows = draft.scan(Table::Record, &prefix, after_prefix(&prefix).as_deref(), 2, false).expect("reads");
        let [(gone, _), (_, other)] = rows.try_into().expect("two looks");
        draft.delete(Table::Record, gone);
        let invented = [&prefix[..], &[7; 32]].concat();
        let mut value = other;
        value[..32].copy_from_slice(&[7; 32]);
        draft.put(Table::Record, invented, value);
    });
    let view = check(hospital);
    let mut what = found(&view);
    what.sort_unstable();
    assert_eq!(what.len(), 2, "{what:?}");
    assert!(what[0].contains("what no entry says") && what[1].contains("lacks it"), "{what:?}");
    assert!(view.findings.iter().any(|one| one.entry == EntryHash([7; 32])));
    hospital.rebuild();
    assert_eq!(found(&check(hospital)), [""; 0]);
}

#[test]
fn a_clock_that_was_set_back_or_ran_ahead_is_found() {
    let (mut county, _) = lived();
    let hospital = county.office(HOSPITAL);
    let now = hospital.now;
    hospital.now = now.plus(DAY);
    hospital.person("Ottoline Marsh");
    hospital.now = now;
    let view = check(hospital);
    assert!(found(&view).iter().any(|what| what.contains("to come")), "{view:?}");
    assert!(found(&view).iter().any(|what| what.contains("set back")), "{view:?}");
}
