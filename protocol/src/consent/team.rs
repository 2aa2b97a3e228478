//! A team: organisations that the person lets work together on one thread (42 CFR 2.31(a)(4): each by its name). Reasons:
//! `decisions/teams.md`.
//!
//! Being in a team opens nothing. It lets those who may tell each other a kind of information read one space of it; what each of them
//! may hear and tell is in the consent's `flows`, and [`decide`] is asked for each of them apart.

use super::{Action, Ask, Basis, Consent, Draft, Permit, Refusal, Signed, Terms, decide, heads};
use crate::ids::{ConsentId, OrgId};
use crate::keys::digest::sha256;
use crate::planted::{self, Bug};
use crate::referral::{Class, Flow, Information, Purpose, Scope, is_outside};
use crate::space::control::PartnerKind;
use crate::time::Time;

/// Clause under which each of a team is named.
const CLAUSE: &str = "42 CFR 2.31(a)(4)";

/// One organisation's place in the space of one kind of information.
#[derive(Debug)]
pub struct Seated {
    /// That it may be told.
    pub permit: Permit,
    /// It may tell all others who read there, who keeps the consent among them.
    pub write: bool,
}

/// Under which id a team knows a consent: one for all of them, since they know of each other, and not the one that any of them has of a
/// thread of its own.
#[must_use]
pub fn team_id(consent: ConsentId) -> ConsentId {
    ConsentId(sha256(b"belay team of a consent v1\0", &[&consent.0]))
}

/// What stands against a team in these terms.
pub(super) fn unfit(terms: &Terms) -> Option<Refusal> {
    if terms.team.is_empty() {
        return None;
    }
    let refuse = |why: String, clause: &'static str, next: &str| Some(Refusal::new(why, clause, next));
    if !matches!(terms.class, Class::General | Class::Tpo) {
        let next = "Draft a general consent for the team, and this one without it.";
        return refuse(format!("a consent of class {} has no team", terms.class), terms.class.clause(), next);
    }
    for org in &terms.team {
        let Some(party) = terms.party(*org) else {
            let why = format!("organisation {} is in the team and may neither tell nor be told", org.short());
            return refuse(why, CLAUSE, "Say what it may tell and be told, or leave it out.");
        };
        let outside = match party.kind {
            PartnerKind::LawEnforcement => Some(CLAUSE),
            PartnerKind::CriminalJustice => Some("42 CFR 2.35"),
            _ => None,
        };
        if let Some(clause) = outside {
            let next = "Leave it out; a consent that names it alone can say what it hears.";
            return refuse(format!("{} is no part of a team that cares for the person", party.name), clause, next);
        }
        if is_outside(*org) {
            let next = "Leave it out of the team; it can be referred to by letter under the same consent.";
            return refuse(format!("{} is not on the network and reads no thread", party.name), CLAUSE, next);
        }
    }
    let pairs = terms.team.iter().flat_map(|from| terms.team.iter().map(move |to| (*from, *to)));
    let apart = pairs.filter(|(from, to)| from != to).find(|(from, to)| !has_way(terms, *from, *to));
    let (from, to) = apart?;
    let name = |org: OrgId| terms.party(org).map_or_else(|| org.short(), |p| p.name.clone());
    refuse(
        format!(
            "{} and {} are in one team, and the first may not tell the other of the referral",
            name(from),
            name(to)
        ),
        CLAUSE,
        "Open `referral` between all of a team, both ways, or leave one of them out.",
    )
}

fn has_way(terms: &Terms, from: OrgId, to: OrgId) -> bool {
    terms.flows.iter().any(|f| f.tells(from, to, Information::Referral))
}

/// Who may read the space of this kind in a team's thread besides `sender`, who keeps the consent, and whether each may write there: of
/// whom the newest version has in the team, those that may be told now. None of a consent without a team, nor where `sender` is not in it.
/// `why`: for which of the purposes staff chose to tell; whom the consent does not name for it is told nothing (2.31(a)(5)).
#[must_use]
pub fn seats(
    versions: &[Consent],
    (sender, why): (OrgId, Option<&Purpose>),
    information: Information,
    action: Action,
    now: Time,
) -> Vec<Seated> {
    let newest = heads(versions);
    // Of versions that were signed apart all must have it in the team.
    let in_team = |org: &OrgId| newest.iter().all(|c| c.terms().team.contains(org));
    let Some(last) = newest.last().filter(|_| in_team(&sender)) else { return Vec::new() };
    let way = |from: OrgId, to: OrgId, information: Information, action: Action| {
        let ask = |purpose: &Purpose| {
            let ask = Ask { from, to, information, purpose: purpose.clone(), action };
            decide(Basis::Versions(versions), &ask, now).ok()
        };
        // What the others tell of their own is for what the consent names for them.
        if let Some(chosen) = why.filter(|_| from == sender && !planted::is(Bug::TeamPurposeIgnored)) {
            return ask(chosen);
        }
        let mut ways = last.terms().flows.iter().filter(|f| f.tells(from, to, information));
        ways.find_map(|flow| ask(&flow.purpose))
    };
    // A space that everybody who is in the referral can read.
    let asked = if planted::is(Bug::TeamReadsAll) { Information::Referral } else { information };
    let may = |from: OrgId, to: OrgId, action: Action| way(from, to, asked, action);
    // Whoever reads anything in the thread learns of the referral, so who may not be told of that reads nothing.
    let told = |org: &&OrgId| way(sender, **org, Information::Referral, action).is_some();
    let members = last.terms().team.iter().filter(|org| **org != sender && in_team(org)).filter(told);
    let permits: Vec<Permit> = members.filter_map(|org| may(sender, *org, action)).collect();
    let readers: Vec<OrgId> = permits.iter().map(Permit::to).chain([sender]).collect();
    let tells = |from: OrgId| readers.iter().all(|to| *to == from || may(from, *to, Action::Seal).is_some());
    permits.into_iter().map(|permit| Seated { write: tells(permit.to()), permit }).collect()
}

