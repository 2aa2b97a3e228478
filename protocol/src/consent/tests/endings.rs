//! What a later version lets be told less, for whom a consent ended, and who hears of either, row by row.

use super::*;
use Information as I;

/// The version that was made of `before` at this time.
fn after(before: &Signed, at: Time, change: impl FnOnce(&mut Terms)) -> Signed {
    let mut draft = before.amend();
    change(&mut draft.terms);
    let parties = [
        party(HOSPITAL, PartnerKind::CoveredEntity),
        party(CLINIC, PartnerKind::Part2Program),
        party(SHELTER, PartnerKind::NonCoveredCbo),
    ];
    draft.terms.follow_flows(&parties);
    let signature = Signature::typed("Zephyrine Quillfeather", Representation::Person);
    draft.sign(signature, Some(at), by(), at).expect("nothing is missing")
}

fn way(from: OrgId, to: OrgId, information: Information) -> Flow {
    Flow { from, to, information, purpose: Purpose::Tpo }
}

fn ends(days: u64) -> Expiry {
    Expiry::On(Local::utc(NOW.plus(days * DAY)))
}

/// Besides the clinic the hospital tells the shelter of the referral.
fn wide() -> Signed {
    after(&signed(), NOW, |terms| terms.flows.push(way(HOSPITAL, SHELTER, I::Referral)))
}

#[test]
fn each_row_of_what_is_told_less_holds() {
    let no_way = |f: &Flow| f.from != CLINIC && f.to != CLINIC;
    type Row<'c> = (&'c str, Change<'c, Terms>, &'c [Information], &'c [Information], Option<Expiry>);
    let rows: [Row<'_>; 12] = [
        ("the same again", &|_| {}, &[], &[], None),
        ("a kind that it was told", &|t| t.flows.retain(|f| f.information != I::Identity), &[I::Identity], &[], None),
        ("what it told us", &|t| t.flows.retain(|f| f.from != CLINIC), &[], &[I::Referral], None),
        (
            "what it told us, and sooner",
            &|t| {
                t.flows.retain(|f| f.from != CLINIC);
                t.expiry = Some(ends(60));
            },
            &[],
            &[I::Referral],
            Some(ends(60)),
        ),
        (
            "what it was told, and sooner",
            &|t| {
                t.flows.retain(|f| f.to != CLINIC);
                t.expiry = Some(ends(60));
            },
            &[I::Referral, I::Identity],
            &[],
            Some(ends(60)),
        ),
        (
            "everything, and sooner for the others",
            &|t| {
                t.flows.retain(no_way);
                t.expiry = Some(ends(60));
            },
            &[I::Referral, I::Identity],
            &[I::Referral],
            None,
        ),
        ("a kind more", &|t| t.flows.push(way(HOSPITAL, CLINIC, I::Crisis)), &[], &[], None),
        ("the shelter alone", &|t| t.flows.retain(|f| f.to != SHELTER), &[], &[], None),
        ("sooner", &|t| t.expiry = Some(ends(60)), &[], &[], Some(ends(60))),
        ("later", &|t| t.expiry = Some(ends(120)), &[], &[], None),
        (
            "by an event",
            &|t| t.expiry = Some(Expiry::Event("I move".into())),
            &[],
            &[],
            Some(Expiry::Event("I move".into())),
        ),
        ("never", &|t| t.expiry = Some(Expiry::Never), &[], &[], None),
    ];
    let before = wide();
    for (row, change, told, heard, ends) in rows {
        let expected = Less { told: told.iter().copied().collect(), heard: heard.iter().copied().collect(), ends };
        let versions = [Consent::Signed(before.clone()), Consent::Signed(after(&before, NOW, change))];
        let found = less(&versions, HOSPITAL, CLINIC);
        assert_eq!(found, expected, "{row}");
        let nothing = told.is_empty() && heard.is_empty() && found.ends.is_none();
        assert_eq!(found.is_nothing(), nothing, "{row}");
        let clinic = Less { told: expected.heard, heard: expected.told, ends: expected.ends };
        assert_eq!(less(&versions, CLINIC, HOSPITAL), clinic, "{row}, from the other side");
    }
}

