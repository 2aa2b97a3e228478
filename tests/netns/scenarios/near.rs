//! Nodes that reach each other without anybody's help.

use crate::lab::{Internet, Lab};
use crate::machine::Machine;
use belay_node::api::views::Path;

pub fn same_network() {
    let (lab, base) = (Lab::new("lan"), tempfile::tempdir().unwrap());
    let switch = lab.switch("switch");
    let (one, two) = (lab.host("one"), lab.host("two"));
    one.plug("eth", "192.168.7.2/24", &switch, "p1");
    two.plug("eth", "192.168.7.3/24", &switch, "p2");
    let (mut a, mut b) = (Machine::init(base.path(), &one, "Alpha"), Machine::init(base.path(), &two, "Beta"));
    a.start();
    b.start();
    a.found();
    a.admit(&b);
    for (one, other) in [(&a, &b), (&b, &a)] {
        one.until_by(other, "direct over QUIC", |by| by == Path::Quic);
    }
    a.add("acrosstheroom");
    b.until_finds("acrosstheroom");
    let said = a.until_condition("unreachable");
    assert!(said.contains("nobody is reachable from outside") && said.contains("by file"), "{said}");
}

pub fn partition() {
    let (lab, base) = (Lab::new("cut"), tempfile::tempdir().unwrap());
    let net = Internet::new(&lab);
    let hosts = [lab.host("one"), lab.host("two"), lab.host("three")];
    for (number, host) in (1..).zip(&hosts) {
        net.join(host, number);
    }
    let names = ["Alpha", "Beta", "Gamma"];
    let mut nodes: Vec<Machine> =
        hosts.iter().zip(names).map(|(h, name)| Machine::init(base.path(), h, name)).collect();
    nodes.iter_mut().for_each(Machine::start);
    let [a, b, c] = nodes.as_slice() else { unreachable!("three were made") };
    a.found();
    a.admit(b);
    a.admit(c);
    b.until_linked(c);
    // Silently: nobody is told that what it sends does not arrive.
    net.router.swallow("ip saddr 198.18.1.2");
    net.router.swallow("ip daddr 198.18.1.2");
    a.until_apart(b);
    b.until_apart(a);
    c.until_apart(a);
    a.add("onthisside");
    b.add("onthatside");
    c.until_finds("onthatside");
    assert!(!a.finds("onthatside") && !b.finds("onthisside"), "a cut that is none");
    net.router.mend();
    for node in [a, b, c] {
        node.until_finds("onthisside");
        node.until_finds("onthatside");
    }
}
