//! A person is helped by four at once: hospital, clinic, shelter and a peer group work on one thread, and each reads what the person named
//! it for.

mod claims;
mod left_out;
mod newly;
mod visits;

use super::*;
use belay_protocol::referral::{Housing, Medication, Medicine, NeedKind, Seen, Setting, Stage};

const PEERS: usize = 3;
const NAMES: [&str; 4] = ["County Hospital", "Ridge Clinic", "Harbor Shelter", "Valley Peers"];

fn four() -> County {
    County::of(&[
        (NAMES[HOSPITAL], PartnerKind::CoveredEntity),
        (NAMES[CLINIC], PartnerKind::Part2Program),
        (NAMES[SHELTER], PartnerKind::NonCoveredCbo),
        (NAMES[PEERS], PartnerKind::NonCoveredCbo),
    ])
}

fn share(office: usize, information: &[Information]) -> Share {
    Share { org: Some(NAMES[office].to_owned()), information: information.to_vec() }
}

/// What the person named each for.
fn shares() -> Vec<Share> {
    use Information::{Identity, Medication, Referral, Social};
    vec![
        share(CLINIC, &[Referral, Identity, Medication]),
        share(SHELTER, &[Referral, Identity, Social]),
        share(PEERS, &[Referral, Social]),
    ]
}

fn drafted(county: &mut County, team: Vec<Share>) -> ConsentView {
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        team,
        purpose: "treatment".to_owned(),
        expiry: ExpiryRequest::On(Time(hospital.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    }))
}

fn sign(county: &mut County, consent: &str) -> ConsentView {
    county.office(HOSPITAL).done(&Care::ConsentSign(ConsentSign {
        attested: true,
        consent: consent.to_owned(),
        typed: "Zephyrine Quillfeather".into(),
        ..ConsentSign::default()
    }))
}

/// What is asked to send to one of them.
fn refer(to: usize, consent: &str) -> Send {
    Send {
        to: Some(NAMES[to].to_owned()),
        needs: vec!["a bed for the winter".into()],
        again: true,
        ..Send::new(consent.to_owned(), "starts buprenorphine today".into(), Urgency::Urgent)
    }
}

/// A referral to the clinic that all four work on: its id and the consent's.
fn begun(county: &mut County, team: Vec<Share>) -> (String, String) {
    let draft = drafted(county, team);
    let consent = sign(county, &draft.id.to_string());
    let sent: ThreadView = county.office(HOSPITAL).done(&Care::ReferralSend(refer(CLINIC, &consent.id.to_string())));
    county.pump();
    (sent.row.id.to_string(), consent.id.to_string())
}

fn tablets() -> ActRequest {
    let medicine = Medicine { name: "buprenorphine".into(), dose: "8 mg".into(), ..Medicine::default() };
    ActRequest::Medication(Medication { medicines: vec![medicine], ..Medication::default() }.into())
}

fn slept_here() -> ActRequest {
    ActRequest::Seen(Seen { setting: Setting::Admitted, at: Time(1_795_000_000_000), note: "slept here".into() })
}

fn housed() -> ActRequest {
    ActRequest::CheckIn(CheckInRequest { in_care: None, housing: Some(Housing::Temporary), ..in_care(Stage::Start) })
}

/// Which acts an office reads of the thread.
fn read(county: &mut County, office: usize, id: &str) -> Vec<String> {
    let view = county.office(office).thread(id);
    view.history.iter().map(|line| format!("{} {}", line.act, line.text.reveal())).collect()
}

fn holds(county: &mut County, office: usize, id: &str, what: &str) -> bool {
    read(county, office, id).iter().any(|line| line.contains(what))
}

