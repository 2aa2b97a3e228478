//! Bundles: parcels in a file, which somebody carries.

use super::make::take_wanted;
use super::newest;
use super::take::{Outcome, Unopened};
use crate::engine::{Engine, Step};
use crate::fault::{Fault, Result};
use crate::ids::OrgId;
use crate::limits;
use crate::store::View;
use crate::sync::parcel;
use crate::sync::parcel::rows::{self, Way};
use crate::sync::session::fill::{Fill, Reach};

/// What was put into parcels for a file.
#[derive(Debug, Default)]
pub struct Exported {
    /// In the order in which they are best taken; any other works.
    pub parcels: Vec<Vec<u8>>,
    pub entries: usize,
    pub registers: usize,
    /// Not everything fitted: export again once the recipient has answered with a bundle of its own.
    pub more: bool,
}

/// What became of a parcel from a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// It is here now, of this organisation.
    Taken(OrgId),
    /// It had been taken before.
    Known,
    /// It follows something that is still to come, and waits for it.
    Waits,
}

impl Step<'_> {
    /// Parcels for an organisation with all that it may have and that came after its last receipt; `all`: whatever it has
    /// acknowledged before.
    ///
    /// # Errors
    /// `NotPermitted` for an organisation that is in no coalition with this one.
    pub fn export_parcels(&mut self, to: OrgId, all: bool) -> Result<Exported> {
        let Self { engine, draft, ctx, work, .. } = self;
        let nodes = engine.nodes_of(draft, to)?;
        if nodes.is_empty() || to == engine.org() {
            return Err(Fault::not_permitted("a bundle is made for another member of the coalition, and this is none"));
        }
        let of = nodes.iter().map(|(node, _)| *node).collect();
        let first = if all { 1 } else { rows::holds(draft, to)? + 1 };
        let mut fill = if first == 1 {
            let (_, mut tools) = engine.tools(draft, &mut work.got, ctx);
            Fill::everything(to, of, all, &mut tools)?
        } else {
            Fill::since(to, of, Reach::Everything, first)
        };
        fill.wanted(take_wanted(draft, to)?);
        let mut exported = Exported::default();
        let (mut pages, mut bytes) = (Vec::new(), 0);
        let mut last = first.saturating_sub(1);
        loop {
            let Some(page) = engine.page(draft, work, ctx, &mut fill)? else {
                last = newest(draft)?;
                break;
            };
            last = fill.covered().unwrap_or(last);
            exported.entries += page.entries.len();
            exported.registers += page.registers.len();
            bytes += limits::PARCEL_PAGE;
            pages.push(page);
            if bytes + limits::PARCEL_PAGE > limits::BUNDLE_FILE_BYTES {
                exported.more = true;
                break;
            }
        }
        // What an earlier bundle from the same point held is in this one: receipts for that one are not needed any more.
        for (parcel, row) in rows::outgoing(draft)? {
            if row.way == Way::File && row.to == to && row.first == first {
                rows::drop_outgoing(draft, &parcel);
            }
        }
        for page in pages {
            let made = engine.seal(draft, work, ctx, (to, &nodes), page, Way::File, (first, last))?;
            rows::put_outgoing(draft, &made.parcel, &made.row);
            exported.parcels.push(made.bytes);
        }
        Ok(exported)
    }

    /// Takes a parcel that came by file.
    ///
    /// # Errors
    /// What is wrong with it: then drop the step, and nothing happened. `NotPermitted` also if it would have to wait and there is no
    /// room for it.
    pub fn import_parcel(&mut self, bytes: Vec<u8>) -> Result<Imported> {
        let name = parcel::name(&bytes);
        let Self { engine, draft, ctx, work, .. } = self;
        let known = rows::taken(draft, &name)?.is_some_and(|taken| taken.receipt.is_some());
        if !known && let Err(Unopened { fault, .. }) = engine.open_parcel(draft, &bytes, ctx)? {
            return Err(fault);
        }
        match engine.take_in(draft, work, ctx, name, bytes)? {
            Outcome::Taken { from: Some(from), .. } => Ok(Imported::Taken(from)),
            Outcome::Taken { from: None, .. } => Ok(Imported::Known),
            Outcome::Held if rows::held(draft)?.iter().any(|(held, _)| *held == name) => Ok(Imported::Waits),
            Outcome::Held => Err(Fault::not_permitted(
                "too much waits here for what it follows; bring the earlier bundles first, then this one again",
            )),
            Outcome::Refused(fault) => Err(fault),
        }
    }
}

impl Engine {
    /// How many parcels wait here for what they follow.
    ///
    /// # Errors
    /// `Store`.
    pub fn parcels_held(&self, view: &dyn View) -> Result<usize> {
        Ok(rows::held(view)?.len())
    }
}
