//! The rural county: the peer group asks the clinic without a name, refers under consent, and follows through a missed visit and a
//! ride to the closed loop; then the person ends the consent.

use super::kit::{Person, Terms, appointment, message, millis, referral, says};
use super::sealed::{self, Sealed};
use super::{Actor, at, ending, say};
use crate::api::care::{
    ActRequest, Care, ExpiryRequest, Inquire, InquiriesView, InquiryView, LetterAsk, LetterView, Meeting, NeedRequest,
    PartnerFields, PartnerView, Refer, ThreadView,
};
use crate::demo::cast::{CLINIC, EMERGENCY, PEERS, REENTRY};
use crate::demo::report::Report;
use crate::system::now;
use anyhow::{Context, Result};
use belay_protocol::consent::notice::STATEMENT_1;
use belay_protocol::referral::inquiry::{AgeBand, Inquiry, Language, Medication, Need, Payer, Reply, Wanted, Within};
use belay_protocol::referral::{Barrier, Information, Mode, NeedKind, NeedOwner, NeedStatus, Outcome, Urgency, Why};
use belay_protocol::time::{DAY, HOUR};
use std::collections::BTreeSet;
use std::time::Instant;

const PERSON: Person = Person {
    name: "Rosalind Quillfeather",
    born: "1991-04-02",
    phone: "606-555-0199",
    contact: "Call after four; leave no message.",
};
/// Who drives people, and has no node.
const RIDES: &str = "Ridge Runner Rides";

/// Plays it.
pub fn play(actors: &mut [Actor], report: &mut Report) -> Result<()> {
    let (sender, clinic) = (at(actors, PEERS)?, at(actors, CLINIC)?);
    let person = sender.meets(PERSON)?;
    let inquiry = inquire(sender, clinic, report)?;
    let before = sealed::spaces_of(sender)?;

    say(&format!("{} refers the person to {}", sender.role.name, clinic.role.name));
    let to = clinic.organisation.to_string();
    let terms = |expiry| Terms {
        to: to.clone(),
        tell: &[Information::Referral, Information::Identity, Information::Social],
        back: Some(&[Information::Referral]),
        expiry,
    };
    let consent = sender.consent((&person, PERSON), terms(ExpiryRequest::On(now().plus(180 * DAY))))?;
    let began = Instant::now();
    let reason = "Ready to start buprenorphine; the nearest prescriber is forty miles away.";
    let id = sender.refers(Refer { inquiry: Some(inquiry), ..referral(&consent, reason) })?;
    clinic.receives(&id)?;
    report.figure("referral_delivered_ms", millis(began));
    let ride = NeedRequest {
        kind: Some(NeedKind::Transport),
        text: Some("A ride to Mill Creek and back.".into()),
        owner: Some(NeedOwner::Sender),
        ..NeedRequest::default()
    };
    let _: ThreadView = sender.act(&id, ActRequest::Need(ride))?;

    accepted_meanwhile(actors, &id, report)?;
    let (sender, clinic) = (at(actors, PEERS)?, at(actors, CLINIC)?);
    missed(sender, clinic, &id, report)?;
    let rides = a_ride(sender, clinic, (&person, &id), report)?;
    close(sender, clinic, &id, report)?;

    let spaces: BTreeSet<_> = sealed::spaces_of(sender)?.difference(&before).copied().collect();
    let (jail, emergency) = (at(actors, REENTRY)?, at(actors, EMERGENCY)?);
    let thread = Sealed {
        what: "the referral",
        spaces: &spaces,
        words: &[PERSON.name],
        writer: sender,
        named: clinic,
        from: &[jail, emergency],
    };
    thread.check(report)?;
    let all = [clinic, jail, emergency];
    sealed::only_at(report, "nobody else learns who gives the ride", sender, &all, &[&rides])?;
    sealed::recorded(report, sender, &spaces, PERSON.name)?;
    ending::revoked((sender, clinic, jail), (&consent, &id), &spaces, report)?;
    let end = now().plus(DAY);
    let consent = sender.consent((&person, PERSON), terms(ExpiryRequest::On(end)))?;
    ending::expired(sender, clinic, &consent, end, report)?;
    sealed::unlogged(report, actors, &["Rosalind", "Quillfeather", "We see her this week", RIDES])
}

