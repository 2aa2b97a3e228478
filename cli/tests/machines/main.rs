//! Whole nodes, real processes, real disks: killed, copied, put back, and given bad input.

mod harness;

use belay_node::api::Response;
use belay_node::control;
use harness::{Machine, copy, listing, pair};
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
fn a_folder_put_back_to_an_older_copy_gets_its_own_lost_words_back() {
    let base = tempfile::tempdir().unwrap();
    let (mut a, mut b) = pair(base.path());
    b.add("before");
    b.stop();
    let kept = base.path().join("kept");
    copy(&b.data(), &kept);
    b.start();
    b.add("forgotten");
    a.until("both", || a.finds("forgotten") && a.finds("before"));
    b.kill();
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(b.data().join(name));
    }
    copy(&kept, &b.data());
    b.start();
    assert!(b.finds("before"));
    b.until("its own lost words", || b.finds("forgotten"));
    b.add("goeson");
    a.until("what it wrote after that", || a.finds("goeson"));
    a.kill();
}

#[test]
fn a_folder_copied_and_started_twice_goes_on_at_both() {
    let base = tempfile::tempdir().unwrap();
    let (a, mut b) = pair(base.path());
    b.stop();
    let mut twin = Machine::at(base.path().join("twin"));
    std::fs::create_dir_all(&twin.home).unwrap();
    std::fs::copy(b.home.join("passphrase"), twin.home.join("passphrase")).unwrap();
    copy(&b.data(), &twin.data());
    b.start();
    twin.start();
    b.add("fromone");
    twin.add("fromtwo");
    for machine in [&a, &b, &twin] {
        machine.until("both words", || machine.finds("fromone") && machine.finds("fromtwo"));
    }
}

/// What a refused start says: one line of what is wrong, at most one of what to type, and exit code 1.
fn refused(machine: &Machine, args: &[&str]) -> String {
    let out = machine.belay(args);
    let said = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.lines().count() <= 2, "{said}");
    said
}

#[test]
fn bad_input_gets_one_clear_line() {
    let base = tempfile::tempdir().unwrap();
    let mut a = Machine::init(base.path(), "Alpha");
    let run = ["run", "--listen", "/ip4/127.0.0.1/tcp/0"];

    std::fs::write(a.home.join("passphrase"), "another long one\n").unwrap();
    assert!(refused(&a, &run).contains("wrong passphrase"));
    std::fs::write(a.home.join("passphrase"), "short\n").unwrap();
    assert!(refused(&a, &run).contains("fewer than 8"));
    std::fs::write(a.home.join("passphrase"), "a long enough one\n").unwrap();

    assert!(refused(&a, &["run", "--listen", "localhost:80"]).contains("is no address"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("/ip4/127.0.0.1/tcp/{}", taken.local_addr().unwrap().port());
    assert!(refused(&a, &["run", "--listen", &address]).contains("another program listens there"));
    let phrase = base.path().join("another");
    let again = ["init", "--org", "Again", "--phrase-file", phrase.to_str().unwrap()];
    assert!(refused(&a, &again).contains("holds a node already"));
    assert!(!phrase.exists(), "a phrase of nothing was written");

    a.start();
    assert!(refused(&a, &run).contains("in use by process"));
    a.stop();

    let key = std::fs::read(a.data().join("key.json")).unwrap();
    std::fs::write(a.data().join("key.json"), &key[..key.len() / 2]).unwrap();
    assert!(refused(&a, &run).contains("key.json is damaged"));
    std::fs::write(a.data().join("key.json"), &key).unwrap();
    let mut store = std::fs::read(a.data().join("store.db")).unwrap();
    store[20] ^= 1;
    std::fs::write(a.data().join("store.db"), &store).unwrap();
    let said = refused(&a, &run);
    assert!(said.contains("damaged"), "{said}");

    let none = Machine::at(base.path().join("none"));
    std::fs::create_dir_all(&none.home).unwrap();
    std::fs::write(none.home.join("passphrase"), "a long enough one\n").unwrap();
    assert!(refused(&none, &run).contains("belay init"));
}
