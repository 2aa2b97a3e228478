//! Machines that lose their power while they are in the middle of it.

use crate::lab::{Internet, Lab};
use crate::machine::{Machine, listing};
use belay_node::api::views::ListingView;
use std::sync::mpsc;
use std::thread;

/// The writer is killed once, who takes it in once; each by what the other side has seen, so that it is in mid sync.
pub fn in_mid_sync() {
    let (lab, base) = (Lab::new("kill"), tempfile::tempdir().unwrap());
    let net = Internet::new(&lab);
    let (one, two) = (lab.host("one"), lab.host("two"));
    net.join(&one, 1);
    net.join(&two, 2);
    let (mut a, mut b) = (Machine::init(base.path(), &one, "Alpha"), Machine::init(base.path(), &two, "Beta"));
    a.start();
    b.start();
    a.found();
    a.admit(&b);
    b.until_linked(&a);
    let mut acknowledged = Vec::new();
    for (round, kills_writer) in [true, false].into_iter().enumerate() {
        let before = b.listings();
        let names = write_until_gone(&a, round, || {
            b.until("some of it", || b.listings() >= before + 10);
        });
        if kills_writer {
            a.kill();
        } else {
            b.kill();
        }
        acknowledged.extend(names.finish());
        if kills_writer {
            a.start();
        } else {
            b.start();
        }
    }
    assert!(acknowledged.len() >= 20, "{} were acknowledged", acknowledged.len());
    b.until("what the writer has", || b.listings() == a.listings());
    for name in &acknowledged {
        assert!(a.finds(name), "{name} was acknowledged and is lost");
        assert!(b.finds(name), "{name} did not come over");
    }
}

/// A writer that goes on until its node is gone or it is told to stop.
struct Writing {
    stop: mpsc::Sender<()>,
    thread: thread::JoinHandle<Vec<String>>,
}

impl Writing {
    /// The names that were acknowledged.
    fn finish(self) -> Vec<String> {
        let _ = self.stop.send(());
        self.thread.join().unwrap()
    }
}

/// Writes as fast as the node takes it; comes back when `enough` does, and is still writing then.
fn write_until_gone(machine: &Machine, round: usize, enough: impl FnOnce()) -> Writing {
    let (stop, stopped) = mpsc::channel();
    let client = machine.client();
    let thread = thread::spawn(move || {
        let mut acknowledged = Vec::new();
        for number in 0.. {
            let name = format!("bed{round}x{number}");
            if stopped.try_recv().is_ok() || client.try_ask::<ListingView>(&listing(&name)).is_none() {
                break;
            }
            acknowledged.push(name);
        }
        acknowledged
    });
    enough();
    Writing { stop, thread }
}
