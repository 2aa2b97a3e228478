//! The reader outside the nodes: opens each store itself, read-only, with its key, and asks no node anything.
//!
//! Parts: [`search`] (bytes anywhere in a store), [`force`] (all keys of a store on all that it is handed).
//!
//! What it says of a coalition it folds from the entries that it finds, not from what the node made of them.

pub mod force;
pub mod search;

use super::process::Node;
use crate::config::Folder;
use crate::store::{Passphrase, Reader, open_reader};
use anyhow::{Context, Result, bail};
use belay_protocol::codec;
use belay_protocol::directory;
use belay_protocol::document::{Body, Item, Shelf};
use belay_protocol::engine::Identity;
use belay_protocol::ids::{NodeId, SpaceId};
use belay_protocol::space::entry::Kind;
use belay_protocol::space::{SpaceKind, Spaces};
use belay_protocol::store::{Draft, Memory, View};
use ring::digest::{SHA256, digest};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Entries read at once.
const PART: usize = 1_000;
/// How long nodes may take to come to hold the same.
const PATIENCE: Duration = Duration::from_secs(300);

/// One store, open to be read.
pub struct Opened {
    pub reader: Reader,
    pub node: NodeId,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({})", self.node.short())
    }
}

/// What a store holds of the coalition: folded, and as one digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coalition {
    /// SHA-256 over roster, entries, directory and registers, in hex.
    pub digest: String,
    pub space: SpaceId,
    pub entries: usize,
    pub listings: usize,
}

/// Opens the store of a node that may run meanwhile.
///
/// # Errors
/// The store can not be read with this passphrase.
pub fn open(folder: &Folder, passphrase: &crate::api::Secret) -> Result<Opened> {
    let passphrase = Passphrase::new(Zeroizing::new(passphrase.reveal().to_owned()))?;
    let reader = open_reader(folder, &passphrase)?;
    let node = Identity::load(&reader)?.node();
    Ok(Opened { reader, node })
}

impl Opened {
    /// The coalition that this store holds, all read at one moment.
    ///
    /// # Errors
    /// It holds none, or can not be read.
    pub fn coalition(&self) -> Result<Coalition> {
        Ok(self.reader.at_once(|view| coalition(view, self.node))?)
    }
}

fn coalition(view: &dyn View, node: NodeId) -> belay_protocol::fault::Result<Coalition> {
    let mut spaces = Spaces::new(node);
    let space = spaces
        .spaces(view)?
        .into_iter()
        .find(|s| matches!(s.kind, SpaceKind::Coalition { .. }))
        .map(|s| s.space)
        .ok_or_else(|| belay_protocol::fault::Fault::misuse("this store holds no coalition"))?;
    let roster = spaces.roster(view, space)?;
    let orgs: Vec<_> = roster.orgs.iter().map(|(id, m)| (id, &m.card, &m.nodes, m.removed)).collect();
    let mut parts = vec![codec::encode(&(&roster.name, &roster.chain.charters, orgs, &roster.retired))];

    let (mut hashes, mut items, mut from) = (Vec::new(), Vec::new(), 0);
    loop {
        let part = spaces.order(view, space, from, PART)?;
        for hash in &part {
            let Some(entry) = spaces.entry(view, hash)? else { continue };
            hashes.push(*hash);
            if entry.header().kind == Kind::Data
                && spaces.counts(view, hash)?
                && let (Some(org), Ok(body)) = (spaces.author_org(view, hash)?, Body::decode(entry.body()))
            {
                items.push(Item { entry: *hash, org, author: entry.header().author, body });
            }
        }
        if part.len() < PART {
            break;
        }
        from = from.saturating_add(u32::try_from(PART).unwrap_or(u32::MAX));
    }
    hashes.sort_unstable();
    parts.push(codec::encode(&hashes));

    // The directory, folded anew in memory.
    let empty = Memory::default();
    let mut draft = Draft::new(&empty);
    let mut listings = BTreeMap::new();
    for changed in Shelf::default().receive(&mut draft, &space, &items)? {
        for row in directory::rows(changed) {
            listings.extend(row.listing.map(|is| ((row.org, row.document, row.id), (is.kind, is.fields))));
        }
    }
    parts.push(codec::encode(&listings));
    for register in spaces.registers(view, space)? {
        parts.push(codec::encode(&(register.node, register.name, register.value)));
    }
    let bytes: Vec<u8> = parts.iter().flat_map(|p| digest(&SHA256, p).as_ref().to_vec()).collect();
    let digest = data_encoding::HEXLOWER.encode(digest(&SHA256, &bytes).as_ref());
    Ok(Coalition { digest, space, entries: hashes.len(), listings: listings.len() })
}

/// Reads all stores until they hold the same coalition.
///
/// # Errors
/// They do not come to hold the same, or one can not be read.
pub fn until_equal<'n>(nodes: impl Iterator<Item = &'n Node>) -> Result<Vec<Coalition>> {
    let nodes: Vec<&Node> = nodes.collect();
    let opened: Vec<Opened> = nodes.iter().map(|n| open(&n.folder, n.passphrase())).collect::<Result<_>>()?;
    let began = Instant::now();
    loop {
        let found: Vec<Result<Coalition>> = opened.iter().map(Opened::coalition).collect();
        let all: Vec<&Coalition> = found.iter().filter_map(|f| f.as_ref().ok()).collect();
        if all.len() == found.len() && all.windows(2).all(|w| matches!(w, [a, b] if a.digest == b.digest)) {
            return found.into_iter().collect();
        }
        if began.elapsed() > PATIENCE {
            let state: Vec<String> = nodes
                .iter()
                .zip(&found)
                .map(|(node, found)| match found {
                    Ok(c) => format!("{}: {} entries, {} listings, {}", node.name, c.entries, c.listings, c.digest),
                    Err(e) => format!("{}: {e:#}", node.name),
                })
                .collect();
            bail!("the nodes do not come to hold the same:\n{}", state.join("\n"));
        }
        super::go_on()?;
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A node's store, for checks of one node.
///
/// # Errors
/// It can not be read.
pub fn of(node: &Node) -> Result<Opened> {
    open(&node.folder, node.passphrase()).with_context(|| format!("store of {}", node.name))
}
