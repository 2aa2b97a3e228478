//! Persons, consents and referrals between real engines over stores in memory, in one thread.

mod accounting;
mod after;
mod agreements;
mod answers;
mod calls;
mod consent;
mod cost;
mod emergency;
mod files;
mod follow;
mod inquiries;
mod joined;
mod lawful;
mod letters;
mod links;
mod list;
mod looks;
mod needs;
mod notices;
mod office;
mod outside;
mod persons;
mod plans;
mod prints;
mod staff;
mod struck;
mod team;
mod ties;
mod turned;
mod twice;
mod verify;
mod zones;

use crate::api::care::*;
use crate::api::{FailureClass, Response};
use belay_protocol::referral::{DeclineReason, Information, Mode, Outcome, Stage, Urgency};
use belay_protocol::space::control::PartnerKind;
use belay_protocol::time::{DAY, Time};
use office::{County, Office};
use serde::de::DeserializeOwned;

const HOSPITAL: usize = 0;
const CLINIC: usize = 1;
const SHELTER: usize = 2;

fn county() -> County {
    County::of(&[
        ("County Hospital", PartnerKind::CoveredEntity),
        ("Ridge Clinic", PartnerKind::Part2Program),
        ("Harbor Shelter", PartnerKind::NonCoveredCbo),
    ])
}

impl Office {
    /// Asks, and expects an answer.
    fn done<T: DeserializeOwned>(&mut self, ask: &Care) -> T {
        match self.ask(ask) {
            Response::Done(value) => serde_json::from_value(value).expect("the view that the request names"),
            Response::Failed(failure) => panic!("{ask:?}: {failure:?}"),
        }
    }

    /// As [`Office::done`], by the privacy officer.
    fn officer<T: DeserializeOwned>(&mut self, ask: &Care) -> T {
        self.as_officer(|office| office.done(ask))
    }

    /// Asks, and expects to be refused.
    fn refused(&mut self, ask: &Care) -> (FailureClass, String) {
        match self.ask(ask) {
            Response::Done(_) => panic!("{ask:?} was done"),
            Response::Failed(failure) => (failure.class, failure.message),
        }
    }

    fn person(&mut self, name: &str) -> PersonView {
        self.done(&Care::PersonAdd(
            PersonFields {
                name: name.into(),
                birth_date: "1988-02-03".into(),
                phones: vec!["618-555-0142".into()],
                ..PersonFields::default()
            }
            .into(),
        ))
    }

    fn consent(&mut self, to: &str, back: Option<Vec<Information>>, days: u64) -> ConsentView {
        self.consent_to_tell(to, Vec::new(), back, days)
    }

    fn consent_to_tell(
        &mut self,
        to: &str,
        tell: Vec<Information>,
        back: Option<Vec<Information>>,
        days: u64,
    ) -> ConsentView {
        let expiry = ExpiryRequest::On(Time(self.now.0 + days * DAY));
        let draft: ConsentView = self.done(&Care::ConsentDraft(ConsentDraft {
            person: "Zephyrine Quillfeather".into(),
            to: vec![to.to_owned()],
            tell,
            back,
            purpose: "tpo".to_owned(),
            expiry,
            ..ConsentDraft::default()
        }));
        assert_eq!((draft.state.as_str(), draft.missing.as_ref()), ("draft", None));
        self.done(&Care::ConsentSign(ConsentSign {
            attested: true,
            consent: draft.id.to_string(),
            typed: "Zephyrine Quillfeather".into(),
            ..ConsentSign::default()
        }))
    }

    fn send(&mut self, consent: &ConsentView) -> ThreadView {
        self.done(&send(consent))
    }

    fn act(&mut self, thread: &str, act: ActRequest) -> ThreadView {
        self.done(&Care::ReferralAct { thread: thread.to_owned(), act })
    }

    fn thread(&mut self, thread: &str) -> ThreadView {
        self.done(&Care::ReferralShow { thread: thread.to_owned() })
    }

