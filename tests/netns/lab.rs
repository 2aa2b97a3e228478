//! Hosts, switches and routers as network namespaces of this machine. Nothing of it touches the machine's own network, and all of it is
//! gone when a [`Lab`] is dropped, also by a panic.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What each namespace's name begins with; the process that made it follows.
const PREFIX: &str = "belaytest";

/// Why nothing of this can be run here, if so.
pub fn missing() -> Option<String> {
    sweep();
    for (program, argument, package) in [("ip", "-V", "iproute2"), ("tc", "-V", "iproute2"), ("nft", "-v", "nftables")]
    {
        if Command::new(program).arg(argument).output().is_err() {
            return Some(format!("there is no `{program}` here (package {package})"));
        }
    }
    if !Path::new("/dev/net/tun").exists() {
        return Some("there is no /dev/net/tun here".to_owned());
    }
    let lab = Lab::new("probe");
    let made = run(Command::new("ip").args(["netns", "add", &lab.full("probe")]));
    if !made.status.success() {
        return Some(format!("network namespaces can not be made here: {}", says(&made)));
    }
    lab.names.lock().unwrap_or_else(PoisonError::into_inner).push(lab.full("probe"));
    let probe = Space { full: lab.full("probe") };
    let counted = run(probe.command("nft").args(["add", "table", "inet", "probe"]));
    (!counted.status.success()).then(|| format!("nft does not work here: {}", says(&counted)))
}

/// Removes what a run left that was killed.
fn sweep() {
    let listed = Command::new("ip").args(["netns", "list"]).output();
    let Ok(listed) = listed else { return };
    for line in String::from_utf8_lossy(&listed.stdout).lines() {
        let name = line.split(' ').next().unwrap_or_default();
        let maker = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').nth(1));
        if maker.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            let _ = run(Command::new("ip").args(["netns", "del", name]));
        }
    }
}

fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"))
}

fn says(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

fn done(command: &mut Command) {
    let output = run(command);
    assert!(output.status.success(), "{command:?}: {}", says(&output));
}

/// The namespaces of one test.
pub struct Lab {
    tag: String,
    names: Mutex<Vec<String>>,
}

impl Lab {
    pub fn new(test: &str) -> Arc<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let tag = format!("{PREFIX}-{}-{number}{test}", std::process::id());
        Arc::new(Self { tag, names: Mutex::default() })
    }

    fn full(&self, name: &str) -> String {
        format!("{}-{name}", self.tag)
    }

    /// A host with nothing but itself.
    pub fn host(&self, name: &str) -> Space {
        let full = self.full(name);
        done(Command::new("ip").args(["netns", "add", &full]));
        self.names.lock().unwrap_or_else(PoisonError::into_inner).push(full.clone());
        let space = Space { full };
        space.ip("link set lo up");
        // A path in and a path back may differ while lines are changed.
        space.set("all/rp_filter", "0");
        space.set("default/rp_filter", "0");
        space
    }

    /// One that passes on what is not for itself.
    pub fn router(&self, name: &str) -> Space {
        let router = self.host(name);
        router.set("all/forwarding", "1");
        router
    }

    /// A switch: whoever is plugged in is in one network.
    pub fn switch(&self, name: &str) -> Space {
        let switch = self.host(name);
        switch.ip("link add name sw0 type bridge mcast_snooping 0");
        switch.ip("link set dev sw0 up");
        switch
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for name in self.names.get_mut().unwrap_or_else(PoisonError::into_inner) {
            let _ = run(Command::new("ip").args(["netns", "del", name]));
        }
    }
}

/// One namespace.
#[derive(Clone, Debug)]
pub struct Space {
    full: String,
}

