//! Addresses outside that others say they see a node at: where a probe is answered it is told, and where none is it is not.

use crate::lab::{Internet, Lab, Space};
use crate::machine::Machine;

/// A host behind a router that is on the internet by this number, and that router.
fn behind(lab: &Lab, net: &Internet, name: &str, number: u8) -> (Space, Space) {
    let (router, host) = (lab.router(&format!("{name}gate")), lab.host(name));
    net.join(&router, number);
    let (own, gate) = (format!("192.168.{number}.2/24"), format!("192.168.{number}.1/24"));
    host.wire(("eth", &own), &router, ("lan", &gate));
    host.route(&format!("192.168.{number}.1"));
    router.masquerade("wan", false);
    (host, router)
}

pub fn probed() {
    let (lab, base) = (Lab::new("claim"), tempfile::tempdir().unwrap());
    let net = Internet::new(&lab);
    let (town, city) = (lab.host("hub"), lab.host("second"));
    net.join(&town, 1);
    net.join(&city, 9);
    // The clinic's router lets nobody in, and swallows UDP: of who dials back over TCP nobody hears anything, and who was asked gives no
    // answer in its time. The shelter's leads to it.
    let (near, shut) = behind(&lab, &net, "clinic", 2);
    shut.swallow("meta l4proto udp");
    let (far, open) = behind(&lab, &net, "shelter", 3);
    open.forward("wan", "192.168.3.2", 4870);
    let spaces = [(&town, "Hub"), (&city, "Second"), (&near, "Clinic"), (&far, "Shelter")];
    let [mut hub, mut second, mut clinic, mut shelter] =
        spaces.map(|(space, name)| Machine::init(base.path(), space, name));
    for machine in [&mut hub, &mut second, &mut clinic, &mut shelter] {
        machine.start();
    }
    hub.found();
    for newcomer in [&second, &clinic, &shelter] {
        hub.admit(newcomer);
    }
    let at = |address: &'static str| move |told: &String| told.contains(address);
    shelter.until("its router's address", || shelter.status().confirmed.iter().any(at("198.18.3.2")));
    hub.until("word of it", || hub.sees(&shelter).is_some_and(|peer| peer.addresses.iter().any(at("198.18.3.2"))));
    clinic.until("two that came in vain", || clinic.logged(&["did not come back here", "198.18.2.2"]) >= 2);
    assert!(clinic.logged(&["no answer", "198.18.2.2"]) > 0, "nobody was told anything:\n{}", clinic.tail());
    assert!(clinic.status().confirmed.is_empty(), "{:?}", clinic.status().confirmed);
    let told = hub.sees(&clinic).unwrap().addresses;
    assert!(!told.iter().any(at("198.18.2.2")), "{told:?}");
    clinic.until("a place at a relay", || !clinic.status().relays.is_empty());
}
