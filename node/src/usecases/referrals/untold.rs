//! What was done here while the others were left out (42 CFR 2.26): known to nobody else, and told once the person lets it in again. The next
//! step has to be one from where they know the referral to stand, and one that says no other than what stands here. Reasons:
//! `decisions/left-out.md` of the protocol.

use super::{Open, act, left, write};
use crate::api::care::ThreadView;
use crate::api::{Failure, Outcome};
use crate::usecases::staff::StaffSession;
use crate::usecases::threads;
use belay_protocol::consent::Action;
use belay_protocol::disclosure::private::Direction;
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::EntryHash;
use belay_protocol::referral::{
    Act, Actor, DeclineReason, Information, Line, Move, Outcome as Ending, Placed, State, Why, step as transition,
};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

impl Open {
    /// What the others have of it.
    pub(super) fn told(&self) -> Vec<Placed> {
        self.placed.iter().filter(|one| !one.local).cloned().collect()
    }

    /// A referral that came here as the others know it, where steps of ours stayed here, or that one was a mistake.
    fn there(&self) -> Option<State> {
        let stayed = |line: &Line| line.local && line.org == self.own && (line.act.moves() || self.strikes_told(line));
        let incoming = self.thread.direction == Direction::Incoming;
        (incoming && self.state.history.iter().any(stayed))
            .then(|| threads::state(self.own, &self.thread, &self.told()))
    }

    /// The same where it could be told now: what is told next is a step from there, and no step from where it stands here.
    pub(super) fn known_there(&self) -> Option<State> {
        if self.has_way(Information::Referral) { self.there() } else { None }
    }

    /// Whether it came to nothing here, and who sent it does not know, though the consent has a way there: then nobody else looks after what
    /// comes next for the person.
    pub(super) fn end_unheard(&self) -> bool {
        self.actor() == Actor::Recipient
            && self.state.place.is_lost()
            && self.names_way(Information::Referral)
            && self.there().is_some_and(|there| !there.place.is_final())
    }

    /// Whether this is a word of ours, kept here, that something was a mistake which they were told.
    fn strikes_told(&self, line: &Line) -> bool {
        let Act::Mistake { entry, .. } = &line.act else { return false };
        line.without_effect.is_none() && self.line(*entry).is_some_and(|of| of.org == self.own && !of.local)
    }

    fn line(&self, entry: EntryHash) -> Option<&Line> {
        self.state.history.iter().find(|line| line.entry == entry)
    }

    /// Whether they were told this, it was a mistake, and they do not know that.
    pub(super) fn struck_here_alone(&self, line: &Line) -> bool {
        let word = line.mistake.and_then(|word| self.line(word));
        let stayed = word.is_some_and(|word| word.local);
        let told =
            |other: &Line| !other.local && matches!(other.act, Act::Mistake { entry, .. } if entry == line.entry);
        self.thread.direction == Direction::Incoming
            && line.org == self.own
            && !line.local
            && stayed
            && !self.state.history.iter().any(told)
            && self.has_way(line.act.information())
    }

    /// Steps and strikes of ours that they do not know and can be told as a whole, in their order, without the words that were written here for
    /// nobody: that the person was taken in, that the person came, how it ended, and what of what they were told was a mistake. An appointment
    /// is said again by hand.
    fn untold(&self) -> Vec<Act> {
        if self.actor() != Actor::Recipient || self.known_there().is_none() {
            return Vec::new();
        }
        let history = &self.state.history;
        let mut acts: Vec<Act> = history.iter().filter(|line| self.struck_here_alone(line)).map(struck).collect();
        // As it stands there once they know what was a mistake.
        let strikes = |one: &&Placed| self.line(one.hash).is_some_and(|line| line.local && self.strikes_told(line));
        let mut known = self.told();
        known.extend(self.placed.iter().filter(strikes).cloned());
        let mut place = threads::state(self.own, &self.thread, &known).place;
        for (at, line) in history.iter().enumerate() {
            let mine = line.org == self.own && line.local && !line.own && line.without_effect.is_none();
            let Some(act) = wordless(&line.act).filter(|_| mine) else { continue };
            // Of a step nothing is said any more where another was told after it.
            let later = |other: &Line| other.org == self.own && !other.local && other.act.moves();
            let over = !ends(&act) && history.iter().skip(at).any(later);
            if let Ok(next) = transition(place, &act, Actor::Recipient)
                && next != place
                && !over
            {
                place = next;
                acts.push(act);
            }
        }
        acts
    }

    /// Since when something waits to be told so, where it may be told today.
    pub(super) fn untold_since(&self, step: &mut Step<'_>) -> Option<Time> {
        if self.untold().is_empty() || self.may_tell(step, Information::Referral, Action::Seal).is_err() {
            return None;
        }
        let stayed = |line: &&Line| line.local && line.org == self.own && line.without_effect.is_none();
        let waits = self.state.history.iter().filter(stayed);
        waits.filter(|line| wordless(&line.act).is_some() || self.strikes_told(line)).map(|line| line.at).max()
    }

