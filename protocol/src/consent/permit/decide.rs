//! The one gate. Pure: a consent (or the part of it that we were told), a question and the time give a permit or a refusal.

use super::basis::{Basis, Shut};
use super::kinds::{clause_of, kind_allows, no_way, placed, with_other_way};
use super::{Action, Ask, Found, Permit, ended, law, onward, then, without};
use crate::consent::{Consent, Refusal, Signed, heads, opening, restriction};
use crate::ids::OrgId;
use crate::planted::{self, Bug};
use crate::referral::{Expiry, Flow, Information, Party, Purpose, Scope};
use crate::time::Time;

/// Decides whether `ask` is permitted at `now`.
///
/// Showing to our own staff what somebody told us is use and not disclosure: a later end of the consent does not undo it
/// ("except to the extent that … has already acted in reliance on it", 2.31(a)(6)), but it must have been told to us under a flow.
///
/// # Errors
/// [`Refusal`]: the first thing that stands against it, with its clause and the lawful next step.
pub fn decide<'c>(basis: impl Into<Basis<'c>>, ask: &Ask, now: Time) -> Result<Permit, Refusal> {
    if ask.from == ask.to {
        return within(ask);
    }
    match basis.into() {
        Basis::Inquiry => without::inquiry(ask),
        // A question that names nobody rests on no consent, whatever one says, and no consent carries something else as one.
        _ if ask.information == Information::Inquiry => Err(without::apart()),
        Basis::Consent(consent) => by_consent(consent, ask, now, Ends::Here),
        Basis::Versions(versions) => by_versions(versions, ask, now),
        Basis::Scope(scope, left_out) => {
            let permit = by_scope(scope, None, ask, now)?;
            restriction::kept(left_out, ask, HERE).map(|()| permit)
        }
        Basis::Withdrawn(scope, since) => by_scope(scope, Some(since), ask, now),
        Basis::Onward(scope, to, left_out) => {
            let permit = onward::onward(scope, to, ask, now)?;
            restriction::kept(left_out, ask, PASSED_ON).map(|()| permit)
        }
        Basis::Tie(tie) => without::tie(tie, ask, now),
        Basis::Ended(basis) => ended::ended(basis, ask),
        Basis::Then(versions, at) => then::then(versions, at, ask, now),
        Basis::Law(lawful) => law::law(lawful, ask),
        Basis::Emergency(placed, facts) => without::emergency(placed, facts, ask),
    }
}

/// What staff of a recipient do with what the person asked them not to answer.
const HERE: &str = "Write it down here, where nobody else reads it (an act of the referral stays here by itself); the person may let it in again \
                    (`belay person let-in`).";

/// The same of what they would pass on.
const PASSED_ON: &str = "Keep it here: the person may tell it, or let it in again (`belay person let-in`).";

/// Inside one organisation no consent is asked for, but nothing leaves either.
fn within(ask: &Ask) -> Result<Permit, Refusal> {
    if ask.action == Action::Show {
        return Ok(Found::NO_CONSENT.permits(ask, "42 CFR 2.12(c)(3)"));
    }
    Err(Refusal::new(
        "an organisation needs no permit to write to itself, and gets none to let something out",
        "42 CFR 2.12(c)(3)",
        "Name the organisation that shall be told.",
    ))
}

