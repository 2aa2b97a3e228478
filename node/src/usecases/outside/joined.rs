//! Partners that are on the network: one that joined it, and one that is bound to us.

use super::partners::{find, write};
use crate::api::care::{JoinedView, PartnerEdit, PartnerJoined, PartnerView};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::StaffSession;
use crate::usecases::worklist::{Agreed, standing};
use crate::usecases::{parties, people, referrals, threads};
use belay_protocol::disclosure::{Bound, Looked, Outside, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::OrgId;
use belay_protocol::referral::Party;
use belay_protocol::store::View;
use std::collections::BTreeSet;

/// A partner joined the network: from then on its name is that of the member alone, and what went to it before stays as it is. A consent
/// names whom the person read, so that each referral that goes on needs a new one to go over the network.
///
/// # Errors
/// None fits; it joined before; the two are named otherwise and nobody is sure.
pub fn joined(step: &mut Step<'_>, session: &StaffSession, ask: &PartnerJoined) -> Outcome<JoinedView> {
    let mut partner = find(step.draft(), &ask.partner)?;
    let member = parties::member(step, &ask.as_org)?;
    if partner.joined.is_some() {
        let why = format!("{} is known to be on the network already", partner.name);
        return Err(Failure::misuse(why).next("belay partner list"));
    }
    if !ask.sure && !alike(&partner.name, &member.name) {
        let why = format!("{} and {} are named otherwise: are they one?", partner.name, member.name);
        return Err(Failure::misuse(why).next("the command again with --named-otherwise, if they are"));
    }
    partner.revision = partner.revision.saturating_add(1);
    partner.joined = Some(member.org);
    let org = partner.org;
    let partner = write(step, partner)?;
    people::look(step, session, Looked::ThreadList, None, None)?;
    super::super::referrals::settled(step)?;
    let mut rows = Vec::new();
    let mut agreed = Agreed::default();
    for thread in threads::all(step.draft())?.into_iter().filter(|thread| thread.other.org == org) {
        let row = referrals::kept(step, thread, &mut agreed)?.row;
        if row.ended.is_none() && !standing::place(&row).is_final() {
            rows.push(row);
        }
    }
    Ok(JoinedView { partner, member: member.name, referrals: rows })
}

/// Whether every word of the shorter name is one of the longer.
fn alike(a: &str, b: &str) -> bool {
    let words = |name: &str| {
        let lower = name.to_lowercase();
        let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_owned).collect::<BTreeSet<String>>()
    };
    let (a, b) = (words(a), words(b));
    a.is_subset(&b) || b.is_subset(&a)
}

/// Says whether a member is bound to us.
///
/// # Errors
/// Anything else is to be changed of it.
pub(super) fn bind(step: &mut Step<'_>, member: &Party, ask: &PartnerEdit) -> Outcome<PartnerView> {
    let else_given = ask.name.is_some()
        || ask.kind.is_some()
        || [&ask.address, &ask.telephone, &ask.fax].iter().any(|f| f.is_some());
    let Some(affiliated) = ask.affiliated.filter(|_| !else_given) else {
        let why = format!(
            "{} is on the network and says of itself what it is; whether it is bound to us is ours to say",
            member.name
        );
        return Err(Failure::misuse(why).next("belay partner edit ORG --affiliated, or --independent"));
    };
    let revision = bound(step.draft(), member.org)?.map_or(0, |bound| bound.revision).saturating_add(1);
    let word = Bound { org: member.org, revision, affiliated };
    step.write_private(&PrivateBody::Outside(Box::new(Outside::Bound(word))).encode())?;
    Ok(PartnerView {
        id: member.org,
        name: member.name.clone(),
        kind: member.kind,
        address: String::new(),
        telephone: String::new(),
        fax: String::new(),
        listing: None,
        affiliated,
        joined: None,
    })
}

fn bound(view: &dyn View, org: OrgId) -> Result<Option<Bound>> {
    Ok(super::all(view, Outside::BOUND, &org.0)?.into_iter().find_map(|(_, record)| match record {
        Outside::Bound(bound) => Some(bound),
        _ => None,
    }))
}

/// Whether an organisation, on the network or off it, is bound to us.
///
/// # Errors
/// `Store`.
pub fn affiliated(view: &dyn View, org: OrgId) -> Result<bool> {
    let partner = super::get(view, org)?.is_some_and(|partner| partner.affiliated);
    Ok(partner || bound(view, org)?.is_some_and(|bound| bound.affiliated))
}
