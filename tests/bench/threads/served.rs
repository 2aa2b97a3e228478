//! The node in a process of its own, asked over real HTTP: start until its page answers, resident memory, pages for many people.

use super::{Size, opened};
use crate::table::{Figures, Row, Times, kib, line, ratio};
use crate::{FOLDER, PART};
use anyhow::{Context, Result, bail};
use belay_node::config::Folder;
use belay_node::ops::conditions::Conditions;
use belay_node::run::Options;
use belay_node::serve;
use belay_node::store::open_reader;
use belay_tests::offices::{SECRET, STAFF, passphrase};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

/// Where to serve.
const HTTP: &str = "BELAY_BENCH_HTTP";
const STARTS: usize = 5;
/// Between two clicks of one person.
const THINK: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Node,
    Floor,
    Opened,
}

const PARTS: [(Part, &str); 3] = [(Part::Node, "node"), (Part::Floor, "floor"), (Part::Opened, "opened")];

/// A child of this bench.
pub fn command(part: Part, folder: &Folder) -> Result<Command> {
    let name = PARTS.iter().find(|(of, _)| *of == part).map_or("", |(_, name)| name);
    let mut command = Command::new(std::env::current_exe()?);
    command.env(PART, name).env(FOLDER, folder.path());
    Ok(command)
}

/// Does a child's part, if this process is one.
pub fn child() -> Option<Result<()>> {
    let part = std::env::var(PART).ok()?;
    let (part, _) = PARTS.iter().find(|(_, name)| *name == part)?;
    let folder = Folder::at(std::env::var(FOLDER).ok()?);
    Some(match part {
        Part::Node => node(folder),
        Part::Floor => floor(&folder),
        Part::Opened => opened::child(&folder, &std::env::args().nth(1).unwrap_or_default()),
    })
}

fn node(folder: Folder) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let options = Options {
        folder,
        passphrase: passphrase()?,
        listen: vec!["/ip4/127.0.0.1/udp/0/quic-v1".to_owned()],
        announce: Vec::new(),
        conditions: Conditions::default(),
    };
    let http = std::env::var(HTTP)?;
    Ok(runtime.block_on(serve::run(options, Some(&http), None))?)
}

/// The same passphrase and database in such a process, and one row read; says its resident memory in KiB.
fn floor(folder: &Folder) -> Result<()> {
    let reader = open_reader(folder, &passphrase()?)?;
    std::hint::black_box(reader.sql().query_row("SELECT count(*) FROM kv_1", [], |row| row.get::<_, i64>(0))?);
    println!("{}", kib("self", "VmRSS"));
    Ok(())
}

/// A node that runs until it is dropped.
struct Node {
    process: Child,
    host: String,
    /// From the start of the process until the page answered.
    took: Duration,
}

impl Drop for Node {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

impl Node {
    fn start(folder: &Folder) -> Result<Self> {
        let host = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let start = Instant::now();
        let process = command(Part::Node, folder)?.env(HTTP, &host).spawn()?;
        let mut node = Self { process, host, took: Duration::ZERO };
        while start.elapsed() < Duration::from_secs(60) {
            let page = Person::connect(&node.host).and_then(|mut person| person.get("/"));
            if page.is_ok_and(|page| page.status == 200) {
                node.took = start.elapsed();
                return Ok(node);
            }
            // Until it listens, nothing tells.
            thread::sleep(Duration::from_millis(2));
        }
        bail!("the node did not answer")
    }

    fn mib(&self, name: &str) -> f64 {
        kib(&self.process.id().to_string(), name) as f64 / 1024.0
    }
}

struct Page {
    status: u16,
    head: String,
    body: String,
}

/// One browser: one connection, one session.
struct Person {
    stream: BufReader<TcpStream>,
    host: String,
    cookie: String,
    /// Where the pages of the session lie.
    place: String,
}

impl Person {
    fn connect(host: &str) -> Result<Self> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), host: host.to_owned(), cookie: String::new(), place: String::new() })
    }

    fn get(&mut self, path: &str) -> Result<Page> {
        let (host, place, cookie) = (&self.host, &self.place, &self.cookie);
        self.send(&format!("GET {place}{path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n"))
    }

    fn post(&mut self, path: &str, form: &str) -> Result<Page> {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{form}",
            self.host,
            self.cookie,
            form.len()
        ))
    }

    fn send(&mut self, request: &str) -> Result<Page> {
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            anyhow::ensure!(self.stream.read_line(&mut head)? > 0, "the node closed the connection");
        }
        let status = head.split(' ').nth(1).context("a status")?.parse()?;
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        let mut body = vec![0; length.context("a length")?.parse()?];
        self.stream.read_exact(&mut body)?;
        let cookie = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("set-cookie").then(|| value.split(';').next().unwrap_or_default().to_owned())
        });
        self.cookie = cookie.unwrap_or(std::mem::take(&mut self.cookie));
        Ok(Page { status, head, body: String::from_utf8(body)? })
    }

    fn sign_in(&mut self) -> Result<()> {
        let form = self.get("/sign-in")?;
        let token = form.body.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let token = token.context("a form with a token")?.to_owned();
        let secret = SECRET.replace(' ', "+");
        let form = format!("csrf={token}&name={STAFF}&secret={secret}");
        let mut page = self.post("/sign-in", &form)?;
        // Many by one name at once have to wait for those before.
        while page.status == 429 {
            thread::sleep(Duration::from_millis(100));
            page = self.post("/sign-in", &form)?;
        }
        anyhow::ensure!(page.status == 303, "signing in: {}", page.head);
        let location = page.head.lines().find_map(|line| line.strip_prefix("location: "));
        let place = location.and_then(|to| to.strip_suffix("/inbox")).context("a place of its own")?;
        place.clone_into(&mut self.place);
        Ok(())
    }
}

