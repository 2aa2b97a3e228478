//! Act four: one person, one consent, one referral to its end; then the consent ends.

use super::{Actor, say};
use crate::api::care::{
    ActRequest, Care, ConsentDraft, ConsentSign, ConsentView, DisclosuresAsk, DisclosuresView, ExpiryRequest,
    PersonFields, PersonView, Send, ThreadView, ThreadsView,
};
use crate::api::{Failure, Request};
use crate::demo::cast::{CLINIC, EMERGENCY, REENTRY};
use crate::demo::reader::force::{self, Sealed};
use crate::demo::reader::{self, search};
use crate::demo::report::Report;
use crate::system::now;
use anyhow::{Context, Result, bail};
use belay_protocol::ids::{OrgId, SpaceId};
use belay_protocol::referral::{Information, Mode, Outcome, Urgency};
use belay_protocol::space::entry::{Entry, Kind};
use belay_protocol::space::{SpaceKind, Spaces};
use belay_protocol::time::{DAY, HOUR, Time};
use std::time::Instant;

/// A name that stands nowhere else: whoever has it was told.
const NAME: &str = "Rosalind Quillfeather";

/// Plays it.
pub fn play(actors: &mut [Actor], report: &mut Report) -> Result<()> {
    let (sender, clinic, _) = three(actors)?;
    say(&format!("{} refers a person to {}", sender.role.name, clinic.role.name));
    let expiry = ExpiryRequest::On(now().plus(180 * DAY));
    let consent = consent(sender, clinic, expiry)?;
    let sent_at = Instant::now();
    let thread = send(sender, &consent)?;
    let incoming = clinic.node.until(&ask(clinic, Care::ReferralList), "the referral", |t: &ThreadsView| {
        t.threads.iter().find(|t| t.id == thread.row.id).cloned()
    })?;
    report.figure("referral_delivered_ms", millis(sent_at));
    drop(incoming);

    // The sender goes home; the clinic answers meanwhile.
    let id = thread.row.id.to_string();
    let sender = actors.get_mut(EMERGENCY).context("no sender plays")?;
    // Its count begins anew with its next start.
    report.figure("bytes_sent", sender.node.status()?.counts.bytes_sent);
    sender.node.stop()?;
    let (sender, clinic, _) = three(actors)?;
    say(&format!("  {} is off line; {} accepts", sender.role.name, clinic.role.name));
    let _: ThreadView = clinic.care(Care::ReferralLink { thread: id.clone(), person: None })?;
    let _: ThreadView = act(clinic, &id, ActRequest::Accept { note: "We see her this week.".into() })?;
    actors.get_mut(EMERGENCY).context("no sender plays")?.node.start()?;
    let (sender, clinic, third) = three(actors)?;
    let heard = wait(sender, &id, "the acceptance", |t| t.row.status.as_deref() == Some("accepted"));
    let detail = heard.as_ref().map_or_else(ToString::to_string, |_| "accepted".to_owned());
    report.check("a referral accepted while the sender was off line is heard of", heard.is_ok(), detail);

    round_trip(sender, clinic, &id, report)?;
    close(sender, clinic, &id, report)?;
    only_the_two(sender, clinic, third, report)?;
    recorded(sender, report)?;
    revoked(sender, clinic, third, (&consent, &id), report)?;
    expired(sender, clinic, report)?;
    unlogged(actors, report)
}

fn three(actors: &[Actor]) -> Result<(&Actor, &Actor, &Actor)> {
    match (actors.get(EMERGENCY), actors.get(CLINIC), actors.get(REENTRY)) {
        (Some(sender), Some(clinic), Some(third)) => Ok((sender, clinic, third)),
        _ => bail!("the story needs three organisations"),
    }
}

fn ask(actor: &Actor, ask: Care) -> Request {
    Request::Care { login: actor.login(), ask }
}

fn act(actor: &Actor, thread: &str, act: ActRequest) -> Result<ThreadView> {
    actor.care(Care::ReferralAct { thread: thread.to_owned(), act })
}

fn wait(actor: &Actor, thread: &str, what: &str, seen: impl Fn(&ThreadView) -> bool) -> Result<ThreadView> {
    let show = ask(actor, Care::ReferralShow { thread: thread.to_owned() });
    actor.node.until(&show, what, |t: &ThreadView| seen(t).then(|| t.clone()))
}

