//! Networks that let little through.

use crate::lab::{Internet, Lab};
use crate::machine::Machine;
use belay_node::api::views::Path;

pub fn only_443() {
    let (lab, base) = (Lab::new("tcp"), tempfile::tempdir().unwrap());
    let net = Internet::new(&lab);
    let (clinic, jail) = (lab.host("clinic"), lab.host("jail"));
    net.join(&clinic, 1);
    net.join(&jail, 2);
    // The jail's firewall: the web, and nothing else.
    net.router.swallow("iifname to2 meta l4proto udp");
    net.router.swallow("iifname to2 tcp dport != 443");
    net.router.swallow("oifname to2 ct state new");
    let listen = ["--listen", "/ip4/0.0.0.0/udp/443/quic-v1", "--listen", "/ip4/0.0.0.0/tcp/443"];
    let mut a = Machine::init(base.path(), &clinic, "Alpha").with(&listen);
    let mut b = Machine::init(base.path(), &jail, "Beta");
    a.start();
    b.start();
    a.found();
    a.admit(&b);
    b.until_by(&a, "over TCP", |by| by == Path::Tcp);
    b.until_condition("udp-blocked");
    a.add("inside");
    b.until_finds("inside");
    b.add("outside");
    a.until_finds("outside");
}
