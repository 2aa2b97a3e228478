//! What was done here while the sender was left out (2.26): what comes next for the person meanwhile, and what is told once it is let in again.

mod by_hand;
mod strikes;

use super::*;
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{Act, Setting};

/// A referral at the clinic that is linked, and of which the hospital is told nothing: what was asked.
fn left_out(county: &mut County) -> (String, String) {
    let id = sent(county, None);
    let clinic = county.office(CLINIC);
    clinic.done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&id)));
    let asked = restrict(clinic, out(Some("County Hospital"), &[])).left_out[0].id.to_string();
    (id, asked)
}

fn let_in(office: &mut Office, asked: &str) {
    let ask = PersonLetIn { person: "Zephyrine Quillfeather".into(), what: asked.to_owned(), spoken: true };
    office.done::<PersonView>(&Care::PersonLetIn(ask));
}

fn decline() -> ActRequest {
    ActRequest::Decline { reason: DeclineReason::NoCapacity, note: "she does not want them to know of her room".into() }
}

fn again() -> ActRequest {
    ActRequest::SayAgain { note: "".into() }
}

fn timers(view: &ThreadView) -> Vec<(Timer, bool)> {
    view.row.due.iter().map(|due| (due.timer, due.ours)).collect()
}

fn offers(view: &ThreadView, act: &str) -> bool {
    view.may.iter().any(|may| may == act)
}

#[test]
fn who_was_declined_here_while_the_sender_hears_nothing_is_settled_here_and_staff_read_what_may_be_said() {
    let mut county = county();
    let (id, _) = left_out(&mut county);
    hears_nothing(&mut county, HOSPITAL, |county| {
        let clinic = county.office(CLINIC);
        let view = clinic.act(&id, decline());
        assert_eq!(timers(&view), [(Timer::Rehome, true)], "nobody else knows that somebody has to");
        let say = view.row.due[0].say.as_deref().expect("what may be said to who waits");
        assert!(say.contains("neither confirm nor deny") && !say.contains("Quillfeather"), "{say}");
        assert!(offers(&view, "settle") && !offers(&view, "say again"), "{:?}", view.may);
        let settled = clinic.act(&id, ActRequest::Settle { note: "her aunt takes her in".into(), referral: None });
        assert_eq!((timers(&settled), settled.row.state.as_str()), (vec![], "declined"));
        let last = settled.history.last().expect("written");
        assert!(last.act == "settle" && last.local && last.without_effect.is_none(), "{last:?}");
        let [kept, anew] = clinic.lists();
        assert_eq!(kept, anew);
    });
    assert_eq!(
        county.office(HOSPITAL).thread(&id).row.state,
        "service request created",
        "they wait, and may telephone"
    );
    // Who hears of a decline says what comes next, and not who declined.
    let hospital = county.office(HOSPITAL);
    let consent = hospital.consent("Ridge Clinic", None, 60);
    let told = hospital.send(&consent).row.id.to_string();
    county.pump();
    let view = county.office(CLINIC).act(&told, decline());
    assert!(!offers(&view, "settle") && timers(&view).iter().all(|(_, ours)| !ours), "{:?}", timers(&view));
}

#[test]
fn a_decline_that_stayed_here_is_told_by_one_command_once_it_is_let_in_again_and_not_the_words_beside_it() {
    let mut county = county();
    let (id, asked) = left_out(&mut county);
    let clinic = county.office(CLINIC);
    clinic.act(&id, decline());
    assert!(clinic.refused(&Care::ReferralAct { thread: id.clone(), act: again() }).1.contains("42 CFR 2.26"));
    let_in(clinic, &asked);
    let view = clinic.thread(&id);
    assert_eq!(timers(&view), [(Timer::Untold, true)]);
    let due = &view.row.due[0];
    assert!(due.what.contains("that you declined it") && due.next.contains("belay referral say-again"), "{due:?}");
    assert!(offers(&view, "say again") && offers(&view, "settle"), "{:?}", view.may);
    let view = clinic.act(&id, again());
    assert!(timers(&view).iter().all(|(_, ours)| !ours) && !offers(&view, "say again"), "{:?}", timers(&view));
    let line = view.history.last().expect("told");
    assert!(!line.local && line.without_effect.as_deref().is_some_and(|why| why.contains("stood here")), "{line:?}");
    let (_, why) = clinic.refused(&Care::ReferralAct { thread: id.clone(), act: again() });
    assert!(why.contains("they know all of it"), "{why}");
    county.pump();
    let there = county.office(HOSPITAL).thread(&id);
    assert_eq!(there.row.state, "declined");
    assert!(there.history.iter().all(|line| line.note.reveal().is_empty()), "{:?}", there.history);
    assert!(there.row.due.iter().any(|due| due.timer == Timer::Rehome && due.ours), "who sent the person takes it up");
}

