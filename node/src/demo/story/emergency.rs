//! The emergency department that starts buprenorphine: a warm handoff to the clinic, the medication told to the clinic alone, a bed
//! at the shelter, a peer who is told no name, and whether the person was seen within seven days.

use super::kit::{Person, Terms, appointment, message, millis, referral, says};
use super::sealed::{self, Sealed};
use super::{Actor, at, say};
use crate::api::care::{ActRequest, CheckInRequest, ExpiryRequest, ThreadView};
use crate::demo::cast::{CLINIC, EMERGENCY, PEERS, REENTRY, SHELTER};
use crate::demo::report::Report;
use crate::system::{days, now};
use anyhow::{Context, Result};
use belay_protocol::ids::SpaceId;
use belay_protocol::referral::Information::{Clinical, Identity, Medication as Medicines, Referral, Social};
use belay_protocol::referral::{
    CheckInPart, Handoff, Information, Leaving, Medication, Medicine, Mode, Outcome, Stage, Summary, SummaryKind,
    Symptoms, TeachBack, Transition,
};
use belay_protocol::time::{DAY, HOUR, Time};
use std::collections::BTreeSet;
use std::time::Instant;

const PERSON: Person = Person {
    name: "Marguerite Thistledown",
    born: "1987-11-30",
    phone: "606-555-0144",
    contact: "Text first; her sister picks up.",
};
const DOSE: &str = "two films of eight milligrams at dawn";
const SUMMARY: &str = "Withdrawal score fourteen on arrival, four on leaving.";
const BED: &str = "A lower bunk from Friday";
const SYMPTOMS: &str = "Sleeps three hours a night since Sunday";
/// Days within which who started treatment is to be seen again, the last one counted (HEDIS FUA).
const FOLLOW_UP: u64 = 7;

/// Plays it.
pub fn play(actors: &mut [Actor], report: &mut Report) -> Result<()> {
    let (sender, clinic) = (at(actors, EMERGENCY)?, at(actors, CLINIC)?);
    let (shelter, peers, jail) = (at(actors, SHELTER)?, at(actors, PEERS)?, at(actors, REENTRY)?);
    let person = sender.meets(PERSON)?;
    let refers = |to: &Actor, tell: &[Information], reason: &str| -> Result<(String, BTreeSet<SpaceId>)> {
        let before = sealed::spaces_of(sender)?;
        let expiry = ExpiryRequest::On(now().plus(180 * DAY));
        let terms = Terms { to: to.organisation.to_string(), tell, back: Some(&[Information::Referral]), expiry };
        let consent = sender.consent((&person, PERSON), terms)?;
        let thread = sender.refers(referral(&consent, reason))?;
        to.receives(&thread)?;
        Ok((thread, sealed::spaces_of(sender)?.difference(&before).copied().collect()))
    };

    say(&format!("{} starts buprenorphine and hands over to {}", sender.role.name, clinic.role.name));
    let began = Instant::now();
    let reason = "Started buprenorphine here last night; needs a prescriber within three days.";
    let (id, mut told) = refers(clinic, &[Referral, Identity, Medicines, Clinical], reason)?;
    report.figure("referral_delivered_ms", millis(began));
    clinic.takes_on(&id, "Wren is on the video call now.")?;
    handoff(sender, clinic, &id, report)?;
    let medication = medication(sender, clinic, &id)?;

    say(&format!("  a bed at {}; a peer who is told no name", shelter.role.name));
    let (bed, beds) = refers(shelter, &[Referral, Identity, Social], BED)?;
    shelter.takes_on(&bed, "The bunk is hers.")?;
    let (met, _) = refers(peers, &[Referral], "Somebody to sit with on the first evenings.")?;
    let _: ThreadView = peers.act(&met, ActRequest::Acknowledge)?;
    sender.wait(&met, "that the peers have seen it", |t| t.acknowledged.is_some())?;
    sender.wait(&bed, "the bed", |t| t.row.status.as_deref() == Some("accepted"))?;

    follow_up(sender, clinic, &id, report)?;
    check_in(sender, clinic, &id, report)?;

    let medicines = Sealed {
        what: "the medication",
        spaces: &medication,
        words: &[DOSE],
        writer: sender,
        named: clinic,
        from: &[shelter, peers, jail],
    };
    medicines.check(report)?;
    let beds = Sealed {
        what: "the referral for a bed",
        spaces: &beds,
        words: &[BED],
        writer: sender,
        named: shelter,
        from: &[clinic, peers, jail],
    };
    beds.check(report)?;
    let who = [PERSON.name, PERSON.born, PERSON.phone];
    let name = "whoever is told the referral alone does not learn of whom it speaks";
    sealed::only_at(report, name, shelter, &[peers, jail], &who)?;
    let name = "the discharge summary is the clinic's alone";
    sealed::only_at(report, name, clinic, &[shelter, peers, jail], &[SUMMARY])?;
    let name = "how she sleeps stays at the clinic, which the consent lets tell only about the referral";
    sealed::only_at(report, name, clinic, &[sender, shelter, peers, jail], &[SYMPTOMS])?;
    told.extend(medication);
    sealed::recorded(report, sender, &told, PERSON.name)?;
    sealed::unlogged(report, actors, &["Marguerite", "Thistledown", DOSE, SYMPTOMS, BED])
}

