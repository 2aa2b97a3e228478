//! That nothing but codes can stand in an inquiry: no byte of one is a character.

use super::*;

fn plain() -> Inquiry {
    Inquiry {
        wanted: Wanted::Residential,
        age: AgeBand::From25,
        payer: Payer::Medicaid,
        medication: Medication::Methadone,
        needs: BTreeSet::new(),
        urgency: Urgency::Routine,
        language: Language::English,
        within: Within::Week,
    }
}

/// Every inquiry that differs from [`plain`] in one field, and the one with every need.
fn each() -> Vec<Inquiry> {
    let mut all = vec![plain()];
    all.extend(Wanted::ALL.iter().map(|v| Inquiry { wanted: *v, ..plain() }));
    all.extend(AgeBand::ALL.iter().map(|v| Inquiry { age: *v, ..plain() }));
    all.extend(Payer::ALL.iter().map(|v| Inquiry { payer: *v, ..plain() }));
    all.extend(Medication::ALL.iter().map(|v| Inquiry { medication: *v, ..plain() }));
    all.extend(Need::ALL.iter().map(|v| Inquiry { needs: [*v].into(), ..plain() }));
    all.extend(Language::ALL.iter().map(|v| Inquiry { language: *v, ..plain() }));
    all.extend(Within::ALL.iter().map(|v| Inquiry { within: *v, ..plain() }));
    all.push(Inquiry { urgency: Urgency::Urgent, ..plain() });
    all.push(Inquiry { needs: Need::ALL.iter().copied().collect(), ..plain() });
    all
}

fn replies() -> Vec<Reply> {
    let mut all = vec![Reply::Yes, Reply::Phone];
    all.extend(NoReason::ALL.iter().map(|v| Reply::No(*v)));
    all.extend(Within::ALL.iter().map(|v| Reply::WaitList(*v)));
    all
}

#[test]
fn no_byte_of_an_inquiry_is_a_character_so_that_no_word_can_stand_in_it() {
    // A field is one byte whatever its value is, so that each value of each field shows all there can be.
    let bodies = each().into_iter().map(InquiryBody::Ask).chain(replies().into_iter().map(InquiryBody::Reply));
    for body in bodies {
        let bytes = body.encode();
        assert!(bytes.len() <= 10 + Need::ALL.len(), "{body:?}");
        assert!(bytes.iter().all(|byte| *byte < 0x20), "{body:?}: {bytes:?}");
        assert_eq!(InquiryBody::decode(&bytes).unwrap(), body);
    }
}

#[test]
fn what_is_decoded_holds_nothing_else_either() {
    for inquiry in each() {
        let bytes = InquiryBody::Ask(inquiry).encode();
        for at in 0..bytes.len() {
            for value in 0..=u8::MAX {
                let mut other = bytes.clone();
                other[at] = value;
                if InquiryBody::decode(&other).is_ok() {
                    assert!(other.iter().all(|byte| *byte < 0x20), "{other:?}");
                }
            }
        }
        for end in [&b"Ada"[..], &[0]] {
            assert!(InquiryBody::decode(&[&bytes, end].concat()).is_err(), "nothing may follow it");
        }
    }
}

#[test]
fn a_body_of_a_thread_is_none_of_an_inquiry_and_the_other_way_round() {
    let act = super::super::Body::Act(super::super::Signed {
        notice: crate::ids::EntryHash::ZERO,
        by: super::super::By { staff: crate::ids::StaffId::ZERO, name: "nora".into() },
        act: super::super::Act::Acknowledge,
    });
    assert!(InquiryBody::decode(&act.encode()).is_err());
    assert!(super::super::Body::decode(&InquiryBody::Ask(plain()).encode()).is_err());
}

#[test]
fn days_fall_into_the_least_band_that_holds_them() {
    let bands =
        [(0, "today"), (1, "1"), (2, "3"), (7, "7"), (8, "14"), (30, "30"), (31, "60"), (90, "90"), (91, "later")];
    for (days, word) in bands {
        assert_eq!(Within::days(days).word(), word);
    }
}

#[test]
fn every_word_names_its_code_and_the_script_names_nobody() {
    for wanted in Wanted::ALL {
        assert_eq!(Wanted::from_word(wanted.word()), Some(*wanted));
    }
    assert_eq!((AgeBand::ALL.len(), AgeBand::WORDS.last()), (10, Some(&"90_and_over")));
    let script = Inquiry { needs: [Need::Wheelchair].into(), ..plain() }.script();
    assert!(script.contains("- age: 25 to 34\n") && script.contains("- also: wheelchair\n"), "{script}");
}