#[test]
fn a_bad_end_goes_with_the_steps_before_it_and_an_appointment_does_not() {
    let mut county = county();
    let (id, asked) = left_out(&mut county);
    let clinic = county.office(CLINIC);
    clinic.act(&id, accept());
    clinic.act(&id, schedule(clinic));
    clinic.act(&id, done(Outcome::LostContact));
    let_in(clinic, &asked);
    clinic.act(&id, again());
    county.pump();
    let there = county.office(HOSPITAL).thread(&id);
    assert_eq!((there.row.status.as_deref(), there.outcome), (Some("failed"), Some(Outcome::LostContact)));
    let told: Vec<&str> = there.history.iter().map(|line| line.act.as_str()).collect();
    assert!(told.contains(&"accept") && !told.contains(&"schedule"), "{told:?}");
    assert!(there.history.iter().all(|line| line.without_effect.is_none()));
}

#[test]
fn an_end_of_another_kind_is_told_with_words_of_now() {
    let mut county = county();
    let (id, asked) = left_out(&mut county);
    let clinic = county.office(CLINIC);
    let note = "she told us why, and asks us to keep that";
    clinic.act(&id, ActRequest::Decline { reason: DeclineReason::Other, note: note.into() });
    let_in(clinic, &asked);
    let (class, why) = clinic.refused(&Care::ReferralAct { thread: id.clone(), act: again() });
    assert!(class == FailureClass::Misuse && why.contains("a few words"), "{why}");
    clinic.act(&id, ActRequest::SayAgain { note: "she goes elsewhere".into() });
    county.pump();
    let there = county.office(HOSPITAL).thread(&id);
    let told = there.history.last().expect("told");
    assert_eq!((told.act.as_str(), told.note.reveal().as_str()), ("decline", "she goes elsewhere"));
}

#[test]
fn what_was_struck_while_the_sender_was_left_out_is_told_to_whom_the_struck_thing_was_told() {
    for by_hand in [true, false] {
        let mut county = county();
        let id = sent(&mut county, None);
        let clinic = county.office(CLINIC);
        taken_in(clinic, &id);
        clinic.act(&id, schedule(clinic));
        let entry = clinic.act(&id, ActRequest::Attend { when: None }).history.last().expect("came").entry.to_string();
        county.pump();
        let clinic = county.office(CLINIC);
        let asked = restrict(clinic, out(Some("County Hospital"), &[])).left_out[0].id.to_string();
        let strike = |why: &str| ActRequest::Mistake { entry: entry.clone(), why: why.into() };
        let view = clinic.act(&id, strike("it was her sister, who sleeps here"));
        assert_eq!(view.row.state, "event scheduled");
        assert!(view.history.iter().all(|line| !line.strike_untold), "it may not be told");
        let (_, why) = clinic.refused(&Care::ReferralAct { thread: id.clone(), act: strike("once more") });
        assert!(why.contains("struck before"), "{why}");
        county.pump();
        assert_eq!(county.office(HOSPITAL).thread(&id).row.state, "event completed", "nothing came");
        let clinic = county.office(CLINIC);
        let_in(clinic, &asked);
        let view = clinic.thread(&id);
        assert!(view.history.iter().any(|line| line.entry.to_string() == entry && line.strike_untold));
        assert!(offers(&view, "mistake") && timers(&view).contains(&(Timer::Untold, true)), "{:?}", view.may);
        let view = clinic.act(&id, if by_hand { strike("somebody else came") } else { again() });
        assert!(view.history.iter().all(|line| !line.strike_untold));
        assert!(!timers(&view).contains(&(Timer::Untold, true)) && view.row.state == "event scheduled");
        county.pump();
        let there = county.office(HOSPITAL).thread(&id);
        assert_eq!(there.row.state, "event scheduled", "their referral is where it was before, too");
        let struck = there.history.iter().find(|line| line.entry.to_string() == entry).expect("told before");
        let why = struck.mistake.as_ref().expect("struck").why.reveal().clone();
        assert_eq!(why, if by_hand { "somebody else came" } else { "" });
    }
}

