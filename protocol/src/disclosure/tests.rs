use super::private::{Author, Staff, newer};
use super::*;
use crate::consent::{Answered, Restriction};
use crate::ids::{ConsentId, EntryHash, OrgId, PersonId, SpaceId, StaffId, ThreadId};
use crate::limits;
use crate::referral::{By, Information, Purpose, Told};
use crate::time::{DAY, Time};

use proptest::prelude::*;

const NOW: Time = Time(1_795_000_000_000);

fn disclosure(person: u8, to: u8, at: Time) -> Disclosure {
    Disclosure {
        by: By { staff: StaffId([9; 32]), name: "Nora Quill".into() },
        person: PersonId([person; 32]),
        thread: ThreadId([4; 32]),
        to: OrgId([to; 32]),
        recipient: "Ridge Clinic, 12 Ridge Road".to_owned(),
        purpose: Purpose::Treatment,
        consent: ConsentId([7; 32]),
        version: 1,
        information: Information::Referral,
        space: SpaceId([5; 32]),
        entry: EntryHash([6; 32]),
        brief: Brief::Asked,
        what: "referral sent".into(),
        at,
        recorded: NOW,
        automatic: false,
        clause: "42 CFR 2.33(a)".to_owned(),
        facts: None,
        law: None,
        stage: Stage::Told,
    }
}

#[test]
fn the_accounting_gives_three_years_of_one_person_newest_first() {
    let records = [
        (EntryHash([1; 32]), disclosure(1, 2, NOW)),
        (EntryHash([2; 32]), disclosure(1, 3, Time(NOW.0 - DAY))),
        (EntryHash([3; 32]), disclosure(2, 2, NOW)),
        (EntryHash([4; 32]), disclosure(1, 2, Time(NOW.0 - 4 * 366 * DAY))),
        (EntryHash([1; 32]), disclosure(1, 2, NOW)),
    ];
    let list = |asked| accounting(asked, records.iter().map(|(h, d)| (*h, d)));
    let three_years = list(Accounting::three_years(PersonId([1; 32]), NOW));
    assert_eq!(three_years.iter().map(|(_, d)| d.to).collect::<Vec<_>>(), [OrgId([2; 32]), OrgId([3; 32])]);
    let to = Accounting { to: Some(OrgId([2; 32])), ..Accounting::default() };
    assert_eq!(list(to).len(), 3);
}

#[test]
fn what_is_put_on_record_afterwards_is_listed_by_the_day_on_which_it_was_told() {
    let told = Time(NOW.0 - 17 * DAY);
    let records = [(EntryHash([1; 32]), disclosure(1, 2, told)), (EntryHash([2; 32]), disclosure(1, 3, NOW))];
    let list = |since, until| {
        let asked = Accounting { since, until, ..Accounting::default() };
        let found = accounting(asked, records.iter().map(|(h, d)| (*h, d)));
        found.into_iter().map(|(_, d)| (d.to, d.recorded)).collect::<Vec<_>>()
    };
    let early = (OrgId([2; 32]), NOW);
    assert_eq!(list(None, Some(Time(NOW.0 - 16 * DAY))), [early]);
    assert_eq!(list(Some(NOW), None), [(OrgId([3; 32]), NOW)]);
    let since = Some(Time(NOW.0 - 18 * DAY));
    assert_eq!(list(since, None).last(), Some(&early), "the older one comes last");
}

#[test]
fn which_record_holds_does_not_depend_on_the_order_in_which_they_came() {
    let (low, high) = (EntryHash([1; 32]), EntryHash([2; 32]));
    assert!(newer((2, 0, high), (1, 9, low)));
    assert!(newer((1, 2, high), (1, 1, low)));
    assert!(newer((1, 1, low), (1, 1, high)));
    assert!(!newer((1, 1, low), (1, 1, low)));
}

