//! Invite codes, the talk of a join over a link and by files, and admission.

use crate::{hex, numbers};
use belay_protocol::coalition::handshake::files::{claim_file, take_invite_file, take_welcome_file};
use belay_protocol::coalition::handshake::inviter::Inviter;
use belay_protocol::coalition::handshake::{Coalition, Join, Party, admission};
use belay_protocol::coalition::invite::{Code, Invite, InviteSecret, Pass, Relay, Terms, Tries};
use belay_protocol::codec;
use belay_protocol::fault::Result;
use belay_protocol::ids::{NodeId, OrgId, SpaceId};
use belay_protocol::keys::wrap::SUITE_X25519;
use belay_protocol::keys::{NodeKey, PrekeySecret, RootKey};
use belay_protocol::random::Foretold;
use belay_protocol::space::control::{Charter, Found, OrgCard, PartnerKind, Purpose};
use belay_protocol::space::entry::{Entry, Header, Kind};
use belay_protocol::store::{Draft, Memory, View};
use belay_protocol::time::{DAY, Time};
use serde_json::{Value, json};

const NOW: Time = Time(1_790_000_000_000);

pub fn make() -> Value {
    json!({"codes": codes(), "link": link(), "files": files(), "admission": admissions()})
}

fn codes() -> Value {
    let by = Relay { node: NodeId([3; 32]), addresses: vec!["/ip4/203.0.113.9/udp/4870/quic-v1".to_owned()] };
    let over_tcp = vec!["/dns/hub.example.org/udp/4870/quic-v1".to_owned(), "/ip4/203.0.113.8/tcp/443".to_owned()];
    [
        (vec![], vec![]),
        (vec!["/ip4/203.0.113.7/udp/4001/quic-v1"], vec![by.clone()]),
        (
            vec!["/ip6/2001:db8::7/tcp/443", "/dns4/node.example.org/udp/4001/quic-v1", "/unix/something/else"],
            vec![by, Relay { node: NodeId([4; 32]), addresses: over_tcp }],
        ),
    ]
    .map(|(addresses, relays): (Vec<&str>, Vec<Relay>)| {
        let code = Code {
            node: NodeId([1; 32]),
            org: OrgId([2; 32]),
            secret: InviteSecret::from_bytes(*b"sixteen bytes ok"),
            expires: Time(29_833_333 * 60_000),
            addresses: addresses.iter().map(|&text| text.to_owned()).collect(),
            relays,
        };
        let pass = Pass::of(&code.secret);
        let relay = |relay: &Relay| json!({"node": hex(relay.node.0), "addresses": relay.addresses});
        json!({
            "node": hex(code.node.0),
            "org": hex(code.org.0),
            "secret": hex(code.secret.as_bytes()),
            "id": hex(code.id().0),
            "expires": code.expires.0,
            "addresses": addresses,
            "relays": code.relays.iter().map(relay).collect::<Vec<_>>(),
            "pass": hex(pass.as_bytes()),
            "pass_name": hex(pass.name().0),
            "text": *code.text(),
        })
    })
    .into()
}

struct Side {
    key: NodeKey,
    prekey: PrekeySecret,
    party: Party,
}

fn side(seed: u8, name: &str) -> Side {
    let root = RootKey::from_seed([seed; 32]);
    let key = NodeKey::from_seed([seed + 1; 32]);
    let prekey = PrekeySecret::of_suite(SUITE_X25519, [seed + 2; 32]).expect("suite 2 is known");
    let certificate = root.certify(&key, prekey.public(), NOW);
    let card = OrgCard { root: root.public(), name: name.to_owned(), kind: PartnerKind::NonCoveredCbo };
    Side { key, prekey, party: Party { card, certificate } }
}

struct County(Entry);

impl Coalition for County {
    fn name(&self, _: SpaceId) -> Result<String> {
        Ok("Example County".to_owned())
    }
    fn is_ours(&self, _: SpaceId) -> Result<bool> {
        Ok(true)
    }
    fn is_member(&self, _: SpaceId, _: OrgId) -> Result<bool> {
        Ok(false)
    }
    fn is_out(&self, _: SpaceId, _: OrgId, _: NodeId) -> Result<bool> {
        Ok(false)
    }
    fn known_in(&self, _: OrgId) -> Result<Option<SpaceId>> {
        Ok(None)
    }
    fn control_entry(&mut self, _: &dyn View, _: SpaceId, number: u32) -> Result<Option<Vec<u8>>> {
        Ok((number == 0).then(|| self.0.bytes().to_vec()))
    }
    fn addresses(&mut self, _: &dyn View, _: SpaceId) -> Result<Vec<(NodeId, Vec<String>)>> {
        Ok(vec![(NodeId([1; 32]), vec!["/ip4/203.0.113.7/tcp/4001".to_owned()])])
    }
}

fn county(founder: &Side) -> County {
    let charter = Charter { number: 1, stewards: vec![founder.party.org()], threshold: 1 };
    let purpose = Purpose::Coalition {
        name: "Example County".to_owned(),
        charter,
        founder: founder.party.card.clone(),
        certificate: founder.party.certificate.clone(),
    };
    let header = Header {
        version: 1,
        space: SpaceId::ZERO,
        author: founder.key.id(),
        parents: Vec::new(),
        control: Vec::new(),
        kind: Kind::Found,
        epoch: None,
        time: NOW,
        length: 0,
    };
    County(Entry::sign(&founder.key, header, &codec::encode(&Found { nonce: [9; 32], purpose })))
}

