//! Nodes as processes of the built program, told what to do by its own command line.
//!
//! Nothing outlives a test: a node's process is ended by its id when its [`Node`] is dropped, also by a panic. Whatever is waited for
//! is looked at again and again, for at most [`PATIENCE`].

#![allow(dead_code, reason = "each test program uses its part of this")]

pub mod coalition;
pub mod data;
pub mod folders;
pub mod skip;
pub mod socket;
pub mod stores;
pub mod terminal;

use folders::copy_folder;
use serde_json::Value;
use std::fs::{self, OpenOptions};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long anything may take on a machine that does much else.
pub const PATIENCE: Duration = Duration::from_secs(150);
/// Between two looks, at first and at most.
const LOOK: (Duration, Duration) = (Duration::from_millis(40), Duration::from_millis(400));
/// What no shell of a developer may bring into a test.
const VARIABLES: [&str; 7] = [
    "BELAY_DATA",
    "BELAY_PASSPHRASE_FILE",
    "BELAY_STAFF",
    "BELAY_STAFF_SECRET_FILE",
    "BELAY_LOG",
    "BELAY_HTTP",
    "BELAY_TEST_CLOCK",
];

/// A folder for one test, removed at its end.
pub fn stage() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("belay-").tempdir().unwrap()
}

/// The built program, with nobody at its terminal.
pub fn program() -> Command {
    // Another build of it, for long runs by hand.
    let program = std::env::var_os("BELAY_TEST_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_belay").into());
    let mut command = Command::new(program);
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null());
    command
}

/// What a command said when it was over.
#[derive(Debug)]
pub struct Told {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Told {
    pub fn by(command: &mut Command) -> Self {
        let out = command.output().unwrap();
        Self {
            code: out.status.code(),
            out: String::from_utf8(out.stdout).unwrap(),
            err: String::from_utf8(out.stderr).unwrap(),
        }
    }

    /// Whether it did what was asked, and what it answered.
    pub fn done(&self) -> Option<Value> {
        (self.code == Some(0)).then(|| serde_json::from_str(&self.out).unwrap_or(Value::Null))
    }

    /// The one line that says what is wrong, of a command that ended with `code`. It holds nothing on standard output, one line of
    /// error that a person can read, and says what to do, there or in a `next` line.
    pub fn refusal(&self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.out.is_empty(), "data of a command that failed: {self:?}");
        let errors: Vec<&str> = self.err.lines().filter_map(|l| l.strip_prefix("error: ")).collect();
        let [line] = errors.as_slice() else { panic!("not one line of error: {self:?}") };
        let next = self.err.lines().find_map(|l| l.strip_prefix("next:  ")).unwrap_or_default();
        assert!(line.len() < 400 && line.split(' ').count() > 3, "no clear line: {line}");
        assert!(!self.err.contains("panicked") && !self.err.contains("RUST_BACKTRACE"), "{self:?}");
        // A type's Debug form is no sentence.
        assert!(!line.contains(" { ") && !line.contains("Err(") && !line.contains("belay_"), "no clear line: {line}");
        format!("{line} | {next}")
    }
}

/// One organisation's node.
#[derive(Debug)]
pub struct Node {
    pub name: String,
    home: PathBuf,
    /// Where it listens: free ports at first, the same ones from then on, as a node that others know.
    listen: Vec<String>,
    variables: Vec<(String, String)>,
    child: Option<Child>,
}

impl Node {
    /// `belay init`, in a folder of its own under `stage`.
    pub fn init(stage: &Path, name: &str, kind: &str) -> Self {
        let home = stage.join(name.to_lowercase().replace(' ', "-"));
        fs::create_dir_all(&home).unwrap();
        fs::write(home.join("passphrase"), format!("correct horse of {name}\n")).unwrap();
        let node = Self::at(home, name);
        let told = Told::by(
            program()
                .args(["init", "--json", "--org", name, "--kind", kind, "--data"])
                .arg(node.data())
                .arg("--passphrase-file")
                .arg(node.passphrase_file())
                .arg("--phrase-file")
                .arg(node.home.join("phrase")),
        );
        assert_eq!(told.code, Some(0), "{told:?}");
        node
    }