pub fn run(folder: &Folder, size: Size, talked: &[String], table: &mut Figures) -> Result<()> {
    let (mut nodes, mut floors) = (Vec::new(), Vec::new());
    let (mut bare, mut resting) = (0.0, 0.0);
    for _ in 0..STARTS {
        let start = Instant::now();
        let output = command(Part::Floor, folder)?.output()?;
        anyhow::ensure!(output.status.success(), "the floor of a start failed");
        floors.push(start.elapsed());
        bare = String::from_utf8_lossy(&output.stdout).trim().parse::<f64>()? / 1024.0;
        let node = Node::start(folder)?;
        nodes.push(node.took);
        resting = node.mib("VmRSS");
    }
    let (nodes, floors) = (Times::of(nodes), Times::of(floors));
    line("start until a page answers over HTTP, median of 5", nodes.p50(), Some(floors.p50()));
    println!("  resident memory of that process then: {resting:.1} MiB, of its floor {bare:.1} MiB");
    table.add(Row {
        what: "start of that node until its page answers".to_owned(),
        aim: "under 1 s",
        figure: format!("{:.2} s, median of {STARTS}", nodes.p50().as_secs_f64()),
        floor: format!("{:.2} s: passphrase, database, one row", floors.p50().as_secs_f64()),
        ratio: Some(ratio(nodes.p50(), floors.p50())),
        met: nodes.p50() < Duration::from_secs(1),
    });
    let node = Node::start(folder)?;
    // Rows of the list were made by a clock that ran ahead, and are made anew once.
    let mut first = Person::connect(&node.host)?;
    first.sign_in()?;
    first.get("/inbox")?;
    pages(&node, size, talked.first().context("a thread")?, table)?;
    let (now, most) = (node.mib("VmRSS"), node.mib("VmHWM"));
    println!("  resident memory of the node after that: {now:.1} MiB now, {most:.1} MiB at most");
    table.add(Row {
        what: format!("memory of a node with {} threads and {} listings", size.threads, size.listings),
        aim: "under 150 MiB resident",
        figure: format!("{resting:.0} MiB at rest, {now:.0} MiB after {} people, {most:.0} MiB at most", size.people),
        floor: format!("{bare:.0} MiB: the same database, one row"),
        ratio: Some(now / bare.max(1.0)),
        met: now.max(resting) < 150.0,
    });
    Ok(())
}

/// Pages for many people, and a small file of the same server as their floor.
fn pages(node: &Node, size: Size, thread: &str, table: &mut Figures) -> Result<()> {
    let style = Person::connect(&node.host)?.get("/sign-in")?;
    let style = style.body.split("<link rel=\"stylesheet\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let style = style.context("a style sheet")?.to_owned();
    let paths = [
        ("inbox", "/inbox".to_owned()),
        ("thread", format!("/threads/{thread}")),
        ("search", "/?q=shelter".to_owned()),
    ];
    let floor = people(node, size, &style, THINK)?.told(&format!("  floor: the style sheet, {} people", size.people));
    let (mut told, mut worst) = (Vec::new(), Duration::ZERO);
    for (name, path) in &paths {
        let clicks = people(node, size, path, THINK)?;
        let clicks = clicks.told(&format!("{} people at once, {name} page, a click a second each", size.people));
        let pressing = people(node, size, path, Duration::ZERO)?;
        pressing.told(&format!("{} people at once, {name} page, no pause at all", size.people));
        worst = worst.max(clicks.p99());
        told.push(format!("{name} {}", clicks.both()));
    }
    table.add(Row {
        what: format!("a page of the web interface, {} people at once, a click a second each", size.people),
        aim: "p99 under 50 ms",
        figure: told.join("; "),
        floor: format!("{}: the style sheet", floor.both()),
        ratio: Some(ratio(worst, floor.p99())),
        met: worst < Duration::from_millis(50),
    });
    Ok(())
}

/// Each clicks a few times; all begin within one pause.
fn people(node: &Node, size: Size, path: &str, think: Duration) -> Result<Times> {
    let ready = Arc::new(Barrier::new(size.people));
    let begin = |number: usize| {
        let (host, path, ready) = (node.host.clone(), path.to_owned(), Arc::clone(&ready));
        thread::spawn(move || -> Result<Vec<Duration>> {
            let signed = Person::connect(&host).and_then(|mut person| person.sign_in().map(|()| person));
            ready.wait();
            let mut person = signed?;
            thread::sleep(think.mul_f64(number as f64 / size.people as f64));
            let mut times = Vec::new();
            for _ in 0..size.rounds.min(12) {
                let start = Instant::now();
                let page = person.get(&path)?;
                times.push(start.elapsed());
                anyhow::ensure!(page.status == 200, "{}", page.head);
                thread::sleep(think);
            }
            Ok(times)
        })
    };
    let all: Vec<_> = (0..size.people).map(begin).collect();
    let mut times = Vec::new();
    for one in all {
        times.extend(one.join().map_err(|_| anyhow::anyhow!("a person of the bench ended by a panic"))??);
    }
    Ok(Times::of(times))
}
