//! The office: takes each request of the control socket to its use case, on the driver's thread or on a reader.

mod entering;
mod health;
mod lookup;
mod may;

pub use entering::Entered;

use super::directory::Writer;
use super::staff::throttle::Throttle;
use super::{agreements, backups, coalition, directory, identity, nodes, parcels, recovery, staff, stewards};
use crate::api::care::Care;
use crate::api::request::Search;
use crate::api::views::{Counts, ListingView, PeerView, PeersView, PhraseView, SearchView, StatusView};
use crate::api::{Failure, Outcome, Request, Response, respond};
use crate::config::Folder;
use crate::control::Handler;
use crate::driver::Driver;
use crate::usecases::joining::Joining;
use belay_protocol::engine::ADDRESSES;
use belay_protocol::fault::Fault;
use belay_protocol::ids::OrgId;
use belay_protocol::space::control::PartnerKind;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::{Mutex, Notify, Semaphore};

/// The condition that the recovery phrase was never checked back.
pub const PHRASE: &str = "phrase-unchecked";

/// What answers requests. Pages use the same use cases by the same ways.
#[derive(Debug)]
pub struct Office {
    driver: Driver,
    joining: Joining,
    writer: Arc<Writer>,
    stop: Arc<Notify>,
    http: Option<String>,
    folder: Folder,
    /// Whose secret is made a key of: one after the other, and who waits takes no thread.
    deriving: Semaphore,
    /// Who signs in waits here for those before.
    entering: Mutex<()>,
    throttle: Throttle,
}

/// This organisation, and its coalition if it is in one.
#[derive(Debug, Clone)]
pub struct About {
    pub id: OrgId,
    pub name: String,
    pub kind: PartnerKind,
    pub coalition: Option<String>,
    /// What everybody who signs in is to know.
    pub warning: Option<String>,
}

impl Handler for Office {
    fn handle(&self, request: Request) -> BoxFuture<'_, Response> {
        self.answer(request).boxed()
    }
}

impl Office {
    /// `stop` is the bell that stops the node.
    #[must_use]
    pub fn new(driver: Driver, writer: Arc<Writer>, stop: Arc<Notify>, http: Option<String>, folder: Folder) -> Self {
        let joining = Joining::new(driver.clone());
        Self {
            driver,
            joining,
            writer,
            stop,
            http,
            folder,
            deriving: Semaphore::new(1),
            entering: Mutex::new(()),
            throttle: Throttle::fresh(),
        }
    }

    /// Goes on with the joins that wait since before this start.
    pub fn go_on_joining(&self) {
        self.joining.wait();
    }

