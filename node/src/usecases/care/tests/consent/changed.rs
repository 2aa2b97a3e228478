//! What changes a consent after it was signed, and what that leaves standing.

use super::*;
use belay_protocol::consent::{Action, Ask, Basis, Purpose, decide};
use belay_protocol::disclosure::Note;
use belay_protocol::engine::Telling;
use belay_protocol::ids::{EntryHash, PersonId, ThreadId};
use belay_protocol::referral::{Medication, Medicine};
use belay_protocol::time::Local;

/// As [`two_parties`], and the clinic may tell the shelter.
pub(super) fn three_ways(county: &mut County) -> (ConsentView, String, String) {
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let between = Way {
        from: Some("Ridge Clinic".to_owned()),
        to: Some("Harbor Shelter".to_owned()),
        information: vec![Information::Referral],
        purpose: None,
    };
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Ridge Clinic".to_owned(), "Harbor Shelter".to_owned()],
        ways: vec![between],
        expiry: ExpiryRequest::On(Time(hospital.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    }));
    let consent = signed(hospital, &draft.id.to_string());
    let mut send = |name: &str| {
        let ask = Care::ReferralSend(to(&consent, name, vec![Information::Referral]));
        county.office(HOSPITAL).done::<ThreadView>(&ask).row.id.to_string()
    };
    let (clinic, shelter) = (send("Ridge Clinic"), send("Harbor Shelter"));
    county.pump();
    (consent, clinic, shelter)
}

fn shown(county: &mut County, consent: &ConsentView) -> ConsentView {
    let ask = Care::ConsentShow { consent: consent.id.to_string(), whole: false };
    county.office(HOSPITAL).done(&ask)
}

fn revoke(consent: &str, party: Option<&str>) -> Care {
    Care::ConsentRevoke { consent: consent.to_owned(), party: party.map(str::to_owned), spoken: true }
}

fn leave_out(consent: &ConsentView, information: Information) -> Care {
    Care::ConsentRestrict {
        consent: consent.id.to_string(),
        restriction: RestrictionRequest {
            asked: "not to the clinic".into(),
            to: Some("Ridge Clinic".to_owned()),
            information: vec![information],
            ..RestrictionRequest::default()
        },
    }
}

#[test]
fn a_waiting_version_is_not_signed_over_what_the_person_said_meanwhile() {
    type Row = (&'static str, fn(&mut County, &ConsentView), &'static str);
    let meanwhile: [Row; 4] = [
        (
            "revoked",
            |county, consent| {
                county.office(HOSPITAL).done::<ConsentView>(&revoke(&consent.id.to_string(), None));
            },
            "has ended",
        ),
        (
            "revoked for one",
            |county, consent| {
                let ask = revoke(&consent.id.to_string(), Some("Harbor Shelter"));
                county.office(HOSPITAL).done::<ConsentView>(&ask);
            },
            "amend it again",
        ),
        (
            "restricted",
            |county, consent| {
                county.office(HOSPITAL).done::<ConsentView>(&leave_out(consent, Information::Identity));
            },
            "amend it again",
        ),
        ("expired", |county, _| county.sleep(91 * DAY), "expired"),
    ];
    for (row, meanwhile, expected) in meanwhile {
        let mut county = county();
        let (consent, clinic, _) = both_sent(&mut county);
        let id = consent.id.to_string();
        let expiry = Some(ExpiryRequest::On(Time(county.office(HOSPITAL).now.0 + 300 * DAY)));
        let amend = Care::ConsentAmend(ConsentAmend { consent: id.clone(), expiry, ..ConsentAmend::default() });
        assert_eq!(county.office(HOSPITAL).done::<ConsentView>(&amend).version, 2, "{row}");
        meanwhile(&mut county, &consent);
        let sign = Care::ConsentSign(ConsentSign {
            attested: true,
            consent: id.clone(),
            typed: "Zephyrine Quillfeather".into(),
            ..ConsentSign::default()
        });
        let (class, why) = county.office(HOSPITAL).refused(&sign);
        assert!(class == FailureClass::Misuse && why.contains(expected), "{row}: {why}");
        match row {
            "revoked" => assert!(say(&mut county, HOSPITAL, &clinic).is_some(), "it stays revoked"),
            "expired" => assert!(county.office(HOSPITAL).refused(&amend).1.contains("expired"), "{row}"),
            _ => {
                assert_eq!(county.office(HOSPITAL).done::<ConsentView>(&amend).version, 3, "{row}");
                let view = signed(county.office(HOSPITAL), &id);
                let shelter = view.flows.iter().any(|f| f.to_name == "Harbor Shelter");
                assert_eq!(shelter, row == "restricted", "{row}: what was withdrawn stays out");
            }
        }
    }
}

