//! The jail with re-entry: the way into treatment is planned before release, the two weeks after it are watched, somebody who is
//! lost is looked for and found. The jail hears back only what the person's consent names, and probation hears nothing.

use super::kit::{Person, Terms, appointment, millis, referral, refusal};
use super::sealed::{self, Sealed};
use super::{Actor, at, directory, say};
use crate::api::care::{
    ActRequest, Care, CheckInRequest, ConsentDraft, ConsentView, ExpiryRequest, LinkAsk, MomentRequest,
    SupervisionRequest, ThreadView,
};
use crate::demo::cast::{CLINIC, PEERS, PROBATION, REENTRY};
use crate::demo::report::Report;
use crate::system::{days, now};
use anyhow::{Context, Result};
use belay_protocol::consent::Class;
use belay_protocol::referral::{
    Attempt, Channel, Information, Leaving, Medication, Medicine, Outcome, Reached, Seen, Setting, Stage, Transition,
    WATCH, Why,
};
use belay_protocol::time::DAY;
use std::time::Instant;

const PERSON: Person = Person {
    name: "Bartholomew Wickersham",
    born: "1979-06-15",
    phone: "606-555-0123",
    contact: "Through his mother until he has a telephone.",
};
const ACCEPTED: &str = "Kit and first films lie ready under the counter";
const LOST: &str = "Left the motel on Friday without his bag";
const TRIED: &str = "His mother will hand on the message";
const DOSE: &str = "one injection of three hundred milligrams";

/// Plays it.
pub fn play(actors: &mut [Actor], report: &mut Report) -> Result<()> {
    let (jail, clinic) = (at(actors, REENTRY)?, at(actors, CLINIC)?);
    let (probation, peers) = (at(actors, PROBATION)?, at(actors, PEERS)?);
    let person = jail.meets(PERSON)?;
    let plan = planned(jail, clinic, probation, &person, report)?;
    let followed = followed(jail, clinic, &person, report)?;
    released(jail, clinic, &plan, report)?;
    lost(jail, clinic, &plan, report)?;
    found(jail, clinic, (&plan, &followed), report)?;

    let unsaid = [ACCEPTED, LOST, TRIED, DOSE];
    let name = "what the consents do not name stays at the clinic: neither the jail nor probation has it";
    sealed::only_at(report, name, clinic, &[jail, probation, peers], &unsaid)?;
    let spaces = sealed::spaces_of(jail)?;
    let all = Sealed {
        what: "the referrals",
        spaces: &spaces,
        words: &[PERSON.name],
        writer: jail,
        named: clinic,
        from: &[probation, peers],
    };
    all.check(report)?;
    sealed::recorded(report, jail, &spaces, PERSON.name)?;
    sealed::unlogged(report, actors, &["Bartholomew", "Wickersham", ACCEPTED, LOST, TRIED])
}

/// Twenty days before release, under a consent as it is usual for a jail: nothing comes back.
fn planned(jail: &Actor, clinic: &Actor, probation: &Actor, person: &str, report: &mut Report) -> Result<String> {
    say(&format!("{} plans the release with {}", jail.role.name, clinic.role.name));
    let terms = Terms {
        to: clinic.organisation.to_string(),
        tell: &[Information::Referral, Information::Identity],
        back: None,
        expiry: ExpiryRequest::On(now().plus(180 * DAY)),
    };
    let consent = jail.consent((person, PERSON), terms)?;
    let began = Instant::now();
    let id = jail.refers(referral(&consent, "Treatment from the day of release; opioid use disorder."))?;
    clinic.receives(&id)?;
    report.figure("referral_delivered_ms", millis(began));
    let _: ThreadView = jail.act(&id, release(now().plus(20 * DAY), "By the calendar of the court."))?;
    let seen = clinic.wait(&id, "the planned release", |t| t.follow.transition.is_some())?;
    let ok = seen.follow.watch_day.is_none();
    report.check("a release that lies ahead is known and not watched yet", ok, "in 20 days");
    clinic.takes_on(&id, ACCEPTED)?;
    // What the clinic may tell, written later and received at the jail, shows that the link lives and has come this far.
    directory::told_later(clinic, jail)?;
    let view = jail.shows(&id)?;
    let detail = format!("answerable: {}, it reads: {}", view.row.answerable, view.row.state);
    let ok = !view.row.answerable && view.row.state.contains("not permitted") && view.acknowledged.is_none();
    report.check("the jail hears nothing back unless the consent names it", ok, detail);
    let name = "that he was accepted stays at the clinic";
    sealed::only_at(report, name, clinic, &[jail, probation], &[ACCEPTED])?;
    Ok(id)
}

