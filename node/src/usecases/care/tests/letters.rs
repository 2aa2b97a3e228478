//! What stands in a letter to a partner off the network, and that it is shown before it goes.

use super::outside::refer;
use super::*;
use belay_protocol::referral::{Medication, Medicine};

const KINDS: [Information; 4] =
    [Information::Referral, Information::Identity, Information::Medication, Information::Crisis];

fn letter(office: &mut Office, thread: &ThreadView, lang: crate::forms::Lang) -> String {
    let ask = LetterAsk { thread: thread.row.id.to_string(), lang, ..LetterAsk::default() };
    let text = office.done::<LetterView>(&Care::ReferralLetter(ask)).text;
    text.reveal().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A partner off the network, a person, and a consent to tell the one of the other.
fn consent(office: &mut Office) -> ConsentView {
    office.partner();
    office.person("Zephyrine Quillfeather");
    office.consent_to_tell("Stone Chapel Beds", KINDS.to_vec(), None, 90)
}

#[test]
fn the_preview_of_a_letter_shows_the_medication_that_goes_and_refuses_what_sending_refuses() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let consent = consent(hospital);
    let with = |kind| {
        let mut refer = refer(&consent);
        refer.send.include = vec![kind];
        refer
    };
    for kind in [Information::Crisis, Information::Medication] {
        let why = hospital.refused(&Care::ReferralRefer(with(kind))).1;
        let preview: SendPreview = hospital.done(&Care::ReferralPreview(with(kind).send));
        assert_eq!(preview.refused, Some(why), "{kind}");
    }
    // Our staff wrote it in another referral of the person.
    let other: ThreadView = hospital.done(&Care::ReferralRefer(refer(&consent)));
    let medicine = Medicine { name: "methadone".into(), dose: "80 mg".into(), ..Medicine::default() };
    let list = Medication { medicines: vec![medicine], ..Medication::default() };
    hospital.act(&other.row.id.to_string(), ActRequest::Medication(list.into()));
    let preview: SendPreview = hospital.done(&Care::ReferralPreview(with(Information::Medication).send));
    assert_eq!(preview.refused, None);
    let shown = preview.goes.iter().find(|goes| goes.information == Information::Medication).expect("goes");
    let says: Vec<(&str, &str)> = shown.says.iter().map(|(of, text)| (of.as_str(), text.reveal().as_str())).collect();
    assert_eq!(says, [("medicine", "methadone 80 mg")]);
    let sent: ThreadView = hospital.done(&Care::ReferralRefer(with(Information::Medication)));
    assert!(letter(hospital, &sent, crate::forms::Lang::En).contains("methadone, 80 mg"));
    // Not asked for: neither shown nor sent.
    let preview: SendPreview = hospital.done(&Care::ReferralPreview(refer(&consent).send));
    assert!(preview.goes.iter().all(|goes| goes.information != Information::Medication));
}

#[test]
fn a_letter_says_of_the_person_that_nothing_is_taken_and_not_of_who_writes() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let consent = consent(hospital);
    let thread: ThreadView = hospital.done(&Care::ReferralRefer(refer(&consent)));
    let none = Medication { takes_none: true, ..Medication::default() };
    hospital.act(&thread.row.id.to_string(), ActRequest::Medication(none.into()));
    for (lang, says, first_person) in [
        (crate::forms::Lang::En, "The person takes no medicine", "I take no medicine"),
        (crate::forms::Lang::Es, "La persona no toma", "no tomo medicina"),
    ] {
        let text = letter(hospital, &thread, lang);
        assert!(text.contains(says) && !text.contains(first_person), "{text}");
    }
}

#[test]
fn a_letter_gives_one_time_for_the_answer_names_the_language_and_who_writes() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let consent = consent(hospital);
    let edit =
        PersonEdit { person: "Zephyrine Quillfeather".into(), language: Some("es".into()), ..PersonEdit::default() };
    hospital.done::<PersonView>(&Care::PersonEdit(Box::new(edit)));
    let mut routine = refer(&consent);
    routine.send.urgency = Urgency::Routine;
    let thread: ThreadView = hospital.done(&Care::ReferralRefer(routine));
    for (lang, by, days, language) in [
        (crate::forms::Lang::En, "Please answer by", "next few days", "Language: Spanish"),
        (crate::forms::Lang::Es, "responda a más tardar", "pocos días", "Idioma: español"),
    ] {
        let text = letter(hospital, &thread, lang);
        assert!(text.contains(by) && !text.contains(days), "{text}");
        assert!(text.contains(language), "{text}");
    }
    let author = belay_protocol::disclosure::private::Author::Machine;
    hospital.sign_in_as("ida", "navigator");
    assert!(letter(hospital, &thread, crate::forms::Lang::En).ends_with("ida"));
    hospital.step(|step| crate::usecases::staff::rename(step, author, "ida", "Ida Roe").expect("on record"));
    hospital.sign_in_as("ida", "navigator");
    let text = letter(hospital, &thread, crate::forms::Lang::En);
    assert!(text.ends_with("Ida Roe"), "{text}");
}