/// By video, with the person there, who says in her own words what comes next.
fn handoff(sender: &Actor, clinic: &Actor, id: &str, report: &mut Report) -> Result<()> {
    let handoff = Handoff {
        mode: Mode::Video,
        at: now(),
        from: sender.role.staff.into(),
        to: clinic.role.staff.into(),
        teach_back: TeachBack::Understood,
        note: "She will come on Thursday and bring the films.".into(),
    };
    let _: ThreadView = sender.act(id, ActRequest::Handoff(handoff))?;
    let seen = clinic.wait(id, "the handoff", |t| !t.follow.handoffs.is_empty())?;
    let handoff = seen.follow.handoffs.first().context("no handoff")?;
    let ok = handoff.teach_back == TeachBack::Understood && handoff.to.reveal() == clinic.role.staff;
    let detail = format!("{} to {}, teach-back {}", handoff.mode.word(), clinic.role.staff, handoff.teach_back.word());
    report.check("the warm handoff is on record at both, with its teach-back", ok, detail);
    Ok(())
}

/// What she takes, and what was found: each in the space of its kind. Gives that of the medication.
fn medication(sender: &Actor, clinic: &Actor, id: &str) -> Result<BTreeSet<SpaceId>> {
    let before = sealed::spaces_of(sender)?;
    let medicine = Medicine {
        name: "buprenorphine and naloxone".into(),
        dose: DOSE.into(),
        prescriber: sender.role.name.as_str().into(),
        last_dose: Some(now()),
        ..Medicine::default()
    };
    let medication = Medication { medicines: vec![medicine], ..Medication::default() };
    let _: ThreadView = sender.act(id, ActRequest::Medication(medication.into()))?;
    clinic.wait(id, "the medication", |t| t.follow.medication.is_some())?;
    let spaces = sealed::spaces_of(sender)?.difference(&before).copied().collect();
    let summary = Summary { kind: SummaryKind::Discharge, text: SUMMARY.into() };
    let _: ThreadView = sender.act(id, ActRequest::Summary(summary))?;
    clinic.wait(id, "the discharge summary", |t| !t.follow.summaries.is_empty())?;
    Ok(spaces)
}

/// She left a week ago and comes on the seventh day, which counts; the eighth would not.
fn follow_up(sender: &Actor, clinic: &Actor, id: &str, report: &mut Report) -> Result<()> {
    let left = Time(now().0.saturating_sub(FOLLOW_UP * DAY));
    let transition =
        Transition { leaving: Leaving::EmergencyDepartment, on: left, note: "Home with her sister.".into() };
    let _: ThreadView = sender.act(id, ActRequest::Transition(transition))?;
    clinic.wait(id, "that she left", |t| t.follow.transition.is_some())?;
    let _: ThreadView = clinic.act(id, appointment(now().plus(HOUR), "20 Mill Creek Lane"))?;
    let _: ThreadView = sender.act(id, message("Her sister drives her."))?;
    clinic.wait(id, "the message", |t| says(t, "sister drives"))?;
    let _: ThreadView = clinic.act(id, message("We wait at the door."))?;
    sender.wait(id, "the answer", |t| says(t, "at the door"))?;
    let _: ThreadView = clinic.act(id, ActRequest::Attend { when: Some(left.plus(FOLLOW_UP * DAY)) })?;
    let seen = sender.wait(id, "that she came", |t| t.attended.is_some())?;
    let (came, on) = (seen.attended.context("attended")?, seen.follow.transition.context("no transition")?.on);
    let calendar = days(came);
    let ok = calendar.within(on, came, FOLLOW_UP) && !calendar.within(on, came.plus(DAY), FOLLOW_UP);
    let detail = format!("came on day {:?}; the last that counts is {FOLLOW_UP}", calendar.after(on, came));
    report.check("seen within seven days, the seventh counted and the eighth not", ok, detail);
    Ok(())
}

/// How it goes: the sender hears whether she is in care; what else the clinic was told stays there. Then the loop closes.
fn check_in(sender: &Actor, clinic: &Actor, id: &str, report: &mut Report) -> Result<()> {
    let _: ThreadView = clinic.act(
        id,
        ActRequest::CheckIn(CheckInRequest {
            stage: Some(Stage::Start),
            at: None,
            in_care: Some(true),
            satisfaction: Some(4),
            naloxone_kits: Some(2),
            housing: None,
            work: None,
            support: None,
            symptoms: Some(Symptoms::Mild),
            symptoms_note: SYMPTOMS.into(),
        }),
    )?;
    let seen = sender.wait(id, "the check-in", |t| !t.follow.check_ins.is_empty())?;
    let kits = |t: &ThreadView| {
        let kits = t.follow.check_ins.iter().filter_map(|c| match c.part {
            CheckInPart::Care { naloxone_kits, .. } => Some(naloxone_kits),
            CheckInPart::Social { .. } | CheckInPart::Symptoms { .. } => None,
        });
        kits.sum::<u16>()
    };
    let there = clinic.shows(id)?.follow.check_ins.len();
    let ok = seen.follow.check_ins.len() == 1 && there == 2 && kits(&seen) == 2;
    let detail = format!("{} of {there} parts told, {} naloxone kits", seen.follow.check_ins.len(), kits(&seen));
    report.check("of a check-in only what the consent names is told", ok, detail);
    let (outcome, note) = (Outcome::ServicesReceived, "Goes on here.".into());
    let _: ThreadView = clinic.act(id, ActRequest::Close { outcome, note, barriers: Vec::new() })?;
    let closed = sender.wait(id, "the outcome", |t| t.outcome.is_some())?;
    let ok = closed.row.status.as_deref() == Some("completed");
    report.check("the loop is closed: the sender knows that she came", ok, closed.row.state);
    Ok(())
}
