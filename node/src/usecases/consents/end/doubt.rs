//! That a consent may be false: any staff member who learns of it stops what is told under it, and the privacy officer says whether it is, or
//! lets it stand again.

use super::{came, signed, staff, to_judge};
use crate::api::care::ConsentView;
use crate::api::{Failure, Outcome};
use crate::usecases::consents::{self, held, show_now, sign, write};
use crate::usecases::staff::StaffSession;
use crate::usecases::{emergency, short_enough};
use belay_protocol::consent::{Consent, Revoked};
use belay_protocol::engine::Step;
use belay_protocol::sensitive::Personal;

/// Suspends it, or lets it stand again. Nobody is taken out of a referral by it and nobody is told: while it stands open nothing is told
/// under the consent, as the gate refuses it (2.31(c)(4)). Of one that came with a referral and is kept elsewhere: what this organisation tells.
///
/// # Errors
/// A consent that is not in force (to end a doubt, one that was taken back is not refused); no reason; to let it stand, who is not the
/// privacy officer, or a consent that is not suspended.
pub fn suspend(
    step: &mut Step<'_>,
    session: &StaffSession,
    given: &str,
    why: &Personal<String>,
    lift: bool,
) -> Outcome<ConsentView> {
    if lift {
        staff::privacy_officer(step.draft(), session, "to let a suspended consent stand again")?;
    }
    if !consents::ours(step.draft(), given)?
        && let Some(view) = came::suspend(step, session, given, (why, lift))?
    {
        return Ok(view);
    }
    // Of one that the person took back meanwhile it is judged all the same what was told under it.
    let (mut signed, revoked) = if lift { to_judge(step, given)? } else { (signed(step, given)?, None) };
    short_enough(why)?;
    let reason = why.reveal().trim();
    if reason.is_empty() {
        return Err(no_reason(lift));
    }
    let (by, now, id) = (session.by(), step.context().now, signed.id);
    let since = signed.suspended().map(|doubt| doubt.at);
    match (lift, since.is_some()) {
        (true, false) => {
            return Err(Failure::misuse("this consent is not suspended").next("belay consent show CONSENT"));
        }
        (false, true) => {
            return Err(Failure::misuse("this consent is suspended already, until the privacy officer has judged it")
                .next("belay consent show CONSENT"));
        }
        (true, true) => _ = signed.uphold(reason.into(), by.clone(), now),
        (false, false) => signed.doubt(reason.into(), by.clone(), now),
    }
    let stands = revoked.is_none();
    let consent = match revoked {
        Some((at, told, heard_by)) => Consent::Revoked(Revoked { signed, at, told, heard_by }),
        None => Consent::Signed(signed),
    };
    write(step, &by, &consent)?;
    held::follow(step, id)?;
    if let Some(since) = since.filter(|_| lift && stands) {
        // What was said meanwhile narrows what stands again.
        sign::follow_through(step, Some(&by), id)?;
        emergency::caught_up(step, session, &consent, since)?;
    }
    show_now(step, session, &consent)
}

pub(super) fn no_reason(lift: bool) -> Failure {
    let asked = if lift { "say why it stands" } else { "say what may be false in it, and how you learned of it" };
    Failure::misuse(asked).next("--why @FILE")
}
