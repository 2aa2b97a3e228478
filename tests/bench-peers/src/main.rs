//! The same documents through Belay and through what somebody might use instead, side by side in one run.
//!
//! `unshare --net --map-root-user sh -c 'ip link set lo up && cargo run --release'` in this folder; `RUNS=5` sets how many
//! times each is run, `ONLY=samod,belay` which. Bytes and packets are those of the loopback interface, headers and
//! acknowledgements included: in a network namespace of its own (the command above) nobody else's are among them.

mod belay;
#[path = "../../bench/directory/corpus.rs"]
mod corpus;
mod iroh_docs;
mod memory;
mod samod_tcp;
mod table;
mod wire;
mod work;

use anyhow::{Context, Result, bail};
use std::process::Command;
use std::time::Duration;
use wire::Rows;
use work::Work;

/// What is run, and what it does less or more than Belay; printed under the table.
pub const CONTENDERS: &[(&str, &str)] = &[
    (
        "belay",
        "a signature an entry and membership checked, SQLCipher, a table of listings with full-text and place index at both ends, \
         receipts, libp2p TCP with Noise",
    ),
    ("belay-quic", "the same over QUIC"),
    ("automerge", "its sync protocol in memory: no network, no store, no signatures, no index; sync states are kept"),
    ("samod", "files, plain TCP: no encryption on the line or at rest, no signatures, no index; defaults"),
    ("samod-tuned", "the same, documents on a pool of threads"),
    (
        "iroh-docs",
        "two signatures an entry, redb and blob files in the clear, QUIC; a key a listing, the newest whole listing wins; defaults",
    ),
    ("iroh-docs-tuned", "the same, all contents within its database, up to 20,000 writes a transaction"),
];

/// How much of the corpus: all of it.
#[derive(Clone, Copy)]
pub struct Size {
    pub organisations: usize,
    pub real: bool,
}

/// How long one run of one of them may take.
const PATIENCE: Duration = Duration::from_secs(150);

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => parent(),
        ["child", name] => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            let rows = runtime.block_on(async { tokio::time::timeout(PATIENCE, child(name)).await })??;
            println!("{}", serde_json::to_string(&rows)?);
            // What is still open ends with the process.
            std::process::exit(0);
        }
        other => bail!("no argument is taken, but there are {}", other.len()),
    }
}

fn parent() -> Result<()> {
    let runs: usize = std::env::var("RUNS").ok().map_or(Ok(3), |text| text.parse()).context("RUNS is a number")?;
    let only = std::env::var("ONLY").ok();
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only.split(',').any(|o| o == name));
    let corpus = Work::make().corpus;
    let (listings, fields, bytes) = corpus.size();
    println!("{listings} listings of {fields} fields and {bytes} bytes of JSON each, {}; {runs} runs\n", corpus.source);
    let mut all = Vec::new();
    // By turns, so that what else the machine does meets all alike.
    for run in 1..=runs {
        for (name, _) in CONTENDERS.iter().filter(|(name, _)| wanted(name)) {
            eprintln!("{name}: run {run} of {runs}");
            let out = Command::new(std::env::current_exe()?).args(["child", name]).output()?;
            if !out.status.success() {
                // The others are told all the same.
                eprintln!("{name} ended with {}: {}", out.status, String::from_utf8_lossy(&out.stderr));
                continue;
            }
            all.push((*name, serde_json::from_slice::<Rows>(&out.stdout).context("the rows of a child")?));
        }
    }
    table::print(&all);
    Ok(())
}

async fn child(name: &str) -> Result<Rows> {
    let work = Work::make();
    let folder = tempfile::tempdir()?;
    match name {
        "belay" => belay::run(&work, folder.path(), "/ip4/127.0.0.1/tcp/0").await,
        "belay-quic" => belay::run(&work, folder.path(), "/ip4/127.0.0.1/udp/0/quic-v1").await,
        "automerge" => memory::run(&work),
        "samod" => samod_tcp::run(&work, folder.path(), false).await,
        "samod-tuned" => samod_tcp::run(&work, folder.path(), true).await,
        "iroh-docs" => iroh_docs::run(&work, folder.path(), false).await,
        "iroh-docs-tuned" => iroh_docs::run(&work, folder.path(), true).await,
        other => bail!("nothing is called {other}"),
    }
}
