//! One act on a thread.

use super::untold::{self, Where};
use super::{Open, hints, left, request, settled, show, strike, timing, twice, write};
use crate::api::care::{ActRequest, ThreadView};
use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::staff::StaffSession;
use crate::usecases::{emergency, outside, people};
use crate::wording::Hint;
use belay_protocol::consent::Action;
use belay_protocol::disclosure::private::Direction;
use belay_protocol::engine::Step;
use belay_protocol::fault::Fault;
use belay_protocol::referral::{Act, Actor, Line, Outcome as Ending, State};
use belay_protocol::sensitive::Personal;

/// Does what staff ask for: tells it in the thread where the consent lets us, and where it has no way at all keeps it here.
///
/// # Errors
/// What has no effect where the referral stands, and what has ended: the refusal of `consent::decide`.
pub fn act(step: &mut Step<'_>, session: &StaffSession, given: &str, ask: &ActRequest) -> Outcome<ThreadView> {
    let mut open = Open::named(step, given)?;
    if outside::off_network(&open.thread) && !matches!(ask, ActRequest::Settle { .. }) {
        return outside::act(step, session, open, ask, None);
    }
    if let ActRequest::Left { why } = ask {
        return left::say(step, session, open, why);
    }
    if let ActRequest::Settle { .. } = ask {
        return settle(step, session, open, ask);
    }
    if let ActRequest::SayAgain { note } = ask {
        return untold::tell(step, session, open, note);
    }
    wanted(&open)?;
    let over = write::over(step, &open)?;
    let actor = open.actor();
    // What was written here while nothing could be told is known to nobody: the next step is taken from what they know.
    let there = if over.is_none() { open.known_there() } else { None };
    let mut hinted = Vec::new();
    for act in request::acts(step, &open, ask)? {
        if actor == Actor::Sender && matches!(ask, ActRequest::Close { .. }) {
            let message = "what came of it is said by who was referred to; nothing was recorded";
            return Err(Failure::misuse(message).next(
                "belay referral withdraw THREAD to take it back; where it came to nothing, belay referral settle THREAD",
            ));
        }
        // What stays here is written down though nobody is there to read it.
        let here = over.is_some_and(|over| write::stays(&open, &act, over));
        if !here {
            left::refuse_act(step, &open)?;
        }
        // What is refused because nothing more may be told is refused for that, whatever else it lacks.
        if !here && over.is_some() {
            open.may_tell(step, act.information(), Action::Seal).map_err(Fault::from)?;
        }
        timing::check(&act, (&open.state, request::stands(&open)), step.context().now)?;
        twice::refuse(&open, there.as_ref().filter(|_| !here), &act)?;
        hinted.extend(hints::of_act(&act));
        act.check()?;
        let behind = there.as_ref().filter(|_| !here && open.has_way(act.information()));
        let undoes = behind.is_some_and(|there| open.undoes_here(there, &act));
        follows(step, &open, &act, (behind.filter(|_| !undoes), here))?;
        if needs_link(&open, &act) {
            return Err(unlinked(&open));
        }
        let plan = emergency::plan(&act);
        let died = matches!(act, Act::Close { outcome: Ending::Deceased, .. });
        strike::lives(step, session, &open, &act)?;
        if undoes {
            write::here(step, session, &open, act)?;
        } else {
            write::act(step, session, &mut open, act)?;
        }
        if let Some(person) = open.thread.person.filter(|_| died) {
            people::has_died(step, session, person)?;
        }
        if let Some((person, (information, text))) = open.thread.person.zip(plan) {
            let now = step.context().now;
            emergency::keep_up(step, session, person, (now, information, &text))?;
        }
    }
    done(step, session, open, hinted)
}

/// That an act leads somewhere: where it is told, from where the others stand (`there`) and from where it stands here.
fn follows(step: &mut Step<'_>, open: &Open, act: &Act, (there, here): (Option<&State>, bool)) -> Outcome<()> {
    if let Some(there) = there {
        let leads = open.leads_both(there, act);
        return leads.map(drop).map_err(|(place, why)| unknown_there(open, act, place, why));
    }
    // What comes next after an end has a word of its own.
    let closed =
        here && matches!(act, Act::Close { .. }) && open.actor() == Actor::Recipient && open.state.place.is_lost();
    let leads = open.state.leads((open.own, open.actor()), act, here && !closed);
    leads.map(drop).map_err(|why| {
        let next = if write::may_settle(step, open).unwrap_or(false) {
            "belay referral show THREAD; what comes next for the person: belay referral settle THREAD"
        } else {
            "belay referral show THREAD"
        };
        Failure::misuse(format!("{} has no effect here: {why}", act.name())).next(next)
    })
}