    fn threads(&mut self) -> Vec<ThreadRow> {
        self.done::<ThreadsView>(&Care::ReferralList(ListAsk::default())).threads
    }
}

fn send(consent: &ConsentView) -> Care {
    Care::ReferralSend(plain(consent))
}

fn plain(consent: &ConsentView) -> Send {
    let send = Send::new(consent.id.to_string(), "starts buprenorphine today".into(), Urgency::Urgent);
    Send { again: true, ..send }
}

/// Staff say that the person is new here, and accept.
fn taken_in(clinic: &mut Office, id: &str) -> ThreadView {
    clinic.done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(id)));
    clinic.act(id, accept())
}

fn accept() -> ActRequest {
    ActRequest::Accept { note: "come any day".into() }
}

/// A check-in that says that the person is in care, and nothing else.
fn in_care(stage: Stage) -> CheckInRequest {
    CheckInRequest {
        stage: Some(stage),
        at: None,
        in_care: Some(true),
        satisfaction: None,
        naloxone_kits: None,
        housing: None,
        work: None,
        support: None,
        symptoms: None,
        symptoms_note: "".into(),
    }
}

fn message(text: &str) -> ActRequest {
    ActRequest::Message { text: text.into() }
}

/// A referral that the clinic has received: its id.
fn sent(county: &mut County, back: Option<Vec<Information>>) -> String {
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    let consent = county.office(HOSPITAL).consent("Ridge Clinic", back, 90);
    let thread = county.office(HOSPITAL).send(&consent);
    assert_eq!(
        thread.row.state,
        if thread.row.status.is_some() { "service request created" } else { thread.row.state.as_str() }
    );
    county.pump();
    thread.row.id.to_string()
}

/// What a view allows, without the acts that only tell how a person fares.
fn steps(view: &ThreadView) -> Vec<&str> {
    let told = ["handoff", "need", "transition", "seen", "check-in", "lost contact", "contact attempt", "summary"];
    let beside = ["crisis plan", "medication", "mistake", "urgency"];
    let told = |act: &&str| !told.contains(act) && !beside.contains(act);
    view.may.iter().map(String::as_str).filter(told).collect()
}

#[test]
fn a_referral_is_sent_linked_answered_and_its_loop_closed() {
    let mut county = county();
    let id = sent(&mut county, None);

    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    let inbox = clinic.threads();
    assert_eq!(inbox.len(), 1);
    assert_eq!((inbox[0].direction.as_str(), inbox[0].other_name.as_str()), ("incoming", "County Hospital"));
    let shown = clinic.thread(&id);
    assert_eq!(shown.reason.as_ref().map(|r| r.reveal().as_str()), Some("starts buprenorphine today"));
    assert!(shown.notice.as_ref().is_some_and(|n| n.starts_with("This record which has been disclosed")));
    assert_eq!(shown.likely.len(), 1);
    assert_eq!(shown.likely[0].reasons, ["same name", "same date of birth", "same telephone"]);
    // Before staff have said who it is, nobody is taken in.
    assert_eq!(steps(&shown), ["decline", "message"]);
    let (class, why) = clinic.refused(&Care::ReferralAct { thread: id.clone(), act: accept() });
    assert!(class == FailureClass::Misuse && why.contains("link it first"), "{why}");
    let person = shown.likely[0].person.to_string();
    let linked: ThreadView = clinic.done(&Care::ReferralLink(LinkAsk::to(&id, person.as_str().into())));
    assert!(linked.row.person.is_some() && linked.likely.is_empty());

    assert_eq!(steps(&linked), ["accept", "decline", "message"]);
    assert!(linked.scope.as_ref().is_some_and(|scope| scope.contains("may tell")));
    let accepted = clinic.act(&id, accept());
    assert_eq!(steps(&accepted), ["decline", "schedule", "attend", "message", "hold", "close"]);
    assert!(accepted.may.iter().any(|act| act == "handoff"), "{:?}", accepted.may);
    clinic.act(
        &id,
        ActRequest::Schedule(Meeting::at(Time(clinic.now.0 + DAY), "12 Ridge Road".into(), Mode::InPerson, "".into())),
    );
    clinic.act(&id, ActRequest::Attend { when: None });
    clinic.act(&id, ActRequest::Close { outcome: Outcome::ServicesReceived, note: "".into(), barriers: Vec::new() });
    county.pump();

    let seen = county.office(HOSPITAL).thread(&id);
    assert_eq!((seen.row.status.as_deref(), seen.row.business.as_deref()), (Some("completed"), Some("7.0")));
    assert!(seen.attended.is_some());
    assert_eq!(seen.outcome, Some(Outcome::ServicesReceived));
    assert!(seen.history.iter().all(|line| line.without_effect.is_none() && !line.local));
    // Staff there opened it after it came.
    assert_eq!(seen.delivery, Some(DeliveryState::Read));
}

