//! Belay: two nodes with their stores, network and tables, both in one process.

use crate::table::{AGAIN, FIRST, NIGHT, UPDATE};
use crate::wire::{Rows, Watch};
use crate::work::{Edit, FIELD, Work};
use anyhow::{Context, Result, anyhow, ensure};
use belay_node::config::Folder;
use belay_node::driver::{Driver, UseCases};
use belay_node::net::address;
use belay_node::ops::conditions::Conditions;
use belay_node::store::directory;
use belay_node::store::{Passphrase, Store, Tx};
use belay_node::usecases::desk::Desk;
use belay_node::usecases::directory::Writer;
use belay_node::usecases::identity;
use belay_protocol::directory::{Existing, Incoming, ListingId, plan};
use belay_protocol::document::Actor;
use belay_protocol::engine::{Engine, Event, Step};
use belay_protocol::fault::Fault;
use belay_protocol::ids::{NodeId, SpaceId};
use belay_protocol::keys::phrase::Phrase;
use belay_protocol::space::control::PartnerKind;
use belay_protocol::store::View;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

fn failed(fault: impl std::fmt::Debug) -> anyhow::Error {
    anyhow!("{fault:?}")
}

fn passphrase() -> Result<Passphrase> {
    Passphrase::new("a passphrase of the bench".to_owned().into()).map_err(failed)
}

/// Where members are, as an invite tells a newcomer.
type Door = Arc<Mutex<Vec<(NodeId, Vec<String>)>>>;

struct Place {
    folder: Folder,
    listen: &'static str,
    door: Door,
}

impl Place {
    fn make(path: &Path, name: &str, listen: &'static str) -> Result<Self> {
        let folder = Folder::at(path.join(name));
        let phrase = Phrase::generate(&mut belay_node::system::System);
        identity::init(&folder, &passphrase()?, name, PartnerKind::CoveredEntity, &phrase, false).map_err(failed)?;
        Ok(Self { folder, listen, door: Door::default() })
    }

    /// Opens the store, which takes the time of the passphrase: before the clock runs.
    fn open(&self) -> Result<Store> {
        Store::open(&self.folder, &passphrase()?).map_err(failed)
    }

    async fn start(&self, store: Store) -> Result<Driver> {
        let conditions = Conditions::default();
        let desk = Desk::new(Arc::new(Writer::default()), conditions.clone());
        let desk = Box::new(Told { desk, door: Arc::clone(&self.door) });
        let listen = [address::parse(self.listen).map_err(failed)?];
        Driver::start(store, desk, &listen, &[], conditions).await.map_err(failed)
    }
}

/// The use cases of a node whose invite told it where a member is.
struct Told {
    desk: Desk,
    door: Door,
}

impl UseCases for Told {
    fn project(&mut self, engine: &mut Engine, tx: &Tx<'_>, events: &[Event]) -> belay_protocol::fault::Result<()> {
        self.desk.project(engine, tx, events)
    }

    fn invited(&mut self, step: &mut Step<'_>, peer: NodeId, frame: &[u8]) -> belay_protocol::fault::Result<Vec<u8>> {
        self.desk.invited(step, peer, frame)
    }

