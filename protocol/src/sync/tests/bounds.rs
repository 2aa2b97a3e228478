//! What is kept for others, what waits, and what one frame may hold: up to the bound, and no more.

use super::PEER;
use crate::codec;
use crate::fault::Class;
use crate::ids::{EntryHash, NodeId, OrgId, ParcelId, SpaceId};
use crate::keys::NodeKey;
use crate::limits;
use crate::space::Register;
use crate::store::{Draft, Memory, Table};
use crate::sync::early::Early;
use crate::sync::kept;
use crate::sync::parcel::Receipt;
use crate::sync::parcel::rows::{self, Held, Taken};
use crate::sync::wire::{Frame, Have, Hello, Page, Summary};
use crate::time::Time;
use std::collections::BTreeSet;

/// Lays so many bytes on a shelf here.
fn lies(draft: &mut Draft<'_>, org: OrgId, node: u8, bytes: u64) {
    let shelf = kept::Shelf { count: 1, bytes, ..kept::Shelf::default() };
    draft.put(Table::Own, [b"kept/", &org.0[..], &[node; 32]].concat(), codec::encode(&shelf));
}

/// The least package, and the room that it takes.
fn package() -> (Vec<u8>, u64) {
    let least = limits::BACKUP_SIZES[0];
    (vec![0; least], least as u64 + limits::KEPT_COST)
}

#[test]
fn what_is_kept_for_all_organisations_together_has_its_bound() {
    let store = Memory::default();
    let (mut draft, (package, room), none) = (Draft::new(&store), package(), BTreeSet::new());
    lies(&mut draft, OrgId([9; 32]), 9, limits::KEPT_TOTAL - room);
    let mut keep = |org| kept::keep_unsigned(&mut draft, (OrgId([org; 32]), PEER), &package, &none, Time(0)).unwrap();
    assert!(keep(1), "there is room for one");
    assert!(!keep(1) && !keep(2), "and for nobody's next, however little it has here");
}

#[test]
fn of_one_organisation_few_nodes_leave_something() {
    let store = Memory::default();
    let (mut draft, (package, _), none) = (Draft::new(&store), package(), BTreeSet::new());
    let most = u8::try_from(limits::KEPT_NODES).unwrap();
    (0..most).for_each(|node| lies(&mut draft, OrgId([1; 32]), node, 1));
    let mut keep = |org, node| {
        kept::keep_unsigned(&mut draft, (OrgId([org; 32]), NodeId([node; 32])), &package, &none, Time(0)).unwrap()
    };
    assert!(!keep(1, most), "it would be one more");
    assert!(keep(1, most - 1) && keep(2, most));
}

#[test]
fn what_partners_give_back_is_laid_by_up_to_its_bound_whoever_gives_it() {
    let store = Memory::default();
    let (mut draft, (package, room), none) = (Draft::new(&store), package(), BTreeSet::new());
    let own = OrgId([1; 32]);
    lies(&mut draft, own, 9, limits::LAID_BY_BYTES - room);
    let mut lay_by = |node| kept::lay_by(&mut draft, (own, NodeId([node; 32])), &package, &none, Time(0)).unwrap();
    assert!(lay_by(1));
    assert!(!lay_by(1) && !lay_by(2));
}

#[test]
fn no_list_in_a_frame_is_longer_than_its_bound() {
    let parcel = ParcelId([1; 32]);
    let receipt = Receipt::sign(&NodeKey::from_seed([3; 32]), parcel);
    let summary = Summary { space: SpaceId::ZERO, heads: [0; 16], registers: [0; 16] };
    let hello = |token| Hello { version: 1, run: [1; 8], time: Time(5), token };
    let have = |sample| Have { space: SpaceId::ZERO, sample, registers: Vec::new() };
    let bounds: [(usize, &dyn Fn(usize) -> Frame); 11] = [
        (limits::TOKEN_BYTES, &|n| Frame::Hello(hello(Some(vec![4; n])))),
        (limits::TOKEN_BYTES, &|n| Frame::Page(Page { token: Some(vec![4; n]), ..Page::default() })),
        (limits::TOKEN_BYTES, &|n| Frame::Ack(Some(vec![4; n]))),
        (limits::WANTS, &|n| Frame::Want(vec![EntryHash::ZERO; n])),
        (limits::COMPARE_SPACES, &|n| Frame::Compare(vec![summary; n])),
        (limits::SAMPLE, &|n| Frame::Have(have(vec![EntryHash::ZERO; n]))),
        (limits::PARCELS_NAMED, &|n| Frame::Offer(vec![parcel; n])),
        (limits::PARCELS_NAMED, &|n| Frame::Withdraw(vec![parcel; n])),
        (limits::PARCELS_NAMED, &|n| Frame::Gone(vec![parcel; n])),
        (limits::PARCELS_NAMED, &|n| Frame::Receipts(vec![receipt; n])),
        (limits::PARCELS_IN_FLIGHT, &|n| Frame::Fetch(vec![parcel; n])),
    ];
    for (most, frame) in bounds {
        let name = frame(0).name();
        assert!(Frame::decode(&frame(most).encode()).is_ok(), "{name}");
        let longer = Frame::decode(&frame(most + 1).encode()).map_err(|fault| fault.class);
        assert_eq!(longer, Err(Class::Malformed), "{name}");
    }
}