impl Space {
    /// A program in it.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.full]).arg(program);
        command
    }

    /// `ip`, in it.
    pub fn ip(&self, words: &str) {
        done(Command::new("ip").args(["-n", &self.full]).args(words.split(' ')));
    }

    /// `tc`, in it.
    pub fn tc(&self, words: &str) {
        done(Command::new("tc").args(["-n", &self.full]).args(words.split(' ')));
    }

    /// `nft`, in it; its commands are parted by `;` and braces as in its files.
    pub fn nft(&self, rules: &str) {
        done(self.command("nft").arg(rules));
    }

    fn set(&self, key: &str, value: &str) {
        let path = format!("/proc/sys/net/ipv4/conf/{key}");
        done(self.command("sh").args(["-c", &format!("echo {value} > {path}")]));
    }

    /// A line from here to there, up at both ends; each end's address as `192.0.2.1/24`, or `-`.
    pub fn wire(&self, (own, own_address): (&str, &str), other: &Self, (far, far_address): (&str, &str)) {
        let (here, there) = (&self.full, &other.full);
        let add = ["link", "add", "name", own, "netns", here, "type", "veth", "peer", "name", far, "netns", there];
        done(Command::new("ip").args(add));
        for (space, end, address) in [(self, own, own_address), (other, far, far_address)] {
            if address != "-" {
                space.ip(&format!("addr add {address} dev {end}"));
            }
            space.ip(&format!("link set dev {end} up"));
        }
    }

    /// A line into a switch.
    pub fn plug(&self, own: &str, address: &str, switch: &Self, port: &str) {
        self.wire((own, address), switch, (port, "-"));
        switch.ip(&format!("link set dev {port} master sw0"));
    }

    pub fn route(&self, by: &str) {
        self.ip(&format!("route replace default via {by}"));
    }

    /// A router that hides a network behind its own address on `outside`. `scrambled`: each connection goes out from a port of its own,
    /// so that nobody outside can guess where to knock (a symmetric NAT).
    pub fn masquerade(&self, outside: &str, scrambled: bool) {
        let how = if scrambled { " random,fully-random" } else { "" };
        self.nft("add table ip nat");
        self.nft("add chain ip nat out { type nat hook postrouting priority 100 ; }");
        self.nft(&format!("add rule ip nat out oifname {outside} masquerade{how}"));
        // Nobody comes in who was not asked, as a router at home has it.
        self.nft("add table ip guard");
        self.nft("add chain ip guard in { type filter hook input priority 0 ; }");
        self.nft(&format!("add rule ip guard in iifname {outside} ct state new drop"));
        self.nft("add chain ip guard through { type filter hook forward priority 0 ; }");
        self.nft(&format!("add rule ip guard through iifname {outside} ct state new drop"));
    }

    /// Of a router that hides a network: who comes to this port of it from `outside` is led to a host in there.
    pub fn forward(&self, outside: &str, host: &str, port: u16) {
        self.nft("add chain ip nat in { type nat hook prerouting priority -100 ; }");
        for kind in ["udp", "tcp"] {
            self.nft(&format!("add rule ip nat in iifname {outside} {kind} dport {port} dnat to {host}"));
        }
        self.nft("insert rule ip guard through ct status dnat accept");
    }

    /// Lets nothing through that fits this rule, without a word to who sent it.
    pub fn swallow(&self, what: &str) {
        self.nft("add table ip cut");
        self.nft("add chain ip cut through { type filter hook forward priority -10 ; }");
        self.nft(&format!("add rule ip cut through {what} drop"));
    }

    /// Lets everything through again.
    pub fn mend(&self) {
        self.nft("delete table ip cut");
    }
}

/// A network of networks: one router, and an own net for each who is on it.
pub struct Internet {
    pub router: Space,
}

impl Internet {
    pub fn new(lab: &Lab) -> Self {
        Self { router: lab.router("net") }
    }

    /// Puts a host on it by a line of its own. The host's address; nobody outside these namespaces ever sees it.
    pub fn join(&self, host: &Space, number: u8) -> String {
        self.join_by(host, number, "wan", &format!("to{number}"));
        host.route(&format!("198.18.{number}.1"));
        format!("198.18.{number}.2")
    }

    /// The same by an interface of this name, and without a route.
    pub fn join_by(&self, host: &Space, number: u8, own: &str, far: &str) {
        let (near, there) = (format!("198.18.{number}.2/24"), format!("198.18.{number}.1/24"));
        host.wire((own, &near), &self.router, (far, &there));
    }
}
