//! Who the person of an incoming thread is.

use super::{Open, settled, show};
use crate::api::care::ThreadView;
use crate::api::{Failure, Outcome};
use crate::usecases::people;
use crate::usecases::staff::StaffSession;
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::disclosure::private::Direction;
use belay_protocol::engine::Step;
use belay_protocol::sensitive::Personal;

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
    super::act::wanted(&open)?;
    let person = match given {
        Some(given) => people::find(step.draft(), given)?.id,
        None => {
            let identity = open.identity(step).ok_or_else(|| {
                Failure::misuse("this referral does not say who the person is; add the person and link to them")
                    .next("belay person add")
            })?;
            people::new(step, session, &people::to_fields(&identity, &Personal::default()))?.id
        }
    };
    let linked = PrivateBody::Linked { thread: open.thread.thread, person, by: session.by() };
    step.write_private(&linked.encode())?;
    settled(step)?;
    (open.thread.person, open.thread.filed) = (Some(person), Some(person));
    show::view(step, &open)
}
