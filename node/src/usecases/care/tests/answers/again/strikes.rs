//! What was struck while the sender was left out is offered to be told where that can succeed, and nowhere else.

use super::*;
use belay_protocol::referral::Housing;

/// A referral whose sender was told by the clinic that the person has a home, and was left out of both kinds then; the check-in was a mistake. With
/// its entry, and what was asked of each kind.
fn struck(county: &mut County) -> (String, String, [String; 2]) {
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    let back = vec![Information::Referral, Information::Social];
    let consent = county.office(HOSPITAL).consent("Ridge Clinic", Some(back), 90);
    let id = county.office(HOSPITAL).send(&consent).row.id.to_string();
    county.pump();
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let home = CheckInRequest { in_care: None, housing: Some(Housing::Stable), ..in_care(Stage::Start) };
    let entry = clinic.act(&id, ActRequest::CheckIn(home)).history.last().expect("told").entry.to_string();
    county.pump();
    let clinic = county.office(CLINIC);
    let asked = [Information::Referral, Information::Social].map(|kind| {
        let all = restrict(clinic, out(Some("County Hospital"), &[kind])).left_out;
        all.iter().find(|one| one.information == [kind]).expect("asked").id.to_string()
    });
    let view = clinic.act(&id, mistake(&entry));
    assert!(view.history.last().is_some_and(|line| line.local && line.act == "mistake"));
    (id, entry, asked)
}

fn mistake(entry: &str) -> ActRequest {
    ActRequest::Mistake { entry: entry.to_owned(), why: "it was her sister".into() }
}

/// Whether the page offers to tell that it was a mistake.
fn offered(view: &ThreadView, entry: &str) -> bool {
    let line = view.history.iter().find(|line| line.entry.to_string() == entry).expect("it stands there");
    assert!(line.mistake.is_some() && (offers(view, "mistake") || !line.strike_untold));
    line.strike_untold
}

#[test]
fn a_kind_that_is_let_in_alone_is_told_what_was_a_mistake_in_it_while_the_referral_is_still_left_out() {
    let mut county = county();
    let (id, entry, [_, social]) = struck(&mut county);
    let clinic = county.office(CLINIC);
    assert!(!offered(&clinic.thread(&id), &entry), "it may not be told");
    let_in(clinic, &social);
    let view = clinic.thread(&id);
    assert!(view.left_out.iter().any(|one| one.information == Information::Referral));
    assert!(offered(&view, &entry) && !offers(&view, "say again"), "{:?}", view.may);
    let view = clinic.act(&id, mistake(&entry));
    assert!(!offered(&view, &entry));
    county.pump();
    let there = county.office(HOSPITAL).thread(&id);
    assert!(there.history.iter().any(|line| line.entry.to_string() == entry && line.mistake.is_some()));
}

#[test]
fn what_may_be_told_no_more_or_is_suspended_is_not_offered_to_be_told() {
    for ended in [true, false] {
        let mut county = county();
        let (id, entry, [referral, social]) = struck(&mut county);
        let clinic = county.office(CLINIC);
        let_in(clinic, &referral);
        let_in(clinic, &social);
        assert!(offered(&clinic.thread(&id), &entry));
        if ended {
            let consent = county.office(HOSPITAL).thread(&id).consent.to_string();
            let revoke = Care::ConsentRevoke { consent, party: None, spoken: true };
            county.office(HOSPITAL).done::<ConsentView>(&revoke);
            county.pump();
        } else {
            let doubt = Care::ConsentSuspend { consent: id.clone(), why: "her sister signed".into(), lift: false };
            clinic.done::<ConsentView>(&doubt);
        }
        let clinic = county.office(CLINIC);
        assert!(!offered(&clinic.thread(&id), &entry));
        let (_, why) = clinic.refused(&Care::ReferralAct { thread: id.clone(), act: mistake(&entry) });
        assert!(why.contains(if ended { "struck before" } else { "2.31(c)(4)" }), "{why}");
    }
}