/// "Could you take somebody like this?" Names nobody, and is answered before anybody is asked to sign. Gives the inquiry.
fn inquire(sender: &Actor, clinic: &Actor, report: &mut Report) -> Result<String> {
    say(&format!("{} asks {} without a name", sender.role.name, clinic.role.name));
    let asked = Inquiry {
        wanted: Wanted::Buprenorphine,
        age: AgeBand::From35,
        payer: Payer::Medicaid,
        medication: Medication::None,
        needs: BTreeSet::from([Need::Transport]),
        urgency: Urgency::Urgent,
        language: Language::English,
        within: Within::Week,
    };
    let made: InquiriesView =
        sender.care(Care::Inquire(Inquire { to: vec![clinic.organisation.to_string()], asked: asked.clone() }))?;
    let id = made.inquiries.first().context("no inquiry was made")?.id.to_string();
    let heard = clinic.until(Care::InquiryList, "the inquiry", |list: &InquiriesView| {
        list.inquiries.iter().find(|i| i.id.to_string() == id).cloned()
    })?;
    let yes = Care::InquiryAnswer { inquiry: id.clone(), reply: Reply::Yes, from: None };
    let _: InquiryView = clinic.care(yes)?;
    let answered = sender.until(Care::InquiryShow { inquiry: id.clone() }, "the answer", |i: &InquiryView| i.reply)?;
    let ok = heard.asked == asked && answered == Reply::Yes;
    report.check("an inquiry is answered before anybody is named", ok, answered.words());
    let words = [PERSON.name, PERSON.born, PERSON.phone];
    sealed::only_at(report, "the inquiry told the clinic nothing of who it is", sender, &[clinic], &words)?;
    Ok(id)
}

/// The sender goes home; the clinic answers meanwhile.
fn accepted_meanwhile(actors: &mut [Actor], id: &str, report: &mut Report) -> Result<()> {
    let sender = actors.get_mut(PEERS).context("no sender plays")?;
    // Its count begins anew with its next start.
    report.figure("bytes_sent", sender.node.status()?.counts.bytes_sent);
    sender.node.stop()?;
    let (sender, clinic) = (at(actors, PEERS)?, at(actors, CLINIC)?);
    say(&format!("  {} is off line; {} accepts", sender.role.name, clinic.role.name));
    clinic.takes_on(id, "We see her this week.")?;
    actors.get_mut(PEERS).context("no sender plays")?.node.start()?;
    let heard = at(actors, PEERS)?.wait(id, "the acceptance", |t| t.row.status.as_deref() == Some("accepted"));
    let detail = heard.as_ref().map_or_else(ToString::to_string, |_| "accepted".to_owned());
    report.check("a referral accepted while the sender was off line is heard of", heard.is_ok(), detail);
    Ok(())
}

/// She does not come, for want of a ride. That is said, and closes nothing.
fn missed(sender: &Actor, clinic: &Actor, id: &str, report: &mut Report) -> Result<()> {
    let _: ThreadView = clinic.act(id, appointment(now(), "20 Mill Creek Lane"))?;
    sender.wait(id, "the appointment", |t| t.appointment.is_some())?;
    let why = Why { barriers: vec![Barrier::Transportation], note: "The bus does not run on Tuesdays.".into() };
    let after: ThreadView = clinic.act(id, ActRequest::NoShow { when: None, why })?;
    let heard = sender.wait(id, "the missed visit", |t| t.row.business.as_deref().is_some_and(|b| b.contains("5.1.2")));
    let open = |t: &ThreadView| t.outcome.is_none() && t.row.status.as_deref() == Some("in-progress");
    let goes_on = after.may.iter().any(|act| act == "reschedule");
    let ok = heard.as_ref().is_ok_and(open) && open(&after) && goes_on;
    let detail = heard.map_or_else(|e| e.to_string(), |t| t.row.state);
    report.check("a missed visit is heard of and closes nothing", ok, detail);
    Ok(())
}