/// A person and their signed consent: `referral`, `identity` and `social` there, `referral` back.
fn consent(sender: &Actor, clinic: &Actor, expiry: ExpiryRequest) -> Result<String> {
    let people: crate::api::care::PersonsView = sender.care(Care::PersonList)?;
    let person = match people.persons.iter().find(|p| p.name.reveal() == NAME) {
        Some(person) => person.id,
        None => {
            let fields = PersonFields {
                name: NAME.into(),
                birth_date: "1991-04-02".into(),
                phones: vec!["606-555-0199".into()],
                contact: "Call after four; leave no message.".into(),
                ..PersonFields::default()
            };
            sender.care::<PersonView>(Care::PersonAdd(fields))?.id
        }
    };
    let draft: ConsentView = sender.care(Care::ConsentDraft(ConsentDraft {
        person: person.to_string().as_str().into(),
        to: vec![clinic.organisation.to_string()],
        tell: vec![Information::Referral, Information::Identity, Information::Social],
        back: Some(vec![Information::Referral]),
        purpose: "treatment".into(),
        expiry,
        ..ConsentDraft::default()
    }))?;
    let signed: ConsentView = sender.care(Care::ConsentSign(ConsentSign {
        consent: draft.id.to_string(),
        typed: NAME.into(),
        ..ConsentSign::default()
    }))?;
    Ok(signed.id.to_string())
}

fn send(sender: &Actor, consent: &str) -> Result<ThreadView> {
    sender.care(Care::ReferralSend(Send {
        consent: consent.to_owned(),
        to: None,
        include: Vec::new(),
        service: None,
        service_name: String::new(),
        reason: "Started buprenorphine here last night; needs a prescriber within three days.".into(),
        urgency: Urgency::Urgent,
        needs: vec!["a ride".into()],
        lifts: None,
    }))
}

/// A message there and one back, both nodes on line.
fn round_trip(sender: &Actor, clinic: &Actor, id: &str, report: &mut Report) -> Result<()> {
    let began = Instant::now();
    let _: ThreadView = act(sender, id, ActRequest::Message { text: "She has a ride on Tuesday.".into() })?;
    let says = |t: &ThreadView, text: &str| t.history.iter().any(|l| l.text.reveal().contains(text));
    wait(clinic, id, "the sender's message", |t| says(t, "ride on Tuesday"))?;
    let _: ThreadView = act(clinic, id, ActRequest::Message { text: "Tuesday at ten then.".into() })?;
    wait(sender, id, "the clinic's message", |t| says(t, "Tuesday at ten"))?;
    report.figure("referral_round_trip_ms", millis(began));
    Ok(())
}

fn close(sender: &Actor, clinic: &Actor, id: &str, report: &mut Report) -> Result<()> {
    let at = now().plus(2 * HOUR);
    let place = "20 Mill Creek Lane".into();
    let schedule = ActRequest::Schedule { at, place, mode: Mode::InPerson, note: "Ask for Wren.".into() };
    let _: ThreadView = act(clinic, id, schedule)?;
    wait(sender, id, "the appointment", |t| t.appointment.is_some())?;
    let _: ThreadView = act(clinic, id, ActRequest::Attend { when: None })?;
    wait(sender, id, "that she came", |t| t.attended.is_some())?;
    let done = ActRequest::Close {
        outcome: Outcome::ServicesReceived,
        note: "Buprenorphine goes on here.".into(),
        barriers: Vec::new(),
    };
    let _: ThreadView = act(clinic, id, done)?;
    let closed = wait(sender, id, "the outcome", |t| t.outcome.is_some())?;
    let ok = closed.row.status.as_deref() == Some("completed") && closed.outcome == Some(Outcome::ServicesReceived);
    report.check("the loop is closed: the sender knows that she came", ok, closed.row.state);
    say("  appointment, attendance, closed loop");
    Ok(())
}

/// The thread spaces that this node founded or is in.
fn spaces(of: &reader::Opened) -> Result<Vec<SpaceId>> {
    let all = Spaces::new(of.node).spaces(&of.reader)?;
    Ok(all.into_iter().filter(|s| matches!(s.kind, SpaceKind::Thread { .. })).map(|s| s.space).collect())
}

