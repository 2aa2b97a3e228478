//! What the person asks to leave out (42 CFR 2.26), as the referrals feel it that are open: what ends by it, and what does not come back when
//! the person lets it in again.

use super::left::{self, Gone};
use super::{Open, is_open, settled, team};
use crate::api::Outcome;
use crate::usecases::outside;
use crate::usecases::threads::{self, Thread};
use belay_protocol::consent::{Action, Restriction};
use belay_protocol::disclosure::private::Direction;
use belay_protocol::engine::Step;
use belay_protocol::ids::{ConsentId, PersonId, ThreadId};
use belay_protocol::referral::{Information, Party, is_outside};

/// An open referral that a restriction touches.
pub(in crate::usecases) struct Touched {
    pub thread: ThreadId,
    /// Who is told less.
    pub name: String,
    pub loses: Loses,
}

/// What it loses.
pub(in crate::usecases) enum Loses {
    /// It ends for that organisation.
    All,
    Parts(Vec<Information>),
    /// Off the network: no further letter goes.
    Letters,
    LetterParts(Vec<Information>),
}

/// What a restriction would take from a referral, by organisation; nothing of one that came here or has come to an end.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn touched(step: &mut Step<'_>, thread: Thread, one: &Restriction) -> Outcome<Vec<Touched>> {
    let open = Open::new(step, thread)?;
    let mut all = Vec::new();
    if open.thread.direction == Direction::Incoming || open.state.place.is_final() {
        return Ok(all);
    }
    let others: Vec<Party> = open.thread.others().cloned().collect();
    for other in others {
        let letters = is_outside(other.org);
        let mut kinds = Vec::new();
        if letters {
            for kind in Information::ALL {
                if one.forbids(other.org, kind) && open.may_tell(step, kind, Action::Export).is_ok() {
                    kinds.push(kind);
                }
            }
        }
        for (information, space) in &open.thread.spaces {
            // A space that only the other fills was opened on the strength of `referral`.
            let kind = if open.has_way_to(other.org, *information) { *information } else { Information::Referral };
            if !letters && one.forbids(other.org, kind) && is_open(step, *space, other.org)? {
                kinds.push(*information);
            }
        }
        let whole = kinds.contains(&Information::Referral);
        let loses = match (whole, letters) {
            _ if kinds.is_empty() => continue,
            (true, true) => Loses::Letters,
            (true, false) => Loses::All,
            (false, true) => Loses::LetterParts(kinds),
            (false, false) => Loses::Parts(kinds),
        };
        all.push(Touched { thread: open.thread.thread, name: other.name, loses });
    }
    Ok(all)
}

/// After something was agreed to be left out: closes what may be told no more in the person's referrals that go by an agreement. Those under
/// a consent follow it.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn leave_out_tied(step: &mut Step<'_>, person: PersonId) -> Outcome<()> {
    for thread in threads::of_person(step.draft(), person)? {
        if !thread.tied() || thread.direction == Direction::Incoming {
            continue;
        }
        let other = thread.other.org;
        let open = Open::new(step, thread)?;
        for (information, space) in &open.thread.spaces {
            if open.may_tell(step, *information, Action::Grant).is_err() {
                super::close_space(step, *space, other)?;
            }
        }
        settled(step)?;
    }
    Ok(())
}

/// Referrals under a consent that ended here, or lost a part, while it did not let them go on, and that it would let go on now: what was shut
/// stays shut. What staff do then, a sentence each.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn to_send_anew(step: &mut Step<'_>, consent: ConsentId) -> Outcome<Vec<String>> {
    let mut says = Vec::new();
    for thread in threads::under(step.draft(), consent)? {
        let open = Open::new(step, thread)?;
        // Once staff have said what comes next, nothing is left to send.
        let over = open.state.place.is_final() || open.state.settled.is_some();
        if over || outside::off_network(&open.thread) {
            continue;
        }
        let (id, name) = (open.thread.thread.short(), &open.thread.other.name);
        if let Some(gone) = left::alone(step, &open)? {
            if gone == Gone::TakenOut && open.newly(step, Information::Referral) {
                says.push(format!(
                    "Referral {id} to {name} ended here when the consent did not let it go on, and does not come back. Send a new one."
                ));
            }
            continue;
        }
        for (information, space) in &open.thread.spaces {
            let told = *information != Information::Referral && open.has_way(*information);
            if told && !team::anybody_in(step, &open, *space)? && open.newly(step, *information) {
                says.push(format!(
                    "Referral {id} to {name} goes on without its `{information}` part, which does not come back. Send a new one to tell it."
                ));
            }
        }
    }
    Ok(says)
}
