//! One consent for many organisations: what it shows before it tells, what a new version changes, and how it ends wherever the
//! person says so.

mod changed;
mod doubted;
mod drafts;
mod ends;
mod event;
mod falsely;
mod late;
mod left;
mod left_out;
mod older;
mod promised;
mod signs;
mod waits;
mod widened;

use super::*;
use belay_protocol::consent::{Class, Signer};

/// The hospital's consent that names clinic and shelter, each for its own.
fn two_parties(county: &mut County) -> ConsentView {
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let way = |to: &str, information: &[Information]| Way {
        from: None,
        to: Some(to.to_owned()),
        information: information.to_vec(),
        purpose: Some("treatment".to_owned()),
    };
    let clinic = [Information::Referral, Information::Identity, Information::Medication];
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Ridge Clinic".to_owned(), "Harbor Shelter".to_owned()],
        ways: vec![way("Ridge Clinic", &clinic), way("Harbor Shelter", &[Information::Referral])],
        expiry: ExpiryRequest::On(Time(hospital.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    }));
    assert_eq!((draft.class, draft.missing), (Class::General, None));
    signed(hospital, &draft.id.to_string())
}

/// A mother who typed this name.
fn beside(typed: &str, attested: bool) -> BesideSign {
    BesideSign {
        name: "Ada Quillfeather".into(),
        capacity: "mother".into(),
        typed: typed.into(),
        attested,
        drawn: None,
    }
}

/// Signs the form that waits, as it was read.
fn signed(office: &mut Office, consent: &str) -> ConsentView {
    let show = Care::ConsentShow { consent: consent.to_owned(), whole: false };
    let read = office.done::<ConsentView>(&show).to_sign;
    office.done(&Care::ConsentSign(ConsentSign {
        attested: true,
        version: read.as_ref().map(|form| form.version),
        terms: read.map(|form| form.terms),
        consent: consent.to_owned(),
        typed: "Zephyrine Quillfeather".into(),
        ..ConsentSign::default()
    }))
}

fn to(consent: &ConsentView, to: &str, include: Vec<Information>) -> Send {
    let Care::ReferralSend(send) = send(consent) else { unreachable!("a referral") };
    Send { to: Some(to.to_owned()), include, ..send }
}

/// One consent, two referrals: their ids.
fn both_sent(county: &mut County) -> (ConsentView, String, String) {
    let consent = two_parties(county);
    let send = |county: &mut County, name: &str| {
        let ask = Care::ReferralSend(to(&consent, name, Vec::new()));
        county.office(HOSPITAL).done::<ThreadView>(&ask).row.id.to_string()
    };
    let (clinic, shelter) = (send(county, "Ridge Clinic"), send(county, "Harbor Shelter"));
    county.pump();
    (consent, clinic, shelter)
}

fn say(county: &mut County, office: usize, thread: &str) -> Option<String> {
    let act = Care::ReferralAct { thread: thread.to_owned(), act: message("one more thing") };
    match county.office(office).ask(&act) {
        Response::Done(_) => None,
        Response::Failed(failure) => Some(failure.message),
    }
}

#[test]
fn one_consent_backs_a_referral_to_each_and_neither_learns_of_the_other() {
    let mut county = county();
    let (consent, ..) = both_sent(&mut county);
    let (class, why) = county.office(HOSPITAL).refused(&send(&consent));
    assert_eq!(class, FailureClass::Misuse);
    assert!(why.contains("Ridge Clinic") && why.contains("Harbor Shelter"), "{why}");
    let mut ids = std::collections::BTreeSet::new();
    for (office, other) in [(CLINIC, "Harbor Shelter"), (SHELTER, "Ridge Clinic")] {
        let threads = county.office(office).threads();
        assert_eq!(threads.len(), 1);
        let shown = county.office(office).thread(&threads[0].id.to_string());
        assert!(!shown.scope.expect("its part").contains(other));
        assert_ne!(shown.consent, consent.id, "the consent's own id stays where it is kept");
        ids.insert(shown.consent);
        assert_eq!(shown.identity.is_some(), office == CLINIC, "who the person is goes to the clinic alone");
    }
    assert_eq!(ids.len(), 2, "by the id neither learns that both are in one consent");
}

