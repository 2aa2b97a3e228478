//! Parcels, their receipts, bundles of them, and packages of a private space that partners keep.

use crate::hex;
use belay_protocol::ids::{EntryHash, OrgId};
use belay_protocol::keys::seal::{self, Packed};
use belay_protocol::keys::wrap::{SUITE_X25519, SUITE_XWING};
use belay_protocol::keys::{EpochKey, NodeKey, PrekeySecret, RootKey, backup, wrap};
use belay_protocol::random::{self, Foretold};
use belay_protocol::sync::kept::{self, Deposit, Pile};
use belay_protocol::sync::parcel::bundle::Bundle;
use belay_protocol::sync::parcel::{Content, Parcel, Receipt, name};
use belay_protocol::sync::wire::Page;
use belay_protocol::time::{DAY, Time};
use serde_json::{Value, json};

const NOW: Time = Time(1_790_000_000_000);

pub fn make() -> Value {
    let to = RootKey::from_seed([20; 32]).public().org();
    let (first, second) = (parcel(to, 1, 40), parcel(to, 2, 5_000));
    let parcels = [&first, &second].map(|(bytes, _)| bytes.clone());
    json!({
        "to": hex(to.0),
        "nodes": nodes().map(|(key, prekey)| json!({
            "node": hex(key.id().0), "suite": prekey.suite(), "seed": hex(prekey.seed().as_slice()),
        })),
        "parcels": [first.1, second.1],
        "receipt": receipt(&parcels[0]),
        "bundle": Bundle::texts(to, parcels.to_vec()).concat(),
        "empty_bundle": Bundle::texts(to, Vec::new()).concat(),
        "packages": [package(1, &[300]), package(2, &[900, 4_000, 1])],
        "odd_packages": odd_packages(),
        "shelf": shelf(),
    })
}

/// The recipient's two nodes, one for each suite, sorted.
fn nodes() -> [(NodeKey, PrekeySecret); 2] {
    let node = |seed, suite| {
        (NodeKey::from_seed([seed; 32]), PrekeySecret::of_suite(suite, [seed + 1; 32]).expect("the suites are known"))
    };
    let mut nodes = [node(30, SUITE_XWING), node(40, SUITE_X25519)];
    nodes.sort_by_key(|(key, _)| key.id());
    nodes
}

fn parcel(to: OrgId, seed: u8, long: usize) -> (Vec<u8>, Value) {
    let (root, key) = (RootKey::from_seed([10; 32]), NodeKey::from_seed([11; 32]));
    let prekey = PrekeySecret::of_suite(SUITE_X25519, [12; 32]).expect("suite 2 is known");
    let certificate = root.certify(&key, prekey.public(), NOW);
    let page = Page {
        entries: vec![vec![seed; long], b"another entry".to_vec()],
        registers: vec![b"a register".to_vec()],
        removals: vec![b"a removal".to_vec()],
        ..Page::default()
    };
    let mut content = Content::new(certificate, NOW, page);
    content.wants = vec![EntryHash([seed; 32])];
    let nodes = nodes();
    content.receipts = vec![Receipt::sign(&key, name(b"an earlier parcel"))];
    let expires = NOW.plus(30 * DAY);
    let reach = nodes.each_ref().map(|(key, prekey)| (key.id(), prekey.public()));
    let made = Parcel::seal(&key, &content, (to, expires), &reach, &mut Foretold::new(seed.into())).expect("it seals");
    for (key, prekey) in &nodes {
        assert_eq!(made.open(key.id(), prekey).expect("it opens"), content);
    }
    let bytes = made.bytes();
    assert_eq!(Parcel::read(&bytes).expect("it is read"), made);
    let told = json!({
        "bytes": hex(&bytes),
        "name": hex(name(&bytes).0),
        "expires": expires.0,
        "sender": hex(key.id().0),
        "root": hex(root.public().0),
        "made": NOW.0,
        "entries": content.entries.iter().map(hex).collect::<Vec<_>>(),
        "registers": content.registers.iter().map(hex).collect::<Vec<_>>(),
        "removals": content.removals.iter().map(hex).collect::<Vec<_>>(),
        "wants": content.wants.iter().map(|hash| hex(hash.0)).collect::<Vec<_>>(),
    });
    (bytes, told)
}

