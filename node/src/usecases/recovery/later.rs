//! After a recovery: who is still to be heard, what came since, and records that come by file.

use super::{Kind, open_all, records};
use crate::api::views::{LaidByView, RecordsView, RecoveringView, RestView};
use crate::api::{Failure, Outcome, Secret};
use crate::driver::Driver;
use crate::system;
use crate::usecases::{coalition, identity, parties, people};
use belay_protocol::engine::{Engine, Opening, Returned, Step};
use belay_protocol::fault::Result;
use belay_protocol::ids::NodeId;
use belay_protocol::store::View;
use belay_protocol::sync::kept::Records;
use belay_protocol::time::Time;

/// What is still to come; `None` if nothing is.
///
/// # Errors
/// `Store`.
pub fn still(engine: &mut Engine, view: &dyn View) -> Outcome<Option<RecoveringView>> {
    let (orgs, sealed) = (engine.looked_for(view)?, engine.sealed_here(view)?);
    if orgs.is_empty() && sealed == 0 {
        return Ok(None);
    }
    let roster = coalition::member_roster(engine, view)?;
    let name = |org| roster.as_ref().and_then(|roster| roster.orgs.get(org)).map(|member| member.card.name.clone());
    let still_to_hear = orgs.keys().map(|org| name(org).unwrap_or_else(|| org.short())).collect();
    Ok(Some(RecoveringView { still_to_hear, since: orgs.into_values().min(), sealed }))
}

/// What is kept here of an organisation, one text of a file. It is sealed to that organisation's phrase.
///
/// # Errors
/// No member of that name, this organisation itself, or one of which nothing lies here.
pub fn export(step: &mut Step<'_>, org: &str, after: Option<(NodeId, u64)>) -> Outcome<RecordsView> {
    let of = parties::member(step, org)?;
    if of.org == step.org() {
        return Err(Failure::misuse("a node keeps records for others; its own are copied with a command of their own")
            .next("belay backup create FILE"));
    }
    let (records, next) = Records::after(step.draft(), of.org, after)?;
    if records.packages.is_empty() && after.is_none() {
        return Err(Failure::failed(format!("this machine keeps no records of {}", of.name))
            .next("the command at another partner: belay status at the lost machine named those under `kept by`"));
    }
    Ok(RecordsView {
        of: of.org,
        of_name: of.name,
        packages: records.packages.len(),
        text: records.text(),
        next,
        file: None,
    })
}

/// Takes one text of such a file, to be opened when the phrase is typed.
///
/// # Errors
/// Damaged, or records of another organisation.
pub fn lay_by(step: &mut Step<'_>, content: &Secret) -> Outcome<LaidByView> {
    let records = Records::read(content.reveal())?;
    if records.of != step.org() {
        return Err(Failure::misuse("these are records of another organisation"));
    }
    for package in &records.packages {
        step.lay_by(package)?;
    }
    Ok(LaidByView { packages: records.packages.len() })
}

/// Opens what came since, piece by piece, so that the node serves others meanwhile.
///
/// # Errors
/// Words of no phrase, or of another organisation's; nothing that is sealed here.
pub async fn open_rest(driver: &Driver, phrase: Secret) -> Outcome<RestView> {
    let phrase = identity::phrase(&phrase)?;
    let (root, none) = (phrase.root().public(), "nothing of this organisation's records lies here sealed");
    driver
        .query(move |engine, view| -> Outcome<()> {
            if root != identity::card(view)?.root {
                return Err(identity::anothers_phrase());
            }
            if engine.sealed_here(view)? == 0 {
                return Err(Failure::failed(none).next("belay status says who is still to be heard"));
            }
            Ok(())
        })
        .await?;
    let (began, before) = driver.query(|engine, view| count(engine, view).map(|n| (system::now(), n))).await?;
    let Opening { opened, .. } = open_all(driver, &phrase).await?;
    let newest = driver.query(move |engine, view| newest_since(engine, view, before, began)).await?;
    let recovery = phrase.recovery();
    driver
        .write(move |step, _| -> Result<()> {
            step.open_private(&recovery)?;
            step.keep_last_words()
        })
        .await?;
    driver.query(move |engine, store| rest(engine, store, opened, newest)).await
}

/// How many entries of own records are here.
fn count(engine: &mut Engine, view: &dyn View) -> Result<u32> {
    let private = engine.private_space(view)?;
    private.map_or(Ok(0), |private| engine.spaces().count_of(view, private))
}

/// When the newest of the own records was written that are here beyond the first `before`: this machine's own too, where its disk was put
/// back. What it wrote meanwhile, since `began`, did not come.
fn newest_since(engine: &mut Engine, view: &dyn View, before: u32, began: Time) -> Result<Option<Time>> {
    let Some(private) = engine.private_space(view)? else { return Ok(None) };
    let (own, mut newest) = (engine.node(), None);
    for hash in engine.spaces().order(view, private, before, usize::MAX)? {
        let Some(entry) = engine.spaces().entry(view, &hash)? else { continue };
        let header = entry.header();
        if header.author != own || header.time < began {
            newest = newest.max(Some(header.time));
        }
    }
    Ok(newest)
}

/// A partner that is looked for in vain is asked no more, and what it gave that does not open is let go.
///
/// # Errors
/// Nobody of that name who is or was a member, or one that is not looked for.
pub fn give_up(step: &mut Step<'_>, org: &str) -> Outcome<RecoveringView> {
    let of = parties::once(step, org)?;
    if !step.look_no_more_for(of.org)? {
        return Err(Failure::failed(format!("{} is not asked for own records", of.name))
            .next("belay status says who is still to be heard"));
    }
    let (engine, draft) = step.engine();
    let nothing = RecoveringView { still_to_hear: Vec::new(), since: None, sealed: 0 };
    Ok(still(engine, draft)?.unwrap_or(nothing))
}

/// What is here now.
fn rest(engine: &mut Engine, view: &crate::store::Store, opened: Returned, newest: Option<Time>) -> Outcome<RestView> {
    let count = |kind: Kind| -> Result<usize> { Ok(records::all(view, kind, &[])?.len()) };
    Ok(RestView {
        packages: opened.packages,
        spoilt: opened.spoilt,
        staff: count(Kind::Staff)?,
        persons: people::count(view)?,
        consents: count(Kind::Consent)?,
        disclosures: count(Kind::Disclosure)?,
        audits: count(Kind::Audit)?,
        newest,
        still_to_hear: still(engine, view)?.map(|still| still.still_to_hear).unwrap_or_default(),
    })
}
