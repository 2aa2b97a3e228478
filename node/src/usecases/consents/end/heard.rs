//! A revocation that is heard where the consent is not kept: the organisation stops at once and says so in the thread; the
//! custodian's node, which keeps the consent, then revokes by itself and puts on record who heard it.

use super::{CANNOT, Word, end, still_signed, wish};
use crate::api::care::{ConsentView, RevokePreview};
use crate::api::{Failure, FailureClass, Outcome};
use crate::forms::Lang;
use crate::system;
use crate::usecases::consents::held;
use crate::usecases::records::{self, Kind};
use crate::usecases::referrals::{self, Open};
use crate::usecases::staff::StaffSession;
use crate::usecases::{agreements, beginning, calls, consents, named, parties, people, threads};
use belay_protocol::consent::{Action, Consent, Moment, Scope, Signer, Told, explain};
use belay_protocol::disclosure::private::Direction;
use belay_protocol::disclosure::{Heard, Looked, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, PersonId, SpaceId, ThreadId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::{Act, Body, By, Information};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;

/// The referrals that came here under the consent, or the one, that `given` names.
pub(super) fn under(step: &mut Step<'_>, given: &str) -> Outcome<Vec<Open>> {
    let wanted = given.trim().to_lowercase();
    let Some(bytes) = beginning(&wanted) else { return Ok(Vec::new()) };
    let came = threads::came_like(step.draft(), &bytes)?;
    let ids = came.iter().map(|t| (t.thread, (t.consent, t.other.org)));
    let Some(first) = the_one(ids, &wanted)? else { return Ok(Vec::new()) };
    let under = threads::came_like(step.draft(), &first.0.0)?;
    let same: Vec<_> = under.into_iter().filter(|t| (t.consent, t.other.org) == first).collect();
    let mut open: Vec<Open> = same.into_iter().map(|thread| Open::new(step, thread)).collect::<Outcome<_>>()?;
    // What ended before does not stand in the way of what goes on.
    if open.iter().any(|one| one.told_part().is_some()) {
        open.retain(|one| one.told_part().is_some());
    }
    Ok(open)
}

/// The one consent of which the id, or that of a referral under it, begins so. The same id from another organisation is another.
fn the_one(
    ids: impl Iterator<Item = (ThreadId, (ConsentId, OrgId))>,
    wanted: &str,
) -> Outcome<Option<(ConsentId, OrgId)>> {
    let mut found = ids
        .filter(|(thread, (consent, _))| {
            consent.to_string().starts_with(wanted) || thread.to_string().starts_with(wanted)
        })
        .map(|(_, of)| of);
    let first = found.next();
    if found.any(|other| Some(other) != first) {
        return Err(Failure::misuse("more than one referral fits; give more of its id").next("belay referral list"));
    }
    Ok(first)
}

/// The party for which alone the person revokes: neither this organisation nor the one that keeps the consent.
fn alone(open: &[Open], party: Option<OrgId>) -> Option<OrgId> {
    party.filter(|party| open.iter().all(|one| *party != one.own && *party != one.thread.other.org))
}

fn party_of(step: &mut Step<'_>, scope: &Scope, given: Option<&str>) -> Outcome<Option<OrgId>> {
    // Of a keeper that was taken out its word of who takes part counts no more.
    if let Some(given) = given.filter(|_| scope.parties.is_empty()) {
        return Ok(Some(parties::once(step, given)?.org));
    }
    let key = |p: &belay_protocol::referral::Party| (p.org.to_string(), p.name.clone());
    given
        .map(|given| named(&scope.parties, given, key, "organisation in this consent", "belay referral show THREAD"))
        .transpose()
        .map(|party| party.map(|p| p.org))
}

/// What goes with these referrals of the consent, and whether its keeper can be told there.
fn part(step: &mut Step<'_>, open: &[Open]) -> Outcome<Option<(Scope, bool)>> {
    let Some(first) = open.first() else { return Ok(None) };
    if first.thread.tied() {
        let why = format!(
            "this referral goes by an agreement with {} and under no consent, so that there is nothing to revoke",
            first.thread.other.name
        );
        return Err(Failure::misuse(why).next("telephone them: the person can ask them not to tell (42 CFR 2.26)"));
    }
    let scope = match first.told_part() {
        Some(scope) => Some(scope),
        None => left_behind(step, open)?,
    };
    let scope =
        scope.ok_or_else(|| Failure::misuse("this consent has ended before").next("belay referral show THREAD"))?;
    // Whom nothing may be told hears nothing of it either, and the person's word stands here all the same.
    // Nor does who is in no coalition with us any more: its spaces are closed.
    let reached = calls::reached(step, first.thread.other.org);
    let way = reached && open.iter().any(|one| one.may_tell(step, Information::Referral, Action::Seal).is_ok());
    Ok(Some((scope, way)))
}

/// The part of the consent where its keeper is in no coalition with us any more, and so said nothing of an end: the person has not taken it
/// back here as a whole yet.
fn left_behind(step: &mut Step<'_>, open: &[Open]) -> Outcome<Option<Scope>> {
    let Some(first) = open.first() else { return Ok(None) };
    if calls::reached(step, first.thread.other.org) {
        return Ok(None);
    }
    for one in open {
        for record in records::all(step.draft(), Kind::Heard, &one.thread.thread.0)? {
            if matches!(record.body, PrivateBody::Heard(heard) if heard.party.is_none_or(|party| party == one.own)) {
                return Ok(None);
            }
        }
    }
    Ok(first.came_part().cloned())
}

/// As far as is known here it can not be revoked yet where it is kept (2.35(c)). The person's word stands here all the same: nobody has
/// to tell, and who keeps the consent knows when.
fn too_early(scope: &Scope, now: Time) -> bool {
    !scope.revocable.is_empty()
        && !scope.revocable.iter().any(|from| matches!(from, Moment::On(from) if from.at <= now))
}

pub(super) fn preview(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    party: Option<&str>,
) -> Outcome<Option<RevokePreview>> {
    let open = under(step, given)?;
    for one in &open {
        people::look(step, session, Looked::Thread, one.thread.person, Some(one.thread.thread))?;
    }
    let Some((scope, way)) = part(step, &open)? else { return Ok(None) };
    let party = party_of(step, &scope, party)?;
    let reached = open.first().is_some_and(|one| calls::reached(step, one.thread.other.org));
    let apart = alone(&open, party).and_then(|org| scope.party(org));
    let own = parties::own(step)?.name;
    let keeper = open.first().map_or_else(String::new, |o| o.thread.other.name.clone());
    let then = if let Some(apart) = apart.filter(|_| way) {
        format!(
            "{keeper}, which keeps the consent, is told who heard it, and revokes it for {} as soon as its node is reachable.",
            apart.name
        )
    } else if !reached {
        format!(
            "{keeper}, which keeps it, is in no coalition with us any more. Telephone them: it stands in your list until you have."
        )
    } else if !way && open.iter().any(asked_not_to_tell_the_keeper) {
        let sees = if apart.is_some() { String::new() } else { format!(": its node sees only that {own} has left") };
        format!(
            "The person asked that {keeper}, which keeps it, is told nothing more (42 CFR 2.26){sees}. Telephone them: this word is newer, \
             and names nobody."
        )
    } else if apart.is_some() {
        format!("The consent gives no way to tell {keeper}, which keeps it. Telephone them.")
    } else if !way && open.iter().any(|one| one.left_out(Information::Referral).is_some()) {
        format!(
            "All who work on it read one page, and the person asked that one of them is told nothing more (42 CFR 2.26): {keeper}, which keeps \
             the consent, sees only that {own} has left. Telephone them."
        )
    } else if way {
        let ours = open.first().is_some_and(|one| party == Some(one.own));
        let whom = if ours { format!("{own} alone") } else { "everybody concerned".to_owned() };
        format!(
            "{keeper}, which keeps the consent, is told who heard it, and revokes it for {whom} as soon as its node is reachable."
        )
    } else {
        format!(
            "The consent gives no way to tell {keeper}, which keeps it: its node sees only that {own} has left. Telephone them."
        )
    };
    let then = if too_early(&scope, step.context().now) {
        format!("{then} {keeper} can end it only as it says (42 CFR 2.35(c)), and does so once that has come about.")
    } else {
        then
    };
    Ok(Some(RevokePreview {
        consent: scope.consent,
        party: party.and_then(|org| scope.party(org)).map(|p| p.name.clone()),
        referrals: u32::try_from(open.len()).unwrap_or(u32::MAX),
        early: false,
        does: match apart {
            Some(apart) => {
                format!("From now on {own} passes on nothing more to {} under this consent. {then}", apart.name)
            }
            None => format!("From now on {own} tells and passes on nothing more under this consent. {then}"),
        },
        cannot: CANNOT.to_owned(),
    }))
}

/// Stops here and tells who keeps the consent. `None`: no referral came under it.
pub(super) fn here(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    party: Option<&str>,
    told: Told,
) -> Outcome<Option<ConsentView>> {
    let open = under(step, given)?;
    let Some((scope, way)) = part(step, &open)? else { return Ok(None) };
    let party = party_of(step, &scope, party)?;
    let apart = alone(&open, party).is_some();
    let at = step.context().now;
    let mut person = None;
    for mut one in open {
        person = person.or(one.thread.person);
        let entry = if way && one.may_tell(step, Information::Referral, Action::Seal).is_ok() {
            referrals::say_revoked(step, session, &mut one, told, party)?
        } else {
            // For somebody else alone we stay.
            for (_, space) in one.thread.spaces.iter().filter(|_| !apart) {
                referrals::close_space(step, *space, one.own)?;
            }
            EntryHash::ZERO
        };
        let heard = Heard {
            thread: one.thread.thread,
            consent: scope.consent,
            party,
            told,
            by: session.by(),
            org: one.own,
            entry,
            at,
            late: false,
        };
        step.write_private(&PrivateBody::Heard(Box::new(heard)).encode())?;
        referrals::settled(step)?;
        referrals::ended_here(step, one.thread.thread)?;
    }
    people::look(step, session, Looked::Consent, person, None)?;
    let form = format!("Revoked, as heard here on {}. {CANNOT}\n\n{}", system::day(at), explain(&scope));
    Ok(Some(ConsentView { form: form.as_str().into(), ..came_view(&scope, person, "revocation heard") }))
}

/// What is shown of a consent that is kept elsewhere after a word about it.
pub(super) fn came_view(scope: &Scope, person: Option<PersonId>, state: &str) -> ConsentView {
    ConsentView {
        id: scope.consent,
        version: scope.version,
        person: person.unwrap_or(PersonId::ZERO),
        name: Personal::default(),
        called: None,
        signer: Signer::default(),
        lang: Lang::default(),
        parties: Vec::new(),
        state: state.to_owned(),
        class: scope.class,
        missing: None,
        waiting: None,
        heard: Vec::new(),
        pending: None,
        to_sign: None,
        flows: Vec::new(),
        changes: None,
        apart: false,
        restrictions: Vec::new(),
        events: Vec::new(),
        anew: Vec::new(),
        team: Vec::new(),
        joins: Vec::new(),
        touches: Vec::new(),
        aloud: None,
        unshared: Vec::new(),
        age_why: None,
        falsely: Vec::new(),
        suspended: false,
        behind: Vec::new(),
        copies: Vec::new(),
        doubts: Vec::new(),
        signed_with: Vec::new(),
        form: Personal::default(),
    }
}

/// Whether a partner heard a revocation that this node has still to carry out, or another node of ours changed a consent.
///
/// # Errors
/// `Store`.
pub fn heard_due(view: &dyn View, now: Time) -> Result<bool> {
    let elsewhere = !records::to_follow(view)?.is_empty() || !records::persons_to_follow(view)?.is_empty();
    let due = !threads::heard(view)?.is_empty() || elsewhere || agreements::due(view)?;
    let early = !now_permitted(view, now)?.is_empty() || super::itself::is_due(view, now)?;
    Ok(due || early || calls::somebody_left(view)?)
}

/// Of the revocations that were not permitted when they were heard, those that are now.
fn now_permitted(view: &dyn View, now: Time) -> Result<Vec<(SpaceId, EntryHash)>> {
    let mut permitted = Vec::new();
    for (space, hash) in threads::waiting(view)? {
        let thread = threads::of_space(view, space)?.map(|id| threads::get(view, id)).transpose()?.flatten();
        let consent = thread.map(|thread| consents::get(view, thread.consent)).transpose()?.flatten();
        let waits = consent.as_ref().is_some_and(|c| matches!(c, Consent::Signed(s) if s.revocable(now).is_err()));
        if !waits {
            permitted.push((space, hash));
        }
    }
    Ok(permitted)
}

/// What partners heard of this consent, or was said here, and what is not permitted yet, in words.
///
/// # Errors
/// `Store`.
pub fn waiting(step: &mut Step<'_>, id: ConsentId) -> Result<Option<String>> {
    let said = wish::waiting(step, id)?;
    Ok((!said.is_empty()).then(|| said.join("; ")))
}

/// Where the person was heard to revoke this consent, besides here, and what of such a word the person took back, in words.
///
/// # Errors
/// `Store`.
pub fn said(view: &dyn View, own: OrgId, id: ConsentId) -> Result<Vec<String>> {
    let mut said = wish::unsaid(view, id)?;
    for record in records::all(view, Kind::Heard, &[])? {
        let PrivateBody::Heard(heard) = record.body else { continue };
        if heard.consent != id || heard.org == own {
            continue;
        }
        let thread = threads::get(view, heard.thread)?;
        let place = thread.and_then(|thread| thread.with(heard.org).map(|place| place.name.clone()));
        let place = place.unwrap_or_else(|| heard.org.short());
        let late = if heard.late { "; that organisation had no part in it any more, and had not heard so" } else { "" };
        said.push(format!("on {} the person revoked it at {place}{late}", system::day(heard.at)));
    }
    Ok(said)
}

/// Whether the person asked us to tell nothing more to who keeps the consent; in a team it may be another whom that is about.
fn asked_not_to_tell_the_keeper(open: &Open) -> bool {
    let kind = Information::Referral;
    open.left_out(kind).is_some_and(|one| one.forbids(open.thread.other.org, kind))
}

/// Closes what another node of ours, by a change of a consent, lets be told no more: the two may have written apart.
fn follow_elsewhere(step: &mut Step<'_>) -> Outcome<()> {
    agreements::follow(step)?;
    calls::follow_who_left(step)?;
    for id in records::to_follow(step.draft())? {
        held::follow(step, id)?;
        held::follow_part(step, id)?;
        if consents::get(step.draft(), id)?.is_none() {
            records::followed(step.draft(), id);
            continue;
        }
        match consents::sign::follow_through(step, None, id) {
            Err(failure) if matches!(failure.class, FailureClass::Misuse | FailureClass::NotPermitted) => {
                // What is refused here is no fault of the store, and keeps nothing else waiting. It is tried again.
                tracing::debug!(class = ?failure.class, "what another node changed in a consent is not followed yet");
                continue;
            }
            followed => followed?,
        }
        if let Some(consent) = consents::get(step.draft(), id)? {
            crate::usecases::emergency::follow(step, None, &consent)?;
            // The other may not have known all consents of the person when it agreed to leave something out.
            consents::bind_joined(step, consent.person())?;
        }
        records::followed(step.draft(), id);
    }
    for person in records::persons_to_follow(step.draft())? {
        let shown = records::find::shown(step.draft(), person)?;
        match referrals::leave_out_tied(step, shown) {
            // As above.
            Err(failure) if matches!(failure.class, FailureClass::Misuse | FailureClass::NotPermitted) => {}
            whole => {
                if whole? {
                    records::person_followed(step.draft(), person);
                }
            }
        }
    }
    Ok(())
}

/// Revokes what partners heard to be revoked, and puts on record who heard it; and follows what other nodes of ours changed.
///
/// # Errors
/// `Store`; then drop the step: it is still to be done.
pub fn heard_follow(step: &mut Step<'_>) -> Result<()> {
    follow_elsewhere(step).map_err(|failure| {
        tracing::warn!(class = ?failure.class, "what another node changed in a consent was not followed");
        Fault::store("what another node changed in a consent was not followed; it is tried again")
    })?;
    wish::carry_out(step).map_err(|failure| {
        tracing::warn!(class = ?failure.class, "what a person said too early was not carried out");
        Fault::store("what a person said too early was not carried out; it is tried again")
    })?;
    let now = step.context().now;
    let mut due = threads::heard(step.draft())?;
    due.extend(now_permitted(step.draft(), now)?);
    for (space, hash) in due {
        if let Err(failure) = carry_out(step, space, hash) {
            // Its words could be the person's: only the class is logged.
            tracing::warn!(class = ?failure.class, "a revocation that a partner heard was not carried out");
            if !matches!(failure.class, FailureClass::Misuse | FailureClass::NotPermitted) {
                return Err(Fault::store("a revocation that a partner heard was not carried out; it is tried again"));
            }
            if failure.class == FailureClass::NotPermitted {
                threads::heard_waits(step.draft(), space, hash);
                continue;
            }
        }
        threads::heard_done(step.draft(), space, hash);
    }
    Ok(())
}

fn carry_out(step: &mut Step<'_>, space: belay_protocol::ids::SpaceId, hash: EntryHash) -> Outcome<()> {
    let Some((org, at, Body::Act(said))) = threads::entry(step.draft(), space, hash)? else { return Ok(()) };
    let Act::HeardRevocation { told, party } = said.act else { return Ok(()) };
    let Some(thread) = threads::of_space(step.draft(), space)? else { return Ok(()) };
    let Some(thread) = threads::get(step.draft(), thread)? else { return Ok(()) };
    let Some(place) = thread.with(org).filter(|_| thread.direction == Direction::Outgoing) else { return Ok(()) };
    let key = [&thread.thread.0[..], &thread.consent.0, &hash.0].concat();
    if records::get(step.draft(), Kind::Heard, &key)?.is_some() {
        return Ok(());
    }
    if wish::is_unsaid(step.draft(), thread.consent, hash)? {
        return Ok(());
    }
    let consent = consents::get(step.draft(), thread.consent)?;
    if let Some(Consent::Signed(signed)) = &consent {
        signed.revocable(step.context().now).map_err(Fault::from)?;
    }
    let own = parties::own(step)?.org;
    let late = threads::is_late(step.draft(), space, hash)?;
    let standing = if late { ", which had no part in it any more" } else { "" };
    let name = format!("{} ({}{standing})", said.by.name.reveal(), place.name);
    let by = By { staff: said.by.staff, name: name.as_str().into() };
    let (id, consent_id, of) = (thread.thread, thread.consent, by.clone());
    let heard = Heard { thread: id, consent: consent_id, party, told, by: of, org, entry: hash, at, late };
    step.write_private(&PrivateBody::Heard(Box::new(heard)).encode())?;
    let Some(consent) = consent else { return Ok(()) };
    let Ok(signed) = still_signed(consent) else { return Ok(()) };
    if planted::is(Bug::RevocationUnheard) {
        return Ok(());
    }
    // The consent is kept here: a word against us as a party is a word against all of it. Of a third party only whom the one that
    // heard it may know of; else it is taken as a word against itself.
    let terms = &signed.terms;
    let party = party
        .filter(|party| *party != own)
        .map(|party| if terms.party(party).is_some() && terms.knows(org, party) { party } else { org });
    let person = signed.person;
    end(step, signed, party, Word::of(told, &by))?;
    super::both::bind_ended(step, person)?;
    referrals::settled(step)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_that_fits_two_referrals_ends_neither() {
        let of = |consent: [u8; 3], org: u8| {
            let mut id = [0; 32];
            id[..3].copy_from_slice(&consent);
            (ConsentId(id), OrgId([org; 32]))
        };
        let (near, other, apart) = (of([0xab, 0xcd, 1], 1), of([0xab, 0xcd, 2], 1), of([0xef, 0, 0], 1));
        let twin = (near.0, OrgId([2; 32]));
        let ids = [(1, near), (2, near), (3, other), (4, apart)].map(|(thread, of)| (ThreadId([thread; 32]), of));
        let one = |wanted: &str| the_one(ids.into_iter(), wanted).map_err(|failure| failure.message);
        assert!(one("abcd").expect_err("two consents").contains("more than one"));
        assert_eq!(one("abcd01"), Ok(Some(near)), "two referrals of one consent");
        assert_eq!(one("02020202"), Ok(Some(near)), "by the id of a referral");
        assert_eq!(one("ef00"), Ok(Some(apart)));
        assert_eq!(one("9999"), Ok(None));
        let claimed = [(ThreadId([1; 32]), near), (ThreadId([5; 32]), twin)];
        assert!(the_one(claimed.into_iter(), "abcd01").is_err(), "the same id from another organisation");
    }
}
