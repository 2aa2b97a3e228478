//! What changes who of a team reads what, and for which purpose: shown before it is signed or sent.

use super::*;

#[test]
fn what_a_newcomer_will_read_is_shown_before_the_signature_and_read_after_it() {
    let mut county = four();
    let (id, consent) = begun(&mut county, shares().into_iter().take(2).collect());
    county.office(SHELTER).act(&id, slept_here());
    county.pump();
    let amend = ConsentAmend {
        consent: consent.clone(),
        team: shares().into_iter().skip(2).collect(),
        ..ConsentAmend::default()
    };
    let draft: ConsentView = county.office(HOSPITAL).done(&Care::ConsentAmend(amend));
    let shown: Vec<_> = draft.joins.iter().map(|join| (join.name.as_str(), join.information, join.acts)).collect();
    assert_eq!(shown, [("Valley Peers", Information::Referral, 2), ("Valley Peers", Information::Social, 1)]);
    assert!(draft.form.reveal().contains("Valley Peers"), "{}", draft.form.reveal());
    county.pump();
    assert!(county.office(PEERS).threads().is_empty(), "nothing under a draft");
    sign(&mut county, &consent);
    county.pump();
    assert!(holds(&mut county, PEERS, &id, "slept here") && county.office(PEERS).thread(&id).identity.is_none());
    county.office(PEERS).act(&id, message("hello"));
    county.pump();
    for office in [HOSPITAL, CLINIC, SHELTER] {
        assert!(holds(&mut county, office, &id, "message hello"), "{}", NAMES[office]);
        let view = county.office(office).thread(&id);
        assert!(view.members.iter().any(|member| member.name == "Valley Peers"), "{:?}", view.members);
    }
    let ask = Care::Disclosures(DisclosuresAsk::to("Valley Peers"));
    let told = county.office(HOSPITAL).done::<DisclosuresView>(&ask).disclosures;
    let before = told.iter().filter(|one| one.what.reveal().contains("before it came to the team"));
    assert_eq!(before.count(), 2, "what stood there is on record, once for each kind");
}

#[test]
fn what_one_of_the_team_newly_reads_of_the_past_is_shown_before_the_signature() {
    let mut county = four();
    let (id, consent) = begun(&mut county, shares());
    taken_in(county.office(CLINIC), &id);
    county.office(CLINIC).act(&id, tablets());
    county.pump();
    let more = ConsentAmend {
        consent: consent.clone(),
        team: vec![share(SHELTER, &[Information::Medication])],
        ..ConsentAmend::default()
    };
    let draft: ConsentView = county.office(HOSPITAL).done(&Care::ConsentAmend(more));
    let newly = |view: &ConsentView| -> Vec<_> {
        view.joins.iter().map(|join| (join.name.clone(), join.information, join.acts)).collect()
    };
    let shown = vec![(NAMES[SHELTER].to_owned(), Information::Medication, 1)];
    assert_eq!(newly(&draft), shown);
    let form = draft.form.reveal().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        form.contains("what the team wrote in the past") && form.contains("Harbor Shelter: the medicine"),
        "{form}"
    );
    // What is signed on a page or by command is the consent in force, of which a change waits.
    let show = Care::ConsentShow { consent: consent.clone(), whole: false };
    assert_eq!(newly(&county.office(HOSPITAL).done(&show)), shown);
    county.pump();
    assert!(!holds(&mut county, SHELTER, &id, "medication buprenorphine"), "nothing under a draft");
    assert_eq!(newly(&sign(&mut county, &consent)), []);
    county.pump();
    assert!(holds(&mut county, SHELTER, &id, "medication buprenorphine"), "as was shown");
    assert!(!holds(&mut county, PEERS, &id, "medication buprenorphine"));
}

#[test]
fn of_what_was_shut_and_does_not_come_back_nothing_is_said_to_be_newly_read() {
    let mut county = four();
    let (_, consent) = begun(&mut county, shares());
    let restriction = RestrictionRequest {
        asked: "not the shelter".into(),
        to: Some(NAMES[SHELTER].to_owned()),
        information: vec![Information::Social],
        ..RestrictionRequest::default()
    };
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentRestrict { consent: consent.clone(), restriction });
    county.pump();
    let lift = ConsentAmend { consent, lift: true, ..ConsentAmend::default() };
    let draft: ConsentView = county.office(HOSPITAL).done(&Care::ConsentAmend(lift));
    assert!(draft.joins.is_empty(), "{:?}", draft.joins);
}

#[test]
fn what_two_of_a_team_shut_between_them_stays_shut_when_a_third_comes() {
    let mut county = four();
    let (_, consent) = begun(&mut county, shares().into_iter().take(2).collect());
    let close = vec![Way {
        from: Some("Harbor Shelter".to_owned()),
        to: Some("Ridge Clinic".to_owned()),
        information: vec![Information::Identity],
        purpose: None,
    }];
    let shut = ConsentAmend { consent: consent.clone(), close, ..ConsentAmend::default() };
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentAmend(shut));
    sign(&mut county, &consent);
    let team = shares().into_iter().skip(2).collect();
    let amend = ConsentAmend { consent, team, ..ConsentAmend::default() };
    let draft: ConsentView = county.office(HOSPITAL).done(&Care::ConsentAmend(amend));
    let opened = draft.changes.expect("a later version").opened;
    let (clinic, shelter) = (county.office(CLINIC).org(), county.office(SHELTER).org());
    assert!(!opened.is_empty() && opened.iter().all(|f| (f.from, f.to) != (shelter, clinic)), "{opened:?}");
}

#[test]
fn a_referral_to_a_team_goes_for_the_purpose_that_staff_chose_to_whom_the_consent_names_for_it() {
    let mut county = four();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let pays = Way {
        from: None,
        to: Some(NAMES[CLINIC].to_owned()),
        information: vec![Information::Referral],
        purpose: Some("payment".to_owned()),
    };
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        team: shares(),
        ways: vec![pays],
        purpose: "treatment".to_owned(),
        expiry: ExpiryRequest::On(Time(hospital.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    }));
    let consent = sign(&mut county, &draft.id.to_string()).id.to_string();
    let send = |purpose: &str| Send {
        purpose: Some(purpose.to_owned()),
        without: vec![Information::Identity],
        needs: Vec::new(),
        ..refer(CLINIC, &consent)
    };
    let hospital = county.office(HOSPITAL);
    let (class, why) = hospital.refused(&Care::ReferralSend(send("operations")));
    assert!(class == FailureClass::NotPermitted && why.contains("42 CFR 2.31(a)(5)"), "{why}");
    let shown: SendPreview = hospital.done(&Care::ReferralPreview(send("payment")));
    let reads: Vec<_> = shown.team.iter().filter(|m| !m.reads.is_empty()).map(|m| m.name.as_str()).collect();
    assert_eq!(reads, [NAMES[CLINIC]]);
    let sent: ThreadView = hospital.done(&Care::ReferralSend(send("payment")));
    county.pump();
    assert_eq!(county.office(CLINIC).threads().len(), 1);
    for other in [SHELTER, PEERS] {
        assert!(county.office(other).threads().is_empty(), "{}", NAMES[other]);
    }
    county.office(HOSPITAL).act(&sent.row.id.to_string(), message("who pays is written down"));
    county.pump();
    let ask = Care::Disclosures(DisclosuresAsk::of("Zephyrine Quillfeather"));
    let told = county.office(HOSPITAL).done::<DisclosuresView>(&ask).disclosures;
    assert!(told.len() > 1 && told.iter().all(|one| one.recipient == NAMES[CLINIC] && one.purpose == "payment"));
}
