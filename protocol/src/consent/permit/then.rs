//! What went already and was not put on record when it did: judged by the consents as they stood then, and dated then. Nothing is sent
//! by it.

use super::{Action, Ask, Basis, Permit, decide};
use crate::consent::{Consent, Refusal, Revoked, Signature, Void};
use crate::time::Time;

/// Where a disclosure is on record (2.25; 45 CFR 164.528(b)).
const CLAUSE: &str = "42 CFR 2.25";

/// Decides whether `ask` was permitted at `at`. `versions`: as they stand now, with what was said of them since.
pub(super) fn then(versions: &[Consent], at: Time, ask: &Ask, now: Time) -> Result<Permit, Refusal> {
    if at > now {
        return Err(Refusal::new(
            "that time lies in the future",
            CLAUSE,
            "Put it on record once it has gone, with the day and time at which it did.",
        ));
    }
    if ask.action != Action::Export {
        return Err(Refusal::new(
            "what went already is put on record, and nothing is sent by that",
            CLAUSE,
            "Send it under a consent that stands now.",
        ));
    }
    let stood = as_of(versions, at);
    let permit = decide(Basis::Versions(&stood), ask, at).map_err(|refusal| Refusal {
        why: format!("as the consent stood then: {}", refusal.why),
        next: "Look at the day and time. If it went all the same, tell the privacy officer: it may be a breach (42 CFR 2.16(b); 45 CFR \
               164.402)."
            .to_owned(),
        ..refusal
    })?;
    // Of what has gone no end is kept.
    Ok(Permit { went: Some(at), expires: None, ..permit })
}

/// These versions as they stood at `at`: those that were signed by then, with what had been said of them.
fn as_of(versions: &[Consent], at: Time) -> Vec<Consent> {
    versions.iter().filter_map(|consent| stood(consent, at)).collect()
}

fn stood(consent: &Consent, at: Time) -> Option<Consent> {
    let mut signed = consent.signed()?.clone();
    // Paper may be recorded after it was signed; a name that is typed or drawn is given when it is recorded, whatever the calendar here says.
    let here = signed.signature.as_ref().is_none_or(Signature::given_here);
    let since = signed.date.filter(|_| !here).unwrap_or(signed.recorded);
    if since > at {
        return None;
    }
    signed.withdrawn.retain(|gone| gone.at <= at);
    signed.restricted.retain(|out| out.at <= at);
    signed.doubts.retain(|doubt| doubt.at <= at);
    signed.event = signed.event.filter(|came| *came <= at);
    signed.revocable = signed.revocable.filter(|came| *came <= at);
    Some(match consent.clone() {
        Consent::Void(void) if void.at <= at => Consent::Void(Void { signed, ..void }),
        Consent::Void(void) => match void.revoked.filter(|(revoked, ..)| *revoked <= at) {
            Some((at, told, heard_by)) => Consent::Revoked(Revoked { signed, at, told, heard_by }),
            None => Consent::Signed(signed),
        },
        Consent::Revoked(revoked) if revoked.at <= at => Consent::Revoked(Revoked { signed, ..revoked }),
        Consent::Revoked(_) | Consent::Signed(_) | Consent::Draft(_) => Consent::Signed(signed),
    })
}
