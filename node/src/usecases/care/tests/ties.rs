//! Referrals that need no consent: between a program and who serves it, under an agreement that both signed.

use super::agreements::{drafted, signed};
use super::*;
use crate::api::agreements::{AgreementView, Fields, IntakeFields, TieFields, TieWord};
use crate::usecases::agreements;
use crate::usecases::referrals::Open;
use belay_protocol::consent::{Action, Answered, Restriction};
use belay_protocol::disclosure::{Brief, LeftOut, LeftOutWord, Note, PrivateBody};
use belay_protocol::engine::Seat;
use belay_protocol::ids::{ConsentId, ThreadId};

fn tie(kind: TieWord) -> Fields {
    Fields {
        with: "Harbor Shelter".into(),
        tie: Some(TieFields {
            kind: Some(kind),
            they_are_the_program: None,
            services: Some("drives people to their appointments".into()),
            information: Some(vec![Information::Identity, Information::Referral]),
        }),
        ..Fields::default()
    }
}

fn agreed(county: &mut County, kind: TieWord) {
    drafted(county, CLINIC, &tie(kind));
    signed(county, CLINIC, "Harbor Shelter");
    signed(county, SHELTER, "Ridge Clinic");
}

fn ride(to: &str, include: Vec<Information>) -> Tied {
    Tied {
        person: "Zephyrine Quillfeather".into(),
        options: None,
        chosen: false,
        listing: None,
        only: None,
        send: Send {
            to: Some(to.to_owned()),
            include,
            again: true,
            ..Send::new(String::new(), "a ride on Tuesday".into(), Urgency::Routine)
        },
    }
}

fn send_ride(county: &mut County) -> String {
    county.office(CLINIC).person("Zephyrine Quillfeather");
    let sent: ThreadView = county.office(CLINIC).done(&Care::ReferralTied(ride("Harbor Shelter", Vec::new())));
    county.pump();
    sent.row.id.to_string()
}

/// The shelter serves the clinic, which sent it a ride: its id.
fn with_ride() -> (County, String) {
    let mut county = county();
    agreed(&mut county, TieWord::Service);
    let id = send_ride(&mut county);
    (county, id)
}

fn nothing_to_the_shelter() -> RestrictionRequest {
    RestrictionRequest {
        asked: "nothing to the shelter".into(),
        to: Some("Harbor Shelter".into()),
        ..RestrictionRequest::default()
    }
}

#[test]
fn nothing_goes_without_a_consent_before_both_have_signed() {
    let mut county = county();
    county.office(CLINIC).person("Zephyrine Quillfeather");
    let ask = || Care::ReferralTied(ride("Harbor Shelter", Vec::new()));
    assert_eq!(county.office(CLINIC).refused(&ask()).0, FailureClass::NotPermitted);
    drafted(&mut county, CLINIC, &tie(TieWord::Service));
    signed(&mut county, CLINIC, "Harbor Shelter");
    let (class, why) = county.office(CLINIC).refused(&ask());
    assert_eq!(class, FailureClass::NotPermitted, "one signature ties nobody: {why}");
    signed(&mut county, SHELTER, "Ridge Clinic");
    county.office(CLINIC).done::<ThreadView>(&ask());
    let (class, _) = county.office(CLINIC).refused(&Care::ReferralTied(ride("County Hospital", Vec::new())));
    assert_eq!(class, FailureClass::NotPermitted, "it ties nobody else");
}

#[test]
fn a_referral_to_who_serves_the_program_goes_round_and_names_its_clause() {
    let (mut county, id) = with_ride();
    taken_in(county.office(SHELTER), &id);
    county.office(SHELTER).act(&id, ActRequest::Attend { when: None });
    county
        .office(SHELTER)
        .act(&id, ActRequest::Close { outcome: Outcome::ServicesReceived, note: "".into(), barriers: Vec::new() });
    county.pump();
    let seen = county.office(CLINIC).thread(&id);
    assert_eq!((seen.row.status.as_deref(), seen.consent), (Some("completed"), ConsentId::ZERO));
    assert!(seen.scope.is_some_and(|scope| scope.contains("qualified service organisation (42 CFR 2.12(c)(4))")));
    for (office, ask) in
        [(CLINIC, DisclosuresAsk::of("Zephyrine Quillfeather")), (SHELTER, DisclosuresAsk::to("Ridge Clinic"))]
    {
        let told = county.office(office).done::<DisclosuresView>(&Care::Disclosures(ask)).disclosures;
        assert!(told.len() >= 2, "office {office}");
        for one in told {
            assert_eq!((one.clause.as_str(), one.with_consent), ("42 CFR 2.12(c)(4)", false));
            assert_eq!(one.purpose, "health care operations");
        }
    }
    for space in county.office(CLINIC).thread_spaces() {
        assert!(!county.office(HOSPITAL).holds(&space.0), "a third holds space {}", space.short());
    }
}

