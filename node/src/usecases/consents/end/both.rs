//! A person who is on record twice: what was agreed to leave out, and what was taken back, under one record binds what was signed under
//! the other. Whoever took a consent back thinks of one consent with an organisation, and not of how it was filed.

use super::{Word, follow, others, take_out, wish};
use crate::api::Outcome;
use crate::usecases::consents::{get, restrict};
use crate::usecases::parties;
use crate::usecases::records::find;
use belay_protocol::consent::{Class, Consent, Signed, Told};
use belay_protocol::disclosure::Heard;
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, OrgId, PersonId};
use belay_protocol::referral::By;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use std::collections::BTreeMap;

/// A consent that ends for one party, since the person took another back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ends {
    pub consent: ConsentId,
    pub party: OrgId,
    name: String,
    told: Told,
    by: By,
    at: Time,
}

/// When the person said here that by which a consent ended: what is said too early (2.35(c)) takes effect later, and is no word about what the
/// person signed in between. What was heard elsewhere is dated when it came here.
fn said(words: &[Heard], id: ConsentId, (effect, by): (Time, &By), party: OrgId) -> Time {
    let of = |heard: &&Heard| {
        heard.consent == id && heard.by == *by && heard.at <= effect && heard.party.is_none_or(|only| only == party)
    };
    words.iter().filter(of).map(|heard| heard.at).max().unwrap_or(effect)
}

/// For whom the person took it back, when and how.
fn taken_back(consent: &Consent, own: OrgId) -> Vec<(OrgId, Time, Told, By)> {
    let Some(signed) = consent.signed() else { return Vec::new() };
    let whole = match consent {
        Consent::Revoked(revoked) => Some((revoked.at, revoked.told, revoked.heard_by.clone())),
        Consent::Void(void) => void.revoked.clone(),
        Consent::Draft(_) | Consent::Signed(_) => None,
    };
    // What only binds here was said under another record, and ends there and elsewhere what it ends.
    let said = signed.withdrawn.iter().filter(|w| w.bound.is_none());
    let apart = said.map(|w| (w.party, w.at, w.told, w.heard_by.clone()));
    let all = whole.into_iter().flat_map(|(at, told, by)| {
        let parties = signed.terms.parties().into_iter().filter(move |party| party.org != own);
        parties.map(move |party| (party.org, at, told, by.clone()))
    });
    apart.chain(all).collect()
}

/// Whether the two let the same be told between us and this party: a consent for counselling notes ends none for referrals.
fn same(taken: &Signed, stands: &Signed, party: OrgId) -> bool {
    let plain = |class: Class| if class == Class::Tpo { Class::General } else { class };
    let between = |signed: &Signed| {
        let flows = signed.terms.flows.iter().filter(|flow| flow.from == party || flow.to == party);
        flows.map(|flow| (flow.from, flow.to, flow.information)).collect::<Vec<_>>()
    };
    let (was, is) = (between(taken), between(stands));
    plain(taken.terms.class) == plain(stands.terms.class) && is.iter().any(|flow| was.contains(flow))
}

/// That a consent stands which lets the same be told as one that the person took back under another record.
struct Like<'c> {
    stands: &'c Signed,
    name: String,
    taken: ConsentId,
    party: OrgId,
    /// Since when the other has ended for that party, and by whose word.
    effect: Time,
    told: Told,
    by: By,
}

fn alike(consents: &[Consent], own: OrgId) -> impl Iterator<Item = Like<'_>> {
    let back = move |taken: &Consent| taken_back(taken, own);
    let all = consents.iter().flat_map(move |taken| back(taken).into_iter().map(move |back| (taken, back)));
    all.flat_map(move |(taken, (party, effect, told, by))| {
        let others = consents.iter().filter(|other| other.person() != taken.person());
        others.filter_map(move |other| {
            let (Consent::Signed(stands), Some(was)) = (other, taken.signed()) else { return None };
            let (_, name) = self::others(other, own).into_iter().find(|(org, _)| *org == party)?;
            let like = || Like { stands, name, taken: taken.id(), party, effect, told, by: by.clone() };
            same(was, stands, party).then(like)
        })
    })
}

/// Of these consents of one person those that end, for whom each: what was signed before the person said so, once it can be revoked.
/// `words`: those that were said here and kept, as far as the person did not take them back.
pub(super) fn ends(consents: &[Consent], words: &[Heard], own: OrgId, now: Time) -> Vec<Ends> {
    let mut ends: Vec<Ends> = Vec::new();
    for Like { stands, name, taken, party, effect, told, by } in alike(consents, own) {
        let at = said(words, taken, (effect, &by), party);
        let open = stands.recorded <= at && stands.expired(now).is_none() && stands.revocable(now).is_ok();
        if open && !ends.iter().any(|one| (one.consent, one.party) == (stands.id, party)) {
            ends.push(Ends { consent: stands.id, party, name, told, by, at });
        }
    }
    ends
}

