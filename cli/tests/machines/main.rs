//! Two nodes that are killed and stopped over and over while they write to each other.

mod harness;

use belay_node::api::Response;
use belay_node::control;
use harness::{Machine, listing, pair};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Adds listings as fast as the node takes them, until it is gone. Gives the names that it acknowledged.
fn add_until_gone(machine: &Machine, round: usize, stop: &AtomicBool) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let name = format!("bed{round}x{number}");
        match control::call(&machine.folder(), &listing(&name)) {
            Ok(Response::Done(_)) => acknowledged.push(name),
            _ => break,
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    acknowledged
}

#[test]
fn nodes_killed_while_they_write_and_sync_lose_nothing_that_they_acknowledged() {
    let base = tempfile::tempdir().unwrap();
    let (mut a, mut b) = pair(base.path());
    let mut acknowledged = Vec::new();
    for round in 0..4 {
        let wait = Duration::from_millis(120 + 130 * round as u64);
        let (names, stop) = (std::sync::Mutex::new(Vec::new()), AtomicBool::new(false));
        // The writer is killed in even rounds, the one that takes it in odd ones.
        std::thread::scope(|scope| {
            let (writer, names, stop) = (Machine::at(a.home.clone()), &names, &stop);
            scope.spawn(move || names.lock().unwrap().extend(add_until_gone(&writer, round, stop)));
            std::thread::sleep(wait);
            let victim = if round % 2 == 0 { &mut a } else { &mut b };
            victim.kill();
            stop.store(true, Ordering::Relaxed);
        });
        if round % 2 == 0 {
            a.start();
        } else {
            b.start();
        }
        acknowledged.extend(names.into_inner().unwrap());
        for name in &acknowledged {
            assert!(a.finds(name), "{name} was acknowledged and is lost");
        }
    }
    assert!(!acknowledged.is_empty());
    b.until("the last listing", || b.listings() == a.listings());
    for name in &acknowledged {
        assert!(b.finds(name), "{name} did not come over");
    }
    // Both are usable, and stop in order.
    b.add("lastword");
    a.until("what was written after all that", || a.finds("lastword"));
    a.stop();
    b.stop();
    assert!(!b.data().join("control.sock").exists());
    assert_eq!(b.belay(&["status"]).status.code(), Some(3));
}

#[test]
fn two_nodes_that_were_both_stopped_find_each_other_where_they_were() {
    let base = tempfile::tempdir().unwrap();
    let (mut a, mut b) = pair(base.path());
    a.stop();
    b.stop();
    // On port 0 each, and nobody to ask where the other is now.
    a.start();
    a.add("whileaway");
    b.start();
    b.until("what was written meanwhile", || b.finds("whileaway"));
}
