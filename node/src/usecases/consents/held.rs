//! What had been written before a consent was suspended and was not fetched yet: this node, and each other of this organisation, sends it to
//! nobody until the consent stands again (42 CFR 2.31(c)(4)), and passes on no keys. In a team no more than keys is held back: whoever has an
//! entry there passes it on, and who is left has to hear who was taken out.

use crate::usecases::threads::{self, Thread};
use belay_protocol::consent::{Consent, open_doubts};
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, OrgId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::space::hold::Held;

/// Holds back what stands in the referrals under a consent of ours, or lets it go, as the consent stands now.
///
/// # Errors
/// `Store`.
pub(super) fn follow(step: &mut Step<'_>, consent: ConsentId) -> Result<()> {
    let held = match super::get(step.draft(), consent)? {
        Some(Consent::Void(_)) => true,
        Some(known) => known.signed().is_some_and(|signed| signed.suspended().is_some()),
        None => false,
    };
    threads::under(step.draft(), consent)?.iter().try_for_each(|thread| set(step, thread, held))
}

/// The same for what came here under this part of a consent, whoever keeps it.
///
/// # Errors
/// `Store`.
pub(super) fn follow_part(step: &mut Step<'_>, part: ConsentId) -> Result<()> {
    let came = threads::came_like(step.draft(), &part.0)?;
    let mut keepers: Vec<OrgId> = came.iter().filter(|one| one.consent == part).map(|one| one.other.org).collect();
    keepers.sort_unstable();
    keepers.dedup();
    for keeper in keepers {
        let held = open_doubts(&threads::doubts(step.draft(), keeper, part)?).next().is_some();
        let under = came.iter().filter(|one| (one.consent, one.other.org) == (part, keeper));
        under.into_iter().try_for_each(|thread| set(step, thread, held))?;
    }
    Ok(())
}

fn set(step: &mut Step<'_>, thread: &Thread, held: bool) -> Result<()> {
    let what = if thread.is_team() || planted::is(Bug::SuspendedSent) { Held::Keys } else { Held::All };
    for (_, space) in &thread.spaces {
        for other in thread.others() {
            if held { step.hold(*space, other.org, what)? } else { step.let_go(*space, other.org)? }
        }
    }
    Ok(())
}