/// Every version from the first on that opens the way must allow it. The newest says when it ends, as its form does to who signs it: an amendment is signed while the
/// version before stands, so that an end which it replaces ends nothing. Of versions that were signed apart the earliest end holds.
fn by_versions(versions: &[Consent], ask: &Ask, now: Time) -> Result<Permit, Refusal> {
    let mut permit: Option<Permit> = None;
    if ask.action == Action::Show {
        // What was told under one version may be read on, whatever a later one says.
        let mut each = versions.iter().rev().map(|consent| by_consent(consent, ask, now, Ends::Here));
        let first = each.next().ok_or_else(Refusal::unsigned)?;
        return first.or_else(|refusal| each.find_map(Result::ok).ok_or(refusal));
    }
    let versions = opening(versions, (ask.from, ask.to), ask.information, ask.action == Action::Place);
    let newest = heads(&versions);
    for consent in versions.iter().filter(|c| !matches!(c, Consent::Draft(_))) {
        let ends = if newest.iter().any(|head| std::ptr::eq(*head, consent)) { Ends::Here } else { Ends::Replaced };
        let next = by_consent(consent, ask, now, ends)?;
        let earlier = permit.as_ref().and_then(|p| p.expires);
        permit = Some(Permit { expires: [earlier, next.expires].into_iter().flatten().min(), ..next });
    }
    permit.ok_or_else(Refusal::unsigned)
}

/// Whether a version says when it ends, or a later one does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Here,
    Replaced,
}

fn by_consent(consent: &Consent, ask: &Ask, now: Time, ends: Ends) -> Result<Permit, Refusal> {
    let from = consent.terms().party(ask.from);
    let signed = in_force(consent, ask, now, ends).map_err(|r| match consent {
        Consent::Draft(_) | Consent::Signed(_) => with_other_way(r, from, ask),
        Consent::Revoked(_) | Consent::Void(_) => r,
    })?;
    let keeps = ask.action == Action::Show;
    let terms = &signed.terms;
    let to = named(&terms.recipients, ask.to, "may receive anything", "42 CFR 2.31(a)(4)")
        .map_err(|r| terms.party(ask.to).map_or(r, no_way))?;
    let from = named(&terms.disclosers, ask.from, "may disclose", "42 CFR 2.31(a)(2)")?;
    if !terms.information.iter().any(|d| d.information == ask.information) && !planted::is(Bug::KindOutsideScope) {
        return Err(not_opened(ask));
    }
    if !terms.purposes.iter().any(|p| p.covers(&ask.purpose)) {
        return Err(no_purpose(ask));
    }
    let flow = find(&terms.flows, ask, to)?;
    kind_allows(to, flow, terms.class, terms.expiry.as_ref())?;
    if let Some(against) = signed.restriction(ask.to, ask.information).filter(|_| !keeps) {
        return Err(restriction::against(against, &ask.purpose, restriction::WITHOUT));
    }
    let expires = if keeps || ends == Ends::Replaced || planted::is(Bug::ExpiredPermits) {
        None
    } else {
        terms.expiry.as_ref().and_then(Expiry::at)
    };
    let found = Found { consent: signed.id, version: signed.version, expires };
    Ok(found.permits(ask, clause_of(from, &ask.purpose)))
}

/// The signed consent, unless 2.31(c) forbids to act on it.
fn in_force<'c>(consent: &'c Consent, ask: &Ask, now: Time, ends: Ends) -> Result<&'c Signed, Refusal> {
    let keeps = ask.action == Action::Show;
    let signed = match consent {
        Consent::Draft(_) => return Err(Refusal::unsigned()),
        Consent::Void(void) => {
            return Err(Refusal::new(
                format!("the consent is known to be materially false since {}", void.at.date()),
                "42 CFR 2.31(c)(4)",
                "Ask the person for a new consent.",
            ));
        }
        Consent::Revoked(revoked) if !keeps && !planted::is(Bug::RevokedPermits) => {
            return Err(revoked_since(revoked.at));
        }
        Consent::Revoked(revoked) => &revoked.signed,
        Consent::Signed(signed) => signed,
    };
    if let Some(doubt) = signed.suspended().filter(|_| !keeps && !planted::is(Bug::SuspendedPermits)) {
        return Err(Refusal::new(
            format!("the consent is suspended since {}: it may be materially false", doubt.at.date()),
            "42 CFR 2.31(c)(4)",
            "The privacy officer says whether it is (`belay consent void`) or lets it stand again (`belay consent suspend --lift`).",
        ));
    }
    if let Some(refusal) = signed.missing() {
        return Err(refusal);
    }
    if let Some(since) = signed.expired(now).filter(|_| !keeps && ends == Ends::Here)
        && !planted::is(Bug::ExpiredPermits)
    {
        return Err(expired(signed.terms.expiry.as_ref().unwrap_or(&Expiry::Never), since));
    }
    if let Some(gone) = signed.withdrawn.iter().find(|w| w.party == ask.to || w.party == ask.from).filter(|_| !keeps) {
        return Err(revoked_since(gone.at));
    }
    if signed.date.is_some_and(|date| date > now.plus(crate::time::DAY)) {
        return Err(Refusal::new(
            "the date signed lies in the future",
            "42 CFR 2.31(a)(9)",
            "Check this machine's clock and the date on the form.",
        ));
    }
    Ok(signed)
}