#[test]
fn each_of_a_team_sees_exactly_its_part_and_one_that_is_taken_out_leaves_the_others_at_work() {
    let mut county = four();
    let (id, consent) = begun(&mut county, shares());
    let view = county.office(PEERS).thread(&id);
    assert_eq!(view.row.recipient.as_deref(), Some("Ridge Clinic"), "who was referred to");
    assert!(view.identity.is_none(), "the peers were not named for who the person is");
    assert_eq!(view.needs.len(), 1, "and were for what is needed");
    assert!(county.office(SHELTER).thread(&id).identity.is_some());

    taken_in(county.office(CLINIC), &id);
    county.office(CLINIC).act(&id, tablets());
    county.office(SHELTER).act(&id, slept_here());
    county.office(PEERS).act(&id, housed());
    county.office(PEERS).act(&id, message("I walk with her on Monday"));
    county.pump();
    for (office, sees) in
        [(HOSPITAL, [true, true]), (CLINIC, [true, false]), (SHELTER, [false, true]), (PEERS, [false, true])]
    {
        let medication = holds(&mut county, office, &id, "medication buprenorphine");
        let social = holds(&mut county, office, &id, "housing temporary");
        assert_eq!([medication, social], sees, "{}", NAMES[office]);
        for all in ["accept", "seen", "message I walk with her on Monday"] {
            assert!(holds(&mut county, office, &id, all), "{} reads {all}", NAMES[office]);
        }
    }
    let spaces: Vec<usize> = (0..4).map(|office| county.office(office).thread_spaces().len()).collect();
    assert_eq!(spaces, [4, 3, 3, 2], "no space is at a node that may not read it");

    let party = Some("Harbor Shelter".to_owned());
    let would = Care::ConsentRevokePreview { consent: consent.clone(), party: party.clone() };
    let would: RevokePreview = county.office(HOSPITAL).done(&would);
    let on = "Referrals that close: 0. Referrals of a team that go on with the others, without Harbor Shelter: 1.";
    assert!(would.referrals == 0 && would.does.contains(on), "{}", would.does);
    let revoke = Care::ConsentRevoke { consent, party, spoken: true };
    county.office(HOSPITAL).done::<ConsentView>(&revoke);
    county.pump();
    for (office, inside) in [(HOSPITAL, [PEERS].as_slice()), (CLINIC, &[PEERS]), (PEERS, &[CLINIC])] {
        let team = county.office(office).thread(&id).row.team;
        let names: Vec<&str> = inside.iter().map(|one| NAMES[*one]).collect();
        assert_eq!(team, names, "{} sees who is in it", NAMES[office]);
    }
    let told = Care::ReferralAct { thread: id.clone(), act: message("one more night") };
    assert_eq!(county.office(SHELTER).refused(&told).0, FailureClass::NotPermitted);
    county.office(CLINIC).act(&id, message("she comes every day"));
    county.office(PEERS).act(&id, message("we have a room for her"));
    county.office(HOSPITAL).act(&id, message("good news"));
    county.pump();
    for said in ["she comes every day", "we have a room for her", "good news"] {
        for office in [HOSPITAL, CLINIC, PEERS] {
            assert!(holds(&mut county, office, &id, said), "{} reads {said}", NAMES[office]);
        }
        assert!(!holds(&mut county, SHELTER, &id, said), "who was taken out reads {said}");
    }
    assert!(holds(&mut county, PEERS, &id, "slept here"), "what it told stays told");
    assert!(county.office(SHELTER).thread(&id).row.ended.is_some());
    let view = county.office(HOSPITAL).thread(&id);
    assert!(view.row.ended.is_none(), "{}", view.row.state);
    let out = view.members.iter().find(|one| one.name == NAMES[SHELTER]).expect("who was in it stays on the list");
    assert!(out.reads.is_empty() && out.next.contains("was taken out"), "{}", out.next);
}