fn terms(maker: &Side, county: &County) -> Terms {
    Terms {
        maker: maker.key.id(),
        coalition: county.0.space(),
        hint: None,
        life: DAY,
        addresses: Vec::new(),
        relays: Vec::new(),
    }
}

/// Claim, welcome, approval and the page, as over a link.
fn link() -> Value {
    let (inviter, newcomer) = (side(10, "Harbor Clinic"), side(20, "River Shelter"));
    let mut county = county(&inviter);
    let (here, there) = (Memory::default(), Memory::default());
    let (mut at, mut to) = (Draft::new(&here), Draft::new(&there));
    let (mut drawn, mut theirs) = (Foretold::new(1), Foretold::new(2));
    let mut tries = Tries::default();
    let invite = Invite::make(&mut at, terms(&inviter, &county), NOW, &mut drawn).expect("the terms are good");
    let code = invite.code(inviter.party.org());
    let mut answer = |at: &mut Draft<'_>, drawn: &mut Foretold, bytes: &[u8]| {
        let mut side = Inviter { me: &inviter.party, coalitions: &mut county, tries: &mut tries };
        let (answer, refusal) = side.answer(at, newcomer.key.id(), bytes, NOW, drawn).expect("the store holds");
        assert_eq!(refusal, None);
        answer.encode()
    };

    let mut join = Join::begin(&mut to, code.clone(), &newcomer.party, NOW, &mut theirs).expect("the code is good");
    let claim = join.request(0).encode();
    let welcome = answer(&mut at, &mut drawn, &claim);
    join.answered(&mut to, inviter.key.id(), &welcome).expect("it is welcomed");
    let ask = join.request(0).encode();
    let pending = answer(&mut at, &mut drawn, &ask);
    let invite = Invite::load(&at, code.id()).expect("the store holds").expect("it is there");
    invite.approve(&mut at, newcomer.key.id(), NOW).expect("somebody waits");
    let approved = answer(&mut at, &mut drawn, &ask);
    json!({
        "code": *code.text(),
        "inviter": hex(inviter.key.id().0),
        "newcomer": hex(newcomer.key.id().0),
        "claim": hex(claim),
        "welcome": hex(welcome),
        "ask": hex(ask),
        "pending": hex(pending),
        "approved": hex(approved),
        "words": join.words(),
        "numbers": join.words().map(|words| numbers(&words)),
        "coalition": hex(county.0.space().0),
    })
}

/// The same by three files.
fn files() -> Value {
    let (inviter, newcomer) = (side(10, "Harbor Clinic"), side(20, "River Shelter"));
    let mut county = county(&inviter);
    let (here, there) = (Memory::default(), Memory::default());
    let (mut at, mut to) = (Draft::new(&here), Draft::new(&there));
    let (mut drawn, mut theirs) = (Foretold::new(3), Foretold::new(4));
    let invite = Invite::make(&mut at, terms(&inviter, &county), NOW, &mut drawn).expect("the terms are good");
    let mut by = Inviter { me: &inviter.party, coalitions: &mut county, tries: &mut Tries::default() };

    let first = by.invite_file(&mut at, invite, &mut drawn).expect("it is written");
    let join = take_invite_file(&mut to, &first, &newcomer.party, NOW, &mut theirs).expect("it is taken");
    let second = claim_file(&join, &newcomer.key);
    let claimed = by.take_claim_file(&mut at, &second, NOW, &mut drawn).expect("it is taken");
    let approved = claimed.approve(&mut at, newcomer.key.id(), NOW).expect("somebody waits");
    let third = by.welcome_file(&mut at, approved, &inviter.key, NOW, &mut drawn).expect("it is written");
    let (_, page) = take_welcome_file(&to, &third, &newcomer.prekey).expect("it is taken");
    json!({
        "invite": *first,
        "claim": second,
        "welcome": third,
        "prekey_seed": hex(newcomer.prekey.seed().as_slice()),
        "words": join.words(),
        "numbers": join.words().map(|words| numbers(&words)),
        "entries": page.entries.iter().map(hex).collect::<Vec<_>>(),
    })
}

fn admissions() -> Value {
    let (from, to) = (side(10, "Harbor Clinic"), side(20, "River Shelter"));
    let coalitions = [SpaceId([0x33; 32]), SpaceId([0x44; 32])];
    let frame = admission::admission(&from.party.certificate, &coalitions, to.key.id());
    let denied = admission::check(&frame, from.key.id(), to.key.id(), &coalitions, &mut |_, _, _| {
        Ok(admission::Standing::Removed)
    });
    let denial = denied.expect("the roster answers").expect_err("who was removed is denied");
    json!({
        "from": hex(from.key.id().0),
        "to": hex(to.key.id().0),
        "coalitions": coalitions.map(|space| hex(space.0)),
        "frame": hex(frame),
        "denial_of_the_removed": hex(denial.frame(vec![b"an entry".to_vec()])),
    })
}
