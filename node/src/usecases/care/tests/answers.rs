//! What the person asked the recipient of a referral to leave out (42 CFR 2.26): of its answers, and of what it passes on.

mod again;
mod signed;

use super::files::to_thread;
use super::*;
use belay_protocol::referral::attachment::Manifest;
use belay_protocol::referral::{Medication, Medicine};
use data_encoding::BASE64;

fn out(to: Option<&str>, information: &[Information]) -> PersonRestrict {
    PersonRestrict {
        person: "Zephyrine Quillfeather".into(),
        restriction: RestrictionRequest {
            asked: "in my words".into(),
            to: to.map(str::to_owned),
            information: information.to_vec(),
            ..RestrictionRequest::default()
        },
    }
}

fn restrict(office: &mut Office, ask: PersonRestrict) -> PersonView {
    office.done(&Care::PersonRestrict(ask))
}

fn says(view: &RestrictPreview) -> Vec<&str> {
    view.touches.iter().map(|one| one.says.as_str()).collect()
}

fn schedule(office: &Office) -> ActRequest {
    let at = Time(office.now.0 + 2 * DAY);
    ActRequest::Schedule(Meeting::at(at, "12 Ridge Road".into(), Mode::InPerson, "".into()))
}

fn lists() -> ActRequest {
    let medicine = Medicine { name: "buprenorphine".into(), dose: "8 mg".into(), ..Medicine::default() };
    ActRequest::Medication(Medication { medicines: vec![medicine], ..Medication::default() }.into())
}

fn done(outcome: Outcome) -> ActRequest {
    ActRequest::Close { outcome, note: "".into(), barriers: Vec::new() }
}

/// A referral that the clinic has received, with a list of medication that goes both ways: its id.
fn sent_with_medication(county: &mut County) -> String {
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    let back = vec![Information::Referral, Information::Medication];
    let tell = vec![Information::Referral, Information::Identity, Information::Medication];
    let consent = county.office(HOSPITAL).consent_to_tell("Ridge Clinic", tell, Some(back), 90);
    let id = county.office(HOSPITAL).send(&consent).row.id.to_string();
    county.pump();
    id
}

/// That an office hears nothing while others write.
fn hears_nothing(county: &mut County, who: usize, run: impl FnOnce(&mut County)) {
    county.pump();
    let before = county.office(who).entries();
    run(county);
    county.pump();
    assert_eq!(county.office(who).entries(), before, "something came");
}

#[test]
fn who_sent_the_person_is_told_nothing_more_and_staff_go_on_here() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    let clinic = county.office(CLINIC);
    let preview: RestrictPreview = clinic.done(&Care::PersonRestrictPreview(out(Some("County Hospital"), &[])));
    assert_eq!(preview.touches.len(), 1, "{:?}", says(&preview));
    assert!(says(&preview)[0].starts_with("County Hospital sent the person here. They are told nothing more"));
    assert_eq!(preview.touches[0].thread.map(|thread| thread.to_string()).as_deref(), Some(id.as_str()));
    assert!(!preview.does.contains("by hand") && preview.does.contains("answers"), "{}", preview.does);
    assert!(clinic.thread(&id).left_out.is_empty(), "only looked at");
    restrict(clinic, out(Some("County Hospital"), &[]));
    let view = clinic.thread(&id);
    assert!(view.left_out.iter().any(|one| one.information == Information::Referral), "staff read what stays here");
    assert!(view.row.ended.is_none() && !view.row.answerable, "it goes on, and answers nobody");
    assert!(view.may.contains(&"schedule".to_owned()) && !view.may.contains(&"message".to_owned()), "{:?}", view.may);
    hears_nothing(&mut county, HOSPITAL, |county| {
        let clinic = county.office(CLINIC);
        clinic.act(&id, schedule(clinic));
        clinic.act(&id, ActRequest::Attend { when: None });
        let view = clinic.act(&id, done(Outcome::ServicesReceived));
        assert_eq!(view.row.state, "fulfillment completed");
        let new = view.history.iter().rev().take(3);
        assert!(new.clone().all(|line| line.local && line.without_effect.is_none()), "{:?}", view.history);
        for ask in [Care::ReferralAct { thread: id.clone(), act: message("she is here") }, file(&id)] {
            let (class, why) = clinic.refused(&ask);
            assert!(class == FailureClass::NotPermitted && why.contains("42 CFR 2.26"), "{why}");
        }
    });
    assert_eq!(county.office(HOSPITAL).thread(&id).row.state, "accepted", "what was told before stays told");
}