#[test]
fn where_two_of_a_team_are_left_they_go_on_as_a_team_and_know_who_was_in_it() {
    let mut county = four();
    let three = shares().into_iter().take(2).collect();
    let (id, consent) = begun(&mut county, three);
    taken_in(county.office(CLINIC), &id);
    county.office(SHELTER).act(&id, message("she slept well"));
    county.pump();
    let revoke = Care::ConsentRevoke { consent, party: Some(NAMES[SHELTER].to_owned()), spoken: true };
    county.office(HOSPITAL).done::<ConsentView>(&revoke);
    county.pump();
    county.office(HOSPITAL).act(&id, message("two of us now"));
    county.pump();
    county.office(CLINIC).act(&id, tablets());
    county.pump();
    assert!(holds(&mut county, HOSPITAL, &id, "medication buprenorphine"));
    let view = county.office(CLINIC).thread(&id);
    let line = view.history.iter().find(|line| line.text.reveal().contains("she slept well")).unwrap();
    assert_eq!(line.org_name, NAMES[SHELTER], "whose words these are");
}

#[test]
fn nothing_new_goes_to_a_team_of_which_one_left_by_itself_until_it_is_known_why() {
    let mut county = four();
    let (_, consent) = begun(&mut county, shares());
    let spaces = county.office(SHELTER).thread_spaces();
    county.office(SHELTER).step(|step| {
        let own = step.org();
        for space in &spaces {
            step.revoke(*space, own).unwrap();
        }
    });
    county.pump();
    for to in [SHELTER, CLINIC] {
        let refused = county.office(HOSPITAL).refused(&Care::ReferralSend(refer(to, &consent)));
        assert!(refused.1.contains("Harbor Shelter has left"), "to {}: {}", NAMES[to], refused.1);
    }
}

#[test]
fn nobody_waits_for_one_of_a_team_who_left_the_coalition() {
    let mut county = four();
    let draft = drafted(&mut county, shares());
    let consent = sign(&mut county, &draft.id.to_string());
    county.office(PEERS).step(|step| {
        let (engine, draft) = step.engine();
        let coalition = engine.coalitions(draft).unwrap()[0];
        step.leave(coalition).unwrap()
    });
    county.pump();
    let sent: ThreadView = county.office(HOSPITAL).done(&Care::ReferralSend(refer(CLINIC, &consent.id.to_string())));
    county.pump();
    let id = sent.row.id.to_string();
    county.office(HOSPITAL).act(&id, message("she comes on Monday"));
    county.pump();
    for office in [CLINIC, SHELTER] {
        assert!(holds(&mut county, office, &id, "she comes on Monday"));
    }
    let ask = Care::Disclosures(DisclosuresAsk::of("Zephyrine Quillfeather"));
    let told = county.office(HOSPITAL).done::<DisclosuresView>(&ask).disclosures;
    assert!(!told.is_empty() && told.iter().all(|one| one.recipient != NAMES[PEERS]), "nothing went there");
}

#[test]
fn each_who_reads_is_asked_about_and_on_record_apart() {
    let mut county = four();
    let (id, _) = begun(&mut county, shares());
    let told = |county: &mut County, office: usize, to: &str| {
        let ask = Care::Disclosures(DisclosuresAsk::to(to));
        let told = county.office(office).done::<DisclosuresView>(&ask).disclosures;
        let mut kinds: Vec<Information> = told.iter().map(|one| one.information).collect();
        kinds.dedup();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    };
    use Information::{Identity, Medication, Referral, Social};
    assert_eq!(told(&mut county, HOSPITAL, NAMES[CLINIC]), [Referral, Identity, Medication]);
    assert_eq!(told(&mut county, HOSPITAL, NAMES[SHELTER]), [Referral, Identity, Social]);
    assert_eq!(told(&mut county, HOSPITAL, NAMES[PEERS]), [Referral, Social]);
    county.office(PEERS).act(&id, message("I walk with her on Monday"));
    for other in [HOSPITAL, CLINIC, SHELTER] {
        assert_eq!(told(&mut county, PEERS, NAMES[other]), [Referral], "{}", NAMES[other]);
    }
}