#[test]
fn it_may_hold_what_the_agreement_names_and_goes_to_nobody_else() {
    let mut county = county();
    agreed(&mut county, TieWord::SameProgram);
    let id = send_ride(&mut county);
    let more = Care::ReferralTied(ride("Harbor Shelter", vec![Information::Clinical]));
    let (class, why) = county.office(CLINIC).refused(&more);
    assert!(class == FailureClass::NotPermitted && why.contains("42 CFR 2.12(c)(3)"), "{why}");
    let preview: SendPreview =
        county.office(CLINIC).done(&Care::ReferralTiedPreview(ride("Harbor Shelter", Vec::new())));
    assert_eq!((preview.goes.len(), preview.refused), (2, None));
    let onward: OnwardView = county.office(SHELTER).done(&Care::ConsentOnward(OnwardAsk {
        thread: id.clone(),
        to: "County Hospital".into(),
        information: Information::Referral,
        purpose: "treatment".into(),
        contract: true,
        told: None,
    }));
    assert!(!onward.permitted && onward.says.contains("42 CFR 2.12(c)(3)"), "{}", onward.says);
    let revoke = Care::ConsentRevoke { consent: id, party: None, spoken: true };
    assert!(county.office(SHELTER).refused(&revoke).1.contains("nothing to revoke"));
}

#[test]
fn when_one_side_ends_the_agreement_nothing_more_is_told_and_what_was_told_is_still_read() {
    let (mut county, id) = with_ride();
    county
        .office(SHELTER)
        .step(|step| agreements::end(step, "Ridge Clinic", "no driver", "the director"))
        .expect("ends");
    county.pump();
    let act = Care::ReferralAct { thread: id.clone(), act: message("on Wednesday then") };
    for office in [CLINIC, SHELTER] {
        let (class, why) = county.office(office).refused(&act);
        assert_eq!(class, FailureClass::NotPermitted, "{why}");
        let shown = county.office(office).thread(&id);
        assert!(shown.row.state.contains("agreement"), "{}", shown.row.state);
        assert_eq!(shown.reason.as_ref().map(|reason| reason.reveal().as_str()), Some("a ride on Tuesday"));
    }
    county.office(CLINIC).rebuild();
    let shelter = county.office(SHELTER).org();
    for space in county.office(CLINIC).thread_spaces() {
        let open = county.office(CLINIC).step(|step| crate::usecases::referrals::is_open(step, space, shelter));
        assert!(!open.expect("reads"), "the shelter keeps its place in space {}", space.short());
    }
}

#[test]
fn what_the_program_agreed_not_to_tell_is_not_told_by_an_agreement_either() {
    let mut county = county();
    agreed(&mut county, TieWord::Service);
    county.office(CLINIC).person("Zephyrine Quillfeather");
    let consent = county.office(CLINIC).consent("Harbor Shelter", None, 90);
    let ask = Care::ConsentRestrict { consent: consent.id.to_string(), restriction: nothing_to_the_shelter() };
    county.office(CLINIC).done::<ConsentView>(&ask);
    let (class, why) = county.office(CLINIC).refused(&Care::ReferralTied(ride("Harbor Shelter", Vec::new())));
    assert!(class == FailureClass::NotPermitted && why.contains("42 CFR 2.26"), "{why}");
}