#[test]
fn whoever_was_withdrawn_is_new_when_a_version_names_them_again() {
    let mut county = county();
    let consent = two_parties(&mut county);
    let id = consent.id.to_string();
    county.office(HOSPITAL).done::<ConsentView>(&revoke(&id, Some("Harbor Shelter")));
    let amend = ConsentAmend {
        consent: id,
        add: vec!["Harbor Shelter".to_owned()],
        tell: vec![Information::Referral],
        ..ConsentAmend::default()
    };
    let draft: ConsentView = county.office(HOSPITAL).done(&Care::ConsentAmend(amend));
    let changes = draft.changes.expect("a version after the first");
    assert_eq!(changes.joined.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["Harbor Shelter"]);
    assert!(draft.form.reveal().contains("Harbor Shelter"), "{}", draft.form.reveal());
}

#[test]
fn a_word_against_one_party_heard_elsewhere_ends_that_one_and_no_other() {
    let mut county = county();
    let (consent, clinic, shelter) = three_ways(&mut county);
    let pass_on = Care::ConsentOnward(OnwardAsk {
        thread: clinic.clone(),
        to: "Harbor Shelter".to_owned(),
        information: Information::Referral,
        purpose: "treatment".to_owned(),
        contract: false,
        told: None,
    });
    county.office(CLINIC).done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&clinic)));
    assert!(county.office(CLINIC).done::<OnwardView>(&pass_on).permitted, "the consent says so");
    county.office(CLINIC).done::<ConsentView>(&revoke(&clinic, Some("Harbor Shelter")));
    assert!(!county.office(CLINIC).done::<OnwardView>(&pass_on).permitted, "at once");
    assert_eq!(say(&mut county, CLINIC, &clinic), None, "the clinic's own part goes on");
    county.pump();
    let view = shown(&mut county, &consent);
    assert_eq!(view.state, "signed");
    assert!(
        view.flows.iter().all(|f| f.to_name != "Harbor Shelter" && f.from_name != "Harbor Shelter"),
        "as it stands"
    );
    assert!(view.parties.iter().all(|party| party.name != "Harbor Shelter"));
    let said = county.office(HOSPITAL).thread(&clinic).history.into_iter().find(|line| line.act == "revocation heard");
    let said = said.expect("it is in the history").text.reveal().clone();
    assert_eq!(said, "the person revoked the consent for Harbor Shelter alone, spoken");
    assert!(say(&mut county, HOSPITAL, &shelter).is_some(), "nobody tells the shelter any more");
    assert!(county.office(SHELTER).thread(&shelter).row.ended.is_some());
    assert_eq!(say(&mut county, HOSPITAL, &clinic), None);
    county.pump();
    let seen = county.office(CLINIC).thread(&clinic);
    assert!(seen.row.ended.is_none());
    let scope = seen.scope.expect("its part");
    assert!(!scope.contains("Ridge Clinic may tell Harbor Shelter"), "{scope}");
}

#[test]
fn what_the_keeper_withdraws_for_one_party_the_others_are_told() {
    let mut county = county();
    let (consent, clinic, _) = three_ways(&mut county);
    county.office(HOSPITAL).done::<ConsentView>(&revoke(&consent.id.to_string(), Some("Harbor Shelter")));
    county.pump();
    let scope = county.office(CLINIC).thread(&clinic).scope.expect("its part");
    assert!(!scope.contains("Harbor Shelter"), "{scope}");
}

#[test]
fn a_kind_that_is_closed_leaves_the_rest_of_the_referral_standing() {
    let mut county = county();
    let consent = two_parties(&mut county);
    let ask = Care::ReferralSend(to(&consent, "Ridge Clinic", Vec::new()));
    let id = county.office(HOSPITAL).done::<ThreadView>(&ask).row.id.to_string();
    let medicine = Medicine { name: "buprenorphine".into(), ..Medicine::default() };
    let tablets = ActRequest::Medication(Medication { medicines: vec![medicine], ..Medication::default() }.into());
    county.office(HOSPITAL).act(&id, tablets);
    county.pump();
    assert!(county.office(CLINIC).thread(&id).scope.expect("its part").contains("medication"));
    county.office(HOSPITAL).done::<ConsentView>(&leave_out(&consent, Information::Medication));
    county.pump();
    let seen = county.office(CLINIC).thread(&id);
    assert!(seen.row.ended.is_none(), "{}", seen.row.state);
    let scope = seen.scope.clone().expect("its part");
    assert!(!scope.contains("medication"), "the recipient is told what is left: {scope}");
    assert!(seen.follow.medication.is_some(), "what was told stays told");
    assert_eq!(say(&mut county, CLINIC, &id), None, "it answers on");
    county.office(CLINIC).done::<ConsentView>(&revoke(&id, None));
    county.pump();
    assert_eq!(shown(&mut county, &consent).state, "revoked", "and can still hear the person");
}

