use super::*;
use crate::ids::{ConsentId, OrgId, PersonId, SpaceId, StaffId};
use crate::referral::{Party, Scope};
use crate::space::control::PartnerKind;

const NOW: Time = Time(1_795_000_000_000);
const SPACE: SpaceId = SpaceId([5; 32]);

fn by() -> By {
    By { staff: StaffId([9; 32]), name: "Nora Quill".into() }
}

fn copy() -> Copy {
    Copy {
        number: 1,
        information: Information::Crisis,
        notice: "notice".to_owned(),
        scope: Scope::nothing(ConsentId([7; 32]), 1, OrgId([1; 32]), NOW),
        names: vec!["Zephyrine Quillfeather".into(), "Zeph Quill".into()],
        birth_date: "1988-02-03".into(),
        content: "call Mo first".into(),
        by: by(),
        at: NOW,
    }
}

fn facts() -> Facts {
    Facts {
        personnel: "Dr Ana Reyes".into(),
        facility: Party { org: OrgId([1; 32]), name: "County Hospital".to_owned(), kind: PartnerKind::CoveredEntity },
        discloser: "Nora Quill".into(),
        at: NOW,
        nature: "unconscious".into(),
        unobtainable: "unconscious".into(),
    }
}

#[test]
fn a_copy_is_found_by_each_name_with_the_date_of_birth_and_by_nothing_less() {
    let marks = marks(SPACE, &copy());
    let found = |name: &str, date: &str| mark(SPACE, &name.into(), &date.into()).is_some_and(|m| marks.contains(&m));
    assert!(found("Zephyrine Quillfeather", "1988-02-03"));
    assert!(found("quillfeather,  ZEPHYRINE ", " 1988-02-03"));
    assert!(found("Zeph Quill", "1988-02-03"));
    for (name, date) in [
        ("Zephyrine Quillfeather", "1988-02-04"),
        ("Zephyrine Quillfeather", "1988"),
        ("Zephyrine Quillfeather", ""),
        ("Zephyrine", "1988-02-03"),
        ("", "1988-02-03"),
    ] {
        assert!(!found(name, date), "{name} {date}");
    }
    let elsewhere = mark(SpaceId([6; 32]), &"Zeph Quill".into(), &"1988-02-03".into()).expect("both are there");
    assert!(!marks.contains(&elsewhere), "marks of two spaces could be compared");
}

#[test]
fn bodies_and_records_come_back_as_they_went_and_are_no_thread_bodies() {
    let opened = Opened { facts: facts(), copy: EntryHash([6; 32]), by: by() };
    for body in [EmergencyBody::Copy(Box::new(copy())), EmergencyBody::Opened(Box::new(opened))] {
        let bytes = body.encode();
        assert_eq!(EmergencyBody::decode(&bytes).expect("whole"), body);
        assert!(EmergencyBody::is(&bytes) && crate::referral::Body::decode(&bytes).is_err());
    }
    let attempt = Record::Attempt(Attempt { facts: facts(), by: by(), opened: 0 });
    let body = crate::disclosure::PrivateBody::Emergency(Box::new(attempt));
    assert_eq!(crate::disclosure::PrivateBody::decode(&body.encode()).expect("whole"), body);
}

#[test]
fn only_a_crisis_plan_or_medication_may_be_placed_and_none_without_a_name() {
    let clinical = Copy { information: Information::Clinical, ..copy() };
    let nameless = Copy { names: Vec::new(), ..copy() };
    let long = Copy { content: "x".repeat(limits::TEXT_CHARS + 1).as_str().into(), ..copy() };
    let many = Copy { names: vec!["Zeph".into(); limits::PERSON_VALUES + 1], ..copy() };
    for wrong in [clinical, nameless, long, many] {
        let bytes = EmergencyBody::Copy(Box::new(wrong)).encode();
        assert!(EmergencyBody::decode(&bytes).is_err());
    }
}

#[test]
fn a_withdrawal_and_a_lift_hold_against_what_they_end() {
    let placement = Placement {
        space: SPACE,
        number: 2,
        person: PersonId([8; 32]),
        at: facts().facility,
        information: Information::Crisis,
        consent: ConsentId([7; 32]),
        version: 1,
        ended: None,
    };
    let ended = Placement { number: 3, ended: Some(NOW), ..placement.clone() };
    let (a, b) = (Record::Placement(placement), Record::Placement(ended));
    assert_eq!(a.key(EntryHash([1; 32])), b.key(EntryHash([2; 32])));
    assert!(b.revision() > a.revision());
    let hold = Hold {
        id: [1; 16],
        person: PersonId([8; 32]),
        why: "letter of counsel".into(),
        order: None,
        by: by(),
        at: NOW,
        lifted: None,
    };
    let lifted = Hold { lifted: Some(Lift { by: by(), at: NOW, why: "closed".into() }), ..hold.clone() };
    assert!(Record::Hold(lifted).revision() > Record::Hold(hold).revision());
}

#[test]
fn debug_shows_neither_the_person_nor_the_facts() {
    let opened = Opened { facts: facts(), copy: EntryHash([6; 32]), by: by() };
    let shown = format!("{:?} {opened:?}", copy());
    for planted in ["Zephyrine", "1988", "Mo first", "Reyes", "unconscious"] {
        assert!(!shown.contains(planted), "{shown}");
    }
}