#[test]
fn who_is_served_without_a_consent_is_heard_the_referral_ends_and_goes_anew_once_it_is_let_in() {
    let (mut county, id) = with_ride();
    let clinic = county.office(CLINIC);
    let ask = PersonRestrict { person: "Zephyrine Quillfeather".into(), restriction: nothing_to_the_shelter() };
    let preview: RestrictPreview = clinic.done(&Care::PersonRestrictPreview(ask.clone()));
    assert_eq!(preview.touches.len(), 1);
    assert!(preview.touches[0].says.contains("Harbor Shelter ends"), "{}", preview.touches[0].says);
    assert!(clinic.thread(&id).row.ended.is_none(), "only looked at");
    clinic.done::<PersonView>(&Care::PersonRestrict(ask));
    let row = clinic.thread(&id).row;
    assert_eq!(row.ended.as_deref(), Some("the person asked that this organisation is told nothing more"));
    assert!(row.due.iter().any(|due| due.ours), "staff say what comes next");
    let (class, why) = clinic.refused(&Care::ReferralTied(ride("Harbor Shelter", Vec::new())));
    assert!(class == FailureClass::NotPermitted && why.contains("42 CFR 2.26"), "{why}");
    let shelter = county.office(SHELTER).org();
    for space in county.office(CLINIC).thread_spaces() {
        let open = county.office(CLINIC).step(|step| crate::usecases::referrals::is_open(step, space, shelter));
        assert!(!open.expect("reads"), "the shelter keeps its place in space {}", space.short());
    }
    county.pump();
    let there = county.office(SHELTER).thread(&id).row.ended.expect("it ended there too");
    assert!(there.contains("tells nothing more") && !there.contains("agreement ended"), "{there}");
    let clinic = county.office(CLINIC);
    let show = Care::PersonShow { person: "Zephyrine Quillfeather".into() };
    let what = clinic.done::<PersonView>(&show).left_out[0].id.to_string();
    let let_in = PersonLetIn { person: "Zephyrine Quillfeather".into(), what, spoken: false };
    assert!(clinic.done::<PersonView>(&Care::PersonLetIn(let_in)).left_out.is_empty());
    let row = clinic.thread(&id).row;
    assert!(row.ended.is_some_and(|why| why.contains("lets a new one be sent")), "it does not come back");
    clinic.done::<ThreadView>(&Care::ReferralTied(ride("Harbor Shelter", Vec::new())));
}

/// That the shelter has no place in what the clinic sent it any more.
fn closed_to_the_shelter(county: &mut County) -> bool {
    let shelter = county.office(SHELTER).org();
    county.office(CLINIC).thread_spaces().into_iter().all(|space| {
        let open = county.office(CLINIC).step(|step| crate::usecases::referrals::is_open(step, space, shelter));
        !open.expect("reads")
    })
}

#[test]
fn what_another_machine_of_ours_agreed_to_leave_out_ends_what_this_one_sent_by_an_agreement() {
    let (mut county, id) = with_ride();
    let shelter = county.office(SHELTER).org();
    let clinic = county.office(CLINIC);
    // The other machine knew nothing of the ride, and this one nothing of the word.
    let person = clinic.thread(&id).row.person.expect("whose it is");
    let own = clinic.org();
    let word = clinic.staff(|step, session| {
        let asked = Restriction {
            asked: "nothing to the shelter".into(),
            of: own,
            to: Some(shelter),
            information: Vec::new(),
            paid_in_full: false,
            answer: Answered::Agreed,
            by: session.by(),
            at: step.context().now,
        };
        let word = LeftOut { person, word: LeftOutWord::Asked(asked) };
        let bytes = PrivateBody::LeftOut(Box::new(word)).encode();
        step.write_private(&bytes).expect("writes");
        crate::usecases::project::project_step(step).expect("kept");
        bytes
    });
    assert!(!closed_to_the_shelter(&mut county), "nobody has looked yet");
    let clinic = county.office(CLINIC);
    clinic.tamper(|draft| crate::usecases::records::changed_elsewhere(draft, &word).expect("noted"));
    clinic.follow();
    assert!(closed_to_the_shelter(&mut county), "it is told no more");
    let row = county.office(CLINIC).thread(&id).row;
    assert_eq!(row.ended.as_deref(), Some("the person asked that this organisation is told nothing more"));
    assert!(row.due.iter().any(|due| due.ours), "staff say what comes next");
}

