//! What may not join a space: for each rule of acceptance one entry that breaks it alone, refused by the sentence of its rule, beside
//! a twin that breaks none and is taken.

use super::world::{Peer, Seeded, coalition, forge, forge_data, send, settle, thread};
use crate::fault::Class;
use crate::ids::{EntryHash, NodeId, OrgId, ProposalId, SpaceId};
use crate::keys::{Certificate, Founder, Founding, PrekeyPublic, PrekeySecret};
use crate::limits;
use crate::space::approve;
use crate::space::control::{
    Approval, Approve, Ask, Charter, Control, Epoch, Extend, Found, Grant, Keep, OrgCard, Proposal, Purpose, Removal,
    Revoke,
};
use crate::space::entry::{Entry, Header, Kind, VERSION};

const NOWHERE: EntryHash = EntryHash([7; 32]);

/// Refused for ever, and by this sentence.
fn refused(at: &mut Peer, entry: &Entry, why: &str) {
    let hash = entry.hash();
    match Entry::verify(entry.bytes().to_vec()).and_then(|entry| at.offer(entry, None)) {
        Ok(offered) => panic!("taken, though: {why} ({offered:?})"),
        Err(fault) => {
            assert!(matches!(fault.class, Class::Misbehaved | Class::Malformed), "{why}: {fault:?}");
            assert!(fault.message.contains(why), "refused by {:?} and not by {why:?}", fault.message);
        }
    }
    assert!(!at.has(&hash), "{why}: and nothing of it stays");
}

fn taken(at: &mut Peer, entry: Entry) -> EntryHash {
    let hash = entry.hash();
    let offered = at.offer(entry, None).unwrap();
    assert!(offered.accepted.iter().any(|(_, accepted)| *accepted == hash), "{offered:?}");
    hash
}

fn founding(by: &Peer, control: &[EntryHash], purpose: Purpose) -> Entry {
    forge(by, SpaceId::ZERO, &[], control, &Control::Found(Found { nonce: [9; 32], purpose }))
}

fn first_charter(number: u32, stewards: &[OrgId]) -> Charter {
    let mut stewards = stewards.to_vec();
    stewards.sort_unstable();
    Charter { number, stewards, threshold: 1 }
}

#[test]
fn a_coalition_is_founded_by_the_node_and_the_root_that_its_entry_names_and_by_no_other() {
    let (mut a, b, second) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(1, 2));
    let found = |name: &str, charter, founder: OrgCard, certificate| Purpose::Coalition {
        name: name.into(),
        charter,
        founder,
        certificate,
    };
    let own = || first_charter(1, &[a.org()]);
    let cases = [
        (&[NOWHERE][..], found("County", own(), a.card(), a.certificate()), "a coalition names no control heads"),
        (&[], found("County", own(), a.card(), second.certificate()), "its certificate is not its author's"),
        (&[], found("County", own(), b.card(), a.certificate()), "its certificate is not its author's"),
        (&[], found("County", first_charter(2, &[a.org()]), a.card(), a.certificate()), "charter number one names the"),
        (&[], found("County", first_charter(1, &[b.org()]), a.card(), a.certificate()), "charter number one names the"),
        (&[], found("", own(), a.card(), a.certificate()), "a coalition needs a name"),
        (&[], found(&"x".repeat(201), own(), a.card(), a.certificate()), "a coalition needs a name"),
        (&[], found("County", own(), OrgCard { name: " ".into(), ..a.card() }, a.certificate()), "needs a name of at"),
        (&[], found("County", first_charter(1, &[]), a.card(), a.certificate()), "its stewards are none"),
        (
            &[],
            found("County", first_charter(1, &[a.org(), a.org()]), a.card(), a.certificate()),
            "not sorted, or repeat",
        ),
        (&[], found("County", first_charter(0, &[a.org()]), a.card(), a.certificate()), "number or threshold is out"),
        (&[], found("County", Charter { threshold: 0, ..own() }, a.card(), a.certificate()), "threshold is out"),
        (&[], found("County", Charter { threshold: 2, ..own() }, a.card(), a.certificate()), "threshold is out"),
    ];
    let entries = cases.map(|(control, purpose, why)| (founding(&a, control, purpose), why));
    let good = founding(&a, &[], found(&"x".repeat(200), own(), a.card(), a.certificate()));
    let mut forged = a.certificate();
    forged.issued = forged.issued.plus(1);
    let unsigned = founding(&a, &[], found("County", own(), a.card(), forged));
    for (entry, why) in entries {
        refused(&mut a, &entry, why);
    }
    refused(&mut a, &unsigned, "certificate");
    taken(&mut a, good);
}