#[test]
fn what_is_told_after_something_stayed_here_holds_here_too_and_the_sender_follows() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let asked = restrict(clinic, out(Some("County Hospital"), &[])).left_out[0].id.to_string();
    clinic.act(&id, schedule(clinic));
    clinic.sleep_days(3);
    clinic.act(&id, ActRequest::NoShow { when: None, why: belay_protocol::referral::Why::default() });
    clinic.act(&id, ActRequest::Hold { why: why("no bed") });
    let_in(clinic, &asked);
    // What only we know of is taken up again here alone.
    let view = clinic.act(&id, ActRequest::Resume { note: "".into() });
    assert!(view.row.state == "active in-progress" && view.history.last().is_some_and(|line| line.local));
    let view = clinic.act(&id, schedule(clinic));
    assert_eq!(view.row.state, "event scheduled", "and not missed, as the one before");
    assert!(view.history.iter().all(|line| !line.crossed), "nobody has to look at both: {:?}", view.history);
    county.pump();
    assert_eq!(county.office(HOSPITAL).thread(&id).row.state, "event scheduled");
}

fn why(text: &str) -> belay_protocol::referral::Why {
    belay_protocol::referral::Why { barriers: Vec::new(), note: text.into() }
}

impl Office {
    fn sleep_days(&mut self, days: u64) {
        self.now = Time(self.now.0 + days * DAY);
    }
}

#[test]
fn a_step_that_says_other_than_what_stayed_here_waits_until_that_is_struck() {
    let mut county = county();
    let (id, asked) = left_out(&mut county);
    let clinic = county.office(CLINIC);
    let declined = clinic.act(&id, decline()).history.last().expect("declined").entry.to_string();
    let_in(clinic, &asked);
    assert!(!offers(&clinic.thread(&id), "accept"), "it is declined here");
    let Response::Failed(refused) = clinic.ask(&Care::ReferralAct { thread: id.clone(), act: accept() }) else {
        panic!("it was done")
    };
    let next = refused.next.clone().expect("what to do");
    assert!(refused.message.contains("says otherwise") && next.contains("say-again"), "{refused:?}");
    assert!(next.contains("belay referral mistake") && next.contains(&declined[..8]), "{next}");
    clinic.act(&id, ActRequest::Mistake { entry: declined, why: "a bed is free".into() });
    assert_eq!(clinic.act(&id, accept()).row.state, "accepted");
    county.pump();
    let there = county.office(HOSPITAL).thread(&id);
    assert_eq!(there.row.state, "accepted");
    assert!(
        there.history.iter().all(|line| !["decline", "mistake"].contains(&line.act.as_str())),
        "nothing of that went"
    );
}

#[test]
fn a_list_of_medication_that_stayed_here_is_told_by_renew_once_it_may_be() {
    let mut county = county();
    let id = sent_with_medication(&mut county);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let asked = restrict(clinic, out(Some("County Hospital"), &[Information::Medication])).left_out[0].id.to_string();
    assert!(clinic.act(&id, lists()).history.last().is_some_and(|line| line.local));
    let_in(clinic, &asked);
    let unsaid = clinic.thread(&id).follow.unsaid;
    assert_eq!(unsaid, [(Information::Medication, None)], "they have none");
    clinic.act(&id, ActRequest::Renew(RenewRequest { crisis: false, medication: true }));
    county.pump();
    let there = county.office(HOSPITAL).thread(&id);
    assert!(there.follow.medication.is_some(), "{:?}", there.history);
    assert!(county.office(CLINIC).thread(&id).follow.unsaid.is_empty());
}