#[test]
fn each_telling_is_on_the_record_of_the_node_that_made_it() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    let ask = Care::Disclosures(DisclosuresAsk::of("Zephyrine Quillfeather"));
    let told = county.office(HOSPITAL).done::<DisclosuresView>(&ask).disclosures;
    // A notice and an act in each of two spaces.
    assert_eq!(told.len(), 4);
    for one in &told {
        assert_eq!((one.recipient.as_str(), one.staff.reveal().as_str()), ("Ridge Clinic", "nora"));
        assert_eq!(one.purpose, "treatment", "the least of what the consent names");
    }
    assert_eq!(told.iter().filter(|d| d.information == Information::Identity).count(), 2);
    let to = Care::Disclosures(DisclosuresAsk::to("County Hospital"));
    let answered = county.office(CLINIC).done::<DisclosuresView>(&to).disclosures;
    // Its own notice, and the acceptance.
    assert_eq!(answered.len(), 2);
    let audit = county.office(HOSPITAL).officer::<AuditView>(&Care::Audit { limit: 100 });
    assert!(audit.looks.iter().any(|look| look.looked == "disclosures" && look.person.is_some()));
    // Who reads them stands there too, and it is no list for all.
    let again = county.office(HOSPITAL).officer::<AuditView>(&Care::Audit { limit: 1 });
    assert_eq!((again.looks[0].looked.as_str(), again.looks[0].staff.reveal().as_str()), ("audit", "olga"));
    assert_eq!(county.office(HOSPITAL).refused(&Care::Audit { limit: 100 }).0, FailureClass::NotPermitted);
}

#[test]
fn without_a_way_back_the_answer_stays_where_it_was_written() {
    let mut county = county();
    let id = sent(&mut county, Some(Vec::new()));
    let shown = taken_in(county.office(CLINIC), &id);
    assert_eq!(shown.row.state, "accepted");
    assert!(shown.history.last().expect("a line").local);
    // What became of it is written down here; words are for who reads them.
    let words = Care::ReferralAct { thread: id.clone(), act: message("she is on her way") };
    let (class, why) = county.office(CLINIC).refused(&words);
    assert!(class == FailureClass::NotPermitted && why.contains("42 CFR 2.31(a)"), "{why}");
    county.office(CLINIC).act(&id, ActRequest::Decline { reason: DeclineReason::NoCapacity, note: "".into() });
    let before = county.office(HOSPITAL).entries();
    county.pump();
    assert_eq!(county.office(HOSPITAL).entries(), before, "something came back");
    let seen = county.office(HOSPITAL).thread(&id);
    assert_eq!(seen.row.state, "answer not permitted by the consent");
    assert_eq!((seen.row.status, seen.row.business), (None, None));
    assert_eq!(county.office(CLINIC).thread(&id).row.state, "declined");
    let to = Care::Disclosures(DisclosuresAsk::to("County Hospital"));
    assert!(county.office(CLINIC).done::<DisclosuresView>(&to).disclosures.is_empty());
}

