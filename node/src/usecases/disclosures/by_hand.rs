//! What staff told without a consent, put on record in their own words: one disclosure of each kind, all in one step.

use super::list;
use crate::api::care::{DisclosuresAsk, DisclosuresView};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::StaffSession;
use crate::usecases::{project, short_enough};
use belay_protocol::consent::{Action, Ask, Basis, Permit, Purpose, decide};
use belay_protocol::disclosure::{Brief, Note};
use belay_protocol::engine::{Step, Telling};
use belay_protocol::fault::Fault;
use belay_protocol::ids::{EntryHash, OrgId, PersonId, ThreadId};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use std::collections::BTreeSet;

/// What was told, to whom, and why that was lawful.
pub(in crate::usecases) struct ByHand<'a> {
    pub person: PersonId,
    pub to: OrgId,
    /// As the record names whom it was told to.
    pub recipient: String,
    pub told: &'a Personal<String>,
    pub kinds: &'a [Information],
    pub purpose: Purpose,
    pub basis: Basis<'a>,
    /// What the record stands for: nothing that was written anywhere else.
    pub name: EntryHash,
}

/// Writes it down, and shows the person's accounting.
///
/// # Errors
/// Nothing is said of what was told, or of which kinds; the basis does not let it be told to that organisation.
pub(in crate::usecases) fn put(
    step: &mut Step<'_>,
    session: &StaffSession,
    one: ByHand<'_>,
) -> Outcome<DisclosuresView> {
    let told = one.told.reveal().trim();
    if told.is_empty() {
        return Err(Failure::misuse("what was told is missing").next("the command again with --told @FILE"));
    }
    short_enough(one.told)?;
    // One disclosure of each, and none of what nobody said.
    let kinds: BTreeSet<Information> = one.kinds.iter().copied().collect();
    if kinds.is_empty() {
        return Err(Failure::misuse("which kinds of information were told is missing")
            .next("the command again with --include KINDS"));
    }
    let (from, now) = (step.org(), step.context().now);
    let mut permits: Vec<Permit> = Vec::new();
    for information in kinds {
        let ask = Ask { from, to: one.to, information, purpose: one.purpose.clone(), action: Action::Export };
        permits.push(decide(one.basis, &ask, now).map_err(Fault::from)?);
    }
    let note = Note {
        by: session.by(),
        person: one.person,
        thread: ThreadId::ZERO,
        recipient: one.recipient,
        brief: Brief::Words,
        what: told.into(),
    };
    let tellings: Vec<Telling<'_>> = permits.iter().map(|permit| Telling { permit, note: &note }).collect();
    step.export(&tellings, one.name)?;
    project::project_step(step)?;
    list(step, session, &DisclosuresAsk::of(&one.person.to_string()))
}
