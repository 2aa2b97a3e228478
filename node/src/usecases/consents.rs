//! Consents: drafted, signed, shown, amended, ended. What they permit is decided in `belay_protocol::consent` alone.
//!
//! A version is a record of its own; the newest that was signed is in force, and a thread goes on under what every version since
//! its own allows ([`versions`]). Parts: `draft` (terms out of what staff ask for, the next version), `restrict` (what is left out of it), `left_out` (what is left out whatever is told by), `sign`
//! (signatures, and what a new version means for threads), `signer` (whether who signs fits the person on record), `end` (revocation, events, what is known to be false), `onward`
//! (what a recipient may pass on), `stands` (what it is for and until when, in a line).

mod draft;
mod end;
mod held;
pub mod left_out;
mod onward;
mod restrict;
pub(in crate::usecases) mod sign;
mod signer;
mod stands;

pub use draft::{amend, discard, draft};
pub(super) use end::itself;
pub use end::{
    doubted, event, heard_due, heard_follow, heard_for, revoke, revoke_preview, said_early, strike, suspend, unsay,
    void, wish, would_bind,
};
pub use onward::onward;
pub(super) use restrict::bind_joined;
pub use restrict::{agreed, restrict, restrict_preview};
pub use sign::sign;

use super::people;
use super::records::{self, Kind};
use super::staff::StaffSession;
use super::{named, parties};
use crate::api::Outcome;
use crate::api::care::{ConsentParty, ConsentRow, ConsentView, ConsentsView, FlowView, ReviewView, ToSign};
use crate::forms::{self, Lang};
use belay_protocol::consent::{Changes, Consent, Doubt, Draft, fold, heads, since, unshared};
use belay_protocol::disclosure::{Looked, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, OrgId, PersonId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::By;
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use std::collections::BTreeSet;

/// Shows the form as it is in force, and whether a change of it waits for a signature; of a later version what is new, unless the
/// whole is asked for. What nobody signed yet is shown as such.
///
/// # Errors
/// None fits, or more than one does.
pub fn show(step: &mut Step<'_>, session: &StaffSession, given: &str, whole: bool) -> Outcome<ConsentView> {
    let consent = in_force(step.draft(), given)?;
    people::look(step, session, Looked::Consent, Some(consent.person()), None)?;
    view(step, &consent, whole)
}

/// Every consent as it is in force, or those of one person.
///
/// # Errors
/// `Store`.
pub fn list(step: &mut Step<'_>, session: &StaffSession, person: Option<&Personal<String>>) -> Outcome<ConsentsView> {
    let only = person.map(|given| people::find(step.draft(), given)).transpose()?.map(|p| p.id);
    people::look(step, session, Looked::ConsentList, only, None)?;
    Ok(ConsentsView { consents: rows(step, only)? })
}

/// A row of each consent, or of each of one person.
///
/// # Errors
/// `Store`.
pub(super) fn rows(step: &mut Step<'_>, only: Option<PersonId>) -> Outcome<Vec<ConsentRow>> {
    let (own, now) = (parties::own(step)?.org, step.context().now);
    let all = match only {
        Some(person) => {
            let mut of_person = Vec::new();
            for id in records::find::consents(step.draft(), person)? {
                of_person.extend(latest(step.draft(), &id.0)?);
            }
            of_person
        }
        None => latest(step.draft(), &[])?,
    };
    let mut consents = Vec::new();
    for newest in all {
        let c = get(step.draft(), newest.id())?.unwrap_or(newest);
        consents.push(ConsentRow {
            id: c.id(),
            version: c.version(),
            person: records::find::shown(step.draft(), c.person())?,
            name: c.terms().person.clone(),
            parties: others(&c, own).into_iter().map(|(_, name)| name).collect(),
            state: c.state(now).to_owned(),
            class: c.terms().class,
            pending: pending(step.draft(), &c)?,
            kind: stands::kind(c.terms()),
            signed_on: c.signed().and_then(|signed| signed.date),
            ends: stands::ends(&c, now),
            called: called(step.draft(), &c)?,
        });
    }
    Ok(consents)
}

/// The person's name on record, where it is another than what was signed.
fn called(view: &dyn View, consent: &Consent) -> Result<Option<Personal<String>>> {
    let person = people::get(view, consent.person())?;
    let name = person.map(|person| person.identity.name);
    Ok(name.filter(|name| consent.signed().is_some_and(|signed| *name != signed.terms.person)))
}

/// The organisations that a consent names besides `own`, without those for which the person took it back.
fn others(consent: &Consent, own: OrgId) -> Vec<(OrgId, String)> {
    let withdrawn = |org: OrgId| consent.signed().is_some_and(|signed| signed.withdrawn.iter().any(|w| w.party == org));
    let parties = consent.terms().parties().into_iter().filter(|p| p.org != own && !withdrawn(p.org));
    parties.map(|p| (p.org, p.name.clone())).collect()
}

/// The number of the next version, if one was drafted and waits for a signature while this one stands.
pub(in crate::usecases) fn pending(view: &dyn View, consent: &Consent) -> Result<Option<u32>> {
    Ok(draft_after(view, consent)?.map(|draft| draft.version))
}

/// The draft of the next version that waits for a signature while this one stands.
fn draft_after(view: &dyn View, consent: &Consent) -> Result<Option<Draft>> {
    if !matches!(consent, Consent::Signed(_)) {
        return Ok(None);
    }
    Ok(match all_versions(view, consent.id())?.pop() {
        Some(Consent::Draft(draft)) if draft.version > consent.version() => Some(draft),
        Some(_) | None => None,
    })
}

/// The form of this consent that waits for a signature.
fn open_form(view: &dyn View, consent: &Consent) -> Result<Option<ToSign>> {
    if matches!(consent, Consent::Revoked(_) | Consent::Void(_)) {
        return Ok(None);
    }
    let newest = all_versions(view, consent.id())?.pop();
    Ok(match newest {
        Some(Consent::Draft(draft)) => Some(sign::to_sign(&draft)),
        Some(Consent::Signed(_) | Consent::Revoked(_) | Consent::Void(_)) | None => None,
    })
}

/// A consent, newest version, by id or the beginning of one.
///
/// # Errors
/// None fits, or more than one does.
pub fn find(view: &dyn View, given: &str) -> Outcome<Consent> {
    let consents = super::beginning(given).map_or_else(|| Ok(Vec::new()), |id| latest(view, &id))?;
    named(&consents, given, |c| (c.id().to_string(), String::new()), "consent", "belay consent list").cloned()
}

/// Whether any consent of ours has this id or beginning of one.
///
/// # Errors
/// `Store`.
fn ours(view: &dyn View, given: &str) -> Result<bool> {
    let Some(id) = super::beginning(given) else { return Ok(false) };
    let wanted = given.trim().to_lowercase();
    Ok(latest(view, &id)?.iter().any(|c| c.id().to_string().starts_with(&wanted)))
}

/// As [`find`], but the newest version that was signed, where there is one.
///
/// # Errors
/// As [`find`].
pub fn in_force(view: &dyn View, given: &str) -> Outcome<Consent> {
    let newest = find(view, given)?;
    Ok(get(view, newest.id())?.unwrap_or(newest))
}

/// The newest version that was signed, or the draft if none was.
///
/// # Errors
/// `Store`.
pub fn get(view: &dyn View, id: ConsentId) -> Result<Option<Consent>> {
    let mut all = all_versions(view, id)?;
    let signed = all.iter().rposition(|c| c.signed().is_some());
    Ok(signed.map(|at| all.swap_remove(at)).or_else(|| all.pop()))
}

/// The version under which a thread was sent and every one that was signed since, or apart from it, in order.
///
/// # Errors
/// `Store`.
pub fn versions(view: &dyn View, id: ConsentId, from: u32) -> Result<Vec<Consent>> {
    let mut all = since(all_versions(view, id)?, from);
    if planted::is(Bug::NarrowingIgnored) {
        all.truncate(1);
    }
    Ok(all)
}

/// Whether any consent that was signed names this organisation.
///
/// # Errors
/// `Store`.
pub fn names(view: &dyn View, partner: OrgId) -> Result<bool> {
    records::find::named(view, partner)
}

/// Every version, drafts among them, in order, with all that is on record of it.
fn all_versions(view: &dyn View, id: ConsentId) -> Result<Vec<Consent>> {
    let discarded = discarded(view, &id.0)?;
    let struck = end::struck(view, &id.0)?.remove(&id).unwrap_or_default();
    let records = bodies(records::all(view, Kind::Consent, &id.0)?);
    let mut all = fold(records.filter(|c| !is_discarded(&discarded, c)).map(|c| c.without(&struck)));
    if planted::is(Bug::AmendmentUnsigned)
        && let [.., Consent::Signed(signed), Consent::Draft(draft)] = &mut all[..]
    {
        signed.terms = draft.terms.clone();
    }
    Ok(all)
}

/// The newest version of each whose id begins so, signed or not.
fn latest(view: &dyn View, id: &[u8]) -> Result<Vec<Consent>> {
    // Records come in order of id.
    let mut newest: Vec<Consent> = Vec::new();
    let mut same: Vec<Consent> = Vec::new();
    let discarded = discarded(view, id)?;
    let struck = end::struck(view, id)?;
    let kept = bodies(records::all(view, Kind::Consent, id)?).filter(|c| !is_discarded(&discarded, c));
    let kept = kept.map(|c| match struck.get(&c.id()) {
        Some(struck) => c.without(struck),
        None => c,
    });
    for consent in kept {
        if same.first().is_some_and(|first| first.id() != consent.id()) {
            newest.extend(fold(std::mem::take(&mut same)).pop());
        }
        same.push(consent);
    }
    newest.extend(fold(same).pop());
    Ok(newest)
}

/// The drafts that nobody is to sign any more: of one consent by its id, or of all.
fn discarded(view: &dyn View, prefix: &[u8]) -> Result<BTreeSet<(ConsentId, u32)>> {
    let records = records::all(view, Kind::Discarded, prefix)?;
    Ok(records
        .into_iter()
        .filter_map(|record| match record.body {
            PrivateBody::Discarded { consent, version, .. } => Some((consent, version)),
            _ => None,
        })
        .collect())
}

fn is_discarded(discarded: &BTreeSet<(ConsentId, u32)>, consent: &Consent) -> bool {
    matches!(consent, Consent::Draft(_)) && discarded.contains(&(consent.id(), consent.version()))
}

fn bodies(records: Vec<records::Record>) -> impl Iterator<Item = Consent> {
    records.into_iter().filter_map(|record| match record.body {
        PrivateBody::Consent(consent) => Some(*consent),
        _ => None,
    })
}

/// `by`: who changed it, on whose word copies placed for an emergency follow it.
fn write(step: &mut Step<'_>, by: &By, consent: &Consent) -> Outcome<()> {
    step.write_private(&PrivateBody::Consent(Box::new(consent.clone())).encode())?;
    super::project::project_step(step)?;
    if !matches!(consent, Consent::Draft(_)) {
        super::emergency::follow(step, Some(by), consent)?;
    }
    Ok(())
}

fn write_and_show(step: &mut Step<'_>, session: &StaffSession, consent: &Consent) -> Outcome<ConsentView> {
    write(step, &session.by(), consent)?;
    show_now(step, session, consent)
}

fn show_now(step: &mut Step<'_>, session: &StaffSession, consent: &Consent) -> Outcome<ConsentView> {
    people::look(step, session, Looked::Consent, Some(consent.person()), None)?;
    view(step, consent, false)
}

/// It is in force, may be false, and nobody has judged it yet.
pub(super) fn suspended(consent: &Consent) -> bool {
    matches!(consent, Consent::Signed(signed) if signed.suspended().is_some())
}

/// The same, also of one that the person took back since: what went under it went all the same.
pub(super) fn unjudged(consent: &Consent) -> bool {
    !matches!(consent, Consent::Void(_)) && consent.signed().is_some_and(|signed| signed.suspended().is_some())
}

/// That it may be false, and that it stands all the same, the newest first.
fn doubts(words: &[Doubt]) -> Vec<ReviewView> {
    let said = |word: &Doubt| {
        let what = if word.ends.is_empty() { "suspended, it may be false" } else { "stands again" };
        ReviewView {
            at: word.at,
            staff: word.by.name.clone(),
            note: format!("{what}: {}", word.why.reveal()).as_str().into(),
        }
    };
    let mut words: Vec<&Doubt> = words.iter().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.at));
    words.into_iter().map(said).collect()
}

