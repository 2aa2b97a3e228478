//! Joining without a network: three files that go there and back.

use super::newcomer::{Pages, enter};
use super::{Known, alone, join_view, party, roster, steward};
use crate::api::views::{JoinView, OrgRow, Standing, WaitingView};
use crate::api::{Failure, Outcome, Secret};
use crate::usecases::identity::own_prekey;
use belay_protocol::coalition::handshake::files;
use belay_protocol::coalition::handshake::inviter::Inviter;
use belay_protocol::coalition::invite::armor::{self, Paper};
use belay_protocol::coalition::invite::{Invite, Stage, Tries};
use belay_protocol::engine::Step;
use belay_protocol::keys::NodeKey;

/// The first file.
pub(super) fn invite_file(step: &mut Step<'_>, invite: Invite) -> Outcome<String> {
    let me = party(step)?;
    let (engine, draft, random) = step.drawing();
    let (mut known, mut tries) = (Known::of(engine, draft)?, Tries::default());
    let inviter = Inviter { me: &me, coalitions: &mut known, tries: &mut tries };
    Ok(inviter.invite_file(draft, invite, random)?.as_str().to_owned())
}

/// Takes the second file, at the inviter: who wants to join now waits for approval. Where a steward has let it in, the third file is made again: the
/// first may never have been written.
///
/// # Errors
/// A damaged file, a claim that is refused, no steward.
pub fn answer_file(step: &mut Step<'_>, content: &Secret) -> Outcome<WaitingView> {
    let roster = roster(step)?;
    steward(step, &roster)?;
    let (me, now) = (party(step)?, step.context().now);
    let (engine, draft, random) = step.drawing();
    let (mut known, mut tries) = (Known::of(engine, draft)?, Tries::default());
    let inviter = Inviter { me: &me, coalitions: &mut known, tries: &mut tries };
    let invite = inviter.take_claim_file(draft, content.reveal(), now, random)?;
    super::tell(step, invite.id())?;
    let claimed = invite.claims().first().copied().cloned();
    let claimed = claimed.ok_or_else(|| Failure::failed("the claim was not kept"))?;
    let admitted = claimed.stage != Stage::Waits;
    let gone = roster.member(&claimed.org()).is_none() || roster.retired.contains(&claimed.node());
    if admitted && gone {
        return Err(Failure::misuse(format!(
            "{} was let in with this invite, and is out or retired since",
            claimed.card.name
        ))
        .next("belay invite --file F, for another try"));
    }
    let welcome = if admitted { Some(welcome_file(step, invite)?) } else { None };
    Ok(WaitingView {
        organisation: OrgRow {
            id: claimed.org(),
            name: claimed.card.name.clone(),
            kind: claimed.card.kind,
            state: if admitted { "member" } else { "waiting" }.into(),
            nodes: 1,
            fingerprint: claimed.words(),
        },
        welcome,
    })
}

/// The third file, for who was approved.
pub(super) fn welcome_file(step: &mut Step<'_>, invite: Invite) -> Outcome<String> {
    let (me, now) = (party(step)?, step.context().now);
    let key = NodeKey::from_seed(**step.engine().0.identity().key().seed());
    let (engine, draft, random) = step.drawing();
    let (mut known, mut tries) = (Known::of(engine, draft)?, Tries::default());
    let mut inviter = Inviter { me: &me, coalitions: &mut known, tries: &mut tries };
    Ok(inviter.welcome_file(draft, invite, &key, now, random)?)
}

/// Takes the first or the third file, at the newcomer, whichever it is.
///
/// # Errors
/// A damaged file, one that is not for us, in a coalition already.
pub fn join_file(step: &mut Step<'_>, content: &Secret) -> Outcome<JoinView> {
    alone(step)?;
    let me = party(step)?;
    let now = step.context().now;
    if armor::read_as(Paper::Welcome, content.reveal()).is_ok() {
        let prekey = own_prekey(step)?;
        let (join, approved) =
            files::take_welcome_file(step.draft(), content.reveal(), &prekey).map_err(|fault| {
                Failure::from(fault).next(
                    "belay join --file INVITE first, at the machine that is to join; then the welcome that comes back for its answer",
                )
            })?;
        let (coalition, fingerprint) = (approved.coalition, join.words().unwrap_or_default());
        enter(step, approved, (&join, &mut Pages::default()))?;
        return Ok(JoinView { coalition: Some(coalition), standing: Standing::Member, fingerprint, file: None });
    }
    let key = NodeKey::from_seed(**step.engine().0.identity().key().seed());
    let (_, draft, random) = step.drawing();
    let join = files::take_invite_file(draft, content.reveal(), &me, now, random)?;
    Ok(join_view(&join, Some(files::claim_file(&join, &key))))
}
