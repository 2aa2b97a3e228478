//! Bad input gets one clear line that says what is wrong and what to do, an exit code that tells whose fault it is, and leaves
//! nothing half done.

mod support;

use belay_node::store::Store;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use support::coalition::{gather, join, until_found};
use support::skip::skipped;
use support::{Node, Told, program, stage, stores, text};

/// The line of a `belay run` that must not come up. It ends by itself.
fn no_start(node: &Node, more: &[&str]) -> String {
    let mut command = node.run_command(more);
    let told = Told::by(&mut command);
    told.refusal(1)
}

#[test]
fn what_is_wrong_with_an_init_is_said_before_anything_is_made() {
    let stage = stage();
    let at = |name: &str| stage.path().join(name);
    let passphrase = at("passphrase");
    fs::write(&passphrase, "correct horse battery\n").unwrap();
    fs::write(at("weak"), "short\n").unwrap();
    fs::write(at("kept"), "an older phrase").unwrap();
    let init = |data: &str, more: &[&str]| {
        Told::by(program().args(["init", "--json", "--data"]).arg(at(data)).args(["--org", "Somebody"]).args(more))
    };
    let path = |name: &str| at(name).display().to_string();

    let line = init("a", &["--passphrase-file", &path("passphrase"), "--phrase-file", &path("kept")]).refusal(1);
    assert!(line.contains("exists already") && line.contains("new file name"), "{line}");
    assert_eq!(fs::read_to_string(at("kept")).unwrap(), "an older phrase");

    let line = init("a", &["--passphrase-file", &path("weak"), "--phrase-file", &path("p1")]).refusal(1);
    assert!(line.contains("fewer than 8 characters"), "{line}");
    let line = init("a", &["--passphrase-file", &path("nowhere"), "--phrase-file", &path("p1")]).refusal(1);
    assert!(line.contains("nowhere"), "{line}");
    let line = init("a", &["--passphrase-file", &path("passphrase")]).refusal(2);
    assert!(line.contains("--phrase-file"), "{line}");
    let told = Told::by(program().args(["init", "--data"]).arg(at("a")).args(["--org", " "]).args([
        "--passphrase-file",
        &path("passphrase"),
        "--phrase-file",
        &path("p1"),
    ]));
    assert!(told.refusal(1).contains("1 to 200 characters"), "{told:?}");
    assert!(!at("a").join("key.json").exists(), "a folder without a node after refusals");
    // A folder that can not be made: a file stands in its way.
    let line = init("weak/a", &["--passphrase-file", &path("passphrase"), "--phrase-file", &path("p1")]).refusal(1);
    assert!(line.contains("weak/a"), "{line}");
    assert!(!at("p1").exists(), "no phrase of a node that was not made");

    let line = Told::by(program().args(["run", "--data"]).arg(at("a")).arg("--passphrase-file").arg(&passphrase));
    assert!(line.refusal(3).contains("init --org"), "{line:?}");
    let line = Told::by(program().args(["status", "--data"]).arg(at("a")));
    assert!(line.refusal(3).contains("no node was set up in"), "{line:?}");

    let made = init("a", &["--passphrase-file", &path("passphrase"), "--phrase-file", &path("p2")]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let again = init("a", &["--passphrase-file", &path("passphrase"), "--phrase-file", &path("p3")]);
    assert!(again.refusal(1).contains("holds a node already"), "{again:?}");
    assert!(!at("p3").exists());
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(at("p2")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "the phrase is its owner's alone");
}

#[test]
fn a_node_that_can_not_run_says_why_and_leaves_the_folder_as_it_was() {
    let stage = stage();
    let mut node = Node::init(stage.path(), "Somebody", "other");
    let right = fs::read_to_string(node.passphrase_file()).unwrap();
    fs::write(node.passphrase_file(), "another horse altogether\n").unwrap();
    let line = no_start(&node, &[]);
    assert!(line.contains("passphrase"), "{line}");
    fs::write(node.passphrase_file(), &right).unwrap();

    let line = no_start(&node, &["--listen", "no address"]);
    assert!(line.contains("address"), "{line}");
    let line = no_start(&node, &["--announce", "/ip4/203.0.113.5"]);
    assert!(line.contains("--announce /ip4/203.0.113.5/tcp/4870"), "{line}");

    // Its key file is gone: there was a node here.
    let (key, aside) = (node.data().join("key.json"), node.data().join("key.aside"));
    fs::rename(&key, &aside).unwrap();
    for told in [Told::by(&mut node.run_command(&[])), node.tell(&["status"])] {
        let line = told.refusal(3);
        assert!(line.contains("without the key.json that opens it"), "{line}");
    }
    fs::rename(&aside, &key).unwrap();

    // Ports that others have.
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = format!("/ip4/127.0.0.1/tcp/{}", tcp.local_addr().unwrap().port());
    let line = no_start(&node, &["--listen", &taken]);
    assert!(line.contains(&taken) && line.contains("another program listens"), "{line}");
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = format!("/ip4/127.0.0.1/udp/{}/quic-v1", udp.local_addr().unwrap().port());
    let line = no_start(&node, &["--listen", &taken]);
    assert!(line.contains(&taken) && line.contains("another program listens"), "{line}");

    // Pages are for this machine alone; whether that goes is known before the node is up.
    for (address, word) in [("0.0.0.0:0", "this machine"), ("[::]:0", "this machine"), ("here", "127.0.0.1")] {
        let line = no_start(&node, &["--http", address]);
        assert!(line.contains(address) || line.contains(word), "{line}");
    }
    let taken = tcp.local_addr().unwrap().to_string();
    let line = no_start(&node, &["--http", &taken]);
    assert!(line.contains(&taken), "{line}");

    node.start_with(&["--http", "127.0.0.1:0"]);
    let http = text(&node.status()["http"]);
    assert!(http.contains("127.0.0.1:") && !http.ends_with(":0"), "where the pages are: {http}");
    let line = no_start(&node, &[]);
    assert!(line.contains("in use by process") && line.contains(&node.process().to_string()), "{line}");
    assert_eq!(node.status()["standing"], "alone", "the node that runs is not disturbed");
    node.stop();

    // A newer program was here.
    let store = Store::open(&stores::folder(&node), &stores::passphrase(&node)).unwrap();
    let version: i64 = store.sql().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    store.sql().pragma_update(None, "user_version", version + 5).unwrap();
    drop(store);
    let line = no_start(&node, &[]);
    assert!(line.contains("newer belay") && line.contains(&(version + 5).to_string()), "{line}");

    // A store that is no store.
    fs::write(node.data().join("store.db"), vec![7u8; 40_000]).unwrap();
    let line = no_start(&node, &[]);
    assert!(line.contains("backup"), "{line}");
}

#[test]
fn what_is_no_directory_is_not_imported() {
    let stage = stage();
    let node = Node::running(stage.path(), "Somebody", "other");
    let at = |name: &str| stage.path().join(name);
    let import = |path: &std::path::Path| node.refused(&["directory", "import", path.to_str().unwrap()]);
    fs::create_dir(at("empty")).unwrap();
    let fhir = r#"{"resourceType": "Task", "id": "t1", "status": "requested", "intent": "order"}"#;
    fs::write(at("task.json"), fhir).unwrap();
    fs::write(at("cut.json"), r#"{"services": [{"id": "1", "name": "Rides"}"#).unwrap();
    fs::write(at("page.xml"), "<html><body>no</body></html>").unwrap();
    fs::write(at("sheet.bin"), [0u8, 1, 2, 3, 0xff]).unwrap();
    fs::write(at("bare.csv"), "colour,size\nred,3\n").unwrap();
    fs::write(at("none.csv"), "").unwrap();
    fs::write(at("good.json"), r#"{"id": "o1", "name": "O", "services": [{"id": "s1", "name": "Rides"}]}"#).unwrap();

    let alone = import(&at("good.json"));
    assert!(alone.contains("no coalition") && alone.contains("belay found"), "{alone}");
    node.json(&["found", "Cedar County Network"]);
    let cases = [
        ("nowhere", "no such file"),
        ("empty", "no CSV and no JSON"),
        ("task.json", "FHIR"),
        ("cut.json", "JSON"),
        ("page.xml", "XML"),
        ("sheet.bin", "neither text nor CSV"),
        ("bare.csv", ""),
        ("none.csv", "empty"),
    ];
    for (file, words) in cases {
        let line = import(&at(file));
        assert!(line.contains(file) && line.contains(words), "{file}: {line}");
    }
    node.json(&["directory", "import", at("good.json").to_str().unwrap()]);
    until_found(&node, "rides", "Rides");
}

#[test]
fn an_unknown_id_a_wrong_secret_and_somebody_disabled_are_turned_away() {
    let stage = stage();
    let one = Node::running(stage.path(), "One", "covered_entity");
    let nobody = "0123456789abcdef".repeat(4);
    assert!(one.refused(&["invite"]).contains("belay found"));
    assert!(one.refused(&["org", "remove", &nobody, "--yes"]).contains("no coalition"));
    one.json(&["found", "Cedar County Network"]);
    assert!(one.refused(&["found", "Another"]).contains("already"));
    for command in [
        vec!["org", "show", &nobody],
        vec!["org", "approve", &nobody, "--yes"],
        vec!["org", "remove", &nobody, "--yes"],
        vec!["invite", "cancel", &nobody],
        vec!["listing", "show", "none/such"],
        vec!["listing", "edit", &nobody, "name=x"],
        vec!["user", "disable", "Nobody"],
    ] {
        one.refused(&command);
    }
    // Removing is asked about, and nobody is there to answer.
    let unasked = one.tell(&["org", "remove", &nobody]);
    assert!(unasked.refusal(2).contains("--yes"), "{unasked:?}");

    one.hire("Noor", "ledger canopy nine");
    let short = one.home().join("short");
    fs::write(&short, "abc").unwrap();
    let line = one.refused(&["user", "add", "Kim", "--new-secret-file", short.to_str().unwrap()]);
    assert!(line.contains("at least 8 characters"), "{line}");
    let own = one.home().join("secret-Noor").display().to_string();
    assert!(one.refused(&["user", "add", "Noor", "--new-secret-file", &own]).contains("there already"));

    let words = one.words("x");
    for command in [
        vec!["person", "show", &nobody],
        vec!["consent", "show", &nobody],
        vec!["referral", "show", &nobody],
        vec!["referral", "accept", &nobody],
        vec!["referral", "send", "--consent", &nobody, "--reason", &words],
        vec!["disclosures", "--person", &nobody],
        vec!["consent", "draft", "--person", &nobody, "--to", "Nobody", "--expires-never"],
    ] {
        one.tell_as("Noor", &command).refusal(1);
    }
    fs::write(one.home().join("secret-Mallory"), "ledger canopy nine").unwrap();
    let unknown = one.tell_as("Mallory", &["person", "list"]).refusal(1);
    fs::write(one.home().join("secret-Noor"), "ledger canopy eight").unwrap();
    let wrong = one.tell_as("Noor", &["person", "list"]).refusal(1);
    assert_eq!(unknown, wrong, "which of the two is wrong is nobody's business");
    fs::write(one.home().join("secret-Noor"), "ledger canopy nine").unwrap();
    one.json_as("Noor", &["person", "list"]);
    one.json(&["user", "disable", "Noor"]);
    assert_eq!(one.tell_as("Noor", &["person", "list"]).refusal(1), wrong);
    let nobody_there = one.tell(&["person", "list", "--as", "Noor"]);
    assert!(nobody_there.refusal(2).contains("--staff-secret-file"), "{nobody_there:?}");
    assert_eq!(one.json(&["user", "list"])["users"].as_array().unwrap().len(), 1);
}

#[test]
fn the_secret_of_who_signs_in_is_nobody_elses_though_scripts_have_set_where_it_lies() {
    let stage = stage();
    let mut one = Node::running(stage.path(), "One", "other");
    let secret = |name: &str| {
        let file = one.home().join(format!("secret-{name}"));
        fs::write(&file, format!("lamp oil of {name} 7")).unwrap();
        file.display().to_string()
    };
    let (ida, kim) = (secret("Ida"), secret("Kim"));
    one.json(&["user", "add", "Ida", "--role", "privacy officer", "--new-secret-file", &ida]);
    one.set("BELAY_STAFF_SECRET_FILE", &ida);
    let add = ["user", "add", "Kim", "--as", "Ida"];
    let asked = one.tell(&add).refusal(2);
    assert!(
        asked.contains("new secret") && asked.contains("--new-secret-file"),
        "nobody is there to type one: {asked}"
    );
    let shared = one.refused(&[&add[..], &["--new-secret-file", &ida]].concat());
    assert!(shared.contains("one of their own"), "{shared}");
    let added = one.json(&[&add[..], &["--new-secret-file", &kim]].concat());
    assert_eq!(added["written"], "Ida");
    assert_eq!(one.json(&["user", "list"])["users"].as_array().unwrap().len(), 2);
}

#[test]
fn a_clock_two_years_off_is_told_and_loses_nothing() {
    if !cfg!(debug_assertions) {
        skipped("only debug builds let a test set the clock");
        return;
    }
    let stage = stage();
    let one = Node::running(stage.path(), "One", "other");
    let two = Node::running(stage.path(), "Two", "other");
    let mut late = Node::running(stage.path(), "Late", "other");
    gather(&[&one, &two]);
    join(&one, &late);
    late.json(&["listing", "add", "name=Before the battery died"]);
    until_found(&two, "battery", "Before the battery died");
    for (years, name) in [(2, "From the future"), (-2, "From the past")] {
        late.stop();
        late.set("BELAY_TEST_CLOCK", &(years * 365 * 86_400).to_string());
        late.start();
        late.json(&["listing", "add", &format!("name={name}")]);
        until_found(&one, name, name);
        until_found(&two, name, name);
        // Whose clock is wrong: two organisations agree against it.
        let told = |node: &Node| {
            let conditions = node.status()["conditions"].as_array().unwrap().clone();
            conditions.into_iter().find(|c| c["code"] == "clock").map(|c| text(&c["sentence"]))
        };
        let sentence = late.until(&["status"], "the condition of the clock", |_| told(&late));
        assert!(sentence.contains("clock"), "{sentence}");
        assert_eq!(told(&one), None, "the others agree with each other");
    }
    late.stop();
    late.set("BELAY_TEST_CLOCK", "0");
    late.start();
    one.json(&["listing", "add", "name=All is well"]);
    until_found(&late, "all well", "All is well");
    stores::until_equal(&[&one, &two, &late]);
    late.until(&["status"], "the end of the condition", |s| {
        (!s["conditions"].as_array()?.iter().any(|c| c["code"] == "clock")).then_some(())
    });
}
