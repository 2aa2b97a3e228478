//! What a person carries: the wallet card and the plan. Both are filled in from the referrals of that person, and handed to the person.

use super::lang;
use crate::api::Outcome;
use crate::api::care::{OurOffice, Print};
use crate::forms::card::{Card, Dose, Reach, Visit};
use crate::forms::plan::Plan;
use crate::forms::{Day, Lang, Sheet, card, plan};
use crate::usecases::referrals::Referrals;
use crate::usecases::{parties, people, worklist};
use belay_protocol::engine::Step;
use belay_protocol::ids::PersonId;
use belay_protocol::referral::{CrisisPlan, Medication, Party};
use belay_protocol::sensitive::Personal;
use belay_protocol::space::control::PartnerKind;
use belay_protocol::time::Time;
use jiff::tz::TimeZone;

/// The wallet card. Where no medication is on record it has room to write: that none is known is not that none is taken. `next`: with the
/// next visit (`decisions/wallet-card.md`).
pub(super) fn card(
    step: &mut Step<'_>,
    (given, next): (&Personal<String>, bool),
    ask: &Print,
) -> Outcome<(Sheet, PersonId)> {
    let person = people::find(step.draft(), given)?;
    let referrals = Referrals::of(step, person.id)?;
    let known = referrals.known(step)?;
    let now = step.context().now;
    let (as_of, medication) = known.medication.map_or((now, None), |(at, medication)| (at, Some(medication)));
    let provider = provider(step, &referrals, medication.as_ref(), ask)?;
    let contact = known.crisis.and_then(|(_, plan)| people_of(&plan).into_iter().next()).unwrap_or_default();
    let visit = if next { referrals.next_visit(step)? } else { None };
    let visit = visit.map(|(to, with)| Visit {
        at: to.at,
        zone: to.zone,
        with: with.filter(|party| is_clinic(party.kind)).map(|party| party.name.as_str().into()),
    });
    let card = Card {
        name: person.identity.name.clone(),
        provider,
        contact,
        medication: medication.as_ref().and_then(doses),
        allergies: medication.map(|m| m.allergies).unwrap_or_default(),
        visit,
        as_of: day(as_of),
    };
    let lang = lang(step.draft(), person.id, ask.lang)?;
    Ok((card::sheet(&card, lang), person.id))
}

/// Who is called about the person's care: who treats by a referral that goes on, else who prescribed, else who has the person in care since one, else
/// we.
fn provider(
    step: &mut Step<'_>,
    referrals: &Referrals,
    medication: Option<&Medication>,
    ask: &Print,
) -> Outcome<Reach> {
    let own = parties::own(step)?;
    let prescriber = medication.iter().flat_map(|m| &m.medicines).find(|m| !m.prescriber.reveal().trim().is_empty());
    let treats = referrals.treats(step)?.filter(|(party, _)| is_clinic(party.kind));
    if let Some((party, _)) = treats.filter(|(_, goes_on)| *goes_on || prescriber.is_none()) {
        if party.org == own.org {
            return ours(step, &ask.office);
        }
        let phone = telephone(step, &party, ask)?;
        // Who prescribes there is called by name.
        let there = prescriber.filter(|m| m.prescriber.reveal().to_lowercase().contains(&party.name.to_lowercase()));
        return Ok(match there {
            Some(m) if m.phone.reveal().trim().is_empty() => Reach { name: m.prescriber.clone(), phone },
            Some(m) => Reach { name: m.prescriber.clone(), phone: m.phone.clone() },
            None => Reach { name: party.name.as_str().into(), phone },
        });
    }
    let Some(m) = prescriber else { return ours(step, &ask.office) };
    let mut phone = m.phone.clone();
    if phone.reveal().trim().is_empty() {
        let named = m.prescriber.reveal().to_lowercase();
        let mut known = parties::members(step).unwrap_or_default();
        known.retain(|party| named.contains(&party.name.to_lowercase()));
        phone = match known.first() {
            Some(party) if party.org == own.org => ask.office.telephone.as_str().into(),
            Some(party) => telephone(step, party, ask)?,
            None => phone,
        };
    }
    Ok(Reach { name: m.prescriber.clone(), phone })
}