#[test]
fn after_revocation_nothing_is_sent_and_both_sides_say_so() {
    let mut county = county();
    let id = sent(&mut county, None);
    let consent = county.office(HOSPITAL).thread(&id).consent.to_string();
    let revoked: ConsentView =
        county.office(HOSPITAL).done(&Care::ConsentRevoke { consent, party: None, spoken: true });
    assert_eq!(revoked.state, "revoked");
    let act = Care::ReferralAct { thread: id.clone(), act: message("one more thing") };
    let (class, why) = county.office(HOSPITAL).refused(&act);
    assert_eq!(class, FailureClass::NotPermitted);
    assert!(why.contains("42 CFR 2.31(c)(3)"), "{why}");
    let seen = county.office(HOSPITAL).thread(&id);
    assert!(seen.row.state.starts_with("ended: the person took the OK back"));
    assert!(!seen.may.contains(&"message".to_owned()), "nothing more may be told: {:?}", seen.may);
    county.pump();
    let (class, why) = county.office(CLINIC).refused(&act);
    assert_eq!(class, FailureClass::NotPermitted, "{why}");
    let shown = county.office(CLINIC).thread(&id);
    assert!(shown.row.state.contains("the person took the OK back at County Hospital on"), "{}", shown.row.state);
    assert!(shown.row.state.contains("pass nothing on"), "{}", shown.row.state);
    assert!(shown.reason.is_some(), "what was told before stays told");
}

#[test]
fn after_expiry_neither_side_tells_anything() {
    let mut county = county();
    let id = sent(&mut county, None);
    county.sleep(91 * DAY);
    for office in [HOSPITAL, CLINIC] {
        let act = Care::ReferralAct { thread: id.clone(), act: message("late") };
        let (class, why) = county.office(office).refused(&act);
        assert_eq!(class, FailureClass::NotPermitted);
        assert!(why.contains("42 CFR 2.31(c)(1)"), "{why}");
        assert!(county.office(office).thread(&id).row.state.contains("consent expired"));
    }
}

#[test]
fn the_third_organisation_has_nothing_of_it() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    assert!(county.office(SHELTER).threads().is_empty());
    let spaces = county.office(HOSPITAL).thread_spaces();
    assert_eq!(spaces.len(), 2);
    for space in spaces {
        assert!(county.office(CLINIC).holds(&space.0), "the clinic lacks space {}", space.short());
        assert!(!county.office(SHELTER).holds(&space.0), "the shelter holds space {}", space.short());
    }
}

#[test]
fn a_draft_sends_nothing_and_an_act_out_of_place_writes_nothing() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Ridge Clinic".to_owned()],
        tell: Vec::new(),
        back: None,
        purpose: "treatment".to_owned(),
        expiry: ExpiryRequest::Event("my treatment here ends".into()),
        ..ConsentDraft::default()
    }));
    let (class, why) = hospital.refused(&send(&draft));
    assert_eq!(class, FailureClass::NotPermitted);
    assert!(why.contains("42 CFR 2.31(a)(8)"), "{why}");
    assert!(hospital.threads().is_empty());

    let consent = hospital.consent("Ridge Clinic", None, 90);
    let id = hospital.send(&consent).row.id.to_string();
    let (class, why) = hospital.refused(&Care::ReferralAct { thread: id.clone(), act: accept() });
    assert_eq!(class, FailureClass::Misuse);
    assert!(why.contains("only the recipient does that"), "{why}");
    county.pump();
    let attend = Care::ReferralAct { thread: id, act: ActRequest::Attend { when: None } };
    assert!(county.office(CLINIC).refused(&attend).1.contains("accept it first"));
}

#[test]
fn somebody_new_is_added_from_what_the_referral_tells() {
    let mut county = county();
    let id = sent(&mut county, None);
    let clinic = county.office(CLINIC);
    let linked: ThreadView = clinic.done(&Care::ReferralLink(LinkAsk::new(&id)));
    let person = linked.row.person.expect("linked").to_string();
    let shown: PersonView = clinic.done(&Care::PersonShow { person: person.as_str().into() });
    assert_eq!(shown.fields.birth_date.reveal(), "1988-02-03");
    assert_eq!(clinic.done::<PersonsView>(&Care::PersonList(PersonsAsk::default())).persons.len(), 1);
}

