//! Referrals: sent, answered, linked, shown. Each telling is decided by `consent::decide` and recorded as a disclosure.
//!
//! Parts: `send` founds a thread; `request` makes acts of what staff ask for, `act` does them; `write` puts an act into the space
//! of its kind, which it opens where need be, or, without a way, into the private space; `seen` says that staff opened a thread;
//! `tie` is for what needs no consent; `attach` puts files in; `known` is what threads tell of a person's medication and plan; `link` says
//! who a person is; `strike` says what can be struck as a mistake; `left` is of a recipient that left; `leave_out` of what the person asks not to be told (2.26); `untold` of what was done meanwhile; `team` is of threads that several work on; `show` makes the views.

mod act;
mod attach;
mod consent;
pub(super) mod hints;
mod known;
mod leave_out;
mod left;
mod link;
mod preview;
mod request;
mod seen;
mod send;
mod show;
mod strike;
mod team;
mod tie;
pub(super) mod timing;
pub(super) mod twice;
mod untold;
mod write;

pub use act::{act, heard};
pub(super) use act::{is_unlinked, unlinked};
pub use attach::{attached, attachments};
pub(super) use attach::{may_attach, put_chunks};
pub(super) use consent::{close_space, close_thread, differs, follow_consent, is_open, say_revoked};
pub use known::{Known, Referrals, ours, ours_and_older, recipients};
pub(super) use leave_out::{Loses, Readers, Touched, answered_again, leave_out_tied, to_send_anew, touched};
pub(super) use left::refuse_new;
pub use link::link;
pub(super) use link::told_name;
pub use preview::{preview, preview_tied};
pub(super) use request::{acts, new_need};
pub use seen::ended_here;
pub(super) use send::{asked_purpose, lifted, names, only_one, opened};
pub use send::{send, send_tied};
pub(super) use show::{kept, view};
pub use show::{list, open_needs, show};
pub(super) use strike::lives;
pub(super) use team::{in_team, joins};
pub(super) use tie::follow_tie;

use super::consents;
use super::threads::{self, Thread};
use crate::api::{Failure, Outcome};
use belay_protocol::consent::{
    Action, Ask, Basis, Consent, PassingOn, Permit, Purpose, Refusal, Restriction, Scope, Shut, Tie, decide, nobody,
};
use belay_protocol::disclosure::private::Direction;
use belay_protocol::disclosure::{Brief, Note};
use belay_protocol::engine::Step;
use belay_protocol::fault::Fault;
use belay_protocol::ids::{EntryHash, OrgId, PersonId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::{Actor, Body, By, Flow, Identity, Information, Party, Placed, State};
use belay_protocol::space::control::PartnerKind;
use belay_protocol::time::Time;

/// What decisions in a thread rest on.
enum Ground {
    Consent(Box<Consent>),
    /// The version under which it was sent and those signed since.
    Versions(Vec<Consent>),
    /// The part that came here, and what we agreed with the person not to tell (2.26); nothing while nobody said who that is.
    Scope(Box<Scope>, Vec<Restriction>),
    Withdrawn(Box<Scope>, Shut),
    /// No consent: what ties us to the other organisation, as of now.
    Tie(Box<Tie>),
}

impl Ground {
    fn basis(&self) -> Basis<'_> {
        match self {
            Self::Consent(consent) => Basis::Consent(consent),
            Self::Versions(versions) => Basis::Versions(versions),
            Self::Scope(scope, left_out) => Basis::Scope(scope, left_out),
            Self::Withdrawn(scope, since) => Basis::Withdrawn(scope, *since),
            Self::Tie(tie) => Basis::Tie(tie),
        }
    }

    /// Who may tell whom under the newest version of a consent of ours.
    fn newest(&self) -> impl Iterator<Item = &belay_protocol::referral::Flow> {
        let consent = match self {
            Self::Consent(consent) => Some(&**consent),
            Self::Versions(versions) => versions.last(),
            Self::Scope(..) | Self::Withdrawn(..) | Self::Tie(_) => None,
        };
        consent.into_iter().flat_map(|consent| &consent.terms().flows)
    }

    /// The part that goes with what we tell `other`.
    fn scope_for(&self, other: OrgId) -> std::result::Result<Scope, Refusal> {
        match self {
            Self::Consent(consent) => consent.scope_for(other),
            Self::Versions(versions) => consent::part_of(versions, other),
            Self::Scope(scope, _) | Self::Withdrawn(scope, _) => Ok(scope.turned_to(other)),
            Self::Tie(tie) => tie.scope_for(other),
        }
    }

    /// The purpose for which the consent lets `from` tell `to`; if it lets nothing, treatment, so that the refusal says so.
    fn purpose(&self, from: OrgId, to: OrgId, information: Information) -> Purpose {
        let flows: &[_] = match self {
            Self::Consent(consent) => &consent.terms().flows,
            Self::Versions(versions) => versions.last().map_or(&[], |consent| &consent.terms().flows),
            Self::Scope(scope, _) | Self::Withdrawn(scope, _) => &scope.flows,
            Self::Tie(tie) => return tie.purpose(),
        };
        // What is only placed for emergencies is named last, so that the refusal says so.
        let placed = |f: &&Flow| (f.from, f.to, f.information) == (from, to, information);
        let tells = flows.iter().find(|f| f.tells(from, to, information));
        tells.or_else(|| flows.iter().find(placed)).map_or(Purpose::Treatment, |f| f.purpose.clone())
    }
}

