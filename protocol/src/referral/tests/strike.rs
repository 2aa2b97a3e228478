//! Steps that were mistakes: from every place, what holds then, and what becomes of whatever crosses it.

use super::team::{MEMBER, act_of, begun, why as without};
use super::*;

/// The step and what crosses it: the step is 40, the word that it was a mistake 41, the other act `n`, after `after`.
fn crossing(before: &[(OrgId, Act)], step: &(OrgId, Act), other: &(OrgId, Act), (n, knows): (u8, bool)) -> Vec<Placed> {
    let mut entries = chain(before.to_vec());
    let last = entries.last().expect("an entry").hash;
    entries.push(act(hash(40), &[last], step.0, step.1.clone()));
    entries.push(act(hash(41), &[hash(40)], step.0, mistake(hash(40), step.1.information())));
    entries.push(act(hash(n), &[if knows { hash(40) } else { last }], other.0, other.1.clone()));
    entries
}

/// The same entries where nobody ever wrote these.
fn unwritten(entries: &[Placed], gone: &[u8]) -> Vec<Placed> {
    let gone = |entry: &Placed| gone.iter().any(|n| hash(*n) == entry.hash);
    entries.iter().map(|entry| Placed { body: entry.body.clone().filter(|_| !gone(entry)), ..entry.clone() }).collect()
}

fn counts(state: &State, n: u8) -> bool {
    line(state, n).without_effect.is_none()
}