#[test]
fn medication_that_both_sides_wrote_at_once_is_said_until_one_writes_it_anew() {
    let mut county = county();
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    let kinds = vec![Information::Referral, Information::Identity, Information::Medication];
    let consent = county.office(HOSPITAL).consent_to_tell("Ridge Clinic", kinds.clone(), Some(kinds), 90);
    let id = county.office(HOSPITAL).send(&consent).row.id.to_string();
    county.pump();
    let takes = |name: &str| {
        let medicine = Medicine { name: name.into(), ..Medicine::default() };
        ActRequest::Medication(Medication { medicines: vec![medicine], ..Medication::default() }.into())
    };
    county.office(CLINIC).done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&id)));
    county.office(HOSPITAL).act(&id, takes("buprenorphine 8 mg"));
    county.office(CLINIC).act(&id, takes("buprenorphine 16 mg"));
    county.pump();
    for office in [HOSPITAL, CLINIC] {
        let row = county.office(office).threads().remove(0);
        assert!(row.state.contains("look at both: both sides wrote the medication at once"), "{}", row.state);
        let lines = county.office(office).thread(&id).history;
        assert_eq!(lines.iter().filter(|l| l.act == "medication" && l.crossed).count(), 2, "each says so");
    }
    county.office(CLINIC).act(&id, takes("buprenorphine 12 mg"));
    county.pump();
    for office in [HOSPITAL, CLINIC] {
        assert!(!county.office(office).threads().remove(0).state.contains("look at both"));
    }
}

#[test]
fn an_earlier_end_is_told_to_who_has_the_referral() {
    let mut county = county();
    let (consent, clinic, _) = both_sent(&mut county);
    let sooner = Time(county.office(HOSPITAL).now.0 + 10 * DAY);
    let amend = ConsentAmend {
        consent: consent.id.to_string(),
        expiry: Some(ExpiryRequest::On(sooner)),
        ..ConsentAmend::default()
    };
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentAmend(amend));
    signed(county.office(HOSPITAL), &consent.id.to_string());
    county.pump();
    let scope = county.office(CLINIC).thread(&clinic).scope.expect("its part");
    assert!(scope.contains(&format!("Ends at {}", Local::utc(sooner).exactly())), "{scope}");
    county.sleep(11 * DAY);
    assert!(say(&mut county, CLINIC, &clinic).expect("expired there too").contains("42 CFR 2.31(c)(1)"));
}

#[test]
fn a_permit_to_ask_without_naming_anybody_carries_nothing_else() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC).org();
    let space = county.office(HOSPITAL).thread_spaces()[0];
    let message = Care::ReferralAct { thread: id, act: message("one more thing") };
    county.office(HOSPITAL).done::<ThreadView>(&message);
    county.office(HOSPITAL).staff(|step, session| {
        let (from, to, now) = (step.org(), clinic, step.context().now);
        let note = Note {
            by: session.by(),
            person: PersonId::ZERO,
            thread: ThreadId([0; 32]),
            recipient: "Ridge Clinic".to_owned(),
            brief: belay_protocol::disclosure::Brief::Message,
            what: "anything".into(),
        };
        let permit = |action| {
            let ask = Ask { from, to, information: Information::Inquiry, purpose: Purpose::Treatment, action };
            decide(Basis::Inquiry, &ask, now).expect("an inquiry")
        };
        let seal = permit(Action::Seal);
        let refused = step.write_thread(space, &[Telling { permit: &seal, note: &note }], b"a name");
        assert!(refused.expect_err("not this way").message.contains("its own type"));
        let export = permit(Action::Export);
        let refused = step.export(&[Telling { permit: &export, note: &note }], EntryHash::ZERO);
        assert!(refused.expect_err("nor on paper").message.contains("its own type"));
    });
}

