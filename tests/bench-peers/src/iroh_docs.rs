//! `iroh-docs` with its files, both ends in one process, no relay: one document, a key a listing.

use crate::table::{AGAIN, FIRST, NIGHT, UPDATE};
use crate::wire::{Rows, Watch};
use crate::work::{Edit, FIELD, Listings, Work};
use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use iroh::endpoint::presets;
use iroh::protocol::Router;
use iroh::{Endpoint, EndpointAddr, RelayMode, SecretKey};
use iroh_blobs::BlobsProtocol;
use iroh_blobs::store::fs::FsStore;
use iroh_blobs::store::fs::options::Options;
use iroh_docs::AuthorId;
use iroh_docs::api::Doc;
use iroh_docs::api::protocol::{AddrInfoOptions, ShareMode};
use iroh_docs::engine::LiveEvent;
use iroh_docs::protocol::Docs;
use iroh_docs::store::Query;
use iroh_gossip::net::Gossip;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

struct Node {
    router: Router,
    docs: Docs,
    blobs: FsStore,
}

impl Node {
    /// `tuned`: all small contents lie in the database, and many writes go into one transaction.
    async fn start(folder: &Path, (name, seed): (&str, u8), tuned: bool) -> Result<Self> {
        let place = folder.join(name);
        std::fs::create_dir_all(place.join("docs"))?;
        let endpoint = Endpoint::builder(presets::Minimal)
            .secret_key(SecretKey::from_bytes(&[seed; 32]))
            .relay_mode(RelayMode::Disabled)
            .bind()
            .await?;
        let mut options = Options::new(&place.join("blobs"));
        if tuned {
            options.inline.max_data_inlined = 64 * 1024;
            options.batch.max_write_batch = 20_000;
            options.batch.max_write_duration = Duration::from_secs(2);
        }
        let blobs = FsStore::load_with_opts(place.join("blobs/blobs.db"), options).await?;
        let gossip = Gossip::builder().spawn(endpoint.clone());
        let docs =
            Docs::persistent(place.join("docs")).spawn(endpoint.clone(), (*blobs).clone(), gossip.clone()).await?;
        let router = Router::builder(endpoint)
            .accept(iroh_blobs::ALPN, BlobsProtocol::new(&blobs, None))
            .accept(iroh_gossip::ALPN, gossip)
            .accept(iroh_docs::ALPN, docs.clone())
            .spawn();
        Ok(Self { router, docs, blobs })
    }

    async fn stop(self) -> Result<()> {
        self.router.shutdown().await?;
        Ok(())
    }

    /// Whether the key's newest content can be read here, and is this.
    async fn reads(&self, doc: &Doc, (key, value): &(String, Vec<u8>)) -> Result<bool> {
        let Some(entry) = doc.get_one(Query::single_latest_per_key().key_exact(key)).await? else { return Ok(false) };
        if entry.content_hash() != iroh_blobs::Hash::new(value) {
            return Ok(false);
        }
        Ok(self.blobs.get_bytes(entry.content_hash()).await.is_ok_and(|bytes| bytes == value))
    }
}

/// What the hub has written.
struct Hub {
    node: Node,
    doc: Doc,
    author: AuthorId,
    documents: Vec<Listings>,
}

impl Hub {
    fn value(&self, document: usize, listing: usize) -> (String, Vec<u8>) {
        let (id, fields) = &self.documents[document][listing];
        (id.clone(), serde_json::to_vec(fields).expect("texts are JSON"))
    }

    async fn write(&self, document: usize, listing: usize) -> Result<(String, Vec<u8>)> {
        let (key, value) = self.value(document, listing);
        self.doc.set_bytes(self.author, key.clone().into_bytes(), value.clone()).await?;
        Ok((key, value))
    }

    async fn edit(&mut self, edit: &Edit) -> Result<(String, Vec<u8>)> {
        self.documents[edit.document][edit.listing].1.insert(FIELD.to_owned(), edit.text.clone());
        self.write(edit.document, edit.listing).await
    }

