//! What a notice counts: on both sides of a referral, as its times pass; and nobody's look is recorded for it.

use super::office::Office;
use super::*;
use crate::usecases::notices::{self, Counts};
use belay_protocol::time::{HOUR, MINUTE};

fn counts(office: &mut Office) -> Counts {
    office.step(notices::standing).expect("counts").counts()
}

const NOTHING: Counts = Counts { new: 0, due: 0, overdue: 0, review: 0 };

#[test]
fn a_referral_is_new_where_it_arrives_and_overdue_on_both_sides_when_nobody_looks() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Ridge Clinic", None, 90);
    let thread = hospital.send(&consent).row.id.to_string();
    assert_eq!(counts(county.office(CLINIC)), NOTHING);
    county.pump();
    let private = |office: &mut Office| (office.entries(), office.records().len());
    let new = Counts { new: 1, ..NOTHING };
    assert_eq!(counts(county.office(CLINIC)), new);
    assert_eq!(counts(county.office(HOSPITAL)), NOTHING, "the clinic has its two hours");
    let before = private(county.office(CLINIC));
    assert_eq!(counts(county.office(CLINIC)), new);
    assert_eq!(private(county.office(CLINIC)), before, "to count writes nothing");

    // And a minute: the clocks of the offices differ by some seconds.
    county.sleep(2 * HOUR + MINUTE);
    for office in [CLINIC, HOSPITAL] {
        assert_eq!(counts(county.office(office)), Counts { overdue: 1, ..NOTHING });
    }
    assert_eq!(counts(county.office(SHELTER)), NOTHING);
    let clinic = county.office(CLINIC);
    clinic.act(&thread, ActRequest::Acknowledge);
    // From now on to accept or decline, which has as long: to look at it is no answer.
    assert_eq!(counts(clinic), Counts { due: 1, ..NOTHING });
    county.sleep(2 * HOUR + MINUTE);
    assert_eq!(counts(county.office(CLINIC)), Counts { overdue: 1, ..NOTHING });
}
