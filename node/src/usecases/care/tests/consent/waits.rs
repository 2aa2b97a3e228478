//! A revocation that is not permitted yet where the consent is kept (42 CFR 2.35(c)): it waits, is shown, and is carried out.

use super::*;
use crate::forms::Lang;
use belay_protocol::time::Local;

const PAROLE: usize = 2;

/// The hospital's referral to the parole office under a consent that can be revoked from a day on, or once something has come about:
/// consent and thread. The matter is over in 15 days.
fn conditional(county: &mut County, comes: Comes) -> (ConsentView, String) {
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let on = |days: u64| MomentRequest::On(Time(hospital.now.0 + days * DAY));
    let revocable = if comes == Comes::Day { on(10) } else { MomentRequest::When("I have a place to live".into()) };
    let disposition = on(15);
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Parole Office".to_owned()],
        class: Some(Class::CriminalJustice),
        supervision: Some(SupervisionRequest { matter: "release of 3 May".into(), revocable, disposition }),
        expiry: ExpiryRequest::On(Time(hospital.now.0 + 200 * DAY)),
        ..ConsentDraft::default()
    }));
    let consent = signed(hospital, &draft.id.to_string());
    let thread = hospital.send(&consent).row.id.to_string();
    county.pump();
    (consent, thread)
}

fn with_parole() -> County {
    County::of(&[
        ("County Hospital", PartnerKind::CoveredEntity),
        ("Ridge Clinic", PartnerKind::Part2Program),
        ("Parole Office", PartnerKind::CriminalJustice),
    ])
}

/// What the consent waits for, and how it comes about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Comes {
    Day,
    Event,
    Disposition,
}

#[test]
fn what_is_heard_before_it_is_permitted_waits_is_shown_and_is_carried_out() {
    for comes in [Comes::Day, Comes::Event, Comes::Disposition] {
        let mut county = with_parole();
        let (consent, thread) = conditional(&mut county, comes);
        let preview = Care::ConsentRevokePreview { consent: thread.clone(), party: None };
        let preview: RevokePreview = county.office(PAROLE).done(&preview);
        assert!(preview.does.contains("42 CFR 2.35(c)"), "{}", preview.does);
        let revoke = Care::ConsentRevoke { consent: thread.clone(), party: None, spoken: true };
        assert_eq!(county.office(PAROLE).done::<ConsentView>(&revoke).state, "revocation heard", "{comes:?}");
        county.pump();
        let show = Care::ConsentShow { consent: consent.id.to_string(), whole: false };
        let shown: ConsentView = county.office(HOSPITAL).done(&show);
        assert_eq!(shown.state, "signed");
        let waiting = shown.waiting.expect("shown");
        assert!(waiting.contains("Parole Office") && waiting.contains("42 CFR 2.35(c)"), "{waiting}");
        if comes == Comes::Event {
            let event = Care::ConsentEvent { consent: consent.id.to_string(), revocable: true, on: None };
            assert_eq!(county.office(HOSPITAL).done::<ConsentView>(&event).state, "revoked");
        } else {
            county.sleep(if comes == Comes::Day { 11 } else { 16 } * DAY);
            // Whatever arrives next.
            let reply = Care::Inquire(Inquire {
                to: vec!["County Hospital".to_owned()],
                asked: super::super::inquiries::question(),
            });
            county.office(CLINIC).done::<InquiriesView>(&reply);
            county.pump();
        }
        let shown: ConsentView = county.office(HOSPITAL).done(&show);
        assert_eq!((shown.state.as_str(), shown.waiting), ("revoked", None), "{comes:?}");
        assert!(shown.form.reveal().contains("nora (Parole Office)"), "who heard it: {}", shown.form.reveal());
        assert!(say(&mut county, HOSPITAL, &thread).is_some());
    }
}

#[test]
fn the_recipient_is_told_from_when_on_it_can_be_revoked_and_when_that_has_come() {
    let mut county = with_parole();
    let (consent, thread) = conditional(&mut county, Comes::Event);
    let scope = county.office(PAROLE).thread(&thread).scope.expect("its part");
    let over = Time(county.office(HOSPITAL).now.0 + 15 * DAY);
    let over = Local::utc(over).exactly();
    assert!(scope.contains("once this has come about: I have a place to live"), "{scope}");
    assert!(scope.contains(&format!("from {over} on")), "the day on which the matter is over: {scope}");
    let event = Care::ConsentEvent { consent: consent.id.to_string(), revocable: true, on: None };
    let today = Local::utc(county.office(HOSPITAL).now).exactly();
    assert_eq!(county.office(HOSPITAL).done::<ConsentView>(&event).state, "signed");
    county.pump();
    let scope = county.office(PAROLE).thread(&thread).scope.expect("its part");
    assert!(scope.contains(&format!("Can be revoked from {today} on")) && !scope.contains("come about"), "{scope}");
}

