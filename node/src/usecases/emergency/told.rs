//! What our own organisation told medical personnel by telephone or letter, without consent (42 CFR 2.51): written down at once as a
//! disclosure that rests on the four facts.

use crate::api::care::{DisclosuresView, EmergencyTold, PartnerFields};
use crate::api::{Failure, Outcome};
use crate::usecases::disclosures::{self, ByHand};
use crate::usecases::staff::StaffSession;
use crate::usecases::{outside, parties, people};
use belay_protocol::codec;
use belay_protocol::consent::{Basis, Facts, Purpose};
use belay_protocol::emergency;
use belay_protocol::engine::Step;
use belay_protocol::ids::EntryHash;
use belay_protocol::keys::digest::sha256;
use belay_protocol::referral::{Party, kind_name, may_be};
use zeroize::Zeroizing;

/// Writes it down, and shows the person's accounting.
///
/// # Errors
/// One of the four facts is missing, nothing is said of what was told or of which kinds, or the recipient has no medical personnel;
/// the same stands there already.
pub fn told(step: &mut Step<'_>, session: &StaffSession, ask: &EmergencyTold) -> Outcome<DisclosuresView> {
    let person = people::find(step.draft(), &ask.person)?;
    let now = step.context().now;
    let at = ask.when.unwrap_or(now);
    if at > now {
        return Err(Failure::misuse("date and time lie in the future").next("the command again without --when"));
    }
    let facility = facility(step, ask)?;
    let facts = Facts {
        personnel: ask.personnel.reveal().trim().into(),
        facility: facility.clone(),
        discloser: ask.discloser.clone().unwrap_or_else(|| session.by().name),
        at,
        nature: ask.nature.reveal().trim().into(),
        unobtainable: ask.unobtainable.reveal().trim().into(),
    };
    emergency::check(&facts)?;
    let content = Zeroizing::new(codec::encode(&(person.id, &facts, &ask.told)));
    let one = ByHand {
        person: person.id,
        to: facility.org,
        recipient: match ask.telephone.trim() {
            "" => facility.name,
            phone => format!("{}, {phone}", facility.name),
        },
        told: &ask.told,
        kinds: &ask.include,
        purpose: Purpose::Emergency,
        basis: Basis::Emergency(None, &facts),
        again: ask.again,
        name: EntryHash(sha256(b"belay emergency told v1\0", &[&content])),
    };
    disclosures::put(step, session, one)
}

/// A member, a partner off the network, or a place that nobody here knew before: an emergency waits for no form, and from then on
/// it is a partner off the network, under one id however often it is told. What kind of place it is somebody has to say: a name that is
/// misspelt is no hospital for that.
///
/// # Errors
/// Not on record, and nothing is said of its kind.
fn facility(step: &mut Step<'_>, ask: &EmergencyTold) -> Outcome<Party> {
    if let Ok(party) = parties::partner(step, &ask.facility) {
        return Ok(party);
    }
    let Some(kind) = ask.kind else { return Err(unknown(step, ask.facility.trim())?) };
    let fields = PartnerFields {
        name: ask.facility.clone(),
        kind: Some(kind),
        telephone: ask.telephone.clone(),
        ..PartnerFields::default()
    };
    let partner = outside::add(step, &fields)?;
    Ok(Party { org: partner.id, name: partner.name, kind: partner.kind })
}

/// Asks what kind of place that is, and names those on record that are called alike.
fn unknown(step: &mut Step<'_>, given: &str) -> Outcome<Failure> {
    let mut known = parties::members(step).unwrap_or_default();
    let outside = outside::list(step.draft())?.partners.into_iter();
    known.extend(outside.map(|partner| Party { org: partner.id, name: partner.name, kind: partner.kind }));
    let alike = known.iter().filter(|party| may_be(&party.name, given));
    let alike: Vec<String> = alike.map(|party| format!("{} ({})", party.name, kind_name(party.kind))).collect();
    let alike = if alike.is_empty() { String::new() } else { format!(" On record are: {}.", alike.join(", ")) };
    let why = format!(
        "no organisation of this name is on record: is it a hospital, a clinic or another place with medical personnel (42 CFR 2.51(a))?{alike}"
    );
    Ok(Failure::misuse(why).next(
        "the command again with the name of one that is on record, or with --kind, such as --kind covered_entity",
    ))
}
