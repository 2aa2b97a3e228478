//! Threads that several organisations work on, because the person named them as a team: who reads which kind, what each is told, and what
//! a later version of the consent changes in it. Reasons: `decisions/teams.md` of the protocol.

use super::{Ground, Open, close_space, consent, differs, is_open, settled, write};
use crate::api::Outcome;
use crate::api::care::{JoinView, MemberView};
use crate::usecases::{calls, parties, threads};
use belay_protocol::consent::{
    Action, Ask, Consent, Draft, Permit, Refusal, Scope, Seated, decide, nobody, seats, team_part, would_read,
};
use belay_protocol::disclosure::private::Direction;
use belay_protocol::disclosure::{Brief, PrivateBody};
use belay_protocol::engine::{Seat, Step};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{OrgId, SpaceId};
use belay_protocol::referral::{Body, By, Information, Party, Purpose, State, kind_name};
use belay_protocol::sync::rights;
use belay_protocol::time::Time;

/// Who works on a referral of ours to `other` besides the two, as the consent names them.
pub(in crate::usecases) fn in_team(consent: &Consent, own: OrgId, other: OrgId) -> Vec<Party> {
    let terms = consent.terms();
    if !terms.team.contains(&own) || !terms.team.contains(&other) {
        return Vec::new();
    }
    let besides = terms.team.iter().filter(|org| **org != own && **org != other);
    besides.filter_map(|org| terms.party(*org).cloned()).collect()
}

/// What the newest notices of all spaces say together. `base`: that of the referral.
pub(super) fn whole(state: &State, base: Scope) -> Scope {
    let others = state.scopes.iter().filter(|(_, scope)| *scope != base).map(|(_, scope)| scope.clone());
    let others: Vec<Scope> = others.collect();
    base.together(others)
}

