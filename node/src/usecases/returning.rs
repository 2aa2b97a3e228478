//! A node that comes to an organisation which is a member already: a second machine, or one in place of a lost one. It has the
//! phrase, and an address of any member.

use super::directory::Writer;
use super::{coalition, desk::Desk, identity};
use crate::api::views::SecondView;
use crate::api::{Failure, Outcome};
use crate::config::Folder;
use crate::driver::Driver;
use crate::net::address;
use crate::ops::conditions::Conditions;
use crate::store::{Begun, Passphrase, Store};
use crate::system::{self, System};
use belay_protocol::coalition::handshake::{Approved, Returning};
use belay_protocol::engine::{Identity, Step};
use belay_protocol::fault::{Class, Fault};
use belay_protocol::ids::NodeId;
use belay_protocol::keys::phrase::Phrase;
use belay_protocol::keys::prekey::PrekeySecret;
use belay_protocol::keys::{Certificate, NodeKey};
use belay_protocol::store::Draft;
use belay_protocol::{limits, random};
use libp2p::Multiaddr;
use std::sync::Arc;

/// A node that runs on a store that is not real yet, and knows its coalition.
pub(super) struct Come {
    pub driver: Driver,
    pub begun: Begun,
}

/// Sets up a further node of the organisation that the phrase is of. What it holds comes once it runs.
///
/// # Errors
/// A folder that holds a node, an address at which no member answers, an organisation that is no member there. The folder then
/// holds no node.
pub async fn second(folder: &Folder, passphrase: &Passphrase, phrase: &Phrase, at: &[String]) -> Outcome<SecondView> {
    let come = come(folder, passphrase, phrase, at, true).await?;
    let data = folder.path().display().to_string();
    let view = come
        .driver
        .query(move |engine, store| -> Outcome<SecondView> {
            let card = identity::card(store)?;
            let coalition = coalition::coalition(engine, store)?
                .ok_or_else(|| Failure::failed("the coalition was joined and is not there"))?;
            Ok(SecondView {
                organisation: identity::organisation(&card),
                node: engine.node(),
                fingerprint: identity::fingerprint(card.root),
                data,
                coalition,
            })
        })
        .await;
    come.driver.stop().await;
    let view = view?;
    come.begun.finish()?;
    Ok(view)
}

/// Makes key and certificate, and asks at these addresses for the coalition. `further`: beside the nodes that there are, and in place of
/// none.
pub(super) async fn come(
    folder: &Folder,
    passphrase: &Passphrase,
    phrase: &Phrase,
    at: &[String],
    further: bool,
) -> Outcome<Come> {
    identity::vacant(folder)?;
    let addresses = at.iter().map(|text| address::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let key = NodeKey::from_seed(random::array(&mut System));
    let prekey = PrekeySecret::generate(&mut System);
    let now = system::now();
    let certificate = phrase.root().certify(&key, prekey.public(), now);
    let mut unfinished = Store::create(folder, passphrase)?;
    let store = unfinished.store();
    let mut draft = Draft::new(store);
    Identity::store(&mut draft, &key, &certificate, &prekey, now)?;
    identity::keep_checked(&mut draft);
    let writes = draft.into_writes();
    store.commit(&writes, true, |_| Ok(()))?;
    let (store, begun) = unfinished.begin();
    let conditions = Conditions::default();
    let desk = Desk::new(Arc::new(Writer::default()), conditions.clone());
    let driver = Driver::start(store, Box::new(desk), &[], &[], conditions).await?;
    match ask(&driver, certificate, addresses, at, further).await {
        Ok(()) => Ok(Come { driver, begun }),
        Err(fault) => {
            driver.stop().await;
            if fault.class == Class::NotPermitted {
                return Err(
                    Failure::from(fault).next("belay node list and belay node retire NODE, at a machine that runs")
                );
            }
            Err(Failure::from(fault)
                .next("the command again, with --at and an address that `belay peers` shows at any member"))
        }
    }
}

/// The talk: pages of the coalition's control entries, until there are no more.
async fn ask(
    driver: &Driver,
    certificate: Certificate,
    addresses: Vec<Multiaddr>,
    at: &[String],
    further: bool,
) -> Result<(), Fault> {
    let mut dialogue = driver.net().talk(None, addresses).await?;
    let peer = dialogue.peer();
    let mut returning = Returning::new(certificate);
    loop {
        dialogue.send(&returning.request().encode()).await?;
        let page = returning.answered(&dialogue.receive(limits::FRAME_BYTES).await?)?;
        let last = page.next.is_none();
        let door = (peer, at.to_vec());
        driver.write(move |step, _| enter(step, page, door, further)).await?;
        if last {
            dialogue.close().await;
            return Ok(());
        }
    }
}

fn enter(step: &mut Step<'_>, page: Approved, door: (NodeId, Vec<String>), further: bool) -> Result<(), Fault> {
    let own = step.org();
    let coalition = page.coalition;
    if page.from == 0 {
        // Who answers is not known yet; the roster says who is in.
        step.join_coalition(coalition, own)?;
    }
    step.take_entries(page.entries)?;
    if page.next.is_some() {
        return Ok(());
    }
    let (engine, draft) = step.engine();
    let roster = engine.roster(draft, coalition)?;
    let stranger = || Fault::misbehaved("what that node showed is no coalition of this organisation");
    let member = roster.member(&own).ok_or_else(stranger)?;
    let me = engine.node();
    let others = member.nodes.keys().filter(|node| **node != me && !roster.retired.contains(node)).count();
    if further && others >= limits::NODES_OF_ORG {
        return Err(Fault::not_permitted(format!(
            "this organisation has {others} machines in force, and no more than {} have a place: one more would wait until one is retired",
            limits::NODES_OF_ORG
        )));
    }
    let card = member.card.clone();
    identity::keep_card(draft, &card);
    let mut doors = page.addresses;
    doors.insert(0, door);
    coalition::keep_introducers(draft, &doors);
    Ok(())
}
