//! One act on a thread, and who its person is.

use super::{Open, settled, show};
use crate::api::care::{ActRequest, ThreadView};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::StaffSession;
use crate::usecases::{outside, people};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::disclosure::private::{Direction, LocalAct};
use belay_protocol::engine::Step;
use belay_protocol::referral::{Act, Actor, Appointment, Body, Information, Place, Signed, step as transition};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

/// Writes an act: into the thread if the consent lets us tell it, and if it has no way back into our private space alone.
///
/// # Errors
/// What has no effect where the referral stands, and what has ended: the refusal of `consent::decide`.
pub fn act(step: &mut Step<'_>, session: &StaffSession, given: &str, ask: &ActRequest) -> Outcome<ThreadView> {
    let open = Open::named(step, given)?;
    if outside::off_network(&open.thread) {
        return outside::act(step, session, open, ask, None);
    }
    let act = from_request(ask, step.context().now);
    act.check()?;
    let actor = match open.thread.direction {
        Direction::Outgoing => Actor::Sender,
        Direction::Incoming => Actor::Recipient,
    };
    let act = match (act, actor) {
        // The sender's way to end it is to withdraw: final before acceptance, a request after it.
        (Act::Close { note, .. }, Actor::Sender) => Act::RequestCancel { reason: note },
        // To decline what the sender withdraws is to confirm the withdrawal.
        (Act::Decline { .. }, Actor::Recipient) if open.state.place == Place::CancelRequested => Act::ConfirmCancel,
        (act, _) => act,
    };
    transition(open.state.place, &act, actor).map_err(|why| {
        Failure::misuse(format!("{} has no effect here: {why}", act.name())).next("belay referral show")
    })?;
    if needs_link(&open, &act) {
        return Err(Failure::misuse(
            "nobody here has said yet who the person of this referral is: look at who it may be, and link it first",
        )
        .next("belay referral show THREAD, then belay referral link THREAD --person PERSON, or --new"));
    }
    if has_way(&open) {
        let notice = open.notice(step, session, Information::Referral)?;
        let what = format!("{} of the referral", act.name());
        let body = Body::Act(Signed { notice, by: session.by(), act });
        open.tell(step, session, Information::Referral, &body, &what)?;
    } else {
        keep_here(step, session, &open, act)?;
    }
    settled(step)?;
    super::threads::changed(step.draft(), open.thread.thread);
    let open = Open::new(step, open.thread)?;
    show::view(step, &open)
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

/// Whether staff must say first who the person is: who takes somebody in, or closes the loop, has looked whether that person is
/// there already. To decline or to ask back takes nobody in.
pub(super) fn needs_link(open: &Open, act: &Act) -> bool {
    open.thread.direction == Direction::Incoming
        && open.thread.person.is_none()
        && matches!(act, Act::Accept { .. } | Act::Close { .. })
}

/// Whether the consent, ended or not, ever had a way from us to the other organisation.
pub(super) fn has_way(open: &Open) -> bool {
    open.thread.direction == Direction::Outgoing
        || open.state.scopes.iter().any(|(_, s)| s.opens(open.own, open.thread.other.org, Information::Referral))
}

fn keep_here(step: &mut Step<'_>, session: &StaffSession, open: &Open, act: Act) -> Outcome<()> {
    let local = LocalAct {
        thread: open.thread.thread,
        after: super::threads::newest(&open.placed),
        by: session.by(),
        act,
        at: step.context().now,
        not_told: open.thread.other.org,
    };
    step.write_private(&PrivateBody::LocalAct(Box::new(local)).encode())?;
    Ok(())
}

pub(in crate::usecases) fn from_request(ask: &ActRequest, now: Time) -> Act {
    match ask {
        ActRequest::Accept { note } => Act::Accept { note: note.clone() },
        ActRequest::Decline { reason, note } => Act::Decline { reason: *reason, note: note.clone() },
        ActRequest::Schedule { at, place, mode, note } => {
            Act::Schedule(Appointment { at: *at, place: place.clone(), mode: *mode, note: note.clone() })
        }
        ActRequest::Attend { when } => Act::Attend { when: when.unwrap_or(now) },
        ActRequest::Message { text } => Act::Message { text: text.clone() },
        ActRequest::Close { outcome, note } => Act::Close { outcome: *outcome, note: note.clone() },
        ActRequest::ConfirmWithdrawal => Act::ConfirmCancel,
    }
}

/// Staff say who the person of an incoming thread is: `given`, or somebody new with what the thread tells.
///
/// # Errors
/// An outgoing thread; somebody new though the consent tells us nothing about who it is.
pub fn link(
    step: &mut Step<'_>,
    session: &StaffSession,
    thread: &str,
    given: Option<&Personal<String>>,
) -> Outcome<ThreadView> {
    let mut open = Open::named(step, thread)?;
    if open.thread.direction == Direction::Outgoing {
        return Err(Failure::misuse("only an incoming referral is linked; this one was sent from here"));
    }
    let person = match given {
        Some(given) => people::find(step.draft(), given)?.id,
        None => {
            let identity = open.identity(step).ok_or_else(|| {
                Failure::misuse("this referral does not say who the person is; add the person and link to them")
                    .next("belay person add")
            })?;
            people::new(step, &people::to_fields(&identity))?.id
        }
    };
    let linked = PrivateBody::Linked { thread: open.thread.thread, person, by: session.by() };
    step.write_private(&linked.encode())?;
    settled(step)?;
    super::threads::changed(step.draft(), open.thread.thread);
    open.thread.person = Some(person);
    show::view(step, &open)
}
