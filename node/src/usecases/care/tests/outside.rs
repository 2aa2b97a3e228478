//! Referrals to partners who are not on the network: nothing leaves without a permit, each content is one disclosure, and what
//! is heard by telephone moves the referral as a thread's acts do.

mod rounds;

use super::office::{County, Office};
use super::{CLINIC, HOSPITAL, accept, county, message, plain};
use crate::api::FailureClass;
use crate::api::care::*;
use belay_protocol::consent::notice::STATEMENT_1;
use belay_protocol::referral::choice::OnlyOne;
use belay_protocol::referral::{Barrier, Information, Mode, Outcome, Urgency};
use belay_protocol::space::control::PartnerKind;
use belay_protocol::time::Time;

impl Office {
    pub fn partner(&mut self) -> PartnerView {
        self.done(&Care::PartnerAdd(PartnerFields {
            name: "Stone Chapel Beds".to_owned(),
            kind: Some(PartnerKind::NonCoveredCbo),
            address: "9 Chapel Lane, Cedar Falls".to_owned(),
            telephone: "606-555-0177".to_owned(),
            ..PartnerFields::default()
        }))
    }

    fn letter(&mut self, thread: &str) -> LetterView {
        self.done(&Care::ReferralLetter(LetterAsk { thread: thread.to_owned(), ..LetterAsk::default() }))
    }

    pub fn told(&mut self) -> Vec<DisclosureView> {
        let person = Some("Zephyrine Quillfeather".into());
        self.done::<DisclosuresView>(&Care::Disclosures(DisclosuresAsk { person, ..DisclosuresAsk::default() }))
            .disclosures
    }

    fn heard(&mut self, thread: &str, act: ActRequest) -> ThreadView {
        let from = "Ottoline Marsh".into();
        self.done(&Care::ReferralHeard { thread: thread.to_owned(), act, from })
    }
}

fn off(consent: &ConsentView) -> Care {
    Care::ReferralRefer(refer(consent))
}

pub fn refer(consent: &ConsentView) -> Refer {
    let send = Send::new(consent.id.to_string(), "a bed from Friday".into(), Urgency::Urgent);
    Refer::new(true, Send { again: true, ..send })
}

fn sent(county: &mut County) -> (ConsentView, ThreadView) {
    let hospital = county.office(HOSPITAL);
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Stone Chapel Beds", None, 90);
    let thread = hospital.done(&off(&consent));
    (consent, thread)
}

#[test]
fn a_referral_by_letter_goes_from_consent_to_its_end_in_the_same_list() {
    let mut county = county();
    let (_, thread) = sent(&mut county);
    let (id, hospital) = (thread.row.id.to_string(), county.office(HOSPITAL));
    assert!(thread.row.off_network);
    assert_eq!(thread.off_network.unwrap().telephone, "606-555-0177");
    assert_eq!(thread.row.status.as_deref(), Some("requested"));
    let (act, from) = (accept(), "Ottoline Marsh".into());
    let why = hospital.refused(&Care::ReferralHeard { thread: id.clone(), act, from }).1;
    assert!(why.contains("went to Stone Chapel Beds yet"), "{why}");
    let letter = LetterAsk { thread: id.clone(), ..LetterAsk::default() };
    let _: LetterView = hospital.done(&Care::ReferralLetter(letter));
    let told: DisclosuresView = hospital.done(&Care::Disclosures(DisclosuresAsk::to("Stone Chapel Beds")));
    assert!(!told.disclosures.is_empty() && told.disclosures.iter().all(|one| one.printed), "it says how it was told");
    let view = hospital.heard(&id, accept());
    assert_eq!(view.row.status.as_deref(), Some("accepted"));
    let line = view.history.last().unwrap();
    assert_eq!(line.staff.reveal(), "reported by Ottoline Marsh at Stone Chapel Beds, heard by nora");
    assert!(!line.local && line.without_effect.is_none());
    let at = Time(hospital.now.0 + 86_400_000);
    let schedule = ActRequest::Schedule(Meeting::at(at, "the hall".into(), Mode::InPerson, "".into()));
    assert_eq!(hospital.heard(&id, schedule).appointment.unwrap().at, at);
    // Nobody there gave a name: it is the partner's word all the same.
    let view = hospital.act(&id, ActRequest::Attend { when: None });
    assert_eq!(view.history.last().unwrap().staff.reveal(), "reported by Stone Chapel Beds, heard by nora");
    let ours = hospital.act(&id, message("left word at the door")).history;
    let told: DisclosuresView = hospital.done(&Care::Disclosures(DisclosuresAsk::to("Stone Chapel Beds")));
    assert_eq!(told.disclosures.iter().filter(|one| !one.printed).count(), 1, "a word is no letter");
    assert_eq!(ours.last().unwrap().staff.reveal(), "nora");
    let close = ActRequest::Close { outcome: Outcome::ServicesReceived, note: "".into(), barriers: Vec::new() };
    assert_eq!(hospital.heard(&id, close).row.status.as_deref(), Some("completed"));
    let rows = hospital.threads();
    assert_eq!((rows.len(), rows[0].off_network, rows[0].status.as_deref()), (1, true, Some("completed")));
    let before = hospital.records();
    hospital.rebuild();
    assert_eq!(before, hospital.records());
    assert_eq!(county.office(CLINIC).thread_spaces(), []);
}