    #[expect(clippy::too_many_lines, reason = "a line or two for each request, and nothing else")]
    async fn answer(&self, request: Request) -> Response {
        match request {
            Request::Status => respond(self.status().await),
            Request::Peers => respond(self.peers().await),
            Request::Doctor { rebuild } => respond(self.doctor(rebuild).await),
            Request::Stop => {
                self.stop.notify_one();
                respond(Ok(()))
            }
            Request::PhraseCheck { phrase } => respond(self.phrase(phrase).await),

            Request::Found { name } => respond(self.driver.write(move |step, _| coalition::found(step, &name)).await),
            Request::Invite { org, hours, file } => respond(self.invite(org, hours, file).await),
            Request::InviteList => {
                respond(self.driver.query(|_, store| coalition::invites(store, crate::system::now())).await)
            }
            Request::InviteCancel { invite } => {
                respond(self.driver.write(move |step, _| coalition::cancel(step, &invite)).await)
            }
            Request::Join { code } => respond(self.joining.by_code(code).await),
            Request::JoinFile { content } => {
                let joined = self.driver.write(move |step, _| coalition::join_file(step, &content)).await;
                self.joining.wait();
                respond(joined)
            }
            Request::Leave { waiting } => {
                let left = self.driver.write(move |step, _| coalition::leave(step, waiting)).await;
                self.joining.wait();
                respond(left)
            }
            Request::OrgList => respond(self.driver.query(|engine, store| coalition::orgs(engine, store)).await),
            Request::OrgShow { org } => {
                respond(self.driver.query(move |engine, store| coalition::show(engine, store, &org)).await)
            }
            Request::OrgApprove { org } => {
                respond(self.driver.write(move |step, _| coalition::approve(step, &org)).await)
            }
            Request::OrgAnswer { content } => {
                respond(self.driver.write(move |step, _| coalition::answer_file(step, &content)).await)
            }
            Request::OrgRemove { org } => {
                respond(self.driver.write(move |step, _| coalition::remove(step, &org)).await)
            }

            Request::NodeAdd => respond(self.node_add().await),
            Request::NodeList => {
                let connected = self.driver.peers();
                respond(self.driver.query(move |engine, store| nodes::list(engine, store, &connected)).await)
            }
            Request::NodeRetire { node, phrase } => {
                respond(self.driver.write(move |step, _| nodes::retire(step, &node, &phrase)).await)
            }

            Request::BackupCreate { file } => {
                respond(backups::create(&self.driver, self.folder.clone(), file.into()).await)
            }
            Request::StewardList => respond(self.driver.query(|engine, store| stewards::list(engine, store)).await),
            Request::StewardDraft { change } => {
                respond(self.driver.query(move |engine, store| stewards::draft(engine, store, &change)).await)
            }
            Request::StewardPropose { change, instead } => {
                respond(self.driver.write(move |step, _| stewards::propose(step, &change, instead)).await)
            }
            Request::StewardShow { proposal } => {
                respond(self.driver.query(move |engine, store| stewards::show(engine, store, &proposal)).await)
            }
            Request::StewardApprove { proposal, instead } => {
                respond(self.driver.write(move |step, _| stewards::approve(step, &proposal, instead)).await)
            }

            Request::UserAdd { name, full_name, role, secret, login, rescue } => {
                respond(self.user_add((name, full_name, role), secret, login, rescue).await)
            }
            Request::UserRename { name, full_name, login } => respond(self.user_rename(name, full_name, login).await),
            Request::UserList => respond(self.driver.query(|_, store| staff::list(store)).await),
            Request::UserDisable { name, disabled, login } => respond(self.user_disable(name, disabled, login).await),
            Request::UserPasswd { name, secret, login } => respond(self.user_passwd(name, secret, login).await),

            Request::DirectoryImport { path } => respond(self.writer.import(&self.driver, path).await),
            Request::DirectorySearch(search) => respond(self.search(search).await),
            Request::ListingShow { listing } => respond(self.listing(listing).await),
            Request::ListingAdd { kind, fields } => respond(self.writer.add(&self.driver, kind, fields).await),
            Request::ListingEdit { listing, fields } => respond(self.writer.edit(&self.driver, listing, fields).await),
            Request::ListingOpenings { listing, openings, note } => {
                respond(self.writer.openings(&self.driver, listing, openings, note).await)
            }

            Request::AgreementDraft(fields) => {
                respond(self.driver.write(move |step, _| agreements::draft(step, &fields)).await)
            }
            Request::AgreementSign { agreement, terms, by } => respond(
                self.driver.write(move |step, _| agreements::sign_unattended(step, &agreement, terms, &by)).await,
            ),
            Request::AgreementShow { agreement } => {
                respond(self.driver.write(move |step, _| agreements::show(step, &agreement)).await)
            }
            Request::AgreementList => respond(self.driver.write(|step, _| agreements::list(step)).await),
            Request::AgreementEnd { agreement, reason, by } => respond(
                self.driver.write(move |step, _| agreements::end_unattended(step, &agreement, &reason, &by)).await,
            ),
            Request::AgreementForm { agreement, form } => {
                respond(self.driver.write(move |step, _| agreements::form(step, &agreement, &form)).await)
            }

            Request::BundleExport { org, all } => {
                respond(self.driver.write(move |step, _| parcels::export(step, &org, all)).await)
            }
            Request::BundleImport { content, check } => respond(self.bundle_import(content, check).await),
            Request::RecordsExport { org, after } => {
                respond(self.driver.write(move |step, _| recovery::export(step, &org, after)).await)
            }
            Request::RecordsImport { content } => {
                respond(self.driver.write(move |step, _| recovery::lay_by(step, &content)).await)
            }
            Request::RecoverRest { phrase } => respond(recovery::open_rest(&self.driver, phrase).await),
            Request::RecoverWithout { org } => {
                respond(self.driver.write(move |step, _| recovery::give_up(step, &org)).await)
            }
            Request::CarrierOffer { megabytes } => {
                respond(self.driver.write(move |step, _| parcels::offer(step, megabytes)).await)
            }
            Request::CarrierList => respond(self.driver.write(|step, _| parcels::list(step)).await),
            Request::CarrierStop => respond(self.driver.write(|step, _| parcels::stop(step)).await),

            Request::Care { login, ask } => match self.sign_in(login).await {
                Ok(session) => self.care(session, *ask).await,
                Err(failure) => Response::Failed(failure),
            },
            Request::May { login, ask } => self.may(login, *ask).await,
        }
    }