/// A thread with all that its use cases need.
pub(super) struct Open {
    pub(super) own: OrgId,
    pub(super) thread: Thread,
    pub(super) placed: Vec<Placed>,
    pub(super) state: State,
    ground: Ground,
    /// Our notices, with what they said, oldest of a kind first.
    notices: Vec<(Information, Scope, EntryHash)>,
}

impl Open {
    /// A thread by id or the beginning of one.
    pub(super) fn named(step: &mut Step<'_>, given: &str) -> Outcome<Self> {
        let thread = threads::find(step.draft(), given)?;
        Self::new(step, thread)
    }

    pub(super) fn new(step: &mut Step<'_>, thread: Thread) -> Outcome<Self> {
        let own = super::parties::own(step)?.org;
        let placed = threads::placed(step, own, &thread)?;
        let state = threads::state(own, &thread, &placed);
        let ground = match thread.direction {
            _ if thread.tied() && thread.gone.is_none() => tie::ground(step, own, &thread)?,
            Direction::Outgoing => {
                let mut versions = consents::versions(step.draft(), thread.consent, thread.version)?;
                match (versions.len(), versions.pop()) {
                    (_, None) => {
                        let draft = consents::get(step.draft(), thread.consent)?;
                        let draft = draft.ok_or_else(|| Fault::store("the consent of a thread is missing"))?;
                        Ground::Consent(Box::new(draft))
                    }
                    (1, Some(only)) => Ground::Consent(Box::new(only)),
                    (_, Some(newest)) => {
                        versions.push(newest);
                        Ground::Versions(versions)
                    }
                }
            }
            Direction::Incoming => {
                let scopes = || state.scopes.iter().map(|(kind, scope)| (*kind == Information::Referral, scope));
                let scope = scopes().max_by_key(|(referral, scope)| (*referral, scope.version));
                let mut scope = scope.map(|(_, scope)| scope.clone());
                if let Some(base) = scope.take_if(|_| thread.is_team()) {
                    scope = Some(team::whole(&state, base));
                }
                // The person said here that these are to be told no more.
                if let Some(scope) = &mut scope {
                    scope.flows.retain(|f| !thread.apart.contains(&f.from) && !thread.apart.contains(&f.to));
                }
                match (scope, thread.gone) {
                    (Some(scope), None) => {
                        Ground::Scope(Box::new(scope), leave_out::promised(step.draft(), thread.person)?)
                    }
                    (Some(scope), Some(since)) => Ground::Withdrawn(Box::new(scope), thread.shut(since)),
                    // The sender was taken out and its notice counts no more: the thread stays in the list and permits nothing.
                    (None, gone) => {
                        let since = gone.unwrap_or(step.context().now);
                        let nothing = Scope::nothing(thread.consent, thread.version, own, since);
                        Ground::Withdrawn(Box::new(nothing), thread.shut(since))
                    }
                }
            }
        };
        let ours = placed.iter().filter(|p| p.org == own && !p.local);
        let notices = ours
            .filter_map(|p| match &p.body {
                Some(Body::Notice(notice)) => Some((notice.information, notice.scope.clone(), p.hash)),
                Some(Body::Act(_) | Body::Chunk(_)) | None => None,
            })
            .collect();
        Ok(Self { own, thread, placed, state, ground, notices })
    }

