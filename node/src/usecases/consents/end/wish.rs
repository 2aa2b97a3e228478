//! What the person says to who keeps a consent for criminal justice before it can be revoked (42 CFR 2.35(c)): the word is kept with its
//! date and who heard it, shown with the consent, and carried out as soon as it may take effect, without being asked for again. Until then
//! the person can take it back, also what was said at a recipient, which has stopped at once all the same.

use super::{Word, asked, both, end, itself};
use crate::api::care::ConsentView;
use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::consents::{get, in_force, show_now};
use crate::usecases::records::{self, Kind};
use crate::usecases::staff::StaffSession;
use crate::usecases::{project, referrals, threads};
use belay_protocol::codec;
use belay_protocol::consent::{Consent, Signed, Supervision, Told};
use belay_protocol::disclosure::private::Unsaid;
use belay_protocol::disclosure::{Heard, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, EntryHash, OrgId, ThreadId};
use belay_protocol::keys::digest::sha256;
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::{Act, Body};
use belay_protocol::store::View;
use belay_protocol::time::Time;

/// What was said too early is said again, now that it takes effect at once: what the person signed between the two is meant as well.
///
/// # Errors
/// `Store`.
pub(super) fn said_again(step: &mut Step<'_>, signed: &Signed, party: Option<OrgId>, word: &Word<'_>) -> Result<()> {
    if words(step.draft(), &[Consent::Signed(signed.clone())])?.is_empty() {
        return Ok(());
    }
    let (own, at) = (step.org(), step.context().now);
    let entry = EntryHash(sha256(b"belay said again v1\0", &[&codec::encode(&(signed.id, signed.version, party, at))]));
    let (thread, by, consent, told) = (ThreadId::ZERO, word.by.clone(), signed.id, word.told);
    let heard = Heard { thread, consent, party, told, by, org: own, entry, at, late: false };
    step.write_private(&PrivateBody::Heard(Box::new(heard)).encode()).map(drop)
}

/// Keeps the word.
///
/// # Errors
/// A consent that is not kept here or has ended; one that can be revoked now; a party that it does not name; a word that is kept already.
pub fn wish(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    party: Option<&str>,
    spoken: bool,
) -> Outcome<ConsentView> {
    let consent = in_force(step.draft(), given)?;
    let (signed, party) = asked(step, consent, party)?;
    let (own, at) = (step.org(), step.context().now);
    if signed.revocable(at).is_ok() {
        return Err(Failure::misuse("this consent can be revoked now").next("belay consent revoke CONSENT"));
    }
    let said = kept(step.draft(), signed.id)?;
    let back = taken_back(step.draft(), signed.id)?;
    // What was taken back and is said again is another word.
    let mut times: u32 = 0;
    let entry = loop {
        let of = codec::encode(&(signed.id, signed.version, party, times));
        let entry = EntryHash(sha256(b"belay said too early v1\0", &[&of]));
        if !said.iter().any(|heard| heard.entry == entry) {
            break entry;
        }
        if !back.iter().any(|unsaid| unsaid.word == entry) {
            return Err(Failure::misuse("that is on record already, and is carried out as soon as it may be")
                .next("belay consent show CONSENT"));
        }
        times = times.saturating_add(1);
    };
    let told = Told::heard(spoken);
    let (thread, by, consent) = (ThreadId::ZERO, session.by(), signed.id);
    let heard = Heard { thread, consent, party, told, by, org: own, entry, at, late: false };
    step.write_private(&PrivateBody::Heard(Box::new(heard)).encode())?;
    project::project_step(step)?;
    show_now(step, session, &Consent::Signed(signed))
}

/// Takes back what the person said too early: for all, or for that party alone.
///
/// # Errors
/// A consent that is not kept here or has ended; a party that it does not name; nothing that was said waits.
pub fn unsay(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    party: Option<&str>,
    spoken: bool,
) -> Outcome<ConsentView> {
    let consent = in_force(step.draft(), given)?;
    let (signed, party) = asked(step, consent, party)?;
    let (id, consent) = (signed.id, Consent::Signed(signed));
    let mut words: Vec<EntryHash> =
        waits_here(step.draft(), &consent)?.into_iter().filter(|heard| heard.party == party).map(|h| h.entry).collect();
    for word in waits_there(step, &consent)? {
        if word.party == party {
            words.push(word.entry);
        }
    }
    if words.is_empty() {
        let for_whom = if party.is_some() { " for that organisation alone" } else { " for all" };
        return Err(Failure::misuse(format!("nothing that the person said{for_whom} waits to take effect"))
            .next("belay consent show CONSENT, which says what does"));
    }
    let (told, at) = (Told::heard(spoken), step.context().now);
    for word in words {
        let unsaid = Unsaid { consent: id, word, told, by: session.by(), at };
        step.write_private(&PrivateBody::Unsaid(Box::new(unsaid)).encode())?;
    }
    project::project_step(step)?;
    show_now(step, session, &consent)
}

