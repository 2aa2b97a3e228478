//! Act three: everybody imports what they offer, and finds what the others do.

use super::{Actor, Options, say};
use crate::api::Request;
use crate::api::request::Search;
use crate::api::views::{ImportView, ListingView, SearchView};
use crate::demo::cast::{CLINIC, PEERS};
use crate::demo::pages;
use crate::demo::report::Report;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

/// Imports the built-in set, and what the caller brought.
pub fn play(options: &Options, stage: &Path, actors: &[Actor], report: &mut Report) -> Result<()> {
    say("Everybody imports what they offer");
    let began = Instant::now();
    for (number, actor) in actors.iter().enumerate() {
        let Some(listings) = actor.role.listings else { continue };
        let file = stage.join(format!("listings-{}.json", number + 1));
        std::fs::write(&file, listings).with_context(|| format!("{} could not be written", file.display()))?;
        let view = import(actor, &file)?;
        say(&format!("  {}: {} listings", actor.role.name, view.added));
        let again = import(actor, &file)?;
        if again.added + again.changed > 0 {
            report.check("importing again changes nothing", false, format!("{} changed", actor.role.name));
        }
    }
    if let Some(path) = &options.import {
        let keeper = actors.get(PEERS).context("nobody keeps the county's list")?;
        let view = import(keeper, path)?;
        let counts = &view.counts;
        say(&format!("  {}: {} listings of {} ({})", keeper.role.name, view.added, path.display(), view.format));
        report.figure("imported_services", counts.services as u64);
        report.figure("imported_locations", counts.locations as u64);
        report.figure("imported_services_under_stubs", counts.services_under_stubs as u64);
        report.figure("imported_locations_under_stubs", counts.locations_under_stubs as u64);
        report.figure("imported_rows_left_out", view.dropped as u64);
        let again = import(keeper, path)?;
        let detail = format!("{} added, {} changed", again.added, again.changed);
        report.check("importing again changes nothing", again.added + again.changed == 0, detail);
    }
    report.figure("import_ms", u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
    Ok(())
}

fn import(actor: &Actor, path: &Path) -> Result<ImportView> {
    let path = std::path::absolute(path)?.display().to_string();
    actor.node.ask(&Request::DirectoryImport { path })
}

/// Once all stores hold the same, every node finds the same, and openings that one publishes are seen by all.
pub fn found_everywhere(options: &Options, actors: &[Actor], report: &mut Report) -> Result<()> {
    let search = |words: &str| Request::DirectorySearch(Search { words: words.into(), limit: 50, ..Search::default() });
    let mut answers: Vec<Vec<String>> = Vec::new();
    let mut counts = Vec::new();
    for actor in actors {
        let found: SearchView = actor.node.ask(&search("buprenorphine"))?;
        answers.push(found.listings.into_iter().map(|l| l.id).collect());
        counts.push(actor.node.status()?.counts.listings);
    }
    let same = answers.windows(2).all(|w| matches!(w, [a, b] if a == b));
    let hits = answers.first().map_or(0, Vec::len);
    report.check("every node finds the same for \"buprenorphine\"", same && hits > 0, format!("{hits} listings"));
    report.listings = counts.first().copied().unwrap_or(0);
    let equal = counts.iter().all(|c| *c == report.listings) && report.listings > 0;
    let real = if options.import.is_some() { " with the imported set" } else { "" };
    report.check("every node shows as many listings", equal, format!("{}{real}", report.listings));

    let clinic = actors.get(CLINIC).context("no clinic plays")?;
    let found: SearchView = clinic.node.ask(&Request::DirectorySearch(Search {
        words: "office-based buprenorphine".into(),
        kind: Some("service".into()),
        org: Some(clinic.organisation),
        limit: 5,
        ..Search::default()
    }))?;
    let listing = found.listings.first().context("the clinic's own service is not found")?.id.clone();
    let began = Instant::now();
    let openings = Request::ListingOpenings { listing: listing.clone(), openings: 3, note: Some("this week".into()) };
    let _: ListingView = clinic.node.ask(&openings)?;
    let mut seen = 0;
    for actor in actors {
        let shown = actor.node.until(
            &Request::ListingShow { listing: listing.clone() },
            "the clinic's openings",
            |l: &ListingView| l.openings.as_ref().is_some_and(|o| o.openings == 3).then_some(()),
        );
        seen += usize::from(shown.is_ok());
    }
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    report.figure("openings_seen_by_all_ms", took);
    let detail = format!("3 at the clinic, seen by {seen} of {}", actors.len());
    report.check("openings of today are seen by all", seen == actors.len(), detail);
    let mut shown = 0;
    for actor in actors {
        let url = actor.node.status()?.http.context("a node of the demo serves pages")?;
        let (status, text) = pages::get(&url, "/?q=buprenorphine")?;
        shown += usize::from(status == 200 && text.contains("Office-based buprenorphine"));
        let (inbox, _) = pages::get(&url, "/inbox")?;
        shown -= usize::from(inbox == 200);
    }
    let detail = format!("{shown} of {} nodes' pages", actors.len());
    report.check("pages find it too, and show no inbox to who has not signed in", shown == actors.len(), detail);
    Ok(())
}

/// A listing that `from` adds now, once `to` finds it.
///
/// # Errors
/// It does not come there in time.
pub fn told_later(from: &Actor, to: &Actor) -> Result<()> {
    let fields = BTreeMap::from([("name".to_owned(), "Tidings of later".to_owned())]);
    let _: ListingView = from.node.ask(&Request::ListingAdd { kind: "service".into(), fields })?;
    let search = Search { words: "tidings of later".into(), limit: 1, ..Search::default() };
    to.node.until(&Request::DirectorySearch(search), "a later listing", |found: &SearchView| {
        (!found.listings.is_empty()).then_some(())
    })
}
