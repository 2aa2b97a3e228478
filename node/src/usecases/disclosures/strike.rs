//! What was put on record by hand under a clause that asks for no consent, or as passed on, and was told to nobody: struck by its entry, with
//! a reason, by who wrote it or by the privacy officer. Both words stay; no accounting for the person has it from then on.

use super::{Found, fitting, list};
use crate::api::care::{DisclosuresAsk, DisclosuresView};
use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::records::{self, Kind, told};
use crate::usecases::staff::{self, StaffSession};
use crate::usecases::{named, project, short_enough};
use belay_protocol::disclosure::{Accounting, Disclosure, PrivateBody, Stage, Struck};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, OrgId, PersonId, SpaceId};
use belay_protocol::limits;
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use std::collections::{BTreeMap, BTreeSet};

/// Strikes what one command put on record: all of its kinds, whichever is named.
///
/// # Errors
/// None fits that can be struck; it is struck already; no reason; somebody else wrote it.
pub fn strike(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    why: &Personal<String>,
) -> Outcome<DisclosuresView> {
    let text = why.reveal().trim();
    if text.is_empty() {
        return Err(Failure::misuse("write down why it was never told").next("--why @FILE"));
    }
    short_enough(why)?;
    // What one command wrote went to one recipient.
    let to: BTreeSet<OrgId> = told::like(step.draft(), given)?.into_iter().map(|told| told.to).collect();
    let found = fitting(step, Accounting::default(), &to)?.into_iter();
    let all: Vec<Found> = found.filter(|one| by_hand(&one.told)).collect();
    let key = |one: &Found| (one.record.to_string(), String::new());
    let next = "belay disclosures --person PERSON";
    let one = named(&all, given, key, "telling that was put on record by hand", next)?;
    if one.back.is_some() {
        return Err(Failure::misuse("that is struck already; both words stay").next(next));
    }
    if one.told.by.staff != session.by().staff && !staff::is_privacy_officer(step.draft(), session)? {
        return Err(Failure::not_permitted(
            "who wrote it down says that it was a mistake, or the privacy officer does",
        )
        .next("ask one of the two; or belay user add NAME --role privacy_officer"));
    }
    let at = step.context().now;
    // Of what was passed on it may not be known here about whom.
    let shown = match one.told.person {
        PersonId::ZERO => DisclosuresAsk::to(&one.told.to.to_string()),
        person => DisclosuresAsk::of(&person.to_string()),
    };
    let together = all.iter().filter(|other| other.back.is_none() && at_once(&other.told, &one.told));
    let records = together.map(|other| other.record).take(limits::STRUCK_AT_ONCE).collect();
    let struck = Struck { records, why: text.into(), by: session.by(), at };
    step.write_private(&PrivateBody::Struck(Box::new(struck)).encode())?;
    project::project_step(step)?;
    list(step, session, &shown)
}

/// What no referral, call or paper stands behind, whose own words take it back.
pub(super) fn by_hand(told: &Disclosure) -> bool {
    let lawful = told.facts.is_some() || told.law.is_some();
    told.stage == Stage::Told
        && !told.automatic
        && (told.entry == EntryHash::ZERO || (lawful && told.space == SpaceId::ZERO))
}

/// Whether one command wrote both.
fn at_once(a: &Disclosure, b: &Disclosure) -> bool {
    let of = |d: &Disclosure| (d.recorded, d.entry, d.thread, d.person, d.to, d.by.staff);
    of(a) == of(b)
}

/// What each record that is struck means in a list: why, by whom and when.
pub(super) fn struck(view: &dyn View) -> Result<BTreeMap<EntryHash, String>> {
    let mut all = BTreeMap::new();
    for record in records::all(view, Kind::Struck, &[])? {
        let PrivateBody::Struck(one) = record.body else { continue };
        let says =
            format!("{}: {}; {}, {}", super::BY_MISTAKE, one.why.reveal(), one.by.name.reveal(), system::day(one.at));
        all.extend(one.records.into_iter().map(|record| (record, says.clone())));
    }
    Ok(all)
}
