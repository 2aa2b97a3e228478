//! The stores of nodes, read from outside with their keys.

use super::Node;
use belay_node::config::Folder;
use belay_node::demo::reader::{self, Opened};
use belay_node::store::Passphrase;
use belay_protocol::ids::EntryHash;
use belay_protocol::space::entry::Entry;
use belay_protocol::store::{Table, View};
use std::collections::BTreeMap;
use std::fs;
use std::time::Instant;
use zeroize::Zeroizing;

/// The folder of a node.
pub fn folder(node: &Node) -> Folder {
    Folder::at(node.data())
}

/// The passphrase of a node's store.
pub fn passphrase(node: &Node) -> Passphrase {
    Passphrase::new(Zeroizing::new(words(node))).unwrap()
}

fn words(node: &Node) -> String {
    fs::read_to_string(node.passphrase_file()).unwrap().trim_end().to_owned()
}

/// A node's store, opened to be read while the node may run.
pub fn open(node: &Node) -> Opened {
    reader::open(&folder(node), &belay_node::api::Secret::new(words(node))).unwrap()
}

/// Waits until all stores hold the same coalition: roster, entries, directory and registers, as a reader outside the nodes folds them.
pub fn until_equal(nodes: &[&Node]) {
    let opened: Vec<Opened> = nodes.iter().map(|n| open(n)).collect();
    let began = Instant::now();
    loop {
        let found: Vec<_> = opened.iter().map(|o| o.coalition().ok()).collect();
        let same = found.windows(2).all(|w| matches!(w, [Some(a), Some(b)] if a.digest == b.digest));
        if same {
            return;
        }
        if began.elapsed() > super::PATIENCE {
            let logs: Vec<String> = nodes.iter().map(|n| format!("{}:\n{}", n.name, super::tail(&n.log()))).collect();
            panic!("they do not come to hold the same: {found:#?}\n{}", logs.join("\n"));
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

/// Every accepted entry of a store.
pub fn entries(node: &Node) -> BTreeMap<EntryHash, Entry> {
    let opened = open(node);
    let rows = opened.reader.scan(Table::Entry, &[], None, usize::MAX, false).unwrap();
    rows.into_iter()
        .map(|(_, value)| Entry::parse(value[1..].to_vec()).unwrap())
        .map(|entry| (entry.hash(), entry))
        .collect()
}

/// Asserts that among all these stores no two sealed bodies have one salt, so no body key was used twice. How many there are.
pub fn distinct_salts(nodes: &[&Node]) -> usize {
    let mut all = BTreeMap::new();
    for node in nodes {
        all.extend(entries(node));
    }
    let mut salts: BTreeMap<Vec<u8>, EntryHash> = BTreeMap::new();
    for (hash, entry) in all.iter().filter(|(_, e)| e.header().epoch.is_some()) {
        // A sealed body is its suite byte, 32 bytes of salt, and what was sealed.
        let salt = entry.body()[1..33].to_vec();
        if let Some(other) = salts.insert(salt, *hash) {
            panic!("two bodies were sealed with one key: {} and {}", hash.short(), other.short());
        }
    }
    salts.len()
}
