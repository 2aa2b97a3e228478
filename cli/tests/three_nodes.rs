//! Organisations that come together by hand: what an administrator types, from `init` to a search that finds what others offer.

mod support;

use belay_node::driver::{Driver, UseCases};
use belay_node::net::address;
use belay_node::ops::conditions::Conditions;
use belay_node::store::{Store, Tx};
use belay_protocol::coalition::invite::{Code, InviteSecret};
use belay_protocol::engine::{Engine, Event, Step};
use belay_protocol::fault::Result;
use belay_protocol::ids::NodeId;
use belay_protocol::store::View;
use std::fs;
use std::time::Duration;
use support::coalition::{self, until_found, until_listings, until_member, until_peers, waiting};
use support::{Node, data, stage, stores, text};

#[test]
fn three_nodes_by_hand_from_init_to_a_search_that_finds_what_another_offers() {
    let stage = stage();
    let mut clinic = Node::running(stage.path(), "Mill Creek Clinic", "part2_program");
    let mut shelter = Node::running(stage.path(), "Harbor House", "non_covered_cbo");
    let peers = Node::running(stage.path(), "Second Path", "non_covered_cbo");
    assert_eq!(clinic.status()["standing"], "alone");
    coalition::gather(&[&clinic, &shelter, &peers]);
    for node in [&clinic, &shelter, &peers] {
        node.until(&["status"], "three organisations", |s| (s["coalition"]["organisations"] == 3).then_some(()));
    }
    assert_eq!(clinic.status()["standing"], "steward");

    let import = ["directory", "import", data::invented("clinic.json").to_str().unwrap()].map(str::to_owned);
    let import: Vec<&str> = import.iter().map(String::as_str).collect();
    let first = clinic.json(&import);
    let added = first["added"].as_u64().unwrap();
    assert!(added > 3, "{first}");
    let again = clinic.json(&import);
    assert_eq!((again["added"].as_u64(), again["changed"].as_u64()), (Some(0), Some(0)), "importing again: {again}");
    let shelters = data::invented("shelter.json");
    let more = shelter.json(&["directory", "import", shelters.to_str().unwrap()])["added"].as_u64().unwrap();
    for node in [&clinic, &shelter, &peers] {
        until_listings(node, added + more);
    }
    let found = until_found(&peers, "buprenorphine", "Office-based buprenorphine");
    assert_eq!(found["organisation"], "Mill Creek Clinic");

    // An edit is seen by the others, and nobody else may make it.
    let id = text(&found["id"]);
    clinic.json(&["listing", "edit", &id, "name=Buprenorphine, the same day"]);
    until_found(&shelter, "same day", "Buprenorphine, the same day");
    until_found(&peers, "same day", "Buprenorphine, the same day");
    let refused = shelter.refused(&["listing", "edit", &id, "name=Ours now"]);
    assert!(refused.contains("no such listing"), "{refused}");

    // Stopped and started in another order, they are the same three, and what was written meanwhile arrives.
    clinic.stop();
    shelter.json(&["listing", "add", "--kind", "service", "name=Warm meals at noon"]);
    shelter.stop();
    clinic.start();
    shelter.start();
    until_found(&clinic, "meals noon", "Warm meals at noon");
    until_found(&peers, "meals noon", "Warm meals at noon");
    stores::until_equal(&[&clinic, &shelter, &peers]);
    for mut node in [clinic, shelter, peers] {
        node.stop();
        assert!(!node.log().contains(" ERROR "), "{}:\n{}", node.name, node.log());
    }
}

