//! The event at which a consent ends: not before it was signed, read where the consent is, and struck where it was a mistake.

use super::*;

fn until(hospital: &mut Office, event: &str) -> String {
    hospital.person("Zephyrine Quillfeather");
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Ridge Clinic".to_owned()],
        purpose: "tpo".to_owned(),
        expiry: ExpiryRequest::Event(event.into()),
        ..ConsentDraft::default()
    }));
    signed(hospital, &draft.id.to_string());
    draft.id.to_string()
}

fn came(consent: &str, on: Option<Time>) -> Care {
    Care::ConsentEvent { consent: consent.to_owned(), revocable: false, on }
}

fn strike(consent: &str, why: &str) -> Care {
    Care::ConsentEventStrike { consent: consent.to_owned(), revocable: false, why: why.into() }
}

#[test]
fn an_event_before_the_day_of_the_signature_is_refused_and_that_day_is_not() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let id = until(hospital, "I move away");
    let now = hospital.now;
    let (class, why) = hospital.refused(&came(&id, Some(Time(now.0 - 2 * DAY))));
    assert!(class == FailureClass::Misuse && why.contains("before that"), "{why}");
    county.sleep(3 * DAY);
    let hospital = county.office(HOSPITAL);
    assert_eq!(hospital.done::<ConsentView>(&came(&id, Some(now))).state, "expired");
}

#[test]
fn the_day_is_read_where_the_consent_is_in_both_languages() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let id = until(hospital, "I move away");
    let shown: ConsentView = hospital.done(&came(&id, None));
    assert_eq!(shown.events.iter().map(|one| (one.revocable, one.on)).collect::<Vec<_>>(), [(false, hospital.now)]);
    for (lang, says) in [(crate::forms::Lang::En, "came about on"), (crate::forms::Lang::Es, "pasó el")] {
        let form = Printed::Consent { consent: id.clone() };
        let print: PrintView = hospital.done(&Care::Print(Print::new(form, Some(lang), Shape::Text)));
        assert!(print.form.reveal().contains(says), "{}", print.form.reveal());
    }
}

#[test]
fn a_wrong_one_is_struck_with_a_reason_and_the_right_one_ends_it_later() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let id = until(hospital, "I move away");
    let show = Care::ConsentShow { consent: id.clone(), whole: false };
    let consent: ConsentView = hospital.done(&show);
    let thread = hospital.send(&consent).row.id.to_string();
    assert!(hospital.refused(&strike(&id, "x")).1.contains("no such event"));
    let on = hospital.now;
    hospital.done::<ConsentView>(&came(&id, Some(on)));
    assert!(hospital.thread(&thread).row.ended.is_some());
    assert!(hospital.refused(&strike(&id, " ")).1.contains("what was wrong"));
    let stands: ConsentView = hospital.done(&strike(&id, "another person moved"));
    assert_eq!((stands.state.as_str(), stands.events.len()), ("signed", 1));
    assert!(stands.events[0].struck.as_ref().is_some_and(|word| word.note.reveal() == "another person moved"));
    assert!(stands.anew.len() == 1 && stands.anew[0].contains("Send a new one"), "{:?}", stands.anew);
    hospital.send(&consent);
    // The same day, said again, is another event.
    let again: ConsentView = hospital.done(&came(&id, Some(on)));
    assert_eq!((again.state.as_str(), again.events.len()), ("expired", 2));
    assert!(hospital.done::<ConsentView>(&strike(&id, "not yet")).state == "signed");
}
