//! Nodes as processes of the built program, each in a namespace of its own and with a real store on a real disk.

use crate::lab::Space;
use belay_node::api::views::{
    InviteView, ListingView, Path as By, PeerView, PeersView, SearchView, Standing, StatusView,
};
use belay_node::api::{Request, Response, Secret, request::Search};
use belay_node::config::Folder;
use belay_node::control;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take on a machine that does much else, and on lines that lose what they carry.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// Between two looks at a node.
const LOOK: Duration = Duration::from_millis(50);

/// The program, beside this one: cargo builds both.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let built = own.parent().and_then(Path::parent).unwrap().join("belay");
    assert!(built.exists(), "there is no {}: type `cargo build`, then run this again", built.display());
    built
}

pub struct Machine {
    pub space: Space,
    name: String,
    home: PathBuf,
    arguments: Vec<String>,
    child: Option<Child>,
}

impl Machine {
    /// A node of an organisation of this name, in a namespace, not running yet. It listens as nodes do: QUIC and TCP on port 4870.
    pub fn init(base: &Path, space: &Space, name: &str) -> Self {
        let home = base.join(name);
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("passphrase"), "a long enough one\n").unwrap();
        let listen = ["--listen", "/ip4/0.0.0.0/udp/4870/quic-v1", "--listen", "/ip4/0.0.0.0/tcp/4870"];
        let arguments = listen.map(str::to_owned).to_vec();
        let machine = Self { space: space.clone(), name: name.to_owned(), home, arguments, child: None };
        let mut init = machine.command(Command::new(program()));
        init.args(["init", "--org", name, "--phrase-file"]).arg(machine.home.join("phrase"));
        let out = init.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        machine
    }

    /// Runs it with these arguments instead of its usual addresses.
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments = arguments.iter().map(|&word| word.to_owned()).collect();
        self
    }

    fn command(&self, mut command: Command) -> Command {
        command.env("BELAY_DATA", self.home.join("data")).env("BELAY_PASSPHRASE_FILE", self.home.join("passphrase"));
        command.env_remove("BELAY_HTTP").env_remove("BELAY_TEST_CLOCK").stdin(Stdio::null());
        command
    }

    fn folder(&self) -> Folder {
        Folder::at(self.home.join("data"))
    }

    /// The same node as its clients see it: it can be asked, and neither runs nor ends with this.
    pub fn client(&self) -> Self {
        let (space, name, home) = (self.space.clone(), self.name.clone(), self.home.clone());
        Self { space, name, home, arguments: Vec::new(), child: None }
    }

    /// Starts it and waits until it answers.
    pub fn start(&mut self) {
        let log = std::fs::File::options().create(true).append(true).open(self.home.join("log")).unwrap();
        let mut run = self.command(self.space.command(program()));
        run.env("BELAY_LOG", std::env::var("BELAY_LOG").unwrap_or_else(|_| "info,belay_node=debug".to_owned()))
            .arg("run")
            .args(&self.arguments);
        self.child = Some(run.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        self.until("an answer", || control::call(&self.folder(), &Request::Status).is_ok());
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < PATIENCE, "{}: {what} did not come:\n{}", self.name, self.tail());
            std::thread::sleep(LOOK);
        }
    }

    /// The last lines of its log.
    pub fn tail(&self) -> String {
        let text = std::fs::read_to_string(self.home.join("log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }

    /// Lines of its log that have all of these words.
    pub fn logged(&self, words: &[&str]) -> usize {
        let text = std::fs::read_to_string(self.home.join("log")).unwrap_or_default();
        text.lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
    }

    /// Asks; `None` where nobody answers.
    pub fn try_ask<V: DeserializeOwned>(&self, request: &Request) -> Option<V> {
        match control::call(&self.folder(), request).ok()? {
            Response::Done(value) => serde_json::from_value(value).ok(),
            Response::Failed(_) => None,
        }
    }

    pub fn ask<V: DeserializeOwned>(&self, request: &Request) -> V {
        match control::call(&self.folder(), request) {
            Ok(Response::Done(value)) => serde_json::from_value(value).unwrap(),
            Ok(Response::Failed(failure)) => panic!("{}: {failure}\n{}", self.name, self.tail()),
            Err(e) => panic!("{}: {e}\n{}", self.name, self.tail()),
        }
    }

    /// Why it refuses, if it does.
    pub fn refusal(&self, request: &Request) -> Option<String> {
        match control::call(&self.folder(), request) {
            Ok(Response::Failed(failure)) => Some(failure.to_string()),
            Ok(Response::Done(_)) | Err(_) => None,
        }
    }

    pub fn is_steward(&self) -> bool {
        self.status().standing == Standing::Steward
    }

    pub fn status(&self) -> StatusView {
        self.ask(&Request::Status)
    }

    /// What it says of its connection to another one.
    pub fn sees(&self, other: &Self) -> Option<PeerView> {
        let view: PeersView = self.ask(&Request::Peers);
        view.peers.into_iter().find(|peer| peer.name.as_deref() == Some(other.name.as_str()))
    }

    pub fn until_linked(&self, other: &Self) {
        self.until(&format!("a link to {}", other.name), || self.sees(other).is_some_and(|peer| peer.connected));
    }

    /// Waits until the link to another one runs so.
    pub fn until_by(&self, other: &Self, what: &str, so: impl Fn(By) -> bool) {
        let by = || self.sees(other).and_then(|peer| peer.path).is_some_and(&so);
        self.until(&format!("a link to {} that is {what}", other.name), by);
    }

    pub fn until_apart(&self, other: &Self) {
        self.until(&format!("the end of the link to {}", other.name), || self.sees(other).is_none_or(|p| !p.connected));
    }

    /// What it says under the code of a condition.
    pub fn condition(&self, code: &str) -> Option<String> {
        self.status().conditions.into_iter().find(|c| c.code == code).map(|c| c.sentence)
    }

    pub fn until_condition(&self, code: &str) -> String {
        self.until(&format!("the condition {code}"), || self.condition(code).is_some());
        self.condition(code).unwrap_or_default()
    }

    pub fn finds(&self, word: &str) -> bool {
        let search = Search { words: word.to_owned(), limit: 5, ..Search::default() };
        self.ask::<SearchView>(&Request::DirectorySearch(search)).total > 0
    }

    pub fn until_finds(&self, word: &str) {
        self.until(&format!("the listing {word}"), || self.finds(word));
    }

    pub fn listings(&self) -> u64 {
        self.status().counts.listings
    }

    pub fn add(&self, name: &str) {
        self.ask::<ListingView>(&listing(name));
    }

    pub fn found(&self) {
        self.ask::<serde_json::Value>(&Request::Found { name: "County".to_owned() });
    }

    /// Lets a newcomer in and waits until it is a member.
    pub fn admit(&self, newcomer: &Self) {
        let invite: InviteView = self.ask(&Request::Invite { org: None, hours: 1, file: false });
        newcomer.ask::<serde_json::Value>(&Request::Join { code: Secret::new(invite.code) });
        self.ask::<serde_json::Value>(&Request::OrgApprove { org: newcomer.name.clone() });
        newcomer.until("membership", || newcomer.status().coalition.is_some());
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
    }
}

pub fn listing(name: &str) -> Request {
    let fields = BTreeMap::from([("name".to_owned(), name.to_owned())]);
    Request::ListingAdd { kind: "service".to_owned(), fields }
}
