//! What a notice counts: on both sides of a referral, as its times pass; and nobody's look is recorded for it.

use super::office::Office;
use super::*;
use crate::usecases::notices::{self, Counts};
use belay_protocol::time::{HOUR, MINUTE};

#[test]
fn what_a_partner_wrote_is_new_until_staff_have_read_it_and_so_is_what_it_said_of_the_person() {
    for back in [None, Some(Vec::new())] {
        let mut county = county();
        let id = sent(&mut county, back.clone());
        taken_in(county.office(CLINIC), &id);
        county.pump();
        county.office(HOSPITAL).act(&id, message("she comes by bus"));
        let read = |office: &mut Office| {
            let list: ThreadsView = office.done(&Care::ReferralList(ListAsk::default()));
            list.threads[0].unread()
        };
        assert!(!read(county.office(HOSPITAL)), "who wrote it knows it");
        let before = counts(county.office(CLINIC));
        county.pump();
        assert_eq!(counts(county.office(CLINIC)).new, before.new + 1);
        assert!(read(county.office(CLINIC)));
        county.office(CLINIC).thread(&id);
        assert!(!read(county.office(CLINIC)), "{back:?}");
        let read_once = county.office(CLINIC).records();
        county.office(CLINIC).thread(&id);
        let kinds = |records: &std::collections::BTreeMap<Vec<u8>, Vec<u8>>| {
            records.keys().filter(|key| key[0] == crate::usecases::records::Kind::Read as u8).count()
        };
        assert_eq!(kinds(&read_once), kinds(&county.office(CLINIC).records()), "what is read is written down once");
        county.office(CLINIC).rebuild();
        assert!(!read(county.office(CLINIC)), "and it is in the records");
    }
    let mut county = county();
    let id = sent(&mut county, None);
    let decline = ActRequest::Decline { reason: belay_protocol::referral::DeclineReason::NoCapacity, note: "".into() };
    county.office(CLINIC).act(&id, decline);
    let before = counts(county.office(HOSPITAL));
    county.pump();
    assert_eq!(counts(county.office(HOSPITAL)), Counts { new: 1, ..before }, "a decline is told on arrival");
}

fn counts(office: &mut Office) -> Counts {
    office.step(notices::standing).expect("counts").counts()
}

const NOTHING: Counts = Counts { new: 0, due: 0, overdue: 0, review: 0, judge: 0 };

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