#[test]
fn a_private_space_is_founded_by_the_key_that_its_root_names_for_it_and_by_no_machine() {
    let mut a = Peer::new(1, 1);
    let recovery = PrekeySecret::generate(&mut a.random).public();
    let Founder { key, founding } = a.root.founder(recovery, a.now, &mut Seeded(98));
    let named = Peer { key, ..Peer::new(1, 3) };
    let found = |founding: &Founding| Purpose::Private { founding: founding.clone() };
    let weak = Founding { recovery: PrekeyPublic { suite: 2, key: vec![0; 32] }, ..founding };
    let later = Founding { issued: founding.issued.plus(1), ..founding.clone() };
    let own = Founding { key: a.id(), ..founding.clone() };
    let good = self::founding(&named, &[], found(&founding));
    let cases = [
        (self::founding(&named, &[NOWHERE], found(&founding)), "a private space names no control heads"),
        // A machine of the organisation, with the word of another space.
        (self::founding(&a, &[], found(&founding)), "not by the key that its root names for it"),
        (self::founding(&a, &[], found(&own)), "not signed by the root key"),
        (self::founding(&named, &[], found(&later)), "not signed by the root key"),
        (self::founding(&named, &[], found(&weak)), "prekey"),
    ];
    for (entry, why) in cases {
        refused(&mut a, &entry, why);
    }
    taken(&mut a, good);
}

/// An admission of `of` by this card and certificate.
fn admission(of: &Peer, card: OrgCard, certificate: Certificate) -> Grant {
    Grant { org: of.org(), read: true, write: true, expires: None, admits: Some((card, certificate)) }
}

#[test]
fn what_admits_nobody_to_a_coalition_is_refused_by_its_rule() {
    let (mut a, mut b) = (Peer::new(1, 1), Peer::new(2, 1));
    let k = coalition(&mut [&mut a, &mut b]);
    let said = a.write(k, "of A").unwrap();
    let (newcomer, stranger) = (Peer::new(4, 1), Peer::new(5, 1));
    let control: Vec<EntryHash> = a.spaces.control_heads(&a.store, k).unwrap();
    let admits = || admission(&newcomer, newcomer.card(), newcomer.certificate());
    let grant = |by: &Peer, grant: Grant| forge(by, k, &control, &[], &Control::Grant(grant));
    let bound = Some(a.now.plus(1));
    let mut forged = newcomer.certificate();
    forged.issued = forged.issued.plus(1);
    let nameless = OrgCard { name: String::new(), ..newcomer.card() };
    // A node that another organisation has already, certified by a second root.
    let twice = newcomer.root.certify(&b.key, b.prekey.public(), a.now);
    let cases = [
        (grant(&b, admits()), "only a steward admits"),
        (grant(&a, Grant { admits: None, ..admits() }), "an admission names the organisation and its first node"),
        (grant(&a, Grant { read: false, ..admits() }), "for reading and writing, without end"),
        (grant(&a, Grant { write: false, ..admits() }), "for reading and writing, without end"),
        (grant(&a, Grant { expires: bound, ..admits() }), "for reading and writing, without end"),
        (grant(&a, Grant { read: false, write: false, ..admits() }), "lets nobody read or write"),
        (grant(&a, Grant { org: stranger.org(), ..admits() }), "card and certificate are not of one root"),
        (grant(&a, admission(&newcomer, newcomer.card(), stranger.certificate())), "not of one root"),
        (grant(&a, admission(&newcomer, newcomer.card(), forged)), "certificate"),
        (grant(&a, admission(&newcomer, nameless, newcomer.certificate())), "name"),
        (grant(&a, admission(&newcomer, newcomer.card(), twice)), "its node belongs to another organisation"),
        (forge(&a, k, &[said], &[], &Control::Grant(admits())), "follows data of another organisation"),
    ];
    for (entry, why) in cases {
        refused(&mut a, &entry, why);
    }
    let good = grant(&a, admits());
    taken(&mut a, good);
}

