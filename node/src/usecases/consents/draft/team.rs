//! A team in a draft: out of which kinds each shares come the ways between every two of them.

use super::{Names, Usual, sorted};
use crate::api::care::Share;
use crate::api::{Failure, Outcome};
use belay_protocol::consent::{Flow, Information, Terms};
use belay_protocol::engine::Step;
use belay_protocol::ids::OrgId;
use std::collections::{BTreeMap, BTreeSet};

/// Puts into `terms` who works together, and lets every two of them tell each other what both share. `parties` of `names` grow by them.
///
/// # Errors
/// An organisation that is not known; fewer than three.
pub(super) fn add(
    step: &mut Step<'_>,
    names: &mut Names,
    terms: &mut Terms,
    asked: &[Share],
    usual: &Usual<'_>,
) -> Outcome<()> {
    if asked.is_empty() {
        return Ok(());
    }
    let own = names.own.org;
    let mut shares = known(terms);
    let mut said = BTreeSet::new();
    for share in asked {
        let org = names.end(step, share.org.as_deref())?;
        let kinds = if share.information.is_empty() { usual.tell() } else { sorted(&share.information) };
        // Whoever is in the thread reads where it stands.
        shares.entry(org).or_default().extend(kinds.into_iter().chain([Information::Referral]));
        said.insert(org);
    }
    if !said.contains(&own) {
        let all: Vec<Information> = shares.values().flatten().copied().collect();
        shares.entry(own).or_default().extend(all);
    }
    if shares.len() < 3 {
        let why = "a team is three organisations or more, this one among them; two have a thread of their own";
        return Err(Failure::misuse(why).next("--team ORG=KINDS once more, or --to ORG"));
    }
    // What two others shut between them stays shut.
    let asked = |from: &OrgId, to: &OrgId| from != to && (said.contains(from) || said.contains(to));
    for (from, tells) in &shares {
        for (to, hears) in shares.iter().filter(|(to, _)| asked(from, to)) {
            for information in tells.intersection(hears) {
                let (from, to, information) = (*from, *to, *information);
                if !terms.flows.iter().any(|f| (f.from, f.to, f.information) == (from, to, information)) {
                    terms.flows.push(Flow { from, to, information, purpose: usual.purpose.clone() });
                }
            }
        }
    }
    terms.team = shares.into_keys().collect();
    Ok(())
}

/// What each of a team shares already: what it tells another of it.
fn known(terms: &Terms) -> BTreeMap<OrgId, BTreeSet<Information>> {
    let kinds = |org: OrgId| {
        let within = terms.flows.iter().filter(move |f| f.from == org && terms.team.contains(&f.to));
        within.map(|f| f.information).collect()
    };
    terms.team.iter().map(|org| (*org, kinds(*org))).collect()
}
