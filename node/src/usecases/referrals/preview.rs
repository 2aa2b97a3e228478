//! What a referral would tell to whom, before anything is sent. The minimum is the default: what the consent opens and the
//! referral does not need stays here unless it is asked for.

use super::send::Under;
use super::{Open, hints, known};
use crate::api::Outcome;
use crate::api::care::{GoesView, Send, SendPreview, Tied};
use crate::forms::card::Dose;
use crate::usecases::staff::StaffSession;
use crate::usecases::{agreements, emergency, outside, people, prints};
use belay_protocol::consent::{Action, notice};
use belay_protocol::disclosure::Looked;
use belay_protocol::engine::Step;
use belay_protocol::ids::ThreadId;
use belay_protocol::referral::{Act, Identity, Information, Medication, is_outside, kind_name};
use belay_protocol::sensitive::Personal;

/// Shows it; nothing is written but that staff looked.
///
/// # Errors
/// A consent that is not known, or names nobody, or more than one, to refer to.
pub fn preview(step: &mut Step<'_>, session: &StaffSession, ask: &Send) -> Outcome<SendPreview> {
    let under = Under::consent(step, ask)?;
    shown(step, session, &under, ask)
}

/// The same where an agreement of both needs no consent.
///
/// # Errors
/// Nothing that both signed ties the two.
pub fn preview_tied(step: &mut Step<'_>, session: &StaffSession, ask: &Tied) -> Outcome<SendPreview> {
    let under = Under::tie(step, ask)?;
    shown(step, session, &under, &ask.send)
}

fn shown(step: &mut Step<'_>, session: &StaffSession, under: &Under, ask: &Send) -> Outcome<SendPreview> {
    let (other, identity) = (under.other.clone(), &under.person.identity);
    let open = Open::new(step, under.thread(ThreadId::ZERO, None))?;
    people::look(step, session, Looked::Consent, Some(under.person.id), None)?;
    let mut kinds = vec![Information::Referral];
    if under.names(&open, ask)? {
        kinds.push(Information::Identity);
    }
    if !ask.needs.is_empty() {
        kinds.push(Information::Social);
    }
    kinds.extend(ask.include.iter().copied().filter(|kind| !kinds.contains(kind)).collect::<Vec<_>>());
    // By letter, where the other is not on the network.
    let action = if is_outside(other.org) { Action::Export } else { Action::Seal };
    let (mut goes, mut expires) = (Vec::new(), None);
    let unheard = open.may_refer(step.context().now).err().map(|refusal| refusal.to_string());
    let shut = open.may_tell(step, Information::Referral, action).err().map(|refusal| refusal.to_string());
    // In the order in which sending is refused.
    let mut refused = under.wanted(step).err().map(|failure| failure.message).or(unheard).or(shut);
    if refused.is_none() {
        refused = under.only(step, ask).err().map(|failure| failure.message);
    }
    // What goes along is what our staff wrote last. Of what they never wrote a letter is refused; on the network a space is opened, and
    // nothing stands in it yet.
    let known = if is_outside(other.org) { Vec::new() } else { known::asked(step, under.person.id, &ask.include)? };
    let letter = is_outside(other.org).then(|| outside::beside(step, ask, under.person.id, &other)).transpose();
    let medication = letter.unwrap_or_else(|failure| {
        refused.get_or_insert(failure.message);
        None
    });
    let medication = medication.flatten();
    for information in &kinds {
        match open.may_tell(step, *information, action) {
            Ok(permit) => {
                expires = permit.expires();
                goes.push(GoesView {
                    information: *information,
                    purpose: permit.purpose().to_string(),
                    clause: permit.clause().to_owned(),
                    says: match known.iter().find(|act| act.information() == *information) {
                        Some(act) => written(act),
                        None => says(*information, ask, identity, medication.as_deref()),
                    },
                });
            }
            Err(refusal) => refused = refused.or_else(|| Some(refusal.to_string())),
        }
    }
    let ways = |way: &dyn Fn(Information) -> bool| Information::ALL.into_iter().filter(|kind| way(*kind)).collect();
    let mut kept_back: Vec<Information> = ways(&|kind| open.has_way(kind));
    kept_back.retain(|kind| !kinds.contains(kind) && open.may_tell(step, *kind, action).is_ok());
    let ready = known::on_record(step, under.person.id, &kept_back)?;
    let on_record = ready.iter().map(|(at, act)| (act.information(), *at)).collect();
    let comes_back = ways(&|kind| open.way_back(kind));
    Ok(SendPreview {
        consent: open.thread.consent,
        version: open.thread.version,
        to: other.org,
        to_kind: kind_name(other.kind).to_owned(),
        next: format!("{}: {}", other.name, open.passing_on(&other)),
        to_name: other.name,
        goes,
        kept_back,
        left_out: under.left_out(step, open.own)?,
        on_record,
        comes_back,
        expires,
        team: open.would_read(step, &ways(&|kind| open.way_back(kind) || open.has_way(kind)))?,
        notice: notice::STATEMENT_1.to_owned(),
        agreed: agreements::whom_it_takes(step, other.org)?,
        hints: hints::of_send(ask),
        refused,
    })
}

/// A plan or medication, a line each.
fn written(act: &Act) -> Vec<(String, Personal<String>)> {
    let text = emergency::plan(act).map(|(_, text)| text).unwrap_or_default();
    let name = if matches!(act, Act::Crisis(_)) { "plan" } else { "medication" };
    text.reveal().lines().map(|line| (name.to_owned(), line.trim().into())).collect()
}

fn says(
    information: Information,
    ask: &Send,
    identity: &Identity,
    medication: Option<&Medication>,
) -> Vec<(String, Personal<String>)> {
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
        Information::Medication => match medication.and_then(prints::doses) {
            Some(doses) if doses.is_empty() => says.push(("medicine", "takes none".into())),
            doses => {
                let dose =
                    |d: Dose| Personal::new(format!("{} {}", d.name.reveal(), d.dose.reveal()).trim().to_owned());
                says.extend(doses.into_iter().flatten().map(|d| ("medicine", dose(d))));
            }
        },
        Information::Clinical | Information::Crisis | Information::Inquiry | Information::Counselling => {}
    }
    says.retain(|(_, text)| !text.reveal().trim().is_empty());
    says.into_iter().map(|(field, text)| (field.to_owned(), text)).collect()
}
