//! Who has to hear by telephone that a person took a consent back, and stands in the list until it was done.

mod gone;
mod less;
mod whose;

use super::*;
use crate::usecases::notices;
use belay_protocol::time::HOUR;

fn listed(office: &mut Office) -> Vec<CallView> {
    let list = office.done::<ThreadsView>(&Care::ReferralList(ListAsk { part: Part::Due, ..ListAsk::default() })).calls;
    assert_eq!(office.done::<CallsView>(&Care::CallList(CallsAsk::default())).calls, list);
    list
}

fn done(office: &mut Office) -> Vec<DoneView> {
    office.done::<CallsView>(&Care::CallList(CallsAsk { done: true, after: None })).done
}

fn told_to(office: &mut Office, whom: &str) -> Vec<DisclosureView> {
    let all = office.done::<DisclosuresView>(&Care::Disclosures(DisclosuresAsk::to(whom))).disclosures;
    all.into_iter().filter(|told| told.what.reveal().starts_with("by telephone")).collect()
}

/// A referral to a partner off the network under a consent that names it, and whether the letter was handed over.
fn referred(county: &mut County, letter: bool, without: Vec<Information>) -> ConsentView {
    let hospital = county.office(HOSPITAL);
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Stone Chapel Beds", None, 90);
    let mut refer = super::outside::refer(&consent);
    refer.send.without = without;
    let thread: ThreadView = hospital.done(&Care::ReferralRefer(refer));
    if letter {
        let ask = LetterAsk { thread: thread.row.id.to_string(), ..LetterAsk::default() };
        hospital.done::<LetterView>(&Care::ReferralLetter(ask));
    }
    consent
}

fn revoked(office: &mut Office, consent: &ConsentView, party: Option<&str>) {
    let (consent, party) = (consent.id.to_string(), party.map(str::to_owned));
    office.done::<ConsentView>(&Care::ConsentRevoke { consent, party, spoken: true });
}

fn made(call: &CallView) -> Care {
    Care::CallMade { call: call.id.to_string(), with: "Ottoline Marsh".into() }
}

#[test]
fn a_partner_off_the_network_is_due_to_be_told_until_staff_say_that_it_was() {
    for party in [None, Some("Stone Chapel Beds")] {
        let mut county = county();
        let consent = referred(&mut county, true, Vec::new());
        let hospital = county.office(HOSPITAL);
        assert!(listed(hospital).is_empty());
        revoked(hospital, &consent, party);
        let [call] = listed(hospital).try_into().expect("one call");
        assert_eq!(call.due.phone.as_ref().map(|phone| phone.telephone.as_str()), Some("606-555-0177"));
        let says = call.says.reveal();
        assert!(says.contains("about Zephyrine Quillfeather has ended") && says.contains("County Hospital"), "{says}");
        assert!(call.off_network && !call.due.overdue);
        let count = |office: &mut Office| office.step(notices::standing).expect("counts").counts();
        // The call, and the referral itself: what comes next for the person.
        assert_eq!((count(hospital).due, count(hospital).overdue), (2, 0));
        hospital.now = Time(hospital.now.0 + 2 * HOUR);
        assert!(listed(hospital)[0].due.overdue);
        assert_eq!(count(hospital).overdue, 1, "the call alone: who heard it has read that it is over");
        let before = hospital.records();
        hospital.rebuild();
        assert_eq!(hospital.records(), before, "it is made again from the entries");
        hospital.done::<CallView>(&made(&call));
        assert!(listed(hospital).is_empty(), "{party:?}");
        assert_eq!(hospital.refused(&made(&call)).0, FailureClass::Misuse, "only once");
        hospital.rebuild();
        assert!(listed(hospital).is_empty(), "and stays told");
    }
}

#[test]
fn who_was_told_nothing_is_not_told_of_the_person_by_that_call() {
    let mut county = county();
    let consent = referred(&mut county, false, Vec::new());
    let hospital = county.office(HOSPITAL);
    let ask = Care::ConsentRevokePreview { consent: consent.id.to_string(), party: None };
    assert!(!hospital.done::<RevokePreview>(&ask).does.contains("not on the network"));
    revoked(hospital, &consent, None);
    assert!(listed(hospital).is_empty(), "no letter went, and nothing was said");
}

