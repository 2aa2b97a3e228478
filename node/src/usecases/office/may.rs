//! Whether an act would be done, asked before somebody types the words of it.

use super::Office;
use crate::api::care::Care;
use crate::api::{Failure, Outcome, Response, StaffLogin, respond};
use crate::usecases::staff::StaffSession;
use crate::usecases::{care, people};
use belay_protocol::fault::Fault;
use serde_json::Value;
use std::convert::Infallible;
use std::sync::Arc;

impl Office {
    /// Does it in a step that is dropped: the act itself says what is in its way, and nothing of it happens. A refusal stands in the record of
    /// looks as any other.
    pub(super) async fn may(&self, login: StaffLogin, ask: Care) -> Response {
        let session = match self.sign_in(login).await {
            Ok(session) => session,
            Err(failure) => return Response::Failed(failure),
        };
        if let Err(failure) = is_asked_so(&ask) {
            return Response::Failed(failure);
        }
        let (by, asked) = (session.clone(), Arc::new(ask));
        let tried = Arc::clone(&asked);
        let answered = self.driver.write(move |step, _| -> Result<Infallible, Tried> {
            Err(Tried(match care::answer(step, &by, &tried) {
                Response::Failed(failure) => Err(failure),
                Response::Done(_) => Ok(()),
            }))
        });
        let outcome = match answered.await {
            Err(Tried(outcome)) => outcome,
            Ok(never) => match never {},
        };
        if outcome.is_err() {
            self.note_refused(session, asked).await;
        }
        respond(outcome)
    }

    /// In a step of its own: a refusal is an answer as well, and who asks has to leave a trace.
    pub(super) async fn note_refused(&self, session: StaffSession, ask: Arc<Care>) {
        let noted = self.driver.write(move |step, _| people::refused(step, &session, &ask));
        if let Err(fault) = noted.await {
            tracing::warn!(%fault, "that something was refused could not be put on record");
        }
    }
}

/// What came of a step that is dropped.
struct Tried(Outcome<()>);

impl From<Fault> for Tried {
    fn from(fault: Fault) -> Self {
        Self(Err(fault.into()))
    }
}

/// Only acts, of which each names what it is about by an id: that a name fits somebody, or what stands somewhere, is a look.
fn is_asked_so(ask: &Care) -> Outcome<()> {
    let acts = matches!(
        ask,
        Care::PersonPlan(_)
            | Care::PersonApart(_)
            | Care::PersonRestrict(_)
            | Care::PersonRestrictPreview(_)
            | Care::ConsentSign(_)
            | Care::ConsentRestrict { .. }
            | Care::ConsentRestrictPreview { .. }
            | Care::ConsentEventStrike { .. }
            | Care::ConsentVoid { .. }
            | Care::ConsentSuspend { .. }
            | Care::ConsentJudge { .. }
            | Care::CallReopen { .. }
            | Care::ReferralAct { .. }
            | Care::ReferralHeard { .. }
            | Care::FileBack { .. }
            | Care::LetterBack { .. }
            | Care::EmergencyTold(_)
            | Care::DisclosureRecord(_)
            | Care::DisclosureWent(_)
            | Care::DisclosureWentBack { .. }
            | Care::DisclosureWithhold(_)
            | Care::DisclosureRelease { .. }
            | Care::DisclosureStrike { .. }
            | Care::HoldSet(_)
            | Care::HoldLift { .. }
            // Nothing but the secret.
            | Care::PartnerList
    );
    let fields = serde_json::to_value(ask).ok();
    let by_id = |name: &str| match fields.as_ref().and_then(|fields| fields.get(name)) {
        Some(Value::String(given)) => given.len() >= 4 && given.bytes().all(|b| b.is_ascii_hexdigit()),
        _ => true,
    };
    if acts && by_id("person") && by_id("other") {
        return Ok(());
    }
    Err(Failure::misuse("whether that would be done is not asked before it is done"))
}
