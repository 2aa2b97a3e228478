//! What the person asks to leave out (42 CFR 2.26): staff read what it ends before they agree, and what does not come back after.

use super::*;
use belay_protocol::referral::due::Timer;

fn of(to: &str, information: &[Information]) -> RestrictionRequest {
    RestrictionRequest {
        asked: "in my words".into(),
        to: Some(to.to_owned()),
        information: information.to_vec(),
        ..RestrictionRequest::default()
    }
}

fn preview(office: &mut Office, consent: &ConsentView, restriction: RestrictionRequest) -> RestrictPreview {
    office.done(&Care::ConsentRestrictPreview { consent: consent.id.to_string(), restriction })
}

fn says(preview: &RestrictPreview) -> Vec<&str> {
    preview.touches.iter().map(|one| one.says.as_str()).collect()
}

fn restrict(office: &mut Office, consent: &ConsentView, restriction: RestrictionRequest) -> ConsentView {
    office.done(&Care::ConsentRestrict { consent: consent.id.to_string(), restriction })
}

fn lift(office: &mut Office, consent: &ConsentView) -> ConsentView {
    let id = consent.id.to_string();
    office.done::<ConsentView>(&Care::ConsentAmend(ConsentAmend {
        consent: id.clone(),
        lift: true,
        ..ConsentAmend::default()
    }));
    signed(office, &id)
}

#[test]
fn before_it_is_agreed_to_staff_read_which_referrals_end_and_which_lose_a_part_and_nothing_is_done() {
    let mut county = county();
    let consent = two_parties(&mut county);
    let hospital = county.office(HOSPITAL);
    let clinic: ThreadView = hospital.done(&Care::ReferralSend(to(&consent, "Ridge Clinic", Vec::new())));
    let shelter: ThreadView = hospital.done(&Care::ReferralSend(to(&consent, "Harbor Shelter", Vec::new())));
    let ends = preview(hospital, &consent, of("Ridge Clinic", &[]));
    assert_eq!(says(&ends), ["The referral to Ridge Clinic ends. Nothing more is told there."]);
    assert_eq!(ends.touches[0].thread, Some(clinic.row.id));
    assert!(ends.cannot.contains("stays told") && ends.cannot.contains("brings back nothing"), "{}", ends.cannot);
    let part = preview(hospital, &consent, of("Ridge Clinic", &[Information::Identity]));
    assert!(says(&part)[0].contains("goes on") && !part.refused, "{:?}", says(&part));
    let both = preview(hospital, &consent, RestrictionRequest { to: None, ..of("", &[]) });
    let threads: Vec<_> = both.touches.iter().filter_map(|one| one.thread).collect();
    assert!(threads.len() == 2 && threads.contains(&clinic.row.id) && threads.contains(&shelter.row.id));
    let none = preview(hospital, &consent, of("Harbor Shelter", &[Information::Medication]));
    assert!(none.touches.is_empty() && none.does.starts_with("Nothing that is open"), "{}", none.does);
    let no = RestrictionRequest { refused: Some("we bill them".into()), ..of("Ridge Clinic", &[]) };
    let refused = preview(hospital, &consent, no);
    assert!(refused.refused && refused.touches.is_empty() && refused.aloud.is_none());
    county.pump();
    for thread in [clinic, shelter] {
        assert!(county.office(HOSPITAL).thread(&thread.row.id.to_string()).row.ended.is_none(), "only looked at");
    }
}

#[test]
fn who_speaks_spanish_hears_in_spanish_what_ends_and_what_stays_here() {
    let mut county = county();
    let consent = two_parties(&mut county);
    let hospital = county.office(HOSPITAL);
    hospital.done::<ThreadView>(&Care::ReferralSend(to(&consent, "Ridge Clinic", Vec::new())));
    assert!(preview(hospital, &consent, of("Ridge Clinic", &[])).aloud.is_none(), "staff and person read the same");
    hospital.done::<PersonView>(&Care::PersonEdit(Box::new(PersonEdit {
        person: "Zephyrine Quillfeather".into(),
        language: Some("Spanish".into()),
        ..PersonEdit::default()
    })));
    let aloud = preview(hospital, &consent, of("Ridge Clinic", &[])).aloud.expect("in Spanish too");
    assert_eq!(aloud.lang, crate::forms::Lang::Es);
    assert!(aloud.lines[0].contains("Ridge Clinic se acaba") && aloud.lines.len() == 3, "{:?}", aloud.lines);
    restrict(hospital, &consent, of("Ridge Clinic", &[Information::Identity]));
    let stays: SendPreview = hospital.done(&Care::ReferralPreview(to(&consent, "Ridge Clinic", Vec::new())));
    let aloud = stays.left_out[0].aloud.as_deref().expect("in Spanish too");
    assert!(aloud.starts_with("Esto se queda aquí"), "{aloud}");
}

