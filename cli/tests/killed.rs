//! Two nodes that write to each other are ended by `kill -9` at random moments, over and over. What a command acknowledged by exit code
//! 0, the control socket by an answer, or one node to the other by a receipt, is there afterwards, on a real disk.
//!
//! Ten rounds in CI. By hand: `KILL_ROUNDS=1000 KILL_SEED=1 cargo test --release -p belay --test killed -- --nocapture`.

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::coalition::{gather, referred};
use support::socket::add_until;
use support::{Node, stage, stores};

/// Listings that one node adds in one round, at most.
const LISTINGS: usize = 8;
/// Within this time of the first write the power goes, in milliseconds.
const WITHIN: u64 = 400;
/// Rounds between two looks at all that was ever acknowledged.
const ALL: usize = 50;

/// Two offices with a referral between them.
struct Offices {
    nodes: [Node; 2],
    thread: String,
    /// Names of listings that each node acknowledged.
    listings: [Vec<String>; 2],
    /// Messages that each node acknowledged.
    messages: [Vec<String>; 2],
    cut_off: usize,
}

const STAFF: [&str; 2] = ["Noor", "Wren"];

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// A linear congruence: what happens is random enough by itself.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

fn texts_of(thread: &Value, so: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let lines = thread["history"].as_array().unwrap().iter();
    lines.filter(|line| so(line)).filter_map(|line| line["text"].as_str().map(str::to_owned)).collect()
}

impl Offices {
    fn open(stage: &std::path::Path) -> Self {
        let (sender, clinic, thread) = referred(stage);
        let nodes = [sender, clinic];
        Self { nodes, thread, listings: Default::default(), messages: Default::default(), cut_off: 0 }
    }

    fn shown(&self, who: usize) -> Value {
        self.nodes[who].json_as(STAFF[who], &["referral", "show", &self.thread])
    }

    /// Everybody writes, and these lose their power after so long.
    fn round(&mut self, round: usize, speaker: usize, victims: &[usize], wait: Duration) {
        let words = format!("message of round {round}");
        let text = self.nodes[speaker].words(&words);
        let secret = self.nodes[speaker].home().join(format!("secret-{}", STAFF[speaker]));
        let message = ["referral", "message", &self.thread, "--text", &text, "--as", STAFF[speaker]];
        let mut message = self.nodes[speaker].command(&message);
        message.arg("--staff-secret-file").arg(secret).stdout(Stdio::piped()).stderr(Stdio::piped());
        let stop = AtomicBool::new(false);
        let folders = [self.nodes[0].folder(), self.nodes[1].folder()];
        let added = std::thread::scope(|scope| {
            let stopped = || stop.load(Ordering::Relaxed);
            let writers = [0, 1].map(|who| {
                let (folder, prefix) = (&folders[who], format!("bed{who}r{round}"));
                scope.spawn(move || add_until(folder, &prefix, LISTINGS, stopped))
            });
            let child = message.spawn().unwrap();
            std::thread::sleep(wait);
            for victim in victims {
                self.nodes[*victim].kill();
            }
            stop.store(true, Ordering::Relaxed);
            if child.wait_with_output().unwrap().status.success() {
                self.messages[speaker].push(words);
            } else {
                self.cut_off += 1;
            }
            writers.map(|writer| writer.join().unwrap())
        });
        for (who, names) in added.iter().enumerate() {
            self.listings[who].extend(names.iter().cloned());
        }
    }

    /// What this node acknowledged is there: of listings the last ones, or all.
    fn check(&self, who: usize, all: bool) {
        let first = if all { 0 } else { self.listings[who].len().saturating_sub(LISTINGS) };
        for name in &self.listings[who][first..] {
            assert!(self.nodes[who].finds(name), "{}: {name} was acknowledged and is lost", self.nodes[who].name);
        }
        let there = texts_of(&self.shown(who), |_| true);
        for words in &self.messages[who] {
            assert!(there.contains(words), "{}: {words:?} was acknowledged and is lost", self.nodes[who].name);
        }
    }
}

#[test]
fn whoever_loses_power_at_whatever_moment_what_was_acknowledged_is_there() {
    let rounds = usize::try_from(number("KILL_ROUNDS").unwrap_or(10)).unwrap();
    let seed = number("KILL_SEED").unwrap_or(1);
    let (stage, mut dice) = (stage(), Dice(seed));
    let mut offices = Offices::open(stage.path());
    let mut receipts = 0;
    for round in 0..rounds {
        let victims: &[usize] = match dice.below(3) {
            0 => &[0],
            1 => &[1],
            _ => &[0, 1],
        };
        let speaker = victims[usize::try_from(dice.below(victims.len() as u64)).unwrap()];
        // What the clinic has acknowledged to the sender by a receipt it must hold by itself.
        let both = victims.len() == 2;
        let delivered = if both {
            texts_of(&offices.shown(0), |line| line["delivery"] == "delivered" || line["delivery"] == "read")
        } else {
            BTreeSet::new()
        };
        offices.round(round, speaker, victims, Duration::from_millis(dice.below(WITHIN)));
        if both {
            offices.nodes[1].start();
            let there = texts_of(&offices.shown(1), |_| true);
            let lost: Vec<&String> = delivered.difference(&there).collect();
            assert!(lost.is_empty(), "receipts were given for what is lost: {lost:?}");
            receipts += delivered.len();
            offices.check(1, false);
            offices.nodes[0].start();
            offices.check(0, false);
        } else {
            offices.nodes[victims[0]].start();
            offices.check(victims[0], false);
        }
        if (round + 1) % ALL == 0 {
            offices.check(0, true);
            offices.check(1, true);
            eprintln!("{} rounds (seed {seed}): nothing lost", round + 1);
        }
    }
    let [a, b] = &offices.nodes;
    b.until_so("as many listings", || b.listings() == a.listings());
    let (said, added) = (offices.messages.concat(), offices.listings.concat());
    for (who, node) in offices.nodes.iter().enumerate() {
        for name in &added {
            assert!(node.finds(name), "{}: {name} did not come over", node.name);
        }
        let show = ["referral", "show", &offices.thread];
        node.until_as(STAFF[who], &show, "every acknowledged message", |view| {
            let there = texts_of(view, |_| true);
            said.iter().all(|words| there.contains(words)).then_some(())
        });
    }
    stores::until_equal(&[a, b]);
    eprintln!(
        "{rounds} rounds (seed {seed}): {} listings, {} messages and {receipts} receipts acknowledged and there, {} commands cut off",
        added.len(),
        said.len(),
        offices.cut_off
    );
    assert!(!added.is_empty() && !said.is_empty());
}

#[test]
fn two_nodes_that_were_both_stopped_find_each_other_where_they_were() {
    let stage = stage();
    let [mut a, mut b] = ["Alpha", "Beta"].map(|name| Node::init(stage.path(), name, "other"));
    // On port 0 each, and later nobody to ask where the other is.
    for node in [&mut a, &mut b] {
        node.forget_ports();
        node.start();
    }
    gather(&[&a, &b]);
    a.stop();
    b.stop();
    assert!(!b.data().join("control.sock").exists());
    b.tell(&["status"]).refusal(3);
    a.forget_ports();
    b.forget_ports();
    a.start();
    a.ask::<Value>(&support::socket::listing("whileaway"));
    b.start();
    b.until_finds("whileaway");
}
