//! What of a person's accounting is left out for a time, since an agency of health oversight or law enforcement stated that it would be in
//! its way (42 CFR 2.25(a); 45 CFR 164.528(a)(2)). Staff see it, and until when; what the person is given says nothing of it, and is whole
//! again by itself.

use crate::api::care::{WithheldRow, WithheldsView, Withhold};
use crate::api::{Failure, Outcome};
use crate::usecases::records::{self, Kind, find};
use crate::usecases::staff::{self, StaffSession};
use crate::usecases::{named, parties, people, project};
use belay_protocol::disclosure::{Disclosure, Looked, PrivateBody, Withheld, WithheldEnded};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::limits;
use belay_protocol::random;
use belay_protocol::referral::Told;
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::{DAY, Time};
use data_encoding::HEXLOWER;

/// Every statement, with what became of it.
pub(super) struct Withhelds(Vec<Withheld>);

impl Withhelds {
    /// As they stand; of persons by the record under which each is shown.
    ///
    /// # Errors
    /// `Store`.
    pub(super) fn all(view: &dyn View) -> Result<Self> {
        let (mut all, shown) = (Vec::new(), find::Shown::all(view)?);
        for record in records::all(view, Kind::Withheld, &[])? {
            let PrivateBody::Withheld(withheld) = record.body else { continue };
            let person = withheld.person.map(|person| shown.of(person));
            all.push(Withheld { person, ..*withheld });
        }
        Ok(Self(all))
    }

    /// By which of them any of this is left out today, in order.
    pub(super) fn leave_out(&self, told: &[Disclosure], now: Time) -> Vec<[u8; 16]> {
        let out = self.0.iter().filter(|one| told.iter().any(|d| one.leaves_out(d.to, d.person, now).is_some()));
        let mut ids: Vec<[u8; 16]> = out.map(|one| one.id).take(limits::WITHHELD_AT_ONCE).collect();
        ids.sort_unstable();
        ids
    }

    /// When the first of these ended, if one has by `now`.
    pub(super) fn first_over(&self, ids: &[[u8; 16]], now: Time) -> Option<Time> {
        self.0.iter().filter(|one| ids.contains(&one.id)).filter_map(|one| one.over(now)).min()
    }

    /// Until when this is left out of the accounting of the person whom it is about; `None`: it is in it.
    pub(super) fn until(&self, told: &Disclosure, now: Time) -> Option<Time> {
        self.0.iter().filter_map(|one| one.leaves_out(told.to, told.person, now)).max()
    }
}

/// Puts a statement on record.
///
/// # Errors
/// Not by the privacy officer; a person or organisation that is not known; what the rule does not let be left out.
pub fn withhold(step: &mut Step<'_>, session: &StaffSession, ask: &Withhold) -> Outcome<WithheldsView> {
    by_officer(step, session)?;
    let to = parties::partner(step, &ask.to)?;
    let person =
        ask.person.as_ref().map(|given| people::find(step.draft(), given)).transpose()?.map(|person| person.id);
    let now = step.context().now;
    let said = ask.said.unwrap_or(now);
    let until = match (ask.until, ask.spoken) {
        (Some(until), _) => until,
        (None, true) => said.plus(limits::WITHHELD_SPOKEN_DAYS * DAY),
        (None, false) => {
            return Err(Failure::misuse("a statement in writing says for how long it asks (45 CFR 164.528(a)(2)(i))")
                .next("the command again with --until DATE"));
        }
    };
    let withheld = Withheld {
        id: random::array(step.context().random),
        number: 1,
        to,
        person,
        told: Told::heard(ask.spoken),
        official: ask.official.reveal().trim().into(),
        statement: ask.statement.reveal().trim().into(),
        said,
        until,
        by: session.by(),
        at: now,
        ended: None,
    };
    withheld.allowed(now).map_err(Fault::from)?;
    write(step, session, withheld)
}

/// Ends it before its time.
///
/// # Errors
/// Not by the privacy officer; none fits; it has ended; no reason.
pub fn release(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    why: &Personal<String>,
) -> Outcome<WithheldsView> {
    by_officer(step, session)?;
    if why.reveal().trim().is_empty() {
        return Err(Failure::misuse("who said that it may end, or what was wrong with it?").next("--why @FILE"));
    }
    let all = Withhelds::all(step.draft())?.0;
    let key = |one: &Withheld| (HEXLOWER.encode(&one.id), String::new());
    let mut one = named(&all, given, key, "statement", "belay disclosures withheld")?.clone();
    let at = step.context().now;
    if one.ended.is_some() || one.until <= at {
        return Err(Failure::misuse("that is over: the accounting is whole").next("belay disclosures withheld"));
    }
    one.number = one.number.saturating_add(1);
    one.ended = Some(WithheldEnded { why: why.reveal().trim().into(), by: session.by(), at });
    write(step, session, one)
}

/// Every statement, the one that ends last first.
///
/// # Errors
/// `Store`.
pub fn withheld(step: &mut Step<'_>, session: &StaffSession) -> Outcome<WithheldsView> {
    people::look(step, session, Looked::Disclosures, None, None)?;
    let now = step.context().now;
    let mut all = Withhelds::all(step.draft())?.0;
    all.sort_by_key(|one| (std::cmp::Reverse(one.until), one.id));
    let mut rows = Vec::new();
    for one in all {
        let name = one.person.map(|person| people::get(step.draft(), person)).transpose()?.flatten();
        rows.push(WithheldRow {
            id: HEXLOWER.encode(&one.id),
            to: one.to.name,
            person: one.person,
            name: name.map(|person| person.identity.name),
            spoken: one.told == Told::Spoken,
            official: one.official,
            statement: one.statement,
            said: one.said,
            until: one.ended.as_ref().map_or(one.until, |ended| ended.at),
            stands: one.ended.is_none() && now < one.until,
            staff: one.by.name,
            ended: one.ended.map(|ended| ended.why),
        });
    }
    Ok(WithheldsView { withheld: rows })
}

fn by_officer(step: &mut Step<'_>, session: &StaffSession) -> Outcome<()> {
    if staff::is_privacy_officer(step.draft(), session)? {
        return Ok(());
    }
    Err(Failure::not_permitted("what a person is not told for a time is for the privacy officer to put on record")
        .next("ask who is one; or belay user add NAME --role privacy_officer"))
}

fn write(step: &mut Step<'_>, session: &StaffSession, withheld: Withheld) -> Outcome<WithheldsView> {
    withheld.check()?;
    step.write_private(&PrivateBody::Withheld(Box::new(withheld)).encode())?;
    project::project_step(step)?;
    self::withheld(step, session)
}