fn receipt(parcel: &[u8]) -> Value {
    let [(key, _), _] = nodes();
    let receipt = Receipt::sign(&key, name(parcel));
    assert!(receipt.holds());
    json!({ "parcel": hex(receipt.parcel.0), "node": hex(receipt.node.0), "signature": hex(receipt.signature.0) })
}

fn package(seed: u8, lengths: &[usize]) -> Value {
    let recovery = PrekeySecret::of_suite(SUITE_XWING, [seed; 32]).expect("suite 1 is known");
    let org = OrgId([seed; 32]);
    let entries: Vec<Vec<u8>> = lengths.iter().map(|length| vec![seed; *length]).collect();
    let sealed = backup::seal(&recovery.public(), org, &entries, &mut Foretold::new(seed.into())).expect("it seals");
    assert_eq!(backup::open(&recovery, org, &sealed).expect("it opens"), entries);
    json!({
        "recovery_seed": hex(recovery.seed().as_slice()),
        "org": hex(org.0),
        "entries": entries.iter().map(hex).collect::<Vec<_>>(),
        "package": hex(sealed),
    })
}

/// Packages of one small entry that are padded otherwise than they should be. None opens.
fn odd_packages() -> Value {
    let recovery = PrekeySecret::of_suite(SUITE_XWING, [3; 32]).expect("suite 1 is known");
    let org = OrgId([3; 32]);
    let content = [&[1, 5][..], &[3; 5]].concat();
    let plain = |size: usize, last: u8| {
        let mut plain = [&7_u32.to_be_bytes()[..], &content].concat();
        plain.resize(size, 0);
        *plain.last_mut().expect("it is not empty") = last;
        plain
    };
    let [least, next, ..] = belay_protocol::limits::BACKUP_SIZES;
    // Enough that is drawn: what packs better is sealed as it is.
    let entries = belay_protocol::codec::encode(&[random::array::<600>(&mut Foretold::new(4)).to_vec()].to_vec());
    let mut drawn = [&u32::try_from(entries.len()).expect("it is short").to_be_bytes()[..], &entries].concat();
    drawn.resize(least, 0);
    let odd = [
        ("a byte too long", Packed::padded(&plain(least + 1, 0))),
        ("a byte too short", Packed::padded(&plain(least - 1, 0))),
        ("the next size", Packed::padded(&plain(next, 0))),
        ("ends in a one", Packed::padded(&plain(least, 1))),
        ("compressed", Packed::new(&drawn)),
    ];
    let mut random = Foretold::new(3);
    let odd = odd.map(|(what, packed)| {
        let key = EpochKey::generate(&mut random);
        let to = recovery.public();
        let wrapped = wrap::wrap(&to, b"backup v1", org.as_bytes(), key.as_bytes(), &mut random).expect("it wraps");
        let header = belay_protocol::codec::encode(&wrapped);
        let body = seal::seal(&key, &header, &packed.expect("it is short"), &mut random).expect("it seals");
        let package = [&[1][..], &belay_protocol::codec::encode(&(wrapped, body))].concat();
        assert!(backup::open(&recovery, org, &package).is_err(), "{what}");
        json!({ "what": what, "package": hex(package) })
    });
    json!({ "recovery_seed": hex(recovery.seed().as_slice()), "org": hex(org.0), "packages": odd })
}

/// What lies on a shelf after each of two packages, and what the node that left them signed. Between the two it had one refused.
fn shelf() -> Value {
    let packages: [(u64, &[u8]); 2] = [(1, b"the first package"), (300, b"the second")];
    let (key, keeper) = (NodeKey::from_seed([50; 32]), NodeKey::from_seed([51; 32]));
    let (of, with) = ((OrgId([4; 32]), key.id()), (OrgId([5; 32]), keeper.id()));
    let mut chain = [0; 16];
    let piles = packages.map(|(number, package)| {
        chain = kept::chained(&chain, package);
        let deposit = Deposit { of, with, pile: Pile { number, chain } };
        let signature = deposit.sign(&key);
        assert!(deposit.holds(&signature));
        json!({ "package": hex(package), "number": number, "chain": hex(chain), "signature": hex(signature.0) })
    });
    json!({
        "of": { "org": hex(of.0.0), "node": hex(of.1.0) },
        "with": { "org": hex(with.0.0), "node": hex(with.1.0) },
        "piles": piles,
    })
}