#[test]
fn what_may_not_join_a_coalition_is_refused_by_its_rule() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let said = a.write(k, "of A").unwrap();
    settle(&mut [&mut a, &mut b, &mut c], &[k]);
    let (heads, newcomer) = (a.heads(k), Peer::new(4, 1));
    let control: Vec<EntryHash> = a.spaces.control_heads(&a.store, k).unwrap();
    let of = |by: &Peer, body: Control| forge(by, k, &control, &[], &body);
    let revoke = |org, grant| Control::Revoke(Revoke { org, grant, approvals: vec![], word: false });
    let stands = a.fold(k).members[&c.org()].grants[0];
    let others = a.fold(k).members[&b.org()].grants[0];
    let approve = |by: &Peer, removal: Removal| {
        let proposal = Proposal::Removal(removal);
        let signature = approve::sign(&by.key, k, &proposal);
        Control::Approve(Approve { proposal, signature })
    };
    let again = Purpose::Private { founding: a.root.founder(a.prekey.public(), a.now, &mut Seeded(98)).founding };
    let removal = || Removal { under: ProposalId(k.0), org: c.org(), grant: Some(stands) };
    let cases = [
        (of(&a, Control::Found(Found { nonce: [1; 32], purpose: again })), "only a found entry, and each of them, has"),
        (of(&b, revoke(c.org(), Some(stands))), "only stewards remove from the coalition"),
        (of(&a, revoke(a.org(), None)), "the last steward can not be taken out"),
        (of(&a, revoke(c.org(), Some(others))), "none of that organisation's in its causal past"),
        (of(&a, revoke(c.org(), Some(NOWHERE))), "none of that organisation's in its causal past"),
        (of(&a, revoke(c.org(), Some(EntryHash(k.0)))), "none of that organisation's in its causal past"),
        (
            of(&b, Control::Certify(c.root.certify(&newcomer.key, newcomer.prekey.public(), a.now))),
            "not of its author's",
        ),
        (of(&b, Control::Certify(b.root.certify(&c.key, c.prekey.public(), a.now))), "belongs to another organisation"),
        (of(&b, Control::Retire(c.root.retire(c.id(), a.now))), "not of its author's organisation"),
        (of(&b, Control::Retire(b.root.retire(c.id(), a.now))), "never had in its causal past"),
        (of(&newcomer, Control::Keep(Keep)), "its author is no node of a member"),
        (of(&newcomer, Control::Certify(newcomer.certificate())), "its author is no node of a member"),
        (
            of(&Peer::new(2, 7), Control::Certify(b.root.certify(&newcomer.key, newcomer.prekey.public(), a.now))),
            "its author is no node",
        ),
        (of(&b, approve(&b, removal())), "not by a steward"),
        (
            of(&a, approve(&a, Removal { under: ProposalId([3; 32]), ..removal() })),
            "under a charter that is not in force",
        ),
        (of(&a, approve(&a, Removal { org: a.org(), grant: None, ..removal() })), "its own removal"),
        (of(&a, approve(&a, Removal { org: newcomer.org(), grant: None, ..removal() })), "removes who is not in"),
        (of(&a, approve(&a, Removal { grant: Some(others), ..removal() })), "none of that organisation's"),
        (
            of(&a, Control::Ask(Ask { epochs: vec![NOWHERE], prekey: a.prekey.public() })),
            "the coalition's bodies are not sealed",
        ),
        (of(&a, Control::Extend(Extend { epochs: vec![], wraps: vec![] })), "names no epoch"),
        (forge(&a, k, &control, &control, &Control::Keep(Keep)), "only a thread's entries name control heads"),
        (forge_data(&b, k, &[said], &[], Kind::Data, None, b"on A's words"), "follows data of another organisation"),
        (
            forge(
                &b,
                k,
                &[said],
                &[],
                &Control::Certify(b.root.certify(&newcomer.key, newcomer.prekey.public(), a.now)),
            ),
            "follows data of another",
        ),
        (forge(&b, k, &[said], &[], &Control::Retire(b.root.retire(b.id(), a.now))), "follows data of another"),
        (forge_data(&a, k, &heads, &[], Kind::Data, Some(NOWHERE), b"x"), "the coalition's bodies are not sealed"),
    ];
    for (entry, why) in cases {
        refused(&mut a, &entry, why);
    }
    // Their twins.
    let second = Peer::new(2, 7);
    let good = [
        of(&a, approve(&a, removal())),
        of(&second, Control::Certify(second.certificate())),
        of(&b, Control::Retire(b.root.retire(b.id(), a.now))),
        forge_data(&a, k, &[said], &[], Kind::Data, None, b"on its own words"),
        forge(&b, k, &[said], &[], &Control::Keep(Keep)),
        of(&a, revoke(c.org(), Some(stands))),
    ];
    for entry in good {
        taken(&mut a, entry);
    }
    // What was retired can not write, nor be certified again.
    let (heads, again) = (
        a.spaces.control_heads(&a.store, k).unwrap(),
        Control::Certify(b.root.certify(&b.key, b.prekey.public(), a.now.plus(9))),
    );
    refused(&mut a, &forge(&b, k, &heads, &[], &Control::Keep(Keep)), "its author was retired in its causal past");
    refused(&mut a, &forge(&second, k, &heads, &[], &again), "its node was retired for good");
}