/// Treatment is a condition of his release: a consent of its own class names what the jail hears, whether he was accepted and
/// whether he came (42 CFR 2.35). It says how long it lasts, and from when on he can take it back.
fn followed(jail: &Actor, clinic: &Actor, person: &str, report: &mut Report) -> Result<String> {
    say("  he signs a second consent, for criminal justice, which lets the jail hear whether he comes");
    let (of_release, end) = (MomentRequest::When("The conditions of release end.".into()), now().plus(90 * DAY));
    let draft = ConsentDraft {
        person: person.into(),
        to: vec![clinic.organisation.to_string()],
        tell: vec![Information::Referral, Information::Identity],
        back: Some(vec![Information::Referral]),
        class: Some(Class::CriminalJustice),
        supervision: Some(SupervisionRequest {
            matter: "Order of conditional release 26-118, Cedar County".into(),
            revocable: of_release.clone(),
            disposition: of_release,
        }),
        expiry: ExpiryRequest::On(end),
        ..ConsentDraft::default()
    };
    let endless = ConsentDraft { expiry: ExpiryRequest::Never, ..draft.clone() };
    let detail = refusal(jail.signed(endless, PERSON))?;
    report.check("a consent for criminal justice says how long it lasts", detail.contains("expiration"), detail);
    let consent = jail.signed(draft, PERSON)?;
    let revoke = Care::ConsentRevoke { consent: consent.clone(), party: None, spoken: true };
    let detail = refusal(jail.care::<ConsentView>(revoke))?;
    report.check("it is not taken back before the time that it names", detail.contains("42 CFR 2.35(c)"), detail);
    let id = jail.refers(referral(&consent, "Attendance, as the order of release asks."))?;
    clinic.receives(&id)?;
    let _: ThreadView = clinic.care(Care::ReferralLink(LinkAsk::to(&id, PERSON.name.into())))?;
    let _: ThreadView = clinic.act(&id, ActRequest::Accept { note: "Attendance alone.".into() })?;
    let medicine = Medicine { name: "buprenorphine".into(), dose: DOSE.into(), ..Medicine::default() };
    let medication = Medication { medicines: vec![medicine], ..Medication::default() };
    let _: ThreadView = clinic.act(&id, ActRequest::Medication(medication.into()))?;
    let heard = jail.wait(&id, "the acceptance", |t| t.row.status.as_deref() == Some("accepted"))?;
    let kept = clinic.shows(&id)?.history.iter().any(|line| line.act == "medication" && line.local);
    let ok = heard.row.answerable && heard.follow.medication.is_none() && kept;
    report.check(
        "under the consent for criminal justice the jail hears what it names and no medication",
        ok,
        heard.row.state,
    );
    Ok(id)
}

/// He is let go earlier than planned: from that day on the two weeks are watched.
fn released(jail: &Actor, clinic: &Actor, id: &str, report: &mut Report) -> Result<()> {
    say("  he is released, earlier than planned");
    let on = now();
    let _: ThreadView = jail.act(id, release(on, "Bail was granted this morning."))?;
    let _: ThreadView = jail.act(id, seen(Setting::Released, "At the gate at noon."))?;
    let view = clinic.wait(id, "the release", |t| {
        t.follow.seen.as_ref().is_some_and(|s| s.setting == Setting::Released) && t.follow.watch_day.is_some()
    })?;
    let told = view.follow.transition.context("no transition")?;
    let calendar = days(on);
    let watched = |day: u64| calendar.watched(told.on, on.plus(day * DAY));
    let ok = view.follow.watch_day == Some(0) && watched(WATCH) == Some(WATCH) && watched(WATCH + 1).is_none();
    let detail = format!("today day {:?}, the last one {:?}", view.follow.watch_day, watched(WATCH));
    report.check("the two weeks after release are watched, the fourteenth day counted", ok, detail);
    Ok(())
}

