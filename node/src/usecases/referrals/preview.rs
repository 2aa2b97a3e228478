//! What a referral would tell to whom, before anything is sent. The minimum is the default: what the consent opens and the
//! referral does not need stays here unless it is asked for.

use super::refuse_new;
use super::send::{names, recipient, told};
use crate::api::Outcome;
use crate::api::care::{GoesView, Send, SendPreview};
use crate::usecases::staff::StaffSession;
use crate::usecases::{consents, parties, people};
use belay_protocol::consent::{Action, Ask, Basis, Consent, Purpose, decide, notice, redisclosure};
use belay_protocol::disclosure::Looked;
use belay_protocol::engine::Step;
use belay_protocol::ids::OrgId;
use belay_protocol::referral::{Identity, Information, is_outside, kind_name};
use belay_protocol::sensitive::Personal;

/// Shows it; nothing is written but that staff looked.
///
/// # Errors
/// A consent that is not known, or names nobody, or more than one, to refer to.
pub fn preview(step: &mut Step<'_>, session: &StaffSession, ask: &Send) -> Outcome<SendPreview> {
    let consent = consents::in_force(step.draft(), &ask.consent)?;
    let own = parties::own(step)?.org;
    let other = recipient(&consent, own, ask.to.as_deref())?;
    people::look(step, session, Looked::Consent, Some(consent.person()), None)?;
    let identity = people::get(step.draft(), consent.person())?.map(|person| person.identity).unwrap_or_default();
    let mut kinds = vec![Information::Referral];
    if names(&consent, (own, other.org), ask)? {
        kinds.push(Information::Identity);
    }
    if !ask.needs.is_empty() {
        kinds.push(Information::Social);
    }
    kinds.extend(ask.include.iter().copied().filter(|kind| !kinds.contains(kind)).collect::<Vec<_>>());
    let versions = consents::versions(step.draft(), consent.id(), consent.version())?;
    let versions = if versions.is_empty() { vec![consent.clone()] } else { versions };
    let (mut goes, mut expires) = (Vec::new(), None);
    let mut refused = refuse_new(step, consent.id(), &other).err().map(|failure| failure.message);
    for information in &kinds {
        let asked = question(&consent, own, other.org, *information);
        match decide(Basis::Versions(&versions), &asked, step.context().now) {
            Ok(permit) => {
                expires = permit.expires();
                goes.push(GoesView {
                    information: *information,
                    purpose: permit.purpose().to_string(),
                    clause: permit.clause().to_owned(),
                    says: says(*information, ask, &identity),
                });
            }
            Err(refusal) => refused = refused.or_else(|| Some(refusal.to_string())),
        }
    }
    let opened = |from, to| Information::ALL.into_iter().filter(|kind| told(&consent, from, to, *kind)).collect();
    let mut kept_back: Vec<Information> = opened(own, other.org);
    kept_back.retain(|kind| !kinds.contains(kind));
    let comes_back = opened(other.org, own);
    Ok(SendPreview {
        consent: consent.id(),
        version: consent.version(),
        to: other.org,
        to_kind: kind_name(other.kind).to_owned(),
        next: format!("{} {}", other.name, redisclosure(other.kind)),
        to_name: other.name,
        goes,
        kept_back,
        comes_back,
        expires,
        notice: notice::STATEMENT_1.to_owned(),
        refused,
    })
}

fn question(consent: &Consent, from: OrgId, to: OrgId, information: Information) -> Ask {
    let flow = consent.terms().flows.iter().find(|f| f.from == from && f.to == to && f.information == information);
    let purpose = flow.map_or(Purpose::Treatment, |f| f.purpose.clone());
    // By letter, where the other is not on the network.
    let action = if is_outside(to) { Action::Export } else { Action::Seal };
    Ask { from, to, information, purpose, action }
}

fn says(information: Information, ask: &Send, identity: &Identity) -> Vec<(String, Personal<String>)> {
    let mut says: Vec<(&str, Personal<String>)> = Vec::new();
    match information {
        Information::Referral => {
            if ask.service.is_some() {
                says.push(("service", ask.service_name.as_str().into()));
            }
            says.push(("about", ask.reason.clone()));
            says.push(("urgency", crate::api::word(&ask.urgency).as_str().into()));
        }
        Information::Identity => {
            says.push(("name", identity.name.clone()));
            says.extend(identity.other_names.iter().map(|name| ("other name", name.clone())));
            says.push(("born", identity.birth_date.clone()));
            says.extend(identity.phones.iter().map(|phone| ("telephone", phone.clone())));
            says.push(("address", identity.address.clone()));
            says.push(("contact", identity.contact.clone()));
            says.push(("language", identity.language.clone()));
        }
        Information::Social => says.extend(ask.needs.iter().map(|need| ("need", need.clone()))),
        Information::Medication
        | Information::Clinical
        | Information::Crisis
        | Information::Inquiry
        | Information::Counselling => {}
    }
    says.retain(|(_, text)| !text.reveal().trim().is_empty());
    says.into_iter().map(|(field, text)| (field.to_owned(), text)).collect()
}
