//! A referral with how it came to be this one: the inquiry before it, the options that the person was shown, and that the person
//! chose. Nothing of that is asked for twice, and without it a referral goes all the same: the report counts it as not recorded.

use super::records::find;
use super::staff::StaffSession;
use super::{consents, inquiries, named, outside, people, referrals};
use crate::api::care::{
    ChoiceView, InquiryView, OptionsAsk, OptionsListView, OptionsView, Refer, Send, SendPreview, ThreadRow, ThreadView,
    Tied,
};
use crate::api::{Failure, Outcome};
use belay_protocol::disclosure::{Followed, Looked, Outside, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{DocumentId, OrgId, PersonId, ThreadId};
use belay_protocol::random;
use belay_protocol::referral::Urgency;
use belay_protocol::referral::choice::{Choice, Options, Why};
use belay_protocol::sensitive::Personal;
use belay_protocol::store::View;
use belay_protocol::time::DAY;

/// How long options that were shown stand for a choice without being named.
const FRESH: u64 = 30 * DAY;

/// What a request comes to with the inquiry that it follows.
struct Meant {
    inquiry: Option<InquiryView>,
    send: Send,
    off_network: bool,
    /// Of those off the network.
    partner: Option<String>,
}

impl Meant {
    fn by(step: &mut Step<'_>, ask: &Refer) -> Outcome<Self> {
        let inquiry = ask.inquiry.as_deref().map(|given| inquiries::answered(step, given)).transpose()?;
        let mut send = ask.send.clone();
        if inquiry.as_ref().is_some_and(|inquiry| inquiry.asked.urgency == Urgency::Urgent) {
            send.urgency = Urgency::Urgent;
        }
        let off_network = ask.off_network || inquiry.as_ref().is_some_and(|inquiry| inquiry.off_network);
        let partner = ask.partner.clone().or_else(|| inquiry.as_ref().map(|inquiry| inquiry.other.to_string()));
        Ok(Self { inquiry, send, off_network, partner })
    }
}

/// What would go to whom by [`refer`].
///
/// # Errors
/// An inquiry without a yes, or of somebody else; a consent that is not in force, or names more than one whom it could go to; a choice without
/// options.
pub fn preview(step: &mut Step<'_>, session: &StaffSession, ask: &Refer) -> Outcome<SendPreview> {
    let Meant { inquiry, mut send, off_network, partner } = Meant::by(step, ask)?;
    if off_network {
        send.to = Some(outside::whom(step, &send, partner.as_deref())?.to_string());
    } else if send.to.is_none() {
        send.to = partner;
    }
    let view = referrals::preview(step, session, &send)?;
    // What would be refused once somebody has said yes is refused before.
    if let Some(inquiry) = &inquiry {
        fits(inquiry, view.to, &view.to_name)?;
    }
    if ask.chosen && ask.only.is_none() && view.refused.is_none() {
        let consent = consents::in_force(step.draft(), &ask.send.consent)?;
        let person = find::shown(step.draft(), consent.person())?;
        shown(step, ask, person, view.to)?;
    }
    Ok(view)
}

/// That it goes to whom the inquiry went.
fn fits(inquiry: &InquiryView, to: OrgId, to_name: &str) -> Outcome<()> {
    if inquiry.other == to {
        return Ok(());
    }
    let message = format!("the inquiry went to {}, and the consent lets us refer to {to_name}", inquiry.other_name);
    Err(Failure::misuse(message))
}

/// Sends a referral, within the network or by letter, and records how it came about.
///
/// # Errors
/// As of the sending; an inquiry without a yes; a choice without options.
pub fn refer(step: &mut Step<'_>, session: &StaffSession, ask: &Refer) -> Outcome<ThreadView> {
    let Meant { inquiry, send, off_network, partner } = Meant::by(step, ask)?;
    let mut view = if off_network {
        outside::send(step, session, &send, partner.as_deref())?
    } else {
        referrals::send(step, session, &send)?
    };
    if let Some(inquiry) = inquiry {
        fits(&inquiry, view.row.other, &view.row.other_name)?;
        write(step, Outside::Followed(Followed { id: inquiry.id, thread: view.row.id }))?;
    }
    if let Some(person) = view.row.person {
        view.choice = record(step, session, ask, person, &view.row)?;
    }
    Ok(view)
}

/// The same of one that needs no consent.
///
/// # Errors
/// As of the sending; a choice without options.
pub fn refer_tied(step: &mut Step<'_>, session: &StaffSession, ask: &Tied) -> Outcome<ThreadView> {
    let mut view = referrals::send_tied(step, session, ask)?;
    if let Some(person) = view.row.person {
        let (options, listing) = (ask.options.clone(), ask.listing.clone());
        let (chosen, only) = (ask.chosen, ask.only);
        let refer = Refer { options, chosen, listing, only, ..Refer::new(false, ask.send.clone()) };
        view.choice = record(step, session, &refer, person, &view.row)?;
    }
    Ok(view)
}

fn record(
    step: &mut Step<'_>,
    session: &StaffSession,
    ask: &Refer,
    person: PersonId,
    sent: &ThreadRow,
) -> Outcome<Option<ChoiceView>> {
    let thread = sent.id;
    let (why, options, service) = match (ask.only, ask.chosen) {
        (Some(only), _) => (Why::OnlyOne(only), None, None),
        (None, true) => {
            let (options, service) = shown(step, ask, person, sent.other)?;
            (Why::Chose, Some(options), service)
        }
        (None, false) => return Ok(None),
    };
    let (by, at) = (session.by(), step.context().now);
    let choice = Choice { thread, by, at, options, why, service };
    write(step, Outside::Choice(choice.clone()))?;
    Ok(Some(seen(step.draft(), choice, Some(person))?))
}

/// How a referral of ours came to its recipient, as our own staff read it.
///
/// # Errors
/// `Store`.
pub fn shown_of(view: &dyn View, thread: ThreadId, person: Option<PersonId>) -> Result<Option<ChoiceView>> {
    of(view, thread)?.map(|choice| seen(view, choice, person)).transpose()
}

fn seen(view: &dyn View, choice: Choice, person: Option<PersonId>) -> Result<ChoiceView> {
    let kept = person.map(|person| options(view, person)).transpose()?.unwrap_or_default();
    let shown = kept.into_iter().find(|kept| Some(kept.id) == choice.options).map(|kept| kept.shown.len());
    let only = if let Why::OnlyOne(only) = choice.why { Some(only) } else { None };
    Ok(ChoiceView {
        staff: choice.by.name,
        at: choice.at,
        shown: shown.and_then(|shown| u32::try_from(shown).ok()),
        chosen: choice.why == Why::Chose,
        only,
        service: choice.service.map(|(listing, name)| if name.is_empty() { listing } else { name }),
    })
}

/// The options that the person chose from, and which of them: those that are named, else the newest of the last 30 days in which the chosen
/// one is, or what is asked for, or without either anything of the recipient's. Where that is more than one service and nobody says which was
/// chosen, none is named: what is asked for tells the recipient, and says no more for that.
fn shown(
    step: &mut Step<'_>,
    ask: &Refer,
    person: PersonId,
    to: OrgId,
) -> Outcome<(DocumentId, Option<(String, String)>)> {
    let mut kept = options(step.draft(), person)?;
    kept.sort_by_key(|options| options.at);
    let now = step.context().now;
    let search = "belay directory options WORDS --for PERSON";
    let outside = outside::get(step.draft(), to)?;
    let of_theirs = format!("{to}/");
    let chosen = ask.listing.as_deref();
    let service = chosen.or(ask.send.service.as_deref());
    let fits = |(id, name): &(String, String)| match (service, &outside) {
        (Some(service), _) => id == service && (chosen.is_none() || outside.is_some() || id.starts_with(&of_theirs)),
        (None, None) => id.starts_with(&of_theirs),
        (None, Some(partner)) => partner.listing.as_ref() == Some(id) || partner.name == *name,
    };
    let one = match &ask.options {
        Some(given) => {
            named(&kept, given, |o| (o.id.to_string(), String::new()), "set of options kept for this person", search)?
        }
        None => {
            let mut fresh = kept.iter().rev().filter(|o| o.at.plus(FRESH) > now).peekable();
            if fresh.peek().is_none() {
                return Err(Failure::misuse("no options were kept for this person in the last 30 days").next(search));
            }
            let what = if service.is_some() { "the service" } else { "the recipient" };
            fresh.find(|o| o.shown.iter().any(fits)).ok_or_else(|| {
                Failure::misuse(format!("{what} is not among the options that the person was shown")).next(search)
            })?
        }
    };
    let mut theirs = one.shown.iter().filter(|option| fits(option));
    match (theirs.next(), theirs.next()) {
        (Some(chosen), None) => Ok((one.id, Some(chosen.clone()))),
        (Some(_), Some(_)) => Ok((one.id, None)),
        (None, _) => {
            let what = if service.is_some() { "the service" } else { "the recipient" };
            Err(Failure::misuse(format!("{what} is not among the options that the person was shown")).next(search))
        }
    }
}

/// Keeps what a search showed the person, in the order in which it was shown.
///
/// # Errors
/// A person who is not known; too many options.
pub fn keep(step: &mut Step<'_>, session: &StaffSession, ask: &OptionsAsk) -> Outcome<OptionsView> {
    let person = people::find(step.draft(), &ask.person)?.id;
    let filters = serde_json::to_string(&ask.search).map_err(|e| Failure::failed(e.to_string()))?;
    let id = DocumentId(random::array(step.context().random));
    let (by, at, shown) = (session.by(), step.context().now, ask.shown.clone());
    let options = Options { id, person, by, at, filters: filters.as_str().into(), shown: shown.clone() };
    options.check()?;
    write(step, Outside::Options(options))?;
    people::look(step, session, Looked::Person, Some(person), None)?;
    Ok(OptionsView { id, person, shown })
}

/// What the person was shown lately, the newest first.
///
/// # Errors
/// A person who is not known.
pub fn list(step: &mut Step<'_>, session: &StaffSession, person: &Personal<String>) -> Outcome<OptionsListView> {
    let (person, now) = (people::find(step.draft(), person)?.id, step.context().now);
    people::look(step, session, Looked::Person, Some(person), None)?;
    let mut kept = options(step.draft(), person)?;
    kept.retain(|options| options.at.plus(FRESH) > now);
    kept.sort_by_key(|options| std::cmp::Reverse(options.at));
    let view = |options: Options| OptionsView { id: options.id, person, shown: options.shown };
    Ok(OptionsListView { options: kept.into_iter().map(view).collect() })
}

fn options(view: &dyn View, person: PersonId) -> Result<Vec<Options>> {
    let mut records = Vec::new();
    for record in find::records_of(view, person)?.records {
        records.extend(outside::all(view, Outside::OPTIONS, &record.0)?);
    }
    Ok(records
        .into_iter()
        .filter_map(|(_, record)| match record {
            Outside::Options(options) => Some(options),
            _ => None,
        })
        .collect())
}

/// The choice behind a referral, if one was recorded.
///
/// # Errors
/// `Store`.
pub fn of(view: &dyn View, thread: ThreadId) -> Result<Option<Choice>> {
    Ok(outside::all(view, Outside::CHOICE, &thread.0)?.into_iter().find_map(|(_, record)| match record {
        Outside::Choice(choice) => Some(choice),
        _ => None,
    }))
}

fn write(step: &mut Step<'_>, record: Outside) -> Result<()> {
    step.write_private(&PrivateBody::Outside(Box::new(record)).encode()).map(drop)
}
