//! What staff told without a consent, put on record in their own words: one disclosure of each kind, all in one step.

use super::{Found, fitting, list, strike};
use crate::api::care::{DisclosuresAsk, DisclosuresView};
use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::staff::StaffSession;
use crate::usecases::{project, short_enough};
use belay_protocol::consent::{Action, Ask, Basis, Facts, Lawful, Permit, Purpose, decide};
use belay_protocol::disclosure::{Accounting, Brief, Disclosure, Note};
use belay_protocol::engine::{Step, Telling};
use belay_protocol::fault::Fault;
use belay_protocol::ids::{EntryHash, OrgId, PersonId, ThreadId};
use belay_protocol::referral::Information;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::{DAY, Time};
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
    /// It goes beside the same, if that stands there already.
    pub again: bool,
    /// What the record stands for: nothing that was written anywhere else.
    pub name: EntryHash,
}

/// Writes it down, and shows the person's accounting.
///
/// # Errors
/// Nothing is said of what was told, or of which kinds; the basis does not let it be told to that organisation; the same stands there
/// already, and nobody said that it was told twice.
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
    if !one.again {
        only_once(step, &one, told, &permits)?;
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

/// What is typed twice is not on record twice: of the same person to the same recipient, in the same words and with the same facts, within a
/// day.
fn only_once(step: &mut Step<'_>, one: &ByHand<'_>, told: &str, permits: &[Permit]) -> Outcome<()> {
    let facts = |facts: &Facts| Facts { at: Time::default(), ..facts.clone() };
    let lawful = |law: &Lawful| Lawful { at: Time::default(), ..law.clone() };
    let same = |permit: &Permit, before: &Disclosure| {
        let at = permit.facts().map(|facts| facts.at).or(permit.law().map(|law| law.at)).unwrap_or_default();
        permit.information() == before.information
            && permit.facts().map(facts) == before.facts.as_deref().map(facts)
            && permit.law().map(lawful) == before.law.as_deref().map(lawful)
            && at.since(before.at).max(before.at.since(at)) < DAY
    };
    let asked = Accounting { person: Some(one.person), to: Some(one.to), ..Accounting::default() };
    let stands = |found: &Found| {
        let before = &found.told;
        let words = found.back.is_none() && strike::by_hand(before) && before.what.reveal().trim() == told;
        words && permits.iter().any(|permit| same(permit, before))
    };
    let Some(before) = fitting(step, asked, &BTreeSet::new())?.into_iter().find(stands) else { return Ok(()) };
    let (to, on) = (&before.told.recipient, system::written(before.told.at));
    let why =
        format!("the same stands on record already: told to {to} on {on}, in the same words and with the same facts");
    Err(Failure::misuse(why).next(format!(
        "belay disclosures --person {}; or the command again with --again, if it was told twice",
        one.person.short()
    )))
}
