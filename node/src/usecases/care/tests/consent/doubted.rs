//! A consent that may be false: what its recipient's staff do, what goes to nobody meanwhile, and where it stands in the list.

use super::*;
use crate::usecases::staff::StaffSession;
use crate::usecases::{consents, disclosures, notices};
use belay_protocol::consent::{Consent, Doubt, Void};
use belay_protocol::disclosure::{Doubted, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::referral::due::Timer;
use belay_protocol::space::hold::{Held, is_held};

fn suspend(what: &str, lift: bool) -> Care {
    let why = if lift { "she signed herself" } else { "her sister signed" };
    Care::ConsentSuspend { consent: what.to_owned(), why: why.into(), lift }
}

fn to_judge(office: &mut Office) -> usize {
    office.step(notices::standing).expect("counts").counts().judge
}

fn said(office: &mut Office, thread: &str) -> Vec<String> {
    let view = office.thread(thread);
    view.history.iter().map(|line| line.text.reveal().clone()).filter(|text| !text.is_empty()).collect()
}

/// The row of a thread in the list of what is due, and what it says is to judge.
fn listed(office: &mut Office, thread: &str) -> (ThreadRow, Option<DueView>) {
    let ask = Care::ReferralList(ListAsk { part: Part::Due, ..ListAsk::default() });
    let rows = office.done::<ThreadsView>(&ask).threads;
    let row = rows.into_iter().find(|row| row.id.to_string() == thread);
    let row = row.unwrap_or_else(|| office.thread(thread).row);
    let due = row.due.iter().find(|due| due.timer == Timer::Suspended).cloned();
    (row, due)
}

#[test]
fn a_recipient_that_doubts_a_consent_tells_and_passes_on_nothing_until_its_privacy_officer_lets_it_stand() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let word = Care::ReferralAct { thread: id.clone(), act: message("she came") };
    let onward = |told: Option<&str>| {
        Care::ConsentOnward(OnwardAsk {
            thread: id.clone(),
            to: "Harbor Shelter".to_owned(),
            information: Information::Referral,
            purpose: String::new(),
            contract: false,
            told: told.map(Into::into),
        })
    };
    let empty = Care::ConsentSuspend { consent: id.clone(), why: " ".into(), lift: false };
    assert!(clinic.refused(&empty).1.contains("what may be false"));
    assert!(clinic.as_officer(|office| office.refused(&suspend(&id, true))).1.contains("nobody here says"));
    let shown: ConsentView = clinic.done(&suspend(&id, false));
    assert!(shown.suspended && shown.doubts[0].note.reveal().contains("her sister signed"));
    assert!(
        shown.form.reveal().contains("County Hospital, which keeps it, does not hear of that"),
        "{}",
        shown.form.reveal()
    );
    assert!(clinic.refused(&suspend(&id, false)).1.contains("already"));
    for ask in [&word, &onward(Some("that she came"))] {
        let (class, why) = clinic.refused(ask);
        assert_eq!(class, FailureClass::NotPermitted);
        assert!(why.contains("2.31(c)(4)") && !why.contains("sister"), "{why}");
    }
    assert!(!clinic.done::<OnwardView>(&onward(None)).permitted);
    let shown = clinic.thread(&id);
    assert!(shown.reason.is_some() && shown.may.is_empty(), "it is read on, and nothing is offered: {:?}", shown.may);
    assert_eq!(to_judge(clinic), 1);
    assert!(clinic.step(disclosures::falsely_sentence).expect("counts").is_some());
    county.pump();
    assert!(county.office(HOSPITAL).thread(&id).row.ended.is_none(), "nobody hears of it");
    assert_eq!(to_judge(county.office(HOSPITAL)), 0);
    let clinic = county.office(CLINIC);
    assert_eq!(clinic.refused(&suspend(&id, true)).0, FailureClass::NotPermitted, "for the officer");
    let shown: ConsentView = clinic.officer(&suspend(&id, true));
    assert!(!shown.suspended && shown.doubts.len() == 2);
    assert_eq!(to_judge(clinic), 0);
    clinic.done::<ThreadView>(&word);
    let before = clinic.records();
    clinic.rebuild();
    assert_eq!(clinic.records(), before);
    let [kept, anew] = clinic.lists();
    assert_eq!(kept, anew);
    county.pump();
    assert!(said(county.office(HOSPITAL), &id).contains(&"she came".to_owned()));
}

