use super::prefix::Prefix;
use super::{Kind, keep};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::disclosure::private::{Author, Direction, Drafted, Linked, Staff, ThreadRecord};
use belay_protocol::emergency::{Hold, Lift, Placement, Record};
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, SpaceId, StaffId, ThreadId};
use belay_protocol::referral::{By, Field, Identity, Information, Join, Joined, Party, Person};
use belay_protocol::space::control::PartnerKind;
use belay_protocol::store::{Draft, Memory, Table};
use belay_protocol::time::Time;
use proptest::prelude::*;

fn by() -> By {
    By { staff: StaffId([1; 32]), name: "Nora Quill".into() }
}

/// A record of one of a few things, in one of a few revisions.
fn any_record() -> impl Strategy<Value = PrivateBody> {
    (0u8..8, 1u8..3, 1u32..4, any::<bool>()).prop_map(|(kind, which, revision, odd)| match kind {
        0 => PrivateBody::Staff(Staff {
            id: StaffId([which; 32]),
            revision,
            name: "nora".to_owned(),
            full_name: "Nora Quill".to_owned(),
            role: "navigator".to_owned(),
            secret: String::new(),
            disabled: odd,
            author: Author::Machine,
            at: Time(u64::from(revision)),
            rescued: None,
        }),
        1 => PrivateBody::Linked(Box::new(Linked {
            thread: ThreadId([which; 32]),
            number: revision,
            person: odd.then_some(PersonId([1; 32])),
            why: "".into(),
            by: by(),
            at: Time(u64::from(which)),
        })),
        2 => PrivateBody::Thread(Box::new(ThreadRecord {
            thread: ThreadId([which; 32]),
            direction: Direction::Outgoing,
            other: Party { org: OrgId([3; 32]), name: "Mill Creek".to_owned(), kind: PartnerKind::Part2Program },
            person: None,
            consent: ConsentId([4; 32]),
            version: revision,
            spaces: [Information::Referral, Information::Identity]
                .into_iter()
                .take(1 + usize::from(odd))
                .map(|kind| (kind, SpaceId([5; 32])))
                .collect(),
            lifts: None,
            team: Vec::new(),
            purpose: None,
        })),
        5 => PrivateBody::Person(Box::new(Person {
            id: PersonId([which; 32]),
            revision,
            identity: Identity { name: if odd { "Ada Wick" } else { "Ada Wik" }.into(), ..Identity::default() },
            note: "".into(),
            died: "".into(),
            changed: if revision == 1 { Field::ALL.to_vec() } else { vec![Field::Name] },
            by: by(),
            at: Time(u64::from(revision)),
        })),
        6 => PrivateBody::Joined(Box::new(Joined {
            pair: (PersonId([which; 32]), PersonId([which + 1; 32])),
            number: revision,
            what: if odd { Join::Together(PersonId([which; 32])) } else { Join::Apart },
            why: "".into(),
            by: by(),
            at: Time(u64::from(revision)),
        })),
        3 => PrivateBody::Drafted(Box::new(Drafted::Form(vec![which]))),
        4 => PrivateBody::Emergency(Box::new(Record::Hold(Hold {
            id: [which; 16],
            person: PersonId([6; 32]),
            why: "a subpoena".into(),
            order: None,
            by: by(),
            at: Time(u64::from(revision)),
            lifted: odd.then(|| Lift { by: by(), at: Time(9), why: "quashed".into() }),
        }))),
        _ => PrivateBody::Emergency(Box::new(Record::Placement(Placement {
            space: SpaceId([which; 32]),
            number: revision,
            person: PersonId([6; 32]),
            at: Party { org: OrgId([3; 32]), name: "County ER".to_owned(), kind: PartnerKind::CoveredEntity },
            information: Information::Crisis,
            consent: ConsentId([4; 32]),
            version: 1,
            ended: odd.then_some(Time(9)),
        }))),
    })
}

/// What is kept of these, in this order.
fn kept(records: &[(EntryHash, PrivateBody)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut store = Memory::default();
    for (hash, body) in records {
        let mut draft = Draft::new(&store);
        keep(&mut draft, *hash, &body.encode()).expect("a store in memory");
        let writes = draft.into_writes();
        store.commit(writes);
    }
    // With how persons are found, which records are of one, and the referrals that were linked to one.
    let found = [Prefix::Sign, Prefix::ByName, Prefix::Joined, Prefix::LinkedTo].map(|kind| kind as u8);
    let ours = |key: &[u8]| {
        key.first().is_some_and(|kind| found.contains(kind) || Kind::ALL.iter().any(|k| *k as u8 == *kind))
    };
    let rows = store.rows().filter(|(table, key, _)| *table == Table::Record && ours(key));
    rows.map(|(_, key, value)| (key.to_vec(), value.to_vec())).collect()
}

proptest! {
    #[test]
    fn any_order_and_any_duplication_keep_the_same_records(
        (records, shuffled) in prop::collection::vec(any_record(), 1..14).prop_flat_map(|all| {
            let records: Vec<_> = (1u8..).map(|n| EntryHash([n; 32])).zip(all).collect();
            let twice = records.iter().chain(records.iter().step_by(2)).cloned().collect::<Vec<_>>();
            (Just(records), Just(twice).prop_shuffle())
        })
    ) {
        let once = kept(&records);
        prop_assert!(!once.is_empty());
        prop_assert_eq!(kept(&shuffled), once);
    }
}

#[test]
fn a_private_body_is_kept_under_no_prefix_of_anything_else() {
    let mut kinds = Kind::ALL.map(|kind| kind as u8).to_vec();
    assert!(kinds.iter().all(|kind| *kind < Prefix::Spaces as u8), "the list of the others begins there");
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), Kind::ALL.len());
}

#[test]
fn of_each_space_the_last_row_is_read_and_no_other() {
    let store = Memory::default();
    let mut draft = Draft::new(&store);
    let kind = Prefix::Asked as u8;
    for (space, order) in [(1_u8, 3_u8), (1, 9), (1, 4), (200, 1), (255, 2), (255, 7)] {
        draft.put(Table::Record, [&[kind][..], &[space; 32], &[order]].concat(), [order]);
    }
    draft.put(Table::Record, [kind + 1, 9], [9]);
    draft.put(Table::Record, [kind - 1, 9], [9]);
    let rows = super::rows::last_of_each(&draft, kind).expect("reads");
    let read: Vec<(u8, u8)> = rows.iter().map(|(key, value)| (key[1], value[0])).collect();
    assert_eq!(read, [(1, 9), (200, 1), (255, 7)]);
    let last = super::rows::last(&draft, &[&[kind][..], &[1; 32]].concat()).expect("reads");
    assert_eq!(last.map(|(_, value)| value[0]), Some(9));
    assert_eq!(super::rows::last(&draft, &[&[kind][..], &[2; 32]].concat()).expect("reads"), None);
}
