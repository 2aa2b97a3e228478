//! Agreements as people read them.

use super::{Known, content, is_named};
use crate::api::agreements::{
    AgreementRow, AgreementView, AgreementsView, EndView, FormView, SignatureView, VersionView,
};
use crate::api::{Failure, Outcome};
use crate::usecases::parties;
use belay_protocol::agreement::{End, Intake, Standing, Terms, Version};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{FormHash, OrgId};
use belay_protocol::time::Time;
use data_encoding::BASE64;

/// Who reads an agreement, as it is said before anybody signs.
const READERS: &str =
    "every member of the coalition can read signed and proposed terms; a draft only this organisation";

/// One agreement.
///
/// # Errors
/// None fits, or more than one does.
pub fn show(step: &mut Step<'_>, given: &str) -> Outcome<AgreementView> {
    let other = Known::named(step, given)?.other;
    view(step, other)
}

/// Every agreement of ours, by name of the other organisation.
///
/// # Errors
/// `Store`, or this organisation is in no coalition.
pub fn list(step: &mut Step<'_>) -> Outcome<AgreementsView> {
    let now = step.context().now;
    let mut agreements = Vec::new();
    for known in Known::all(step)? {
        let holds = known.agreement.holds(now).or(known.agreement.versions.first()).map(|version| &version.terms);
        let terms = holds.or(known.draft.as_ref().map(|(_, terms)| terms));
        agreements.push(AgreementRow {
            id: known.agreement.id,
            other: known.other,
            version: terms.map_or(0, |terms| terms.version),
            until: terms.and_then(|terms| terms.until),
            state: state(&known, now),
            other_name: known.other_name,
        });
    }
    agreements.sort_by(|a, b| (&a.other_name, a.id).cmp(&(&b.other_name, b.id)));
    Ok(AgreementsView { agreements })
}

/// The bytes of a form.
///
/// # Errors
/// No such agreement or form; or the form has not arrived yet.
pub fn form(step: &mut Step<'_>, given: &str, named: &str) -> Outcome<FormView> {
    let known = Known::named(step, given)?;
    let drafts = known.draft.iter().map(|(_, terms)| terms);
    let all = drafts.chain(known.agreement.versions.iter().map(|version| &version.terms));
    let form = all.flat_map(Terms::forms).find(|form| is_named(form, named)).cloned();
    let next = format!("belay agreement show {}", known.agreement.id.short());
    let form = form.ok_or_else(|| Failure::misuse("the agreement has no such form").next(next))?;
    let bytes = content(step.draft(), known.coalition, &form)?
        .ok_or_else(|| Failure::misuse("the form has not arrived yet").next("belay peers"))?;
    Ok(FormView { file: form.file, sha256: form.sha256, content: BASE64.encode(&bytes) })
}

/// How it stands, from where we stand.
fn state(known: &Known, now: Time) -> String {
    if known.left {
        return format!("without effect: {} is in the coalition no more", known.other_name);
    }
    let holds = known.agreement.holds(now);
    let waiting = match (known.to_sign(now), &known.draft) {
        (Some(terms), Some(_)) => Some(format!("version {} is a draft of ours", terms.version)),
        (Some(terms), None) => Some(format!("version {} waits for our signature", terms.version)),
        (None, _) => {
            let open = |version: &&Version| known.agreement.standing(version, now) == Standing::Proposed;
            let open = known.agreement.versions.iter().find(open);
            open.map(|version| format!("version {} waits for theirs", version.terms.version))
        }
    };
    let first = match (holds, known.agreement.versions.first()) {
        (Some(version), _) => Some(format!("version {} in force", version.terms.version)),
        (None, Some(version)) if waiting.is_none() => Some(words(known.agreement.standing(version, now)).to_owned()),
        (None, _) => None,
    };
    first.into_iter().chain(waiting).collect::<Vec<_>>().join("; ")
}

const fn words(standing: Standing) -> &'static str {
    match standing {
        Standing::Proposed => "proposed",
        Standing::Coming => "coming",
        Standing::InForce => "in force",
        Standing::Expired => "expired",
        Standing::Replaced => "replaced",
        Standing::Ended => "ended",
    }
}

/// The agreement with one organisation.
pub(super) fn view(step: &mut Step<'_>, other: OrgId) -> Outcome<AgreementView> {
    let known = Known::new(step, other)?;
    let (own_name, now) = (parties::own(step)?.name, step.context().now);
    let mut versions = Vec::new();
    if let Some((_, terms)) = &known.draft {
        versions.push(VersionView {
            standing: "draft".to_owned(),
            hash: terms.hash(),
            signatures: Vec::new(),
            forms_missing: missing(step, &known, terms)?,
            terms: terms.clone(),
        });
    }
    for version in &known.agreement.versions {
        versions.push(VersionView {
            standing: words(known.agreement.standing(version, now)).to_owned(),
            hash: version.hash,
            signatures: signatures(version),
            forms_missing: missing(step, &known, &version.terms)?,
            terms: version.terms.clone(),
        });
    }
    Ok(AgreementView {
        id: known.agreement.id,
        other,
        state: state(&known, now),
        to_sign: known.to_sign(now).map(Terms::hash),
        versions,
        ended: known.agreement.ended.clone().map(|end| ended(&known, own_name, end)),
        readers: READERS.to_owned(),
        other_name: known.other_name,
    })
}

fn ended(known: &Known, own_name: String, end: End) -> EndView {
    let End { through, org, at, reason, by } = end;
    let name = if org == known.own { own_name } else { known.other_name.clone() };
    EndView { through, org, name, by, at, reason }
}

fn signatures(version: &Version) -> Vec<SignatureView> {
    let sides = version.terms.sides.iter().zip(&version.signed);
    let signed = sides.filter_map(|(side, signed)| signed.clone().map(|(at, by)| (side, at, by)));
    signed.map(|(side, at, by)| SignatureView { org: side.org, name: side.name.clone(), at, by }).collect()
}

fn missing(step: &mut Step<'_>, known: &Known, terms: &Terms) -> Result<Vec<FormHash>> {
    let mut missing = Vec::new();
    for form in terms.forms() {
        if content(step.draft(), known.coalition, form)?.is_none() {
            missing.push(form.sha256);
        }
    }
    Ok(missing)
}

/// Whom a side takes, and what must come along, a line each.
#[must_use]
pub fn intake_words(intake: &Intake) -> Vec<String> {
    let takes = intake.inclusion.iter().map(|line| format!("Takes: {line}"));
    let not = intake.exclusion.iter().map(|line| format!("Does not take: {line}"));
    let needed = intake.needed.iter().map(|needed| match &needed.form {
        Some(form) => format!("Must come along: {} (its form: {})", needed.name, form.file),
        None => format!("Must come along: {}", needed.name),
    });
    takes.chain(not).chain(needed).collect()
}

/// What the agreement in force says of whom `other` takes; nothing where there is none.
///
/// # Errors
/// `Store`.
pub fn whom_it_takes(step: &mut Step<'_>, other: OrgId) -> Outcome<Vec<String>> {
    let Ok((coalition, _)) = parties::roster(step) else { return Ok(Vec::new()) };
    let (own, now) = (step.org(), step.context().now);
    let agreement = super::between(step.draft(), coalition, own, other)?;
    let side = agreement.holds(now).and_then(|version| version.terms.side(other).cloned());
    Ok(side.and_then(|side| side.intake).map(|intake| intake_words(&intake)).unwrap_or_default())
}