#[test]
fn a_revocation_is_heard_also_where_its_keeper_may_be_told_nothing() {
    let mut county = County::of(&[
        ("County Sheriff", PartnerKind::LawEnforcement),
        ("Ridge Clinic", PartnerKind::Part2Program),
        ("Harbor Shelter", PartnerKind::NonCoveredCbo),
    ]);
    let sheriff = county.office(0);
    sheriff.person("Zephyrine Quillfeather");
    // Nobody is asked to sign a way that the law lets nothing go.
    let never = Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Ridge Clinic".to_owned()],
        back: Some(vec![Information::Referral]),
        purpose: "tpo".to_owned(),
        expiry: ExpiryRequest::On(Time(sheriff.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    });
    assert!(sheriff.refused(&never).1.contains("42 CFR 2.31(a)(5)"));
    let consent = sheriff.consent("Ridge Clinic", Some(Vec::new()), 90);
    let thread = sheriff.send(&consent).row.id.to_string();
    county.pump();
    let clinic = county.office(CLINIC);
    let preview: RevokePreview = clinic.done(&Care::ConsentRevokePreview { consent: thread.clone(), party: None });
    assert!(preview.does.contains("no way to tell County Sheriff"), "{}", preview.does);
    assert_eq!(clinic.done::<ConsentView>(&revoke(&thread, None)).state, "revocation heard");
    assert!(clinic.thread(&thread).row.ended.is_some());
    county.pump();
    let message = Care::ReferralAct { thread: thread.clone(), act: message("nothing reaches them") };
    assert!(county.office(0).refused(&message).1.contains("Ridge Clinic has left"), "its keeper sees that they left");
}

#[test]
fn where_everything_is_left_out_the_referral_has_ended_on_both_sides() {
    let mut county = county();
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    let consent = county.office(HOSPITAL).consent("Ridge Clinic", None, 90);
    let thread = county.office(HOSPITAL).send(&consent).row.id.to_string();
    county.pump();
    let restriction = RestrictionRequest { asked: "tell nobody".into(), ..RestrictionRequest::default() };
    let ask = Care::ConsentRestrict { consent: consent.id.to_string(), restriction };
    county.office(HOSPITAL).done::<ConsentView>(&ask);
    county.pump();
    let ended = [HOSPITAL, CLINIC].map(|office| county.office(office).thread(&thread).row.ended);
    assert_eq!(ended[0].as_deref(), Some("the person asked that this organisation is told nothing more"));
    assert!(ended[1].is_some());
}

/// 42 CFR 2.31(d).
#[test]
fn another_case_is_signed_for_alone_and_only_where_the_consent_is_for_one() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let end = |days: u64| ExpiryRequest::On(Time(hospital.now.0 + days * DAY));
    let (first, second) = (end(90), end(120));
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Ridge Clinic".to_owned()],
        class: Some(Class::Proceedings),
        proceeding: Some("custody hearing 24-311".into()),
        expiry: first,
        ..ConsentDraft::default()
    }));
    let id = draft.id.to_string();
    signed(hospital, &id);
    let ask =
        |which: &str| ConsentAmend { consent: id.clone(), proceeding: Some(which.into()), ..ConsentAmend::default() };
    let amend = |ask: ConsentAmend| Care::ConsentAmend(ask);
    for beside in [
        ConsentAmend { expiry: Some(second), ..ask("appeal 25-7") },
        ConsentAmend { add: vec!["Harbor Shelter".to_owned()], ..ask("appeal 25-7") },
        ConsentAmend { tell: vec![Information::Medication], ..ask("appeal 25-7") },
    ] {
        let (class, why) = hospital.refused(&amend(beside));
        assert!(class == FailureClass::NotPermitted && why.contains("2.31(d)"), "{why}");
    }
    assert!(hospital.refused(&amend(ask("custody hearing 24-311"))).1.contains("nothing in this version is new"));
    assert_eq!(hospital.refused(&amend(ask(" "))).0, FailureClass::NotPermitted, "it names one");
    let waits: ConsentView = hospital.done(&amend(ask("appeal 25-7")));
    let form = waits.form.reveal();
    assert!(form.contains("appeal 25-7") && !form.contains("24-311"), "{form}");
    let new = signed(hospital, &id);
    assert_eq!((new.state.as_str(), new.version), ("signed", 2));
    let general = hospital.consent("Harbor Shelter", None, 90).id.to_string();
    let wrong = amend(ConsentAmend { consent: general, ..ask("appeal 25-7") });
    assert!(hospital.refused(&wrong).1.contains("only a consent for one proceeding"));
}
