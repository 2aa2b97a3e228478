//! Whatever order the records come in, the same calls are to be made.

use super::{all, asked, due};
use crate::usecases::{identity, records};
use belay_protocol::consent::{Consent, Draft, Expiry, Representation, Revoked, Signature, Signed, Void};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::disclosure::private::{Heard, HeardFor, Phoned, Said, Spoken, Unreached};
use belay_protocol::ids::{CallId, ConsentId, EntryHash, OrgId, PersonId, StaffId, ThreadId};
use belay_protocol::keys::RootKey;
use belay_protocol::referral::{By, Information, Party, Purpose, Told, outside_id};
use belay_protocol::sensitive::Personal;
use belay_protocol::space::control::{OrgCard, PartnerKind};
use belay_protocol::store::{Draft as Rows, Memory};
use belay_protocol::time::{DAY, Local, Time};
use proptest::prelude::*;

const NOW: Time = Time(1_795_000_000_000);
const CONSENT: ConsentId = ConsentId([7; 32]);

fn own() -> (OrgCard, Party) {
    let root = RootKey::from_seed([1; 32]).public();
    let kind = PartnerKind::CoveredEntity;
    let card = OrgCard { root, name: "County Hospital".to_owned(), kind };
    (card, Party { org: root.org(), name: "County Hospital".to_owned(), kind })
}

fn chapel() -> Party {
    Party { org: outside_id([5; 32]), name: "Stone Chapel Beds".to_owned(), kind: PartnerKind::NonCoveredCbo }
}

fn by() -> By {
    By { staff: StaffId([9; 32]), name: "Nora Quill".into() }
}

fn sign(draft: Draft, at: Time) -> Signed {
    let signature = Signature::typed("Zephyrine Quillfeather", Representation::Person);
    draft.sign(signature, Some(at), by(), at).expect("nothing is missing")
}

fn first() -> Signed {
    let mut draft = Draft::between(
        CONSENT,
        (PersonId([8; 32]), "Zephyrine Quillfeather".into()),
        own().1,
        chapel(),
        &[Information::Referral, Information::Identity],
        &[Information::Referral],
        &Purpose::Tpo,
    );
    draft.terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(90 * DAY))));
    sign(draft, NOW)
}

/// The next version, which tells the partner less; or ends sooner.
fn narrower(of: &Signed, sooner: bool, at: Time) -> Signed {
    let mut draft = of.amend();
    if sooner {
        draft.terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(10 * DAY))));
    } else {
        draft.terms.flows.retain(|flow| flow.information != Information::Identity);
        let parties: Vec<Party> = draft.terms.parties().into_iter().cloned().collect();
        draft.terms.follow_flows(&parties);
    }
    sign(draft, at)
}

fn withdrawn(of: &Signed, at: Time) -> Signed {
    let mut signed = of.clone();
    signed.withdraw(chapel().org, Told::Spoken, by(), at).expect("named");
    signed
}

fn phoned(call: CallId, number: u32, told: bool) -> PrivateBody {
    let said = Said {
        to: chapel().org,
        to_name: chapel().name,
        name: "Zephyrine Quillfeather".into(),
        thread: None,
        with: Personal::default(),
        says: "that it ended".into(),
    };
    let what = if told { Spoken::Told(Box::new(said)) } else { Spoken::Reopened("the wrong row".into()) };
    PrivateBody::Phoned(Box::new(Phoned { call, number, what, by: by(), at: NOW.plus(9 * DAY) }))
}

