//! Calls about somebody of whom only a name was known, put to a person of ours later.

use super::*;
use belay_protocol::sensitive::Personal;

#[test]
fn what_was_told_of_somebody_known_by_name_alone_stands_in_the_accounting_of_whom_staff_say_it_was_about() {
    for made_first in [true, false] {
        let mut county = county();
        let shelter = county.office(SHELTER);
        let person = shelter.person("Zephyrine Quillfeather").id;
        shelter.done::<HeardView>(&Care::ConsentHeard(HeardAsk {
            keeper: "Ridge Clinic".to_owned(),
            name: "Zephyrine Quillfeather".into(),
            form: "a1b2c3d4".into(),
            spoken: true,
            ..HeardAsk::default()
        }));
        let [call] = listed(shelter).try_into().expect("one call");
        let theirs = |office: &mut Office| {
            let ask = DisclosuresAsk { person: Some(person.to_string().as_str().into()), ..DisclosuresAsk::default() };
            office.done::<DisclosuresView>(&Care::Disclosures(ask)).disclosures.len()
        };
        let whose =
            |person: Option<&str>| Care::CallWhose { call: call.id.to_string(), person: person.map(Personal::from) };
        if made_first {
            shelter.done::<CallView>(&made(&call));
            assert_eq!(theirs(shelter), 0, "nobody has said whose it is");
        }
        let said: WhoseView = shelter.done(&whose(Some("Zephyrine Quillfeather")));
        assert_eq!((said.person, said.staff.reveal().as_str()), (Some(person), "nora"));
        if !made_first {
            shelter.done::<CallView>(&made(&call));
        }
        assert_eq!(theirs(shelter), 1);
        let [one] = done(shelter).try_into().expect("one that was made");
        assert!(one.nameless, "nobody but staff can say whom it was about");
        assert_eq!(one.whose.map(|whose| (whose.person, whose.at)), Some((Some(person), said.at)), "who, and when");
        assert_eq!(shelter.refused(&whose(Some("Zephyrine Quillfeather"))).0, FailureClass::Misuse, "twice");
        let before = shelter.records();
        shelter.rebuild();
        assert_eq!(shelter.records(), before);
        if made_first {
            shelter.done::<WhoseView>(&whose(None));
            assert_eq!(theirs(shelter), 0, "it was somebody else");
        }
    }
}

#[test]
fn whom_our_own_records_name_is_put_to_nobody_else() {
    let mut county = county();
    let consent = referred(&mut county, true, Vec::new());
    let hospital = county.office(HOSPITAL);
    hospital.person("Ada Wick");
    revoked(hospital, &consent, None);
    let [call] = listed(hospital).try_into().expect("one call");
    let ask = Care::CallWhose { call: call.id.to_string(), person: Some("Ada Wick".into()) };
    assert_eq!(hospital.refused(&ask).0, FailureClass::Misuse);
    hospital.done::<CallView>(&made(&call));
    let [one] = done(hospital).try_into().expect("one that was made");
    assert!(!one.nameless, "and no page offers it");
}
