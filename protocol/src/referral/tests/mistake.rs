//! An entry that was a mistake: it stays, and never counted.

use super::*;

/// What an organisation writes down of the person.
fn written() -> Vec<Act> {
    let all = tellings().into_iter().chain([attend(), no_show()]);
    all.filter(Act::may_be_mistaken).collect()
}

/// Accepted, with an appointment; the last is named 12.
fn scheduled() -> Vec<(OrgId, Act)> {
    vec![(SENDER_ORG, send()), (RECIPIENT_ORG, accept()), (RECIPIENT_ORG, appointment())]
}

#[test]
fn what_was_a_mistake_never_counted_and_stays_in_the_history_with_who_said_so() {
    assert!(written().len() >= 9, "{:?}", written());
    for what in written() {
        let information = what.information();
        let without = state(&chain(scheduled()));
        let with = |last: Option<Act>| {
            let mut acts = scheduled();
            acts.push((RECIPIENT_ORG, what.clone()));
            acts.extend(last.map(|act| (RECIPIENT_ORG, act)));
            state(&chain(acts))
        };
        assert!(says(&with(None)) != says(&without), "{} says nothing", what.name());
        let taken_back = with(Some(mistake(hash(13), information)));
        assert_eq!(says(&taken_back), says(&without), "{}", what.name());
        let [wrong, said] = &taken_back.history[3..] else { panic!("{:?}", taken_back.history) };
        assert_eq!((wrong.mistake, wrong.without_effect.is_some()), (Some(hash(14)), true), "{}", what.name());
        assert_eq!((said.mistake, said.without_effect), (None, None), "{}", what.name());
        let elsewhere = if information == Information::Referral { Information::Social } else { Information::Referral };
        assert_eq!(says(&with(Some(mistake(hash(13), elsewhere)))), says(&with(None)), "said in another space");
    }
}

#[test]
fn nobody_takes_back_what_another_wrote_nor_what_it_did_not_know_nor_an_acceptance_nor_words() {
    let after = |what: Act, by: OrgId, knows: bool| {
        let words = (SENDER_ORG, Act::Message { text: "m".into() });
        let unanswered = vec![(SENDER_ORG, send()), words, (RECIPIENT_ORG, Act::Acknowledge)];
        let mut acts = if matches!(what, Act::Accept { .. }) { unanswered } else { scheduled() };
        acts.push((RECIPIENT_ORG, what));
        let mut entries = chain(acts);
        let parents = if knows { vec![hash(13)] } else { vec![hash(12)] };
        entries.push(act(hash(14), &parents, by, mistake(hash(13), Information::Referral)));
        let state = state(&entries);
        let line = |n| state.history.iter().find(|line| line.entry == hash(n)).expect("a line");
        (line(13).without_effect.is_none(), line(14).without_effect.is_some())
    };
    assert_eq!(after(attend(), SENDER_ORG, true), (true, true), "of another");
    assert_eq!(after(attend(), RECIPIENT_ORG, false), (true, true), "not known");
    assert_eq!(after(accept(), RECIPIENT_ORG, true), (true, true), "an acceptance: there is a decline");
    assert_eq!(after(Act::Message { text: "m".into() }, RECIPIENT_ORG, true), (true, true), "words");
    assert_eq!(after(attend(), RECIPIENT_ORG, true), (false, false));
}

#[test]
fn whatever_crosses_a_mistake_comes_out_as_if_it_had_never_been_written_in_either_order() {
    let steps = [
        withdraw(),
        decline(),
        close(Outcome::ServicesReceived),
        close(Outcome::Moved),
        hold(),
        reschedule(),
        no_show(),
        cancel_appointment(),
        attend(),
        in_error(),
        accept(),
        appointment(),
        resume(),
        Act::ConfirmCancel,
    ];
    for wrong in written() {
        for other in steps.iter().cloned().chain(tellings()) {
            for by in [SENDER_ORG, RECIPIENT_ORG] {
                for (n, after) in [(100, 13), (100, 12), (9, 12)] {
                    let blank = |with: bool| {
                        let mut acts = scheduled();
                        acts.push((RECIPIENT_ORG, wrong.clone()));
                        let mut entries = chain(acts);
                        entries.push(act(hash(14), &[hash(13)], RECIPIENT_ORG, mistake(hash(13), wrong.information())));
                        // Not knowing that it was a mistake, or not knowing of it at all.
                        entries.push(act(hash(n), &[hash(after)], by, other.clone()));
                        for entry in &mut entries {
                            if !with && [hash(13), hash(14)].contains(&entry.hash) {
                                entry.body = None;
                            }
                        }
                        entries
                    };
                    let (with, without) = (blank(true), blank(false));
                    let turned: Vec<Placed> = with.iter().rev().cloned().collect();
                    let words = format!("{} and {} by {by:?}", wrong.name(), other.name());
                    assert_eq!(state(&with), state(&turned), "{words}: the order decides");
                    assert_eq!(says(&state(&with)), says(&state(&without)), "{words}");
                }
            }
        }
    }
}

#[test]
fn what_is_kept_at_one_node_takes_back_what_is_kept_there_and_nothing_told_takes_back_what_is_not() {
    let fold_with = |wrong_here: bool, said_here: bool| {
        let mut acts = scheduled();
        acts.push((RECIPIENT_ORG, attend()));
        let mut entries = chain(acts);
        entries.last_mut().expect("some").local = wrong_here;
        let said = act(hash(14), &[hash(13)], RECIPIENT_ORG, mistake(hash(13), Information::Referral));
        entries.push(Placed { local: said_here, ..said });
        state(&entries).attended.is_none()
    };
    assert!(fold_with(true, true) && fold_with(false, true) && fold_with(false, false));
    assert!(!fold_with(true, false), "who was never told of it would see it otherwise");
}

#[test]
fn who_refers_says_by_then_how_urgent_it_is_and_nobody_else_does() {
    let urgency = |by| {
        let calm = Act::Urge { urgency: Urgency::Routine, note: "a bed was found for the week".into() };
        let state = state(&chain(vec![(SENDER_ORG, send()), (RECIPIENT_ORG, accept()), (by, calm)]));
        (state.place, state.request.map(|request| request.urgency))
    };
    assert_eq!(urgency(SENDER_ORG), (Place::Accepted, Some(Urgency::Routine)));
    assert_eq!(urgency(RECIPIENT_ORG), (Place::Accepted, Some(Urgency::Urgent)));
}

#[test]
fn of_two_appointments_that_two_machines_of_one_organisation_made_both_say_that_they_crossed() {
    let mut entries = chain(vec![(SENDER_ORG, send()), (RECIPIENT_ORG, accept())]);
    entries.push(act(hash(20), &[hash(11)], RECIPIENT_ORG, appointment()));
    entries.push(act(hash(21), &[hash(11)], RECIPIENT_ORG, reschedule()));
    entries.push(act(hash(22), &[hash(11)], RECIPIENT_ORG, attend()));
    let state = state(&entries);
    let crossed = |n: u8| &state.history.iter().find(|line| line.entry == hash(n)).expect("a line").crossed;
    assert_eq!((crossed(20), crossed(21)), (&vec![hash(21)], &vec![hash(20)]));
    assert!(crossed(22).is_empty(), "one organisation is not told of each of its own acts");
}