#[test]
fn what_changes_for_others_does_not_show_in_the_part_of_a_recipient() {
    let mut county = county();
    let (consent, clinic, shelter) = both_sent(&mut county);
    let id = consent.id.to_string();
    let told = |county: &mut County| {
        let ask = Care::Disclosures(DisclosuresAsk::to("Ridge Clinic"));
        county.office(HOSPITAL).done::<DisclosuresView>(&ask).disclosures.len()
    };
    let before = (told(&mut county), county.office(CLINIC).thread(&clinic).scope);
    county.sleep(DAY);
    let remove = vec!["Harbor Shelter".to_owned()];
    let amend = ConsentAmend { consent: id.clone(), remove, ..ConsentAmend::default() };
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentAmend(amend));
    signed(county.office(HOSPITAL), &id);
    assert_eq!(say(&mut county, HOSPITAL, &clinic), None);
    county.pump();
    let shown = county.office(CLINIC).thread(&clinic);
    assert_eq!((shown.version, told(&mut county)), (1, before.0 + 1), "the message, and no notice");
    assert_eq!(shown.scope, before.1, "nor another day of the signature");
    assert!(county.office(SHELTER).thread(&shelter).row.ended.is_some());
    // Its own part changes, and then its number rises.
    let expiry = Some(ExpiryRequest::On(Time(county.office(HOSPITAL).now.0 + 300 * DAY)));
    let amend = ConsentAmend { consent: id.clone(), expiry, ..ConsentAmend::default() };
    county.office(HOSPITAL).done::<ConsentView>(&Care::ConsentAmend(amend));
    signed(county.office(HOSPITAL), &id);
    county.pump();
    assert_eq!(county.office(CLINIC).thread(&clinic).version, 2);
}

#[test]
fn what_would_go_to_whom_is_shown_and_the_minimum_is_the_default() {
    let mut county = county();
    let consent = two_parties(&mut county);
    let before = county.office(HOSPITAL).entries();
    let ask = Care::ReferralPreview(to(&consent, "Ridge Clinic", Vec::new()));
    let preview: SendPreview = county.office(HOSPITAL).done(&ask);
    let kinds: Vec<_> = preview.goes.iter().map(|g| g.information).collect();
    assert_eq!(kinds, [Information::Referral, Information::Identity]);
    assert_eq!((preview.kept_back.as_slice(), preview.refused), (&[Information::Medication][..], None));
    assert!(preview.goes.iter().flat_map(|g| &g.says).any(|(_, text)| text.reveal().contains("buprenorphine")));
    let more = Care::ReferralPreview(to(&consent, "Ridge Clinic", vec![Information::Medication]));
    assert!(county.office(HOSPITAL).done::<SendPreview>(&more).kept_back.is_empty());
    let never = Care::ReferralPreview(to(&consent, "Harbor Shelter", vec![Information::Medication]));
    let refused = county.office(HOSPITAL).done::<SendPreview>(&never).refused.expect("not permitted");
    assert!(refused.contains("42 CFR 2.31(a)(3)"), "{refused}");
    assert_eq!(county.office(HOSPITAL).entries(), before, "a preview sends nothing");
}