/// He does not come and nobody reaches him: an alarm with what was tried, which closes nothing.
fn lost(jail: &Actor, clinic: &Actor, id: &str, report: &mut Report) -> Result<()> {
    let _: ThreadView = clinic.act(id, appointment(now(), "20 Mill Creek Lane"))?;
    let _: ThreadView = clinic.act(id, ActRequest::NoShow { when: None, why: Why::default() })?;
    let _: ThreadView = clinic.act(id, ActRequest::Lost { since: Some(now()), note: LOST.into() })?;
    let _: ThreadView = clinic.act(id, attempt(Channel::Telephone, Reached::NoAnswer, "Rang out."))?;
    let view = clinic.act(id, attempt(Channel::ThroughContact, Reached::LeftMessage, TRIED))?;
    let open = view.outcome.is_none() && view.row.status.as_deref() == Some("in-progress");
    let ok = view.follow.lost.is_some() && view.follow.attempts.len() == 2 && open;
    let detail = format!("{} tries on record; {}", view.follow.attempts.len(), view.row.state);
    report.check("who is lost is looked for, and the referral stays open", ok, detail);
    let _: ThreadView = jail.act(id, seen(Setting::InCustody, "Arrested on an old warrant."))?;
    let here = |t: &ThreadView| t.follow.seen.as_ref().is_some_and(|s| s.setting == Setting::InCustody);
    let view = clinic.wait(id, "that he is in custody", here)?;
    let ok = view.follow.lost.is_none() && view.outcome.is_none();
    report.check("that he is in custody is told to the clinic, ends the alarm and closes nothing", ok, view.row.state);
    Ok(())
}

/// Let go again, he is reached, comes, and takes naloxone home. Of that the jail hears that he came.
fn found(jail: &Actor, clinic: &Actor, (plan, followed): (&str, &str), report: &mut Report) -> Result<()> {
    let _: ThreadView = jail.act(plan, seen(Setting::Released, "The warrant was a mistake."))?;
    let again = |t: &ThreadView| t.follow.seen.as_ref().is_some_and(|s| s.setting == Setting::Released);
    clinic.wait(plan, "the second release", again)?;
    let _: ThreadView = clinic.act(plan, attempt(Channel::Visit, Reached::Reached, "At his mother's."))?;
    for id in [plan, followed] {
        let _: ThreadView = clinic.act(id, ActRequest::Attend { when: None })?;
    }
    let _: ThreadView = clinic.act(
        plan,
        ActRequest::CheckIn(CheckInRequest {
            stage: Some(Stage::Start),
            at: None,
            in_care: Some(true),
            satisfaction: None,
            naloxone_kits: Some(1),
            housing: None,
            work: None,
            support: None,
            symptoms: None,
            symptoms_note: "".into(),
        }),
    )?;
    let (outcome, note) = (Outcome::ServicesReceived, "He has come to stay.".into());
    let view = clinic.act(plan, ActRequest::Close { outcome, note, barriers: Vec::new() })?;
    let heard = jail.wait(followed, "that he came", |t| t.attended.is_some())?;
    let blind = jail.shows(plan)?;
    let ok = view.outcome == Some(Outcome::ServicesReceived)
        && heard.attended.is_some()
        && heard.outcome.is_none()
        && blind.attended.is_none()
        && blind.outcome.is_none()
        && blind.follow.check_ins.is_empty();
    let detail = format!("with the way back: {}; without: {}", heard.row.state, blind.row.state);
    report.check("found again, he comes: the jail hears it under the consent that names it and no other", ok, detail);
    Ok(())
}

fn release(on: belay_protocol::time::Time, note: &str) -> ActRequest {
    ActRequest::Transition(Transition { leaving: Leaving::Custody, on, note: note.into() })
}

fn seen(setting: Setting, note: &str) -> ActRequest {
    ActRequest::Seen(Seen { setting, at: now(), note: note.into() })
}

fn attempt(channel: Channel, result: Reached, note: &str) -> ActRequest {
    ActRequest::Attempt(Attempt { at: now(), channel, result, note: note.into() })
}
