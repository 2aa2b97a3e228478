//! Whether the right things were sealed from the right people, found out by the reader outside the nodes: what a store holds, and
//! what its keys open of what it is handed. Each finding stands beside the opposite one at whom the consent names, so that a search
//! that finds nothing anywhere is no proof.

use super::Actor;
use crate::api::care::{Care, DisclosuresAsk, DisclosuresView};
use crate::demo::reader::{self, Opened, force, search};
use crate::demo::report::Report;
use anyhow::{Context, Result};
use belay_protocol::ids::SpaceId;
use belay_protocol::space::entry::{Entry, Kind};
use belay_protocol::space::{SpaceKind, Spaces};
use std::collections::BTreeSet;

/// The thread spaces that this node founded or is in.
pub fn spaces(of: &Opened) -> Result<BTreeSet<SpaceId>> {
    let all = Spaces::new(of.node).spaces(&of.reader)?;
    Ok(all.into_iter().filter(|s| matches!(s.kind, SpaceKind::Thread { .. })).map(|s| s.space).collect())
}

/// As [`spaces`], of an actor's node.
pub fn spaces_of(actor: &Actor) -> Result<BTreeSet<SpaceId>> {
    spaces(&reader::of(&actor.node)?)
}

/// All entries of some spaces as one store holds them.
pub fn entries<'s>(of: &Opened, spaces: impl IntoIterator<Item = &'s SpaceId>) -> Result<Vec<Entry>> {
    let mut all = Vec::new();
    for space in spaces {
        all.extend(force::entries(of, *space)?);
    }
    Ok(all)
}

/// Spaces with their words, who may have them, and who may not.
#[derive(Debug)]
pub struct Sealed<'s> {
    /// What it is, to go on from "nothing of".
    pub what: &'s str,
    pub spaces: &'s BTreeSet<SpaceId>,
    /// Words that stand in no other space.
    pub words: &'s [&'s str],
    /// Who wrote it.
    pub writer: &'s Actor,
    /// Whom the consent names.
    pub named: &'s Actor,
    pub from: &'s [&'s Actor],
}

impl Sealed<'_> {
    /// Nobody else has any of it, and all keys of theirs open nothing of it; who is named has it all and opens it all.
    pub fn check(&self, report: &mut Report) -> Result<()> {
        let written = entries(&reader::of(&self.writer.node)?, self.spaces)?;
        let mut needles: Vec<Vec<u8>> = self.spaces.iter().map(|s| s.0.to_vec()).collect();
        needles.extend(written.iter().map(|e| e.hash().0.to_vec()));
        needles.extend(self.words.iter().map(|word| word.as_bytes().to_vec()));
        let bodies = written.iter().filter(|e| e.header().kind == Kind::Data).count();
        let named = reader::of(&self.named.node)?;
        // Words may lie packed in the store, with the texts that stand in nearly every body as the dictionary.
        let plain = force::bodies(&named, &written)?;
        let reads = |needle: &[u8]| plain.values().any(|body| body.windows(needle.len()).any(|part| part == needle));
        let found = search::search(&named, &needles)?;
        let missing = found.iter().zip(&needles).filter(|(f, needle)| f.values == 0 && !reads(needle)).count();
        let opened = plain.len();
        let (whom, what) = (self.named.role.name.as_str(), self.what);
        for other in self.from {
            let (who, store) = (other.role.name.as_str(), reader::of(&other.node)?);
            let found: Vec<String> = search::search(&store, &needles)?.into_iter().flat_map(|f| f.tables).collect();
            let name = format!("{who} has nothing of {what}");
            let detail = format!("{} needles, found in {found:?}", needles.len());
            report.check(&name, found.is_empty() && needles.len() > 3, detail);
            let forced = force::open_all(&store, &written)?.len();
            let name = format!("handed every entry of {what}, {who} opens nothing");
            report.check(&name, forced == 0 && bodies > 0, format!("{forced} of {bodies} bodies open"));
        }
        let name = format!("the same search finds all of {what} at {whom}");
        report.check(&name, missing == 0, format!("{missing} of {} not found", needles.len()));
        let name = format!("the same keys and entries of {what} open at {whom}");
        report.check(&name, opened == bodies && bodies > 0, format!("{opened} of {bodies}"));
        Ok(())
    }
}

/// Words that stand in one store and not in the others, such as what a consent lets nobody be told.
pub fn only_at(report: &mut Report, name: &str, at: &Actor, without: &[&Actor], words: &[&str]) -> Result<()> {
    let needles: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
    let there = search::search(&reader::of(&at.node)?, &needles)?.iter().filter(|f| f.values > 0).count();
    let mut elsewhere = Vec::new();
    for other in without {
        let found = search::search(&reader::of(&other.node)?, &needles)?;
        let tables = found.into_iter().flat_map(|f| f.tables);
        elsewhere.extend(tables.map(|table| format!("{}: {table}", other.role.name)));
    }
    let detail = format!("{there} of {} found at {}; elsewhere in {elsewhere:?}", words.len(), at.role.name);
    report.check(name, there == words.len() && there > 0 && elsewhere.is_empty(), detail);
    Ok(())
}

/// What an organisation wrote into these spaces stands on its record of disclosures, entry by entry.
pub fn recorded(report: &mut Report, by: &Actor, spaces: &BTreeSet<SpaceId>, person: &str) -> Result<()> {
    let from = reader::of(&by.node)?;
    let told: Vec<Entry> = entries(&from, spaces)?
        .into_iter()
        .filter(|e| e.header().kind == Kind::Data && e.header().author == from.node)
        .collect();
    let view: DisclosuresView = by.care(Care::Disclosures(DisclosuresAsk::of(person)))?;
    let on_record = told.iter().filter(|e| view.disclosures.iter().any(|d| d.entry == e.hash())).count();
    let name = format!("every disclosure is on the record of {}", by.role.name);
    let detail = format!("{on_record} of {} tellings, with staff, consent, purpose, recipient and time", told.len());
    report.check(&name, on_record == told.len() && on_record > 0, detail);
    Ok(())
}

/// The logs of all nodes, which hold nothing about the person.
pub fn unlogged(report: &mut Report, actors: &[Actor], words: &[&str]) -> Result<()> {
    let (mut lines, mut found) = (0, 0);
    for actor in actors {
        let log = std::fs::read_to_string(actor.node.log_file()).context("a node's log")?;
        lines += log.lines().count();
        found += words.iter().filter(|word| log.contains(**word)).count();
    }
    let detail = format!("{lines} lines of {} logs", actors.len());
    report.check("no log holds anything about the person", found == 0 && lines > 0, detail);
    Ok(())
}