#[test]
fn a_doubt_holds_for_all_that_came_under_that_consent_and_for_nothing_else() {
    let mut county = county();
    let first = sent(&mut county, None);
    let hospital = county.office(HOSPITAL);
    let same = Care::ConsentList { person: Some("Zephyrine Quillfeather".into()) };
    let consent = hospital.done::<ConsentsView>(&same).consents[0].id;
    let second = hospital.done::<ThreadView>(&send_under(&consent.to_string())).row.id.to_string();
    let other = hospital.consent("Ridge Clinic", None, 90);
    let third = hospital.send(&other).row.id.to_string();
    county.pump();
    let clinic = county.office(CLINIC);
    clinic.done::<ConsentView>(&suspend(&first, false));
    let word = |thread: &str| Care::ReferralAct { thread: thread.to_owned(), act: message("she came") };
    assert_eq!(clinic.refused(&word(&second)).0, FailureClass::NotPermitted);
    clinic.done::<ThreadView>(&word(&third));
    assert_eq!(to_judge(clinic), 1, "one consent");
    // Of one that the person took back nothing is told in any case.
    let revoke = Care::ConsentRevoke { consent: consent.to_string(), party: None, spoken: true };
    county.office(HOSPITAL).done::<ConsentView>(&revoke);
    county.pump();
    let clinic = county.office(CLINIC);
    assert_eq!(to_judge(clinic), 0);
    clinic.officer::<ConsentView>(&suspend(&first, true));
    assert!(clinic.refused(&suspend(&first, false)).1.contains("in any case"));
}

fn send_under(consent: &str) -> Care {
    let send = Send::new(consent.to_owned(), "asks for a bed".into(), Urgency::Routine);
    Care::ReferralSend(Send { again: true, ..send })
}

#[test]
fn what_the_person_takes_back_where_the_consent_is_doubted_is_told_by_telephone() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    clinic.done::<ConsentView>(&suspend(&id, false));
    let revoke = Care::ConsentRevoke { consent: id.clone(), party: None, spoken: true };
    clinic.done::<ConsentView>(&revoke);
    let list = clinic.done::<ThreadsView>(&Care::ReferralList(ListAsk { part: Part::Due, ..ListAsk::default() }));
    let [call] = list.calls.as_slice() else { panic!("{:?}", list.calls) };
    assert_eq!(call.to_name, "County Hospital");
}

#[test]
fn a_referral_under_a_suspended_consent_stands_in_the_list_with_who_must_judge_it_at_the_keeper_and_at_the_doubter() {
    let mut county = county();
    let (consent, clinic, shelter) = both_sent(&mut county);
    let hospital = county.office(HOSPITAL);
    assert_eq!(listed(hospital, &clinic).1, None);
    hospital.done::<ConsentView>(&suspend(&consent.id.to_string(), false));
    for thread in [&clinic, &shelter] {
        let (row, due) = listed(hospital, thread);
        let due = due.expect("it stands there");
        assert!(due.ours && due.what.starts_with("privacy officer:") && due.next.contains("--lift"), "{due:?}");
        assert!(row.state.contains("suspended") && row.ended.is_none(), "{}", row.state);
    }
    county.pump();
    let there = county.office(CLINIC);
    assert_eq!(listed(there, &clinic).1, None, "who keeps it tells nobody");
    there.done::<ConsentView>(&suspend(&clinic, false));
    let (row, due) = listed(there, &clinic);
    let due = due.expect("it stands there");
    assert!(due.ours && due.what.contains("ask who keeps the consent"), "{due:?}");
    assert!(row.state.contains("suspended"), "{}", row.state);
    there.officer::<ConsentView>(&suspend(&clinic, true));
    assert_eq!(listed(there, &clinic).1, None);
    let hospital = county.office(HOSPITAL);
    hospital.officer::<ConsentView>(&suspend(&consent.id.to_string(), true));
    for thread in [&clinic, &shelter] {
        let (row, due) = listed(hospital, thread);
        assert!(due.is_none() && !row.state.contains("suspended"), "{}", row.state);
    }
    for office in [HOSPITAL, CLINIC] {
        let [kept, anew] = county.office(office).lists();
        assert_eq!(kept, anew);
    }
}