    pub(super) const fn actor(&self) -> Actor {
        match (self.thread.direction, self.thread.recipient) {
            (Direction::Outgoing, _) => Actor::Sender,
            (Direction::Incoming, None) => Actor::Recipient,
            (Direction::Incoming, Some(_)) => Actor::Member,
        }
    }

    /// The last notice of ours of this kind.
    fn given(&self, information: Information) -> Option<(&Scope, EntryHash)> {
        self.notices.iter().rev().find(|(kind, ..)| *kind == information).map(|(_, scope, hash)| (scope, *hash))
    }

    /// The part of the consent that goes with what we tell the other organisation today, or in a team all who read this kind: of a consent
    /// of ours as they know it.
    pub(super) fn part_today(&self, information: Information, now: Time) -> std::result::Result<Scope, Refusal> {
        if self.thread.is_team() {
            return self.team_part(information, now);
        }
        let part = self.ground.scope_for(self.thread.other.org)?;
        if self.thread.direction == Direction::Incoming || self.thread.tied() {
            return Ok(part);
        }
        let last = self.notices.iter().map(|(_, scope, _)| scope).max_by_key(|scope| scope.version);
        Ok(part.told_after(last))
    }

    /// What a decision about this kind rests on: its space may be closed to us while the rest of the thread goes on.
    fn basis(&self, information: Information) -> Basis<'_> {
        let closed = self.thread.closed.iter().find(|(kind, _)| *kind == information);
        match (&self.ground, closed) {
            (Ground::Scope(scope, _), Some((_, since))) => Basis::Withdrawn(scope, Shut::NothingMore(*since)),
            (Ground::Scope(scope, left_out), None) => match self.doubted() {
                Some(doubted) => Basis::Withdrawn(scope, doubted),
                None => Basis::Scope(scope, left_out),
            },
            _ => self.ground.basis(),
        }
    }

    /// That our staff doubt the consent under which it came.
    pub(super) fn doubted(&self) -> Option<Shut> {
        self.thread.doubted.filter(|_| !planted::is(Bug::DoubtIgnored)).map(Shut::Doubted)
    }

    /// Whether the consent, ended or not, ever had a way from us to another organisation of the thread for this kind. Where the person asked
    /// us to leave it out of what we answer there is none: what is written stays here.
    fn has_way(&self, information: Information) -> bool {
        self.left_out(information).is_none() && self.names_way(information)
    }

    /// The same, whatever the person asked us to leave out.
    fn names_way(&self, information: Information) -> bool {
        self.thread.others().any(|other| self.has_way_to(other.org, information))
    }

    fn has_way_to(&self, other: OrgId, information: Information) -> bool {
        let own = self.own;
        match &self.ground {
            Ground::Consent(_) | Ground::Versions(_) => {
                let any = |f: &Flow| {
                    planted::is(Bug::KindOutsideScope) && (f.from, f.to) == (own, other)
                        || planted::is(Bug::PlacedTold) && (f.from, f.to, f.information) == (own, other, information)
                };
                self.ground.newest().any(|f| f.tells(own, other, information) || any(f))
            }
            Ground::Tie(tie) => tie.information.contains(&information),
            Ground::Scope(..) | Ground::Withdrawn(..) => {
                let back = |scope: &Scope| planted::is(Bug::WayBackUnasked) && scope.opens(other, own, information);
                self.state.scopes.iter().any(|(_, scope)| scope.opens(own, other, information) || back(scope))
            }
        }
    }

    /// Whether the consent has a way from another organisation of the thread to us for this kind.
    fn way_back(&self, information: Information) -> bool {
        self.thread.others().any(|other| self.way_back_from(other.org, information))
    }

    fn way_back_from(&self, other: OrgId, information: Information) -> bool {
        let own = self.own;
        match &self.ground {
            Ground::Consent(_) | Ground::Versions(_) => {
                let back = |f: &Flow| planted::is(Bug::WayBackUnasked) && f.tells(own, other, information);
                self.ground.newest().any(|f| f.tells(other, own, information) || back(f))
            }
            Ground::Scope(scope, _) | Ground::Withdrawn(scope, _) => scope.opens(other, own, information),
            Ground::Tie(tie) => tie.information.contains(&information),
        }
    }

    /// What a party of the thread may do next with what it is told (2.33), in words after its name and a colon.
    fn passing_on(&self, party: &Party) -> &'static str {
        let told = |scope: Scope| PassingOn::of(scope.class, party, &scope.flows);
        match &self.ground {
            Ground::Tie(_) => "it may tell nobody else.",
            ground => ground.scope_for(party.org).map_or(PassingOn::Nobody, told).words(),
        }
    }

    /// What the consent, or the part of it that came to us, calls an organisation.
    fn called(&self, org: OrgId) -> Option<String> {
        let party = match &self.ground {
            Ground::Consent(consent) => consent.terms().party(org),
            Ground::Versions(versions) => versions.iter().rev().find_map(|consent| consent.terms().party(org)),
            Ground::Scope(scope, _) | Ground::Withdrawn(scope, _) => scope.party(org),
            Ground::Tie(tie) => tie.parties.iter().find(|party| party.org == org),
        };
        party.map(|party| party.name.clone())
    }

    /// Asks whether we may tell the other organisation, or in a team each who reads this kind: then the first permit stands for all.
    pub(super) fn may_tell(
        &self,
        step: &mut Step<'_>,
        information: Information,
        action: Action,
    ) -> std::result::Result<Permit, Refusal> {
        let refuse = || nobody(information);
        self.may_tell_each(step, information, action)?.into_iter().next().ok_or_else(refuse)
    }

    /// Whether a new referral might tell the other organisation this, by the newest version alone: what was shut in this one stays shut.
    fn newly(&self, step: &mut Step<'_>, information: Information) -> bool {
        let Ground::Versions(versions) = &self.ground else {
            return self.may_tell(step, information, Action::Grant).is_ok();
        };
        let (from, to) = (self.own, self.thread.other.org);
        let ask = Ask { from, to, information, purpose: self.purpose(to, information), action: Action::Grant };
        versions.last().is_some_and(|newest| decide(newest, &ask, step.context().now).is_ok())
    }

    /// Asks for each who would be told: the other organisation, or in a team all who read this kind. One refusal is one for all, since they
    /// read one space.
    pub(super) fn may_tell_each(
        &self,
        step: &mut Step<'_>,
        information: Information,
        action: Action,
    ) -> std::result::Result<Vec<Permit>, Refusal> {
        if self.thread.is_team() {
            return self.may_tell_team(step.context().now, information, action);
        }
        self.may_tell_other(step, information, action).map(|permit| vec![permit])
    }

    fn may_tell_other(
        &self,
        step: &mut Step<'_>,
        information: Information,
        action: Action,
    ) -> std::result::Result<Permit, Refusal> {
        let (from, to) = (self.own, self.thread.other.org);
        let purpose = self.purpose(to, information);
        let (ask, now) = (Ask { from, to, information, purpose, action }, step.context().now);
        decide(self.basis(information), &ask, now).map_err(|refusal| match &self.ground {
            Ground::Versions(versions) => anew(versions, &ask, now).unwrap_or(refusal),
            Ground::Consent(_) | Ground::Scope(..) | Ground::Withdrawn(..) | Ground::Tie(_) => refusal,
        })
    }

    /// Asks whether `to` might be told this at `at`, as the consent stood then: for the record of what went without being put on record.
    pub(super) fn went_then(
        &self,
        step: &mut Step<'_>,
        (to, information): (OrgId, Information),
        at: Time,
    ) -> std::result::Result<Permit, Refusal> {
        let versions = match &self.ground {
            Ground::Consent(consent) => std::slice::from_ref(&**consent),
            Ground::Versions(versions) => versions,
            Ground::Scope(..) | Ground::Withdrawn(..) | Ground::Tie(_) => &[],
        };
        let ask =
            Ask { from: self.own, to, information, purpose: self.purpose(to, information), action: Action::Export };
        decide(Basis::Then(versions, at), &ask, step.context().now)
    }

    /// For what we tell another organisation of it: what staff chose for this referral, else the least of what the consent names.
    fn purpose(&self, to: OrgId, information: Information) -> Purpose {
        let pays = || self.thread.with(to).is_some_and(|party| party.kind == PartnerKind::HealthPlan);
        let named = || match self.ground.purpose(self.own, to, information) {
            // It treats nobody.
            Purpose::Tpo if pays() => Purpose::Payment,
            Purpose::Tpo => Purpose::Treatment,
            other => other,
        };
        self.thread.purpose.clone().unwrap_or_else(named)
    }

    /// Asks whether a partner who is not on the network may tell us; what it says by telephone is its own disclosure.
    pub(super) fn may_hear(
        &self,
        step: &mut Step<'_>,
        information: Information,
    ) -> std::result::Result<Permit, Refusal> {
        let (from, to) = (self.thread.other.org, self.own);
        let purpose = self.ground.purpose(from, to, information);
        decide(self.ground.basis(), &Ask { from, to, information, purpose, action: Action::Seal }, step.context().now)
    }

    /// Asks whether what `from` told may be shown to our staff.
    fn may_show(&self, step: &mut Step<'_>, from: OrgId, information: Information) -> Option<Permit> {
        if self.thread.unwanted {
            return None;
        }
        let (to, now) = (self.own, step.context().now);
        let purpose = self.ground.purpose(from, to, information);
        let ask = Ask { from, to, information, purpose, action: Action::Show };
        decide(self.ground.basis(), &ask, now).ok().or_else(|| {
            // What came under an earlier notice may be read on, whatever a later one closes.
            let theirs = self.state.scopes.iter().map(|(_, scope)| scope);
            let theirs = theirs.chain(self.said_to_team());
            let theirs = theirs.filter(|_| self.thread.direction == Direction::Incoming);
            // By an agreement both tell what our own notice says.
            let ours = self.notices.iter().map(|(_, scope, _)| scope).filter(|_| self.thread.tied());
            theirs.chain(ours).find_map(|scope| {
                let flow = scope.flows.iter().find(|f| f.tells(from, to, information))?;
                decide(Basis::Scope(scope, &[]), &Ask { purpose: flow.purpose.clone(), ..ask.clone() }, now).ok()
            })
        })
    }

    /// Who the person is, as the thread tells it, if that may be shown.
    fn identity(&self, step: &mut Step<'_>) -> Option<Identity> {
        let sender = self.thread.parties(self.own).sender;
        let permit = self.may_show(step, sender, Information::Identity)?;
        self.state.identity.clone().filter(|_| permit.information() == Information::Identity)
    }

    /// What goes on record of telling `to`.
    fn note(&self, by: &By, (brief, what): (Brief, &str), to: OrgId) -> Note {
        let recipient = self.thread.with(to).unwrap_or(&self.thread.other);
        Note {
            by: by.clone(),
            person: self.thread.filed.unwrap_or(PersonId::ZERO),
            thread: self.thread.thread,
            recipient: recipient.name.clone(),
            brief,
            what: what.into(),
        }
    }
}

/// Where the newest version alone would let it be told: this referral goes on under what was never shut since it was opened, and a new
/// one may hold it.
fn anew(versions: &[Consent], ask: &Ask, now: Time) -> Option<Refusal> {
    let newest = versions.last()?;
    decide(newest, ask, now).ok()?;
    let (to, version) =
        (newest.terms().party(ask.to).map_or_else(|| ask.to.short(), |p| p.name.clone()), newest.version());
    Some(Refusal {
        element: None,
        why: format!(
            "a version of the consent under which this referral goes on shuts `{}`, and version {version} opens it for a new one",
            ask.information
        ),
        clause: "42 CFR 2.31(a)(3)",
        next: format!(
            "Send it to {to} anew under version {version} (`belay referral send --consent {}`).",
            newest.id().short()
        ),
    })
}

/// What the project makes of the step's events so far, so that the view shows what was just done.
pub(super) fn settled(step: &mut Step<'_>) -> Outcome<()> {
    super::project::project_step(step).map_err(Failure::from)
}
