//! What the person asks to leave out (42 CFR 2.26): put on record under one consent, and binding under all of the person's. It is left
//! out no more, under one consent, once the person has signed a version of that consent which says so. `preview`: what agreeing to it does.

mod preview;

pub(super) use preview::{let_in_preview, preview, signing, what_changes};

use super::draft::{named_in, sorted};
use super::{get, left_out, versions, view, write, write_and_show};
use crate::api::care::{ConsentView, RestrictPreview, RestrictionRequest, RestrictionView};
use crate::api::{Failure, Outcome};
use crate::usecases::records;
use crate::usecases::staff::StaffSession;
use crate::usecases::{parties, people, referrals};
use belay_protocol::consent::{Answered, Consent, Mark, Party, Restriction, Signed, Terms};
use belay_protocol::disclosure::{LeftOutWord, Looked, agreed_to_leave_out};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{ConsentId, OrgId, PersonId, RestrictionId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::By;
use belay_protocol::store::View;

/// Something that the person would say.
#[derive(Clone, Copy)]
pub(super) enum Would<'a> {
    /// To let something in again, by word.
    LetIn(Mark),
    /// To sign a form of this consent, which leaves these out.
    Sign(ConsentId, &'a [Restriction]),
}

/// What this organisation agreed with a person not to tell, apart from any consent, or under whatever consent the person asked for it: one that
/// has ended ends no promise. Each once.
///
/// # Errors
/// `Store`.
pub fn agreed(view: &dyn View, person: PersonId) -> Result<Vec<Restriction>> {
    agreed_if(view, person, None)
}

/// The same, once the person has said so.
///
/// # Errors
/// `Store`.
pub(super) fn agreed_if(view: &dyn View, person: PersonId, would: Option<Would<'_>>) -> Result<Vec<Restriction>> {
    let mut agreed: Vec<Restriction> = Vec::new();
    if planted::is(Bug::RestrictionOfOne) {
        return Ok(agreed);
    }
    let words = left_out::words(view, person)?;
    agreed.extend(agreed_to_leave_out(&words));
    // What the person let in again binds nothing new; a consent into which it was put holds it until one is signed that does not.
    let let_in = |one: &Restriction| {
        let mark = one.mark();
        let now = matches!(would, Some(Would::LetIn(asked)) if asked == mark);
        now || words.iter().any(|word| matches!(word, LeftOutWord::LetIn { asked, .. } if *asked == mark))
    };
    agreed.retain(|one| !let_in(one));
    for id in records::find::consents(view, person)? {
        let standing = match would {
            Some(Would::Sign(form, leaves_out)) if form == id => leaves_out.to_vec(),
            _ => {
                let signed = get(view, id)?;
                signed.iter().filter_map(Consent::signed).flat_map(|signed| signed.standing().restrictions).collect()
            }
        };
        for one in standing {
            if one.answer == Answered::Agreed && !agreed.contains(&one) && !let_in(&one) {
                agreed.push(one);
            }
        }
    }
    Ok(agreed)
}

/// Of a person who is on record twice: what was agreed to leave out, and what was taken back, under one record binds what was signed under
/// the other. All of it is put on record before anybody is told what is left, so that nobody is told by the one what the other shuts.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn bind_joined(step: &mut Step<'_>, person: PersonId) -> Outcome<()> {
    let bound = bind(step, person)?;
    super::end::bind_ended(step, person)?;
    tell(step, person, bound)
}

/// Consents that something was put into, each with who had agreed to that, of which nobody was told yet.
#[must_use = "what may be told no more is closed by `tell`"]
pub(super) struct Bound(Vec<(By, ConsentId)>);

/// Closes what may be told no more under these, and by an agreement, and tells what changed.
///
/// # Errors
/// `Store`.
pub(super) fn tell(step: &mut Step<'_>, person: PersonId, bound: Bound) -> Outcome<()> {
    bound.0.into_iter().try_for_each(|(by, id)| super::sign::follow_through(step, Some(&by), id))?;
    if !referrals::leave_out_tied(step, person)? {
        records::follow_person(step.draft(), person);
    }
    Ok(())
}

/// Puts what was agreed with a person into every consent of the person's that stands and that never held it. A consent of which a version
/// held it says for itself whether it holds it still: leaving it out is signed. Nobody is told yet: that is [`tell`].
///
/// # Errors
/// `Store`.
pub(super) fn bind(step: &mut Step<'_>, person: PersonId) -> Outcome<Bound> {
    let agreed = agreed(step.draft(), person)?;
    let mut changed = Vec::new();
    if agreed.is_empty() {
        return Ok(Bound(changed));
    }
    for id in records::find::consents(step.draft(), person)? {
        let Some(Consent::Signed(mut signed)) = get(step.draft(), id)? else { continue };
        let versions = versions(step.draft(), id, 0)?;
        let held = |one: &Restriction| {
            versions
                .iter()
                .filter_map(Consent::signed)
                .any(|s| s.restricted.contains(one) || s.terms.restrictions.contains(one))
        };
        let new: Vec<Restriction> = agreed.iter().filter(|one| !held(one)).cloned().collect();
        let Some(by) = new.last().map(|one| one.by.clone()) else { continue };
        signed.restricted.extend(new);
        write(step, &by, &Consent::Signed(signed))?;
        changed.push((by, id));
    }
    Ok(Bound(changed))
}

