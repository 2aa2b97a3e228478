//! Versions that let less be told than before, and ends that came before somebody left and did not reach it.

use super::*;
use belay_protocol::time::HOUR;

/// The next version, signed.
fn amended(office: &mut Office, consent: &ConsentView, amend: ConsentAmend) {
    office.done::<ConsentView>(&Care::ConsentAmend(ConsentAmend { consent: consent.id.to_string(), ..amend }));
    signed(office, consent);
}

fn without(to: &str, information: Information) -> ConsentAmend {
    let way = Way { to: Some(to.to_owned()), information: vec![information], ..Way::default() };
    ConsentAmend { close: vec![way], ..ConsentAmend::default() }
}

#[test]
fn a_partner_off_the_network_hears_what_a_new_version_tells_it_no_more_and_until_when() {
    let mut county = county();
    let consent = referred(&mut county, true, Vec::new());
    let hospital = county.office(HOSPITAL);
    let way = Way { from: Some("Stone Chapel Beds".to_owned()), ..Way::default() };
    let sooner = ExpiryRequest::On(Time(hospital.now.0 + 10 * DAY));
    let amend = ConsentAmend { close: vec![way], expiry: Some(sooner), ..ConsentAmend::default() };
    amended(hospital, &consent, amend);
    let [call] = listed(hospital).try_into().expect("one call");
    let says = call.says.reveal();
    assert!(says.contains("about Zephyrine Quillfeather covers less than before"), "{says}");
    assert!(says.contains("tell us nothing more of this: the referral, appointments"), "{says}");
    assert!(says.contains("It ends at ") && !says.contains("has ended"), "{says}");
    hospital.rebuild();
    assert_eq!(listed(hospital), std::slice::from_ref(&call));
    hospital.done::<CallView>(&made(&call));
    let told = told_to(hospital, "Stone Chapel Beds");
    assert!(told.len() == 2 && told.iter().all(|told| told.what.reveal().contains("less")), "{told:?}");
    revoked(hospital, &consent, None);
    let [end] = listed(hospital).try_into().expect("that it ended is told as well");
    assert!(end.says.reveal().contains("has ended"), "{}", end.says.reveal());
}

#[test]
fn whose_name_is_told_no_more_is_named_no_more_by_that_call() {
    let mut county = county();
    let consent = referred(&mut county, true, Vec::new());
    let hospital = county.office(HOSPITAL);
    amended(hospital, &consent, without("Stone Chapel Beds", Information::Identity));
    let [call] = listed(hospital).try_into().expect("one call");
    let says = call.says.reveal();
    assert!(!says.contains("Quillfeather") && says.contains("who the person is and how to reach"), "{says}");
    let note = call.note.clone().unwrap_or_default();
    assert!(note.contains("Do not say the name: it was told to them before"), "the letter is on record: {note}");
    assert!(!note.contains("not known here"), "{note}");
    hospital.done::<CallView>(&made(&call));
    let told = told_to(hospital, "Stone Chapel Beds");
    assert!(told.len() == 1 && told[0].information == Information::Referral, "{told:?}");
    // The person took nothing back, and the accounting does not say so.
    for (lang, says, took) in [
        (crate::forms::Lang::En, "that my OK lets them be told less than before", "took back"),
        (crate::forms::Lang::Es, "que mi permiso los deja saber menos que antes", "yo retiré"),
    ] {
        let form = Printed::Accounting { person: "Zephyrine Quillfeather".into() };
        let view: PrintView = hospital.done(&Care::Print(Print::new(form, Some(lang), Shape::Part)));
        let text = view.form.reveal().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(says) && !text.contains(took), "{text}");
    }
}

#[test]
fn a_version_that_lets_more_be_told_or_runs_longer_asks_for_no_call() {
    let mut county = county();
    let consent = referred(&mut county, true, Vec::new());
    let hospital = county.office(HOSPITAL);
    let longer = ExpiryRequest::On(Time(hospital.now.0 + 200 * DAY));
    amended(hospital, &consent, ConsentAmend { expiry: Some(longer), ..ConsentAmend::default() });
    assert!(listed(hospital).is_empty());
}

#[test]
fn who_has_left_hears_by_telephone_that_a_consent_covers_less() {
    let mut county = county();
    let consent = told_and_gone(&mut county, Went::TakenIn);
    let hospital = county.office(HOSPITAL);
    amended(hospital, &consent, without("Harbor Shelter", Information::Identity));
    let [call] = listed(hospital).try_into().expect("one call");
    assert!(!call.off_network && call.says.reveal().contains("covers less"), "{call:?}");
    let before = hospital.records();
    hospital.rebuild();
    assert_eq!(hospital.records(), before);
}

/// A consent that the person took back while the shelter was a member. `heard`: its node got that before it was taken out.
fn taken_back_and_gone(heard: bool) -> County {
    let mut county = county();
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    let consent = county.office(HOSPITAL).consent("Harbor Shelter", None, 90);
    let thread = county.office(HOSPITAL).send(&consent).row.id.to_string();
    county.pump();
    taken_in(county.office(SHELTER), &thread);
    county.pump();
    revoked(county.office(HOSPITAL), &consent, None);
    if heard {
        county.pump();
    }
    county.sleep(HOUR);
    assert!(listed(county.office(HOSPITAL)).is_empty(), "its node tells it");
    removed(&mut county, HOSPITAL, SHELTER);
    county
}

#[test]
fn what_a_member_had_not_heard_when_it_left_is_told_by_telephone_and_what_it_had_heard_is_not() {
    for heard in [false, true] {
        let mut county = taken_back_and_gone(heard);
        let hospital = county.office(HOSPITAL);
        hospital.follow();
        let calls = listed(hospital);
        assert_eq!(calls.len(), usize::from(!heard), "heard: {heard}");
        let Some(call) = calls.into_iter().next() else { continue };
        let says = call.says.reveal();
        assert!(says.contains("about Zephyrine Quillfeather has ended for Harbor Shelter"), "{says}");
        let before = hospital.records();
        hospital.rebuild();
        assert_eq!(hospital.records(), before, "it is made again from the entries");
        hospital.done::<CallView>(&made(&call));
        hospital.follow();
        assert!(listed(hospital).is_empty(), "once");
    }
}

#[test]
fn words_that_do_not_follow_what_we_sent_show_that_nothing_came_and_words_that_do_name_nobody_yet() {
    let mut county = county();
    let consent = told_and_gone(&mut county, Went::Answered);
    let hospital = county.office(HOSPITAL);
    revoked(hospital, &consent, None);
    let [call] = listed(hospital).try_into().expect("one call");
    let says = call.says.reveal();
    assert!(says.contains("about our referral") && !says.contains("Quillfeather"), "{says}");
    assert!(call.note.as_ref().is_some_and(|note| note.contains("Do not say the name")), "{:?}", call.note);
}
