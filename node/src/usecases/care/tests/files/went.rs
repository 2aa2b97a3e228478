//! What went before and left no trace here (words, a paper that was never attached) is put on record afterwards, and opens nothing.

use super::*;
use belay_protocol::disclosure::Means;

fn said(thread: &str, when: Time, include: &[Information]) -> DisclosureWent {
    DisclosureWent {
        thread: thread.to_owned(),
        to: None,
        include: include.to_vec(),
        told: "that she comes on Monday".into(),
        way: Means::Said,
        who: "Sister Anne".into(),
        when,
    }
}

fn accounting(office: &mut Office) -> DisclosuresView {
    office.done(&Care::Disclosures(DisclosuresAsk::of("Zephyrine Quillfeather")))
}

/// A referral off the network whose consent was signed, and three days later revoked, a day ago: its id, and both times.
fn over(county: &mut County) -> (String, Time, Time) {
    let (thread, _) = chosen(county.office(HOSPITAL));
    let signed = county.office(HOSPITAL).now;
    county.sleep(3 * DAY);
    let hospital = county.office(HOSPITAL);
    let consent = hospital.thread(&thread).consent.to_string();
    hospital.done::<ConsentView>(&Care::ConsentRevoke { consent, party: None, spoken: true });
    let since = hospital.now;
    county.sleep(DAY);
    (thread, signed, since)
}

#[test]
fn words_and_papers_that_went_before_the_end_are_on_record_with_both_days_and_tell_nothing_now() {
    let mut county = county();
    let (thread, signed, since) = over(&mut county);
    let hospital = county.office(HOSPITAL);
    let kinds = [Information::Referral, Information::Clinical];
    for (when, kinds, clause) in [
        (since, &kinds[..], "42 CFR 2.31(c)(3)"),
        (Time(signed.0 - DAY), &kinds[..], "42 CFR 2.31(a)(8)"),
        (hospital.now.plus(DAY), &kinds[..], "42 CFR 2.25"),
        // Of two kinds, one of which the consent never opened, neither is put on record.
        (signed.plus(DAY), &[Information::Referral, Information::Medication][..], "42 CFR 2.31(a)(3)"),
    ] {
        let (class, why) = hospital.refused(&Care::DisclosureWent(said(&thread, when, kinds)));
        assert!(class == FailureClass::NotPermitted && why.contains(clause), "{when:?}: {why}");
    }
    assert!(accounting(hospital).disclosures.is_empty(), "what is refused leaves no trace");

    let then = signed.plus(DAY);
    let word: SentView = hospital.done(&Care::DisclosureWent(said(&thread, then, &kinds)));
    assert_eq!((word.when, word.at, word.way), (Some(then), hospital.now, Some(Means::Said)), "both days stand there");
    let told = accounting(hospital);
    let mut on_record: Vec<Information> = told.disclosures.iter().map(|one| one.information).collect();
    on_record.sort_unstable();
    assert_eq!((on_record, told.made), (kinds.to_vec(), 2));
    for one in &told.disclosures {
        assert_eq!((one.at, one.with_consent, one.printed), (then, true, false), "the day it went (42 CFR 2.25)");
        let what = one.what.reveal();
        assert!(what.contains("that she comes on Monday") && one.recorded == word.at, "{what}");
        assert!(one.recipient.contains("Stone Chapel Beds"), "{}", one.recipient);
    }
    assert_eq!(hospital.refused(&Care::DisclosureWent(said(&thread, then, &kinds))).0, FailureClass::Misuse, "once");
    let now = Care::ReferralAct { thread: thread.clone(), act: message("and on Tuesday") };
    assert_eq!(hospital.refused(&now).0, FailureClass::NotPermitted, "nothing is told now");

    let back = |why: &str| Care::DisclosureWentBack { thread: thread.clone(), why: why.into() };
    assert_eq!(hospital.refused(&back(" ")).0, FailureClass::Misuse, "without a reason");
    hospital.done::<SentView>(&back("it was another person"));
    assert_eq!(accounting(hospital).made, 0, "struck as any other");
    assert_eq!(hospital.refused(&back("again")).0, FailureClass::Misuse);
    let words = hospital.thread(&thread).letters;
    assert_eq!(words.iter().filter(|word| word.told.is_some()).count(), 1, "both words stay");
    hospital.done::<SentView>(&Care::DisclosureWent(said(&thread, then, &kinds)));
    assert_eq!(accounting(hospital).made, 2, "and it may be said again");
}

#[test]
fn to_one_of_a_team_or_by_the_network_it_is_put_on_record_alike_and_never_by_who_keeps_no_consent() {
    let mut county = county();
    let id = sent(&mut county, None);
    let hospital = county.office(HOSPITAL);
    let then = hospital.now;
    county.sleep(DAY);
    let hospital = county.office(HOSPITAL);
    let before = hospital.thread_spaces().len();
    hospital.done::<SentView>(&Care::DisclosureWent(said(&id, then, &[Information::Referral])));
    let told = accounting(hospital).disclosures;
    let late = told.iter().find(|one| one.what.reveal().contains("Monday")).expect("on record");
    assert_eq!((late.at, late.recipient.as_str()), (then, "Ridge Clinic"));
    assert_eq!(hospital.thread_spaces().len(), before);
    county.pump();
    assert!(!county.office(CLINIC).holds(b"that she comes on Monday"), "nothing is sent by it");
    let refused = county.office(CLINIC).refused(&Care::DisclosureWent(said(&id, then, &[Information::Referral])));
    assert!(refused.0 == FailureClass::Misuse && refused.1.contains("who keeps the consent"), "{}", refused.1);
    let nobody = DisclosureWent { to: Some("Harbor Shelter".to_owned()), ..said(&id, then, &[Information::Referral]) };
    assert_eq!(
        county.office(HOSPITAL).refused(&Care::DisclosureWent(nobody)).0,
        FailureClass::Misuse,
        "it is not in it"
    );
}
