//! What the person asks to leave out (42 CFR 2.26), as the referrals feel it that are open: what ends by it, what of a referral that came here
//! is answered no more, and what does not come back when the person lets it in again. Reasons: `decisions/left-out.md` of the protocol.

use super::left::{self, Gone};
use super::{Ground, Open, is_open, settled, team};
use crate::api::Outcome;
use crate::api::care::StaysView;
use crate::forms::words::fill;
use crate::forms::{Day, Lang, consent};
use crate::usecases::threads::{self, Thread};
use crate::usecases::{consents, outside, prints};
use belay_protocol::consent::{Action, Restriction};
use belay_protocol::disclosure::private::Direction;
use belay_protocol::engine::Step;
use belay_protocol::fault::Class;
use belay_protocol::fault::Result;
use belay_protocol::ids::{ConsentId, OrgId, PersonId, ThreadId};
use belay_protocol::planted::{self, Bug};
use belay_protocol::referral::{Information, Party, Place, is_outside};
use belay_protocol::store::View;
use belay_protocol::time::Time;

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
    /// It came here: nothing more is answered.
    Answers(Readers),
    /// Of these kinds.
    AnswerParts(Readers, Vec<Information>),
}

/// Who reads what is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::usecases) enum Readers {
    /// Who sent it.
    Sender,
    /// All of a team who read that kind: where one of them is not to be told, none is.
    Team,
}

/// What we agreed with the person of a referral that came here not to tell; nothing while nobody has said who that is.
///
/// # Errors
/// `Store`.
pub(super) fn promised(view: &dyn View, person: Option<PersonId>) -> Result<Vec<Restriction>> {
    person.map(|person| consents::agreed(view, person)).transpose().map(Option::unwrap_or_default)
}

impl Open {
    /// What we agreed with the person not to tell, of a referral that came here.
    fn answers_spare(&self) -> &[Restriction] {
        match &self.ground {
            _ if self.thread.direction == Direction::Outgoing => &[],
            Ground::Scope(_, left_out) => left_out,
            Ground::Tie(tie) => &tie.withheld,
            Ground::Consent(_) | Ground::Versions(_) | Ground::Withdrawn(..) => &[],
        }
    }

    /// Who would read what we answer of this kind: in a team all who read it, else who sent it.
    fn readers_of(&self, information: Information) -> Vec<OrgId> {
        let team = if self.thread.is_team() { self.readers(information) } else { &[] };
        let others: Vec<OrgId> = team.iter().copied().filter(|org| *org != self.own).collect();
        if others.is_empty() { vec![self.thread.other.org] } else { others }
    }

    fn spares(&self, one: &Restriction, information: Information) -> bool {
        one.of == self.own && self.readers_of(information).iter().any(|org| one.forbids(*org, information))
    }

    /// Why nothing of this kind is answered in a referral that came here, though what it came under would let it be: the person asked us to
    /// leave it out.
    pub(in crate::usecases) fn left_out(&self, information: Information) -> Option<&Restriction> {
        if planted::is(Bug::AnswersUnasked) {
            return None;
        }
        self.answers_spare().iter().find(|one| self.spares(one, information))
    }

    /// As if this were all that is left out.
    fn with_left_out(&mut self, then: &[Restriction]) {
        match &mut self.ground {
            Ground::Scope(_, left_out) => *left_out = then.to_vec(),
            Ground::Tie(tie) => tie.withheld = then.to_vec(),
            Ground::Consent(_) | Ground::Versions(_) | Ground::Withdrawn(..) => {}
        }
    }

    /// What stays here of a referral that came here, with when that was agreed; in a team who of those that read it is not to be told, and who
    /// hears nothing there because of that.
    ///
    /// # Errors
    /// `Store`.
    pub(super) fn stays(&self, step: &mut Step<'_>) -> Outcome<Vec<StaysView>> {
        let Some(person) = self.thread.person else { return Ok(Vec::new()) };
        let ways = Information::ALL.into_iter().filter(|kind| self.names_way(*kind));
        let kept = ways.filter_map(|kind| {
            let at = self.left_out(kind)?.at;
            let readers = if self.thread.is_team() { self.readers_of(kind) } else { Vec::new() };
            let spares =
                |org: &OrgId| self.answers_spare().iter().any(|one| one.of == self.own && one.forbids(*org, kind));
            let (spared, also): (Vec<OrgId>, Vec<OrgId>) = readers.into_iter().partition(spares);
            let names = |orgs: Vec<OrgId>| orgs.into_iter().map(|org| self.name_of(org)).collect();
            Some(Stays { kind, at, spared: names(spared), also: names(also) })
        });
        let kept = kept.collect();
        stay(step, person, kept)
    }
}