#[test]
fn a_copy_for_emergencies_that_it_takes_back_is_named_before() {
    let mut county = county();
    county.office(CLINIC).person("Zephyrine Quillfeather");
    let clinic = county.office(CLINIC);
    let consent = crate::usecases::care::tests::emergency::consented(clinic, &[Information::Crisis], 90);
    clinic.done::<EmergencyView>(&Care::EmergencyPlace(EmergencyPlace {
        person: "Zephyrine Quillfeather".into(),
        at: "County Hospital".to_owned(),
        consent: consent.id.to_string(),
        crisis: Some("Call Mo first.".into()),
        medication: None,
        include: Vec::new(),
    }));
    let ends = preview(clinic, &consent, of("County Hospital", &[]));
    assert!(says(&ends).len() == 1 && says(&ends)[0].contains("copy at County Hospital"), "{:?}", says(&ends));
    restrict(clinic, &consent, of("County Hospital", &[]));
    let lies: EmergencyView = clinic.done(&Care::EmergencyList { person: Some("Zephyrine Quillfeather".into()) });
    assert!(lies.placed.iter().all(|row| row.state != "placed"), "{:?}", lies.placed);
    assert!(preview(clinic, &consent, of("County Hospital", &[])).touches.is_empty(), "it lies there no more");
}

#[test]
fn once_it_is_let_in_again_staff_read_that_the_referral_does_not_come_back_and_a_new_one_goes() {
    let mut county = county();
    let consent = two_parties(&mut county);
    let hospital = county.office(HOSPITAL);
    let sent: ThreadView = hospital.done(&Care::ReferralSend(to(&consent, "Ridge Clinic", Vec::new())));
    let thread = sent.row.id.to_string();
    county.pump();
    let hospital = county.office(HOSPITAL);
    let shut = restrict(hospital, &consent, of("Ridge Clinic", &[]));
    assert!(shut.anew.is_empty(), "nothing may be told: {:?}", shut.anew);
    let ended = hospital.thread(&thread).row;
    assert_eq!(ended.ended.as_deref(), Some("the person asked that this organisation is told nothing more"));
    assert_eq!(ended.due.iter().map(|due| due.timer).collect::<Vec<_>>(), [Timer::NothingMore]);
    let open = lift(hospital, &consent);
    assert!(open.anew.len() == 1 && open.anew[0].contains("Send a new one"), "{:?}", open.anew);
    let row = hospital.thread(&thread).row;
    assert!(row.ended.is_some_and(|why| why.contains("lets a new one be sent")), "in the list too");
    assert!(row.due.iter().any(|due| due.timer == Timer::Rehome), "{:?}", row.due);
    let again: ThreadView = hospital.done(&Care::ReferralSend(to(&consent, "Ridge Clinic", Vec::new())));
    county.pump();
    assert!(county.office(CLINIC).thread(&again.row.id.to_string()).reason.is_some());
}

#[test]
fn a_part_that_was_shut_is_named_when_it_is_let_in_again() {
    let mut county = county();
    let consent = two_parties(&mut county);
    let hospital = county.office(HOSPITAL);
    hospital.done::<ThreadView>(&Care::ReferralSend(to(&consent, "Ridge Clinic", Vec::new())));
    restrict(hospital, &consent, of("Ridge Clinic", &[Information::Identity]));
    let open = lift(hospital, &consent);
    assert!(open.anew.len() == 1 && open.anew[0].contains("`identity`"), "{:?}", open.anew);
}

fn ask(restriction: RestrictionRequest) -> PersonRestrict {
    PersonRestrict { person: "Zephyrine Quillfeather".into(), restriction }
}

#[test]
fn what_a_person_asks_without_a_consent_binds_the_consents_that_come_later_until_the_person_lets_it_in() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let who = |office: &mut Office, consent: &ConsentView| {
        let show = Care::ConsentShow { consent: consent.id.to_string(), whole: true };
        let shown: ConsentView = office.done(&show);
        shown.flows.iter().any(|flow| flow.to_name == "Ridge Clinic" && flow.information == Information::Identity)
    };
    let before = hospital.consent("Ridge Clinic", None, 90);
    let restriction = of("Ridge Clinic", &[Information::Identity]);
    let shown: PersonView = hospital.done(&Care::PersonRestrict(ask(restriction)));
    assert_eq!(shown.left_out.len(), 1, "what consents hold of it is the same request");
    let other = of("Ridge Clinic", &[Information::Medication]);
    let shown: PersonView = hospital.done(&Care::PersonRestrict(ask(other)));
    let [first, second] = [0, 1].map(|at| shown.left_out[at].id.to_string());
    let after = hospital.consent("Ridge Clinic", None, 60);
    assert!(!who(hospital, &before) && !who(hospital, &after));
    let let_in = |what: &str| {
        Care::PersonLetIn(PersonLetIn { person: "Zephyrine Quillfeather".into(), what: what.to_owned(), spoken: true })
    };
    let left = hospital.done::<PersonView>(&let_in(&first)).left_out;
    assert_eq!(left.iter().map(|one| one.id.to_string()).collect::<Vec<_>>(), std::slice::from_ref(&second));
    assert!(hospital.refused(&let_in(&first)).1.contains("no request"), "the same click again lets in nothing else");
    assert!(hospital.refused(&let_in(&second[..3])).1.contains("no request"));
    assert!(hospital.done::<PersonView>(&let_in(&second[..8])).left_out.is_empty());
    let fresh = hospital.consent("Ridge Clinic", None, 30);
    assert!(who(hospital, &fresh), "a new form says nothing of it");
    assert!(!who(hospital, &before), "a form that holds it is signed anew");
    lift(hospital, &before);
    assert!(who(hospital, &before));
}

