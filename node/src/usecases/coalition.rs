//! Founding, inviting, joining, approving, removing, leaving.
//!
//! The network part of a join is a talk of small frames that `driver` carries: [`answer`] at the inviter, [`begin`] and [`heard`]
//! at the newcomer. The same goes by files.

mod file;
mod newcomer;
mod view;

pub use file::{answer_file, join_file};
pub(in crate::usecases) use newcomer::keep_introducers;
pub use newcomer::{Heard, Pages, begin, going_on, heard, introducers, join_view};
pub use view::{coalition, member_roster, orgs, show, standing, words};

use super::identity;
use crate::api::stewards::RemovalView;
use crate::api::views::{ApprovedView, FoundView, InviteRow, InviteView, InvitesView, Standing};
use crate::api::{Failure, Outcome};
use belay_protocol::coalition::handshake::{self, Answer, Party};
use belay_protocol::coalition::invite::{Claimed, Invite, Refusal, Relay, Terms, Tries};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::engine::{ADDRESSES, Engine, Step};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{InviteId, NodeId, OrgId, SpaceId};
use belay_protocol::limits;
use belay_protocol::planted::{self, Bug};
use belay_protocol::space::{ProposalState, Roster};
use belay_protocol::store::{Draft, Table, View};
use belay_protocol::time::{HOUR, Time};
use std::sync::Arc;

/// Founds a coalition with this organisation as its only steward.
///
/// # Errors
/// In a coalition already, or a name that is none.
pub fn found(step: &mut Step<'_>, name: &str) -> Outcome<FoundView> {
    let name = identity::proper_name("the coalition's name", name)?;
    alone(step)?;
    let card = identity::card(step)?;
    newcomer::end_all(step.draft())?;
    let space = step.found_coalition(&name, card)?;
    Ok(FoundView { space, name })
}

/// How a newcomer can come to this node.
#[derive(Debug, Default)]
pub struct Ways {
    /// Ours, best first.
    pub addresses: Vec<String>,
    /// Whether any of them can be reached from outside.
    pub reachable: bool,
    /// Nodes that let it through to us.
    pub relays: Vec<Relay>,
}

/// Makes an invite that a newcomer comes with by these ways. With `file` also the first of the three files.
///
/// # Errors
/// In no coalition, no steward, a life that is too long, too many open invites.
pub fn invite(step: &mut Step<'_>, note: Option<String>, hours: u64, file: bool, ways: Ways) -> Outcome<InviteView> {
    let roster = roster(step)?;
    steward(step, &roster)?;
    let Ways { addresses, reachable, relays } = ways;
    if addresses.is_empty() && relays.is_empty() && !file {
        return Err(Failure::misuse("this node listens on no address that others could reach")
            .next("belay run --listen ..., or belay invite --file F"));
    }
    let now = step.context().now;
    let terms = Terms {
        maker: step.node(),
        coalition: roster.coalition,
        hint: note,
        life: hours.saturating_mul(HOUR),
        addresses: addresses.into_iter().take(limits::INVITE_ADDRESSES).collect(),
        relays,
    };
    let (_, draft, random) = step.drawing();
    let bad_hours = !(HOUR..=limits::INVITE_LIFE_MAX).contains(&terms.life);
    let bad_note = terms.hint.as_deref().is_some_and(|hint| identity::proper_name("the note", hint).is_err());
    let invite = Invite::make(draft, terms, now, random).map_err(|fault| match (bad_hours, bad_note) {
        (true, _) => {
            Failure::from(fault).next(format!("belay invite --hours N, from 1 to {}", limits::INVITE_LIFE_MAX / HOUR))
        }
        (false, true) => Failure::from(fault).next("belay invite --org NAME, or without --org"),
        (false, false) => Failure::from(fault).next("belay invite list"),
    })?;
    let content = if file { Some(file::invite_file(step, invite.clone())?) } else { None };
    tell(step, invite.id())?;
    let through = |relay: &Relay| roster.org_of(&relay.node).map(|org| roster.name_of(&org));
    let org = step.engine().0.org();
    Ok(InviteView {
        id: invite.id().to_string(),
        code: invite.code(org).text().as_str().to_owned(),
        expires: invite.expires,
        through: invite.relays.iter().filter_map(through).collect(),
        addresses: invite.addresses,
        reachable,
        file: content,
    })
}