    async fn status(&self) -> Outcome<StatusView> {
        self.recall().await?;
        // Before the counts: where no import is under way, they are of all that was imported.
        let conditions = self.conditions();
        let counts = self.counts().await?;
        let mut view = self
            .driver
            .query(move |engine, store| -> Outcome<StatusView> {
                let card = identity::card(store)?;
                Ok(StatusView {
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    organisation: identity::organisation(&card),
                    node: engine.node(),
                    standing: coalition::standing(engine, store)?,
                    fingerprint: identity::fingerprint(card.root),
                    joining: coalition::words(store)?,
                    coalition: coalition::coalition(engine, store)?,
                    listen: Vec::new(),
                    http: None,
                    reachable: false,
                    confirmed: Vec::new(),
                    relayed: Vec::new(),
                    relays: Vec::new(),
                    peers: 0,
                    partners: 0,
                    backups: backups::partners(engine, store, crate::system::now())?,
                    under_way: parcels::under_way(engine, store, crate::system::now())?,
                    recovering: recovery::still(engine, store)?,
                    counts,
                    conditions: Vec::new(),
                })
            })
            .await?;
        view.listen = self.driver.net().addresses().iter().map(ToString::to_string).collect();
        view.http.clone_from(&self.http);
        let located = self.driver.located();
        view.reachable = located.is_reachable();
        view.confirmed = located.confirmed.iter().map(ToString::to_string).collect();
        view.relayed = located.relayed.iter().map(ToString::to_string).collect();
        view.relays = located.relays;
        let (peers, own) = (self.driver.peers(), self.driver.org());
        view.peers = peers.len();
        view.partners = peers.iter().map(|peer| peer.org).filter(|org| *org != own).collect::<BTreeSet<_>>().len();
        view.conditions = conditions;
        Ok(view)
    }

    /// Searches the directory: for the command line and for pages.
    ///
    /// # Errors
    /// A kind that is none.
    pub async fn search(&self, search: Search) -> Outcome<SearchView> {
        let names = self.names().await?;
        self.driver.read(move |reader| directory::search(reader, &names, &search)).await
    }

    async fn listing(&self, listing: String) -> Outcome<ListingView> {
        let names = self.names().await?;
        self.driver.read(move |reader| directory::show(reader, &names, &listing)).await
    }

    async fn names(&self) -> Outcome<directory::Names> {
        Ok(self.driver.query(|engine, store| directory::names(engine, store)).await?)
    }