fn thread_entries(of: &reader::Opened) -> Result<Vec<Entry>> {
    let mut all = Vec::new();
    for space in spaces(of)? {
        all.extend(force::entries(of, space)?);
    }
    Ok(all)
}

/// The third organisation has nothing of it, and what it were handed would not open.
fn only_the_two(sender: &Actor, clinic: &Actor, third: &Actor, report: &mut Report) -> Result<()> {
    let (from, to, other) = (reader::of(&sender.node)?, reader::of(&clinic.node)?, reader::of(&third.node)?);
    let entries = thread_entries(&from)?;
    let mut needles: Vec<Vec<u8>> = spaces(&from)?.iter().map(|s| s.0.to_vec()).collect();
    needles.extend(entries.iter().map(|e| e.hash().0.to_vec()));
    needles.push(NAME.as_bytes().to_vec());
    let at_third: Vec<String> = search::search(&other, &needles)?.into_iter().flat_map(|f| f.tables).collect();
    let missing_at_clinic = search::search(&to, &needles)?.iter().filter(|f| f.values == 0).count();
    let detail = format!("{} needles, found in {at_third:?}", needles.len());
    report.check("the third organisation has nothing of the thread", at_third.is_empty() && needles.len() > 3, detail);
    let detail = format!("{missing_at_clinic} of {} not found", needles.len());
    report.check("the same search finds all of it at the clinic", missing_at_clinic == 0, detail);

    let bodies = entries.iter().filter(|e| e.header().kind == Kind::Data).count();
    let opened = force::open_all(&other, &entries)?.len();
    let detail = format!("{opened} of {bodies} bodies open");
    report.check("handed every entry, the third organisation opens nothing", opened == 0 && bodies > 0, detail);
    let opened = force::open_all(&to, &entries)?.len();
    report.check("the same keys and entries at the clinic open", opened == bodies, format!("{opened} of {bodies}"));
    Ok(())
}

/// What was told stands on the record of who told it.
fn recorded(sender: &Actor, report: &mut Report) -> Result<()> {
    let from = reader::of(&sender.node)?;
    let told: Vec<Entry> = thread_entries(&from)?
        .into_iter()
        .filter(|e| e.header().kind == Kind::Data && e.header().author == from.node)
        .collect();
    let view: DisclosuresView = sender.care(Care::Disclosures(DisclosuresAsk::of(NAME)))?;
    let on_record = told.iter().filter(|e| view.disclosures.iter().any(|d| d.entry == e.hash())).count();
    let detail = format!("{on_record} of {} tellings, with staff, consent, purpose, recipient and time", told.len());
    report.check("every disclosure is on the sender's record", on_record == told.len() && on_record > 0, detail);
    Ok(())
}

/// After a revocation nothing is sent, and what is sealed later does not open for the clinic.
fn revoked(
    sender: &Actor,
    clinic: &Actor,
    third: &Actor,
    (consent, id): (&str, &str),
    report: &mut Report,
) -> Result<()> {
    say("  the person revokes the consent");
    let revoke = Care::ConsentRevoke { consent: consent.to_owned(), party: None, spoken: false };
    let view: ConsentView = sender.care(revoke)?;
    if view.state != "revoked" {
        bail!("the consent is {} after it was revoked", view.state);
    }
    let from = reader::of(&sender.node)?;
    let spaces = spaces(&from)?;
    let message = ActRequest::Message { text: "One more thing.".into() };
    let refusal = act(sender, id, message).err().and_then(|e| e.downcast::<Failure>().ok());
    let detail = refusal.map_or_else(|| "it was sent".to_owned(), |f| f.message);
    report.check("after the revocation nothing is sent", detail.contains("2.31"), detail);
    wait_until_out(clinic, &spaces)?;

    let before = count(clinic, &spaces)?;
    let mut opened = (0, 0);
    for space in &spaces {
        if let Sealed::Entries(entries) = force::seal_more(&from, *space, now(), None)? {
            let body = entries.last().context("nothing was sealed")?.hash();
            opened.0 += usize::from(force::open_all(&reader::of(&clinic.node)?, &entries)?.contains(&body));
            opened.0 += usize::from(force::open_all(&reader::of(&third.node)?, &entries)?.contains(&body));
            opened.1 += 1;
        }
    }
    let detail = format!("{} of {} bodies sealed afterwards open", opened.0, opened.1);
    report.check("what is sealed after the revocation does not open", opened.0 == 0 && opened.1 > 0, detail);
    // Something that the clinic may have, written later and received there, shows that the link lives and has come this far.
    let later = super::directory::told_later(sender, clinic);
    let after = count(clinic, &spaces)?;
    let detail = format!("{} entries more, though later words on the directory came", after.saturating_sub(before));
    report.check("the clinic gets nothing more", later.is_ok() && after == before, detail);
    Ok(())
}