#[test]
fn of_an_end_by_an_event_another_event_or_a_day_may_come_sooner() {
    let event = |words: &str| Expiry::Event(words.into());
    let rows = [
        ("the same event", event("I move"), event("I move"), false),
        ("another", event("I move"), event("I work"), true),
        ("a day instead", event("I move"), ends(900), true),
        ("an event instead of none", Expiry::Never, event("I move"), true),
        ("none any more", event("I move"), Expiry::Never, false),
    ];
    for (row, first, second, sooner) in rows {
        let mut before = signed();
        before.terms.expiry = Some(first);
        let later = after(&before, NOW, |terms| terms.expiry = Some(second.clone()));
        let found = less(&[Consent::Signed(before), Consent::Signed(later)], HOSPITAL, CLINIC);
        assert_eq!(found.ends, sooner.then_some(second), "{row}");
    }
}

#[test]
fn what_one_of_two_that_were_signed_apart_closes_is_less_and_so_is_what_was_taken_back_for_one() {
    let first = wide();
    let shut = after(&first, NOW, |terms| terms.flows.retain(|f| f.information != I::Identity));
    let other = after(&first, NOW, |terms| terms.expiry = Some(ends(50)));
    let apart = [first.clone(), shut, other].map(Consent::Signed);
    let found = less(&apart, HOSPITAL, CLINIC);
    assert_eq!((found.told, found.heard, found.ends), ([I::Identity].into(), [].into(), Some(ends(50))));
    let mut gone = first;
    gone.withdraw(CLINIC, Told::Spoken, by(), NOW).expect("named");
    let found = less(&[Consent::Signed(gone)], HOSPITAL, CLINIC);
    assert_eq!((found.told, found.heard), ([I::Referral, I::Identity].into(), [I::Referral].into()));
    assert!(less(&[Consent::Draft(draft())], HOSPITAL, CLINIC).is_nothing(), "what was never signed");
}

#[test]
fn each_row_about_a_consent_that_lets_less_be_told_holds() {
    let first = wide();
    let next = |change: &dyn Fn(&mut Terms)| [first.clone(), after(&first, NOW, change)].map(Consent::Signed).to_vec();
    let gone = |org| {
        let mut versions = next(&|t| t.flows.retain(|f| f.information != I::Identity));
        if let Some(Consent::Signed(newest)) = versions.last_mut() {
            newest.withdraw(org, Told::Spoken, by(), NOW).expect("named");
        }
        versions
    };
    let no_name = next(&|t| t.flows.retain(|f| f.information != I::Identity));
    let no_answer = next(&|t| t.flows.retain(|f| f.from != CLINIC));
    let no_shelter = next(&|t| t.flows.retain(|f| f.to != SHELTER));
    let revoked = {
        let mut versions = no_answer.clone();
        let newest = after(&first, NOW, |t| t.flows.retain(|f| f.from != CLINIC));
        versions[1] = Consent::Revoked(newest.revoke(Told::Spoken, by(), NOW).expect("at any time"));
        versions
    };
    let rows: Vec<(&str, Vec<Consent>, OrgId, Information, bool)> = vec![
        ("the name is closed: that it is less", no_name.clone(), CLINIC, I::Referral, true),
        ("the name is closed: without the name", no_name, CLINIC, I::Identity, false),
        ("the way back is closed: that it is less", no_answer.clone(), CLINIC, I::Referral, true),
        ("the way back is closed: with the name", no_answer.clone(), CLINIC, I::Identity, true),
        ("no other kind", no_answer, CLINIC, I::Clinical, false),
        ("to whom nothing is told any more", no_shelter.clone(), SHELTER, I::Referral, false),
        ("to whom as much is told as before", no_shelter, CLINIC, I::Referral, false),
        ("as much as before", next(&|_| {}), CLINIC, I::Referral, false),
        ("taken back for it besides", gone(CLINIC), CLINIC, I::Referral, false),
        ("taken back for the other", gone(SHELTER), CLINIC, I::Referral, true),
        ("revoked", revoked, CLINIC, I::Referral, false),
        ("none", Vec::new(), CLINIC, I::Referral, false),
    ];
    for (row, versions, to, information, may) in rows {
        let ask = Ask { from: HOSPITAL, to, information, purpose: Purpose::AtRequest, action: Action::Export };
        let decided = decide(Basis::Ended(Ended::Less(&versions)), &ask, NOW);
        assert_eq!(decided.is_ok(), may, "{row}: {decided:?}");
        if let Ok(permit) = decided {
            assert_eq!((permit.clause(), permit.version(), permit.expires()), (ENDED, 3, None), "{row}");
        }
    }
}

fn ending(party: OrgId, version: u32, by_version: bool, at: Time) -> Ending {
    Ending { party, version, by_version, at }
}