/// The invites of this organisation, newest first.
///
/// # Errors
/// `Store`.
pub fn invites(view: &dyn View, now: Time) -> Outcome<InvitesView> {
    let mut all = Invite::all(view)?;
    all.sort_by_key(|invite| std::cmp::Reverse(invite.made));
    let row = |invite: &Invite| InviteRow {
        id: invite.id().to_string(),
        note: invite.hint.clone(),
        expires: invite.expires,
        state: invite.standing(now).to_owned(),
        came: invite.claims().iter().map(|claimed| claimed.card.name.clone()).collect(),
    };
    Ok(InvitesView { invites: all.iter().map(row).collect() })
}

/// Takes an invite back.
///
/// # Errors
/// None such, or its newcomer is a member already.
pub fn cancel(step: &mut Step<'_>, invite: &str) -> Outcome<()> {
    let now = step.context().now;
    let invite = Invite::find(step, invite).map_err(|f| Failure::from(f).next("belay invite list"))?;
    let id = invite.cancel(step.draft(), now)?.id();
    Ok(tell(step, id)?)
}

/// Answers one frame of a stranger on the invite protocol. The refusal is for our own log.
///
/// # Errors
/// `Store` or `Bug`.
pub fn answer(step: &mut Step<'_>, tries: &mut Tries, peer: NodeId, frame: &[u8]) -> Result<(Answer, Option<Refusal>)> {
    let me = party(step)?;
    let now = step.context().now;
    let about = match handshake::Request::decode(frame) {
        Ok(handshake::Request::Claim(claim)) => Some(claim.claiming.invite),
        Ok(handshake::Request::Ask(ask)) => Some(ask.invite),
        Ok(handshake::Request::Return(_) | handshake::Request::Who(_)) | Err(_) => None,
    };
    let kept = |step: &Step<'_>| about.map_or(Ok(None), |id| Invite::load(step, id));
    let before = kept(step)?;
    let (engine, draft, random) = step.drawing();
    let mut known = Known::of(engine, draft)?;
    let mut inviter = handshake::inviter::Inviter { me: &me, coalitions: &mut known, tries };
    let answered = inviter.answer(draft, peer, frame, now, random)?;
    // A claim was taken, or the roster fetched: our other machines hear of it.
    if let Some(invite) = kept(step)?.filter(|invite| before.as_ref() != Some(invite)) {
        tell(step, invite.id())?;
    }
    Ok(answered)
}

/// What is known of invites changed by another machine's word, in [`Table::Own`]: relays are to be told.
const INVITES_CHANGED: &[u8] = b"invites-changed";

/// Keeps what a machine of ours wrote of an invite.
///
/// # Errors
/// `Store`.
pub fn keep_invite(draft: &mut Draft<'_>, invite: Invite) -> Result<()> {
    if invite.keep(draft)? {
        draft.put(Table::Own, INVITES_CHANGED, []);
    }
    Ok(())
}

/// Who is in a coalition, or governs it, changed: while this organisation was out it could tell relays nothing of its invites.
///
/// # Errors
/// `Store`.
pub fn look_at_invites(draft: &mut Draft<'_>) -> Result<()> {
    if !Invite::all(draft)?.is_empty() {
        draft.put(Table::Own, INVITES_CHANGED, []);
    }
    Ok(())
}

/// Whether something became of an invite elsewhere.
///
/// # Errors
/// `Store`.
pub fn invites_changed(view: &dyn View) -> Result<bool> {
    Ok(view.get(Table::Own, INVITES_CHANGED)?.is_some())
}

