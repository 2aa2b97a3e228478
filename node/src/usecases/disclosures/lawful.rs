//! What this organisation tells somebody without a consent, as the law lets or makes it: a court order, a report, an audit, a study. The
//! clause decides who may be told what, and what has to be on record first; then it stands in the person's accounting and in the list of
//! a breach.

use super::list;
use crate::api::care::{DisclosureRecord, DisclosuresAsk, DisclosuresView, LawView};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::{self, StaffSession};
use crate::usecases::{outside, parties, people, project, short_enough};
use belay_protocol::codec;
use belay_protocol::consent::{Action, Ask, Basis, Clause, Lawful, Order, Permit, decide};
use belay_protocol::disclosure::{Brief, Note};
use belay_protocol::engine::{Step, Telling};
use belay_protocol::fault::Fault;
use belay_protocol::ids::{EntryHash, ThreadId};
use belay_protocol::keys::digest::sha256;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::DAY;
use zeroize::Zeroizing;

/// Writes it down, and shows the person's accounting.
///
/// # Errors
/// A court order, an audit or a study, and not a privacy officer; what the clause asks for is missing, or it does not let this be told to that organisation; a person or organisation that is not
/// known.
pub fn record(step: &mut Step<'_>, session: &StaffSession, ask: &DisclosureRecord) -> Outcome<DisclosuresView> {
    let clause: Clause = ask.clause.parse().map_err(|error| Failure::misuse(format!("{error}")))?;
    // A report of a crime or of child abuse waits for nobody; who comes with a paper is answered by the privacy officer. Role and form
    // are judged before anybody is looked for.
    if clause.is_order() || matches!(clause, Clause::Audit | Clause::Research) {
        staff::privacy_officer(step.draft(), session, "to answer a court, an audit or a study")?;
    }
    let to = parties::partner(step, &ask.to).map_err(|failure| {
        failure.next("belay partner add NAME --kind KIND, for a court, an agency or whoever is on no network")
    })?;
    let now = step.context().now;
    let at = ask.when.unwrap_or(now);
    let dated = ask.order_dated.unwrap_or_default();
    if at > now {
        return Err(Failure::misuse("that time lies in the future").next("the command again without --when"));
    }
    if dated > now.plus(DAY) {
        return Err(Failure::misuse("the date of the order lies in the future")
            .next("the command again with the date that stands on it as --order-dated"));
    }
    let trimmed = |text: &Personal<String>| Personal::from(text.reveal().trim());
    let order = || Order { court: trimmed(&ask.court), dated, mandate: trimmed(&ask.mandate) };
    // A subpoena alone is no order; where the clause asks for none, what was typed of one is refused and not dropped.
    let said = |text: &Personal<String>| !text.reveal().trim().is_empty();
    let given = said(&ask.court) || ask.order_dated.is_some() || (!clause.is_order() && said(&ask.mandate));
    let lawful = Lawful {
        clause,
        to: to.clone(),
        decided: trimmed(&ask.decided),
        matter: trimmed(&ask.matter),
        order: given.then(order),
        undertaking: trimmed(&ask.undertaking),
        at,
    };
    lawful.check()?;
    let told = ask.told.reveal().trim();
    if told.is_empty() {
        return Err(Failure::misuse("what was told is missing").next("the command again with --told @FILE"));
    }
    if ask.include.is_empty() {
        return Err(Failure::misuse("it does not say which kinds of information that was")
            .next("the command again with --include KINDS"));
    }
    short_enough(&ask.told)?;
    let mut permits: Vec<Permit> = Vec::new();
    for information in &ask.include {
        let ask = Ask {
            from: step.org(),
            to: to.org,
            information: *information,
            purpose: clause.purpose(),
            action: Action::Export,
        };
        permits.push(decide(Basis::Law(&lawful), &ask, now).map_err(Fault::from)?);
    }
    let person = people::find(step.draft(), &ask.person)?;
    let reach = outside::get(step.draft(), to.org)?.map(|partner| partner.address).unwrap_or_default();
    let recipient = if reach.trim().is_empty() { to.name } else { format!("{}, {}", to.name, reach.trim()) };
    let note = Note {
        by: session.by(),
        person: person.id,
        thread: ThreadId::ZERO,
        recipient,
        brief: Brief::Words,
        what: told.into(),
    };
    let tellings: Vec<Telling<'_>> = permits.iter().map(|permit| Telling { permit, note: &note }).collect();
    let content = Zeroizing::new(codec::encode(&(person.id, &lawful, &ask.told)));
    step.export(&tellings, EntryHash(sha256(b"belay told by law v1\0", &[&content])))?;
    project::project_step(step)?;
    list(step, session, &DisclosuresAsk::of(&person.id.to_string()))
}

/// What was on record first, as it is shown.
pub(super) fn shown(lawful: &Lawful) -> LawView {
    let order = lawful.order.as_ref();
    LawView {
        clause: lawful.clause.to_string(),
        decided: lawful.decided.clone(),
        matter: lawful.matter.clone(),
        court: order.map(|order| order.court.clone()),
        dated: order.map(|order| order.dated.date()),
        mandate: order.map(|order| order.mandate.clone()),
        undertaking: Some(lawful.undertaking.clone()).filter(|text| !text.reveal().is_empty()),
        at: lawful.at,
    }
}
