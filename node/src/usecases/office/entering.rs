//! Who signs in, by whichever way, and who may.

use super::Office;
use crate::api::views::UserView;
use crate::api::{Failure, FailureClass, Outcome, Secret, StaffLogin};
use crate::ops::conditions::{GUESSED, Severity};
use crate::system::Moment;
use crate::usecases::staff;
use crate::usecases::staff::throttle::Way;
use belay_protocol::limits;
use std::time::Duration;

/// What came of a try to sign in.
#[derive(Debug)]
pub enum Entered {
    In(staff::StaffSession),
    /// After too many wrong tries: how long to wait first.
    Wait(Duration),
    /// Name and secret do not belong together; the refusal says no more.
    Wrong(Failure),
}

impl Office {
    pub(super) async fn user_add(
        &self,
        (name, full_name, role): (String, String, String),
        secret: Secret,
        login: Option<StaffLogin>,
        rescue: bool,
    ) -> Outcome<UserView> {
        if login.as_ref().is_some_and(|login| login.secret == secret) {
            return Err(Failure::misuse("that is the secret of who signs in: each staff member has one of their own")
                .next("the command again with --new-secret-file F, or without, to type the new one"));
        }
        let session = self.perhaps(login).await?;
        staff::proper(&name, &secret)?;
        let hash = self.derive(move || staff::hash(&secret)).await?;
        let added = self.driver.write(move |step, _| {
            let author = staff::author(step.draft(), session.as_ref(), rescue.then_some(role.as_str()))?;
            staff::add(step, author, (&name, &full_name, &role), hash)
        });
        added.await
    }

    pub(super) async fn user_rename(
        &self,
        name: String,
        full_name: String,
        login: Option<StaffLogin>,
    ) -> Outcome<UserView> {
        let session = self.perhaps(login).await?;
        let renamed = self.driver.write(move |step, _| {
            let author = staff::author(step.draft(), session.as_ref(), None)?;
            staff::rename(step, author, &name, &full_name)
        });
        renamed.await
    }

    pub(super) async fn user_disable(
        &self,
        name: String,
        disabled: bool,
        login: Option<StaffLogin>,
    ) -> Outcome<UserView> {
        let session = self.perhaps(login).await?;
        let written = self.driver.write(move |step, _| {
            let author = staff::author(step.draft(), session.as_ref(), None)?;
            staff::disable(step, author, &name, disabled)
        });
        written.await
    }

    pub(super) async fn user_passwd(&self, name: String, secret: Secret, login: StaffLogin) -> Outcome<UserView> {
        if login.secret == secret {
            return Err(Failure::misuse("that is the secret of who signs in: a new one is another")
                .next("the command again with --new-secret-file F, or without, to type the new one"));
        }
        let session = self.sign_in(login).await?;
        staff::proper(&name, &secret)?;
        let hash = self.derive(move || staff::hash(&secret)).await?;
        self.driver.write(move |step, _| staff::passwd(step, &session, &name, hash)).await
    }

    /// Who signs in where that is asked of some alone.
    async fn perhaps(&self, login: Option<StaffLogin>) -> Outcome<Option<staff::StaffSession>> {
        match login {
            Some(login) => self.sign_in(login).await.map(Some),
            None => Ok(None),
        }
    }

    /// The session that a request over the control socket needs.
    ///
    /// # Errors
    /// `NotPermitted`.
    pub async fn sign_in(&self, login: StaffLogin) -> Outcome<staff::StaffSession> {
        match self.enter(login, Way::Socket).await? {
            Entered::In(session) => Ok(session),
            Entered::Wrong(refused) => Err(refused),
            Entered::Wait(left) => {
                let seconds = left.as_secs().saturating_add(1);
                Err(Failure::not_permitted(format!("too many wrong secrets for this name: wait {seconds} seconds")))
            }
        }
    }

    /// Checks name and secret, by whichever way somebody comes: one after the other, since many at once would be none the sooner and
    /// none of those under way is to count as wrong; on a thread of its own, without a reader that others might wait for.
    ///
    /// # Errors
    /// `Store`.
    pub async fn enter(&self, login: StaffLogin, way: Way) -> Outcome<Entered> {
        self.enter_at(login, way, Moment::now).await
    }

    /// The same by this clock, which is read when it is their turn.
    pub(super) async fn enter_at(
        &self,
        login: StaffLogin,
        way: Way,
        clock: impl FnOnce() -> Moment,
    ) -> Outcome<Entered> {
        let StaffLogin { name, secret } = login;
        let claimed = {
            let name = name.clone();
            self.driver.read(move |reader| staff::Claimed::find(reader, &name)).await?
        };
        let _turn = self.entering.lock().await;
        let wrong = match self.throttle.ask(&name, way, clock()) {
            Ok(wrong) => wrong,
            Err(left) => return Ok(Entered::Wait(left)),
        };
        let proved = claimed.clone();
        match self.derive(move || proved.prove(&secret)).await {
            Ok(session) => {
                self.throttle.right(&name, way);
                Ok(Entered::In(session))
            }
            Err(refused) if refused.class == FailureClass::NotPermitted => {
                if wrong == limits::WRONG_SECRETS {
                    self.warn(claimed).await?;
                }
                Ok(Entered::Wrong(refused))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Says that somebody guesses: to everybody who looks at the node, and in the record of looks, with the name.
    async fn warn(&self, claimed: staff::Claimed) -> Outcome<()> {
        let sentence =
            format!("{} wrong secrets were typed for one staff member, one after the other", limits::WRONG_SECRETS);
        self.driver.conditions().set(GUESSED, Severity::Warning, sentence, Some("belay audit show --as OFFICER"));
        Ok(self.driver.write(move |step, _| claimed.warned(step)).await?)
    }

    /// Whether a session may go on: its staff member was not disabled since.
    ///
    /// # Errors
    /// `Store`.
    pub async fn holds(&self, session: staff::StaffSession) -> Outcome<bool> {
        self.driver.read(move |reader| session.holds(reader)).await
    }

    /// What this staff member may do that not all may.
    ///
    /// # Errors
    /// `Store`.
    pub async fn rights(&self, session: staff::StaffSession) -> Outcome<staff::Rights> {
        self.driver.read(move |reader| Ok(staff::rights(reader, &session)?)).await
    }
}