/// Tells relays of it. Says who waits with an invite with which another waits as well: somebody else has its code.
///
/// # Errors
/// `Store`.
pub fn follow_invites(step: &mut Step<'_>) -> Result<Option<String>> {
    step.draft().delete(Table::Own, INVITES_CHANGED);
    step.publish_passes()?;
    for invite in Invite::all(step)? {
        let nodes: std::collections::BTreeMap<NodeId, String> =
            invite.waiting().iter().map(|claimed| (claimed.node(), claimed.card.name.clone())).collect();
        if nodes.len() > 1 {
            return Ok(Some(nodes.into_values().collect::<Vec<_>>().join(" and ")));
        }
    }
    Ok(None)
}

/// Something became of an invite here: the organisation's other machines are to know, and relays whom its pass lets through.
pub(super) fn tell(step: &mut Step<'_>, invite: InviteId) -> Result<()> {
    if let Some(invite) = Invite::load(step, invite)?.filter(|_| !planted::is(Bug::InviteUntold)) {
        step.write_private(&PrivateBody::Invite(Box::new(invite)).encode())?;
    }
    step.publish_passes()
}

/// A steward's yes to who came with an invite.
///
/// # Errors
/// Nobody such waits, or we are no steward.
pub fn approve(step: &mut Step<'_>, org: &str) -> Outcome<ApprovedView> {
    let roster = roster(step)?;
    steward(step, &roster)?;
    let mut waiting = waiting(step)?;
    // By whichever of its words: it is the same key.
    let mut seen = std::collections::BTreeSet::new();
    waiting.retain(|(invite, claimed)| seen.insert((*invite, claimed.node())));
    let key = |(_, claimed): &(InviteId, Claimed)| (claimed.org().to_string(), claimed.card.name.clone());
    let one = super::named(&waiting, org, key, "waiting organisation", "belay org list")
        .map_err(|failure| stands_as(&roster, org, false).unwrap_or(failure))?;
    let (invite, claimed) = (one.0, one.1.clone());
    let now = step.context().now;
    let invite = Invite::load(step, invite)?.ok_or_else(|| Failure::failed("the invite is gone"))?;
    let by_file = invite.addresses.is_empty() && invite.relays.is_empty();
    let invite = invite.approve(step.draft(), claimed.node(), now)?;
    let grant = step.admit(roster.coalition, claimed.card.clone(), claimed.certificate.clone())?;
    let id = invite.id();
    let content = if by_file { Some(file::welcome_file(step, invite)?) } else { None };
    tell(step, id)?;
    Ok(ApprovedView { organisation: claimed.org(), name: claimed.card.name, grant, file: content })
}

/// Removes an organisation, or proposes that to the other stewards where the charter asks for more than one.
///
/// # Errors
/// None such, no steward, proposed and approved by us before.
pub fn remove(step: &mut Step<'_>, org: &str) -> Outcome<RemovalView> {
    let roster = roster(step)?;
    steward(step, &roster)?;
    let members: Vec<(OrgId, String)> =
        roster.orgs.iter().filter(|(_, m)| !m.removed).map(|(id, m)| (*id, m.card.name.clone())).collect();
    let key = |(id, name): &(OrgId, String)| (id.to_string(), name.clone());
    let (id, _) = super::named(&members, org, key, "organisation", "belay org list")
        .map_err(|failure| stands_as(&roster, org, true).unwrap_or(failure))?;
    if *id == step.engine().0.org() {
        return Err(Failure::misuse("this is your own organisation").next("belay leave"));
    }
    let (org, threshold) = (*id, roster.chain.in_force().map_or(1, |(_, charter)| charter.threshold));
    if threshold == 1 {
        step.remove(roster.coalition, org)?;
        return Ok(RemovalView { organisation: org, name: roster.name_of(&org), removed: true, proposal: None });
    }
    let proposed =
        step.propose_removal(roster.coalition, org).map_err(|f| Failure::from(f).next("belay steward list"))?;
    let removed = proposed.state == ProposalState::Done;
    let proposal = Some(super::stewards::view(&proposed, &roster, step.org()));
    Ok(RemovalView { organisation: org, name: roster.name_of(&org), removed, proposal })
}