/// What the person asks to leave out, with the answer.
///
/// # Errors
/// An organisation that is no party; a refusal without a reason, or where the rule asks to agree (2.26).
pub fn restriction(
    step: &mut Step<'_>,
    session: &StaffSession,
    terms: &Terms,
    ask: &RestrictionRequest,
) -> Outcome<Restriction> {
    let to = ask.to.as_deref().map(|given| named_in(terms, given)).transpose()?;
    let own = parties::own(step)?.org;
    let one = asked(step, session, ask, to, own)?;
    one.answerable(one.spares_a_plan(&terms.parties())).map_err(Fault::from)?;
    Ok(one)
}

/// What is asked of this organisation about telling `to`, with its answer.
///
/// # Errors
/// Nothing was asked.
pub(super) fn asked(
    step: &mut Step<'_>,
    session: &StaffSession,
    ask: &RestrictionRequest,
    to: Option<OrgId>,
    own: OrgId,
) -> Outcome<Restriction> {
    if ask.asked.reveal().trim().is_empty() {
        return Err(Failure::misuse("write down what the person asks to leave out").next("--asked @FILE"));
    }
    let one = Restriction {
        asked: ask.asked.reveal().trim().into(),
        of: own,
        to,
        information: sorted(&ask.information),
        paid_in_full: ask.paid_in_full,
        answer: ask.refused.as_ref().map_or(Answered::Agreed, |why| Answered::Refused(why.reveal().trim().into())),
        by: session.by(),
        at: step.context().now,
    };
    one.check()?;
    Ok(one)
}

/// What is left out of a consent, numbered as it is lifted.
pub(super) fn numbered(step: &mut Step<'_>, signed: &Signed) -> Vec<RestrictionView> {
    rows(step, &signed.standing().restrictions, &signed.terms.parties())
}

/// What was asked, a row each, numbered from 1. `parties`: whom the consent names, as it calls them; what was agreed under another one may be
/// of an organisation that this one does not name.
pub(super) fn rows(step: &mut Step<'_>, all: &[Restriction], parties: &[&Party]) -> Vec<RestrictionView> {
    let mut name = |org: OrgId| match parties.iter().find(|party| party.org == org) {
        Some(party) => party.name.clone(),
        None => parties::called(step, org),
    };
    let row = |(number, one): (u16, &Restriction)| RestrictionView {
        number,
        id: RestrictionId(one.mark()),
        asked: one.asked.clone(),
        to: one.to.map(&mut name),
        information: one.information.clone(),
        refused: if let Answered::Refused(why) = &one.answer { Some(why.clone()) } else { None },
        at: one.at,
    };
    (1..).zip(all).map(row).collect()
}

/// Takes those of these numbers out of the terms of a next version of what was signed.
///
/// # Errors
/// There is none of that number.
pub(super) fn lift(signed: &Signed, terms: &mut Terms, numbers: &[u16]) -> Outcome<()> {
    let standing = signed.standing().restrictions;
    if standing.is_empty() && !numbers.is_empty() {
        return Err(Failure::misuse(
            "there is nothing to let in again: the person asked to leave out nothing that stands",
        ));
    }
    for number in numbers {
        let one = usize::from(*number).checked_sub(1).and_then(|at| standing.get(at)).ok_or_else(|| {
            Failure::misuse(format!("nothing that the person asked to leave out has the number {number}"))
                .next("belay consent show CONSENT")
        })?;
        terms.restrictions.retain(|other| other != one);
    }
    Ok(())
}

/// What agreeing to a restriction would do; nothing is written but that staff looked.
///
/// # Errors
/// As [`restrict`].
pub fn restrict_preview(
    step: &mut Step<'_>,
    session: &StaffSession,
    consent: &str,
    ask: &RestrictionRequest,
) -> Outcome<RestrictPreview> {
    let signed = super::end::signed(step, consent)?;
    let one = restriction(step, session, &signed.terms, ask)?;
    people::look(step, session, Looked::Consent, Some(signed.person), None)?;
    preview(step, signed.person, &one, false)
}

/// Records a restriction that the person asks for after signing. One that is agreed to binds every consent of the person's: it is a
/// promise of this organisation's to the person, and no part of one form.
///
/// # Errors
/// As [`restriction`]; a consent that is not in force.
pub fn restrict(
    step: &mut Step<'_>,
    session: &StaffSession,
    consent: &str,
    ask: &RestrictionRequest,
) -> Outcome<ConsentView> {
    let mut signed = super::end::signed(step, consent)?;
    let one = restriction(step, session, &signed.terms, ask)?;
    signed.restricted.push(one);
    let consent = Consent::Signed(signed);
    write_and_show(step, session, &consent)?;
    let bound = bind(step, consent.person())?;
    super::sign::follow_through(step, Some(&session.by()), consent.id())?;
    tell(step, consent.person(), bound)?;
    view(step, &consent, false)
}