#[test]
fn to_close_what_nobody_accepted_says_whose_end_it_is() {
    let close = |outcome, barriers: &[Barrier]| ActRequest::Close {
        outcome,
        note: "as told".into(),
        barriers: barriers.to_vec(),
    };
    // Outcome, barriers, whether somebody there said it: the state, and who is on record with the last word.
    let partner = "reported by Stone Chapel Beds, heard by nora";
    let named = "reported by Ottoline Marsh at Stone Chapel Beds, heard by nora";
    for (outcome, barriers, heard, status, who) in [
        (Outcome::Other, &[][..], true, "rejected", named),
        (Outcome::Other, &[Barrier::NoBeds], false, "rejected", partner),
        (Outcome::LostContact, &[], false, "cancelled", "nora"),
        (Outcome::ServicesReceived, &[], false, "completed", partner),
        (Outcome::ServicesReceived, &[], true, "completed", named),
    ] {
        let mut county = county();
        let (_, thread) = sent(&mut county);
        let (id, hospital) = (thread.row.id.to_string(), county.office(HOSPITAL));
        let act = close(outcome, barriers);
        let view = if heard { hospital.heard(&id, act) } else { hospital.act(&id, act) };
        let last = view.history.last().unwrap();
        assert_eq!((view.row.status.as_deref(), last.staff.reveal().as_str()), (Some(status), who), "{outcome:?}");
        assert!(view.history.iter().all(|line| line.without_effect.is_none() && !line.crossed), "{outcome:?}");
    }
}

#[test]
fn each_content_of_a_letter_is_one_disclosure_with_name_and_address() {
    let mut county = county();
    let (consent, thread) = sent(&mut county);
    let (id, hospital) = (thread.row.id.to_string(), county.office(HOSPITAL));
    assert!(hospital.told().is_empty(), "nothing is told before the letter is there");
    assert!(hospital.letter(&id).first);
    let told = hospital.told();
    let kinds: Vec<Information> = told.iter().map(|d| d.information).collect();
    assert!(kinds.len() == 2 && kinds.contains(&Information::Referral) && kinds.contains(&Information::Identity));
    assert!(told.iter().all(|d| d.recipient == "Stone Chapel Beds, 9 Chapel Lane, Cedar Falls" && d.address.is_none()));
    for _ in 0..2 {
        let letter = hospital.letter(&id);
        assert!(!letter.first);
        assert!(letter.html.reveal().contains(STATEMENT_1), "the notice to the byte");
        assert!(letter.text.reveal().contains("Zephyrine Quillfeather"));
        assert!(letter.text.reveal().contains("a bed from Friday"));
        assert!(letter.html.reveal().contains("It may not pass on what it gets"), "the scope");
    }
    let ask = LetterAsk { thread: id.clone(), lang: crate::forms::Lang::Es, ..LetterAsk::default() };
    let spanish: LetterView = hospital.done(&Care::ReferralLetter(ask));
    let text = spanish.html.reveal();
    assert!(text.contains("puede decir a") && !text.contains("may tell"), "the scope in the letter's language: {text}");
    let preview: SendPreview = hospital.done(&Care::ReferralReferPreview(refer(&consent)));
    assert!(preview.to_name == "Stone Chapel Beds" && preview.refused.is_none() && preview.notice == STATEMENT_1);
    assert_eq!(hospital.told().len(), 2);
    let looks = hospital.officer::<AuditView>(&Care::Audit { limit: 100 }).looks;
    assert_eq!(looks.iter().filter(|l| l.looked == "letter").count(), 3);
}

