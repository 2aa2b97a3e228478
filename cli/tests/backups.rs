//! Copies of the store in a file: made while the node runs, checked, put back; damaged and foreign ones are told.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use support::coalition::{add_person, gather, until_condition, until_found, until_peers};
use support::{Node, Told, program, stage};

fn verify(file: &Path, passphrase: &Path) -> Told {
    Told::by(program().args(["backup", "verify", "--json"]).arg(file).arg("--passphrase-file").arg(passphrase))
}

#[test]
fn a_copy_made_while_the_node_runs_is_checked_and_put_back_as_a_disk_that_was_rolled_back() {
    let stage = stage();
    let sender = Node::running(stage.path(), "Emergency", "covered_entity");
    let mut clinic = Node::running(stage.path(), "Clinic", "part2_program");
    gather(&[&sender, &clinic]);
    clinic.hire("Wren", "harbor violet seven");
    add_person(&clinic, "Wren", "Ada Wickersham");
    clinic.json(&["listing", "add", "name=Evening group"]);
    let file = stage.path().join("clinic.belay");
    let made = clinic.json(&["backup", "create", file.to_str().unwrap()]);
    assert_eq!(fs::metadata(&file).unwrap().len(), made["bytes"].as_u64().unwrap());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(clinic.refused(&["backup", "create", file.to_str().unwrap()]).contains("is there already"));
    let bytes = fs::read(&file).unwrap();
    assert!(!bytes.windows(10).any(|w| w == b"Wickersham"), "nothing in it is readable");

    let checked = verify(&file, &clinic.passphrase_file()).done().unwrap();
    assert_eq!((&checked["organisation"], &checked["wrong"]), (&"Clinic".into(), &serde_json::json!([])));
    assert!(checked["entries"].as_u64().unwrap() > 5, "{checked}");
    assert!(verify(&file, &sender.passphrase_file()).refusal(1).contains("wrong passphrase"));
    // What somebody has beside the file is not ours to take away.
    let beside = stage.path().join("clinic.belay.check");
    fs::create_dir(&beside).unwrap();
    fs::write(beside.join("kept"), "kept").unwrap();
    assert!(verify(&file, &clinic.passphrase_file()).refusal(1).contains("is there already"));
    assert_eq!(fs::read(beside.join("kept")).unwrap(), b"kept");
    fs::remove_dir_all(&beside).unwrap();
    let part = stage.path().join("again.belay.part");
    fs::write(&part, "kept").unwrap();
    let again = stage.path().join("again.belay");
    assert!(clinic.refused(&["backup", "create", again.to_str().unwrap()]).contains("is there already"));
    assert_eq!(fs::read(&part).unwrap(), b"kept");
    assert!(!again.exists());
    fs::remove_file(&part).unwrap();
    let spoilt = stage.path().join("spoilt.belay");
    for (what, at) in [("damaged", bytes.len() / 2), ("damaged", bytes.len() - 1), ("is no backup", 3), ("damaged", 40)]
    {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&spoilt, changed).unwrap();
        assert!(verify(&spoilt, &clinic.passphrase_file()).refusal(1).contains(what), "byte {at}");
    }
    fs::write(&spoilt, &bytes[..bytes.len() / 3]).unwrap();
    assert!(verify(&spoilt, &clinic.passphrase_file()).refusal(1).contains("damaged"));

    // Today's words are in no copy; the machine is lost, and yesterday's copy put back.
    clinic.json(&["listing", "add", "name=Opened today"]);
    until_found(&sender, "opened today", "Opened today");
    let restore = |file: &Path| {
        let mut command = program();
        command.args(["backup", "restore", "--json"]).arg(file).arg("--passphrase-file").arg(clinic.passphrase_file());
        Told::by(command.arg("--data").arg(clinic.data()))
    };
    assert!(restore(&file).refusal(1).contains("holds a node already"));
    clinic.kill();
    fs::remove_dir_all(clinic.data()).unwrap();
    let told = {
        let mut command = program();
        command
            .args(["backup", "restore", "--json"])
            .arg(&spoilt)
            .arg("--passphrase-file")
            .arg(clinic.passphrase_file());
        Told::by(command.arg("--data").arg(clinic.data()))
    };
    assert!(told.refusal(1).contains("damaged"));
    assert!(!clinic.data().join("store.db").exists());
    let mut command = program();
    command.args(["backup", "restore", "--json"]).arg(&file).arg("--passphrase-file").arg(clinic.passphrase_file());
    let restored = Told::by(command.arg("--data").arg(clinic.data())).done().unwrap();
    assert_eq!(restored["organisation"], "Clinic");
    clinic.start();
    until_peers(&clinic, 1);
    until_found(&clinic, "opened today", "Opened today");
    assert!(until_condition(&clinic, "folder-copied").contains("put back from a backup"));
    clinic.json(&["listing", "add", "name=Opened tomorrow"]);
    until_found(&sender, "opened tomorrow", "Opened tomorrow");
    let left: Vec<_> = fs::read_dir(stage.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    let parts = left
        .iter()
        .filter(|name| name.to_string_lossy().contains(".part") || name.to_string_lossy().contains(".check"));
    assert_eq!(parts.count(), 0, "{left:?}");
}