#[test]
fn a_code_that_is_cut_short_used_cancelled_or_expired_is_refused_in_clear_words_on_both_sides() {
    let stage = stage();
    let mut founder = Node::running(stage.path(), "Founder", "covered_entity");
    let second = Node::running(stage.path(), "Second", "other");
    let mut third = Node::running(stage.path(), "Third", "other");
    founder.json(&["found", "Cedar County Network"]);
    let invite = |hours: &str| {
        let view = founder.json(&["invite", "--hours", hours]);
        (text(&view["id"]), text(&view["code"]))
    };

    let (used, code) = invite("24");
    let short = second.refused(&["join", &second.words(&code[..code.len() - 9])]);
    assert!(short.contains("cut short") || short.contains("mistyped"), "{short}");
    assert!(second.refused(&["join", &second.words("a dog ate it")]).contains("code"));

    // In the arguments every user of the machine could read it.
    let shown = second.tell(&["join", &code]);
    let shown = shown.refusal(2);
    assert!(shown.contains("process arguments") && shown.contains("@FILE") && !shown.contains(&code), "{shown}");

    // The first who comes has it, the second is told, and so is the inviter.
    second.json(&["join", &second.words(&code)]);
    let claim = waiting(&founder, &second);
    let refused = third.refused(&["join", &third.words(&code)]);
    assert!(refused.contains("used already") && refused.contains("new"), "{refused}");
    founder.until_logged("an invite that was used already");
    let told = coalition::until_condition(&founder, "invite-refused");
    assert!(told.contains("an invite that was used already") && told.contains("new invite"), "{told}");
    founder.json(&["org", "approve", &text(&claim["id"]), "--yes"]);
    until_member(&second);
    let again = third.refused(&["join", &third.words(&code)]);
    assert!(again.contains("used already"), "{again}");
    let state = |id: &str| {
        let view = founder.json(&["invite", "list"]);
        text(&view["invites"].as_array().unwrap().iter().find(|i| i["id"] == id).unwrap()["state"])
    };
    assert_eq!(state(&used), "used");
    assert!(second.refused(&["join", &second.words(&code)]).contains("already"));

    let (cancelled, code) = invite("24");
    founder.json(&["invite", "cancel", &cancelled]);
    assert_eq!(state(&cancelled), "cancelled");
    let refused = third.refused(&["join", &third.words(&code)]);
    assert!(refused.contains("cancelled this invite"), "{refused}");
    founder.until_logged("an invite that was cancelled");

    // A code that fits nothing, made of a real one.
    let mut forged = Code::parse(&code).unwrap();
    forged.secret = InviteSecret::from_bytes([7; 16]);
    let refused = third.refused(&["join", &third.words(forged.text().as_str())]);
    assert!(refused.contains("does not know this invite"), "{refused}");
    founder.until_logged("an invite that is not known here");

    // An hour is over: by the newcomer's clock, then by the inviter's alone.
    if cfg!(debug_assertions) {
        let (_, code) = invite("1");
        third.stop();
        third.set("BELAY_TEST_CLOCK", "7200");
        third.start();
        let refused = third.refused(&["join", &third.words(&code)]);
        assert!(refused.contains("expired") && refused.contains("clock"), "{refused}");
        third.stop();
        third.set("BELAY_TEST_CLOCK", "0");
        third.start();
        founder.stop();
        founder.set("BELAY_TEST_CLOCK", "7200");
        founder.start();
        let refused = third.refused(&["join", &third.words(&code)]);
        assert!(refused.contains("expired"), "{refused}");
        founder.until_logged("an invite that has expired");
    }
    assert_eq!(third.status()["standing"], "alone");
    assert_eq!(founder.status()["coalition"]["organisations"], 2);
}

#[test]
fn an_organisation_joins_by_files_that_go_there_and_back_with_no_network_between() {
    let stage = stage();
    let mut founder = Node::running(stage.path(), "Founder", "covered_entity");
    let mut far = Node::init(stage.path(), "Far Away", "other");
    founder.json(&["found", "Cedar County Network"]);
    let file = |name: &str| stage.path().join(name).display().to_string();
    let (invite, answer, welcome) = (file("invite"), file("answer"), file("welcome"));
    founder.json(&["invite", "--org", "Far Away", "--file", &invite]);
    // From here on never both run.
    founder.stop();
    far.start();

    // Not a whole file: nothing is begun.
    let cut = file("cut");
    let whole = fs::read_to_string(&invite).unwrap();
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let refused = far.refused(&["join", "--file", &cut]);
    assert!(refused.contains("cut") || refused.contains("whole") || refused.contains("damaged"), "{refused}");

    let join = far.json(&["join", "--file", &invite, "--answer", &answer]);
    let words = text(&join["fingerprint"]);
    assert_eq!(words.split(' ').count(), 6, "{join}");
    far.stop();
    founder.start();
    // Without `--yes` nobody is let in while nobody looks.
    let unseen = founder.tell(&["org", "approve", "--file", &answer, "--answer", &welcome]);
    assert!(unseen.refusal(2).contains(&words), "the words of both sides: {unseen:?}");
    assert_eq!(text(&waiting(&founder, &far)["fingerprint"]), words);
    founder.json(&["org", "approve", "--file", &answer, "--answer", &welcome, "--yes"]);
    founder.stop();
    far.start();
    let done = far.json(&["join", "--file", &welcome]);
    assert_eq!(done["standing"], "member", "{done}");
    assert_eq!(far.status()["standing"], "member");
    assert_eq!(far.status()["coalition"]["organisations"], 2);
    assert!(far.refused(&["join", "--file", &welcome]).contains("already"));
    far.json(&["listing", "add", "name=A bed tonight"]);

    // When a network is there after all, they find each other.
    founder.start();
    until_found(&founder, "bed tonight", "A bed tonight");
    stores::until_equal(&[&founder, &far]);
}