#[test]
fn a_new_version_shows_what_is_new_and_closes_what_it_takes_away() {
    let mut county = county();
    let (consent, clinic, shelter) = both_sent(&mut county);
    let id = consent.id.to_string();
    let amend =
        ConsentAmend { consent: id.clone(), remove: vec!["Harbor Shelter".to_owned()], ..ConsentAmend::default() };
    let draft: ConsentView = county.office(HOSPITAL).done(&Care::ConsentAmend(amend.clone()));
    assert_eq!((draft.version, draft.state.as_str()), (2, "draft"));
    assert!(draft.form.reveal().contains("Harbor Shelter") && !draft.form.reveal().contains("Ridge Clinic"));
    assert!(draft.changes.expect("a version after the first").narrows());
    assert_eq!(say(&mut county, HOSPITAL, &shelter), None, "a draft changes nothing");
    assert_eq!(signed(county.office(HOSPITAL), &id).state, "signed");
    assert_eq!(say(&mut county, HOSPITAL, &clinic), None, "what both versions allow goes on");
    let why = say(&mut county, HOSPITAL, &shelter).expect("closed");
    assert!(why.contains("42 CFR 2.31(a)(4)"), "{why}");
    county.pump();
    assert!(say(&mut county, SHELTER, &shelter).is_some());
    assert!(county.office(SHELTER).thread(&shelter).row.ended.is_some());
    assert!(county.office(HOSPITAL).refused(&Care::ConsentAmend(amend)).1.contains("no organisation"), "it is gone");
}

#[test]
fn an_organisation_is_added_by_one_signature_over_what_is_new() {
    let mut county = county();
    let id = sent(&mut county, None);
    let consent = county.office(HOSPITAL).thread(&id).consent.to_string();
    let amend = ConsentAmend {
        consent: consent.clone(),
        add: vec!["Harbor Shelter".to_owned()],
        tell: vec![Information::Referral],
        purpose: "tpo".to_owned(),
        ..ConsentAmend::default()
    };
    let draft: ConsentView = county.office(HOSPITAL).done(&Care::ConsentAmend(amend));
    let form = draft.form.reveal();
    assert!(
        form.contains("New: who may get facts about me")
            && form.contains("Harbor Shelter")
            && !form.contains("Ridge Clinic"),
        "{form}"
    );
    let view = signed(county.office(HOSPITAL), &consent);
    let sent: ThreadView = county.office(HOSPITAL).done(&Care::ReferralSend(to(&view, "Harbor Shelter", Vec::new())));
    assert_eq!(sent.version, 2);
    county.pump();
    assert_eq!(county.office(SHELTER).threads().len(), 1);
    assert_eq!(say(&mut county, CLINIC, &id), None, "the thread under the first version goes on");
}

#[test]
fn a_revocation_that_a_recipient_hears_stops_both_and_is_on_record_at_both() {
    let mut county = county();
    let (consent, clinic, shelter) = both_sent(&mut county);
    let ask = Care::ConsentRevokePreview { consent: clinic.clone(), party: None };
    let preview: RevokePreview = county.office(CLINIC).done(&ask);
    assert!(preview.does.contains("County Hospital") && preview.cannot.contains("stays told"), "{preview:?}");
    assert_eq!(say(&mut county, CLINIC, &clinic), None, "a preview ends nothing");
    let revoke = Care::ConsentRevoke { consent: clinic.clone(), party: None, spoken: true };
    let heard: ConsentView = county.office(CLINIC).done(&revoke);
    assert_eq!(heard.state, "revocation heard");
    // At once, before the hospital knows.
    assert!(say(&mut county, CLINIC, &clinic).expect("stopped").contains("42 CFR 2.31(c)(3)"));
    assert!(county.office(CLINIC).refused(&revoke).1.contains("ended before"));
    county.pump();
    let id = consent.id.to_string();
    let shown: ConsentView = county.office(HOSPITAL).done(&Care::ConsentShow { consent: id, whole: false });
    assert_eq!(shown.state, "revoked");
    assert!(shown.form.reveal().contains("nora (Ridge Clinic)"), "who heard it: {}", shown.form.reveal());
    assert!(shown.form.reveal().contains("heard it from me"));
    let thread = county.office(HOSPITAL).thread(&clinic);
    assert!(thread.history.iter().any(|line| line.act == "revocation heard"), "{:?}", thread.history);
    let sent = thread.history.iter().find(|line| line.act == "send").expect("sent");
    assert!(sent.delivery >= Some(DeliveryState::Delivered), "who answered it had it, receipts or not");
    for (office, thread) in [(HOSPITAL, &clinic), (HOSPITAL, &shelter), (SHELTER, &shelter)] {
        assert!(say(&mut county, office, thread).is_some(), "office {office} tells on");
        assert!(county.office(office).thread(thread).row.ended.is_some());
    }
}

