//! What happened around a referral and what helps, as lines of the page.

use super::history::code;
use crate::api::care::{ChoiceView, FollowView};
use crate::web::acts::codes;
use crate::web::steps::codes::{CHOSE, KINDS_SHORT};
use crate::web::words;
use belay_protocol::referral::{CheckInPart, CrisisPlan, Medication, Medicine};
use belay_protocol::sensitive::Personal;

/// A label and what stands beside it; more than one line where it says more.
pub type Line = (&'static str, Personal<String>);

/// Alarms: they stand over everything else.
pub fn alarms(follow: &FollowView) -> Vec<Personal<String>> {
    let mut alarms = Vec::new();
    if let Some(since) = follow.lost {
        alarms.push(format!("Nobody can reach the person. Last heard of: {}.", words::when(since)).as_str().into());
    }
    if let Some(day) = follow.watch_day {
        let leaving = follow.transition.as_ref().map(|t| codes::lower(codes::LEAVING, t.leaving.word()));
        let from = leaving.map(|place| format!(" after leaving {place}")).unwrap_or_default();
        alarms.push(format!("Day {day} of the two weeks{from}: please stay in touch.").as_str().into());
    }
    if let Some(why) = &follow.hold {
        let barriers: Vec<String> =
            why.barriers.iter().map(|barrier| codes::lower(codes::BARRIERS, barrier.word())).collect();
        let text = zeroize::Zeroizing::new(format!("On hold. {} {}", barriers.join(", "), why.note.reveal()));
        alarms.push(text.trim().into());
    }
    alarms
}

/// All else, newest of each kind.
pub fn lines(follow: &FollowView) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for need in &follow.needs {
        let state = if need.lifted { "met" } else { need.need.status.word() };
        let owner = codes::lower(codes::OWNERS, need.need.owner.word());
        let parts = [
            need.need.text.reveal().as_str(),
            codes::shown(codes::NEEDS, need.need.kind.word()),
            state,
            &owner,
            need.need.who.reveal(),
            need.need.next.reveal(),
        ];
        lines.push(("Need", joined(&parts)));
    }
    for handoff in &follow.handoffs {
        let parts = [
            words::when(handoff.at),
            codes::lower(codes::MODES, handoff.mode.word()),
            handoff.from.reveal().clone(),
            handoff.to.reveal().clone(),
            codes::shown(codes::TEACH_BACK, handoff.teach_back.word()).to_owned(),
        ];
        lines.push(("Handed over", joined(&parts.each_ref().map(String::as_str))));
    }
    if let Some(leaves) = &follow.transition {
        let place = codes::shown(codes::LEAVING, leaves.leaving.word());
        lines.push(("Leaves", joined(&[place, &words::when(leaves.on), leaves.note.reveal()])));
    }
    if let Some(seen) = &follow.seen {
        let place = codes::shown(codes::SETTINGS, seen.setting.word());
        lines.push(("Met or heard of", joined(&[place, &words::when(seen.at), seen.note.reveal()])));
    }
    for attempt in &follow.attempts {
        let parts = [
            &words::when(attempt.at),
            codes::shown(codes::CHANNELS, attempt.channel.word()),
            codes::shown(codes::REACHED, attempt.result.word()),
            attempt.note.reveal().as_str(),
        ];
        lines.push(("Tried to reach", joined(&parts)));
    }
    for check_in in &follow.check_ins {
        let stage = codes::shown(codes::STAGES, check_in.stage.word());
        lines.push(("How it goes", joined(&[stage, &words::when(check_in.at), &part(&check_in.part)])));
    }
    lines.extend(plans(follow));
    lines.retain(|(_, text)| !text.reveal().is_empty());
    lines
}

/// A plan, a line for each part of it.
pub fn plan(plan: &CrisisPlan) -> Vec<Line> {
    let mut lines: Vec<Line> = vec![
        ("Warning signs", plan.warning_signs.clone()),
        ("What helps", plan.helps.clone()),
        ("What makes it worse", plan.avoid.clone()),
    ];
    for who in &plan.contacts {
        lines.push(("Whom to call", joined(&[who.name.reveal(), who.relation.reveal(), who.phone.reveal()])));
    }
    lines.push(("Naloxone", plan.naloxone.clone()));
    lines.push(("Wishes", plan.wishes.clone()));
    lines
}