#[test]
fn whom_the_letter_did_not_name_is_not_named_on_the_telephone() {
    let mut county = county();
    let consent = referred(&mut county, true, vec![Information::Identity]);
    let hospital = county.office(HOSPITAL);
    revoked(hospital, &consent, None);
    let [call] = listed(hospital).try_into().expect("one call");
    assert!(!call.says.reveal().contains("Quillfeather"), "{}", call.says.reveal());
    assert_eq!(call.name.reveal(), "Zephyrine Quillfeather", "our own staff know whom it is about");
}

#[test]
fn who_keeps_a_consent_that_was_taken_back_here_is_due_to_be_told() {
    let mut county = county();
    let shelter = county.office(SHELTER);
    let heard: HeardView = shelter.done(&Care::ConsentHeard(HeardAsk {
        keeper: "Ridge Clinic".to_owned(),
        name: "Zephyrine Quillfeather".into(),
        spoken: true,
        ..HeardAsk::default()
    }));
    let [call] = listed(shelter).try_into().expect("one call");
    assert_eq!((call.id, call.says.reveal()), (heard.call, heard.says.reveal()));
    assert!(call.to_name == "Ridge Clinic" && !call.off_network);
    shelter.rebuild();
    assert_eq!(listed(shelter), std::slice::from_ref(&call));
    shelter.done::<CallView>(&made(&call));
    assert!(listed(shelter).is_empty());
    let audit = shelter.officer::<AuditView>(&Care::Audit { limit: 100 });
    assert!(audit.looks.iter().any(|look| look.looked == "call"), "each look is on record");
}

#[test]
fn what_could_not_be_said_in_the_referral_is_due_to_be_said_by_telephone_and_names_nobody() {
    for (back, calls) in [(Some(Vec::new()), 1), (None, 0)] {
        let mut county = county();
        county.office(HOSPITAL).person("Zephyrine Quillfeather");
        let consent = county.office(HOSPITAL).consent("Harbor Shelter", back, 90);
        let thread = county.office(HOSPITAL).send(&consent).row.id.to_string();
        county.pump();
        let shelter = county.office(SHELTER);
        shelter.done::<ConsentView>(&Care::ConsentRevoke { consent: thread.clone(), party: None, spoken: true });
        let listed_now = listed(shelter);
        assert_eq!(listed_now.len(), calls, "with a way back the keeper's node hears of it");
        let Some(call) = listed_now.into_iter().next() else { continue };
        assert_eq!(call.to_name, "County Hospital");
        let says = call.says.reveal();
        assert!(says.contains("the person took back the consent") && says.contains(&thread[..8]), "{says}");
        assert!(!says.contains("Quillfeather"), "the referral's number is enough: {says}");
        shelter.rebuild();
        assert_eq!(listed(shelter), std::slice::from_ref(&call));
        shelter.done::<CallView>(&made(&call));
        assert!(listed(shelter).is_empty());
    }
}

#[test]
fn whom_no_letter_named_is_not_named_though_something_was_said() {
    let mut county = county();
    let consent = referred(&mut county, false, Vec::new());
    let hospital = county.office(HOSPITAL);
    let list = hospital.done::<ThreadsView>(&Care::ReferralList(ListAsk::default()));
    let thread = list.threads[0].id.to_string();
    hospital.done::<ThreadView>(&Care::ReferralAct { thread, act: message("is there a bed today?") });
    revoked(hospital, &consent, None);
    let [call] = listed(hospital).try_into().expect("one call");
    assert!(!call.says.reveal().contains("Quillfeather"), "{}", call.says.reveal());
}

/// The next version names the partner no more, and the person signs it.
fn amended_without(office: &mut Office, consent: &ConsentView, gone: &str, instead: &str) {
    let amend = ConsentAmend {
        consent: consent.id.to_string(),
        add: vec![instead.to_owned()],
        remove: vec![gone.to_owned()],
        ..ConsentAmend::default()
    };
    office.done::<ConsentView>(&Care::ConsentAmend(amend));
    signed(office, consent);
}

fn signed(office: &mut Office, consent: &ConsentView) {
    office.done::<ConsentView>(&Care::ConsentSign(ConsentSign {
        attested: true,
        consent: consent.id.to_string(),
        typed: "Zephyrine Quillfeather".into(),
        ..ConsentSign::default()
    }));
}