/// Until the clinic's store knows that it was taken out.
fn wait_until_out(clinic: &Actor, spaces: &[SpaceId]) -> Result<()> {
    let began = Instant::now();
    loop {
        let to = reader::of(&clinic.node)?;
        let mut folds = Spaces::new(to.node);
        let mut out = 0;
        for space in spaces {
            let gone = match folds.record(&to.reader, *space)? {
                Some(_) => !folds.fold(&to.reader, *space)?.members.contains_key(&clinic.organisation),
                None => true,
            };
            out += usize::from(gone || told(&to, *space)?);
        }
        if out == spaces.len() {
            return Ok(());
        }
        if began.elapsed().as_secs() > 60 {
            bail!("the clinic was not told of its removal within a minute");
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// Whether the store holds a removal notice about this space.
fn told(of: &reader::Opened, space: SpaceId) -> Result<bool> {
    use belay_protocol::store::{Table, View};
    Ok(of.reader.get(Table::Removed, &space.0)?.is_some())
}

fn count(actor: &Actor, of: &[SpaceId]) -> Result<usize> {
    let opened = reader::of(&actor.node)?;
    let mut count = 0;
    for space in of {
        count += force::entries(&opened, *space)?.len();
    }
    Ok(count)
}

/// After the day on which a consent ends the sender's node seals nothing more for the clinic, and once the clinic is out, what is
/// sealed does not open there. The calendar is turned in the reader, not in the nodes.
fn expired(sender: &Actor, clinic: &Actor, report: &mut Report) -> Result<()> {
    let end = now().plus(DAY);
    let before: Vec<SpaceId> = spaces(&reader::of(&sender.node)?)?;
    let consent = consent(sender, clinic, ExpiryRequest::On(end))?;
    let thread = send(sender, &consent)?;
    clinic.node.until(&ask(clinic, Care::ReferralList), "the second referral", |t: &ThreadsView| {
        t.threads.iter().any(|t| t.id == thread.row.id).then_some(())
    })?;
    let from = reader::of(&sender.node)?;
    let new: Vec<SpaceId> = spaces(&from)?.into_iter().filter(|s| !before.contains(s)).collect();
    let (mut refused, mut opened, mut sealed) = (0, 0, 0);
    for space in &new {
        refused += usize::from(matches!(force::seal_more(&from, *space, later(end), None)?, Sealed::Refused(_)));
        if let Sealed::Entries(entries) = force::seal_more(&from, *space, later(end), Some(clinic_org(clinic)))? {
            let body = entries.last().context("nothing was sealed")?.hash();
            sealed += 1;
            opened += usize::from(force::open_all(&reader::of(&clinic.node)?, &entries)?.contains(&body));
        }
    }
    let detail = format!("{refused} of {} spaces refuse to seal", new.len());
    report.check("after the expiry nothing is sealed for the clinic", refused == new.len() && refused > 0, detail);
    let detail = format!("{opened} of {sealed} bodies sealed afterwards open");
    report.check(
        "what is sealed once the expiry has ended the membership does not open",
        opened == 0 && sealed > 0,
        detail,
    );
    Ok(())
}

const fn later(end: Time) -> Time {
    end.plus(HOUR)
}

const fn clinic_org(clinic: &Actor) -> OrgId {
    clinic.organisation
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The logs of all nodes, which hold nothing about the person.
fn unlogged(actors: &[Actor], report: &mut Report) -> Result<()> {
    let (mut lines, mut found) = (0, 0);
    for actor in actors {
        let log = std::fs::read_to_string(actor.node.log_file()).context("a node's log")?;
        lines += log.lines().count();
        found += NAME.split(' ').chain(["We see her this week"]).filter(|word| log.contains(word)).count();
    }
    let detail = format!("{lines} lines of {} logs", actors.len());
    report.check("no log holds anything about the person", found == 0 && lines > 0, detail);
    Ok(())
}