#[test]
fn what_staff_tell_beside_the_letter_is_a_disclosure_and_needs_the_consent() {
    let mut county = county();
    let (consent, thread) = sent(&mut county);
    let (id, hospital) = (thread.row.id.to_string(), county.office(HOSPITAL));
    hospital.act(&id, message("she comes by bus on Friday"));
    let told = hospital.told();
    let [one] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((one.information, one.recipient.split(',').next()), (Information::Referral, Some("Stone Chapel Beds")));
    let revoke = Care::ConsentRevoke { consent: consent.id.to_string(), party: None, spoken: true };
    let preview: RevokePreview =
        hospital.done(&Care::ConsentRevokePreview { consent: consent.id.to_string(), party: None });
    assert!(preview.does.contains("Stone Chapel Beds is not on the network"), "{}", preview.does);
    assert!(preview.does.contains("606-555-0177"), "{}", preview.does);
    let _: ConsentView = hospital.done(&revoke);
    let (class, why) = hospital.refused(&Care::ReferralAct { thread: id, act: message("and one thing more") });
    assert_eq!(class, FailureClass::NotPermitted, "{why}");
    assert_eq!(hospital.told().len(), 1);
}

#[test]
fn the_letter_carries_what_was_asked_for_and_permitted_and_what_it_can_not_carry_is_refused() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let tell = vec![Information::Referral, Information::Identity, Information::Medication, Information::Crisis];
    let consent = hospital.consent_to_tell("Stone Chapel Beds", tell, None, 90);
    let with = |kind| {
        let mut refer = refer(&consent);
        refer.send.include = vec![kind];
        Care::ReferralRefer(refer)
    };
    assert!(hospital.refused(&with(Information::Crisis)).1.contains("does not carry"));
    assert!(hospital.refused(&with(Information::Medication)).1.contains("no medication"));
    assert!(hospital.threads().is_empty(), "nothing was recorded");
    let id = hospital.done::<ThreadView>(&off(&consent)).row.id.to_string();
    let medicines = vec![belay_protocol::referral::Medicine {
        name: "methadone".into(),
        dose: "80 mg".into(),
        ..Default::default()
    }];
    let list = belay_protocol::referral::Medication { medicines, ..Default::default() };
    hospital.act(&id, ActRequest::Medication(list.into()));
    let letter = hospital.letter(&id);
    assert!(letter.text.reveal().contains("methadone") && letter.text.reveal().contains("Please answer by"));
    let id = hospital.done::<ThreadView>(&with(Information::Medication)).row.id.to_string();
    assert!(hospital.letter(&id).text.reveal().contains("methadone"), "what is on record goes along");
    assert_eq!(hospital.told().iter().filter(|told| told.information == Information::Medication).count(), 2);
}

#[test]
fn no_letter_carries_as_our_word_what_another_organisation_told_us() {
    let mut county = county();
    let kinds = vec![Information::Referral, Information::Identity, Information::Medication];
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    let consent = clinic.consent_to_tell("County Hospital", kinds.clone(), None, 90);
    let id = clinic.send(&consent).row.id.to_string();
    county.pump();
    county.office(HOSPITAL).done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&id)));
    let medicine = belay_protocol::referral::Medicine { name: "methadone".into(), ..Default::default() };
    let list = belay_protocol::referral::Medication { medicines: vec![medicine], ..Default::default() };
    county.office(CLINIC).act(&id, ActRequest::Medication(list.into()));
    county.pump();
    let hospital = county.office(HOSPITAL);
    let read = hospital.thread(&id).history.iter().any(|line| line.act == "medication");
    assert!(read, "it was told here");
    hospital.partner();
    let consent = hospital.consent_to_tell("Stone Chapel Beds", kinds, None, 90);
    let mut refer = refer(&consent);
    refer.send.include = vec![Information::Medication];
    assert!(hospital.refused(&Care::ReferralRefer(refer)).1.contains("theirs to tell"));
}

#[test]
fn without_a_permit_nothing_is_sent_or_printed() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let expiry = ExpiryRequest::On(Time(hospital.now.0 + 86_400_000));
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Stone Chapel Beds".to_owned()],
        tell: Vec::new(),
        back: None,
        purpose: "tpo".to_owned(),
        expiry,
        ..ConsentDraft::default()
    }));
    let (class, _) = hospital.refused(&off(&draft));
    assert_eq!(class, FailureClass::NotPermitted);
    assert_eq!(hospital.threads().len(), 0);

    let consent = hospital.consent("Stone Chapel Beds", None, 90);
    let thread: ThreadView = hospital.done(&off(&consent));
    let id = thread.row.id.to_string();
    let party = None;
    let _: ConsentView = hospital.done(&Care::ConsentRevoke { consent: consent.id.to_string(), party, spoken: true });
    let ask = Care::ReferralLetter(LetterAsk { thread: id.clone(), ..LetterAsk::default() });
    let (class, message) = hospital.refused(&ask);
    assert_eq!(class, FailureClass::NotPermitted, "{message}");
    assert!(message.contains("revoked"), "{message}");
    // What is ours to write down is no disclosure.
    let close = ActRequest::Close { outcome: Outcome::LostContact, note: "gone".into(), barriers: Vec::new() };
    assert_eq!(hospital.act(&id, close).row.status.as_deref(), Some("cancelled"));
}