/// The number of an organisation: of its own listing, else as it was agreed or typed.
fn telephone(step: &mut Step<'_>, party: &Party, ask: &Print) -> Outcome<Personal<String>> {
    if let Some(listed) = ask.reach.get(&party.org) {
        return Ok(listed.as_str().into());
    }
    Ok(worklist::telephone(step, party)?.map(|phone| phone.telephone.as_str().into()).unwrap_or_default())
}

/// Us, where we treat: a shelter or a jail is nobody's clinic, and then there is a line to write on.
fn ours(step: &mut Step<'_>, office: &OurOffice) -> Outcome<Reach> {
    let own = parties::own(step)?;
    Ok(if is_clinic(own.kind) {
        Reach { name: own.name.as_str().into(), phone: office.telephone.as_str().into() }
    } else {
        Reach::default()
    })
}

/// Whether somebody is treated there.
const fn is_clinic(kind: PartnerKind) -> bool {
    match kind {
        PartnerKind::Part2Program | PartnerKind::CoveredProgram | PartnerKind::CoveredEntity => true,
        PartnerKind::BusinessAssociate
        | PartnerKind::NonCoveredCbo
        | PartnerKind::CriminalJustice
        | PartnerKind::LawEnforcement
        | PartnerKind::ChildWelfare
        | PartnerKind::HealthPlan
        | PartnerKind::Other => false,
    }
}

/// The crisis and recurrence plan; with room to write where nothing is on record.
pub(super) fn plan(step: &mut Step<'_>, given: &Personal<String>, asked: Option<Lang>) -> Outcome<(Sheet, PersonId)> {
    let person = people::find(step.draft(), given)?;
    let known = Referrals::of(step, person.id)?.known(step)?;
    let (as_of, told) = known.crisis.map_or((None, CrisisPlan::default()), |(at, told)| (Some(at), told));
    let plan = Plan {
        name: person.identity.name.clone(),
        signs: items(&told.warning_signs),
        helps: items(&told.helps),
        avoid: items(&told.avoid),
        people: people_of(&told),
        naloxone: told.naloxone.clone(),
        wishes: items(&told.wishes),
        medication: known.medication.and_then(|(_, medication)| doses(&medication)),
        as_of: as_of.map(day),
    };
    let lang = lang(step.draft(), person.id, asked)?;
    Ok((plan::sheet(&plan, lang), person.id))
}

fn day(at: Time) -> Day {
    Day::local(at, &TimeZone::system())
}

/// An item a line.
fn items(text: &Personal<String>) -> Vec<Personal<String>> {
    text.reveal().lines().map(str::trim).filter(|line| !line.is_empty()).map(Personal::from).collect()
}

/// What is taken; empty where the person said that nothing is; `None` where nobody said either.
pub(in crate::usecases) fn doses(medication: &Medication) -> Option<Vec<Dose>> {
    let doses = medication.medicines.iter().map(|m| Dose { name: m.name.clone(), dose: m.dose.clone() });
    (medication.takes_none || !medication.medicines.is_empty()).then(|| doses.collect())
}

fn people_of(plan: &CrisisPlan) -> Vec<Reach> {
    let name = |name: &str, relation: &str| match (name.trim(), relation.trim()) {
        (name, "") => name.to_owned(),
        ("", relation) => relation.to_owned(),
        (name, relation) => format!("{name} ({relation})"),
    };
    plan.contacts
        .iter()
        .map(|c| Reach { name: Personal::new(name(c.name.reveal(), c.relation.reveal())), phone: c.phone.clone() })
        .collect()
}
