//! What went under a consent that is known to be false waits for the privacy officer's word, of each who got it.

use super::*;
use crate::forms::Lang;

fn waiting(office: &mut Office) -> Vec<FalseView> {
    office.done::<ThreadsView>(&Care::ReferralList(ListAsk::default())).falsely
}

fn judge(consent: &ConsentView, to: Option<&str>, why: &str) -> Care {
    Care::ConsentJudge { consent: consent.id.to_string(), to: to.map(str::to_owned), why: why.into() }
}

fn void(consent: &ConsentView) -> Care {
    Care::ConsentVoid { consent: consent.id.to_string(), why: "somebody else signed".into() }
}

#[test]
fn what_a_false_consent_let_out_stands_in_the_privacy_officers_list_until_a_word_was_said_of_each() {
    let mut county = county();
    let (consent, ..) = both_sent(&mut county);
    let hospital = county.office(HOSPITAL);
    assert!(hospital.as_officer(|office| office.refused(&judge(&consent, None, "no"))).1.contains("not known to be"));
    let shown: ConsentView = hospital.officer(&void(&consent));
    let open = |view: &ConsentView| {
        let open = view.falsely.iter().filter(|told| told.open);
        open.map(|told| told.recipient.split(',').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let mut both = open(&shown);
    both.sort();
    assert_eq!(both, ["Harbor Shelter", "Ridge Clinic"]);
    assert!(shown.falsely.iter().all(|told| !told.told.is_empty() && told.judged.is_none()));

    assert_eq!(waiting(hospital), [], "of staff who are not the privacy officer nobody is asked");
    assert_eq!(hospital.refused(&judge(&consent, None, "low risk")).0, FailureClass::NotPermitted);
    hospital.sign_in_as("Dora Whitlock", "privacy_officer");
    let list = waiting(hospital);
    let [one] = list.as_slice() else { panic!("{list:?}") };
    assert_eq!((one.consent, one.name.reveal().as_str(), one.to.len()), (consent.id, "Zephyrine Quillfeather", 2));

    let (_, several) = hospital.refused(&judge(&consent, None, "low risk"));
    assert!(several.contains("Ridge Clinic") && several.contains("Harbor Shelter"), "{several}");
    assert!(hospital.refused(&judge(&consent, Some("Ridge Clinic"), " ")).1.contains("breach"));
    let shown: ConsentView = hospital.done(&judge(&consent, Some("Ridge Clinic"), "low: read by nobody, destroyed"));
    assert_eq!(open(&shown), ["Harbor Shelter"]);
    let shown: ConsentView = hospital.done(&judge(&consent, None, "a breach; she was written to"));
    assert_eq!(open(&shown), [""; 0]);
    let words: Vec<&str> =
        shown.falsely.iter().filter_map(|told| Some(told.judged.as_ref()?.note.reveal().as_str())).collect();
    assert!(words.contains(&"a breach; she was written to") && words.len() == 2, "{words:?}");
    assert_eq!(waiting(hospital), []);
    assert!(hospital.refused(&judge(&consent, None, "again")).1.contains("nothing"));
    let before = hospital.records();
    hospital.rebuild();
    assert_eq!(hospital.records(), before);
}

#[test]
fn a_consent_that_proves_false_is_told_where_it_is_kept_until_it_is_judged_and_on_arrival_where_somebody_is_on_the_way()
{
    use crate::usecases::{disclosures, notices};
    let mut county = county();
    let (consent, clinic, _) = both_sent(&mut county);
    taken_in(county.office(CLINIC), &clinic);
    county.pump();
    let stands = |county: &mut County, at: usize| {
        let counts = county.office(at).step(notices::standing).expect("counts").counts();
        (counts.judge, counts.new)
    };
    let said = |county: &mut County| county.office(HOSPITAL).step(disclosures::falsely_sentence).expect("counts");
    county.office(CLINIC).thread(&clinic);
    let ((before, new), sentence) = (stands(&mut county, CLINIC), said(&mut county));
    assert_eq!((before, stands(&mut county, HOSPITAL).0, sentence), (0, 0, None));
    county.office(HOSPITAL).officer::<ConsentView>(&void(&consent));
    assert_eq!(stands(&mut county, HOSPITAL).0, 1);
    let sentence = said(&mut county).expect("it waits");
    assert!(sentence.contains('1') && !sentence.contains("Quillfeather") && !sentence.contains("Ridge"), "{sentence}");
    county.pump();
    assert!(stands(&mut county, CLINIC).1 > new, "somebody is on the way there, and the OK is gone");
    assert_eq!(stands(&mut county, CLINIC).0, 0, "why, nobody tells");
    let hospital = county.office(HOSPITAL);
    hospital.officer::<ConsentView>(&judge(&consent, Some("Ridge Clinic"), "low risk"));
    assert_eq!(stands(&mut county, HOSPITAL).0, 1, "of the other nothing was said");
    county.office(HOSPITAL).officer::<ConsentView>(&judge(&consent, None, "a breach; she was written to"));
    assert_eq!((stands(&mut county, HOSPITAL).0, said(&mut county)), (0, None));
}

#[test]
fn what_is_put_on_record_after_the_word_asks_anew_and_what_did_not_go_asks_nothing() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    hospital.partner();
    let consent = hospital.consent("Stone Chapel Beds", None, 90);
    let refer = Care::ReferralRefer(crate::usecases::care::tests::outside::refer(&consent));
    let thread = hospital.done::<ThreadView>(&refer).row.id.to_string();
    let told = hospital.now;
    county.sleep(DAY);
    let hospital = county.office(HOSPITAL);
    let shown: ConsentView = hospital.officer(&void(&consent));
    assert!(shown.falsely.is_empty(), "no letter was printed");
    hospital.sign_in_as("Dora Whitlock", "privacy_officer");
    assert_eq!(waiting(hospital), []);
    let went = DisclosureWent {
        thread: thread.clone(),
        to: None,
        include: vec![Information::Referral],
        told: "that she needs a bed".into(),
        way: belay_protocol::disclosure::Means::Said,
        who: "".into(),
        when: told.plus(1),
    };
    let said = |words: &str| Care::DisclosureWent(DisclosureWent { told: words.into(), ..went.clone() });
    for words in ["that she needs a bed", "that she takes methadone"] {
        hospital.done::<SentView>(&said(words));
        let list = waiting(hospital);
        assert!(list.len() == 1 && list[0].to.len() == 1, "{list:?}");
        let shown: ConsentView = hospital.done(&judge(&consent, None, "a breach"));
        let phone = shown.falsely[0].phone.as_ref().map(|phone| phone.telephone.as_str());
        assert_eq!(phone, Some("606-555-0177"));
        assert_eq!(waiting(hospital), []);
    }
    // Of another machine, say, whose clock stands behind: nobody saw it before the word was said.
    let now = hospital.now;
    hospital.now = Time(now.0 - DAY / 2);
    hospital.done::<SentView>(&said("that she has a cat"));
    assert_eq!(waiting(hospital).len(), 1);
    hospital.now = now;
    hospital.done::<ConsentView>(&judge(&consent, None, "no breach"));
    assert_eq!(waiting(hospital), []);
    hospital.done::<SentView>(&said("that she has a dog"));
    assert_eq!(waiting(hospital).len(), 1);
    hospital.done::<SentView>(&Care::DisclosureWentBack { thread, why: "the wrong person".into() });
    assert_eq!(waiting(hospital), [], "what did not go after all asks nothing");
}

#[test]
fn whoever_learns_that_a_consent_may_be_false_stops_it_and_the_privacy_officer_lets_it_stand_or_finds_it_false() {
    use crate::usecases::{disclosures, notices};
    let mut county = county();
    let (consent, clinic, _) = both_sent(&mut county);
    taken_in(county.office(CLINIC), &clinic);
    county.pump();
    let word = || Care::ReferralAct { thread: clinic.clone(), act: message("she asks for you") };
    let suspend = |why: &str, lift| Care::ConsentSuspend { consent: consent.id.to_string(), why: why.into(), lift };
    let hospital = county.office(HOSPITAL);
    hospital.done::<ThreadView>(&word());
    assert!(hospital.refused(&suspend(" ", false)).1.contains("what may be false"));
    let shown: ConsentView = hospital.done(&suspend("her sister signed", false));
    assert_eq!(shown.state, "suspended");
    assert!(shown.doubts[0].note.reveal().contains("her sister signed") && shown.falsely.len() == 2);
    for (lang, sentence) in [(Lang::En, "may not be true"), (Lang::Es, "no sea cierto")] {
        let form = Printed::Consent { consent: consent.id.to_string() };
        let paper: PrintView = hospital.done(&Care::Print(Print::new(form, Some(lang), Shape::Text)));
        let text = paper.form.reveal().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(sentence), "a copy does not read as if it were in force");
    }
    let (class, why) = hospital.refused(&word());
    assert_eq!(class, FailureClass::NotPermitted);
    assert!(why.contains("suspended since") && why.contains("2.31(c)(4)"), "{why}");
    assert_eq!(hospital.step(notices::standing).expect("counts").counts().judge, 1);
    assert!(hospital.step(disclosures::falsely_sentence).expect("counts").is_some());
    assert_eq!(hospital.refused(&suspend("I asked her", true)).0, FailureClass::NotPermitted, "for the officer");
    assert!(hospital.as_officer(|office| office.refused(&judge(&consent, None, "no"))).1.contains("not known to be"));
    county.pump();
    let there = county.office(CLINIC).thread(&clinic);
    assert!(there.row.ended.is_none(), "nobody hears of a doubt: {:?}", there.row.ended);
    let hospital = county.office(HOSPITAL);
    let shown: ConsentView = hospital.officer(&suspend("she signed herself; her sister has her name", true));
    assert_eq!((shown.state.as_str(), shown.doubts.len()), ("signed", 2));
    assert!(shown.falsely.is_empty());
    assert_eq!(hospital.step(notices::standing).expect("counts").counts().judge, 0);
    hospital.done::<ThreadView>(&word());
    let before = hospital.records();
    hospital.rebuild();
    assert_eq!(hospital.records(), before);
    hospital.done::<ConsentView>(&suspend("the date is wrong", false));
    let shown: ConsentView = hospital.officer(&void(&consent));
    assert_eq!((shown.state.as_str(), shown.falsely.len()), ("void", 2));
}