/// What of a consent was taken back before it took effect, in order of word.
fn taken_back(view: &dyn View, id: ConsentId) -> Result<Vec<Unsaid>> {
    let records = records::all(view, Kind::Unsaid, &id.0)?;
    Ok(records
        .into_iter()
        .filter_map(|record| if let PrivateBody::Unsaid(unsaid) = record.body { Some(*unsaid) } else { None })
        .collect())
}

/// Whether the person took this word back.
///
/// # Errors
/// `Store`.
pub(super) fn is_unsaid(view: &dyn View, id: ConsentId, word: EntryHash) -> Result<bool> {
    let back = records::get(view, Kind::Unsaid, &[&id.0[..], &word.0].concat())?;
    Ok(back.is_some() && !planted::is(Bug::UnsaidIgnored))
}

/// Every word that was said here of a consent too early, whatever became of it.
fn kept(view: &dyn View, id: ConsentId) -> Result<Vec<Heard>> {
    let records = records::all(view, Kind::Heard, &[ThreadId::ZERO.0, id.0].concat())?;
    Ok(records
        .into_iter()
        .filter_map(|record| if let PrivateBody::Heard(heard) = record.body { Some(*heard) } else { None })
        .collect())
}

/// Every word about these consents that was said here and kept, and that the person did not take back.
///
/// # Errors
/// `Store`.
pub(super) fn words(view: &dyn View, consents: &[Consent]) -> Result<Vec<Heard>> {
    let mut stand = Vec::new();
    for consent in consents {
        for heard in kept(view, consent.id())? {
            if !is_unsaid(view, heard.consent, heard.entry)? {
                stand.push(heard);
            }
        }
    }
    Ok(stand)
}

/// Whether this word still stands against what the consent lets be told: what the person signed after it is a newer word.
fn stands(consent: &Consent, heard: &Heard) -> bool {
    let Consent::Signed(signed) = consent else { return false };
    if signed.recorded > heard.at {
        return false;
    }
    heard.party.is_none_or(|party| {
        signed.terms.party(party).is_some() && !signed.withdrawn.iter().any(|gone| gone.party == party)
    })
}

/// Of what was said here of a consent, what waits to take effect.
fn waits_here(view: &dyn View, consent: &Consent) -> Result<Vec<Heard>> {
    let back = taken_back(view, consent.id())?;
    let waits = |heard: &Heard| stands(consent, heard) && !back.iter().any(|unsaid| unsaid.word == heard.entry);
    Ok(kept(view, consent.id())?.into_iter().filter(waits).collect())
}

/// What a recipient told that it had been said there.
pub(super) struct There {
    pub entry: EntryHash,
    pub place: String,
    /// For whom alone; `None`: for all.
    pub party: Option<OrgId>,
    pub at: Time,
}

/// Of what was said of a consent at recipients, what waits to take effect.
///
/// # Errors
/// `Store`.
pub(super) fn waits_there(step: &mut Step<'_>, consent: &Consent) -> Result<Vec<There>> {
    let mut waits = Vec::new();
    for (space, entry) in threads::waiting(step.draft())? {
        let Some(thread) = threads::of_space(step.draft(), space)? else { continue };
        let Some(thread) = threads::get(step.draft(), thread)?.filter(|of| of.consent == consent.id()) else {
            continue;
        };
        if is_unsaid(step.draft(), consent.id(), entry)? {
            continue;
        }
        if let Some((org, at, Body::Act(said))) = threads::entry(step.draft(), space, entry)?
            && let Act::HeardRevocation { party, .. } = said.act
        {
            let place = thread.with(org).map_or_else(|| org.short(), |place| place.name.clone());
            waits.push(There { entry, place, party, at });
        }
    }
    Ok(waits)
}

/// When the person said, here or at a recipient, what waits to take effect, and for whom alone; in order of time.
///
/// # Errors
/// `Store`.
pub fn said_early(step: &mut Step<'_>, consent: &Consent) -> Result<Vec<(Time, Option<OrgId>)>> {
    let here = waits_here(step.draft(), consent)?.into_iter().map(|heard| (heard.at, heard.party));
    let mut said: Vec<(Time, Option<OrgId>)> = here.collect();
    said.extend(waits_there(step, consent)?.into_iter().map(|there| (there.at, there.party)));
    said.sort_unstable();
    Ok(said)
}