/// Said to who keeps the consent: on record with its day and who heard it, shown, and carried out once it may be, asked of nobody again.
#[test]
fn what_the_person_says_too_early_to_who_keeps_the_consent_is_kept_shown_and_carried_out() {
    for comes in [Comes::Day, Comes::Event, Comes::Disposition] {
        let mut county = with_parole();
        let (consent, thread) = conditional(&mut county, comes);
        let hospital = county.office(HOSPITAL);
        let id = consent.id.to_string();
        let preview: RevokePreview = hospital.done(&Care::ConsentRevokePreview { consent: id.clone(), party: None });
        assert!(preview.early && preview.does.contains("42 CFR 2.35(c)"), "{}", preview.does);
        let revoke = Care::ConsentRevoke { consent: id.clone(), party: None, spoken: true };
        assert!(hospital.refused(&revoke).1.contains("2.35(c)"), "nothing ends early");
        let wish = || Care::ConsentWish { consent: id.clone(), party: None, spoken: true };
        let kept: ConsentView = hospital.done(&wish());
        let today = crate::system::day(hospital.now);
        let waiting = kept.waiting.expect("shown");
        for says in [today.as_str(), "nora", "takes effect by itself", "2.35(c)"] {
            assert!(waiting.contains(says), "{says}: {waiting}");
        }
        assert_eq!(kept.state, "signed");
        for (lang, says, later, at_once) in [
            (Lang::En, "said that I take back my OK", "From the day named above on", "OK at any time"),
            (Lang::Es, "dije que retiro mi permiso", "Desde el día que se nombra arriba", "en cualquier momento"),
        ] {
            for form in [Printed::Consent { consent: id.clone() }, Printed::Revocation { consent: id.clone() }] {
                let revocation = matches!(form, Printed::Revocation { .. });
                let print = Care::Print(Print::new(form, Some(lang), Shape::Text));
                let text =
                    hospital.done::<PrintView>(&print).form.reveal().split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(text.contains(says) && text.contains(later) == revocation, "{text}");
                assert!(!text.contains(at_once), "{text}");
            }
        }
        accounted(hospital, &today);
        assert!(hospital.refused(&wish()).1.contains("on record already"));
        assert!(say(&mut county, HOSPITAL, &thread).is_none(), "until then the consent goes on");
        if comes == Comes::Event {
            let event = Care::ConsentEvent { consent: id.clone(), revocable: true, on: None };
            assert_eq!(county.office(HOSPITAL).done::<ConsentView>(&event).state, "revoked");
        } else {
            county.sleep(if comes == Comes::Day { 11 } else { 16 } * DAY);
            // Whatever arrives next.
            let to = vec!["County Hospital".to_owned()];
            let reply = Care::Inquire(Inquire { to, asked: super::super::inquiries::question() });
            county.office(CLINIC).done::<InquiriesView>(&reply);
            county.pump();
        }
        let show = Care::ConsentShow { consent: id.clone(), whole: false };
        let shown: ConsentView = county.office(HOSPITAL).done(&show);
        assert_eq!((shown.state.as_str(), shown.waiting), ("revoked", None), "{comes:?}");
        assert!(say(&mut county, HOSPITAL, &thread).is_some());
        assert!(county.office(HOSPITAL).refused(&wish()).1.contains("ended"), "{comes:?}");
    }
}

/// The accounting says of the form what may be done with it, and that the word waits.
fn accounted(hospital: &mut Office, today: &str) {
    for (lang, at_once, later) in [
        (Lang::En, "at any time", ["I can not take back my OK yet", "I said that I take it back"]),
        (Lang::Es, "cuando yo quiera", ["todavía no puedo retirar mi permiso", "dije que lo retiro"]),
    ] {
        let form = Printed::Accounting { person: "Zephyrine Quillfeather".into() };
        let view: PrintView = hospital.done(&Care::Print(Print::new(form, Some(lang), Shape::Text)));
        let text = view.form.reveal().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!text.contains(at_once), "{text}");
        let day = today.rsplit('-').next().unwrap_or_default().trim_start_matches('0');
        assert!(later.into_iter().all(|says| text.contains(says)) && text.contains(day), "{text}");
    }
}