/// Of who is named and stands otherwise than is asked: that it does.
fn stands_as(roster: &Roster, given: &str, removed: bool) -> Option<Failure> {
    let those: Vec<(OrgId, String)> = roster
        .orgs
        .iter()
        .filter(|(_, member)| member.removed == removed)
        .map(|(id, member)| (*id, member.card.name.clone()))
        .collect();
    let key = |(id, name): &(OrgId, String)| (id.to_string(), name.clone());
    let (_, name) = super::named(&those, given, key, "organisation", "belay org list").ok()?;
    let how = if removed { "is out of the coalition already" } else { "is a member already" };
    Some(Failure::misuse(format!("{name} {how}; nothing was done")).next("belay org list"))
}

/// Leaves the coalition; or, where this organisation is still `waiting` to be let into one, waits no more. Whoever asks says which of the two, since
/// it may have been let in meanwhile, and out is out for the whole organisation.
///
/// # Errors
/// In none and waiting for none, the other of the two, or the last steward.
pub fn leave(step: &mut Step<'_>, waiting: bool) -> Outcome<()> {
    let (engine, draft) = step.engine();
    match (waiting, view::standing(engine, draft)? == Standing::Waiting) {
        (true, true) => return Ok(newcomer::end_all(draft)?),
        (true, false) => {
            let told = "this organisation does not wait to be let in any more; nothing was done";
            return Err(Failure::misuse(told).next("belay status"));
        }
        (false, true) => {
            let told = "this organisation is in no coalition and waits to be let into one; nothing was done";
            return Err(Failure::misuse(told).next("belay status; belay leave, to wait no more"));
        }
        (false, false) => {}
    }
    let roster = roster(step)?;
    let own = step.org();
    let others = roster.orgs.iter().any(|(org, member)| *org != own && !member.removed);
    step.leave(roster.coalition).map_err(|fault| match (fault.message.contains("the last steward"), others) {
        (true, true) => Failure::misuse("the only steward names another before it leaves; nothing was done")
            .next(format!("belay steward propose --add ORG --drop \"{}\", then belay leave", roster.name_of(&own))),
        (true, false) => Failure::misuse(
            "the only steward names another before it leaves, and nobody else is in this coalition; nothing was done",
        )
        .next(
            "belay invite, to let another in that becomes steward (belay steward propose); to join another coalition instead: belay init with \
             --data and a new folder, and belay join there",
        ),
        (false, _) => Failure::from(fault),
    })?;
    Ok(())
}

/// Who waits for a steward's approval, with the invite they came with. One newcomer may have come to two machines of ours, with other
/// words at each: it is there once for each.
fn waiting(view: &dyn View) -> Result<Vec<(InviteId, Claimed)>> {
    let claimed = |invite: Invite| -> Vec<(InviteId, Claimed)> {
        invite.waiting().into_iter().map(|claimed| (invite.id(), claimed.clone())).collect()
    };
    Ok(Invite::all(view)?.into_iter().flat_map(claimed).collect())
}

/// The roster of the coalition that this organisation is in.
///
/// # Errors
/// In none.
pub fn roster(step: &mut Step<'_>) -> Outcome<Arc<Roster>> {
    let (engine, draft) = step.engine();
    if let Some(roster) = view::member_roster(engine, draft)? {
        return Ok(roster);
    }
    Err(match view::standing(engine, draft)? {
        Standing::Removed => Failure::misuse("this organisation is in its coalition no more").next("belay status"),
        Standing::Waiting => {
            Failure::misuse("this organisation waits for a steward's approval of its join").next("belay status")
        }
        Standing::Alone | Standing::Member | Standing::Steward => {
            Failure::misuse("this organisation is in no coalition").next("belay found NAME, or belay join")
        }
    })
}