fn by_scope(scope: &Scope, shut: Option<Shut>, ask: &Ask, now: Time) -> Result<Permit, Refusal> {
    let keeps = ask.action == Action::Show;
    // What the other said of the agreement lets nothing out: that is for what both signed to say, as of now.
    if let Some((kind, _)) = scope.tie.filter(|_| !keeps) {
        return Err(Refusal::new(
            "this came under an agreement of two organisations and under no consent",
            kind.clause(),
            "Ask by that agreement, or ask the person for a consent.",
        ));
    }
    // The custodian ends an expired membership by a revocation, which is no word of the person's: expiry is said first.
    let withdrawn = shut.map(Shut::since);
    if let Some(at) = scope.expiry.at()
        && at <= withdrawn.unwrap_or(now).min(now)
        && !keeps
        && !planted::is(Bug::ExpiredPermits)
    {
        return Err(expired(&scope.expiry, at));
    }
    if let Some(shut) = shut.filter(|_| !keeps) {
        return Err(shut_since(shut));
    }
    let to = named(&scope.parties, ask.to, "may receive anything", "42 CFR 2.31(a)(4)")?;
    let from = named(&scope.parties, ask.from, "may disclose", "42 CFR 2.31(a)(2)")?;
    let flow = find(&scope.flows, ask, to)?;
    kind_allows(to, flow, scope.class, Some(&scope.expiry))?;
    let expires = if keeps || planted::is(Bug::ExpiredPermits) { None } else { scope.expiry.at() };
    let found = Found { consent: scope.consent, version: scope.version, expires };
    let clause = scope.tie.map_or_else(|| clause_of(from, &ask.purpose), |(kind, _)| kind.clause());
    Ok(found.permits(ask, clause))
}

fn named<'p>(parties: &'p [Party], org: OrgId, may: &str, clause: &'static str) -> Result<&'p Party, Refusal> {
    parties.iter().find(|p| p.org == org).ok_or_else(|| {
        Refusal::new(
            format!("the consent does not name organisation {} among those who {may}", org.short()),
            clause,
            "Ask the person whether to add it, and have the new version signed.",
        )
    })
}

fn not_opened(ask: &Ask) -> Refusal {
    Refusal::new(
        format!("the consent does not speak of `{}` information", ask.information),
        "42 CFR 2.31(a)(3)",
        "Leave it out, or ask the person for a consent that describes it.",
    )
}

fn no_purpose(ask: &Ask) -> Refusal {
    Refusal::new(
        format!("the consent does not name the purpose \"{}\"", ask.purpose),
        "42 CFR 2.31(a)(5)",
        "Use it for the purposes it names, or ask the person for a consent that names this one.",
    )
}