    /// As [`Node::init`], and runs.
    pub fn running(stage: &Path, name: &str, kind: &str) -> Self {
        let mut node = Self::init(stage, name, kind);
        node.start();
        node
    }

    fn at(home: PathBuf, name: &str) -> Self {
        Self { name: name.to_owned(), home, listen: free_ports(), variables: Vec::new(), child: None }
    }

    /// Whatever ports are free at its next start.
    pub fn forget_ports(&mut self) {
        self.listen = vec!["/ip4/127.0.0.1/udp/0/quic-v1".to_owned(), "/ip4/127.0.0.1/tcp/0".to_owned()];
    }

    /// `belay init --second`: a further machine of the organisation of `first`, which runs.
    pub fn second(&self, stage: &Path, folder: &str) -> Self {
        let at = texts(&self.json(&["node", "add"])["addresses"]);
        let home = stage.join(folder);
        fs::create_dir_all(&home).unwrap();
        fs::write(home.join("passphrase"), "another correct horse\n").unwrap();
        fs::copy(self.phrase_file(), home.join("phrase")).unwrap();
        let node = Self::at(home, &format!("{} ({folder})", self.name));
        let mut command = program();
        command.args(["init", "--json", "--second", "--data"]).arg(node.data());
        command.arg("--passphrase-file").arg(node.passphrase_file()).arg("--phrase-file").arg(node.phrase_file());
        for address in &at {
            command.arg("--at").arg(address);
        }
        let told = Told::by(&mut command);
        assert_eq!(told.code, Some(0), "{told:?}");
        node
    }

    /// `belay recover` into an empty folder, by the phrase of `lost` and these addresses. What it told.
    pub fn recover(stage: &Path, folder: &str, lost: &Self, at: &[String]) -> (Self, Told) {
        Self::recover_with(stage, folder, lost, at, &["--wait", "40"])
    }

    /// The same with other arguments.
    pub fn recover_with(stage: &Path, folder: &str, lost: &Self, at: &[String], arguments: &[&str]) -> (Self, Told) {
        let home = stage.join(folder);
        fs::create_dir_all(&home).unwrap();
        fs::write(home.join("passphrase"), "a new correct horse\n").unwrap();
        fs::copy(lost.phrase_file(), home.join("phrase")).unwrap();
        let node = Self::at(home, &format!("{} ({folder})", lost.name));
        let mut command = program();
        command.args(["recover", "--json", "--yes"]).args(arguments).arg("--data").arg(node.data());
        command.arg("--passphrase-file").arg(node.passphrase_file()).arg("--phrase-file").arg(node.phrase_file());
        for address in at {
            command.arg("--at").arg(address);
        }
        let told = Told::by(&mut command);
        (node, told)
    }

    /// The secret of a staff member lies beside another machine; the same person signs in at this one.
    pub fn knows_secret_of(&self, staff: &str, beside: &Self) {
        let name = format!("secret-{staff}");
        fs::copy(beside.home().join(&name), self.home().join(&name)).unwrap();
    }

    pub fn phrase_file(&self) -> PathBuf {
        self.home.join("phrase")
    }

    /// A second installation that somebody made by copying the whole folder of this one, which does not run.
    pub fn copied(&self, to: &Path) -> Self {
        assert!(self.child.is_none(), "a folder that is written to is not copied");
        copy_folder(&self.home, to);
        Self::at(to.to_owned(), &format!("{} (copy)", self.name))
    }

    /// Keeps a copy of the data folder, as a backup by hand does.
    pub fn back_up(&self, to: &Path) {
        assert!(self.child.is_none(), "a folder that is written to is not copied");
        copy_folder(&self.data(), to);
    }

