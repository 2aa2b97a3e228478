//! What breaks the rules is kept, shown, and without effect.

use super::*;

fn only_line(entries: &[Placed]) -> (Place, Option<&'static str>) {
    let state = state(entries);
    (state.place, state.history.last().expect("a line").without_effect)
}

#[test]
fn an_act_without_a_notice_of_its_author_has_no_effect() {
    let mut entries = chain(vec![(SENDER_ORG, send())]);
    entries.retain(|e| e.hash != hash(1));
    let (place, why) = only_line(&entries);
    assert_eq!(place, Place::Nothing);
    assert!(why.expect("without effect").contains("2.32"));
}

#[test]
fn a_notice_of_the_other_organisation_is_none_of_its_author() {
    let mut entries = chain(vec![(SENDER_ORG, send()), (RECIPIENT_ORG, accept())]);
    if let Some(Body::Act(signed)) = &mut entries.last_mut().expect("accept").body {
        signed.notice = hash(1);
    }
    assert_eq!(only_line(&entries).0, Place::Sent);
}

#[test]
fn an_act_in_the_space_of_another_kind_has_no_effect() {
    let mut entries = chain(vec![(SENDER_ORG, send())]);
    if let Some(Body::Act(signed)) = &mut entries.last_mut().expect("send").body {
        signed.notice = hash(3);
    }
    assert_eq!(only_line(&entries).0, Place::Nothing);
}

#[test]
fn a_stranger_changes_nothing() {
    let (place, why) = only_line(&chain(vec![(SENDER_ORG, send()), (STRANGER, accept())]));
    assert_eq!(place, Place::Sent);
    assert_eq!(why, Some("its author has no part in this referral"));
}

#[test]
fn an_answer_without_a_way_back_has_no_effect_even_under_a_notice_that_claims_one() {
    let mut entries = chain(vec![(SENDER_ORG, send()), (RECIPIENT_ORG, accept())]);
    entries.splice(..notices(false).len(), notices(false));
    let state = state(&entries);
    assert_eq!((state.place, state.answer), (Place::Sent, Answer::NotPermitted));
    assert!(state.history[1].without_effect.expect("without effect").contains("2.31(a)(2)"));
    assert_eq!(state.words(Actor::Sender), ANSWER_NOT_PERMITTED);
    assert_eq!(state.words(Actor::Recipient), "service request created");
}

#[test]
fn local_acts_count_where_they_are_kept() {
    let mut entries = chain(vec![(SENDER_ORG, send()), (RECIPIENT_ORG, accept()), (RECIPIENT_ORG, appointment())]);
    entries.splice(..notices(false).len(), notices(false));
    for entry in entries.iter_mut().filter(|e| e.org == RECIPIENT_ORG) {
        entry.local = true;
    }
    let state = state(&entries);
    assert_eq!((state.place, state.answer), (Place::Scheduled, Answer::NotPermitted));
    assert!(state.history[1].local);
}

#[test]
fn a_notice_for_another_thread_opens_nothing() {
    let mut entries = chain(vec![(SENDER_ORG, send())]);
    if let Some(Body::Notice(notice)) = &mut entries[0].body {
        notice.thread = ThreadId([44; 32]);
    }
    assert_eq!(only_line(&entries).0, Place::Nothing);
}

#[test]
fn the_newest_scope_that_the_sender_told_is_kept_for_each_space() {
    let mut entries = notices(true);
    let mut second = notice(20, SENDER_ORG, Information::Referral, false);
    second.parents = vec![hash(1)];
    if let Some(Body::Notice(notice)) = &mut second.body {
        notice.scope.version = 2;
    }
    entries.push(second);
    let state = state(&entries);
    let versions: Vec<_> = state.scopes.iter().map(|(kind, scope)| (*kind, scope.version)).collect();
    assert_eq!(versions.len(), 2 + APART.len());
    assert!(versions.contains(&(Information::Referral, 2)) && versions.contains(&(Information::Identity, 1)));
}

#[test]
fn bodies_come_back_as_they_went_and_are_bounded() {
    for act in [send(), hold(), reschedule(), in_error(), no_show()].into_iter().chain(tellings()) {
        let body = Body::Act(Signed { notice: hash(1), by: by(), act });
        assert_eq!(Body::decode(&body.encode()).expect("whole"), body);
    }
    let long = Act::Message { text: Personal::new("x".repeat(crate::limits::TEXT_CHARS + 1)) };
    let body = Body::Act(Signed { notice: hash(1), by: by(), act: long });
    assert!(Body::decode(&body.encode()).is_err());
    let mut newer = Body::Act(Signed { notice: hash(1), by: by(), act: accept() }).encode();
    newer[0] = VERSION + 2;
    let fault = Body::decode(&newer).expect_err("another version");
    assert_eq!(fault.class, crate::fault::Class::Incompatible);
    assert!(Body::decode(&[]).is_err());
}

#[test]
fn debug_shows_nothing_of_the_person() {
    let identity =
        Identity { name: "Zephyrine Quillfeather".into(), phones: vec!["555-0199".into()], ..Identity::default() };
    let told = [Act::Identity(Box::new(identity)), send(), Act::Message { text: "she came".into() }, hold()];
    for act in told.into_iter().chain(tellings()) {
        let shown = format!("{act:?}");
        for planted in
            ["Zephyrine", "555", "buprenorphine", "ride", "she came", "Wren", "kitchen", "8 mg", "sleeps", "bus"]
        {
            assert!(!shown.contains(planted), "{shown}");
        }
    }
}

#[test]
fn an_appointment_names_a_zone_that_there_could_be() {
    let ok = |name: &str, offset_minutes: i16| {
        let zone = Zone { name: name.into(), offset_minutes };
        let to = Appointment { at: NOW, zone, place: none(), mode: Mode::Video, note: none() };
        let moved = Act::Reschedule { to: to.clone(), why: Why::default() };
        assert_eq!(moved.check().is_ok(), Act::Schedule(to.clone()).check().is_ok());
        Act::Schedule(to).check().is_ok()
    };
    for name in ["", "UTC", "America/Chicago", "America/Indiana/Knox", "America/Port-au-Prince", "Etc/GMT+6"] {
        assert!(ok(name, -360), "{name}");
    }
    for name in ["America/", "/", "a/b/c/d", "<b>", "Chicago time", "../../etc", "Zürich", &"a".repeat(33)] {
        assert!(!ok(name, 0), "{name}");
    }
    assert!(ok("UTC", 1439) && !ok("UTC", 1440) && !ok("UTC", -1440) && !ok("UTC", i16::MIN));
}