#[test]
fn a_partner_whom_a_new_version_names_no_more_is_due_to_be_told_until_one_names_it_again() {
    let mut county = county();
    let consent = referred(&mut county, true, Vec::new());
    let hospital = county.office(HOSPITAL);
    amended_without(hospital, &consent, "Stone Chapel Beds", "Ridge Clinic");
    let [call] = listed(hospital).try_into().expect("one call");
    let says = call.says.reveal();
    assert!(says.contains("has ended for Stone Chapel Beds"), "{says}");
    assert!(!says.contains("signed") && !says.contains("took back"), "how it ended is not told: {says}");
    hospital.rebuild();
    assert_eq!(listed(hospital), std::slice::from_ref(&call));
    let preview: RevokePreview =
        hospital.done(&Care::ConsentRevokePreview { consent: consent.id.to_string(), party: None });
    assert!(!preview.does.contains("Stone Chapel"), "it is out already: {}", preview.does);
    amended_without(hospital, &consent, "Ridge Clinic", "Stone Chapel Beds");
    assert!(listed(hospital).is_empty(), "it is told the same consent again");
    revoked(hospital, &consent, None);
    let [call] = listed(hospital).try_into().expect("what ended at last");
    hospital.done::<CallView>(&made(&call));
    assert!(listed(hospital).is_empty());
}

/// What became of a referral before its recipient left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Went {
    /// Their node never heard of it.
    Nowhere,
    /// It may have come: nothing came back.
    Silent,
    /// They wrote in it.
    Answered,
    /// They took the person in.
    TakenIn,
}

/// A referral was written for somebody, who is out of the coalition since.
fn told_and_gone(county: &mut County, went: Went) -> ConsentView {
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    let consent = county.office(HOSPITAL).consent("Harbor Shelter", None, 90);
    let thread = county.office(HOSPITAL).send(&consent).row.id.to_string();
    if went != Went::Nowhere {
        county.pump();
    }
    if went == Went::Answered {
        county.office(SHELTER).act(&thread, message("we look at it today"));
        county.pump();
    }
    if went == Went::TakenIn {
        taken_in(county.office(SHELTER), &thread);
        county.pump();
    }
    removed(county, HOSPITAL, SHELTER);
    if went != Went::Nowhere {
        county.pump();
    }
    consent
}

fn removed(county: &mut County, by: usize, gone: usize) {
    let gone = county.office(gone).org();
    county.office(by).step(|step| {
        let (engine, draft) = step.engine();
        let coalition = engine.coalitions(draft).unwrap()[0];
        step.remove(coalition, gone).unwrap()
    });
}

#[test]
fn who_left_the_coalition_after_it_was_told_is_due_to_be_told_of_the_end() {
    for party in [None, Some("Harbor Shelter")] {
        let mut county = county();
        let consent = told_and_gone(&mut county, Went::TakenIn);
        let hospital = county.office(HOSPITAL);
        let ask = Care::ConsentRevokePreview { consent: consent.id.to_string(), party: None };
        let does = hospital.done::<RevokePreview>(&ask).does;
        assert!(
            does.contains("Harbor Shelter is in no coalition with us any more") && !does.contains("The node"),
            "{does}"
        );
        assert!(listed(hospital).is_empty());
        revoked(hospital, &consent, party);
        let [call] = listed(hospital).try_into().expect("one call");
        assert!(!call.off_network && call.says.reveal().contains("about Zephyrine Quillfeather has ended"), "{call:?}");
        let before = hospital.records();
        hospital.rebuild();
        assert_eq!(hospital.records(), before, "it is made again from the entries");
        hospital.done::<CallView>(&made(&call));
        assert!(listed(hospital).is_empty());
        assert_eq!(told_to(hospital, "Harbor Shelter").len(), 2, "that it ended, and for whom");
    }
}

#[test]
fn a_member_is_told_by_its_node_and_the_preview_says_which_nodes_show_it() {
    let mut county = county();
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    let consent = county.office(HOSPITAL).consent("Harbor Shelter", None, 90);
    county.office(HOSPITAL).send(&consent);
    let hospital = county.office(HOSPITAL);
    let ask = Care::ConsentRevokePreview { consent: consent.id.to_string(), party: None };
    let does = hospital.done::<RevokePreview>(&ask).does;
    assert!(does.contains("The node of Harbor Shelter shows it as soon as it is reachable."), "{does}");
    revoked(hospital, &consent, None);
    assert!(listed(hospital).is_empty());
}

