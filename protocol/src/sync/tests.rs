mod bounds;

use super::arrivals::{self, From, Item};
use super::early::Early;
use super::pending::Pending;
use super::wire::{Frame, Hello, Page};
use super::{Checked, bookmark, kept, rights};
use crate::fault::Class;
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::keys::NodeKey;
use crate::limits;
use crate::random::Random;
use crate::space::entry::{self, Entry, Header, Kind};
use crate::space::{Account, Register};
use crate::store::{Draft, Memory, Table, View, Write};
use crate::time::Time;
use std::collections::BTreeSet;

struct Counter(u8);

impl Random for Counter {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

const PEER: NodeId = NodeId([7; 32]);

fn arrive(store: &mut Memory, bytes: &[u8]) {
    let mut draft = Draft::new(store);
    for byte in bytes {
        let item = Item::Entry { space: SpaceId::ZERO, hash: EntryHash([*byte; 32]) };
        arrivals::append(&mut draft, item, From::Own).unwrap();
    }
    let writes = draft.into_writes();
    store.commit(writes);
}

fn token(store: &mut Memory, number: u64) -> Vec<u8> {
    let mut draft = Draft::new(store);
    let token = bookmark::issue(&mut draft, &mut Counter(0), PEER, number).unwrap();
    let writes = draft.into_writes();
    store.commit(writes);
    token
}

#[test]
fn a_bookmark_fits_where_it_was_made_and_for_whom() {
    let mut store = Memory::default();
    arrive(&mut store, &[1, 2, 3]);
    let token = token(&mut store, 2);
    assert!(token.len() < 70, "{} bytes", token.len());
    assert_eq!(bookmark::fits(&store, PEER, &token).unwrap(), Some(2));
    assert_eq!(bookmark::fits(&store, NodeId([8; 32]), &token).unwrap(), None, "stolen by another peer");
    assert_eq!(bookmark::fits(&Memory::default(), PEER, &token).unwrap(), None, "another store");
    let mut garbled = token;
    garbled[20] ^= 1;
    assert_eq!(bookmark::fits(&store, PEER, &garbled).unwrap(), None);
    assert_eq!(bookmark::fits(&store, PEER, b"short").unwrap(), None);
}

#[test]
fn a_bookmark_does_not_fit_a_disk_that_was_rolled_back_or_copied() {
    let mut store = Memory::default();
    arrive(&mut store, &[1, 2]);
    let early = token(&mut store, 2);
    let mut copy = store.clone();
    arrive(&mut store, &[3]);
    let late = token(&mut store, 3);
    assert_eq!(bookmark::fits(&copy, PEER, &late).unwrap(), None, "the copy knows no third arrival");
    arrive(&mut copy, &[4, 5]);
    assert_eq!(bookmark::fits(&copy, PEER, &late).unwrap(), None, "the copy's third arrival is another");
    assert_eq!(bookmark::fits(&copy, PEER, &early).unwrap(), Some(2), "what both share still fits");
}

#[test]
fn pending_entries_are_asked_for_parents_first() {
    let mut pending = Pending::default();
    for byte in [5, 3, 4] {
        pending.push(EntryHash([byte; 32]));
    }
    pending.urge(EntryHash([9; 32]));
    pending.push(EntryHash([9; 32]));
    pending.remove(&EntryHash([3; 32]));
    let order: Vec<u8> = pending.iter().map(|hash| hash.0[0]).collect();
    assert_eq!(order, [9, 5, 4]);
}

#[test]
fn frames_come_back_as_they_were_and_nothing_else_is_one() {
    let page = Page { entries: vec![vec![1, 2]], announced: vec![EntryHash([3; 32])], ..Page::default() };
    let frames = [
        Frame::Hello(Hello { version: 1, run: [1; 8], time: Time(5), token: Some(vec![4; 60]) }),
        Frame::Same,
        Frame::Page(page),
        Frame::Ack(Some(vec![5; 60])),
        Frame::Want(vec![EntryHash([1; 32])]),
        Frame::Compared,
    ];
    for frame in frames {
        let bytes = frame.encode();
        assert_eq!(Frame::decode(&bytes).unwrap(), frame);
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(Frame::decode(&longer).unwrap_err().class, Class::Malformed);
        for cut in 0..bytes.len() {
            assert_eq!(Frame::decode(&bytes[..cut]).unwrap_err().class, Class::Malformed);
        }
    }
    assert_eq!(Frame::decode(&vec![0; limits::FRAME_BYTES + 1]).unwrap_err().class, Class::Malformed);
    let many = Frame::Want(vec![EntryHash::ZERO; limits::WANTS + 1]).encode();
    assert_eq!(Frame::decode(&many).unwrap_err().class, Class::Malformed);
}

#[test]
fn being_let_in_again_takes_back_removal_and_expiry() {
    let store = Memory::default();
    let mut draft = Draft::new(&store);
    let (space, org, none) = (SpaceId([1; 32]), OrgId([2; 32]), BTreeSet::new());
    rights::note_expired(&mut draft, space, org).unwrap();
    rights::removed(&mut draft, space, org, EntryHash([3; 32]), &none).unwrap();
    assert_eq!(rights::held_back(&draft).unwrap(), [(space, org)]);
    assert_eq!(rights::removals_of(&draft, org).unwrap(), [EntryHash([3; 32])]);
    rights::opened(&mut draft, space, org).unwrap();
    assert!(rights::held_back(&draft).unwrap().is_empty());
    assert!(rights::removals_of(&draft, org).unwrap().is_empty());
    assert_eq!(arrivals::last(&draft).unwrap().0, 2, "the removal and the opening");
}

#[test]
fn of_several_removals_all_are_told_and_the_last_of_more_than_the_bound() {
    let store = Memory::default();
    let mut draft = Draft::new(&store);
    let (space, org, none) = (SpaceId([1; 32]), OrgId([2; 32]), BTreeSet::new());
    let removals: Vec<EntryHash> =
        (0..=u8::try_from(limits::REMOVALS_TOLD).unwrap()).map(|n| EntryHash([n; 32])).collect();
    for removal in removals[..2].iter().chain([&removals[0]]) {
        rights::removed(&mut draft, space, org, *removal, &none).unwrap();
    }
    assert_eq!(rights::removals_from(&draft, org, space).unwrap(), removals[..2]);
    for removal in &removals[2..] {
        rights::removed(&mut draft, space, org, *removal, &none).unwrap();
    }
    assert_eq!(rights::removals_of(&draft, org).unwrap(), removals[1..]);
    // By a thief of a retired node, any number: they take no place from the others, nor from each other.
    let forged: BTreeSet<EntryHash> = (100..120).map(|n| EntryHash([n; 32])).collect();
    for removal in &forged {
        rights::removed(&mut draft, space, org, *removal, &forged).unwrap();
    }
    assert_eq!(rights::removals_of(&draft, org).unwrap(), removals[1..]);
    rights::opened(&mut draft, space, org).unwrap();
    for removal in forged.iter().chain(&removals) {
        rights::removed(&mut draft, space, org, *removal, &forged).unwrap();
    }
    assert_eq!(rights::removals_of(&draft, org).unwrap(), removals[1..], "and give way to them");
}

#[test]
fn what_is_smaller_than_any_package_is_refused_and_nothing_of_it_is_kept() {
    let store = Memory::default();
    let mut draft = Draft::new(&store);
    let (whose, none) = ((OrgId([1; 32]), PEER), BTreeSet::new());
    let least = limits::BACKUP_SIZES[0];
    assert!(kept::keep_unsigned(&mut draft, whose, &vec![0; least - 1], &none, Time(0)).is_err());
    assert!(kept::shelves(&draft, None).unwrap().is_empty());
    assert!(kept::keep_unsigned(&mut draft, whose, &vec![0; least], &none, Time(0)).unwrap());
}

#[test]
fn a_bookmark_does_not_fit_where_a_register_says_something_else() {
    let key = NodeKey::from_seed([3; 32]);
    let copy = |value: &[u8]| {
        let register = Register::sign(&key, SpaceId::ZERO, "openings/a", 1, Vec::new(), value.to_vec()).unwrap();
        let mut store = Memory::default();
        let mut draft = Draft::new(&store);
        arrivals::append(&mut draft, Item::register(&register), From::Own).unwrap();
        let writes = draft.into_writes();
        store.commit(writes);
        store
    };
    let mut one = copy(b"three beds");
    // The seal is in the folder, so that its copies share it.
    let token = token(&mut one, 1);
    let seal = one.get(Table::Own, b"sync instance").unwrap();
    let mut other = copy(b"no bed");
    other.commit(vec![Write { table: Table::Own, key: b"sync instance".to_vec(), value: seal }]);
    assert_eq!(bookmark::fits(&one, PEER, &token).unwrap(), Some(1));
    assert_eq!(bookmark::fits(&other, PEER, &token).unwrap(), None);
}

#[test]
fn registers_that_came_early_are_found_by_what_they_wait_for_and_weighed() {
    let key = NodeKey::from_seed([3; 32]);
    let made = |space: u8, name: &str, number: u64| {
        Register::sign(&key, SpaceId([space; 32]), name, number, Vec::new(), vec![0; 1_000]).unwrap()
    };
    let mut early = Early::default();
    let account = Account { org: OrgId([1; 32]), coalition: None };
    let room = 5_000;
    assert!(early.keep(made(1, "a", 1), None, room));
    assert!(early.keep(made(1, "a", 2), None, room), "the newer one of its name");
    assert!(early.keep(made(1, "a", 1), None, room), "nothing is lost with an older one");
    assert!(early.keep(made(2, "a", 1), None, room));
    assert!(early.keep(made(2, "b", 1), Some(account), room));
    assert!(!early.keep(made(3, "a", 1), None, room), "{} bytes", early.bytes());
    assert_eq!(early.late(), BTreeSet::from([account]));
    let numbers = |taken: Vec<Register>| taken.iter().map(|r| (r.space.0[0], r.number)).collect::<Vec<_>>();
    assert_eq!(numbers(early.take_stirred(Some(&BTreeSet::from([SpaceId([9; 32])])))), []);
    assert_eq!(numbers(early.take_stirred(Some(&BTreeSet::from([SpaceId([1; 32])])))), [(1, 2)]);
    assert_eq!(numbers(early.take_stirred(None)), [(2, 1)]);
    assert_eq!(numbers(early.take_late()), [(2, 1)]);
    assert!(early.is_empty() && early.bytes() == 0);
}

#[test]
fn what_a_page_holds_before_something_that_nobody_signed_stands_and_nothing_behind_it() {
    let key = NodeKey::from_seed([5; 32]);
    let entry = |n: u8| {
        let header = Header {
            version: entry::VERSION,
            space: SpaceId([9; 32]),
            author: key.id(),
            parents: vec![EntryHash([n; 32])],
            control: Vec::new(),
            kind: Kind::Data,
            epoch: None,
            time: Time(0),
            length: 0,
        };
        Entry::sign(&key, header, b"x").bytes().to_vec()
    };
    let register = Register::sign(&key, SpaceId([9; 32]), "openings", 1, Vec::new(), vec![1]).unwrap().bytes();
    let bent = |mut bytes: Vec<u8>| {
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    };
    let page = |entries: Vec<Vec<u8>>, registers: Vec<Vec<u8>>| {
        let page = Page { entries, registers, ..Page::default() };
        let (frame, signed) = Checked::of(&Frame::Page(page).encode()).open().unwrap();
        assert_eq!(frame, Frame::Page(Page::default()), "both are taken out of the page");
        (signed.entries.len(), signed.registers.len(), signed.broken.map(|fault| fault.class))
    };
    let misbehaved = Some(Class::Misbehaved);
    assert_eq!(page(vec![entry(1), entry(2)], vec![register.clone()]), (2, 1, None));
    assert_eq!(page(vec![entry(1), bent(entry(2)), entry(3)], vec![register.clone()]), (1, 0, misbehaved));
    assert_eq!(page(vec![entry(1)], vec![register.clone(), bent(register)]), (1, 1, misbehaved));
    assert_eq!(Checked::of(b"no frame").open().unwrap_err().class, Class::Malformed);
}