#[test]
fn who_tells_what_is_known_of_a_person_says_first_who_that_is() {
    let mut county = county();
    let id = sent_with_medication(&mut county);
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    restrict(clinic, out(Some("County Hospital"), &[]));
    let onward = |told: Option<&str>| {
        Care::ConsentOnward(OnwardAsk {
            thread: id.clone(),
            to: "County Hospital".to_owned(),
            information: Information::Referral,
            purpose: "treatment".to_owned(),
            contract: false,
            told: told.map(Into::into),
        })
    };
    assert!(!offers(&clinic.thread(&id), "medication"), "nobody has looked whom it is about");
    hears_nothing(&mut county, HOSPITAL, |county| {
        let clinic = county.office(CLINIC);
        for ask in [Care::ReferralAct { thread: id.clone(), act: lists() }, file(&id), onward(Some("by telephone"))] {
            let Response::Failed(refused) = clinic.ask(&ask) else { panic!("{ask:?} was done") };
            assert!(refused.message.contains("link it first"), "{refused:?}");
            assert!(refused.next.as_deref().is_some_and(|next| next.contains("belay referral link")), "{ask:?}");
        }
        let view: OnwardView = clinic.done(&onward(None));
        assert!(!view.permitted && view.says.contains("belay referral link"), "{}", view.says);
    });
    // To ask back tells nothing of whom we know.
    let clinic = county.office(CLINIC);
    clinic.act(&id, message("we look who she is"));
    clinic.act(
        &id,
        ActRequest::Seen(belay_protocol::referral::Seen {
            setting: Setting::Admitted,
            at: clinic.now,
            note: "".into(),
        }),
    );
}

#[test]
fn who_took_the_person_in_here_can_end_it_here_where_the_sender_took_it_back_meanwhile() {
    let mut county = county();
    let (id, asked) = left_out(&mut county);
    county.office(CLINIC).act(&id, accept());
    county.office(HOSPITAL).act(&id, ActRequest::Withdraw { reason: "moved".into() });
    county.pump();
    let clinic = county.office(CLINIC);
    let_in(clinic, &asked);
    let view = clinic.thread(&id);
    assert_eq!(view.row.state, "cancellation requested");
    assert!(offers(&view, Act::ConfirmCancel.name()), "{:?}", view.may);
    let view = clinic.act(&id, ActRequest::ConfirmWithdrawal);
    assert_eq!(view.row.state, "fulfillment cancelled");
    assert!(view.history.last().is_some_and(|line| line.local), "they know that it has ended");
    assert!(!offers(&view, "say again"));
}

#[test]
fn what_was_settled_here_before_the_sender_was_let_in_is_told_all_the_same_and_the_hours_run_from_then() {
    let mut county = county();
    let (id, asked) = left_out(&mut county);
    let clinic = county.office(CLINIC);
    clinic.act(&id, decline());
    clinic.act(&id, ActRequest::Settle { note: "her aunt takes her in".into(), referral: None });
    clinic.sleep_days(5);
    let now = clinic.now;
    let_in(clinic, &asked);
    let view = clinic.thread(&id);
    assert_eq!(timers(&view), [(Timer::Untold, true)]);
    assert!(view.row.due[0].since >= now && !view.row.due[0].overdue, "{:?}", view.row.due);
    // Who says once more what comes next takes it off, and may tell it all the same.
    assert!(offers(&view, "settle") && offers(&view, "say again"), "{:?}", view.may);
    let view = clinic.act(&id, ActRequest::Settle { note: "her aunt still has her".into(), referral: None });
    assert!(timers(&view).is_empty() && !offers(&view, "settle") && offers(&view, "say again"), "{:?}", view.may);
    let [kept, anew] = clinic.lists();
    assert_eq!(kept, anew);
}

#[test]
fn a_visit_is_said_no_more_once_a_step_after_it_was_told() {
    let mut county = county();
    let (id, asked) = left_out(&mut county);
    let clinic = county.office(CLINIC);
    clinic.act(&id, accept());
    clinic.act(&id, ActRequest::Attend { when: None });
    let_in(clinic, &asked);
    clinic.act(&id, accept());
    let view = clinic.act(&id, schedule(clinic));
    assert_eq!(view.row.state, "event scheduled");
    assert!(!offers(&view, "say again") && !timers(&view).contains(&(Timer::Untold, true)), "{:?}", view.may);
    assert!(clinic.refused(&Care::ReferralAct { thread: id.clone(), act: again() }).1.contains("they know all of it"));
}