#[test]
fn a_consent_ends_for_whom_the_person_took_it_back_and_not_for_who_keeps_it() {
    let (day, next) = (NOW.plus(DAY), NOW.plus(2 * DAY));
    let (clinic, shelter) = (ending(CLINIC, 2, false, day), ending(SHELTER, 2, false, day));
    let mut gone = wide();
    gone.withdraw(CLINIC, Told::Spoken, by(), day).expect("named");
    let found = |at, revoked: Option<Time>, signed: Signed| {
        let revoked = revoked.map(|at| (at, Told::Spoken, by()));
        Consent::Void(Void { signed, at, why: "another person signed".into(), by: by(), revoked })
    };
    let revoked = || Consent::Revoked(wide().revoke(Told::Spoken, by(), day).expect("at any time"));
    let rows: Vec<(&str, Consent, Vec<Ending>)> = vec![
        ("it stands", Consent::Signed(wide()), vec![]),
        ("a draft", Consent::Draft(draft()), vec![]),
        ("revoked", revoked(), vec![clinic, shelter]),
        ("taken back for one", Consent::Signed(gone.clone()), vec![clinic]),
        ("false, and never taken back", found(day, None, wide()), vec![]),
        ("revoked before it was found to be false", found(next, Some(day), wide()), vec![clinic, shelter]),
        ("revoked at that moment", found(day, Some(day), wide()), vec![clinic, shelter]),
        ("revoked after it was found to be false", found(day, Some(next), wide()), vec![]),
        ("taken back for one before", found(next, None, gone.clone()), vec![clinic]),
        ("taken back for one after", found(NOW, None, gone), vec![]),
    ];
    for (row, consent, expected) in rows {
        assert_eq!(endings(&[consent], HOSPITAL), expected.into_iter().collect(), "{row}");
    }
    let own = ending(HOSPITAL, 2, false, day);
    assert_eq!(endings(&[revoked()], CLINIC), [own, shelter].into(), "for whoever keeps it");
}

#[test]
fn a_consent_ends_by_a_version_for_whom_that_lets_less_be_told_than_what_it_was_made_of() {
    let (first, later) = (wide(), NOW.plus(5 * DAY));
    let shut = after(&first, later, |terms| terms.flows.retain(|f| f.information != I::Identity));
    let by_it = ending(CLINIC, 3, true, later);
    let versions = [first.clone(), shut.clone()].map(Consent::Signed);
    assert_eq!(endings(&versions, HOSPITAL), [by_it].into());
    let backwards: Vec<Consent> = versions.into_iter().rev().collect();
    assert_eq!(endings(&backwards, HOSPITAL), [by_it].into(), "in whatever order they came");
    let apart = Signed { upon: Upon::default(), ..shut.clone() };
    let versions = [first.clone(), apart].map(Consent::Signed);
    assert_eq!(endings(&versions, HOSPITAL), [].into(), "it was not made of that one");
    let opened = after(&first, later, |terms| terms.flows.push(way(HOSPITAL, CLINIC, I::Crisis)));
    let versions = [first.clone(), opened].map(Consent::Signed);
    assert_eq!(endings(&versions, HOSPITAL), [].into(), "it lets more be told");
    // Somebody was taken out of the first at another node, which who made the second did not know.
    let day = NOW.plus(DAY);
    let mut gone = first;
    gone.withdraw(SHELTER, Told::Spoken, by(), day).expect("named");
    let word = ending(SHELTER, 2, false, day);
    let known = [Consent::Signed(gone.clone()), Consent::Signed(shut)];
    assert_eq!(endings(&known, HOSPITAL), [word, by_it].into(), "who made the version left the shelter in");
    // One that was made knowing it ends for the shelter by the person's word alone.
    let aware = after(&gone, later, |_| {});
    let known = [gone, aware].map(Consent::Signed);
    assert_eq!(endings(&known, HOSPITAL), [word].into(), "and not once more by the version");
}

#[test]
fn a_word_against_several_versions_is_that_of_the_lowest() {
    let day = NOW.plus(DAY);
    let revoked = |signed: Signed| Consent::Revoked(signed.revoke(Told::Spoken, by(), day).expect("at any time"));
    let (first, second) = (signed(), after(&signed(), NOW, |_| {}));
    assert_eq!(endings(&[revoked(first), revoked(second)], HOSPITAL), [ending(CLINIC, 1, false, day)].into());
}
