//! Bundles that somebody carries in a file, and parcels that lie with carriers. Nothing here is about a person: what goes into a parcel
//! is what a link to the same organisation would carry, and was told, with its record, when it was written.

use super::parties;
use crate::api::parcels::{BundleView, CarriedRow, CarrierRow, CarriersView, ImportedView, LeftRow};
use crate::api::views::UnderWayRow;
use crate::api::{Failure, Outcome, Secret};
use belay_protocol::engine::{Engine, Imported, Step, UnderWay};
use belay_protocol::fault::Fault;
use belay_protocol::ids::OrgId;
use belay_protocol::limits;
use belay_protocol::space::Roster;
use belay_protocol::store::View;
use belay_protocol::sync::carry::{self, CARRIER};
use belay_protocol::sync::parcel::bundle::Bundle;
use belay_protocol::time::Time;
use std::collections::BTreeSet;
use std::convert::Infallible;

const MEGABYTE: u64 = 1024 * 1024;

fn name(roster: &Roster, org: OrgId) -> String {
    roster.orgs.get(&org).map_or_else(|| org.short(), |member| member.card.name.clone())
}

/// A bundle for a member, with what came after its last receipt.
///
/// # Errors
/// Nobody of that name, or this organisation itself.
pub fn export(step: &mut Step<'_>, org: &str, all: bool) -> Outcome<BundleView> {
    let to = parties::member(step, org)?;
    if to.org == step.org() {
        return Err(Failure::misuse("a bundle is made for another member of the coalition, and this is your own organisation")
            .next("belay bundle export --for ORG FILE, with another; between two machines of yours nothing is carried by file"));
    }
    let made = step.export_parcels(to.org, all)?;
    Ok(BundleView {
        to: to.org,
        to_name: to.name,
        parcels: made.parcels.len(),
        entries: made.entries,
        registers: made.registers,
        more: made.more,
        texts: Bundle::texts(to.org, made.parcels),
        file: None,
    })
}

/// Takes one text of a bundle, all of it or nothing.
///
/// # Errors
/// Damaged, cut short, for another organisation, over, of a sender who was removed.
pub fn import(step: &mut Step<'_>, content: &Secret) -> Outcome<ImportedView> {
    let (_, roster) = parties::roster(step)?;
    let bundle = Bundle::read(content.reveal()).map_err(advice)?;
    if bundle.to != step.org() {
        let whose = name(&roster, bundle.to);
        return Err(Failure::misuse(format!("this bundle is for {whose}, and only that organisation can open it"))
            .next("belay bundle import FILE, there"));
    }
    let mut view = ImportedView::default();
    let mut from = BTreeSet::new();
    for parcel in bundle.parcels {
        match step.import_parcel(parcel).map_err(advice)? {
            Imported::Taken(org) => {
                view.taken += 1;
                from.insert(name(&roster, org));
            }
            Imported::Known => view.known += 1,
            Imported::Waits => view.waiting += 1,
        }
    }
    view.from = from.into_iter().collect();
    Ok(view)
}

fn advice(fault: Fault) -> Failure {
    Failure::from(fault).next("belay bundle export --for ORG FILE again, at the organisation that made it")
}

/// How a check ends, always: the step is dropped by it.
pub struct Checked(pub Outcome<ImportedView>);

impl From<Fault> for Checked {
    fn from(fault: Fault) -> Self {
        Self(Err(fault.into()))
    }
}

/// Whether [`import`] would take it.
///
/// # Errors
/// Always, with what `import` would say.
pub fn check(step: &mut Step<'_>, content: &Secret) -> std::result::Result<Infallible, Checked> {
    Err(Checked(import(step, content)))
}

/// Offers to keep parcels for others.
///
/// # Errors
/// Not a member; nothing, or more than the protocol allows.
pub fn offer(step: &mut Step<'_>, megabytes: u64) -> Outcome<CarriersView> {
    let bytes = megabytes.saturating_mul(MEGABYTE);
    if bytes == 0 || bytes > limits::CARRIED_BYTES {
        let most = limits::CARRIED_BYTES / MEGABYTE;
        return Err(Failure::misuse(format!("for each organisation 1 to {most} megabytes can be offered"))
            .next(format!("belay carrier offer --megabytes N, from 1 to {most}")));
    }
    publish(step, Some(bytes))
}

/// Takes no more.
///
/// # Errors
/// Not a member.
pub fn stop(step: &mut Step<'_>) -> Outcome<CarriersView> {
    publish(step, None)
}

fn publish(step: &mut Step<'_>, offered: Option<u64>) -> Outcome<CarriersView> {
    let (coalition, _) = parties::roster(step)?;
    step.register(coalition, CARRIER, &belay_protocol::codec::encode(&offered))?;
    list(step)
}

/// How much is on its way to whom, for `status`.
///
/// # Errors
/// `Store`.
pub fn under_way(engine: &mut Engine, view: &dyn View, now: Time) -> Outcome<Vec<UnderWayRow>> {
    let all = engine.under_way(view, now)?;
    let roster = super::coalition::member_roster(engine, view)?;
    let row = |(org, of): (OrgId, UnderWay)| UnderWayRow {
        organisation: org,
        name: roster.as_ref().map_or_else(|| org.short(), |roster| name(roster, org)),
        waiting: of.waiting,
        with_carriers: of.left,
        came: of.came,
    };
    Ok(all.into_iter().map(row).collect())
}

/// Who carries, what lies here, and what of ours lies elsewhere.
///
/// # Errors
/// Not in a coalition.
pub fn list(step: &mut Step<'_>) -> Outcome<CarriersView> {
    let (coalition, roster) = parties::roster(step)?;
    let (own, now) = (step.node(), step.context().now);
    let (engine, draft) = step.engine();
    let mut carriers = Vec::new();
    for (org, member) in roster.orgs.iter().filter(|(_, member)| !member.removed) {
        for node in member.nodes.keys() {
            if let Some(bytes) = carry::bytes_offered(engine.spaces(), draft, coalition, *node)? {
                let (name, ours) = (member.card.name.clone(), *node == own);
                carriers.push(CarrierRow { node: *node, org: *org, name, bytes, ours });
            }
        }
    }
    let carried = engine.carried(draft)?.into_iter().map(|row| CarriedRow {
        from_name: name(&roster, row.from),
        from: row.from,
        to_name: name(&roster, row.to),
        to: row.to,
        at: row.at,
        expires: row.expires,
        bytes: row.bytes,
    });
    let carried = carried.collect();
    let left = engine.outgoing(draft)?.into_iter().map(|row| LeftRow {
        to_name: name(&roster, row.to),
        to: row.to,
        made: row.made,
        expires: row.expires,
        bytes: row.bytes,
        with: row.left.iter().filter_map(|node| roster.org_of(node)).map(|org| name(&roster, org)).collect(),
    });
    let left = left.collect();
    let waiting = engine.waiting(draft, now)?.orgs.into_iter().map(|org| name(&roster, org)).collect();
    let offering = carriers.iter().find(|row| row.ours).map(|row| row.bytes);
    Ok(CarriersView { offering, carriers, carried, left, waiting })
}