/// What the person takes, a line for each medicine.
pub fn taken(list: &Medication) -> Vec<Line> {
    let mut lines: Vec<Line> = list.medicines.iter().map(|one| ("Medicine", medicine(one))).collect();
    if list.takes_none {
        lines.push(("Medicine", "takes none; the person was asked".into()));
    }
    lines.push(("Allergies", list.allergies.clone()));
    lines.push(("About the medication", list.note.clone()));
    lines
}

fn plans(follow: &FollowView) -> Vec<Line> {
    let mut lines: Vec<Line> = follow.crisis.iter().flat_map(|(_, crisis)| plan(crisis)).collect();
    lines.extend(follow.medication.iter().flat_map(|(_, list)| taken(list)));
    for (kind, since) in &follow.unsaid {
        let kind = codes::shown(KINDS_SHORT, kind.name());
        let says =
            since.map_or("They do not have it.".to_owned(), |at| format!("They have that of {}.", words::when(at)));
        lines.push(("Newer on record here", joined(&[kind, &says, "It can be told under “What helps the person”."])));
    }
    for (at, summary) in &follow.summaries {
        let kind = codes::shown(codes::SUMMARIES, summary.kind.word());
        lines.push(("Summary of care", joined(&[kind, &words::when(*at), summary.text.reveal()])));
    }
    lines
}

fn medicine(medicine: &Medicine) -> Personal<String> {
    let time = |label: &str, at: Option<belay_protocol::time::Time>| {
        at.map(|at| format!("{label} {}", words::here(at))).unwrap_or_default()
    };
    joined(&[
        medicine.name.reveal(),
        medicine.dose.reveal(),
        medicine.prescriber.reveal(),
        medicine.phone.reveal(),
        &time("last dose", medicine.last_dose),
        &time("next dose", medicine.next_dose),
        &time("next visit", medicine.next_visit),
    ])
}

fn part(part: &CheckInPart) -> String {
    let mut said = Vec::new();
    match part {
        CheckInPart::Care { in_care, satisfaction, naloxone_kits } => {
            said.extend(in_care.map(|yes| if yes { "still in care" } else { "not in care" }.to_owned()));
            said.extend(satisfaction.map(|given| format!("satisfaction {given} of 5")));
            if *naloxone_kits > 0 {
                said.push(format!("{naloxone_kits} naloxone kits given"));
            }
        }
        CheckInPart::Social { housing, work, support } => {
            said.extend(housing.map(|value| codes::lower(codes::HOUSING, value.word())));
            said.extend(work.map(|value| codes::lower(codes::WORK, value.word())));
            said.extend(support.map(|value| codes::lower(codes::SUPPORT, value.word())));
        }
        CheckInPart::Symptoms { symptoms, .. } => {
            said.push(format!("symptoms: {}", codes::lower(codes::SYMPTOMS, symptoms.word())));
        }
    }
    said.join(", ")
}

/// What is not empty, with a point between.
fn joined(parts: &[&str]) -> Personal<String> {
    let parts: Vec<&str> = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    zeroize::Zeroizing::new(parts.join(" · ")).as_str().into()
}

/// How the referral came to its recipient, as a sentence.
pub fn chose(choice: &ChoiceView) -> String {
    if let Some(only) = choice.only {
        return format!("{}.", codes::shown(CHOSE, &code(only)));
    }
    let service = choice.service.as_ref().map(|service| format!(": {service}")).unwrap_or_default();
    let among = match choice.shown {
        Some(1) => " the one option that was shown".to_owned(),
        Some(many) => format!(" among {many} options that were shown"),
        None => String::new(),
    };
    format!("The person chose{among}{service}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use belay_protocol::referral::choice::OnlyOne;

    #[test]
    fn the_page_of_a_referral_says_among_how_many_the_person_chose_and_which() {
        let choice = ChoiceView {
            staff: "Nora Hill".into(),
            at: belay_protocol::time::Time(0),
            shown: Some(3),
            chosen: true,
            only: None,
            service: Some("Buprenorphine".to_owned()),
        };
        assert_eq!(chose(&choice), "The person chose among 3 options that were shown: Buprenorphine.");
        let only = ChoiceView { only: Some(OnlyOne::Payer), chosen: false, shown: None, service: None, ..choice };
        assert_eq!(chose(&only), "No other takes how the person pays.");
    }
}