#[test]
fn a_suspended_consent_that_is_taken_back_or_expires_waits_for_the_privacy_officer_all_the_same() {
    let ends: [fn(&mut Office, &ConsentView) -> &'static str; 2] = [
        |office, consent| {
            let revoke = Care::ConsentRevoke { consent: consent.id.to_string(), party: None, spoken: true };
            office.done::<ConsentView>(&revoke);
            "revoked"
        },
        |office, _| {
            office.now = Time(office.now.0 + 400 * DAY);
            "expired"
        },
    ];
    for end in ends {
        for lift in [true, false] {
            let mut county = county();
            let (consent, ..) = both_sent(&mut county);
            let suspend =
                |why: &str, lift| Care::ConsentSuspend { consent: consent.id.to_string(), why: why.into(), lift };
            let hospital = county.office(HOSPITAL);
            hospital.done::<ConsentView>(&suspend("her sister signed", false));
            let state = end(hospital, &consent);
            let show = Care::ConsentShow { consent: consent.id.to_string(), whole: true };
            let shown: ConsentView = hospital.done(&show);
            assert_eq!((shown.state.as_str(), shown.suspended, shown.falsely.len()), (state, true, 2));
            hospital.sign_in_as("Dora Whitlock", "privacy_officer");
            let list = waiting(hospital);
            assert!(list.len() == 1 && list[0].suspended, "{list:?}");
            if lift {
                let shown: ConsentView = hospital.done(&suspend("she signed herself", true));
                assert_eq!((shown.state.as_str(), shown.suspended, shown.falsely.len()), (state, false, 0));
            } else {
                let shown: ConsentView = hospital.done(&void(&consent));
                assert_eq!((shown.state.as_str(), shown.suspended, shown.falsely.len()), ("void", false, 2));
                assert!(!waiting(hospital)[0].suspended);
                hospital.done::<ConsentView>(&judge(&consent, Some("Ridge Clinic"), "low risk"));
                hospital.done::<ConsentView>(&judge(&consent, None, "a breach"));
            }
            assert_eq!(waiting(hospital), []);
            let before = hospital.records();
            hospital.rebuild();
            assert_eq!(hospital.records(), before);
        }
    }
}