/// The protocol keeps no organisation from being in several coalitions; staff, pages and the directory speak of one.
fn alone(step: &mut Step<'_>) -> Outcome<()> {
    let (engine, draft) = step.engine();
    match view::member_roster(engine, draft)? {
        None => Ok(()),
        Some(roster) => {
            Err(Failure::misuse(format!("this organisation is in {} already", roster.name)).next("belay status"))
        }
    }
}

pub(super) fn steward(step: &mut Step<'_>, roster: &Roster) -> Outcome<()> {
    if roster.is_steward(&step.engine().0.org()) {
        return Ok(());
    }
    let stewards: Vec<&str> = roster
        .chain
        .in_force()
        .map_or(&[][..], |(_, charter)| &charter.stewards)
        .iter()
        .filter_map(|s| roster.member(s))
        .map(|m| m.card.name.as_str())
        .collect();
    Err(Failure::not_permitted(format!("only a steward of the coalition does this: {}", stewards.join(", ")))
        .next("belay org list"))
}

/// This organisation, as handshakes show it.
///
/// # Errors
/// `Store`.
pub fn party(step: &mut Step<'_>) -> Result<Party> {
    let card = identity::card(step)?;
    Ok(Party { card, certificate: step.engine().0.identity().certificate().clone() })
}

/// What the handshake asks of our coalition. Its entries and registers are read only where an answer holds them: whoever knows an
/// address may ask.
struct Known<'e> {
    engine: &'e mut Engine,
    roster: Option<Arc<Roster>>,
}

impl<'e> Known<'e> {
    fn of(engine: &'e mut Engine, view: &dyn View) -> Result<Self> {
        let roster = view::member_roster(engine, view)?;
        Ok(Self { engine, roster })
    }

    fn in_it(&self, coalition: SpaceId) -> Result<&Roster> {
        self.roster
            .as_deref()
            .filter(|r| r.coalition == coalition)
            .ok_or_else(|| Fault::misuse("this node is not in the coalition of that invite any more"))
    }
}

impl handshake::Coalition for Known<'_> {
    fn name(&self, coalition: SpaceId) -> Result<String> {
        self.in_it(coalition).map(|r| r.name.clone())
    }
    fn is_ours(&self, coalition: SpaceId) -> Result<bool> {
        Ok(self.roster.as_ref().is_some_and(|roster| roster.coalition == coalition))
    }
    fn is_member(&self, coalition: SpaceId, org: OrgId) -> Result<bool> {
        self.in_it(coalition).map(|r| r.member(&org).is_some())
    }
    fn is_out(&self, coalition: SpaceId, org: OrgId, node: NodeId) -> Result<bool> {
        self.in_it(coalition)
            .map(|r| r.retired.contains(&node) || r.orgs.get(&org).is_some_and(|member| member.removed))
    }
    fn known_in(&self, org: OrgId) -> Result<Option<SpaceId>> {
        Ok(self.roster.as_deref().filter(|roster| roster.orgs.contains_key(&org)).map(|roster| roster.coalition))
    }
    fn control_entry(&mut self, view: &dyn View, coalition: SpaceId, number: u32) -> Result<Option<Vec<u8>>> {
        self.in_it(coalition)?;
        self.engine.control_entry(view, coalition, number)
    }
    fn addresses(&mut self, view: &dyn View, coalition: SpaceId) -> Result<Vec<(NodeId, Vec<String>)>> {
        self.in_it(coalition)?;
        let mut addresses = Vec::new();
        for register in self.engine.registers(view, coalition)? {
            if register.name == ADDRESSES
                && let Ok(list) = belay_protocol::codec::decode::<Vec<String>>("addresses", &register.value)
            {
                addresses.push((register.node, list));
            }
        }
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests;