/// Kinds that some of the team may tell each other and `sender`, who keeps the consent, tells none of them: they have no space in its
/// threads, so that nothing is told under that (`decisions/teams.md`).
#[must_use]
pub fn unshared(terms: &Terms, sender: OrgId) -> Vec<Information> {
    let (team, flows) = (&terms.team, &terms.flows);
    let among = |f: &&Flow| team.contains(&f.from) && team.contains(&f.to) && f.purpose != Purpose::Emergency;
    let kinds = Information::ALL.into_iter().filter(|kind| {
        let mut of_kind = flows.iter().filter(among).filter(|f| f.information == *kind).peekable();
        of_kind.peek().is_some() && of_kind.all(|f| f.from != sender)
    });
    if team.contains(&sender) { kinds.collect() } else { Vec::new() }
}

/// Who would get a place in the space of this kind once `draft` is signed under `versions`, for who is to sign it to see before. Whom the
/// consent lets read is asked as after the signature; no permit comes of it.
#[must_use]
pub fn would_read(
    versions: &[Consent],
    draft: &Draft,
    (sender, why): (OrgId, Option<&Purpose>),
    information: Information,
    now: Time,
) -> Vec<OrgId> {
    let Some(last) = versions.last().and_then(Consent::signed) else { return Vec::new() };
    let Draft { version, terms, upon, .. } = draft.clone();
    // As whoever signed the version before would sign it.
    let signed = Signed {
        version,
        terms,
        upon,
        withdrawn: Vec::new(),
        restricted: Vec::new(),
        doubts: Vec::new(),
        ..last.clone()
    };
    let versions: Vec<Consent> = versions.iter().cloned().chain([Consent::Signed(signed)]).collect();
    seats(&versions, (sender, why), information, Action::Grant, now).iter().map(|seat| seat.permit.to()).collect()
}

/// Which kinds each reads under `after` who is in the team of both, and did not under `before`: of these it reads what was written before
/// as well. `sender`: who keeps the consent.
#[must_use]
pub fn newly_read(before: &Terms, after: &Terms, sender: OrgId) -> Vec<(OrgId, Vec<Information>)> {
    let reads = |terms: &Terms, org: OrgId, information: Information| {
        let told = |kind| {
            terms.flows.iter().any(|f| f.tells(sender, org, kind))
                && !terms.restrictions.iter().any(|one| one.forbids(org, kind))
        };
        told(information) && told(Information::Referral)
    };
    let both = after.team.iter().filter(|org| **org != sender && before.team.contains(org));
    let newly = both.map(|org| {
        let kinds =
            Information::ALL.into_iter().filter(|kind| reads(after, *org, *kind) && !reads(before, *org, *kind));
        (*org, kinds.collect::<Vec<_>>())
    });
    newly.filter(|(_, kinds)| !kinds.is_empty()).collect()
}

/// What all who read this space are told of the consent alike (2.32(b)): the ways of this kind between them, and nothing else. `acts`: who
/// was referred to. `why`: as of [`seats`].
///
/// # Errors
/// Nobody of the team may be told this kind; what was never signed.
pub fn part(
    versions: &[Consent],
    (sender, acts, why): (OrgId, OrgId, Option<&Purpose>),
    information: Information,
    now: Time,
) -> Result<Scope, Refusal> {
    let newest = versions.last().and_then(Consent::signed).ok_or_else(Refusal::unsigned)?;
    let mut readers: Vec<OrgId> =
        seats(versions, (sender, why), information, Action::Seal, now).iter().map(|seat| seat.permit.to()).collect();
    if readers.is_empty() {
        return Err(nobody(information));
    }
    readers.push(sender);
    readers.sort_unstable();
    let allowed = |flow: &&Flow| {
        let Flow { from, to, information, purpose } = (*flow).clone();
        let ask = Ask { from, to, information, purpose, action: Action::Seal };
        decide(Basis::Versions(versions), &ask, now).is_ok()
    };
    let among = |f: &&Flow| readers.contains(&f.from) && readers.contains(&f.to) && f.tells(f.from, f.to, information);
    let flows = newest.terms.flows.iter().filter(among).filter(allowed).cloned().collect();
    let scope = newest.part((team_id(newest.id), acts), flows, |org| org == acts || readers.contains(&org));
    Ok(Scope { team: readers, ..scope })
}

/// The refusal where a team has nobody to whom a kind may be told.
#[must_use]
pub fn nobody(information: Information) -> Refusal {
    Refusal::new(
        format!("the consent lets nobody else of the team be told `{information}` information"),
        CLAUSE,
        "Keep it here, or ask the person for a version that opens it for one of them.",
    )
}