#[test]
fn a_ride_whose_space_came_before_the_entry_that_lets_the_other_in_ends_when_that_has_come() {
    let (mut county, id) = with_ride();
    let shelter = county.office(SHELTER).org();
    let clinic = county.office(CLINIC);
    let person = clinic.thread(&id).row.person.expect("whose it is");
    let coalition = clinic.step(|step| crate::usecases::parties::roster(step).expect("a member").0);
    // Another ride, of the other machine: what it rests on was decided there, and nothing of it is here but the space and the record.
    let (permit, space, other) = clinic.staff(|step, session| {
        let open = Open::named(step, &id).expect("sent");
        let permit = open.may_tell(step, Information::Referral, Action::Grant).expect("tied");
        let space = step.found_thread(coalition, true, &[]).expect("founds");
        let mut record = open.thread.record();
        record.thread = ThreadId([7; 32]);
        record.spaces = vec![(Information::Referral, space)];
        step.write_private(&PrivateBody::Thread(Box::new(record)).encode()).expect("writes");
        crate::usecases::project::project_step(step).expect("kept");
        let note = Note {
            by: session.by(),
            person,
            thread: ThreadId([7; 32]),
            recipient: "Harbor Shelter".to_owned(),
            brief: Brief::Notice,
            what: "a ride".into(),
        };
        (permit, space, note)
    });
    let ask = PersonRestrict { person: "Zephyrine Quillfeather".into(), restriction: nothing_to_the_shelter() };
    clinic.done::<PersonView>(&Care::PersonRestrict(ask));
    let waits =
        |office: &Office| !crate::usecases::records::persons_to_follow(office.store()).expect("reads").is_empty();
    clinic.follow();
    assert!(waits(clinic), "the other has no place there yet: it is looked at again");
    clinic.step(|step| {
        step.grant(space, &Seat { permit: &permit, write: true }, &other).expect("lets in");
    });
    assert!(clinic.seat(space, shelter).is_some());
    clinic.follow();
    assert_eq!(clinic.seat(space, shelter), None, "and ended");
    assert!(!waits(clinic), "nothing is left to do");
}

#[test]
fn before_two_records_are_joined_staff_read_which_referral_by_an_agreement_ends_by_it() {
    let (mut county, id) = with_ride();
    let clinic = county.office(CLINIC);
    let sent = clinic.thread(&id).row.person.expect("whose it is").to_string();
    let fields = PersonFields { name: "Zephyrine Quill".into(), ..PersonFields::default() };
    let other: PersonView = clinic.done(&Care::PersonAdd(fields.into()));
    let other = other.id.to_string();
    let ask = PersonRestrict { person: other.as_str().into(), restriction: nothing_to_the_shelter() };
    clinic.done::<PersonView>(&Care::PersonRestrict(ask));
    let ask = |why: &str| MergeAsk { person: sent.as_str().into(), other: other.as_str().into(), why: why.into() };
    let preview: MergePreview = clinic.done(&Care::PersonMergePreview(ask("")));
    let short = clinic.thread(&id).row.id.short();
    assert_eq!(preview.binds.len(), 1, "{:?}", preview.binds);
    assert!(
        preview.binds[0].contains("Harbor Shelter ends") && preview.binds[0].contains(&short),
        "{:?}",
        preview.binds
    );
    clinic.done::<PersonView>(&Care::PersonMerge(ask("the same birth date")));
    assert!(closed_to_the_shelter(&mut county));
}

#[test]
fn who_serves_the_program_answers_nothing_that_the_person_asked_it_to_leave_out_and_goes_on_here() {
    let (mut county, id) = with_ride();
    let shelter = county.office(SHELTER);
    shelter.done::<ThreadView>(&Care::ReferralLink(LinkAsk::new(&id)));
    let ask = PersonRestrict {
        person: "Zephyrine Quillfeather".into(),
        restriction: RestrictionRequest {
            asked: "not the clinic".into(),
            to: Some("Ridge Clinic".into()),
            ..RestrictionRequest::default()
        },
    };
    let preview: RestrictPreview = shelter.done(&Care::PersonRestrictPreview(ask.clone()));
    assert!(preview.touches[0].says.contains("told nothing more"), "{}", preview.touches[0].says);
    shelter.done::<PersonView>(&Care::PersonRestrict(ask));
    county.pump();
    let before = county.office(CLINIC).entries();
    let view = county.office(SHELTER).act(&id, accept());
    assert!(view.row.state == "accepted" && view.history.last().is_some_and(|line| line.local));
    let told = Care::ReferralAct { thread: id, act: message("on Tuesday") };
    let (class, why) = county.office(SHELTER).refused(&told);
    assert!(class == FailureClass::NotPermitted && why.contains("42 CFR 2.26"), "{why}");
    county.pump();
    assert_eq!(county.office(CLINIC).entries(), before, "something came");
}

