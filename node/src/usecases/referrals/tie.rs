//! Referrals that rest on no consent: the other is part of the same program, or serves it under an agreement that both signed (42 CFR
//! 2.12(c)(3), (4)). What they may hold is what that agreement names, as of the moment at which it is told.

use super::{Ground, Open, settled};
use crate::api::Outcome;
use crate::usecases::agreements;
use crate::usecases::threads::Thread;
use belay_protocol::consent::{Action, Scope, Shut};
use belay_protocol::engine::{Seat, Step};
use belay_protocol::ids::OrgId;
use belay_protocol::referral::Information;

/// What ties us, by what both signed and not by what the other says in the thread; where nothing ever did, nothing is permitted.
pub(super) fn ground(step: &mut Step<'_>, own: OrgId, thread: &Thread) -> Outcome<Ground> {
    let now = step.context().now;
    Ok(match agreements::tied(step, thread.other.org, thread.person)? {
        Some(tie) => Ground::Tie(Box::new(tie)),
        None => Ground::Withdrawn(
            Box::new(Scope::nothing(thread.consent, thread.version, own, now)),
            Shut::NothingMore(now),
        ),
    })
}

impl Open {
    /// Whether we agreed with the person not to tell this by the agreement (2.26).
    pub(super) fn withholds(&self, information: Information) -> bool {
        let other = self.thread.other.org;
        matches!(&self.ground, Ground::Tie(tie) if tie.withheld.iter().any(|one| one.forbids(other, information)))
    }

    /// What came to us by an agreement, which goes to nobody else.
    pub(in crate::usecases) fn tied_part(&self) -> Option<Scope> {
        let newest = self.state.scopes.iter().max_by_key(|(_, scope)| scope.version);
        newest.map(|(_, scope)| scope.clone()).filter(|scope| scope.tie.is_some())
    }
}

/// After the agreement changed: closes what it names no more, and lets the other's place in the rest end when it does.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn follow_tie(step: &mut Step<'_>, thread: Thread) -> Outcome<()> {
    let other = thread.other.org;
    let open = Open::new(step, thread)?;
    for (information, space) in &open.thread.spaces {
        match open.may_tell(step, *information, Action::Grant) {
            Ok(permit) if super::is_open(step, *space, other)? && step.may_write(*space)? => {
                step.renew(*space, &Seat { permit: &permit, write: open.way_back(*information) })?;
            }
            Ok(_) => {}
            Err(_) => super::close_space(step, *space, other)?,
        }
    }
    settled(step)
}