#[test]
fn the_printed_accounting_says_of_a_kind_only_what_was_told_and_not_that_it_is_open() {
    let mut county = four();
    let (id, _) = begun(&mut county, shares());
    let printed = |county: &mut County| {
        let form = Printed::Accounting { person: "Zephyrine Quillfeather".into() };
        let print = Print::new(form, Some(crate::forms::Lang::En), Shape::File);
        let view: PrintView = county.office(HOSPITAL).done(&Care::Print(print));
        view.form.reveal().contains("my medicine")
    };
    assert!(!printed(&mut county), "the clinic may be told of the medication, and was not yet");
    county.office(HOSPITAL).act(&id, tablets());
    assert!(printed(&mut county));
}

#[test]
fn another_of_the_team_answers_for_nobody() {
    let mut county = four();
    let (id, _) = begun(&mut county, shares());
    let shown = county.office(PEERS).thread(&id);
    assert!(shown.may.iter().all(|act| !["accept", "decline", "withdraw", "handoff"].contains(&act.as_str())));
    for may in ["message", "seen", "check-in", "need"] {
        assert!(shown.may.iter().any(|act| act == may), "{may}: {:?}", shown.may);
    }
    let (class, why) = county.office(PEERS).refused(&Care::ReferralAct { thread: id.clone(), act: accept() });
    assert!(class == FailureClass::Misuse && why.contains("only who refers"), "{why}");
    let row = county.office(PEERS).threads().remove(0);
    assert!(row.due.iter().all(|due| !due.ours), "{:?}", row.due);
    assert!(county.office(CLINIC).thread(&id).row.due.iter().any(|due| due.ours), "it is the clinic's turn");
    let need = ActRequest::Need(NeedRequest {
        kind: Some(NeedKind::Housing),
        text: Some("a quiet room".into()),
        who: Some("Valley Peers".into()),
        next: Some("ask the church".into()),
        ..NeedRequest::default()
    });
    county.office(PEERS).act(&id, need);
    county.pump();
    assert_eq!(county.office(SHELTER).thread(&id).needs.len(), 2);
    assert!(county.office(CLINIC).thread(&id).needs.is_empty(), "the clinic was not named for it");
}

#[test]
fn whom_an_amendment_takes_out_of_the_team_reads_no_more_and_does_not_come_back_to_this_thread() {
    let mut county = four();
    let (id, consent) = begun(&mut county, shares());
    let remove =
        ConsentAmend { consent: consent.clone(), remove: vec!["Valley Peers".to_owned()], ..ConsentAmend::default() };
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentAmend(remove));
    sign(&mut county, &consent);
    county.pump();
    county.office(CLINIC).act(&id, message("she comes every day"));
    county.pump();
    assert!(!holds(&mut county, PEERS, &id, "she comes every day"));
    assert!(holds(&mut county, SHELTER, &id, "she comes every day"));
    let again = ConsentAmend {
        consent: consent.clone(),
        team: shares().into_iter().skip(2).collect(),
        ..ConsentAmend::default()
    };
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentAmend(again));
    sign(&mut county, &consent);
    county.pump();
    county.office(CLINIC).act(&id, message("still here"));
    county.pump();
    assert!(!holds(&mut county, PEERS, &id, "still here"), "what was shut stays shut in this thread");
    assert!(holds(&mut county, SHELTER, &id, "still here"));
}

#[test]
fn the_persons_word_at_any_of_the_team_ends_it_for_all() {
    let mut county = four();
    let (id, _) = begun(&mut county, shares());
    let revoke = Care::ConsentRevoke { consent: id.clone(), party: None, spoken: true };
    assert_eq!(county.office(PEERS).done::<ConsentView>(&revoke).state, "revocation heard");
    county.pump();
    for (office, name) in NAMES.iter().enumerate() {
        let told = Care::ReferralAct { thread: id.clone(), act: message("too late") };
        assert_eq!(county.office(office).refused(&told).0, FailureClass::NotPermitted, "{name}");
    }
    assert!(county.office(HOSPITAL).thread(&id).row.state.contains("the person took the OK back"));
}

