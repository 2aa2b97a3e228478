//! What a consent is for and until when it stands, in the words of a line.

use crate::system;
use belay_protocol::consent::{Class, Consent, Expiry, Purpose, Signed, Terms};
use belay_protocol::referral::By;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

/// What it is for.
pub(super) fn kind(terms: &Terms) -> Personal<String> {
    let mut purposes: Vec<String> = terms.flows.iter().map(|flow| flow.purpose.to_string()).collect();
    purposes.sort_unstable();
    purposes.dedup();
    let emergencies = !terms.flows.is_empty() && terms.flows.iter().all(|flow| flow.purpose == Purpose::Emergency);
    Personal::new(match terms.class {
        Class::Tpo => "treatment, payment and operations".to_owned(),
        Class::Counselling => "counselling notes".to_owned(),
        Class::Proceedings => "one legal proceeding".to_owned(),
        Class::CriminalJustice => "criminal justice".to_owned(),
        Class::General if emergencies => "medical emergencies only".to_owned(),
        Class::General => purposes.join(", "),
    })
}

/// Until when it stands or how it ended, and for whom it was taken back.
pub(super) fn ends(consent: &Consent, now: Time) -> Vec<Personal<String>> {
    let heard = |at: Time, by: &By| format!("on {}, heard by {}", system::day(at), by.name.reveal());
    let mut all = Vec::new();
    match consent {
        Consent::Draft(_) => return Vec::new(),
        Consent::Signed(signed) => all.push(stands(signed, now)),
        Consent::Revoked(revoked) => all.push(format!("revoked {}", heard(revoked.at, &revoked.heard_by))),
        Consent::Void(void) => {
            all.push(format!("known to be false since {}, says {}", system::day(void.at), void.by.name.reveal()));
            all.extend(void.revoked.iter().map(|(at, _, by)| format!("revoked {}", heard(*at, by))));
        }
    }
    for gone in consent.signed().iter().flat_map(|signed| &signed.withdrawn) {
        let name = consent.terms().party(gone.party).map_or_else(|| gone.party.short(), |party| party.name.clone());
        all.push(format!("taken back for {name} {}", heard(gone.at, &gone.heard_by)));
    }
    all.into_iter().map(Personal::new).collect()
}

fn stands(signed: &Signed, now: Time) -> String {
    let over = signed.expired(now).is_some();
    match (&signed.terms.expiry, signed.ends()) {
        // The last day as the form names it; that day counts.
        (Some(Expiry::On(end)), at) if at.is_none_or(|at| at == end.at) => {
            let word = match (over, end.begins_a_day()) {
                (false, _) => "until",
                (true, true) => "expired with",
                (true, false) => "expired at",
            };
            format!("{word} {}", end.until_words())
        }
        (_, Some(at)) if over => format!("expired on {}", system::day(at)),
        (_, Some(at)) => format!("until {}", system::day(at)),
        (Some(Expiry::Event(event)), None) => format!("until this has come about: {}", event.reveal()),
        (Some(Expiry::On(_) | Expiry::Never), None) => "without an end of its own".to_owned(),
        (None, None) => "until when is not said".to_owned(),
    }
}