proptest! {
    /// Of all records of one thing the same holds, whatever came first and however often.
    #[test]
    fn the_newest_record_is_one_in_any_order_and_any_duplication(
        (records, shuffled) in prop::collection::vec((0u32..4, 0u8..3, any::<u8>()), 1..12).prop_flat_map(|all| {
            let twice = all.iter().chain(&all).copied().collect::<Vec<_>>();
            (Just(all), Just(twice).prop_shuffle())
        })
    ) {
        let rank = |(number, stage, hash): (u32, u8, u8)| (number, stage, EntryHash([hash; 32]));
        let holds = |all: &[(u32, u8, u8)]| {
            all.iter().copied().map(rank).reduce(|kept, came| if newer(came, kept) { came } else { kept })
        };
        prop_assert_eq!(holds(&records), holds(&shuffled));
        for a in records.iter().copied().map(rank) {
            for b in records.iter().copied().map(rank) {
                prop_assert_eq!(newer(a, b) || newer(b, a), a != b, "one of two holds");
            }
        }
    }

    #[test]
    fn the_accounting_is_the_same_in_any_order_and_any_duplication(
        (records, shuffled) in prop::collection::vec((1u8..3, 1u8..4, 0u64..4), 0..12).prop_flat_map(|all| {
            let records: Vec<(EntryHash, Disclosure)> = (0..)
                .zip(all)
                .map(|(n, (person, to, days))| (EntryHash([n; 32]), disclosure(person, to, Time(NOW.0 - days * DAY))))
                .collect();
            let twice = records.iter().chain(records.iter().step_by(2)).cloned().collect::<Vec<_>>();
            (Just(records), Just(twice).prop_shuffle())
        })
    ) {
        let list = |of: &[(EntryHash, Disclosure)], asked| -> Vec<Disclosure> {
            accounting(asked, of.iter().map(|(hash, d)| (*hash, d))).into_iter().map(|(_, d)| d.clone()).collect()
        };
        let to = Accounting { to: Some(OrgId([2; 32])), ..Accounting::default() };
        for asked in [Accounting::default(), Accounting::three_years(PersonId([1; 32]), NOW), to] {
            let once = list(&records, asked);
            prop_assert!(once.windows(2).all(|pair| pair[0].at >= pair[1].at), "newest first");
            prop_assert_eq!(list(&shuffled, asked), once);
        }
        prop_assert_eq!(list(&records, Accounting::default()).len(), records.len(), "each once");
    }
}

#[test]
fn private_bodies_come_back_as_they_went() {
    let body = PrivateBody::Disclosure(Box::new(disclosure(1, 2, NOW)));
    assert_eq!(PrivateBody::decode(&body.encode()).expect("whole"), body);
    assert!(PrivateBody::decode(&[9, 9]).is_err());
}

#[test]
fn what_is_struck_or_left_out_at_once_has_its_bound() {
    let by = || By { staff: StaffId([9; 32]), name: "Nora Quill".into() };
    let struck = |n| Struck { records: vec![EntryHash([1; 32]); n], why: "".into(), by: by(), at: NOW }.check();
    assert!(struck(limits::STRUCK_AT_ONCE).is_ok() && struck(limits::STRUCK_AT_ONCE + 1).is_err());
    let given = |n| Given { person: PersonId([1; 32]), left_out: vec![[0; 16]; n], by: by(), at: NOW }.check();
    assert!(given(limits::WITHHELD_AT_ONCE).is_ok() && given(limits::WITHHELD_AT_ONCE + 1).is_err());
}

#[test]
fn debug_shows_neither_a_person_nor_a_secret() {
    let staff = Staff {
        author: Author::Machine,
        at: Time(7),
        rescued: None,
        id: StaffId([9; 32]),
        revision: 1,
        name: "Nora Quill".to_owned(),
        full_name: "Nora Quill".to_owned(),
        role: "navigator".to_owned(),
        secret: "$argon2id$planted".to_owned(),
        disabled: false,
    };
    let shown = format!("{:?} {:?}", PrivateBody::Staff(staff), disclosure(1, 2, NOW));
    for planted in ["Quill", "planted", "referral sent"] {
        assert!(!shown.contains(planted), "{shown}");
    }
}

#[test]
fn what_was_let_in_again_binds_no_more_in_any_order_and_asked_anew_it_does() {
    let by = || By { staff: StaffId([1; 32]), name: "Dora".into() };
    let one = |at: u64, answer| Restriction {
        asked: "not my name".into(),
        of: OrgId([1; 32]),
        to: None,
        information: vec![Information::Identity],
        paid_in_full: false,
        answer,
        by: by(),
        at: Time(at),
    };
    let (first, again) = (one(1, Answered::Agreed), one(3, Answered::Agreed));
    let no = one(2, Answered::Refused("we bill them".into()));
    let let_in = LeftOutWord::LetIn { asked: first.mark(), told: Told::Spoken, by: by(), at: Time(2) };
    let asked = |one: &Restriction| LeftOutWord::Asked(one.clone());
    let mut words = vec![let_in, asked(&no), asked(&first), asked(&first)];
    assert_eq!(asked_to_leave_out(&words), std::slice::from_ref(&no), "it stands with its answer");
    assert!(agreed_to_leave_out(&words).is_empty(), "and binds nobody");
    words.push(asked(&again));
    assert_eq!(agreed_to_leave_out(&words), std::slice::from_ref(&again));
    words.reverse();
    assert_eq!((asked_to_leave_out(&words), agreed_to_leave_out(&words)), (vec![no, again.clone()], vec![again]));
}