#[test]
fn what_the_person_signs_after_an_early_word_is_the_newer_word() {
    let mut county = with_parole();
    let (consent, thread) = conditional(&mut county, Comes::Day);
    let id = consent.id.to_string();
    let hospital = county.office(HOSPITAL);
    let wish = || Care::ConsentWish { consent: id.clone(), party: None, spoken: true };
    assert!(hospital.done::<ConsentView>(&wish()).waiting.is_some());
    county.sleep(DAY);
    let hospital = county.office(HOSPITAL);
    let expiry = Some(ExpiryRequest::On(Time(hospital.now.0 + 60 * DAY)));
    let amend = Care::ConsentAmend(ConsentAmend { consent: id.clone(), expiry, ..ConsentAmend::default() });
    hospital.done::<ConsentView>(&amend);
    signed(hospital, &id);
    let shown = |county: &mut County| -> ConsentView {
        county.office(HOSPITAL).done(&Care::ConsentShow { consent: id.clone(), whole: false })
    };
    assert_eq!(shown(&mut county).waiting, None);
    county.sleep(11 * DAY);
    let to = vec!["County Hospital".to_owned()];
    let reply = Care::Inquire(Inquire { to, asked: super::super::inquiries::question() });
    county.office(CLINIC).done::<InquiriesView>(&reply);
    county.pump();
    assert_eq!(shown(&mut county).state, "signed");
    assert!(say(&mut county, HOSPITAL, &thread).is_none(), "what was signed goes on");
}

/// Whatever arrives next, once the day has come.
fn after_the_day(county: &mut County) {
    county.sleep(11 * DAY);
    let to = vec!["County Hospital".to_owned()];
    let reply = Care::Inquire(Inquire { to, asked: super::super::inquiries::question() });
    county.office(CLINIC).done::<InquiriesView>(&reply);
    county.pump();
}

#[test]
fn an_early_word_that_the_person_takes_back_never_takes_effect_and_can_be_said_again() {
    for again in [false, true] {
        let mut county = with_parole();
        let (consent, thread) = conditional(&mut county, Comes::Day);
        let id = consent.id.to_string();
        let hospital = county.office(HOSPITAL);
        let wish = || Care::ConsentWish { consent: id.clone(), party: None, spoken: true };
        let unsay = |party: Option<&str>| Care::ConsentUnsay {
            consent: id.clone(),
            party: party.map(str::to_owned),
            spoken: false,
        };
        assert!(hospital.refused(&unsay(None)).1.contains("nothing that the person said"), "nothing was said yet");
        hospital.done::<ConsentView>(&wish());
        assert!(hospital.refused(&unsay(Some("Parole Office"))).1.contains("for that organisation alone"));
        let view: ConsentView = hospital.done(&unsay(None));
        assert_eq!((view.state.as_str(), &view.waiting), ("signed", &None));
        let said = view.heard.join("; ");
        for says in ["the person said to nora that it is revoked", "the person wrote to nora that it stands after all"]
        {
            assert!(said.contains(says), "{says}: {said}");
        }
        assert!(hospital.refused(&unsay(None)).1.contains("nothing that the person said"), "once");
        if again {
            assert!(hospital.done::<ConsentView>(&wish()).waiting.is_some(), "a new word");
        }
        let before = hospital.records();
        hospital.rebuild();
        assert_eq!(hospital.records(), before, "made again from the entries");
        after_the_day(&mut county);
        let show = Care::ConsentShow { consent: id.clone(), whole: false };
        let shown: ConsentView = county.office(HOSPITAL).done(&show);
        assert_eq!(shown.state, if again { "revoked" } else { "signed" });
        assert_eq!(say(&mut county, HOSPITAL, &thread).is_some(), again, "42 CFR 2.35(c)");
    }
}

#[test]
fn an_early_word_that_a_recipient_heard_can_be_taken_back_at_who_keeps_the_consent() {
    let mut county = with_parole();
    let (consent, thread) = conditional(&mut county, Comes::Day);
    let revoke = Care::ConsentRevoke { consent: thread, party: None, spoken: true };
    county.office(PAROLE).done::<ConsentView>(&revoke);
    county.pump();
    let id = consent.id.to_string();
    let unsay = Care::ConsentUnsay { consent: id.clone(), party: None, spoken: true };
    let view: ConsentView = county.office(HOSPITAL).done(&unsay);
    assert_eq!(view.waiting, None);
    assert!(view.heard.join("; ").contains("which has stopped"), "{:?}", view.heard);
    after_the_day(&mut county);
    let shown: ConsentView = county.office(HOSPITAL).done(&Care::ConsentShow { consent: id, whole: false });
    assert_eq!((shown.state.as_str(), shown.waiting), ("signed", None));
}
