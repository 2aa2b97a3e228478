//! A person's own plan and medication, written before and beside a referral; what proves a mistake is struck; and an appointment by the
//! clock of another place.

use super::consents::PLACED;
use super::county::County;
use super::emergencies::keep_up;
use super::model::Org;
use super::threads::may_tell;
use super::words::{self, Word};
use belay_node::api::care::{
    ActRequest, At, Care, LineView, MedicationRequest, Meeting, PersonPlans, PlanRequest, PlanWrite, PlanWritten,
    ThreadView,
};
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{Information, Medicine, Mode};
use belay_protocol::time::{DAY, Time};

/// One that staff wrote of a person and nobody has struck.
#[derive(Debug, Clone)]
pub struct Written {
    person: usize,
    kind: Information,
    entry: String,
    word: Word,
}

/// Staff write the plan or the medication with the person.
pub fn write(county: &mut County) {
    let persons = 0..county.model.persons.len();
    let all: Vec<usize> = persons.filter(|at| county.up(county.model.persons[*at].org)).collect();
    let Some(person) = county.rng.pick(&all).copied() else { return };
    let (own, id) = (county.model.persons[person].org, county.model.persons[person].id.clone());
    let kind = PLACED[county.rng.below(2)];
    let word = county.model.word(own, "plan of a person");
    let what = if kind == Information::Crisis {
        PlanWritten::Crisis(PlanRequest { helps: Some(words::personal(word)), ..PlanRequest::default() })
    } else {
        let medicine = Medicine { name: words::personal(word), ..Medicine::default() };
        PlanWritten::Medication(MedicationRequest { medicines: Some(vec![medicine]), ..MedicationRequest::default() })
    };
    keep_up(county, person, kind, &[word]);
    county.tell(format!("{} writes {kind} of person {person}", County::name(own)));
    let Some(view) = ask(county, own, &id, what) else { return };
    county.count("plans written with a person");
    county.model.planned(person, kind, &[word]);
    if let Some(last) = view.plans.written.first() {
        county.seen.written.push(Written { person, kind, entry: last.entry.to_string(), word });
    }
}

fn ask(county: &mut County, own: Org, person: &str, what: PlanWritten) -> Option<PersonPlans> {
    county.ask(own, &Care::PersonPlan(Box::new(PlanWrite { person: person.into(), what })))
}

/// Staff say that one was a mistake: from then on nobody is told it anew.
pub fn strike(county: &mut County) {
    let all = 0..county.seen.written.len();
    let up: Vec<usize> =
        all.filter(|at| county.up(county.model.persons[county.seen.written[*at].person].org)).collect();
    let Some(at) = county.rng.pick(&up).copied() else { return };
    let one = county.seen.written[at].clone();
    let (own, id) = (county.model.persons[one.person].org, county.model.persons[one.person].id.clone());
    let why = county.model.word(own, "what was wrong with a plan");
    county.tell(format!("{} strikes {} of person {}", County::name(own), one.kind, one.person));
    let what = PlanWritten::Mistake { entry: one.entry, why: words::personal(why) };
    // What was known besides takes its place where a copy lies.
    let left = county.model.plans(one.person, one.kind).into_iter().filter(|word| *word != one.word);
    let left: Vec<Word> = left.collect();
    keep_up(county, one.person, one.kind, &left);
    if ask(county, own, &id, what).is_none() {
        return;
    }
    county.count("plans struck");
    county.seen.written.remove(at);
    for person in &mut county.model.persons {
        person.plans.entry(one.kind).or_default().retain(|word| *word != one.word);
    }
}

/// A referral that its recipient has accepted, with that and the sender.
fn taken_in(county: &mut County) -> Option<(usize, Org, Org)> {
    let cases = county.model.cases.iter().enumerate();
    let fits = cases.filter(|(_, case)| case.accepted && case.team.is_empty() && county.up(case.recipient));
    let fitting: Vec<(usize, Org, Org)> = fits.map(|(at, case)| (at, case.recipient, case.sender)).collect();
    county.rng.pick(&fitting).copied()
}

/// The recipient makes or moves an appointment by the clock of a place far away.
pub fn appoint(county: &mut County) {
    let Some((at, own, other)) = taken_in(county) else { return };
    let of = county.model.cases[at].clone();
    let (place, note) = (county.model.word(own, "place"), county.model.word(own, "note"));
    let (may, late) = may_tell(county, at, own, Information::Referral);
    if may {
        county.model.tell(&[place, note], other);
    }
    for word in [place, note] {
        county.model.facts[word].late = late;
    }
    let day = Time(county.clock(own).0 + 2 * DAY).date();
    let to = Meeting {
        at: At::Typed(format!("{day}T10:00")),
        zone: Some("Asia/Kathmandu".to_owned()),
        place: words::personal(place),
        mode: Mode::InPerson,
        note: words::personal(note),
    };
    county.tell(format!("{} makes an appointment far away in referral {at}", County::name(own)));
    let Some(view) = act(county, own, &of.id, ActRequest::Schedule(to)) else { return };
    county.count("appointments by another clock");
    let right = view.appointment.is_some_and(|to| {
        let wall = to.zone.clock(to.at).wall();
        to.zone.offset_minutes == 345 && wall.rfc3339().get(11..16) == Some("10:00")
    });
    if !right {
        county.breaks(format!("5: the appointment in referral {at} is not at ten by the clock there"));
    }
}

fn act(county: &mut County, own: Org, thread: &str, act: ActRequest) -> Option<ThreadView> {
    county.ask(own, &Care::ReferralAct { thread: thread.to_owned(), act })
}

/// Of appointments, which move the referral or say whether the person came.
const STEPS: [&str; 5] = ["schedule", "reschedule", "cancel appointment", "attend", "no-show"];

/// One side says that a step of its own was a mistake: nothing is due by it any more.
pub fn strike_step(county: &mut County) {
    let Some((at, own, other)) = taken_in(county) else { return };
    let of = county.model.cases[at].clone();
    let show = Care::ReferralShow { thread: of.id.clone() };
    let Some(view) = county.ask::<ThreadView>(own, &show) else { return };
    let fits = |line: &&LineView| line.may_be_mistaken && STEPS.contains(&line.act.as_str());
    let lines: Vec<LineView> = view.history.iter().filter(fits).cloned().collect();
    let Some(line) = county.rng.pick(&lines).cloned() else { return };
    let why = county.model.word(own, "why a step was a mistake");
    let (may, late) = may_tell(county, at, own, Information::Referral);
    if may {
        county.model.tell(&[why], other);
    }
    county.model.facts[why].late = late;
    county.tell(format!("{} strikes a {} in referral {at}", County::name(own), line.act));
    let mistake = ActRequest::Mistake { entry: line.entry.to_string(), why: words::personal(why) };
    let Some(view) = act(county, own, &of.id, mistake) else { return };
    county.count("steps struck");
    let counts = |other: &LineView| other.mistake.is_none() && other.without_effect.is_none();
    let again = view.history.iter().any(|other| counts(other) && other.when == line.when);
    let due = view.row.due.iter().filter(|due| matches!(due.timer, Timer::AppointmentNear | Timer::AppointmentPassed));
    let kept = due.filter(|due| [Some(due.since), Some(due.by)].contains(&line.when)).count();
    if !again && kept > 0 {
        county.breaks(format!("5: a {} that was struck in referral {at} keeps its deadline", line.act));
    }
}