/// A partner who is not on the network drives: by letter, under a consent of its own. Its end lifts the need. Gives its name.
fn a_ride(sender: &Actor, clinic: &Actor, (person, id): (&str, &str), report: &mut Report) -> Result<String> {
    say(&format!("  {RIDES} is not on the network: a letter goes there"));
    let partner: PartnerView = sender.care(Care::PartnerAdd(PartnerFields {
        name: RIDES.to_owned(),
        address: "3 Ridge Road, Cedar Falls".to_owned(),
        telephone: "606-555-0188".to_owned(),
        ..PartnerFields::default()
    }))?;
    let terms = Terms {
        to: partner.id.to_string(),
        tell: &[Information::Referral, Information::Identity],
        back: Some(&[Information::Referral]),
        expiry: ExpiryRequest::On(now().plus(30 * DAY)),
    };
    let consent = sender.consent((person, PERSON), terms)?;
    let mut refer = Refer { off_network: true, ..referral(&consent, "A ride on Thursday, there and back.") };
    refer.send.lifts = Some(format!("{id}:1"));
    let ride = sender.refers(refer)?;
    let letter: LetterView =
        sender.care(Care::ReferralLetter(LetterAsk { thread: ride.clone(), ..LetterAsk::default() }))?;
    let text = letter.html.reveal();
    let ok = text.contains(STATEMENT_1) && text.contains(PERSON.name) && letter.first;
    report.check("the letter holds the notice of 42 CFR 2.32 and is one disclosure", ok, letter.recipient);
    let heard = |act| -> Result<ThreadView> {
        sender.care(Care::ReferralHeard { thread: ride.clone(), act, from: "Delphine Marrow".into() })
    };
    heard(ActRequest::Accept { note: "Thursday at nine.".into() })?;
    heard(closed("She was driven there and back."))?;
    let lifted = sender.shows(id)?.follow.needs.first().is_some_and(|need| need.lifted && need.referrals.len() == 1);
    report.check(
        "the ride's closed loop lifts the need of the referral",
        lifted,
        format!("need 1 of {}", id.get(..8).unwrap_or(id)),
    );
    let done = NeedRequest { need: Some("1".to_owned()), status: Some(NeedStatus::Lifted), ..NeedRequest::default() };
    let _: ThreadView = sender.act(id, ActRequest::Need(done))?;
    clinic.wait(id, "that the ride is there", |t| t.follow.needs.first().is_some_and(|need| need.lifted))?;
    Ok(partner.name)
}

/// A new appointment, words there and back, attendance, the outcome.
fn close(sender: &Actor, clinic: &Actor, id: &str, report: &mut Report) -> Result<()> {
    let place = "20 Mill Creek Lane".into();
    let moved = now().plus(2 * HOUR);
    let to = Meeting::at(moved, place, Mode::InPerson, "Ask for Wren.".into());
    let _: ThreadView = clinic.act(id, ActRequest::Reschedule { to, why: Why::default() })?;
    sender.wait(id, "the new appointment", |t| t.appointment.as_ref().is_some_and(|a| a.at == moved))?;
    let began = Instant::now();
    let _: ThreadView = sender.act(id, message("She has a ride on Thursday."))?;
    clinic.wait(id, "the sender's message", |t| says(t, "ride on Thursday"))?;
    let _: ThreadView = clinic.act(id, message("Thursday at ten then."))?;
    sender.wait(id, "the clinic's message", |t| says(t, "Thursday at ten"))?;
    report.figure("referral_round_trip_ms", millis(began));
    let _: ThreadView = clinic.act(id, ActRequest::Attend { when: None })?;
    sender.wait(id, "that she came", |t| t.attended.is_some())?;
    let _: ThreadView = clinic.act(id, closed("Buprenorphine goes on here."))?;
    let closed = sender.wait(id, "the outcome", |t| t.outcome.is_some())?;
    let ok = closed.row.status.as_deref() == Some("completed") && closed.outcome == Some(Outcome::ServicesReceived);
    report.check("the loop is closed: the sender knows that she came", ok, closed.row.state);
    say("  new appointment, attendance, closed loop");
    Ok(())
}

fn closed(note: &str) -> ActRequest {
    ActRequest::Close { outcome: Outcome::ServicesReceived, note: note.into(), barriers: Vec::new() }
}