#[test]
fn a_revocation_for_one_party_leaves_the_rest_standing() {
    let mut county = county();
    let (consent, clinic, shelter) = both_sent(&mut county);
    let party = Some("Harbor Shelter".to_owned());
    let revoke = Care::ConsentRevoke { consent: consent.id.to_string(), party, spoken: false };
    assert_eq!(county.office(HOSPITAL).done::<ConsentView>(&revoke).state, "signed");
    county.pump();
    assert_eq!(say(&mut county, HOSPITAL, &clinic), None);
    assert!(say(&mut county, HOSPITAL, &shelter).is_some());
    assert!(say(&mut county, SHELTER, &shelter).is_some());
}

#[test]
fn the_event_at_which_it_ends_and_what_makes_it_false_close_its_referrals() {
    for event in [true, false] {
        let mut county = county();
        let hospital = county.office(HOSPITAL);
        hospital.person("Zephyrine Quillfeather");
        let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
            person: "Zephyrine Quillfeather".into(),
            to: vec!["Ridge Clinic".to_owned()],
            expiry: ExpiryRequest::Event("I move away".into()),
            ..ConsentDraft::default()
        }));
        let consent = signed(hospital, &draft.id.to_string());
        let id = hospital.send(&consent).row.id.to_string();
        let consent = consent.id.to_string();
        let (end, clause) = if event {
            (Care::ConsentEvent { consent, revocable: false, on: None }, "42 CFR 2.31(c)(1)")
        } else {
            (Care::ConsentVoid { consent, why: "somebody else signed".into() }, "42 CFR 2.31(c)(4)")
        };
        hospital.officer::<ConsentView>(&end);
        let why = say(&mut county, HOSPITAL, &id).expect("ended");
        assert!(why.contains(clause), "{why}");
        county.pump();
        assert!(say(&mut county, CLINIC, &id).is_some());
    }
}

#[test]
fn a_restriction_that_is_agreed_to_later_closes_that_kind() {
    let mut county = county();
    let id = sent(&mut county, None);
    let consent = county.office(HOSPITAL).thread(&id).consent.to_string();
    let restriction = RestrictionRequest {
        asked: "not where I live".into(),
        to: Some("Ridge Clinic".to_owned()),
        information: vec![Information::Identity],
        ..RestrictionRequest::default()
    };
    let view: ConsentView = county.office(HOSPITAL).done(&Care::ConsentRestrict { consent, restriction });
    assert!(view.form.reveal().contains("2.26"));
    assert_eq!(say(&mut county, HOSPITAL, &id), None, "the referral itself goes on");
    assert!(view.flows.iter().all(|flow| flow.information != Information::Identity), "the view is of what stands");
    let hospital = county.office(HOSPITAL);
    let ask = |include| to(&view, "Ridge Clinic", include);
    let preview: SendPreview = hospital.done(&Care::ReferralPreview(ask(Vec::new())));
    let kinds: Vec<_> = preview.goes.iter().map(|goes| goes.information).collect();
    assert_eq!((kinds.as_slice(), preview.refused), (&[Information::Referral][..], None), "it goes without");
    let stays: Vec<_> = preview.left_out.iter().map(|one| one.information).collect();
    assert_eq!(stays, [Information::Identity], "and says so");
    let preview: SendPreview = hospital.done(&Care::ReferralPreview(ask(vec![Information::Identity])));
    let refused = preview.refused.expect("identity stays here");
    assert!(refused.contains("42 CFR 2.26") && !refused.contains("lift"), "{refused}");
    let sent: ThreadView = hospital.done(&Care::ReferralSend(ask(Vec::new())));
    assert_eq!(sent.left_out, preview.left_out);
    let again = sent.row.id.to_string();
    county.pump();
    let shown = county.office(CLINIC).thread(&again);
    assert!(shown.row.name.is_none() && shown.reason.is_some());
}