#[test]
fn without_a_way_back_the_partner_may_not_tell() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Stone Chapel Beds", Some(Vec::new()), 90);
    let thread: ThreadView = hospital.done(&off(&consent));
    let act = Care::ReferralAct { thread: thread.row.id.to_string(), act: accept() };
    let (class, message) = hospital.refused(&act);
    assert_eq!(class, FailureClass::NotPermitted, "{message}");
}

#[test]
fn who_is_on_the_network_needs_no_letter_and_who_is_not_gets_no_space() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let taken = PartnerFields { name: "ridge clinic".to_owned(), ..PartnerFields::default() };
    assert!(hospital.refused(&Care::PartnerAdd(taken)).1.contains("is on the network"));
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Stone Chapel Beds", None, 90);
    let message = hospital.refused(&super::send(&consent)).1;
    assert!(message.contains("not on the network"), "{message}");
    let consent = hospital.consent("Ridge Clinic", None, 90);
    assert_eq!(hospital.refused(&off(&consent)).0, FailureClass::NotPermitted);
}

#[test]
fn what_the_person_chose_from_is_kept_in_its_order_and_used_without_being_named() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.partner();
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Stone Chapel Beds", None, 90);
    let mut chosen = refer(&consent);
    chosen.chosen = true;
    let message = hospital.refused(&Care::ReferralRefer(chosen.clone())).1;
    assert!(message.contains("no options were kept"), "{message}");
    assert!(hospital.threads().is_empty(), "a refused referral is not half sent");
    let shown = vec![("b".to_owned(), "Beds B".to_owned()), ("a".to_owned(), "Beds A".to_owned())];
    let keep = OptionsAsk { person: "Zephyrine Quillfeather".into(), search: Default::default(), shown: shown.clone() };
    assert_eq!(hospital.done::<OptionsView>(&Care::OptionsKeep(keep)).shown, shown);
    let message = hospital.refused(&Care::ReferralRefer(chosen.clone())).1;
    assert!(message.contains("the recipient is not among the options"), "{message}");
    chosen.send.service = Some("c".to_owned());
    assert!(hospital.refused(&Care::ReferralRefer(chosen.clone())).1.contains("not among the options"));
    chosen.send.service = Some("a".to_owned());
    let sent: ThreadView = hospital.done(&Care::ReferralRefer(chosen));
    let choice = sent.choice.expect("what the person chose");
    assert_eq!((choice.shown, choice.chosen, choice.only), (Some(2), true, None));
    assert_eq!(choice.service.as_deref(), Some("Beds A"));
    let mut only = refer(&consent);
    only.only = Some(OnlyOne::NobodyElse);
    let _: ThreadView = hospital.done(&Care::ReferralRefer(only));
    let (class, _) = hospital.refused(&Care::ReferralReport(ReportAsk::default()));
    assert_eq!(class, FailureClass::NotPermitted, "a navigator reads no report of others");
    let turned = ReportAsk { from: Some("2026-12-01".into()), to: Some("2026-09-30".into()), ..ReportAsk::default() };
    let refused = hospital.as_officer(|office| office.refused(&Care::ReferralReport(turned)));
    assert!(refused.1.contains("lies before"), "{refused:?}");
    let counts = hospital.step(crate::usecases::report::everything);
    assert_eq!((counts.chosen, counts.only_one, counts.not_recorded), (Some(1), Some(1), Some(0)));
    assert_eq!((counts.own, counts.others, counts.total), (Some(0), Some(2), Some(2)));
    assert_eq!(counts.by_staff, [CellView { name: "nora".to_owned(), count: Some(2) }]);
}

