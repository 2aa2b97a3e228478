//! A disk that is full. Needs a file system of its own (`mount -t tmpfs`, as root); skipped with a line where that is not to be had.

mod support;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::coalition::{gather, until_found, until_listings};
use support::skip::skipped;
use support::{Node, data, stage, stores};

/// A small file system, unmounted when dropped.
struct Small(PathBuf);

impl Small {
    fn mount(at: &Path, size: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &format!("size={size},mode=0700"), "tmpfs"]).arg(at);
        let mounted = command.output().is_ok_and(|out| out.status.success());
        mounted.then(|| Self(at.to_owned()))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // Lazily: a process that a failed test leaves may still hold it.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Takes all the room there is, but for so many bytes.
fn fill(path: &Path, but: usize) {
    let mut file = File::create(path).unwrap();
    let block = [1u8; 4096];
    while file.write_all(&block).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length.saturating_sub(but as u64)).unwrap();
}

#[test]
fn a_full_disk_is_told_nothing_is_half_done_and_with_room_again_the_node_goes_on() {
    let stage = stage();
    let home = stage.path().join("keeper");
    let Some(small) = Small::mount(&home, "48m") else {
        skipped("no file system can be mounted here");
        return;
    };
    let mut keeper = Node::init(stage.path(), "Keeper", "other");
    // The log has room of its own, so that what is full is the store's disk.
    keeper.start();
    let other = Node::running(stage.path(), "Other", "other");
    gather(&[&keeper, &other]);
    keeper.json(&["listing", "add", "name=There before"]);
    until_found(&other, "before", "There before");

    let set = stage.path().join("large");
    let listings = data::large(&set, 500);
    let import = ["directory", "import", set.to_str().unwrap()];
    let filler = small.0.join("filler");
    fill(&filler, 200_000);
    let line = keeper.tell(&import).refusal(1);
    assert!(line.contains("disk") && line.contains("full"), "{line}");
    assert!(keeper.lives(), "a full disk is no reason to die:\n{}", keeper.log());
    // Either the disk was full before the import was kept, and nothing of it is there; or it is kept, and the node goes on with
    // it by itself when there is room.
    let status = keeper.status();
    let kept = status["conditions"].as_array().unwrap().iter().any(|c| c["code"] == "import");
    assert!(kept || status["counts"]["listings"] == 1, "half an import, and nobody to finish it: {status}");
    let total = if kept { 2 * listings + 2 } else { listings + 2 };
    let told = keeper.status()["conditions"].to_string();
    assert!(told.contains("full"), "`status` says what is wrong: {told}");
    // What others write can not be kept either; they send it again.
    other.json(&["directory", "import", set.to_str().unwrap()]);
    keeper.json(&["directory", "search", "before"]);

    fs::remove_file(&filler).unwrap();
    keeper.json(&["listing", "add", "name=There after"]);
    until_found(&other, "after", "There after");
    until_listings(&keeper, total);
    until_listings(&other, total);
    assert!(!keeper.status()["conditions"].to_string().contains("full"), "it is no longer so");
    stores::until_equal(&[&keeper, &other]);

    // Full at its start as well: it comes up or says why.
    keeper.stop();
    fill(&filler, 0);
    let child =
        keeper.run_command(&[]).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn();
    let mut child = child.unwrap();
    for _ in 0..50 {
        std::thread::sleep(std::time::Duration::from_millis(100));
        if child.try_wait().unwrap().is_some() || keeper.tell(&["status"]).done().is_some() {
            break;
        }
    }
    let ended = child.try_wait().unwrap();
    let _ = child.kill();
    let out = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    if ended.is_some() {
        assert!(said.contains("error: ") && (said.contains("full") || said.contains("space")), "{said}");
    }
    fs::remove_file(&filler).unwrap();
    keeper.start();
    until_listings(&keeper, total);
    keeper.stop();
}
