//! A coalition of two, a thread between them and a private space: every entry, every key, what opens and what no longer does.

use crate::hex;
use belay_protocol::ids::{EntryHash, SpaceId};
use belay_protocol::keys::wrap::{SUITE_X25519, SUITE_XWING};
use belay_protocol::keys::{Certificate, NodeKey, PrekeySecret, RootKey};
use belay_protocol::random::Foretold;
use belay_protocol::space::control::{OrgCard, PartnerKind};
use belay_protocol::space::entry::Entry;
use belay_protocol::space::{By, Register, Spaces, Written};
use belay_protocol::store::{Draft, Memory};
use belay_protocol::time::{MINUTE, Time};
use serde_json::{Value, json};

const NOW: Time = Time(1_790_000_000_000);

/// One node with its store, which writes through [`Spaces`] as at a real node.
pub struct Side {
    pub key: NodeKey,
    prekey: PrekeySecret,
    pub card: OrgCard,
    pub certificate: Certificate,
    recovery: PrekeySecret,
    root: RootKey,
    pub spaces: Spaces,
    pub store: Memory,
    random: Foretold,
    pub now: Time,
}

impl Side {
    pub fn new(seed: u8, name: &str, suite: u8) -> Self {
        let root = RootKey::from_seed([seed; 32]);
        let key = NodeKey::from_seed([seed + 1; 32]);
        let prekey = PrekeySecret::of_suite(suite, [seed + 2; 32]).expect("both suites are known");
        let recovery = PrekeySecret::from_seed([seed + 3; 32]);
        let card = OrgCard { root: root.public(), name: name.to_owned(), kind: PartnerKind::NonCoveredCbo };
        let certificate = root.certify(&key, prekey.public(), NOW);
        let spaces = Spaces::new(key.id());
        let (store, random) = (Memory::default(), Foretold::new(seed.into()));
        let mut side = Self { key, prekey, card, certificate, recovery, root, spaces, store, random, now: NOW };
        side.step(|spaces, draft, by, own| {
            spaces.hold_prekey(draft, own.prekey, by.now);
            Ok(())
        });
        side
    }

    /// One step a minute, committed at once.
    pub fn step<T>(
        &mut self,
        step: impl FnOnce(&mut Spaces, &mut Draft<'_>, &mut By<'_>, &Own<'_>) -> belay_protocol::fault::Result<T>,
    ) -> T {
        self.now = self.now.plus(MINUTE);
        let mut draft = Draft::new(&self.store);
        let mut by = By { key: &self.key, now: self.now, random: &mut self.random };
        let own = Own {
            prekey: &self.prekey,
            card: &self.card,
            certificate: &self.certificate,
            recovery: &self.recovery,
            root: &self.root,
        };
        let done = step(&mut self.spaces, &mut draft, &mut by, &own).expect("the step is allowed");
        let writes = draft.into_writes();
        self.store.commit(writes);
        done
    }

    fn entry(&self, hash: &EntryHash) -> Entry {
        self.spaces.entry(&self.store, hash).expect("the store holds").expect("the entry is there")
    }

    /// Everything of a space, in order of acceptance.
    pub fn all(&self, space: SpaceId) -> Vec<Entry> {
        let order = self.spaces.order(&self.store, space, 0, usize::MAX).expect("the store holds");
        order.iter().map(|hash| self.entry(hash)).collect()
    }

    pub fn take(&mut self, entries: &[Entry]) {
        for entry in entries.iter().cloned() {
            let offered = self.step(|spaces, draft, by, _| spaces.offer(draft, entry, None, by.now));
            assert!(!offered.waits, "parents come first");
        }
    }

    fn text(&mut self, hash: &EntryHash) -> Option<Vec<u8>> {
        let opened = self.spaces.open_body(&self.store, hash).expect("the store holds");
        opened.ok().map(|text| text.to_vec())
    }
}

/// What a step may use of its side, besides the spaces.
pub struct Own<'o> {
    prekey: &'o PrekeySecret,
    pub card: &'o OrgCard,
    pub certificate: &'o Certificate,
    recovery: &'o PrekeySecret,
    root: &'o RootKey,
}

