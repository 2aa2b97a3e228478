//! A consent that ends by the calendar while its node runs: 42 CFR 2.31(a)(7), (c)(1). Nothing more leaves, before any revocation
//! follows, and nothing that is sealed afterwards opens with the recipient's keys.

mod support;

use belay_node::demo::reader::force::{self, Sealed};
use belay_protocol::ids::SpaceId;
use belay_protocol::space::entry::{Entry, Kind};
use belay_protocol::space::{SpaceKind, Spaces};
use belay_protocol::time::{DAY, HOUR, Time};
use std::collections::BTreeMap;
use support::coalition::{gather, say, stands, until_found, until_peers, until_state};
use support::skip::skipped;
use support::{Node, stage, stores, text};

/// The spaces of threads in a node's store, with how many entries each holds.
fn threads(node: &Node) -> BTreeMap<SpaceId, usize> {
    let opened = stores::open(node);
    let records = Spaces::new(opened.node).spaces(&opened.reader).unwrap();
    let threads = records.into_iter().filter(|r| matches!(r.kind, SpaceKind::Thread { .. }));
    threads.map(|r| (r.space, force::entries(&opened, r.space).unwrap().len())).collect()
}

fn sealed(entries: &[Entry]) -> usize {
    entries.iter().filter(|e| e.header().kind == Kind::Data && e.header().epoch.is_some()).count()
}

#[test]
fn after_the_day_a_consent_ends_nothing_is_sent_and_nothing_sealed_since_opens_for_the_recipient() {
    if !cfg!(debug_assertions) {
        skipped("only debug builds let a test turn the clock");
        return;
    }
    let stage = stage();
    let mut sender = Node::running(stage.path(), "Emergency", "covered_entity");
    let clinic = Node::running(stage.path(), "Clinic", "part2_program");
    gather(&[&sender, &clinic]);
    sender.hire("Noor", "ledger canopy nine");
    clinic.hire("Wren", "harbor violet seven");
    let person = support::coalition::add_person(&sender, "Noor", "Ada Wick");
    let end = belay_node::system::now().plus(6 * HOUR).to_string();
    let draft = ["consent", "draft", "--person", &person, "--to", "Clinic", "--expires", &end];
    let consent = text(&sender.json_as("Noor", &draft)["id"]);
    sender.json_as("Noor", &["consent", "sign", &consent, "--attested", "--typed", &sender.words("Ada Wick")]);
    let reason = sender.words("Buprenorphine, the same day");
    let thread = text(&sender.json_as("Noor", &["referral", "send", "--consent", &consent, "--reason", &reason])["id"]);
    until_state(&clinic, "Wren", &thread, stands::SENT);
    say(&sender, "Noor", &thread, "while it holds");
    clinic.until_as("Wren", &["referral", "show", &thread], "the message", |view| {
        view["history"].as_array()?.iter().any(|line| line["text"] == "while it holds").then_some(())
    });

    // What the clinic holds opens with its keys: the same reader will find the opposite below.
    let spaces = threads(&clinic);
    for space in spaces.keys() {
        let entries = force::entries(&stores::open(&sender), *space).unwrap();
        let opened = force::open_all(&stores::open(&clinic), &entries).unwrap();
        assert_eq!(opened.len(), sealed(&entries), "all that was sealed for the clinic");
    }

    // A day later by the sender's clock. The clinic's clock disagrees, so nobody writes a revocation: the day alone has to do.
    sender.stop();
    sender.set("BELAY_TEST_CLOCK", &(DAY / 1_000).to_string());
    sender.start();
    until_peers(&sender, 1);
    let before = stores::entries(&sender);
    let refused =
        sender.tell_as("Noor", &["referral", "message", &thread, "--text", &sender.words("too late")]).refusal(1);
    assert!(refused.contains("2.31") && (refused.contains("expired") || refused.contains("ended")), "{refused}");
    support::coalition::add_person(&sender, "Noor", "Somebody Else");

    // What the clinic may have still comes, and by then nothing of the thread has.
    sender.json(&["listing", "add", "name=Evening hours"]);
    until_found(&clinic, "evening hours", "Evening hours");
    assert_eq!(threads(&clinic), spaces, "entries of the thread came after its end");

    // Handed over by force: every entry that the sender has written since, and what its own code would seal into the thread.
    let since: Vec<Entry> =
        stores::entries(&sender).into_iter().filter(|(hash, _)| !before.contains_key(hash)).map(|(_, e)| e).collect();
    assert!(sealed(&since) > 0, "the sender wrote of its own affairs");
    let mut handed: Vec<Entry> = before.into_values().collect();
    let own = force::open_all(&stores::open(&clinic), &handed).unwrap();
    handed.extend(since);
    assert_eq!(force::open_all(&stores::open(&clinic), &handed).unwrap(), own, "something sealed since opens");
    let (from, to) = (stores::open(&sender), stores::open(&clinic));
    let late: Time = belay_node::system::now().plus(DAY);
    let org = text(&clinic.status()["organisation"]["id"]).parse().unwrap();
    for space in spaces.keys() {
        let plain = force::seal_more(&from, *space, late, None).unwrap();
        assert!(matches!(plain, Sealed::Refused(_)), "sealed for whom the consent names no more: {plain:?}");
        let Sealed::Entries(entries) = force::seal_more(&from, *space, late, Some(org)).unwrap() else {
            panic!("who has taken the clinic out may write for itself")
        };
        let body = entries.last().unwrap().hash();
        assert!(!force::open_all(&to, &entries).unwrap().contains(&body));
    }
}

/// Organisations in two time zones: what is signed until a day ends with that day where it was drafted, and is called by it at both.
#[test]
fn the_last_day_of_a_consent_is_one_day_at_two_nodes_whose_clocks_hang_far_apart() {
    let stage = stage();
    let mut sender = Node::init(stage.path(), "Emergency", "covered_entity");
    let mut clinic = Node::init(stage.path(), "Clinic", "part2_program");
    sender.set("TZ", "CST6");
    clinic.set("TZ", "<+09>-9");
    sender.start();
    clinic.start();
    gather(&[&sender, &clinic]);
    sender.hire("Noor", "ledger canopy nine");
    clinic.hire("Wren", "harbor violet seven");
    let person = support::coalition::add_person(&sender, "Noor", "Ada Wick");
    let draft = ["consent", "draft", "--person", &person, "--to", "Clinic", "--expires", "2098-12-31"];
    let consent = text(&sender.json_as("Noor", &draft)["id"]);
    sender.json_as("Noor", &["consent", "sign", &consent, "--attested", "--typed", &sender.words("Ada Wick")]);
    let form = text(&sender.json_as("Noor", &["consent", "print", &consent])["form"]);
    assert!(form.contains("lasts until the end of December 31, 2098"), "{form}");
    let reason = sender.words("Buprenorphine, the same day");
    let thread = text(&sender.json_as("Noor", &["referral", "send", "--consent", &consent, "--reason", &reason])["id"]);
    until_state(&clinic, "Wren", &thread, stands::SENT);
    // What the clinic was told of it, as its own staff read it.
    let told = clinic.json_as("Wren", &["referral", "show", &thread]).to_string();
    assert!(told.contains("Lasts until the end of 2098-12-31."), "{told}");
    // Times are told by the clock of who reads, with how far that is from UTC.
    for (node, staff, zone) in [(&sender, "Noor", " -06:00 "), (&clinic, "Wren", " +09:00 ")] {
        let page = node.page_as(staff, &["referral", "show", &thread]);
        assert!(page.contains(zone) && !page.contains("Z "), "{page}");
    }
}
