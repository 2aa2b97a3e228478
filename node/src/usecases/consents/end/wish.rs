//! What the person says to who keeps a consent for criminal justice before it can be revoked (42 CFR 2.35(c)): the word is kept with its
//! date and who heard it, shown with the consent, and carried out as soon as it may take effect, without being asked for again.

use super::{Word, asked, both, end};
use crate::api::care::ConsentView;
use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::consents::{get, in_force, show_now};
use crate::usecases::records::{self, Kind};
use crate::usecases::staff::StaffSession;
use crate::usecases::{project, referrals};
use belay_protocol::codec;
use belay_protocol::consent::{Consent, Supervision, Told};
use belay_protocol::disclosure::{Heard, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, EntryHash, ThreadId};
use belay_protocol::keys::digest::sha256;
use belay_protocol::planted::{self, Bug};
use belay_protocol::store::View;
use belay_protocol::time::Time;

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
    let entry = EntryHash(sha256(b"belay said too early v1\0", &[&codec::encode(&(signed.id, signed.version, party))]));
    if kept(step.draft())?.iter().any(|heard| heard.entry == entry) {
        return Err(Failure::misuse("that is on record already, and is carried out as soon as it may be")
            .next("belay consent show CONSENT"));
    }
    let told = if spoken { Told::Spoken } else { Told::Written };
    let (thread, by, consent) = (ThreadId::ZERO, session.by(), signed.id);
    let heard = Heard { thread, consent, party, told, by, org: own, entry, at, late: false };
    step.write_private(&PrivateBody::Heard(Box::new(heard)).encode())?;
    project::project_step(step)?;
    show_now(step, session, &Consent::Signed(signed))
}

/// Every word that was said here too early, whatever became of it.
fn kept(view: &dyn View) -> Result<Vec<Heard>> {
    let records = records::all(view, Kind::Heard, &ThreadId::ZERO.0)?;
    Ok(records
        .into_iter()
        .filter_map(|record| if let PrivateBody::Heard(heard) = record.body { Some(*heard) } else { None })
        .collect())
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

/// Those that may take effect by now.
///
/// # Errors
/// `Store`.
pub(super) fn due(view: &dyn View, now: Time) -> Result<Vec<Heard>> {
    let mut due = Vec::new();
    if planted::is(Bug::EarlyWordForgotten) {
        return Ok(due);
    }
    for heard in kept(view)? {
        let consent = get(view, heard.consent)?.filter(|consent| stands(consent, &heard));
        if consent.as_ref().and_then(Consent::signed).is_some_and(|signed| signed.revocable(now).is_ok()) {
            due.push(heard);
        }
    }
    Ok(due)
}

/// Carries out what may take effect by now, on the word of who heard it.
pub(super) fn carry_out(step: &mut Step<'_>) -> Outcome<()> {
    let now = step.context().now;
    for heard in due(step.draft(), now)? {
        if let Some(Consent::Signed(signed)) = get(step.draft(), heard.consent)? {
            let person = signed.person;
            end(step, signed, heard.party, Word::of(heard.told, &heard.by))?;
            both::bind_ended(step, person)?;
            referrals::settled(step)?;
        }
    }
    Ok(())
}

/// What was said too early of this consent and waits, a sentence each.
///
/// # Errors
/// `Store`.
pub(super) fn waiting(view: &dyn View, id: ConsentId) -> Result<Vec<String>> {
    let mut said = Vec::new();
    for heard in kept(view)?.into_iter().filter(|heard| heard.consent == id) {
        let Some(consent) = get(view, id)?.filter(|consent| stands(consent, &heard)) else { continue };
        let whom = heard.party.and_then(|party| consent.terms().party(party));
        let whom = whom.map_or_else(String::new, |party| format!(" for {}", party.name));
        let how = if heard.told == Told::Spoken { "said" } else { "wrote" };
        let from = consent.signed().and_then(|signed| signed.terms.supervision.as_ref());
        let from = from.map(Supervision::from_words);
        said.push(format!(
            "on {} the person {how} to {} that it is revoked{whom}; that takes effect by itself from {} (42 CFR 2.35(c))",
            system::day(heard.at),
            heard.by.name.reveal(),
            from.unwrap_or_else(|| "now on".to_owned())
        ));
    }
    Ok(said)
}
