//! `samod` with its file storage and its TCP, both ends in one process.

use crate::table::{AGAIN, FIRST, NIGHT, UPDATE};
use crate::wire::{Rows, Watch};
use crate::work::Work;
use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use futures::future::join_all;
use samod::storage::TokioFilesystemStorage;
use samod::{BackoffConfig, ConcurrencyConfig, DocHandle, DocumentId, PeerId, Repo, Url};
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio::net::TcpListener;

/// How its repositories are built.
pub struct Built {
    pub folder: PathBuf,
    /// Documents on threads of their own instead of on the runtime: the tuned one.
    pub threads: bool,
}

impl Built {
    async fn repo(&self, name: &str) -> Result<Repo> {
        let storage = TokioFilesystemStorage::new(self.folder.join(name));
        let builder = Repo::build_tokio().with_storage(storage).with_peer_id(PeerId::from(name));
        if !self.threads {
            return Ok(builder.load().await);
        }
        let pool = rayon::ThreadPoolBuilder::new().build()?;
        Ok(builder.with_concurrency(ConcurrencyConfig::Threadpool(pool)).load().await)
    }
}

/// Accepts on a free port for as long as the process lives.
async fn serve(repo: &Repo) -> Result<Url> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url: Url = format!("tcp://{}", listener.local_addr()?).parse()?;
    let acceptor = repo.make_acceptor(url.clone())?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if acceptor.accept_tokio_io(stream).is_err() {
                break;
            }
        }
    });
    Ok(url)
}

/// Dials, finds every document, and waits until each has what the other end has.
async fn fetch(repo: &Repo, url: &Url, ids: &[DocumentId]) -> Result<Vec<DocHandle>> {
    let dialer = repo.dial_tcp(url.clone(), BackoffConfig::default())?;
    dialer.established().await.ok().context("the dial failed")?;
    let connection = dialer.connection_id().context("no connection")?;
    let found = join_all(ids.iter().map(|id| repo.find(id.clone()))).await;
    let handles =
        found.into_iter().map(|found| found?.context("a document was not found")).collect::<Result<Vec<_>>>()?;
    join_all(handles.iter().map(|handle| handle.we_have_their_changes(connection))).await;
    Ok(handles)
}

pub async fn run(work: &Work, folder: &Path, threads: bool) -> Result<Rows> {
    let mut rows = Rows::begin();
    let built = Built { folder: folder.to_owned(), threads };
    let hub = built.repo("hub").await?;
    let mut at_hub = Vec::new();
    for n in 0..work.documents.len() {
        at_hub.push(hub.create(work.automerge(n)).await?);
    }
    let ids: Vec<DocumentId> = at_hub.iter().map(|handle| handle.document_id().clone()).collect();
    let url = serve(&hub).await?;

    let newcomer = built.repo("newcomer").await?;
    let watch = Watch::start();
    let handles = fetch(&newcomer, &url, &ids).await?;
    watch.done(FIRST, &mut rows).await;
    for (here, there) in at_hub.iter().zip(&handles) {
        let same = there.with_document(|there| there.get_heads()) == here.with_document(|here| here.get_heads());
        ensure!(same, "a document did not arrive whole");
    }
    drop(handles);
    newcomer.stop().await;

    let newcomer = built.repo("newcomer").await?;
    let watch = Watch::start();
    let handles = fetch(&newcomer, &url, &ids).await?;
    watch.done(AGAIN, &mut rows).await;
    updates(work, &at_hub, &handles, &mut rows).await?;
    drop(handles);
    newcomer.stop().await;

    for edit in work.night() {
        at_hub[edit.document].with_document(|document| work.apply(&edit, document));
    }
    let newcomer = built.repo("newcomer").await?;
    let watch = Watch::start();
    let handles = fetch(&newcomer, &url, &ids).await?;
    watch.done(NIGHT, &mut rows).await;
    for edit in work.night() {
        let there = handles[edit.document].with_document(|document| work.is_in(&edit, document));
        ensure!(there, "a change of the night did not arrive");
    }
    Ok(rows)
}

async fn updates(work: &Work, at_hub: &[DocHandle], handles: &[DocHandle], rows: &mut Rows) -> Result<()> {
    let watch = Watch::start();
    for edit in work.updates() {
        let mut changes = handles[edit.document].changes();
        let start = Instant::now();
        at_hub[edit.document].with_document(|document| work.apply(&edit, document));
        while !handles[edit.document].with_document(|document| work.is_in(&edit, document)) {
            changes.next().await.context("the document went away")?;
        }
        rows.updates.push(start.elapsed().as_secs_f64());
    }
    watch.each(UPDATE, rows.update(), rows.updates.len(), rows).await;
    Ok(())
}