    fn introducers(&self, _: &dyn View) -> belay_protocol::fault::Result<Vec<(NodeId, Vec<String>)>> {
        Ok(self.door.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn due(&self, view: &dyn View) -> belay_protocol::fault::Result<bool> {
        self.desk.due(view)
    }

    fn follow(&mut self, step: &mut Step<'_>) -> belay_protocol::fault::Result<()> {
        self.desk.follow(step)
    }

    fn forget(&mut self) {
        self.desk.forget();
    }
}

/// The hub's node founds a coalition and lets the newcomer in, as an invite does.
async fn together(hub: &Driver, newcomer: &Driver) -> Result<SpaceId> {
    let who = |driver: &Driver| {
        let driver = driver.clone();
        async move {
            driver
                .query(|engine, store| {
                    Ok::<_, Fault>((identity::card(store)?, engine.identity().certificate().clone()))
                })
                .await
        }
    };
    let (card, _) = who(hub).await.map_err(failed)?;
    let coalition = hub.write(move |step, _| step.found_coalition("Bench", card)).await.map_err(failed)?;
    let (card, certificate) = who(newcomer).await.map_err(failed)?;
    hub.write(move |step, _| step.admit(coalition, card, certificate)).await.map_err(failed)?;
    Ok(coalition)
}

/// The newcomer learns of the coalition, and of the hub's address: from here on its node dials by itself.
async fn join(hub: &Driver, newcomer: &Driver, coalition: SpaceId) -> Result<()> {
    let control = hub.query(move |engine, store| engine.control_entries(store, coalition)).await.map_err(failed)?;
    let introducer = hub.org();
    newcomer
        .write(move |step, _| {
            step.join_coalition(coalition, introducer)?;
            step.take_entries(control)
        })
        .await
        .map_err(failed)
}

async fn write_all(hub: &Driver, coalition: SpaceId, work: &Work) -> Result<()> {
    for (number, listings) in work.corpus.organisations.iter().enumerate() {
        let incoming = Incoming { set: format!("bench {number}"), listings: listings.clone() };
        hub.write(move |step, _| {
            let (org, node) = (step.org(), step.node());
            let actor = Actor::draw(node, &mut belay_node::system::System);
            let now = step.context().now;
            let plan = plan(&org, &Existing::default(), &incoming);
            let (engine, draft) = step.engine();
            let bodies = plan.bodies((engine.documents(), draft), &coalition, &org, (&actor, now))?;
            bodies.iter().try_for_each(|body| step.write_coalition(coalition, &body.encode()).map(drop))
        })
        .await
        .map_err(failed)?;
    }
    Ok(())
}

/// One changed field, as an edit of that listing's document.
async fn change(hub: &Driver, coalition: SpaceId, work: &Work, edit: &Edit, actor: &Actor) -> Result<ListingId> {
    let listing = &work.corpus.organisations[edit.document][edit.listing];
    let (id, set, text, actor) = (listing.id, format!("bench {}", edit.document), edit.text.clone(), actor.clone());
    hub.write(move |step, _| {
        let org = step.org();
        let now = step.context().now;
        let document = belay_protocol::document::id(&org, &set, 0);
        let edits = [(format!("{id}/{FIELD}"), Some(text))].into();
        let (engine, draft) = step.engine();
        let changes = engine.documents().edit(draft, (&coalition, &org, &document), (&actor, now), &edits)?;
        let body = belay_protocol::document::Body::Change(belay_protocol::document::Packed::new(document, &changes)?);
        step.write_coalition(coalition, &body.encode()).map(drop)
    })
    .await
    .map_err(failed)?;
    Ok(id)
}

/// Waits until the newcomer's tables show as many listings. To count them all at each commit would be work that no node does: only
/// once the one that was written last is there.
async fn shows(driver: &Driver, coalition: SpaceId, last: ListingId, listings: usize) -> Result<()> {
    let mut changes = driver.changes();
    while driver.read(move |r| directory::get(r.sql(), &last)).await.map_err(failed)?.is_empty() {
        changes.changed().await?;
    }
    loop {
        let shown = driver.read(move |r| directory::count(r.sql(), &coalition)).await.map_err(failed)?;
        let all = shown.organizations + shown.services + shown.locations + shown.programs + shown.stubs;
        if usize::try_from(all)? >= listings {
            return Ok(());
        }
        changes.changed().await?;
    }
}

/// Waits until the newcomer shows the listing with this text.
async fn reads(driver: &Driver, id: ListingId, text: &str) -> Result<()> {
    let mut changes = driver.changes();
    loop {
        let hits = driver.read(move |r| directory::get(r.sql(), &id)).await.map_err(failed)?;
        if hits.iter().any(|hit| hit.listing.fields.get(FIELD).is_some_and(|found| found == text)) {
            return Ok(());
        }
        changes.changed().await?;
    }
}

pub async fn run(work: &Work, folder: &Path, listen: &'static str) -> Result<Rows> {
    let mut rows = Rows::begin();
    let (at_hub, at_newcomer) = (Place::make(folder, "hub", listen)?, Place::make(folder, "newcomer", listen)?);
    let hub = at_hub.start(at_hub.open()?).await?;
    let newcomer = at_newcomer.start(at_newcomer.open()?).await?;
    let coalition = together(&hub, &newcomer).await?;
    write_all(&hub, coalition, work).await?;
    at_newcomer.door.lock().unwrap_or_else(PoisonError::into_inner).push((hub.node(), hub.addresses()));

    let watch = Watch::start();
    join(&hub, &newcomer, coalition).await?;
    let last = work.corpus.organisations.last().and_then(|listings| listings.last()).context("a corpus has listings")?;
    shows(&newcomer, coalition, last.id, work.listings()).await?;
    watch.done(FIRST, &mut rows).await;
    newcomer.stop().await;

    let store = at_newcomer.open()?;
    let watch = Watch::start();
    let newcomer = at_newcomer.start(store).await?;
    greeted(&newcomer).await?;
    watch.done(AGAIN, &mut rows).await;

    let actor = Actor::draw(hub.node(), &mut belay_node::system::System);
    updates(work, (&hub, &newcomer), coalition, &actor, &mut rows).await?;
    newcomer.stop().await;

    let mut last = None;
    for edit in work.night() {
        last = Some((change(&hub, coalition, work, &edit, &actor).await?, edit.text));
    }
    let (id, text) = last.context("a night has changes")?;
    let store = at_newcomer.open()?;
    let watch = Watch::start();
    let newcomer = at_newcomer.start(store).await?;
    reads(&newcomer, id, &text).await?;
    watch.done(NIGHT, &mut rows).await;
    for edit in work.night() {
        let id = work.corpus.organisations[edit.document][edit.listing].id;
        let hits = newcomer.read(move |r| directory::get(r.sql(), &id)).await.map_err(failed)?;
        let there = hits.iter().any(|hit| hit.listing.fields.get(FIELD) == Some(&edit.text));
        ensure!(there, "a change of the night did not arrive");
    }
    Ok(rows)
}

async fn updates(
    work: &Work,
    (hub, newcomer): (&Driver, &Driver),
    coalition: SpaceId,
    actor: &Actor,
    rows: &mut Rows,
) -> Result<()> {
    let watch = Watch::start();
    for edit in work.updates() {
        let start = Instant::now();
        let id = change(hub, coalition, work, &edit, actor).await?;
        reads(newcomer, id, &edit.text).await?;
        rows.updates.push(start.elapsed().as_secs_f64());
    }
    watch.each(UPDATE, rows.update(), rows.updates.len(), rows).await;
    Ok(())
}

/// Waits until a peer's greeting came, which says whether there is anything new.
async fn greeted(driver: &Driver) -> Result<()> {
    loop {
        let greeted = driver.query(|engine, _| Ok::<_, Fault>(engine.peers().any(|(.., clock)| clock.is_some())));
        if greeted.await.map_err(failed)? {
            return Ok(());
        }
        // A greeting without news writes nothing: there is no commit to wait for.
        tokio::time::sleep(std::time::Duration::from_micros(200)).await;
    }
}
