//! Who writes questions, or copies for emergencies, without end fills nobody's records: the newest are kept, and nothing that counts is lost.

use super::super::emergency::{opened, placed};
use super::super::office::Office;
use super::*;
use crate::usecases::inquiries;
use crate::usecases::records::prefix::Prefix;
use belay_protocol::emergency::EmergencyBody;
use belay_protocol::engine::{Applied, Body as Bytes, Event};
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::limits::{INQUIRIES_OF_ORG, KEPT_OF_SPACE};
use belay_protocol::referral::inquiry::InquiryBody;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

const MANY: u32 = 3 * KEPT_OF_SPACE as u32;

fn named(number: u32) -> [u8; 32] {
    let mut name = [9; 32];
    name[..4].copy_from_slice(&number.to_be_bytes());
    name
}

/// So many bodies after one that came, as if its author had written them.
fn after((space, first): &(SpaceId, Applied), body: impl Fn(u32) -> Vec<u8>) -> (Vec<Event>, Vec<Event>) {
    let each = |number| {
        let (hash, time) = (EntryHash(named(number)), first.time.plus(u64::from(number)));
        let body = Bytes(Zeroizing::new(body(number)));
        let (space, org, author) = (*space, first.org, first.author);
        let came = Event::Applied { space, hash, author, org, time, body: body.clone() };
        (came, Event::Lost { space, hash, org, body })
    };
    (1..=MANY).map(each).unzip()
}

/// What is kept of spaces: who looked at what is on record for good.
fn kept(office: &Office) -> BTreeMap<Vec<u8>, Vec<u8>> {
    office.records().into_iter().filter(|(key, _)| key[0] >= 32).collect()
}

fn rows(office: &Office, kind: Prefix) -> usize {
    office.records().keys().filter(|key| key[0] == kind as u8).count()
}

#[test]
fn of_one_space_the_newest_questions_are_kept_and_an_earlier_one_is_back_when_they_count_no_more() {
    let mut county = county();
    county.office(HOSPITAL).done::<InquiriesView>(&inquire(&["Ridge Clinic"]));
    county.pump();
    let clinic = county.office(CLINIC);
    let is_ask = |a: &Applied| matches!(InquiryBody::decode(&a.body), Ok(InquiryBody::Ask(_)));
    let first = clinic.bodies().into_iter().find(|(_, a)| is_ask(a)).expect("one");
    let before = kept(clinic);
    let (came, gone) = after(&first, |number| {
        let urgency = if number == MANY { Urgency::Routine } else { Urgency::Urgent };
        InquiryBody::Ask(Inquiry { urgency, ..question() }).encode()
    });
    clinic.turned(&came);
    let asked =
        |office: &mut Office| office.done::<InquiriesView>(&Care::InquiryList).inquiries.remove(0).asked.urgency;
    assert_eq!((rows(clinic, Prefix::Asked), asked(clinic)), (KEPT_OF_SPACE, Urgency::Routine));
    assert_eq!(rows(clinic, Prefix::Asker), 1);
    // By its time in the store, where no entry of these stands.
    clinic.tamper(|draft| {
        for event in &came {
            let Event::Applied { space, hash, time, .. } = event else { continue };
            inquiries::lose(draft, *space, (*hash, *time)).expect("forgets");
        }
    });
    clinic.turned(&gone);
    assert_eq!(kept(clinic), before, "as if they had never come");
    assert_eq!(asked(clinic), Urgency::Urgent);
}

#[test]
fn of_one_space_the_newest_copies_are_kept_and_an_earlier_one_is_found_when_they_count_no_more() {
    let mut county = county();
    placed(&mut county);
    let hospital = county.office(HOSPITAL);
    let copy = |a: &Applied| match EmergencyBody::decode(&a.body) {
        Ok(EmergencyBody::Copy(copy)) => Some(*copy),
        Ok(EmergencyBody::Opened(_)) | Err(_) => None,
    };
    let all = hospital.bodies();
    let (space, first, said) = all.into_iter().find_map(|(s, a)| copy(&a).map(|said| (s, a, said))).expect("one");
    let before = hospital.records();
    let (came, gone) = after(&(space, first), |number| {
        let mut said = said.clone();
        said.number += number;
        EmergencyBody::Copy(Box::new(said)).encode().to_vec()
    });
    let kept = rows(hospital, Prefix::Copy);
    hospital.turned(&came);
    assert_eq!(rows(hospital, Prefix::Copy), kept - 1 + KEPT_OF_SPACE);
    hospital.turned(&gone);
    assert_eq!(hospital.records(), before, "as if they had never come");
    assert_eq!(opened(hospital, "Zephyrine Quillfeather", "1988-02-03").copies.len(), kept);
}

#[test]
fn who_asks_without_end_pushes_out_its_own_questions_and_nobody_elses() {
    let mut county = county();
    let clinic = county.office(CLINIC);
    let (flood, other) = (OrgId([1; 32]), OrgId([2; 32]));
    let many = u32::try_from(INQUIRIES_OF_ORG).expect("small") + 5;
    let ask = InquiryBody::Ask(question()).encode();
    let now = clinic.now;
    let at = |number: u32| now.plus(u64::from(number));
    let one = |org: OrgId, number: u32| {
        (SpaceId([&org.0[..28], &number.to_be_bytes()].concat().try_into().expect("32")), at(number))
    };
    // In any order.
    let all = [(other, 0)]
        .into_iter()
        .chain((0..many).rev().step_by(2).chain((0..many).rev().skip(1).step_by(2)).map(|n| (flood, n)));
    let all: Vec<_> = all.map(|(org, number)| (org, one(org, number))).collect();
    clinic.tamper(|draft| {
        for (org, (space, time)) in &all {
            inquiries::keep(draft, (*space, *org), (EntryHash(space.0), *org, *time), &ask).expect("keeps");
        }
    });
    let listed = clinic.done::<InquiriesView>(&Care::InquiryList).inquiries;
    let of = |org: OrgId| listed.iter().filter(|inquiry| inquiry.other == org).map(|i| i.id).collect::<Vec<_>>();
    assert_eq!((of(flood).len(), of(other).len()), (INQUIRIES_OF_ORG, 1));
    assert!((0..5).all(|number| !of(flood).contains(&one(flood, number).0)), "the oldest");
    assert_eq!(rows(clinic, Prefix::Asked), INQUIRIES_OF_ORG + 1);
    // Who takes one back has room for one again.
    let (space, time) = one(flood, many - 1);
    clinic.tamper(|draft| inquiries::lose(draft, space, (EntryHash(space.0), time)).expect("forgets"));
    assert_eq!((rows(clinic, Prefix::Asked), rows(clinic, Prefix::Asker)), (INQUIRIES_OF_ORG, INQUIRIES_OF_ORG));
}