/// A step that follows from one which the others do not know: that one stayed here, and is said first. Or one that says other than what
/// stayed here, which is struck first.
fn unknown_there(open: &Open, act: &Act, place: Where, why: &str) -> Failure {
    let (name, thread) = (act.name(), open.thread.thread.short());
    let stayed = "What was written here while nothing was told there";
    match place {
        Where::There => {
            let message = format!("{name} has no effect for {}: {why}. {stayed} stayed here", open.thread.other.name);
            Failure::misuse(message).next(format!(
                "belay referral show {thread}; say it again, in its order, as far as they are to know it (belay referral say-again {thread})"
            ))
        }
        Where::Here => {
            let own = |line: &&Line| line.local && line.act.moves() && show::may_be_mistaken(open, line);
            let entry = open.state.history.iter().rev().find(own).map_or("ENTRY".to_owned(), |line| line.entry.short());
            Failure::misuse(format!("{name} has no effect here: {why}. {stayed} says otherwise")).next(format!(
                "belay referral say-again {thread}, to tell them how it stands here; where that is not so, belay referral mistake {thread} {entry} first"
            ))
        }
    }
}

/// Nobody has said who the person is.
pub(in crate::usecases) fn unlinked(open: &Open) -> Failure {
    let thread = open.thread.thread.short();
    Failure::misuse("nobody here has said yet who the person of this referral is: look at who it may be, and link it first").next(
        format!("belay referral show {thread}, then belay referral link {thread} --person PERSON, or --new; what that person asked to leave out is kept to from then on (42 CFR 2.26)"),
    )
}

/// The thread after an act.
pub(super) fn done(step: &mut Step<'_>, session: &StaffSession, open: Open, hinted: Vec<Hint>) -> Outcome<ThreadView> {
    settled(step)?;
    let open = Open::new(step, open.thread)?;
    let mut view = show::view(step, session, &open)?;
    view.hints = hinted;
    // Staff read it with what came to them; after each act of their own it hides what the act did.
    view.notice = None;
    Ok(view)
}

/// Writes down what comes next for the person, or why nothing does. The other organisation needs to know nothing of it.
fn settle(step: &mut Step<'_>, session: &StaffSession, open: Open, ask: &ActRequest) -> Outcome<ThreadView> {
    if !write::may_settle(step, &open)? {
        let message = "what comes next for the person is written down here once the referral has ended, or where its sender hears nothing";
        return Err(Failure::misuse(message).next("belay referral close THREAD, or belay referral withdraw THREAD"));
    }
    let mut hinted = Vec::new();
    for act in request::acts(step, &open, ask)? {
        act.check()?;
        // What waits to be told since asks for it anew.
        if open.untold_since(step)?.is_none() {
            twice::refuse(&open, None, &act)?;
        }
        hinted.extend(hints::of_act(&act));
        open.state.leads((open.own, open.actor()), &act, true).map_err(|why| {
            Failure::misuse(format!("{} has no effect here: {why}", act.name())).next("belay referral show THREAD")
        })?;
        write::here(step, session, &open, act)?;
    }
    done(step, session, open, hinted)
}

/// Writes down what a partner who is not on the network said, as that partner's act.
///
/// # Errors
/// A partner who is on the network and speaks for itself; otherwise as [`act`].
pub fn heard(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    ask: &ActRequest,
    from: &Personal<String>,
) -> Outcome<ThreadView> {
    let open = Open::named(step, given)?;
    if !outside::off_network(&open.thread) {
        let message = format!("{} is on the network and answers for itself", open.thread.other.name);
        return Err(Failure::misuse(message).next("the command again without --heard-from"));
    }
    outside::act(step, session, open, ask, Some(from))
}

/// Nothing is done for a referral that came after the person had revoked its consent here.
pub(super) fn wanted(open: &Open) -> Outcome<()> {
    match open.thread.gone.filter(|_| open.thread.unwanted) {
        Some(at) => Err(Failure::not_permitted(format!(
            "the person revoked this consent here on {}, before this referral came (42 CFR 2.31(c)(3))",
            system::day(at)
        ))
        .next(format!("Telephone {}, which had no way to hear it", open.thread.other.name))),
        None => Ok(()),
    }
}

/// Whether staff must say first who the person is: who takes somebody in, or closes the loop, has looked whether that person is there already;
/// and who tells what is known of the person here, whether that person asked to leave it out (2.26). To decline or to ask back does neither.
pub(super) fn needs_link(open: &Open, act: &Act) -> bool {
    let takes_in = matches!(act, Act::Accept { .. } | Act::Close { .. });
    let tells = matches!(act, Act::Medication(_) | Act::Crisis(_) | Act::Summary(_) | Act::Attachment(_));
    (takes_in || tells) && is_unlinked(open)
}

/// It came here, and nobody has said whom it is about.
pub(in crate::usecases) fn is_unlinked(open: &Open) -> bool {
    open.thread.direction == Direction::Incoming && open.thread.person.is_none()
}