/// Of these consents those for criminal justice that may end so, if not at once: what was said is never later than that by which the other ended.
pub(super) fn may_end(consents: &[Consent], own: OrgId) -> impl Iterator<Item = &Signed> {
    let later = alike(consents, own).filter(|like| like.stands.recorded <= like.effect).map(|like| like.stands);
    later.filter(|stands| stands.terms.supervised().is_some())
}

/// Those of a person, under whichever record each was signed.
pub(super) fn all(view: &dyn View, person: PersonId) -> Result<Vec<Consent>> {
    find::consents(view, person)?.into_iter().filter_map(|id| get(view, id).transpose()).collect()
}

/// Ends what was signed under another record of this person before the person took the same back, for whom each.
///
/// # Errors
/// `Store`.
pub fn bind_ended(step: &mut Step<'_>, person: PersonId) -> Outcome<()> {
    if find::records_of(step.draft(), person)?.records.len() < 2 {
        return Ok(());
    }
    let (own, now) = (parties::own(step)?.org, step.context().now);
    let consents = all(step.draft(), person)?;
    let words = wish::words(step.draft(), &consents)?;
    let mut of: BTreeMap<ConsentId, Vec<Ends>> = BTreeMap::new();
    for one in ends(&consents, &words, own, now) {
        of.entry(one.consent).or_default().push(one);
    }
    for (id, all) in of {
        let Some(Consent::Signed(mut signed)) = get(step.draft(), id)? else { continue };
        // All before anybody is told what is left of it.
        for Ends { party, told, by, at, .. } in &all {
            take_out(&mut signed, *party, Word { told: *told, by, bound: Some(*at) }, now)?;
        }
        let parties: Vec<OrgId> = all.iter().map(|one| one.party).collect();
        let Some(last) = all.last() else { continue };
        follow(step, &last.by, &Consent::Signed(signed), &parties)?;
    }
    Ok(())
}

/// What would end besides with this end of a consent, in words; nothing where the person is on record once.
///
/// # Errors
/// `Store`.
pub(super) fn besides(step: &mut Step<'_>, ended: &Consent) -> Outcome<String> {
    let (own, now) = (parties::own(step)?.org, step.context().now);
    let mut consents = all(step.draft(), ended.person())?;
    consents.retain(|consent| consent.id() != ended.id());
    // Of the one that would end now the word is said now.
    let words = wish::words(step.draft(), &consents)?;
    consents.push(ended.clone());
    let sentence = |one: Ends| {
        format!(
            " This person has more than one record here, and consent {}, signed under another, ends for {} as well.",
            one.consent.short(),
            one.name
        )
    };
    Ok(ends(&consents, &words, own, now).into_iter().map(sentence).collect())
}

/// What joining two persons' records would bind, a sentence each.
///
/// # Errors
/// `Store`.
pub fn would_bind(step: &mut Step<'_>, own: OrgId, (a, b): (PersonId, PersonId), now: Time) -> Outcome<Vec<String>> {
    let mut says = Vec::new();
    for (of, with) in [(a, b), (b, a)] {
        let mut new = restrict::agreed(step.draft(), of)?;
        let known = restrict::agreed(step.draft(), with)?;
        new.retain(|one| !known.contains(one));
        if new.is_empty() {
            continue;
        }
        if !find::consents(step.draft(), with)?.is_empty() {
            says.push(format!(
                "What was agreed to leave out under record {} ({}) is left out under every consent of record {} as well (42 CFR 2.26).",
                of.short(),
                new.len(),
                with.short()
            ));
        }
        // What is open of the other record feels it at once.
        for one in &new {
            for line in restrict::what_changes(step, with, one)? {
                if !says.contains(&line) {
                    says.push(line);
                }
            }
        }
    }
    let consents = [all(step.draft(), a)?, all(step.draft(), b)?].concat();
    let words = wish::words(step.draft(), &consents)?;
    says.extend(ends(&consents, &words, own, now).into_iter().map(|one| {
        format!(
            "Consent {} ends for {}: the person took the same back on {}, under the other record.",
            one.consent.short(),
            one.name,
            crate::system::day(one.at)
        )
    }));
    Ok(says)
}