#[test]
fn what_is_told_by_telephone_is_a_disclosure_and_can_be_read_again() {
    for named in [true, false] {
        let mut county = county();
        let without = if named { Vec::new() } else { vec![Information::Identity] };
        let consent = referred(&mut county, true, without);
        let hospital = county.office(HOSPITAL);
        revoked(hospital, &consent, None);
        let [call] = listed(hospital).try_into().expect("one call");
        assert!(told_to(hospital, "Stone Chapel Beds").is_empty());
        hospital.done::<CallView>(&made(&call));
        let told = told_to(hospital, "Stone Chapel Beds");
        let kinds: Vec<Information> = told.iter().map(|told| told.information).collect();
        assert_eq!(kinds.contains(&Information::Identity), named, "{kinds:?}");
        assert_eq!(kinds.len(), 1 + usize::from(named));
        for one in &told {
            assert_eq!((one.staff.reveal().as_str(), one.purpose.as_str()), ("nora", "at the request of the person"));
            assert_eq!((one.clause.as_str(), one.consent), ("42 CFR 2.31(a)(6)", consent.id));
            assert!(one.recipient.contains("Stone Chapel Beds") && one.name.is_some(), "{one:?}");
        }
        let [one] = done(hospital).try_into().expect("one that was made");
        let [word] = one.words.try_into().expect("one word");
        assert_eq!((word.says.reveal(), word.with.reveal().as_str()), (call.says.reveal(), "Ottoline Marsh"));
        assert_eq!(word.staff.reveal(), "nora");
    }
}

#[test]
fn a_call_that_was_written_down_by_mistake_is_due_again_with_who_said_so_and_why() {
    let mut county = county();
    let consent = referred(&mut county, true, Vec::new());
    let hospital = county.office(HOSPITAL);
    revoked(hospital, &consent, None);
    let [call] = listed(hospital).try_into().expect("one call");
    hospital.done::<CallView>(&made(&call));
    let reopen = |why: &str| Care::CallReopen { call: call.id.to_string(), why: why.into() };
    assert_eq!(hospital.refused(&reopen(" ")).0, FailureClass::Misuse, "not without a reason");
    hospital.done::<DoneView>(&reopen("it was the wrong row"));
    assert_eq!(hospital.refused(&reopen("twice")).0, FailureClass::Misuse, "it stands open already");
    let [again] = listed(hospital).try_into().expect("due again");
    assert_eq!(again.id, call.id);
    let [told, taken_back] = again.before.clone().try_into().expect("both words");
    assert!(told.reopened.is_none());
    assert_eq!(taken_back.reopened.as_ref().map(|why| why.reveal().as_str()), Some("it was the wrong row"));
    assert_eq!(taken_back.staff.reveal(), "nora");
    for told in told_to(hospital, "Stone Chapel Beds") {
        assert!(told.what.reveal().ends_with("(written down by mistake: not told)"), "{:?}", told.what.reveal());
    }
    let before = hospital.records();
    hospital.rebuild();
    assert_eq!(hospital.records(), before);
    hospital.done::<CallView>(&made(&again));
    assert!(listed(hospital).is_empty());
    assert_eq!(done(hospital)[0].words.len(), 3);
    let told = told_to(hospital, "Stone Chapel Beds");
    let stands = told.iter().filter(|told| !told.what.reveal().contains("by mistake")).count();
    assert_eq!((told.len(), stands), (4, 2));
}

#[test]
fn another_consent_since_then_that_names_the_partner_is_said_to_who_calls() {
    let mut county = county();
    let consent = referred(&mut county, true, Vec::new());
    let hospital = county.office(HOSPITAL);
    revoked(hospital, &consent, None);
    assert_eq!(listed(hospital)[0].note, None);
    let other = hospital.consent("Stone Chapel Beds", None, 90);
    let [call] = listed(hospital).try_into().expect("what ended has to be told all the same");
    let note = call.note.expect("our own staff know");
    assert!(note.contains(&other.id.short()) && note.contains("do not mention it"), "{note}");
    assert!(!call.says.reveal().contains("another"), "{}", call.says.reveal());
}

#[test]
fn without_the_number_on_the_form_nothing_is_told_of_anybody_and_a_namesake_gets_nothing_on_record() {
    for (form, born, ours) in [
        ("", "1988-02-03", true),
        ("a1b2c3d4", "1988-02-03", true),
        ("a1b2c3d4", "", false),
        ("a1b2c3d4", "1988", false),
        ("a1b2c3d4", "1988-02-04", false),
    ] {
        let mut county = county();
        let shelter = county.office(SHELTER);
        let person = shelter.person("Zephyrine Quillfeather").id;
        let heard: HeardView = shelter.done(&Care::ConsentHeard(HeardAsk {
            keeper: "Ridge Clinic".to_owned(),
            name: "Zephyrine Quillfeather".into(),
            form: form.into(),
            birth_date: born.into(),
            spoken: true,
        }));
        let says = heard.says.reveal();
        assert!(!says.contains("Quillfeather") && says.contains(form), "{says}");
        let [call] = listed(shelter).try_into().expect("one call");
        shelter.done::<CallView>(&made(&call));
        let told = told_to(shelter, "Ridge Clinic");
        assert_eq!(told.len(), usize::from(!form.is_empty()), "{form}");
        assert!(told.iter().all(|told| told.information == Information::Referral && told.name.is_some() == ours));
        let theirs = shelter.done::<DisclosuresView>(&Care::Disclosures(DisclosuresAsk {
            person: Some(person.to_string().as_str().into()),
            ..DisclosuresAsk::default()
        }));
        assert_eq!(theirs.disclosures.len(), usize::from(ours && !form.is_empty()), "{form} {born}");
    }
}