#[test]
fn a_visit_after_a_good_end_is_told_too() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    clinic.act(&id, done(Outcome::ServicesReceived));
    let asked = restrict(clinic, out(Some("County Hospital"), &[])).left_out[0].id.to_string();
    clinic.act(&id, ActRequest::Attend { when: None });
    let_in(clinic, &asked);
    let words = Care::ReferralAct { thread: id.clone(), act: ActRequest::SayAgain { note: "she came".into() } };
    let (_, why) = clinic.refused(&words);
    assert!(why.contains("no") && why.contains("room for words"), "{why}");
    let view = clinic.act(&id, again());
    assert!(!offers(&view, "say again"), "once");
    county.pump();
    let there = county.office(HOSPITAL).thread(&id);
    assert!(there.history.iter().any(|line| line.act == "attend"), "{:?}", there.history);
    assert_eq!(there.row.state, "fulfillment completed");
}

#[test]
fn words_of_now_go_with_the_acceptance_where_it_has_not_ended() {
    let mut county = county();
    let (id, asked) = left_out(&mut county);
    let clinic = county.office(CLINIC);
    clinic.act(&id, accept());
    let_in(clinic, &asked);
    clinic.act(&id, ActRequest::SayAgain { note: "ask for Wren".into() });
    county.pump();
    let there = county.office(HOSPITAL).thread(&id);
    let told = there.history.iter().find(|line| line.act == "accept").expect("told");
    assert_eq!(told.note.reveal().as_str(), "ask for Wren");
}

#[test]
fn a_decline_that_met_a_withdrawal_is_told_as_the_end_that_the_sender_waits_for() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    let clinic = county.office(CLINIC);
    let asked = restrict(clinic, out(Some("County Hospital"), &[])).left_out[0].id.to_string();
    clinic.act(&id, decline());
    county.office(HOSPITAL).act(&id, ActRequest::Withdraw { reason: "moved".into() });
    county.pump();
    let clinic = county.office(CLINIC);
    let_in(clinic, &asked);
    assert!(timers(&clinic.thread(&id)).contains(&(Timer::Untold, true)));
    clinic.act(&id, again());
    county.pump();
    assert_eq!(county.office(HOSPITAL).thread(&id).row.state, "fulfillment cancelled");
}

#[test]
fn what_followed_a_strike_that_was_kept_after_something_else_is_told_after_it() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let closed = clinic.act(&id, done(Outcome::ServicesReceived)).history.last().expect("closed").entry.to_string();
    county.pump();
    let clinic = county.office(CLINIC);
    let asked = restrict(clinic, out(Some("County Hospital"), &[])).left_out[0].id.to_string();
    clinic.act(&id, ActRequest::Attend { when: None });
    clinic.act(&id, ActRequest::Mistake { entry: closed, why: "it was her sister".into() });
    clinic.act(&id, done(Outcome::LostContact));
    let_in(clinic, &asked);
    clinic.act(&id, again());
    county.pump();
    let there = county.office(HOSPITAL).thread(&id);
    assert_eq!((there.row.status.as_deref(), there.outcome), (Some("failed"), Some(Outcome::LostContact)));
}

#[test]
fn an_end_for_another_reason_than_the_one_that_stayed_here_says_otherwise() {
    let mut county = county();
    let (id, asked) = left_out(&mut county);
    let clinic = county.office(CLINIC);
    clinic.act(&id, decline());
    let_in(clinic, &asked);
    let other = ActRequest::Decline { reason: DeclineReason::Other, note: "she goes elsewhere".into() };
    let (_, why) = clinic.refused(&Care::ReferralAct { thread: id.clone(), act: other });
    assert!(why.contains("says otherwise"), "{why}");
    assert_eq!(clinic.act(&id, decline()).row.state, "declined");
}

#[test]
fn an_end_with_another_outcome_than_the_one_that_stayed_here_says_otherwise() {
    let mut county = county();
    let (id, asked) = left_out(&mut county);
    let clinic = county.office(CLINIC);
    clinic.act(&id, accept());
    clinic.act(&id, done(Outcome::LostContact));
    let_in(clinic, &asked);
    clinic.act(&id, accept());
    let (_, why) = clinic.refused(&Care::ReferralAct { thread: id.clone(), act: done(Outcome::ServicesReceived) });
    assert!(why.contains("says otherwise"), "{why}");
    clinic.act(&id, done(Outcome::LostContact));
    county.pump();
    assert_eq!(county.office(HOSPITAL).thread(&id).outcome, Some(Outcome::LostContact));
}
