//! Entries that count no more, and that count again: the records of both sides hang on the entries that count, and on no order.

use super::agreements::{drafted, fields, signed};
use super::emergency::{listed, opened, placed};
use super::files::{pdf, to_thread};
use super::inquiries::{answer, inquire};
use super::*;
use crate::usecases::records::prefix::Prefix;
use crate::usecases::threads;
use belay_protocol::engine::{Applied, Body as Bytes, Event};
use belay_protocol::ids::{EntryHash, SpaceId, ThreadId};
use belay_protocol::referral::inquiry::Reply;
use belay_protocol::referral::{Body, Notice};
use belay_protocol::store::Table;
use std::collections::BTreeMap;

fn applied((space, a): (SpaceId, Applied)) -> Event {
    Event::Applied { space, hash: a.hash, author: a.author, org: a.org, time: a.time, body: a.body }
}

fn lost((space, a): &(SpaceId, Applied)) -> Event {
    Event::Lost { space: *space, hash: a.hash, org: a.org, body: a.body.clone() }
}

impl Office {
    /// What is kept for good: not what is only marked to be looked at.
    fn lasting(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let mut records = self.records();
        let marks = [Prefix::Heard as u8, Prefix::TieChanged as u8];
        records.retain(|key, _| !marks.contains(&key[0]));
        records
    }
}

#[test]
fn what_is_taken_back_entry_by_entry_and_told_again_in_another_order_is_what_it_was() {
    let mut county = county();
    placed(&mut county);
    opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03");
    let id = sent(&mut county, None);
    let link = LinkAsk { another: true, ..LinkAsk::new(&id) };
    county.office(CLINIC).done::<ThreadView>(&Care::ReferralLink(link));
    county.office(CLINIC).act(&id, accept());
    county.office(HOSPITAL).attach(&to_thread(&id), "letter.pdf", &pdf(200_000));
    county.office(CLINIC).act(&id, message("he is here"));
    drafted(&mut county, CLINIC, &fields("County Hospital", 8));
    signed(&mut county, CLINIC, "County Hospital");
    let asked = county.office(HOSPITAL).done::<InquiriesView>(&inquire(&["Harbor Shelter"])).inquiries.remove(0);
    county.pump();
    county.office(SHELTER).done::<InquiryView>(&answer(&asked, Reply::Yes));
    county.pump();
    for at in [HOSPITAL, CLINIC, SHELTER] {
        let office = county.office(at);
        let (before, all) = (office.lasting(), office.bodies());
        assert!(!all.is_empty());
        office.turned(&all.iter().map(lost).collect::<Vec<_>>());
        for (_, gone) in &all {
            // What was told of it is on record for good, and found by it.
            let hangs = |key: &[u8]| key[0] >= 32 && key[0] != Prefix::ToldOfNobody as u8;
            let names = |key: &[u8]| hangs(key) && key.windows(32).any(|part| part == gone.hash.0);
            assert!(office.lasting().keys().all(|key| !names(key)), "nothing hangs on it any more");
        }
        office.turned(&all.into_iter().rev().map(applied).collect::<Vec<_>>());
        let after = office.lasting();
        let differs: Vec<u8> = before
            .iter()
            .filter(|(key, value)| after.get(*key) != Some(*value))
            .map(|(key, _)| key[0])
            .chain(after.keys().filter(|key| !before.contains_key(*key)).map(|key| key[0]))
            .collect();
        assert!(differs.is_empty(), "of office {at} these kinds are not what they were: {differs:?}");
    }
}

#[test]
fn an_opening_that_came_too_late_and_counts_for_a_while_stays_in_the_accounting() {
    let mut county = county();
    placed(&mut county);
    let withdraw = Care::EmergencyWithdraw { person: "Zephyrine Quillfeather".into(), at: None };
    county.office(CLINIC).done::<EmergencyView>(&withdraw);
    opened(county.office(HOSPITAL), "Zephyrine Quillfeather", "1988-02-03");
    county.pump();
    let clinic = county.office(CLINIC);
    let all = clinic.late();
    let told = |office: &mut Office| listed(office).openings.iter().map(|row| row.late).collect::<Vec<_>>();
    assert_eq!(told(clinic), [true; 2]);
    for _ in 0..2 {
        clinic.turned(&all.iter().cloned().map(applied).collect::<Vec<_>>());
        assert_eq!(told(clinic), [false; 2]);
        clinic.turned(&all.iter().map(lost).collect::<Vec<_>>());
        assert_eq!(told(clinic), [false; 0]);
        for (space, a) in all.clone() {
            clinic.turned(&[Event::Late { space, hash: a.hash, org: a.org, time: a.time, body: a.body }]);
        }
        assert_eq!(told(clinic), [true; 2]);
    }
}

#[test]
fn which_thread_a_space_is_is_made_again_from_its_notices_alone() {
    let mut county = county();
    sent(&mut county, None);
    let clinic = county.office(CLINIC);
    let before = clinic.lasting();
    let named = |key: &[u8]| key[0] == Prefix::SaidOf as u8;
    let (mut key, value) = before.iter().find(|(key, _)| named(key)).map(|(k, v)| (k.clone(), v.clone())).expect("one");
    let (space, other) = (key[1..33].to_vec(), ThreadId([7; 32]));
    key[33..37].fill(0xFF);
    key[37..].fill(7);
    clinic.tamper(|draft| {
        draft.put(Table::Record, key, value);
        draft.put(Table::Record, [&[Prefix::OfSpace as u8][..], &space].concat(), other.0);
        draft.put(Table::Record, [&[Prefix::Spaces as u8][..], &other.0, &space].concat(), []);
    });
    clinic.rebuild();
    assert!(clinic.lasting() == before, "what no notice says is there yet");
}

/// How often the store is asked where the newest notice of a space with so many is lost.
fn asked_for_one_lost(many: u32) -> usize {
    let mut county = county();
    sent(&mut county, None);
    let clinic = county.office(CLINIC);
    let notice = |a: &Applied| match Body::decode(&a.body) {
        Ok(Body::Notice(notice)) if notice.information == Information::Referral => Some(*notice),
        _ => None,
    };
    let all = clinic.bodies();
    let (space, first, said) = all.into_iter().find_map(|(s, a)| notice(&a).map(|said| (s, a, said))).expect("one");
    let thread = said.thread;
    let version = |office: &Office| threads::get(office.store(), thread).expect("reads").expect("here").version;
    let newer: Vec<(SpaceId, Applied)> = (2..many + 2)
        .map(|version| {
            let mut said: Notice = said.clone();
            (said.scope.version, said.text) = (version, String::new());
            let mut hash = [9; 32];
            hash[..4].copy_from_slice(&version.to_be_bytes());
            let body = Bytes(zeroize::Zeroizing::new(Body::Notice(Box::new(said)).encode().to_vec()));
            (space, Applied { hash: EntryHash(hash), body, ..first.clone() })
        })
        .collect();
    clinic.turned(&newer.iter().cloned().map(applied).collect::<Vec<_>>());
    assert_eq!(version(clinic), many + 1);
    let (last, others) = newer.split_last().expect("some");
    let asked = clinic.turned(&[lost(last)]);
    assert_eq!(version(clinic), many, "the newest that counts");
    clinic.turned(&others.iter().map(lost).collect::<Vec<_>>());
    assert_eq!(version(clinic), 1);
    asked
}

#[test]
fn a_notice_that_counts_no_more_costs_the_same_however_many_there_are() {
    let (few, many) = (asked_for_one_lost(4), asked_for_one_lost(2 * belay_protocol::limits::THREAD_NOTICES as u32));
    assert_eq!(few, many);
}