/// What two machines wrote of one consent, apart from each other, and of calls.
fn written() -> Vec<PrivateBody> {
    let one = first();
    let (gone, less) = (withdrawn(&one, NOW.plus(3 * DAY)), narrower(&one, false, NOW.plus(2 * DAY)));
    let apart = narrower(&one, true, NOW.plus(4 * DAY));
    let gone_later = withdrawn(&less, NOW.plus(5 * DAY));
    let over = Revoked { signed: apart.clone(), at: NOW.plus(6 * DAY), told: Told::Written, heard_by: by() };
    let false_at = NOW.plus(7 * DAY);
    let void = Void { signed: less.clone(), at: false_at, why: "somebody else signed".into(), by: by(), revoked: None };
    let call = |version, by_version| Phoned::ended(CONSENT, chapel().org, version, by_version);
    let member = OrgId([3; 32]);
    let unreached = Unreached { consent: CONSENT, version: 1, party: member, by_version: false, at: NOW.plus(DAY) };
    let heard = |thread: u8, at| {
        let (thread, consent) = (ThreadId([thread; 32]), ConsentId([4; 32]));
        let entry = EntryHash::ZERO;
        PrivateBody::Heard(Box::new(Heard {
            thread,
            consent,
            party: None,
            told: Told::Spoken,
            by: by(),
            org: own().1.org,
            entry,
            at,
            late: false,
        }))
    };
    let consents = [
        Consent::Signed(one),
        Consent::Signed(gone),
        Consent::Signed(less),
        Consent::Signed(apart),
        Consent::Signed(gone_later),
        Consent::Revoked(over),
        Consent::Void(void),
    ];
    let mut all: Vec<PrivateBody> = consents.map(|consent| PrivateBody::Consent(Box::new(consent))).into();
    all.extend([
        phoned(call(2, true), 1, true),
        phoned(call(1, false), 1, true),
        phoned(call(1, false), 2, false),
        PrivateBody::Unreached(unreached.clone()),
        phoned(unreached.call(), 1, true),
        heard(1, NOW.plus(2 * DAY)),
        heard(2, NOW.plus(DAY)),
        heard(3, NOW.plus(DAY)),
        PrivateBody::HeardFor(Box::new(HeardFor {
            keeper: Party { org: member, name: "Ridge Clinic".to_owned(), kind: PartnerKind::Part2Program },
            name: "Zephyrine Quillfeather".into(),
            birth_date: Personal::default(),
            form: Personal::default(),
            told: Told::Spoken,
            by: by(),
            at: NOW,
        })),
    ]);
    all
}

/// Every call, in words, after these records came in this order.
fn calls(records: &[(EntryHash, PrivateBody)]) -> Vec<String> {
    let mut store = Memory::default();
    let mut draft = Rows::new(&store);
    identity::keep_card(&mut draft, &own().0);
    for (hash, body) in records {
        records::keep(&mut draft, *hash, &body.encode()).expect("a store in memory");
    }
    let writes = draft.into_writes();
    store.commit(writes);
    let mut said: Vec<String> = all(&store).expect("reads").iter().map(|row| format!("{row:?}")).collect();
    said.extend(due(&store).expect("reads").iter().map(|due| format!("due {due:?}")));
    said
}

fn named(bodies: Vec<PrivateBody>) -> Vec<(EntryHash, PrivateBody)> {
    (1u8..).map(|n| EntryHash([n; 32])).zip(bodies).collect()
}

proptest! {
    #[test]
    fn in_any_order_and_of_any_part_the_same_calls_are_to_be_made(
        (part, shuffled) in prop::sample::subsequence(named(written()), 1..=written().len())
            .prop_flat_map(|part| (Just(part.clone()), Just(part).prop_shuffle()))
    ) {
        prop_assert_eq!(calls(&part), calls(&shuffled));
    }
}

#[test]
fn a_version_that_was_called_for_and_is_found_to_be_false_leaves_the_call_due() {
    let one = first();
    let less = narrower(&one, false, NOW.plus(2 * DAY));
    let void = Void {
        signed: less.clone(),
        at: NOW.plus(3 * DAY),
        why: "somebody else signed".into(),
        by: by(),
        revoked: None,
    };
    let bodies = [Consent::Signed(one), Consent::Signed(less), Consent::Void(void)];
    let bodies = bodies.map(|consent| PrivateBody::Consent(Box::new(consent))).into();
    assert!(calls(&named(bodies)).iter().any(|call| call.starts_with("due ")), "what was due before stays due");
}

#[test]
fn a_withdrawal_that_comes_late_takes_no_call_away_that_was_made() {
    let one = first();
    let mut draft = one.amend();
    draft.terms.flows.clear();
    draft.terms.follow_flows(&[]);
    let dropped =
        Signed { terms: draft.terms, version: 2, upon: draft.upon, recorded: NOW.plus(2 * DAY), ..one.clone() };
    let gone = withdrawn(&one, NOW.plus(DAY));
    let made = phoned(Phoned::ended(CONSENT, chapel().org, 2, true), 1, true);
    let consents = [one, dropped, gone].map(|signed| PrivateBody::Consent(Box::new(Consent::Signed(signed))));
    let [one, dropped, gone] = consents;
    let records = named(vec![one, dropped, made, gone]);
    let mut store = Memory::default();
    let mut rows = Rows::new(&store);
    identity::keep_card(&mut rows, &own().0);
    for (hash, body) in &records {
        records::keep(&mut rows, *hash, &body.encode()).expect("a store in memory");
    }
    let writes = rows.into_writes();
    store.commit(writes);
    assert!(due(&store).expect("reads").is_empty(), "it was told of its end");
    assert_eq!(asked(&store).expect("reads").len(), 1, "and of the withdrawal beside it nobody has to be told again");
}