/// Of these consents those of which something that was said too early waits.
pub(super) fn wait<'c>(consents: &'c [Consent], words: &[Heard]) -> impl Iterator<Item = &'c Signed> {
    let waits = |consent: &&Consent| words.iter().any(|heard| heard.consent == consent.id() && stands(consent, heard));
    consents.iter().filter(waits).filter_map(Consent::signed)
}

/// Whether this word may take effect by now.
pub(super) fn may_take_effect(consents: &[Consent], heard: &Heard, now: Time) -> bool {
    let permitted = |consent: &Consent| consent.signed().is_some_and(|signed| signed.revocable(now).is_ok());
    let mut of = consents.iter().filter(|consent| consent.id() == heard.consent);
    of.any(|consent| stands(consent, heard) && permitted(consent)) && !planted::is(Bug::EarlyWordForgotten)
}

/// Carries out what may take effect by now, on the word of who heard it.
pub(super) fn carry_out(step: &mut Step<'_>) -> Outcome<()> {
    let now = step.context().now;
    for heard in itself::words(step.draft(), now)? {
        if let Some(Consent::Signed(signed)) = get(step.draft(), heard.consent)? {
            let person = signed.person;
            end(step, signed, heard.party, Word::of(heard.told, &heard.by))?;
            both::bind_ended(step, person)?;
            referrals::settled(step)?;
        }
    }
    // What could not be revoked yet when its like was taken back.
    for person in itself::bound(step.draft(), now)? {
        both::bind_ended(step, person)?;
        referrals::settled(step)?;
    }
    Ok(())
}

/// What was said too early of this consent, here or at a recipient, and waits: a sentence each.
///
/// # Errors
/// `Store`.
pub(super) fn waiting(step: &mut Step<'_>, id: ConsentId) -> Result<Vec<String>> {
    let mut said = Vec::new();
    let Some(consent) = get(step.draft(), id)? else { return Ok(said) };
    let from = consent.signed().and_then(|signed| signed.terms.supervised()).map(Supervision::from_words);
    let from = from.unwrap_or_else(|| "now on".to_owned());
    for heard in waits_here(step.draft(), &consent)? {
        said.push(format!("{}; that takes effect by itself from {from} (42 CFR 2.35(c))", said_here(&consent, &heard)));
    }
    for word in waits_there(step, &consent)? {
        said.push(format!(
            "on {} the person revoked it at {}; that is not permitted yet (42 CFR 2.35(c)) and is carried out as soon as it is",
            system::day(word.at),
            word.place
        ));
    }
    Ok(said)
}

/// What was said here: when, for whom, and who heard it.
fn said_here(consent: &Consent, heard: &Heard) -> String {
    let whom = heard.party.and_then(|party| consent.terms().party(party));
    let whom = whom.map_or_else(String::new, |party| format!(" for {}", party.name));
    let how = how(heard.told);
    format!("on {} the person {how} to {} that it is revoked{whom}", system::day(heard.at), heard.by.name.reveal())
}

const fn how(told: Told) -> &'static str {
    match told {
        Told::Spoken => "said",
        Told::Written => "wrote",
    }
}

/// What the person took back of what had been said too early: a sentence each, oldest first.
///
/// # Errors
/// `Store`.
pub(super) fn unsaid(view: &dyn View, id: ConsentId) -> Result<Vec<String>> {
    let mut back = taken_back(view, id)?;
    if back.is_empty() {
        return Ok(Vec::new());
    }
    back.sort_by_key(|unsaid| (unsaid.at, unsaid.word));
    let (consent, here) = (get(view, id)?, kept(view, id)?);
    let sentence = |unsaid: Unsaid| {
        let word = here.iter().find(|heard| heard.entry == unsaid.word).zip(consent.as_ref());
        let what = word.map_or_else(
            || "the person had revoked it at a recipient, which has stopped".to_owned(),
            |(heard, consent)| said_here(consent, heard),
        );
        let (day, who) = (system::day(unsaid.at), unsaid.by.name.reveal().clone());
        format!(
            "{what}; on {day}, before it took effect, the person {} to {who} that it stands after all",
            how(unsaid.told)
        )
    };
    Ok(back.into_iter().map(sentence).collect())
}
