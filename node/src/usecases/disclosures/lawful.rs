//! What this organisation tells somebody without a consent, as the law lets or makes it: a court order, a report, an audit, a study. The
//! clause decides who may be told what, and what has to be on record first; then it stands in the person's accounting and in the list of
//! a breach.

use super::by_hand::{self, ByHand};
use crate::api::care::{DisclosureRecord, DisclosuresView, LawView};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::{self, StaffSession};
use crate::usecases::{outside, parties, people};
use belay_protocol::codec;
use belay_protocol::consent::{Basis, Clause, Lawful, Order};
use belay_protocol::engine::Step;
use belay_protocol::ids::EntryHash;
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
    let person = people::find(step.draft(), &ask.person)?;
    let reach = outside::get(step.draft(), to.org)?.map(|partner| partner.address).unwrap_or_default();
    let content = Zeroizing::new(codec::encode(&(person.id, &lawful, &ask.told)));
    let one = ByHand {
        person: person.id,
        to: to.org,
        recipient: if reach.trim().is_empty() { to.name } else { format!("{}, {}", to.name, reach.trim()) },
        told: &ask.told,
        kinds: &ask.include,
        purpose: clause.purpose(),
        basis: Basis::Law(&lawful),
        again: ask.again,
        name: EntryHash(sha256(b"belay told by law v1\0", &[&content])),
    };
    by_hand::put(step, session, one)
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