#[test]
fn approvals_of_a_removal_are_a_stewards_and_signed() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let stands = a.fold(k).members[&c.org()].grants[0];
    let proposal = Proposal::Removal(Removal { under: ProposalId(k.0), org: c.org(), grant: Some(stands) });
    let approval = |by: &Peer, node: NodeId| Approval { node, signature: approve::sign(&by.key, k, &proposal) };
    let heads = a.heads(k);
    let with = |by: &Peer, approvals| {
        forge(
            by,
            k,
            &heads,
            &[],
            &Control::Revoke(Revoke { org: c.org(), grant: Some(stands), approvals, word: false }),
        )
    };
    let entry = with(&a, vec![approval(&b, b.id())]);
    refused(&mut a, &entry, "approval: not by a steward's node");
    let entry = with(&a, vec![approval(&b, a.id())]);
    refused(&mut a, &entry, "approval: not signed by the node that it names");
    let entry = with(&a, vec![approval(&a, a.id()), approval(&a, a.id())]);
    refused(&mut a, &entry, "approval");
    let entry = with(&a, vec![approval(&a, a.id())]);
    taken(&mut a, entry);
}

#[test]
fn what_may_not_join_a_thread_is_refused_by_its_rule() {
    let (mut a, mut b, mut c) = (Peer::new(1, 1), Peer::new(2, 1), Peer::new(3, 1));
    let k = coalition(&mut [&mut a, &mut b, &mut c]);
    let t = thread(k, &mut [&mut a, &mut b]);
    a.write(t, "between two").unwrap();
    send(&mut a, &mut b, &[t]);
    let control = a.spaces.control_heads(&a.store, k).unwrap();
    let (heads, stranger) = (a.heads(t), Peer::new(5, 1));
    let under = a.all(t).iter().rev().find(|entry| entry.header().kind == Kind::Epoch).unwrap().hash();
    let of = |by: &Peer, body: Control| forge(by, t, &heads, &control, &body);
    let grant = |org, admits| Control::Grant(Grant { org, read: true, write: false, expires: None, admits });
    let revoke = |org, grant, approvals| Control::Revoke(Revoke { org, grant, approvals, word: false });
    let mint = |earlier: Vec<EntryHash>, bundle: usize| {
        Control::Epoch(Epoch { commitment: [1; 32], wraps: vec![], recovery: None, earlier, bundle: vec![0; bundle] })
    };
    let signed = Approval { node: a.id(), signature: a.key.sign(crate::keys::node::Purpose::Approval, &[b"x"]) };
    let ask = |epochs, prekey| Control::Ask(Ask { epochs, prekey });
    let weak = PrekeyPublic { suite: 2, key: vec![0; 32] };
    let found = |by: &Peer, control: &[EntryHash]| {
        founding(by, control, Purpose::Thread { coalition: k, custodian_reads: true })
    };
    // An epoch that came by another way, and lies in the past of none of the entries below.
    let aside = taken(&mut a, of(&b, mint(vec![], 0)));
    let cases = [
        (found(&a, &[]), "names the coalition's control heads"),
        (found(&stranger, &control), "its author is no node of the coalition"),
        (of(&c, Control::Keep(Keep)), "its author is no node of a member"),
        (of(&b, grant(c.org(), None)), "only the custodian lets others"),
        (of(&a, grant(a.org(), None)), "the custodian is in already"),
        (
            of(&a, grant(stranger.org(), Some((stranger.card(), stranger.certificate())))),
            "admits nobody to the coalition",
        ),
        (of(&a, grant(stranger.org(), None)), "that is not in the coalition"),
        (of(&b, revoke(a.org(), None, vec![])), "custodian can not be taken out"),
        (of(&a, revoke(b.org(), None, vec![signed])), "a thread has no stewards"),
        (of(&a, revoke(b.org(), Some(under), vec![])), "none of that organisation's"),
        (of(&a, Control::Certify(a.certificate())), "stand in the coalition's space"),
        (of(&a, Control::Retire(a.root.retire(a.id(), a.now))), "stand in the coalition's space"),
        (of(&a, mint(vec![NOWHERE], 48)), "speaks of one that it does not follow"),
        (of(&a, mint(vec![aside], 48)), "speaks of one that it does not follow"),
        (of(&a, mint(vec![], 1)), "earlier epochs and bundle disagree"),
        (of(&a, mint(vec![], 129)), "longer than the keys"),
        (of(&a, mint(vec![under], 161)), "longer than the keys"),
        (of(&a, mint(vec![under], 0)), "earlier epochs and bundle disagree"),
        (of(&a, ask(vec![], a.prekey.public())), "ask: names no epoch"),
        (of(&a, ask(vec![NOWHERE], a.prekey.public())), "speaks of one that it does not follow"),
        (of(&a, ask(vec![EntryHash(t.0)], a.prekey.public())), "speaks of one that it does not follow"),
        (of(&a, ask(vec![under], weak)), "prekey"),
        (of(&a, Control::Extend(Extend { epochs: vec![under], wraps: vec![] })), "reaches no node"),
        (forge_data(&a, t, &heads, &control, Kind::Data, None, b"bare"), "a thread's bodies are sealed"),
    ];
    for (entry, why) in cases {
        refused(&mut a, &entry, why);
    }
    let good = [
        of(&a, grant(c.org(), None)),
        of(&b, ask(vec![under], b.prekey.public())),
        of(&a, mint(vec![under], 160)),
        of(&b, revoke(b.org(), None, vec![])),
        found(&a, &control),
    ];
    for entry in good {
        taken(&mut a, entry);
    }
    // Whom the grant lets read and not write.
    let heads = a.heads(t);
    let mute = forge_data(&c, t, &heads, &control, Kind::Data, Some(under), &[0; 64]);
    refused(&mut a, &mute, "its author may not write");
}