fn find<'f>(flows: &'f [Flow], ask: &Ask, to: &Party) -> Result<&'f Flow, Refusal> {
    let back = planted::is(Bug::WayBackUnasked);
    let way = || {
        flows
            .iter()
            .filter(move |f| (f.from, f.to) == (ask.from, ask.to) || back && (f.to, f.from) == (ask.from, ask.to))
    };
    let of_kind = |f: &Flow| f.information == ask.information || planted::is(Bug::KindOutsideScope);
    if way().next().is_none() {
        return Err(no_way(to));
    }
    if !way().any(of_kind) {
        return Err(not_opened(ask));
    }
    let mut fits = way().filter(|f| of_kind(f) && f.purpose.covers(&ask.purpose));
    let flow = fits.next().ok_or_else(|| no_purpose(ask))?;
    for_emergencies(flow, ask)?;
    Ok(flow)
}

/// What the person agreed to for emergencies alone is placed and nothing else is done with it, and nothing else is placed.
fn for_emergencies(flow: &Flow, ask: &Ask) -> Result<(), Refusal> {
    let refuse = |why: &str, next: &str| Err(Refusal::new(why, "42 CFR 2.51", next));
    match (flow.purpose == Purpose::Emergency, ask.action) {
        (true, Action::Place) if placed(ask.information) => Ok(()),
        (true, Action::Place) => refuse(
            "of a person's record the crisis plan and the medication are placed in advance, and nothing else",
            "In an emergency tell the rest by telephone, with the four facts (`belay emergency record`).",
        ),
        (true, Action::Show) => refuse(
            "this was placed in advance, to be opened in a medical emergency",
            "In an emergency open it with the four facts (`belay emergency open`).",
        ),
        (true, Action::Grant | Action::Seal | Action::Export) if !planted::is(Bug::PlacedTold) => refuse(
            "the person agreed to this for a medical emergency only, and nothing is told under it before there is one",
            "Place a copy of the crisis plan or the medication (`belay emergency place`), or ask the person for a consent for treatment.",
        ),
        (false, Action::Place) => refuse(
            "the consent does not say that a copy may lie there for a medical emergency",
            "Ask the person for a consent that does (`belay consent draft --to ORG --tell crisis,medication --purpose emergency`).",
        ),
        (true | false, Action::Grant | Action::Seal | Action::Export) | (false, Action::Show) => Ok(()),
    }
}

fn revoked_since(at: Time) -> Refusal {
    Refusal::new(
        format!("the consent is known to have been revoked on {}", at.date()),
        "42 CFR 2.31(c)(3)",
        "Nothing more may be told under it; ask the person for a new consent if the person wants one.",
    )
}

/// Why nothing is told under the part of a consent that came to us.
pub(super) fn shut_since(shut: Shut) -> Refusal {
    match shut {
        Shut::TakenBack(at) => revoked_since(at),
        Shut::NothingMore(at) => nothing_more(at),
        Shut::Doubted(at) => Refusal::new(
            format!("staff here say since {} that the consent behind it may be materially false", at.date()),
            "42 CFR 2.31(c)(4)",
            "The privacy officer asks who keeps the consent, and lets it stand again (`belay consent suspend --lift`).",
        ),
    }
}

/// By what it ended, whoever keeps it does not say: revoked, expired, deficient and false are all refused by 2.31(c).
fn nothing_more(since: Time) -> Refusal {
    Refusal::new(
        format!("who keeps the consent tells nothing more under it since {}", since.date()),
        "42 CFR 2.31(c)",
        "Pass nothing on; ask the person for a consent of your own if the person wants one.",
    )
}

/// `since`: when that was, or the event that came before it.
pub(super) fn expired(expiry: &Expiry, since: Time) -> Refusal {
    let when = match expiry {
        Expiry::On(end) if end.at == since && end.begins_a_day() => format!("with the end of {}", end.until_words()),
        Expiry::On(end) if end.at == since => format!("at {}", end.until_words()),
        Expiry::On(_) | Expiry::Event(_) | Expiry::Never => format!("on {}", since.date()),
    };
    Refusal::new(format!("the consent expired {when}"), "42 CFR 2.31(c)(1)", "Ask the person for a new one.")
}