pub fn make() -> Value {
    let mut clinic = Side::new(30, "Harbor Clinic", SUITE_XWING);
    let mut shelter = Side::new(40, "River Shelter", SUITE_X25519);

    let coalition = clinic
        .step(|spaces, draft, by, own| {
            spaces.found_coalition(draft, by, "Example County", own.card.clone(), own.certificate.clone())
        })
        .hash
        .into();
    let (card, certificate) = (shelter.card.clone(), shelter.certificate.clone());
    clinic.step(|spaces, draft, by, _| spaces.admit(draft, by, coalition, card, certificate));
    shelter.take(&clinic.all(coalition));
    let listing = shelter.step(|spaces, draft, by, _| spaces.write(draft, by, coalition, b"a listing, in clear"));
    clinic.take(&[shelter.entry(&listing.hash)]);

    let thread = clinic.step(|spaces, draft, by, _| spaces.found_thread(draft, by, coalition, true)).hash.into();
    // Written before anybody else is in: the grant extends its key to the shelter.
    let first = write(&mut clinic, thread, b"a bed is needed on Tuesday");
    let org = shelter.card.root.org();
    clinic.step(|spaces, draft, by, _| {
        spaces.grant(draft, by, thread, org, true, true, Some(NOW.plus(90 * 24 * 60 * MINUTE)))
    });
    shelter.take(&clinic.all(thread));
    let answer = write(&mut shelter, thread, b"a bed is free on Tuesday");
    assert_eq!(shelter.text(&first.hash).expect("a reader opens it"), b"a bed is needed on Tuesday");
    clinic.take(&shelter.all(thread));
    clinic.step(|spaces, draft, by, _| spaces.revoke(draft, by, thread, org));
    let last = write(&mut clinic, thread, b"withdrawn");
    shelter.take(&clinic.all(thread));
    assert_eq!(shelter.text(&last.hash), None, "what was sealed after the revocation does not open");
    assert_eq!(clinic.text(&answer.hash).expect("it stays readable"), b"a bed is free on Tuesday");

    let private = clinic
        .step(|spaces, draft, by, own| {
            let founder = own.root.founder(own.recovery.public(), NOW, by.random);
            spaces.found_private(draft, by, founder, own.certificate.clone())
        })
        .hash
        .into();
    let note = write(&mut clinic, private, b"a note of our own, of some length, of some length, of some length");

    let register = clinic.step(|spaces, draft, by, _| {
        spaces.publish(draft, by, coalition, "addresses", b"/ip4/203.0.113.7/tcp/4001".to_vec())
    });
    assert_eq!(Register::verify(&register.bytes()).expect("it is signed"), register);

    let mut bodies = Vec::new();
    for (written, space) in
        [(listing, "coalition"), (first, "thread"), (answer, "thread"), (last, "thread"), (note, "private")]
    {
        let plaintext = clinic.text(&written.hash).expect("the custodian reads it all");
        let there = shelter.spaces.has(&shelter.store, &written.hash).expect("the store holds");
        let shelter_opens = there && shelter.text(&written.hash).is_some();
        bodies.push(json!({
            "entry": hex(written.hash.0),
            "space": space,
            "plaintext": hex(plaintext),
            "shelter_opens": shelter_opens,
        }));
    }
    json!({
        "nodes": {"clinic": secrets(&clinic), "shelter": secrets(&shelter)},
        "coalition": space(&clinic, coalition),
        "thread": space(&clinic, thread),
        "private": space(&clinic, private),
        "bodies": bodies,
        "register": hex(register.bytes()),
    })
}

fn write(side: &mut Side, space: SpaceId, body: &[u8]) -> Written {
    side.step(|spaces, draft, by, _| spaces.write(draft, by, space, body))
}

fn secrets(side: &Side) -> Value {
    json!({
        "node": hex(side.key.id().0),
        "prekey_suite": side.prekey.suite(),
        "prekey_seed": hex(side.prekey.seed().as_slice()),
        "recovery_seed": hex(side.recovery.seed().as_slice()),
    })
}

pub fn space(side: &Side, space: SpaceId) -> Value {
    let entries = side.all(space);
    json!({
        "id": hex(space.0),
        "entries": entries
            .iter()
            .map(|entry| json!({"hash": hex(entry.hash().0), "bytes": hex(entry.bytes())}))
            .collect::<Vec<_>>(),
    })
}