#[test]
fn what_may_not_join_a_private_space_is_refused_by_its_rule() {
    let (mut a, second) = (Peer::new(1, 1), Peer::new(1, 2));
    let (recovery, certificate) = (PrekeySecret::generate(&mut a.random).public(), a.certificate());
    let founder = a.root.founder(recovery, a.now, &mut Seeded(98));
    let written = a.act(|s, d, by| s.found_private(d, by, founder, certificate)).unwrap();
    let p = SpaceId(written.hash.0);
    let (heads, card) = (a.heads(p), a.card());
    let of = |by: &Peer, body: Control| forge(by, p, &heads, &[], &body);
    let admits = Some((card, second.certificate()));
    let grant = Grant { org: a.org(), read: true, write: true, expires: None, admits };
    let removal = Proposal::Removal(Removal { under: ProposalId(p.0), org: a.org(), grant: None });
    let signature = approve::sign(&a.key, p, &removal);
    let cases = [
        (of(&a, Control::Grant(grant)), "a private space has one organisation"),
        (
            of(&a, Control::Revoke(Revoke { org: a.org(), grant: None, approvals: vec![], word: false })),
            "has one organisation",
        ),
        (of(&a, Control::Approve(Approve { proposal: removal, signature })), "has one organisation"),
        (of(&second, Control::Keep(Keep)), "its author is no node of a member"),
        (of(&a, Control::Certify(Peer::new(2, 1).certificate())), "not of its author's organisation"),
        (of(&a, Control::Certify(a.certificate())), "stands in its causal past already"),
        (of(&a, Control::Retire(a.root.retire(second.id(), a.now))), "never had in its causal past"),
        (forge_data(&a, p, &heads, &[], Kind::Data, None, b"bare"), "a private space's bodies are sealed"),
    ];
    let good = [of(&second, Control::Certify(second.certificate())), of(&a, Control::Keep(Keep))];
    for (entry, why) in cases {
        refused(&mut a, &entry, why);
    }
    for entry in good {
        taken(&mut a, entry);
    }
}