    async fn start(work: &Work, folder: &Path, tuned: bool) -> Result<Self> {
        let node = Node::start(folder, ("hub", 1), tuned).await?;
        let author = node.docs.author_create().await?;
        let doc = node.docs.create().await?;
        let hub = Self { node, doc, author, documents: work.documents.clone() };
        for document in 0..hub.documents.len() {
            for listing in 0..hub.documents[document].len() {
                hub.write(document, listing).await?;
            }
        }
        Ok(hub)
    }

    fn address(&self) -> EndpointAddr {
        self.node.router.endpoint().addr()
    }
}

/// Waits until a sync has ended and all content it announced is here.
async fn settled(events: &mut (impl StreamExt<Item = Result<LiveEvent>> + Unpin)) -> Result<()> {
    let mut finished = false;
    loop {
        match events.next().await.context("the document's events ended")?? {
            LiveEvent::SyncFinished(_) => finished = true,
            LiveEvent::PendingContentReady if finished => return Ok(()),
            _ => {}
        }
    }
}

/// The newcomer, started from its files, syncs with the hub.
async fn again(
    node: &Node,
    id: iroh_docs::NamespaceId,
    hub: &EndpointAddr,
) -> Result<(Doc, impl StreamExt<Item = Result<LiveEvent>> + Unpin + use<>)> {
    let doc = node.docs.open(id).await?.context("the document is kept")?;
    let mut events = doc.subscribe().await?;
    doc.start_sync(vec![hub.clone()]).await?;
    settled(&mut events).await?;
    Ok((doc, events))
}

pub async fn run(work: &Work, folder: &Path, tuned: bool) -> Result<Rows> {
    let mut rows = Rows::begin();
    let mut hub = Hub::start(work, folder, tuned).await?;
    let address = hub.address();
    let mut ticket = hub.doc.share(ShareMode::Write, AddrInfoOptions::Addresses).await?;
    ticket.nodes = vec![address.clone()];

    let newcomer = Node::start(folder, ("newcomer", 2), tuned).await?;
    let watch = Watch::start();
    let (doc, mut events) = newcomer.docs.import_and_subscribe(ticket).await?;
    settled(&mut events).await?;
    watch.done(FIRST, &mut rows).await;
    let last = work.documents.len() - 1;
    for listing in 0..work.documents[last].len() {
        ensure!(newcomer.reads(&doc, &hub.value(last, listing)).await?, "a listing did not arrive");
    }
    let id = doc.id();
    drop((doc, events));
    newcomer.stop().await?;

    let newcomer = Node::start(folder, ("newcomer", 2), tuned).await?;
    let watch = Watch::start();
    let (doc, events) = again(&newcomer, id, &address).await?;
    drop(events);
    watch.done(AGAIN, &mut rows).await;
    updates(work, &mut hub, (&newcomer, &doc), &mut rows).await?;
    drop(doc);
    newcomer.stop().await?;

    let (mut written, mut newest) = (BTreeMap::new(), BTreeMap::new());
    for edit in work.night() {
        let (key, value) = hub.edit(&edit).await?;
        newest.insert(edit.document, (key.clone(), value.clone()));
        written.insert(key, value);
    }
    let newcomer = Node::start(folder, ("newcomer", 2), tuned).await?;
    let watch = Watch::start();
    let (doc, mut events) = again(&newcomer, id, &address).await?;
    // It says that all content is here while some of it still comes.
    for change in newest.values() {
        while !newcomer.reads(&doc, change).await? {
            events.next().await.context("the document's events ended")??;
        }
    }
    watch.done(NIGHT, &mut rows).await;
    for change in written {
        ensure!(newcomer.reads(&doc, &change).await?, "a change of the night did not arrive");
    }
    Ok(rows)
}

async fn updates(work: &Work, hub: &mut Hub, (newcomer, doc): (&Node, &Doc), rows: &mut Rows) -> Result<()> {
    let mut events = doc.subscribe().await?;
    let watch = Watch::start();
    for edit in work.updates() {
        let start = Instant::now();
        let change = hub.edit(&edit).await?;
        while !newcomer.reads(doc, &change).await? {
            events.next().await.context("the document's events ended")??;
        }
        rows.updates.push(start.elapsed().as_secs_f64());
    }
    watch.each(UPDATE, rows.update(), rows.updates.len(), rows).await;
    Ok(())
}
