//! One act on a referral off the network: ours, or the partner's as our staff heard it.

use super::files::first_told;
use super::letter;
use crate::api::care::{ActRequest, ThreadView};
use crate::api::{self, Failure};
use crate::usecases::people;
use crate::usecases::referrals::{Open, acts, hints, lives, settled, timing, twice, view};
use crate::usecases::staff::StaffSession;
use crate::usecases::threads;
use belay_protocol::consent::Action;
use belay_protocol::disclosure::{Brief, Outside, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::EntryHash;
use belay_protocol::limits;
use belay_protocol::referral::{
    Act, Actor, Barrier, Body, DeclineReason, Information, Outcome, OutsideAct, Place, Signed, Why, step as transition,
};
use belay_protocol::sensitive::Personal;

/// Writes an act. What our part may do by the table is ours, unless somebody there said it; the rest is the partner's, which the
/// consent must let tell us.
///
/// # Errors
/// What has no effect where the referral stands; what the consent lets the partner not tell.
pub(in crate::usecases) fn act(
    step: &mut Step<'_>,
    session: &StaffSession,
    open: Open,
    ask: &ActRequest,
    heard: Option<&Personal<String>>,
) -> api::Outcome<ThreadView> {
    let mut place = open.state.place;
    let mut after = threads::newest(&open.placed);
    let mut hinted = Vec::new();
    let mut meant_acts = Vec::new();
    for act in acts(step, &open, ask)? {
        act.check()?;
        hinted.extend(hints::of_act(&act));
        // To confirm a withdrawal or to close is our own end of it, and tells nobody: that needs no consent in force.
        let end = heard.is_none() && matches!(act, Act::ConfirmCancel | Act::Close { .. });
        meant_acts.extend(meant(act, place, heard.is_some())?.into_iter().map(|act| (act, end)));
    }
    for (act, end) in meant_acts {
        // What we heard of them and wrote down wrongly stands as theirs, and is taken back as theirs.
        let mistaken = matches!(act, Act::Mistake { .. });
        let ours = match &act {
            Act::Mistake { entry, .. } => {
                open.state.history.iter().any(|line| line.entry == *entry && line.org == open.own)
            }
            _ => heard.is_none() && transition(place, &act, Actor::Sender).is_ok(),
        };
        let actor = if ours { Actor::Sender } else { Actor::Recipient };
        place = transition(place, &act, actor).map_err(|why| {
            Failure::misuse(format!("{} has no effect here: {why}", act.name())).next("belay referral show THREAD")
        })?;
        timing::check(&act, (&open.state, open.state.appointment.as_ref()), step.context().now)?;
        twice::refuse(&open, None, &act)?;
        // What is written to them here was said to them: by telephone, at the desk, or beside the letter.
        let told = (ours && tells(&act)).then_some(act.information());
        let permit = told.map(|kind| open.may_tell(step, kind, Action::Export)).transpose().map_err(Fault::from)?;
        if !ours && !end && !mistaken {
            open.may_hear(step, act.information()).map_err(Fault::from)?;
        }
        if matches!(ask, ActRequest::Accept { .. }) {
            was_told(step, &open)?;
        }
        let notice = notice(&open);
        let brief = Brief::from(&act);
        let record = OutsideAct {
            thread: open.thread.thread,
            after,
            heard: if ours { None } else { Some(heard.cloned().unwrap_or_default()) },
            at: step.context().now,
            body: Body::Act(Signed { notice, by: session.by(), act }),
        };
        record.check()?;
        let died = matches!(&record.body, Body::Act(Signed { act: Act::Close { outcome: Outcome::Deceased, .. }, .. }));
        if let Body::Act(signed) = &record.body {
            lives(step, session, &open, &signed.act)?;
        }
        let entry = write(step, record)?;
        if let Some(person) = open.thread.person.filter(|_| died) {
            people::has_died(step, session, person)?;
        }
        if let Some(permit) = permit {
            letter::tell(
                step,
                session,
                &open,
                &permit,
                (entry, (brief, "what staff said or wrote to them about the referral")),
            )?;
        }
        after = vec![entry];
    }
    settled(step)?;
    let open = Open::new(step, open.thread)?;
    let mut view = view(step, session, &open)?;
    view.hints = hinted;
    Ok(view)
}

/// Who accepts has been told of whom: what was said or went is a disclosure, and stands on record first (2.25).
fn was_told(step: &mut Step<'_>, open: &Open) -> api::Outcome<()> {
    if first_told(step.draft(), open.thread.thread)?.is_some() {
        return Ok(());
    }
    let name = &open.thread.other.name;
    let message = format!("nothing of this referral went to {name} yet, so that it can accept nobody");
    let next = "belay referral letter THREAD; or, for what you told them by telephone, belay referral message THREAD";
    Err(Failure::misuse(message).next(next))
}

/// What goes with what we tell them.
fn notice(open: &Open) -> EntryHash {
    open.placed.iter().find(|p| matches!(p.body, Some(Body::Notice(_)))).map_or(EntryHash::ZERO, |p| p.hash)
}

/// Keeps that a file was chosen to go there: it is told when staff say how it went ([`super::files`]).
///
/// # Errors
/// The refusal of `consent::decide`.
pub(in crate::usecases) fn choose(
    step: &mut Step<'_>,
    session: &StaffSession,
    open: &Open,
    (information, act): (Information, Act),
) -> api::Outcome<()> {
    open.may_tell(step, information, Action::Export).map_err(Fault::from)?;
    let record = OutsideAct {
        thread: open.thread.thread,
        after: threads::newest(&open.placed),
        heard: None,
        at: step.context().now,
        body: Body::Act(Signed { notice: notice(open), by: session.by(), act }),
    };
    record.check()?;
    write(step, record)?;
    Ok(())
}

/// What staff mean who close a referral that nobody there has accepted yet: the table knows a withdrawal by the sender, an answer by
/// the recipient, and an end after one. A good end says that it was taken up; a bad one that the partner told, or for which the
/// partner has no room, is the partner's no, and no withdrawal of ours; any other is ours, with words, and says what it means for the
/// person: who is out of reach or elsewhere is nobody's, and stays on the list. Codes and barriers go along.
fn meant(act: Act, place: Place, heard: bool) -> api::Outcome<Vec<Act>> {
    let Act::Close { outcome, why } = act else { return Ok(vec![act]) };
    if place != Place::Sent {
        return Ok(vec![Act::Close { outcome, why }]);
    }
    if outcome.completed() {
        return Ok(vec![Act::Accept { note: Personal::default() }, Act::Close { outcome, why }]);
    }
    let no_room = why.barriers.iter().any(|barrier| matches!(barrier, Barrier::NoBeds | Barrier::Waitlist));
    if heard || no_room {
        let reason = match outcome {
            Outcome::PersonDeclined => DeclineReason::PersonDeclined,
            Outcome::LostContact => DeclineReason::CouldNotContact,
            Outcome::Moved => DeclineReason::OutOfArea,
            _ if no_room => DeclineReason::NoCapacity,
            _ => DeclineReason::Other,
        };
        return Ok(vec![Act::Decline { reason, note: reasons(outcome, &why) }]);
    }
    if why.note.reveal().trim().is_empty() {
        let message = "say in a few words what happened: nobody there had accepted it, and so nobody has the person";
        return Err(Failure::misuse(message).next("the command again with --note @FILE"));
    }
    Ok(vec![Act::RequestCancel { reason: reasons(outcome, &why) }, Act::Close { outcome, why }])
}

/// Code, barriers and words of an end, as words alone can say them.
fn reasons(outcome: Outcome, why: &Why) -> Personal<String> {
    let codes = [outcome.word()].into_iter().chain(why.barriers.iter().map(|barrier| barrier.word()));
    let codes = codes.collect::<Vec<_>>().join(", ").replace('_', " ");
    let note = why.note.reveal().trim();
    let whole = if note.is_empty() { codes } else { format!("{codes}: {note}") };
    Personal::new(whole.chars().take(limits::TEXT_CHARS).collect())
}

/// Acts that say something to the partner by themselves. All else of ours goes there with the next letter, or not at all.
const fn tells(act: &Act) -> bool {
    matches!(act, Act::Message { .. } | Act::Handoff(_))
}

/// Writes one entry of such a referral.
pub(super) fn write(step: &mut Step<'_>, act: OutsideAct) -> Result<EntryHash> {
    step.write_private(&PrivateBody::Outside(Box::new(Outside::Act(act))).encode())
}
