//! What is read before a form is signed, or a word is written down, of what may be answered in referrals that came here (2.26).

use super::*;
use belay_protocol::referral::due::Timer;

fn drafted(office: &mut Office, restriction: Option<RestrictionRequest>) -> ConsentView {
    office.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["County Hospital".to_owned()],
        purpose: "tpo".to_owned(),
        expiry: ExpiryRequest::On(Time(office.now.0 + 90 * DAY)),
        restrictions: restriction.into_iter().collect(),
        ..ConsentDraft::default()
    }))
}

fn sign(office: &mut Office, consent: &ConsentView) -> ConsentView {
    office.done(&Care::ConsentSign(ConsentSign {
        attested: true,
        consent: consent.id.to_string(),
        typed: "Zephyrine Quillfeather".into(),
        version: Some(consent.pending.unwrap_or(consent.version)),
        ..ConsentSign::default()
    }))
}

fn lines(view: &ConsentView) -> Vec<&str> {
    view.touches.iter().map(|one| one.says.as_str()).collect()
}

fn in_spanish(office: &mut Office) {
    office.done::<PersonView>(&Care::PersonEdit(Box::new(PersonEdit {
        person: "Zephyrine Quillfeather".into(),
        language: Some("Spanish".into()),
        ..PersonEdit::default()
    })));
}

#[test]
fn before_a_form_is_signed_that_leaves_something_out_or_lets_it_in_staff_and_person_read_which_referrals_it_touches() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    in_spanish(clinic);
    assert!(drafted(clinic, None).touches.is_empty(), "it leaves nothing out");
    let draft = drafted(clinic, Some(out(Some("County Hospital"), &[]).restriction));
    assert_eq!(
        lines(&draft),
        [
            "County Hospital sent the person here. They are told nothing more. What is written in that referral stays here."
        ]
    );
    assert_eq!(draft.touches[0].thread.map(|thread| thread.to_string()).as_deref(), Some(id.as_str()));
    let aloud = draft.aloud.as_ref().expect("in Spanish too");
    assert!(aloud.lines.len() == 1 && aloud.lines[0].contains("mandó aquí a la persona"), "{:?}", aloud.lines);
    assert!(clinic.thread(&id).row.answerable, "only looked at");
    let signed = sign(clinic, &draft);
    assert!(signed.touches.is_empty() && !clinic.thread(&id).row.answerable);
    let consent = signed.id.to_string();
    let amend = ConsentAmend { consent: consent.clone(), lift: true, ..ConsentAmend::default() };
    clinic.done::<ConsentView>(&Care::ConsentAmend(amend));
    let waits: ConsentView = clinic.done(&Care::ConsentShow { consent, whole: false });
    assert_eq!(
        lines(&waits),
        [
            "County Hospital sent the person here. They may be told again how it stands, also from the time in between: whether the person was taken in and came, how it ended, and what was a mistake. The words written meanwhile are not told."
        ]
    );
    assert!(waits.aloud.is_some_and(|aloud| aloud.lines[0].contains("puede decir otra vez")));
    assert!(!clinic.thread(&id).row.answerable, "nobody signed it");
}

#[test]
fn a_form_that_lets_in_what_another_promise_still_shuts_opens_nothing_and_says_nothing_of_it() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let draft = drafted(clinic, Some(out(Some("County Hospital"), &[]).restriction));
    let signed = sign(clinic, &draft);
    restrict(clinic, out(None, &[Information::Referral]));
    let amend = ConsentAmend { consent: signed.id.to_string(), lift_only: vec![1], ..ConsentAmend::default() };
    clinic.done::<ConsentView>(&Care::ConsentAmend(amend));
    let waits: ConsentView = clinic.done(&Care::ConsentShow { consent: signed.id.to_string(), whole: false });
    assert!(waits.touches.is_empty(), "{:?}", lines(&waits));
    sign(clinic, &waits);
    assert!(!clinic.thread(&id).row.answerable, "and so it is");
}

fn preview(office: &mut Office, what: &str) -> RestrictPreview {
    let ask = PersonLetIn { person: "Zephyrine Quillfeather".into(), what: what.to_owned(), spoken: true };
    office.done(&Care::PersonLetInPreview(ask))
}

#[test]
fn before_it_is_let_in_again_staff_read_what_is_so_also_of_what_was_refused_and_where_another_promise_stands() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    in_spanish(clinic);
    let no =
        RestrictionRequest { refused: Some("they treat you".into()), ..out(Some("Harbor Shelter"), &[]).restriction };
    let view = restrict(clinic, PersonRestrict { person: "Zephyrine Quillfeather".into(), restriction: no });
    let refused = preview(clinic, &view.left_out[0].id.to_string());
    assert!(refused.refused && refused.touches.is_empty() && refused.cannot.is_empty(), "{refused:?}");
    assert!(refused.does.contains("nothing changes") && !refused.does.contains("told again"), "{}", refused.does);
    assert_eq!(refused.aloud.expect("in Spanish too").lines.len(), 1);

    let one = restrict(clinic, out(Some("County Hospital"), &[Information::Referral])).left_out;
    let one = one.iter().find(|one| one.refused.is_none()).expect("agreed to").id.to_string();
    assert!(says(&preview(clinic, &one))[0].contains("may be told again"));
    let all = restrict(clinic, out(None, &[])).left_out;
    let all = all.iter().find(|other| other.to.is_none()).expect("of anybody").id.to_string();
    let shut = preview(clinic, &one);
    assert!(shut.touches.is_empty() && shut.cannot.is_empty(), "{:?}", says(&shut));
    assert!(
        shut.does.starts_with("By this alone nothing is told again.") && shut.does.contains("anyone"),
        "{}",
        shut.does
    );
    assert!(shut.aloud.expect("in Spanish too").lines[0].contains("sigue valiendo"));
    // The wider one lets in more than the other shuts.
    let wide = preview(clinic, &all);
    assert!(wide.touches.is_empty(), "what this referral answers stays shut: {:?}", says(&wide));
    assert!(wide.does.starts_with("It may be told again") && wide.does.contains("County Hospital"), "{}", wide.does);
}

#[test]
fn the_hours_to_tell_what_stayed_here_run_from_the_signature_that_let_the_sender_in() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let draft = drafted(clinic, Some(out(Some("County Hospital"), &[]).restriction));
    let consent = sign(clinic, &draft).id.to_string();
    clinic.act(&id, done(Outcome::ServicesReceived));
    clinic.now = Time(clinic.now.0 + 5 * DAY);
    let now = clinic.now;
    let amend = ConsentAmend { consent, lift: true, ..ConsentAmend::default() };
    let amended = clinic.done::<ConsentView>(&Care::ConsentAmend(amend));
    sign(clinic, &amended);
    let due = clinic.thread(&id).row.due;
    let untold = due.iter().find(|due| due.timer == Timer::Untold).expect("it may be told");
    assert!(untold.since >= now && !untold.overdue, "{untold:?}");
}