/// Whether staff there read this in the referral.
fn reads(county: &mut County, office: usize, thread: &str, words: &str) -> bool {
    said(county.office(office), thread).iter().any(|text| text == words)
}

/// The lines stand again.
fn meet(county: &mut County) {
    county.connect();
    county.pump();
}

#[test]
fn what_was_written_before_a_consent_is_suspended_and_was_not_fetched_goes_to_nobody_until_it_stands_again() {
    const WORDS: &str = "she sleeps at her aunt's";
    let mut county = county();
    let (consent, clinic, shelter) = both_sent(&mut county);
    let other = county.office(HOSPITAL).consent("Ridge Clinic", None, 90);
    let apart = county.office(HOSPITAL).send(&other).row.id.to_string();
    county.pump();
    county.cut();
    let hospital = county.office(HOSPITAL);
    for thread in [&clinic, &shelter, &apart] {
        hospital.act(thread, message(WORDS));
    }
    hospital.done::<ConsentView>(&suspend(&consent.id.to_string(), false));
    meet(&mut county);
    assert!(!reads(&mut county, CLINIC, &clinic, WORDS) && !reads(&mut county, SHELTER, &shelter, WORDS));
    assert!(reads(&mut county, CLINIC, &apart, WORDS), "under another consent it goes on");
    county.office(HOSPITAL).officer::<ConsentView>(&suspend(&consent.id.to_string(), true));
    county.pump();
    assert!(reads(&mut county, CLINIC, &clinic, WORDS) && reads(&mut county, SHELTER, &shelter, WORDS));
    // And what a recipient wrote that has doubts since.
    county.cut();
    county.office(CLINIC).act(&clinic, message("she is here"));
    county.office(CLINIC).done::<ConsentView>(&suspend(&clinic, false));
    meet(&mut county);
    assert!(!reads(&mut county, HOSPITAL, &clinic, "she is here"));
    county.office(CLINIC).officer::<ConsentView>(&suspend(&clinic, true));
    county.pump();
    assert!(reads(&mut county, HOSPITAL, &clinic, "she is here"));
}

#[test]
fn what_was_not_fetched_of_a_consent_that_proves_false_never_goes() {
    const WORDS: &str = "she sleeps at her aunt's";
    let mut county = county();
    let (consent, clinic, _) = both_sent(&mut county);
    county.cut();
    let hospital = county.office(HOSPITAL);
    hospital.act(&clinic, message(WORDS));
    hospital.done::<ConsentView>(&suspend(&consent.id.to_string(), false));
    meet(&mut county);
    let void = Care::ConsentVoid { consent: consent.id.to_string(), why: "her sister signed".into() };
    county.office(HOSPITAL).officer::<ConsentView>(&void);
    county.pump();
    assert!(!reads(&mut county, CLINIC, &clinic, WORDS));
    assert!(county.office(CLINIC).thread(&clinic).row.ended.is_some(), "that it is out it hears");
}