    /// Puts a copy of the data folder back.
    pub fn put_back(&self, from: &Path) {
        assert!(self.child.is_none(), "a folder that is written to is not replaced");
        fs::remove_dir_all(self.data()).unwrap();
        copy_folder(from, &self.data());
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    pub fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    pub fn passphrase_file(&self) -> PathBuf {
        self.home.join("passphrase")
    }

    pub fn log_file(&self) -> PathBuf {
        self.home.join("log")
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// The process of the node that runs.
    pub fn process(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// From the next start on.
    pub fn set(&mut self, variable: &str, value: &str) {
        self.variables.retain(|(name, _)| name != variable);
        self.variables.push((variable.to_owned(), value.to_owned()));
    }

    /// `belay run` in this node's folder, with `more` arguments, not started yet.
    pub fn run_command(&self, more: &[&str]) -> Command {
        let mut command = program();
        command.arg("run").arg("--data").arg(self.data()).arg("--passphrase-file").arg(self.passphrase_file());
        for address in &self.listen {
            command.arg("--listen").arg(address);
        }
        command.args(more).envs(self.variables.iter().cloned());
        command
    }

    /// Starts it, and waits until it answers and listens.
    pub fn start(&mut self) {
        self.start_with(&[]);
    }

    pub fn start_with(&mut self, more: &[&str]) {
        assert!(self.child.is_none(), "{} runs already", self.name);
        let log = OpenOptions::new().create(true).append(true).open(self.log_file()).unwrap();
        let child = self.run_command(more).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.child = Some(child);
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.as_mut().and_then(|c| c.try_wait().unwrap()) {
                self.child = None;
                panic!("{} ended at its start ({status}):\n{}", self.name, tail(&self.log()));
            }
            if let Some(status) = self.tell(&["status"]).done() {
                let listen: Vec<String> = texts(&status["listen"]);
                if listen.len() >= self.listen.len() {
                    self.listen = listen;
                    return;
                }
            }
            self.within_reason(began, "its first answer");
            std::thread::sleep(LOOK.0);
        }
    }

    /// Ends it as SIGTERM does, and expects an orderly end.
    pub fn stop(&mut self) {
        let mut child = self.child.take().expect("it runs");
        let told = Command::new("sh").args(["-c", &format!("kill -TERM {}", child.id())]).status().unwrap();
        assert!(told.success());
        let began = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "{} ended with {status}:\n{}", self.name, tail(&self.log()));
                return;
            }
            if began.elapsed() > PATIENCE {
                let _ = child.kill();
                let _ = child.wait();
                panic!("{} does not stop:\n{}", self.name, tail(&self.log()));
            }
            std::thread::sleep(LOOK.0);
        }
    }

    /// Ends it as a power cut does: `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Whether its process still lives.
    pub fn lives(&mut self) -> bool {
        self.child.as_mut().is_some_and(|c| c.try_wait().unwrap().is_none())
    }

    /// A command to this node, with `--json`.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.arg("--json").arg("--data").arg(self.data()).args(arguments);
        command.envs(self.variables.iter().cloned());
        command
    }

    pub fn tell(&self, arguments: &[&str]) -> Told {
        Told::by(&mut self.command(arguments))
    }

    /// What a command answered that has to succeed.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let told = self.tell(arguments);
        told.done().unwrap_or_else(|| {
            panic!("{}: belay {}: {told:?}\n{}", self.name, arguments.join(" "), tail(&self.log()));
        })
    }

    /// The one line of a command that has to be refused with exit code 1, after which all is as it was.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let before = self.facts();
        let line = self.tell(arguments).refusal(1);
        assert_eq!(before, self.facts(), "something was half done: {line}");
        line
    }

    /// What of the status no refused command may change.
    pub fn facts(&self) -> Value {
        let status = self.status();
        let counts = &status["counts"];
        serde_json::json!({
            "organisation": status["organisation"],
            "standing": status["standing"],
            "coalition": status["coalition"],
            "spaces": counts["spaces"],
            "listings": counts["listings"],
        })
    }

    /// Adds a staff member, whose secret lies in a file.
    pub fn hire(&self, name: &str, secret: &str) {
        let file = self.home.join(format!("secret-{name}"));
        fs::write(&file, secret).unwrap();
        self.json(&["user", "add", name, "--role", "navigator", "--new-secret-file", file.to_str().unwrap()]);
    }

    /// Text for an option that takes it from a file alone.
    pub fn words(&self, text: &str) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let file = self.home.join(format!("words-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        fs::write(&file, text).unwrap();
        format!("@{}", file.display())
    }

    fn staffed(&self, staff: &str, arguments: &[&str]) -> Vec<String> {
        let file = self.home.join(format!("secret-{staff}"));
        let own = ["--as", staff, "--staff-secret-file", file.to_str().unwrap()];
        arguments.iter().chain(own.iter()).map(ToString::to_string).collect()
    }

    /// A command about a person, by a staff member.
    pub fn tell_as(&self, staff: &str, arguments: &[&str]) -> Told {
        let all = self.staffed(staff, arguments);
        self.tell(&all.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// As [`Node::tell_as`], and it has to succeed.
    pub fn json_as(&self, staff: &str, arguments: &[&str]) -> Value {
        let all = self.staffed(staff, arguments);
        self.json(&all.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What people read of such a command, which has to succeed.
    pub fn page_as(&self, staff: &str, arguments: &[&str]) -> String {
        let mut command = program();
        command
            .arg("--data")
            .arg(self.data())
            .args(self.staffed(staff, arguments))
            .envs(self.variables.iter().cloned());
        let told = Told::by(&mut command);
        assert_eq!(told.code, Some(0), "{}: belay {}: {told:?}", self.name, arguments.join(" "));
        told.out
    }

    pub fn status(&self) -> Value {
        self.json(&["status"])
    }

    /// Asks again until `seen` finds what it looks for.
    pub fn until<T>(&self, arguments: &[&str], what: &str, mut seen: impl FnMut(&Value) -> Option<T>) -> T {
        let (began, mut pause) = (Instant::now(), LOOK.0);
        loop {
            let view = self.json(arguments);
            if let Some(found) = seen(&view) {
                return found;
            }
            if began.elapsed() > PATIENCE {
                panic!("{}: {what} did not come; the last view was {view:#}\n{}", self.name, tail(&self.log()));
            }
            std::thread::sleep(pause);
            pause = (pause * 5 / 4).min(LOOK.1);
        }
    }

    /// As [`Node::until`], as a staff member.
    pub fn until_as<T>(&self, staff: &str, arguments: &[&str], what: &str, seen: impl FnMut(&Value) -> Option<T>) -> T {
        let all = self.staffed(staff, arguments);
        self.until(&all.iter().map(String::as_str).collect::<Vec<_>>(), what, seen)
    }

    /// Waits until the log has a line with `words`.
    pub fn until_logged(&self, words: &str) {
        let began = Instant::now();
        while !self.log().contains(words) {
            self.within_reason(began, &format!("the line \"{words}\" of the log"));
            std::thread::sleep(LOOK.1);
        }
    }

    fn within_reason(&self, began: Instant, what: &str) {
        assert!(began.elapsed() < PATIENCE, "{}: {what} did not come:\n{}", self.name, tail(&self.log()));
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that stays a node's over its restarts: below those that the system gives out to whoever asks for any.
fn free_ports() -> Vec<String> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 10_000 + (std::process::id() % 200) as u16 * 100;
    let free =
        |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok() && UdpSocket::bind(("127.0.0.1", *port)).is_ok();
    let port = std::iter::repeat_with(|| first + NEXT.fetch_add(1, Ordering::Relaxed) % 1_000).find(free).unwrap();
    vec![format!("/ip4/127.0.0.1/udp/{port}/quic-v1"), format!("/ip4/127.0.0.1/tcp/{port}")]
}

/// The texts of a JSON list.
pub fn texts(value: &Value) -> Vec<String> {
    value.as_array().map(|a| a.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()).unwrap_or_default()
}

/// A text of a view.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The last lines of a log.
pub fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