#[test]
fn what_the_person_chose_is_kept_and_shown_to_the_sender_alone_though_the_request_names_no_service() {
    let mut county = county();
    let clinic = county.office(CLINIC).org();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Ridge Clinic", None, 90);
    let option = |listing: &str, name: &str| (format!("{clinic}/{listing}"), name.to_owned());
    let keep = |shown: Vec<(String, String)>| {
        Care::OptionsKeep(OptionsAsk { person: "Zephyrine Quillfeather".into(), search: Default::default(), shown })
    };
    let other = ("elsewhere/1".to_owned(), "Beds A".to_owned());
    let refer = |listing: Option<String>| Refer {
        chosen: true,
        listing,
        ..Refer::new(false, Send { again: true, ..plain(&consent) })
    };
    let two = vec![option("1", "Buprenorphine"), option("2", "Counselling"), other.clone()];
    let _: OptionsView = hospital.done(&keep(two));
    let beside = refer(Some("elsewhere/1".to_owned()));
    for care in [Care::ReferralReferPreview(beside.clone()), Care::ReferralRefer(beside)] {
        assert!(hospital.refused(&care).1.contains("not among"), "said before anybody says yes, too");
    }
    // Which of two is not guessed, and not asked for where it would be told.
    let cases =
        [(None, None, 3), (Some(format!("{clinic}/2")), Some("Counselling"), 3), (None, Some("Buprenorphine"), 2)];
    let mut ids = Vec::new();
    for (listing, service, shown) in cases {
        let hospital = county.office(HOSPITAL);
        if shown == 2 {
            let _: OptionsView = hospital.done(&keep(vec![option("1", "Buprenorphine"), other.clone()]));
        }
        let _: SendPreview = hospital.done(&Care::ReferralReferPreview(refer(listing.clone())));
        let sent: ThreadView = hospital.done(&Care::ReferralRefer(refer(listing)));
        let id = sent.row.id.to_string();
        for view in [sent, hospital.thread(&id)] {
            let choice = view.choice.expect("it is on record");
            assert_eq!((choice.shown, choice.chosen), (Some(shown), true));
            assert_eq!((choice.service.as_deref(), view.service), (service, None));
        }
        ids.push(id);
    }
    let counts = county.office(HOSPITAL).step(crate::usecases::report::everything);
    let mut names: Vec<String> = counts.by_service.into_iter().map(|cell| cell.name).collect();
    names.sort_unstable();
    let names_of = ["Buprenorphine", "Counselling", "no service named"].map(|name| format!("{name} (Ridge Clinic)"));
    assert_eq!(names, names_of);
    county.pump();
    for id in ids {
        let there = county.office(CLINIC).thread(&id);
        assert_eq!((there.choice, there.service), (None, None), "the recipient is told no more than the request says");
    }
}

#[test]
fn a_letter_that_was_printed_and_not_handed_over_is_not_counted_and_asks_for_no_call_and_can_be_printed_again() {
    let mut county = county();
    let (consent, thread) = sent(&mut county);
    let (id, hospital) = (thread.row.id.to_string(), county.office(HOSPITAL));
    let back = |why: &str| Care::LetterBack { thread: id.clone(), why: why.into() };
    assert!(hospital.refused(&back("there is none")).1.contains("no letter"));
    hospital.letter(&id);
    let told = hospital.told().len();
    assert!(told > 0 && hospital.told().iter().all(|one| !one.what.reveal().contains("not handed over")));
    let accounting = |office: &mut Office| {
        let ask = DisclosuresAsk::of("Zephyrine Quillfeather");
        office.done::<DisclosuresView>(&Care::Disclosures(ask)).made
    };
    assert_eq!(accounting(hospital), told);
    assert_eq!(hospital.refused(&back(" ")).0, FailureClass::Misuse, "not without a reason");
    hospital.sign_in_as("otto", "navigator");
    assert_eq!(hospital.refused(&back("not mine")).0, FailureClass::NotPermitted);
    hospital.sign_in_as("ida", "privacy_officer");
    let word: SentView = hospital.done(&back("she had left before it was signed"));
    assert_eq!((word.letter, word.back.is_some()), (true, true));
    assert_eq!(accounting(hospital), 0, "nobody was told");
    assert_eq!(hospital.told().len(), told, "the record stays");
    assert!(hospital.told().iter().all(|one| one.what.reveal().ends_with("(printed, not handed over)")));
    assert_eq!(hospital.thread(&id).letters.len(), 2, "both words stay");
    assert!(hospital.refused(&back("once more")).1.contains("no letter"));
    let preview = Care::ConsentRevokePreview { consent: consent.id.to_string(), party: None };
    let preview: RevokePreview = hospital.done(&preview);
    assert!(!preview.does.contains("not on the network"), "nothing went there: {}", preview.does);
    let again = hospital.letter(&id);
    assert!(again.first, "the same words, and told only now");
    assert_eq!(accounting(hospital), told);
    let before = hospital.records();
    hospital.rebuild();
    assert_eq!(before, hospital.records());
}