/// A node that goes for a node of others with nothing but its own certificate.
struct Pushy(Vec<(NodeId, Vec<String>)>);

impl UseCases for Pushy {
    fn project(&mut self, _: &mut Engine, _: &Tx<'_>, _: &[Event]) -> Result<()> {
        Ok(())
    }
    fn invited(&mut self, _: &mut Step<'_>, _: NodeId, frame: &[u8]) -> Result<Vec<u8>> {
        Ok(frame.to_vec())
    }
    fn introducers(&self, _: &dyn View) -> Result<Vec<(NodeId, Vec<String>)>> {
        Ok(self.0.clone())
    }
    fn forget(&mut self) {}
}

#[test]
fn a_stranger_and_a_member_of_another_coalition_get_no_further_than_the_door() {
    let stage = stage();
    let mut founder = Node::init(stage.path(), "Founder", "covered_entity");
    founder.set("BELAY_LOG", "warn,belay=debug,belay_node=debug,belay_protocol=debug");
    founder.start();
    founder.json(&["found", "Cedar County Network"]);
    founder.json(&["listing", "add", "name=A planted heron"]);
    let status = founder.status();
    let target = (text(&status["node"]).parse().unwrap(), support::texts(&status["listen"]));

    let bare = Node::init(stage.path(), "Bare", "other");
    let mut elsewhere = Node::running(stage.path(), "Elsewhere", "other");
    elsewhere.json(&["found", "Another Network"]);
    elsewhere.stop();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for stranger in [&bare, &elsewhere] {
        let denied = founder.log().matches("not let in").count();
        let store = Store::open(&stores::folder(stranger), &stores::passphrase(stranger)).unwrap();
        let door = Box::new(Pushy(vec![target.clone()]));
        let listen = [address::parse("/ip4/127.0.0.1/tcp/0").unwrap()];
        let driver = runtime.block_on(Driver::start(store, door, &listen, &[], Conditions::default())).unwrap();
        let mut tries = 0;
        while founder.log().matches("not let in").count() == denied {
            tries += 1;
            assert!(tries < 300, "{} was never turned away:\n{}", stranger.name, founder.log());
            assert!(driver.peers().is_empty(), "{} got in", stranger.name);
            std::thread::sleep(Duration::from_millis(100));
        }
        assert!(driver.peers().is_empty());
        runtime.block_on(driver.stop());
        let held = stores::entries(stranger);
        assert!(!held.values().any(|e| e.bytes().windows(13).any(|w| w == b"planted heron")));
    }
    assert_eq!(founder.status()["peers"], 0);
    assert_eq!(founder.status()["coalition"]["organisations"], 1);
}

#[test]
fn nodes_find_each_other_again_whichever_starts_first() {
    let stage = stage();
    let mut one = Node::running(stage.path(), "One", "other");
    let mut two = Node::running(stage.path(), "Two", "other");
    coalition::gather(&[&one, &two]);
    until_peers(&one, 1);
    one.stop();
    two.stop();
    two.start();
    two.json(&["listing", "add", "name=Written alone"]);
    one.start();
    until_found(&one, "written alone", "Written alone");
}