/// Writes to our own records as another machine of ours would, and takes it as come from there: that the word goes from one machine to another
/// is no part of this.
fn heard_from_another_machine(office: &mut Office, word: impl FnOnce(&mut Step<'_>, &StaffSession) -> PrivateBody) {
    let bytes = office.staff(|step, session| {
        let bytes = word(step, session).encode();
        step.write_private(&bytes).expect("writes");
        crate::usecases::project::project_step(step).expect("kept");
        bytes
    });
    office.tamper(|draft| crate::usecases::records::changed_elsewhere(draft, &bytes).expect("noted"));
    office.follow();
}

#[test]
fn another_machine_of_the_organisation_that_hears_of_a_suspension_holds_back_too_and_lets_go_when_it_hears_that_it_stands()
 {
    const WORDS: &str = "she sleeps at her aunt's";
    let mut county = county();
    let (consent, clinic, shelter) = both_sent(&mut county);
    county.cut();
    let hospital = county.office(HOSPITAL);
    for thread in [&clinic, &shelter] {
        hospital.act(thread, message(WORDS));
    }
    let kept = |step: &mut Step<'_>| {
        let Ok(Some(Consent::Signed(signed))) = consents::get(step.draft(), consent.id) else {
            panic!("it was signed")
        };
        signed
    };
    heard_from_another_machine(hospital, |step, session| {
        let (mut signed, now) = (kept(step), step.context().now);
        signed.doubt("her sister signed".into(), session.by(), now);
        PrivateBody::Consent(Box::new(Consent::Signed(signed)))
    });
    meet(&mut county);
    assert!(!reads(&mut county, CLINIC, &clinic, WORDS) && !reads(&mut county, SHELTER, &shelter, WORDS));
    heard_from_another_machine(county.office(HOSPITAL), |step, session| {
        let (mut signed, now) = (kept(step), step.context().now);
        assert!(signed.uphold("she signed herself".into(), session.by(), now));
        PrivateBody::Consent(Box::new(Consent::Signed(signed)))
    });
    county.pump();
    assert!(reads(&mut county, CLINIC, &clinic, WORDS) && reads(&mut county, SHELTER, &shelter, WORDS));
    // And a recipient's.
    county.cut();
    let keeper = county.office(HOSPITAL).org();
    let there = county.office(CLINIC);
    there.act(&clinic, message("she is here"));
    // It bears another id there.
    let part = there.thread(&clinic).consent;
    heard_from_another_machine(there, |step, session| {
        let word =
            Doubt { at: step.context().now, why: "her sister signed".into(), by: session.by(), ends: Vec::new() };
        PrivateBody::Doubted(Box::new(Doubted { keeper, part, word }))
    });
    meet(&mut county);
    assert!(!reads(&mut county, HOSPITAL, &clinic, "she is here"));
}

#[test]
fn another_machine_of_the_organisation_that_hears_that_it_is_false_still_lets_nothing_go() {
    const WORDS: &str = "she sleeps at her aunt's";
    let mut county = county();
    let (consent, thread, _) = both_sent(&mut county);
    county.cut();
    let hospital = county.office(HOSPITAL);
    hospital.act(&thread, message(WORDS));
    hospital.done::<ConsentView>(&suspend(&consent.id.to_string(), false));
    heard_from_another_machine(hospital, |step, session| {
        let Ok(Some(Consent::Signed(signed))) = consents::get(step.draft(), consent.id) else {
            panic!("it was signed")
        };
        let (at, by) = (step.context().now, session.by());
        PrivateBody::Consent(Box::new(Consent::Void(Void {
            signed,
            at,
            why: "her sister signed".into(),
            by,
            revoked: None,
        })))
    });
    // Who was taken out gets nothing in any case; a space whose end has not come here is held back by this alone.
    let recipient = county.office(CLINIC).org();
    for space in county.office(CLINIC).thread_spaces() {
        let held = county.office(HOSPITAL).step(|step| is_held(step.draft(), space, recipient, Held::All));
        assert!(held.expect("reads"), "space {}", space.short());
    }
    meet(&mut county);
    assert!(!reads(&mut county, CLINIC, &thread, WORDS));
}