    /// What an act would do that is told where the others stand at `there`, and what it would do here: both have to follow. One that they have
    /// to hear in its turn was taken here before.
    ///
    /// # Errors
    /// Why it has no effect, for people, and where.
    pub(super) fn leads_both(&self, there: &State, act: &Act) -> std::result::Result<Move, (Where, &'static str)> {
        let us = (self.own, self.actor());
        let leads = there.leads(us, act, false).map_err(|why| (Where::There, why))?;
        match self.state.leads(us, act, false) {
            Err(why) if !self.said_again(act) => Err((Where::Here, why)),
            Ok(_) | Err(_) => Ok(leads),
        }
    }

    /// Whether this says what stands here by a step that was kept here.
    fn said_again(&self, act: &Act) -> bool {
        let same = |line: &Line| {
            let ends = match (&line.act, act) {
                (Act::Close { outcome: here, .. }, Act::Close { outcome, .. }) => {
                    here.completed() == outcome.completed()
                }
                _ => true,
            };
            line.act.name() == act.name() && ends
        };
        let stayed = |line: &&Line| line.local && line.org == self.own && line.without_effect.is_none();
        self.state.history.iter().filter(stayed).any(same)
    }

    /// Whether this undoes something that only we know of, so that it stays here as that did.
    pub(super) fn undoes_here(&self, there: &State, act: &Act) -> bool {
        let us = (self.own, self.actor());
        matches!(act, Act::Resume { .. } | Act::CancelAppointment { .. })
            && there.leads(us, act, false).is_err()
            && self.state.leads(us, act, false).is_ok()
    }

    /// Whether a told step repeats what stood here: it has no effect in our own history, and is told all the same.
    pub(super) fn repeats(&self, line: &Line) -> bool {
        !line.local && line.org == self.own && line.mistake.is_none() && self.said_again(&line.act)
    }
}

/// Where an act has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    There,
    Here,
}

/// A step as it is told without the words beside it.
fn wordless(act: &Act) -> Option<Act> {
    let note = Personal::default;
    Some(match act {
        Act::Accept { .. } => Act::Accept { note: note() },
        Act::Attend { when } => Act::Attend { when: *when },
        Act::Decline { reason, .. } => Act::Decline { reason: *reason, note: note() },
        Act::Close { outcome, .. } => Act::Close { outcome: *outcome, why: Why::default() },
        Act::ConfirmCancel => Act::ConfirmCancel,
        _ => return None,
    })
}

const fn ends(act: &Act) -> bool {
    matches!(act, Act::Decline { .. } | Act::Close { .. } | Act::ConfirmCancel)
}

fn struck(line: &Line) -> Act {
    Act::Mistake { entry: line.entry, information: line.act.information(), reason: Personal::default() }
}

/// What they do not know of it, by entry: what was a mistake and is struck here alone.
///
/// # Errors
/// `Store`.
pub(super) fn strikes(step: &mut Step<'_>, open: &Open) -> Result<Vec<EntryHash>> {
    let over = write::over(step, open).map_err(|failure| Fault::store(failure.message))?;
    let lines = open.state.history.iter().filter(|line| over.is_none() && open.struck_here_alone(line));
    Ok(lines.map(|line| line.entry).collect())
}

/// Tells what stayed here and can be told now.
///
/// # Errors
/// Nothing waits to be told; the refusal of `consent::decide`; an end that needs a few words.
pub(super) fn tell(
    step: &mut Step<'_>,
    session: &StaffSession,
    mut open: Open,
    note: &Personal<String>,
) -> Outcome<ThreadView> {
    act::wanted(&open)?;
    if write::over(step, &open)?.is_some() || open.left_out(Information::Referral).is_some() {
        open.may_tell(step, Information::Referral, Action::Seal).map_err(Fault::from)?;
    }
    left::refuse_act(step, &open)?;
    let mut acts = open.untold();
    if acts.is_empty() {
        let message = "they know all of it that is told so; what else stayed here is said again by hand";
        let show = format!("belay referral show {}", open.thread.thread.short());
        return Err(Failure::misuse(message).next(show));
    }
    if let Some(end) = acts.iter_mut().rfind(|act| ends(act)) {
        with_words(end, note)?;
    }
    for act in acts {
        act.check()?;
        write::act(step, session, &mut open, act)?;
    }
    act::done(step, session, open, Vec::new())
}

/// The words of whoever tells it now.
fn with_words(end: &mut Act, words: &Personal<String>) -> Outcome<()> {
    let other = match end {
        Act::Decline { reason, note } => {
            note.clone_from(words);
            *reason == DeclineReason::Other
        }
        Act::Close { outcome, why } => {
            why.note.clone_from(words);
            matches!(outcome, Ending::Administrative | Ending::Other)
        }
        _ => false,
    };
    if other && words.reveal().trim().is_empty() {
        return Err(Failure::misuse("say in a few words why it ended: what was written here is not told")
            .next("the command again with --note @FILE"));
    }
    Ok(())
}