/// A file for who sent it.
fn file(thread: &str) -> Care {
    let bytes = super::files::pdf(300);
    let head = AttachStep::Ask { head: BASE64.encode(&bytes).as_str().into() };
    let manifest = Manifest::of("letter.pdf", &bytes).expect("a file");
    Care::Attach(Box::new(Attach { to: to_thread(thread), manifest, step: head }))
}

#[test]
fn a_kind_that_is_left_out_stays_here_and_the_rest_is_answered() {
    let mut county = county();
    let id = sent_with_medication(&mut county);
    let clinic = county.office(CLINIC);
    clinic.done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&id)));
    let ask = out(Some("County Hospital"), &[Information::Medication]);
    let preview: RestrictPreview = clinic.done(&Care::PersonRestrictPreview(ask.clone()));
    assert!(says(&preview)[0].contains("told this no more"), "{:?}", says(&preview));
    restrict(clinic, ask);
    let stays = clinic.thread(&id).left_out;
    assert_eq!(stays.iter().map(|one| one.information).collect::<Vec<_>>(), [Information::Medication]);
    let view = clinic.act(&id, lists());
    assert!(view.history.last().is_some_and(|line| line.act == "medication" && line.local));
    clinic.act(&id, accept());
    county.pump();
    let there = county.office(HOSPITAL).thread(&id);
    assert_eq!(there.row.state, "accepted");
    assert!(there.history.iter().all(|line| line.act != "medication"), "it was told");
}

#[test]
fn nobody_is_bound_before_it_is_linked_and_linking_says_what_stays_here() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    let person = clinic.person("Zephyrine Quillfeather").id.to_string();
    restrict(clinic, out(None, &[]));
    // Nobody has said that it is about her.
    clinic.act(&id, message("we look who she is"));
    let view: ThreadView = clinic.done(&Care::ReferralLink(LinkAsk::to(&id, person.as_str().into())));
    assert!(view.left_out.iter().any(|one| one.information == Information::Referral), "{:?}", view.left_out);
    hears_nothing(&mut county, HOSPITAL, |county| {
        assert!(county.office(CLINIC).act(&id, accept()).history.last().is_some_and(|line| line.local));
    });
    // It was somebody else.
    let clinic = county.office(CLINIC);
    let ask = LinkAsk { who: Named::Nobody, why: "another birth date".into(), ..LinkAsk::new(&id) };
    let view: ThreadView = clinic.done(&Care::ReferralLink(ask));
    assert!(view.left_out.is_empty() && view.row.answerable);
}

#[test]
fn what_was_let_in_again_is_answered_and_what_stayed_here_is_said_again_first() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    clinic.done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&id)));
    let asked = restrict(clinic, out(Some("County Hospital"), &[])).left_out[0].id.to_string();
    clinic.act(&id, accept());
    clinic.act(&id, schedule(clinic));
    let let_in = || PersonLetIn { person: "Zephyrine Quillfeather".into(), what: asked.clone(), spoken: true };
    let preview: RestrictPreview = clinic.done(&Care::PersonLetInPreview(let_in()));
    assert!(says(&preview)[0].contains("may be told again"), "{:?}", says(&preview));
    assert!(preview.cannot.contains("said again"), "{}", preview.cannot);
    assert!(!clinic.thread(&id).row.answerable, "only looked at");
    clinic.done::<PersonView>(&Care::PersonLetIn(let_in()));
    let view = clinic.thread(&id);
    assert!(view.row.answerable && view.left_out.is_empty());
    assert!(view.may.contains(&"accept".to_owned()) && !view.may.contains(&"attend".to_owned()), "{:?}", view.may);
    let attend = Care::ReferralAct { thread: id.clone(), act: ActRequest::Attend { when: None } };
    let Response::Failed(refused) = clinic.ask(&attend) else { panic!("it was done") };
    let why = &refused.message;
    assert!(why.contains("no effect for County Hospital") && why.contains("accept it first"), "{why}");
    let next = refused.next.as_deref().expect("what to do");
    assert!(next.contains(&format!("belay referral say-again {}", &id[..8])), "{next}");
    clinic.act(&id, accept());
    clinic.act(&id, ActRequest::Attend { when: None });
    clinic.act(&id, done(Outcome::ServicesReceived));
    county.pump();
    let there = county.office(HOSPITAL).thread(&id);
    assert_eq!(there.row.state, "fulfillment completed", "the loop is closed");
    assert!(there.history.iter().all(|line| line.without_effect.is_none() && line.act != "schedule"));
}