#[test]
fn a_team_of_two_and_a_team_with_the_police_are_refused() {
    let mut county = County::of(&[
        (NAMES[HOSPITAL], PartnerKind::CoveredEntity),
        (NAMES[CLINIC], PartnerKind::Part2Program),
        (NAMES[SHELTER], PartnerKind::LawEnforcement),
    ]);
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    let expiry = ExpiryRequest::On(Time(county.office(HOSPITAL).now.0 + 90 * DAY));
    let ask = |team: Vec<Share>| ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        team,
        purpose: "treatment".to_owned(),
        expiry: expiry.clone(),
        ..ConsentDraft::default()
    };
    let two = Care::ConsentDraft(ask(shares().into_iter().take(1).collect()));
    assert!(county.office(HOSPITAL).refused(&two).1.contains("three organisations or more"));
    let police = Care::ConsentDraft(ask(shares().into_iter().take(2).collect()));
    let (class, why) = county.office(HOSPITAL).refused(&police);
    assert!(class == FailureClass::NotPermitted && why.contains("no part of a team"), "{why}");
}

#[test]
fn what_would_go_to_whom_of_a_team_is_shown_before_it_goes() {
    let mut county = four();
    let draft = drafted(&mut county, shares());
    assert_eq!(draft.team.len(), 4);
    let consent = sign(&mut county, &draft.id.to_string());
    let ask = Send {
        to: Some(NAMES[CLINIC].to_owned()),
        ..Send::new(consent.id.to_string(), "starts buprenorphine today".into(), Urgency::Urgent)
    };
    let shown: SendPreview = county.office(HOSPITAL).done(&Care::ReferralPreview(ask));
    use Information::{Identity, Medication, Referral, Social};
    let mut reads: Vec<_> = shown.team.iter().map(|m| (m.name.as_str(), m.acts, m.reads.clone())).collect();
    reads.sort_unstable();
    assert_eq!(
        reads,
        [
            ("Harbor Shelter", false, vec![Referral, Identity, Social]),
            ("Ridge Clinic", true, vec![Referral, Identity, Medication]),
            ("Valley Peers", false, vec![Referral, Social]),
        ]
    );
}

#[test]
fn records_of_a_team_are_the_same_when_made_again_from_the_entries() {
    let mut county = four();
    let (id, _) = begun(&mut county, shares());
    county.office(PEERS).act(&id, housed());
    county.pump();
    for (office, name) in NAMES.iter().enumerate() {
        let before = county.office(office).records();
        county.office(office).rebuild();
        assert_eq!(county.office(office).records(), before, "{name}");
    }
}

#[test]
fn nobody_is_referred_to_of_whom_the_person_asked_that_it_is_not_told() {
    let mut county = four();
    let draft = drafted(&mut county, shares());
    let consent = sign(&mut county, &draft.id.to_string());
    let hospital = county.office(HOSPITAL);
    let restriction = RestrictionRequest {
        asked: "not the clinic".into(),
        to: Some(NAMES[CLINIC].to_owned()),
        information: vec![Information::Referral],
        ..RestrictionRequest::default()
    };
    hospital.done::<ConsentView>(&Care::ConsentRestrict { consent: consent.id.to_string(), restriction });
    let ask = Send {
        to: Some(NAMES[CLINIC].to_owned()),
        ..Send::new(consent.id.to_string(), "starts buprenorphine today".into(), Urgency::Urgent)
    };
    let preview: SendPreview = hospital.done(&Care::ReferralPreview(ask.clone()));
    assert!(preview.refused.is_some_and(|why| why.contains("42 CFR 2.26")));
    let (class, why) = hospital.refused(&Care::ReferralSend(ask));
    assert!(class == FailureClass::NotPermitted && why.contains("42 CFR 2.26"), "{why}");
}
