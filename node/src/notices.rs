//! Notices: staff are told that something waits, and nothing of whom it is about ("Belay: 1 new, 2 overdue").
//!
//! [`watch`] looks when something was committed and each minute; [`Told`] decides, purely; [`Notifier`] runs the command.

mod program;

pub use program::Notifier;

use crate::driver::Driver;
use crate::ops::conditions::{self, Severity};
use crate::usecases::notices::{Standing, Told, standing};
use std::time::Duration;
use tokio::time::sleep;

/// Between two looks where nothing was committed: deadlines pass by themselves.
const LOOK: Duration = Duration::from_secs(60);
/// What is committed within this time is looked at once: a sync or an import commits many times a second.
const BREATH: Duration = Duration::from_secs(2);

/// Looks and tells until the driver ends.
pub async fn watch(driver: Driver, notifier: Notifier) {
    tokio::select! {
        () = driver.ended() => {}
        () = go_on(&driver, &notifier) => {}
    }
}

async fn go_on(driver: &Driver, notifier: &Notifier) {
    let mut changes = driver.changes();
    let mut told = Told::default();
    loop {
        changes.borrow_and_update();
        match driver.write(|step, _| standing(step)).await {
            Ok(stands) => tell(driver, notifier, &mut told, stands).await,
            Err(failure) => tracing::warn!(why = %failure.message, "what waits for staff could not be counted"),
        }
        if let Some(quiet) = told.quiet(crate::system::now()) {
            sleep(Duration::from_millis(quiet)).await;
            continue;
        }
        tokio::select! {
            () = sleep(LOOK) => {}
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
                sleep(BREATH).await;
            }
        }
    }
}

/// What was not told stays to be told: a command that failed is tried again after the quiet time.
async fn tell(driver: &Driver, notifier: &Notifier, told: &mut Told, stands: Standing) {
    told.forget_what_is_over(&stands);
    let now = crate::system::now();
    let Some(counts) = told.next(&stands, now) else { return };
    let outcome = notifier.tell(&counts).await;
    told.tried(outcome.is_ok().then_some(stands), now);
    if let Err(why) = &outcome {
        tracing::warn!(why, "a notice was not given");
    }
    let sentence = outcome.err().map(|why| format!("no notice could be given: {why}. {}", notifier.remedy()));
    driver.conditions().hold(conditions::NOTICE, Severity::Warning, sentence, Some("belay referral list --due"));
}