#[test]
fn who_the_person_is_is_told_only_where_the_consent_says_so() {
    let mut county = county();
    county.office(HOSPITAL).person("Zephyrine Quillfeather");
    let consent = county.office(HOSPITAL).consent_to_tell("Ridge Clinic", vec![Information::Referral], None, 90);
    let id = county.office(HOSPITAL).send(&consent).row.id.to_string();
    county.pump();
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    let shown = clinic.thread(&id);
    assert!(shown.row.name.is_none() && shown.identity.is_none() && shown.likely.is_empty());
    assert_eq!(shown.reason.as_ref().map(|r| r.reveal().as_str()), Some("starts buprenorphine today"));
    let (class, _) = clinic.refused(&Care::ReferralLink(LinkAsk::new(&id)));
    assert_eq!(class, FailureClass::Misuse);
    assert_eq!(clinic.thread_spaces().len(), 1);
}

#[test]
fn what_the_sender_withdraws_after_acceptance_ends_when_the_recipient_confirms() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    let withdraw = ActRequest::Withdraw { reason: "went elsewhere".into() };
    assert_eq!(county.office(HOSPITAL).act(&id, withdraw).row.state, "cancellation requested");
    county.pump();
    let confirm = ActRequest::Decline { reason: DeclineReason::Other, note: "".into() };
    assert_eq!(county.office(CLINIC).act(&id, confirm).row.state, "fulfillment cancelled");
    county.pump();
    assert_eq!(county.office(HOSPITAL).thread(&id).row.status.as_deref(), Some("cancelled"));
}

#[test]
fn records_are_the_same_when_made_again_from_the_entries() {
    let mut county = county();
    let id = sent(&mut county, None);
    taken_in(county.office(CLINIC), &id);
    county.pump();
    for office in [HOSPITAL, CLINIC] {
        let before = county.office(office).records();
        county.office(office).rebuild();
        assert_eq!(county.office(office).records(), before);
    }
}

#[test]
fn a_thread_whose_sender_was_taken_out_of_the_coalition_leaves_the_list_standing() {
    let mut county = county();
    county.office(CLINIC).person("Zephyrine Quillfeather");
    let consent = county.office(CLINIC).consent("Harbor Shelter", Some(Vec::new()), 90);
    let id = county.office(CLINIC).send(&consent).row.id.to_string();
    county.pump();
    assert_eq!(county.office(SHELTER).threads().len(), 1);
    let revoke = Care::ConsentRevoke { consent: consent.id.to_string(), party: None, spoken: false };
    county.office(CLINIC).done::<ConsentView>(&revoke);
    county.pump();
    let clinic = county.office(CLINIC).org();
    county.office(HOSPITAL).step(|step| {
        let (engine, draft) = step.engine();
        let coalition = engine.coalitions(draft).unwrap()[0];
        step.remove(coalition, clinic).unwrap()
    });
    county.pump();
    assert!(county.office(SHELTER).threads().len() <= 1, "the list answers");
    let told = county.office(SHELTER).ask(&Care::ReferralAct { thread: id, act: message("too late") });
    assert!(matches!(told, Response::Failed(_)), "nothing is told under it");
}

#[test]
fn a_revocation_is_recorded_also_by_who_has_left_the_coalition() {
    let mut county = county();
    county.office(CLINIC).person("Zephyrine Quillfeather");
    let consent = county.office(CLINIC).consent("Harbor Shelter", None, 90);
    county.office(CLINIC).send(&consent);
    county.pump();
    county.office(CLINIC).step(|step| {
        let (engine, draft) = step.engine();
        let coalition = engine.coalitions(draft).unwrap()[0];
        step.leave(coalition).unwrap()
    });
    county.pump();
    let revoke = Care::ConsentRevoke { consent: consent.id.to_string(), party: None, spoken: true };
    assert_eq!(county.office(CLINIC).done::<ConsentView>(&revoke).state, "revoked");
}