/// Whether anybody but us is in a space.
///
/// # Errors
/// `Store`.
pub(super) fn anybody_in(step: &mut Step<'_>, open: &Open, space: SpaceId) -> Result<bool> {
    for other in open.thread.others() {
        if is_open(step, space, other.org)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether anybody of a team reads the referral itself.
///
/// # Errors
/// `Store`.
pub(super) fn stands(step: &mut Step<'_>, open: &Open) -> Result<bool> {
    match open.thread.space(Information::Referral) {
        Some(space) => anybody_in(step, open, space),
        None => Ok(false),
    }
}

impl Open {
    /// The versions of our consent under which this goes on.
    fn versions(&self) -> Option<&[Consent]> {
        match &self.ground {
            Ground::Consent(consent) => Some(std::slice::from_ref(consent)),
            Ground::Versions(versions) => Some(versions),
            Ground::Scope(..) | Ground::Withdrawn(..) | Ground::Tie(_) => None,
        }
    }

    /// Who sends, and for which purpose, as staff chose it.
    fn for_team(&self) -> (OrgId, Option<&Purpose>) {
        (self.own, self.thread.purpose.as_ref())
    }

    /// What the sender ever told of the team.
    pub(super) fn said_to_team(&self) -> impl Iterator<Item = &Scope> {
        let sender = self.thread.parties(self.own).sender;
        let theirs = self.placed.iter().filter(move |p| p.org == sender && self.thread.is_team());
        theirs.filter_map(|p| match &p.body {
            Some(Body::Notice(notice)) if notice.thread == self.thread.thread => Some(&notice.scope),
            Some(Body::Notice(_) | Body::Act(_) | Body::Chunk(_)) | None => None,
        })
    }

    /// Who reads what stands in the space of this kind, as we were told: none where we do not read it ourselves.
    pub(super) fn readers(&self, information: Information) -> &[OrgId] {
        let told = self.state.scopes.iter().find(|(kind, _)| *kind == information);
        told.map_or(&[], |(_, scope)| &scope.team)
    }

    /// Asks for each of the team who reads this kind.
    pub(super) fn may_tell_team(
        &self,
        now: Time,
        information: Information,
        action: Action,
    ) -> std::result::Result<Vec<Permit>, Refusal> {
        let ask = |to: OrgId| {
            let named = || self.ground.purpose(self.own, to, information);
            let purpose = self.thread.purpose.clone().unwrap_or_else(named);
            Ask { from: self.own, to, information, purpose, action }
        };
        if let Some(versions) = self.versions() {
            let told: Vec<Permit> = seats(versions, self.for_team(), information, action, now)
                .into_iter()
                .map(|seat| seat.permit)
                .collect();
            if !told.is_empty() {
                return Ok(told);
            }
            // Of nobody: what stands against telling who was referred to says why.
            return match decide(self.ground.basis(), &ask(self.thread.other.org), now) {
                Err(refusal) => Err(refusal),
                Ok(_) => Err(nobody(information)),
            };
        }
        let others: Vec<OrgId> = self.readers(information).iter().copied().filter(|org| *org != self.own).collect();
        if others.is_empty() {
            return match decide(self.basis(information), &ask(self.thread.other.org), now) {
                Err(refusal) => Err(refusal),
                Ok(_) => Err(nobody(information)),
            };
        }
        others.into_iter().map(|org| decide(self.basis(information), &ask(org), now)).collect()
    }

    /// Whether who is referred to may be told of it, and not others of the team alone.
    pub(super) fn may_refer(&self, now: Time) -> std::result::Result<(), Refusal> {
        if !self.thread.is_team() {
            return Ok(());
        }
        let (from, to, information) = (self.own, self.thread.other.org, Information::Referral);
        let named = || self.ground.purpose(from, to, information);
        let purpose = self.thread.purpose.clone().unwrap_or_else(named);
        decide(self.ground.basis(), &Ask { from, to, information, purpose, action: Action::Seal }, now).map(|_| ())
    }

    /// What goes with what we tell those who read this kind.
    pub(super) fn team_part(&self, information: Information, now: Time) -> std::result::Result<Scope, Refusal> {
        let Some(versions) = self.versions() else {
            let Ground::Scope(scope, _) = &self.ground else { return Err(nobody(information)) };
            return Ok(scope.of_kind(information, self.readers(information)));
        };
        let (sender, why) = self.for_team();
        let part = team_part(versions, (sender, self.thread.other.org, why), information, now)?;
        let of_kind = self.notices.iter().filter(|(kind, ..)| *kind == information).map(|(_, scope, _)| scope);
        Ok(part.told_after(of_kind.max_by_key(|scope| scope.version)))
    }

    /// What another organisation of this thread is called; empty where nobody said.
    pub(super) fn name_of(&self, org: OrgId) -> String {
        if org == self.own {
            return String::new();
        }
        let once = || self.said_to_team().find_map(|scope| scope.party(org)).map(|party| party.name.clone());
        let named = self.thread.with(org).map(|party| party.name.clone());
        named.or_else(|| self.called(org)).or_else(once).unwrap_or_default()
    }

    /// What this thread says of the consent, for people.
    pub(super) fn explained(&self) -> Option<Scope> {
        if !self.thread.is_team() {
            return self.ground.scope_for(self.thread.other.org).ok();
        }
        let of_referral = self.state.scopes.iter().find(|(kind, _)| *kind == Information::Referral);
        of_referral.map(|(_, scope)| whole(&self.state, scope.clone()))
    }

    /// Who gets a place in the space of this kind, and whether to write: the other organisation, or each of the team whom the consent names
    /// for this kind.
    pub(super) fn seats(&self, step: &mut Step<'_>, information: Information) -> Outcome<Vec<Seated>> {
        if self.thread.is_team() {
            let now = step.context().now;
            let seated = seats(self.versions().unwrap_or_default(), self.for_team(), information, Action::Grant, now);
            if seated.is_empty() {
                self.may_tell_team(now, information, Action::Grant).map_err(Fault::from)?;
            }
            // Who has left the coalition has no node here that could read.
            return Ok(seated.into_iter().filter(|one| calls::reached(step, one.permit.to())).collect());
        }
        // A space that only the other fills rests on `referral`.
        let kind = if self.has_way(information) { information } else { Information::Referral };
        let permit = self.may_tell(step, kind, Action::Grant).map_err(Fault::from)?;
        Ok(vec![Seated { permit, write: self.way_back(information) }])
    }

    /// What each of the team would read of these kinds, before anything is sent.
    pub(super) fn would_read(&self, step: &mut Step<'_>, kinds: &[Information]) -> Outcome<Vec<MemberView>> {
        if !self.thread.is_team() {
            return Ok(Vec::new());
        }
        let mut members: Vec<MemberView> = Vec::new();
        for party in self.thread.others() {
            members.push(self.member(party, party.org == self.thread.other.org));
        }
        for information in kinds {
            for seat in self.seats(step, *information).unwrap_or_default() {
                if let Some(view) = members.iter_mut().find(|view| view.org == seat.permit.to()) {
                    view.reads.push(*information);
                }
            }
        }
        Ok(members)
    }

    /// Everybody in the thread of a team, us among them, and what each reads, as far as we may know.
    pub(super) fn members(&self, step: &mut Step<'_>) -> Outcome<Vec<MemberView>> {
        if !self.thread.is_team() {
            return Ok(Vec::new());
        }
        let own = parties::own(step)?;
        let recipient = self.thread.parties(self.own).recipient;
        let mut members = Vec::new();
        for party in std::iter::once(&own).chain(self.thread.others()) {
            let mut reads = Vec::new();
            for (information, space) in &self.thread.spaces {
                let (engine, draft) = step.engine();
                if engine.fold(draft, *space)?.reading().any(|org| org == party.org) {
                    reads.push(*information);
                }
            }
            let member = self.member(party, party.org == recipient);
            let next = match reads.is_empty() {
                true => format!("{} was taken out: it reads nothing here any more.", party.name),
                false => member.next,
            };
            members.push(MemberView { reads, next, ..member });
        }
        Ok(members)
    }

    /// `acts`: this is who was referred to.
    fn member(&self, party: &Party, acts: bool) -> MemberView {
        MemberView {
            org: party.org,
            name: party.name.clone(),
            kind: kind_name(party.kind).to_owned(),
            acts,
            next: format!("{}: {}", party.name, self.passing_on(party)),
            reads: Vec::new(),
        }
    }
}

/// After the consent of a team's thread changed: takes out of each space whom the consent does not name for it any more, lets the places of
/// the others end when it does, lets in whom the person added, and tells all who read a kind what changed in it. Without `by` another
/// node of ours changed it: that node lets in and tells, and this one only takes out.
pub(super) fn follow(step: &mut Step<'_>, by: Option<&By>, mut open: Open) -> Outcome<()> {
    let (own, now) = (open.own, step.context().now);
    let referral = open.thread.space(Information::Referral);
    let goes_on = !open.state.place.is_final() && referral.is_some();
    let before = open.thread.team.len();
    for (information, space) in open.thread.spaces.clone() {
        let seated = seats(open.versions().unwrap_or_default(), open.for_team(), information, Action::Grant, now);
        let (engine, draft) = step.engine();
        let inside: Vec<OrgId> = engine.fold(draft, space)?.members.keys().copied().filter(|org| *org != own).collect();
        for org in inside.iter().filter(|org| !seated.iter().any(|one| one.permit.to() == **org)) {
            close_space(step, space, *org)?;
        }
        // Where we were told that we are out, there is nobody whose place could go on.
        let writes = step.may_write(space)?;
        let Some(by) = by.filter(|_| !seated.is_empty() && writes) else { continue };
        for one in &seated {
            let (org, seat) = (one.permit.to(), Seat { permit: &one.permit, write: one.write });
            if is_open(step, space, org)? {
                step.renew(space, &seat)?;
            } else if goes_on
                && calls::reached(step, org)
                && rights::removals_from(step.draft(), org, space)?.is_empty()
            {
                remember(&mut open, org);
                let note = open.note(by, (Brief::Before, "what stood in the referral before it came to the team"), org);
                step.grant(space, &seat, &note)?;
            }
        }
        let part = open.part_today(information, now);
        if let (Ok(part), true) = (part, anybody_in(step, &open, space)?)
            && open.given(information).is_none_or(|(then, _)| differs(then, &part) || then.team != part.team)
        {
            write::give_notice(step, by, &mut open, information)?;
        }
    }
    if let Some(by) = by {
        if open.thread.team.len() > before {
            step.write_private(&PrivateBody::Thread(Box::new(open.thread.record())).encode())?;
        }
        consent::widen(step, by, &mut open)?;
    }
    settled(step)
}

/// Keeps the name of who comes to a team.
fn remember(open: &mut Open, org: OrgId) {
    let newest = open.versions().and_then(<[Consent]>::last);
    let party = newest.and_then(|consent| consent.terms().party(org)).cloned();
    if let Some(party) = party.filter(|_| open.thread.with(org).is_none()) {
        open.thread.team.push(party);
        open.thread.team.sort_unstable();
    }
}

/// What of the threads under a consent each will read once the draft is signed, and does not read today: who comes to the team, and who is in
/// it already and is named for more. It is asked before anybody signs.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn joins(step: &mut Step<'_>, draft: &Draft) -> Outcome<Vec<JoinView>> {
    let now = step.context().now;
    let mut joins = Vec::new();
    for thread in threads::under(step.draft(), draft.id)? {
        if !thread.is_team() || thread.direction == Direction::Incoming {
            continue;
        }
        let open = Open::new(step, thread)?;
        if open.state.place.is_final() || !stands(step, &open)? {
            continue;
        }
        for (information, space) in &open.thread.spaces {
            let history = open.state.history.iter();
            let acts = history.filter(|line| !line.local && line.act.information() == *information).count();
            for org in would_read(open.versions().unwrap_or_default(), draft, open.for_team(), *information, now) {
                // As when it is signed: who was taken out does not come back.
                let comes = !is_open(step, *space, org)?
                    && calls::reached(step, org)
                    && rights::removals_from(step.draft(), org, *space)?.is_empty();
                if comes && acts > 0 {
                    joins.push(JoinView {
                        org,
                        name: draft.terms.party(org).map_or_else(|| org.short(), |party| party.name.clone()),
                        thread: open.thread.thread,
                        information: *information,
                        acts: u32::try_from(acts).unwrap_or(u32::MAX),
                    });
                }
            }
        }
    }
    Ok(joins)
}
