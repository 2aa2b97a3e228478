//! Acts on their way: into the space of their kind, under our notice, with a record of the disclosure; or into our private space.

use super::{Open, left, settled, show};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::StaffSession;
use crate::usecases::worklist::Over;
use crate::usecases::{parties, threads};
use belay_protocol::consent::{Action, notice};
use belay_protocol::disclosure::private::{Direction, LocalAct};
use belay_protocol::disclosure::{Brief, Note, PrivateBody};
use belay_protocol::engine::{Seat, Step, Telling};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{EntryHash, SpaceId};
use belay_protocol::referral::{Act, Actor, Answer, Body, By, Information, Notice, Place, Signed};

/// Writes an act that has an effect: where the consent has a way for its kind, into the thread, else here only. What is written for
/// the other side to use is refused where it can not be told. What became of the person is written down also after the consent has
/// ended, and stays here.
pub(super) fn act(step: &mut Step<'_>, session: &StaffSession, open: &mut Open, act: Act) -> Outcome<()> {
    let information = act.information();
    // What was kept here alone is nothing to anybody else.
    if let Act::Mistake { entry, .. } = &act
        && open.state.history.iter().any(|line| line.entry == *entry && line.local)
    {
        return here(step, session, open, act);
    }
    if over(step, open)?.is_some_and(|over| stays(open, &act, over)) {
        return here(step, session, open, act);
    }
    if !open.has_way(information) {
        // Words are for who reads them: none are kept as if they went.
        let unread = matches!(act, Act::Message { .. });
        if for_the_other(open, &act) || unread {
            open.may_tell(step, information, Action::Seal).map_err(Fault::from)?;
        }
        return here(step, session, open, act);
    }
    if open.thread.space(information).is_none() {
        match open.thread.direction {
            Direction::Outgoing => open_spaces(step, &session.by(), open, &[information])?,
            // Only the sender opens spaces; until it does, there is nowhere to put it.
            Direction::Incoming => return here(step, session, open, act),
        }
    }
    let notice = give_notice(step, &session.by(), open, information)?;
    let brief = Brief::from(&act);
    let what = match act {
        Act::Identity(_) => "who the person is and how to reach the person".to_owned(),
        Act::Send(_) => "the referral: reason, urgency, service asked for".to_owned(),
        _ => format!("{} of the referral", act.name()),
    };
    let body = Body::Act(Signed { notice, by: session.by(), act });
    tell(step, &session.by(), open, (information, information), &body, (brief, &what))?;
    Ok(())
}

/// What is left to be done where nothing more may be told, by whatever that ended.
///
/// # Errors
/// `Store`.
pub(super) fn over(step: &mut Step<'_>, open: &Open) -> Outcome<Option<Over>> {
    let now = step.context().now;
    Ok(show::ending(step, open)?.over(now))
}

/// Whether an act is written down here alone after that. Who has not taken the person in yet does not do so under an OK that was taken
/// back, or under which nothing more is told.
pub(super) fn stays(open: &Open, act: &Act, over: Over) -> bool {
    let takes_in = matches!(act, Act::Accept { .. } | Act::Acknowledge);
    keeps_here(open, act) && !(takes_in && over.by_word())
}

/// Whether it is ours to say what comes next for the person, or why nothing does: the sender's where the person did not get there and
/// where no answer may come back; each side's own where the consent ended on the way, and after a good end. It is the recipient's too where it
/// came to nothing and the sender, who may not be told of that (2.26), still waits.
///
/// # Errors
/// `Store`.
pub(super) fn may_settle(step: &mut Step<'_>, open: &Open) -> Outcome<bool> {
    let place = open.state.place;
    Ok(match (open.actor(), place) {
        (_, Place::Nothing | Place::EnteredInError) | (Actor::Member, _) => false,
        (Actor::Sender | Actor::Recipient, Place::Completed) => true,
        (Actor::Recipient, _) => match over(step, open)? {
            Some(_) => !place.is_final(),
            None => open.end_unheard(),
        },
        (Actor::Sender, _) => {
            place.is_lost() || open.state.answer == Answer::NotPermitted || over(step, open)?.is_some()
        }
    })
}

/// What is of use in our own records, though nobody else may be told: what became of the person, and what our staff tried.
pub(super) fn keeps_here(open: &Open, act: &Act) -> bool {
    match (open.thread.direction, act) {
        (_, Act::Message { .. } | Act::Attachment(_) | Act::HeardRevocation { .. }) => false,
        (Direction::Incoming, _) => true,
        (Direction::Outgoing, _) => matches!(
            act,
            Act::Need(_)
                | Act::CheckIn(_)
                | Act::Lost { .. }
                | Act::Attempt(_)
                | Act::Seen(_)
                | Act::Close { .. }
                // Of an appointment of our own, in a team.
                | Act::Attend { .. }
                | Act::NoShow { .. }
                | Act::Mistake { .. }
        ),
    }
}