#[test]
fn a_letter_asks_for_an_answer_where_the_partner_may_tell_us_and_whoever_else_it_may_tell() {
    let beds = || Some("Stone Chapel Beds".to_owned());
    let clinic = || Some("Ridge Clinic".to_owned());
    let way = |from, to| Way { from, to, information: vec![Information::Referral], purpose: None };
    for (ways, asked) in [
        // Ours to it alone; the clinic and it tell each other.
        (vec![way(None, beds()), way(clinic(), beds()), way(beds(), clinic())], false),
        // It tells us, and the clinic nothing.
        (vec![way(None, beds()), way(clinic(), beds()), way(beds(), None)], true),
    ] {
        let mut county = county();
        let hospital = county.office(HOSPITAL);
        hospital.partner();
        hospital.person("Zephyrine Quillfeather");
        let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
            person: "Zephyrine Quillfeather".into(),
            to: vec!["Stone Chapel Beds".to_owned()],
            back: Some(Vec::new()),
            purpose: "tpo".to_owned(),
            ways,
            expiry: ExpiryRequest::On(Time(hospital.now.0 + 90 * DAY)),
            ..ConsentDraft::default()
        }));
        let (consent, typed) = (draft.id.to_string(), "Zephyrine Quillfeather".into());
        let signed: ConsentView =
            hospital.done(&Care::ConsentSign(ConsentSign { attested: true, consent, typed, ..ConsentSign::default() }));
        let thread: ThreadView = hospital.done(&Care::ReferralRefer(refer(&signed)));
        let text = letter(hospital, &thread, crate::forms::Lang::En);
        assert_eq!(text.contains("Please let us know if you can help."), asked, "{text}");
        assert_eq!(text.contains("We do not ask you to tell us anything"), !asked, "{text}");
    }
}

#[test]
fn what_our_staff_wrote_before_goes_with_a_new_referral_on_the_network_and_is_shown_first() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent_to_tell("Ridge Clinic", KINDS.to_vec(), None, 90);
    let first = hospital.send(&consent).row.id.to_string();
    let medicine = Medicine { name: "methadone".into(), dose: "80 mg".into(), ..Medicine::default() };
    let list = Medication { medicines: vec![medicine], allergies: "penicillin".into(), ..Medication::default() };
    hospital.act(&first, ActRequest::Medication(list.into()));
    let include = vec![Information::Medication, Information::Crisis];
    let again = Send { include, reason: "is clean now".into(), ..plain(&consent) };
    let preview: SendPreview = hospital.done(&Care::ReferralPreview(again.clone()));
    let says = |kind| {
        let goes = preview.goes.iter().find(|goes| goes.information == kind).expect("goes");
        goes.says.iter().map(|(_, text)| text.reveal().as_str()).collect::<Vec<_>>()
    };
    assert_eq!(says(Information::Medication), ["Takes: methadone, 80 mg", "Allergies: penicillin"]);
    assert!(says(Information::Crisis).is_empty(), "no plan was written");
    assert!(preview.hints.iter().any(|hint| hint.word == "is clean"), "before it goes");
    let id = hospital.done::<ThreadView>(&Care::ReferralSend(again)).row.id.to_string();
    county.pump();
    let follow = county.office(CLINIC).thread(&id).follow;
    let (_, list) = follow.medication.expect("a medication");
    assert_eq!(
        (list.medicines[0].name.reveal().as_str(), list.allergies.reveal().as_str()),
        ("methadone", "penicillin")
    );
    assert!(follow.crisis.is_none());
}

#[test]
fn words_in_a_plan_and_around_a_need_are_hinted_at_as_those_of_a_message_are() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let kinds = [&KINDS[..], &[Information::Social]].concat();
    let consent = hospital.consent_to_tell("Ridge Clinic", kinds, None, 90);
    let id = hospital.send(&consent).row.id.to_string();
    let plan = PlanRequest { wishes: Some("stay clean".into()), ..PlanRequest::default() };
    let list = MedicationRequest { takes_none: true, note: Some("was dirty".into()), ..MedicationRequest::default() };
    let need = NeedRequest {
        text: Some("a ride".into()),
        next: Some(concat!("ask the add", "ict").into()),
        ..NeedRequest::default()
    };
    for act in [ActRequest::Crisis(plan), ActRequest::Medication(list), ActRequest::Need(need)] {
        let name = format!("{act:?}");
        assert_eq!(hospital.act(&id, act).hints.len(), 1, "{name}");
    }
}
