//! A machine whose line changes while it runs: the cable is out, a telephone takes over.

use crate::lab::{Internet, Lab};
use crate::machine::{Machine, listing};
use belay_node::api::views::ListingView;

pub fn changed() {
    let (lab, base) = (Lab::new("uplink"), tempfile::tempdir().unwrap());
    let net = Internet::new(&lab);
    let (town, office) = (lab.host("town"), lab.host("office"));
    net.join(&town, 1);
    net.join(&office, 2);
    let (mut a, mut b) = (Machine::init(base.path(), &town, "Alpha"), Machine::init(base.path(), &office, "Beta"));
    a.start();
    b.start();
    a.found();
    a.admit(&b);
    b.until_linked(&a);
    let writer = a.client();
    let count = 150;
    let writing = std::thread::spawn(move || {
        for number in 0..count {
            writer.ask::<ListingView>(&listing(&format!("shelf{number}")));
        }
    });
    b.until("some of it", || b.listings() >= 10);
    // The cable first, then the telephone: for a moment there is no way at all.
    office.ip("link del dev wan");
    net.join_by(&office, 7, "phone", "to7");
    office.route("198.18.7.1");
    writing.join().unwrap();
    b.until("all of it", || b.listings() == count);
    let here = |text: &String| text.contains("198.18.7.2");
    a.until("the new address", || a.sees(&b).is_some_and(|peer| peer.addresses.iter().any(here)));
    assert!(
        a.sees(&b).unwrap().addresses.iter().all(|text| !text.contains("198.18.2.2")),
        "the old address is told still"
    );
    b.add("fromthetelephone");
    a.until_finds("fromthetelephone");
}