#[test]
fn what_was_agreed_to_under_a_consent_that_has_ended_stands_and_the_person_lets_it_in_by_word() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let consent = hospital.consent("Ridge Clinic", None, 90);
    restrict(hospital, &consent, of("Ridge Clinic", &[Information::Identity]));
    let id = consent.id.to_string();
    let _: ConsentView = hospital.done(&Care::ConsentRevoke { consent: id, party: None, spoken: true });
    let held = |office: &mut Office| -> Vec<String> {
        let view: ConsentView = office.consent("Ridge Clinic", None, 30);
        view.restrictions.iter().map(|one| one.id.to_string()).collect()
    };
    let show = Care::PersonShow { person: "Zephyrine Quillfeather".into() };
    let stands: Vec<_> = hospital.done::<PersonView>(&show).left_out.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(stands.len(), 1, "it is read on the person's page");
    assert_eq!(held(hospital), stands, "and the next form holds it");
    let ask = PersonLetIn { person: "Zephyrine Quillfeather".into(), what: stands[0].clone(), spoken: true };
    let view: PersonView = hospital.done(&Care::PersonLetIn(ask));
    assert!(view.left_out.is_empty());
    assert!(held(hospital).is_empty(), "a form that is written after that says nothing of it");
    // Who wrote down that it was let in again, how and when, stays on record, on paper for the person too (2.26(b)).
    let [said] = view.let_in.as_slice() else { panic!("{:?}", view.let_in) };
    assert_eq!((said.spoken, said.staff.reveal().as_str()), (true, "nora"));
    assert_eq!(said.asked.id.to_string(), stands[0]);
    let form = Printed::LeftOut { person: "Zephyrine Quillfeather".into() };
    for (lang, says) in [(crate::forms::Lang::En, "What I let them tell again"), (crate::forms::Lang::Es, "Qué dejé")]
    {
        let printed: PrintView = hospital.done(&Care::Print(Print::new(form.clone(), Some(lang), Shape::Text)));
        let text = printed.form.reveal();
        assert!(text.contains(says) && text.contains("nora") && text.contains("Ridge Clinic"), "{text}");
    }
}

#[test]
fn a_request_is_refused_with_a_reason_and_not_at_all_where_the_person_paid_in_full() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let no = |to: Option<&str>, why: &str, paid_in_full| {
        let (to, refused) = (to.map(str::to_owned), Some(why.into()));
        Care::PersonRestrict(ask(RestrictionRequest { to, refused, paid_in_full, ..of("", &[]) }))
    };
    let (class, why) = hospital.refused(&no(Some("Ridge Clinic"), " ", false));
    assert!(class == FailureClass::NotPermitted && why.contains("without a reason"), "{why}");
    let (_, why) = hospital.refused(&no(None, "we bill them", true));
    assert!(why.contains("42 CFR 2.26(a)(6)"), "whatever plan there is: {why}");
    let shown: PersonView = hospital.done(&no(Some("Ridge Clinic"), "the clinic treats you", true));
    assert!(shown.left_out[0].refused.is_some());
    let consent = hospital.consent("Ridge Clinic", None, 90);
    hospital.send(&consent);
    let form = Printed::LeftOut { person: "Zephyrine Quillfeather".into() };
    let print = |lang| Care::Print(Print::new(form.clone(), Some(lang), Shape::Text));
    let english: PrintView = hospital.done(&print(crate::forms::Lang::En));
    let spanish: PrintView = hospital.done(&print(crate::forms::Lang::Es));
    assert!(english.form.reveal().contains("They said no") && english.form.reveal().contains("Ridge Clinic"));
    assert!(spanish.form.reveal().contains("Dijeron que no"), "{}", spanish.form.reveal());
}
