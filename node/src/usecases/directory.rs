//! The directory: import, search, and this organisation's own listings.

mod import;
mod writer;

pub use writer::Writer;

use super::coalition::member_roster;
use crate::api::request::Search;
use crate::api::views::{ListingView, OpeningsView, SearchView};
use crate::api::{Failure, Outcome};
use crate::interchange::kinds;
use crate::store::directory::{self as tables, Hit, Query};
use crate::store::{Reader, Tx};
use belay_protocol::directory::listing::{NotAKind, NotAListingId};
use belay_protocol::directory::{ListingId, Openings};
use belay_protocol::document::{Body, Item};
use belay_protocol::engine::{Applied, Engine, Event};
use belay_protocol::fault::Result;
use belay_protocol::ids::{NodeId, OrgId, SpaceId};
use belay_protocol::store::View;
use std::collections::{BTreeMap, BTreeSet};

/// Entries read at once when a space is folded again.
const PART: usize = 1_000;
/// Listings that one search shows at most.
const SHOWN: u32 = 200;

/// Takes documents and registers of the coalition into the directory's tables, in the transaction that stores their entries.
///
/// # Errors
/// `Store`.
pub fn project(engine: &mut Engine, tx: &Tx<'_>, events: &[Event]) -> Result<()> {
    let (mut items, mut refolded) = (BTreeMap::<SpaceId, Vec<Item>>::new(), BTreeSet::new());
    for event in events {
        match event {
            Event::Applied { space, hash, author, org, body, .. } if is_coalition(engine, tx, *space)? => {
                if let Ok(body) = Body::decode(body) {
                    let item = Item { entry: *hash, org: *org, author: *author, body };
                    items.entry(*space).or_default().push(item);
                }
            }
            Event::Refold { space, org, document } => {
                refolded.insert((*space, *org, *document));
            }
            Event::Register { space, node, name } if Openings::listing(name).is_some() => {
                openings(engine, tx, *space, *node, name)?;
            }
            Event::Members { space } if is_coalition(engine, tx, *space)? => gone(engine, tx, *space)?,
            _ => {}
        }
    }
    for (space, items) in items {
        tables::receive(tx, engine.documents(), &space, &items)?;
    }
    for (space, org, document) in refolded {
        tables::made(tx, &space, |draft| Ok(engine.refold(draft, (space, org, document))?.into_iter().collect()))?;
    }
    Ok(())
}

/// Makes the directory's tables of a coalition again from its entries and registers alone.
///
/// # Errors
/// `Store`.
pub fn rebuild(engine: &mut Engine, tx: &Tx<'_>) -> Result<()> {
    for space in engine.coalitions(tx)? {
        tables::clear(tx, &space)?;
        let mut from = Some(0);
        while let Some(start) = from {
            let part = engine.bodies(tx, space, start, PART)?;
            let items: Vec<Item> = part.applied.into_iter().filter_map(item).collect();
            tables::receive(tx, engine.documents(), &space, &items)?;
            from = part.next;
        }
        for register in engine.registers(tx, space)? {
            openings(engine, tx, space, register.node, &register.name)?;
        }
    }
    Ok(())
}

fn is_coalition(engine: &mut Engine, view: &dyn View, space: SpaceId) -> Result<bool> {
    engine.spaces().is_coalition(view, space)
}

fn openings(engine: &mut Engine, tx: &Tx<'_>, space: SpaceId, node: NodeId, name: &str) -> Result<()> {
    let Some(listing) = Openings::listing(name) else { return Ok(()) };
    let Some(owner) = engine.roster(tx, space)?.org_of(&node) else { return Ok(()) };
    if let Some(register) = engine.spaces().register(tx, space, node, name)?
        && let Ok(openings) = Openings::decode(&register.value)
    {
        tables::openings(tx.sql(), &space, &owner, &node, &listing, &openings)?;
    }
    Ok(())
}

/// Forgets the openings of organisations that are out and of nodes that are retired.
fn gone(engine: &mut Engine, tx: &Tx<'_>, space: SpaceId) -> Result<()> {
    let roster = engine.roster(tx, space)?;
    for (org, member) in &roster.orgs {
        if member.removed {
            tables::forget_openings(tx.sql(), &space, org, None)?;
        }
        for node in member.nodes.keys().filter(|node| roster.retired.contains(node)) {
            tables::forget_openings(tx.sql(), &space, org, Some(node))?;
        }
    }
    Ok(())
}

/// What a body that counts says of a document, if it does.
fn item(applied: Applied) -> Option<Item> {
    let Applied { hash, author, org, body, .. } = applied;
    Some(Item { entry: hash, org, author, body: Body::decode(&body).ok()? })
}

/// The coalition and the names of its organisations: what views need besides the tables.
#[derive(Debug, Clone, Default)]
pub struct Names {
    pub coalition: Option<SpaceId>,
    pub orgs: BTreeMap<OrgId, String>,
}

/// Reads them.
///
/// # Errors
/// `Store`.
pub fn names(engine: &mut Engine, view: &dyn View) -> Result<Names> {
    Ok(member_roster(engine, view)?.map_or_else(Names::default, |roster| Names {
        coalition: Some(roster.coalition),
        orgs: roster.orgs.iter().map(|(id, member)| (*id, member.card.name.clone())).collect(),
    }))
}

