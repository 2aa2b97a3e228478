//! Makes anew what was touched, and what time has passed by.

use super::due::Agreed;
use super::index::{self, FORMAT, Head, Stale};
use crate::api::Outcome;
use crate::api::care::ListCounts;
use crate::driver::Driver;
use crate::usecases::{referrals, threads};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::ThreadId;
use belay_protocol::limits;
use belay_protocol::time::Time;
use std::time::Duration;
use tokio::time::sleep;

/// A sync or an import commits many times a second; whoever reads meanwhile does this itself.
const BREATH: Duration = Duration::from_millis(500);

/// Makes at most `limit` rows anew, and says how many: fewer than `limit` means that every row is true now.
///
/// # Errors
/// `Store`.
pub fn freshen(step: &mut Step<'_>, limit: usize) -> Outcome<usize> {
    let now = step.context().now;
    let mut head = begin(step, now)?;
    index::mark_passed(step.draft(), now)?;
    let marked = index::marked(step.draft(), limit)?;
    let mut agreed = Agreed::default();
    for (thread, how) in &marked {
        remake(step, *thread, *how, &mut agreed, &mut head.counts)?;
    }
    if !marked.is_empty() {
        head.made = now;
        index::put_head(step.draft(), &head);
    }
    Ok(marked.len())
}

/// The head, after what it says about the clock and the program was seen to.
fn begin(step: &mut Step<'_>, now: Time) -> Result<Head> {
    let offset = crate::system::days(now).offset_minutes;
    let fresh = Head { format: FORMAT, offset, made: now, counts: ListCounts::default() };
    let head = match index::head(step.draft())? {
        Some(head) if head.format == FORMAT && head.offset == offset && head.made <= now => return Ok(head),
        Some(head) if head.format == FORMAT => {
            index::all_time(step.draft())?;
            Head { offset, made: now, ..head }
        }
        Some(_) | None => {
            index::clear(step.draft())?;
            for thread in threads::ids(step.draft())? {
                index::stale(step.draft(), thread);
            }
            fresh
        }
    };
    index::put_head(step.draft(), &head);
    Ok(head)
}

fn remake(
    step: &mut Step<'_>,
    thread: ThreadId,
    how: Stale,
    agreed: &mut Agreed,
    counts: &mut ListCounts,
) -> Outcome<()> {
    let old = index::kept(step.draft(), thread)?;
    let new = match (how, &old) {
        (Stale::Time, Some(old)) => {
            let mut kept = old.clone();
            kept.retime(step, agreed)?;
            Some(kept)
        }
        _ => match threads::get(step.draft(), thread)? {
            Some(thread) => Some(referrals::kept(step, thread, agreed)?),
            None => None,
        },
    };
    index::replace(step.draft(), thread, (old.as_ref(), new.as_ref()), counts);
    Ok(())
}

/// Makes rows anew after each commit, in small parts, until the driver ends: who reads finds little left to do.
pub async fn watch(driver: Driver) {
    let mut changes = driver.changes();
    loop {
        changes.borrow_and_update();
        let some = driver.write(|step, _| {
            // Nobody waits for this, and nobody is to wait for the disk because of it.
            step.may_be_lost();
            freshen(step, limits::LIST_FRESHENED)
        });
        match some.await {
            // Others come in between.
            Ok(made) if made == limits::LIST_FRESHENED => continue,
            Ok(_) => {}
            Err(failure) => tracing::warn!(why = %failure.message, "the list of referrals was not made anew"),
        }
        let next = async {
            let changed = changes.changed().await;
            sleep(BREATH).await;
            changed
        };
        tokio::select! {
            () = driver.ended() => return,
            changed = next => if changed.is_err() { return },
        }
    }
}
