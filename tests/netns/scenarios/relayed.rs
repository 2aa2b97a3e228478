//! Nodes behind routers that let nobody in who was not asked, and members' nodes that relay between them.

use crate::lab::{Internet, Lab, Space};
use crate::machine::Machine;
use belay_node::api::stewards::CharterChange;
use belay_node::api::views::{InviteView, Path};
use belay_node::api::{Request, Secret};

/// A host in a network of its own behind a router, which is on the internet by this number.
fn behind_router(lab: &Lab, net: &Internet, name: &str, number: u8, scrambled: bool) -> Space {
    let router = lab.router(&format!("{name}gate"));
    net.join(&router, number);
    let host = lab.host(name);
    let (own, gate) = (format!("192.168.{number}.2/24"), format!("192.168.{number}.1/24"));
    host.wire(("eth", &own), &router, ("lan", &gate));
    host.route(&format!("192.168.{number}.1"));
    router.masquerade("wan", scrambled);
    host
}

/// A relay with an address outside, and two nodes behind routers; they are members, and each has a place at the relay.
struct Valley {
    net: Internet,
    hub: Machine,
    clinic: Machine,
    shelter: Machine,
    // Dropped last: the namespaces outlive what runs in them.
    lab: std::sync::Arc<Lab>,
    base: tempfile::TempDir,
}

impl Valley {
    fn new(name: &str, scrambled: bool) -> Self {
        let (lab, base) = (Lab::new(name), tempfile::tempdir().unwrap());
        let net = Internet::new(&lab);
        let town = lab.host("hub");
        net.join(&town, 1);
        let spaces =
            ["clinic", "shelter"].into_iter().zip(2..).map(|(n, i)| behind_router(&lab, &net, n, i, scrambled));
        let [one, two] = spaces.collect::<Vec<_>>().try_into().unwrap();
        let mut hub = Machine::init(base.path(), &town, "Hub");
        let mut clinic = Machine::init(base.path(), &one, "Clinic");
        let mut shelter = Machine::init(base.path(), &two, "Shelter");
        for machine in [&mut hub, &mut clinic, &mut shelter] {
            machine.start();
        }
        hub.found();
        hub.admit(&clinic);
        hub.admit(&shelter);
        let valley = Self { net, hub, clinic, shelter, lab, base };
        // Somebody has come to it from outside: that it can be reached is no guess any more.
        valley.hub.until("an address that is confirmed", || !valley.hub.status().confirmed.is_empty());
        for node in [&valley.clinic, &valley.shelter] {
            node.until("a place at the relay", || !node.status().relays.is_empty());
            let said = node.until_condition("unreachable");
            assert!(said.contains("through another member's node"), "{said}");
        }
        valley
    }

    /// What is written at either end of the two comes to the other.
    fn speaks(&self, word: &str) {
        self.clinic.add(&format!("clinic{word}"));
        self.shelter.add(&format!("shelter{word}"));
        self.shelter.until_finds(&format!("clinic{word}"));
        self.clinic.until_finds(&format!("shelter{word}"));
    }
}

const fn is_relayed(by: Path) -> bool {
    !by.is_direct()
}

pub fn two_routers() {
    let valley = Valley::new("punch", false);
    let (clinic, shelter) = (&valley.clinic, &valley.shelter);
    clinic.until_by(shelter, "hole punched", |by| by == Path::Punched);
    shelter.until_by(clinic, "hole punched", |by| by == Path::Punched);
    valley.speaks("past");
    // The relay was needed to meet, and is not to speak.
    valley.net.router.swallow("ip saddr 198.18.1.2");
    valley.net.router.swallow("ip daddr 198.18.1.2");
    clinic.until_apart(&valley.hub);
    valley.speaks("alone");
}

pub fn scrambled() {
    let valley = Valley::new("scram", true);
    let (clinic, shelter, hub) = (&valley.clinic, &valley.shelter, &valley.hub);
    clinic.until_by(shelter, "relayed", is_relayed);
    shelter.until_by(clinic, "relayed", is_relayed);
    let by = clinic.sees(shelter).and_then(|peer| peer.path);
    assert_eq!(by, Some(Path::Relayed { by: hub.status().node }), "the hub relays, and is named");
    valley.speaks("through");
}

pub fn lost() {
    let mut valley = Valley::new("lost", true);
    let second = valley.lab.host("second");
    valley.net.join(&second, 9);
    let mut other = Machine::init(valley.base.path(), &second, "Second");
    other.start();
    valley.hub.admit(&other);
    for node in [&valley.clinic, &valley.shelter] {
        node.until("places at both relays", || node.status().relays.len() == 2);
    }
    valley.clinic.until_by(&valley.shelter, "relayed", is_relayed);
    valley.hub.kill();
    let by_other = Path::Relayed { by: other.status().node };
    valley.clinic.until_by(&valley.shelter, "relayed by the other", |by| by == by_other);
    valley.shelter.until_by(&valley.clinic, "relayed by the other", |by| by == by_other);
    valley.speaks("other");
    other.kill();
    for node in [&valley.clinic, &valley.shelter] {
        let said = node.until_condition("relay-lost");
        assert!(said.contains("waits"), "{said}");
    }
    // What was written meanwhile goes on where the first one comes back.
    valley.clinic.add("meanwhile");
    valley.hub.start();
    valley.shelter.until_finds("meanwhile");
    valley.clinic.until("a place at the relay that came back", || valley.clinic.condition("relay-lost").is_none());
}

/// The inviter and the newcomer are both behind routers, and the only node with an address outside is another member's.
pub fn newcomer() {
    let valley = Valley::new("pass", true);
    let (clinic, hub) = (&valley.clinic, &valley.hub);
    let change = CharterChange { add: vec!["Clinic".to_owned()], ..CharterChange::default() };
    hub.ask::<serde_json::Value>(&Request::StewardPropose { change, instead: false });
    clinic.until("its place among the stewards", || clinic.is_steward());
    let far = behind_router(&valley.lab, &valley.net, "jail", 4, true);
    let mut jail = Machine::init(valley.base.path(), &far, "Jail");
    jail.start();
    let invite: InviteView = clinic.ask(&Request::Invite { org: None, hours: 1, file: false });
    assert!(!invite.reachable && invite.through == ["Hub"], "{:?}", invite.through);
    // Word of the pass comes to the hub by sync.
    let join = Request::Join { code: Secret::new(invite.code) };
    jail.until("a talk with the inviter", || jail.try_ask::<serde_json::Value>(&join).is_some());
    clinic.ask::<serde_json::Value>(&Request::OrgApprove { org: "Jail".to_owned() });
    jail.until("membership", || jail.status().coalition.is_some());
    jail.until_linked(hub);
    clinic.add("beyond");
    jail.until_finds("beyond");
    // The pass is used up with the invite: the hub lets nobody through by it any more.
    let far = behind_router(&valley.lab, &valley.net, "thief", 5, true);
    let mut thief = Machine::init(valley.base.path(), &far, "Thief");
    thief.start();
    thief
        .until("a no at the relay", || thief.refusal(&join).is_some_and(|why| why.contains("knows of no such invite")));
    // And one that was cancelled leads nowhere, also not to who saw the code before.
    let other: InviteView = clinic.ask(&Request::Invite { org: None, hours: 1, file: false });
    clinic.ask::<serde_json::Value>(&Request::InviteCancel { invite: other.id });
    let join = Request::Join { code: Secret::new(other.code) };
    thief
        .until("a no at the relay", || thief.refusal(&join).is_some_and(|why| why.contains("knows of no such invite")));
}
