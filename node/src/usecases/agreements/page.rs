//! What staff who signed in do with an agreement: the same as the administrator at the machine, if they may bind the organisation.

use super::{end, sign};
use crate::api::agreements::{AgreementView, SignFields};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::{self, StaffSession};
use belay_protocol::engine::Step;

/// Signs exactly the terms that were shown. The name under them is that of who signed in, typed by them as attestation.
///
/// # Errors
/// Who may not bind the organisation; another name; as [`sign`].
pub fn sign_as(step: &mut Step<'_>, session: &StaffSession, fields: &SignFields) -> Outcome<AgreementView> {
    staff::may_bind(step.draft(), session)?;
    if fields.typed.trim().to_lowercase() != session.name().to_lowercase() {
        let why =
            format!("the name that is typed is the signature: it has to be that of who signed in, {}", session.name());
        return Err(Failure::misuse(why).next("sign in as who signs"));
    }
    let by = match fields.office.trim() {
        "" => session.name().to_owned(),
        office => format!("{}, {office}", session.name()),
    };
    sign(step, &fields.agreement, fields.terms, &by)
}

/// Ends whatever was agreed or proposed.
///
/// # Errors
/// Who may not bind the organisation; no reason; as [`end`].
pub fn end_as(step: &mut Step<'_>, session: &StaffSession, given: &str, reason: &str) -> Outcome<AgreementView> {
    staff::may_bind(step.draft(), session)?;
    end(step, given, reason, session.name())
}
