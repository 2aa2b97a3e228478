//! Copies of this machine's store in a file, and who of the partners keeps this organisation's own records.

use super::identity;
use crate::api::views::{BackupCheckView, BackupMadeView, BackupRow, RestoredView};
use crate::api::{Failure, Outcome};
use crate::config::Folder;
use crate::driver::Driver;
use crate::store::{Passphrase, Reader, backup};
use belay_protocol::engine::{Engine, Identity};
use belay_protocol::fault::{Class, Fault};
use belay_protocol::limits;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use std::path::{Path, PathBuf};

/// Makes a copy in a new file, while the node runs.
///
/// # Errors
/// A file that is there already, a path that is not whole, a disk that refuses.
pub async fn create(driver: &Driver, folder: Folder, file: PathBuf) -> Outcome<BackupMadeView> {
    if !file.is_absolute() {
        return Err(Failure::misuse("the node is told a whole path, since it runs in another folder"));
    }
    let now = crate::system::now();
    let shown = file.display().to_string();
    let readers = driver.readers();
    let made = tokio::task::spawn_blocking(move || backup::create(&readers, &folder, &file, now)).await;
    let made = made.map_err(|_| Failure::failed("a thread ended by a panic"))?;
    let bytes = made.map_err(|fault| match fault.class {
        Class::Store => Failure::from(fault).next(
            "belay backup create, with a file in a folder that the node's account may write to (a service: only those that ReadWritePaths= in \
             belay.service names), with room for a copy of the store",
        ),
        _ => Failure::from(fault),
    })?;
    Ok(BackupMadeView { file: shown, bytes, made: now })
}

fn whose(reader: &Reader) -> Outcome<(String, belay_protocol::ids::NodeId)> {
    let node = Identity::load(reader)?.node();
    Ok((identity::card(reader)?.name, node))
}

/// What to type where a file is not taken.
fn advice(fault: Fault) -> Failure {
    let next = if fault.message.starts_with("wrong passphrase") {
        Some("the command again, and type that passphrase; or --passphrase-file F, with the file that held it then")
    } else if fault.message.contains("is damaged") {
        Some("the command again with another copy; belay backup create FILE makes one where the node runs")
    } else if fault.message.contains("is no backup") {
        Some("the command again with a file that belay backup create made; belay recover needs none")
    } else {
        None
    };
    let failure = Failure::from(fault);
    match next {
        Some(next) => failure.next(next),
        None => failure,
    }
}

/// Looks through a file wholly, without a running node.
///
/// # Errors
/// No backup, a damaged one, or another passphrase.
pub fn verify(file: &Path, passphrase: &Passphrase) -> Outcome<BackupCheckView> {
    let (checked, reader, _beside) = backup::verify(file, passphrase).map_err(advice)?;
    let (organisation, node) = if checked.wrong.is_empty() {
        let (organisation, node) = whose(&reader)?;
        (Some(organisation), Some(node))
    } else {
        (None, None)
    };
    Ok(BackupCheckView {
        file: file.display().to_string(),
        organisation,
        node,
        made: checked.made,
        entries: checked.entries,
        wrong: checked.wrong,
    })
}

/// Puts a copy into an empty folder.
///
/// # Errors
/// As [`verify`]; also a folder that holds a node, or a copy in which something is wrong. The folder is as it was then.
pub fn restore(file: &Path, folder: &Folder, passphrase: &Passphrase) -> Outcome<RestoredView> {
    identity::vacant(folder)?;
    let (checked, reader) = backup::restore(file, folder, passphrase).map_err(advice)?;
    let (organisation, node) = whose(&reader)?;
    Ok(RestoredView {
        organisation,
        node,
        made: checked.made,
        entries: checked.entries,
        data: folder.path().display().to_string(),
    })
}

/// The partners that keep something of this organisation's own records.
///
/// # Errors
/// `Store`.
pub fn partners(engine: &mut Engine, view: &dyn View, now: Time) -> Outcome<Vec<BackupRow>> {
    let all = engine.to_back_up(view)?;
    let Some(roster) = super::coalition::member_roster(engine, view)? else { return Ok(Vec::new()) };
    let held = engine.backups(view)?;
    let mut rows = Vec::new();
    for (org, member) in roster.orgs.iter().filter(|(_, member)| !member.removed) {
        let Some(held) = held.get(org).filter(|held| held.upto > 0) else { continue };
        rows.push(BackupRow {
            organisation: *org,
            name: member.card.name.clone(),
            at: held.at,
            behind: all.saturating_sub(held.upto),
            fresh: now.since(held.at) < limits::BACKUP_FRESH,
            full: held.full,
        });
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.at));
    Ok(rows)
}
