//! An entry that was a mistake: which one is meant, and what to do instead where it can not be struck.

use super::{Open, show};
use crate::api::{Failure, Outcome};
use crate::system;
use crate::usecases::people;
use crate::usecases::staff::StaffSession;
use belay_protocol::engine::Step;
use belay_protocol::ids::EntryHash;
use belay_protocol::referral::{Act, Actor, InTheWay, Line, Outcome as Ending, Place, strike};
use belay_protocol::sensitive::Personal;

/// The act that strikes an entry, by its id or the beginning of it. `untold`: those that are struck here, where who was told them does not
/// know it and may.
///
/// # Errors
/// No such entry, and whatever stands in the way, with what to do instead.
pub(super) fn act(open: &Open, given: &str, why: &Personal<String>, untold: &[EntryHash]) -> Outcome<Act> {
    let given = given.trim().to_lowercase();
    let lines =
        || open.state.history.iter().filter(|line| given.len() >= 4 && line.entry.to_string().starts_with(&given));
    let mut fits = lines().filter(|line| show::may_be_mistaken(open, line) || untold.contains(&line.entry));
    let line = match (fits.next(), fits.next()) {
        (Some(line), None) => line,
        (Some(_), Some(_)) => {
            return Err(Failure::misuse("more than one entry of this referral begins so; type more of the id")
                .next("belay referral show THREAD --json has whole ids"));
        }
        (None, _) => match lines().next() {
            Some(line) => return Err(refused(open, line)),
            None => {
                return Err(Failure::misuse("no entry of this referral has that id").next("belay referral show THREAD"));
            }
        },
    };
    let parties = open.thread.parties(open.own);
    let thread = (open.thread.thread, parties);
    let struck = match open.there().filter(|_| untold.contains(&line.entry)) {
        // What they were told is struck where they stand: here it is struck already.
        Some(there) => strike(thread, &open.told(), &there, line),
        None => strike(thread, &open.placed, &open.state, line),
    };
    struck.map_err(|way| in_the_way(open, line, way))?;
    Ok(Act::Mistake { entry: line.entry, information: line.act.information(), reason: why.clone() })
}

/// Whose end of a referral told staff that the person had died: its mark goes with it.
///
/// # Errors
/// `Store`.
pub fn lives(step: &mut Step<'_>, session: &StaffSession, open: &Open, struck: &Act) -> Outcome<()> {
    let Act::Mistake { entry, .. } = struck else { return Ok(()) };
    let ended = open.state.history.iter().find(|line| line.entry == *entry);
    let deceased = |line: &&Line| matches!(line.act, Act::Close { outcome: Ending::Deceased, .. });
    match ended.filter(deceased).zip(open.thread.person) {
        Some((line, person)) => people::lives(step, session, person, (line.by.staff, line.at)),
        None => Ok(()),
    }
}

/// An entry that nobody here can strike.
fn refused(open: &Open, line: &Line) -> Failure {
    let show = "belay referral show THREAD: what can be struck has its id in the history";
    if let Some(said) = line.mistake {
        let when = open.state.history.iter().find(|other| other.entry == said).map(|other| system::written(other.at));
        return Failure::misuse(format!("it was struck before, on {}", when.unwrap_or_default())).next(show);
    }
    if open.state.place == Place::EnteredInError && line.act.may_be_mistaken() {
        return Failure::misuse("the referral was entered in error, and nothing in it counts").next(show);
    }
    if line.org != open.own && line.act.may_be_mistaken() {
        let message = format!("that entry is not ours: only {} can strike it", called(open, line));
        return Failure::misuse(message).next("belay referral message THREAD, to tell them");
    }
    if let Some(why) = line.without_effect.filter(|_| line.act.may_be_mistaken()) {
        return Failure::misuse(format!("it counts for nothing as it is: {why}")).next(show);
    }
    let (message, next) = instead(&line.act);
    Failure::misuse(message).next(next)
}

/// What is done instead where an act of this kind is never struck.
const fn instead(act: &Act) -> (&'static str, &'static str) {
    match act {
        Act::Send(_) => (
            "what was sent is not struck: they may have acted on it",
            "belay referral withdraw THREAD; where it was about somebody else, belay referral entered-in-error THREAD",
        ),
        Act::Accept { .. } => (
            "an acceptance is not struck: the sender may have told the person; but it can be declined afterwards, with the reason",
            "belay referral decline THREAD",
        ),
        Act::Acknowledge => ("that somebody here has seen it stays so", "belay referral decline THREAD"),
        Act::Message { .. } => ("words are put right by words", "belay referral message THREAD"),
        Act::Attachment(_) => {
            ("a file that went there is there; say what was wrong with it", "belay referral message THREAD")
        }
        Act::Need(_) => ("a need is changed, or dropped", "belay referral need THREAD --need NEED --status dropped"),
        Act::Crisis(_) => ("a plan is written anew: the newest holds", "belay referral crisis THREAD"),
        Act::Medication(_) => ("the medication is written anew: the newest holds", "belay referral medication THREAD"),
        Act::Summary(_) => ("a summary is written anew", "belay referral summary THREAD"),
        Act::Urge { .. } => ("how urgent it is is said anew", "belay referral urgency THREAD"),
        Act::HeardRevocation { .. } => (
            "what the person said of the consent is not struck here; a new consent lets things be told again",
            "belay consent draft --person PERSON",
        ),
        Act::Mistake { .. } => {
            ("a word that something was a mistake is not struck: take the step once more", "belay referral show THREAD")
        }
        _ => ("that entry is not struck", "belay referral show THREAD: what can be struck has its id in the history"),
    }
}

fn in_the_way(open: &Open, line: &Line, way: InTheWay) -> Failure {
    let told = |line: &Line| format!("{} of {}", line.act.name(), system::written(line.at));
    match way {
        InTheWay::Answered(answer) => {
            let who = called(open, &answer);
            let stands = match answer.without_effect {
                None => "and what it did stands",
                Some(_) => "though that had no effect",
            };
            let message = format!("{who} has acted on that {} since ({}), {stands}", line.act.name(), told(&answer));
            Failure::misuse(message).next(match (open.state.place, open.actor()) {
                (Place::CancelRequested, Actor::Recipient) => {
                    "belay referral confirm-withdrawal THREAD, or belay referral close THREAD"
                }
                (place, Actor::Sender) if place.is_final() => "belay referral send, for a new one",
                (_, Actor::Sender | Actor::Recipient | Actor::Member) => {
                    "belay referral message THREAD, to say what was wrong; then the step that puts it right"
                }
            })
        }
        InTheWay::Rests(rests) => {
            let message = format!("{} rests on it, and would count for nothing", told(&rests));
            let next = if show::may_be_mistaken(open, &rests) {
                format!("belay referral mistake THREAD {}, then this one", rests.entry.short())
            } else {
                "belay referral message THREAD, to say what was wrong".to_owned()
            };
            Failure::misuse(message).next(next)
        }
        InTheWay::Other(why) => {
            Failure::misuse(format!("it can not be struck: {why}")).next("belay referral show THREAD")
        }
    }
}

/// Whose entry it is.
fn called(open: &Open, line: &Line) -> String {
    let name = open.name_of(line.org);
    if name.is_empty() { "the other organisation".to_owned() } else { name }
}
