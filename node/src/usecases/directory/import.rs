//! Import, a document at a time: the node answers everybody between.
//!
//! First all that changes is kept in the node's own store, in one transaction; then one document after the other is written, each
//! in a transaction that also takes its part away. Whatever ends the node meanwhile, either nothing of the import was kept, or
//! the node itself goes on with it when it is back.

use super::Writer;
use crate::api::views::ImportView;
use crate::api::{Failure, FailureClass, Outcome};
use crate::driver::Driver;
use crate::interchange::{self, Import};
use crate::ops::conditions::{self, Severity};
use crate::usecases::coalition::roster;
use belay_protocol::codec;
use belay_protocol::directory::plan::{self, Part, Plan};
use belay_protocol::directory::{Existing, listings};
use belay_protocol::document;
use belay_protocol::engine::Step;
use belay_protocol::fault::Fault;
use belay_protocol::ids::SpaceId;
use belay_protocol::store::{Table, View, after_prefix};
use std::path::PathBuf;
use std::sync::Arc;

/// The parts that wait, in [`Table::Own`]: behind it a number (u32 big endian); the value is the coalition and the part.
const STAGED: &[u8] = b"import/";

impl Writer {
    /// Imports a file or folder of this machine.
    ///
    /// # Errors
    /// In no coalition, or a path that holds no directory: nothing happened. A store that fails on the way: what is kept is
    /// written as soon as it can be.
    pub async fn import(self: &Arc<Self>, driver: &Driver, path: String) -> Outcome<ImportView> {
        let read = tokio::task::spawn_blocking(move || interchange::read(&PathBuf::from(path)));
        let import = Arc::new(read.await.map_err(|_| Failure::failed("the import ended by a panic"))??);
        let _one_at_a_time = self.importing.lock().await;
        // What an import before this one left behind comes first: this one is newer. What was refused of it stays refused.
        if let Err(failure) = self.finish(driver).await
            && failure.class == FailureClass::Failed
        {
            return Err(failure);
        }
        driver.conditions().clear(conditions::IMPORT_REFUSED);
        let plan = stage(driver, &import).await?;
        self.finish(driver).await?;
        let report = import.report();
        Ok(ImportView {
            format: report.format,
            set: report.set,
            counts: report.counts,
            added: plan.added,
            changed: plan.changed,
            unchanged: plan.unchanged,
            kept_edits: plan.kept_edits,
            absent: plan.absent,
            dropped: report.dropped,
            tables: report.tables,
            issues: report.issues,
        })
    }

    /// Writes, for as long as the node runs, what imports have left behind: at the start, and whenever the store takes writes again.
    pub fn go_on(self: Arc<Self>, driver: Driver) {
        // Until it has looked, nobody may take what is there for the whole.
        let looking = "looking whether an import was left unfinished";
        driver.conditions().set(conditions::IMPORT, Severity::Info, looking, None);
        tokio::spawn(async move {
            loop {
                let mut changes = driver.changes();
                let outcome = {
                    let _one_at_a_time = self.importing.lock().await;
                    self.finish(&driver).await
                };
                let go_on = match outcome {
                    Ok(()) => {
                        async {
                            self.left.notified().await;
                            true
                        }
                        .await
                    }
                    Err(_) => tokio::select! {
                        changed = changes.changed() => changed.is_ok(),
                        () = driver.ended() => false,
                    },
                };
                if !go_on {
                    return;
                }
            }
        });
    }

    /// Writes every part that waits.
    ///
    /// # Errors
    /// The store failed: what is left is kept. Or some were refused: the others are written, a condition says so, and this does.
    async fn finish(self: &Arc<Self>, driver: &Driver) -> Outcome<()> {
        let mut refused: Option<(usize, Failure)> = None;
        let all = driver.query(|_, store| Ok::<_, Fault>(waiting(store, usize::MAX)?.len())).await?;
        let conditions = driver.conditions();
        for written in 0..all {
            let sentence = format!("an import is being written: {written} of {all} documents");
            conditions.set(conditions::IMPORT, Severity::Info, sentence, None);
            let writer = Arc::clone(self);
            let outcome = driver.write(move |step, _| writer.part(step)).await;
            if let Err(failure) = outcome {
                if failure.class == FailureClass::Failed {
                    let kept = format!(
                        "an import stopped, with {written} of {all} documents written; the rest is kept, and written once the store takes it"
                    );
                    conditions.set(conditions::IMPORT, Severity::Warning, kept, None);
                    self.left.notify_one();
                    return Err(failure);
                }
                // One that can not be written does not keep the others from it.
                driver.write(|step, _| drop_first(step)).await?;
                refused = Some(match refused {
                    Some((count, first)) => (count + 1, first),
                    None => (1, failure),
                });
            }
        }
        conditions.clear(conditions::IMPORT);
        let Some((count, first)) = refused else { return Ok(()) };
        let message =
            format!("{count} of {all} documents of an import were refused, the others are written: {}", first.message);
        conditions.set(
            conditions::IMPORT_REFUSED,
            Severity::Warning,
            message.clone(),
            Some("belay directory import PATH"),
        );
        Err(Failure { message, ..first })
    }

    /// Writes the first part that waits, and takes it away.
    fn part(&self, step: &mut Step<'_>) -> Outcome<()> {
        let Some((key, value)) = waiting(step, 1)?.pop() else { return Ok(()) };
        let (space, part): (SpaceId, Vec<u8>) =
            codec::decode("part of an import", &value).map_err(|fault| Fault::store(fault.message))?;
        step.draft().delete(Table::Own, key);
        if roster(step)?.coalition != space {
            return Ok(());
        }
        let part = Part::decode(&part)?;
        // Staff may have changed the document since the part was made: what stands now decides.
        let standing = listings(&document::open(step, &space, &step.org(), &part.document)?.fields()?);
        self.write(step, space, &plan::part(&standing, &part))?;
        Ok(())
    }
}

/// Keeps all that changes by an import, to be written a part at a time; and says what that is.
async fn stage(driver: &Driver, import: &Arc<Import>) -> Outcome<Plan> {
    let space = driver.write(|step, _| -> Outcome<SpaceId> { Ok(roster(step)?.coalition) }).await?;
    let (org, incoming) = (driver.org(), Arc::clone(import));
    let (plan, staged) = driver
        .read(move |reader| -> Outcome<_> {
            let existing = Existing::load(reader, &space, &org)?;
            let (plan, parts) = plan::staged(&org, &existing, &incoming.incoming());
            let parts = parts.iter().map(|part| Ok(codec::encode(&(space, part.encode()?))));
            Ok((plan, parts.collect::<Result<Vec<_>, Fault>>()?))
        })
        .await?;
    driver
        .write(move |step, _| -> Outcome<()> {
            for (number, part) in (0_u32..).zip(staged) {
                step.draft().put(Table::Own, [STAGED, &number.to_be_bytes()].concat(), part);
            }
            Ok(())
        })
        .await?;
    Ok(plan)
}

fn waiting(view: &dyn View, most: usize) -> Result<Vec<belay_protocol::store::Row>, Fault> {
    view.scan(Table::Own, STAGED, after_prefix(STAGED).as_deref(), most, false)
}

fn drop_first(step: &mut Step<'_>) -> Outcome<()> {
    for (key, _) in waiting(step, 1)? {
        step.draft().delete(Table::Own, key);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
