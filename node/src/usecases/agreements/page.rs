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
    let by = signed(step, session, &fields.office)?;
    sign(step, &fields.agreement, fields.terms, &by)
}

/// Name and own role of who signed in, and in which capacity they sign, where that is another.
fn signed(step: &mut Step<'_>, session: &StaffSession, office: &str) -> Outcome<String> {
    let (name, role) = (session.name(), staff::role(step.draft(), session.by().staff)?.replace('_', " "));
    let named = if role.is_empty() { name.to_owned() } else { format!("{name}, {role}") };
    let office = office.trim();
    Ok(if office.is_empty() || office.replace('_', " ").eq_ignore_ascii_case(&role) {
        named
    } else {
        format!("{named}, signing as {office}")
    })
}

/// Ends whatever was agreed or proposed.
///
/// # Errors
/// Who may not bind the organisation; no reason; as [`end`].
pub fn end_as(step: &mut Step<'_>, session: &StaffSession, given: &str, reason: &str) -> Outcome<AgreementView> {
    staff::may_bind(step.draft(), session)?;
    let by = signed(step, session, "")?;
    end(step, given, reason, &by)
}