#[test]
fn a_kind_that_is_left_out_stays_here_and_the_rest_goes_by_the_agreement() {
    let mut county = county();
    agreed(&mut county, TieWord::Service);
    let clinic = county.office(CLINIC);
    clinic.person("Zephyrine Quillfeather");
    clinic.done::<PersonView>(&Care::PersonRestrict(PersonRestrict {
        person: "Zephyrine Quillfeather".into(),
        restriction: RestrictionRequest {
            asked: "not my name".into(),
            information: vec![Information::Identity],
            ..RestrictionRequest::default()
        },
    }));
    let preview: SendPreview = clinic.done(&Care::ReferralTiedPreview(ride("Harbor Shelter", Vec::new())));
    assert_eq!((preview.goes.len(), preview.refused), (1, None));
    assert_eq!(preview.left_out.iter().map(|one| one.information).collect::<Vec<_>>(), [Information::Identity]);
    let sent: ThreadView = clinic.done(&Care::ReferralTied(ride("Harbor Shelter", Vec::new())));
    county.pump();
    assert!(county.office(SHELTER).thread(&sent.row.id.to_string()).row.name.is_none());
}

#[test]
fn a_new_draft_goes_on_with_a_tie_only_where_both_signed_it_and_it_has_not_ended() {
    let hours = || Fields {
        with: "Harbor Shelter".into(),
        to_them: Some(IntakeFields { acknowledge_hours: Some(4), ..IntakeFields::default() }),
        ..Fields::default()
    };
    let tied = |view: &AgreementView| view.versions[0].terms.tie.is_some();
    let mut county = county();
    drafted(&mut county, CLINIC, &tie(TieWord::Service));
    signed(&mut county, CLINIC, "Harbor Shelter");
    let proposed = drafted(&mut county, CLINIC, &hours());
    assert!(!tied(&proposed), "the other never signed it");
    let mut county = super::county();
    agreed(&mut county, TieWord::Service);
    assert!(tied(&drafted(&mut county, CLINIC, &hours())), "it stands");
    let mut county = super::county();
    agreed(&mut county, TieWord::Service);
    county.office(SHELTER).step(|step| agreements::end(step, "Ridge Clinic", "we moved", "Ivo Marsh")).expect("ends");
    county.pump();
    assert!(!tied(&drafted(&mut county, CLINIC, &hours())), "it has ended");
}

#[test]
fn probation_and_the_police_are_tied_to_no_program() {
    for kind in [PartnerKind::CriminalJustice, PartnerKind::LawEnforcement] {
        let mut county = County::of(&[
            ("County Hospital", PartnerKind::CoveredEntity),
            ("Ridge Clinic", PartnerKind::Part2Program),
            ("Harbor Shelter", kind),
        ]);
        for (office, with) in [(CLINIC, "Harbor Shelter"), (SHELTER, "Ridge Clinic")] {
            let fields = Fields { with: with.into(), ..tie(TieWord::Service) };
            let refused = county.office(office).step(|step| agreements::draft(step, &fields)).expect_err("refused");
            assert!(refused.message.contains("42 CFR 2.11"), "{}", refused.message);
        }
    }
}

#[test]
fn the_record_of_what_an_agreement_lets_be_told_names_no_consent() {
    let mut county = county();
    agreed(&mut county, TieWord::Service);
    send_ride(&mut county);
    let told: DisclosuresView =
        county.office(CLINIC).done(&Care::Disclosures(DisclosuresAsk::of("Zephyrine Quillfeather")));
    let says: Vec<&str> = told.disclosures.iter().map(|row| row.what.reveal().as_str()).collect();
    assert!(says.iter().any(|what| what.contains("agreement of both")), "{says:?}");
    assert!(!says.iter().any(|what| what.contains("part of the consent")), "{says:?}");
}

#[test]
fn how_a_referral_by_an_agreement_came_to_be_is_in_the_report() {
    let mut county = county();
    agreed(&mut county, TieWord::Service);
    county.office(CLINIC).person("Zephyrine Quillfeather");
    let only = Some(belay_protocol::referral::choice::OnlyOne::NobodyElse);
    let ask = Tied { only, ..ride("Harbor Shelter", Vec::new()) };
    county.office(CLINIC).done::<ThreadView>(&Care::ReferralTied(ask));
    let report = county.office(CLINIC).step(crate::usecases::report::everything);
    assert_eq!((report.only_one, report.not_recorded), (Some(1), Some(0)));
}