#[test]
fn looks_at_calls_name_whom_they_were_about() {
    let mut county = county();
    let consent = referred(&mut county, true, Vec::new());
    let hospital = county.office(HOSPITAL);
    revoked(hospital, &consent, None);
    let [call] = listed(hospital).try_into().expect("one call");
    let looks = |office: &mut Office| {
        let all = office.officer::<AuditView>(&Care::Audit { limit: 1_000 }).looks;
        all.into_iter().filter(|look| look.looked == "call").collect::<Vec<_>>()
    };
    // In the list of what is due, and in that of calls.
    assert_eq!(looks(hospital).len(), 2);
    hospital.done::<CallView>(&Care::CallShow { call: call.id.to_string() });
    hospital.done::<CallView>(&made(&call));
    done(hospital);
    let all = looks(hospital);
    assert_eq!(all.len(), 5);
    assert!(all.iter().all(|look| look.person == Some(consent.person) && look.thread == call.thread), "{all:?}");
}

#[test]
fn who_is_on_the_network_hears_a_name_only_where_something_came_back_from_there() {
    for went in [Went::Nowhere, Went::Silent] {
        let mut county = county();
        let consent = told_and_gone(&mut county, went);
        let hospital = county.office(HOSPITAL);
        revoked(hospital, &consent, None);
        let [call] = listed(hospital).try_into().expect("one call");
        let says = call.says.reveal();
        assert!(!says.contains("Quillfeather") && says.contains(&consent.id.short()), "{says}");
        assert!(!says.contains("referral"), "{says}");
        assert!(call.note.as_ref().is_some_and(|note| note.contains("Do not say the name")), "{:?}", call.note);
        hospital.done::<CallView>(&made(&call));
        let told = told_to(hospital, "Harbor Shelter");
        assert!(told.iter().all(|told| told.information == Information::Referral) && told.len() == 1, "{told:?}");
    }
}

#[test]
fn a_call_stays_due_where_the_consent_is_found_to_be_false_after_the_person_took_it_back() {
    let mut county = county();
    let consent = referred(&mut county, true, Vec::new());
    let hospital = county.office(HOSPITAL);
    revoked(hospital, &consent, Some("Stone Chapel Beds"));
    let calls = listed(hospital);
    assert_eq!(calls.len(), 1);
    let void = Care::ConsentVoid { consent: consent.id.to_string(), why: "somebody else signed".into() };
    hospital.officer::<ConsentView>(&void);
    assert_eq!(listed(hospital).len(), 1, "who was told hears that it ended");
}

#[test]
fn only_who_wrote_a_call_down_or_the_privacy_officer_strikes_it_and_what_was_struck_is_not_counted() {
    let mut county = county();
    let consent = referred(&mut county, true, Vec::new());
    let hospital = county.office(HOSPITAL);
    revoked(hospital, &consent, None);
    let [call] = listed(hospital).try_into().expect("one call");
    let count = |office: &mut Office| {
        office.done::<DisclosuresView>(&Care::Disclosures(DisclosuresAsk::to("Stone Chapel Beds"))).made
    };
    let before = count(hospital);
    hospital.done::<CallView>(&made(&call));
    assert_eq!(count(hospital), before + 2);
    let reopen = Care::CallReopen { call: call.id.to_string(), why: "the wrong row".into() };
    hospital.sign_in_as("Ivo Marsh", "navigator");
    assert_eq!(hospital.refused(&reopen).0, FailureClass::NotPermitted);
    assert_eq!(count(hospital), before + 2, "nothing is struck");
    hospital.sign_in_as("Dora Whitlock", "privacy_officer");
    hospital.done::<DoneView>(&reopen);
    assert_eq!(count(hospital), before);
}