/// What a sender writes for the recipient alone has no use here.
pub(super) fn for_the_other(open: &Open, act: &Act) -> bool {
    open.thread.direction == Direction::Outgoing && !matches!(act, Act::Need(_) | Act::CheckIn(_) | Act::Mistake { .. })
}

/// Keeps an act at this node alone.
pub(super) fn here(step: &mut Step<'_>, session: &StaffSession, open: &Open, act: Act) -> Outcome<()> {
    let local = LocalAct {
        thread: open.thread.thread,
        after: threads::newest(&open.placed),
        by: session.by(),
        act,
        at: step.context().now,
        not_told: open.thread.other.org,
    };
    step.write_private(&PrivateBody::LocalAct(Box::new(local)).encode())?;
    Ok(())
}

/// Opens the spaces of these kinds in a thread of ours, with our notice in each. Where the consent lets only the other organisation
/// tell a kind, its space holds nothing of ours but that notice, which is about the referral.
pub(super) fn open_spaces(step: &mut Step<'_>, by: &By, open: &mut Open, kinds: &[Information]) -> Outcome<()> {
    let (coalition, _) = parties::roster(step)?;
    if let Some(referral) = open.thread.space(Information::Referral)
        && !super::team::anybody_in(step, open, referral)?
    {
        let why =
            format!("this referral has ended for {}, and nothing is opened in it any more", open.thread.other.name);
        return Err(Failure::not_permitted(why).next("belay referral send, for a new one"));
    }
    for information in kinds {
        if open.thread.space(*information).is_some() {
            continue;
        }
        // Whatever a later version opens: who does not take the person in learns nothing new of the person.
        if open.state.place.is_lost() {
            let why =
                format!("{} does not take the person in, and nothing more is opened to it", open.thread.other.name);
            return Err(Failure::not_permitted(why).next("belay referral send, for a new one"));
        }
        let seated = open.seats(step, *information)?;
        let seats: Vec<Seat<'_>> = seated.iter().map(|one| Seat { permit: &one.permit, write: one.write }).collect();
        let space = step.found_thread(coalition, true, &seats)?;
        open.thread.spaces.push((*information, space));
    }
    open.thread.spaces.sort_unstable();
    step.write_private(&PrivateBody::Thread(Box::new(open.thread.record())).encode())?;
    settled(step)?;
    for information in kinds {
        give_notice(step, by, open, *information)?;
    }
    Ok(())
}

/// The notice of ours under which an act of this kind stands: the last one, if it says what holds now, or a new one.
pub(super) fn give_notice(
    step: &mut Step<'_>,
    by: &By,
    open: &mut Open,
    information: Information,
) -> Outcome<EntryHash> {
    let scope = open.part_today(information, step.context().now).map_err(Fault::from)?;
    if let Some((given, hash)) = open.given(information)
        && *given == scope
    {
        return Ok(hash);
    }
    let given = scope.clone();
    let body = Body::Notice(Box::new(Notice {
        thread: open.thread.thread,
        information,
        text: notice::STATEMENT_1.to_owned(),
        scope,
        by: by.clone(),
    }));
    let what = if open.thread.tied() {
        "what the agreement of both lets be told without a consent"
    } else {
        "the part of the consent that concerns the recipient"
    };
    let what = format!("the notice of 42 CFR 2.32 and {what}");
    let kind = if open.has_way(information) { information } else { Information::Referral };
    let hash = tell(step, by, open, (information, kind), &body, (Brief::Notice, &what))?;
    open.notices.push((information, given, hash));
    Ok(hash)
}

/// Seals a body into the space of `of`, as information of `kind`. The engine records the disclosure.
pub(super) fn tell(
    step: &mut Step<'_>,
    by: &By,
    open: &Open,
    (of, kind): (Information, Information),
    body: &Body,
    what: (Brief, &str),
) -> Result<EntryHash> {
    let space = open
        .thread
        .space(of)
        .ok_or_else(|| Fault::not_permitted(format!("this referral has no space for `{of}` information")))?;
    tell_each(step, by, open, (of, kind, space), &[&body.encode()], what)
}

/// Seals some bodies as one telling: one permit and one record for each who reads there.
pub(super) fn tell_each(
    step: &mut Step<'_>,
    by: &By,
    open: &Open,
    (of, kind, space): (Information, Information, SpaceId),
    bodies: &[&[u8]],
    what: (Brief, &str),
) -> Result<EntryHash> {
    let permits = open.may_tell_each(step, kind, Action::Seal)?;
    left::refuse_unread(step, open, of, space)?;
    let notes: Vec<Note> = permits.iter().map(|permit| open.note(by, what, permit.to())).collect();
    let tellings: Vec<Telling<'_>> =
        permits.iter().zip(&notes).map(|(permit, note)| Telling { permit, note }).collect();
    step.write_parts(space, &tellings, bodies)
}
