//! What was done here while the others were left out (42 CFR 2.26): known to nobody else, and told once the person lets it in again. The next
//! step has to be one from where they know the referral to stand, and one that says no other than what stands here. Reasons:
//! `decisions/left-out.md` of the protocol.

use super::{Open, act, left, write};
use crate::api::care::ThreadView;
use crate::api::{Failure, Outcome};
use crate::usecases::staff::StaffSession;
use crate::usecases::{consents, threads};
use belay_protocol::consent::Action;
use belay_protocol::disclosure::private::Direction;
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::EntryHash;
use belay_protocol::referral::{
    Act, Actor, ByHand, DeclineReason, Information, Line, Move, Outcome as Ending, Place, Placed, Stands, State, Why,
    step as transition, strike,
};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;

impl Open {
    /// What the others have of it.
    pub(super) fn told(&self) -> Vec<Placed> {
        self.placed.iter().filter(|one| !one.local).cloned().collect()
    }

    /// A referral that came here as the others know it, where steps of ours stayed here, or that one was a mistake.
    pub(super) fn there(&self) -> Option<State> {
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

    /// What they were told and what was a mistake, as we alone know, where it can be struck as it stands there.
    fn strikes_untold(&self, there: &State) -> Vec<&Line> {
        let (thread, told) = ((self.thread.thread, self.thread.parties(self.own)), self.told());
        let lines = self.state.history.iter().filter(|line| self.struck_here_alone(line));
        lines.filter(|line| strike(thread, &told, there, line).is_ok()).collect()
    }

    /// As it stands there once they know of these that they were a mistake.
    fn once_struck(&self, lines: &[&Line]) -> State {
        let says = |line: &Line| match line.act {
            Act::Mistake { entry, .. } => lines.iter().any(|of| of.entry == entry),
            _ => false,
        };
        let strikes = |one: &Placed| self.line(one.hash).is_some_and(|line| self.strikes_told(line) && says(line));
        let mut known = self.placed.clone();
        // What else was kept here stands for order only: a strike may have been written after it.
        known.iter_mut().filter(|one| one.local && !strikes(one)).for_each(|one| one.body = None);
        threads::state(self.own, &self.thread, &known)
    }

    /// Steps and strikes of ours that they do not know and can be told as a whole, in their order, without the words that were written here for
    /// nobody: that the person was taken in, that the person came, how it ended, and what of what they were told was a mistake. An appointment
    /// is said again by hand.
    fn untold(&self) -> Vec<Act> {
        let there = self.known_there().filter(|_| self.actor() == Actor::Recipient);
        let Some(there) = there else { return Vec::new() };
        let history = &self.state.history;
        let strikes = self.strikes_untold(&there);
        let there = self.once_struck(&strikes);
        let mut acts: Vec<Act> = strikes.into_iter().map(struck).collect();
        let (mut place, mut came) = (there.place, there.attended.is_some());
        for (at, line) in history.iter().enumerate() {
            let mine = line.org == self.own && line.local && !line.own && line.without_effect.is_none();
            let Some(act) = wordless(&line.act).filter(|_| mine).map(|act| from_there(place, act)) else { continue };
            // Of a step nothing is said any more where another was told after it and holds.
            let later = |other: &Line| {
                other.org == self.own && !other.local && other.act.moves() && other.without_effect.is_none()
            };
            let over = !ends(&act) && history.iter().skip(at).any(later);
            // Who came after a good end moves nothing, and is told.
            let first = matches!(act, Act::Attend { .. }) && !came;
            if let Ok(next) = transition(place, &act, Actor::Recipient)
                && (next != place || (first && place == Place::Completed))
                && !over
            {
                place = next;
                came |= first;
                acts.push(act);
            }
        }
        acts
    }

    /// Our own words and steps that stayed here and count.
    fn stayed(&self) -> impl DoubleEndedIterator<Item = &Line> {
        let stayed = |line: &&Line| line.local && line.org == self.own && line.without_effect.is_none();
        self.state.history.iter().filter(stayed)
    }

    /// Since when something waits to be told so, where it may be told today: since the newest of it, or since the person let them in again.
    ///
    /// # Errors
    /// `Store`.
    pub(super) fn untold_since(&self, step: &mut Step<'_>) -> Result<Option<Time>> {
        if self.untold().is_empty() {
            return Ok(None);
        }
        self.waits_since(step, |line| wordless(&line.act).is_some() || self.strikes_told(line))
    }

    /// Of an appointment and a rest what is told by hand, where it may be told today, and since when it waits. What one command tells comes
    /// first.
    ///
    /// # Errors
    /// `Store`.
    pub(super) fn by_hand_since(&self, step: &mut Step<'_>) -> Result<Option<(ByHand, Time)>> {
        let Some(there) = self.known_there() else { return Ok(None) };
        let (what, own) = match self.actor() {
            Actor::Recipient if self.untold().is_empty() => (ByHand::of(&self.state, &there), false),
            Actor::Member => (ByHand::of_own(self.own, &self.state, &there), true),
            Actor::Recipient | Actor::Sender => (None, false),
        };
        let Some(what) = what else { return Ok(None) };
        let rests = |act: &Act| matches!(act, Act::Hold { .. } | Act::Resume { .. });
        let since = self.waits_since(step, |line| line.own == own && (line.act.is_visit() || rests(&line.act)))?;
        Ok(since.map(|since| (what, since)))
    }

    fn waits_since(&self, step: &mut Step<'_>, waits: impl Fn(&Line) -> bool) -> Result<Option<Time>> {
        if self.may_tell(step, Information::Referral, Action::Seal).is_err() {
            return Ok(None);
        }
        let person = self.thread.person;
        let let_in = person.map(|person| consents::left_out::last_let_in(step.draft(), person)).transpose()?.flatten();
        let newest = self.stayed().filter(|line| waits(line)).map(|line| line.at).max();
        Ok(newest.map(|at| let_in.map_or(at, |let_in| at.max(let_in))))
    }

    /// When the person did not come, where that stays here alone: who says it again means that time.
    pub(super) fn missed_here(&self) -> Option<Time> {
        let missed = match self.actor() {
            Actor::Member => self.state.visit(self.own).is_some_and(|visit| visit.stands == Stands::Missed),
            Actor::Recipient => self.state.place == Place::Missed,
            Actor::Sender => false,
        };
        let when = |line: &Line| if let Act::NoShow { when, .. } = line.act { Some(when) } else { None };
        self.stayed().rev().find_map(when).filter(|_| missed)
    }

    /// When the person came to an appointment of our own in a team, where that stays here alone: who says it again means that time.
    pub(super) fn came_here(&self) -> Option<Time> {
        let came = |state: &State| state.visit(self.own).is_some_and(|visit| visit.stands == Stands::Attended);
        let untold =
            self.actor() == Actor::Member && came(&self.state) && self.there().is_some_and(|there| !came(&there));
        let when = |line: &Line| if let Act::Attend { when } = line.act { Some(when) } else { None };
        self.stayed().rev().find_map(when).filter(|_| untold)
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
        self.stayed().any(|line| says_same(&line.act, act))
    }

    /// Whether this undoes something that only we know of, or says that nobody came to it, so that it stays here as that did; or goes on with
    /// what has ended there and not here.
    pub(super) fn undoes_here(&self, there: &State, act: &Act) -> bool {
        let us = (self.own, self.actor());
        let ended = there.place.is_final() && !self.state.place.is_final() && write::keeps_here(self, act);
        (ended || matches!(act, Act::Resume { .. } | Act::CancelAppointment { .. } | Act::NoShow { .. }))
            && there.leads(us, act, false).is_err()
            && self.state.leads(us, act, !ended).is_ok()
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

/// An end as it is said where they stand there: who had asked to withdraw it hears that it is, and no more.
fn from_there(place: Place, act: Act) -> Act {
    match (place, act) {
        (Place::CancelRequested, Act::Decline { .. }) => Act::ConfirmCancel,
        (Place::AppointmentCancelled, Act::Decline { .. }) => {
            Act::Close { outcome: Ending::Other, why: Why::default() }
        }
        (_, act) => act,
    }
}

/// Whether what is told says no other than what was kept, whatever words stand beside it.
fn says_same(kept: &Act, told: &Act) -> bool {
    match (kept, told) {
        (Act::Close { outcome: kept, .. }, Act::Close { outcome: told, .. }) => kept == told,
        (Act::Decline { reason: kept, .. }, Act::Decline { reason: told, .. }) => kept == told,
        (Act::Decline { .. }, Act::ConfirmCancel) => true,
        (Act::Schedule(kept), Act::Schedule(told)) => kept.at == told.at,
        (Act::Reschedule { to: kept, .. }, Act::Reschedule { to: told, .. }) => kept.at == told.at,
        (Act::Attend { .. }, Act::Attend { .. }) | (Act::NoShow { .. }, Act::NoShow { .. }) => kept.same_visit(told),
        _ => kept.name() == told.name(),
    }
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

/// The same, as far as it can be told now: it may be today, and nothing there stands in its way.
///
/// # Errors
/// `Store`.
pub(super) fn strikes_now(step: &mut Step<'_>, open: &Open) -> Result<Vec<EntryHash>> {
    let alone = strikes(step, open)?;
    let Some(there) = open.there().filter(|_| !alone.is_empty()) else { return Ok(Vec::new()) };
    let mut lines = open.strikes_untold(&there);
    lines.retain(|line| {
        alone.contains(&line.entry) && open.may_tell(step, line.act.information(), Action::Seal).is_ok()
    });
    Ok(lines.into_iter().map(|line| line.entry).collect())
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
        let thread = open.thread.thread.short();
        let show = format!("belay referral show {thread}");
        if open.end_unheard() {
            let message = "they do not know that it came to nothing here, and no step from where they stand says so; nothing was told";
            let next = format!("{show}; what comes next for the person: belay referral settle {thread}");
            return Err(Failure::misuse(message).next(next));
        }
        let message = "they know all of it that is told so; what else stayed here is said again by hand";
        return Err(Failure::misuse(message).next(show));
    }
    with_words(&mut acts, note, &open)?;
    for act in acts {
        act.check()?;
        write::act(step, session, &mut open, act)?;
    }
    act::done(step, session, open, Vec::new())
}

/// The words of whoever tells it now: they go with the end, else with the acceptance.
fn with_words(acts: &mut [Act], words: &Personal<String>, open: &Open) -> Outcome<()> {
    let none = words.reveal().trim().is_empty();
    let end = acts.iter().rposition(|act| matches!(act, Act::Decline { .. } | Act::Close { .. }));
    let at = end.or_else(|| acts.iter().rposition(|act| matches!(act, Act::Accept { .. })));
    let other = match at.and_then(|at| acts.get_mut(at)) {
        Some(Act::Decline { reason, note }) => {
            note.clone_from(words);
            *reason == DeclineReason::Other
        }
        Some(Act::Close { outcome, why }) => {
            why.note.clone_from(words);
            matches!(outcome, Ending::Administrative | Ending::Other)
        }
        Some(Act::Accept { note }) => {
            note.clone_from(words);
            false
        }
        _ if none => false,
        _ => {
            let thread = open.thread.thread.short();
            let message = "nothing of what is told now has room for words; nothing was told";
            return Err(Failure::misuse(message).next(format!(
                "belay referral say-again {thread} without --note, then belay referral message {thread}"
            )));
        }
    };
    if other && none {
        return Err(Failure::misuse("say in a few words why it ended: what was written here is not told")
            .next("the command again with --note @FILE"));
    }
    Ok(())
}