#[test]
fn a_referral_goes_without_the_name_where_staff_say_so() {
    let mut county = county();
    let consent = two_parties(&mut county);
    let without = |kind| Send { without: vec![kind], ..to(&consent, "Ridge Clinic", Vec::new()) };
    let hospital = county.office(HOSPITAL);
    assert_eq!(hospital.refused(&Care::ReferralSend(without(Information::Social))).0, FailureClass::Misuse);
    let preview: SendPreview = hospital.done(&Care::ReferralPreview(without(Information::Identity)));
    assert!(preview.goes.iter().all(|goes| goes.information != Information::Identity));
    assert!(preview.kept_back.contains(&Information::Identity), "{:?}", preview.kept_back);
    let sent: ThreadView = hospital.done(&Care::ReferralSend(without(Information::Identity)));
    let id = sent.row.id.to_string();
    county.pump();
    let shown = county.office(CLINIC).thread(&id);
    assert!(shown.row.name.is_none() && shown.identity.is_none());
}

#[test]
fn what_may_not_be_combined_is_refused_when_it_is_drafted() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let mut draft = ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Ridge Clinic".to_owned()],
        tell: vec![Information::Referral, Information::Counselling],
        expiry: ExpiryRequest::On(Time(hospital.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    };
    let (class, why) = hospital.refused(&Care::ConsentDraft(draft.clone()));
    assert_eq!(class, FailureClass::NotPermitted);
    assert!(why.contains("42 CFR 2.31(b)") && why.contains("--class counselling"), "{why}");
    (draft.class, draft.tell) = (Some(Class::Counselling), Vec::new());
    assert_eq!(hospital.done::<ConsentView>(&Care::ConsentDraft(draft.clone())).class, Class::Counselling);
    (draft.class, draft.signer) = (None, Signer::MinorAndParent);
    let born = Some("2012-05-06".into());
    let edit = PersonEdit { person: draft.person.clone(), birth_date: born, ..PersonEdit::default() };
    hospital.done::<PersonView>(&Care::PersonEdit(Box::new(edit)));
    let minor: ConsentView = hospital.done(&Care::ConsentDraft(draft));
    let alone = ConsentSign {
        attested: true,
        consent: minor.id.to_string(),
        typed: "Zephyrine".into(),
        ..ConsentSign::default()
    };
    assert!(hospital.refused(&Care::ConsentSign(alone.clone())).1.contains("42 CFR 2.14(b)"));
    let both = ConsentSign { attested: true, beside: Some(beside("Ada Quillfeather", true)), ..alone };
    assert_eq!(hospital.done::<ConsentView>(&Care::ConsentSign(both)).state, "signed");
}

#[test]
fn the_accounting_covers_the_time_that_is_asked_for_and_names_whom_a_breach_concerns() {
    let mut county = county();
    sent(&mut county, None);
    let hospital = county.office(HOSPITAL);
    let (now, all) = (hospital.now, DisclosuresAsk::of("Zephyrine Quillfeather"));
    let told = |office: &mut Office, ask: &DisclosuresAsk| {
        office.done::<DisclosuresView>(&Care::Disclosures(ask.clone())).disclosures
    };
    assert_eq!(told(hospital, &all).len(), 4);
    assert!(told(hospital, &DisclosuresAsk { until: Some(Time(now.0 - DAY)), ..all.clone() }).is_empty());
    assert!(told(hospital, &DisclosuresAsk { since: Some(Time(now.0 + DAY)), ..all.clone() }).is_empty());
    assert_eq!(told(hospital, &DisclosuresAsk { with_consent: true, ..all }).len(), 4);
    let breach = told(hospital, &DisclosuresAsk::to("Ridge Clinic"));
    assert!(breach.iter().all(|d| d.name.as_ref().is_some_and(|name| name.reveal() == "Zephyrine Quillfeather")));
}