/// How many listings are found, stubs not counted.
///
/// # Errors
/// `Store`.
pub fn count(reader: &Reader, names: &Names) -> Result<u64> {
    let Some(space) = names.coalition else { return Ok(0) };
    let shown = tables::count(reader.sql(), &space)?;
    Ok(shown.organizations + shown.services + shown.locations + shown.programs)
}

/// Searches.
///
/// # Errors
/// A kind that is none.
pub fn search(reader: &Reader, names: &Names, search: &Search) -> Outcome<SearchView> {
    let kind = search.kind.as_deref().map(str::parse).transpose();
    let query = Query {
        words: search.words.clone(),
        near: search.near,
        within_km: search.within_km,
        kind: kind.map_err(|e: NotAKind| Failure::misuse(e.to_string()).next("belay directory search --help"))?,
        facets: search.service.iter().cloned().collect(),
        owner: search.org,
        open: search.open,
        limit: search.limit.clamp(1, SHOWN) as usize,
        offset: search.skip as usize,
        stubs: false,
    };
    let found = tables::search(reader.sql(), Some(reader.ranked()), &query)?;
    if found.hits.is_empty()
        && let Some(kind) = &search.service
    {
        known(reader, kind)?;
    }
    let listings = found.hits.into_iter().map(|hit| view(names, hit)).collect();
    Ok(SearchView { total: found.total as u64, more: found.more, listings })
}

/// One listing, by `<org>/<listing>` or by its id alone where only one organisation publishes it.
///
/// # Errors
/// None such, or several.
pub fn show(reader: &Reader, names: &Names, listing: &str) -> Outcome<ListingView> {
    let (org, id) = listing.trim().rsplit_once('/').map_or((None, listing.trim()), |(org, id)| (Some(org), id));
    let id = listing_id(reader, id)?;
    let hits = tables::get(reader.sql(), &id)?;
    let mut fits = hits.into_iter().filter(|hit| org.is_none_or(|org| hit.owner.to_string().starts_with(org)));
    match (fits.next(), fits.next()) {
        (Some(hit), None) => Ok(view(names, hit)),
        (None, _) => Err(Failure::misuse("no such listing is here").next("belay directory search")),
        (Some(_), Some(_)) => {
            Err(Failure::misuse("several organisations publish this listing; write <organisation id>/<listing id>")
                .next("belay directory search"))
        }
    }
}

/// Where an organisation itself is: its own listing, then its locations; nothing where it publishes none of itself.
///
/// # Errors
/// `Store`.
pub fn office(reader: &Reader, names: &Names, org: OrgId) -> Outcome<Vec<ListingView>> {
    let Some(name) = names.orgs.get(&org) else { return Ok(Vec::new()) };
    let hits = tables::office(reader.sql(), &org, name)?;
    Ok(hits.into_iter().map(|hit| view(names, hit)).collect())
}

/// The id of a listing, whole or by its first four characters or more.
fn listing_id(reader: &Reader, given: &str) -> Outcome<ListingId> {
    let wrong = |e: NotAListingId| Failure::misuse(e.to_string()).next("belay directory search");
    let digits: String = given.trim().to_lowercase().chars().filter(|c| *c != '-').collect();
    if !(4..32).contains(&digits.len()) || !digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return given.trim().parse().map_err(wrong);
    }
    match tables::beginning(reader.sql(), &digits)?.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::misuse("no such listing is here").next("belay directory search")),
        _ => Err(Failure::misuse("more than one listing fits; give more of its id").next("belay directory search")),
    }
}

/// Refuses a kind of service that no listing has and that has no name here, and names near ones.
fn known(reader: &Reader, given: &str) -> Outcome<()> {
    let wanted = given.trim().to_lowercase().replace([' ', '-'], "_");
    let wanted = wanted.strip_prefix("service_kind.").unwrap_or(&wanted);
    if wanted.contains('.') {
        return Ok(());
    }
    let mut kinds: BTreeSet<String> = tables::service_kinds(reader.sql())?.into_iter().collect();
    kinds.extend(kinds::services().map(str::to_owned));
    if kinds.contains(wanted) {
        return Ok(());
    }
    let start: String = wanted.chars().take(3).collect();
    let near: Vec<String> = kinds.iter().filter(|kind| !start.is_empty() && kind.contains(&start)).cloned().collect();
    let all = kinds.into_iter().collect();
    let named: Vec<String> = if near.is_empty() { all } else { near };
    Err(Failure::misuse(format!("no kind of service is called {given}; there are: {}", named.join(", ")))
        .next("belay directory search --service KIND"))
}

/// A listing of this organisation.
fn own(reader: &Reader, names: &Names, org: OrgId, id: ListingId) -> Outcome<ListingView> {
    let hits = tables::get(reader.sql(), &id)?;
    let hit = hits.into_iter().find(|hit| hit.owner == org);
    hit.map(|hit| view(names, hit))
        .ok_or_else(|| Failure::failed("the listing was written and is not found").next("belay doctor"))
}

fn view(names: &Names, hit: Hit) -> ListingView {
    ListingView {
        id: format!("{}/{}", hit.owner, hit.listing.id),
        org: hit.owner,
        organisation: names.orgs.get(&hit.owner).cloned().unwrap_or_default(),
        kind: hit.listing.kind.word().to_owned(),
        name: hit.listing.name().to_owned(),
        offered_by: hit.organization,
        openings: hit.openings.map(|o| OpeningsView {
            openings: o.open,
            note: (!o.note.is_empty()).then_some(o.note),
            published: o.as_of,
        }),
        kilometres: hit.distance_km,
        fields: hit.listing.fields,
    }
}
