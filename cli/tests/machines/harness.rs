//! Nodes as processes of their own, ended as a power cut ends them.

use belay_node::api::views::{InviteView, ListingView, SearchView, StatusView};
use belay_node::api::{Request, Response, Secret, request::Search};
use belay_node::config::Folder;
use belay_node::control;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// For a machine that is busy with other things.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub struct Machine {
    pub home: PathBuf,
    child: Option<Child>,
}

impl Machine {
    /// A folder with a node in it.
    pub fn init(base: &Path, name: &str) -> Self {
        let machine = Self::at(base.join(name));
        std::fs::create_dir_all(&machine.home).unwrap();
        std::fs::write(machine.home.join("passphrase"), "a long enough one\n").unwrap();
        let phrase = machine.home.join("phrase");
        let out = machine.belay(&["init", "--org", name, "--phrase-file", phrase.to_str().unwrap()]);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        machine
    }

    pub fn at(home: PathBuf) -> Self {
        Self { home, child: None }
    }

    pub fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    pub fn folder(&self) -> Folder {
        Folder::at(self.data())
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_belay"));
        command.args(args).env("BELAY_DATA", self.data());
        command.env("BELAY_PASSPHRASE_FILE", self.home.join("passphrase")).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn belay(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Starts the node and waits until it answers.
    pub fn start(&mut self) {
        let log = std::fs::File::options().create(true).append(true).open(self.home.join("log")).unwrap();
        let listen = ["run", "--listen", "/ip4/127.0.0.1/tcp/0", "--listen", "/ip4/127.0.0.1/udp/0/quic-v1"];
        self.child = Some(self.command(&listen).stdout(Stdio::null()).stderr(log).spawn().unwrap());
        self.until("an answer", || control::call(&self.folder(), &Request::Status).is_ok());
    }

    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM, as a service manager stops it.
    pub fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let began = Instant::now();
        while child.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < PATIENCE, "it does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(child.wait().unwrap().success(), "{}", self.log());
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.home.join("log")).unwrap_or_default()
    }

    pub fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < PATIENCE, "{what} did not come:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn ask<V: DeserializeOwned>(&self, request: &Request) -> V {
        match control::call(&self.folder(), request).unwrap() {
            Response::Done(value) => serde_json::from_value(value).unwrap(),
            Response::Failed(failure) => panic!("{failure}"),
        }
    }

    pub fn listings(&self) -> u64 {
        self.ask::<StatusView>(&Request::Status).counts.listings
    }

    pub fn finds(&self, word: &str) -> bool {
        let search = Search { words: word.to_owned(), limit: 5, ..Search::default() };
        self.ask::<SearchView>(&Request::DirectorySearch(search)).total > 0
    }

    pub fn add(&self, name: &str) -> ListingView {
        self.ask(&listing(name))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub fn listing(name: &str) -> Request {
    let fields = BTreeMap::from([("name".to_owned(), name.to_owned())]);
    Request::ListingAdd { kind: "service".to_owned(), fields }
}

/// Two machines of one coalition, running.
pub fn pair(base: &Path) -> (Machine, Machine) {
    let (mut a, mut b) = (Machine::init(base, "Alpha"), Machine::init(base, "Beta"));
    a.start();
    b.start();
    a.ask::<serde_json::Value>(&Request::Found { name: "County".to_owned() });
    let invite: InviteView = a.ask(&Request::Invite { org: None, hours: 1, file: false });
    b.ask::<serde_json::Value>(&Request::Join { code: Secret::new(invite.code) });
    a.ask::<serde_json::Value>(&Request::OrgApprove { org: "Beta".to_owned() });
    b.until("membership", || b.ask::<StatusView>(&Request::Status).coalition.is_some());
    (a, b)
}