#[test]
fn of_one_link_few_registers_wait_however_small() {
    let key = NodeKey::from_seed([3; 32]);
    let register = |n: usize, number| {
        Register::sign(&key, SpaceId::ZERO, &format!("openings/{n}"), number, Vec::new(), Vec::new()).unwrap()
    };
    let mut early = Early::default();
    assert!((0..limits::EARLY_REGISTERS).all(|n| early.keep(register(n, 1), None, usize::MAX)));
    assert!(!early.keep(register(limits::EARLY_REGISTERS, 1), None, usize::MAX));
    assert!(early.keep(register(0, 2), None, usize::MAX), "a newer one of the same name takes no place");
}

#[test]
fn parcels_that_wait_have_a_bound_in_number_and_bytes_whoever_sent_them() {
    let held = |from, bytes: usize| {
        let bytes = u32::try_from(bytes).unwrap();
        Held { from: OrgId([from; 32]), bytes, expires: Time(9), waits: Vec::new() }
    };
    let store = Memory::default();
    let mut draft = Draft::new(&store);
    let mut hold = |n: usize, row: &Held| rows::hold(&mut draft, &ParcelId([n as u8; 32]), row, vec![0]).unwrap();
    let most = limits::PARCELS_HELD;
    assert!((0..most).all(|n| hold(n, &held((n / limits::PARCELS_HELD_OF) as u8, 1))));
    assert!(!hold(most, &held(99, 1)), "four who flood fill it");
    let mut draft = Draft::new(&store);
    let mut hold = |n, row: &Held| rows::hold(&mut draft, &ParcelId([n; 32]), row, vec![0]).unwrap();
    assert!(hold(1, &held(1, limits::PARCELS_HELD_BYTES_OF)));
    assert!(!hold(2, &held(1, 1)), "of one sender");
    let share = limits::PARCELS_HELD_BYTES / limits::PARCELS_HELD_BYTES_OF;
    assert!((2..=share as u8).all(|from| hold(from, &held(from, limits::PARCELS_HELD_BYTES_OF))));
    assert!(!hold(99, &held(99, 1)), "of all");
}

#[test]
fn of_many_parcels_of_one_sender_the_oldest_that_was_taken_is_forgotten() {
    let from = OrgId([7; 32]);
    let id = |n: usize| ParcelId(std::array::from_fn(|at| n.to_be_bytes().get(at).copied().unwrap_or(1)));
    let row = |n: usize| Taken { at: Time(n as u64), receipt: None };
    let store = Memory::default();
    let mut draft = Draft::new(&store);
    for n in 0..limits::PARCELS_TAKEN {
        let key = |org: OrgId| [b"t", &org.0[..], &id(n).0].concat();
        draft.put(Table::Parcel, key(OrgId::ZERO), from.0);
        draft.put(Table::Parcel, key(from), codec::encode(&row(n)));
    }
    assert_eq!(rows::taken(&draft, &id(0)).unwrap(), Some(row(0)));
    rows::put_taken(&mut draft, from, &id(limits::PARCELS_TAKEN), &row(limits::PARCELS_TAKEN)).unwrap();
    assert_eq!(rows::taken(&draft, &id(0)).unwrap(), None);
    assert_eq!(rows::taken_from(&draft, from).unwrap().len(), limits::PARCELS_TAKEN);
}