fn view(step: &mut Step<'_>, consent: &Consent, whole: bool) -> Outcome<ConsentView> {
    let now = step.context().now;
    let missing = match consent {
        Consent::Draft(draft) => draft.missing().map(|refusal| refusal.to_string()),
        Consent::Signed(signed) => signed.missing().map(|refusal| refusal.to_string()),
        Consent::Revoked(_) | Consent::Void(_) => None,
    };
    let signed = versions(step.draft(), consent.id(), 0)?;
    let apart = heads(&signed).len() > 1;
    let restrictions = signed.last().and_then(Consent::signed).map(|s| restrict::numbered(step, s)).unwrap_or_default();
    let before = signed.into_iter().rfind(|c| c.version() < consent.version());
    // As they stand: without whom the person took out, and what was agreed to leave out.
    let terms = match consent.signed() {
        Some(signed) => &signed.allowed(),
        None => consent.terms(),
    };
    let name = |org: OrgId| terms.party(org).map_or_else(|| org.short(), |p| p.name.clone());
    let flows = terms.flows.iter().map(|f| FlowView {
        from: f.from,
        from_name: name(f.from),
        to: f.to,
        to_name: name(f.to),
        information: f.information,
        purpose: f.purpose.to_string(),
    });
    let own = parties::own(step)?.org;
    let sheet = match before.as_ref().and_then(Consent::signed) {
        Some(before) if !whole => forms::amendment::sheet(before, consent, own, now, Lang::En),
        Some(_) | None => forms::consent::sheet(consent, now, Lang::En),
    };
    // Before a signature: what stands already and is newly read once it is given.
    let waits = match consent {
        Consent::Draft(draft) => Some(draft.clone()),
        Consent::Signed(_) | Consent::Revoked(_) | Consent::Void(_) => draft_after(step.draft(), consent)?,
    };
    let unshared = unshared(waits.as_ref().map_or(terms, |draft| &draft.terms), own);
    let (touches, aloud) = waits.as_ref().map(|form| restrict::signing(step, form)).transpose()?.unwrap_or_default();
    let joins = waits.map(|draft| super::referrals::joins(step, &draft)).transpose()?.unwrap_or_default();
    Ok(ConsentView {
        id: consent.id(),
        version: consent.version(),
        person: consent.person(),
        name: terms.person.clone(),
        called: called(step.draft(), consent)?,
        signer: terms.signer,
        lang: super::prints::lang(step.draft(), consent.person(), None)?,
        parties: others(consent, own).into_iter().map(|(org, name)| ConsentParty { org, name }).collect(),
        state: consent.state(now).to_owned(),
        class: terms.class,
        missing,
        waiting: end::waiting(step, consent.id())?,
        heard: end::said(step.draft(), own, consent.id())?,
        pending: pending(step.draft(), consent)?,
        to_sign: open_form(step.draft(), consent)?,
        flows: flows.collect(),
        changes: before.and_then(|c| c.signed().map(|signed| Changes::between(&signed.standing(), consent.terms()))),
        apart,
        restrictions,
        events: end::events(step.draft(), consent)?,
        anew: match consent {
            Consent::Signed(signed) if signed.expired(now).is_none() => {
                super::referrals::to_send_anew(step, signed.id)?
            }
            Consent::Draft(_) | Consent::Signed(_) | Consent::Revoked(_) | Consent::Void(_) => Vec::new(),
        },
        team: terms.team.iter().map(|org| ConsentParty { org: *org, name: name(*org) }).collect(),
        joins,
        touches,
        aloud,
        unshared,
        age_why: signer::age_why(step.draft(), consent.id())?.map(|reason| ReviewView {
            at: reason.at,
            staff: reason.by.name,
            note: reason.why,
        }),
        falsely: super::disclosures::falsely_under(step, consent.id())?,
        suspended: unjudged(consent),
        behind: match consent {
            Consent::Signed(signed) if signed.expired(now).is_none() && !suspended(consent) => {
                super::emergency::behind(step, consent)?
            }
            Consent::Draft(_) | Consent::Signed(_) | Consent::Revoked(_) | Consent::Void(_) => Vec::new(),
        },
        copies: if suspended(consent) { super::emergency::lie_under(step, consent.id())? } else { Vec::new() },
        doubts: consent.signed().map(|signed| doubts(&signed.doubts)).unwrap_or_default(),
        signed_with: super::prints::files(step, consent.person(), &sheet)?,
        form: sheet.text().as_str().into(),
    })
}