    async fn counts(&self) -> Outcome<Counts> {
        let names = self.names().await?;
        let traffic = self.driver.net().traffic();
        let (bytes_sent, bytes_received) = (traffic.sent(), traffic.received());
        self.driver
            .read(move |reader| -> Outcome<Counts> {
                let count = |table: &str| -> Result<u64, Fault> {
                    reader
                        .sql()
                        .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0))
                        .map(|n| u64::try_from(n).unwrap_or(0))
                        .map_err(crate::store::fault("count"))
                };
                Ok(Counts {
                    spaces: count("kv_2")?,
                    entries: count("kv_4")?,
                    waiting_entries: count("kv_5")?,
                    listings: directory::count(reader, &names)?,
                    bytes_sent,
                    bytes_received,
                })
            })
            .await
    }

    async fn peers(&self) -> Outcome<PeersView> {
        let connected = self.driver.peers();
        self.driver
            .query(move |engine, store| -> Outcome<PeersView> {
                let own = engine.node();
                let mut peers: Vec<PeerView> = Vec::new();
                if let Some(roster) = coalition::member_roster(engine, store)? {
                    let registers = engine.registers(store, roster.coalition)?;
                    for (org, member) in roster.orgs.iter().filter(|(_, m)| !m.removed) {
                        for node in member.nodes.keys().filter(|n| **n != own && !roster.retired.contains(n)) {
                            let addresses = registers
                                .iter()
                                .find(|r| r.node == *node && r.name == ADDRESSES)
                                .and_then(|r| belay_protocol::codec::decode("addresses", &r.value).ok())
                                .unwrap_or_default();
                            peers.push(PeerView {
                                node: *node,
                                org: Some(*org),
                                name: Some(member.card.name.clone()),
                                connected: connected.iter().any(|p| p.node == *node),
                                path: connected.iter().find(|p| p.node == *node).map(|p| p.path),
                                addresses,
                            });
                        }
                    }
                }
                Ok(PeersView { peers })
            })
            .await
    }

    async fn phrase(&self, phrase: crate::api::Secret) -> Outcome<PhraseView> {
        self.driver.write(move |step, _| identity::check_phrase(step.draft(), &phrase)).await?;
        self.driver.conditions().clear(PHRASE);
        Ok(PhraseView { checked: true })
    }

    async fn invite(&self, org: Option<String>, hours: u64, file: bool) -> Outcome<crate::api::views::InviteView> {
        let mut ways = coalition::Ways { reachable: self.driver.located().is_reachable(), ..Default::default() };
        if !file {
            ways.addresses = self.driver.addresses();
            ways.relays = self.driver.relays().await?;
        }
        self.driver.write(move |step, _| coalition::invite(step, org, hours, file, ways)).await
    }

    async fn node_add(&self) -> Outcome<crate::api::views::NodeAddView> {
        let (addresses, reachable) = (self.driver.addresses(), self.driver.located().is_reachable());
        self.driver.query(move |engine, store| nodes::add(engine, store, &addresses, reachable)).await
    }

    async fn bundle_import(
        &self,
        content: crate::api::Secret,
        check: bool,
    ) -> Outcome<crate::api::parcels::ImportedView> {
        if check {
            // The step is dropped: nothing of it happened.
            return match self.driver.write(move |step, _| parcels::check(step, &content)).await {
                Err(parcels::Checked(outcome)) => outcome,
                Ok(never) => match never {},
            };
        }
        self.driver.write(move |step, _| parcels::import(step, &content)).await
    }

    /// Who this organisation is.
    ///
    /// # Errors
    /// `Store`.
    pub async fn about(&self) -> Outcome<About> {
        self.driver
            .query(|engine, store| -> Outcome<_> {
                let coalition = coalition::coalition(engine, store)?.map(|coalition| coalition.name);
                let card = identity::card(store)?;
                let warning = health::rescued(store)?;
                Ok(About { id: engine.org(), name: card.name, kind: card.kind, coalition, warning })
            })
            .await
    }

    /// Answers a request about persons, for who has signed in.
    pub async fn care(&self, session: staff::StaffSession, mut ask: Care) -> Response {
        let looked_up = self.look_up(&mut ask).await;
        let beside = lookup::Beside::of(&ask);
        let (ask, by) = (Arc::new(ask), session.clone());
        let asked = Arc::clone(&ask);
        let answered = match looked_up {
            Ok(()) => {
                let answered = self.driver.write(move |step, _| match super::care::answer(step, &by, &asked) {
                    // The step is dropped, and with it whatever was written before the refusal.
                    Response::Failed(failure) => Err(failure),
                    done @ Response::Done(_) => Ok(done),
                });
                answered.await
            }
            Err(failure) => Err(failure),
        };
        match answered {
            Ok(Response::Done(view)) => {
                if let Care::Audit { .. } = *ask {
                    // Who reads the looks has read of it.
                    self.driver.conditions().clear(crate::ops::conditions::GUESSED);
                }
                Response::Done(self.beside(beside, view).await)
            }
            Ok(response) => response,
            Err(failure) => {
                self.note_refused(session, ask).await;
                Response::Failed(failure)
            }
        }
    }

    /// Runs what makes something of a secret where it holds nobody up.
    async fn derive<T: Send + 'static>(&self, work: impl FnOnce() -> Outcome<T> + Send + 'static) -> Outcome<T> {
        let _turn = self.deriving.acquire().await;
        tokio::task::spawn_blocking(work).await.map_err(|_| Failure::failed("a thread ended by a panic"))?
    }
}

#[cfg(test)]
mod tests;