#[test]
fn an_entry_whose_header_breaks_a_rule_is_none() {
    let a = Peer::new(1, 1);
    let (k, first, second) = (SpaceId([4; 32]), EntryHash([5; 32]), EntryHash([6; 32]));
    let many = |count: u8| (0..count).map(|n| EntryHash([n; 32])).collect::<Vec<_>>();
    let header = Header {
        version: VERSION,
        space: k,
        author: a.id(),
        parents: vec![first, second],
        control: vec![first, second],
        kind: Kind::Data,
        epoch: Some(first),
        time: a.now,
        length: 0,
    };
    let bend = |change: &dyn Fn(&mut Header)| {
        let mut bent = header.clone();
        change(&mut bent);
        Entry::sign(&a.key, bent, b"body").bytes().to_vec()
    };
    let refused = |bytes: Vec<u8>, why: &str| {
        let fault = Entry::verify(bytes).unwrap_err();
        assert!(fault.message.contains(why), "{:?} and not {why:?}", fault.message);
    };
    let good = bend(&|_| ());
    assert!(Entry::verify(good.clone()).is_ok());
    assert!(Entry::verify(bend(&|h| h.parents = many(16))).is_ok());
    assert!(Entry::verify(bend(&|h| h.control = many(16))).is_ok());
    refused(bend(&|h| h.version = VERSION + 1), "version");
    refused(bend(&|h| h.parents = vec![second, first]), "not sorted");
    refused(bend(&|h| h.parents = vec![first, first]), "repeat");
    refused(bend(&|h| h.control = vec![second, first]), "not sorted");
    refused(bend(&|h| h.control = vec![first, first]), "repeat");
    refused(bend(&|h| h.parents = many(17)), "too many parents");
    refused(bend(&|h| h.control = many(17)), "too many parents or control heads");
    refused(bend(&|h| h.parents = vec![]), "only a found entry");
    refused(bend(&|h| h.space = SpaceId::ZERO), "only a found entry");
    let found = |h: &mut Header| {
        (h.kind, h.epoch, h.parents, h.space) = (Kind::Found, None, vec![], SpaceId::ZERO);
    };
    assert!(Entry::verify(bend(&found)).is_ok());
    refused(bend(&|h| (h.kind, h.epoch) = (Kind::Found, None)), "only a found entry");
    refused(bend(&|h| h.kind = Kind::Keep), "a control entry is not sealed");
    // Its length, and its signature.
    refused(good[..good.len() - 1].to_vec(), "its length");
    refused([&good[..], &[0]].concat(), "its length");
    for at in [0, 1, good.len() - 66, good.len() - 1] {
        let mut changed = good.clone();
        changed[at] ^= 1;
        assert!(Entry::verify(changed).is_err(), "byte {at}");
    }
    let largest = limits::ENTRY_BYTES - (good.len() - 4) - 2;
    let long = |bytes: usize| Entry::sign(&a.key, header.clone(), &vec![0; bytes]).bytes().to_vec();
    assert_eq!(long(largest).len(), limits::ENTRY_BYTES);
    assert!(Entry::verify(long(largest)).is_ok());
    refused(long(largest + 1), "at most");
}
