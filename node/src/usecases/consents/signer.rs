//! Whether the basis on which a consent is signed fits what is on record of the person: who lives signs, or who acts for them (42 CFR
//! 2.14, 2.15(a)); for who has died, who acts for the estate (2.15(b)). Asked when it is drafted, and when it is signed.

use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::records::{self, Kind};
use crate::usecases::staff::StaffSession;
use crate::usecases::{people, project, short_enough};
use belay_protocol::consent::{Draft, Signer};
use belay_protocol::disclosure::{AgeReason, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::ConsentId;
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;

/// Years below which everybody is a minor, and at which nobody is one under the law of any state: they differ between 18 and 21.
const OF_AGE: (i32, i32) = (18, 21);

/// That the basis of a draft fits the person: on the day that stands under the signature, or now.
///
/// # Errors
/// The person has died, and is to sign or to be signed for as living; the other way round; a minor as an adult, or an adult as a minor, of
/// which nobody said why that is so.
pub(super) fn fits(step: &mut Step<'_>, draft: &Draft, signed: Option<Time>) -> Outcome<()> {
    let signer = draft.terms.signer;
    let today = system::date(step.context().now);
    let on = signed.unwrap_or(today).date();
    let of_the_dead = matches!(signer, Signer::Representative | Signer::Family);
    let died = people::died_when(step.draft(), draft.person)?;
    match died {
        None if of_the_dead => {
            let why = format!(
                "this consent is to be signed by {}, and nobody put on record that the person has died ({})",
                signer.words(),
                signer.clause()
            );
            return Err(Failure::misuse(why).next(format!(
                "belay person edit {} with the line `died: DAY`; or a consent that the person signs",
                draft.person.short()
            )));
        }
        // A paper that was signed before counts; of a year alone nobody knows.
        Some(died) if !of_the_dead && !before(&on, died.reveal(), signed.is_some()) => {
            let why = format!(
                "the person is on record as having died, so that {} signs nothing: who acts for the estate does (42 CFR 2.15(b))",
                signer.words()
            );
            return Err(Failure::misuse(why).next(
                "belay consent draft with --signer representative or family; or belay person edit, if it is a mistake",
            ));
        }
        _ => {}
    }
    aged(step, draft, &on)
}

/// Whether the day lies before that of a death, as far as it is known to the day.
fn before(day: &str, died: &str, signed: bool) -> bool {
    signed && died.len() == "YYYY-MM-DD".len() && day <= died
}

fn aged(step: &mut Step<'_>, draft: &Draft, on: &str) -> Outcome<()> {
    let Some(person) = people::get(step.draft(), draft.person)? else { return Ok(()) };
    let Some((least, most)) = age(person.identity.birth_date.reveal().trim(), on) else { return Ok(()) };
    let signer = draft.terms.signer;
    let of_record = "by the date of birth that is on record the person is";
    let why = match signer {
        Signer::Person if most < OF_AGE.0 => {
            format!("{of_record} a minor, and this form is for an adult (42 CFR 2.14)")
        }
        Signer::Minor | Signer::MinorAndParent if least >= OF_AGE.1 => {
            format!("{of_record} an adult, and this form is for a minor ({})", signer.clause())
        }
        _ => return Ok(()),
    };
    if age_why(step.draft(), draft.id)?.is_some() {
        return Ok(());
    }
    let next = if signer == Signer::Person {
        "belay consent draft with --signer minor, where the law of the state lets the minor seek treatment alone, or with --signer \
         minor_and_parent; --age-why @FILE, where it takes the person for an adult (who is emancipated, say); or belay person edit, if the \
         date is wrong"
    } else {
        "belay consent draft without --signer; --age-why @FILE, where the law of the state takes the person for a minor; or belay person \
         edit, if the date is wrong"
    };
    Err(Failure::misuse(why).next(next))
}

/// Why this consent is signed on a basis that does not go with the age on record, as it was said last.
///
/// # Errors
/// `Store`.
pub(super) fn age_why(view: &dyn View, consent: ConsentId) -> Result<Option<AgeReason>> {
    let reasons = records::all(view, Kind::AgeReason, &consent.0)?.into_iter().filter_map(|record| match record.body {
        PrivateBody::AgeReason(reason) => Some(*reason),
        _ => None,
    });
    Ok(reasons.max_by_key(|reason| reason.at))
}

/// Puts that reason on record, if one was given.
///
/// # Errors
/// It is too long.
pub(super) fn say_why(
    step: &mut Step<'_>,
    session: &StaffSession,
    consent: ConsentId,
    why: &Personal<String>,
) -> Outcome<()> {
    if why.reveal().trim().is_empty() {
        return Ok(());
    }
    short_enough(why)?;
    let reason = AgeReason { consent, why: why.reveal().trim().into(), by: session.by(), at: step.context().now };
    step.write_private(&PrivateBody::AgeReason(Box::new(reason)).encode())?;
    Ok(project::project_step(step)?)
}

/// The least and the most that somebody's age can be in years on a day, from a day or a year of birth.
fn age(born: &str, on: &str) -> Option<(i32, i32)> {
    let year = |text: &str| text.get(..4)?.parse::<i32>().ok();
    let years = year(on)?.checked_sub(year(born)?)?;
    if born.len() < "YYYY-MM-DD".len() {
        return Some((years.saturating_sub(1), years));
    }
    let had_birthday = on.get(4..)? >= born.get(4..)?;
    let age = if had_birthday { years } else { years.saturating_sub(1) };
    Some((age, age))
}

/// That somebody who signs for who lives does not do so as who acts for an estate.
///
/// # Errors
/// As executor, or for the estate, on a basis of 2.15(a).
pub(super) fn in_capacity(signer: Signer, capacity: &Personal<String>) -> Outcome<()> {
    let said = capacity.reveal().to_lowercase();
    let of_estate = ["executor", "executrix", "estate"].iter().any(|word| said.contains(word));
    if of_estate && matches!(signer, Signer::Guardian | Signer::Director) {
        let why = format!("an executor signs for who has died, and this consent is to be signed by {}", signer.words());
        return Err(
            Failure::misuse(why).next("belay consent draft with --signer representative, if the person has died")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_as_exact_as_the_date_of_birth() {
        for (born, on, years) in [
            ("2008-11-27", "2026-11-27", Some((18, 18))),
            ("2008-11-28", "2026-11-27", Some((17, 17))),
            ("2008", "2026-11-27", Some((17, 18))),
            ("", "2026-11-27", None),
        ] {
            assert_eq!(age(born, on), years, "{born}");
        }
    }

    #[test]
    fn a_paper_from_before_a_death_counts_where_the_day_is_known() {
        assert!(before("2026-11-20", "2026-11-20", true) && before("2026-11-19", "2026-11-20", true));
        assert!(!before("2026-11-21", "2026-11-20", true) && !before("2026-11-19", "2026-11-20", false));
        assert!(!before("2025-01-01", "2026", true) && !before("2025-01-01", "yes", true));
    }
}