/// A kind that stays here, and since when.
pub(super) struct Stays {
    pub kind: Information,
    pub at: Time,
    /// In a team: who is not to be told, and who reads the same page and so is not told there.
    pub spared: Vec<String>,
    pub also: Vec<String>,
}

/// What stays here, as staff read it, and to read to the person where the language of the record is another.
///
/// # Errors
/// `Store`.
pub(super) fn stay(step: &mut Step<'_>, person: PersonId, kept: Vec<Stays>) -> Outcome<Vec<StaysView>> {
    let lang = prints::lang(step.draft(), person, None)?;
    let words = lang.words();
    let aloud = |one: &Stays| {
        let (what, date) = (consent::kind_of_information(one.kind, words), Day::here(one.at).words(lang));
        let (name, others) = (one.spared.join("; "), one.also.join("; "));
        let says = if one.also.is_empty() { words.left_out_stays } else { words.left_out_stays_team };
        (lang != Lang::En).then(|| fill(says, &[("what", what), ("date", &date), ("name", &name), ("others", &others)]))
    };
    let view = |one: Stays| StaysView {
        aloud: aloud(&one),
        information: one.kind,
        at: one.at,
        spared: one.spared,
        also: one.also,
    };
    Ok(kept.into_iter().map(view).collect())
}

/// What of a referral that came here is answered no more, or again: these kinds, as far as they may be told.
fn answers(step: &mut Step<'_>, open: &Open, mut kinds: Vec<Information>) -> Option<Touched> {
    // What others know of it: a step that stayed here ends nothing there.
    let known = open.known_there();
    let state = known.as_ref().unwrap_or(&open.state);
    // After a good end each side still tells how the person fares.
    let over = state.place.is_final() && (state.place != Place::Completed || state.settled.is_some());
    if over || open.thread.unwanted {
        return None;
    }
    kinds.retain(|kind| open.names_way(*kind) && open.may_tell(step, *kind, Action::Seal).is_ok());
    let readers = if open.thread.is_team() { Readers::Team } else { Readers::Sender };
    let loses = match kinds.contains(&Information::Referral) {
        _ if kinds.is_empty() => return None,
        true => Loses::Answers(readers),
        false => Loses::AnswerParts(readers, kinds),
    };
    Some(Touched { thread: open.thread.thread, name: open.thread.other.name.clone(), loses })
}

/// Referrals that came here and in which something may be answered again once `then` is all that is left out.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn answered_again(
    step: &mut Step<'_>,
    person: PersonId,
    then: &[Restriction],
) -> Outcome<Vec<Touched>> {
    let mut again = Vec::new();
    for thread in threads::of_person(step.draft(), person)? {
        if thread.direction != Direction::Incoming {
            continue;
        }
        let mut open = Open::new(step, thread)?;
        let mut kinds = Information::ALL.to_vec();
        kinds.retain(|kind| open.left_out(*kind).is_some());
        open.with_left_out(then);
        kinds.retain(|kind| open.left_out(*kind).is_none());
        again.extend(answers(step, &open, kinds));
    }
    Ok(again)
}

/// What a restriction would take from a referral, by organisation, and of one that came here what is answered no more; nothing of one that has
/// come to an end.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn touched(step: &mut Step<'_>, thread: Thread, one: &Restriction) -> Outcome<Vec<Touched>> {
    let open = Open::new(step, thread)?;
    let mut all = Vec::new();
    if open.thread.direction == Direction::Incoming {
        let kinds = Information::ALL.into_iter().filter(|kind| open.spares(one, *kind)).collect();
        return Ok(answers(step, &open, kinds).into_iter().collect());
    }
    if open.state.place.is_final() {
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
/// a consent follow it. Whether all did: a space that is not here yet, or not as far as the other's place in it, is closed later, and keeps no
/// other one open.
///
/// # Errors
/// `Store`.
pub(in crate::usecases) fn leave_out_tied(step: &mut Step<'_>, person: PersonId) -> Outcome<bool> {
    let mut whole = true;
    for thread in threads::of_person(step.draft(), person)? {
        if !thread.tied() || thread.direction == Direction::Incoming {
            continue;
        }
        let other = thread.other.org;
        let open = Open::new(step, thread)?;
        for (information, space) in &open.thread.spaces {
            // What only the other fills was opened on the strength of `referral`. The end of the agreement itself is followed elsewhere (`tie`).
            let kind = if open.names_way(*information) { *information } else { Information::Referral };
            if open.withholds(kind) {
                if !super::consent::had_place(step, *space, other)? {
                    // The space came before the entry that lets the other in.
                    whole = false;
                    continue;
                }
                match super::close_space(step, *space, other) {
                    Err(failure) if matches!(failure.class, Class::Misuse | Class::NotPermitted) => whole = false,
                    closed => drop(closed?),
                }
            }
        }
        settled(step)?;
    }
    Ok(whole)
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
