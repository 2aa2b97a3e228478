//! Lines as they are in the country.

use crate::lab::{Internet, Lab};
use crate::line::Slow;
use crate::machine::Machine;

pub fn line() {
    let (lab, base) = (Lab::new("slow"), tempfile::tempdir().unwrap());
    let net = Internet::new(&lab);
    let (town, valley) = (lab.host("town"), lab.host("valley"));
    net.join(&town, 1);
    net.join(&valley, 2);
    let _line = Slow::between(&net.router, ["to1", "to2"], 75, 2, "256kbit");
    let (mut a, mut b) = (Machine::init(base.path(), &town, "Alpha"), Machine::init(base.path(), &valley, "Beta"));
    a.start();
    b.start();
    a.found();
    a.admit(&b);
    for number in 0..40 {
        a.add(&format!("room{number}"));
    }
    b.until("all listings", || b.listings() == 40);
    b.add("answer");
    a.until_finds("answer");
}
