//! Inquiries: asked of one or several partners, each in a space of its own or by telephone; answered; led on to a referral. They
//! name nobody by their type (`referral::inquiry`), so that they are audited and are no disclosure. `kept`: what is kept of their spaces.

mod kept;

pub use kept::{forget, keep, lose};

use super::staff::StaffSession;
use super::{named, outside, parties, people, short_enough, threads, worklist};
use crate::api::care::{
    AsideView, DueView, Inquire, InquiriesView, InquiryView, ListAsk, Part, PhoneView, ThreadsView,
};
use crate::api::{Failure, Outcome};
use belay_protocol::agreement::Hours;
use belay_protocol::consent::{Action, Ask, Basis, Permit, Purpose, decide};
use belay_protocol::disclosure::{Aside, HeardReply, InquiryRecord, Looked, Outside, PrivateBody};
use belay_protocol::engine::{Seat, Step};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{OrgId, SpaceId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::random;
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::inquiry::{Inquiry, InquiryBody, Reply};
use belay_protocol::referral::{Information, Urgency, is_outside};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use std::collections::BTreeMap;

/// Asks. Each partner gets a space of its own; who is not on the network is phoned, and the view holds what to say.
///
/// # Errors
/// A partner that is not known, or this organisation itself.
pub fn inquire(step: &mut Step<'_>, session: &StaffSession, ask: &Inquire) -> Outcome<InquiriesView> {
    if ask.to.is_empty() {
        return Err(Failure::misuse("name whom to ask").next("belay referral inquire --to ORG"));
    }
    let own = parties::own(step)?.org;
    let mut made = Vec::new();
    for given in &ask.to {
        let to = parties::partner(step, given)?;
        if to.org == own {
            return Err(Failure::misuse("inside your own organisation, ask across the corridor"));
        }
        let id = if is_outside(to.org) {
            SpaceId(random::array(step.context().random))
        } else {
            let (coalition, _) = parties::roster(step)?;
            let permit = permit(step, own, to.org, Action::Grant)?;
            let mut seats = vec![Seat { permit: &permit, write: true }];
            let shared = with_all(step, own, &ask.to)?;
            seats.extend(shared.iter().map(|permit| Seat { permit, write: true }));
            let space = step.found_thread(coalition, true, &seats)?;
            let permit = self::permit(step, own, to.org, Action::Seal)?;
            step.write_inquiry(space, &permit, &InquiryBody::Ask(ask.asked.clone()))?;
            space
        };
        let (by, at, asked) = (session.by(), step.context().now, ask.asked.clone());
        let record = Outside::Inquiry(InquiryRecord { id, to, by, at, asked });
        step.write_private(&PrivateBody::Outside(Box::new(record)).encode())?;
        people::look(step, session, Looked::Inquiry, None, None)?;
        made.push(id);
    }
    super::referrals::settled(step)?;
    let mut inquiries = every(step)?;
    inquiries.retain(|inquiry| made.contains(&inquiry.id));
    Ok(InquiriesView { inquiries })
}

/// The permits by which a planted bug lets everybody else who is asked in: none, in the program.
fn with_all(step: &mut Step<'_>, own: OrgId, asked: &[String]) -> Outcome<Vec<Permit>> {
    let mut permits = Vec::new();
    for given in asked.iter().filter(|_| planted::is(Bug::InquiryShared)) {
        let to = parties::partner(step, given)?;
        permits.push(permit(step, own, to.org, Action::Grant)?);
    }
    Ok(permits)
}

/// Every inquiry, newest first.
///
/// # Errors
/// `Store`.
pub fn list(step: &mut Step<'_>, session: &StaffSession) -> Outcome<InquiriesView> {
    people::look(step, session, Looked::Inquiry, None, None)?;
    Ok(InquiriesView { inquiries: every(step)? })
}

/// The first page of the list with the inquiries that wait for an answer, here or there, or for a referral; of the list of what is
/// due only those on which somebody should act now.
///
/// # Errors
/// `Store`.
pub fn beside(step: &mut Step<'_>, ask: &ListAsk, mut list: ThreadsView) -> Outcome<ThreadsView> {
    if ask.after.is_some() || ask.person.is_some() {
        return Ok(list);
    }
    list.inquiries = every(step)?;
    list.inquiries.retain(|inquiry| inquiry.due.as_ref().is_some_and(|due| ask.part != Part::Due || pressing(due)));
    if ask.part == Part::Due {
        list.inquiries.sort_by_key(|inquiry| inquiry.due.as_ref().map(|due| (due.by, inquiry.id)));
    }
    Ok(list)
}

/// What the other side has time for waits for nobody here until it is late.
const fn pressing(due: &DueView) -> bool {
    due.ours || due.overdue
}

/// Those on which somebody here should act, or in which the other side is late.
pub(super) fn waiting(step: &mut Step<'_>) -> Outcome<Vec<(SpaceId, bool, DueView)>> {
    let all = every(step)?.into_iter();
    let open = all.filter_map(|inquiry| Some((inquiry.id, inquiry.direction == INCOMING, inquiry.due?)));
    Ok(open.filter(|(_, _, due)| pressing(due)).collect())
}

/// What an inquiry waits for: an answer within the hours in which a referral is looked at where nothing was agreed; then a referral, or that
/// somebody else is asked. What came in waits until staff answer it or lay it aside, and what we asked until it led to a referral or staff
/// put it aside, whatever was answered: nothing leaves the list by itself.
fn due(inquiry: &InquiryView, now: Time) -> Option<DueView> {
    let patience = Hours::DEFAULT.acknowledge(inquiry.asked.urgency == Urgency::Urgent);
    let incoming = inquiry.direction == INCOMING;
    let ours = incoming || inquiry.off_network || inquiry.reply.is_some();
    let id = inquiry.id.short();
    let since = inquiry.replied.unwrap_or(inquiry.at);
    let (what, next) = match (inquiry.reply, incoming) {
        (Some(_), true) => return None,
        _ if inquiry.aside.is_some() || !inquiry.led_to.is_empty() => return None,
        (None, true) => ("answer the inquiry", format!("belay inquiry answer {id}")),
        (None, false) if inquiry.off_network => ("ask by telephone", format!("belay inquiry show {id}")),
        (None, false) => ("they have not answered yet", format!("belay inquiry show {id}")),
        (Some(Reply::No(_)), false) => ("they said no: ask another", format!("belay inquiry done {id}")),
        (Some(_), false) => ("they answered: refer, or ask another", format!("belay referral send --inquiry {id}")),
    };
    let by = since.plus(patience);
    let phone = (inquiry.off_network && inquiry.reply.is_none() && !inquiry.telephone.is_empty())
        .then(|| PhoneView { who: inquiry.other_name.clone(), telephone: inquiry.telephone.clone() });
    Some(DueView {
        timer: Timer::Inquiry,
        ours,
        since,
        by,
        overdue: by <= now,
        what: what.to_owned(),
        next,
        phone,
        steps: Vec::new(),
        say: None,
    })
}

/// One inquiry.
///
/// # Errors
/// None fits, or more than one does.
pub fn show(step: &mut Step<'_>, session: &StaffSession, given: &str) -> Outcome<InquiryView> {
    people::look(step, session, Looked::Inquiry, None, None)?;
    find(step, given)
}

/// Answers one that came in, or writes down what a partner off the network answered by telephone.
///
/// # Errors
/// One of ours whose partner answers itself.
pub fn answer(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    reply: Reply,
    from: Option<&Personal<String>>,
) -> Outcome<InquiryView> {
    let inquiry = find(step, given)?;
    if inquiry.off_network {
        let (by, at) = (session.by(), step.context().now);
        let heard = HeardReply { id: inquiry.id, by, at, from: from.cloned().unwrap_or_default(), reply };
        let heard = Outside::Reply(heard);
        heard.check()?;
        step.write_private(&PrivateBody::Outside(Box::new(heard)).encode())?;
    } else if inquiry.direction == INCOMING {
        let own = parties::own(step)?.org;
        let permit = permit(step, own, inquiry.other, Action::Seal)?;
        step.write_inquiry(inquiry.id, &permit, &InquiryBody::Reply(reply))?;
    } else {
        return Err(Failure::misuse(format!("{} is on the network and answers it there", inquiry.other_name)));
    }
    people::look(step, session, Looked::Inquiry, None, None)?;
    super::referrals::settled(step)?;
    find(step, &inquiry.id.to_string())
}

/// Nothing more comes of one: staff saw the answer to ours, or waited long enough; or they do not answer one that came in, and say why.
/// Who asked is told nothing of that: its own list says that nobody answered, and whom to phone.
///
/// # Errors
/// One that came in, without a word; a word that is too long.
pub fn aside(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    why: Option<&Personal<String>>,
) -> Outcome<InquiryView> {
    let inquiry = find(step, given)?;
    let why: Personal<String> = why.map(|why| why.reveal().trim().into()).unwrap_or_default();
    if inquiry.direction == INCOMING && why.reveal().is_empty() {
        let next = format!("belay inquiry answer {0}, or belay inquiry done {0} --why @FILE", inquiry.id.short());
        return Err(Failure::misuse("whoever asked waits for an answer: answer it, or say why nobody does").next(next));
    }
    short_enough(&why)?;
    let aside = Aside { id: inquiry.id, by: session.by(), at: step.context().now, why };
    step.write_private(&PrivateBody::Outside(Box::new(Outside::Aside(aside))).encode())?;
    people::look(step, session, Looked::Inquiry, None, None)?;
    super::referrals::settled(step)?;
    find(step, &inquiry.id.to_string())
}

/// An inquiry of ours from which a referral may follow.
///
/// # Errors
/// Not ours; not answered; answered with no.
pub fn answered(step: &mut Step<'_>, given: &str) -> Outcome<InquiryView> {
    let inquiry = find(step, given)?;
    let why = match inquiry.reply {
        _ if inquiry.direction == INCOMING => "this inquiry came in; only who asked refers".to_owned(),
        None => format!("{} has not answered yet", inquiry.other_name),
        Some(no @ Reply::No(_)) => format!("{} said {}", inquiry.other_name, no.words()),
        Some(Reply::Yes | Reply::WaitList(_) | Reply::Phone) => return Ok(inquiry),
    };
    Err(Failure::misuse(why).next("belay inquiry list"))
}

fn permit(step: &mut Step<'_>, from: OrgId, to: OrgId, action: Action) -> Result<Permit> {
    let ask = Ask { from, to, information: Information::Inquiry, purpose: Purpose::Treatment, action };
    decide(Basis::Inquiry, &ask, step.context().now).map_err(Fault::from)
}

const INCOMING: &str = "incoming";

fn find(step: &mut Step<'_>, given: &str) -> Outcome<InquiryView> {
    let all = every(step)?;
    named(&all, given, |i| (i.id.to_string(), String::new()), "inquiry", "belay inquiry list").cloned()
}

/// Ours as we recorded them, others' as they stand in their spaces.
fn every(step: &mut Step<'_>) -> Outcome<Vec<InquiryView>> {
    let (own, now) = (step.org(), step.context().now);
    let mut found = Vec::new();
    let mut asked_of = BTreeMap::new();
    for (_, record) in outside::all(step.draft(), Outside::INQUIRY, &[])? {
        let Outside::Inquiry(record) = record else { continue };
        asked_of.insert(record.id, record.to.clone());
        let mut view = bare(record.id, "outgoing", record.to.org, record.to.name, record.asked, record.at);
        if let Some(partner) = outside::get(step.draft(), record.to.org)? {
            view.telephone = partner.telephone;
            view.script = Some(view.asked.script());
        }
        found.push(view);
    }
    for (space, (org, at, body)) in kept::asked(step.draft())? {
        // A space is a referral's or an inquiry's: what a partner writes into the one is never read as the other.
        if let InquiryBody::Ask(asked) = body
            && org != own
            && threads::of_space(step.draft(), space)?.is_none()
        {
            let name = parties::called(step, org);
            found.push(bare(space, INCOMING, org, name, asked, at));
        }
    }
    for view in &mut found {
        complete(step.draft(), view)?;
        view.due = due(view, now);
        // Who is late is phoned by the number that was agreed; else the directory's is looked up.
        if let (Some(due), Some(party)) = (&mut view.due, asked_of.get(&view.id))
            && due.overdue
            && !due.ours
        {
            due.phone = worklist::telephone(step, party)?;
        }
    }
    found.sort_by(|a, b| b.at.cmp(&a.at).then(a.id.cmp(&b.id)));
    Ok(found)
}

fn bare(id: SpaceId, direction: &str, other: OrgId, other_name: String, asked: Inquiry, at: Time) -> InquiryView {
    InquiryView {
        id,
        direction: direction.to_owned(),
        other,
        other_name,
        off_network: is_outside(other),
        telephone: String::new(),
        asked,
        at,
        reply: None,
        replied: None,
        heard_from: None,
        script: None,
        led_to: Vec::new(),
        aside: None,
        due: None,
    }
}

/// The newest answer, and what came of it.
fn complete(view: &dyn View, inquiry: &mut InquiryView) -> Result<()> {
    if let Some((_, at, InquiryBody::Reply(reply))) = kept::replied(view, inquiry.id)? {
        (inquiry.reply, inquiry.replied) = (Some(reply), Some(at));
    }
    for (_, record) in outside::all(view, Outside::REPLY, &inquiry.id.0)? {
        if let Outside::Reply(heard) = record
            && inquiry.replied.is_none_or(|known| known <= heard.at)
        {
            (inquiry.reply, inquiry.replied) = (Some(heard.reply), Some(heard.at));
            inquiry.heard_from = Some(heard.from);
        }
    }
    // A question or an answer that comes afterwards is looked at again.
    let since = inquiry.replied.map_or(inquiry.at, |replied| replied.max(inquiry.at));
    let words = outside::all(view, Outside::ASIDE, &inquiry.id.0)?.into_iter().filter_map(|(_, record)| match record {
        Outside::Aside(aside) if aside.at >= since => Some(aside),
        _ => None,
    });
    let newest = words.max_by_key(|aside| aside.at);
    inquiry.aside = newest.map(|aside| AsideView { staff: aside.by.name, at: aside.at, why: aside.why });
    for (_, record) in outside::all(view, Outside::FOLLOWED, &inquiry.id.0)? {
        if let Outside::Followed(followed) = record {
            inquiry.led_to.push(followed.thread);
        }
    }
    Ok(())
}