#[test]
fn a_recipient_passes_on_only_what_its_kind_may_and_that_is_on_record() {
    let mut county = county();
    let (_, clinic, shelter) = both_sent(&mut county);
    let ask = |thread: &str, to: &str, told: Option<&str>| {
        Care::ConsentOnward(OnwardAsk {
            thread: thread.to_owned(),
            to: to.to_owned(),
            information: Information::Referral,
            purpose: "treatment".to_owned(),
            contract: false,
            told: told.map(Into::into),
        })
    };
    let view: OnwardView = county.office(SHELTER).done(&ask(&shelter, "Ridge Clinic", None));
    assert!(!view.permitted && view.says.contains("42 CFR 2.33(b)(3)"), "{view:?}");
    let (class, _) = county.office(SHELTER).refused(&ask(&shelter, "Ridge Clinic", Some("by telephone")));
    assert_eq!(class, FailureClass::NotPermitted, "what is not permitted is not on record as if it were");
    // Back to where it came from, as the consent says.
    county.office(CLINIC).done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&clinic)));
    let view: OnwardView = county.office(CLINIC).done(&ask(&clinic, "County Hospital", Some("that she came")));
    assert!(view.permitted && view.notice.is_some(), "{view:?}");
    let to = Care::Disclosures(DisclosuresAsk::to("County Hospital"));
    let told = county.office(CLINIC).done::<DisclosuresView>(&to).disclosures;
    assert!(told.iter().any(|d| d.what.reveal() == "that she came"));
}

#[test]
fn a_version_that_nobody_signed_gives_way_to_the_next() {
    let mut county = county();
    let consent = two_parties(&mut county).id.to_string();
    let amend = |remove: &str| {
        let remove = vec![remove.to_owned()];
        Care::ConsentAmend(ConsentAmend { consent: consent.clone(), remove, ..ConsentAmend::default() })
    };
    assert_eq!(county.office(HOSPITAL).done::<ConsentView>(&amend("Ridge Clinic")).version, 2);
    assert_eq!(county.office(HOSPITAL).done::<ConsentView>(&amend("Harbor Shelter")).version, 3);
    let view = signed(county.office(HOSPITAL), &consent);
    let (gone, rest) = view.form.reveal().split_once("This will stop").expect("what ends is shown");
    assert!(rest.contains("Harbor Shelter") && !gone.contains("Ridge Clinic"), "{}", view.form.reveal());
    assert!(view.flows.iter().any(|f| f.to_name == "Ridge Clinic"));
}

#[test]
fn what_came_back_under_a_consent_that_is_known_to_be_false_stands_in_no_list_and_in_no_data() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    let at = Time(county.office(CLINIC).now.0 + DAY);
    let schedule = ActRequest::Schedule(Meeting::at(at, "12 Ridge Road".into(), Mode::InPerson, "".into()));
    county.office(CLINIC).act(&id, schedule);
    county.office(CLINIC).act(&id, ActRequest::Attend { when: None });
    county.pump();
    let hospital = county.office(HOSPITAL);
    let before = hospital.thread(&id);
    assert!(before.attended.is_some() && before.row.appointment_at == Some(at) && before.row.business.is_some());
    let (consent, why) = (before.consent.to_string(), "somebody else signed".into());
    hospital.officer::<ConsentView>(&Care::ConsentVoid { consent, why });
    let view = hospital.thread(&id);
    assert!(view.appointment.is_none() && view.attended.is_none());
    let [listed] = <[ThreadRow; 1]>::try_from(hospital.threads()).expect("one");
    for row in [&view.row, &listed] {
        assert_eq!((&row.status, &row.business, row.appointment_at, row.answerable), (&None, &None, None, false));
        let state = "ended: the consent is known to be false (what they answered may not be shown)";
        assert_eq!(row.state, state);
        let place = crate::usecases::worklist::standing::place(row);
        assert_eq!(place, belay_protocol::referral::Place::Sent, "pages say no more");
    }
}
