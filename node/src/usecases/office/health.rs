//! What is wrong: what stood before this start, what the database says, who looks into the folder.

use super::Office;
use crate::api::Outcome;
use crate::api::request::Search;
use crate::api::views::{ConditionView, DoctorView};
use crate::usecases::{desk, directory, disclosures, emergency, staff};
use belay_protocol::fault::Fault;
use belay_protocol::limits;
use belay_protocol::store::View;
use belay_protocol::time::Time;

impl Office {
    /// What stood before this start, and that no event tells of again.
    pub(super) async fn recall(&self) -> Outcome<()> {
        use crate::ops::conditions::{CLAIM, EMERGENCY, FALSE_CONSENT, RESCUED, Severity};
        let waiting = self.driver.query(|engine, store| emergency::waiting(store, engine.org())).await?;
        self.driver.conditions().hold(EMERGENCY, Severity::Warning, waiting, Some("belay emergency list"));
        let claims = self.driver.query(|engine, store| desk::claims(engine, store)).await?;
        self.driver.conditions().hold(CLAIM, Severity::Warning, claims, Some("belay org list"));
        let falsely = self.driver.write(|step, _| disclosures::falsely_sentence(step)).await?;
        self.driver.conditions().hold(FALSE_CONSENT, Severity::Warning, falsely, Some(desk::JUDGE));
        let rescued = self.driver.query(|_, store| rescued(store)).await?;
        self.driver.conditions().hold(RESCUED, Severity::Warning, rescued, Some("belay user list"));
        crate::run::look_at(&self.folder, self.driver.conditions());
        Ok(())
    }

    pub(super) fn conditions(&self) -> Vec<ConditionView> {
        let view = |c: crate::ops::conditions::Condition| ConditionView {
            code: c.code.to_owned(),
            severity: c.severity.as_str().to_owned(),
            sentence: c.sentence,
            next: c.next,
        };
        self.driver.conditions().all().into_iter().map(view).collect()
    }

    /// The conditions, and what the database itself says when every page of it is read.
    pub(super) async fn doctor(&self, rebuild: bool) -> Outcome<DoctorView> {
        if rebuild {
            self.writer.rebuild(&self.driver).await?;
        }
        let names = self.names().await?;
        let checked = self.driver.read(move |reader| -> Outcome<Vec<String>> {
            // A connection that has searched before remembers the index as it was then, and SQLite's check, unlike a search,
            // does not look whether that is still so.
            directory::search(reader, &names, &Search { words: "a".into(), limit: 1, ..Search::default() })?;
            Ok(reader.integrity())
        });
        let wrong = checked.await?;
        self.recall().await?;
        let damaged = |sentence: String| ConditionView {
            code: "store-damaged".into(),
            severity: crate::ops::conditions::Severity::Error.as_str().into(),
            sentence: format!("the database is damaged: {sentence}"),
            next: Some("stop the node, keep a copy of its folder, and bring the node back from its phrase".into()),
        };
        let conditions = wrong.into_iter().map(damaged).chain(self.conditions()).collect();
        Ok(DoctorView { conditions, rebuilt: rebuild })
    }
}

/// That a privacy officer was named at the machine without the secret of one before, while everybody is to know of it.
pub(super) fn rescued(view: &dyn View) -> Result<Option<String>, Fault> {
    let since = Time(crate::system::now().0.saturating_sub(limits::RESCUE_SHOWN));
    Ok(staff::rescued(view, since)?.map(|(_, at)| {
        let day = crate::system::day(at);
        format!(
            "a privacy officer was named at this machine on {day}, without the secret of one before: ask who did that"
        )
    }))
}