#[test]
fn what_was_agreed_under_a_consent_of_our_own_holds_in_what_we_answer_too() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let consent = clinic.consent("County Hospital", None, 90);
    let restriction = out(Some("County Hospital"), &[]).restriction;
    let preview: RestrictPreview = clinic
        .done(&Care::ConsentRestrictPreview { consent: consent.id.to_string(), restriction: restriction.clone() });
    assert!(says(&preview).iter().any(|says| says.contains("told nothing more")), "{:?}", says(&preview));
    let row = |office: &mut Office| office.threads().into_iter().find(|row| row.id.to_string() == id).expect("listed");
    assert!(row(clinic).answerable);
    clinic.done::<ConsentView>(&Care::ConsentRestrict { consent: consent.id.to_string(), restriction });
    assert!(!row(clinic).answerable, "the list is made anew");
    hears_nothing(&mut county, HOSPITAL, |county| {
        let clinic = county.office(CLINIC);
        clinic.act(&id, schedule(clinic));
    });
}

#[test]
fn what_is_left_out_is_passed_on_to_nobody() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    clinic.done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&id)));
    let ask = |told: Option<&str>| {
        Care::ConsentOnward(OnwardAsk {
            thread: id.clone(),
            to: "County Hospital".to_owned(),
            information: Information::Referral,
            purpose: "treatment".to_owned(),
            contract: false,
            told: told.map(Into::into),
        })
    };
    assert!(clinic.done::<OnwardView>(&ask(None)).permitted, "the consent names it");
    restrict(clinic, out(Some("County Hospital"), &[]));
    let view: OnwardView = clinic.done(&ask(None));
    assert!(!view.permitted && view.says.contains("42 CFR 2.26") && view.says.contains("let-in"), "{}", view.says);
    assert_eq!(clinic.refused(&ask(Some("by telephone"))).0, FailureClass::NotPermitted);
    let to = Care::Disclosures(DisclosuresAsk::to("County Hospital"));
    let told = clinic.done::<DisclosuresView>(&to).disclosures;
    assert!(told.iter().all(|one| one.what.reveal() != "by telephone"));
}

#[test]
fn who_takes_it_back_where_the_sender_is_left_out_hears_that_it_goes_by_telephone() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    restrict(clinic, out(Some("County Hospital"), &[]));
    let consent = clinic.thread(&id).consent.to_string();
    let preview: RevokePreview = clinic.done(&Care::ConsentRevokePreview { consent: consent.clone(), party: None });
    assert!(preview.does.contains("42 CFR 2.26") && preview.does.contains("Telephone"), "{}", preview.does);
    clinic.done::<ConsentView>(&Care::ConsentRevoke { consent, party: None, spoken: true });
    assert_eq!(clinic.thread(&id).row.ended.as_deref(), Some("the person took the OK back"));
}

#[test]
fn who_takes_it_back_for_the_house_that_hears_it_alone_reads_that_the_rest_stands() {
    let mut county = county();
    let id = sent(&mut county, Some(vec![Information::Referral]));
    let clinic = county.office(CLINIC);
    taken_in(clinic, &id);
    let consent = clinic.thread(&id).consent.to_string();
    let mut does = |party: Option<&str>| {
        let ask = Care::ConsentRevokePreview { consent: consent.clone(), party: party.map(str::to_owned) };
        clinic.done::<RevokePreview>(&ask).does
    };
    let alone = does(Some("Ridge Clinic"));
    assert!(alone.contains("revokes it for Ridge Clinic alone") && !alone.contains("everybody"), "{alone}");
    assert!(does(None).contains("revokes it for everybody concerned"));
}