#[test]
fn which_acts_can_be_struck_is_one_list() {
    let all = tellings().into_iter().chain([
        send(),
        Act::Acknowledge,
        accept(),
        withdraw(),
        in_error(),
        Act::HeardRevocation { told: Told::Spoken, party: None },
        Act::Urge { urgency: Urgency::Routine, note: none() },
        mistake(hash(1), Information::Referral),
    ]);
    let all: Vec<Act> = all.chain(strikable().into_iter().map(|(_, act)| act)).collect();
    let names = |can: bool| {
        let mut names: Vec<&str> = all.iter().filter(|act| act.may_be_mistaken() == can).map(Act::name).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let struck = [
        "attend",
        "cancel appointment",
        "check-in",
        "close",
        "confirm withdrawal",
        "contact attempt",
        "decline",
        "entered in error",
        "handoff",
        "hold",
        "lost contact",
        "no-show",
        "reschedule",
        "resume",
        "schedule",
        "seen",
        "transition",
        "withdraw",
    ];
    assert_eq!(names(true), struck);
    let stand = [
        "accept",
        "acknowledge",
        "attachment",
        "crisis plan",
        "identity",
        "medication",
        "message",
        "mistake",
        "need",
        "revocation heard",
        "send",
        "summary",
        "urgency",
    ];
    assert_eq!(names(false), stand);
}

#[test]
fn a_step_that_is_struck_leaves_the_referral_as_it_was_from_every_place() {
    let mut cells = 0;
    for before in places() {
        let stood = state(&chain(before.clone()));
        for (by, step) in strikable() {
            let mut entries = chain(before.clone());
            let last = entries.last().expect("an entry").hash;
            entries.push(act(hash(40), &[last], by, step.clone()));
            let taken = state(&entries);
            let words = format!("{} by {by:?} from {:?}", step.name(), stood.place);
            if !counts(&taken, 40) {
                continue;
            }
            cells += 1;
            entries.push(act(hash(41), &[hash(40)], by, mistake(hash(40), Information::Referral)));
            let struck = state(&entries);
            assert_eq!(says(&struck), says(&stood), "{words}");
            assert_eq!((line(&struck, 40).mistake, counts(&struck, 41)), (Some(hash(41)), true), "{words}");
            assert!(line(&struck, 40).without_effect.is_some() && line(&struck, 41).crossed.is_empty(), "{words}");
        }
    }
    // All that the tables of the machine let be done and that can be struck.
    assert_eq!(cells, 77);
}

#[test]
fn whatever_crosses_a_strike_comes_out_as_if_the_step_had_never_been_taken() {
    let others = || {
        let mut others = strikable();
        others.extend([(SENDER_ORG, send()), (RECIPIENT_ORG, Act::Acknowledge), (RECIPIENT_ORG, accept())]);
        let told = ["message", "need", "seen", "lost contact", "handoff"];
        let told = tellings().into_iter().filter(|act| told.contains(&act.name()));
        others.extend(told.flat_map(|act| [(SENDER_ORG, act.clone()), (RECIPIENT_ORG, act)]));
        others
    };
    for before in places() {
        for step in strikable() {
            if !counts(&state(&crossing(&before, &step, &(STRANGER, accept()), (90, false))[..]), 41) {
                continue;
            }
            for other in others() {
                // Its hash before and after that of the strike; knowing of the step, and not.
                for (n, knows) in [(90, true), (90, false), (9, true), (9, false)] {
                    let entries = crossing(&before, &step, &other, (n, knows));
                    let words = format!(
                        "{} struck by {:?}, {} by {:?}, {knows}",
                        step.1.name(),
                        step.0,
                        other.1.name(),
                        other.0
                    );
                    let now = state(&entries);
                    if n == 9 {
                        let turned: Vec<Placed> = entries.iter().rev().cloned().collect();
                        assert_eq!(now, state(&turned), "{words}: the order decides");
                    }
                    // What its own organisation says of the person after an end of its own rests on that end.
                    let rests = knows
                        && step.0 == other.0
                        && step.1.may_be_mistaken()
                        && matches!(other.1, Act::Close { .. })
                        && matches!(
                            step.1.name(),
                            "close" | "decline" | "withdraw" | "confirm withdrawal" | "entered in error"
                        );
                    let gone: &[u8] = if rests { &[40, 41, n] } else { &[40, 41] };
                    assert_eq!(says(&now), says(&state(&unwritten(&entries, gone))), "{words}");
                    if other.1.moves() {
                        assert_eq!(line(&now, 41).crossed, [hash(n)], "{words}: people are told that they crossed");
                        assert!(line(&now, n).crossed.contains(&hash(41)), "{words}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_another_organisation_did_upon_a_step_stands_once_it_is_known() {
    let mut seen = Vec::new();
    for before in places() {
        for step in strikable() {
            for other in strikable().into_iter().filter(|other| other.0 != step.0) {
                let mut entries = chain(before.clone());
                let last = entries.last().expect("an entry").hash;
                entries.push(act(hash(40), &[last], step.0, step.1.clone()));
                entries.push(act(hash(41), &[hash(40)], other.0, other.1.clone()));
                let stood = state(&entries);
                if !counts(&stood, 40) || !counts(&stood, 41) {
                    continue;
                }
                entries.push(act(hash(42), &[hash(41)], step.0, mistake(hash(40), Information::Referral)));
                let struck = state(&entries);
                let words = format!("{}, then {}", step.1.name(), other.1.name());
                // Whether the person came is told of the person: it answers nothing, and nothing answers it.
                let of_person = |act: &Act| matches!(act, Act::Attend { .. } | Act::NoShow { .. });
                if of_person(&step.1) || of_person(&other.1) {
                    assert!(counts(&struck, 42), "{words}");
                } else {
                    assert_eq!(says(&struck), says(&stood), "{words}");
                    assert!(!counts(&struck, 42) && line(&struck, 40).mistake.is_none(), "{words}");
                    seen.push(words);
                }
                // Who did not know of it strikes; then both are shown.
                let apart = entries.last_mut().expect("the strike");
                apart.parents = vec![hash(40)];
                assert!(counts(&state(&entries), 42), "not known");
            }
        }
    }
    // Where the answer was a mistake itself, and who strikes knows it, nothing stands any more.
    let mut acts = accepted();
    acts.extend([(SENDER_ORG, withdraw()), (RECIPIENT_ORG, Act::ConfirmCancel)]);
    acts.push((RECIPIENT_ORG, mistake(hash(13), Information::Referral)));
    acts.push((SENDER_ORG, mistake(hash(12), Information::Referral)));
    assert_eq!(state(&chain(acts)).place, Place::Accepted);
    assert!(seen.contains(&"withdraw, then confirm withdrawal".to_owned()), "{seen:?}");
    assert!(seen.contains(&"schedule, then withdraw".to_owned()), "{seen:?}");
    assert!(seen.contains(&"close, then entered in error".to_owned()), "{seen:?}");
}

#[test]
fn what_was_said_of_the_person_after_an_end_that_is_struck_ends_nothing() {
    for (knows_strike, n) in [(false, 90), (false, 9), (true, 90), (true, 9)] {
        let visit = vec![(SENDER_ORG, send()), (RECIPIENT_ORG, accept()), (RECIPIENT_ORG, attend())];
        let well = (RECIPIENT_ORG, close(Outcome::ServicesReceived));
        let then = (RECIPIENT_ORG, close(Outcome::Administrative));
        let mut entries = crossing(&visit, &well, &then, (n, true));
        let said = entries.last_mut().expect("the later word");
        // At its own node alone, as staff say what became of the person after a good end.
        said.local = true;
        if knows_strike {
            said.parents = vec![hash(41)];
        }
        let state = state(&entries);
        let expected = if knows_strike { (Place::Failed, true) } else { (Place::Attended, false) };
        assert_eq!((state.place, counts(&state, n)), expected);
    }
}

#[test]
fn whoever_strikes_is_told_what_stands_in_the_way() {
    let way = |acts: Vec<(OrgId, Act)>, n: u8| {
        let entries = chain(acts);
        let state = state(&entries);
        let found = strike((THREAD, parties()), &entries, &state, line(&state, n));
        found.map_err(|way| match way {
            InTheWay::Answered(line) => format!("answered: {}", line.act.name()),
            InTheWay::Rests(line) => format!("rests: {}", line.act.name()),
            InTheWay::Other(why) => why.to_owned(),
        })
    };
    let after = |mut acts: Vec<(OrgId, Act)>, more: Vec<(OrgId, Act)>| {
        acts.extend(more);
        acts
    };
    let theirs = |act| (RECIPIENT_ORG, act);
    let scheduled = || after(accepted(), vec![theirs(appointment())]);
    assert_eq!(way(scheduled(), 12), Ok(()));
    assert_eq!(way(after(scheduled(), vec![theirs(attend())]), 12), Ok(()), "whoever came, came");
    let moved = after(scheduled(), vec![theirs(reschedule()), theirs(no_show())]);
    assert_eq!(way(moved.clone(), 12), Err("rests: no-show".to_owned()), "the newest first");
    assert_eq!(way(moved.clone(), 13), Ok(()), "the appointment before it was missed then");
    assert_eq!(way(moved, 14), Ok(()));
    let rested = after(accepted(), vec![theirs(hold()), theirs(resume())]);
    assert_eq!(way(rested, 12), Err("rests: resume".to_owned()));
    let withdrawn = after(accepted(), vec![(SENDER_ORG, withdraw()), theirs(Act::ConfirmCancel)]);
    assert_eq!(way(withdrawn.clone(), 12), Err("answered: confirm withdrawal".to_owned()));
    assert_eq!(way(withdrawn, 13), Ok(()), "and by who confirmed it");
    assert!(way(accepted(), 11).is_err_and(|why| why.starts_with("it names nothing")), "an acceptance");
    let ended = after(accepted(), vec![theirs(decline()), (SENDER_ORG, withdraw())]);
    assert_eq!(way(ended, 12), Err("answered: withdraw".to_owned()), "also where that had no effect");
    let struck = after(scheduled(), vec![theirs(mistake(hash(12), Information::Referral))]);
    assert_eq!(way(struck, 12), Err("what it names was struck before".to_owned()));
}

#[test]
fn an_answer_that_two_machines_strike_stands_for_nobody_who_knew_one_of_the_words() {
    let mut acts = accepted();
    acts.extend([(RECIPIENT_ORG, appointment()), (SENDER_ORG, withdraw())]);
    let mut entries = chain(acts);
    entries.push(act(hash(60), &[hash(13)], SENDER_ORG, mistake(hash(13), Information::Referral)));
    entries.push(act(hash(61), &[hash(60)], RECIPIENT_ORG, mistake(hash(12), Information::Referral)));
    let known = state(&entries);
    // The other word comes later, before or behind the first in canonical order.
    for n in [20, 90] {
        let mut entries = entries.clone();
        entries.push(act(hash(n), &[hash(13)], SENDER_ORG, mistake(hash(13), Information::Referral)));
        let state = state(&entries);
        assert_eq!((says(&state), counts(&state, 61)), (says(&known), true), "{n}");
        let (first, again) = if n == 20 { (20, 60) } else { (60, 90) };
        assert_eq!((line(&state, 13).mistake, counts(&state, first)), (Some(hash(first)), true), "{n}");
        assert_eq!(without(&state, again), Some("what it names was struck before"), "{n}");
    }
}

#[test]
fn what_never_counts_from_its_author_is_no_answer() {
    let strike =
        |n, parent: u8| act_of(n, &[hash(parent)], RECIPIENT_ORG, 10, mistake(hash(21), Information::Referral));
    let answered = |by: OrgId, under: u8, what: Act| {
        let mut entries = begun(None);
        entries.extend([
            act_of(20, &[hash(10), hash(11)], RECIPIENT_ORG, 10, accept()),
            act_of(21, &[hash(20)], RECIPIENT_ORG, 10, hold()),
            act_of(22, &[hash(21)], by, under, what),
            strike(23, 22),
        ]);
        !counts(&fold(THREAD, parties(), &entries), 23)
    };
    assert!(answered(SENDER_ORG, 1, withdraw()));
    assert!(!answered(MEMBER, 11, decline()), "another of the team steps nothing");
    assert!(!answered(SENDER_ORG, 1, decline()), "nor does the sender decline");
    assert!(!answered(SENDER_ORG, 99, withdraw()), "under no notice");
}

#[test]
fn what_the_sender_said_of_what_comes_next_upon_an_end_that_is_struck_is_asked_for_again() {
    for (by, end) in [(RECIPIENT_ORG, decline()), (SENDER_ORG, withdraw())] {
        for knows_strike in [false, true] {
            let mut entries = chain(vec![(SENDER_ORG, send()), (by, end.clone())]);
            entries.push(act(hash(41), &[hash(11)], by, mistake(hash(11), Information::Referral)));
            let said = hash(if knows_strike { 41 } else { 11 });
            entries.push(Placed { local: true, ..act(hash(42), &[said], SENDER_ORG, close(Outcome::Administrative)) });
            let state = state(&entries);
            assert_eq!(
                (state.place, state.settled.is_some(), counts(&state, 42)),
                (Place::Sent, knows_strike, knows_strike)
            );
        }
    }
    // It is no reason not to strike what another organisation did.
    let mut entries = chain(vec![(SENDER_ORG, send()), (RECIPIENT_ORG, decline())]);
    entries.push(Placed { local: true, ..act(hash(42), &[hash(11)], SENDER_ORG, close(Outcome::Administrative)) });
    let known = state(&entries);
    assert!(known.settled.is_some());
    assert_eq!(super::strike((THREAD, parties()), &entries, &known, line(&known, 11)), Ok(()));
    // What another of the team says has ended nothing, and takes nothing with it.
    let mut entries = begun(None);
    entries.extend([
        act_of(22, &[hash(11)], MEMBER, 11, close(Outcome::Moved)),
        act_of(23, &[hash(22)], MEMBER, 11, mistake(hash(22), Information::Referral)),
        Placed { local: true, ..act_of(24, &[hash(22)], SENDER_ORG, 1, close(Outcome::Administrative)) },
    ]);
    assert!(counts(&fold(THREAD, parties(), &entries), 24));
}

#[test]
fn who_is_on_record_as_having_died_by_a_word_that_was_struck_is_looked_for_and_the_record_too() {
    let mut acts = accepted();
    acts.extend([(RECIPIENT_ORG, close(Outcome::Deceased)), (RECIPIENT_ORG, mistake(hash(12), Information::Referral))]);
    let due = |acts: &[(OrgId, Act)], us: (OrgId, Actor), marked: bool| {
        let mut facts = due::Facts::of(&state(&chain(acts.to_vec())), parties(), us, None);
        facts.here.died = marked;
        let hours = crate::agreement::Hours::DEFAULT;
        let all = due::timers(&facts, &hours, Days { offset_minutes: 0 }, NOW);
        all.into_iter().map(|due| (due.timer, due.whose)).collect::<Vec<_>>()
    };
    let (sender, recipient) = ((SENDER_ORG, Actor::Sender), (RECIPIENT_ORG, Actor::Recipient));
    let goes_on = (due::Timer::FirstAppointment, Actor::Recipient);
    let marked = due(&acts, sender, true);
    assert!(marked.contains(&(due::Timer::Lives, Actor::Sender)) && marked.contains(&goes_on), "{marked:?}");
    assert!(marked.iter().all(|(timer, _)| *timer != due::Timer::Died), "{marked:?}");
    assert_eq!(due(&acts, sender, false), [goes_on], "once the record is corrected");
    let own = due(&acts, recipient, true);
    assert!(own.iter().all(|(timer, _)| *timer == due::Timer::Died), "what its own staff know otherwise: {own:?}");
    acts.push((RECIPIENT_ORG, close(Outcome::Deceased)));
    assert_eq!(due(&acts, sender, true), [], "said again");
}
