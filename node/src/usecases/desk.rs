//! What the driver asks of the use cases: tables out of events, and answers to who comes with an invite.

use super::directory::Writer;
use super::{coalition, project};
use crate::driver::UseCases;
use crate::ops::conditions::{self, Conditions, Severity};
use crate::store::Tx;
use belay_protocol::coalition::invite::Tries;
use belay_protocol::coalition::invite::pass::{Leads, NoPassage, PassName, Shown};
use belay_protocol::engine::{Engine, Event, Step};
use belay_protocol::fault::Result;
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::store::{Draft, View};
use std::sync::Arc;

/// Lives on the driver's thread.
#[derive(Debug)]
pub struct Desk {
    tries: Tries,
    shown: Shown,
    writer: Arc<Writer>,
    conditions: Conditions,
    /// Something was written since it was counted which false consents wait for a word. Set while any is known; ends with the count.
    judge: bool,
}

/// What a privacy officer types to see which consents wait.
pub(super) const JUDGE: &str = "belay referral list";

impl Desk {
    #[must_use]
    pub fn new(writer: Arc<Writer>, conditions: Conditions) -> Self {
        Self { tries: Tries::default(), shown: Shown::default(), writer, conditions, judge: false }
    }
}

impl Desk {
    /// Says at once that something placed for emergencies was opened.
    fn emergencies(&self, engine: &Engine, view: &dyn View) -> Result<()> {
        let waiting = super::emergency::waiting(view, engine.org())?;
        self.conditions.hold(conditions::EMERGENCY, Severity::Warning, waiting, Some("belay emergency list"));
        Ok(())
    }

    /// Says who claims what others began.
    fn claims(&self, engine: &mut Engine, view: &dyn View) -> Result<()> {
        self.conditions.hold(conditions::CLAIM, Severity::Warning, claims(engine, view)?, Some("belay org list"));
        Ok(())
    }
}

/// Which partners say of referrals that they are their own which others began: how often, and what to do.
///
/// # Errors
/// `Store`.
pub fn claims(engine: &mut Engine, view: &dyn View) -> Result<Option<String>> {
    let claims = super::threads::claims(view)?;
    if claims.is_empty() {
        return Ok(None);
    }
    let roster = super::coalition::member_roster(engine, view)?;
    let name = |org: &OrgId| roster.as_ref().map_or_else(|| org.short(), |roster| roster.name_of(org));
    let named: Vec<String> = claims.iter().map(|(org, many)| format!("{} ({many})", name(org))).collect();
    Ok(Some(format!(
        "referrals of others are claimed as their own by: {}. Nothing of that is taken. Telephone them: if they know nothing of it, their \
         machine may be in other hands, and a steward takes it out",
        named.join(", ")
    )))
}

impl UseCases for Desk {
    fn project(&mut self, engine: &mut Engine, tx: &Tx<'_>, events: &[Event]) -> Result<()> {
        if self.writer.due() {
            let mut draft = Draft::new(tx);
            project::rebuild(engine, &mut draft)?;
            project::apply(tx, &draft.into_writes())?;
            return super::directory::rebuild(engine, tx);
        }
        project::project(engine, tx, events, crate::system::now())?;
        if events.iter().any(|event| matches!(event, Event::Applied { .. })) {
            self.emergencies(engine, tx)?;
            self.claims(engine, tx)?;
            self.judge = super::records::falsely::is_any(tx)?;
        }
        super::directory::project(engine, tx, events)
    }

    fn invited(&mut self, step: &mut Step<'_>, peer: NodeId, frame: &[u8]) -> Result<Vec<u8>> {
        let (answer, refusal) = coalition::answer(step, &mut self.tries, peer, frame)?;
        if let Some(refusal) = refusal {
            tracing::info!(node = %peer.short(), why = %refusal.to_inviter(), "an invite was refused");
            self.conditions.set(
                conditions::INVITE_REFUSED,
                Severity::Info,
                format!(
                    "somebody was refused at this node's door on {}: {}. If you expect a partner, telephone them and make a new \
                     invite",
                    crate::system::now(),
                    refusal.to_inviter()
                ),
                Some("belay invite list"),
            );
        }
        Ok(answer.encode())
    }

    fn leads(
        &mut self,
        engine: &mut Engine,
        view: &dyn View,
        newcomer: NodeId,
        pass: PassName,
    ) -> Result<std::result::Result<Leads, NoPassage>> {
        let Some((leads, expires)) = engine.pass_leads(view, pass)? else { return Ok(Err(NoPassage::Unknown)) };
        let shown = self.shown.show(pass, newcomer, expires, crate::system::now());
        Ok(shown.map(|()| leads))
    }

    fn introducers(&self, view: &dyn View) -> Result<Vec<(NodeId, Vec<String>)>> {
        coalition::introducers(view)
    }

    fn due(&self, view: &dyn View) -> Result<bool> {
        Ok(self.judge || coalition::invites_changed(view)? || super::consents::heard_due(view, crate::system::now())?)
    }

    fn follow(&mut self, step: &mut Step<'_>) -> Result<()> {
        step.takes_back();
        if coalition::invites_changed(step)?
            && let Some(who) = coalition::follow_invites(step)?
        {
            self.conditions.set(
                conditions::INVITE_REFUSED,
                Severity::Warning,
                format!(
                    "{who} came with one invite, to two machines of this organisation: somebody else has its code. Compare the six words by \
                     telephone, and approve none but the one whose words are the same; or cancel the invite and make a new one"
                ),
                Some("belay org list"),
            );
        }
        if std::mem::take(&mut self.judge)
            && let Ok(waiting) = super::disclosures::falsely_sentence(step)
        {
            self.conditions.hold(conditions::FALSE_CONSENT, Severity::Warning, waiting, Some(JUDGE));
        }
        super::consents::heard_follow(step)
    }

    fn forget(&mut self) {
        self.writer.forget();
    }
}
